"""Shortcuts for newcomers, derived from the records by the CONSTRUCT queries in ``queries/derive/``.

They stand in a graph of their own, so that a query can leave them out and nobody takes them for evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cfit_graph import queries
from cfit_graph.namespaces import BASE

if TYPE_CHECKING:
    from cfit_graph.store import Store

GRAPH: Final = BASE + "graph/derived"
"""The named graph of derived statements."""


def derive(store: Store) -> list[str]:
    """Return the derived statements of the graph in ``store`` as N-Quads lines."""
    lines: set[str] = set()
    for path in queries.paths("derive"):
        answer = b"".join(store.query(queries.load(f"derive/{path.stem}"), "application/n-triples")).decode("utf-8")
        lines.update(f"{line.removesuffix('.').rstrip()} <{GRAPH}> .\n" for line in answer.splitlines() if line)
    return sorted(lines)
