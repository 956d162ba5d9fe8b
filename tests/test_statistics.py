"""The counts in a release, counted again in another way (DS-05)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Literal, URIRef

from cfit_graph import source, statistics
from cfit_graph.namespaces import BASE, ID
from cfit_graph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib import Graph

    from cfit_graph.release import Release

LINKS = (OWL.sameAs, RDFS.seeAlso, SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.relatedMatch)


@pytest.fixture(scope="module")
def counted(released: Release) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((released.path / "statistics.json").read_text("utf-8"))
    return content


@pytest.fixture(scope="module")
def graph(released: Release) -> Graph:
    return source.read(released.graph)


def test_totals(counted: dict[str, Any], graph: Graph) -> None:
    entities = {node for node in graph.subjects(RDF.type) if str(node).startswith(ID)}
    assert {name: number for name, number in counted.items() if isinstance(number, int)} == {
        "triples": len(graph),
        "entities": len(entities),
        "distinctSubjects": len(set(graph.subjects())),
        "distinctObjects": len(set(graph.objects())),
        "classes": len(set(graph.objects(None, RDF.type))),
        "properties": len(set(graph.predicates())),
    }


def test_classes(counted: dict[str, Any], graph: Graph) -> None:
    expected = {str(kind): len(set(graph.subjects(RDF.type, kind))) for kind in graph.objects(None, RDF.type)}
    assert {part["class"]: part["entities"] for part in counted["classPartition"]} == expected


def test_properties(counted: dict[str, Any], graph: Graph) -> None:
    for part in counted["propertyPartition"]:
        pairs = list(graph.subject_objects(URIRef(part["property"])))
        assert part["triples"] == len(pairs)
        assert part["distinctSubjects"] == len({subject for subject, _ in pairs})
        assert part["distinctObjects"] == len({value for _, value in pairs})
    assert {part["property"] for part in counted["propertyPartition"]} == set(map(str, graph.predicates()))


def test_languages(counted: dict[str, Any], graph: Graph) -> None:
    tags = {value.language for value in graph.objects() if isinstance(value, Literal) and value.language}
    assert [row["language"] for row in counted["languages"]] == sorted(tags)
    assert tags >= {"de", "en", "fr", "nl"}


def test_links_to_other_datasets(counted: dict[str, Any], graph: Graph) -> None:
    expected: dict[tuple[str, str], int] = {}
    for link in LINKS:
        for subject, value in graph.subject_objects(link):
            if str(subject).startswith(BASE) and not str(value).startswith(BASE):
                target = "/".join(str(value).split("/")[:3]) + "/"
                expected[target, str(link)] = expected.get((target, str(link)), 0) + 1
    assert {(part["target"], part["property"]): part["triples"] for part in counted["linkset"]} == expected
    assert expected["https://ror.org/", str(OWL.sameAs)] > 10


def test_a_graph_without_anything(tmp_path: Path) -> None:
    counted = statistics.count(EmbeddedStore(()), BASE)
    assert counted["triples"] == 0
    assert counted["linkset"] == []
