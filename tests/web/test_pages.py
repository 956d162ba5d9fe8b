from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from jinja2 import nodes

from cfit_graph.namespaces import BASE
from cfit_graph.settings import Settings
from cfit_graph.store.workers import WorkerStore
from cfit_graph.web.headers import COMMON, OF_DATA, OF_PAGES
from cfit_graph.web.pages import ENVIRONMENT, href
from tests.conftest import ROOT
from tests.web import BROWSER, PAGES, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from cfit_graph.release import Release


_NOT_LOADED = {"alternate", "collection", "describedby", "describes", "license"}  # browsers fetch none of these


class _Links(HTMLParser):
    """Collects the addresses a page links to, and those it loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.links.add(values["href"] or "")
        for name in ("src", "href") if tag in {"script", "img", "link"} else ():
            if name in values and values.get("rel") not in _NOT_LOADED:
                self.loads.add(values[name] or "")


@pytest.mark.parametrize("path", PAGES)
def test_every_link_inside_leads_somewhere(client: TestClient, path: str) -> None:
    links = {link.partition("#")[0] for link in _Links(client.get(path, headers=BROWSER).text).links}
    broken = [link for link in links if link.startswith("/") and client.get(link, headers=BROWSER).status_code != 200]
    assert not broken


def test_organizations_have_their_roles_in_english_only(client: TestClient) -> None:
    page = client.get("/organizations", headers=BROWSER).text
    assert "<td>supporting organization</td><td>active</td>" in page
    assert "ondersteunende organisatie" not in page


@pytest.mark.parametrize("path", PAGES)
def test_pages_load_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    page = client.get(path, headers=BROWSER)
    assert page.status_code == 200
    loads = _Links(page.text).loads
    assert loads
    assert all(address.startswith("/static/") for address in loads)
    assert not re.search(r"style=|<script(?! src=\"/static/)", page.text)


@pytest.mark.parametrize("path", [*PAGES, "/health", "/nowhere", "/static/cfit.css", "/sparql"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert all(response.headers.get(name.decode()) == value.decode() for name, value in COMMON)


@pytest.mark.parametrize(
    ("query", "accept", "may_be_shown"),
    [
        ("ASK {}", "application/sparql-results+json", False),
        ("ASK {}", "application/sparql-results+xml", True),
        ("CONSTRUCT {} {}", "application/rdf+xml", True),
        ("CONSTRUCT {} {}", "text/turtle", False),
        ("x", "application/sparql-results+json", False),
        ("ASK {}", "text/html", True),
    ],
)
def test_answers_to_queries_carry_those_that_have_a_use(
    client: TestClient, query: str, accept: str, may_be_shown: bool
) -> None:
    response = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    carried = [header for header in COMMON if response.headers.get(header[0].decode()) == header[1].decode()]
    assert set(carried) >= set(OF_DATA)
    assert set(OF_PAGES).issubset(carried) is may_be_shown


def test_home_says_what_this_is_and_where_to_go(client: TestClient) -> None:
    page = client.get("/", headers=BROWSER).text
    assert "An independent compilation from public sources" in page
    assert "Not published by the Circular and Fair ICT Pact or its secretariat" in page
    assert 'href="https://circularandfairictpact.com/how-contribute/"' in page
    assert page.count('href="/question/') >= 20


def test_home_counts_are_those_of_the_graph(client: TestClient) -> None:
    sparql = (ROOT / "cfit_graph/queries/count-affiliations.rq").read_text("utf-8")
    page = client.get("/", headers=BROWSER).text
    for row in client.get("/sparql", params={"query": sparql}).json()["results"]["bindings"]:
        assert re.search(rf"<b>{row['count']['value']}</b> <a[^>]*>{row['name']['value']}s?</a>", page)


def test_health(client: TestClient, released: Release) -> None:
    expected = {"status": "ok", "release": released.version}
    assert client.get("/health").json() == expected
    assert client.head("/health").status_code == 200


def test_the_vocabulary_is_a_page_and_rdf(client: TestClient) -> None:
    page = client.get("/ns", headers=BROWSER)
    assert 'id="Participation"' in page.text
    turtle = client.get("/ns", headers={"Accept": "text/turtle"})
    assert "cfit:Participation" in turtle.text
    assert turtle.headers["vary"].startswith("Accept")


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "urn:x:y", ""])
def test_only_web_addresses_become_links(iri: str) -> None:
    assert href(iri, BASE) == ""


def test_a_fault_of_ours_is_a_problem_with_all_headers(
    releases: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    open_client: Callable[..., TestClient],
) -> None:
    client = open_client(Settings(root=ROOT, releases=releases))
    monkeypatch.setattr(WorkerStore, "query", lambda *_, **__: 1 / 0)
    response = client.get("/doc/pact/cfit.ttl", headers={"Origin": "https://elsewhere.example"})
    problem(response, 500, "internal")
    assert all(response.headers.get(name.decode()) == value.decode() for name, value in COMMON)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "ZeroDivisionError" in caplog.text


def test_errors_vary_by_accept(client: TestClient) -> None:
    assert "Accept" in client.get("/nowhere").headers["vary"]
    assert "Accept" in client.get("/nowhere", headers=BROWSER).headers["vary"]


HOSTILE = """@prefix ex: <http://example.org/> .
<https://w3id.org/cfit/id/organization/x> a ex:C ; ex:q "x"^^<https://w3id.org/cfit/ns#Nope> ;
    ex:p <javascript:alert(1)> , "<script>alert(1)</script>" ;
    <http://www.w3.org/2004/02/skos/core#prefLabel> "<img src=x onerror=alert(1)>"@en , "\\"><b>"@fr .
"""


def test_files_are_served_as_they_are_and_the_page_says_so(
    tmp_path: Path, open_client: Callable[..., TestClient]
) -> None:
    path = tmp_path / "hostile.ttl"
    path.write_text(HOSTILE, "utf-8")
    client = open_client(Settings(releases=tmp_path / "none"), [path])
    home = client.get("/", headers=BROWSER).text
    assert "have not been validated" in home
    assert not (tmp_path / "none").exists()
    everything = {"query": "SELECT * { ?s ?p ?o }"}
    assert len(client.get("/sparql", params=everything).json()["results"]["bindings"]) == 6
    for page in (
        home,
        client.get("/sparql", params=everything, headers=BROWSER).text,
        client.get("/doc/organization/x", headers=BROWSER).text,
    ):
        assert not re.search(r"<script|<img|<b>|href=.javascript", page)
    assert client.get("/health").json() == {"status": "ok", "release": None}
    for address in ("/organizations", "/pacts"):
        problem(client.get(address), 404, "not-found")


@pytest.mark.parametrize("name", ENVIRONMENT.list_templates())
def test_every_filter_that_a_template_names_is_there(name: str) -> None:
    source = (ROOT / "cfit_graph/web/templates" / name).read_text("utf-8")
    named = {node.name for node in ENVIRONMENT.parse(source).find_all(nodes.Filter)}
    assert named <= ENVIRONMENT.filters.keys()


def test_the_page_of_a_problem_leads_to_what_was_perhaps_meant(client: TestClient, released: Release) -> None:
    page = client.get("/doc/organization/electronic-watch", headers=BROWSER)
    assert page.status_code == 404
    assert '<a href="/doc/organization/electronics-watch">organization/electronics-watch</a>' in page.text
    unknown = problem(client.get("/doc/organization/electronic-watch"), 404, "not-found")
    assert unknown["nearest"][0] == "organization/electronics-watch"
    page = client.get("/release/2020-01-01.1/doc/pact/cfit", headers=BROWSER)
    assert f'<a href="/release/{released.version}">release {released.version}</a>' in page.text


def test_the_page_of_a_problem_lists_all_that_is_wrong(client: TestClient) -> None:
    page = client.get("/api/v1/organizations?role=suporting&limit=0", headers=BROWSER).text
    assert "<li><code>role</code>: " in page
    assert "<li><code>limit</code>: " in page


@pytest.mark.parametrize(
    ("asked", "name", "also"),
    [
        ("electronics watch", "Electronics Watch", ""),
        ("  WATCH electr", "Electronics Watch", ""),
        ("umwelt wasserwirtschaft", "Bundesministerium für Land- und Forstwirtschaft, Umwelt, Klima, Regionen", ""),
        ("bmluk", "Bundesministerium für Land- und Forstwirtschaft, Umwelt, Klima, Regionen", "BMLUK"),
    ],
)
def test_an_organization_is_found_by_any_name(client: TestClient, asked: str, name: str, also: str) -> None:
    page = client.get("/organizations", params={"q": asked}, headers=BROWSER).text
    assert name in page
    assert (f"also “{also}”" in page) is bool(also)
    assert "TCO Development" not in page
    assert "All organizations" in page


def test_a_name_of_nobody_and_no_name_at_all(client: TestClient) -> None:
    page = client.get("/organizations", params={"q": '"><b>nobody'}, headers=BROWSER).text
    assert "No organizations found for “&#34;&gt;&lt;b&gt;nobody”" in page
    assert "<table" not in page
    assert "TCO Development" in client.get("/organizations?q=%20", headers=BROWSER).text
