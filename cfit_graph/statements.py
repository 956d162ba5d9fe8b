"""What a handful of statements say, looked up from both ends: enough to make a page of, many times faster than a graph.

IRIs are plain text here, so are blank nodes (``_:label``), and literals are :class:`Words`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cfit_graph import nquads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Words(NamedTuple):
    """A literal: its lexical form as it is written, and its language or else the IRI of its datatype."""

    text: str
    language: str = ""
    datatype: str = ""


Node = str | Words
"""An IRI or the label of a blank node, or else a literal."""


class Statements:
    """An index of statements; what is said of a node keeps its order."""

    def __init__(self, triples: bytes) -> None:
        """Read N-Triples.

        Raises:
            SyntaxError: if they are none.
        """
        self._said: dict[str, dict[str, list[Node]]] = {}
        self._links: dict[str, list[tuple[str, str]]] = {}
        said, links = self._said, self._links
        for quad in nquads.parse([triples.decode()]):
            subject, predicate, value = nquads.name(quad.subject), quad.predicate.value, _node(quad.object)
            said.setdefault(subject, {}).setdefault(predicate, []).append(value)
            if isinstance(value, str):
                links.setdefault(value, []).append((subject, predicate))

    def of(self, node: str) -> Mapping[str, Sequence[Node]]:
        """Return what is said of a node: values by property."""
        return self._said.get(node, {})

    def values(self, node: str, predicate: str) -> Sequence[Node]:
        """Return the values that a property of a node has."""
        return self.of(node).get(predicate, ())

    def links_to(self, node: str) -> Iterable[tuple[str, str]]:
        """Return the subjects and properties of the statements whose value is a node."""
        return self._links.get(node, ())


def _node(term: nquads.Term) -> Node:
    if not isinstance(term, nquads.Literal):
        return nquads.name(term)
    language = term.language
    return Words(term.value, language) if language else Words(term.value, "", term.datatype.value)
