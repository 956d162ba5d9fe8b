"""The folder of releases: which there are, whether they are whole, and what is in them."""

from __future__ import annotations

import json
import logging
import re
from bisect import bisect
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING, Any, Final

from cfit_graph import changes
from cfit_graph.changes import retired
from cfit_graph.errors import ReleaseError, UnknownRelease
from cfit_graph.namespaces import BASE
from cfit_graph.release.draft import entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from cfit_graph.changes import Activity
    from cfit_graph.changes.retired import Retired

GRAPH: Final = "cfit.nq"
MANIFEST: Final = "manifest.json"
QUALITY: Final = "quality.ttl"
REPORT: Final = "report"
RETIRED: Final = "retired.json"
CHANGES: Final = "changes/"

_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})\.([1-9]\d{0,5})", re.ASCII)
_MEMBERS = {
    **dict.fromkeys(("version", "published", "sources", "dataset"), str),
    **dict.fromkeys(("changes", "files", "findings", "ontology", "shapes"), dict),
    "statements": int,
}
_COUNTS = ("activities", "pages")
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
    return sorted(filter(_VERSION.fullmatch, found), key=order)


def order(version: str) -> tuple[str, int]:
    """Return what versions are ordered by: the date, then the counter as a number."""
    date, _, number = version.partition(".")
    return date, int(number)


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
    if not _VERSION.fullmatch(version):
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
    while (before := found[-1].previous) is not None:
        found.append(read(release.path.parent / before))
    return found[::-1]


def read(path: Path) -> Release:
    """Return the release in a folder by its manifest; the other files are not looked at.

    Raises:
        ReleaseError: if there is no manifest, or it does not have the form.
    """
    try:
        return Release(path, _manifest(path))
    except ValueError as error:
        raise ReleaseError(f"{path / MANIFEST}: {error}; run `cfit build`") from None


def verify(path: Path) -> list[str]:
    """Return what is wrong with a release, file by file; nothing if it is whole."""
    try:
        files = _manifest(path)["files"]
    except ValueError as error:
        return [f"{MANIFEST}: {error}"]
    found = {str(file.relative_to(path)) for file in path.rglob("*") if not file.is_dir() or file.is_symlink()}
    return [
        *(f"{name}: missing" for name in sorted(files.keys() - found)),
        *(f"{name}: changed" for name in sorted(files.keys() & found) if not _is_same(path / name, files[name])),
        *(f"{_shown(name)}: does not belong here" for name in sorted(found - files.keys() - {MANIFEST})),
    ]


def difference(before: Release, after: Release, base: str) -> Iterator[Activity]:
    """Yield what changed from one release to any other, in the order of the things' IRIs, which begin with ``base``.

    Raises:
        ReleaseError: if the graph of one is missing or was changed.
    """
    for release in (before, after):
        release.file(GRAPH)
    return changes.between(before.lines, after.lines, base)


def _manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of the release in a folder.

    Raises:
        ValueError: if there is none, or it does not have the form.
    """
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"no manifest can be read ({error.strerror})") from None
    except ValueError as error:
        raise ValueError(f"not the manifest of a release ({error})") from None
    wrong = _wrong(manifest, path.name) if isinstance(manifest, dict) else ["form"]
    if wrong:
        raise ValueError(f"not the manifest of this release (wrong {', '.join(wrong)})")
    checked: dict[str, Any] = manifest
    return checked


def _wrong(manifest: dict[str, Any], version: str) -> list[str]:
    """Return the names of the members of a manifest that are not right."""
    wrong = [name for name, kind in _MEMBERS.items() if not isinstance(manifest.get(name), kind)]
    is_right = {
        "version": manifest.get("version") == version,
        "published": _is_time(manifest.get("published")),
        "previous": "previous" in manifest and _is_older_or_none(manifest["previous"], version),
        "restores": _is_older_or_none(manifest.get("restores"), version),
        "changes": "changes" in wrong or all(isinstance(manifest["changes"].get(it), int) for it in _COUNTS),
        "base": isinstance(manifest.get("base", BASE), str),
        "files": "files" in wrong or GRAPH in manifest["files"],
    }
    return sorted({*wrong, *(name for name, right in is_right.items() if not right)})


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_older_or_none(value: Any, version: str) -> bool:
    is_version = isinstance(value, str) and _VERSION.fullmatch(value) is not None
    return value is None or (is_version and order(value) < order(version))


def _shown(name: str) -> str:
    """Return the name of a file so that it can be printed, even if it is not text."""
    return name.encode("utf-8", "backslashreplace").decode()


def _is_same(path: Path, described: Mapping[str, Any]) -> bool:
    try:
        return entry(path) == described
    except OSError:
        return False
