"""The folder of releases: which there are, whether they are whole, and what is in them."""

from __future__ import annotations

import json
import logging
from bisect import bisect
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING, Any, Final

from cfit_graph import changes
from cfit_graph.changes import retired
from cfit_graph.errors import ReleaseError, UnknownRelease
from cfit_graph.namespaces import BASE
from cfit_graph.release import manifest
from cfit_graph.release.draft import entry
from cfit_graph.release.manifest import GRAPH, MANIFEST, QUALITY, REPORT, RETIRED, VERSION, order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from cfit_graph.changes import Activity
    from cfit_graph.changes.retired import Retired

CHANGES: Final = "changes/"

_SHOWN = 10
_NEAR = 4
_LOG = logging.getLogger(__name__)


class _Lines:
    """The lines of a text file, as often as they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[str]:
        with self._path.open(encoding="utf-8", newline="\n") as file:
            yield from file


@dataclass(frozen=True)
class Release:
    """One release: its folder, and the manifest read from it."""

    path: Path
    manifest: dict[str, Any]

    @property
    def version(self) -> str:
        """The version, a date and a counter: ``2026-11-23.1``."""
        return self.path.name

    @property
    def published(self) -> datetime:
        """When it was published, in UTC."""
        return datetime.fromisoformat(self.manifest["published"])

    @property
    def base(self) -> str:
        """What the IRIs of its things and graphs begin with; those made before this was noted are CFIT's."""
        base: str = self.manifest.get("base", BASE)
        return base

    @property
    def previous(self) -> str | None:
        """The version before it; ``None`` for the first."""
        previous: str | None = self.manifest["previous"]
        return previous

    @property
    def restores(self) -> str | None:
        """The older version whose content it has, if it is a rollback."""
        restores: str | None = self.manifest.get("restores")
        return restores

    @property
    def graph(self) -> Path:
        """The N-Quads file to serve."""
        return self.path / GRAPH

    @property
    def lines(self) -> Iterable[str]:
        """The canonical lines of the graph."""
        return _Lines(self.graph)

    def file(self, name: str) -> Path:
        """Return the path of a file, if that is as it was published.

        Raises:
            ReleaseError: if it is missing or was changed.
        """
        if not _is_same(self.path / name, self.manifest["files"].get(name, {})):
            told = f"{name} of release {self.version} is missing or was changed"
            raise ReleaseError(f"{told}; restore it from a copy")
        return self.path / name

    def said_of(self, iri: str) -> list[str]:
        """Return the canonical lines about a thing; they stand together, as lines are sorted."""
        start = f"<{iri}> ".encode()
        with self.graph.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
            place = 0 if text[: len(start)] == start else text.find(b"\n" + start) + 1
            text.seek(place)
            lines = takewhile(lambda line: line.startswith(start), iter(text.readline, b""))
            return [line.decode() for line in lines]

    def changes(self) -> Iterator[Activity]:
        """Yield what changed since the release before it, in the order of the log."""
        for number in range(1, self.manifest["changes"]["pages"] + 1):
            yield from self.page(number)

    def page(self, number: int) -> list[Activity]:
        """Return a page of what changed since the release before it; pages count from 1.

        Raises:
            ReleaseError: if it is missing or was changed.
        """
        return changes.read(self.file(page_name(number)))

    def retired(self) -> dict[str, Retired]:
        """Return all that is retired, by IRI."""
        return retired.read(self.path / RETIRED)


def page_name(number: int) -> str:
    """Return the name of a page of changes in a release; pages count from 1.

    >>> page_name(12)
    'changes/0012.json'
    """
    return f"{CHANGES}{number:04}.json"


def versions(releases: Path) -> list[str]:
    """Return the versions in a folder, oldest first, whole or not; none if there is no such folder.

    Raises:
        ReleaseError: if the folder cannot be read.
    """
    try:
        found = [path.name for path in releases.iterdir() if path.is_dir()] if releases.is_dir() else []
    except OSError as error:
        raise ReleaseError(f"{releases}: the releases cannot be read ({error.strerror})") from None
    return sorted(filter(VERSION.fullmatch, found), key=order)


def current(releases: Path) -> Release | None:
    """Return the newest whole release, which is the one to serve, or ``None`` if there is none yet.

    The log says which newer ones are refused, and why.

    Raises:
        ReleaseError: if there are releases, and all are damaged.
    """
    refused: list[str] = []
    for version in reversed(versions(releases)):
        problems = verify(releases / version)
        if not problems:
            for reason in refused:
                _LOG.warning("%s; release %s is used instead", reason, version)
            return read(releases / version)
        refused.append(_refusal(releases / version, problems))
    if refused:
        raise ReleaseError(f"{refused[0]}; restore it from a copy, or run `cfit build`")
    return None


def _refusal(path: Path, problems: list[str]) -> str:
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return f"{path}: not a whole release: {'; '.join(problems[:_SHOWN])}{more}"


def folder(releases: Path, version: str) -> Path:
    """Return the folder of a version, whole or not.

    Raises:
        UnknownRelease: if there is none.
    """
    known = versions(releases)
    if version not in known:
        near = _near(known, version)
        there_is = f"the nearest are {', '.join(near)}" if known else "there is none yet; run `cfit build`"
        raise UnknownRelease(f"There is no release {version[:100]!r}; {there_is}.", near)
    return releases / version


def _near(known: list[str], version: str) -> list[str]:
    """Return the versions around one that is not there, or the newest if it is no version."""
    if not VERSION.fullmatch(version):
        return known[-_NEAR:]
    place = bisect(known, order(version), key=order)
    start = max(0, min(place - _NEAR // 2, len(known) - _NEAR))
    return known[start : start + _NEAR]


def find(releases: Path, version: str) -> Release:
    """Return the release of a version.

    Raises:
        UnknownRelease: if there is none.
        ReleaseError: if it is damaged.
    """
    path = folder(releases, version)
    if problems := verify(path):
        raise ReleaseError(_refusal(path, problems))
    return read(path)


def history(release: Release) -> list[Release]:
    """Return the releases that led to one, and that one: the first of all comes first.

    Raises:
        ReleaseError: if one of them is not there any more, or has no manifest to read.
    """
    found = [release]
    while (version := found[-1].previous) is not None:
        before = _beside(release, version)
        if before is None:
            raise ReleaseError(f"The log of changes has a gap: release {version} is missing or damaged.")
        found.append(before)
    return found[::-1]


def kept(release: Release) -> list[Release]:
    """Return the releases up to one that are in its folder and have a manifest to read, oldest first."""
    until = order(release.version)
    beside = (_beside(release, version) for version in versions(release.path.parent) if order(version) <= until)
    return [found for found in beside if found]


def read(path: Path) -> Release:
    """Return the release in a folder by its manifest; the other files are not looked at.

    Raises:
        ReleaseError: if there is no manifest, or it does not have the form.
    """
    try:
        return Release(path, manifest.read(path))
    except ValueError as error:
        raise ReleaseError(f"{path / MANIFEST}: {error}; run `cfit build`") from None


def verify(path: Path) -> list[str]:
    """Return what is wrong with a release, file by file; nothing if it is whole."""
    try:
        release = Release(path, manifest.read(path))
    except ValueError as error:
        return [f"{MANIFEST}: {error}"]
    files = release.manifest["files"]
    found = {str(file.relative_to(path)) for file in path.rglob("*") if not file.is_dir() or file.is_symlink()}
    problems = [
        *(f"{name}: missing" for name in sorted(files.keys() - found)),
        *(f"{name}: changed" for name in sorted(files.keys() & found) if not _is_same(path / name, files[name])),
        *(f"{_shown(name)}: does not belong here" for name in sorted(found - files.keys() - {MANIFEST})),
    ]
    wrong = [] if problems else _contradicted(release)
    return problems + [f"{MANIFEST}: {manifest.told(wrong)}"] * bool(wrong)


def _contradicted(release: Release) -> list[str]:
    """Return the members of a manifest that its files, or the releases beside it, show to be wrong."""
    said = release.manifest
    before, restored = (_beside(release, version) for version in (release.previous, release.restores))
    is_right = {
        "statements": said["statements"] == sum(1 for _ in release.lines),
        "findings": said["findings"] == json.loads((release.path / f"{REPORT}.json").read_text("utf-8"))["counts"],
        "base": _is_named(release),
        "changes": _is_numbered(release),
        "restores": restored is None or restored.manifest["dataset"] == said["dataset"],
        "published": before is None or before.published <= release.published,
        "previous": "after" in said["changes"] or not any(_beside(release, each) for each in _between(release)),
    }
    return [name for name, right in is_right.items() if not right]


def _beside(release: Release, version: str | None) -> Release | None:
    """Return another release of the folder; ``None`` if it is not there, or its manifest cannot be read."""
    with suppress(ReleaseError):
        return read(release.path.parent / version) if version else None
    return None


def _between(release: Release) -> list[str]:
    """Return the versions in the folder between a release and the one that it says it follows."""
    start = order(release.previous) if release.previous else ("", 0)
    return [version for version in versions(release.path.parent) if start < order(version) < order(release.version)]


def _is_named(release: Release) -> bool:
    """Tell whether the measurements have IRIs that follow from the base and the version."""
    measured = (release.path / QUALITY).read_text("utf-8")
    return f"<{release.base}release/{release.version}" in measured or "QualityMeasurement" not in measured


def _is_numbered(release: Release) -> bool:
    """Tell whether there are as many pages and activities as the manifest says."""
    counts, pages = release.manifest["changes"], sum(name.startswith(CHANGES) for name in release.manifest["files"])
    last = len(release.page(pages)) if pages else 0
    return (counts["pages"], counts["activities"]) == (pages, max(pages - 1, 0) * changes.PAGE + last)


def missing(releases: Path, followers: Iterable[str]) -> dict[str, str]:
    """Return the versions that are not there although a release says that it follows them; each with that release."""
    known = versions(releases)
    found = {}
    for version in followers:
        with suppress(ReleaseError):
            before = read(releases / version).previous
            if before and before not in known:
                found[before] = version
    return found


def between(releases: Path, one: str, other: str) -> list[str]:
    """Return the versions that come after the older of two, up to the newer."""
    first, last = sorted(map(order, (one, other)))
    return [version for version in versions(releases) if first < order(version) <= last]


def difference(before: Release, after: Release, base: str) -> Iterator[Activity]:
    """Yield what changed from one release to any other, in the order of the things' IRIs, which begin with ``base``.

    Raises:
        ReleaseError: if the graph of one is missing or was changed.
    """
    for release in (before, after):
        release.file(GRAPH)
    return changes.between(before.lines, after.lines, base)


def _shown(name: str) -> str:
    """Return the name of a file so that it can be printed, even if it is not text."""
    return name.encode("utf-8", "backslashreplace").decode()


def _is_same(path: Path, described: Mapping[str, Any]) -> bool:
    try:
        return entry(path) == described
    except OSError:
        return False
