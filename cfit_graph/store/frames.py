"""What a worker and its client say to each other over a socket: frames, with a head that says what they are.

The client sends a request and takes frames until one that is the last of the answer, or ``ERROR``. It may send more
requests meanwhile; they are answered in their order. A socket that closes before says that the worker died.
"""

from __future__ import annotations

import json
import select
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cfit_graph import errors
from cfit_graph.store import EVERYTHING, GraphSelection, syntax
from cfit_graph.store.awake import Awake

if TYPE_CHECKING:
    import socket
    from io import BufferedReader

HEADER: Final = Struct(">ccI")
"""Kind, what follows, and length."""

QUERY: Final = b"q"
"""Kind of a request."""
PLAIN: Final = b"p"
GZIP: Final = b"g"
BROTLI: Final = b"b"
ENCODINGS: Final = {PLAIN: "", GZIP: "gzip", BROTLI: "br"}
"""Kinds of a frame with part of the answer, and the content coding they stand for."""
ERROR: Final = b"x"
"""Kind of a frame that tells why the answer is not complete; the worker takes no other request."""

MORE: Final = b"m"
"""More of the answer follows."""
END: Final = b"e"
"""The answer is complete."""
QUICK: Final = b"q"
"""The answer is complete, and took the worker but a moment: so may the next question of whoever asked."""
LAST: Final = b"l"
"""The answer is complete, and the worker takes no other request."""
SOON: Final = b"s"
"""The request is complete, and the next may come a moment after its answer."""

_SEEN: Final = 512  # most queries are asked in the same few ways
_PIECE: Final = 1 << 14  # glibc tidies up all it holds whenever 64 KB are given back


class Frame(NamedTuple):
    """One frame: its kind, what follows (``MORE``, ``END``, ``QUICK``, ``LAST`` or ``SOON``) and its bytes."""

    kind: bytes
    follows: bytes
    body: bytes


class Manner(NamedTuple):
    """How a query is to be answered: outline (but for the text), media type, limits and content coding."""

    form: str
    names_dataset: bool
    media_type: str
    seconds: float
    result: int
    encoding: str = ""


class Request(NamedTuple):
    """A query as a worker takes it: the text, in which manner, and on which dataset."""

    text: str
    manner: Manner
    dataset: GraphSelection = EVERYTHING


def frame(kind: bytes, follows: bytes, body: bytes) -> bytes:
    """Return the bytes of a frame."""
    return HEADER.pack(kind, follows, len(body)) + body


def request(asked: Request, follows: bytes = END) -> bytes:
    """Return the bytes of a request, after which ``END`` or ``SOON`` comes."""
    text, manner, dataset = asked
    graphs = json.dumps([dataset.default, dataset.named]).encode() if dataset else b""
    return frame(QUERY, follows, b"\n".join((_written(manner), graphs, text.encode())))


def parse_request(body: bytes) -> Request:
    """Return the request in the body of its frame."""
    manner, graphs, text = body.split(b"\n", 2)
    dataset = GraphSelection(*map(tuple, json.loads(graphs))) if graphs else EVERYTHING
    return Request(text.decode(), _read(manner), dataset)


@lru_cache(_SEEN)
def _written(manner: Manner) -> bytes:
    return json.dumps(manner).encode()


@lru_cache(_SEEN)
def _read(manner: bytes) -> Manner:
    return Manner(*json.loads(manner))


def failure(error: Exception) -> bytes:
    """Return the frame that tells of an error."""
    told: list[object] = [str(error)]
    if isinstance(error, errors.NotAcceptable):
        told = [error.offers]
    elif isinstance(error, errors.QueryTooCostly | errors.ResultTooLarge):
        told = [error.megabytes]
    return frame(ERROR, LAST, json.dumps([type(error).__name__, told]).encode())


def parse_failure(body: bytes, sparql: str, sent: str) -> errors.CfitError:
    """Return the error that a worker told of, for a query and the text of it that was sent."""
    name, arguments = json.loads(body)
    if name == "SyntaxError":
        return syntax.error(arguments[0], sparql, sent)
    kind: Any = getattr(errors, name, None)
    if kind is None:  # a fault of the engine, such as OSError
        return errors.StoreUnavailable(f"The store does not answer: {arguments[0]}")
    known: errors.CfitError = kind(*arguments)
    return known


def first(data: bytes, start: int = 0) -> Frame | None:
    """Return the frame that begins at a place in some bytes, or ``None`` if they end before it does."""
    begin = start + HEADER.size
    if len(data) < begin:
        return None
    kind, follows, length = HEADER.unpack_from(data, start)
    end = begin + length
    return Frame(kind, follows, data[begin:end]) if len(data) >= end else None


class Requests:
    """The requests that come over a socket, of which several may have been sent before the first is answered."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._arrival = select.poll()
        self._arrival.register(connection, select.POLLIN)
        self._awake = Awake()
        self._rest = b""

    def look_out(self, seconds: float) -> None:
        """Wait awake for the next request, or the end, but not for longer than some seconds."""
        if not self._rest:
            self._awake.wait(lambda: self._arrival.poll(0), seconds)

    def next(self) -> Frame | None:
        """Wait for the next request and return it, or ``None`` if there is no more."""
        data = self._rest or self._connection.recv(_PIECE)
        found = first(data)
        while data and not found:
            piece = self._connection.recv(_PIECE)
            if not piece:
                return None
            data += piece
            found = first(data)
        self._rest = data[HEADER.size + len(found.body) :] if found else b""
        return found


def read(reader: BufferedReader) -> Frame | None:
    """Return the next frame, or ``None`` if there is no more."""
    header = reader.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    kind, follows, length = HEADER.unpack(header)
    body = reader.read(length)
    return Frame(kind, follows, body) if len(body) == length else None
