"""The store of what is judged answers as rdflib's own store does."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, URIRef

from cfit_graph.single import Single

NODES = [URIRef("http://example.org/a"), URIRef("http://example.org/b"), BNode("c")]
NAMES = [URIRef("http://example.org/p"), URIRef("http://example.org/q")]
VALUES = [*NODES, Literal("a"), Literal("a", lang="en"), Literal("1", datatype=URIRef("http://example.org/d"))]
TRIPLES = st.tuples(st.sampled_from(NODES), st.sampled_from(NAMES), st.sampled_from(VALUES))
PATTERNS: list[Any] = list(itertools.product([None, *NODES], [None, *NAMES], [None, *VALUES]))


@given(st.lists(TRIPLES), st.lists(st.sampled_from(PATTERNS), max_size=2))
def test_it_has_what_was_put_in_and_not_taken_out(added: list[tuple[Any, Any, Any]], removed: list[Any]) -> None:
    ours, theirs = Graph(Single()), Graph()
    for graph in (ours, theirs):
        for triple in added:
            graph.add(triple)
        for pattern in removed:
            graph.remove(pattern)
    assert len(ours) == len(theirs)
    for pattern in PATTERNS:
        found = list(ours.triples(pattern))
        assert sorted(found) == sorted(set(theirs.triples(pattern)))


def test_it_may_be_changed_while_it_is_read() -> None:
    graph = Graph(Single())
    for name, value in itertools.product(NAMES, VALUES):
        graph.add((NODES[0], name, value))
    for triple in graph.triples((None, NAMES[0], None)):
        graph.remove(triple)
    assert set(graph.predicates()) == {NAMES[1]}


def test_it_tells_in_which_graph_a_statement_is() -> None:
    graph = Graph(Single())
    graph.add((NODES[0], NAMES[0], VALUES[0]))
    (contexts,) = (list(contexts) for _, contexts in graph.store.triples((None, None, None)))
    assert contexts == [graph]
