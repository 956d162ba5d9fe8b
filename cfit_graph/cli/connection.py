"""Connections of the web server: what is written together is sent together, and a head of a request ends."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cfit_graph.web import problems

PATIENCE: Final = 30.0
"""Seconds in which a client must have sent the head of a request that it began, or the first byte of the first."""
LONGEST: Final = 1 << 16
"""Bytes of an address; the parser takes no longer ones."""
_HEAD: Final = 4 * LONGEST
_MUCH: Final = 1 << 16
_REFUSALS: Final = {
    HTTPStatus.BAD_REQUEST: "What was sent is not HTTP/1.1, or has a method that HTTP does not know.",
    HTTPStatus.REQUEST_TIMEOUT: f"The head of the request did not end within {PATIENCE:g} seconds.",
    HTTPStatus.REQUEST_URI_TOO_LONG: f"The address is longer than {LONGEST >> 10} KB. Send a long query by POST.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: f"The head of the request is longer than {_HEAD >> 10} KB.",
}


class Connection(HttpToolsProtocol):
    """uvicorn's connection, but the head of an answer goes with its body, not before it in a packet of its own.

    That spares a system call for each answer, and its client is woken once. Heads of requests have limits of length and
    time, and what cannot be answered is refused in words.
    """

    _is_in_head = False
    _size = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Be connected."""
        super().connection_made(cast("asyncio.Transport", Together(transport)))
        self._timer = self.loop.call_later(PATIENCE, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Be told that the client has gone."""
        self._end_wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        was_in_head = self._is_in_head
        if self._timer and not was_in_head:
            self._end_wait()
        super().data_received(data)
        if self._is_in_head:
            self._await_head(len(data) if was_in_head else 0)

    def on_message_begin(self) -> None:
        """Be told by the parser that a request begins."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Be told by the parser that the head is there."""
        self._is_in_head = False
        if self._timer:
            self._end_wait()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's, which does not say what is wrong
        """Refuse what the parser does not take."""
        self._refuse(HTTPStatus.BAD_REQUEST)

    def _await_head(self, size: int) -> None:
        """Wait for the rest of a head, but not for ever, and not for any length."""
        self._size += size
        if self._size > _HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif not self._timer:
            self._timer = self.loop.call_later(PATIENCE, self._refuse, HTTPStatus.REQUEST_TIMEOUT)

    def _end_wait(self) -> None:
        self._size = 0
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: HTTPStatus) -> None:
        """Refuse a request, in words if no answer is under way; the address is what is wrong if it is too long."""
        if len(getattr(self, "url", b"")) >= LONGEST:  # there is none before the first line
            status = HTTPStatus.REQUEST_URI_TOO_LONG
        self._is_in_head = False
        self._end_wait()
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(_refusal(status))
        self.transport.close()


def _refusal(status: HTTPStatus) -> bytes:
    body = json.dumps(problems.described(status, "bad-request", _REFUSALS[status])).encode()
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {problems.MEDIA_TYPE}\r\n"
    more = f"Content-Length: {len(body)}\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
    return f"{head}{more}".encode() + body


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
