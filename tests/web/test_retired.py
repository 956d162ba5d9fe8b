"""HT-07: what is retired keeps its address, and answers 410 with what is left of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rdflib import DCTERMS, ORG, OWL, PROV, SKOS, Graph, Literal, URIRef

from cfit_graph.namespaces import BASE, ID
from cfit_graph.settings import Settings
from cfit_graph.store.formats import GRAPHS
from tests.conftest import ROOT
from tests.jsonld import statements
from tests.release import STATEMENT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from tests.conftest import Publish

    Open = Callable[[Settings], TestClient]

OLD, NEW = (URIRef(f"{ID}organization/{name}") for name in ("old", "new"))
REPLACED = f"<{OLD}> <{DCTERMS.isReplacedBy}> <{NEW}> .\n"
DEPRECATED = f'<{OLD}> <{OWL.deprecated}> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .\n'
BOTH = STATEMENT.format("old", "The old one") + STATEMENT.format("new", "The new one")


def _graph(client: TestClient, media_type: str) -> Graph:
    answer = client.get("/doc/organization/old", headers={"Accept": media_type})
    assert answer.status_code == 410
    assert answer.headers["vary"].split(", ")[0] == "Accept"
    assert "etag" not in answer.headers
    return Graph().parse(data=answer.content, format=media_type)


@pytest.mark.parametrize("media_type", [it.media_type for it in GRAPHS])
def test_what_a_release_has_no_more_leaves_a_tombstone(
    publish: Publish, tiny: Path, open_client: Open, media_type: str
) -> None:
    last = publish(BOTH + REPLACED)
    publish(STATEMENT.format("new", "The new one"))
    publish(STATEMENT.format("new", "The new one again"))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    assert client.get("/id/organization/old").status_code == 303
    graph = _graph(client, media_type)
    assert (OLD, SKOS.prefLabel, Literal("The old one", "en")) in graph
    assert (OLD, OWL.deprecated, Literal(lexical_or_value=True)) in graph
    assert (OLD, DCTERMS.isReplacedBy, NEW) in graph
    assert (None, PROV.wasDerivedFrom, URIRef(f"{BASE}release/{last.version}")) in graph


@pytest.mark.parametrize("retires", [REPLACED, DEPRECATED])
def test_what_the_data_call_retired_is_told_of_still(
    publish: Publish, tiny: Path, open_client: Open, retires: str
) -> None:
    publish(BOTH + retires)
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    assert (OLD, SKOS.prefLabel, Literal("The old one", "en")) in _graph(client, "text/turtle")
    assert client.get("/doc/organization/new").status_code == 200
    page = client.get("/doc/organization/old", headers=BROWSER)
    assert page.status_code == 410
    assert "This entry is retired. Its address stays" in page.text


def test_the_page_of_a_tombstone_says_what_it_was_and_where_it_went(
    publish: Publish, tiny: Path, open_client: Open
) -> None:
    last = publish(BOTH + REPLACED)
    publish(STATEMENT.format("new", "The new one"))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    page = client.get("/doc/organization/old", headers=BROWSER)
    assert page.status_code == 410
    then = f"/release/{last.version}/doc/organization/old"
    named = '<a href="/doc/organization/new">The new one</a>'
    for words in ("The old one", "The last release that had it", f'href="{then}"', named):
        assert words in page.text, words
    assert not re.search("<dt>(retired|replaced by)</dt>", page.text)  # the notice says so
    assert "The old one" in client.get(then, headers=BROWSER).text


def test_what_is_called_replaced_after_it_is_gone_has_its_name(publish: Publish, tiny: Path, open_client: Open) -> None:
    publish(BOTH)
    publish(STATEMENT.format("new", "The new one"))
    publish(STATEMENT.format("new", "The new one") + REPLACED + DEPRECATED)
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    graph = _graph(client, "text/turtle")
    assert (OLD, SKOS.prefLabel, Literal("The old one", "en")) in graph
    assert (OLD, DCTERMS.isReplacedBy, NEW) in graph
    page = client.get("/doc/organization/old", headers=BROWSER)
    assert page.status_code == 410
    assert "<h1>The old one" in page.text.replace(' lang="en"', "")


def test_a_text_in_the_place_of_a_replacement_breaks_no_tombstone(
    publish: Publish, tiny: Path, open_client: Open
) -> None:
    publish(BOTH + DEPRECATED + REPLACED.replace(f"<{NEW}>", '"text"'))
    gone = publish(STATEMENT.format("new", "The new one"))
    assert "text" not in (gone.path / "retired.json").read_text("utf-8")
    graph = _graph(open_client(Settings(root=tiny, releases=tiny / "releases")), "text/turtle")
    assert (OLD, SKOS.prefLabel, Literal("The old one", "en")) in graph
    assert not list(graph.objects(OLD, DCTERMS.isReplacedBy))


TYPED = f"<{OLD}> a <{ORG.Organization}> . <{NEW}> a <{ORG.Organization}> .\n"
V1 = "/api/v1"


@pytest.fixture
def gone(publish: Publish, tiny: Path, open_client: Open) -> TestClient:
    """A site whose second release has the old one no more."""
    publish(BOTH + REPLACED + TYPED)
    publish(STATEMENT.format("new", "The new one") + f"<{NEW}> a <{ORG.Organization}> .")
    return open_client(Settings(root=tiny, releases=tiny / "releases"))


@pytest.fixture
def kept(publish: Publish, tiny: Path, open_client: Open) -> TestClient:
    """A site whose release has it still, and calls it replaced."""
    publish(BOTH + REPLACED + TYPED)
    return open_client(Settings(root=tiny, releases=tiny / "releases"))


def test_the_api_tells_of_what_is_gone_as_its_document_does(gone: TestClient) -> None:
    answer = gone.get(f"{V1}/organizations/old")
    assert answer.status_code == 410
    told = answer.json()
    assert (told["id"], told["prefLabel"]["en"], told["isReplacedBy"]) == (str(OLD), "The old one", [str(NEW)])
    assert set(statements(answer.json())) <= set(_graph(gone, "text/turtle"))
    (wrong,) = problem(gone.get(f"{V1}/affiliations?organization=old"), 400, "bad-parameters")["errors"]
    assert wrong["detail"] == "The organization 'old' is retired. In its place: new."


def test_the_api_marks_what_is_recorded_still(kept: TestClient) -> None:
    answer = kept.get(f"{V1}/organizations/old")
    assert (answer.status_code, answer.json()["prefLabel"]["en"]) == (410, "The old one")
    for path in (f"{V1}/organizations", f"{V1}/search?q=one"):
        listed = {item["id"]: item.get("isReplacedBy") for item in kept.get(path).json()["items"]}
        assert listed == {str(OLD): [str(NEW)], str(NEW): None}
    assert kept.get(f"{V1}/affiliations?organization=old").status_code == 200
    assert "isReplacedBy" in kept.get(f"{V1}/organizations.csv").text.partition("\n")[0]


def test_what_is_retired_is_listed_apart_and_not_counted(kept: TestClient) -> None:
    page = kept.get("/organizations", headers=BROWSER).text
    assert "<p>1 organization." in page
    assert "The old one" not in page.partition("<h2>Retired</h2>")[0]
    assert "The old one" in page.partition("<h2>Retired</h2>")[2]
    home = kept.get("/", headers=BROWSER).text
    assert "In all: 1 " in home
    assert ">organization</a>" in home
    listed = kept.get("/sitemap.xml").text
    assert ("organization/new<" in listed, "organization/old<" in listed) == (True, False)


def test_what_is_gone_is_cited_from_the_last_release_that_had_it(
    publish: Publish, tiny: Path, open_client: Open
) -> None:
    dataset = (ROOT / "data" / "dataset.ttl").read_text("utf-8")
    for data in (BOTH, STATEMENT.format("new", "The new one")):
        publish(dataset + data)
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    told = client.get("/cite.txt", params={"iri": str(OLD)}).text
    assert "The old one. Release 2026-01-01.1." in told
    assert "/release/2026-01-01.1/doc/organization/old" in told


def test_the_time_of_a_tombstone_has_the_form_of_others(gone: TestClient) -> None:
    modified = [
        re.findall(r'modified> "([^"]*)"', gone.get(f"/doc/organization/{it}.nt").text) for it in ("old", "new")
    ]
    assert modified[0] == modified[1] == ["2026-01-01T13:00:00Z"]


def test_a_tombstone_stands_even_if_the_last_release_is_lost(publish: Publish, tiny: Path, open_client: Open) -> None:
    last = publish(BOTH + REPLACED)
    publish(STATEMENT.format("new", "The new one"))
    (last.path / "manifest.json").unlink()
    graph = _graph(open_client(Settings(root=tiny, releases=tiny / "releases")), "text/turtle")
    assert (OLD, DCTERMS.isReplacedBy, NEW) in graph
    assert not list(graph.objects(OLD, SKOS.prefLabel))


def test_what_comes_back_is_there_again(publish: Publish, tiny: Path, open_client: Open) -> None:
    publish(BOTH)
    publish(STATEMENT.format("new", "The new one"))
    publish(BOTH)
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    assert client.get("/doc/organization/old").status_code == 200


def test_what_never_was_is_not_found_and_the_nearest_are_named(publish: Publish, tiny: Path, open_client: Open) -> None:
    publish(BOTH)
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    told = problem(client.get("/doc/organization/newt"), 404, "not-found")["detail"]
    assert "Nearest: organization/new" in told


def test_only_what_is_said_of_the_thing_itself_counts(publish: Publish, tiny: Path, open_client: Open) -> None:
    """Another retired thing, or one that names this one as its replacement, does not retire it."""
    publish(BOTH + REPLACED)
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    assert client.get("/doc/organization/new.ttl").status_code == 200
    page = client.get("/doc/organization/new", headers=BROWSER).text
    assert "<dt>replaces</dt>" in page
