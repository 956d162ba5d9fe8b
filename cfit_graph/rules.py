"""The rules that data are judged by, read from ``shapes/``: for people as shapes with rules, for machines as RDF."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.extras.shacl import parse_shacl_path

from cfit_graph import nquads, source
from cfit_graph.namespaces import PREFIXES, SHAPES, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rdflib.term import Node


@dataclass(frozen=True)
class Part:
    """A piece of a rule as SHACL states it: text, and the IRI it names, if it is one name."""

    text: str
    iri: str = ""


@dataclass(frozen=True)
class Constraint:
    """What a rule or a shape says in SHACL: the local name of the parameter, and its values."""

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Rule:
    """One rule: where it applies (a path; empty for the thing itself), what it demands, and how much it matters."""

    iri: str
    anchor: str
    name: str
    path: str
    message: str
    severity: str
    constraints: tuple[Constraint, ...]
    query: str


@dataclass(frozen=True)
class Term:
    """A name of the shapes that is no rule: an annotation, or a property shape that only says what is in a column."""

    iri: str
    anchor: str
    name: str
    description: str


@dataclass(frozen=True)
class Shape:
    """A node shape: what it is for, what it applies to, its rules, its columns, and the shapes that make use of it."""

    iri: str
    anchor: str
    name: str
    description: str
    severity: str
    targets: tuple[Constraint, ...]
    rules: tuple[Rule, ...]
    columns: tuple[Term, ...]
    constraints: tuple[Constraint, ...]
    used_by: tuple[Part, ...]

    @property
    def overall(self) -> bool:
        """Whether it applies to all data: it has no target, and no other shape makes use of it."""
        return not (self.targets or self.used_by)


@dataclass(frozen=True)
class Group:
    """The shapes of one file."""

    name: str
    shapes: tuple[Shape, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the group."""
        return tuple(rule for shape in self.shapes for rule in shape.rules)


@dataclass(frozen=True)
class Rulebook:
    """All rules: the header by prefixed name, the groups, the annotations in use, and the RDF itself."""

    header: dict[str, str]
    groups: tuple[Group, ...]
    terms: tuple[Term, ...]
    graph: Graph = field(repr=False)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule."""
        return tuple(rule for group in self.groups for rule in group.rules)


_TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_USING: Final = (SH.node, SH["not"], SH.qualifiedValueShape, SH["or"], SH.xone, SH["and"])
_SERIALIZERS: Final = {
    "text/turtle": "turtle",
    "application/n-triples": "nt11",
    "application/rdf+xml": "xml",
}
_NOT_CONSTRAINTS: Final = {
    *(RDF.type, RDFS.isDefinedBy, SH.path, SH.name, SH.description, SH.message, SH.severity),
    *(SH.property, SH.sparql, SH.prefixes, SH.select, SH.order, SH.group),
    *(URIRef(SHAPES + name) for name in ("table", "kind", "column", "mend")),
    *_TARGETS,
}


def read(folder: Path) -> Rulebook:
    """Return the rules in the files of a folder; none if there is no such folder.

    Raises:
        SourceError: if a file cannot be parsed.
    """
    graphs = {path.stem: source.read(path) for path in source.files(folder)} if folder.is_dir() else {}
    union = _canonical(source.merge(graphs.values()))
    reader = _Reader(union)
    groups = (Group(name, reader.shapes(graph)) for name, graph in graphs.items())
    return Rulebook(_header(union), tuple(group for group in groups if group.shapes), reader.terms(), union)


def serialize(book: Rulebook, media_type: str) -> bytes:
    """Return all rules as RDF; the same rules give the same bytes.

    Raises:
        KeyError: if there is no such format.
    """
    if media_type == "application/ld+json":  # rdflib's order hangs on the hashes of the process
        return source.json_ld(book.graph).encode()
    text = book.graph.serialize(format=_SERIALIZERS[media_type], encoding="utf-8")
    lines = media_type == "application/n-triples"
    return b"".join(sorted(line for line in text.splitlines(keepends=True) if line.strip())) if lines else text


class _Ordered(Graph):
    """A graph that gives its triples in order, so that serializers write the same each time."""

    def triples(self, triple: Any) -> Iterator[Any]:  # type: ignore[override]
        """Return the triples that match, in order."""
        yield from sorted(super().triples(triple), key=lambda found: [node.n3() for node in found])


def _canonical(graph: Graph) -> Graph:
    """Return the same graph in order, with blank nodes that are named alike each time."""
    canonical = _Ordered(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        canonical.bind(prefix, namespace)
    for quad in nquads.parse(nquads.canonical(nquads.parse([graph.serialize(format="nt")]))):
        canonical.add((source.node(quad.subject), source.node(quad.predicate), source.node(quad.object)))
    return canonical


def _header(graph: Graph) -> dict[str, str]:
    header = graph.predicate_objects(URIRef(SHAPES.removesuffix("#")))
    return {shorten(str(name)): str(value) for name, value in sorted(header) if not isinstance(value, BNode)}


class _Reader:
    """Reads shapes from the union of all files, since they refer to each other."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def shapes(self, graph: Graph) -> tuple[Shape, ...]:
        """Return the shapes that ``graph`` describes: those with targets first, in the order of their names."""
        shapes = map(self._shape, graph.subjects(RDF.type, SH.NodeShape))
        return tuple(sorted(shapes, key=lambda shape: (not shape.targets, shape.iri)))

    def _shape(self, node: Node) -> Shape:
        rules = sorted(self._rules(node), key=lambda rule: (rule.iri != str(node), rule.iri))
        return Shape(
            iri=str(node),
            anchor=_anchor(node),
            name=self._text(node, SH.name),
            description=self._text(node, SH.description),
            severity=self._severity(node),
            targets=self._constraints(node, _TARGETS),
            rules=tuple(rules),
            columns=self._columns(node),
            constraints=self._constraints(node, set(self.graph.predicates(node)) - _NOT_CONSTRAINTS),
            used_by=tuple(sorted(map(_part, self._users(node)), key=lambda part: part.text)),
        )

    def _rules(self, shape: Node) -> Iterator[Rule]:
        """Return what can be the rule of a finding: the shape itself if it has a message, and its parts that judge."""
        if self._text(shape, SH.message):
            yield self._rule(shape, shape)
        for link in (SH.property, SH.sparql):
            parts = self.graph.objects(shape, link)
            yield from (self._rule(part, shape) for part in parts if not self._text(part, SH.deactivated))

    def _columns(self, shape: Node) -> tuple[Term, ...]:
        """Return the parts that judge nothing, in order."""
        parts = [part for part in self.graph.objects(shape, SH.property) if self._text(part, SH.deactivated)]
        return tuple(self._term(part, SH.name, SH.description) for part in sorted(parts, key=str))

    def terms(self) -> tuple[Term, ...]:
        """Return the properties that the shapes define for themselves, in order."""
        kinds = (OWL.AnnotationProperty, RDF.Property)
        nodes = {node for kind in kinds for node in self.graph.subjects(RDF.type, kind)}
        return tuple(self._term(node, RDFS.label, RDFS.comment) for node in sorted(nodes, key=str))

    def _term(self, node: Node, name: URIRef, description: URIRef) -> Term:
        return Term(str(node), _anchor(node), self._text(node, name), self._text(node, description))

    def _rule(self, node: Node, shape: Node) -> Rule:
        path = self.graph.value(node, SH.path)
        return Rule(
            iri=str(node),
            anchor=_anchor(node),
            name=self._text(node, SH.name),
            path=self._path(path) if path is not None else "",
            message=self._text(node, SH.message),
            severity=self._severity(node) or self._severity(shape),
            constraints=self._constraints(node, set(self.graph.predicates(node)) - _NOT_CONSTRAINTS),
            query=self._text(node, SH.select),
        )

    def _path(self, path: Node) -> str:
        """Return a property path in SPARQL's notation."""
        return parse_shacl_path(self.graph, path).n3(self.graph.namespace_manager)

    def _constraints(self, node: Node, predicates: Iterable[Node]) -> tuple[Constraint, ...]:
        found = ((predicate, sorted(self.graph.objects(node, predicate), key=str)) for predicate in predicates)
        return tuple(
            Constraint(
                str(predicate).rpartition("#")[2], tuple(part for value in values for part in self._parts(value))
            )
            for predicate, values in sorted(found)
            if values
        )

    def _parts(self, value: Node) -> list[Part]:
        if isinstance(value, BNode):
            return [_part(member) for member in Collection(self.graph, value)]
        return [_part(value)]

    def _users(self, node: Node) -> set[Node]:
        """Return the node shapes that refer to a shape, directly, through a property shape or in a list."""
        lists = {_head(self.graph, cell) for cell in self.graph.subjects(RDF.first, node)}
        using = {user for link in _USING for value in (node, *lists) for user in self.graph.subjects(link, value)}
        owners = {owner for user in using for owner in self.graph.subjects(SH.property, user)}
        return {user for user in using | owners if (user, RDF.type, SH.NodeShape) in self.graph}

    def _severity(self, node: Node) -> str:
        return str(self.graph.value(node, SH.severity) or "").removeprefix(str(SH))

    def _text(self, node: Node, predicate: URIRef) -> str:
        return str(min(self.graph.objects(node, predicate), key=_english_first, default=""))


def _english_first(node: Node) -> tuple[bool, str]:
    return getattr(node, "language", None) != "en", str(node)


def _head(graph: Graph, cell: Node) -> Node:
    """Return the first cell of the RDF list that a cell is in."""
    before = graph.value(predicate=RDF.rest, object=cell)
    return cell if before is None else _head(graph, before)


def _anchor(node: Node) -> str:
    return str(node).removeprefix(SHAPES)


def _part(node: Node) -> Part:
    if isinstance(node, Literal):
        return Part(node.n3() if node.datatype is None and not node.language else str(node))
    return Part(shorten(str(node)), str(node))
