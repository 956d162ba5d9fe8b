"""The ontology and its concept schemes, as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from cfit_graph import queries
from cfit_graph.namespaces import NS, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    from cfit_graph.store import Store


@dataclass(frozen=True)
class Term:
    """A term: IRI, prefixed name, label, definition, notes, and its broader terms as prefixed names."""

    iri: str
    name: str
    label: str
    definition: str
    notes: tuple[str, ...]
    broader: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A titled group of terms; a concept scheme has an IRI and a description."""

    title: str
    terms: tuple[Term, ...]
    iri: str = ""
    description: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """Title, description and version of the ontology, and its terms in sections."""

    title: str
    description: str
    version: str
    sections: tuple[Section, ...]


_CLASSES = {
    "Classes": [OWL.Class],
    "Properties": [OWL.ObjectProperty, OWL.DatatypeProperty],
    "Datatypes": [RDFS.Datatype],
}


def read(store: Store) -> Vocabulary:
    """Return the vocabulary in the store."""
    text = b"".join(store.query(queries.load("ontology"), "application/n-triples"))
    graph = Graph().parse(data=text, format="nt")
    header = URIRef(NS.removesuffix("#"))
    sections = [Section(title, _terms(graph, _of_type(graph, kinds))) for title, kinds in _CLASSES.items()]
    schemes = [_scheme(graph, scheme) for scheme in sorted(graph.subjects(RDF.type, SKOS.ConceptScheme), key=str)]
    dcterms = "http://purl.org/dc/terms/"
    return Vocabulary(
        _text(graph, header, URIRef(dcterms + "title")),
        _text(graph, header, URIRef(dcterms + "description")),
        _text(graph, header, OWL.versionInfo),
        tuple(sections + schemes),
    )


def _of_type(graph: Graph, kinds: Iterable[Node]) -> set[Node]:
    return {term for kind in kinds for term in graph.subjects(RDF.type, kind)}


def _scheme(graph: Graph, scheme: Node) -> Section:
    description = _text(graph, scheme, URIRef("http://purl.org/dc/terms/description"))
    concepts = _terms(graph, set(graph.subjects(SKOS.inScheme, scheme)))
    return Section(_text(graph, scheme, SKOS.prefLabel), concepts, str(scheme), description)


def _terms(graph: Graph, nodes: Iterable[Node]) -> tuple[Term, ...]:
    return tuple(_term(graph, node) for node in sorted(nodes, key=str))


def _term(graph: Graph, node: Node) -> Term:
    return Term(
        iri=str(node),
        name=shorten(str(node)),
        label=_text(graph, node, RDFS.label) or _text(graph, node, SKOS.prefLabel),
        definition=_text(graph, node, RDFS.comment) or _text(graph, node, SKOS.definition),
        notes=_texts(graph, node, SKOS.scopeNote, SKOS.example),
        broader=_broader(graph, node),
    )


def _broader(graph: Graph, node: Node) -> tuple[str, ...]:
    links = (RDFS.subClassOf, RDFS.subPropertyOf, SKOS.broader)
    return tuple(sorted(shorten(str(term)) for link in links for term in graph.objects(node, link)))


def _text(graph: Graph, node: Node, predicate: URIRef) -> str:
    return next(iter(_texts(graph, node, predicate)), "")


def _texts(graph: Graph, node: Node, *predicates: URIRef) -> tuple[str, ...]:
    return tuple(str(text) for predicate in predicates for text in sorted(graph.objects(node, predicate), key=str))
