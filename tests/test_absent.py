"""Names of a query that are nowhere in the graph are told as they are written, with the nearest that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cfit_graph.absent import MOST, Absent, absent, has_plain_text

if TYPE_CHECKING:
    from cfit_graph.store.embedded import EmbeddedStore

ORGANIZATION = "http://www.w3.org/ns/org#Organization"
PACT = "https://w3id.org/cfit/id/pact/cfit"


@pytest.mark.parametrize(
    ("sparql", "written"),
    [
        ("PREFIX o: <http://www.w3.org/ns/org#> SELECT * { ?s a o:Organisation }", ["o:Organisation"]),
        ("PREFIX o: <http://www.w3.org/ns/org#> SELECT * { ?s a o:Organization }", []),
        (f"SELECT * {{ <{PACT}> <x:y> ?o . <{PACT}x> ?p <x:z> }}", ["<x:y>", f"<{PACT}x>", "<x:z>"]),
        ("PREFIX : <x:> ASK { ?s :y\\-z ?o }", [":y\\-z"]),
        ("ASK { ?s ?p 'x:y' , \"<x:y>\" } # <x:y>", []),
        ('PREFIX x: <http://www.w3.org/2001/XMLSchema#> ASK { ?s ?p "1"^^<x:y> FILTER(x:integer(?p)) }', []),
        ("PREFIX unused: <x:y> BASE <http://x/> ASK { ?s <relative> ?o }", []),
        ("SELECT * FROM <https://w3id.org/cfit/graph/data/pacts> FROM <x:graph> { ?s ?p ?o }", ["<x:graph>"]),
        ("ASK { unknown:name ?p ?o }", []),
        ("", []),
    ],
)
def test_names_outside_texts_datatypes_and_prologue_are_looked_up(
    store: EmbeddedStore, sparql: str, written: list[str]
) -> None:
    assert [name.written for name in absent(store, sparql, [])] == written


def test_the_nearest_is_told_only_if_it_is_alike(store: EmbeddedStore) -> None:
    known = [ORGANIZATION, PACT]
    assert absent(store, "ASK { ?s a <http://www.w3.org/ns/org#Organisation> }", known) == [
        Absent("<http://www.w3.org/ns/org#Organisation>", ORGANIZATION)
    ]
    assert absent(store, "ASK { ?s a <http://example.org/Thing> }", known) == [Absent("<http://example.org/Thing>", "")]


def test_of_very_many_names_only_the_first_are_looked_up(store: EmbeddedStore) -> None:
    sparql = "ASK { VALUES ?s { " + " ".join(f"<x:{number}>" for number in range(3 * MOST)) + " } }"
    assert len(absent(store, sparql, [])) == MOST


@pytest.mark.parametrize(
    ("sparql", "is_plain"),
    [
        ("ASK { ?s ?p 'x' }", True),
        ("ASK { VALUES ?o { 'x' } ?s ?p ?o }", False),
        ("ASK { ?s ?p 'x'@en }", False),
        ("ASK { ?s ?p '2023'^^<http://www.w3.org/2001/XMLSchema#gYear> }", False),
        ("ASK { ?s ?p ?o FILTER(CONTAINS(?o, 'x')) }", False),
        ("ASK { ?s ?p ?o FILTER(?o = 'x') }", False),
    ],
)
def test_texts_without_a_language_are_seen_where_they_are_matched(sparql: str, *, is_plain: bool) -> None:
    assert has_plain_text(sparql) is is_plain


def test_a_thing_is_compared_with_those_of_its_kind(store: EmbeddedStore) -> None:
    here = "https://w3id.org/cfit/id/"
    known = [f"{here}pact/cfits", f"{here}role/cfit"]
    assert absent(store, f"ASK {{ <{here}role/cfits> ?p ?o }}", known)[0].nearest == f"{here}role/cfit"


def test_of_many_names_the_first_have_their_nearest(store: EmbeddedStore) -> None:
    many = (
        "ASK { VALUES ?type { " + " ".join(f"<{ORGANIZATION}{letter}>" for letter in "abcdefghij") + " } ?s a ?type }"
    )
    nearest = [name.nearest for name in absent(store, many, [ORGANIZATION])]
    assert len(nearest) == 10
    assert nearest.count(ORGANIZATION) == 5
