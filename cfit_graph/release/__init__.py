"""Releases: validated, immutable snapshots of the graph, one after the other.

``releases/<version>/`` holds the graph, its dumps, the report of its validation, the ontology and the shapes as they
were, what changed since the release before, and a manifest with the SHA-256 of each file. A release is built in a
folder of its own; renaming that folder is what publishes it. The newest whole release is the current one. Going back
is a new release with old content, so time goes one way and the log of changes only grows.
"""

from cfit_graph.release.archive import (
    Release,
    between,
    current,
    difference,
    find,
    folder,
    history,
    kept,
    missing,
    read,
    verify,
    versions,
)
from cfit_graph.release.builder import build, ensure, rollback, validate
from cfit_graph.release.content import DUMPS, sources
from cfit_graph.release.manifest import GRAPH, MANIFEST, QUALITY, REPORT, order

__all__ = [
    "DUMPS",
    "GRAPH",
    "MANIFEST",
    "QUALITY",
    "REPORT",
    "Release",
    "between",
    "build",
    "current",
    "difference",
    "ensure",
    "find",
    "folder",
    "history",
    "kept",
    "missing",
    "order",
    "read",
    "rollback",
    "sources",
    "validate",
    "verify",
    "versions",
]
