"""The judge and its views; the rules themselves are tested in test_shapes.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import rdflib
from rdflib import SH, Graph, URIRef

from cfit_graph import source, validation
from cfit_graph.errors import SourceError
from cfit_graph.validation import views

PREFIXES = """@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPES = """ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:S-p , ex:S-q .
ex:S-p a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:message "Geef een p."@nl , "Give a p."@en .
ex:S-q a sh:PropertyShape ; sh:path ex:q ; sh:datatype xsd:integer ; sh:pattern "^[1-9]" ;
    sh:severity sh:Warning ; sh:message "A q is a number without leading zeros."@en .
"""
DATA = 'ex:a a ex:C ; ex:p 1 ; ex:q "01"^^xsd:integer . ex:b a ex:C ; ex:q "x"^^xsd:integer . ex:c a ex:C ; ex:p 2 .'
HERE = Path("shapes.ttl")
Reader = Callable[[str], Graph]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    def parse(text: str) -> Graph:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.ttl"
        path.write_text(PREFIXES + text, "utf-8")
        return source.read(path)

    return parse


@pytest.fixture
def report(read: Reader) -> validation.Report:
    return validation.validate(read(DATA), read(SHAPES), HERE)


def test_findings_are_worst_first_in_english_with_rule_focus_path_and_value(report: validation.Report) -> None:
    assert [(f.severity.value, f.rule, f.focus, f.path, f.value) for f in report.findings] == [
        ("Violation", "http://example.org/S-p", "http://example.org/b", "http://example.org/p", ""),
        ("Warning", "http://example.org/S-q", "http://example.org/b", "http://example.org/q", "x"),  # its datatype
        ("Warning", "http://example.org/S-q", "http://example.org/a", "http://example.org/q", "01"),
        ("Warning", "http://example.org/S-q", "http://example.org/b", "http://example.org/q", "x"),  # its pattern
    ]
    assert report.findings[0].message == "Give a p."
    assert not report.conforms


def test_literals_are_judged_as_written_and_the_switch_is_put_back(read: Reader) -> None:
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        found = validation.validate(read(DATA), read(SHAPES), HERE).findings
        assert "01" in {finding.value for finding in found}
        assert rdflib.NORMALIZE_LITERALS is False
    finally:
        rdflib.NORMALIZE_LITERALS = before


def test_a_report_can_be_kept_to_some_nodes(read: Reader) -> None:
    about = {URIRef("http://example.org/a")}
    kept = validation.validate(read(DATA), read(SHAPES), HERE, about)
    assert {finding.focus for finding in kept.findings} == {"http://example.org/a"}
    assert kept.conforms
    assert len(list(kept.graph.subjects(SH.focusNode))) == 1


def test_nothing_is_imported(read: Reader) -> None:
    text = SHAPES + "<http://127.0.0.1:1/> a owl:Ontology ; owl:imports <http://127.0.0.1:1/x> ."
    assert validation.validate(read(DATA), read(text), HERE).findings


@pytest.mark.parametrize(
    "shapes",
    [
        'ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount "x" ] .',
        'ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:select "SELECT $this { VALUES ?x { 1 } }" ] .',
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:minCount 1 ] .",
    ],
)
def test_shapes_that_cannot_be_used_are_named(read: Reader, shapes: str) -> None:
    with pytest.raises(SourceError, match=r"shapes\.ttl: these shapes cannot be used"):
        validation.validate(read(DATA), read(shapes), HERE)


def test_text_groups_by_rule_and_counts(report: validation.Report) -> None:
    text = views.text(report)
    group, first = text.splitlines()[:2]
    assert group == "Violation: Give a p. [ex:S-p]"
    assert first.endswith("/0.ttl:5:49: ex:b at ex:p")
    assert text.count("Warning: ") == 1
    assert text.endswith("Does not conform: 1 violation, 3 warnings, 0 hints\n")


def test_json_and_turtle_say_the_same(report: validation.Report) -> None:
    content = json.loads(views.as_json(report))
    assert content["counts"] == {"violation": 1, "warning": 3, "info": 0}
    graph = Graph().parse(data=views.turtle(report), format="turtle")
    assert len(list(graph.subjects(SH.resultMessage, None, unique=True))) == len(content["findings"])


def test_about_some_nodes_is_found_what_names_them_in_all(read: Reader) -> None:
    shapes = read(
        """ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:r ; sh:node ex:T ; sh:message "T" ] ;
            sh:property [ sh:path ex:r ; sh:not ex:T ; sh:message "not T" ] .
        ex:T a sh:NodeShape ; sh:targetObjectsOf ex:r ; sh:property [ sh:path ex:q ; sh:minCount 1 ; sh:message "q" ] .
        ex:U a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:targetNode ex:c ; sh:nodeKind sh:Literal ; sh:message "U" .
        """
    )
    data = read("ex:D <http://www.w3.org/2000/01/rdf-schema#subClassOf> ex:C . ex:a a ex:D ; ex:r ex:b , ex:c . "
                "ex:b ex:q 1 . ex:d a ex:C ; ex:p 1 ; ex:r ex:a .")  # fmt: skip
    everything = validation.validate(data, shapes, HERE).findings
    assert {finding.message for finding in everything} == {"T", "not T", "q", "U"}
    for name in "abcd":
        focus = f"http://example.org/{name}"
        found = validation.validate(data, shapes, HERE, about={URIRef(focus)}).findings
        expected = [finding.fingerprint for finding in everything if focus in {finding.focus, finding.value}]
        assert [finding.fingerprint for finding in found] == expected


def test_of_two_nodes_the_one_that_is_asked_about_is_marked(read: Reader) -> None:
    select = (
        "SELECT $this ?value { $this <http://example.org/p>/^<http://example.org/p> ?value . FILTER ($this != ?value) }"
    )
    shapes = read(f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:sparql [ sh:select '{select}' ] .")
    data = read("ex:a ex:p 1 .\nex:b ex:q 2 ;\n  ex:p 1 .")
    for name, place in (("a", (5, 11)), ("b", (7, 8))):
        (found,) = validation.validate(data, shapes, HERE, about={URIRef(f"http://example.org/{name}")}).findings
        assert (found.focus, found.value) == ("http://example.org/a", "http://example.org/b")
        assert (found.line, found.column) == place, name


def test_what_was_not_found_before_is_told_wherever_it_is(read: Reader) -> None:
    shapes, nobody = read(SHAPES), {URIRef("http://example.org/nobody")}
    known = validation.cases(read(DATA), shapes, HERE)
    more = read(DATA + " ex:c ex:q 0 .")
    assert validation.validate(read(DATA), shapes, HERE, nobody, known=known).findings == ()
    (found,) = validation.validate(more, shapes, HERE, nobody, known=known).findings
    assert (found.focus, found.value) == ("http://example.org/c", "0")
