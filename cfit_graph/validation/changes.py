"""Judging again after a change: only the nodes that the change can affect, by the inverse of what each shape can see.

A session keeps the store, the candidates and what was found about each, so that a report after a change is the same as
one made from scratch. A file that cannot be read leaves it as it is; if anything else fails, or the shapes are others,
it starts anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH

from cfit_graph import cores
from cfit_graph.validation import checks, engine, keeping, stored
from cfit_graph.validation.engine import Verdict
from cfit_graph.validation.facts import Facts
from cfit_graph.validation.judge import Judge
from cfit_graph.validation.screens import Screen, Screens, sight
from cfit_graph.validation.screens.sight import Seen
from cfit_graph.validation.shapes import Shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from cfit_graph import source
    from cfit_graph.validation.facts import Sources
    from cfit_graph.validation.judge import Result

    Terms = set[source.Term]
    Case = tuple[Node, source.Term]
    Found = dict[source.Term, list[Result]]

_TYPE, _SUBCLASS = (ox.NamedNode(str(name)) for name in (RDF.type, RDFS.subClassOf))


class Session:
    """Judges data again and again: all that they say the first time, and then what a change can affect."""

    _shapes: Shapes
    _facts: Facts
    _screens: Screens
    _judge: Judge

    def __init__(self) -> None:
        """Nothing is judged yet."""
        self._found: dict[Node, Found] = {}
        self._is_current = False

    def examine(self, sources: Sources, shapes: Graph, path: Path) -> Verdict:
        """Return the verdict on ``sources`` by shapes that are called ``path``, the same as one from scratch.

        Raises:
            SourceError: if the sources cannot be read, or the shapes cannot be used.
        """
        if not self._is_current or set(shapes) != set(self._shapes.graph):
            return self._from_scratch(sources, Shapes(shapes, path))
        added, removed = self._facts.difference(sources)
        self._is_current = False
        affected = self._change(added, removed)
        return self._judged(sources, affected)

    def _from_scratch(self, sources: Sources, shapes: Shapes) -> Verdict:
        self._is_current = False
        self._shapes = shapes
        self._facts = Facts(with_terms=checks.TERM in checks.names(shapes.graph))
        self._facts.read(sources)
        self._screens = Screens(shapes, self._facts)
        engine.check_shapes(shapes)
        self._judge = Judge(shapes)
        return self._judged(sources, {screen.shape.node: None for screen in self._screens.all})

    def _change(self, added: list[ox.Quad], removed: list[ox.Quad]) -> dict[Node, Terms | None]:
        """Take statements in and out, and return the nodes that each shape may judge otherwise than before."""
        store, changes = self._facts.store, [*added, *removed]
        store.extend(added)  # what is taken out is still seen by those who saw it
        affected = {screen.shape.node: self._affected(screen, changes) for screen in self._screens.all}
        for quad in removed:
            store.remove(quad)
        if any(quad.predicate == _SUBCLASS or isinstance(quad.object, ox.Literal) for quad in changes):
            affected |= self._made_anew()
        if any(quad.predicate == _SUBCLASS for quad in changes):
            affected = {shape: self._with_targets(shape, nodes) for shape, nodes in affected.items()}
        return affected

    def _made_anew(self) -> dict[Node, Terms | None]:
        """Make screens for the classes and literals that there are now, and return the shapes to be judged anew."""
        before = {screen.shape.node: screen.reasons for screen in self._screens.all}
        self._screens = Screens(self._shapes, self._facts)
        return {it.shape.node: None for it in self._screens.all if it.reasons != before[it.shape.node]}

    def _affected(self, screen: Screen, changes: list[ox.Quad]) -> Terms | None:
        """Return the nodes on which a shape may judge otherwise than before; nothing if that may be any."""
        seen = screen.sight
        if seen.sees_everything() or self._touches(seen, changes):
            return None
        found = sight.affected(seen, changes, self._facts.store)
        for quad in changes:
            subject, value = keeping.ends(quad)
            if quad.predicate == _TYPE or _aims(screen, quad, SH.targetSubjectsOf):
                found.add(subject)
            if _aims(screen, quad, SH.targetObjectsOf):
                found.add(value)
        return found

    def _touches(self, seen: sight.Sight, changes: list[ox.Quad]) -> bool:
        """Tell whether a change can be seen from a node that the shape names."""
        return any(term in sight.affected(it, changes, self._facts.store) for term, it in seen.elsewhere)

    def _with_targets(self, shape: Node, nodes: Terms | None) -> Terms | None:
        """Return the affected nodes after a change of classes, which may make any instance a target, or none."""
        return None if self._shapes.classes(self._shapes.by_node[shape]) else nodes

    def _judged(self, sources: Sources, affected: dict[Node, Terms | None]) -> Verdict:
        asked = [(it, affected[it.shape.node]) for it in self._screens.all if affected[it.shape.node] != set()]
        candidates = self._screens.candidates(asked)
        kept = {shape: self._unaffected(shape, nodes) for shape, nodes in affected.items()}
        seen = Seen(self._facts.store)
        engine.look(seen, self._screens, {shape: candidates.get(shape, set()) | set(kept[shape]) for shape in kept})
        faulty = engine.look_for_checks(seen, self._facts)
        data = engine.picked(sources, seen)
        cases = [(shape, node) for shape, nodes in candidates.items() for node in nodes]
        for (shape, node), results in self._results(data, cases):
            kept[shape][node] = results
        self._found, self._is_current = kept, True
        everything = [it for known in kept.values() for results in known.values() for it in results]
        report = self._judge.report(data, everything)
        checks.add_results(report, data, self._shapes.graph, self._facts.own_terms(), faulty)
        return Verdict(report, stored.graph(self._facts.store, data), self._screens.fallbacks)

    def _results(self, data: Graph, cases: list[Case]) -> Iterator[tuple[Case, list[Result]]]:
        """Yield cases with their results, in no order."""
        parts = cores.dealt(cases, cores.number(len(cases)))

        def judged(some: Sequence[Case]) -> list[list[Result]]:
            return list(self._judge.judge(data, [(shape, engine.nodes_of([node])) for shape, node in some]))

        for some, found in zip(parts, cores.shared(judged, parts), strict=True):
            yield from zip(some, found, strict=True)

    def _unaffected(self, shape: Node, nodes: Terms | None) -> Found:
        if nodes is None:
            return {}
        return {node: results for node, results in self._found.get(shape, {}).items() if node not in nodes}


def _aims(screen: Screen, quad: ox.Quad, target: URIRef) -> bool:
    return any(str(name) == quad.predicate.value for name in screen.shape.all(target))
