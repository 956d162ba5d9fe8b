"""Requests as nobody thought of them: SPARQLWrapper's names of formats, ranges, codings, addresses of nothing."""

from __future__ import annotations

import asyncio
import gzip
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from rdflib import RDF, Graph, URIRef
from SPARQLWrapper import CSV, JSONLD, N3, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from cfit_graph.namespaces import BASE
from cfit_graph.texts import PROBLEMS
from tests.hostile import ENDLESS
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from starlette.testclient import TestClient
    from starlette.types import Receive

    from cfit_graph.release import Release

CONSTRUCT = "CONSTRUCT { ?s a ?type } WHERE { ?s a ?type } LIMIT 5"
SELECT = "SELECT ?s WHERE { ?s a ?type } LIMIT 5"
ASK = "ASK { ?s ?p ?o }"
DIRECT = {"Content-Type": "application/sparql-query"}


@pytest.mark.parametrize("name", [XML, RDFXML, TURTLE, N3, JSONLD])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_gets_graphs_by_its_own_names_of_formats(server: str, name: str, method: str) -> None:
    client = SPARQLWrapper(f"{server}/sparql", returnFormat=name)
    client.setMethod(method)
    client.setQuery(CONSTRUCT)
    got: Any = client.queryAndConvert()
    graph = got if isinstance(got, Graph) else Graph().parse(data=got, format="turtle")
    assert len(list(graph.subject_objects(RDF.type))) == 5


@pytest.mark.parametrize("name", [XML, CSV, TSV])
def test_sparqlwrapper_gets_rows_by_its_own_names_of_formats(server: str, name: str) -> None:
    client = SPARQLWrapper(f"{server}/sparql", returnFormat=name)
    client.setQuery(SELECT)
    got: Any = client.queryAndConvert()
    assert len(got.getElementsByTagName("result") if name == XML else got.splitlines()[1:]) == 5


@pytest.mark.parametrize(
    ("query", "formats", "status"),
    [
        (ASK, ["csv"], 406),
        (ASK, ["text/turtle"], 406),
        (CONSTRUCT, ["csv"], 406),
        (SELECT, ["pdf"], 400),
        (SELECT, ["csv", "json"], 400),
        (SELECT, ["csv", "text/csv"], 200),
        (SELECT, ["", "csv"], 200),
    ],
)
def test_a_format_is_given_once_and_fits_the_form(
    client: TestClient, query: str, formats: list[str], status: int
) -> None:
    answer = client.get("/sparql", params={"query": query, "format": formats})
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"].startswith("text/csv")
    else:
        kind = "not-acceptable" if status == 406 else "bad-request"
        assert "there are" in problem(answer, status, kind)["detail"]


def test_a_query_with_a_content_coding_is_refused_as_such(client: TestClient) -> None:
    packed = client.post("/sparql", content=gzip.compress(ASK.encode()), headers=DIRECT | {"Content-Encoding": "gzip"})
    assert "content coding" in problem(packed, 415, "unsupported-media-type")["detail"]
    plain = client.post("/sparql", content=ASK, headers=DIRECT | {"Content-Encoding": "identity"})
    assert plain.status_code == 200


@pytest.mark.parametrize("path", ["/sparql", "/validate"])
def test_what_an_address_takes_is_told_whole(client: TestClient, path: str) -> None:
    for answer in (client.options(path), client.put(path)):
        assert set(answer.headers["allow"].split(", ")) - {"OPTIONS"} == {"GET", "HEAD", "POST"}
    assert client.put(path).status_code == 405


@pytest.mark.parametrize("name", ["nobody", "%25", "%25zz", "%FF", "a%20b", "%3Cscript%3E", "a%22b"])
@pytest.mark.parametrize("where", ["/id/organization/", "/doc/organization/", f"/cite?iri={BASE}id/organization/"])
def test_what_is_nothing_is_not_found(client: TestClient, where: str, name: str) -> None:
    assert "line" not in problem(client.get(where + name), 404, "not-found")


@pytest.mark.parametrize("digits", ["9" * 5000, "1" + "0" * 30, "٣"])
def test_a_version_that_is_none_is_unknown(client: TestClient, released: Release, digits: str) -> None:
    version = f"2026-01-01.{digits}"
    for path in (f"/release/{version}/doc/pact/cfit", f"/release/{version}", f"/sparql?query={ASK}&release={version}"):
        assert problem(client.get(path), 404, "not-found")["releases"] == [released.version]
    assert problem(client.get(f"/changes?before={version}"), 404, "not-found")["releases"] == [released.version]


@pytest.mark.parametrize("cursor", ["0" * 18 + "9" * 5000, "9" * 18, "-1", "٣", "x"])
def test_a_place_in_the_changes_that_is_none_is_no_cursor(client: TestClient, cursor: str) -> None:
    (wrong,) = problem(client.get("/api/v1/changes", params={"cursor": cursor}), 400, "bad-parameters")["errors"]
    assert wrong["detail"].startswith("It is no cursor")


def test_changes_are_json_and_nothing_else(client: TestClient) -> None:
    assert problem(client.get("/api/v1/changes", headers={"Accept": "text/csv"}), 406, "not-acceptable")["offers"]
    assert client.get("/api/v1/changes", headers=BROWSER).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("sent", "status"),
    [("bytes=0-9", 206), ("bytes=0-1, 4-5", 206), ("foo=1", 200), ("bytes=x", 200)],
)
def test_a_dump_is_given_in_parts_to_who_asks_for_bytes(client: TestClient, sent: str, status: int) -> None:
    answer = client.get("/dump/cfit.nq.gz", headers={"Range": sent})
    assert answer.status_code == status
    assert client.head("/dump/cfit.nq.gz", headers={"Range": sent}).status_code == 200  # RFC 9110, 14.2: for GET only


def test_one_thing_is_cited_at_a_time(client: TestClient) -> None:
    both = client.get("/cite", params={"query": ASK, "iri": f"{BASE}id/pact/cfit"})
    assert "not both" in problem(both, 400, "bad-request")["detail"]


@pytest.mark.parametrize(
    "path", ["/ns.foo", "/organizations.ttl", "/quality.csv", "/doc/pact/cfit.pdf", "/doc/pact/a.b.ttl"]
)
def test_what_never_was_has_no_versions_in_time(client: TestClient, path: str) -> None:
    problem(client.get(f"/timemap{path}"), 404, "not-found")
    assert client.get("/timemap" + "/doc/pact/cfit.ttl").status_code == 200


def test_release_and_feed_lead_who_wants_rdf_to_what_tells_of_them(client: TestClient, released: Release) -> None:
    for path, iri in ((f"/release/{released.version}", f"{BASE}release/{released.version}"), ("/feed", f"{BASE}feed")):
        answer = client.get(path, headers={"Accept": "text/turtle"})
        assert answer.status_code == 303
        told = client.get(answer.headers["location"], headers={"Accept": "text/turtle"})
        graph = Graph().parse(data=told.content, format="turtle")
        assert (URIRef(iri), None, None) in graph, iri


def test_the_context_is_not_sent_twice(client: TestClient) -> None:
    tag = client.get("/context/v1.jsonld").headers["etag"]
    assert client.get("/context/v1.jsonld", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("kind", PROBLEMS)
def test_every_type_of_problem_has_a_page_where_its_iri_leads(client: TestClient, kind: str) -> None:
    page = client.get(f"/problem/{kind}")
    assert page.status_code == 200
    assert f"{BASE}problem/{kind}" in page.text


def test_a_problem_leads_browsers_to_what_it_means(client: TestClient) -> None:
    assert 'href="/problem/not-found"' in client.get("/nothing", headers=BROWSER).text
    problem(client.get("/problem/unheard-of"), 404, "not-found")


@pytest.mark.parametrize("sent", [b"", b"query=ASK"])
@pytest.mark.parametrize("path", ["/sparql", "/validate?name=a.ttl"])
def test_a_body_that_does_not_end_is_not_waited_for(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, sent: bytes
) -> None:
    monkeypatch.setattr("cfit_graph.web.giving.STALLED", 0.2)
    messages = [{"type": "http.request", "body": sent, "more_body": True}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else await asyncio.sleep(60, {})

    kind = b"application/x-www-form-urlencoded" if path == "/sparql" else b"text/turtle"
    replies = _replies(client, "POST", path, (b"content-type", kind), receive)
    assert replies[0]["status"] == 400
    assert b"Send it again" in replies[1]["body"]


@pytest.mark.parametrize(("path", "accept"), [("/cite", b"*/*"), ("/sparql", b"text/html")])
def test_who_hangs_up_is_no_fault_of_ours(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    path: str,
    accept: bytes,
) -> None:
    monkeypatch.setattr("cfit_graph.web.giving._LONG", 0.05)

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    asked = f"{path}?{urlencode({'query': ENDLESS})}"
    assert _replies(client, "GET", asked, (b"accept", accept), receive)[0]["status"] == 408
    assert "unforeseen" not in caplog.text


def _replies(
    client: TestClient, method: str, path: str, header: tuple[bytes, bytes], receive: Receive
) -> list[dict[str, Any]]:
    """Return what the application sends to a client that sends what ``receive`` gives."""
    replies: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        replies.append(message)

    path, _, query = path.partition("?")
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": [header]}
    scope |= {"http_version": "1.1", "scheme": "http", "server": ("testserver", 80), "root_path": ""}
    portal: Any = client.portal
    portal.call(client.app, scope, receive, send)
    return replies


def test_the_iri_of_a_graph_leads_to_its_statements(client: TestClient, released: Release) -> None:
    graphs = set(re.findall(r"<([^<>]*)> \.\n", released.graph.read_text("utf-8")))
    lines = set(released.graph.read_text("utf-8").splitlines())
    assert len(graphs) > 5
    for iri in graphs:
        leads = client.get("/" + iri.removeprefix(BASE))
        assert leads.status_code == 303
        said = client.get(leads.headers["location"], headers={"Accept": "application/n-triples"}).text
        assert said
        assert {f"{line[:-2]} <{iri}> ." for line in said.splitlines()} <= lines, iri
    problem(client.get("/graph/data/nothing"), 404, "not-found")
    problem(client.get("/graph/%FF"), 404, "not-found")
