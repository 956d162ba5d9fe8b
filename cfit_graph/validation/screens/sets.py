"""Constraints of SHACL Core on all values together: the proposition that a node breaks one (SHACL, 4.2 to 4.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rdflib import SH, URIRef

from cfit_graph.queries.algebra import both, call, exists, negate, triple
from cfit_graph.validation.screens.propositions import (
    ALWAYS,
    LONGEST,
    NEVER,
    Proposition,
    all_of,
    any_of,
    compared,
    is_literal,
    some,
)
from cfit_graph.validation.screens.values import is_set, number
from cfit_graph.validation.shapes import paths

if TYPE_CHECKING:
    from rdflib.term import Node

    from cfit_graph.validation.screens.core import Compiler
    from cfit_graph.validation.screens.values import Rule
    from cfit_graph.validation.shapes import Shape


def _count(compiler: Compiler, shape: Shape, node: str) -> Proposition:
    least = _checked(compiler, number(shape, SH.minCount))
    few = ~compiler.at_least(least, shape, node, lambda _: ALWAYS)
    if not shape.all(SH.maxCount):
        return few
    return few | compiler.at_least(number(shape, SH.maxCount) + 1, shape, node, lambda _: ALWAYS)


def _checked(compiler: Compiler, least: int) -> int:
    if least > LONGEST:
        compiler.unknown(f"more than {LONGEST} values are demanded")
    return least


def _unique_lang(compiler: Compiler, shape: Shape, node: str) -> Proposition:
    if not is_set(shape, SH.uniqueLang):
        return NEVER

    def doubled(value: str) -> Proposition:
        tagged = Proposition.exactly(both(is_literal(value), f'(LANG({value}) != "")'))
        return tagged & compiler.some(shape, node, lambda other: Proposition.exactly(_same_language(value, other)))

    return compiler.some(shape, node, doubled)


def _same_language(value: str, other: str) -> str:
    same = f"(LCASE(LANG({value})) = LCASE(LANG({other})))"
    return both(is_literal(other), negate(call("sameTerm", value, other)), same)


def _pairs(compiler: Compiler, shape: Shape, node: str) -> Proposition:
    return any_of(
        *(_unequal(compiler, shape, node, str(other)) for other in shape.all(SH.equals)),
        *(_joint(compiler, shape, node, str(other)) for other in shape.all(SH.disjoint)),
        *(_unordered(compiler, shape, node, str(other), "<") for other in shape.all(SH.lessThan)),
        *(_unordered(compiler, shape, node, str(other), "<=") for other in shape.all(SH.lessThanOrEquals)),
    )


def _stated(subject: str, predicate: str, value: str) -> Proposition:
    return Proposition.exactly(exists(triple(subject, f"<{predicate}>", value)))


def _unequal(compiler: Compiler, shape: Shape, node: str, other: str) -> Proposition:
    def missing(value: str) -> Proposition:
        return ~compiler.some(shape, node, lambda it: Proposition.exactly(call("sameTerm", it, value)))

    only_here = compiler.some(shape, node, lambda value: ~_stated(node, other, value))
    return only_here | some(paths.Step(other), node, missing, compiler.variables)


def _joint(compiler: Compiler, shape: Shape, node: str, other: str) -> Proposition:
    return compiler.some(shape, node, lambda value: _stated(node, other, value))


def _unordered(compiler: Compiler, shape: Shape, node: str, other: str, sign: str) -> Proposition:
    def late(value: str) -> Proposition:
        return some(paths.Step(other), node, lambda later: ~compared(value, sign, later), compiler.variables)

    return compiler.some(shape, node, late)


def _has_value(compiler: Compiler, shape: Shape, node: str) -> Proposition:
    def lacking(wanted: Node) -> Proposition:
        return ~compiler.some(shape, node, lambda value: compiler.among(value, [wanted]))

    return any_of(*map(lacking, shape.all(SH.hasValue)))


def _qualified(compiler: Compiler, shape: Shape, node: str) -> Proposition:
    if shape.path is None:
        return NEVER  # it has no meaning there, and pySHACL passes over it
    least, most = _checked(compiler, number(shape, SH.qualifiedMinCount)), number(shape, SH.qualifiedMaxCount)

    def broken(part: Shape) -> Proposition:
        siblings = _siblings(compiler, shape, part)

        def counted(value: str) -> Proposition:
            return all_of(~compiler.inner(part, value), *(compiler.inner(other, value) for other in siblings))

        few = ~compiler.at_least(least, shape, node, counted)
        many = compiler.at_least(most + 1, shape, node, counted) if shape.all(SH.qualifiedMaxCount) else NEVER
        return few | many

    return any_of(*map(broken, compiler.shapes.named(shape, SH.qualifiedValueShape)))


def _siblings(compiler: Compiler, shape: Shape, part: Shape) -> list[Shape]:
    """Return the shapes that a value must not conform to if it is to count (SHACL, 4.7.3)."""
    if not is_set(shape, SH.qualifiedValueShapesDisjoint):
        return []
    graph = compiler.shapes.graph
    beside = {it for owner in graph.subjects(SH.property, shape.node) for it in graph.objects(owner, SH.property)}
    nodes = {it for other in beside for it in graph.objects(other, SH.qualifiedValueShape)} - {part.node}
    return [compiler.shapes.by_node[it] for it in sorted(nodes, key=str)]


RULES: Final[tuple[tuple[tuple[URIRef, ...], Rule], ...]] = (
    ((SH.minCount, SH.maxCount), _count),
    ((SH.uniqueLang,), _unique_lang),
    ((SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals), _pairs),
    ((SH.hasValue,), _has_value),
    ((SH.qualifiedValueShape,), _qualified),
)
"""The parameters of each constraint, and what it means to break it."""
