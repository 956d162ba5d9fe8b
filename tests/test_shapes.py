"""The shapes, by fixtures: ``shapes/<shape file>/<verdict>.<why>.ttl``, each but the valid ones with its report.

``CFIT_APPROVE=1`` rewrites the reports instead of comparing them; review the difference before committing it.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef

from cfit_graph import source, validation
from cfit_graph.namespaces import SHAPES, shorten
from cfit_graph.validation import Finding, Severity

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "shapes"
FIXTURES = sorted(CASES.glob("*/*.ttl"))
WORST = {"valid": None, "invalid": Severity.VIOLATION, "warning": Severity.WARNING, "info": Severity.INFO}
OWN_CONSTRAINTS = {
    SH.hasValue, SH["in"], SH["class"], SH.datatype, SH.nodeKind, SH.pattern, SH.languageIn,
    SH["not"], SH["or"], SH.xone, SH["and"], SH.node,
}  # fmt: skip


@cache
def _folder(name: str) -> Graph:
    return source.merge(map(source.read, source.files(ROOT / name)))


def _of_type(kind: URIRef) -> set[URIRef]:
    return {shape for shape in _folder("shapes").subjects(RDF.type, kind) if isinstance(shape, URIRef)}


def _report(fixture: Path) -> Path:
    return fixture.with_suffix(".report.txt")


def _line(finding: Finding) -> str:
    parts = shorten(finding.rule), shorten(finding.focus), finding.path, shorten(finding.value)
    return "\t".join((finding.severity.value, *parts))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_fixture(fixture: Path) -> None:
    data = source.merge([_folder("ontology"), source.read(fixture)])
    found = validation.validate(data, _folder("shapes"), ROOT / "shapes").findings
    worst = found[0].severity if found else None
    assert worst == WORST[fixture.name.partition(".")[0]], [_line(finding) for finding in found]
    lines = "".join(f"{line}\n" for line in sorted(map(_line, found)))
    if os.environ.get("CFIT_APPROVE") and lines:
        _report(fixture).write_text(lines, "utf-8", newline="\n")
    assert lines == (_report(fixture).read_text("utf-8") if lines else "")


def test_every_report_belongs_to_a_fixture_that_is_not_valid() -> None:
    expected = {_report(fixture) for fixture in FIXTURES if not fixture.name.startswith("valid.")}
    assert set(CASES.glob("*/*.report.txt")) == expected


def test_every_shape_file_has_valid_and_failing_fixtures() -> None:
    stems = {path.stem for path in source.files(ROOT / "shapes")} - {"shapes"}
    assert {path.parent.name for path in CASES.glob("*/valid.*.ttl")} == stems
    assert {path.parent.name for path in CASES.glob("*/*.report.txt")} == stems


def test_every_rule_is_broken_by_a_fixture() -> None:
    lines = [line for path in CASES.glob("*/*.report.txt") for line in path.read_text("utf-8").splitlines()]
    assert {shorten(rule) for rule in _rules()} - {line.split("\t")[1] for line in lines} == set()


def test_every_rule_states_its_own_severity_in_the_reports() -> None:
    for path in CASES.glob("*/*.report.txt"):
        for line in path.read_text("utf-8").splitlines():
            severity, rule = line.split("\t")[:2]
            assert severity == _severity(URIRef(SHAPES + rule.removeprefix("shapes:")))


def _rules() -> set[URIRef]:
    """Return what can be the rule of a finding: what shapes with targets say, and the property shapes they use."""
    shapes = _folder("shapes")
    targeted = {shape for shape in _of_type(SH.NodeShape) if any(_targets(shape))}
    used = {part for shape in targeted for link in (SH.property, SH.sparql) for part in shapes.objects(shape, link)}
    judging = {shape for shape in targeted if OWN_CONSTRAINTS & set(shapes.predicates(shape))}
    return {rule for rule in used | judging if isinstance(rule, URIRef)}


def _targets(shape: URIRef) -> list[object]:
    links = SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf
    return [target for link in links for target in _folder("shapes").objects(shape, link)]


def _severity(rule: URIRef) -> str:
    shapes = _folder("shapes")
    shape = shapes.value(predicate=SH.sparql, object=rule) or rule
    return str(shapes.value(shape, SH.severity)).removeprefix(str(SH))


def test_every_shape_and_constraint_has_an_address_a_name_and_messages() -> None:
    shapes = _folder("shapes")
    nodes, properties, queries = (_of_type(kind) for kind in (SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint))
    assert len(nodes | properties | queries) == sum(
        1 for kind in (SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint) for _ in shapes.subjects(RDF.type, kind)
    ), "one of them is a blank node or has two types"
    for shape in nodes | properties | queries:
        assert shape.startswith(SHAPES)
        assert _languages(shape, SH.name) == ["en"], shape
    for shape in properties | queries | (_rules() & nodes):
        assert _languages(shape, SH.message) == ["en"], shape
    for shape in nodes:
        assert _languages(shape, SH.description) == ["en"], shape
        assert shapes.value(shape, RDFS.isDefinedBy) == URIRef(SHAPES.rstrip("#")), shape


def _languages(shape: URIRef, link: URIRef) -> list[str | None]:
    return [text.language for text in _folder("shapes").objects(shape, link) if isinstance(text, Literal)]


def test_every_shape_says_its_severity_and_no_query_does() -> None:
    shapes = _folder("shapes")
    for shape in _of_type(SH.NodeShape) | _of_type(SH.PropertyShape):
        assert len(list(shapes.objects(shape, SH.severity))) == 1, shape
    for query in _of_type(SH.SPARQLConstraint):
        assert (query, SH.severity, None) not in shapes, query


def test_every_part_is_described() -> None:
    shapes = _folder("shapes")
    known = _of_type(SH.NodeShape) | _of_type(SH.PropertyShape) | _of_type(SH.SPARQLConstraint)
    for link in (SH.property, SH.sparql, SH.node, SH["not"], SH.qualifiedValueShape):
        assert set(shapes.objects(predicate=link)) <= known, link
    for link in (SH["or"], SH.xone, SH["and"]):
        for members in shapes.objects(predicate=link):
            assert set(shapes.items(members)) <= known, link


def test_every_property_shape_is_named_after_the_shape_that_uses_it() -> None:
    shapes = _folder("shapes")
    for link in (SH.property, SH.sparql):
        for owner, part in shapes.subject_objects(link):
            assert str(part).startswith(f"{owner}-"), part
    used = set(shapes.objects(predicate=SH.property)) | set(shapes.objects(predicate=SH.sparql))
    assert _of_type(SH.PropertyShape) | _of_type(SH.SPARQLConstraint) == used


def test_terms_of_shacl_exist() -> None:
    """A misspelt term such as ``sh:mincount`` would be ignored in silence (SH-07)."""
    used = {str(term) for triple in _folder("shapes") for term in triple if str(term).startswith(str(SH))}
    known = {str(SH) + name for name in SH._extras} | {str(term) for term in dir(SH)}
    assert used - known == set()


def test_messages_are_filled_only_with_what_their_query_selects() -> None:
    shapes = _folder("shapes")
    for shape, message in shapes.subject_objects(SH.message):
        names = set(re.findall(r"\{[?$](\w+)\}", str(message)))
        head = str(shapes.value(shape, SH.select) or "").partition("WHERE")[0]
        assert names <= set(re.findall(r"[?$](\w+)", head)), message


def test_queries_use_nothing_that_shacl_forbids() -> None:
    for query in _folder("shapes").objects(predicate=SH.select):
        assert not re.search(r"\b(MINUS|VALUES|SERVICE)\b|AS\s+[?$]this\b", str(query)), query
