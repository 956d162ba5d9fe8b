"""Propositions on nodes, known from above and from below, so that a screen can err on one side only.

``may`` is a condition of SPARQL that holds wherever the proposition holds, ``must`` one that holds nowhere else. Where
both are the same the proposition is known exactly. Conditions never end in an error: a test that could is guarded.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from rdflib import XSD

from cfit_graph.queries import algebra
from cfit_graph.queries.algebra import FALSE, TRUE, among, both, call, either, negate
from cfit_graph.validation.shapes import paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.validation.shapes.paths import Path

    Then = Callable[[str], "Proposition"]

LONGEST: Final = 4
"""Chains of this many different values are looked for; more are taken for possible."""
_NUMBERS: Final = (f"<{XSD.integer}>", f"<{XSD.decimal}>")
_ORDERED: Final = (f"<{XSD.date}>", f"<{XSD.string}>")


class Way(NamedTuple):
    """A condition on a node; if there are ``properties``, then that ``condition`` holds of a value it has for one."""

    whole: str
    properties: tuple[str, ...] = ()
    value: str = ""
    condition: str = ""

    def pattern(self, node: str) -> str:
        """Return the pattern that finds each node of which the condition holds, by its values."""
        stated = [algebra.triple(node, f"<{name}>", self.value) for name in self.properties]
        return algebra.filtered(stated[0] if len(stated) == 1 else algebra.union(*stated), self.condition)


@dataclass(frozen=True)
class Proposition:
    """What holds perhaps, and what holds for certain, as conditions of SPARQL.

    ``ways`` are the conditions of which ``may`` says that one holds, where they are known one by one.
    """

    may: str
    must: str
    ways: tuple[Way, ...] = field(default=(), compare=False)

    @staticmethod
    def exactly(condition: str) -> Proposition:
        """Return the proposition that holds where the condition does."""
        return Proposition(condition, condition)

    def __invert__(self) -> Proposition:
        return Proposition(negate(self.must), negate(self.may))

    def __and__(self, other: Proposition) -> Proposition:
        return Proposition(both(self.may, other.may), both(self.must, other.must))

    def __or__(self, other: Proposition) -> Proposition:
        return any_of(self, other)


ALWAYS: Final = Proposition(TRUE, TRUE)
NEVER: Final = Proposition(FALSE, FALSE)
UNKNOWN: Final = Proposition(TRUE, FALSE)


def any_of(*propositions: Proposition) -> Proposition:
    """Return the proposition that one of them holds."""
    may, must = (either(*(getattr(it, name) for it in propositions)) for name in ("may", "must"))
    return Proposition(may, must, tuple(way for it in propositions for way in it.ways or (Way(it.may),)))


def all_of(*propositions: Proposition) -> Proposition:
    """Return the proposition that all of them hold."""
    return Proposition(both(*(it.may for it in propositions)), both(*(it.must for it in propositions)))


def one_of(propositions: list[Proposition]) -> Proposition:
    """Return the proposition that exactly one of them holds."""
    two = any_of(*(first & second for first, second in itertools.combinations(propositions, 2)))
    return any_of(*propositions) & ~two


class Variables:
    """Gives variables that no other part of a query has."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def new(self) -> str:
        """Return a variable."""
        return f"?v{next(self._numbers)}"


def some(path: Path | None, node: str, then: Then, variables: Variables) -> Proposition:
    """Return the proposition that ``then`` holds of a value that ``path`` leads to; without path, of the node itself.

    Each ``EXISTS`` holds one pattern only and nests the next: Oxigraph evaluates two of them side by side from scratch
    for every node. Paths that may stand still are taken apart, since SPARQL lets them stand still on nodes of the graph
    only.
    """
    if path is None:
        return then(node)
    if isinstance(path, paths.Sequence):
        return _in_turn(path.steps, node, then, variables)
    if isinstance(path, paths.Alternative) and any(not isinstance(choice, paths.Step) for choice in path.choices):
        return any_of(*(some(choice, node, then, variables) for choice in path.choices))
    if isinstance(path, paths.Repeat) and path.idle:
        return then(node) | some(paths.Repeat(path.path, idle=False, many=path.many), node, then, variables)
    if isinstance(path, paths.Repeat) and not path.many:
        return some(path.path, node, then, variables)
    if paths.can_be_idle(path):
        return UNKNOWN
    return _found(path, node, then, variables)


def _in_turn(steps: tuple[Path, ...], node: str, then: Then, variables: Variables) -> Proposition:
    first, rest = steps[0], steps[1:]
    onward: Then = (lambda value: _in_turn(rest, value, then, variables)) if rest else then
    return some(first, node, onward, variables)


def _found(path: Path, node: str, then: Then, variables: Variables) -> Proposition:
    value = variables.new()
    if isinstance(path, paths.Step) and path.inverse:
        pattern = algebra.triple(value, f"<{path.predicate}>", node)
    else:
        pattern = algebra.triple(node, paths.text(path), value)
    inner = then(value)
    may, must = algebra.exists(pattern, inner.may), algebra.exists(pattern, inner.must)
    properties = paths.properties(path)
    return Proposition(may, must, (Way(may, properties, value, inner.may),) if properties else ())


def at_least(
    count: int, path: Path | None, node: str, then: Then, variables: Variables, others: tuple[str, ...] = ()
) -> Proposition:
    """Return the proposition that ``then`` holds of that many different values."""
    if count < 1:
        return ALWAYS
    if count > LONGEST:
        return Proposition(at_least(LONGEST, path, node, then, variables).may, FALSE)

    def next_one(value: str) -> Proposition:
        new = Proposition.exactly(both(*(negate(call("sameTerm", value, other)) for other in others)))
        return all_of(new, then(value), at_least(count - 1, path, node, then, variables, (*others, value)))

    return some(path, node, next_one, variables)


def compared(left: str, sign: str, right: str) -> Proposition:
    """Return the proposition that two literals are so ordered; known where both libraries have one order for them."""
    known = comparable(left, right)
    ordered = f"({left} {sign} {right})"
    return Proposition(either(negate(known), ordered), both(known, ordered))


def is_literal(node: str) -> str:
    """Return the condition that a node is a literal."""
    return call("isLiteral", node)


def has_datatype(node: str, *datatypes: str) -> str:
    """Return the condition that a node is a literal of one of these datatypes."""
    return both(is_literal(node), among(call("DATATYPE", node), datatypes))


def comparable(left: str, right: str) -> str:
    """Return the condition that both libraries have one order for two literals."""
    numbers = both(has_datatype(left, *_NUMBERS), has_datatype(right, *_NUMBERS))
    alike = (both(has_datatype(left, it), has_datatype(right, it)) for it in _ORDERED)
    moments = both(has_datatype(left, f"<{XSD.dateTime}>"), has_datatype(right, f"<{XSD.dateTime}>"))
    zones = f'((TZ({left}) = "") = (TZ({right}) = ""))'
    return either(numbers, *alike, both(moments, zones))
