"""Our own shapes and data, spoilt by lot: each stage finds together what pySHACL finds on everything."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, XSD, BNode, Graph, Literal, URIRef

from cfit_graph import source
from cfit_graph.validation import checks
from cfit_graph.validation.judge import prepared
from tests.conftest import ROOT
from tests.validation import reference

if TYPE_CHECKING:
    from rdflib.graph import _TripleType

AT_ONCE = 40
"""Statements that are spoilt in one graph, so that a thousand do not take a thousand runs."""


@cache
def _read(*folders: str) -> Graph:
    return source.merge(source.read(path) for folder in folders for path in source.files(ROOT / folder))


def spoilt(seed: int) -> Graph:
    """Return the real graph with some statements left out, or their values replaced by something of another kind."""
    lot, triples = random.Random(seed), sorted(_read("ontology", "data"))
    chosen = lot.sample(range(len(triples)), AT_ONCE)
    replaced = {index: _replaced(lot, triples[index]) for index in chosen}
    kept = (replaced.get(index, triple) for index, triple in enumerate(triples))
    return source.collected(triple for triple in kept if triple is not None)


def _replaced(lot: random.Random, triple: _TripleType) -> _TripleType | None:
    subject, predicate, value = triple
    wrong = [
        None,
        Literal("2021-02-30", datatype=XSD.date, normalize=False),
        Literal("01", datatype=XSD.integer, normalize=False),
        Literal(str(value)),
        Literal("a@b", lang="en"),
        URIRef("http://example.org/nothing"),
        BNode(f"b{lot.randrange(3)}"),
        lot.choice(sorted(_read("data")))[2 if predicate != RDF.type else 0],
    ]
    new = lot.choice(wrong)
    return None if new is None else (subject, predicate, new)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_is_found_both_ways(seed: int) -> None:
    data, shapes = spoilt(seed), _read("shapes")
    whole = reference.whole(prepared(data, shapes), shapes)
    assert isinstance(whole, Graph)
    checks.add_results(whole, data, shapes, reference.own_terms(data))
    judged = reference.two_stage(data, shapes, ROOT / "shapes")
    assert not isinstance(judged, str)
    assert judged.fallbacks == ()
    found = reference.results(judged.report)
    assert found == reference.results(whole)
    assert sum(found.values()) > AT_ONCE / 2
