"""Where pySHACL gives up: comparisons that end in an error, even in a shape that need not hold.

A failure is a failure of the whole validation, so nodes that may lead to one are candidates whatever else is true of
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rdflib import SH

from cfit_graph.queries.algebra import both, call, negate
from cfit_graph.validation import keeping
from cfit_graph.validation.screens.propositions import NEVER, Proposition, any_of, comparable, is_literal, some
from cfit_graph.validation.shapes import paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cfit_graph.validation.screens.core import Compiler
    from cfit_graph.validation.shapes import Shape

_PAIRS: Final = (SH.lessThan, SH.lessThanOrEquals)
_BOUNDS: Final = (SH.minInclusive, SH.minExclusive, SH.maxInclusive, SH.maxExclusive)


def alarmed(compiler: Compiler, shape: Shape, node: str, above: tuple[Shape, ...] = ()) -> Proposition:
    """Return the proposition that pySHACL may fail on a node; shapes that refer to themselves are left out."""
    if not shape.is_active or shape in above or not _compares(compiler, shape, ()):
        return NEVER
    pairs = (_pair(compiler, shape, node, str(other)) for name in _PAIRS for other in shape.all(name))
    inside = compiler.some(shape, node, lambda value: any_of(*_of_value(compiler, shape, value, (*above, shape))))
    return any_of(*pairs, inside)


def _compares(compiler: Compiler, shape: Shape, above: tuple[Shape, ...]) -> bool:
    if shape in above:
        return False
    own = any(shape.all(name) for name in (*_PAIRS, *_BOUNDS))
    return own or any(_compares(compiler, part, (*above, shape)) for part in compiler.shapes.parts(shape))


def _pair(compiler: Compiler, shape: Shape, node: str, other: str) -> Proposition:
    def odd(value: str) -> Proposition:
        step, blank = paths.Step(other), Proposition.exactly(call("isBlank", value))
        unlike = some(step, node, lambda it: Proposition.exactly(negate(comparable(value, it))), compiler.variables)
        return blank | unlike

    return compiler.some(shape, node, odd)


def _of_value(compiler: Compiler, shape: Shape, value: str, above: tuple[Shape, ...]) -> Iterable[Proposition]:
    for bound in (bound for name in _BOUNDS for bound in shape.all(name)):
        yield Proposition.exactly(both(is_literal(value), negate(comparable(value, keeping.term(bound)))))
    yield from (alarmed(compiler, part, value, above) for part in compiler.shapes.parts(shape))
