"""Differential tests: for any shapes and data, the two stages give the report of pySHACL on everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rdflib import Graph

from cfit_graph import source
from cfit_graph.validation.changes import Session
from cfit_graph.validation.facts import Memory
from cfit_graph.validation.shapes import Shapes
from tests.validation import drawn, reference

HERE = Path("shapes.ttl")
pytestmark = pytest.mark.filterwarnings("ignore:Parsing weird boolean")
FIXED = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=300, **FIXED)  # type: ignore[arg-type]
@given(drawn.data(), drawn.shapes())
def test_the_report_is_that_of_pyshacl_on_everything(data: Graph, shapes: Graph) -> None:
    """Of pySHACL several reports are taken, for some of what it says hangs on the order in which it happens to go."""
    judged, wholes = reference.two_stage(data, shapes, HERE), [reference.whole(data, shapes)]
    assert isinstance(judged, str) == isinstance(wholes[0], str), (judged, wholes)
    if isinstance(judged, str):
        return
    found = reference.results(judged.report)
    if not isinstance(wholes[0], str) and found != reference.results(wholes[0]):
        wholes += [reference.whole(it, shapes) for it in (data, *[source.collected(judged.whole)] * 3)]
    assert found in [reference.results(whole) for whole in wholes if isinstance(whole, Graph)]


@settings(max_examples=60, **FIXED)  # type: ignore[arg-type]
@given(drawn.data(), drawn.data(), drawn.shapes(), st.data())
def test_after_a_change_the_report_is_that_from_scratch(data: Graph, other: Graph, shapes: Graph, more: Any) -> None:
    assume(not isinstance(reference.two_stage(data, shapes, HERE), str))
    session, before = Session(Memory(data), Shapes(shapes, HERE)), set(data)
    for _ in range(2):
        gone = {triple for triple in sorted(before, key=str) if more.draw(st.integers(0, 5)) == 0}
        after = (before - gone) | {triple for triple in sorted(other, key=str) if more.draw(st.integers(0, 3)) == 0}
        graph = data.__class__()
        for triple in after:
            graph.add(triple)
        scratch = reference.two_stage(graph, shapes, HERE)
        assume(not isinstance(scratch, str))
        added, removed = (map(source.parser_quad, some) for some in (after - before, before - after))
        changed = session.change(Memory(graph), added, removed)
        assert not isinstance(scratch, str)
        assert reference.results(changed.report) == reference.results(scratch.report)
        before = after
