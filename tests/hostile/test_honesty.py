"""Never a silent cut: an answer that fails after its first byte is visibly not complete, in every format and coding."""

from __future__ import annotations

import http.client
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from cfit_graph.store.formats import ANSWERS
from tests.hostile import DRIP, ENDLESS, LIGHT, LIGHT_ANSWER, STREAM
from tests.hostile.processes import eventually, kill, workers
from tests.hostile.serving import address

if TYPE_CHECKING:
    from tests.hostile.serving import Reply, Server

GRAPH = f"CONSTRUCT {{ <http://x/a> ?p ?text }} {{ {{ {DRIP} }} }}"
ROWS = "SELECT (SHA512(CONCAT(STR(?b), STR(?d))) AS ?text) { ?a ?p ?b . ?c ?q ?d }"
TRIPLES = "CONSTRUCT { ?a ?p ?text } { ?a ?p ?b . ?c ?q ?d BIND(SHA512(CONCAT(STR(?b), STR(?d))) AS ?text) }"
JSON, CSV, TURTLE = "application/sparql-results+json", "text/csv", "text/turtle"
EACH = [(ROWS, answer.media_type) for answer in ANSWERS["SELECT"]]
EACH += [(TRIPLES, answer.media_type) for answer in ANSWERS["CONSTRUCT"]]
CODINGS = ["identity", "gzip", "br"]


def _ask(server: Server, sparql: str, accept: str, coding: str = "identity", **more: str) -> Reply:
    return server.request("GET", address(sparql, **more), Accept=accept, Accept_Encoding=coding)


@pytest.mark.parametrize(("sparql", "accept"), EACH, ids=[accept for _, accept in EACH])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_result_over_the_limit_never_looks_whole(server: Server, sparql: str, accept: str, coding: str) -> None:
    reply = _ask(server, sparql, accept, coding)
    if reply.status == 200:
        assert reply.body
        assert not reply.is_complete
        assert "content-length" not in reply.headers
    else:  # compressed, it failed before anything was sent
        assert (reply.status, reply.kind, coding != "identity") == (400, "result-too-large", True)


@pytest.mark.parametrize("accept", [JSON, CSV])
def test_a_deadline_on_the_way_is_seen(server: Server, accept: str) -> None:
    reply = _ask(server, DRIP, accept, timeout="2")
    assert (reply.status, reply.is_complete) == (200, False)


@pytest.mark.parametrize(
    ("sparql", "accept", "coding"),
    [
        (DRIP, JSON, "identity"),
        (DRIP, CSV, "gzip"),
        (GRAPH, TURTLE, "identity"),
        (GRAPH, "application/n-triples", "gzip"),
    ],
)
def test_a_worker_that_dies_on_the_way_is_seen(server: Server, sparql: str, accept: str, coding: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", address(sparql), headers={"Accept": accept, "Accept-Encoding": coding})
    response = connection.getresponse()
    assert response.status == 200
    assert response.read(1)
    kill(*workers(server.pid))
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    connection.close()
    server.is_well()


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
@pytest.mark.parametrize("option", ["--compressed", "--http1.1", "--http1.0"])
def test_curl_fails(server: Server, option: str) -> None:
    url = f"http://127.0.0.1:{server.port}{address(STREAM)}"
    command = ["curl", "--silent", "--fail", option, "--max-time", "20", "--output", "/dev/null", url]
    code = subprocess.run(command).returncode
    assert code in {18, 22, 56}  # a part of a file, an HTTP error, a broken connection


def _http_1_0(server: Server, path: str, method: str = "GET") -> tuple[int, http.client.HTTPMessage, bytes]:
    with server.raw(f"{method} {path} HTTP/1.0\nAccept: text/csv\n\n") as connection:
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        return response.status, response.headers, response.read()


@pytest.mark.parametrize(
    ("sparql", "rows"), [("SELECT * { ?a ?p ?b } LIMIT 3", 3), (f"{STREAM} LIMIT 9000", 9_000), (LIGHT, 1)]
)
def test_http_1_0_has_the_whole_and_its_length(server: Server, sparql: str, rows: int) -> None:
    status, headers, body = _http_1_0(server, address(sparql))
    assert status == 200
    assert int(headers["Content-Length"]) == len(body)
    assert "Transfer-Encoding" not in headers
    assert body.count(b"\r\n") == rows + 1


@pytest.mark.parametrize(
    ("sparql", "more", "status", "kind"),
    [(STREAM, {}, 400, b"result-too-large"), (DRIP, {"timeout": "2"}, 504, b"query-timed-out")],
)
def test_http_1_0_has_a_problem_and_never_a_part(
    server: Server, sparql: str, more: dict[str, str], status: int, kind: bytes
) -> None:
    told, headers, body = _http_1_0(server, address(sparql, **more))
    assert told == status
    assert int(headers["Content-Length"]) == len(body)
    assert kind in body


@pytest.mark.parametrize(
    ("method", "sparql", "headers", "status"),
    [
        ("GET", LIGHT, {"If-None-Match": "*"}, 304),
        ("HEAD", LIGHT, {}, 200),
        ("HEAD", f"{STREAM} LIMIT 9000", {}, 200),
        ("HEAD", LIGHT, {"If-None-Match": "*"}, 304),
        ("GET", LIGHT, {"Accept": "image/png"}, 406),
        ("HEAD", LIGHT, {"Accept": "image/png"}, 406),
        ("GET", "SELECT", {}, 400),
        ("OPTIONS", LIGHT, {}, 204),
        ("PUT", LIGHT, {}, 405),
        ("GET", f"{STREAM} LIMIT 9000", {}, 200),
    ],
)
def test_a_connection_goes_on_after_any_answer(
    server: Server, method: str, sparql: str, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.connect()
    opened = connection.sock
    for _ in range(2):
        connection.request(method, address(sparql), headers={"Accept": "text/csv"} | headers)
        response = connection.getresponse()
        body = response.read()
        assert response.status == status
        assert not (body and (method == "HEAD" or status in {204, 304}))
    connection.request("GET", address(LIGHT), headers={"Accept": "text/csv"})
    assert connection.getresponse().read() == LIGHT_ANSWER
    assert connection.sock is opened
    connection.close()


def test_answers_that_were_asked_for_at_once_come_in_order(server: Server) -> None:
    request = "GET {} HTTP/1.1\nHost: x\nAccept: text/csv\nConnection: {}\n\n"
    with server.raw(
        request.format(address(f"{STREAM} LIMIT 9000"), "keep-alive") + request.format(address(LIGHT), "close")
    ) as connection:
        received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.endswith(LIGHT_ANSWER)


def _long(server: Server) -> float:
    return server.metrics()["cfit_queries_now{lane=long}"]


@pytest.mark.parametrize("accept", ["text/csv", "text/html"])
def test_a_query_ends_when_its_client_hangs_up(server: Server, accept: str) -> None:
    eventually(lambda: _long(server) == 0, 5)
    connection = server.raw(f"GET {address(ENDLESS)} HTTP/1.1\nHost: x\nAccept: {accept}\n\n")
    eventually(lambda: _long(server) == 1, 5)
    connection.close()
    eventually(lambda: _long(server) == 0, 3)
