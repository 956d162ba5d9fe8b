"""Every subject of the dump dereferences and mentions itself: in N-Triples, on its page, and in another format in turn.

``CFIT_EVERY=1`` asks for every subject in every format.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from rdflib import Graph, URIRef

from cfit_graph import release, source
from cfit_graph.namespaces import ID
from cfit_graph.store.formats import GRAPHS
from tests.conftest import ROOT
from tests.web import BROWSER

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from cfit_graph.release import Release

EVERY = os.environ.get("CFIT_EVERY") == "1"  # before the tests take settings of the shell out of the way
ALWAYS = "application/n-triples"
IN_TURN = [it.media_type for it in GRAPHS if it.media_type != ALWAYS]


@pytest.fixture(scope="module")
def graph(released: Release) -> Graph:
    return source.read(released.graph)


@pytest.fixture(scope="module")
def things(graph: Graph) -> list[URIRef]:
    return sorted(node for node in set(graph.subjects()) if isinstance(node, URIRef) and node.startswith(ID))


def _document(client: TestClient, thing: URIRef) -> str:
    """Return where a thing leads to."""
    answer = client.get("/id/" + thing.removeprefix(ID))
    assert answer.status_code == 303, thing
    location: str = answer.headers["location"]
    return location


def test_all_that_the_sources_tell_of_is_asked_for(things: list[URIRef]) -> None:
    written = source.merge(map(source.read, release.sources(ROOT)))
    assert set(things) > {subject for subject in written.subjects() if str(subject).startswith(ID)}


@pytest.mark.parametrize("media_type", [ALWAYS, *IN_TURN])
def test_every_subject_says_of_itself_what_the_dump_says(
    client: TestClient, graph: Graph, things: list[URIRef], media_type: str
) -> None:
    asked = things if EVERY or media_type == ALWAYS else things[IN_TURN.index(media_type) :: len(IN_TURN)]
    for thing in asked:
        answer = client.get(_document(client, thing), headers={"Accept": media_type})
        assert answer.headers["content-type"].partition(";")[0] == media_type, thing
        told = Graph().parse(data=answer.content, format=media_type)
        assert set(graph.predicate_objects(thing)) <= set(told.predicate_objects(thing)), thing


def test_every_subject_has_a_page_that_names_it(client: TestClient, things: list[URIRef]) -> None:
    for thing in things:
        page = client.get(_document(client, thing), headers=BROWSER)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), thing
        assert f"<code>{thing}</code>" in page.text, thing
