"""A store of one graph, for statements read from files and for reports on them, which are asked a million times.

rdflib's own stores keep several graphs, or count all statements whenever somebody asks whether there are any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib.plugins.stores.memory import SimpleMemory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib import Graph
    from rdflib.graph import _TriplePatternType, _TripleType
    from rdflib.term import Node

    Triples = Iterable[_TripleType]
    Found = tuple[_TripleType, Iterator[Graph]]


class Single(SimpleMemory):
    """Statements by subject, property and value, by property and value, and by value; prefixes as rdflib has them."""

    context_aware = graph_aware = True
    """pySHACL takes no store that says otherwise, and asks in which graph a blank node is: in the one there is."""

    def __init__(self) -> None:
        """Start without statements."""
        super().__init__()
        self._of: dict[Node, dict[Node, dict[Node, _TripleType]]] = {}
        self._by: dict[Node, dict[Node, dict[Node, _TripleType]]] = {}
        self._to: dict[Node, dict[tuple[Node, Node], _TripleType]] = {}
        self._size = 0
        self._contexts: tuple[Graph, ...] = ()

    def add(self, triple: _TripleType, context: Graph, quoted: bool = False) -> None:  # noqa: ARG002
        """Take in a statement, once."""
        subject, predicate, value = triple
        values = self._of.setdefault(subject, {}).setdefault(predicate, {})
        if value not in values:
            values[value] = triple
            self._by.setdefault(predicate, {}).setdefault(value, {})[subject] = triple
            self._to.setdefault(value, {})[subject, predicate] = triple
            self._size += 1
            self._contexts = (context,)

    def remove(self, pattern: _TriplePatternType, context: object = None) -> None:  # noqa: ARG002
        """Take out the statements that fit a pattern."""
        for subject, predicate, value in list(self._fitting(*pattern)):
            del self._of[subject][predicate][value]
            del self._by[predicate][value][subject]
            del self._to[value][subject, predicate]
            self._size -= 1

    def triples(self, pattern: _TriplePatternType, context: object = None) -> Iterator[Found]:  # noqa: ARG002
        """Yield the statements that fit a pattern, each with the graph that it is in."""
        for triple in self._fitting(*pattern):
            yield triple, iter(self._contexts)

    def __len__(self, context: object = None) -> int:
        """Return how many statements there are."""
        return self._size

    def _fitting(self, subject: Node | None, predicate: Node | None, value: Node | None) -> Triples:
        """Return the statements that fit, apart from the store: it may change while they are gone through."""
        if subject is not None:
            names = self._of.get(subject, {})
            found = names.values() if predicate is None else [names.get(predicate, {})]
            return _all(found) if value is None else [values[value] for values in found if value in values]
        if predicate is not None:
            values = self._by.get(predicate, {})
            return _all(values.values() if value is None else [values.get(value, {})])
        if value is not None:
            return _all([self._to.get(value, {})])
        return _all(values for names in self._of.values() for values in names.values())


def _all(parts: Iterable[dict[Node, _TripleType] | dict[tuple[Node, Node], _TripleType]]) -> Triples:
    return [triple for part in parts for triple in part.values()]
