"""Connections of the web server: what is written together is sent together."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MUCH: Final = 1 << 16


class Connection(HttpToolsProtocol):
    """uvicorn's connection, but the head of an answer goes with its body, not before it in a packet of its own.

    That spares a system call for each answer, and its client is woken once.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Be connected."""
        super().connection_made(cast("asyncio.Transport", Together(transport)))


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
