"""A release while it is being written: all of it is on the disk before it has its name."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PREFIX = ".building"
"""What the names of unfinished folders begin with."""


class Draft:
    """A folder that becomes a release when it is renamed, with the SHA-256 (hex) and the size of each file in it.

    Used in a ``with`` statement, it leaves nothing behind unless it was published.
    """

    def __init__(self, releases: Path) -> None:
        self.releases = releases
        self._path = releases / PREFIX
        self.files: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        self._path.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file for writing; it is on the disk when the block ends."""
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        self.files[name] = entry(path)

    def write(self, name: str, pieces: Iterable[str]) -> None:
        """Write a file of text."""
        with self.open(name) as file:
            file.writelines(piece.encode() for piece in pieces)

    def copy(self, name: str, original: Path) -> None:
        """Write a file that has the content of another."""
        with self.open(name) as file, original.open("rb") as source:
            shutil.copyfileobj(source, file)

    @contextmanager
    def compress(self, name: str) -> Iterator[gzip.GzipFile]:
        """Open a new file for writing with gzip; the same content gives the same bytes."""
        with self.open(name) as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as compressed:
            yield compressed

    def publish(self, version: str) -> Path:
        """Give the folder its name, which makes it a release, and return its path."""
        for folder in (self._path, *(path for path in self._path.rglob("*") if path.is_dir())):
            _sync(folder)
        path = self._path.rename(self.releases / version)
        _sync(self.releases)
        return path


def entry(path: Path) -> dict[str, Any]:
    """Return what a manifest says of a file: ``{"sha256": …, "bytes": …}``.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"sha256": digest, "bytes": file.tell()}


def _sync(folder: Path) -> None:
    """Flush the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
