"""What a shape can see of the data: from the nodes it judges to the statements it looks at, and back.

Forwards it tells which statements the judge needs. Backwards it tells whom a change can affect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, BNode, URIRef, Variable

from cfit_graph.validation import keeping
from cfit_graph.validation.screens import selects
from cfit_graph.validation.shapes import paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cfit_graph import source
    from cfit_graph.validation.shapes import Shape, Shapes

    Terms = set[source.Term]
    Triple = tuple[Any, Any, Any]

_TYPE: Final = paths.Step(str(RDF.type))
_CLASSES: Final = paths.Repeat(paths.Step(str(RDFS.subClassOf)), idle=True, many=True)
_VARIABLE: Final = (Variable, BNode)
_ANY: Final = ""
"""Stands for every property."""


@dataclass
class Sight:
    """What is seen from a node: the paths that are followed, and what is seen from where they lead."""

    steps: dict[paths.Path, Sight] = field(default_factory=dict)
    elsewhere: list[tuple[source.Term, Sight]] = field(default_factory=list)
    """What is seen from nodes that the shape names, whatever node it judges."""
    everything: bool = False
    """Whether nobody knows, so that every statement may matter."""

    def at(self, path: paths.Path) -> Sight:
        """Return what is seen from the end of a path, which is followed from now on."""
        return self.steps.setdefault(path, Sight())

    def sees_everything(self) -> bool:
        """Tell whether nobody knows what is seen, here or further on."""
        return self.everything or any(further.sees_everything() for further in self.steps.values())


def of_shape(shape: Shape, shapes: Shapes, queries: dict[Any, selects.Select]) -> Sight:
    """Return what a shape sees from a focus node; ``queries`` are its SPARQL constraints, compiled."""
    result = Sight()
    _add_shape(result, shape, shapes, queries, ())
    return result


def _add_shape(
    sight: Sight, shape: Shape, shapes: Shapes, queries: dict[Any, selects.Select], above: tuple[Any, ...]
) -> None:
    if shape.node in above or any(all(shape.all(URIRef(str(it))) for it in names) for _, names in shapes.components):
        sight.everything = True
        return
    for name in (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals):
        for other in shape.all(name):
            sight.at(paths.Step(str(other)))
    for constraint in shape.all(SH.sparql):
        _add_query(sight, queries.get((shape.node, constraint)))
    values = sight if shape.path is None else sight.at(shape.path)
    if shape.all(SH.closed):
        values.at(paths.Step(_ANY))
    if shape.all(SH["class"]):
        values.at(_TYPE).at(_CLASSES)
    for part in [*shapes.parts(shape), *_siblings(shape, shapes)]:
        _add_shape(values, part, shapes, queries, (*above, shape.node))


def _siblings(shape: Shape, shapes: Shapes) -> list[Shape]:
    if not shape.all(SH.qualifiedValueShapesDisjoint):
        return []
    beside = [shapes.by_node[it] for it in shapes.by_node if shape.node in shapes.by_node[it].all(SH.property)]
    parts = (part for owner in beside for part in shapes.parts(owner))
    return [shapes.by_node[it] for part in parts for it in part.all(SH.qualifiedValueShape)]


def _add_query(sight: Sight, select: selects.Select | None) -> None:
    if select is None or select.reasons or not _add_group(sight, select.group, {"this": [sight]}):
        sight.everything = True


def _add_group(sight: Sight, group: selects.Group, known: dict[str, list[Sight]]) -> bool:
    """Follow the triples of a group from what is known, each of them once, and tell whether all can be reached.

    ``known`` has, for each variable, what is seen from its values, wherever they come from.
    """
    waiting, unions = list(group.triples), list(group.unions)
    while waiting or unions:
        step = _next(waiting, known, constants=not unions)
        if step is not None:
            waiting.remove(step)
            _add_triple(sight, step, known)
        elif not unions or not _add_union(sight, unions.pop(0), known):
            return False
    later = all(_add_group(sight, it, known) for it in group.optional)
    return later and all(_add_group(sight, it, dict(known)) for it in group.inner)


def _next(waiting: list[Triple], known: dict[str, list[Sight]], *, constants: bool) -> Triple | None:
    """Return a triple to go on with: one that leads on from a variable, else back to one, else from a constant."""
    choices = [it for it in waiting if str(it[0]) in known] + [it for it in waiting if str(it[2]) in known]
    named = [it for it in waiting if not (isinstance(it[0], _VARIABLE) and isinstance(it[2], _VARIABLE))]
    return next(iter(choices + (named if constants else [])), None)


def _add_union(sight: Sight, branches: list[selects.Group], known: dict[str, list[Sight]]) -> bool:
    ends = [dict(known) for _ in branches]
    reached = [_add_group(sight, branch, end) for branch, end in zip(branches, ends, strict=True)]
    for end in ends:
        for name in end.keys() - known.keys():
            known[name] = [further for other in ends for further in other.get(name, ())]
    return all(reached)


def _add_triple(sight: Sight, triple: Triple, known: dict[str, list[Sight]]) -> None:
    subject, predicate, value = triple
    path = paths.Step(_ANY) if isinstance(predicate, Variable) else selects.path_of(predicate)
    onward = str(subject) in known or (str(value) not in known and not isinstance(subject, _VARIABLE))
    start, end = (subject, value) if onward else (value, subject)
    way = path if onward else paths.turned(path)
    further = [it.at(way) for it in _from(sight, start, known)]
    if isinstance(end, _VARIABLE):
        known.setdefault(str(end), further)
    if isinstance(predicate, Variable):
        known.setdefault(str(predicate), [Sight()])


def _from(sight: Sight, term: Any, known: dict[str, list[Sight]]) -> list[Sight]:
    if isinstance(term, _VARIABLE):
        return known[str(term)]
    named = Sight()
    sight.elsewhere.append((keeping.parser_term(term), named))
    return [named]


class Seen:
    """The statements that are seen from some nodes: all about ``subjects``, and those that lead to ``incoming``."""

    def __init__(self, store: ox.Store) -> None:
        self.subjects: Terms = set()
        self.incoming: dict[str, Terms] = {}
        self.everything = False
        self._store = store

    def look(self, sight: Sight, nodes: Terms) -> None:
        """Add what is seen from nodes."""
        self.everything |= sight.everything
        self.describe(nodes)
        for term, further in sight.elsewhere:
            self.look(further, {term})
        for path, further in sight.steps.items() if nodes else ():
            self.look(further, follow(path, nodes, self._store, self))

    def describe(self, nodes: Iterable[source.Term]) -> None:
        """Add all statements about nodes; of blank ones, with those about the blank nodes in them."""
        for node in nodes:
            if not isinstance(node, ox.Literal) and node not in self.subjects:
                self.subjects.add(node)
                if isinstance(node, ox.BlankNode):
                    values = keeping.values(self._store, node)
                    self.describe(values)
                    if not values:  # pySHACL finds another name for a blank node that no statement mentions
                        self.incoming.setdefault(_ANY, set()).add(node)

    def statements(self) -> Iterator[ox.Quad]:
        """Yield what is seen, as the store keeps it; some of it more than once."""
        found = self._store.quads_for_pattern
        if self.everything:
            yield from found(None, None, None)
            return
        for subject in self.subjects:
            yield from found(subject, None, None)  # type: ignore[arg-type]  # literals have none
        for predicate, values in self.incoming.items():
            for value in values:
                yield from found(None, ox.NamedNode(predicate) if predicate else None, value)


def follow(path: paths.Path, nodes: Terms, store: ox.Store, seen: Seen | None = None) -> Terms:
    """Return the nodes that a path leads to, and let ``seen`` know the statements that are looked at."""
    if isinstance(path, paths.Step):
        return _step(path, nodes, store, seen)
    if isinstance(path, paths.Sequence):
        for step in path.steps:
            nodes = follow(step, nodes, store, seen)
        return nodes
    if isinstance(path, paths.Alternative):
        return {end for choice in path.choices for end in follow(choice, nodes, store, seen)}
    found, new = (set(nodes) if path.idle else set()), follow(path.path, nodes, store, seen)
    while new - found and path.many:
        new -= found
        found |= new
        new = follow(path.path, new, store, seen)
    return found | new


def _step(step: paths.Step, nodes: Terms, store: ox.Store, seen: Seen | None) -> Terms:
    name = ox.NamedNode(step.predicate) if step.predicate else None
    if step.inverse:
        if seen is not None:
            seen.incoming.setdefault(step.predicate, set()).update(nodes)
        return {subject for node in nodes for subject in keeping.subjects(store, name, node)}
    if seen is not None:
        seen.describe(nodes)
    return {value for node in nodes for value in keeping.values(store, node, name)}


def affected(sight: Sight, changes: Iterable[ox.Quad], store: ox.Store) -> Terms:
    """Return the nodes from which one of some statements may be seen; ``store`` holds these and all others.

    A statement about a blank node is part of every node that the blank node is a part of.
    """
    changed = _with_owners(changes, store)
    blank = {end for quad in changed for end in keeping.ends(quad) if isinstance(end, ox.BlankNode)}
    return _starts(sight, changed, store) | blank


def _with_owners(changes: Iterable[ox.Quad], store: ox.Store) -> list[ox.Quad]:
    found: dict[ox.Quad, None] = {}
    waiting = list(changes)
    while waiting:
        quad = waiting.pop()
        if quad not in found:
            found[quad] = None
            if isinstance(quad.subject, ox.BlankNode):
                waiting += store.quads_for_pattern(None, None, quad.subject)
    return list(found)


def _starts(sight: Sight, changed: list[ox.Quad], store: ox.Store) -> Terms:
    found: Terms = set()
    for path, further in sight.steps.items():
        found |= _passing(path, changed, store)
        found |= follow(paths.turned(path), _starts(further, changed, store), store)
    return found


def _passing(path: paths.Path, changed: list[ox.Quad], store: ox.Store) -> Terms:
    """Return the nodes from which a path goes over one of the changed statements."""
    if isinstance(path, paths.Step):
        met = (it for it in changed if path.predicate in {_ANY, it.predicate.value})
        return {keeping.ends(it)[path.inverse] for it in met}
    if isinstance(path, paths.Alternative):
        return {node for choice in path.choices for node in _passing(choice, changed, store)}
    if isinstance(path, paths.Repeat):
        again = paths.Repeat(paths.turned(path.path), idle=True, many=True)
        return follow(again, _passing(path.path, changed, store), store)
    found: Terms = set()
    for step in reversed(path.steps):
        found = follow(paths.turned(step), found, store) | _passing(step, changed, store)
    return found
