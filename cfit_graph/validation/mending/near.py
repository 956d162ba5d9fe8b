"""What was meant by a name that nothing has: the nearest that something has."""

from __future__ import annotations

import re
from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from rdflib import URIRef

from cfit_graph.labels import NAMING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import Graph
    from rdflib.term import Node

_ALIKE: Final = 0.7
_SURE: Final = 0.8
_APART: Final = 0.12


class Near(NamedTuple):
    """A node that may be meant, and whether no other can be."""

    node: Node
    sure: bool


def slug(node: Node | str) -> str:
    """Return the last segment of an IRI; of other text, all of it."""
    return re.split(r"[/#]", str(node).rstrip("/#"))[-1]


def nearest(written: Node, known: Iterable[Node], graph: Graph) -> Near | None:
    """Return that of the ``known`` nodes whose slug, or one of whose names, is most like what is written."""
    wanted = slug(written).casefold() if isinstance(written, URIRef) else str(written).strip().casefold()
    names: dict[str, set[Node]] = {}
    for node in known:
        for name in _names(node, graph):
            names.setdefault(name, set()).add(node)
    found = [
        (SequenceMatcher(None, wanted, name).ratio(), name) for name in get_close_matches(wanted, names, 5, _ALIKE)
    ]
    if not found:
        return None
    best = min(names[found[0][1]], key=lambda node: (_distance(written, node), str(node)))
    others = [ratio for ratio, name in found if names[name] != {best}]
    sure = found[0][0] >= _SURE and found[0][0] - max(others, default=0) >= _APART
    return Near(best, sure and (len(wanted) > 3 or found[0][0] == 1))


def _names(node: Node, graph: Graph) -> set[str]:
    labels = {str(name).casefold() for naming in NAMING for name in graph.objects(node, naming)}
    return {slug(node).casefold(), *labels}


def _distance(written: Node, node: Node) -> float:
    return -SequenceMatcher(None, str(written), str(node)).ratio()


def part_of(whole: Node, known: Iterable[Node]) -> Node | None:
    """Return the node with the longest slug that the slug of another consists of, with or without more words."""
    words = f"-{slug(whole)}-"
    found = [node for node in known if f"-{slug(node)}-" in words]
    return max(found, key=lambda node: (len(slug(node)), str(node)), default=None)
