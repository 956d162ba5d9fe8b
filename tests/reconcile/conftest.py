from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from cfit_graph import entities, search, source, texts
from cfit_graph.collection.jsonld import Context
from cfit_graph.collection.reader import Reader
from cfit_graph.namespaces import BASE, PREFIXES
from cfit_graph.reconcile.reconciler import Reconciler
from cfit_graph.store.embedded import EmbeddedStore
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def over(store: EmbeddedStore, base: str = BASE) -> Reconciler:
    """Return the service over a graph."""
    index, context = partial(search.read, store), Context(ROOT / "ontology" / "context.jsonld")
    reader = Reader(store, context, index, base, is_fixed=True)
    return Reconciler(store, reader, index, texts.PROPERTIES | entities.term_names(store), base, is_fixed=True)


@pytest.fixture(scope="session")
def reconciler(store: EmbeddedStore) -> Reconciler:
    """The service over the real graph."""
    return over(store)


@pytest.fixture(scope="session")
def reader(reconciler: Reconciler) -> Reader:
    """What reads the collections of the real graph."""
    return reconciler._reader


@pytest.fixture
def write_graph(tmp_path: Path) -> Callable[..., Reconciler]:
    """Return what makes the service over statements in Turtle, beside the ontology."""

    def write(turtle: str, base: str = BASE) -> Reconciler:
        path = tmp_path / "own.ttl"
        prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
        path.write_text(prefixes + turtle, "utf-8")
        return over(EmbeddedStore([path, *source.files(ROOT / "ontology")]), base)

    return write
