"""What a page is made of, as a screen reader reads it out: titles, headings, tables and fields."""

from __future__ import annotations

from collections import defaultdict
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from cfit_graph.settings import Settings
from tests.conftest import ROOT
from tests.web import BROWSER, PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx2 import Response
    from starlette.testclient import TestClient

    from cfit_graph.release import Release

MORE = [
    "/changes",
    "/changes?entity=organization:electronics-watch",
    "/changes?kind=buyer-group",
    "/cite",
    "/dataset",
    "/feed/page/1",
    "/nowhere",
    "/organizations?q=watch",
    "/problem/query-syntax",
    "/sparql?query=ASK {}",
    "/sparql?query=ASK",
]
"""Pages of other sorts: lists of changes, answers, mistakes."""
TABLE = b'id,name (en)\n,"No type"\n'
TURTLE = b"<https://w3id.org/cfit/id/pact/x> a <https://w3id.org/cfit/ns#Pact> .\n"


class _Page(HTMLParser):
    """Collects titles, levels of headings, cells of tables, and fields without a name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.title = self.about = ""
        self.levels: list[int] = []
        self.without_scope = 0
        self.languages: dict[str, list[str | None]] = defaultdict(list)
        self.fields: set[str | None] = set()
        self.wraps: set[str] = set()
        self.labelled: set[str | None] = set()
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._open.append(tag)
        self.languages[tag].append(values.get("lang"))
        if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self.levels.append(int(tag[1]))
        if tag == "meta" and values.get("name") == "description":
            self.about = values["content"] or ""
        if tag == "textarea":
            self.wraps.add(values.get("wrap") or "soft")
        if tag == "th" and values.get("scope") not in {"row", "col"}:
            self.without_scope += 1
        if tag == "label":
            self.labelled.add(values.get("for"))
        is_in_label = "label" in self._open
        if tag in {"input", "select", "textarea"} and values.get("type") != "hidden" and not is_in_label:
            self.fields.add(values.get("id"))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["title"] and "svg" not in self._open:
            self.title += data


def check(response: Response) -> None:
    """Check that a page is well made."""
    page = _Page(response.text)
    assert page.levels.count(1) == 1
    assert page.levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(page.levels, page.levels[1:], strict=False)), page.levels
    assert page.without_scope == 0
    assert page.fields <= page.labelled
    assert page.wraps <= {"soft", "hard"}  # HTML knows no other


@pytest.mark.parametrize("path", [*PAGES, *MORE])
def test_headings_are_in_order_and_cells_and_fields_have_names(client: TestClient, path: str) -> None:
    check(client.get(path, headers=BROWSER))


@pytest.mark.parametrize("path", ["", "/report", "/organizations"])
def test_so_they_are_on_pages_of_a_release(client: TestClient, released: Release, path: str) -> None:
    check(client.get(f"/release/{released.version}{path}", headers=BROWSER))


@pytest.mark.parametrize(("name", "draft"), [("organizations.csv", TABLE), ("draft.ttl", TURTLE)])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_judged_draft_is_told_in_the_language_of_the_page(
    client: TestClient, name: str, draft: bytes, language: str
) -> None:
    headers = BROWSER | {"Accept-Language": language}
    response = client.post("/validate", headers=headers, files={"file": (name, draft)})
    assert response.status_code == 200
    assert 'class="severity' in response.text
    check(response)
    languages = _Page(response.text).languages
    assert languages["html"] == ["en"]
    assert languages["title"] == languages["main"] == [language]


def test_each_page_has_a_title_of_its_own(client: TestClient, released: Release) -> None:
    paths = [*PAGES, *MORE, "/doc/organization/nobody", f"/release/{released.version}"]
    paths += [f"/release/{released.version}{path}" for path in ("/", "/organizations", "/doc/pact/cfit", "/report")]
    titles: dict[str, list[str]] = {}
    for path in paths:
        titles.setdefault(_Page(client.get(path, headers=BROWSER).text).title, []).append(path)
    same = [found for found in titles.values() if len(found) > 1]
    assert same == [["/nowhere", "/doc/organization/nobody"]]
    assert all(title.endswith(" · CFIT knowledge graph") for title in titles)


def test_search_engines_are_told_what_a_page_is_about(client: TestClient) -> None:
    home, thing = (_Page(client.get(path, headers=BROWSER).text).about for path in ("/", "/doc/pact/cfit"))
    assert "Circular and Fair ICT Pact" in home
    assert thing.startswith("Circular and Fair ICT Pact (pact): ")
    assert thing != home


def test_pages_over_an_endpoint_do_not_speak_of_files(open_client: Callable[..., TestClient]) -> None:
    client = open_client(Settings(root=ROOT, endpoint="http://127.0.0.1:9/sparql"))
    page = client.get("/nowhere", headers=BROWSER).text
    assert "Answers come from an endpoint elsewhere." in page
    assert "Served by cfit-graph from an endpoint elsewhere." in page
    assert "iles served" not in page
    assert not _Page(page).about
