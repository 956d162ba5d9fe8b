"""What a node of a graph is called for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rdflib import DCTERMS, RDF, RDFS, SKOS, Literal, URIRef
from rdflib.namespace import ORG, PROV

from cfit_graph.namespaces import NS, VOCABULARIES, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    URIRef(NS + "Contribution"): ("Contribution of {0} to {1}", (PROV.wasAssociatedWith, _CONTRIBUTES_TO)),
}
"""How records, which have no name of their own, are named by their parts: by type, a text and what fills it."""


def label(graph: Graph, node: Node, names: Mapping[str, str]) -> Literal:
    """Return the English name of a node, or any name it has, or one made of its parts, or else its short IRI.

    ``names`` gives names by IRI for nodes that ``graph`` does not name.
    """
    for naming in NAMING:
        own = [name for name in graph.objects(node, naming) if isinstance(name, Literal)]
        if own:
            return min(own, key=lambda name: (name.language != "en", name.language or "", name))
    return Literal(names.get(str(node)) or _composed(graph, node, names) or shorten(str(node)))


def _composed(graph: Graph, node: Node, names: Mapping[str, str]) -> str:
    for kind, (pattern, properties) in PATTERNS.items():
        parts = [part for part in (graph.value(node, name) for name in properties) if part is not None]
        if (node, RDF.type, kind) in graph and len(parts) == len(properties):
            return pattern.format(*(label(graph, part, names) for part in parts))
    return ""
