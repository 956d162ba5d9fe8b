"""Faults of queries in words for people, at the place where they are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph.errors import CfitError, QuerySyntaxError
from cfit_graph.store import syntax
from cfit_graph.store.embedded import EmbeddedStore

STORE = EmbeddedStore([])
CEILING = 0.5
"""Seconds. Faults are told in the process that serves everybody."""


def _fault(sparql: str) -> QuerySyntaxError:
    with pytest.raises(QuerySyntaxError) as caught:
        STORE.query(sparql, "application/sparql-results+json")
    return caught.value


@pytest.mark.parametrize(
    ("sparql", "place", "token", "words"),
    [
        ("SELECT * { ?s foaf:name ?o }", (1, 15), "foaf:name", "prefix foaf: is not declared"),
        ("SELECT * {\n  ?s a :Thing }", (2, 8), ":Thing", "prefix : is not declared"),
        ("SELECT * { ?s ?p bad }", (1, 18), "bad", "no word of SPARQL"),
        ("SELECT * { ?s ?p ?o ", (1, 21), "", "end of the query"),
        ("SELECT * { ?s ?p ?o } LIMIT ten", (1, 29), "ten", "no word of SPARQL"),
        ("# foaf:name in a comment\nSELECT * { ?s ?p 'foaf:name' bad }", (2, 30), "bad", "no word"),
        ("PREFIX a: <b:>\r\nSELECT * { ?s ?p é }", (2, 18), "é", "no word"),
        ("SELECT * {\n ?s ?p ?o\n FILTER(?o = )\n}", (3, 14), ")", "cannot stand here"),
        ("SELECT ?s, ?p { ?s ?p ?o }", (1, 10), ",", 'expected "(", "?" or "{"'),
        ("SELECT * { ?s ?p ?o FILTER ?s = 1 }", (1, 28), "?s", 'expected "("'),
        ("SELECT * { ?s ?p ?o } LIMIT -1", (1, 29), "-", "cannot stand here"),
        ("SELECT * { ?s ?p ?o } LIMIT", (1, 28), "", "more must follow"),
        ("SELECT * { ?s ?p ?o . ?s ?p }", (1, 29), "}", "cannot stand here"),
        ("SELECT * { ?s ?p ?o } ORDER ?s", (1, 29), "?s", "expected BY"),
        ("SELECT * { ?s ?p ?o } }", (1, 23), "}", "cannot stand here"),
        ("SELECT * { ?s ?p 'a }", (1, 18), "'", "cannot stand here"),
        ("ASK { ?s ?p 1.5 ?q }", (1, 17), "?q", 'expected ",", ".", ";"'),
        ("SELECT COUNT(?s) { ?s ?p ?o }", (1, 8), "COUNT", 'expected "("'),
        ("SELECT * { { ?s ?p ?o } UNION ?s ?p ?o }", (1, 31), "?s", 'expected "{"'),
        ("SELECT * { ?s ?p 'service' ?o }", (1, 28), "?o", "expected"),
        ("SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o }", (1, 41), "", "The SELECT contains a variable that is unbound"),
    ],
)
def test_the_place_and_the_words(sparql: str, place: tuple[int, int], token: str, words: str) -> None:
    fault = _fault(sparql)
    assert (fault.line, fault.column) == place
    assert fault.token == token
    assert words in fault.reason


def test_what_is_refused_here_is_not_offered() -> None:
    assert "SERVICE" not in _fault("SELECT * { ?s ?p ?o . )").reason
    assert "LATERAL" not in _fault("SELECT * { ?s ?p ?o ) }").reason


@pytest.mark.parametrize("text", ["anything at all", "", "error at x:y: z"])
def test_what_the_engine_says_otherwise_is_passed_on(text: str) -> None:
    fault = syntax.error(text, "ASK {", "ASK {")
    assert (fault.reason, fault.line) == (text, 0)


@given(st.text(max_size=60), st.integers(1, 9), st.integers(1, 90))
@settings(deadline=None)
def test_any_place_is_told_of_any_text(sparql: str, line: int, column: int) -> None:
    fault = syntax.error(f"error at {line}:{column}: expected [a]", sparql, sparql)
    assert fault.line >= 1
    assert fault.column >= 1
    assert len(fault.token) <= 40


LONG = {
    "one word": "SELECT * { " + "a" * 99_000,
    "many words": "SELECT * { " + "abcdefg " * 9_000,
    "lines": "SELECT * { " + "\n" * 99_000 + "bad",
    "letters that are not ASCII": "SELECT * { " + "é" * 99_000,
    "backslashes": "SELECT * { " + "\\" * 99_000,
    "a string that does not end": 'SELECT * { ?s ?p "' + "x" * 99_000,
    "prefixes": "PREFIX " + "a" * 90_000 + " SELECT",
    "words with hyphens": "SELECT * { " + ("a" * 48 + "-") * 1_990 + " )",
    "words with dots": "SELECT * { " + ("a" * 48 + ".") * 1_990 + " )",
}


@pytest.mark.parametrize("sparql", LONG.values(), ids=LONG)
def test_long_queries_are_judged_soon(sparql: str) -> None:
    started = time.process_time()
    with pytest.raises(CfitError):
        STORE.query(sparql, "application/sparql-results+json")
    assert time.process_time() - started < CEILING
