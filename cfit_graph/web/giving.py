"""How an answer gets to the client: whole or in pieces, complete or visibly not, and not at all if it has gone."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from typing import TYPE_CHECKING, Final

from cfit_graph.errors import ResultDiffers, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Message, Receive, Scope, Send

    from cfit_graph.errors import CfitError
    from cfit_graph.web.cache import Entry, Header
    from cfit_graph.web.headers import Wanted

STALLED: Final = 30
"""Seconds in which a client takes nothing of an answer, or sends nothing of its request, after which it is given up."""
_LONG: Final = 0.5
"""Seconds after which it is watched whether the client is still there; most answers have gone by then."""
_IN_MEMORY: Final = 1 << 20
_KEPT: Final = 4 << 20


class ClientGone(Exception):
    """Nobody waits for this answer any more."""


async def take(receive: Receive) -> Message:
    """Take the next part of a request; who sends none for long must not keep a place that others wait for.

    Raises:
        UsageError: if none comes.
    """
    try:
        async with asyncio.timeout(STALLED):
            return await receive()
    except TimeoutError:
        raise UsageError(f"Nothing more of the body came within {STALLED} seconds. Send it again, whole.") from None


async def take_all(scope: Scope, receive: Receive, most: int, too_large: CfitError) -> bytes:
    """Take the whole body of a request, and raise ``too_large`` if it has more than ``most`` bytes.

    Raises:
        UsageError: if it does not come.
        ClientGone: if the client hangs up before its end.
    """
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not announced.isdigit() or int(announced) > most:
        raise too_large  # before it is sent, if the client waits for leave to
    body = bytearray()
    while (message := await take(receive))["type"] != "http.disconnect":
        body += message.get("body", b"")
        if len(body) > most:
            raise too_large
        if not message.get("more_body"):
            return bytes(body)
    raise ClientGone


async def give(entry: Entry, wanted: Wanted, scope: Scope, send: Send) -> None:
    """Send a whole answer, or say that the client has it."""
    if entry.is_had_by(wanted):
        await send({"type": "http.response.start", "status": 304, "headers": entry.headers_of_304})
        await send({"type": "http.response.body"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": entry.headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else entry.body})


async def give_in_pieces(
    first: bytes,
    rest: AsyncIterator[bytes],
    headers: tuple[Header, ...],
    scope: Scope,
    send: Send,
    sha256: str = "",
) -> int:
    """Send an answer while it arrives, and return its length; with ``sha256`` only if that is the hash of it all.

    If the rest raises an error, the answer is left without an end: the server then breaks the connection, so that no
    client takes what it has for the whole. HTTP/1.0 knows an end by the connection only, so there the answer is
    gathered first, as it is to know its hash.

    Raises:
        ResultDiffers: if it has another hash.
        CfitError: from the rest; before anything was sent only if it is gathered.
        ClientGone: if the client takes nothing.
    """
    if sha256 or scope["http_version"] == "1.0":
        return await _gather_and_give(first, rest, headers, send, sha256)
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
    await _send_soon(send, first)
    length = len(first)
    async for piece in rest:
        length += len(piece)
        await _send_soon(send, piece)
    await send({"type": "http.response.body"})
    return length


class Remembered:
    """Passes the rest of an answer on, and remembers the whole if it is not too large to be kept."""

    def __init__(self, first: bytes, rest: AsyncIterator[bytes]) -> None:
        self.first = first
        self._rest = rest
        self._pieces = [first]
        self._room = _KEPT - len(first)
        self._has_ended = False

    def __aiter__(self) -> Remembered:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await anext(self._rest)
        except StopAsyncIteration:
            self._has_ended = True
            raise
        self._room -= len(piece)
        if self._room >= 0:
            self._pieces.append(piece)
        else:
            self._pieces.clear()
        return piece

    def whole(self) -> bytes:
        """Return the whole answer; empty if it was too large, or has not come to its end."""
        return b"".join(self._pieces) if self._has_ended and self._room >= 0 else b""


async def _send_soon(send: Send, piece: bytes) -> None:
    """Send a piece to a client that takes it; one that takes nothing must not keep a place that others wait for."""
    try:
        async with asyncio.timeout(STALLED):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    except TimeoutError:
        raise ClientGone from None


async def _gather_and_give(
    first: bytes, rest: AsyncIterator[bytes], headers: tuple[Header, ...], send: Send, sha256: str
) -> int:
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        file.write(first)
        digest = hashlib.sha256(first)
        async for piece in rest:
            file.write(piece)
            digest.update(piece)
        if sha256 and digest.hexdigest() != sha256:
            raise ResultDiffers(sha256, digest.hexdigest())
        length = file.tell()
        file.seek(0)
        whole = [*headers, (b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": whole})
        while piece := file.read(_IN_MEMORY):
            await _send_soon(send, piece)
        await send({"type": "http.response.body"})
    return length


class EndingWithClient:
    """Cancels what runs inside, which then raises :class:`ClientGone`, when the client hangs up."""

    def __init__(self, receive: Receive) -> None:
        """Learn from ``receive`` whether the client is still there."""
        self._receive = receive
        self._watch: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(_LONG, self._begin)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._watch is None:
            return
        if kind is asyncio.CancelledError and self._watch.done() and self._task:
            self._task.uncancel()
            raise ClientGone from None
        self._watch.cancel()

    def _begin(self) -> None:
        self._watch = asyncio.create_task(_wait_for_hang_up(self._receive, self._task))


async def _wait_for_hang_up(receive: Receive, task: asyncio.Task[None] | None) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    if task:
        task.cancel()
