"""The benchmarks measure what they say: the same graphs each time, compared answers, figures judged rightly."""

from __future__ import annotations

import doctest
import hashlib
import importlib
import json
import re
import socket
import sys
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from benchmarks import (
    answers,
    build,
    draw,
    generate,
    interference,
    lists,
    machine,
    processes,
    reconcile,
    report,
    rounds,
    run,
    soak,
    stream,
    targets,
    throughput,
    words,
)
from benchmarks import runaways as runaway_queries
from benchmarks.client import LONGEST_GET, Client
from benchmarks.inside import answerer
from benchmarks.mix import EXAMPLE, ROWS, STATEMENTS, Query, lookups, mix
from benchmarks.peers import PEERS, Answer, Failed, Peer, TooSlow
from benchmarks.peers.virtuoso import flatten
from benchmarks.serving import Serving, runaways, serving
from cfit_graph import derivation, release, source, validation
from cfit_graph.namespaces import NS, VOCABULARIES
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.store.lexer import outline
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rdflib import Graph

SHA = "6ea5213cef182fa12b3e42c4d47a6fca5a463908f3e9a0f5557f3c63f31200df"
"""Of the coalition of 10 k statements; another one makes all results so far incomparable."""
MODULES = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "benchmarks").rglob("*.py"))
MODULES.remove("benchmarks.validators.rudof")  # its library need not be there
DERIVED = f"<{derivation.GRAPH}> .\n"


@pytest.fixture(scope="module")
def coalition() -> list[str]:
    """The statements of the coalition in the graph of 10 k."""
    return list(generate.lines(10_000 - generate.VOCABULARY))


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of 10 k."""
    path = tmp_path_factory.mktemp("graph") / "10k.nq"
    generate.write(path, 10_000)
    return path


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


# Releases


def test_a_release_of_a_drawn_coalition_is_built_and_measured(tmp_path: Path) -> None:
    built = build.build(tmp_path, 3_000, is_validated=True)
    (made,) = (release.find(tmp_path / "releases", version) for version in release.versions(tmp_path / "releases"))
    assert built.statements == made.manifest["statements"] > 2_500
    assert made.manifest["findings"]["violation"] == 0
    assert min(built.validating, built.writing, built.loading, built.memory) > 0


def test_a_release_can_be_measured_without_its_validation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["2k", "--unvalidated"]) == 0
    assert re.search(r"^all else +[\d.]+ s +[\d.]+ times loading$", capsys.readouterr().out, re.MULTILINE)


# Graphs


def test_the_same_size_and_seed_give_the_same_bytes(coalition: list[str]) -> None:
    assert hashlib.sha256("".join(coalition).encode()).hexdigest() == SHA


def test_another_seed_gives_another_coalition(coalition: list[str]) -> None:
    assert list(generate.lines(10_000 - generate.VOCABULARY, seed=8)) != coalition


def test_of_a_dated_coalition_shapes_have_nothing_to_say(tmp_path: Path) -> None:
    path = tmp_path / "dated.nq"
    generate.write(path, 10_000, dated=True)
    shapes = source.read_all(source.files(ROOT / "shapes"))
    assert not validation.validate(validation.Files([path]), shapes, tmp_path / "shapes.ttl").findings


@pytest.mark.parametrize("statements", [10_000, 30_000])
def test_a_graph_has_the_statements_asked_for(statements: int, tmp_path: Path) -> None:
    drawn = generate.write(tmp_path / "graph.nq", statements) - len(list(generate.vocabulary()))
    assert 0 <= drawn - (statements - generate.VOCABULARY) < 200  # the last organization is told to its end


def test_every_statement_is_valid_and_said_once(graph: Path) -> None:
    lines = graph.read_text("utf-8").splitlines()
    quads = list(ox.parse(path=str(graph), format=ox.RdfFormat.N_QUADS))
    assert len(quads) == len(lines) == len({str(quad.triple) for quad in quads})


def test_kinds_of_thing_come_in_their_shares(coalition: list[str]) -> None:
    types = Counter(line.split()[2] for line in coalition if f"<{VOCABULARIES['rdf']}type>" in line)
    organizations = types[f"<{VOCABULARIES['org']}Organization>"]
    affiliations = types[f"<{NS}Participation>"] + types[f"<{NS}Support>"]
    assert 100 < organizations < 200
    assert 1.2 < affiliations / organizations < 1.7
    assert 0.5 < types[f"<{NS}Support>"] / affiliations < 0.7
    assert 0.85 < types[f"<{NS}Endorsement>"] / affiliations <= 1
    assert types[f"<{NS}LetterOfSupport>"] + types[f"<{NS}PactSignature>"] == types[f"<{NS}Endorsement>"]
    assert types[f"<{NS}Source>"] == organizations + types[f"<{NS}Pact>"]


def test_the_derived_graph_is_what_a_release_would_derive(coalition: list[str], tmp_path: Path) -> None:
    records = tmp_path / "records.nq"
    records.write_text("".join(line for line in [*generate.vocabulary(), *coalition] if not line.endswith(DERIVED)))
    assert derivation.derive(EmbeddedStore([records])) == sorted(line for line in coalition if line.endswith(DERIVED))


def test_a_graph_conforms_to_our_shapes(coalition: list[str], tmp_path: Path) -> None:
    path = tmp_path / "records.nq"  # what is derived is no part of what is judged
    path.write_text("".join(line for line in [*generate.vocabulary(), *coalition] if not line.endswith(DERIVED)))
    shapes = source.merge(map(source.read, source.files(ROOT / "shapes")))
    found = validation.validate(source.read(path), shapes, ROOT / "shapes")
    assert found.conforms
    remarked = {finding.rule.rpartition("#")[2] for finding in found.findings}
    assert remarked <= {"SupportSignature", "DatedAffiliation"}  # dates that are not known, as in life


def test_chance_is_the_same_on_any_machine() -> None:
    lot = draw.Lot(7)
    assert [lot.below(1000) for _ in range(4)] == [323, 150, 650, 72]
    assert {lot.weighted({"a": 1, "b": 0}) for _ in range(50)} == {"a"}


def test_every_word_can_be_said_in_a_literal() -> None:
    said = [
        *words.ADJECTIVES,
        *words.SUBJECTS,
        *words.OFFICES,
        *(word for body in words.BODIES.values() for word in body),
    ]
    assert not any(set(word) & set('"\\\n') for word in said)


def test_the_command_writes_a_graph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["2k", str(tmp_path / "out.nq")]) == 0
    assert "statements in out.nq" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["out.nq"]


# Queries


def test_there_are_fourteen_queries_of_three_kinds() -> None:
    assert Counter(query.kind for query in mix()) == {"lookup": 3, "analytic": 9, "bulk": 2}


@pytest.fixture(scope="module")
def engines(graph: Path) -> tuple[Any, Graph]:
    """The graph of 10 k in pyoxigraph and in rdflib."""
    return answerer(graph), source.read(graph)


@pytest.mark.parametrize("query", mix(), ids=lambda query: str(query.name))
def test_every_query_has_an_answer_and_rdflib_gives_the_same(query: Query, engines: tuple[Any, Graph]) -> None:
    answer, graph = engines
    expected = answer(query.sparql, query.media_type)
    theirs = graph.query(query.sparql).serialize(format="json" if query.media_type == ROWS else "nt") or b""
    assert answers.size(query.media_type, expected) > 0
    assert answers.difference(query.media_type, expected, theirs) == ""
    assert answers.digest(query.media_type, expected) == answers.digest(query.media_type, theirs)


def test_look_ups_ask_for_different_organizations() -> None:
    queries = lookups(50, 1000)
    assert len(set(queries)) == len(queries) == 50
    assert all(re.search(r"organization:org-\d{6} ", query) for query in queries)
    assert EXAMPLE in mix()[0].sparql


def test_runaway_queries_are_ones_the_server_takes() -> None:
    assert len(runaways()) == 4
    assert {outline(sparql).form for sparql in runaways()} == {"SELECT"}


# Answers


def _rows(*values: tuple[str, str]) -> bytes:
    bindings = [{"x": {"type": "literal", "value": value, "datatype": answers.XSD + kind}} for value, kind in values]
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": bindings}}).encode()


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (_rows(("2", "integer"), ("1", "integer")), ""),
        (_rows(("1.0", "decimal"), ("2", "integer")), "same values, written or typed otherwise"),
        (_rows(("1", "integer")), "1 rows, not 2"),
        (_rows(("1", "integer"), ("1", "integer"), ("2", "integer")), "3 rows, not 2"),
        (_rows(("1", "integer"), ("3", "integer")), "1 rows differ: 3 for 2"),
        (b"<html>", "not in the format asked for"),
    ],
)
def test_answers_are_compared_by_what_they_say(found: bytes, said: str) -> None:
    assert answers.difference(ROWS, _rows(("1", "integer"), ("2", "integer")), found) == said


def test_rows_of_large_answers_are_counted_however_they_are_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LARGEST", 0)
    compact = _rows(("1", "integer"), ('"x"', "string"), ("3", "integer"))
    pretty = json.dumps(json.loads(compact), indent=2).encode()
    cut = _rows(("1", "integer"))
    assert rounds._difference(ROWS, compact, pretty) == ""
    assert rounds._difference(ROWS, compact, cut) == "1 rows, not 3"
    assert rounds._difference(ROWS, compact, b"<html>") == "0 rows, not 3"
    assert rounds._difference(STATEMENTS, b"a\nb\n", b"a\n") == "1 rows, not 2"


def test_old_typed_literals_and_strings_are_the_same() -> None:
    term = {"type": "typed-literal", "value": "a", "datatype": answers.XSD + "string"}
    old = json.dumps({"results": {"bindings": [{"x": term}]}}).encode()
    new = json.dumps({"results": {"bindings": [{"x": {"type": "literal", "value": "a"}}]}}).encode()
    assert answers.difference(ROWS, new, old) == ""


def test_statements_are_compared_as_a_set() -> None:
    one, other = b"<a:a> <a:b> <a:c> .\n", b'<a:a> <a:b> "x"@EN .\n'
    assert answers.difference(STATEMENTS, one + other, other.lower() + one + one) == ""
    assert answers.difference(STATEMENTS, one, other) == "1 rows differ: a:a a:b x for a:a a:b a:c"


# Measuring


class _Fake(Peer):
    name, title = "fake", "Fake"
    starts = 0

    def start(self) -> float:
        self.starts += 1
        return 0.0

    def stop(self) -> None:
        return None

    def wake(self) -> None:
        return None

    def ask(self, query: Query) -> Answer:
        if query.name == "slow":
            raise TooSlow
        if query.name == "wrong":
            raise Failed("status 500")
        return Answer(b"<a:a> <a:b> <a:c> .\n", 0.002)


def _queries(*names: str) -> list[Query]:
    return [Query(name, name, "lookup", "", STATEMENTS) for name in names]


def test_what_is_slow_or_fails_is_asked_once_and_named(tmp_path: Path) -> None:
    peer = _Fake(tmp_path, tmp_path, 60)
    plan = rounds.Plan(warm=0, rounds=2, slice=0.01)
    records = rounds.measure([peer], _queries("fine", "slow", "wrong"), plan)["fake"]
    assert records["slow"].summary() == {"failed": ">60 s"}
    assert records["wrong"].summary() == {"failed": "status 500"}
    assert peer.starts == 1  # started anew, or it would work on
    fine = records["fine"].summary()
    assert (fine["median"], fine["samples"], fine["differs"]) == (2.0, 10, "")


def test_every_peer_is_first_in_turn(tmp_path: Path) -> None:
    peers = [_Fake(tmp_path, tmp_path, number) for number in range(3)]
    assert [[peer.limit for peer in rounds.rotated(peers, turn)] for turn in (0, 1, 5)] == [
        [0, 1, 2],
        [1, 2, 0],
        [2, 0, 1],
    ]


def test_a_run_of_the_floor_alone_gives_a_whole_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "missing", lambda: "not here")
    monkeypatch.setattr(run, "QUICK", rounds.Plan(warm=0, rounds=1, slice=0.001))
    arguments = run._arguments(["--quick", "--peers", "bare", "--work", str(tmp_path)])
    result = run.compare("10k", arguments)
    assert set(result["peers"]) == {"bare"}
    assert all(figures["median"] > 0 for figures in result["peers"]["bare"]["queries"].values())
    tables = report.tables_of(json.loads(json.dumps(result)))
    assert "| q14-big-select |" in tables
    assert "not measured" in tables
    assert str(tmp_path) not in json.dumps(result)


def test_every_peer_is_there_or_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.peers.base.program", lambda _: "")
    monkeypatch.setattr("benchmarks.peers.fuseki._jar", lambda: None)
    reasons = {name: peer.missing() for name, peer in PEERS.items()}
    assert [name for name, reason in reasons.items() if not reason] == ["bare", *run.OURS]
    assert all(reason.startswith("not installed: ") for reason in reasons.values() if reason)


def test_graphs_too_large_for_a_peer_are_named() -> None:
    assert "above" in run._described("rdflib-endpoint", 10_000_000)["missing"]


def test_the_flat_graph_has_every_statement_without_its_graph(graph: Path, tmp_path: Path) -> None:
    flatten(graph, tmp_path / "flat.nt")
    triples = {str(triple) for triple in ox.parse(path=str(tmp_path / "flat.nt"), format=ox.RdfFormat.N_TRIPLES)}
    assert triples == {str(quad.triple) for quad in ox.parse(path=str(graph), format=ox.RdfFormat.N_QUADS)}


# The client


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"GET")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"]))[:4])

    def log_message(self, *_: object) -> None:
        return None

    def _answer(self, body: bytes) -> None:
        body += f" {self.client_address[1]}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def echo() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_short_queries_go_by_get_and_long_ones_by_post_over_one_connection(echo: int) -> None:
    with Client(echo, 5) as client:
        short = client.query("/sparql", "ASK {}", ROWS).body.split()
        long = client.query("/sparql", "#" * LONGEST_GET + "\nASK {}", ROWS).body.split()
    assert (short[0], long[0]) == (b"GET", b"quer")
    assert short[1] == long[1]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", ConnectionResetError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", ConnectionResetError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", ConnectionResetError),
        (b"220 mail\r\n\r\n", ConnectionError),
    ],
)
def test_what_is_no_whole_answer_is_not_taken_for_one(sent: bytes, error: type[OSError]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Client(server.getsockname()[1], 5) as client:

        def serve() -> None:
            for answer in (sent, b"HTTP/1.1 204 No Content\r\n\r\n"):
                with server.accept()[0] as connection:
                    connection.recv(1 << 16)
                    connection.sendall(answer)

        Thread(target=serve, daemon=True).start()
        with pytest.raises(error):
            client.get("/")
        assert client.get("/").status == 204  # over a new connection


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Client(server.getsockname()[1], 0.1)
        with pytest.raises(TimeoutError):
            client.get("/")


# Processes


def test_a_server_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    server = processes.Server(["sh", "-c", "sleep 60 & wait"], tmp_path / "log")
    deadline = time.monotonic() + 10
    while len(processes.tree(server.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    pids = processes.tree(server.pid)
    assert len(pids) == 2
    assert processes.open_files(pids) >= 6
    assert processes.memory(pids) > 0
    assert processes.resident(server.pid) > 0
    server.stop()
    time.sleep(0.2)
    assert not any("sleep" in processes.command_line(pid) for pid in pids)


def test_what_a_process_says_last_holds_no_path_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"failed: cannot read … at all$"):
        processes.run([sys.executable, "-c", "print('cannot read /some/where.nq at all'); exit(3)"], tmp_path / "log")


# What the server withstands


@pytest.fixture(scope="module")
def ours(graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Our server on the graph of 10 k, its cache off."""
    with serving(graph, environment={"CFIT_CACHE_MB": "0"}, work=tmp_path_factory.mktemp("server")) as server:
        yield server


def test_light_requests_are_timed_idle_and_beside_runaways(ours: Serving) -> None:
    found = interference.measure(ours, turns=1, seconds=0.3, count=2)
    assert set(found["requests"]) == {"entity page", "look-up"}
    assert all(figures["ratio"] > 0 and figures["busy"]["requests"] for figures in found["requests"].values())
    assert sum(found["ended"].values()) >= 2


def test_runaways_leave_nothing_behind(ours: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runaway_queries, "SETTLE", 2.0)
    found = runaway_queries.measure(ours, count=16, parallel=4, timeout="0.2")
    assert found["ended"] == {"hung up on": 8, "status 504": 8}
    assert found["after"]["processes"] <= found["before"]["processes"]


def test_a_large_result_is_read_to_its_end(ours: Serving) -> None:
    found = stream.measure(ours, next(query for query in mix() if query.name == "q13-dump"))
    assert (found["status"], found["mb"] > 1) == (200, True)
    assert found["first_s"] <= found["s"]
    assert all(found[when]["web_mb"] > 0 for when in ("before", "during", "after"))


def test_the_most_memory_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, seen = iter([3.0, 7.0, 5.0]), Event()

    def takes(_server: object) -> dict[str, float]:
        if megabytes := next(taken, 0.0):
            return {"web_mb": megabytes}
        seen.set()
        return {"web_mb": 1.0}

    monkeypatch.setattr(stream, "_takes", takes)
    server: Any = None
    with stream.watched(server) as most:
        assert seen.wait(60)
    assert most == {"web_mb": 7.0}


def test_lists_are_compared_with_a_look_up(ours: Serving) -> None:
    found = lists.measure(ours, rounds=2)
    assert list(found) == list(lists.ADDRESSES)
    assert all(figures["first_ms"] > 0 and figures["ratio"] > 0 for figures in found.values())


def test_batches_of_names_are_timed_and_look_ups_meanwhile(ours: Serving) -> None:
    found = reconcile.measure(ours, rounds=2)
    assert len(found["batches"]) == 3
    assert all(figures["s"] > 0 for figures in found["batches"].values())
    assert found["lookups"]["busy_ms"] > 0 < found["lookups"]["idle_ms"]


def test_no_answer_is_wrong_while_processes_are_killed(
    ours: Serving, graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soak, "SETTLE", 0.0)
    found = soak.Soak(ours, soak.expectations(graph, 10_000), kill_every=0.1).run(2)
    assert (found["wrong"], found["hung"], found["alive"]) == (0, 0, True)
    assert found["right"] > 20
    assert found["killed"] > 2


@pytest.mark.parametrize(
    "name", ["generate", "interference", "lists", "reconcile", "run", "runaways", "soak", "stream"]
)
def test_every_command_says_what_it_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        importlib.import_module(f"benchmarks.{name}").main(["--help"])
    assert f"python -m benchmarks.{name}" in capsys.readouterr().out


# Targets and report


def _result(ours: float, **others: float) -> dict[str, Any]:
    medians = {"cfit": ours, **{name.replace("_", "-"): value for name, value in others.items()}}
    kinds = {query.name: query.kind for query in mix()}
    peers = {
        name: {
            "title": name,
            "note": "a note",
            "memory": 1.0,
            "start": 1.0,
            "queries": {query: {"median": median, "p95": median, "differs": ""} for query in kinds},
        }
        for name, median in medians.items()
    }
    return {"size": "10k", "statements": 10_000, "kinds": kinds, "peers": peers, "lookups": {}, **machine.facts()}


def test_targets_are_met_or_not_by_the_figures() -> None:
    good = _result(1.0, bare=0.6, oxigraph_memory=0.9, oxigraph_disk=2.0, rdflib_endpoint=11.0)
    assert [verdict.met for verdict in targets.verdicts(good)] == [True] * 5 + [None, None]
    bad = _result(1.0, bare=0.4, oxigraph_memory=0.8, oxigraph_disk=0.9, rdflib_endpoint=9.0)
    bad["peers"]["cfit"]["queries"]["q03-count-by-type"]["differs"] = "1 rows, not 2"
    assert [verdict.met for verdict in targets.verdicts(bad)] == [False] * 5 + [None, None]
    assert targets.verdicts(bad)[0].found == "13 of 14; not q03"


def test_it_is_said_where_a_target_is_beyond_others_too() -> None:
    result = _result(1.5, bare=0.4, oxigraph_memory=0.5, rdflib_endpoint=11.0)
    for name, slow in (("oxigraph-memory", "q04-timeline"), ("bare", "q08-path")):
        result["peers"][name]["queries"][slow]["median"] = 1.2
    said = [remark for remark in targets.remarks(result) if "by our targets" in remark]
    assert [remark.rpartition(": ")[2] for remark in said] == ["13 of 14; not q04.", "13 of 14; not q08."]


def test_throughput_is_judged_against_oxigraph_in_memory() -> None:
    result = _result(1.0)
    figures = {"cfit-cached": 150, "cfit": 49, "cfit-two": 90, "oxigraph-memory": 100}
    result["lookups"] = {
        name: {"per_second": value, "p50": 1, "p95": 1, "failed": 0} for name, value in figures.items()
    }
    assert [verdict.met for verdict in targets.verdicts(result)][-2:] == [True, False]
    result["lookups"]["cfit-cached"]["failed"] = 3
    assert targets.verdicts(result)[-2].met is False


def test_what_took_too_long_counts_as_the_limit() -> None:
    result = _result(1.0, rdflib_endpoint=5.0)
    result["peers"]["rdflib-endpoint"]["queries"]["q02-list-page"] = {"failed": ">60 s"}
    assert targets.times(result, "rdflib-endpoint")["q02-list-page"] == 60_000


def test_the_page_says_who_is_missing_who_differs_and_who_wins() -> None:
    result = _result(1.0, bare=0.5, virtuoso=0.5)
    result["peers"]["virtuoso"]["queries"]["q10-describe"]["differs"] = "16 rows, not 14"
    result["peers"]["virtuoso"]["queries"]["q13-dump"] = {"failed": "status 500: too large"}
    result["peers"]["fuseki"] = {"title": "Fuseki", "note": "", "missing": "not installed: java (Debian)"}
    tables = report.tables_of(result)
    assert "- Fuseki: missing. not installed: java (Debian)." in tables
    assert "† virtuoso, q10-describe: 16 rows, not 14." in tables
    assert "virtuoso, q13-dump: failed, status 500: too large." in tables
    assert "virtuoso is faster than cfit on q01," in tables


def test_results_are_put_into_the_page_between_their_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", "utf-8")
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    report.save("comparison-10k", _result(1.0), tmp_path)
    report.rewrite()
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith(f"{report.END}\nafter\n")
    assert "old" not in text
    assert "### 10k statements" in text


def test_the_page_has_the_tables_of_all_saved_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = report.PAGE.read_text("utf-8")
    emptied = text
    for begin, end in ((report.BEGIN, report.END), report.VALIDATION):
        emptied = emptied.replace(text.partition(begin)[2].partition(end)[0], "")
    assert len(emptied) < len(text)
    page = tmp_path / "page.md"
    page.write_text(emptied, "utf-8")
    monkeypatch.setattr(report, "PAGE", page)
    report.rewrite()
    report.rewrite_validation()
    assert page.read_text("utf-8") == text


def test_what_is_published_names_no_path_or_address() -> None:
    published = [report.PAGE, *report.RESULTS.glob("*.json")]
    for path in published:
        text = path.read_text("utf-8")
        assert not re.search(r"(?<![\w.-])/(home|root|tmp|work|usr|opt)/|\bhttps?://", text), path
    text = report.PAGE.read_text("utf-8")
    assert report.BEGIN in text
    assert report.END in text
