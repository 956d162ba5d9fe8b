"""Connections of the web server: what goes out together, and which heads of requests are refused, and how."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from cfit_graph.cli import connection
from cfit_graph.cli.connection import LONGEST, MOST, Connection, Together
from cfit_graph.web.cache import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

SERVER = ("127.0.0.1", 8000)
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

    def get_extra_info(self, name: str) -> tuple[str, int] | None:
        return {"sockname": SERVER}.get(name)

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


def spoken_with(app: Any, *pieces: bytes, seconds: float = 0, between: float = 0) -> Socket:
    """What comes of a connection to an application on which pieces arrive, and then nothing for some seconds.

    ``between`` are the seconds after each piece but the last.
    """
    socket = Socket()

    async def speak() -> None:
        config = uvicorn.Config(app, http=Connection, log_config=None, proxy_headers=False, timeout_keep_alive=1)
        config.load()
        state = ServerState()
        state.default_headers = [(b"date", b"today")]
        made = Connection(config, state, {})
        made.connection_made(socket)  # type: ignore[arg-type]
        for number, piece in enumerate(pieces):
            if number and between:
                await asyncio.sleep(between)
            if not socket.closed:
                made.data_received(piece)
        await asyncio.sleep(seconds)
        if socket.closed:
            made.connection_lost(None)
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
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
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


def test_what_is_written_now_comes_after_what_was_written() -> None:
    async def steps(transport: Any, _: Socket) -> None:
        transport.write(b"a")
        transport.writelines((b"b", b"c"))
        transport.write(b"d")

    assert held(steps).sent == [b"a", b"bc", b"d"]


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
        ([b"GET / HTTP/1.1\r\n\r\n"], 400, "one header Host"),
        ([HEAD + b"Host: elsewhere\r\n\r\n"], 400, "one header Host"),
        ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], 400, "not HTTP"),
        ([b"GET /", *[b"a" * 1000] * 300], 414, "POST"),
        ([HEAD, *[b"X-More: " + b"a" * 1000 + b"\r\n"] * 300], 431, "256 KB"),
        ([HEAD + b"Accept: text/csv" + b",a;q=1" * (MOST // 6) + b"\r\n\r\n"], 431, "8 KB"),
        ([HEAD + b"Accept: a\r\n" * (MOST // 7) + b"\r\n"], 431, "8 KB"),
        ([HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", b"0\r\n\r\n"], 501, "transfer coding"),
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


def test_headers_that_nobody_reads_may_be_long() -> None:
    long = b"a" * (LONGEST - 100)
    head = HEAD.replace(b"/ ", b"/" + long + b" ") + b"Cookie: %b\r\nReferer: /%b\r\n" % (long, long)
    (packet,) = spoken_with(counting, head + b"Accept: " + b"a" * (MOST - 100) + b"\r\n\r\n").sent
    assert packet.startswith(b"HTTP/1.1 200 ")


BROKEN = b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\nquery"


def test_a_body_that_is_broken_is_refused_in_words() -> None:
    socket = spoken_with(counting, HEAD.replace(b"GET", b"POST") + BROKEN[0], BROKEN[1])
    (packet,) = socket.sent
    assert packet.startswith(b"HTTP/1.1 400 ")
    assert socket.closed


def test_a_refusal_is_not_taken_for_the_answer_to_another_request() -> None:
    async def slow(_scope: Any, _receive: Any, send: Any) -> None:
        await asyncio.sleep(0.2)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"data"})

    for more in ((HEAD + b"nonsense\r\n\r\n",), (HEAD + b"Host: elsewhere\r\n\r\n",), (HEAD + BROKEN[0], BROKEN[1])):
        socket = spoken_with(slow, REQUEST, *more, seconds=0.3)
        assert socket.sent == []
        assert socket.closed


def test_http_1_0_need_not_name_a_host() -> None:
    (packet,) = spoken_with(counting, b"GET / HTTP/1.0\r\n\r\n").sent
    assert packet.startswith(b"HTTP/1.1 200 ")


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


@pytest.mark.parametrize("pieces", [[b"\r\n"], [b"\r\n", b"\r\n"], [REQUEST, b"\r\n"], [REQUEST, b"\r\n", b"\r\n"]])
def test_empty_lines_are_no_request_and_keep_no_connection(
    monkeypatch: pytest.MonkeyPatch, pieces: list[bytes]
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.3)
    assert spoken_with(counting, *pieces, seconds=0.6, between=0.02).closed
    assert len(spoken_with(counting, *pieces, REQUEST, seconds=0.6, between=0.02).sent) == 1 + pieces.count(REQUEST)


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


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
OFFERED = HEAD.replace(b"GET", b"POST") + OFFER
WHOLE = OFFERED + b"Content-Length: %d\r\n\r\n" % len(REQUEST) + REQUEST


@pytest.mark.parametrize(
    "pieces",
    [
        [WHOLE],
        [WHOLE + REQUEST],
        [WHOLE[: -len(REQUEST)], REQUEST],
        [WHOLE[at : at + 1] for at in range(len(WHOLE))],
        [OFFERED + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(REQUEST), REQUEST + b"\r\n0\r\n\r\n"],
    ],
)
def test_a_request_with_an_offer_to_go_on_in_another_protocol_stays_whole(pieces: list[bytes]) -> None:
    """Java's client makes it in the first request of a connection that is not encrypted, as ``curl --http2`` does."""
    socket = spoken_with(counting, *pieces)
    sent = b"".join(socket.sent)
    assert sent.count(b"HTTP/1.1 200 OK") == 1 + (pieces[0] == WHOLE + REQUEST)
    assert f"\r\n\r\n{len(REQUEST)}".encode() in sent
    assert not socket.closed


def test_what_follows_such_a_request_is_answered_and_it_may_be_asked_again() -> None:
    app, request = Keeping(), HEAD + OFFER + b"\r\n"
    sent = b"".join(spoken_with(app, request, request + REQUEST).sent)
    assert [sent.count(b"answer %d" % number) for number in (1, 2, 3)] == [1, 1, 1]
    spoken_with(app, request)
    assert app.asked == 3


@pytest.mark.parametrize("target", [b"elsewhere:443", b"/sparql"])
def test_an_offer_to_connect_elsewhere_is_refused_by_whoever_reads_it(target: bytes) -> None:
    socket = spoken_with(counting, b"CONNECT %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % target)
    assert b"".join(socket.sent).startswith(b"HTTP/1.1 200" if target.startswith(b"/") else b"HTTP/1.1 400")


def test_who_is_answered_has_gone_even_if_more_was_asked_behind() -> None:
    told = []

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        while (message := await receive())["type"] != "http.disconnect":
            pass
        told.append(message)

    async def speak() -> None:
        config = uvicorn.Config(app, http=Connection, log_config=None, proxy_headers=False)
        config.load()
        state = ServerState()
        made = Connection(config, state, {})
        made.connection_made(Socket())  # type: ignore[arg-type]
        made.data_received(REQUEST + REQUEST)
        made.connection_lost(OSError())
        await asyncio.wait_for(asyncio.gather(*state.tasks), 1)

    asyncio.run(speak())
    assert len(told) == 1


class Keeping:
    """An application that keeps what it answered to each request that it may answer alike again."""

    def __init__(self) -> None:
        self.asked = 0
        self.kept: dict[bytes, Entry] = {}

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        self.asked += 1
        body = f"answer {self.asked}".encode()
        entry = Entry(((b"content-length", b"%d" % len(body)), (b"etag", b'"a"')), body)
        if "cfit.request" in scope:
            self.kept[scope["cfit.request"]] = entry
        await send({"type": "http.response.start", "status": 200, "headers": entry.headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def at_once(self, server: object, request: bytes, _give: object, *, is_quick: bool) -> Entry | None:
        assert not is_quick  # nothing was asked of a worker
        assert server == SERVER
        return self.kept.get(request)


def test_the_same_request_is_answered_without_the_application() -> None:
    app = Keeping()
    first, second = spoken_with(app, REQUEST).sent + spoken_with(app, REQUEST).sent
    assert app.asked == 1
    assert first == second
    assert first == b'HTTP/1.1 200 OK\r\ndate: today\r\ncontent-length: 8\r\netag: "a"\r\n\r\nanswer 1'
    assert spoken_with(app, REQUEST, REQUEST).sent == [first, first]
    assert app.asked == 1


POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(REQUEST)


@pytest.mark.parametrize(
    "pieces",
    [
        [REQUEST[:20], REQUEST[20:]],
        [REQUEST + REQUEST],
        [REQUEST + REQUEST[:20], REQUEST[20:]],
        [REQUEST.replace(b"GET", b"HEAD")],
        [REQUEST.replace(b"GET", b"POST")],
        [REQUEST.replace(b"1.1", b"1.0")],
        [HEAD + b"Connection: close\r\n\r\n"],
        [HEAD + b"Content-Length: 0\r\n\r\n"],
        [HEAD + b"Content-Length: 4\r\n\r\n", b"body"],
        [HEAD + b"Expect: 100-continue\r\n\r\n"],
        [HEAD + b"Cookie: " + b"a" * 9000 + b"\r\n\r\n"],
    ],
)
def test_what_is_not_one_whole_plain_request_is_not_kept(pieces: list[bytes]) -> None:
    app = Keeping()
    socket = spoken_with(app, *pieces)
    assert b"answer 1" in b"".join(socket.sent) or pieces[0].startswith(b"HEAD")
    assert app.kept == {}


@pytest.mark.parametrize(
    "pieces",
    [
        [POST, REQUEST],
        [HEAD, REQUEST[len(HEAD) :]],
        [b"GET / HTTP/1.1\r\nX-More: ", REQUEST],
    ],
)
def test_what_only_looks_like_a_request_is_not_answered(pieces: list[bytes]) -> None:
    """The body of a request, or the rest of its head, may have the bytes of another."""
    app = Keeping()
    spoken_with(app, REQUEST)
    socket = spoken_with(app, *pieces)
    assert b"".join(socket.sent).count(b"answer 2") == 1
    assert b"answer 1" not in b"".join(socket.sent)


def test_answers_keep_their_order() -> None:
    """A request whose answer is kept waits for one before it whose answer is not."""
    app = Keeping()
    spoken_with(app, REQUEST)
    socket = spoken_with(app, REQUEST.replace(b"/ ", b"/other "), REQUEST)
    sent = b"".join(socket.sent)
    assert sent.index(b"answer 2") < sent.index(b"answer 3")


def test_a_connection_on_which_nothing_more_is_asked_is_closed() -> None:
    app = Keeping()
    spoken_with(app, REQUEST)
    assert not spoken_with(app, REQUEST, seconds=0.1).closed
    assert spoken_with(app, REQUEST, seconds=1.2).closed
    assert app.asked == 1


def test_who_takes_nothing_is_not_answered_at_once() -> None:
    app = Keeping()
    spoken_with(app, REQUEST)
    socket = Socket()

    async def flood() -> None:
        config = uvicorn.Config(app, http=Connection, log_config=None, proxy_headers=False)
        config.load()
        made = Connection(config, ServerState(), {})
        made.connection_made(socket)  # type: ignore[arg-type]
        made.pause_writing()
        made.data_received(REQUEST)
        await asyncio.sleep(0.05)
        assert socket.sent == []
        made.resume_writing()
        await asyncio.sleep(0.05)

    asyncio.run(flood())
    assert b"".join(socket.sent).endswith(b"answer 2")
