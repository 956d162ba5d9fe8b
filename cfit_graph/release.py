"""Releases: validated, immutable snapshots of the graph, switched to in one step.

``releases/<version>/`` holds ``cfit.nq`` (the graph), ``report.json`` and ``report.ttl`` (its validation) and
``manifest.json``. The file ``releases/current`` holds the version being served. A release is built in a folder of
its own and renamed when complete, so a crash at any point leaves the old one served.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cfit_graph import source, validation
from cfit_graph.errors import DoesNotConform, ReleaseError
from cfit_graph.validation import views

if TYPE_CHECKING:
    from collections.abc import Callable

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
    if not pointer.is_file():
        return None
    path = releases / pointer.read_text("utf-8").strip()
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
        damaged = [name for name, digest in manifest["files"].items() if _sha256(path / name) != digest]
    except (OSError, ValueError, KeyError) as error:
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
    """
    digest = source.digest(sources(root) + source.files(root / "shapes"))
    present = _present(releases)
    if present is not None and present.manifest["sources"] == digest:
        return present
    say("Validating")
    report = validate(root)
    if not report.conforms:
        raise DoesNotConform(report)
    say("Writing")
    releases.mkdir(parents=True, exist_ok=True)
    return _publish(releases, _write(root, releases, report, digest))


def validate(root: Path, paths: list[Path] | None = None) -> validation.Report:
    """Validate ``paths``, or else ``data/``, together with ``ontology/`` by ``shapes/``, all under ``root``.

    Raises:
        SourceError: if a file cannot be parsed.
    """
    wanted = source.files(root / "ontology") + (paths or source.files(root / "data"))
    shapes = source.files(root / "shapes")
    data = source.merge(map(source.read, wanted))
    return validation.validate(data, source.merge(map(source.read, shapes)), root / "shapes")


def _present(releases: Path) -> Release | None:
    try:
        return current(releases)
    except ReleaseError:
        return None  # a damaged release is replaced by the one being built


def _write(root: Path, releases: Path, report: validation.Report, digest: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=".building-", dir=releases))
    try:
        lines = list(source.nquads(source.dataset(sources(root))))
        contents = {GRAPH: "".join(lines), "report.json": views.as_json(report), "report.ttl": views.turtle(report)}
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
    pointer = releases / f".current-{os.getpid()}"
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
