"""Releases: validated, immutable snapshots of the graph, switched to in one step.

``releases/<version>/`` holds ``cfit.nq`` (the graph), ``report.json`` and ``report.ttl`` (its validation) and
``manifest.json``. The file ``releases/current`` holds the version being served. A release is built in a folder of
its own and renamed when complete, so a crash at any point leaves the old one served.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cfit_graph import derivation, queries, source, validation
from cfit_graph.errors import DoesNotConform, ReleaseError
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.validation import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

GRAPH = "cfit.nq"
MANIFEST = "manifest.json"


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
    def graph(self) -> Path:
        """The N-Quads file to serve."""
        return self.path / GRAPH


def sources(root: Path) -> list[Path]:
    """Return the files the graph is made from, ontology first."""
    return source.files(root / "ontology") + source.files(root / "data")


def current(releases: Path) -> Release | None:
    """Return the release being served, or ``None`` if there is none yet.

    Raises:
        ReleaseError: if the one named as current is not there or damaged.
    """
    pointer = releases / "current"
    if not pointer.exists():
        return None
    path = releases
    try:
        path = releases / pointer.read_text("utf-8").strip()
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
        named = {GRAPH: manifest["files"][GRAPH], **manifest["files"]}
        damaged = [name for name, digest in named.items() if _sha256(path / name) != digest]
        _ = manifest["sources"], manifest["statements"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{path}: not a whole release ({error}); run `cfit build`") from error
    if damaged:
        raise ReleaseError(f"{path}: {', '.join(damaged)} changed after the release; remove it and run `cfit build`")
    return Release(path, manifest)


def build(root: Path, releases: Path, say: Callable[[str], None] = lambda _: None) -> Release:
    """Validate the sources under ``root`` and publish them as a new release; return the present one if unchanged.

    ``say`` is told each step.

    Raises:
        SourceError: if a source cannot be parsed.
        DoesNotConform: if a rule that blocks publishing is broken; carries the report.
        ReleaseError: if the folder cannot be written, or the sources change meanwhile.
    """
    with _alone(releases):
        digest = _digest(root)
        present = _present(releases)
        if present is not None and present.manifest["sources"] == digest:
            return present
        say("Validating")
        report = validate(root)
        if not report.conforms:
            raise DoesNotConform(report)
        say("Writing")
        folder = _write(root, releases, report, digest)
        if _digest(root) != digest:
            shutil.rmtree(folder)
            raise ReleaseError("The sources changed while the release was being built; run `cfit build` again")
        return _publish(releases, folder)


def validate(root: Path, paths: Sequence[Path] = ()) -> validation.Report:
    """Validate the graph under ``root``; with ``paths``, these in it, and report on what they describe only.

    A given file stands for the file of the same name in ``data/``, so that a draft can be judged before it replaces it.

    Raises:
        SourceError: if a file cannot be parsed.
    """
    names = {path.name for path in paths}
    around = [path for path in sources(root) if path.name not in names or path.parent.name != "data"]
    about = {subject for path in paths for subject, _, _ in source.statements(path)} if paths else None
    shapes = source.merge(map(source.read, source.files(root / "shapes")))
    return validation.validate(validation.Files([*paths, *around]), shapes, root / "shapes", about)


@contextmanager
def _alone(releases: Path) -> Iterator[None]:
    """Let one builder at a time into the folder of releases, and clear away what a killed one left."""
    try:
        releases.mkdir(parents=True, exist_ok=True)
        lock = (releases / ".lock").open("w")
    except OSError as error:
        raise ReleaseError(f"{releases}: releases cannot be written here ({error.strerror})") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in releases.glob(".building-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _digest(root: Path) -> str:
    """Return the SHA-256 of all that decides what a release holds: sources, shapes, derivations, and the program."""
    program = Path(__file__).parent
    named = (program / f"{name}.py" for name in ("ids", "positions", "source"))
    judges = sorted([*named, program / "queries" / "algebra.py", *(program / "validation").glob("*.py")])
    return source.digest([*sources(root), *source.files(root / "shapes"), *queries.paths("derive"), *judges])


def _present(releases: Path) -> Release | None:
    try:
        return current(releases)
    except ReleaseError:
        return None  # a damaged release is replaced by the one being built


def _write(root: Path, releases: Path, report: validation.Report, digest: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=".building-", dir=releases))
    try:
        lines = [*source.nquads(source.dataset(sources(root))), *derivation.derive(EmbeddedStore(sources(root)))]
        contents = {
            GRAPH: "".join(sorted(lines)),
            "report.json": views.as_json(report),
            "report.ttl": views.turtle(report),
        }
        for name, content in contents.items():
            _write_durably(folder / name, content)
        manifest = {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "sources": digest,
            "statements": len(lines),
            "findings": report.counts(),
            "files": {name: _sha256(folder / name) for name in contents},
        }
        _write_durably(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder


def _publish(releases: Path, folder: Path) -> Release:
    version = _next_version(releases)
    folder.chmod(0o755)
    folder.rename(releases / version)
    pointer = releases / ".building-current"
    _write_durably(pointer, version + "\n")
    pointer.replace(releases / "current")
    release = current(releases)
    assert release is not None  # noqa: S101 - just written
    return release


def _next_version(releases: Path) -> str:
    today = datetime.now(UTC).date().isoformat()
    taken = {path.name for path in releases.iterdir()}
    return next(version for number in range(1, len(taken) + 2) if (version := f"{today}.{number}") not in taken)


def _write_durably(path: Path, content: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
