"""Asking the application in this process, as a client that takes any answer whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message


class Answer(NamedTuple):
    """An answer: its status, its headers by their names in lower case, and its whole body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0]


async def ask(app: ASGIApp, address: str, accept: str) -> Answer:
    """GET a path of the application, with its query; pages are told that they are for a copy (``cfit.copy``)."""
    parts = urlsplit(address)
    messages: list[Message] = []
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": [(b"accept", accept.encode())],
        "cfit.copy": True,
    }

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, _nothing_more, send)
    start, *rest = messages
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))


async def _nothing_more() -> Message:
    return await asyncio.Future()  # the client sends nothing, and stays
