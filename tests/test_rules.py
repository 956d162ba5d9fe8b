from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, SH, Graph, URIRef
from rdflib.compare import isomorphic

from cfit_graph import rules, source
from cfit_graph.namespaces import SHAPES
from cfit_graph.store.formats import GRAPHS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.rules import Rule, Rulebook, Shape

FOLDER = ROOT / "shapes"
KINDS = (SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint)

SMALL = """@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shapes: <https://w3id.org/cfit/shapes#> .
shapes:A a sh:NodeShape ; sh:targetClass ex:A ; sh:name "a"@en , "ah"@de ; sh:description "An a."@en ;
    sh:severity sh:Warning ; sh:property shapes:A-b ; sh:sparql shapes:A-c ; sh:or ( shapes:B shapes:C ) ;
    sh:message "Neither."@en .
shapes:A-b a sh:PropertyShape ; sh:path ( ex:b [ sh:inversePath ex:c ] [ sh:zeroOrMorePath ex:d ] ) ;
    sh:minCount 1 ; sh:in ( ex:x "y" ) ; sh:message "None."@en ; sh:severity sh:Violation .
shapes:A-c a sh:SPARQLConstraint ; sh:message "Odd."@en ; sh:select "SELECT $this { $this ?p ?o }" .
shapes:B a sh:NodeShape ; sh:property [ sh:path ex:b ; sh:node shapes:C ] .
shapes:C a sh:NodeShape ; sh:class ex:C .
"""


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return rules.read(FOLDER)


@pytest.fixture
def small(tmp_path: Path) -> Rulebook:
    (tmp_path / "small.ttl").write_text(SMALL, "utf-8")
    return rules.read(tmp_path)


def _shapes(book: Rulebook) -> dict[str, Shape]:
    return {shape.anchor: shape for group in book.groups for shape in group.shapes}


def _rules(book: Rulebook) -> dict[str, Rule]:
    return {rule.anchor: rule for rule in book.rules}


def test_every_shape_and_constraint_is_read_once(book: Rulebook) -> None:
    graph = source.merge(map(source.read, source.files(FOLDER)))
    described = {str(node) for kind in KINDS for node in graph.subjects(RDF.type, kind)}
    read = [shape.iri for shape in _shapes(book).values()]
    parts = [rule.iri for shape in _shapes(book).values() for rule in shape.rules if rule.iri != shape.iri]
    columns = [column.iri for shape in _shapes(book).values() for column in shape.columns]
    assert set(columns) == {str(node) for node in graph.subjects(SH.deactivated)}
    assert sorted(read + parts + columns) == sorted(described)
    assert {group.name for group in book.groups} == {path.stem for path in source.files(FOLDER)} - {"shapes"}


def test_every_rule_says_what_it_demands(book: Rulebook) -> None:
    for rule in book.rules:
        assert rule.name, rule.iri
        assert rule.message, rule.iri
        assert rule.severity in {"Violation", "Warning", "Info"}, rule.iri
        assert rule.constraints or rule.query, rule.iri


def test_terms_of_the_shapes_and_columns_are_explained(book: Rulebook) -> None:
    names = {"check", "column", "kind", "mend", "message", "repeated", "table", "unknownKind", "unnamed", "unreadable"}
    assert {term.anchor for term in book.terms} == names
    for term in [*book.terms, *(column for shape in _shapes(book).values() for column in shape.columns)]:
        assert term.name, term.iri
        assert term.description.endswith("."), term.iri


def test_only_checks_of_ours_apply_to_all_data(book: Rulebook) -> None:
    overall = [shape for shape in _shapes(book).values() if shape.overall]
    assert [shape.iri for shape in overall if "check" not in {found.name for found in shape.constraints}] == []


def test_anchors_are_local_names(book: Rulebook) -> None:
    assert _rules(book)["Affiliation-role"].path == "org:role"
    assert all(SHAPES + anchor == rule.iri for anchor, rule in _rules(book).items())


def test_a_shape_that_judges_itself_is_a_rule(small: Rulebook) -> None:
    shape = _shapes(small)["A"]
    assert [rule.anchor for rule in shape.rules] == ["A", "A-b", "A-c"]
    assert shape.rules[0].message == "Neither."
    assert shape.name == "a"
    (either,) = shape.rules[0].constraints
    assert (either.name, [part.text for part in either.parts]) == ("or", ["shapes:B", "shapes:C"])


def test_paths_and_values_are_readable(small: Rulebook) -> None:
    rule = _rules(small)["A-b"]
    assert rule.path == "<http://example.org/b>/^<http://example.org/c>/<http://example.org/d>*"
    constraints = {constraint.name: [part.text for part in constraint.parts] for constraint in rule.constraints}
    assert constraints == {"in": ["http://example.org/x", '"y"'], "minCount": ["1"]}


def test_a_query_has_the_severity_of_its_shape(small: Rulebook) -> None:
    assert (_rules(small)["A-b"].severity, _rules(small)["A-c"].severity) == ("Violation", "Warning")
    assert _rules(small)["A-c"].query.startswith("SELECT")


def test_parts_name_the_shapes_that_use_them(small: Rulebook) -> None:
    users = {anchor: [part.text for part in shape.used_by] for anchor, shape in _shapes(small).items()}
    assert users == {"A": [], "B": ["shapes:A"], "C": ["shapes:A", "shapes:B"]}


@pytest.mark.parametrize("media_type", [graph.media_type for graph in GRAPHS])
def test_all_rules_in_every_format_and_the_same_bytes_each_time(book: Rulebook, media_type: str) -> None:
    written = rules.serialize(book, media_type)
    assert isomorphic(Graph().parse(data=written, format=media_type), book.graph)
    assert rules.serialize(rules.read(FOLDER), media_type) == written


def test_every_process_writes_the_same_bytes() -> None:
    """Whatever its hashes are: the order of sets hangs on them."""
    code = (
        "import hashlib; from pathlib import Path; "
        "from cfit_graph import rules; from cfit_graph.store.formats import GRAPHS; "
        f"book = rules.read(Path({str(FOLDER)!r})); "
        "print([hashlib.sha256(rules.serialize(book, it.media_type)).hexdigest() for it in GRAPHS])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "12"
    }
    assert len(told) == 1


def test_no_folder_means_no_rules(tmp_path: Path) -> None:
    book = rules.read(tmp_path / "none")
    assert (book.header, book.groups, book.rules) == ({}, (), ())
    assert URIRef(SHAPES) not in set(book.graph.subjects())
