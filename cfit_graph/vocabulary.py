"""The ontology and its concept schemes, as a page shows them: every term with what is said of it and how it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Final

from rdflib import DCTERMS, OWL, RDF, RDFS, SDO, SKOS, Graph, Literal, URIRef
from rdflib.query import Result, ResultRow

from cfit_graph import queries
from cfit_graph.namespaces import ID, NS, VOCABULARIES, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    from cfit_graph.store import Store


@dataclass(frozen=True)
class Text:
    """Words in a language; the tag is empty where they have none."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Link:
    """Something to point at: its name and its IRI, which is empty for a literal."""

    name: str
    iri: str = ""


@dataclass(frozen=True)
class Relation:
    """How a term is linked to others: a prefixed name, with ``^`` before it for the links that lead to the term."""

    name: str
    targets: tuple[Link, ...]


@dataclass(frozen=True)
class Statement:
    """One statement of the graph."""

    subject: Link
    predicate: Link
    value: Link


@dataclass(frozen=True)
class Term:
    """A term: what it is called and means, what it is linked to, how often it is used, and one use of it."""

    iri: str
    name: str
    anchor: str
    labels: tuple[Text, ...]
    definitions: tuple[Text, ...]
    scope_notes: tuple[Text, ...]
    examples: tuple[Text, ...]
    relations: tuple[Relation, ...]
    uses: int
    example: Statement | None
    deprecated: bool

    @property
    def label(self) -> str:
        """What it is called; by its short name if nobody has named it yet."""
        return self.labels[0].text if self.labels else self.name


@dataclass(frozen=True)
class Section:
    """A titled group of terms; a concept scheme has an IRI and a description."""

    title: str
    anchor: str
    terms: tuple[Term, ...]
    iri: str = ""
    description: str = ""


@dataclass(frozen=True)
class Reused:
    """A class or property of another vocabulary, and how often the graph uses it."""

    term: Link
    form: str
    uses: int


@dataclass(frozen=True)
class Vocabulary:
    """The ontology: its header by prefixed name, its terms in sections, the terms it reuses, and the RDF itself."""

    header: dict[str, str]
    sections: tuple[Section, ...]
    reused: tuple[Reused, ...]
    graph: Graph = field(repr=False)
    datatypes: dict[str, tuple[str, ...]]


_FORMS: Final = {
    "Classes": (OWL.Class,),
    "Properties": (OWL.ObjectProperty, OWL.DatatypeProperty),
    "Datatypes": (RDFS.Datatype,),
}
_LINKS: Final = (  # in the order in which pages show them; True: the links that lead to the term
    (RDFS.subClassOf, False),
    (RDFS.subClassOf, True),
    (RDFS.subPropertyOf, False),
    (RDFS.subPropertyOf, True),
    (OWL.disjointWith, False),
    (OWL.disjointWith, True),
    (SDO.domainIncludes, False),
    (SDO.rangeIncludes, False),
    (SDO.domainIncludes, True),
    (SDO.rangeIncludes, True),
    (SKOS.notation, False),
    (SKOS.broader, False),
    (SKOS.broader, True),
    (URIRef(NS + "eligibleType"), False),
    (URIRef(NS + "eligibleType"), True),
    (SKOS.exactMatch, False),
    (SKOS.closeMatch, False),
    (SKOS.relatedMatch, False),
    (URIRef(NS + "iatiOrganisationType"), False),
    (URIRef(NS + "rorOrganizationType"), False),
    (RDFS.seeAlso, False),
    (DCTERMS.isReplacedBy, False),
)


def read(store: Store) -> Vocabulary:
    """Return the vocabulary in the store; without terms if the store holds other data only."""
    graph = Graph().parse(data=b"".join(store.query(queries.load("ontology"), "application/n-triples")), format="nt")
    reader = _Reader(graph, _counts(store), _examples(store))
    sections = [reader.section(title, forms) for title, forms in _FORMS.items()]
    schemes = [reader.scheme(scheme) for scheme in sorted(graph.subjects(RDF.type, SKOS.ConceptScheme), key=str)]
    return Vocabulary(_header(graph), (*sections, *schemes), _reused(store), graph, _datatypes(store))


def _select(store: Store, name: str) -> list[ResultRow]:
    """Return the rows of a query of ours, as RDF terms."""
    answer = b"".join(store.query(queries.load(name), "application/sparql-results+json"))
    return [row for row in Result.parse(BytesIO(answer), format="json") if isinstance(row, ResultRow)]


def _counts(store: Store) -> dict[str, int]:
    return {str(row.term): int(row.uses) for row in _select(store, "count-terms")}


def _examples(store: Store) -> dict[str, Statement]:
    """Return the first statement that the query finds for each term."""
    found: dict[str, Statement] = {}
    for row in _select(store, "find-examples"):
        predicate = Link("a", str(RDF.type)) if row.property == RDF.type else _link(row.property)
        found.setdefault(str(row.term), Statement(_link(row.subject), predicate, _link(row.value)))
    return found


def _reused(store: Store) -> tuple[Reused, ...]:
    found = (Reused(_link(row.term), str(row.form), int(row.uses)) for row in _select(store, "count-reused"))
    return tuple(sorted(found, key=lambda reused: reused.term.name))


def _datatypes(store: Store) -> dict[str, tuple[str, ...]]:
    types: dict[str, tuple[str, ...]] = {}
    for row in _select(store, "value-types"):
        types[str(row.property)] = (*types.get(str(row.property), ()), shorten(str(row.datatype)))
    return types


def _header(graph: Graph) -> dict[str, str]:
    ontology = URIRef(NS.removesuffix("#"))
    return {shorten(str(name)): str(value) for name, value in sorted(graph.predicate_objects(ontology))}


class _Reader:
    """Reads terms from the graph of the ontology."""

    def __init__(self, graph: Graph, counts: dict[str, int], examples: dict[str, Statement]) -> None:
        self.graph, self.counts, self.examples = graph, counts, examples

    def section(self, title: str, forms: Iterable[URIRef]) -> Section:
        nodes = {node for form in forms for node in self.graph.subjects(RDF.type, form)}
        return Section(title, f"section-{title.lower()}", self._terms(sorted(nodes, key=str)))

    def scheme(self, scheme: Node) -> Section:
        title, description = (self._text(scheme, name) for name in (SKOS.prefLabel, DCTERMS.description))
        concepts = sorted(self.graph.subjects(SKOS.inScheme, scheme), key=self._path)
        anchor = shorten(str(scheme)).replace(":", "-")
        return Section(title or shorten(str(scheme)), anchor, self._terms(concepts), str(scheme), description)

    def _path(self, concept: Node) -> tuple[str, ...]:
        """Return the IRIs from the top concept down, so that narrower concepts follow their broader one."""
        path: tuple[str, ...] = ()
        above: Node | None = concept
        while above is not None and str(above) not in path:  # a circle has no top
            path = (str(above), *path)
            above = min(self.graph.objects(above, SKOS.broader), key=str, default=None)
        return path

    def _terms(self, nodes: Iterable[Node]) -> tuple[Term, ...]:
        return tuple(map(self._term, nodes))

    def _term(self, node: Node) -> Term:
        iri = str(node)
        return Term(
            iri=iri,
            name=shorten(iri),
            anchor=anchor(iri),
            labels=self._texts(node, RDFS.label, SKOS.prefLabel),
            definitions=self._texts(node, RDFS.comment, SKOS.definition),
            scope_notes=self._texts(node, SKOS.scopeNote, SKOS.editorialNote),
            examples=self._texts(node, SKOS.example),
            relations=self._relations(node),
            uses=self.counts.get(iri, 0),
            example=self.examples.get(iri),
            deprecated=(node, OWL.deprecated, Literal(True)) in self.graph,
        )

    def _relations(self, node: Node) -> tuple[Relation, ...]:
        found = []
        for link, towards in _LINKS:
            nodes = self.graph.subjects(link, node) if towards else self.graph.objects(node, link)
            targets = tuple(sorted(map(_link, nodes), key=lambda target: target.name))
            if targets:
                found.append(Relation("^" * towards + shorten(str(link)), targets))
        return tuple(found)

    def _text(self, node: Node, predicate: URIRef) -> str:
        """Return the first of the texts; empty if there is none."""
        return next((text.text for text in self._texts(node, predicate)), "")

    def _texts(self, node: Node, *predicates: URIRef) -> tuple[Text, ...]:
        """Return texts, English first, then by language."""
        values = [value for name in predicates for value in self.graph.objects(node, name)]
        texts = (Text(str(value), getattr(value, "language", "") or "") for value in values)
        return tuple(sorted(texts, key=lambda text: (text.language != "en", text.language, text.text)))


def anchor(iri: str) -> str:
    """Return the fragment under which the page tells of a term or concept.

    >>> anchor("https://w3id.org/cfit/ns#Pact"), anchor("https://w3id.org/cfit/id/role/procuring")
    ('Pact', 'role-procuring')
    """
    return iri.removeprefix(NS).removeprefix(ID).replace("/", "-")


def _link(node: Node) -> Link:
    if not isinstance(node, Literal):
        return Link(shorten(str(node)), str(node))
    return Link(node.n3(_PREFIXES))


def _prefixes() -> Graph:
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in VOCABULARIES.items():
        graph.bind(prefix, namespace)
    return graph


_PREFIXES = _prefixes().namespace_manager
