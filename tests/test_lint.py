"""The lint for shapes: seeded mistakes are found, and our own shapes have none and each meets nodes to judge."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, SH, Graph, URIRef

from cfit_graph import cli, source, validation
from cfit_graph.namespaces import SHAPES, shorten
from cfit_graph.validation import Severity, lint
from cfit_graph.validation.shapes import TARGETS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

IDLE = {
    "shapes:Retirement": "it looks at records that others replace, of which there are none yet",
    "shapes:Withdrawal": "it looks for endorsements that were withdrawn, of which no source that was read tells",
    "shapes:Row": "it looks for cells that hold no value, which only the reader of spreadsheets states",
    "shapes:SchemaOrg": "it looks for terms of schema.org with http, of which there should be none",
}
"""Shapes that judge no node of the real data, each with the reason why that is well."""

PREFIXES = """
@prefix cfit: <https://w3id.org/cfit/ns#> .
@prefix ex: <http://example.org/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shapes: <https://w3id.org/cfit/shapes#> .
@prefix status: <https://w3id.org/cfit/id/status/> .
"""
GOOD = """
ex:S a sh:NodeShape ; sh:targetClass org:Organization ; sh:name "s"@en ; sh:severity sh:Violation ;
    sh:property ex:S-p ; sh:sparql ex:S-q .
ex:S-p a sh:PropertyShape ; sh:path cfit:status ; sh:minCount 1 ; sh:name "p"@en ; sh:message "Do."@en ;
    sh:severity sh:Violation .
ex:S-q a sh:SPARQLConstraint ; sh:name "q"@en ; sh:message "Do."@en ; sh:select "SELECT $this WHERE {}" .
"""
MISTAKES = [
    ("misspelt term", "sh:minCount", "sh:mincount", "term", "ex:S-p"),
    (
        "misspelt value",
        "sh:severity sh:Violation .",
        "sh:severity sh:Violation ; sh:nodeKind sh:Iri .",
        "term",
        "ex:S-p",
    ),
    ("class nobody is of", "org:Organization", "org:Site", "focus", "ex:S"),
    ("class that does not exist", "org:Organization", "org:Organisation", "class", "ex:S"),
    ("class of ours that does not exist", "org:Organization", "cfit:Pakt", "class", "ex:S"),
    ("property nobody has", "sh:targetClass org:Organization", "sh:targetSubjectsOf org:postIn", "focus", "ex:S"),
    ("target by misspelt property", "sh:targetClass org:Organization", "sh:targetSubjectsOf org:mmber", "path", "ex:S"),
    ("property shape without owner", "sh:property ex:S-p ;", "", "unused", "ex:S-p"),
    ("shape without target", "sh:targetClass org:Organization ;", "", "unused", "ex:S"),
    ("misspelt path", "cfit:status", "cfit:statuses", "path", "ex:S-p"),
    (
        "misspelt step of a path",
        "sh:path cfit:status",
        "sh:path ( org:member [ sh:inversePath org:rol ] )",
        "path",
        "ex:S-p",
    ),
    ("misspelt partner", "sh:minCount 1", "sh:equals org:rol", "path", "ex:S-p"),
    ("property shape without message", 'sh:message "Do."@en ;\n    sh:severity', "sh:severity", "message", "ex:S-p"),
    ("query without message", 'sh:message "Do."@en ; sh:select', "sh:select", "message", "ex:S-q"),
    ("shape without name", 'sh:name "s"@en ;', "", "name", "ex:S"),
    ("shape without severity", 'sh:name "s"@en ; sh:severity sh:Violation', 'sh:name "s"@en', "severity", "ex:S"),
    (
        "shape that is not switched off",
        '"s"@en ; sh:severity sh:Violation',
        '"s"@en ; sh:deactivated "1"',
        "severity",
        "ex:S",
    ),
    ("two severities", '"s"@en ; sh:severity', '"s"@en ; sh:severity sh:Info ; sh:severity', "severities", "ex:S"),
    ("severity on a query", "sh:select", "sh:severity sh:Info ; sh:select", "lost-severity", "ex:S-q"),
    ("two messages in one language", '"Do."@en ;\n', '"Do."@en , "Do it."@en ;\n', "language", "ex:S-p"),
    ("concept that does not exist", "sh:minCount 1", "sh:in ( status:active status:asleep )", "node", "ex:S-p"),
    ("value that does not exist", "sh:minCount 1", "sh:hasValue status:asleep", "node", "ex:S-p"),
    ("check that does not exist", "sh:minCount 1", 'shapes:check "isbn"', "check", "ex:S-p"),
    (
        "shape without address",
        "sh:property ex:S-p ;",
        'sh:property ex:S-p , [ sh:path cfit:status ; sh:name "x"@en ; sh:message "Do."@en ; sh:severity sh:Info ] ;',
        "anonymous",
        "ex:S",
    ),
]
"""What the mistake is, the text it changes in ``GOOD``, the rule that finds it, and the shape it is found at."""


@cache
def _data() -> Graph:
    return source.merge(map(source.read, source.files(ROOT / "ontology") + source.files(ROOT / "data")))


@cache
def _own() -> Graph:
    return source.merge(map(source.read, source.files(ROOT / "shapes")))


def _found(text: str) -> list[tuple[str, str]]:
    shapes = Graph().parse(data=PREFIXES + text, format="turtle")
    return [(finding.rule, finding.focus) for finding in validation.lint_shapes(shapes, _data()).findings]


def test_a_message_without_translation_is_found_where_others_have_one() -> None:
    text = GOOD.replace('sh:message "Do."@en ;\n', 'sh:message "Do."@en , "Doe."@nl ;\n')
    assert _found(text) == [(f"{SHAPES}Lint-translation", "http://example.org/S-q")]


def test_a_name_or_description_without_translation_is_found_where_others_have_one() -> None:
    text = GOOD.replace('sh:name "s"@en', 'sh:name "s"@en , "z"@nl').replace('"p"@en', '"p"@en , "p"@nl')
    assert _found(text) == [(f"{SHAPES}Lint-translation", "http://example.org/S-q")]
    described = GOOD.replace('"s"@en', '"s"@en ; sh:description "S."@en , "Z."@nl')
    assert _found(described) == []
    described = described.replace('"p"@en', '"p"@en ; sh:description "P."@en')
    assert _found(described) == [(f"{SHAPES}Lint-translation", "http://example.org/S-p")]


def test_messages_in_two_languages_have_the_same_placeholders() -> None:
    text = GOOD.replace('"Do."@en', '"Do {?a}."@en , "Doe {$a}."@nl', 1).replace(
        '"Do."@en', '"Do {?a}."@en , "Doe."@nl'
    )
    assert _found(text) == [(f"{SHAPES}Lint-placeholders", "http://example.org/S-q")]


def test_shapes_without_mistakes_pass() -> None:
    assert _found(GOOD) == []


def test_a_shape_that_is_a_class_is_aimed_at_its_instances() -> None:
    """SHACL, 2.1.3.3: it needs no target, and so is neither unused nor idle."""
    declared = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    shape = "org:Organization a sh:NodeShape , rdfs:Class"
    assert _found(declared + GOOD.replace("ex:S a sh:NodeShape ; sh:targetClass org:Organization", shape)) == []


@pytest.mark.parametrize(("old", "new"), [
    ("sh:minCount 1", "sh:in _:list"),
    ("sh:minCount 1", "sh:or _:list"),
    ("sh:path cfit:status", "sh:path _:list"),
    ("sh:path cfit:status", "sh:path _:path"),
])  # fmt: skip
def test_a_list_or_path_without_end_is_left_to_those_who_use_the_shapes(old: str, new: str) -> None:
    endless = """
        @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
        _:list rdf:first cfit:status ; rdf:rest _:list .
        _:path sh:inversePath _:path .
    """
    assert _found(GOOD.replace(old, new, 1) + endless) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "node"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_each_mistake_is_found_at_its_shape(old: str, new: str, rule: str, node: str) -> None:
    assert old in GOOD
    found = _found(GOOD.replace(old, new, 1))
    assert found == [(f"{SHAPES}Lint-{rule}", node.replace("ex:", "http://example.org/"))]


def test_a_misspelt_term_is_answered_with_the_right_one() -> None:
    shapes = Graph().parse(data=PREFIXES + GOOD.replace("sh:minCount", "sh:mincount"), format="turtle")
    assert "Perhaps sh:minCount is meant." in validation.lint_shapes(shapes, _data()).findings[0].message


def test_to_take_a_rule_out_is_no_remedy(tmp_path: Path) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(
        PREFIXES + GOOD.replace("sh:property ex:S-p", "sh:property ex:S-p , [ sh:path cfit:status ]"), "utf-8"
    )
    found = validation.lint_shapes(source.read(path), source.read_all([path]), tmp_path).findings
    assert [it.suggestion for it in found if it.rule.endswith("Lint-anonymous")] == [None]


def test_our_shapes_have_no_mistake_and_only_the_expected_ones_are_idle() -> None:
    found = validation.lint_shapes(_own(), _data()).findings
    assert [finding for finding in found if finding.severity is Severity.VIOLATION] == []
    assert {finding.rule for finding in found} <= {SHAPES + "Lint-focus"}
    assert {shorten(finding.focus) for finding in found} == set(IDLE)


def test_every_other_shape_judges_nodes_of_the_real_data() -> None:
    table = {}
    for shape in _own().subjects(RDF.type, SH.NodeShape):
        if any(True for link in TARGETS for _ in _own().objects(shape, link)):
            table[shorten(str(shape))] = len(set(lint.focus_nodes(shape, _own(), _data())))
    print("\nnodes judged by each shape", *(f"{n:5} {shape}" for shape, n in sorted(table.items())), sep="\n")  # noqa: T201
    assert {shape for shape, number in table.items() if not number} == set(IDLE)


def test_the_command_line_lints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["validate", "--lint"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Conforms: 0 violations")
    path = tmp_path / "shapes.ttl"
    path.write_text(PREFIXES + GOOD.replace("sh:minCount", "sh:mincount"))
    assert cli.main(["validate", "--lint", "--shapes", str(path), "--format", "turtle"]) == 1
    report = Graph().parse(data=capsys.readouterr().out, format="turtle")
    assert set(report.objects(predicate=SH.focusNode)) == {URIRef("http://example.org/S-p")}


def test_shapes_that_cannot_be_used_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(PREFIXES + GOOD.replace("sh:path", "sh:path ex:other ; sh:path"))
    assert cli.main(["validate", "--lint", "--shapes", str(path)]) == 2
    told = capsys.readouterr()
    assert (told.out, "it has more than one sh:path" in told.err) == ("", True)
