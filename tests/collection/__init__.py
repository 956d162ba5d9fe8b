"""Helpers of the tests of collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cfit_graph import search
from cfit_graph.collection.jsonld import Context
from cfit_graph.collection.reader import Reader
from cfit_graph.namespaces import BASE
from cfit_graph.store.embedded import EmbeddedStore
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.store import Store

DECLARED = """@prefix cfit: <https://w3id.org/cfit/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix status: <https://w3id.org/cfit/id/status/> .
@prefix x: <http://example.org/> .
"""
CONTEXT = Context(ROOT / "ontology" / "context.jsonld")


def reader_of(store: Store, *, is_fixed: bool = True, base: str = BASE) -> Reader:
    """Return a reader of a store."""
    return Reader(store, CONTEXT, lambda: search.read(store), base, is_fixed=is_fixed)


def reader_over(folder: Path, turtle: str, **options: Any) -> Reader:
    """Return a reader of a graph written in Turtle; common prefixes are declared."""
    path = folder / "graph.ttl"
    path.write_text(DECLARED + turtle, "utf-8")
    return reader_of(EmbeddedStore([path]), **options)
