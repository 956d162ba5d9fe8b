"""What a node of a graph is called for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from rdflib import DCTERMS, RDF, RDFS, SKOS, Literal, URIRef
from rdflib.namespace import ORG, PROV

from cfit_graph.namespaces import NS, VOCABULARIES, shorten
from cfit_graph.statements import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib import Graph
    from rdflib.term import Node

NAMING: Final = (SKOS.prefLabel, RDFS.label, DCTERMS.title, URIRef(VOCABULARIES["skosxl"] + "literalForm"))
"""The properties that name a node, best first."""

_ENDORSES, _CONTRIBUTES_TO = URIRef(NS + "endorses"), URIRef(NS + "contributesTo")
_AFFILIATION: Final = ("{} as {} of {}", (ORG.member, ORG.role, ORG.organization))
PATTERNS: Final = {
    URIRef(NS + "Participation"): _AFFILIATION,
    URIRef(NS + "Support"): _AFFILIATION,
    URIRef(NS + "Endorsement"): ("Endorsement of {1} by {0}", (PROV.wasAssociatedWith, _ENDORSES)),
    URIRef(NS + "Contribution"): ("Contribution to {1} by {0}", (PROV.wasAssociatedWith, _CONTRIBUTES_TO)),
}
"""How records, which have no name of their own, are named by their parts: by type, a text and what fills it."""

_NAMING: Final = tuple(map(str, NAMING))
_PATTERNS: Final = {str(kind): (text, tuple(map(str, parts))) for kind, (text, parts) in PATTERNS.items()}
_TYPE: Final = str(RDF.type)
N = TypeVar("N")


class Source(Protocol[N]):
    """What tells of nodes, each an ``N``."""

    def values(self, node: N, predicate: str, /) -> Iterable[N | Words]:
        """Return the values that a property of a node has; literals as words."""


def label(graph: Graph, node: Node, names: Mapping[str, str]) -> str:
    """Return what :func:`name` does, of a node in a graph."""
    return name(_OfGraph(graph), node, names).text


def name(source: Source[N], node: N, names: Mapping[str, str]) -> Words:
    """Return the English name of a node, or any name it has, or one made of its parts, or else its short IRI.

    ``names`` gives names by IRI for nodes that ``source`` does not name.
    """
    return _given(source, node) or Words(names.get(str(node)) or _composed(source, node, names) or shorten(str(node)))


def _given(source: Source[N], node: N) -> Words | None:
    """Return the name that a node is given; none if it has none."""
    for naming in _NAMING:
        own = [value for value in source.values(node, naming) if isinstance(value, Words)]
        if own:
            return min(own, key=lambda words: (words.language != "en", words.language, words.text))
    return None


def _composed(source: Source[N], node: N, names: Mapping[str, str]) -> str:
    types = set(map(str, source.values(node, _TYPE)))
    for kind, (pattern, properties) in _PATTERNS.items():
        parts = [next(iter(source.values(node, prop)), None) for prop in properties] if kind in types else [None]
        if None not in parts:
            return pattern.format(*(_part(source, part, names) for part in parts if part))
    return ""


def _part(source: Source[N], part: N | Words, names: Mapping[str, str]) -> str:
    """Return what a part is called; it is not named by its own parts, or a record of itself would have no end."""
    given = part if isinstance(part, Words) else _given(source, part)
    return given.text if given else names.get(str(part)) or shorten(str(part))


class _OfGraph:
    """A graph of rdflib."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def values(self, node: Node, predicate: str, /) -> list[Node | Words]:
        found = self._graph.objects(node, URIRef(predicate))
        return [Words(str(value), value.language or "") if isinstance(value, Literal) else value for value in found]
