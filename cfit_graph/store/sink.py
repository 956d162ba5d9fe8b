"""Where a worker writes an answer: in blocks, compressed if asked, and no more than it may."""

from __future__ import annotations

import signal
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import brotli

from cfit_graph.errors import ResultTooLarge
from cfit_graph.store import frames

if TYPE_CHECKING:
    import socket

BLOCK: Final = 1 << 16
"""Bytes that are gathered before any is sent. A query that fails before then fails with a clear error."""
_ROOM: Final = bytes(frames.HEADER.size)
_WORTH_IT: Final = 1_000
_SHORTEST: Final = 1e-3
_KINDS: Final = {encoding: kind for kind, encoding in frames.ENCODINGS.items()}


class Sink:
    """Takes what the engine writes."""

    def __init__(self, connection: socket.socket, encoding: str, limit: int) -> None:
        self.limit = limit
        self._connection = connection
        self._block = BytesIO(_ROOM)
        self._block.seek(len(_ROOM))
        self._size = self._total = 0
        self._kind = _KINDS[encoding]
        self._compress: Any = None

    @property
    def full(self) -> bool:
        """Whether more was written than it may hold."""
        return self._total > self.limit

    def write(self, piece: bytes) -> int:
        """Take a piece.

        Raises:
            ResultTooLarge: if it is too much.
            BlockingIOError: if the client takes nothing for as long as its socket may wait.
        """
        self._total += len(piece)
        if self.full:
            raise ResultTooLarge(self.limit >> 20)
        for start in range(0, len(piece), BLOCK):  # a value may be larger than all memory that a client has
            self._size += self._block.write(piece[start : start + BLOCK])
            if self._size >= BLOCK:
                self._give(frames.MORE)
        return len(piece)

    def flush(self) -> None:
        """Do nothing: the engine flushes more often than is good for a socket."""

    def close(self, follows: bytes) -> None:
        """Send what is left, as the end of the answer: ``END``, ``QUICK`` or ``LAST``."""
        if self._compress is None and self._size < _WORTH_IT:
            self._kind = frames.PLAIN
        self._give(follows)

    def _give(self, follows: bytes) -> None:
        """Send what was gathered, in frames of which ``follows`` says what comes after the last."""
        with self._block.getbuffer() as block, block[: len(_ROOM) + self._size] as gathered:
            if self._kind == frames.PLAIN:  # as it is: what is copied costs time
                frames.HEADER.pack_into(gathered, 0, self._kind, follows, self._size)
                self._send(gathered)
            else:
                self._give_encoded(bytes(gathered[len(_ROOM) :]), follows)
        self._block.seek(len(_ROOM))
        self._size = 0

    def _give_encoded(self, data: bytes, follows: bytes) -> None:
        """Send what a compressor gives for some data, which may be nothing yet, or more than it was given."""
        encoded = self._encode(data, end=follows != frames.MORE)
        *full, last = [encoded[start : start + BLOCK] for start in range(0, len(encoded), BLOCK)] or [b""]
        for part in full:
            self._send(frames.frame(self._kind, frames.MORE, part))
        if last or follows != frames.MORE:
            self._send(frames.frame(self._kind, follows, last))

    def _send(self, data: bytes | memoryview) -> None:
        """Send; the time it waits for the client to take it is no time of the query's, if that still runs."""
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        self._connection.sendall(data)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left, _SHORTEST))

    def _encode(self, data: bytes, *, end: bool) -> bytes:
        if self._compress is None:
            self._compress = _compressor(self._kind)
        written: bytes = self._compress.compress(data) if self._kind == frames.GZIP else self._compress.process(data)
        if end:
            written += self._compress.flush() if self._kind == frames.GZIP else self._compress.finish()
        return written


def _compressor(kind: bytes) -> Any:
    if kind == frames.GZIP:
        return zlib.compressobj(5, wbits=31)
    return brotli.Compressor(quality=4, lgwin=18)  # a larger window holds back megabytes
