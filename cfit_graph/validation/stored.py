"""The statements in the store of the screens as rdflib reads them: all there are, without copying any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
from rdflib.store import Store

from cfit_graph import source
from cfit_graph.validation import keeping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.graph import _TriplePatternType, _TripleType


def graph(store: ox.Store, part: source.Read) -> source.Read:
    """Return all in a store of which ``part`` is a part, as it stands in the same files; nothing can be added to it."""
    whole = source.Read(_Stored(store), bind_namespaces="none")
    whole.paths, whole.root = part.paths, part.root
    return whole


def triple(quad: ox.Quad) -> _TripleType:
    """Return a statement in a store as rdflib has it, and as it stands in the sources."""
    start, end = keeping.ends(quad)
    return source.node(start), source.iri(quad.predicate.value), source.node(keeping.written(end))


class _Stored(Store):
    def __init__(self, store: ox.Store) -> None:
        super().__init__()
        self._store = store

    def triples(
        self,
        pattern: _TriplePatternType,
        context: object = None,  # noqa: ARG002 - rdflib passes it by name
    ) -> Iterator[tuple[_TripleType, Iterator[None]]]:
        """Yield the statements that fit a pattern, each with the contexts that it has: none.

        The store has them in another order each time; what is proposed must not hang on that.
        """
        subject, predicate, value = (None if node is None else keeping.parser_term(node) for node in pattern)
        if isinstance(subject, ox.Literal) or not (predicate is None or isinstance(predicate, ox.NamedNode)):
            return
        for quad in sorted(self._store.quads_for_pattern(subject, predicate, value), key=str):
            yield triple(quad), iter(())

    def __len__(self, context: object = None) -> int:
        """Return how many statements there are."""
        return len(self._store)
