"""Releases of made-up data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cfit_graph.release import Release

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
STATEMENT = '<https://w3id.org/cfit/id/organization/{}> <http://www.w3.org/2004/02/skos/core#prefLabel> "{}"@en .\n'

Change = tuple[set[str], set[str]]
"""Lines removed, and lines added."""


def replay(lines: set[str], changes: Iterable[Change]) -> list[str]:
    """Return the canonical lines of the graph that changes give, from a graph on; they must follow on each other."""
    now = set(lines)
    for removed, added in changes:
        assert removed <= now
        assert not added & now
        now = (now - removed) | added
    return sorted(f"{line}\n" for line in now)


def replayed(releases: Iterable[Release]) -> list[str]:
    """Return the canonical lines that the changes of releases give, from nothing on."""
    activities = (activity for release in releases for activity in release.changes())
    return replay(set(), ((set(activity.removed), set(activity.added)) for activity in activities))


def write(root: Path, data: str) -> None:
    """Put data in the place of those that a root has."""
    (root / "data" / "x.ttl").write_text(data, "utf-8")
