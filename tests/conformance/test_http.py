"""``/sparql`` as a resource of HTTP (RFC 9110, 9111): negotiation, validators, codings, methods, other origins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web import BROWSER, problem

if TYPE_CHECKING:
    import httpx2

SELECT = "SELECT ?s { ?s a <http://example.org/Document> } ORDER BY ?s"
GRAPH = "CONSTRUCT WHERE { ?s a <http://example.org/Document> }"
LARGE = f'SELECT ?text {{ VALUES ?text {{ "{"wordy " * 2_000}" }} }}'
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv; charset=utf-8", "text/tab-separated-values; charset=utf-8"
TURTLE = "text/turtle; charset=utf-8"
ORIGIN = {"Origin": "https://elsewhere.example"}
SHARED = {"vary", "cache-control", "etag", "content-location", "access-control-allow-origin"}
"""Headers that a 304 repeats (RFC 9110, 15.4.5), and the one that lets scripts read it."""


def _get(http: httpx2.Client, query: str, accept: str = "*/*", **more: str) -> httpx2.Response:
    headers = {"Accept": accept, "Accept-Encoding": more.pop("coding", "identity")}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    return http.get("/sparql", params={"query": query}, headers=headers)


def _vary(response: httpx2.Response) -> set[str]:
    return {name.strip().lower() for name in response.headers.get("vary", "").split(",")}


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (SELECT, "*/*", JSON),
        (SELECT, "application/json", JSON),
        (SELECT, "application/*", JSON),
        (SELECT, "text/*", CSV),
        (SELECT, "TEXT/CSV", CSV),
        (SELECT, "text/tab-separated-values", TSV),
        (SELECT, "text/csv;q=0.5, application/sparql-results+xml", XML),
        (SELECT, "text/csv; q=0.4,application/sparql-results+xml ;Q=0.3", CSV),
        (SELECT, "text/csv; charset=utf-8; q=0.9, */*; q=0.1", CSV),
        (SELECT, "application/sparql-results+json;q=0, */*", XML),
        (SELECT, "application/sparql-results+json;q=0.1, */*;q=0.9", XML),
        (SELECT, "text/*;q=0.9, text/csv;q=0.2, */*;q=0.1", TSV),
        (SELECT, "image/png, */*;q=0.01", JSON),
        (SELECT, "text/csv, text/html;q=0.9", CSV),
        (GRAPH, "*/*", TURTLE),
        (GRAPH, "text/turtle;q=0.5, application/n-triples", "application/n-triples"),
        (GRAPH, "application/*", "application/n-triples"),
        (GRAPH, "application/json", "application/ld+json"),
        (GRAPH, "application/n-quads", "application/n-quads"),
        (GRAPH, "application/trig, text/turtle;q=0.9", "application/trig"),
        (GRAPH, "text/turtle;q=0, */*;q=0.1", "application/n-triples"),
        ("ASK {}", "text/csv, application/sparql-results+xml;q=0.1", XML),
        ("ASK {}", "text/csv, */*;q=0.1", JSON),
    ],
)
def test_the_format_is_negotiated(http: httpx2.Client, query: str, accept: str, expected: str) -> None:
    response = _get(http, query, accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == expected
    assert _vary(response) >= {"accept", "accept-encoding"}
    assert response.headers["x-content-type-options"] == "nosniff"


def test_no_header_accepts_anything_and_two_headers_are_one_list(http: httpx2.Client) -> None:
    without = http.build_request("GET", "/sparql", params={"query": SELECT})
    del without.headers["accept"]
    assert http.send(without).headers["content-type"] == JSON
    twice = [("Accept", "image/png"), ("Accept", "text/csv")]
    assert http.get("/sparql", params={"query": SELECT}, headers=twice).headers["content-type"] == CSV


@pytest.mark.parametrize(
    ("query", "accept", "offer"),
    [
        (SELECT, "image/png", "text/csv"),
        (SELECT, "text/turtle", "text/tab-separated-values"),
        (SELECT, "*/*;q=0", JSON),
        ("ASK {}", "text/csv", XML),
        ("ASK {}", "text/tab-separated-values, text/csv", JSON),
        (GRAPH, JSON, "application/n-quads"),
    ],
)
def test_what_cannot_be_given_is_refused_with_what_can(
    http: httpx2.Client, query: str, accept: str, offer: str
) -> None:
    response = _get(http, query, accept)
    assert offer in problem(response, 406, "not-acceptable")["offers"]
    assert "accept" in _vary(response)


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        (SELECT, "csv", CSV),
        (SELECT, "application/sparql-results+xml", XML),
        (SELECT, "json", JSON),
        (SELECT, "application/json", JSON),
        (GRAPH, "application/json", "application/ld+json"),
        (SELECT, "tsv", TSV),
        ("ASK {}", "xml", XML),
        (GRAPH, "nq", "application/n-quads"),
        (GRAPH, "trig", "application/trig"),
        (GRAPH, "jsonld", "application/ld+json"),
        (GRAPH, "rdf", "application/rdf+xml"),
    ],
)
def test_a_format_by_name_wins(http: httpx2.Client, query: str, name: str, expected: str) -> None:
    for accept in ("image/png", BROWSER["Accept"]):
        response = http.get("/sparql", params={"query": query, "format": name}, headers={"Accept": accept})
        assert response.headers["content-type"] == expected
        assert http.post("/sparql", data={"query": query, "format": name}).headers["content-type"] == expected


def test_a_browser_gets_pages(http: httpx2.Client) -> None:
    for parameters in ({}, {"query": SELECT}, {"query": "SELECT"}, {"query": SELECT, "timeout": "soon"}):
        response = http.get("/sparql", params=parameters, headers=BROWSER)
        assert response.headers["content-type"].startswith("text/html")
        assert "accept" in _vary(response)


@pytest.mark.parametrize(
    ("parameters", "accept", "status"),
    [
        ({"query": SELECT}, "text/csv", 200),
        ({"query": GRAPH}, "*/*", 200),
        ({"query": LARGE}, "*/*", 200),
        ({}, "text/turtle", 200),
        ({"query": SELECT}, "image/png", 406),
        ({"query": "SELECT"}, "*/*", 400),
        ({"update": "CLEAR ALL"}, "*/*", 403),
    ],
)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_is_get_without_a_body(
    http: httpx2.Client, parameters: dict[str, str], accept: str, status: int, coding: str
) -> None:
    headers = {"Accept": accept, "Accept-Encoding": coding} | ORIGIN
    by_head, by_get = (http.request(m, "/sparql", params=parameters, headers=headers) for m in ("HEAD", "GET"))
    assert by_head.status_code == by_get.status_code == status
    assert by_head.content == b""
    framing = {"date", "content-length", "transfer-encoding"}
    assert {item for item in by_head.headers.items() if item[0] not in framing} == {
        item for item in by_get.headers.items() if item[0] not in framing
    }
    if "content-length" in by_head.headers:
        assert by_head.headers["content-length"] == by_get.headers.get("content-length")


def test_options(http: httpx2.Client) -> None:
    response = http.options("/sparql")
    assert response.status_code == 204
    assert response.content == b""
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


@pytest.mark.parametrize(
    ("query", "accept"), [(SELECT, "*/*"), (SELECT, "text/csv"), (GRAPH, "*/*"), (LARGE, "*/*"), ("ASK {}", XML)]
)
@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_the_answer_is_told_so(http: httpx2.Client, method: str, query: str, accept: str, coding: str) -> None:
    first = _get(http, query, accept, coding=coding, **ORIGIN)
    etag = first.headers["etag"]
    assert etag.startswith('"')  # a strong one
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        headers = {"Accept": accept, "Accept-Encoding": coding, "If-None-Match": known} | ORIGIN
        second = http.request(method, "/sparql", params={"query": query}, headers=headers)
        assert second.status_code == 304
        assert second.content == b""
        assert {n: second.headers.get(n) for n in SHARED} == {n: first.headers.get(n) for n in SHARED}
    assert _get(http, query, accept, coding=coding, If_None_Match='"other"').content == first.content


def test_the_description_and_the_page_have_tags_too(http: httpx2.Client) -> None:
    for accept in ("text/turtle", "application/ld+json", BROWSER["Accept"]):
        first = http.get("/sparql", headers={"Accept": accept})
        again = http.get("/sparql", headers={"Accept": accept, "If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["vary"] == first.headers["vary"]


def test_each_variant_has_a_tag_of_its_own(http: httpx2.Client) -> None:
    one_graph = {"query": SELECT, "default-graph-uri": "http://example.org/data1"}
    answers = [
        *(_get(http, SELECT, accept) for accept in (JSON, XML, CSV, TSV)),
        *(_get(http, LARGE, coding=coding) for coding in ("identity", "gzip", "br")),
        _get(http, SELECT + " LIMIT 1"),
        http.get("/sparql", params=one_graph, headers={"Accept-Encoding": "identity"}),
    ]
    tags = {answer.headers["etag"] for answer in answers}
    assert len(tags) == len(answers)
    assert _get(http, SELECT, JSON).headers["etag"] in tags
    by_name = http.get("/sparql", params={"query": SELECT, "format": "csv"}, headers={"Accept-Encoding": "identity"})
    assert by_name.content == _get(http, SELECT, CSV).content


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID()", "rand()", "BNODE()"])
def test_answers_that_differ_each_time_have_no_tag(http: httpx2.Client, function: str) -> None:
    response = _get(http, f"SELECT ({function} AS ?x) {{}}")
    assert response.status_code == 200
    assert "etag" not in response.headers
    first, second = (_get(http, f"SELECT ({function} AS ?x) {{}}").content for _ in range(2))
    assert first != second or function == "BNODE()"


def test_a_failure_is_not_taken_for_an_answer_the_client_has(http: httpx2.Client) -> None:
    """A precondition is ignored where the answer without it would be an error (RFC 9110, 13.2.1)."""
    assert _get(http, "SELECT * {", If_None_Match="*").status_code == 400
    assert _get(http, SELECT, "image/png", If_None_Match="*").status_code == 406
    unknown = {"query": SELECT, "default-graph-uri": "http://example.org/no-such-graph"}
    assert http.get("/sparql", params=unknown, headers={"If-None-Match": "*"}).status_code == 400
    assert http.get("/sparql", params={"update": "CLEAR ALL"}, headers={"If-None-Match": "*"}).status_code == 403


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", {"gzip"}),
        ("br", {"br"}),
        ("gzip, deflate, br", {"gzip", "br"}),
        ("br;q=0.1, gzip", {"gzip"}),
        ("gzip;q=0, br;q=0", {""}),
        ("identity", {""}),
        ("identity, gzip;q=0.5", {""}),
        ("", {""}),
        ("*;q=0, identity", {""}),
    ],
)
def test_content_codings(http: httpx2.Client, header: str, expected: set[str]) -> None:
    response = _get(http, LARGE, coding=header)
    assert response.headers.get("content-encoding", "") in expected
    assert response.json() == _get(http, LARGE).json()
    assert "accept-encoding" in _vary(response)
    posted = http.post("/sparql", data={"query": LARGE}, headers={"Accept-Encoding": header})
    assert posted.headers.get("content-encoding", "") in expected
    assert posted.json() == response.json()


@pytest.mark.parametrize(
    ("method", "address", "accept", "status"),
    [
        ("GET", "?query=ASK%7B%7D", "*/*", 200),
        ("GET", "", "text/turtle", 200),
        ("GET", "?query=ASK", "*/*", 400),
        ("GET", "?query=ASK%7B%7D&timeout=soon", "*/*", 400),
        ("GET", "?update=CLEAR%20ALL", "*/*", 403),
        ("PUT", "", "*/*", 405),
        ("GET", "?query=ASK%7B%7D", "image/png", 406),
        ("POST", "", "*/*", 415),
    ],
)
def test_scripts_of_other_origins_may_read_answers_and_errors(
    http: httpx2.Client, method: str, address: str, accept: str, status: int
) -> None:
    response = http.request(method, f"/sparql{address}", headers={"Accept": accept} | ORIGIN)
    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers
    exposed = {name.strip().lower() for name in response.headers["access-control-expose-headers"].split(",")}
    assert exposed >= {"link", "etag", "location", "retry-after", "content-location"}
    assert _vary(response) >= {"accept"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_preflight(http: httpx2.Client, method: str) -> None:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type, if-none-match"}
    response = http.options("/sparql", headers=ORIGIN | asked)
    assert response.status_code in {200, 204}
    assert response.headers["access-control-allow-origin"] == "*"
    assert method in response.headers["access-control-allow-methods"]
    allowed = {name.strip().lower() for name in response.headers["access-control-allow-headers"].split(",")}
    assert {"content-type", "if-none-match"} <= allowed or "*" in allowed
