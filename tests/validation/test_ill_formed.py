"""Shapes that break the syntax rules of SHACL are refused with their name and what is wrong, whatever the data."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from rdflib import RDFS, Graph

from cfit_graph import source, validation
from cfit_graph.errors import SourceError
from cfit_graph.validation.changes import Session
from cfit_graph.validation.facts import Memory

PREFIXES = """@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
HERE = Path("shapes.ttl")
CORPUS = {
    'ex:S sh:property [ sh:path ex:p ; sh:minCount "x" ]': "sh:minCount",
    "ex:S sh:property [ sh:path ex:p ; sh:minCount -1 ]": "sh:minCount",
    "ex:S sh:property [ sh:path ex:p ; sh:maxCount 1.0 ]": "sh:maxCount",
    "ex:S sh:property [ sh:path ex:p ; sh:minCount 1 , 2 ]": "given 2 times",
    "ex:S sh:minCount 1": "belongs on a property shape",
    "ex:S sh:property [ sh:minCount 1 ]": "which has sh:path",
    "ex:S sh:property [ sh:nodeKind sh:IRI ]": "no sh:path",
    "ex:S sh:property [ a sh:PropertyShape ]": "property shape without sh:path",
    "ex:S a sh:NodeShape ; sh:path ex:p": "node shape, which has no sh:path",
    "ex:S sh:property [ sh:path ex:p , ex:q ]": "more than one sh:path",
    'ex:S sh:property [ sh:path "p" ]': "not a property path",
    "ex:S sh:property [ sh:path [ ex:odd ex:p ] ]": "no property path",
    "ex:S sh:property [ sh:path ( ex:p ) ]": "fewer than two",
    "ex:S sh:property [ sh:path [ sh:alternativePath ( ex:p ) ] ]": "fewer than two",
    "ex:S sh:property [ sh:path _:x ] . _:x sh:inversePath _:x": "contains itself",
    'ex:S sh:class "C"': "sh:class",
    "ex:S sh:datatype xsd:date , xsd:gYear": "given 2 times",
    "ex:S sh:nodeKind ex:Iri": "node kind",
    'ex:S sh:pattern "("': "regular expression",
    "ex:S sh:pattern 1": "regular expression",
    'ex:S sh:minLength "2"': "sh:minLength",
    'ex:S sh:minInclusive "x"^^xsd:integer': "sh:minInclusive",
    "ex:S sh:minInclusive ex:a": "sh:minInclusive",
    "ex:S sh:minInclusive 1 , 9": "given 2 times",
    "ex:S sh:maxExclusive 1 , 9": "given 2 times",
    "ex:S sh:targetNode []": "sh:targetNode",
    'ex:S sh:property [ sh:path ex:p ; sh:uniqueLang "yes" ]': "sh:uniqueLang",
    "ex:S sh:languageIn ( 1 )": "language tags",
    'ex:S sh:languageIn "en"': "sh:languageIn",
    "ex:S sh:in ex:a": "a list",
    "ex:S sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l": "a list",
    "ex:S sh:or ()": "a list of shapes is empty",
    "ex:S sh:or [ rdf:first ex:T ]": "a list",
    'ex:S sh:not "x"': "should be a shape",
    "ex:S sh:node [ sh:path ex:p ; sh:minCount 1 ]": "sh:node leads to a property shape",
    "ex:S sh:closed 1": "sh:closed",
    "ex:S sh:ignoredProperties ( ex:p )": "needs sh:closed",
    'ex:S sh:closed true ; sh:ignoredProperties ( "p" )': "a list of properties",
    "ex:S sh:property [ sh:path ex:p ; sh:qualifiedMinCount 1 ]": "needs sh:qualifiedValueShape",
    "ex:S sh:property [ sh:path ex:p ; sh:qualifiedValueShape ex:T ]": "needs sh:qualifiedMinCount",
    "ex:S sh:lessThan ex:p": "belongs on a property shape",
    "ex:S sh:property [ sh:path ex:p ; sh:equals [] ]": "sh:equals",
    'ex:S sh:severity "bad"': "sh:severity",
    "ex:S sh:deactivated 1": "sh:deactivated",
    "ex:S sh:message 1": "sh:message",
    "ex:S sh:sparql [ ]": "one sh:select",
    'ex:S sh:sparql [ sh:select "SELECT ?x { ?x ?p ?o }" ]': "does not select $this",
    'ex:S sh:sparql [ sh:select "SELECT * { ?x ?p ?o }" ]': "does not select $this",
    'ex:S sh:sparql [ sh:select "SELECT $this {" ]': "not SPARQL",
    'ex:S sh:sparql [ sh:select "ASK { $this ?p ?o }" ]': "no SELECT",
    'ex:S sh:sparql [ sh:select "SELECT $this { $this no:prefix ?o }" ]': "not SPARQL",
    'ex:S sh:sparql [ sh:select "SELECT $this { $this ?p ?o MINUS { $this a ?c } }" ]': "MINUS",
    'ex:S sh:not [ sh:class ex:D ; sh:not [ sh:sparql [ sh:select "SELECT $this { $this ?p ?o MINUS { ?o ?q 1 } }" ]'
    "] ]": "MINUS",
    'ex:S sh:sparql [ sh:select "SELECT $this { VALUES ?x { 1 } $this ?p ?x }" ]': "VALUES",
    'ex:S sh:sparql [ sh:select "SELECT (ex:a AS $this) { ?x ?p ?o }" ; sh:prefixes [ sh:declare [ sh:prefix "ex" ; '
    'sh:namespace "http://example.org/" ] ] ]': "AS",
}


@pytest.mark.parametrize("shapes", CORPUS)
@pytest.mark.parametrize("data", ["ex:a a ex:C ; ex:p 1 .", ""])
def test_refused_with_the_reason(shapes: str, data: str) -> None:
    graph = Graph().parse(data=f"{PREFIXES}{shapes} . ex:S sh:targetClass ex:C .", format="turtle")
    with pytest.raises(SourceError, match=r"shapes\.ttl: these shapes cannot be used: ") as refused:
        validation.validate(Graph().parse(data=PREFIXES + data, format="turtle"), graph, HERE)
    assert CORPUS[shapes] in str(refused.value)


def test_what_makes_the_libraries_below_fail_is_an_error_of_ours() -> None:
    data = Graph().parse(data=PREFIXES + "ex:a a ex:C ; ex:p 1 .", format="turtle")
    query = "SELECT $this ?value { $this !(^<http://example.org/q>) ?value }"  # rdflib parses it, and fails on it
    shapes = f'{PREFIXES} ex:S sh:targetClass ex:C ; sh:sparql [ sh:select "{query}" ] .'
    with pytest.raises(SourceError, match="cannot be used: Invalid path"):
        validation.validate(data, Graph().parse(data=shapes, format="turtle"), HERE)


@pytest.mark.parametrize(
    "shapes",
    [
        "ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:lessThan ex:q ]",
        "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:q ; sh:lessThanOrEquals ex:p ]",
        "ex:S sh:targetClass ex:C ; sh:or ( [ sh:nodeKind sh:IRI ] ex:S )",
    ],
)
def test_what_pyshacl_cannot_judge_is_said_and_nothing_conforms(shapes: str) -> None:
    data = Graph().parse(data=PREFIXES + "ex:a a ex:C ; ex:p [] , 1 ; ex:q 2 .", format="turtle")
    graph = Graph().parse(data=f"{PREFIXES}{shapes} .", format="turtle")
    with pytest.raises(SourceError, match=r"Cannot use sh:lessThan|Validation path too deep"):
        validation.validate(data, graph, HERE)


def test_a_blank_shape_is_named_after_what_leads_to_it() -> None:
    text = PREFIXES + 'ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:nodeKind "x" ] .'
    with pytest.raises(SourceError, match=r"the shape for http://example\.org/p in http://example\.org/S: sh:nodeKind"):
        validation.validate(Graph(), Graph().parse(data=text, format="turtle"), HERE)


@pytest.mark.parametrize(
    "shape",
    [
        "sh:property [ ]",
        "sh:node [ sh:path ex:p ]",
        "sh:sparql [ ]",
        'sh:sparql [ sh:select "ASK {}" ]',
        "sh:class [ ]",
        "sh:or ( )",
    ],
)
def test_no_name_is_told_that_only_the_parser_knows(shape: str) -> None:
    text = f"{PREFIXES} ex:S sh:targetClass ex:C ; sh:not [ {shape} ] ."
    with pytest.raises(SourceError) as refused:
        validation.validate(Graph(), Graph().parse(data=text, format="turtle"), HERE)
    assert "_:" not in str(refused.value)
    assert "http://example.org/S" in str(refused.value) or "a shape: a list" in str(refused.value)


def test_a_query_by_which_nothing_is_judged_need_not_be_one() -> None:
    text = PREFIXES + 'ex:S sh:targetClass ex:C ; sh:nodeKind sh:IRI . ex:T sh:sparql [ sh:select "SELECT no:t" ] .'
    assert validation.validate(Graph(), Graph().parse(data=text, format="turtle"), HERE).conforms
    used = Graph().parse(data=text + "ex:S sh:or ( ex:T ) .", format="turtle")
    with pytest.raises(SourceError, match="is not SPARQL"):
        validation.validate(Graph(), used, HERE)


def _read(text: str) -> Graph:
    return source.collected(source.statements_in(PREFIXES + text, HERE))  # by the parser that goes as deep as it takes


def _nested(depth: int, link: str = "sh:not") -> str:
    return f"ex:S sh:targetClass ex:C ; {f'{link} [ ' * depth} sh:nodeKind sh:IRI {'] ' * depth}."


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ("", "there is no shape in it"),
        ("ex:a ex:b ex:c .", "there is no shape in it"),
        ("ex:S a sh:NodeShape ; sh:nodeKind sh:IRI .", "no shape in it has a target, so"),
        ("ex:S a sh:NodeShape ; sh:targetClas ex:C .", r"\(sh:targetClas is none that is followed\)"),
        (
            "ex:S a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select 'SELECT ?this { ?this ?p ?o }' ] .",
            "sh:target is",
        ),
    ],
)
@pytest.mark.parametrize("data", ["ex:a a ex:C .", ""])
def test_shapes_that_judge_nothing_are_refused(shapes: str, reason: str, data: str) -> None:
    for judge in (partial(validation.validate, _read(data)), partial(Session().examine, Memory(_read(data)))):
        with pytest.raises(SourceError, match=rf"shapes\.ttl: .*{reason}.* nothing would be judged"):
            judge(_read(shapes), HERE)


def test_shapes_that_are_switched_off_are_not_without_target() -> None:
    shapes = _read("ex:S sh:targetClass ex:C ; sh:deactivated true ; sh:nodeKind sh:Literal .")
    assert validation.validate(_read("ex:a a ex:C ."), shapes, HERE).conforms


@pytest.mark.parametrize("data", ["ex:a a ex:C .", ""])
@pytest.mark.parametrize(
    "shapes",
    [
        _nested(450),
        _nested(3000),
        _nested(150, "sh:property [ sh:path ex:p ] ; sh:node"),
        "ex:S sh:targetClass ex:C . "
        + " ".join(f"ex:S{n or ''} sh:node ex:S{(n + 1) % 450 or ''} ." for n in range(450)),
    ],
    ids=["deep", "deeper", "with properties", "in a circle"],
)
def test_shapes_are_nested_to_a_limit(shapes: str, data: str) -> None:
    graph, given = _read(shapes), _read(data)
    with pytest.raises(SourceError, match=r"nested \d+ deep; 100 is the most"):
        validation.validate(given, graph, HERE)
    with pytest.raises(SourceError, match=r"nested \d+ deep; 100 is the most"):
        Session().examine(Memory(given), graph, HERE)


def test_a_hundred_shapes_may_be_nested() -> None:
    assert validation.validate(Graph(), _read(_nested(98)), HERE).conforms


def test_a_chain_of_classes_may_have_any_length() -> None:
    above = " ".join(f"ex:C{n + 1} rdfs:subClassOf ex:C{n} ." for n in range(1500))
    data = _read(f"@prefix rdfs: <{RDFS}> . {above} ex:a a ex:C1500 .")
    shapes = "ex:S sh:targetClass ex:C0 ; sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:class ex:C0 ] ."
    graph = _read(shapes)
    assert [found.focus for found in validation.validate(data, graph, HERE).findings] == ["http://example.org/a"]
    assert validation.lint_shapes(graph, data).findings


def test_a_chain_too_long_for_rdflib_is_said() -> None:
    data = _read(" ".join(f"ex:n{n} ex:p ex:n{n + 1} ." for n in range(3000)))
    select = "SELECT $this ?value { $this <http://example.org/p>* ?value . FILTER NOT EXISTS { ?value ?p ?o } }"
    graph = _read(f"ex:S sh:targetNode ex:n0 ; sh:sparql [ sh:select '{select}' ] .")
    with pytest.raises(SourceError, match="too many links"):
        validation.validate(data, graph, HERE)


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        (MemoryError(), MemoryError, "^$"),
        (AssertionError(), SourceError, "cannot be used: AssertionError"),
        (KeyError("x"), SourceError, "cannot be used: 'x'"),
    ],
)
def test_what_stops_pyshacl_is_told_but_no_shape_is_blamed_for_a_lack_of_memory(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, kind: type[Exception], told: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("pyshacl.shape.Shape.validate", fail)
    text = f"{PREFIXES} ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    with pytest.raises(kind, match=told):
        validation.validate(Memory(Graph()), Graph().parse(data=text), HERE)
