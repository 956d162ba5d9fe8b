"""Connections of the web server: what is written together is sent together, and addresses have an end."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cfit_graph.namespaces import BASE
from cfit_graph.texts import PROBLEMS

_MUCH: Final = 1 << 16
_LONGEST: Final = (1 << 16) - 1
"""Bytes that an address may have: the parser below takes no longer one."""
_KIND: Final = "bad-request"
_TOO_LONG: Final = {
    "type": f"{BASE}problem/{_KIND}",
    "title": PROBLEMS[_KIND],
    "status": 414,
    "detail": "The address has more than 64 KB. Send a long query by POST.",
}


class Connection(HttpToolsProtocol):
    """uvicorn's connection, but the head of an answer goes with its body, not before it in a packet of its own.

    That spares a system call for each answer, and its client is woken once.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Be connected."""
        super().connection_made(cast("asyncio.Transport", Together(transport)))

    def on_url(self, url: bytes) -> None:
        """Take a part of the address, but not more than it may have."""
        super().on_url(url)
        if len(self.url) > _LONGEST:
            raise ValueError(_TOO_LONG["detail"])  # the parser stops, and uvicorn calls what follows

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong with a request that cannot be parsed: that its address is too long, or else ``msg``."""
        if len(getattr(self, "url", b"")) <= _LONGEST:  # there is none before the first line
            super().send_400_response(msg)
            return
        body = json.dumps(_TOO_LONG).encode()
        head = (
            b"HTTP/1.1 414 URI Too Long\r\ncontent-type: application/problem+json\r\naccess-control-allow-origin: *\r\n"
            b"connection: close\r\ncontent-length: %d\r\n\r\n"
        )
        self.transport.write(head % len(body) + body)
        self.transport.close()


class Together:
    """A transport that sends what is written in one turn of the event loop as one, and at once what is much."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._held: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, soon."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)
        self._size += len(data)
        if self._size > _MUCH:
            self._send()  # so that the transport tells when it has enough

    def close(self) -> None:
        """Close, after all that was written."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held and not self._transport.is_closing():  # the client may have gone since
            self._transport.writelines(held)
