"""Connections of the web server: who asks again is answered at once, answers go in one packet, heads come to an end."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cfit_graph.store.run import LONG
from cfit_graph.web import problems
from cfit_graph.web.cache import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from cfit_graph.web.direct import Begun

PATIENCE: Final = 30.0
"""Seconds in which a client must have sent the head of a request that it began, or the first byte of the first."""
LONGEST: Final = 1 << 16
"""Bytes of an address; the parser takes no longer ones."""
_HEAD: Final = 4 * LONGEST
MOST: Final = 1 << 13
"""Bytes of all headers together that may be read; reading takes time in which nobody else is answered."""
_UNREAD: Final = {b"cookie", b"referer"}
"""Headers that nothing here reads; that of a page of ours may have a whole query in it."""
_MUCH: Final = 1 << 16
_END: Final = b"\r\n\r\n"
_SHORT: Final = 1 << 13
"""Bytes of a request that is read at once, or kept with its answer: no head of so few is too long to be taken."""
_NOT_AGAIN: Final = {b"content-length", b"expect", b"transfer-encoding"}
"""Headers of requests that do not end with their head, or whose answer is not one."""
_REFUSALS: Final = {
    HTTPStatus.BAD_REQUEST: "What was sent is not HTTP/1.1, or has an unknown method or not exactly one header Host.",
    HTTPStatus.REQUEST_TIMEOUT: f"The head of the request did not end within {PATIENCE:g} seconds.",
    HTTPStatus.REQUEST_URI_TOO_LONG: f"The address is longer than {LONGEST >> 10} KB. Send a long query by POST.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"The head of the request is longer than {_HEAD >> 10} KB, or longer than {MOST >> 10} KB without its address, "
        "Cookie and Referer."
    ),
    HTTPStatus.NOT_IMPLEMENTED: "The body is sent in another transfer coding than chunked. Send it without.",
}


class Connection(HttpToolsProtocol):
    """uvicorn's connection, but the head of an answer goes with its body, not before it in a packet of its own.

    That spares a system call for each answer, and its client is woken once. A request in the bytes of an earlier one is
    given the answer that the application keeps for them, and is neither parsed nor made a task of, which takes ten
    times as long as the answer. Heads of requests have limits of length and time, and what cannot be answered is
    refused in words.
    """

    parser: Parser
    _at_once: Callable[..., Entry | Begun | None]
    _begun: Begun | None = None
    """A question that was asked, and not answered yet."""
    _handed: Begun | None = None
    """One that was handed to the application, while that answers."""
    _is_quick = False
    """Whether the last question was answered in a moment, so that the next may be, too."""
    _late: asyncio.TimerHandle
    _answered: RequestResponseCycle | None = None
    """The request that is being answered, or was last; uvicorn's ``cycle`` is the one that came last."""
    _alone = b""
    """What arrived last, if it is short and began where a request may, and nothing was under way."""
    _is_between = True
    """Whether what arrives next begins a request."""
    _is_in_head = False
    _fault = HTTPStatus.BAD_REQUEST
    """What is wrong with a request that is not taken."""
    _size = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Be connected."""
        super().connection_made(cast("asyncio.Transport", Together(transport)))
        self.parser = Parser(self)
        self._at_once = getattr(self.app, "at_once", _nothing)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Be told that the client has gone."""
        self._end_wait()
        self._let_go()
        if self._answered and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        if self._begun:
            self._hand_over()  # so that answers keep the order of requests
        was_in_head = self._is_in_head
        self._alone = data if len(data) <= _SHORT and self._is_free() else b""
        if self._alone and self._is_seen_to():
            return
        super().data_received(data)
        if self._is_in_head:
            self._await_head(len(data) if was_in_head else 0)
        elif not self._timer and self._is_free():  # empty lines, which may stand before a request, are none
            self._await_request()

    def on_message_begin(self) -> None:
        """Be told by the parser that a request begins."""
        self._is_in_head, self._is_between = True, False
        self._end_wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Be told by the parser that the head is there."""
        if self.parser.is_to_be_taken_again:
            return
        if self._timer:
            self._end_wait()
        self._check()
        self._is_in_head = False
        super().on_headers_complete()
        if self._alone and self._may_be_asked_again():
            cast("dict[str, Any]", self.scope)["cfit.request"] = self._alone

    def on_message_complete(self) -> None:
        """Be told by the parser that a request is there."""
        if self.parser.is_to_be_taken_again:
            return
        self._is_between = True
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def take_again(self, rest: bytes) -> None:
        """Take a request again whose head came with the offer to go on in another protocol, but without that."""
        line = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        lines = (b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade")
        self.parser = Parser(self)
        self.parser.feed_data(b"%b%b\r\n%b" % (line, b"".join(lines), rest))

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's, which does not say what is wrong
        """Refuse what the parser does not take, or what is wrong with a head."""
        self._refuse(self._fault)

    def _check(self) -> None:
        """Look whether a head can be taken, and end its parsing if not."""
        hosts = size = 0
        codings = []
        for name, value in self.headers:
            hosts += name == b"host"
            size += 0 if name in _UNREAD else len(name) + len(value)
            if name == b"transfer-encoding":
                codings.append(value.lower())
        if size > MOST:
            self._fault = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        elif codings not in ([], [b"chunked"]):
            self._fault = HTTPStatus.NOT_IMPLEMENTED  # RFC 9112, 6.1
        elif hosts == 1 or self.parser.get_http_version() != "1.1":  # RFC 9112, 3.2
            return
        raise httptools.HttpParserError

    def _is_free(self) -> bool:
        """Tell whether what arrives is a new request, and could be answered at once."""
        is_under_way = self.cycle and not self.cycle.response_complete
        return self._is_between and not is_under_way and not self.flow.write_paused

    def _may_be_asked_again(self) -> bool:
        """Tell whether what arrived is one whole request, which says all of itself, and leaves the connection open."""
        request = self._alone
        is_whole = request.find(_END) == len(request) - len(_END)
        is_read = self.parser.get_method() == b"GET" and self.cycle.keep_alive
        return is_whole and is_read and all(name not in _NOT_AGAIN for name, _ in self.headers)

    def _is_seen_to(self) -> bool:
        """Give the answer that is kept for a request, or wait for it, and tell whether one of both is done."""
        found = self._at_once(self.server or (), self._alone, self._arrived, is_quick=self._is_quick)
        if found is None:
            return False
        self._end_wait()
        if isinstance(found, Entry):
            self._give(found)
            return True
        self._unset_keepalive_if_required()
        self._begun = found
        self._late = self.loop.call_later(LONG, self._hand_over)
        return True

    def _arrived(self, entry: Entry | None) -> None:
        """Give an answer that was waited for; ``None`` leaves it to the application."""
        if entry is None:
            self._hand_over()
            return
        self._late.cancel()
        begun, self._begun = self._begun, None
        self._is_quick = bool(begun and begun.was_quick)
        if not self.transport.is_closing():  # else the client has gone
            self._give(entry)

    def _give(self, entry: Entry) -> None:
        lines = b"\r\n".join(map(b": ".join, (*self.server_state.default_headers, *entry.headers)))
        self.transport.writelines((b"HTTP/1.1 200 OK\r\n", lines, b"\r\n\r\n", entry.body))
        self.on_response_complete()

    def _hand_over(self) -> None:
        """Make a request of a question that was asked already; the application goes on with it."""
        begun, self._begun, self._is_quick = self._begun, None, False
        assert begun  # noqa: S101 - else nothing leads here
        self._late.cancel()
        if self.transport.is_closing():
            begun.abandon()
            return
        begun.is_handed_over = True
        self._handed, self._alone = begun, b""
        super().data_received(begun.request)
        cast("dict[str, Any]", self.scope)["cfit.begun"] = begun  # its task has not started yet

    def _let_go(self) -> None:
        """End a question that was handed over, unless the application has taken it."""
        handed, self._handed = self._handed, None
        if handed and not handed.is_taken:
            handed.end()

    def on_response_complete(self) -> None:
        """Be told that an answer is complete."""
        self._let_go()
        super().on_response_complete()

    def shutdown(self) -> None:
        """Be told to end with the answer that is under way."""
        if self._begun:
            self._hand_over()
        super().shutdown()

    def _await_request(self) -> None:
        """Wait for a request to begin, but not for ever."""
        self._timer = self.loop.call_later(PATIENCE, self.transport.close)

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
        if self._may_be_told():
            self.transport.write(_refusal(status))
        self._is_in_head = False
        self._end_wait()
        self.transport.close()

    def _may_be_told(self) -> bool:
        """Tell whether what is written next answers the request that is refused, of which the body may be under way."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return True
        is_in_body = not (self._is_between or self._is_in_head or self.pipeline)
        return is_in_body and not cycle.response_started


def _nothing(_server: object, _request: bytes, _give: object, *, is_quick: bool) -> None:
    """Keep nothing, as applications do that are not ours."""


def _refusal(status: HTTPStatus) -> bytes:
    body = json.dumps(problems.described(status, "bad-request", _REFUSALS[status])).encode()
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {problems.MEDIA_TYPE}\r\n"
    more = f"Content-Length: {len(body)}\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
    return f"{head}{more}".encode() + body


class Parser(httptools.HttpRequestParser):
    """The parser, but a request stays whole that offers to go on in another protocol, as Java's does in each first one.

    The parser lets go of the body of such a request, and what follows would be taken for the next.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self._connection = connection

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        """Take bytes."""
        try:
            super().feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            if self.is_to_be_taken_again:
                self._connection.take_again(data[offer.args[0] :])

    @property
    def is_to_be_taken_again(self) -> bool:
        """Whether the request has such an offer: to the parser one to connect elsewhere has it, too."""
        return self.should_upgrade() and self.get_method() != b"CONNECT"


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
            self._loop.call_soon(self.send)
        self._held.append(data)
        self._size += len(data)
        if self._size > _MUCH:
            self.send()  # so that the transport tells when it has enough

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Write pieces now: nothing else is written in this turn."""
        self.send()
        self._transport.writelines(pieces)

    def is_closing(self) -> bool:
        """Tell whether it closes, or the client has gone."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Close, after all that was written."""
        self.send()
        self._transport.close()

    def send(self) -> None:
        """Send what was written."""
        held, self._held, self._size = self._held, [], 0
        if held and not self._transport.is_closing():  # the client may have gone since
            self._transport.writelines(held)
