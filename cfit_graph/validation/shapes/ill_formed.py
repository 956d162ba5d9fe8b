"""Shapes that say nothing that can be judged by, and lists that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import RDF, BNode

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


class IllFormed(Exception):
    """What stands in a shape breaks the syntax rules of SHACL; says what."""


def called(kind: str, node: Node) -> str:
    """Return what people may call a node of some kind; one without address has no name that they know."""
    return f"a {kind}" if isinstance(node, BNode) else f"the {kind} {node.n3()}"


def members(graph: Graph, node: Node) -> tuple[Node, ...]:
    """Return the members of an RDF list.

    Raises:
        IllFormed: if it has no end, forks, or lacks a member.
    """
    found: list[Node] = []
    seen: set[Node] = set()
    while node != RDF.nil:
        first, rest = list(graph.objects(node, RDF.first)), list(graph.objects(node, RDF.rest))
        if node in seen or len(first) != 1 or len(rest) != 1:
            raise IllFormed("a list has no end, forks, or lacks a member")
        seen.add(node)
        found.append(first[0])
        node = rest[0]
    return tuple(found)
