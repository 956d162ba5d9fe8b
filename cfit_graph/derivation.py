"""Shortcuts for newcomers, derived from the records by the CONSTRUCT queries in ``queries/derive/``.

They stand in a graph of their own, so that a query can leave them out and nobody takes them for evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cfit_graph import namespaces, queries
from cfit_graph.namespaces import BASE

if TYPE_CHECKING:
    from cfit_graph.store import Store

_NAME: Final = "derived"
GRAPH: Final = namespaces.graph(_NAME)
"""The named graph of derived statements, if it is CFIT's."""


def derive(store: Store, base: str = BASE) -> list[str]:
    """Return the derived statements of the graph in ``store`` as N-Quads lines; their graph is below ``base``."""
    graph = namespaces.graph(_NAME, base)
    lines: set[str] = set()
    for path in queries.paths("derive"):
        answer = b"".join(store.query(queries.load(f"derive/{path.stem}"), "application/n-triples")).decode("utf-8")
        lines.update(f"{line.removesuffix('.').rstrip()} <{graph}> .\n" for line in answer.split("\n") if line)
    return sorted(lines)


def is_derived(graph: str) -> bool:
    """Tell whether the graph with an IRI is one of derived statements, whichever base it has."""
    return graph.endswith(namespaces.graph(_NAME, "/"))
