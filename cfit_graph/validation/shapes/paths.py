"""Property paths of SHACL (2.3.1): read from shapes, written for SPARQL, and turned round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rdflib import RDF, SH, BNode, URIRef
from rdflib.collection import Collection

from cfit_graph.validation.shapes.ill_formed import IllFormed, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib import Graph
    from rdflib.term import Node

DEEPEST: Final = 8
"""Paths nested deeper than this are left to pySHACL, which gives up at ten."""


@dataclass(frozen=True)
class Step:
    """One property, followed from subject to object or back."""

    predicate: str
    inverse: bool = False


@dataclass(frozen=True)
class Sequence:
    """Paths one after the other."""

    steps: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """Paths side by side."""

    choices: tuple[Path, ...]


@dataclass(frozen=True)
class Repeat:
    """A path followed again and again: not at all if ``idle``, more than once if ``many``."""

    path: Path
    idle: bool
    many: bool


Path = Step | Sequence | Alternative | Repeat

_REPEATS: Final = {SH.zeroOrMorePath: (True, True), SH.oneOrMorePath: (False, True), SH.zeroOrOnePath: (True, False)}


def read(graph: Graph, node: Node, *, inverse: bool = False) -> Path:
    """Return the path that ``node`` stands for in a shapes graph.

    A sequence that is followed backwards keeps the order of its steps, as pySHACL has it.

    Raises:
        IllFormed: if it is none.
    """
    return _read(graph, node, inverse, 0)


def _read(graph: Graph, node: Node, inverse: bool, level: int) -> Path:
    if isinstance(node, URIRef):
        return Step(str(node), inverse)
    if not isinstance(node, BNode):
        raise IllFormed(f"{node.n3()} is not a property path")
    if level > 4 * DEEPEST:
        raise IllFormed("a property path contains itself, or is nested too deep")
    if (node, RDF.first, None) in graph:
        return Sequence(_several(graph, node, inverse, level))
    return _marked(graph, node, inverse, level)


def _marked(graph: Graph, node: BNode, inverse: bool, level: int) -> Path:
    """Read a path that says what it is by a property of its own."""
    back, choices = graph.value(node, SH.inversePath), graph.value(node, SH.alternativePath)
    if back is not None:
        return _read(graph, back, not inverse, level + 1)
    if choices is not None:
        return Alternative(_several(graph, choices, inverse, level))
    for name, (idle, many) in _REPEATS.items():
        inner = graph.value(node, name)
        if inner is not None:
            return Repeat(_read(graph, inner, inverse, level + 1), idle, many)
    raise IllFormed("a blank node that is no property path stands where one is expected")


def _several(graph: Graph, node: Node, inverse: bool, level: int) -> tuple[Path, ...]:
    parts = [_read(graph, part, inverse, level + 1) for part in members(graph, node)]
    if len(parts) < 2:
        raise IllFormed("a list of property paths has fewer than two members")
    return tuple(parts)


def text(path: Path) -> str:
    """Return a path in the notation of SPARQL.

    >>> text(Sequence((Step("a:b"), Repeat(Step("a:c", inverse=True), idle=True, many=True))))
    '(<a:b>/(^<a:c>)*)'
    """
    if isinstance(path, Step):
        return f"^<{path.predicate}>" if path.inverse else f"<{path.predicate}>"
    if isinstance(path, Repeat):
        sign = ("*" if path.idle else "+") if path.many else "?"
        return f"({text(path.path)}){sign}"
    parts, sign = (path.steps, "/") if isinstance(path, Sequence) else (path.choices, "|")
    return f"({sign.join(map(text, parts))})"


def turned(path: Path) -> Path:
    """Return the path that leads back from the values of ``path``."""
    if isinstance(path, Step):
        return Step(path.predicate, not path.inverse)
    if isinstance(path, Sequence):
        return Sequence(tuple(turned(step) for step in reversed(path.steps)))
    if isinstance(path, Alternative):
        return Alternative(tuple(map(turned, path.choices)))
    return Repeat(turned(path.path), path.idle, path.many)


def predicates(path: Path) -> set[str]:
    """Return the properties that a path goes by."""
    if isinstance(path, Step):
        return {path.predicate}
    if isinstance(path, Repeat):
        return predicates(path.path)
    return set().union(*map(predicates, path.steps if isinstance(path, Sequence) else path.choices))


def properties(path: Path) -> tuple[str, ...]:
    """Return the properties of which a path follows one, forwards, and no more; none if it does anything else."""
    choices = path.choices if isinstance(path, Alternative) else (path,)
    names = tuple(it.predicate for it in choices if isinstance(it, Step) and not it.inverse)
    return names if len(names) == len(choices) else ()


def repeats(path: Path) -> bool:
    """Tell whether a path, or a part of it, is followed again and again."""
    if isinstance(path, Step | Repeat):
        return isinstance(path, Repeat)
    return any(map(repeats, path.steps if isinstance(path, Sequence) else path.choices))


def can_be_idle(path: Path) -> bool:
    """Tell whether a path leads from a node to itself without any statement, or has a part that does."""
    if isinstance(path, Step):
        return False
    if isinstance(path, Repeat):
        return path.idle or can_be_idle(path.path)
    return any(map(can_be_idle, path.steps if isinstance(path, Sequence) else path.choices))


def depth(path: Path) -> int:
    """Return how deep pySHACL goes into a path: each member of a list is one level below the one before."""
    if isinstance(path, Step):
        return 1
    if isinstance(path, Repeat):
        return 1 + depth(path.path)
    if isinstance(path, Sequence):
        return max(position + 1 + depth(step) for position, step in enumerate(path.steps))
    return 1 + max(map(depth, path.choices))


def ways(report: Graph, shapes: Graph, path: Node | None) -> Iterator[list[Node]]:
    """Yield the ways that a path may go, each a list of properties; not those that go backwards.

    The path of a result is written out in the report, or else in the shapes.
    """
    graph = report if (path, None, None) in report else shapes
    choices = graph.value(path, SH.alternativePath)
    if isinstance(path, URIRef):
        yield [path]
    elif choices is not None:
        for choice in Collection(graph, choices):
            yield from ways(report, shapes, choice)
    elif path is not None and (path, RDF.first, None) in graph:
        yield list(Collection(graph, path))


def following(data: Graph, node: Node, names: Iterable[Node]) -> list[Node]:
    """Return the nodes that properties lead to from a node, followed one after the other."""
    nodes = [node]
    for name in names:
        nodes = [other for one in nodes for other in data.objects(one, name)]
    return nodes
