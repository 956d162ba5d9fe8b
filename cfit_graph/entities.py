"""Entities: what the graph says of one thing, as RDF for machines and as a page for people."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rdflib import DCTERMS, FOAF, OWL, RDF, RDFS, SKOS, VOID, XSD, Graph, Literal, URIRef
from rdflib.namespace import ORG, PROV

from cfit_graph import nquads, queries
from cfit_graph.errors import QuerySyntaxError, UnknownEntity
from cfit_graph.labels import NAMING
from cfit_graph.labels import name as label
from cfit_graph.namespaces import BASE, LICENCE, NS, VOCABULARIES, shorten, things
from cfit_graph.statements import Statements, Words
from cfit_graph.store.formats import GRAPHS
from cfit_graph.store.rows import holds
from cfit_graph.texts import PROPERTIES_OF

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from cfit_graph.changes.retired import Retired
    from cfit_graph.statements import Node
    from cfit_graph.store import Store

_RETIRES = tuple(
    f"<{link}> {value}".encode()
    for link, value in ((DCTERMS.isReplacedBy, "<"), (OWL.deprecated, '"true"'), (OWL.deprecated, '"1"'))
)
"""What the data say of an entity that is retired: by whom it is replaced, or that it is deprecated."""
_EVIDENCE = tuple(map(str, (URIRef(NS + "exceptionNote"), SKOS.editorialNote, DCTERMS.source)))
_ORDER = (  # what readers look for first
    *map(str, (SKOS.prefLabel, RDFS.label, SKOS.altLabel)),
    *(NS + name for name in ("formerName", "stakeholderType", "collaborationType")),
    *map(str, (DCTERMS.description, ORG.member, PROV.wasAssociatedWith, ORG.role, ORG.organization)),
    *(NS + name for name in ("status", "signedOn", "announcedOn", "handedOverOn")),
    "https://schema.org/startDate",
    NS + "startDateKind",
    "https://schema.org/endDate",
)
_PLACES = {iri: place for place, iri in enumerate((*_ORDER, "", *_EVIDENCE))}
_RECORDED = (VOCABULARIES["skosxl"] + "altLabel", VOCABULARIES["skosxl"] + "prefLabel")  # shown as records
_APART = (*_EVIDENCE, *_RECORDED)
_TYPE, _SOURCE, _TOPIC = map(str, (RDF.type, DCTERMS.source, FOAF.primaryTopic))
_SHOWN_OTHERWISE = tuple(
    map(str, (RDF.type, RDFS.label, ORG.memberDuring, OWL.deprecated))
)  # above the title, as it, by the dates, in the notice
_NOT_IN_RECORDS = (*_SHOWN_OTHERWISE, *map(str, NAMING))
_AFFILIATIONS = {NS + "Participation", NS + "Support"}


def _about(said: Iterable[tuple[URIRef, str]]) -> str:
    return "".join(f"<{{base}}doc/{{name}}> <{predicate}> {value} .\n" for predicate, value in said)


_ABOUT = _about(
    [
        (RDF.type, f"<{FOAF.Document}>"),
        (FOAF.primaryTopic, "<{base}id/{name}>"),
        (VOID.inDataset, "<{base}dataset>"),
        *((DCTERMS.hasFormat, f"<{{base}}doc/{{name}}.{suffix}>") for suffix in ("html", *(it.name for it in GRAPHS))),
    ]
)
"""What is said of the document that tells of a thing, in N-Triples."""
_ABOUT_RELEASED = _about(
    [
        (DCTERMS.license, f"<{LICENCE}>"),
        (DCTERMS.modified, f'"{{published}}"^^<{XSD.dateTime}>'),
        (PROV.wasDerivedFrom, "<{base}release/{release}>"),
    ]
)
"""What is said of it besides, but not where files are served that are no release: their licence is not known."""


class Value(NamedTuple):
    """A value on a page: its text, the IRI it stands for, its language, and the name of its datatype if ours."""

    text: str
    iri: str = ""
    language: str = ""
    datatype: str = ""


class Property(NamedTuple):
    """A property on a page, with its values in order."""

    name: Value
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Record:
    """Another node that tells of the entity: its title, and its properties without the link to the entity."""

    title: Value
    kind: str
    properties: tuple[Property, ...]


@dataclass(frozen=True)
class Entity:
    """All a page shows of one entity."""

    iri: str
    title: Value
    types: tuple[Value, ...]
    properties: tuple[Property, ...]
    records: tuple[Record, ...]
    mentions: tuple[Property, ...]
    evidence: tuple[Property, ...]


@dataclass(frozen=True)
class Edition:
    """What is described: ``base`` is what its IRIs begin with; release and time are empty where there is no release."""

    base: str = BASE
    release: str = ""
    published: str = ""

    def thing(self, name: str) -> str:
        """Return the IRI of the thing with this kind and slug: ``pact/cfit``."""
        return things(self.base) + name

    def about(self, name: str) -> str:
        """Return what is said of the document that tells of a thing, by name, in N-Triples."""
        said = _ABOUT + (_ABOUT_RELEASED if self.release else "")
        return said.format(base=self.base, name=name, release=self.release, published=self.published)


@dataclass(frozen=True)
class Description:
    """What is said of an entity: its IRI, the N-Triples, and whether it is retired."""

    iri: str
    triples: bytes
    is_retired: bool = False


def require(store: Store, name: str, edition: Edition) -> None:
    """Do nothing if the graph says anything of the entity with this kind and slug.

    Raises:
        UnknownEntity: if it says nothing.
    """
    iri = edition.thing(name)
    with _as_an_iri(iri):
        if not holds(store, queries.load("is-described", entity=iri)):
            raise UnknownEntity(f"Nothing is known of {iri!r}.")


def describe(store: Store, name: str, edition: Edition) -> Description:
    """Return the description of the entity with this kind and slug; one query.

    Raises:
        UnknownEntity: if the graph says nothing of it.
    """
    iri = edition.thing(name)
    with _as_an_iri(iri):
        sparql = queries.load("describe-entity", entity=iri)
        triples = b"".join(store.query(sparql, "application/n-triples"))
    lines, start = b"\n" + triples, f"\n<{iri}> ".encode()
    if start not in lines:
        raise UnknownEntity(f"Nothing is known of {iri!r}.")
    is_retired = any(start + what in lines for what in _RETIRES)
    return Description(iri, triples + edition.about(name).encode(), is_retired)


@contextmanager
def _as_an_iri(name: str) -> Iterator[None]:
    """Tell what is no IRI from what is wrong with our query; the engine is strict about percent signs."""
    try:
        yield
    except (ValueError, QuerySyntaxError):
        raise UnknownEntity(f"{name!r} is not an IRI.") from None


def tombstone(name: str, edition: Edition, retired: Retired, last: Iterable[str]) -> Description:
    """Return what is left of an entity that is gone: what it was called and what replaces it.

    ``last`` are the canonical lines that the last release that had it says of it; ``edition`` is of that release.
    """
    iri = URIRef(edition.thing(name))
    kept = Graph().parse(data="".join(f"{quad.triple} .\n" for quad in nquads.parse(last)), format="nt")
    graph = Graph()
    for triple in kept:
        if triple[1] in (*NAMING, RDF.type):
            graph.add(triple)
    graph.add((iri, OWL.deprecated, Literal(lexical_or_value=True)))
    for replacement in retired.replaced_by:
        graph.add((iri, DCTERMS.isReplacedBy, URIRef(replacement)))
    said = graph.serialize(format="nt11", encoding="utf-8") + edition.about(name).encode()
    lines = said.splitlines(keepends=True)
    return Description(str(iri), b"".join(sorted(lines)), is_retired=True)


def read(description: Description, names: Mapping[str, str]) -> Entity:
    """Return what a page shows of an entity; ``names`` gives the label of each vocabulary term by IRI."""
    return _Reader(Statements(description.triples), names).entity(description.iri)


def term_names(store: Store) -> dict[str, str]:
    """Return the English label of every term of the ontology and every concept, by IRI."""
    graph = Graph().parse(data=b"".join(store.query(queries.load("term-names"), "application/n-triples")), format="nt")
    return {str(term): str(name) for term, name in graph.subject_objects(RDFS.label)}


class _Reader:
    """Reads page parts from the description of one entity. A node is named once, however often it is shown."""

    def __init__(self, said: Statements, names: Mapping[str, str]) -> None:
        self.said, self.names = said, names
        self._titles: dict[str, Value] = {}
        self._ranks: dict[str, tuple[int, str]] = {}

    def entity(self, iri: str) -> Entity:
        records = sorted(self._records(iri), key=self._record_rank)
        properties = self._properties(iri, without=_SHOWN_OTHERWISE)
        return Entity(
            iri=iri,
            title=self.title(iri),
            types=self._types(iri),
            properties=tuple(shown for shown in properties if shown.name.iri not in _APART),
            records=tuple(self._record(node, iri) for node in records),
            mentions=self._mentions(iri, {iri, *records}),
            evidence=tuple(shown for shown in properties if shown.name.iri in _EVIDENCE),
        )

    def value(self, node: Node) -> Value:
        if isinstance(node, Words):
            datatype = node.datatype
            scheme = self.names.get(datatype, shorten(datatype)) if datatype.startswith(NS) else ""
            return Value(node.text, language=node.language, datatype=scheme)
        if node not in self._titles:
            self._titles[node] = Value(label(self.said, node, self.names).text, iri=node)
        return self._titles[node]

    def title(self, node: str) -> Value:
        words = label(self.said, node, self.names)
        return Value(words.text, language=words.language)

    def _types(self, node: str) -> tuple[Value, ...]:
        return tuple(map(self.value, sorted(self.said.values(node, _TYPE), key=str)))

    def _kind(self, node: str) -> str:
        return ", ".join(kind.text for kind in self._types(node))

    def _records(self, iri: str) -> set[str]:
        """Return the nodes linked with the entity that are described whole: more is said of them than a link."""
        linked = {subject for subject, _ in self.said.links_to(iri)}
        linked |= {node for values in self.said.of(iri).values() for node in values if isinstance(node, str)}
        return {node for node in linked - {iri} if self._is_record(node)}

    def _is_record(self, node: str) -> bool:
        said = self.said.of(node)
        return _TYPE in said and _SOURCE in said

    def _record(self, node: str, iri: str) -> Record:
        return Record(self.value(node), self._kind(node), self._properties(node, without=_NOT_IN_RECORDS, but=iri))

    def _properties(self, node: str, without: Collection[str], but: str = "") -> tuple[Property, ...]:
        said = self.said.of(node)
        shown = (link for link, values in said.items() if link not in without and any(each != but for each in values))
        names = [PROPERTIES_OF.get(str(kind), {}) for kind in said.get(_TYPE, ())]
        return tuple(
            Property(self._named(link, names), self._values(said[link])) for link in sorted(shown, key=self._rank)
        )

    def _named(self, link: str, names: Iterable[Mapping[str, str]]) -> Value:
        """Return a property as the things of a class call it, else as all do."""
        return next((Value(of_class[link], iri=link) for of_class in names if link in of_class), self.value(link))

    def _values(self, nodes: Sequence[Node]) -> tuple[Value, ...]:
        if len(nodes) == 1:
            return (self.value(nodes[0]),)
        return tuple(sorted(map(self.value, nodes), key=lambda value: (value.language != "en", value.text)))

    def _rank(self, predicate: str) -> tuple[int, str]:
        """Order properties: those of ``_ORDER``, then the others by name, then notes and sources."""
        if predicate not in self._ranks:
            self._ranks[predicate] = _PLACES.get(predicate, _PLACES[""]), self.value(predicate).text
        return self._ranks[predicate]

    def _record_rank(self, node: str) -> tuple[bool, str]:
        """Order records: affiliations first, then by kind."""
        return _AFFILIATIONS.isdisjoint(self.said.values(node, _TYPE)), self._kind(node) + node

    def _mentions(self, iri: str, shown: set[str]) -> tuple[Property, ...]:
        links: dict[str, dict[str, None]] = {}
        for subject, predicate in self.said.links_to(iri):
            if subject not in shown and iri not in self.said.values(subject, _TOPIC):
                links.setdefault(predicate, {})[subject] = None  # an answer may say the same twice
        return tuple(Property(self._inverse(link), self._values(list(links[link]))) for link in sorted(links))

    def _inverse(self, link: str) -> Value:
        return Value(self.names.get(f"^{link}") or f"{self.value(link).text} of", iri=link)
