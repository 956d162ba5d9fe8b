"""Where a worker writes an answer: in blocks, compressed if asked, and no more than it may."""

from __future__ import annotations

import signal
import zlib
from typing import TYPE_CHECKING, Any, Final

import brotli

from cfit_graph.errors import ResultTooLarge
from cfit_graph.store import frames

if TYPE_CHECKING:
    import socket

BLOCK: Final = 1 << 16
"""Bytes that are gathered before any is sent. A query that fails before then fails with a clear error."""
_WORTH_IT: Final = 1_000
_SHORTEST: Final = 1e-3
_KINDS: Final = {encoding: kind for kind, encoding in frames.ENCODINGS.items()}


class Sink:
    """Takes what the engine writes."""

    def __init__(self, connection: socket.socket, encoding: str, limit: int) -> None:
        self.limit = limit
        self._connection = connection
        self._held: list[bytes] = []
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
        self._held.append(piece)
        self._size += len(piece)
        if self._size >= BLOCK:
            self._send_block()
        return len(piece)

    def flush(self) -> None:
        """Do nothing: the engine flushes more often than is good for a socket."""

    def close(self, follows: bytes) -> None:
        """Send what is left, as the end of the answer: ``END``, ``QUICK`` or ``LAST``."""
        if self._compress is None and self._size < _WORTH_IT:
            self._kind = frames.PLAIN
        *full, last = _blocks(self._encode(b"".join(self._held), end=True))
        for block in full:
            self._connection.sendall(frames.frame(self._kind, frames.MORE, block))
        self._connection.sendall(frames.frame(self._kind, follows, last))

    def _send_block(self) -> None:
        self._total += self._size
        if self.full:
            raise ResultTooLarge(self.limit >> 20)
        block = self._encode(b"".join(self._held))
        self._held, self._size = [], 0
        for part in _blocks(block) if block else ():
            self._send(frames.frame(self._kind, frames.MORE, part))

    def _send(self, data: bytes) -> None:
        """Send; the time it waits for the client to take it is no time of the query's."""
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        self._connection.sendall(data)
        signal.setitimer(signal.ITIMER_REAL, max(left, _SHORTEST))

    def _encode(self, data: bytes, *, end: bool = False) -> bytes:
        if self._kind == frames.PLAIN:
            return data
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


def _blocks(data: bytes) -> list[bytes]:
    """Cut data into parts that a client can take one by one, though one value may be larger than all memory it has."""
    if len(data) <= 2 * BLOCK:
        return [data]
    return [data[start : start + 2 * BLOCK] for start in range(0, len(data), 2 * BLOCK)]
