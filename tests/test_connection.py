"""Connections of the web server: a head and its body go out together, much goes at once, and nothing after the end."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from cfit_graph.cli.connection import Connection, Together

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Socket:
    """What was sent, packet by packet."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def writelines(self, pieces: Iterable[bytes]) -> None:
        assert not self.closed
        self.sent.append(b"".join(pieces))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, _: str) -> None:
        return None


def held(steps: Callable[[Any, Socket], Coroutine[Any, Any, None]]) -> Socket:
    """What comes of steps with a transport over a socket."""
    socket = Socket()

    async def run() -> None:
        await steps(Together(socket), socket)  # type: ignore[arg-type]
        await asyncio.sleep(0)

    asyncio.run(run())
    return socket


def answered(app: Any, request: bytes) -> Socket:
    """What an application answers to a request."""
    socket = Socket()

    async def serve() -> None:
        config = uvicorn.Config(app, http=Connection, log_config=None)
        config.load()
        state = ServerState()
        connection = Connection(config, state, {})
        connection.connection_made(socket)  # type: ignore[arg-type]
        connection.data_received(request)
        await asyncio.gather(*state.tasks)
        await asyncio.sleep(0)

    asyncio.run(serve())
    return socket


@pytest.mark.parametrize("fails", [False, True])
def test_an_answer_is_one_packet_and_a_broken_one_has_no_end(fails: bool) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [] if fails else [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data", "more_body": fails})
        if fails:
            raise ValueError

    socket = answered(app, REQUEST)
    (packet,) = socket.sent
    assert packet.startswith(b"HTTP/1.1 200 OK\r\n")
    assert socket.closed is fails
    assert packet.endswith(b"\r\n4\r\ndata\r\n" if fails else b"\r\n\r\ndata")


def test_what_is_written_later_goes_later() -> None:
    async def steps(transport: Any, _: Socket) -> None:
        transport.write(b"a")
        transport.write(b"b")
        await asyncio.sleep(0)
        transport.write(b"c")

    assert held(steps).sent == [b"ab", b"c"]


def test_much_goes_at_once_so_that_the_transport_can_say_when_it_has_enough() -> None:
    async def steps(transport: Any, socket: Socket) -> None:
        transport.write(b"head")
        transport.write(bytes(1 << 17))
        assert [len(packet) for packet in socket.sent] == [4 + (1 << 17)]

    assert len(held(steps).sent) == 1


def test_what_was_written_goes_before_the_end_and_nothing_after_it() -> None:
    async def closes(transport: Any, _: Socket) -> None:
        transport.write(b"a")
        transport.close()

    async def is_left(transport: Any, socket: Socket) -> None:
        transport.write(b"a")
        socket.closed = True

    assert held(closes).sent == [b"a"]
    assert held(is_left).sent == []


async def _fine(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(("length", "status"), [(65_535, b"200"), (65_536, b"414"), (1 << 20, b"414")])
def test_an_address_that_is_too_long_is_told_so(length: int, status: bytes) -> None:
    address = b"/sparql?query=ASK%7B%7D%23".ljust(length, b"x")
    (packet,) = answered(_fine, REQUEST.replace(b"/", address, 1)).sent
    head, _, body = packet.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    if status == b"414":
        assert b"content-type: application/problem+json" in head
        assert "by POST" in json.loads(body)["detail"]


def test_what_is_no_request_is_a_400() -> None:
    (packet,) = answered(_fine, b"\x16\x03\x01 no request\r\n\r\n").sent
    assert packet.startswith(b"HTTP/1.1 400 ")
