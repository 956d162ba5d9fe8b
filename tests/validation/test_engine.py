"""The engine on shapes and data of another vocabulary: what is screened, what is left to pySHACL, and what changes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from rdflib import SH, Graph, URIRef

from cfit_graph import validation
from cfit_graph.errors import SourceError
from cfit_graph.validation import lint_shapes, views
from cfit_graph.validation.changes import Session
from cfit_graph.validation.facts import Facts, Files, Memory
from cfit_graph.validation.screens import Screens
from cfit_graph.validation.screens.core import Compiler
from cfit_graph.validation.shapes import Shapes

PREFIXES = """@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
HERE = Path("shapes.ttl")
EX = "http://example.org/"


def _graph(text: str) -> Graph:
    return Graph().parse(data=PREFIXES + text, format="turtle")


def _candidates(data: str, shapes: str) -> set[str]:
    facts = Facts()
    facts.read(Memory(_graph(data)))
    screens = Screens(Shapes(_graph(shapes), HERE), facts)
    found = screens.candidates([(screen, None) for screen in screens.all])
    return {node.value.removeprefix(EX) for nodes in found.values() for node in nodes}


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", {"c"}),
        ("sh:property [ sh:path ex:p ; sh:maxCount 1 ]", {"b"}),
        ("sh:property [ sh:path ex:p ; sh:datatype xsd:integer ]", {"b"}),
        ('sh:property [ sh:path ex:p ; sh:pattern "^[0-9]$" ]', {"b"}),
        ("sh:property [ sh:path ex:p ; sh:minInclusive 2 ]", {"a", "b"}),
        ("sh:not [ sh:property [ sh:path ex:p ; sh:minCount 1 ] ]", {"a", "b"}),
        ("sh:property [ sh:path ex:p ; sh:minCount 9 ]", {"a", "b", "c"}),
        ("sh:deactivated true ; sh:class ex:No", set()),
    ],
)
def test_candidates_are_those_that_may_break_a_shape(shape: str, expected: set[str]) -> None:
    data = 'ex:a a ex:C ; ex:p 1 . ex:b a ex:D ; ex:p "1x" , 5 . ex:c a ex:C . ex:D rdfs:subClassOf ex:C .'
    assert _candidates(data, f"ex:S sh:targetClass ex:C ; {shape} .") == expected


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("sh:property [ sh:path ex:p ; sh:datatype xsd:integer ]", {"b"}),
        ("sh:property [ sh:path [ sh:alternativePath ( ex:p ex:q ) ] ; sh:datatype xsd:integer ]", {"a", "b"}),
        ("sh:property [ sh:path ex:q ; sh:datatype xsd:integer ] , [ sh:path ex:p ; sh:maxCount 1 ]", {"a", "b"}),
        ("sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:datatype xsd:integer ]", {"b", "c"}),
        ("sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:maxCount 0 ]", {"d"}),
    ],
)
def test_candidates_among_the_subjects_of_a_property(shape: str, expected: set[str]) -> None:
    data = 'ex:a ex:p 1 ; ex:q "x" . ex:b ex:p "1x" , ex:d . ex:c a ex:C ; ex:q "x" . ex:d ex:p 1 .'
    assert _candidates(data, f"ex:S sh:targetSubjectsOf ex:p ; {shape} .") == expected


def test_instances_of_a_class_below_that_has_no_address_are_judged() -> None:
    data = "ex:a a _:k . ex:b a ex:C . _:k rdfs:subClassOf ex:D . ex:D rdfs:subClassOf ex:C . ex:c ex:p ex:a , ex:d ."
    assert _candidates(data, "ex:S sh:targetClass ex:C ; sh:nodeKind sh:Literal .") == {"a", "b"}
    assert _candidates(data, "ex:S sh:targetNode ex:a , ex:d ; sh:class ex:C .") == {"d"}


@pytest.mark.parametrize("target", ["sh:targetSubjectsOf ex:p", "sh:targetClass ex:C"])
def test_a_query_that_would_be_too_long_is_not_asked(target: str) -> None:
    many = " , ".join(f"ex:value-{number}" for number in range(9_000))
    shapes = _graph(f"ex:S {target} ; sh:property [ sh:path ex:p ; sh:hasValue {many} ] .")
    facts = Facts()
    facts.read(Memory(_graph("ex:a a ex:C ; ex:p ex:of-the-list-7 .")))
    screens = Screens(Shapes(shapes, HERE), facts)
    assert [fallback.reason for fallback in screens.fallbacks] == ["its query would be too long"]
    assert all(len(query) < 1_000 for query in screens.all[0].queries())
    assert [len(nodes) for nodes in screens.candidates([(screens.all[0], None)]).values()] == [1]


LONG = " ".join(f'ex:of-{number} "of {number}"@en {number}' for number in range(2_000))


def test_a_long_list_is_screened_to_the_letter() -> None:
    data = """ex:a a ex:C ; ex:p ex:of-7 , "of 7"@en , 7 . ex:b a ex:C ; ex:p ex:of-2000 .
        ex:c a ex:C ; ex:p "of 7" . ex:d a ex:C ; ex:p 7.0 . ex:e a ex:C ; ex:p [] ."""
    shapes = f"ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:in ( {LONG} ) ] ."
    assert _candidates(data, shapes) == {"b", "c", "d", "e"}
    assert _candidates(data, shapes.replace("sh:in (", "sh:in ( _:some")) >= {"b", "c", "d"}


def _counting(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[str]:
    """Return a list that gets longer with each call of a method."""
    calls: list[str] = []
    method = getattr(owner, name)

    def counted(*args: Any, **named: Any) -> Any:
        calls.append(name)
        return method(*args, **named)

    monkeypatch.setattr(owner, name, counted)
    return calls


def test_a_long_list_in_a_report_is_not_gone_along_for_each_of_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = _graph(f"ex:S sh:targetClass ex:C ; sh:property [ sh:message 'No.' ; sh:path ex:p ; sh:in ( {LONG} ) ] .")
    data = _graph("ex:a a ex:C ; ex:p ex:no . ex:b a ex:C ; ex:p 1 , ex:no .")
    steps = _counting(monkeypatch, Graph, "value")
    report = validation.validate(data, shapes, HERE)
    assert len(report.findings) == 2
    assert len(steps) < 100 * 6_000, "there are 18 million pairs"


def _nested(depth: int, wide: int) -> str:
    """Return shapes of which each refers to the next by several properties."""
    parts = (
        f"ex:S{level} "
        + " ; ".join(f"sh:property [ sh:path ex:p{n} ; sh:node ex:S{level + 1} ]" for n in range(wide))
        + "."
        for level in range(depth)
    )
    return " ".join(parts) + f" ex:S0 sh:targetClass ex:C . ex:S{depth} sh:property [ sh:path ex:q ; sh:minCount 1 ] ."


def test_shapes_that_meet_each_other_again_and_again_are_not_all_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = Shapes(_graph(_nested(6, 10)), HERE)
    facts = Facts()
    facts.read(Memory(_graph("ex:a a ex:C .")))
    met = _counting(monkeypatch, Compiler, "broken")
    screens = Screens(shapes, facts)
    assert [fallback.reason for fallback in screens.fallbacks] == ["its query would be too long"]
    assert len(met) < 20_000, "there are a million ways through them"


def test_conforming_data_need_no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cfit_graph.validation.judge", None)
    report = validation.validate(
        _graph("ex:a a ex:C ."), _graph("ex:S sh:targetClass ex:C ; sh:nodeKind sh:IRI ."), HERE
    )
    assert report.conforms
    assert not report.findings


SLOW = """ex:S sh:targetClass ex:C ; sh:sparql [ sh:message "Less."@en ; sh:select
    "SELECT $this ?value { $this <http://example.org/p> ?value . FILTER (?value * 2 > 3) }" ] ."""


def test_what_cannot_be_screened_is_judged_all_the_same_and_said() -> None:
    data = _graph("ex:a a ex:C ; ex:p 1 , 2 . ex:b a ex:C ; ex:p 1 .")
    report = validation.validate(data, _graph(SLOW), HERE)
    assert [finding.focus for finding in report.findings] == [f"{EX}a"]
    (fallback,) = report.fallbacks
    assert fallback.shape == f"{EX}S"
    assert fallback.reason in views.text(report, verbose=True)
    assert fallback.reason not in views.text(report)
    found = lint_shapes(_graph(SLOW), _graph(""))
    assert fallback.reason in {finding.value for finding in found.findings}


def test_literals_reach_the_judge_as_written(tmp_path: Path) -> None:
    path = tmp_path / "data.nt"
    path.write_text(f'<{EX}a> <{EX}p> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n', "utf-8")
    shapes = _graph('ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:pattern "^[1-9]" ] .')
    (finding,) = validation.validate(Files([path]), shapes, HERE).findings
    assert (finding.value, finding.line, finding.column) == ("01", 1, 47)


def test_imports_are_named_and_not_loaded() -> None:
    text = "<http://127.0.0.1:1/> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:1/x> ."
    assert validation.imports(_graph(text)) == ["http://127.0.0.1:1/x"]


def test_what_a_change_does_not_touch_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = _graph("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .")
    before, after = _graph("ex:a a ex:C . ex:b a ex:C ."), _graph("ex:a a ex:C . ex:b a ex:C ; ex:p 1 .")
    session = Session()
    session.examine(Memory(before), shapes, HERE)
    judged: list[object] = []

    def judge(_: object, cases: list[object]) -> list[object]:
        judged.extend(cases)
        return []

    monkeypatch.setattr(session._judge, "judge", judge)
    verdict = session.examine(Memory(after), shapes, HERE)
    assert judged == []
    assert set(verdict.report.objects(predicate=SH.focusNode)) == {URIRef(f"{EX}a")}


@pytest.mark.parametrize("name", ["inService", "isMinus", "service"])
def test_a_name_that_ends_like_a_forbidden_word_is_none(name: str) -> None:
    query = f"SELECT $this WHERE {{ $this <{EX}p> ?v . ?v ex:{name} ?v , ex:in.{name} }}"
    declared = f'ex: sh:declare [ sh:prefix "ex" ; sh:namespace "{EX}" ] .'
    shapes = _graph(f'{declared} ex:S sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; sh:select "{query}" ] .')
    data = _graph(f"ex:a a ex:C ; ex:p ex:b . ex:b ex:{name} ex:b , <{EX}in.{name}> . ex:c a ex:C .")
    assert [finding.focus for finding in validation.validate(data, shapes, HERE).findings] == [f"{EX}a"]


@pytest.mark.parametrize("part", ["MINUS { ?v ?v ?v }", "minus{ ?v ?v ?v }", "SERVICE <x:y> { ?v ?v ?v }"])
@pytest.mark.parametrize("before", ["$this ?p ?v ", "$this ?p ?v\\n", "$this ?p ?v.", "{ $this ?p ?v }"])
def test_a_forbidden_word_is_found_wherever_it_stands(part: str, before: str) -> None:
    query = f"SELECT $this {{ {before}{part} }}"
    shapes = _graph(f'ex:S sh:targetClass ex:C ; sh:sparql [ sh:select "{query}" ] .')
    with pytest.raises(SourceError, match="must not contain"):
        validation.validate(_graph("ex:a ex:p 1 ."), shapes, HERE)


def test_no_validator_of_a_component_calls_out() -> None:
    ask = "ASK { $value ?p ?o . FILTER EXISTS { SERVICE <http://127.0.0.1:1/> { ?a ?b ?c } } }"
    validator = f'sh:validator [ a sh:SPARQLAskValidator ; sh:ask "{ask}" ]'
    component = f"ex:Own a sh:ConstraintComponent ; sh:parameter [ sh:path ex:own ] ; {validator} ."
    shapes = _graph(f"{component} ex:S sh:targetClass ex:C ; ex:own 1 .")
    with pytest.raises(SourceError, match="must not contain SERVICE"):
        validation.validate(_graph("ex:a a ex:C ."), shapes, HERE)
