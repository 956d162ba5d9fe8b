"""Plain questions asked directly: answers like those of the application, and what goes on as a request of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest
import uvicorn
from uvicorn.server import ServerState

from cfit_graph.cli import connection
from cfit_graph.cli.connection import MOST, Connection
from cfit_graph.settings import Settings
from cfit_graph.store.pool import WorkerPool
from cfit_graph.store.threads import LARGE
from cfit_graph.web import create_app, direct
from tests.hostile import ENDLESS, LIGHT, LIGHT_ANSWER, STREAM, dense, doubled
from tests.hostile.asking import soon
from tests.hostile.processes import children, eventually
from tests.test_connection import Socket

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

    from cfit_graph.store.asking import Answer, Question
    from cfit_graph.store.run import Run
    from cfit_graph.web.front import Front

NUMBERS = "SELECT ?a ?b { ?a ?p ?b } ORDER BY ?a ?b LIMIT "
LATE = f"SELECT (COUNT(*) AS ?n) {{ {{ {STREAM} LIMIT 400000 }} FILTER(STRLEN(SHA512(STR(?d))) > 1) }}"
"""Takes some tenths of a second."""
CSV = "Accept: text/csv"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """An application over the dense graph, without a cache."""
    front = create_app(Settings(cache_mb=0), [dense(tmp_path_factory.mktemp("direct"))])
    yield front
    front.close()


class Client:
    """A client on a connection of its own."""

    def __init__(self, app: Front) -> None:
        config = uvicorn.Config(app, http=Connection, log_config=None, proxy_headers=False)
        config.load()
        self.app, self.state, self.socket = app, ServerState(), Socket()
        self.connection = Connection(config, self.state, {})
        self.connection.connection_made(self.socket)  # type: ignore[arg-type]
        self.tasks = 0

    @property
    def pool(self) -> WorkerPool:
        asker = self.app._sites.site.asker
        assert isinstance(asker, WorkerPool)
        return asker

    @property
    def sent(self) -> bytes:
        return b"".join(self.socket.sent)

    async def warm(self) -> None:
        """See to it that a worker is idle."""
        self.send("ASK {}", "If-None-Match: x")
        await self.answers(1)
        self.socket.sent.clear()
        self.tasks = 0

    def send(self, sparql: str, *headers: str, method: str = "GET", more: str = "") -> None:
        """Ask a query."""
        lines = [f"{method} /sparql?query={quote_plus(sparql)}{more} HTTP/1.1", "Host: here", *headers, "", ""]
        self.connection.data_received("\r\n".join(lines).encode("latin-1"))
        self.tasks += len(self.state.tasks)

    async def answers(self, number: int) -> list[bytes]:
        """Return so many answers, each whole."""
        await soon(lambda: self.sent.count(b"HTTP/1.1 ") == number and not self.state.tasks, 20)
        return [b"HTTP/1.1 " + part for part in self.sent.split(b"HTTP/1.1 ")[1:]]

    def hang_up(self) -> None:
        self.socket.close()
        self.connection.connection_lost(OSError())


def spoken(app: Front, steps: Callable[[Client], Coroutine[Any, Any, None]]) -> None:
    """Take steps with a worker that is idle; afterwards nothing is under way."""

    async def run() -> None:
        client = Client(app)
        await client.warm()
        await steps(client)
        held, pool = client.app._sites.present, client.pool
        await soon(lambda: (held.users, pool.short, pool.long, pool.waiting) == (0, 0, 0, 0), 20)
        client.hang_up()
        pool.close()
        await asyncio.sleep(0)

    asyncio.run(run())


def parts(answer: bytes) -> tuple[bytes, set[bytes], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *headers = head.split(b"\r\n")
    return status, set(headers), body


@pytest.mark.parametrize(
    ("sparql", "headers"),
    [
        (LIGHT, []),
        (LIGHT, [CSV, "User-Agent: curl/8", "Connection: keep-alive", "X-Forwarded-For: 10.0.0.1"]),
        (LIGHT, ["Accept: application/sparql-results+xml;q=0.5", "accept: text/tab-separated-values"]),
        (NUMBERS + "500", [CSV, "Accept-Encoding: gzip"]),
        (NUMBERS + "500", ["Accept-Encoding: br;q=0.9, gzip;q=0.5"]),
        ("ASK { ?s ?p ?o }", ["Accept: application/sparql-results+json"]),
        ("CONSTRUCT WHERE { <http://x/1> ?p ?o }", ["Accept: text/turtle"]),
        ("DESCRIBE <http://x/1>", []),
        ("SELECT (NOW() AS ?now) { FILTER(false) }", [CSV]),
        ('SELECT ?é { VALUES ?é { "a&b#c+d%e" } }', []),
    ],
)
def test_the_answer_is_that_of_the_application(app: Front, sparql: str, headers: list[str]) -> None:
    async def steps(client: Client) -> None:
        client.send(sparql, *headers)
        await client.answers(1)
        assert client.tasks == 0
        client.send(sparql, *headers, "If-None-Match: other")
        direct, usual = map(parts, await client.answers(2))
        assert client.tasks == 1
        assert direct == usual
        assert direct[0] == b"HTTP/1.1 200 OK"
        assert client.pool.stopped.total() == 0

    app._sites.site.asker.stopped.clear()  # type: ignore[attr-defined]
    spoken(app, steps)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"method": "HEAD"}, 200),
        ({"more": "&format=csv"}, 200),
        ({"more": "&release=2020-01-01.1"}, 404),
        ({"more": "#part"}, 200),
        ({"headers": ["Accept: text/html"]}, 200),
        ({"headers": ["Accept: image/png"]}, 406),
        ({"headers": ["Connection: close"]}, 200),
        ({"headers": ["Host: there"]}, 400),
        ({"headers": ["Content-Length: 0"]}, 200),
        ({"headers": [f"X-Long: {'a' * MOST}"]}, 431),
        ({"headers": ["If-None-Match: *"]}, 304),
        ({"headers": ["Accept: text/csv\x01"]}, 400),
        ({"headers": ["X-Letters: \xe9"]}, 200),
        ({"sparql": "SELECT * { ?a ?p }"}, 400),
        ({"sparql": "SELECT * { SERVICE <http://x/> { ?a ?p ?b } }"}, 400),
        ({"sparql": "DROP ALL"}, 403),
        ({"sparql": doubled(40)}, 503),
    ],
)
def test_what_is_not_plain_is_answered_as_ever(app: Front, request_: dict[str, Any], status: int) -> None:
    async def steps(client: Client) -> None:
        headers = request_.pop("headers", [])
        client.send(request_.pop("sparql", LIGHT), *headers, **request_)
        (answer,) = await client.answers(1)
        assert answer.startswith(b"HTTP/1.1 %d " % status)

    spoken(app, steps)


@pytest.mark.parametrize("header", ["Connection: close", "Proxy-Connection: close"])
def test_who_wants_the_connection_closed_is_told_so(app: Front, header: str) -> None:
    """The parser takes both for the same."""

    async def steps(client: Client) -> None:
        client.send(LIGHT, CSV, header)
        (answer,) = await client.answers(1)
        assert b"connection: close" in parts(answer)[1]
        assert client.socket.closed

    spoken(app, steps)


def test_a_long_query_is_not_read_while_others_wait(app: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(client: Client) -> None:
        client.send(f"{LIGHT} #{'x' * LARGE}", CSV)
        (answer,) = await client.answers(1)
        assert parts(answer)[2] == LIGHT_ANSWER

    monkeypatch.setattr(direct, "outline", None)
    spoken(app, steps)


def test_what_is_wrong_is_said_by_the_application_which_does_not_ask_anew(
    app: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def steps(client: Client) -> None:
        monkeypatch.delattr(WorkerPool, "ask")
        client.send("SELECT ?a { ?a <http://x/p> ?b ?c }", CSV)
        (answer,) = await client.answers(1)
        status, _, body = parts(answer)
        assert status == b"HTTP/1.1 400 Bad Request"
        assert json.loads(body)["line"] == 1

    spoken(app, steps)


def test_a_large_answer_comes_whole(app: Front) -> None:
    async def steps(client: Client) -> None:
        client.send(f"{STREAM} LIMIT 20000", CSV)
        (answer,) = await client.answers(1)
        assert b"transfer-encoding: chunked" in answer
        assert answer.endswith(b"\r\n0\r\n\r\n")
        assert answer.count(b"http://x/p") == 40000

    spoken(app, steps)


def test_an_answer_that_is_late_is_asked_for_once(app: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(client: Client) -> None:
        before = children_of(client)
        client.send(LATE, CSV)
        (answer,) = await client.answers(1)
        assert answer.endswith(b"\r\n\r\nn\r\n400000\r\n")
        assert children_of(client) == before

    monkeypatch.setattr(connection, "LONG", 0.05)
    spoken(app, steps)


def test_who_was_answered_in_a_moment_asks_ahead_until_a_query_takes_longer(
    app: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    begin = WorkerPool.begin

    def noted(pool: WorkerPool, question: Question, then: Callable[[], None], *, is_quick: bool) -> Run | None:
        told.append(is_quick)
        return begin(pool, question, then, is_quick=is_quick)

    async def steps(client: Client) -> None:
        monkeypatch.setattr(WorkerPool, "begin", noted)
        for number, sparql in enumerate(["SELECT * {}", "SELECT * {} #", LATE, "SELECT * {}", "SELECT * {", LIGHT], 1):
            client.send(sparql, CSV)
            await client.answers(number)

    spoken(app, steps)
    assert told == [False, True, True, False, True, False]


def children_of(client: Client) -> set[int]:
    """The workers, which are others if one was ended."""
    process = client.pool._process._process
    assert process
    return set(children(process.pid))


def test_answers_keep_their_order_when_more_arrives(app: Front) -> None:
    async def steps(client: Client) -> None:
        client.send(LATE, CSV)
        client.send(LIGHT, CSV)
        client.send("ASK {}", "Accept: application/sparql-results+json")
        late, light, ask = await client.answers(3)
        assert [parts(late)[2], parts(light)[2]] == [b"n\r\n400000\r\n", LIGHT_ANSWER]
        assert parts(ask)[2] == b'{"head":{},"boolean":true}'

    spoken(app, steps)


def test_who_has_gone_is_given_nothing_and_the_worker_stays(app: Front) -> None:
    async def steps(client: Client) -> None:
        before = children_of(client)
        client.send(LATE.replace("400000", "40000"), CSV)
        client.hang_up()
        await soon(lambda: client.pool.short == 0)
        assert client.sent == b""
        assert children_of(client) == before

    spoken(app, steps)


def test_a_query_that_nobody_waits_for_is_stopped(app: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(client: Client) -> None:
        stopped = client.pool.stopped["abandoned"]
        client.send(ENDLESS, CSV)
        client.hang_up()
        await soon(lambda: client.pool.stopped["abandoned"] == stopped + 1, 5)

    monkeypatch.setattr(connection, "LONG", 0.05)
    spoken(app, steps)


def test_who_goes_while_the_application_begins_leaves_nothing_behind(app: Front) -> None:
    async def steps(client: Client) -> None:
        client.send(ENDLESS, CSV)
        client.send(LIGHT, CSV)
        client.hang_up()
        await asyncio.wait_for(asyncio.gather(*client.state.tasks), 5)

    spoken(app, steps)


def test_a_worker_that_died_while_it_was_idle_is_no_fault_of_the_query(app: Front) -> None:
    async def steps(client: Client) -> None:
        for pid in children_of(client):
            os.kill(pid, signal.SIGKILL)
        client.send(LIGHT, CSV)  # before it is known
        (answer,) = await client.answers(1)
        assert parts(answer)[2] == LIGHT_ANSWER

    spoken(app, steps)


def test_at_the_end_of_the_server_a_question_is_answered(app: Front) -> None:
    async def steps(client: Client) -> None:
        client.send(LATE, CSV)
        client.connection.shutdown()
        (answer,) = await client.answers(1)
        assert answer.endswith(b"n\r\n400000\r\n")
        assert client.socket.closed

    spoken(app, steps)


def test_a_question_to_a_site_that_is_not_current_any_more_is_asked_anew(
    app: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late question is of the release that was current when it came: the application would mix it with the next."""
    other = tmp_path / "other.nt"
    other.write_text("<http://x/1> <http://x/p> <http://x/2> .\n")
    newer = create_app(Settings(cache_mb=0), [other])
    pool, ask = newer._sites.site.asker, newer._sites.site.asker.ask
    still_at_work = []

    async def steps(client: Client) -> None:
        before = client.pool

        async def asked(question: Question) -> Answer:
            still_at_work.append(before.short)
            return await ask(question)

        monkeypatch.setattr(pool, "ask", asked)
        client.send(LIGHT, CSV)
        monkeypatch.setattr(app._sites, "present", newer._sites.present)
        client.send("ASK {}")
        light, _ = await client.answers(2)
        assert parts(light)[2] == b"n\r\n1\r\n"
        assert still_at_work == [0, 0]
        newer._sites.present.site.asker.close()  # type: ignore[union-attr]
        monkeypatch.undo()

    spoken(app, steps)
    newer.close()


def test_at_the_start_no_worker_is_left_that_has_looked_through_all(tmp_path: Path) -> None:
    front = create_app(Settings(cache_mb=0), [dense(tmp_path)])
    pool = front._sites.site.asker
    assert isinstance(pool, WorkerPool)
    process = pool._process._process
    assert process
    eventually(lambda: not children(process.pid))
    front.close()


def test_what_was_answered_is_kept_and_found_by_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    front = create_app(Settings(), [dense(tmp_path)])

    async def steps(client: Client) -> None:
        for number in range(3):
            client.send(LIGHT, CSV)
            answers = await client.answers(number + 1)
        assert len(set(answers)) == 1
        assert client.tasks == 0
        monkeypatch.setattr(front._direct, "ask", None)
        client.send(LIGHT, CSV)
        assert (await client.answers(4))[3] == answers[0]

    spoken(front, steps)
    front.close()
