"""Paths that are turned have the solutions they had, and nothing else is touched."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph.errors import QuerySyntaxError
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.store.paths import turned

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "PREFIX e: <http://e/>\n"
NODES = [ox.NamedNode(f"http://e/{letter}") for letter in "abcd"]
LINKS = [ox.NamedNode(f"http://e/{letter}") for letter in "pqr"]

graphs = st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(LINKS), st.sampled_from(NODES)), max_size=14)
steps = st.builds("".join, st.tuples(st.sampled_from(["", "^"]), st.sampled_from(["e:p", "e:q", "<http://e/r>"])))
paths = st.builds(
    lambda others, last, times: f"{'/'.join(others)}/{last}{times}",
    st.lists(steps, min_size=1, max_size=3),
    steps,
    st.sampled_from("*+"),
)
beside = st.sampled_from(
    [
        "@",
        "@ . ?x e:p ?y",
        "?x e:p ?y . @ .",
        "@ FILTER(?x != e:a)",
        "@ OPTIONAL { ?x e:q ?y }",
        "?y e:q ?z . @ . ?y e:p ?x",
        "VALUES ?x { e:a e:b } ?x e:p ?y . @",
    ]
)


@given(graph=graphs, path=paths, group=beside, end=st.sampled_from(["e:a", "e:nowhere", "<http://e/b>"]))
def test_solutions_are_the_same(
    graph: set[tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode]], path: str, group: str, end: str
) -> None:
    """As often as they were, too."""
    store = ox.Store()
    store.extend(ox.Quad(*triple, ox.NamedNode(f"http://g/{number % 2}")) for number, triple in enumerate(graph))
    sparql = f"{PREFIX}SELECT * WHERE {{ {group.replace('@', f'?x {path} {end}')} }}"
    assert turned(sparql) != sparql
    assert turned(turned(sparql)) == turned(sparql)
    assert _rows(store, turned(sparql)) == _rows(store, sparql)


def _rows(store: ox.Store, sparql: str) -> tuple[list[str], Counter[str]]:
    found = store.query(sparql, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [name.value for name in found.variables], Counter(str([*row]) for row in found)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("SELECT * { ?x e:p/e:q* e:a }", "SELECT * { e:a ^e:q*/^e:p ?x }"),
        ("SELECT*{?x a/e:q+<a>}", "SELECT*{<a> ^e:q+/^a ?x}"),
        ("ask where { ?x ^e:p / ^e:q* e:a . }", "ask where { e:a e:q*/e:p ?x . }"),
        ("SELECT * { ?x <a/b*>/<c/d>/e:q* <x/y*z> }", "SELECT * { <x/y*z> ^e:q*/^<c/d>/^<a/b*> ?x }"),
        ("ASK { ?y e:p e:a . $x e:p/e:q* :a filter(?y > 2) }", "ASK { ?y e:p e:a . :a ^e:q*/^e:p $x filter(?y > 2) }"),
        (
            "CONSTRUCT { ?x a e:T } WHERE { ?x e:p/e:q* e:a. ?z e:p/e:q+ e:b }",
            "CONSTRUCT { ?x a e:T } WHERE { e:a ^e:q*/^e:p ?x. e:b ^e:q+/^e:p ?z }",
        ),
    ],
)  # fmt: skip
def test_what_is_turned(written: str, told: str) -> None:
    assert turned(written) == told


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("ASK { ?x e:p/e:q*<c>OPTIONAL{?x e:r ?y} }", "ASK { <c> ^e:q*/^e:p ?x OPTIONAL{?x e:r ?y} }"),
        ("ASK { ?x e:p/e:q*<c>filter(?x = e:a) }", "ASK { <c> ^e:q*/^e:p ?x filter(?x = e:a) }"),
        ("ASK { ?y e:r e:b.?x e:p/e:q*e:c}", "ASK { ?y e:r e:b. e:c ^e:q*/^e:p ?x}"),
        ("ASK { ?y e:r 1.?x e:p/e:q*e5:c}", "ASK { ?y e:r 1. e5:c ^e:q*/^e:p ?x}"),
    ],
)
def test_what_is_turned_does_not_run_into_what_is_beside_it(written: str, told: str) -> None:
    """A variable goes on with the word behind it, and a name with a dot and what is behind that."""
    assert turned(written) == told


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * { ?x e:p/e:q* ?y }",
        "SELECT * { e:a e:p/e:q* e:b }",
        "SELECT * { ?x e:q* e:a }",
        "SELECT * { ?x e:p*/e:q e:a }",
        "SELECT * { ?x e:p/e:q* e:a ; e:r e:b }",
        "SELECT * { ?x e:p/e:q* e:a , e:b }",
        "SELECT * { ?x e:r e:b ; e:p/e:q* e:a }",
        "SELECT * { ?x (e:p/e:q)* e:a }",
        "SELECT * { ?x e:p/(e:q|e:r)* e:a }",
        "SELECT * { ?x e:p|e:r/e:q* e:a }",
        "SELECT * { ?x !e:p/e:q* e:a }",
        "SELECT * { ?x e:p/e:q* 'a' }",
        "SELECT * { ?x e:p/e:q* _:a }",
        "SELECT * { ?x e:p/e:q* e:a {| e:r 1 |} }",
        "SELECT * { ?y e:r e:b OPTIONAL { ?x e:p/e:q* e:a } }",
        "SELECT * { { ?x e:p/e:q* e:a } UNION { ?x e:r e:b } }",
        "SELECT * { ?x e:r ?y FILTER EXISTS { ?x e:p/e:q* e:a } }",
        "SELECT * { ?x e:r 'here . ?x e:p/e:q* e:a' }",
        "SELECT * { ?x e:r <?xe:p/e:q*e:a> }",
        "SELECT (2*3 AS ?x) { }",
    ],
)
def test_what_is_left(sparql: str) -> None:
    assert turned(sparql) == sparql


def test_what_is_wrong_is_told_of_the_query_as_written(tmp_path: Path) -> None:
    """A turned path is longer, and what comes after it in the line is not where it was."""
    (tmp_path / "x.nt").write_text("<http://e/a> <http://e/p> <http://e/b> .\n")
    store = EmbeddedStore([tmp_path / "x.nt"])
    sparql = "SELECT * { ?x <http://e/p>/<http://e/q>* <http://e/b> . ?x <http://e/p> ) }"
    with pytest.raises(QuerySyntaxError) as caught:
        b"".join(store.query(sparql, "text/csv"))
    assert (caught.value.line, caught.value.column) == (1, sparql.index(")") + 1)
