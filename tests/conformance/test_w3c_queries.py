"""Every test of the W3C suite for SPARQL 1.1 queries, asked of our server and of bare pyoxigraph.

What either misses stands in ``misses.toml`` with its reason; a test that is listed there and passes fails here.
"""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tests.conformance import answers, suite
from tests.conformance.suite import Case, file_of

if TYPE_CHECKING:
    import httpx2

CASES = suite.cases()
MISSES = tomllib.loads((Path(__file__).parent / "misses.toml").read_text("utf-8"))
FLOOR = 223
"""Evaluation tests that bare pyoxigraph was found to pass when the project began."""
JSON = "application/sparql-results+json"
MEDIA_TYPES = {
    ".srj": JSON,
    ".srx": "application/sparql-results+xml",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".ttl": "text/turtle",
}


@pytest.fixture(scope="module")
def bare(w3c_data: Path) -> ox.Store:
    """The same data in pyoxigraph itself."""
    store = ox.Store()
    store.load(path=str(w3c_data), format=ox.RdfFormat.N_QUADS)
    return store


def test_the_suite_is_at_hand() -> None:
    if not suite.PRESENT and os.environ.get("CI") != "true":
        pytest.skip(f"{suite.FOLDER} is not there")
    kinds = [case.kind for case in CASES]
    assert (kinds.count("evaluate"), kinds.count("accept"), kinds.count("refuse")) == (235, 66, 40)
    assert not MISSES.keys() - {case.name for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_through_http(http: httpx2.Client, case: Case) -> None:
    _as_listed(case, "http", _fault_of_server(http, case))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bare(bare: ox.Store, case: Case) -> None:
    _as_listed(case, "bare", _fault_of_engine(bare, case))


@pytest.mark.skipif(not suite.PRESENT, reason="the suite is not there")
def test_http_loses_nothing() -> None:
    evaluated = {case.name for case in CASES if case.kind == "evaluate"}
    http, bare = ({name for name in evaluated if way in _listed(name)} for way in ("http", "bare"))
    assert http <= bare
    assert len(evaluated - http) >= len(evaluated - bare) >= FLOOR


def _listed(name: str) -> list[str]:
    """Return who misses a test."""
    by: list[str] = MISSES[name]["by"] if name in MISSES else []
    return by


def _as_listed(case: Case, way: str, fault: str) -> None:
    """Check that a case passes, or fails as the list says."""
    if way in _listed(case.name):
        assert fault, f"{case.name} passes {way} now: take it off the list"
        assert MISSES[case.name]["reason"]
    else:
        assert not fault, fault


def _fault_of_server(http: httpx2.Client, case: Case) -> str:
    """Ask the server by the protocol; return what is wrong with its answer, or nothing."""
    if case.kind != "evaluate":
        response = http.post("/sparql", data={"query": case.text, "named-graph-uri": suite.SPARE})
        syntax_error = response.status_code == 400 and response.json()["type"].endswith("/query-syntax")
        right = syntax_error if case.kind == "refuse" else response.status_code == 200
        return "" if right else f"{response.status_code} {response.text}"
    expected, media_type = _expected(case)
    default, named = case.dataset
    form = {"query": _with_base(case), "default-graph-uri": default, "named-graph-uri": named}
    response = http.post("/sparql", data=form, headers={"Accept": media_type})
    if response.status_code != 200:
        return f"{response.status_code} {response.text}"
    return _difference(case, response.content, media_type, expected)


def _fault_of_engine(store: ox.Store, case: Case) -> str:
    """Ask pyoxigraph in this process; return what is wrong with its answer, or nothing."""
    try:
        if case.kind != "evaluate":
            ox.Store().query(case.text, base_iri=suite.BASE)
            return "" if case.kind == "accept" else "accepted"
        expected, media_type = _expected(case)
        return _difference(case, _serialize(_ask(store, case), media_type), media_type, expected)
    except SyntaxError as error:
        return "" if case.kind == "refuse" else str(error)
    except RuntimeError as error:  # what the engine cannot do, it has read
        return "" if case.kind == "accept" else str(error)


def _ask(store: ox.Store, case: Case) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    default, named = ([ox.NamedNode(iri) for iri in iris] for iris in case.dataset)
    given = {"default_graph": default, "named_graphs": named} if default or named else {}
    return store.query(case.text, base_iri=case.query, **given)  # type: ignore[arg-type]


def _serialize(answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, media_type: str) -> bytes:
    if isinstance(answer, ox.QueryTriples):
        return ox.serialize(answer, format=ox.RdfFormat.TURTLE) or b""
    return answer.serialize(format=ox.QueryResultsFormat.from_media_type(media_type)) or b""


@cache
def _expected(case: Case) -> tuple[answers.Answer, str]:
    """Return the expected answer, and the media type to ask for: that of its file, JSON for solutions in Turtle."""
    media_type = MEDIA_TYPES[file_of(case.result).suffix]
    expected = answers.read(file_of(case.result).read_bytes(), media_type, case.result)
    in_turtle = media_type == "text/turtle" and isinstance(expected, answers.Table)
    return expected, JSON if in_turtle else media_type


def _with_base(case: Case) -> str:
    """Return the query with its own address as base, where it has an IRI to be read against that."""
    return f"BASE <{case.query}> {case.text}" if re.search(r"<[^:<>\s]+>", case.text) else case.text


def _difference(case: Case, content: bytes, media_type: str, expected: answers.Answer) -> str:
    found = answers.read(content, media_type)
    ordered = "ORDER BY" in case.text.upper().rpartition("}")[2]
    return "" if answers.same(found, expected, ordered=ordered) else f"found {found}, expected {expected}"
