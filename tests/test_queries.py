from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery

from cfit_graph import queries

FOLDER = Path(queries.__file__).parent
NAMES = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.rq"))


@pytest.mark.parametrize("name", NAMES)
def test_a_query_is_valid_as_it_stands_and_says_what_it_is_for(name: str) -> None:
    sparql = queries.load(name)
    assert sparql.startswith("#+ summary: ")
    prepareQuery(sparql)


def test_terms_replace_examples() -> None:
    bound = queries.load("describe-entity", entity=URIRef("https://x.example/a"))
    assert "VALUES ?entity { <https://x.example/a> }" in bound


@pytest.mark.parametrize("text", ['a" } . ?s ?p ?o . { "', "VALUES ?x { 1 }", "\\", "a\nb", "é"])
def test_a_literal_cannot_break_out(text: str) -> None:
    bound = queries.bind("SELECT ?x { VALUES ?x { 1 } }", x=Literal(text))
    (row,) = Graph().query(bound)
    assert row == (Literal(text),)


@pytest.mark.parametrize("iri", ["http://a b", "http://a> ?p ?o } #", "http://a{", "http://a\nb", 'http://"'])
def test_a_malformed_iri_is_refused(iri: str) -> None:
    with pytest.raises(ValueError, match="not"):
        queries.load("describe-entity", entity=URIRef(iri))


def test_percent_signs_stay_as_they_are() -> None:
    bound = queries.bind("SELECT ?x { VALUES ?x { 1 } <http://x/%41%(x)s> ?p ?x }", x="http://x/%42")
    assert bound == "SELECT ?x { VALUES ?x { <http://x/%42> } <http://x/%41%(x)s> ?p ?x }"
    assert queries.bind("SELECT ?x { <http://x/%41> ?p ?x }") == "SELECT ?x { <http://x/%41> ?p ?x }"


def test_an_unknown_parameter_is_an_error() -> None:
    with pytest.raises(KeyError, match="entty"):
        queries.load("describe-entity", entty=URIRef("http://x/"))


PARTS = """SELECT ?x {
  ?x ?p ?o .
  # if kind
  VALUES ?kind { <http://k/> }
  ?x a ?kind .
  # end
  # if day
  VALUES ?day { "x" }
  ?x ?p ?day .
  # end
}
"""


def test_parts_go_with_their_parameters() -> None:
    assert queries.bind(PARTS) == "SELECT ?x {\n  ?x ?p ?o .\n}\n"
    one = queries.bind(PARTS, kind="http://x/")
    assert "?x a ?kind" in one
    assert "day" not in one
    both = queries.bind(PARTS, kind="http://x/", day=Literal("d"))
    assert "VALUES ?kind { <http://x/> }" in both
    assert 'VALUES ?day { "d" }' in both


def test_a_part_may_go_with_several_parameters() -> None:
    shared = "# if a or b\nX\n# end\n# if a\nVALUES ?a { 1 }\n# end\n# if b\nVALUES ?b { 1 }\n# end\n"
    assert queries.bind(shared) == ""
    one = queries.bind(shared, b=Literal("x"))
    assert one == 'X\nVALUES ?b { "x" }\n'


def test_a_part_in_what_was_bound_is_no_part() -> None:
    text = "\n  # if kind\n # end\n"
    (row,) = Graph().query(queries.bind("SELECT ?x { VALUES ?x { 1 } }", x=Literal(text)))
    assert row == (Literal(text),)


def test_several_terms_stand_side_by_side() -> None:
    bound = queries.load("describe-entity", entity=["http://x/a", URIRef("http://x/b")])
    assert "VALUES ?entity { <http://x/a> <http://x/b> }" in bound
    with pytest.raises(ValueError, match="not an IRI"):
        queries.load("describe-entity", entity=["http://x/a", "http://x/ b"])


def test_a_header_has_a_summary_and_tags() -> None:
    assert queries.header("describe-items") == {"summary": "What is said of some things", "tags": "collections"}


@pytest.mark.parametrize("name", [f"statistics/{path.stem}" for path in queries.paths("statistics")])
def test_counting_queries_are_valid_as_they_stand(name: str) -> None:
    prepareQuery(queries.load(name))


@pytest.mark.parametrize("name", [f"quality/{path.stem}" for path in queries.paths("quality")])
def test_measuring_queries_are_valid_as_they_stand(name: str) -> None:
    prepareQuery(queries.load(name))
