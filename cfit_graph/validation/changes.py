"""Judging again after a change: only the nodes that the change can affect, by the inverse of what each shape can see.

A session keeps the store, the candidates and what was found about each, so that a report after a change is the same as
one made from scratch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH

from cfit_graph.validation import checks, engine, keeping, stored
from cfit_graph.validation.engine import Verdict
from cfit_graph.validation.facts import Facts
from cfit_graph.validation.judge import Judge
from cfit_graph.validation.screens import Screen, Screens, sight
from cfit_graph.validation.screens.sight import Seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import URIRef
    from rdflib.term import Node

    from cfit_graph import source
    from cfit_graph.validation.facts import Sources
    from cfit_graph.validation.judge import Result
    from cfit_graph.validation.shapes import Shapes

    Terms = set[source.Term]
    Found = dict[source.Term, list[Result]]

_TYPE, _SUBCLASS = (ox.NamedNode(str(name)) for name in (RDF.type, RDFS.subClassOf))


class Session:
    """Data that change, and the verdict of the same shapes on them."""

    def __init__(self, sources: Sources, shapes: Shapes) -> None:
        """Judge all that ``sources`` say.

        Raises:
            SourceError: if they cannot be read, or the shapes cannot be used.
        """
        self._shapes = shapes
        self._facts = Facts(with_terms=checks.TERM in checks.names(shapes.graph))
        self._facts.read(sources)
        self._screens = Screens(shapes, self._facts)
        engine.check_queries(self._screens, shapes)
        self._judge = Judge(shapes)
        self._found: dict[Node, Found] = {}
        self.verdict = self._judged(sources, {screen.shape.node: None for screen in self._screens.all})

    def change(self, sources: Sources, added: Iterable[ox.Quad], removed: Iterable[ox.Quad]) -> Verdict:
        """Return the verdict on ``sources``, which differ from those before by statements added and removed.

        Raises:
            SourceError: if they cannot be read, or the shapes cannot be used.
        """
        new, old = list(added), list(removed)
        self._facts.add(new)
        kept = list(map(keeping.kept_quad, [*new, *old]))
        self._facts.store.extend(kept)  # what is taken out is still seen by those who saw it
        affected = {screen.shape.node: self._affected(screen, kept) for screen in self._screens.all}
        self._facts.remove(old)
        if any(quad.predicate == _SUBCLASS or isinstance(quad.object, ox.Literal) for quad in kept):
            affected |= self._made_anew()
        if any(quad.predicate == _SUBCLASS for quad in kept):
            affected = {shape: self._with_targets(shape, nodes) for shape, nodes in affected.items()}
        self.verdict = self._judged(sources, affected)
        return self.verdict

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
        engine.look_for_checks(seen, self._facts)
        data = engine.picked(sources, seen)
        cases = [(shape, node) for shape, nodes in candidates.items() for node in nodes]
        found = self._judge.judge(data, [(shape, engine.nodes_of([node])) for shape, node in cases])
        for (shape, node), results in zip(cases, found, strict=True):
            kept[shape][node] = results
        self._found = kept
        everything = [it for known in kept.values() for results in known.values() for it in results]
        report = self._judge.report(data, everything)
        checks.add_results(report, data, self._shapes.graph, self._facts.own_terms())
        return Verdict(report, data, stored.graph(self._facts.store), self._screens.fallbacks)

    def _unaffected(self, shape: Node, nodes: Terms | None) -> Found:
        if nodes is None:
            return {}
        return {node: results for node, results in self._found.get(shape, {}).items() if node not in nodes}


def _aims(screen: Screen, quad: ox.Quad, target: URIRef) -> bool:
    return any(str(name) == quad.predicate.value for name in screen.shape.all(target))
