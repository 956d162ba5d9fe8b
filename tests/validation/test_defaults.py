"""Shapes without messages: findings are told in plain words, and known again whatever the file is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rdflib import SH

from cfit_graph import source, validation
from cfit_graph.texts import FINDINGS, LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.validation import Report

PREFIXES = """@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
PARTS = """sh:path ex:name ; sh:minCount 1 ; sh:datatype xsd:string ; sh:minLength 2 ; sh:pattern "^[A-Z]"
sh:path ex:age ; sh:maxCount 1 ; sh:maxInclusive 120 ; sh:maxExclusive 120 ; sh:minInclusive 10 ; sh:minExclusive 10
sh:path ex:status ; sh:in ( ex:active ex:gone ) ; sh:hasValue ex:active ; sh:maxLength 3
sh:path ex:knows ; sh:class ex:Person ; sh:nodeKind sh:IRI ; sh:node [ sh:class ex:Nobody ]
sh:path ex:label ; sh:languageIn ( "en" "nl" ) ; sh:uniqueLang true
sh:path ex:start ; sh:lessThan ex:end ; sh:lessThanOrEquals ex:end ; sh:equals ex:end ; sh:disjoint ex:begin
sh:path ex:knows ; sh:qualifiedMinCount 9 ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ]
sh:path ex:knows ; sh:qualifiedMaxCount 0 ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ]""".splitlines()
LOGIC = """sh:not [ sh:path ex:age ; sh:minCount 1 ] ; sh:closed true ; sh:ignoredProperties ( ex:a ) ;
  sh:or ( [ sh:class ex:A ] ) ; sh:and ( [ sh:class ex:A ] ) ; sh:xone ( [ sh:class ex:A ] )"""
DATA = """
ex:jan a ex:Person ; ex:age 130, 5 ; ex:status ex:activ ; ex:knows ex:x, "y" ; ex:label "a"@fr, "b"@en, "c"@en ;
  ex:start 3 ; ex:begin 3 ; ex:end 2 .
ex:piet a ex:Person ; ex:name "p", 4 .
"""


def judge(folder: Path, name: str, parts: list[str], language: str = "en") -> Report:
    shapes, data = folder / name, folder / "data.ttl"
    properties = " ; ".join(f"sh:property [ {part} ]" for part in parts)
    shapes.write_text(f"{PREFIXES} ex:P a sh:NodeShape ; sh:targetClass ex:Person ; {properties} ; {LOGIC} .")
    data.write_text(PREFIXES + DATA)
    return validation.validate(validation.Files([data]), source.read_all([shapes]), shapes, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_component_has_words(tmp_path: Path, language: str) -> None:
    report = judge(tmp_path, "shapes.ttl", PARTS, language)
    words = FINDINGS[language]["defaults"]
    judged = {
        finding.component.removeprefix(str(SH)).removesuffix("ConstraintComponent") for finding in report.findings
    }
    assert judged == {*words}
    for finding in report.findings:
        assert not any(sign in finding.message for sign in ("Literal(", "<http", "->", "{", "n0")), finding.message
        assert any(finding.message.startswith(text.partition("{")[0].rstrip()) for text in words.values())
    said = "\n".join(finding.message for finding in report.findings)
    assert words["MinCount"].format(1) in said
    assert words["In"].format("ex:active, ex:gone") in said
    assert words["NodeKind"].format(FINDINGS[language]["kinds"]["IRI"]) in said


def test_rules_without_an_address_are_those_of_their_shape(tmp_path: Path) -> None:
    assert {finding.rule for finding in judge(tmp_path, "shapes.ttl", PARTS).findings} == {"http://example.org/P"}


def test_findings_are_known_again_in_another_file_and_order(tmp_path: Path) -> None:
    one, other = judge(tmp_path, "one.ttl", PARTS), judge(tmp_path, "other.ttl", ["sh:path ex:new", *PARTS[::-1]])
    fingerprints = [{finding.fingerprint for finding in report.findings} for report in (one, other)]
    assert fingerprints[0] == fingerprints[1]
    assert len(fingerprints[0]) > 25


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("sh:or ( [ sh:datatype xsd:date ] [ sh:class ex:A ; sh:nodeKind sh:IRI ] )",
         "It fits none of those of which it must fit one: a value of the datatype xsd:date, "
         "something of the class ex:A and an IRI."),
        ("sh:xone ( [ sh:path ex:a ; sh:minCount 1 ] [ sh:property [ sh:path ex:c ; sh:maxCount 0 ] ] )",
         "It must fit exactly one of these: something with ex:a, something without ex:c."),
        ("sh:not [ sh:in ( ex:j 1 ) ]", "It fits one of ex:j, 1, and must not."),
        ("sh:or ( _:a ) . _:a sh:node _:a ; sh:hasValue ex:x",
         "It fits none of those of which it must fit one: the value ex:x."),
        ("sh:or ( [ sh:minLength 99 ] )",
         "It fits none of those of which it must fit one: the shape given there."),
        ("sh:node ex:T . ex:T sh:class ex:A ; sh:property [ sh:path ex:a ; sh:minCount 1 ]",
         "The value does not fit ex:T. The value is not of the class ex:A. "
         "ex:a: There are too few values: at least 1."),
        ("sh:node ex:T . ex:T sh:message 'Give a place.' ; sh:class ex:A",
         "The value does not fit ex:T. Give a place."),
    ],
)  # fmt: skip
def test_what_an_unnamed_shape_asks_for_is_said(tmp_path: Path, asked: str, told: str) -> None:
    shapes, data = tmp_path / "shapes.ttl", tmp_path / "data.ttl"
    shapes.write_text(f"{PREFIXES} ex:P sh:targetNode ex:j ; {asked} .")
    data.write_text(f"{PREFIXES} ex:j ex:c 1 .")
    report = validation.validate(validation.Files([data]), source.read_all([shapes]), shapes)
    assert [finding.message for finding in report.findings] == [told]
