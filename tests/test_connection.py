"""Connections of the web server: what goes out together, and which heads of requests are refused, and how."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from cfit_graph.cli import connection
from cfit_graph.cli.connection import LONGEST, Connection, Together

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

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading


def held(steps: Callable[[Any, Socket], Coroutine[Any, Any, None]]) -> Socket:
    """What comes of steps with a transport over a socket."""
    socket = Socket()

    async def run() -> None:
        await steps(Together(socket), socket)  # type: ignore[arg-type]
        await asyncio.sleep(0)

    asyncio.run(run())
    return socket


def spoken_with(app: Any, *pieces: bytes, seconds: float = 0) -> Socket:
    """What comes of a connection to an application on which pieces arrive, and then nothing for some seconds."""
    socket = Socket()

    async def speak() -> None:
        config = uvicorn.Config(app, http=Connection, log_config=None)
        config.load()
        state = ServerState()
        made = Connection(config, state, {})
        made.connection_made(socket)  # type: ignore[arg-type]
        for piece in pieces:
            if not socket.closed:
                made.data_received(piece)
        await asyncio.sleep(seconds)
        await asyncio.gather(*state.tasks)
        await asyncio.sleep(0)
        made.connection_lost(OSError())

    asyncio.run(speak())
    return socket


async def counting(_scope: Any, receive: Any, send: Any) -> None:
    """Answer with the number of bytes of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    body = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("fails", [False, True])
def test_an_answer_is_one_packet_and_a_broken_one_has_no_end(fails: bool) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [] if fails else [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data", "more_body": fails})
        if fails:
            raise ValueError

    socket = spoken_with(app, REQUEST)
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


HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("pieces", "status", "word"),
    [
        ([b"GET /sparql?query=" + b"a" * LONGEST + b" HTTP/1.1\r\n\r\n"], 414, "POST"),
        ([b"HELLO THERE\r\n\r\n"], 400, "not HTTP"),
        ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], 400, "not HTTP"),
        ([b"GET /", *[b"a" * 1000] * 300], 414, "POST"),
        ([HEAD, *[b"X-More: " + b"a" * 1000 + b"\r\n"] * 300], 431, "256 KB"),
        ([HEAD, b"X-Much: ", *[b"a" * 1000] * 300], 431, "256 KB"),
    ],
)
def test_a_head_that_cannot_be_taken_is_refused_in_words(pieces: list[bytes], status: int, word: str) -> None:
    socket = spoken_with(counting, *pieces)
    (packet,) = socket.sent
    head, _, body = packet.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/problem+json" in head
    assert f"Content-Length: {len(body)}".encode() in head
    problem = json.loads(body)
    assert (problem["status"], problem["type"]) == (status, "https://w3id.org/cfit/problem/bad-request")
    assert word in problem["detail"]
    assert socket.closed


@pytest.mark.parametrize(
    ("pieces", "status"), [([HEAD], b"HTTP/1.1 408 "), ([], None), ([REQUEST, HEAD], b"HTTP/1.1 408 ")]
)
def test_a_head_that_does_not_end_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, pieces: list[bytes], status: bytes | None
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.02)
    socket = spoken_with(counting, *pieces, seconds=0.3)
    assert socket.closed
    refused = [packet for packet in socket.sent if not packet.startswith(b"HTTP/1.1 200 ")]
    assert [packet[:13] for packet in refused] == ([status] if status else [])


def test_a_body_may_be_long_and_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.02)
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    socket = spoken_with(counting, head[:10], head[10:], *[b"a" * 1000] * 1000, seconds=0.1)
    assert [packet[-7:] for packet in socket.sent] == [b"1000000"]
    assert not socket.closed


def test_a_refusal_is_not_written_into_an_answer_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"data", "more_body": True})
        await asyncio.sleep(0.3)
        await send({"type": "http.response.body", "body": b"end"})

    monkeypatch.setattr(connection, "PATIENCE", 0.02)
    socket = spoken_with(slow, REQUEST, HEAD, seconds=0.1)
    assert b"408" not in b"".join(socket.sent)
    assert not b"".join(socket.sent).endswith(b"0\r\n\r\n")
    assert socket.closed
