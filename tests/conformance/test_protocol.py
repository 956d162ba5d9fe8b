"""The SPARQL 1.1 Protocol over a socket: the cases of the W3C test suite (by their names there), and SP-01 to SP-11.

Written from the specification. Where the suite asks for an update to work, ours asks that it is refused and that
nothing has changed.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from cfit_graph.settings import Settings
from cfit_graph.store.lexer import MAX_LENGTH
from tests.web import problem

if TYPE_CHECKING:
    import httpx2
    from starlette.testclient import TestClient

EX = "http://example.org/"
DATA1, DATA2, DATA3 = (f"{EX}data{number}" for number in (1, 2, 3))
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}
UPDATE = {"Content-Type": "application/sparql-update"}
BOTH = f"ASK {{ <{DATA1}> a ?type . <{DATA2}> a ?type }}"
NAMED = f"ASK {{ GRAPH ?g1 {{ <{DATA1}> a ?t1 }} GRAPH ?g2 {{ <{DATA2}> a ?t2 }} }}"
FULL = f"ASK {{ <{DATA3}> a ?t3 GRAPH ?g1 {{ <{DATA1}> a ?t1 }} GRAPH ?g2 {{ <{DATA2}> a ?t2 }} }}"
NUMBERS = "VALUES ?{} {{ 0 1 2 3 4 5 6 7 8 9 }}"
SLOW = f"SELECT (COUNT(*) AS ?n) {{ {' '.join(NUMBERS.format(name) for name in 'abcdefgh')} FILTER(?a + ?h > 17) }}"


def _graphs(*, default: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"default-graph-uri": list(default), "named-graph-uri": list(named)}


def _ask(http: httpx2.Client, how: str, query: str, graphs: dict[str, Any] | None = None) -> httpx2.Response:
    """Send a query in one of the three ways of section 2.1."""
    if how == "get":
        return http.get("/sparql", params={"query": query} | (graphs or {}))
    if how == "form":
        return http.post("/sparql", data={"query": query} | (graphs or {}))
    return http.post("/sparql", content=query, headers=QUERY, params=graphs or {})


EVERY_WAY = pytest.mark.parametrize("how", ["get", "form", "direct"])


@EVERY_WAY
def test_query_get_post_form_post_direct(http: httpx2.Client, how: str) -> None:
    for graphs in (None, _graphs(default=(DATA1,))):
        response = _ask(http, how, "ASK {}", graphs)
        assert response.status_code == 200
        assert response.json()["boolean"] is True


def test_query_post_form_takes_graphs_from_the_address(http: httpx2.Client) -> None:
    asked = {"query": f"ASK {{ <{DATA1}> ?p ?o }}"}
    for graph, expected in ((DATA1, True), (DATA2, False)):
        response = http.post("/sparql", params={"default-graph-uri": graph}, data=asked)
        assert response.json()["boolean"] is expected


@EVERY_WAY
@pytest.mark.parametrize(
    ("query", "graphs", "expected"),
    [
        pytest.param(f"ASK {{ <{DATA1}> a ?t }}", _graphs(default=(DATA1,)), True, id="query_dataset_default_graph"),
        pytest.param(f"ASK {{ <{DATA2}> a ?t }}", _graphs(default=(DATA1,)), False, id="no_other_graph"),
        pytest.param(BOTH, _graphs(default=(DATA1, DATA2)), True, id="query_dataset_default_graphs"),
        pytest.param(BOTH, _graphs(default=(DATA1, DATA3)), False, id="not_those_graphs"),
        pytest.param(NAMED, _graphs(named=(DATA1, DATA2)), True, id="query_dataset_named_graphs"),
        pytest.param(BOTH, _graphs(named=(DATA1, DATA2)), False, id="named_graphs_leave_the_default_graph_empty"),
        pytest.param(NAMED, _graphs(default=(DATA1, DATA2)), False, id="default_graphs_leave_no_named_graph"),
        pytest.param(FULL, _graphs(default=(DATA3,), named=(DATA1, DATA2)), True, id="query_dataset_full"),
        pytest.param(FULL, _graphs(default=(DATA1,), named=(DATA3, DATA2)), False, id="full_but_other"),
    ],
)
def test_query_dataset(http: httpx2.Client, how: str, query: str, graphs: dict[str, Any], expected: bool) -> None:
    response = _ask(http, how, query, graphs)
    assert response.status_code == 200, response.text
    assert response.json()["boolean"] is expected


@EVERY_WAY
def test_query_multiple_dataset(http: httpx2.Client, how: str) -> None:
    by_query = NAMED.replace("ASK", f"ASK FROM <{DATA3}>")
    assert _ask(http, how, by_query, _graphs(named=(DATA1, DATA2))).json()["boolean"] is True
    assert _ask(http, how, by_query).json()["boolean"] is False
    assert _ask(http, how, f"ASK FROM <{DATA1}> {{ <{DATA1}> ?p ?o }}", _graphs(default=(DATA2,))).json() == {
        "head": {},
        "boolean": False,
    }


def test_from_names_the_dataset_where_the_request_names_none(http: httpx2.Client) -> None:
    query = FULL.replace("ASK", f"ASK FROM <{DATA3}> FROM NAMED <{DATA1}> FROM NAMED <{DATA2}>")
    assert _ask(http, "get", query).json()["boolean"] is True
    assert _ask(http, "get", query.replace("GRAPH ?g1", f"GRAPH <{DATA3}>")).json()["boolean"] is False


@EVERY_WAY
@pytest.mark.parametrize(
    ("query", "media_types"),
    [
        pytest.param("SELECT (1 AS ?value) {}", "application/sparql-results+json", id="query_content_type_select"),
        pytest.param("ASK {}", "application/sparql-results+json", id="query_content_type_ask"),
        pytest.param(f"DESCRIBE <{EX}>", "text/turtle; charset=utf-8", id="query_content_type_describe"),
        pytest.param("CONSTRUCT { <s> <p> 1 } {}", "text/turtle; charset=utf-8", id="query_content_type_construct"),
    ],
)
def test_query_content_type(http: httpx2.Client, how: str, query: str, media_types: str) -> None:
    response = _ask(http, how, query, _graphs(default=(DATA1,)))
    assert response.status_code == 200
    assert response.headers["content-type"] == media_types


def test_relative_iris_have_a_base(http: httpx2.Client) -> None:  # the query's side of update_base_uri, SP-09
    (row,) = _ask(http, "get", "SELECT (<test> AS ?o) {}").json()["results"]["bindings"]
    assert row["o"]["value"].startswith("http")
    (row,) = _ask(http, "get", f"BASE <{EX}> SELECT (<test> AS ?o) {{}}").json()["results"]["bindings"]
    assert row["o"]["value"] == f"{EX}test"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])  # bad_query_method uses PUT
def test_bad_query_method(http: httpx2.Client, method: str) -> None:
    response = http.request(method, "/sparql", params={"query": "ASK {}"}, headers=FORM)
    problem(response, 405, "method-not-allowed")
    assert set(response.headers["allow"].split(", ")) >= {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("method", "address", "body", "headers"),
    [
        pytest.param("GET", "?query=ASK%20%7B%7D&query=SELECT%20%2A%20%7B%7D", b"", {}, id="bad_multiple_queries"),
        pytest.param("POST", "", b"query=ASK%20%7B%7D&query=ASK%20%7B%7D", FORM, id="bad_multiple_queries_form"),
        pytest.param("POST", "?query=ASK%20%7B%7D", b"query=ASK%20%7B%7D", FORM, id="one_in_address_one_in_form"),
        pytest.param("POST", "?query=ASK%20%7B%7D", b"ASK {}", QUERY, id="one_in_address_one_sent"),
        pytest.param("GET", "?default-graph-uri=http://example.org/data1", b"", {}, id="parameters_but_no_query"),
        pytest.param("POST", "", b"", FORM, id="empty_form"),
        pytest.param("POST", "", b"format=csv", FORM, id="form_without_query"),
        pytest.param("GET", "?query=ASK%20%7B%20%3Fs%20%3Fp%20%22%FF%22%20%7D", b"", {}, id="not_utf8_in_address"),
        pytest.param("GET", "?query=ASK%20%7B%7D&version=1.1&version=1.1", b"", {}, id="two_versions"),
        pytest.param("GET", "?query=ASK%20%7B%7D&timeout=5&timeout=5", b"", {}, id="two_timeouts"),
        pytest.param("GET", "?query=ASK%20%7B%7D&format=docx", b"", {}, id="no_such_format"),
        pytest.param("GET", "?query=ASK%20%7B%7D&format=json&format=xml", b"", {}, id="two_formats"),
    ],
)
def test_bad_requests(http: httpx2.Client, method: str, address: str, body: bytes, headers: dict[str, str]) -> None:
    problem(http.request(method, f"/sparql{address}", content=body, headers=headers), 400, "bad-request")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"ASK {}", "text/plain", id="bad_query_wrong_media_type"),
        pytest.param(b"query=ASK%20%7B%7D", "", id="bad_query_missing_form_type"),
        pytest.param(b"ASK {}", "", id="bad_query_missing_direct_type"),
        pytest.param("ASK {}".encode("utf-16"), "application/sparql-query; charset=UTF-16", id="bad_query_non_utf8"),
        pytest.param("ASK {}".encode("utf-16"), "application/sparql-query", id="bad_query_non_utf8_unsaid"),
        pytest.param(b"CLEAR NAMED", "text/plain", id="bad_update_wrong_media_type"),
        pytest.param(b"update=CLEAR%20NAMED", "", id="bad_update_missing_form_type"),
    ],
)
def test_bodies_of_another_type(http: httpx2.Client, body: bytes, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    problem(http.post("/sparql", content=body, headers=headers), 415, "unsupported-media-type")


@EVERY_WAY
def test_bad_query_syntax(http: httpx2.Client, how: str) -> None:
    problem(_ask(http, how, "ASK {"), 400, "query-syntax")
    body = problem(_ask(http, how, "SELECT *\nWHERE ( ?s ?p ?o )"), 400, "query-syntax")
    assert (body["line"], body["column"], body["token"]) == (2, 7, "(")


def test_the_place_of_a_mistake_is_a_whole_word(http: httpx2.Client) -> None:
    query = "SELECT *\nWHERE { ?s foo ?o }"
    body = problem(_ask(http, "get", query), 400, "query-syntax")
    assert body["token"] in {"foo", "?o"}
    assert query.splitlines()[body["line"] - 1][body["column"] - 1 :].startswith(body["token"])


def test_a_function_that_nobody_has_defined_is_a_mistake_of_the_query(http: httpx2.Client) -> None:
    response = _ask(http, "get", f"SELECT * {{ FILTER(<{EX}function>(1)) }}")
    problem(response, 400, "query-forbidden")
    assert "retry-after" not in response.headers


@pytest.mark.parametrize(
    ("method", "address", "body", "headers"),
    [
        pytest.param("POST", "", b"update=CLEAR+ALL", FORM, id="update_post_form"),
        pytest.param("POST", "", b"CLEAR ALL", UPDATE, id="update_post_direct"),
        pytest.param(
            "POST", f"?using-graph-uri={quote(DATA1)}", b"CLEAR ALL", UPDATE, id="update_dataset_default_graph"
        ),
        pytest.param("POST", f"?using-named-graph-uri={quote(DATA1)}", b"CLEAR ALL", UPDATE, id="update_dataset_named"),
        pytest.param("POST", "", b"INSERT DATA { <s> <p> <o> }", UPDATE, id="update_base_uri"),
        pytest.param("GET", "?update=CLEAR%20ALL", b"", {}, id="bad_update_get"),
        pytest.param("GET", "?query=ASK%20%7B%7D&update=CLEAR%20ALL", b"", {}, id="query_and_update"),
        pytest.param("POST", "", b"update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", FORM, id="bad_multiple_updates"),
        pytest.param("POST", "", "CLEAR ALL".encode("utf-16"), UPDATE, id="bad_update_non_utf8"),
        pytest.param("POST", "", b"update=CLEAR%20XYZ", FORM, id="bad_update_syntax"),
        pytest.param(
            "POST", "?using-graph-uri=a:b", b"WITH <a:b> DELETE { } WHERE { }", UPDATE, id="bad_dataset_conflict"
        ),
        pytest.param("POST", "", b"CLEAR ALL", QUERY, id="update_sent_as_query"),
        pytest.param("POST", "", b"query=DROP%20ALL", FORM, id="update_in_the_query_parameter"),
    ],
)
def test_updates_change_nothing(
    http: httpx2.Client, method: str, address: str, body: bytes, headers: dict[str, str]
) -> None:
    response = http.request(method, f"/sparql{address}", content=body, headers=headers)
    assert "read-only" in problem(response, 403, "update-refused")["detail"].lower() + response.json()["title"].lower()
    assert _ask(http, "get", BOTH).json()["boolean"] is True


@EVERY_WAY
@pytest.mark.parametrize("parameter", ["default", "named"])
def test_unknown_graphs_are_named_in_the_refusal(http: httpx2.Client, how: str, parameter: str) -> None:
    unknown = f"{EX}no-such-graph"
    refused = problem(_ask(http, how, "ASK {}", _graphs(**{parameter: (DATA1, unknown)})), 400, "bad-request")
    assert unknown in refused["detail"]


def test_nothing_is_ever_fetched(http: httpx2.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        iri = f"http://127.0.0.1:{trap.getsockname()[1]}/x"
        for clause in (f"FROM <{iri}> {{ ?s ?p ?o }}", f"FROM NAMED <{iri}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"):
            assert _ask(http, "get", f"SELECT * {clause}").status_code in {200, 400}
        for graphs in (_graphs(default=(iri,)), _graphs(named=(iri,))):
            problem(_ask(http, "form", "ASK {}", graphs), 400, "bad-request")
        for service in (f"SERVICE <{iri}>", f"SERVICE SILENT <{iri}>", "SERVICE ?g"):
            query = f"SELECT * {{ VALUES ?g {{ <{iri}> }} {service} {{ ?s ?p ?o }} }}"
            problem(_ask(http, "direct", query), 400, "query-forbidden")
        problem(_ask(http, "direct", f"LOAD <{iri}>"), 403, "update-refused")
        with pytest.raises(BlockingIOError):
            trap.accept()


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_version_may_be_given(http: httpx2.Client, version: str) -> None:
    assert _ask(http, "get", "ASK {}", {"version": version}).status_code == 200
    assert _ask(http, "form", "ASK {}", {"version": version}).status_code == 200
    headers = {"Content-Type": f"application/sparql-query; version={version}"}
    assert http.post("/sparql", content="ASK {}", headers=headers).status_code == 200


@pytest.mark.parametrize("how", ["form", "direct"])
def test_queries_have_a_limit_and_reach_it(http: httpx2.Client, how: str) -> None:
    longest = "ASK {} #".ljust(MAX_LENGTH, "x")
    assert len(longest) == 100_000
    assert _ask(http, how, longest).json()["boolean"] is True
    problem(_ask(http, how, longest + "x"), 413, "query-too-large")


def test_long_addresses_are_taken(http: httpx2.Client) -> None:
    assert _ask(http, "get", "ASK {} #".ljust(8_000, "x")).status_code == 200


def test_a_body_announced_as_too_large_is_refused_unread(http: httpx2.Client) -> None:
    """So that a client that waits for ``100 Continue`` need not send it (RFC 9110, 10.1.1)."""
    head = "POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n"
    for expect in ("", "Expect: 100-continue\r\n"):
        with socket.create_connection((http.base_url.host, http.base_url.port or 80), timeout=3) as connection:
            connection.sendall(head.format("application/sparql-query", 10**9, expect).encode())
            assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("content_type", [*FORM.values(), *QUERY.values()])
def test_bodies_of_unknown_length_have_it_too(client: TestClient, content_type: str) -> None:
    pieces = (b"x" * 100_000 for _ in range(160))
    response = client.post("/sparql", content=pieces, headers={"Content-Type": content_type})
    problem(response, 413, "query-too-large")


@pytest.mark.parametrize("timeout", ["5", "0.5", "12.25", str(Settings().query_seconds)])
@EVERY_WAY
def test_clients_may_set_a_deadline(http: httpx2.Client, how: str, timeout: str) -> None:
    assert _ask(http, how, "ASK {}", {"timeout": timeout}).json()["boolean"] is True


@pytest.mark.parametrize("timeout", ["", "soon", "-1", "0", "nan", "inf", "1,5", str(Settings().query_seconds + 1)])
@EVERY_WAY
def test_deadlines_are_seconds_within_the_limit(http: httpx2.Client, how: str, timeout: str) -> None:
    refused = problem(_ask(http, how, "ASK {}", {"timeout": timeout}), 400, "bad-request")
    assert "timeout" in refused["detail"]


@EVERY_WAY
def test_a_query_past_its_deadline_is_stopped(http: httpx2.Client, how: str) -> None:
    problem(_ask(http, how, SLOW, {"timeout": "0.2"}), 504, "query-timed-out")
    assert _ask(http, how, "ASK {}").status_code == 200
