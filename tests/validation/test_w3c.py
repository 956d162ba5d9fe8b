"""Every test of the W3C suite for SHACL, through the two stages and by pySHACL on everything: the same report.

What both miss of the suite stands in ``misses.toml`` with its reason; one that is listed and passes fails here.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph, Namespace, URIRef

from cfit_graph import source
from tests.conftest import ROOT
from tests.validation import reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

FOLDER = ROOT.parent / "shared" / "suites" / "w3c-shacl" / "tests"
BASE = "http://example.org/tests/"
MISSES = tomllib.loads((Path(__file__).parent / "misses.toml").read_text("utf-8"))
MF, SHT = (
    Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"),
    Namespace("http://www.w3.org/ns/shacl-test#"),
)
COMPARED = (SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent, SH.sourceShape, SH.resultSeverity)


@dataclass(frozen=True)
class Case:
    """One test: the file that describes it, and its node in there."""

    path: Path
    node: URIRef

    @property
    def name(self) -> str:
        return self.path.relative_to(FOLDER).with_suffix("").as_posix()


def _graph(iri: str) -> Graph:
    path = FOLDER / iri.removeprefix(BASE)
    parsed = ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=iri)
    graph = source.collected(map(source.triple, source._named(parsed, path)))
    for prefix, namespace in parsed.prefixes.items():
        graph.bind(prefix, namespace, replace=True)
    return graph


def _cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*/*/*.ttl")):
        found = _graph(BASE + path.relative_to(FOLDER).as_posix()).subjects(RDF.type, SHT.Validate)
        yield from (Case(path, URIRef(str(node))) for node in found)


CASES = list(_cases())


def test_the_suite_is_at_hand() -> None:
    if not CASES and os.environ.get("CI") != "true":
        pytest.skip(f"{FOLDER} is not there")
    names = [case.name for case in CASES]
    assert (sum(name.startswith("core/") for name in names), len(names)) == (98, 121)
    assert not MISSES.keys() - set(names)


@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_ways(case: Case) -> None:
    told = _graph(BASE + case.path.relative_to(FOLDER).as_posix())
    action, expected = told.value(case.node, MF.action), told.value(case.node, MF.result)
    data, shapes = (_graph(str(told.value(action, name))) for name in (SHT.dataGraph, SHT.shapesGraph))
    judged, whole = reference.two_stage(data, shapes, case.path), reference.whole(data, shapes)
    assert isinstance(judged, str) == isinstance(whole, str)
    if not isinstance(judged, str) and isinstance(whole, Graph):
        assert reference.results(judged.report) == reference.results(whole)
    right = _is_right(judged, told, expected)
    assert right != (case.name in MISSES), "listed in misses.toml, but passes" if right else "fails"


def _is_right(judged: object, told: Graph, expected: Node | None) -> bool:
    """Tell whether a verdict is what the suite expects; results are compared by what the suite gives of each."""
    if expected == SHT.Failure or isinstance(judged, str):
        return expected == SHT.Failure and isinstance(judged, str)
    report: Graph = judged.report  # type: ignore[attr-defined]
    found = [_said(report, it) for it in report.objects(predicate=SH.result)]
    return sorted(found) == sorted(_said(told, it) for it in told.objects(expected, SH.result))


def _said(report: Graph, result: Node) -> list[str]:
    return [str(reference.content(report, report.value(result, name))) for name in COMPARED]
