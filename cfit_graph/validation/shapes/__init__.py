"""Shapes graphs read into shapes; those that break the syntax rules of SHACL are refused, whatever the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Literal, URIRef

from cfit_graph.errors import SourceError
from cfit_graph.namespaces import shorten
from cfit_graph.validation.shapes import forms, paths
from cfit_graph.validation.shapes.ill_formed import IllFormed, called, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rdflib import Graph
    from rdflib.term import Node

SHAPE_EXPECTING: Final = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
SHAPE_LISTS: Final = (SH["and"], SH["or"], SH.xone)
TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
_LIKE_TARGET: Final = str(SH.target)

DEEPEST: Final = 100
"""How deep shapes may be nested; pySHACL, where data lead it down, gives up at fifteen."""


@dataclass(frozen=True)
class Shape:
    """A node shape, or a property shape if it has a path; ``parameters`` are its statements by property."""

    node: Node
    path: paths.Path | None
    parameters: dict[URIRef, tuple[Node, ...]] = field(hash=False, compare=False)

    def all(self, name: URIRef) -> tuple[Node, ...]:
        """Return the values of a parameter."""
        return self.parameters.get(name, ())

    @property
    def is_active(self) -> bool:
        """Whether it judges at all."""
        return not any(map(is_true, self.all(SH.deactivated)))


def is_true(node: Node) -> bool:
    """Tell whether a node is ``true``; SHACL knows no other way to write it (``1``, for instance)."""
    return isinstance(node, Literal) and node.datatype == XSD.boolean and str(node).lower() == "true"


def target_classes(shape: Node, graph: Graph) -> Iterator[Node]:
    """Yield the classes whose instances a shape is aimed at; it may be one itself (SHACL, 2.1.3.3)."""
    yield from graph.objects(shape, SH.targetClass)
    meta = {RDFS.Class, OWL.Class, *graph.subjects(RDFS.subClassOf, RDFS.Class)}
    if not meta.isdisjoint(graph.objects(shape, RDF.type)):
        yield shape


class Shapes:
    """The shapes of a shapes graph, by node."""

    def __init__(self, graph: Graph, path: Path) -> None:
        """Read and check them; ``path`` names the graph in errors.

        Raises:
            SourceError: if one is ill-formed; says which, and what is wrong with it.
        """
        self.graph, self.path = graph, path
        self.by_node: dict[Node, Shape] = {}
        for node in sorted(_nodes(graph, path), key=str):
            try:
                self.by_node[node] = _read(graph, node)
            except IllFormed as error:
                raise self.refused(node, str(error)) from None
        for shape in self.by_node.values():
            self._check_parts(shape)
        self._check_depth()
        self.components = tuple(_components(graph))
        """Constraint components that the shapes graph declares itself, each with the parameters it must have."""

    def refused(self, node: Node, reason: str) -> SourceError:
        """Return the error that says what is wrong with a shape."""
        return SourceError(self.path, f"these shapes cannot be used: {self.name(node)}: {reason}")

    def name(self, node: Node) -> str:
        """Return what a shape is called in messages; one without address goes by its path and what leads to it."""
        path = self.graph.value(node, SH.path)
        own = f"the shape for {path}" if isinstance(path, URIRef) else "a shape"
        seen: set[Node] = set()
        while isinstance(node, BNode) and node not in seen:
            seen.add(node)
            node = min(self.graph.subjects(object=node), key=str, default=node)
        return f"{own} in {node}" if seen else str(node)

    def refuse_aimless(self) -> None:
        """Refuse shapes by which nothing is judged, whatever the data, so that nothing conforms unseen.

        Raises:
            SourceError: if no shape has a target; says what may be meant for one.
        """
        if any(map(self._is_aimed, self.by_node.values())):
            return
        if not self.by_node:
            raise SourceError(self.path, "there is no shape in it, so nothing would be judged")
        odd = sorted(shorten(str(name)) for name in set(self.graph.predicates()) if str(name).startswith(_LIKE_TARGET))
        not_followed = f" ({', '.join(odd)} is none that is followed)" if odd else ""
        known = ", ".join(shorten(str(name)) for name in TARGETS)
        reason = f"no shape in it has a target{not_followed}, so nothing would be judged; say what it is for by {known}"
        raise SourceError(self.path, reason)

    def with_targets(self) -> list[Shape]:
        """Return the active shapes that name nodes of their own to judge, in a stable order."""
        found = [shape for shape in self.by_node.values() if shape.is_active and self._is_aimed(shape)]
        return sorted(found, key=lambda shape: str(shape.node))

    def classes(self, shape: Shape) -> set[Node]:
        """Return the classes whose instances a shape is aimed at."""
        return set(target_classes(shape.node, self.graph))

    def named(self, shape: Shape, name: URIRef) -> list[Shape]:
        """Return the shapes that are values of a parameter."""
        return [self.by_node[part] for part in shape.all(name)]

    def listed(self, shape: Shape, name: URIRef) -> list[list[Shape]]:
        """Return the shapes in each list that is a value of a parameter."""
        return [[self.by_node[part] for part in members(self.graph, head)] for head in shape.all(name)]

    def parts(self, shape: Shape) -> list[Shape]:
        """Return the shapes that a shape refers to."""
        single = [part for name in SHAPE_EXPECTING for part in self.named(shape, name)]
        return single + [part for name in SHAPE_LISTS for listed in self.listed(shape, name) for part in listed]

    def queries(self) -> Iterator[tuple[Shape, Node]]:
        """Yield the SPARQL constraints by which something may be judged, each with the shape that has it."""
        seen: set[Node] = set()
        waiting = self.with_targets()
        while waiting:
            shape = waiting.pop()
            if shape.is_active and shape.node not in seen:
                seen.add(shape.node)
                waiting += self.parts(shape)
                yield from ((shape, it) for it in shape.all(SH.sparql) if not self.is_off(it))

    def is_off(self, constraint: Node) -> bool:
        """Tell whether a SPARQL constraint is switched off."""
        return any(map(is_true, self.graph.objects(constraint, SH.deactivated)))

    def _is_aimed(self, shape: Shape) -> bool:
        return any(shape.all(target) for target in TARGETS) or bool(self.classes(shape))

    def _check_parts(self, shape: Shape) -> None:
        for part in shape.all(SH.property):
            if self.by_node[part].path is None:
                raise self.refused(shape.node, f"{called('property shape', part)} has no sh:path")
        for part in shape.all(SH.node):
            if self.by_node[part].path is not None:
                raise self.refused(shape.node, f"sh:node leads to {called('property shape', part)}")

    def _check_depth(self) -> None:
        """Refuse shapes that are nested so deep that those who follow them come to the end of Python's stack."""
        levels: dict[Node, int] = {}
        waiting = list(self.by_node.values())
        while waiting:
            shape = waiting[-1]
            parts = self.parts(shape)
            if shape.node in levels:  # those below are known by now, but for those that it is itself below
                levels[shape.node] = 1 + max((levels[part.node] for part in parts), default=0)
                waiting.pop()
            else:
                levels[shape.node] = 0
                waiting += [part for part in parts if part.node not in levels]
        deep = max(levels, key=lambda node: levels[node], default=None)
        if deep is not None and levels[deep] > DEEPEST:
            raise self.refused(deep, f"shapes in it are nested {levels[deep]} deep; {DEEPEST} is the most")


def _nodes(graph: Graph, path: Path) -> set[Node]:
    """Return the nodes that are shapes: by type, by target, by their parts, or by being a part (SHACL, 2.1)."""
    found = {shape for kind in (SH.NodeShape, SH.PropertyShape) for shape in graph.subjects(RDF.type, kind)}
    found |= {shape for name in (*TARGETS, SH.property, SH.node) for shape in graph.subjects(name)}
    found |= {part for name in SHAPE_EXPECTING for part in graph.objects(predicate=name)}
    for owner, head in _heads(graph):
        try:
            listed = members(graph, head)
        except IllFormed as error:
            raise SourceError(path, f"these shapes cannot be used: {called('shape', owner)}: {error}") from None
        found |= set(listed)
        if not listed:
            raise SourceError(path, f"these shapes cannot be used: {called('shape', owner)}: a list of shapes is empty")
    return found


def _heads(graph: Graph) -> Iterable[tuple[Node, Node]]:
    for name in SHAPE_LISTS:
        yield from graph.subject_objects(name)


def _read(graph: Graph, node: Node) -> Shape:
    if isinstance(node, Literal):
        raise IllFormed("a literal stands where a shape is expected")
    parameters: dict[URIRef, tuple[Node, ...]] = {}
    for name, value in graph.predicate_objects(node):
        parameters[URIRef(str(name))] = (*parameters.get(URIRef(str(name)), ()), value)
    shape = Shape(node, _path(graph, parameters), {name: tuple(sorted(it, key=str)) for name, it in parameters.items()})
    forms.check(shape, graph)
    return shape


def _path(graph: Graph, parameters: dict[URIRef, tuple[Node, ...]]) -> paths.Path | None:
    given, types = parameters.get(SH.path, ()), parameters.get(RDF.type, ())
    if len(given) > 1:
        raise IllFormed("it has more than one sh:path")
    if not given and SH.PropertyShape in types:
        raise IllFormed("it is a property shape without sh:path")
    if given and SH.NodeShape in types:
        raise IllFormed("it is a node shape, which has no sh:path")
    return paths.read(graph, given[0]) if given else None


def _components(graph: Graph) -> Iterable[tuple[Node, tuple[Node, ...]]]:
    """Yield the components that are declared, as pySHACL finds them."""
    kinds = {SH.ConstraintComponent, *graph.subjects(RDFS.subClassOf, SH.ConstraintComponent)}
    for component in {node for kind in kinds for node in graph.subjects(RDF.type, kind)}:
        if not str(component).startswith(str(SH)):
            required = [it for it in graph.objects(component, SH.parameter) if not _is_optional(graph, it)]
            yield component, tuple(path for it in required for path in graph.objects(it, SH.path))


def _is_optional(graph: Graph, parameter: Node) -> bool:
    return any(map(is_true, graph.objects(parameter, SH.optional)))
