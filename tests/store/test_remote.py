"""A remote store against an endpoint that misbehaves: a result is complete, or an error says why there is none."""

from __future__ import annotations

import gc
import json
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cfit_graph.errors import (
    CfitError,
    NotAcceptable,
    Overloaded,
    QueryForbidden,
    QuerySyntaxError,
    QueryTimedOut,
    QueryTooLarge,
    ResultTooLarge,
    StoreUnavailable,
    UpdateRefused,
    UsageError,
)
from cfit_graph.store import GraphSelection, Limits, remote
from cfit_graph.store.formats import ANSWERS
from cfit_graph.store.remote import RemoteStore
from tests.store.fake_endpoint import JSON, N_TRIPLES, TRIPLE, FakeEndpoint, fake_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

SELECT = "SELECT ?o { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT WHERE { ?s ?p ?o }"
ASK = "ASK { ?s ?p ?o }"
SHORT = Limits(seconds=0.5)
SOON = 3.0
SELECT_TYPES = [answer.media_type for answer in ANSWERS["SELECT"]]
GRAPH_TYPES = [answer.media_type for answer in ANSWERS["CONSTRUCT"]]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[FakeEndpoint]:
    with fake_endpoint() as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_left_open(endpoint: FakeEndpoint) -> Iterator[None]:
    """Fail a test that leaves a connection or a thread; the endpoint's own end once the client hangs up."""
    port = endpoint.server_address[1]
    before = _open(port)
    yield
    ends = time.monotonic() + SOON
    while _open(port) != before and time.monotonic() < ends:
        time.sleep(0.01)
    assert _open(port) == before


def _open(port: int) -> tuple[int, int]:
    """Return how many sockets of this process have that port at one of their ends, and how many threads there are.

    Others of this process are not ours to count: an application that other tests share may open some meanwhile.
    """
    sockets = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    having = {f"socket:[{it[9]}]" for it in sockets if f":{port:04X}" in (it[1][-5:], it[2][-5:])}
    return sum(link in having for link in _links()), threading.active_count()


def _links() -> Iterator[str]:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - a listing that opens no more than it must
        with suppress(OSError):
            yield os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115


def _ask(
    endpoint: FakeEndpoint, name: str, sparql: str = SELECT, media_type: str = "", limits: Limits = SHORT
) -> bytes:
    default = N_TRIPLES if sparql == CONSTRUCT else JSON
    return b"".join(RemoteStore(endpoint.address(name)).query(sparql, media_type or default, limits=limits))


def _error(endpoint: FakeEndpoint, name: str, sparql: str = SELECT, media_type: str = "") -> CfitError:
    started = time.monotonic()
    with pytest.raises(CfitError) as caught:
        _ask(endpoint, name, sparql, media_type)
    assert time.monotonic() - started < SOON
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()
    return caught.value


def test_the_request_is_a_form_that_asks_for_one_format(endpoint: FakeEndpoint) -> None:
    _ask(endpoint, "good", "# why\nSELECT ?o { ?s ?p ?o }", "text/csv")
    request = endpoint.requests[-1]
    assert request.line == "POST /good HTTP/1.1\r\n"
    assert request.headers["accept"] == JSON
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["user-agent"].startswith("cfit-graph/")
    assert request.form.keys() == {"query", "union-default-graph"}
    (sent,) = request.form["query"]
    assert sent == "BASE <https://w3id.org/cfit/>\n# why\nSELECT ?o { ?s ?p ?o }"


def test_a_dataset_in_the_query_is_not_covered_by_the_union(endpoint: FakeEndpoint) -> None:
    _ask(endpoint, "good", "SELECT ?o FROM <http://x/1> { ?s ?p ?o }")
    assert endpoint.requests[-1].form.keys() == {"query"}


@pytest.mark.parametrize("name", ["good", "good-parameters", "good-chunked", "good-unframed", "virtuoso"])
def test_complete_rows_are_taken(endpoint: FakeEndpoint, name: str) -> None:
    assert _ask(endpoint, name, media_type="text/csv") == b"o\r\nx\r\nx\r\n"


def test_complete_graphs_and_booleans_are_taken(endpoint: FakeEndpoint) -> None:
    assert _ask(endpoint, "good-graph", CONSTRUCT) == TRIPLE
    assert TRIPLE in _ask(endpoint, "good-graph", CONSTRUCT, "text/turtle")
    assert _ask(endpoint, "empty-graph", CONSTRUCT) == b""
    assert json.loads(_ask(endpoint, "good-ask", ASK))["boolean"] is True


def test_old_literals_are_read_and_written_as_they_are_today(endpoint: FakeEndpoint) -> None:
    answer = json.loads(_ask(endpoint, "typed-literal"))
    (row,) = answer["results"]["bindings"]
    assert row["o"] == {"type": "literal", "value": "01", "datatype": "http://www.w3.org/2001/XMLSchema#integer"}
    assert answer["head"] == {"vars": ["o"]}


BROKEN = [
    "partial-unframed",
    "partial-with-length",
    "partial-chunks",
    "broken-chunk",
    "longer",
    "cancelled",
    "cancelled-at-once",
    "cancelled-after-end",
    "max-rows",
    "sql-state",
    "login",
    "no-type",
    "other-kind",
    "not-an-iri",
    "not-utf-8",
    "206",
    "204",
]
BROKEN_GRAPHS = ["longer-graph", "unframed-graph", "partial-graph", "partial-graph-chunks", "cancelled-graph", "login"]


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("media_type", SELECT_TYPES)
def test_rows_that_may_not_be_complete_are_refused(endpoint: FakeEndpoint, name: str, media_type: str) -> None:
    error = _error(endpoint, name, SELECT, media_type)
    assert isinstance(error, StoreUnavailable)
    assert str(error).startswith(f"The answer of {endpoint.address(name)} is not taken: ")


@pytest.mark.parametrize("name", [*BROKEN_GRAPHS, "virtuoso-graph"])
@pytest.mark.parametrize("media_type", GRAPH_TYPES)
def test_graphs_that_may_not_be_complete_are_refused(endpoint: FakeEndpoint, name: str, media_type: str) -> None:
    assert isinstance(_error(endpoint, name, CONSTRUCT, media_type), StoreUnavailable)


@pytest.mark.parametrize("name", ["partial-ask", "cancelled-ask", "good"])
def test_booleans_that_may_not_be_complete_are_refused(endpoint: FakeEndpoint, name: str) -> None:
    assert isinstance(_error(endpoint, name, ASK), StoreUnavailable)


@pytest.mark.parametrize(("name", "sparql"), [("good", ASK), ("good-ask", SELECT)])
def test_the_error_on_an_answer_of_another_form_can_end_in_any_thread(
    endpoint: FakeEndpoint, name: str, sparql: str
) -> None:
    gc.collect()
    _error(endpoint, name, sparql)
    thread = threading.Thread(target=gc.collect)  # an answer of the engine that is ended there fails this test
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("name", "sparql", "words"),
    [
        ("cancelled", SELECT, "the endpoint stopped the query"),
        ("cancelled-graph", CONSTRUCT, "the endpoint stopped the query"),
        ("cancelled-csv", SELECT, "it is text/csv, not application/sparql-results+json"),
        ("max-rows", SELECT, "X-SPARQL-MaxRows: 10000"),
        ("sql-state", SELECT, "X-SQL-State: S1TAT"),
        ("login", SELECT, "it is text/html"),
        ("no-type", SELECT, "it is nothing said"),
        ("longer", SELECT, "breaks off"),
        ("partial-chunks", SELECT, "breaks off"),
        ("206", SELECT, "206"),
        ("virtuoso-graph", CONSTRUCT, "10000"),
        ("unframed-graph", CONSTRUCT, "Content-Length"),
    ],
)
def test_the_error_says_why(endpoint: FakeEndpoint, name: str, sparql: str, words: str) -> None:
    assert words in str(_error(endpoint, name, sparql))


@pytest.mark.parametrize("name", ["hang", "hang-inside", "drip-head", "drip-body"])
def test_the_deadline_is_for_the_whole(endpoint: FakeEndpoint, name: str) -> None:
    error = _error(endpoint, name)
    assert isinstance(error, QueryTimedOut)
    assert error.seconds == SHORT.seconds


def test_the_deadline_is_for_graphs_and_for_errors_too(endpoint: FakeEndpoint) -> None:
    assert isinstance(_error(endpoint, "hang-in-graph", CONSTRUCT), QueryTimedOut)
    assert "status 500" in str(_error(endpoint, "hang-in-error"))


def test_an_endpoint_that_takes_no_connection_runs_into_the_deadline() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):  # the queue is full, so the next connection gets no answer
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        with pytest.raises(QueryTimedOut):
            RemoteStore(f"http://127.0.0.1:{full.getsockname()[1]}/").query(SELECT, JSON, limits=SHORT)


def test_an_endpoint_that_does_not_shake_hands_runs_into_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(QueryTimedOut):
        RemoteStore(f"https://127.0.0.1:{silent.getsockname()[1]}/").query(SELECT, JSON, limits=SHORT)


def test_an_endpoint_that_speaks_no_tls_is_an_error(endpoint: FakeEndpoint) -> None:
    with pytest.raises(StoreUnavailable, match="There is no answer from https://"):
        RemoteStore(endpoint.address("good").replace("http:", "https:")).query(SELECT, JSON, limits=SHORT)


@pytest.mark.parametrize("name", ["reset", "not-http", "nothing"])
def test_connections_that_break_are_errors(endpoint: FakeEndpoint, name: str) -> None:
    assert isinstance(_error(endpoint, name), StoreUnavailable)


def test_an_endpoint_that_is_not_there_is_named() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/sparql"
    with pytest.raises(StoreUnavailable, match=f"{address}: .*refused"):
        RemoteStore(f"{address}?token=secret").query(SELECT, JSON)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("400", QuerySyntaxError, "SPARQL compiler: syntax error at 'x'"),
        ("400-place", QuerySyntaxError, 'line 2, column 5: Encountered "x"'),
        ("400-far", UsageError, "error at 999999:1: expected"),
        ("400-other", UsageError, "Too many arguments"),
        ("400-query-forbidden", QueryForbidden, "no query-forbidden"),
        ("400-bad-request", UsageError, "no bad-request"),
        ("400-no-place", QuerySyntaxError, "no query-syntax"),
        ("400-title", UsageError, "does not take the query: A title"),
        ("400-no-problem", UsageError, "does not take the query: [[["),
        ("413-query-too-large", QueryTooLarge, "no query-too-large"),
        ("503-query-too-costly", StoreUnavailable, "status 503: line 3, column 28: no query-too-costly"),
        ("503-overloaded", Overloaded, "too much to do."),
        ("401", StoreUnavailable, "status 401: Unauthorized"),
        ("403", StoreUnavailable, "status 403: Forbidden"),
        ("404", StoreUnavailable, "status 404: nothing here"),
        ("429", Overloaded, "try again in 7 s"),
        ("500", StoreUnavailable, "status 500: SELECT x"),
        ("502", StoreUnavailable, "status 502"),
        ("503", Overloaded, "too much to do."),
    ],
)
def test_a_status_becomes_our_error(endpoint: FakeEndpoint, name: str, kind: type[CfitError], words: str) -> None:
    error = _error(endpoint, name, "SELECT ?o\n{ ?s ?p ?o }")
    assert type(error) is kind
    assert words in str(error)


def test_a_problem_of_a_server_like_ours_is_told_as_its_own(endpoint: FakeEndpoint) -> None:
    error = _error(endpoint, "400-query-syntax", "# service\nSELECT * {  <service> ?p }")
    assert isinstance(error, QuerySyntaxError)
    assert (error.line, error.column, error.token) == (2, 23, "?p")  # the IRI is sent with an escape, 5 signs longer
    assert error.reason == "no query-syntax  [31m"


@pytest.mark.parametrize(
    ("name", "place"),
    [("302", "/good"), ("302-file", "file:///etc/passwd"), ("303-elsewhere", "http://example.org/"), ("307", "/good")],
)
def test_redirects_are_not_followed(endpoint: FakeEndpoint, name: str, place: str) -> None:
    before = len(endpoint.requests)
    error = _error(endpoint, name)
    assert isinstance(error, StoreUnavailable)
    assert place in str(error)
    assert len(endpoint.requests) == before + 1


def test_no_proxy_of_the_environment_is_used(endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.delenv("no_proxy", raising=False)
    assert _ask(endpoint, "good")


@pytest.mark.parametrize("name", ["flood", "flood-of-nothing"])
@pytest.mark.parametrize("media_type", SELECT_TYPES)
def test_a_flood_is_stopped(endpoint: FakeEndpoint, name: str, media_type: str) -> None:
    with pytest.raises(ResultTooLarge, match="2 MB"):
        _ask(endpoint, name, media_type=media_type, limits=Limits(seconds=20, result=2 << 20))


def test_a_result_that_grows_in_its_format_is_stopped(endpoint: FakeEndpoint) -> None:
    size = len(_ask(endpoint, "good"))
    assert _ask(endpoint, "good", media_type="text/csv", limits=Limits(result=size + 20))
    with pytest.raises(ResultTooLarge):
        _ask(endpoint, "good", media_type="application/sparql-results+xml", limits=Limits(result=size + 20))


@pytest.mark.parametrize(
    ("sparql", "media_type", "kind"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", JSON, QueryForbidden),
        ("DELETE WHERE { ?s ?p ?o }", JSON, UpdateRefused),
        ("prefix x: <http://x/> insert data { x:a x:b x:c }", JSON, UpdateRefused),
        ("SELECT * {} #" + "x" * 100_000, JSON, QueryTooLarge),
        ("SELEC * {}", JSON, QuerySyntaxError),
        ("SELECT ?o { ?s ?p '\ud800' }", JSON, QuerySyntaxError),
        (SELECT, "text/turtle", NotAcceptable),
        (ASK, "text/csv", NotAcceptable),
        (CONSTRUCT, JSON, NotAcceptable),
    ],
)
def test_what_is_refused_here_is_never_sent(
    endpoint: FakeEndpoint, sparql: str, media_type: str, kind: type[CfitError]
) -> None:
    before = len(endpoint.requests)
    with pytest.raises(kind):
        RemoteStore(endpoint.address("good")).query(sparql, media_type)
    assert len(endpoint.requests) == before


@pytest.mark.parametrize("sparql", ["prefix add: <http://x/> SELECT ?o { ?s add:p ?o }", SELECT + "\n" * 90_000])
def test_the_client_does_not_guess_at_the_form(endpoint: FakeEndpoint, sparql: str) -> None:
    started = time.monotonic()
    _ask(endpoint, "good", sparql, limits=Limits())
    assert "update" not in endpoint.requests[-1].form
    assert time.monotonic() - started < SOON


def test_a_dataset_is_looked_up_first(endpoint: FakeEndpoint) -> None:
    store = RemoteStore(endpoint.address("good"))
    with pytest.raises(UsageError, match="no graph <http://x/1> at http"):
        store.query(SELECT, JSON, dataset=GraphSelection(("http://x/1",), ("http://x/2",)))
    assert endpoint.requests[-1].form["named-graph-uri"] == ["http://x/1", "http://x/2"]
    with pytest.raises(UsageError, match="absolute IRI"):
        store.query(SELECT, JSON, dataset=GraphSelection(("x y",)))
    with pytest.raises(StoreUnavailable, match="no answer to SELECT"):
        RemoteStore(endpoint.address("good-ask")).query(ASK, JSON, dataset=GraphSelection(("http://x/1",)))


def test_virtuoso_is_not_given_a_dataset_twice(endpoint: FakeEndpoint) -> None:
    store, dataset = RemoteStore(endpoint.address("virtuoso-dataset")), GraphSelection(("http://x/1",))
    assert b"".join(store.query(SELECT, "text/csv", dataset=dataset)) == b"graph\r\nhttp://x/1\r\n"
    with pytest.raises(UsageError, match="puts FROM before the dataset of the request"):
        store.query("SELECT ?o FROM <http://x/2> { ?s ?p ?o }", JSON, dataset=dataset)


@pytest.mark.parametrize(
    "address",
    ["", "x", "file:///etc/passwd", "ftp://x/", "http://", "http://u:p@x/", "http://x:y/", "http://a b/", "http://é/"],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(UsageError, match="http://"):
        RemoteStore(address)


def test_large_results_come_in_pieces_from_a_file_that_is_closed(
    endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "KEPT", 10)
    monkeypatch.setattr(remote, "PIECE", 4)
    store = RemoteStore(endpoint.address("good"))
    assert list(store.query(SELECT, "text/csv")) == [b"o\r\nx", b"\r\nx\r", b"\n"]
    given = store.query(SELECT, "text/csv")
    assert next(given) == b"o\r\nx"
    given.close()  # type: ignore[attr-defined]
    store.query(SELECT, "text/csv")
    with pytest.raises(StoreUnavailable):
        RemoteStore(endpoint.address("cancelled")).query(SELECT, "text/csv")
