"""SHACL Core, compiled: the proposition that a node breaks a shape (SHACL, sections 2 to 4).

What is not known here is UNKNOWN, which makes every node a candidate, and is noted with its reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rdflib import SH, BNode, URIRef

from cfit_graph.queries.algebra import FALSE, among, both, call
from cfit_graph.validation import keeping
from cfit_graph.validation.screens import propositions, regexes, sets, values
from cfit_graph.validation.screens.propositions import NEVER, UNKNOWN, Proposition, any_of
from cfit_graph.validation.shapes import paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rdflib.term import Node

    from cfit_graph.validation.shapes import Shape, Shapes

THIS: Final = "?this"
_TOO_LONG: Final = "its query would be too long"
_DEEPEST: Final = 15
"""Shapes nested deeper than this are left to pySHACL, which gives up there."""
_MOST: Final = 1000
"""Shapes within one shape, each as often as it is met, up to which a query is made of them."""
_LONGEST: Final = 200_000
"""Letters of the longest condition that is asked for."""
_LISTED: Final = 100
"""Nodes up to which a list stands in the query itself; more are looked up in Python."""


class Compiler:
    """Compiles shapes of one shapes graph for one store, whose classes it knows."""

    def __init__(self, shapes: Shapes, instances: Callable[[Node], tuple[str, list[str]]]) -> None:
        """``instances`` gives the path from an instance of a class, and the classes it may lead to, as SPARQL terms."""
        self.shapes, self.instances = shapes, instances
        self.functions = regexes.Functions()
        self.variables = propositions.Variables()
        self.reasons: list[str] = []
        self.queries: list[tuple[Shape, Node]] = []
        """SPARQL constraints met on the focus node itself, which are screened by a query of their own."""
        self.is_endless = False
        """Whether shapes were met in which pySHACL may give up, be it at a node that breaks none, or too many."""
        self._met = 0
        self._open: list[Node] = []
        self._inside = 0

    def begin(self) -> None:
        """Forget what was met in the shape before."""
        self.reasons, self.queries, self.is_endless, self._met = [], [], False, 0

    def broken(self, shape: Shape, node: str) -> Proposition:
        """Return the proposition that a node breaks a shape; ``reasons`` say what of it is not known."""
        if not shape.is_active:
            return NEVER
        if self.is_endless:
            return UNKNOWN
        self._met += 1
        if shape.node in self._open:
            return self._endless("a shape refers to itself")
        if len(self._open) >= _DEEPEST:
            return self._endless(f"shapes are nested more than {_DEEPEST} deep")
        if self._met > _MOST:
            return self._endless(_TOO_LONG)
        self._open.append(shape.node)
        try:
            found = any_of(*self._parts(shape, node))
        finally:
            self._open.pop()
        return self._endless(_TOO_LONG) if len(found.may) > _LONGEST else found

    def inner(self, shape: Shape, node: str) -> Proposition:
        """Return the proposition that a node breaks a shape which another one names, but not as its property."""
        self._inside += 1
        try:
            return self.broken(shape, node)
        finally:
            self._inside -= 1

    def some(self, shape: Shape, node: str, then: Callable[[str], Proposition]) -> Proposition:
        """Return the proposition that ``then`` holds of a value node that the shape has for this focus node."""
        if shape.path is not None and paths.depth(shape.path) > paths.DEEPEST:
            return self.unknown(f"a property path is nested more than {paths.DEEPEST} deep")
        return propositions.some(shape.path, node, then, self.variables)

    def at_least(self, count: int, shape: Shape, node: str, then: Callable[[str], Proposition]) -> Proposition:
        """Return the proposition that ``then`` holds of so many value nodes."""
        return propositions.at_least(count, shape.path, node, then, self.variables)

    def among(self, value: str, nodes: Iterable[Node]) -> Proposition:
        """Return the proposition that a value is one of some nodes of the shapes graph."""
        listed = list(nodes)
        if len(listed) > _LISTED:
            known = {keeping.parser_term(node) for node in listed if not isinstance(node, BNode)}
            listed = [node for node in listed if isinstance(node, BNode)]
            return self.among(value, listed[:1]) | Proposition.exactly(self.functions.among(known, value))
        named = (keeping.term(node) for node in listed if isinstance(node, URIRef))
        others = (_is(value, node) for node in listed if not isinstance(node, URIRef))
        return any_of(Proposition.exactly(both(call("isIRI", value), among(value, named))), *others)

    def unknown(self, reason: str) -> Proposition:
        """Return what is known of something that no screen can judge, and keep the reason."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        return UNKNOWN

    def _endless(self, reason: str) -> Proposition:
        self.is_endless = True
        return self.unknown(reason)

    def _parts(self, shape: Shape, node: str) -> Iterable[Proposition]:
        yield self.some(shape, node, lambda value: any_of(*self._of_value(shape, value)))
        yield from (rule(self, shape, node) for names, rule in sets.RULES if any(map(shape.all, names)))
        yield from (self._query(shape, constraint, node) for constraint in shape.all(SH.sparql))
        for component, required in self.shapes.components:
            if all(shape.all(URIRef(str(name))) for name in required):
                yield self.unknown(f"the constraint component {component} is declared by the shapes themselves")

    def _of_value(self, shape: Shape, value: str) -> Iterable[Proposition]:
        yield from (rule(self, shape, value) for names, rule in values.RULES if any(map(shape.all, names)))
        yield from (self.broken(part, value) for part in self.shapes.named(shape, SH.property))

    def _query(self, shape: Shape, constraint: Node, node: str) -> Proposition:
        if node != THIS or self._inside:
            return self.unknown("a SPARQL constraint is on a shape that is part of another")
        self.queries.append((shape, constraint))
        return NEVER


def _is(value: str, node: Node) -> Proposition:
    if isinstance(node, BNode):
        return Proposition(call("isBlank", value), FALSE)
    return Proposition.exactly(call("sameTerm", value, keeping.term(node)))
