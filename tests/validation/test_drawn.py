"""Differential tests: for any shapes and data, the two stages give the report of pySHACL on everything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cfit_graph.validation.changes import Session
from cfit_graph.validation.facts import Memory
from tests.validation import drawn, reference

if TYPE_CHECKING:
    from rdflib import Graph

HERE = Path("shapes.ttl")
pytestmark = pytest.mark.filterwarnings("ignore:Parsing weird boolean")
FIXED = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=300, **FIXED)  # type: ignore[arg-type]
@given(drawn.data(), drawn.shapes())
def test_the_report_is_that_of_pyshacl_on_everything(data: Graph, shapes: Graph) -> None:
    judged, whole = reference.two_stage(data, shapes, HERE), reference.whole(data, shapes)
    if isinstance(judged, str) or isinstance(whole, str):
        assert isinstance(judged, str) == isinstance(whole, str), (judged, whole)
        return
    assert reference.results(judged.report) == reference.results(whole)


@settings(max_examples=60, **FIXED)  # type: ignore[arg-type]
@given(drawn.data(), drawn.data(), drawn.shapes(), st.data())
def test_after_a_change_the_report_is_that_from_scratch(data: Graph, other: Graph, shapes: Graph, more: Any) -> None:
    assume(not isinstance(reference.two_stage(data, shapes, HERE), str))
    session, before = Session(), set(data)
    session.examine(Memory(data), shapes, HERE)
    for _ in range(2):
        gone = {triple for triple in sorted(before, key=str) if more.draw(st.integers(0, 5)) == 0}
        after = (before - gone) | {triple for triple in sorted(other, key=str) if more.draw(st.integers(0, 3)) == 0}
        graph = data.__class__()
        for triple in after:
            graph.add(triple)
        scratch = reference.two_stage(graph, shapes, HERE)
        assume(not isinstance(scratch, str))
        changed = session.examine(Memory(graph), shapes, HERE)
        assert not isinstance(scratch, str)
        assert reference.results(changed.report) == reference.results(scratch.report)
        before = after
