"""Of a query without rows the parts are told of which any one keeps it from having some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cfit_graph.parts import MOST, hindering
from cfit_graph.store.lexer import outline
from cfit_graph.store.rows import rows
from tests.conftest import ROOT

if TYPE_CHECKING:
    from cfit_graph.store.embedded import EmbeddedStore

PREFIXES = """PREFIX cfit: <https://w3id.org/cfit/ns#> PREFIX org: <http://www.w3.org/ns/org#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX role: <https://w3id.org/cfit/id/role/> """


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("SELECT * { ?s a org:Organization ; cfit:endorses ?x }", ["?s a org:Organization", "?s cfit:endorses ?x"]),
        (
            "SELECT ?s { ?s a cfit:Support ; # of a pact\n org:role role:procuring , ?other ; org:member ?m . }",
            ["?s a cfit:Support", "?s org:role role:procuring , ?other"],
        ),
        (
            'SELECT (COUNT(*) AS ?n) ("{" AS ?b) { ?s skos:prefLabel ?l . FILTER(?l = "EW") } GROUP BY ?s',
            ['FILTER(?l = "EW")'],
        ),
        (
            "ASK { { ?s a cfit:Support } UNION { ?s a cfit:Participation } OPTIONAL { ?s org:role ?r } "
            "FILTER NOT EXISTS { ?s org:member ?m } . ?s org:organization/skos:prefLabel ?l }",
            ["FILTER NOT EXISTS { ?s org:member ?m }"],
        ),
        (
            "SELECT * { VALUES (?r ?x) { (role:procuring 1) } ?s a cfit:Support . ?s org:role ?r BIND(1 AS ?y) }",
            ["VALUES (?r ?x) { (role:procuring 1) }", "?s a cfit:Support", "?s org:role ?r"],
        ),
        (
            "SELECT * { [ a cfit:Support ; org:role ?r ] org:role role:procuring . ?s a ?t }",
            ["[ a cfit:Support ; org:role ?r ] org:role role:procuring"],
        ),
    ],
)  # fmt: skip
def test_parts_are_told_as_they_are_written(store: EmbeddedStore, query: str, parts: list[str]) -> None:
    assert hindering(store, PREFIXES + query) == parts


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s a cfit:Support ; org:role ?r }",  # it has rows
        "SELECT * { ?s a cfit:Support ; org:role ?r } OFFSET 100000",  # it is not the parts
        "SELECT * { ?s a cfit:Endorsed }",  # it is one
        "SELECT * { SELECT ?s { ?s a cfit:Support ; cfit:endorses ?x } }",
        "SELECT * FROM <https://w3id.org/cfit/graph/data/pacts> { ?s a cfit:Support ; cfit:endorses ?x }",
        "CONSTRUCT { ?s a cfit:Pact } WHERE { ?s a cfit:Support ; cfit:endorses ?x }",
        "DESCRIBE ?s { ?s a cfit:Support ; cfit:endorses ?x }",
        "SELECT * { ?s a cfit:Pact . " + "?s a cfit:Support . " * MOST + "}",  # it has too many
        "ASK {}",
    ],
)
def test_of_other_queries_nothing_is_told(store: EmbeddedStore, query: str) -> None:
    assert hindering(store, PREFIXES + query) == []


def test_of_every_question_that_has_rows_the_one_part_that_takes_them_away_is_told(store: EmbeddedStore) -> None:
    told = {}
    for path in sorted((ROOT / "ontology" / "questions").glob("*.rq")):
        question = path.read_text("utf-8")
        if outline(question).form == "SELECT" and rows(store, question):
            told[path.name] = hindering(store, question.replace("WHERE {", "WHERE { FILTER(false)", 1))
    assert len(told) > 40
    assert {name: parts for name, parts in told.items() if parts != ["FILTER(false)"]} == {}


def test_it_takes_no_long_time(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfit_graph.parts._SECONDS", 0)
    assert hindering(store, PREFIXES + "SELECT * { ?s a org:Organization ; cfit:endorses ?x }") == []
