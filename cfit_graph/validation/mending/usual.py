"""What other things have for a property: those around, and those of the same type."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rdflib.term import Node

    from cfit_graph.validation.mending.faults import Fault

_CLOSED: Final = 25
"""Nodes to choose from that can be told one by one; of more, nobody reads the list."""

FEW: Final = 3
"""Things that are too few to show what is usual."""


def others(first: Node, known: set[Node]) -> list[Node]:
    """Return what else there is to choose, if that can be told."""
    return sorted(known - {first}, key=str) if len(known) <= _CLOSED else []


def of_neighbours(fault: Fault, known: set[Node]) -> tuple[Node, Node] | None:
    """Return what the things around have most, of a choice."""
    near = [*fault.data.subjects(None, fault.focus), *fault.data.objects(fault.focus)] if known else []
    found = counts(fault, near, known)
    return found.most_common(1)[0][0] if found else None


def of_peers(fault: Fault, known: set[Node]) -> tuple[Node, Node] | None:
    """Return what most things of its type have, of a choice of few; else what more than half have, and none other."""
    peers = fault.peers()
    found = counts(fault, peers, known)
    if not found:
        return None
    pair, count = found.most_common(1)[0]
    if 0 < len(known) <= _CLOSED:
        return pair
    kind = getattr(pair[1], "datatype", None)  # what has another one is a mistake, if its own has so many
    alone = not any(
        name == pair[0] and value != pair[1] and getattr(value, "datatype", None) == kind for name, value in found
    )
    return pair if alone and count > max(len(peers) / 2, FEW) else None


def counts(fault: Fault, things: list[Node], known: set[Node]) -> Counter[tuple[Node, Node]]:
    """Return how many of the things have each value of the property that is missing, in the order of their IRIs."""
    pairs = [
        (name, value) for thing in things for name in fault.predicates for value in fault.data.objects(thing, name)
    ]
    return Counter(pair for pair in sorted(pairs, key=str) if not known or pair[1] in known)
