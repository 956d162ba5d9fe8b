"""Faults of queries in words for people, at the place where they are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph.errors import CfitError, QuerySyntaxError
from cfit_graph.namespaces import BASE, ID
from cfit_graph.store import lexer, meaning, stuck, syntax
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
        ("SELECT * { ?s foaf:name ?o }", (1, 15), "foaf:name", "not declared; add a PREFIX line for it"),
        ("SELECT * {\n  ?s a :Thing }", (2, 8), ":Thing", "prefix : is not declared"),
        ("SELECT * { ?s ?p bad }", (1, 18), "bad", "no word of SPARQL"),
        ("SELECT * { ?s ?p ?o ", (1, 21), "", "end of the query"),
        ("SELECT * { ?s ?p ?o } LIMIT ten", (1, 29), "ten", "no word of SPARQL"),
        ("# foaf:name in a comment\nSELECT * { ?s ?p 'foaf:name' bad }", (2, 30), "bad", "no word"),
        ("PREFIX a: <b:>\r\nSELECT * { ?s ?p é }", (2, 18), "é", "no word"),
        ("SELECT * {\n ?s ?p ?o\n FILTER(?o = )\n}", (3, 14), ")", "cannot stand here"),
        ("SELECT ?s, ?p { ?s ?p ?o }", (1, 10), ",", 'expected "(", "?" or "{"'),
        ("SELECT * { ?s ?p ?o FILTER ?s = 1 }", (1, 28), "?s", 'expected "("'),
        ("SELECT * { ?s ?p ?o } LIMIT -1", (1, 29), "-1", "cannot stand here"),
        ("SELECT * { ?s ?p ?o } LIMIT", (1, 28), "", "more must follow"),
        ("SELECT * { ?s ?p ?o . ?s ?p }", (1, 29), "}", "cannot stand here"),
        ("SELECT * { ?s ?p ?o } ORDER ?s", (1, 29), "?s", "expected BY"),
        ("SELECT * { ?s ?p ?o } }", (1, 23), "}", "cannot stand here"),
        ("SELECT * { ?s ?p 'a }", (1, 18), "'", "cannot stand here"),
        ("ASK { ?s ?p 1.5 ?q }", (1, 17), "?q", 'expected ",", ".", ";"'),
        ("SELECT COUNT(?s) { ?s ?p ?o }", (1, 8), "COUNT", 'expected "("'),
        ("SELECT * { { ?s ?p ?o } UNION ?s ?p ?o }", (1, 31), "?s", 'expected "{"'),
        ("SELECT * { ?s ?p 'service' ?o }", (1, 28), "?o", "expected"),
        ("SELECT * { ?s 'a' ?o }", (1, 15), "'a'", "expected"),
        ("SELECT (SUM(?o)) { ?s ?p ?o }", (1, 16), ")", "expected AS"),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING ?o", (1, 43), "?o", "cannot stand here"),
        ("ASK { ?s ?p ?o } HAVING (COUNT(*) > 1)", (1, 33), ")", "cannot stand here"),
        ("SELECT * { ?s ?p 'a'@ }", (1, 21), "@", "as in @en"),
        ("SELECT * { ?s ?p 'a'@abcdefghi }", (1, 21), "@abcdefghi", "no language tag"),
        ("SELECT * { { _:a ?p ?o } { _:a ?q ?r } }", (1, 28), "_:a", "in one group only"),
        ("SELECT * { _:a ?p ?o FILTER(?o = _:a) }", (1, 34), "_:a", "in triples only"),
        ("SELECT * { FILTER(REGEX(?o, '\\d+')) }", (1, 29), "'\\d+'", "write \\\\d for a backslash"),
        ("SELECT * { ?s <http://x/%zz> ?o }", (1, 15), "<http://x/%zz>", "is no IRI"),
        ("SELECT * { ?s <http://x/y z> ?o }", (1, 15), "<http:", "%20 for a space"),
    ],
)
def test_the_place_and_the_words(sparql: str, place: tuple[int, int], token: str, words: str) -> None:
    fault = _fault(sparql)
    assert (fault.line, fault.column) == place
    assert fault.token == token
    assert words in fault.reason


@pytest.mark.parametrize(
    ("prefix", "line"),
    [("foaf", ": PREFIX foaf: <http://xmlns.com/foaf/0.1/>"), ("role", f": PREFIX role: <{ID}role/>"), ("no", "")],
)
def test_the_line_for_a_prefix_in_use_is_told(prefix: str, line: str) -> None:
    told = f"the prefix {prefix}: is not declared; add a PREFIX line for it at the top{line}"
    assert _fault(f"SELECT * {{ ?s {prefix}:name ?o }}").reason == told


@pytest.mark.parametrize(
    ("sparql", "column", "token", "words"),
    [
        ("SELECT * WHERE { ?s ?p ?o } GROUP BY ?s", 8, "*", "name the variables after SELECT"),
        ("SELECT * { { SELECT * { ?s ?p ?o } GROUP BY ?s } }", 21, "*", "name the variables after SELECT"),
        ("SELECT * { ?s ?p ?o FILTER(COUNT(?o)>1) }", 28, "COUNT", "into HAVING"),
        ("SELECT ?s { ?s ?p ?o FILTER(COUNT(?o)>1) }", 29, "COUNT", "into HAVING"),
        ("SELECT * { ?s ?p ?o } HAVING (COUNT(*) > 1)", 8, "*", "name the variables after SELECT"),
        ("ASK { ?s ?p ?o } GROUP BY ?s", 18, "GROUP", "as a subquery"),
        ("SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o }", 8, "?s", "add it to GROUP BY, or take one by (SAMPLE(?s)"),
        ("SELECT ?s ?o { ?s ?p ?o } GROUP BY ?s LIMIT 5", 11, "?o", "add it to GROUP BY"),
        ("SELECT (STR(?o) AS ?x) { ?s ?p ?o } GROUP BY ?s", 13, "?o", "add it to GROUP BY"),
        ("SELECT ?x (STR(?x) AS ?y) ?o { ?s ?p ?o } GROUP BY (STR(?s) AS ?x)", 27, "?o", "add it to GROUP BY"),
        ("SELECT (SUM(?o + 1) AS ?n) ?z ?o { } GROUP BY ?s VALUES ?z { 1 }", 31, "?o", "add it to GROUP BY"),
        ("SELECT * { ?a ?b ?s { SELECT ?s ?o { ?s ?p ?o } GROUP BY ?s } }", 33, "?o", "add it to GROUP BY"),
        ("SELECT ?s (1 AS ?s) { ?s ?p ?o }", 17, "?s", "has a value already"),
        ("SELECT (1 AS ?x) (2 AS ?p) { ?s ?p ?o }", 24, "?p", "has a value already"),
        ("SELECT ?s ?o ?s { ?s ?p ?o }", 14, "?s", "named twice after SELECT"),
        ("SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }", 36, "?x", "BIND cannot give it one"),
        (
            "SELECT * { ?s ?p ?o { ?x ?p ?o BIND(2 AS ?y) BIND(2 AS ?x) ?s ?q ?r } }",
            56,
            "?x",
            "BIND cannot give it one",
        ),
        ("SELECT * { VALUES (?x ?x) { (1 2) } }", 23, "?x", "stands twice after VALUES"),
        ("SELECT * { VALUES (?x ?y) { (1 'a'@en) (2) } }", 40, "(", "write UNDEF for none"),
        ("SELECT * { } VALUES (?x ?y) { (1 'a'^^<b:c>) (1 2 3) }", 46, "(", "write UNDEF for none"),
    ],
)
def test_mistakes_of_meaning_are_told_at_the_word(sparql: str, column: int, token: str, words: str) -> None:
    fault = _fault(sparql)
    assert (fault.line, fault.column, fault.token) == (1, column, token)
    assert words in fault.reason


@pytest.mark.parametrize("sentence", meaning.SENTENCES)
@given(
    words=st.lists(st.sampled_from([*"(){}*>", "?x", "AS", "SELECT", "COUNT", "GROUP", "VALUES", "BIND"]), max_size=12)
)
@settings(deadline=None)
def test_any_sentence_is_told_of_any_text(sentence: str, words: list[str]) -> None:
    sparql = " ".join(words)
    fault = syntax.error(f"error at 1:{len(sparql) + 1}: expected {sentence}", sparql, sparql)
    assert fault.reason != sentence
    assert sparql[fault.column - 1 :].startswith(fault.token)


NAMES = [
    "e:a-b:c",
    "e:a.b:c",
    "e:a\\/b",
    "e:%41a:b",
    "e:a\\-bad:x",
    ":x:y",
    "e:a\\'b",
    "_:a.b",
    "?foaf",
    "'foaf:x'",
    "<foaf:x>",
    "'x'@bad",
]


@given(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4))
@settings(deadline=None)
def test_names_with_any_signs_hide_no_mistake(names: list[str]) -> None:
    """Each of them is right, so what stands after them is wrong."""
    beginning = f"PREFIX e: <http://x/> PREFIX : <http://y/>\nSELECT * {{ ?s ?p {' , '.join(names)} . "
    fault = _fault(f"{beginning})")
    assert (fault.line, fault.column, fault.token) == (2, len(beginning.split("\n")[1]) + 1, ")")


@pytest.mark.parametrize("escape", ["\\u006F", "\\U0000006F"])
def test_places_are_those_in_the_text_with_escapes(escape: str) -> None:
    for sparql in (f"ASK {{ ?{escape} ?{escape} 'service' bad }}", f"  # why\n  F{escape}{escape} {{}}"):
        fault = _fault(sparql)
        rest = lexer.decoded(sparql.split("\n")[fault.line - 1][fault.column - 1 :])
        assert rest.startswith(("bad", "Foo"))


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
    "aggregates": "SELECT ?x (1" + "+SUM(1)" * 900 + "AS ?y) { }",
    "words with dots": "SELECT * { " + ("a" * 48 + ".") * 1_990 + " )",
}


@pytest.mark.parametrize("sparql", LONG.values(), ids=LONG)
def test_long_queries_are_judged_soon(sparql: str) -> None:
    started = time.process_time()
    with pytest.raises(CfitError):
        STORE.query(sparql, "application/sparql-results+json")
    assert time.process_time() - started < CEILING


@pytest.mark.parametrize("values", ["(1 2) " * 16_000 + "(1)", "(" + "1 " * 49_000 + ")", "(1 2) " * 16_000 + "bad"])
def test_long_lists_of_values_are_judged_soon(values: str) -> None:
    """The engine looks for the place in a worker; here is what the process does that serves everybody."""
    sparql = f"SELECT * {{ VALUES (?x ?y) {{ {values} }} }}"
    told = stuck.located("error at 1:1: expected [a]", sparql, BASE)
    started = time.process_time()
    assert syntax.error(told, sparql, lexer.outline(sparql).text).column > 28
    assert time.process_time() - started < CEILING
