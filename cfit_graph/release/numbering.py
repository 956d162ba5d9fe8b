"""How far the log of changes is numbered: places of activities, and pages, which are given once and never again.

Releases go on where the one before them ended. Where newer ones are damaged, so that the log goes on without them, the
manifest says ``after`` how much they had been given.
"""

from __future__ import annotations

from contextlib import suppress
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cfit_graph import changes
from cfit_graph.errors import ReleaseError
from cfit_graph.release import archive
from cfit_graph.release.manifest import order

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.release.archive import Release


class Given(NamedTuple):
    """How many places and pages were given so far."""

    activities: int
    pages: int


NOTHING: Final = Given(0, 0)


def end(before: Given, release: Release) -> Given:
    """Return what is given after a release, if it follows on what was given before."""
    return _add(before, release.manifest["changes"])


def of_damaged(releases: Path, present: Release | None) -> dict[str, Any]:
    """Return what the next manifest says of damaged releases that are newer than the present one; nothing of none."""
    newest = order(present.version) if present else ("", 0)
    damaged = [version for version in archive.versions(releases) if order(version) > newest]
    if not damaged:
        return {}
    before = NOTHING
    with suppress(ReleaseError):  # then the log cannot be shown anyhow
        before = reduce(end, archive.history(present) if present else (), NOTHING)
    return {"after": reduce(_add, (_counts(releases / version) for version in damaged), before)._asdict()}


def _add(before: Given, counts: dict[str, Any]) -> Given:
    given = Given(**counts["after"]) if "after" in counts else before
    return Given(given.activities + counts["activities"], given.pages + counts["pages"])


def _counts(path: Path) -> dict[str, Any]:
    """Return how much a damaged release had been given; without a manifest, the most that its pages may hold."""
    try:
        counts: dict[str, Any] = archive.read(path).manifest["changes"]
    except ReleaseError:
        pages = len(list((path / archive.CHANGES).glob("*.json")))
        counts = {"activities": pages * changes.PAGE, "pages": pages}
    return counts
