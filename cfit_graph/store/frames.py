"""What a worker and its client say to each other over a socket: frames of a kind, a length and that many bytes.

The client sends one request and takes frames until ``END`` or ``ERROR``; then it may send the next. A socket that
closes before says that the worker died.
"""

from __future__ import annotations

import json
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cfit_graph import errors
from cfit_graph.store import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER: Final = Struct(">cI")
"""Kind and length."""

PLAIN: Final = b"p"
GZIP: Final = b"g"
BROTLI: Final = b"b"
ENCODINGS: Final = {PLAIN: "", GZIP: "gzip", BROTLI: "br"}
"""Kinds of a frame with part of the answer, and the content coding they stand for."""
END: Final = b"e"
"""The answer is complete."""
LAST: Final = b"l"
"""The answer is complete, and the worker takes no other request."""
ERROR: Final = b"x"
"""The answer is not complete, for a reason that is told; the worker takes no other request."""


class Request(NamedTuple):
    """A query as a worker takes it: its outline, the dataset, the limits that hold for it and the content coding."""

    form: str
    names_dataset: bool
    text: str
    media_type: str
    default: tuple[str, ...]
    named: tuple[str, ...]
    seconds: float
    result: int
    encoding: str = ""


def request(asked: Request) -> bytes:
    """Return the bytes of a request."""
    body = json.dumps(asked).encode()
    return HEADER.pack(b"q", len(body)) + body


def parse_request(body: bytes) -> Request:
    """Return the request in the body of its frame."""
    form, names_dataset, text, media_type, default, named, *limits = json.loads(body)
    return Request(form, names_dataset, text, media_type, tuple(default), tuple(named), *limits)


def failure(error: Exception) -> bytes:
    """Return the frame that tells of an error."""
    told: list[object] = [str(error)]
    if isinstance(error, errors.NotAcceptable):
        told = [error.offers]
    elif isinstance(error, errors.QueryTooCostly | errors.ResultTooLarge):
        told = [error.megabytes]
    body = json.dumps([type(error).__name__, told]).encode()
    return HEADER.pack(ERROR, len(body)) + body


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


def take(buffer: bytearray) -> Iterator[tuple[bytes, bytes]]:
    """Take the complete frames from the front of a buffer; yields kind and body of each."""
    while len(buffer) >= HEADER.size:
        kind, length = HEADER.unpack_from(buffer)
        end = HEADER.size + length
        if len(buffer) < end:
            return
        yield kind, bytes(buffer[HEADER.size : end])
        del buffer[:end]
