"""HT-01 to HT-08: dereferencing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rdflib import Graph, URIRef

from cfit_graph.namespaces import ID
from cfit_graph.settings import Settings
from cfit_graph.store.formats import GRAPHS
from tests.conftest import ROOT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    Open = Callable[..., TestClient]

WATCH = "organization/electronics-watch"
MEDIA_TYPES = [answer.media_type for answer in GRAPHS]


def test_a_thing_leads_to_its_document(client: TestClient) -> None:
    for accept in ("text/turtle", "text/html", "image/png"):
        response = client.get(f"/id/{WATCH}", headers={"Accept": accept})
        assert response.status_code == 303
        assert response.headers["location"] == f"/doc/{WATCH}"
        assert "vary" not in response.headers or "Accept" not in response.headers["vary"].split(", ")


@pytest.mark.parametrize("slug", ["%E2%82%AC", "%C3%A9", "%3Cscript%3E", "a%0Ab", "a%0D%0AX-Evil:%201", "%22"])
def test_odd_names_cannot_break_the_redirect(client: TestClient, slug: str) -> None:
    for path in (f"/id/organization/{slug}", f"/doc/organization/{slug}"):
        response = client.get(path)
        problem(response, 404, "not-found")
        assert not {"location", "x-evil"} & response.headers.keys()


def test_the_host_header_decides_nothing(client: TestClient, releases: Path, open_client: Open) -> None:
    assert client.get(f"/id/{WATCH}", headers={"Host": "evil.example"}).headers["location"] == f"/doc/{WATCH}"
    public = open_client(Settings(root=ROOT, releases=releases, public_url="https://data.example.org"))
    response = public.get(f"/id/{WATCH}")
    assert response.headers["location"] == f"https://data.example.org/doc/{WATCH}"


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_document_in_each_format_says_the_same(client: TestClient, media_type: str) -> None:
    response = client.get(f"/doc/{WATCH}", headers={"Accept": media_type})
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == media_type
    assert response.headers["vary"].split(", ")[0] == "Accept"
    graph = Graph().parse(data=response.content, format=media_type)
    turtle = Graph().parse(data=client.get(f"/doc/{WATCH}.ttl").content, format="turtle")
    assert set(graph) == set(turtle)
    assert (URIRef(ID + WATCH), None, None) in graph


def test_each_format_has_an_address_of_its_own(client: TestClient) -> None:
    for suffix in ("html", "ttl", "nt", "jsonld", "rdf"):
        response = client.get(f"/doc/{WATCH}.{suffix}", headers={"Accept": "image/png"})
        assert response.status_code == 200, suffix
        assert response.headers["content-location"] == f"/doc/{WATCH}.{suffix}"


def test_a_browser_gets_the_page(client: TestClient) -> None:
    response = client.get(f"/doc/{WATCH}", headers=BROWSER)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-location"] == f"/doc/{WATCH}.html"
    for words in ("Electronics Watch", "supporting organization", "monitoring body", "2023-07-26", "announced"):
        assert words in response.text, words


def test_unknown_things(client: TestClient) -> None:
    problem(client.get("/doc/organization/nobody"), 404, "not-found")
    problem(client.get("/doc/organization/a%22%3E%7B"), 404, "not-found")
    problem(client.get("/nowhere"), 404, "not-found")
    page = client.get("/doc/organization/nobody", headers=BROWSER)
    assert page.status_code == 404
    assert "There is nothing at this address" in page.text


def test_formats_not_on_offer(client: TestClient) -> None:
    body = problem(client.get(f"/doc/{WATCH}", headers={"Accept": "image/png"}), 406, "not-acceptable")
    assert body["offers"] == ["text/html", *MEDIA_TYPES]
    assert ".docx" in problem(client.get(f"/doc/{WATCH}.docx"), 404, "not-found")["detail"]


def test_methods(client: TestClient) -> None:
    response = client.post(f"/doc/{WATCH}")
    problem(response, 405, "method-not-allowed")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert client.head(f"/doc/{WATCH}").status_code == 200
    assert client.head(f"/id/{WATCH}").status_code == 303
