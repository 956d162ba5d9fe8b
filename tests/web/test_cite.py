"""Citing: an address that gives the same bytes, or says that they differ."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pybtex.database import parse_string

from cfit_graph.settings import Settings
from tests.conftest import ROOT
from tests.hostile import dense
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from httpx2 import Response
    from starlette.testclient import TestClient

    from cfit_graph.release import Release

    Open = Callable[..., TestClient]

SUPPORTERS = (ROOT / "ontology" / "questions" / "001-who-supports.rq").read_text("utf-8")
EVERYTHING = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
THING = "https://w3id.org/cfit/id/organization/electronics-watch"
GRAPH = "https://w3id.org/cfit/graph/data/pacts"
WRONG = "0" * 64


def _json(client: TestClient, **asked: str) -> dict[str, Any]:
    reply = client.get("/cite.json", params=asked)
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def _sparql(client: TestClient, sparql: str, **more: str) -> Response:
    return client.get("/sparql", params={"query": sparql} | more, headers={"Accept": "*/*"})


@pytest.mark.parametrize(
    ("sparql", "more", "kind"),
    [
        (SUPPORTERS, {}, "text/csv"),
        (SUPPORTERS, {"format": "json"}, "application/sparql-results+json"),
        (EVERYTHING, {}, "text/csv"),
        ("ASK {}", {}, "application/sparql-results+json"),
        ("CONSTRUCT { ?s ?p 1 } WHERE { ?s ?p ?o }", {}, "application/n-triples"),
        ("SELECT ?p ?o { ?s ?p ?o } ORDER BY ?p ?o", {"default-graph-uri": GRAPH}, "text/csv"),
    ],
)
def test_the_address_gives_the_bytes_that_were_cited(
    client: TestClient, released: Release, sparql: str, more: dict[str, str], kind: str
) -> None:
    said = _json(client, query=sparql, **more)
    assert said["url"].startswith(f"http://testserver:80/release/{released.version}/sparql?query=")
    for coding in ("identity", "gzip"):
        for _ in range(2):
            given = client.get(said["url"], headers={"Accept-Encoding": coding, "Accept": "text/html"})
            assert given.status_code == 200
            assert given.headers["content-type"].startswith(kind)
            assert "content-encoding" not in given.headers
            assert hashlib.sha256(given.content).hexdigest() == said["sha256"]
    assert client.head(said["url"]).status_code == 200
    plain = client.get(
        "/sparql", params={"query": sparql} | more, headers={"Accept": kind, "Accept-Encoding": "identity"}
    )
    assert plain.content == given.content


def test_another_answer_is_not_given(client: TestClient) -> None:
    address = _json(client, query=SUPPORTERS)["url"]
    right = address.rpartition("=")[2]
    told = problem(client.get(address.replace(right, WRONG)), 409, "result-differs")
    assert (told["cited"], told["found"]) == (WRONG, right)
    assert "ORDER BY" in told["detail"]
    for sparql in (EVERYTHING, "ASK {}"):
        assert problem(_sparql(client, sparql, sha256=WRONG), 409, "result-differs")["cited"] == WRONG
    large = _sparql(client, EVERYTHING, sha256=WRONG)
    assert len(large.content) < 2000


@pytest.mark.parametrize("wrong", ["", "0", "g" * 64, "A" * 64, "0" * 65])
def test_what_is_no_hash_is_refused(client: TestClient, wrong: str) -> None:
    assert "64 digits" in problem(_sparql(client, "ASK {}", sha256=wrong), 400, "bad-request")["detail"]


@pytest.mark.parametrize("varying", ["SELECT (NOW() AS ?t) {}", "SELECT (RAND() AS ?r) {}", "SELECT (UUID() AS ?u) {}"])
def test_what_is_never_the_same_is_not_cited(client: TestClient, varying: str) -> None:
    told = problem(client.get("/cite.json", params={"query": varying}), 400, "bad-request")
    assert "cannot be cited" in told["detail"]


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        ({"query": "SELECT"}, 400, "query-syntax"),
        ({"query": "SELECT * { ?s ?p ?o }", "format": "pdf"}, 400, "bad-request"),
        ({"query": "SELECT * { ?s ?p ?o }", "format": "ttl"}, 406, "not-acceptable"),
        ({"query": "ASK { SERVICE <http://x/> {} }"}, 400, "query-forbidden"),
    ],
)
def test_a_bad_query_is_told_of(client: TestClient, asked: dict[str, str], status: int, kind: str) -> None:
    problem(client.get("/cite.json", params=asked), status, kind)


def test_things_and_the_release_are_cited(client: TestClient, released: Release) -> None:
    whole, thing = _json(client), _json(client, iri=THING)
    assert whole["url"] == f"http://testserver:80/release/{released.version}/"
    assert whole["sha256"] == released.manifest["dataset"]
    assert whole["release"] == thing["release"] == released.version
    assert thing["title"] == f"{whole['title']}: Electronics Watch"
    assert thing["url"] == f"http://testserver:80/release/{released.version}/doc/organization/electronics-watch"
    assert client.get(thing["url"], headers=BROWSER).status_code == 200
    assert _json(client, query=SUPPORTERS)["title"] != whole["title"]


@pytest.mark.parametrize(
    ("address", "is_here_only"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("https://x.org", False),
    ],
)
def test_an_address_that_leads_nobody_else_here_is_not_said_to_last(
    open_client: Open, releases: Path, address: str, is_here_only: bool
) -> None:
    reader = open_client(Settings(root=ROOT, releases=releases, public_url=address))
    page = reader.get("/cite", headers=BROWSER).text
    assert ("leads to this machine only" in page) is is_here_only
    assert ("the address that lasts" in page) is not is_here_only


@pytest.mark.parametrize("iri", ["", "x", "https://w3id.org/cfit/id/organization/nobody", "https://example.org/a b"])
def test_what_is_not_known_is_not_cited(client: TestClient, iri: str) -> None:
    problem(client.get("/cite.json", params={"iri": iri}), 404, "not-found")


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("application/json", "json"),
        ("application/x-bibtex", "bib"),
        ("application/yaml", "cff"),
        ("text/plain", "txt"),
        (BROWSER["Accept"], "html"),
    ],
)
@pytest.mark.parametrize("asked", [{}, {"iri": THING}, {"query": SUPPORTERS}])
def test_header_and_suffix_choose_the_form(client: TestClient, accept: str, suffix: str, asked: dict[str, str]) -> None:
    chosen = client.get("/cite", params=asked, headers={"Accept": accept})
    named = client.get(f"/cite.{suffix}", params=asked)
    assert chosen.status_code == named.status_code == 200
    assert chosen.content == named.content
    assert chosen.headers["content-type"].startswith(accept.partition(",")[0])
    assert client.get(chosen.headers["content-location"]).content == chosen.content
    assert "accept" in chosen.headers["vary"].lower()
    if suffix == "bib":
        assert len(parse_string(named.text, "bibtex").entries) == 1
    if suffix == "cff":
        assert yaml.safe_load(named.text)["url"].startswith("http://testserver:80/release/")


def test_no_other_form_is_promised(client: TestClient) -> None:
    problem(client.get("/cite", headers={"Accept": "image/png"}), 406, "not-acceptable")
    problem(client.get("/cite.png"), 404, "not-found")


def test_a_title_is_that_of_the_question(client: TestClient) -> None:
    titles = {_json(client, query=query)["title"] for query in (SUPPORTERS, SUPPORTERS.replace("\n", "\r\n"))}
    assert len(titles) == 1
    assert "answer to a query" not in titles.pop()
    assert _json(client, query=EVERYTHING)["title"].endswith(": answer to a query")


def test_pages_lead_to_their_citation(client: TestClient) -> None:
    for path, asked in (("/sparql", {"query": SUPPORTERS}), ("/doc/organization/electronics-watch", {}), ("/", {})):
        page = client.get(path, params=asked, headers=BROWSER).text
        links = [part.partition('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]
        cites = [link for link in links if link.startswith("/cite")]
        assert cites
        for link in cites:
            assert client.get(link, headers=BROWSER).status_code == 200


def test_files_are_not_cited(open_client: Open, tmp_path: Path) -> None:
    files = open_client(Settings(root=ROOT, releases=tmp_path), [dense(tmp_path)])
    problem(files.get("/cite.json"), 404, "not-found")
    assert "/cite" not in files.get("/sparql", params={"query": "ASK {}"}, headers=BROWSER).text
