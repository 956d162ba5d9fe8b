"""The first stage: queries that find, for each shape, the nodes it is aimed at that may break it.

A screen never misses a node that pySHACL would report on. Where a part of a shape cannot be screened, all its targets
are candidates, and the reason is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, Literal

from cfit_graph import cores
from cfit_graph.queries import algebra
from cfit_graph.queries.algebra import FALSE, TRUE
from cfit_graph.validation import keeping
from cfit_graph.validation.screens import selects, sight
from cfit_graph.validation.screens.alarms import alarmed
from cfit_graph.validation.screens.core import THIS, Compiler
from cfit_graph.validation.screens.propositions import UNKNOWN, Proposition, any_of
from cfit_graph.validation.shapes.ill_formed import IllFormed

if TYPE_CHECKING:
    from rdflib.term import Node

    from cfit_graph import source
    from cfit_graph.validation.facts import Facts
    from cfit_graph.validation.shapes import Shape, Shapes

    Terms = set[source.Term]

_SUBCLASS: Final = ox.NamedNode(str(RDFS.subClassOf))
_TYPE: Final = f"<{RDF.type}>"
_TEXTS: Final = tuple(f"<{name}>" for name in sorted(keeping.TEXTS))
_NOTHING: Final = algebra.both(
    algebra.call("isLiteral", "?value"),
    algebra.either(
        '(STR(?value) = "")',
        algebra.both(
            algebra.negate(algebra.among("DATATYPE(?value)", _TEXTS)),
            algebra.either(
                algebra.call("REGEX", "STR(?value)", '"^[^1-9a-z]*(e[^a-z]*)?$|^-?PT?[^a-z]*[0-9]"', '"i"'),
                algebra.both(
                    algebra.call("STRENDS", "STR(DATATYPE(?value))", '"#boolean"'),
                    algebra.negate(algebra.among("LCASE(STR(?value))", ('"true"', '"1"'))),
                ),
            ),
        ),
    ),
)
"""What rdflib may take for zero, empty or false."""
_SMALL: Final = 30_000
"""Statements up to which it takes less time to ask all queries here; the store lets nobody else in meanwhile."""


class Fallback(NamedTuple):
    """A shape of which every target is judged by pySHACL, and why: nothing is missed, but it takes its time."""

    shape: str
    reason: str


@dataclass(frozen=True)
class Screen:
    """What is asked for one shape: the pattern of its targets, what must be true of them, what is seen from them.

    ``scans`` are patterns of targets by their values: there it is the values that are looked at, one by one.
    """

    shape: Shape
    targets: str
    condition: str
    scans: tuple[str, ...]
    selects: tuple[str, ...]
    sight: sight.Sight
    reasons: tuple[str, ...]

    @property
    def is_idle(self) -> bool:
        """Whether it has nothing to ask: the shape can never be broken."""
        return self.condition == FALSE and not self.scans and not self.selects

    def queries(self, around: str = "") -> list[str]:
        """Return the queries that find candidates; ``around`` is a pattern that says among which nodes."""
        if not self.targets:
            return []
        targets = f"{around} {self.targets}"
        asked = [algebra.filtered(targets, self.condition)] if self.condition != FALSE else []
        asked += [f"{around} {it}" for it in self.scans]
        return [algebra.select(THIS, it) for it in [*asked, *(f"{targets} {it}" for it in self.selects)]]


class Screens:
    """The screens of all shapes with targets, made for the classes in one store."""

    def __init__(self, shapes: Shapes, facts: Facts) -> None:
        """Compile them.

        Raises:
            SourceError: if the query of a constraint is not SPARQL.
        """
        self._shapes, self._store, self._size = shapes, facts.store, facts.size
        self._instances: dict[Node, tuple[str, list[str]]] = {}
        self._compiler = Compiler(shapes, self._instances_of)
        self._compiled: dict[tuple[Node, Node], selects.Select] = {}
        self.all = tuple(map(self._screen, shapes.with_targets()))

    @property
    def fallbacks(self) -> tuple[Fallback, ...]:
        """What could not be screened, and why."""
        named = ((self._shapes.name(screen.shape.node), screen.reasons) for screen in self.all)
        return tuple(Fallback(name, reason) for name, reasons in named for reason in reasons)

    def candidates(self, screens: list[tuple[Screen, Terms | None]]) -> dict[Node, Terms]:
        """Return the candidates of each shape that has any, among the nodes given with it, or among all its targets."""
        jobs = [(screen, query) for screen, among in screens for query in screen.queries(_around(among))]
        jobs.sort(
            key=lambda job: -len(job[1])
        )  # the long ones first, so that all cores are done at about the same time
        found: dict[Node, Terms] = {}
        size = self._size if any(among is None for _, among in screens) else 0
        for node, nodes in cores.shared(self._found, jobs, cores.number(size, _SMALL)):
            found.setdefault(node, set()).update(nodes)
        for screen, among in screens:
            self._add_blank(screen, among, found.setdefault(screen.shape.node, set()))
        return {shape: nodes for shape, nodes in found.items() if nodes}

    def _found(self, job: tuple[Screen, str]) -> tuple[Node, list[source.Term]]:
        screen, query = job
        return screen.shape.node, self._asked(query)

    def targets(self, screen: Screen, among: Terms) -> Terms:
        """Return those of some nodes that a shape is aimed at."""
        found = (
            set(self._asked(algebra.select(THIS, f"{_around(among)} {screen.targets}"))) if screen.targets else set()
        )
        blank = {it for it in among if isinstance(it, ox.BlankNode)}
        if blank and screen.targets:
            found |= blank & set(self._asked(algebra.select(THIS, screen.targets)))
        return found

    def _add_blank(self, screen: Screen, among: Terms | None, found: Terms) -> None:
        """Add the blank nodes that were asked about, which no query can name."""
        blank: Terms = {it for it in among or () if isinstance(it, ox.BlankNode)}
        if blank and not screen.is_idle:
            found |= self.targets(screen, blank)

    def _asked(self, query: str) -> list[source.Term]:
        functions = self._compiler.functions.by_name
        name = THIS.removeprefix("?")
        rows = cast("ox.QuerySolutions", self._store.query(query, custom_functions=functions))
        return [cast("source.Term", row[name]) for row in rows]

    def _screen(self, shape: Shape) -> Screen:
        compiler = self._compiler
        compiler.begin()
        broken = compiler.broken(shape, THIS)
        fails = UNKNOWN if compiler.is_endless else alarmed(compiler, shape, THIS)
        condition, scans = _taken_apart(any_of(broken, fails), shape)
        compiled = [
            self._select(owner, constraint)
            for owner, constraint in compiler.queries
            if owner.is_active and not self._shapes.is_off(constraint)
        ]
        for it in compiled:
            it.reasons += self._misled(shape, it)
        if compiler.is_endless or any(it.reasons for it in compiled):
            condition = TRUE
        reasons = (*compiler.reasons, *(reason for it in compiled for reason in it.reasons))
        scans, patterns = ((), ()) if condition == TRUE else (scans, tuple(it.pattern for it in compiled))
        named = shape.all(SH.targetNode) if compiled and condition != TRUE else ()
        condition = algebra.either(condition, algebra.among(THIS, map(keeping.term, named)))
        endless = compiler.is_endless
        seen = sight.Sight(everything=True) if endless else sight.of_shape(shape, self._shapes, self._compiled)
        return Screen(shape, self._targets(shape), condition, scans, patterns, seen, tuple(dict.fromkeys(reasons)))

    def _misled(self, shape: Shape, select: selects.Select) -> list[str]:
        """Return the reason not to trust a screen if a path is followed on and on from a literal like 0 or "".

        rdflib takes such a literal for no node at all, and follows the path from every node.
        """
        ways = select.repeated() if not select.reasons else set()
        ways |= {str(name) for name in shape.all(SH.targetObjectsOf)} if ways else set()
        named = ways and any(isinstance(node, Literal) for node in shape.all(SH.targetNode))
        if named or any(map(self._leads_to_nothing, ways)):
            return ["a path of a SPARQL constraint is repeated from a literal that is empty or zero"]
        return []

    def _leads_to_nothing(self, predicate: str) -> bool:
        pattern = algebra.triple("?any", f"<{predicate}>", "?value")
        return bool(self._store.query(algebra.ask(algebra.filtered(pattern, _NOTHING))))

    def _select(self, shape: Shape, constraint: Node) -> selects.Select:
        key = shape.node, constraint
        if key not in self._compiled:
            compiler = self._compiler
            try:
                it = selects.read(shape, constraint, self._shapes.graph, compiler.functions, compiler.variables)
            except IllFormed as error:
                raise self._shapes.refused(shape.node, str(error)) from None
            self._compiled[key] = it
        return self._compiled[key]

    def _targets(self, shape: Shape) -> str:
        ways = map(self._instances_of, self._shapes.classes(shape))
        classes = sorted({(path, term) for path, kinds in ways for term in kinds})
        named = sorted(map(keeping.term, shape.all(SH.targetNode)))
        patterns = [algebra.triple(THIS, path, kind) for path, kind in classes]
        patterns += [algebra.triple(THIS, f"<{name}>", "?any") for name in shape.all(SH.targetSubjectsOf)]
        patterns += [algebra.triple("?any", f"<{name}>", THIS) for name in shape.all(SH.targetObjectsOf)]
        patterns += [algebra.values(THIS, named)] if named else []
        return patterns[0] if len(patterns) == 1 else algebra.union(*patterns)

    def _instances_of(self, kind: Node) -> tuple[str, list[str]]:
        """Return the path from an instance of a class, and the classes that it may lead to: this one and all below.

        No query can name a class without an address; where one is below, the path goes through it.
        """
        if kind not in self._instances:
            found: Terms = set()
            new: Terms = {keeping.parser_term(kind)}
            while new - found:
                new -= found
                found |= new
                new = {it for node in new for it in keeping.subjects(self._store, _SUBCLASS, node)}
            named = all(isinstance(it, ox.NamedNode) for it in found)
            through = (f"{_TYPE}/{_SUBCLASS}*", [keeping.term(kind)])
            self._instances[kind] = (_TYPE, sorted(map(str, found))) if named else through
        return self._instances[kind]


def _taken_apart(broken: Proposition, shape: Shape) -> tuple[str, tuple[str, ...]]:
    """Return a condition on the targets of a shape, and patterns of those that may break it in another way.

    A property whose subjects the shape is aimed at leads to targets only, so that its values can be looked at without
    these. Which takes a fifth of the time, for a target is met once for each of its values.
    """
    aimed = {str(name) for name in shape.all(SH.targetSubjectsOf)}
    apart = [way for way in broken.ways if way.properties and aimed.issuperset(way.properties)]
    if not apart:
        return broken.may, ()
    rest = (way.whole for way in broken.ways if way not in apart)
    return algebra.either(*rest), tuple(way.pattern(THIS) for way in apart if way.condition != FALSE)


def _around(among: Terms | None) -> str:
    if among is None:
        return ""
    return algebra.values(THIS, (str(it) for it in among if not isinstance(it, ox.BlankNode)))
