from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rdflib import OWL, RDF, RDFS, SDO, URIRef

from cfit_graph import diagrams, entities, source, texts, vocabulary
from cfit_graph.namespaces import shorten

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

    from cfit_graph.diagrams import Box, Diagram
    from cfit_graph.release import Release
    from cfit_graph.store.embedded import EmbeddedStore
    from cfit_graph.vocabulary import Vocabulary

LETTER = 7.25  # the width in pixels of a letter of the monospaced 12px font, in which names are set


@pytest.fixture(scope="module")
def read(store: EmbeddedStore) -> Vocabulary:
    return vocabulary.read(store)


@pytest.fixture(scope="module")
def names(store: EmbeddedStore) -> dict[str, str]:
    return texts.PROPERTIES | entities.term_names(store)


@pytest.fixture(scope="module")
def overview(read: Vocabulary, names: dict[str, str]) -> Diagram:
    return diagrams.overview(read.graph, names)


@pytest.fixture(params=diagrams.MAIN)
def drawing(request: pytest.FixtureRequest, read: Vocabulary, names: dict[str, str]) -> Diagram:
    return diagrams.of_class(read.graph, names, read.datatypes, request.param)


def _boxes(diagram: Diagram) -> dict[str, Box]:
    return {box.name: box for box in diagram.boxes}


def _links(diagram: Diagram) -> set[tuple[str, str, str]]:
    loops = {(box.name, loop, box.name) for box in diagram.boxes for loop in box.loops}
    return loops | {(arrow.source, arrow.name, arrow.target) for arrow in diagram.arrows}


def test_the_overview_shows_every_main_class_by_name(overview: Diagram) -> None:
    boxes = _boxes(overview)
    assert set(diagrams.MAIN) <= boxes.keys()
    assert all(box.label for name, box in boxes.items() if name != diagrams.RECORDS)


def test_the_overview_shows_every_property_between_its_classes(overview: Diagram, read: Vocabulary) -> None:
    boxes = _boxes(overview).keys()
    for name in read.graph.subjects(RDF.type, OWL.ObjectProperty):
        for owner in read.graph.objects(name, SDO.domainIncludes):
            for taken in read.graph.objects(name, SDO.rangeIncludes):
                link = shorten(str(owner)), shorten(str(name)), shorten(str(taken))
                assert link in _links(overview) or not {link[0], link[2]} <= boxes, link


def test_kinds_are_inside_their_class(overview: Diagram, read: Vocabulary) -> None:
    boxes = _boxes(overview)
    for kind, above in read.graph.subject_objects(RDFS.subClassOf):
        inner, outer = boxes.get(shorten(str(kind))), boxes.get(shorten(str(above)))
        if inner and outer:
            assert outer.place.x < inner.place.x < inner.place.x + inner.place.width < outer.place.x + outer.place.width
            assert (
                outer.place.y < inner.place.y < inner.place.y + inner.place.height < outer.place.y + outer.place.height
            )


def test_arrows_are_level_or_upright_and_end_at_boxes(overview: Diagram, drawing: Diagram) -> None:
    for diagram in (overview, drawing):
        for arrow in diagram.arrows:
            assert arrow.upright or arrow.start[1] == arrow.end[1]
            assert any(_on_edge(box, arrow.start) for box in diagram.boxes if box.name == arrow.source), arrow
            assert any(_on_edge(box, arrow.end) for box in diagram.boxes if box.name == arrow.target), arrow


def _on_edge(box: Box, point: tuple[float, float]) -> bool:
    x, y, width, height, _ = box.place
    within = x <= point[0] <= x + width and y <= point[1] <= y + height
    return within and (point[0] in {x, x + width} or point[1] in {y, y + height})


def test_texts_fit(overview: Diagram, drawing: Diagram) -> None:
    for diagram in (overview, drawing):
        for box in diagram.boxes:
            assert len(box.name) * LETTER <= box.place.width, box.name
            assert box.place.x + box.place.width <= diagram.width
            assert box.place.y + box.place.height <= diagram.height
        for arrow in diagram.arrows:
            width = len(arrow.name) * LETTER
            length = diagram.width - arrow.label[0] if arrow.upright else abs(arrow.end[0] - arrow.start[0])
            assert width <= length, arrow.name


def test_no_two_labels_overlap(overview: Diagram, drawing: Diagram) -> None:
    for diagram in (overview, drawing):
        places = [arrow.label for arrow in diagram.arrows]
        assert len(set(places)) == len(places)


def test_a_class_has_its_properties_and_those_of_what_it_is_a_kind_of(read: Vocabulary, names: dict[str, str]) -> None:
    links = _links(diagrams.of_class(read.graph, names, read.datatypes, "cfit:Participation"))
    assert ("cfit:Participation", "cfit:represents", "skos:Concept") in links
    assert ("cfit:Participation", "org:role", "org:Role") in links
    assert ("cfit:Participation", "schema:startDate", "xsd:date, xsd:gYear, xsd:gYearMonth") in links


def test_a_class_shows_what_points_to_it(read: Vocabulary, names: dict[str, str]) -> None:
    links = _links(diagrams.of_class(read.graph, names, read.datatypes, "org:Organization"))
    assert ("cfit:Affiliation", "org:member", "org:Organization") in links
    assert ("cfit:Endorsement", "prov:wasAssociatedWith", "org:Organization") in links


def test_reused_properties_are_used_so_in_the_graph(released: Release) -> None:
    graph = source.read(released.graph)
    for owner, name, taken in diagrams.REUSED:
        things = _things(graph, owner)
        values = {value for thing in things for value in graph.objects(thing, _iri(name))}
        assert values, (owner, name)
        if taken in diagrams.MAIN:
            assert values & _things(graph, taken), (owner, name)


def _things(graph: Graph, name: str) -> set[Node]:
    kinds = graph.transitive_subjects(RDFS.subClassOf, _iri(name))
    return {thing for kind in kinds for thing in graph.subjects(RDF.type, kind)}


def _iri(name: str) -> URIRef:
    return diagrams._iri(name)
