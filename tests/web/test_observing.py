"""What the server tells those who run it: metrics, readiness and the log."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.hostile import DRIP, ENDLESS, LIGHT, STREAM, dense
from tests.hostile.processes import eventually, frozen, kill, store_processes, workers
from tests.hostile.serving import Server, address, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAMILIES = {
    "cfit_queries_total",
    "cfit_query_seconds_count",
    "cfit_query_seconds_sum",
    "cfit_cache_hits_total",
    "cfit_cache_misses_total",
    "cfit_cache_bytes",
    "cfit_workers_stopped_total",
    "cfit_queries_now",
}
LIMITS = {"query_seconds": 20, "query_mb": 128, "result_mb": 2, "workers": 1, "queue": 0}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(dense(tmp_path_factory.mktemp("dense")), log_level="info", **LIMITS) as running:
        yield running


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(dense(tmp_path_factory.mktemp("dense")), log_level="warning", **LIMITS) as running:
        yield running


def _log(server: Server) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "query"]


@contextmanager
def _one_more(server: Server, *names: str) -> Iterator[None]:
    """Check that numbers of ``/metrics`` rise by one, soon."""
    before = server.metrics()
    yield
    expected = {name: before.get(name, 0) + 1 for name in names}
    eventually(lambda: {name: server.metrics().get(name, 0) for name in names} == expected, 5)


def _outcome(kind: str) -> str:
    return f"cfit_queries_total{{outcome={kind}}}"


def test_the_families_are_there_from_the_start(server: Server) -> None:
    server.is_well()
    names = {name.partition("{")[0] for name in server.metrics()}
    assert names >= FAMILIES
    lanes = {name for name in server.metrics() if name.startswith("cfit_queries_now")}
    assert lanes == {f"cfit_queries_now{{lane={lane}}}" for lane in ("waiting", "short", "long")}


def test_answers_are_counted_by_how_they_came(server: Server) -> None:
    sparql = f"{LIGHT} # counted"
    with _one_more(server, _outcome("ok"), "cfit_query_seconds_count"):
        etag = server.query(sparql).headers["etag"]
    with _one_more(server, "cfit_cache_hits_total{of=query}"):
        server.query(sparql)
    with _one_more(server, _outcome("cached")):
        server.post(sparql)
    with _one_more(server, _outcome("not_modified")):
        assert server.request("GET", address(sparql, timeout="9"), Accept="text/csv", If_None_Match=etag).status == 304
    with _one_more(server, "cfit_cache_hits_total{of=page}"):
        for _ in range(2):
            server.request("GET", "/", Accept="text/html")
    with _one_more(server, _outcome("page")):
        server.query(sparql, accept="text/html")


@pytest.mark.parametrize(
    ("sparql", "more", "kind"),
    [
        ("SELECT", {}, "query-syntax"),
        ("ASK { SERVICE <http://127.0.0.1:1/> {} }", {}, "query-forbidden"),
        ("CLEAR ALL", {}, "update-refused"),
        (LIGHT, {"timeout": "soon"}, "bad-request"),
        (f"ASK {{ {'{' * 200}", {}, "query-too-large"),
        (f"{STREAM} ORDER BY ?b ?d", {}, "query-too-costly"),
        (ENDLESS, {"timeout": "0.2"}, "query-timed-out"),
        (STREAM, {}, "broken"),
    ],
)
def test_failures_are_counted_and_logged_by_kind(server: Server, sparql: str, more: dict[str, str], kind: str) -> None:
    with _one_more(server, _outcome(kind), "cfit_query_seconds_count"):
        server.query(sparql, **more)
    eventually(lambda: _log(server)[-1]["outcome"] == kind)
    last = _log(server)[-1]
    assert last["event"] == "query"
    assert last["problem"]


def test_too_many_are_counted_as_overload_and_those_who_left_as_abandoned(server: Server) -> None:
    stopped = "cfit_workers_stopped_total{{why={}}}"
    with _one_more(server, _outcome("abandoned"), stopped.format("abandoned")):
        first = server.raw(f"GET {address(ENDLESS)} HTTP/1.1\nHost: x\nAccept: text/csv\n\n")
        eventually(lambda: server.metrics()["cfit_queries_now{lane=long}"] == 1)
        with _one_more(server, _outcome("overloaded"), stopped.format("crowded_out")):
            reply = server.query(ENDLESS)
        assert (reply.status, reply.kind, reply.headers["retry-after"]) == (503, "overloaded", "5")
        first.close()
    assert server.metrics()["cfit_queries_now{lane=long}"] == 0


def test_workers_that_died_are_counted(server: Server) -> None:
    with (
        _one_more(server, "cfit_workers_stopped_total{why=died}"),
        server.raw(f"GET {address(DRIP)} HTTP/1.1\nHost: x\nAccept: text/csv\n\n") as connection,
    ):
        connection.recv(100)
        kill(*workers(server.pid))
        while connection.recv(1 << 16):
            pass


def test_the_log_has_one_line_for_each_query(server: Server) -> None:
    before = len(_log(server))
    server.query(f"{LIGHT} # line")
    server.post(f"{LIGHT} # line")
    eventually(lambda: len(_log(server)) > before + 1)
    first, second = _log(server)[before:]
    assert (first["outcome"], first["form"], first["type"]) == ("ok", "SELECT", "text/csv")
    assert first["query"] == f"{LIGHT} # line"
    assert second["outcome"] == "cached"
    assert isinstance(first["ms"], float)


@pytest.mark.parametrize(("sparql", "outcome"), [(f"{LIGHT} # page", "page"), ("SELECT", "query-syntax")])
def test_the_log_tells_the_query_of_a_page_and_of_what_is_none(server: Server, sparql: str, outcome: str) -> None:
    server.query(sparql, "text/html" if outcome == "page" else "text/csv")
    eventually(lambda: (_log(server)[-1]["outcome"], _log(server)[-1]["query"]) == (outcome, sparql))


HOSTILE = 'SELECT * {{ ?s ?p "{}" }} # \x1b[2J\r\n{{"event": "forged"}}\x00\u2028\u202e\x85 é'


@pytest.mark.parametrize("length", [0, 600, 90_000])
def test_what_is_logged_of_a_query_is_cut_and_harmless(server: Server, length: int) -> None:
    sparql = HOSTILE.format("x" * length)
    before = len(server.log.read_bytes().splitlines())
    server.post(sparql)
    eventually(lambda: len(server.log.read_bytes().splitlines()) > before)
    (line,) = server.log.read_bytes().splitlines()[before:]
    assert line.isascii()
    assert line.decode().isprintable()
    told = json.loads(line)
    assert told["event"] == "query"
    assert (told["query"], told["length"]) == (sparql[:500], len(sparql))


def test_nothing_that_clients_do_leaves_a_trace_of_the_program(server: Server) -> None:
    for request in ("GARBAGE\n\n", "GET / HTTP/9.9\n\n", "GET /sparql?query=%FF HTTP/1.1\nHost: x\n\n", "POST /sparql HTTP/1.1\nHost: x\nContent-Length: 5\n\nq"):  # fmt: skip  # noqa: E501
        server.raw(request).close()
    server.query("SELECT")
    server.request("GET", "/nowhere")
    server.is_well()
    assert "Traceback" not in server.log.read_text()


def test_every_line_is_one_of_json(server: Server) -> None:
    """Those of the web server too: it has something to say of broken answers and of what is no HTTP."""
    server.query(STREAM)
    server.raw("GARBAGE\n\n").close()
    server.is_well()
    told = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {line["event"] for line in told} == {"query", "log"}


def test_warnings_tell_of_failures_of_the_service_only(quiet: Server) -> None:
    quiet.is_well()
    quiet.query("SELECT")
    quiet.query("CLEAR ALL")
    assert _log(quiet) == []
    quiet.query(ENDLESS, timeout="0.2")
    quiet.query(f"{STREAM} ORDER BY ?b ?d")
    eventually(lambda: len(_log(quiet)) > 1)
    assert [line["outcome"] for line in _log(quiet)] == ["query-timed-out", "query-too-costly"]


def test_ready_says_whether_queries_are_answered(tmp_path: Path) -> None:
    path = dense(tmp_path)
    with serve(path, **LIMITS) as server:
        assert server.request("GET", "/ready").status == 200
        content = path.read_bytes()
        path.unlink()
        kill(*workers(server.pid), *store_processes(server.pid))
        eventually(lambda: server.request("GET", "/ready").status != 200)
        assert server.request("GET", "/ready").status == 503
        assert server.request("GET", "/health").status == 200
        path.write_bytes(content)
        eventually(lambda: server.request("GET", "/ready").status == 200)
        server.is_well()


def test_a_store_that_stands_still_is_not_ready_and_is_not_waited_for(tmp_path: Path) -> None:
    with serve(dense(tmp_path), **LIMITS) as server:
        server.is_well()
        with frozen(*store_processes(server.pid), *workers(server.pid)):
            started = time.monotonic()
            assert server.request("GET", "/ready").status == 503
            assert time.monotonic() - started < 4
            assert server.query(LIGHT + " ", timeout="1").kind == "query-timed-out"
        eventually(lambda: server.request("GET", "/ready").status == 200)
        server.is_well()
