"""Building and rolling back: the two ways to publish a release."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import shutil
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cfit_graph import changes, quality, queries, source, validation
from cfit_graph.changes import retired
from cfit_graph.errors import DoesNotConform, ReleaseError, SourceError, UsageError
from cfit_graph.namespaces import BASE
from cfit_graph.release import archive, content, numbering, retirement
from cfit_graph.release.archive import CHANGES, Release
from cfit_graph.release.content import sources
from cfit_graph.release.draft import PREFIX, Draft
from cfit_graph.release.manifest import MANIFEST, QUALITY, RETIRED, order
from cfit_graph.texts import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cfit_graph.quality import Measurement
    from cfit_graph.validation.changes import Session

_LOG = logging.getLogger(__name__)
DECIDING: Final = (
    "derivation.py", "ids.py", "labels.py", "namespaces.py", "nquads.py", "quality.py", "queries/algebra.py",
    "release/content.py", "search.py", "source.py", "statements.py", "statistics.py", "store/engine.py",
    "store/formats.py", "store/xml.py",
)  # fmt: skip
"""Modules that decide what a release holds, beside those that judge."""
_FACTS = ("sources", "statements", "dataset", "ontology", "shapes", "findings")
_OF_ITS_OWN = (CHANGES, QUALITY, RETIRED)  # what a rollback does not take from the release that it restores


def now() -> datetime:
    """Return the time by the clock of this machine."""
    return datetime.now(UTC)


def build(
    root: Path,
    releases: Path,
    say: Callable[[str], None] = lambda _: None,
    clock: Callable[[], datetime] = now,
    base: str = BASE,
) -> Release:
    """Validate the sources under ``root`` and publish them as a new release.

    Return the present one if it is of the same sources, or was put in the place of a release of the same sources by a
    rollback. ``say`` is told each step; ``clock`` gives the time of publication; ``base`` is what the IRIs of the
    release and of its things begin with.

    Raises:
        SourceError: if a source cannot be parsed.
        DoesNotConform: if a rule that blocks publishing is broken; carries the report.
        ReleaseError: if the folder cannot be written, the sources change meanwhile, or the clock is behind.
    """
    with _alone(releases):
        digest, present = _digest(root, base), _present(releases)
        if present is not None and digest in _not_again(present):
            return present
        _moment(releases, clock)  # what is wrong with it is said before the work
        say("Validating")
        report = validate(root)
        if not report.conforms:
            raise DoesNotConform(report)
        say("Writing")
        with Draft(releases) as draft:
            with content.written(draft, root, report, base) as made:
                facts = {"sources": digest, **made.facts, "changes": _write_changes(draft, present, made.lines, base)}
            if _digest(root, base) != digest:
                raise ReleaseError("The sources changed while the release was being built; run `cfit build` again")
            return _publish(draft, present, facts, made.measurements, clock, base)


def ensure(root: Path, releases: Path, clock: Callable[[], datetime] = now, base: str = BASE) -> Release:
    """Return the current release; build one if there is none, with IRIs that begin with ``base``.

    Raises:
        SourceError, DoesNotConform, ReleaseError: as :func:`build` and :func:`cfit_graph.release.archive.current` do.
    """
    return archive.current(releases) or build(root, releases, clock=clock, base=base)


def rollback(
    releases: Path, version: str | None = None, clock: Callable[[], datetime] = now, base: str = BASE
) -> Release:
    """Publish a new release that holds what an older one held: the given one, or the one before the present content.

    ``base`` is what its IRI begins with, as in :func:`build`.

    Raises:
        UnknownRelease: if there is no such release.
        UsageError: if it holds nothing else than the present one, there is none before, or it has another base.
        ReleaseError: if there is no release yet, the older one is damaged, or the folder cannot be written.
    """
    with _alone(releases):
        present = archive.current(releases)
        if present is None:
            raise ReleaseError("There is no release to roll back; run `cfit build`")
        older = archive.find(releases, version or _before(present))
        if _content_of(older) == _content_of(present):
            told = f"Release {present.version} holds what {older.version} held"
            raise UsageError(f"{told}; there is nothing to restore")
        if older.base != base:
            told = f"The IRIs of release {older.version} begin with {older.base}, not with {base}"
            raise UsageError(f"{told}; it can be restored with that as CFIT_BASE_IRI")
        with Draft(releases) as draft:
            for name in _content_of(older):
                draft.copy(name, older.path / name)
            facts = {name: older.manifest[name] for name in _FACTS}
            facts |= {
                "restores": older.version,
                "changes": _write_changes(draft, present, older.lines, base, restores=True),
            }
            measurements = quality.read(older.path / QUALITY)
            return _publish(draft, present, facts, measurements, clock, base)


def validate(
    root: Path, paths: Sequence[Path] = (), session: Session | None = None, language: str = ENGLISH
) -> validation.Report:
    """Validate the graph under ``root``; with ``paths``, these in it, and report on what they describe or else cause.

    A given file stands for the file of the same name in ``data/``, so that a draft can be judged before it replaces it.
    The rows of a spreadsheet stand for what ``data/`` says of the same things in the columns that there are. A
    ``session`` judges only what has changed since it was last given; ``language`` is what findings are told in.

    Raises:
        SourceError: if a file cannot be parsed, or what is given says nothing.
    """
    shapes, shapes_path, present = source.read_all(source.files(root / "shapes")), root / "shapes", sources(root)
    if not paths:
        data = validation.Files((), present, root)
        return validation.validate(data, shapes, shapes_path, session=session, language=language)
    source.refuse_empty(paths, root)
    names = {path.name for path in paths}
    around = [path for path in present if path.name not in names or path.parent.name != "data"]
    data, session = validation.Files(paths, around, root), session or _session()
    is_there = {path.resolve() for path in paths} <= {path.resolve() for path in present}
    known = None if is_there else _cases(validation.Files((), present, root), shapes, shapes_path, session)
    about = {subject for path in paths for subject, _, _ in source.statements(path, root)}
    return validation.validate(data, shapes, shapes_path, about, session, language, known)


def _session() -> Session:
    from cfit_graph.validation.changes import Session  # noqa: PLC0415 - it loads pySHACL, which takes its time

    return Session()


def _cases(data: validation.Files, shapes: source.Read, shapes_path: Path, session: Session) -> set[validation.Case]:
    """Return what is found now, before drafts stand for any of it; if it cannot be read, all is found anew."""
    try:
        return validation.cases(data, shapes, shapes_path, session)
    except SourceError:
        return set()


@contextmanager
def _alone(releases: Path) -> Iterator[None]:
    """Let one builder at a time into the folder of releases, and clear away what a killed one left."""
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with (releases / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in releases.glob(f"{PREFIX}*"):
                shutil.rmtree(left)
            yield
    except OSError as error:
        raise ReleaseError(f"{error.filename or releases}: no release can be made ({error.strerror})") from error


def _digest(root: Path, base: str) -> str:
    """Return the SHA-256 of all that decides what a release holds: sources, shapes, our queries, program and base."""
    program = Path(__file__).parent.parent
    named = (program / name for name in DECIDING)
    parts = (path for name in ("positions", "validation") for path in (program / name).rglob("*.py"))
    judges = sorted([*named, *parts, *(program / "texts").glob("*.json")])
    asked = [path for folder in ("derive", "quality", "statistics") for path in queries.paths(folder)]
    files = source.digest([*content.held(root), *source.files(root / "data"), *asked, *judges])
    return hashlib.sha256(f"{files} {base}".encode()).hexdigest()


def _present(releases: Path) -> Release | None:
    try:
        return archive.current(releases)
    except ReleaseError as error:
        _LOG.warning("%s. No release is whole, so the log of changes starts from nothing.", error)
        return None


def _not_again(present: Release) -> set[str]:
    """Return the digests of sources that a build does not publish: the present ones, and those rolled back from."""
    found, release = {present.manifest["sources"]}, present
    with suppress(ReleaseError):  # if one is not there any more, nobody knows what its sources were
        while release.restores and release.previous:
            release = archive.read(release.path.parent / release.previous)
            found.add(release.manifest["sources"])
    return found


def _before(present: Release) -> str:
    """Return the version before the one that the present content comes from.

    Raises:
        UsageError: if that is the first of all.
    """
    release = present
    while release.restores:
        release = archive.find(release.path.parent, release.restores)
    if release.previous is None:
        raise UsageError(f"Release {release.version} is the first; there is none before it to roll back to")
    return release.previous


def _content_of(release: Release) -> dict[str, Any]:
    files = release.manifest["files"].items()
    return {name: entry for name, entry in files if not name.startswith(_OF_ITS_OWN)}


def _write_changes(
    draft: Draft, before: Release | None, lines: Iterable[str], base: str, *, restores: bool = False
) -> dict[str, Any]:
    """Write the pages of what changed, and what is retired since; return how many activities and pages there are.

    Raises:
        ReleaseError: if the address of a thing that is gone is given to another, and no older graph is restored.
    """
    earlier = before.retired() if before else {}
    former = retirement.former(before, earlier, lines)
    if not restores:
        retirement.refuse_others(former, lines, base)
    records = {iri: it.record for iri, it in former.items()}
    changed: set[str] = set()
    number = page = 0
    found = changes.between(before.lines if before else (), lines, base, records, restores=restores)
    for page, activities in enumerate(changes.pages(found), 1):
        draft.write(archive.page_name(page), [changes.as_json(activities)])
        number = activities[-1].number
        changed.update(activity.object for activity in activities)
    last = {iri: it.release for iri, it in former.items()}
    version = before.version if before else ""
    now_retired = retired.carry(earlier, changed, lines, version, last, retirement.replaced(before))
    draft.write(RETIRED, [retired.as_json(now_retired)])
    return {"activities": number, "pages": page, **numbering.of_damaged(draft.releases, before)}


def _publish(
    draft: Draft,
    before: Release | None,
    facts: dict[str, Any],
    measurements: Iterable[Measurement],
    clock: Callable[[], datetime],
    base: str,
) -> Release:
    """Give the draft what depends on time, and then its name."""
    moment = _moment(draft.releases, clock)
    version = _next_version(draft.releases, moment)
    draft.write(QUALITY, [quality.turtle(measurements, f"{base}release/{version}")])
    manifest = {
        "version": version,
        "published": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "previous": before.version if before else None,
        "base": base,
        **facts,
        "files": dict(sorted(draft.files.items())),
    }
    draft.write(MANIFEST, [json.dumps(manifest, indent=1) + "\n"])
    return archive.read(draft.publish(version))


def _moment(releases: Path, clock: Callable[[], datetime]) -> datetime:
    """Return the time, to the second.

    Raises:
        ReleaseError: if it is before the newest release.
    """
    moment = clock().astimezone(UTC).replace(microsecond=0)
    for version in archive.versions(releases)[-1:]:
        newest = _published(releases / version)
        if moment < newest:
            told = f"{moment:%Y-%m-%d %H:%M:%S} UTC, but release {version} is of {newest:%Y-%m-%d %H:%M:%S} UTC"
            raise ReleaseError(f"By the clock it is {told}. Set the clock right, or SOURCE_DATE_EPOCH if it is set.")
    return moment


def _published(path: Path) -> datetime:
    """Return the time of a release; of a damaged one, the day that its version says."""
    try:
        return archive.read(path).published
    except ReleaseError:
        with suppress(ValueError):  # there is no such day
            return datetime.fromisoformat(path.name.partition(".")[0]).replace(tzinfo=UTC)
        return datetime.min.replace(tzinfo=UTC)


def _next_version(releases: Path, moment: datetime) -> str:
    """Return the version after all there are: a counter goes on where the newest of the day has it."""
    today = f"{moment:%Y-%m-%d}"
    taken = [number for day, number in map(order, archive.versions(releases)) if day == today]
    return f"{today}.{max(taken, default=0) + 1}"
