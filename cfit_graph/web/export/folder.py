"""The folder of a copy while it is being written: it has its name when everything is in it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import unquote

from cfit_graph.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

_MARK: Final = ".cfit-site"
"""A file by which a copy is known, so that nothing else is replaced."""


class Folder:
    """A folder that takes its place when it is published.

    Used in a ``with`` statement, it leaves nothing behind unless it was.

    Raises:
        SourceError: if there is something else at its place, or it cannot be written.
    """

    def __init__(self, target: Path) -> None:
        self._target = target.absolute()
        self._beside = self._target.with_name(f".{target.name}.new")
        self._old = self._target.with_name(f".{target.name}.old")
        self._files = 0

    def __enter__(self) -> Self:
        try:
            if self._target.exists() and not self._may_be_replaced():
                raise SourceError(
                    self._target, "is there, and is no copy of the site; name a folder that does not exist"
                )
            for left in (self._beside, self._old):  # by one that was killed
                shutil.rmtree(left, ignore_errors=True)
            self._beside.mkdir()
        except OSError as error:
            raise SourceError.from_system(self._target, error) from None
        self.write(f"/{_MARK}", b"")
        self.write("/.nojekyll", b"")  # or GitHub Pages leaves out .well-known
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._beside, ignore_errors=True)

    def _may_be_replaced(self) -> bool:
        return self._target.is_dir() and ((self._target / _MARK).exists() or not any(self._target.iterdir()))

    def write(self, path: str, content: bytes) -> None:
        """Write the file at the path of an address.

        Raises:
            SourceError: if it cannot be written, or leads out of the folder.
        """
        file = self._beside / unquote(path).removeprefix("/")
        if ".." in file.parts:
            raise SourceError(file, "leads out of the folder")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as written:
                written.write(content)
        except OSError as error:
            raise SourceError.from_system(file, error) from None
        self._files += 1

    def publish(self) -> int:
        """Put the folder in its place, and return how many files are in it.

        Raises:
            SourceError: if it cannot be put there; what was there stays.
        """
        try:
            if self._target.exists():
                self._target.rename(self._old)
            self._beside.rename(self._target)
        except OSError as error:
            if self._old.exists() and not self._target.exists():
                self._old.rename(self._target)
            raise SourceError.from_system(self._target, error) from None
        shutil.rmtree(self._old, ignore_errors=True)
        return self._files
