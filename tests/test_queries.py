from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery

from cfit_graph import queries

FOLDER = Path(queries.__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.rq"))


@pytest.mark.parametrize("name", NAMES)
def test_a_query_is_valid_as_it_stands_and_says_what_it_is_for(name: str) -> None:
    sparql = queries.load(name)
    assert sparql.startswith("#+ summary: ")
    prepareQuery(sparql)


def test_terms_replace_examples() -> None:
    bound = queries.load("is-known", entity=URIRef("https://x.example/a"))
    assert "VALUES ?entity { <https://x.example/a> }" in bound


@pytest.mark.parametrize("text", ['a" } . ?s ?p ?o . { "', "VALUES ?x { 1 }", "\\", "a\nb", "é"])
def test_a_literal_cannot_break_out(text: str) -> None:
    bound = queries.bind("SELECT ?x { VALUES ?x { 1 } }", x=Literal(text))
    (row,) = Graph().query(bound)
    assert row == (Literal(text),)


@pytest.mark.parametrize("iri", ["http://a b", "http://a> ?p ?o } #", "http://a{", "http://a\nb", 'http://"'])
def test_a_malformed_iri_is_refused(iri: str) -> None:
    with pytest.raises(ValueError, match="not"):
        queries.load("is-known", entity=URIRef(iri))


def test_an_unknown_parameter_is_an_error() -> None:
    with pytest.raises(KeyError, match="entty"):
        queries.load("is-known", entty=URIRef("http://x/"))


def test_a_header_has_a_summary_and_tags() -> None:
    assert queries.header("is-known") == {"summary": "Whether anything is said of an entity", "tags": "entities"}


@pytest.mark.parametrize("name", [f"statistics/{path.stem}" for path in queries.paths("statistics")])
def test_counting_queries_are_valid_as_they_stand(name: str) -> None:
    prepareQuery(queries.load(name))


@pytest.mark.parametrize("name", [f"quality/{path.stem}" for path in queries.paths("quality")])
def test_measuring_queries_are_valid_as_they_stand(name: str) -> None:
    prepareQuery(queries.load(name))
