"""A point in the log, as people and programs give it: a day, a time or a release."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cfit_graph.collection.values import nearest
from cfit_graph.errors import UnknownRelease

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cfit_graph.release import Release

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_VERSION: Final = re.compile(r"\d{4}-\d\d-\d\d\.\d+", re.ASCII)


def find(version: str, releases: Sequence[Release]) -> int:
    """Return the index of a release by its version.

    Raises:
        UnknownRelease: if there is none; says which are nearest.
    """
    versions = [release.version for release in releases]
    if version not in versions:
        near = nearest(version, versions)
        raise UnknownRelease(f"There is no release {version[:100]!r}. Nearest: {', '.join(near) or 'none'}.", near)
    return versions.index(version)


def first_since(text: str, releases: Sequence[Release]) -> int:
    """Return the index of the first release since a day or a time, or after a release: the number of them if none is.

    Raises:
        ValueError: if the text is none of these; says what would be right.
    """
    if _VERSION.fullmatch(text):
        try:
            return find(text, releases) + 1
        except UnknownRelease as error:
            raise ValueError(str(error)) from None
    moment = _moment(text)
    if moment is None:
        raise ValueError(
            "It is no day, time or release. Write it as 2026-11-24, as 2026-11-24T12:00:00Z (in an address, %2B stands "
            f"for +) or as {releases[-1].version}."
        )
    return next((index for index, release in enumerate(releases) if release.published >= moment), len(releases))


def _moment(text: str) -> datetime | None:
    """Return the time that a text gives by RFC 3339, or the beginning of the day, in UTC; ``None`` if it gives none."""
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:  # there is no such day
        return None
