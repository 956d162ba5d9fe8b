"""Kills a builder at each step that it takes on the disk: ``python -m tests.release.faults ROOT build|rollback``.

ROOT holds sources and, in ``releases/``, what was published before. For n = 1, 2, … a process of its own builds, or
rolls back, and kills itself (SIGKILL) in the place of its n-th step: before a file is opened, half way through a write,
before it is flushed, before a folder is made, a name is given or taken. After each death the folder of releases is
looked at, and a next builder has its turn. Ends when a builder lives; then tells the steps by kind as JSON.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rdflib import Graph

from cfit_graph import release, validation
from cfit_graph.release import builder
from tests.release import replayed

if TYPE_CHECKING:
    from collections.abc import Callable

RELEASES = "releases"


class Killer:
    """Counts steps, and kills this process at one of them."""

    def __init__(self, at: int, told: int) -> None:
        self.at, self.told, self.steps = at, told, 0

    def step(self, kind: str) -> bool:
        """Count a step, tell its kind, and return whether it is the last."""
        self.steps += 1
        os.write(self.told, f"{kind}\n".encode())
        return self.steps == self.at

    def before(self, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return what dies in the place of a call."""

        def killing(*args: Any, **kwargs: Any) -> Any:
            if self.step(kind):
                _die()
            return call(*args, **kwargs)

        return killing

    def open(self, path: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """Open a file; those for writing are written by :class:`_Killing`."""
        if "b" not in mode or "r" in mode:
            return _OPEN(path, mode, *args, **kwargs)
        if self.step("open"):
            _die()
        return io.BufferedWriter(_Killing(self, str(path), mode))

    def arm(self) -> None:
        """Put this in the place of what writes to the disk."""
        for name in ("fsync", "mkdir", "rename", "unlink", "rmdir"):
            setattr(os, name, self.before(name, getattr(os, name)))
        io.open = self.open  # type: ignore[assignment]


class _Killing(io.FileIO):
    """A file that dies half way through a write."""

    def __init__(self, killer: Killer, path: str, mode: str) -> None:
        super().__init__(path, mode.replace("b", ""))
        self.killer = killer

    def write(self, data: Any) -> int:
        if self.killer.step("write"):
            super().write(bytes(data)[: len(data) // 2])
            _die()
        return super().write(data) or 0


_OPEN = io.open


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def publish(root: Path, what: str) -> None:
    """Build or roll back."""
    if what == "build":
        release.build(root, root / RELEASES)
    else:
        release.rollback(root / RELEASES)


def in_child(work: Callable[[], None]) -> bool:
    """Do work in a process of its own and return whether it was killed."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told by the exit code, and on standard error
            sys.stderr.write(repr(error))
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def attempt(root: Path, what: str, at: int) -> tuple[bool, list[str]]:
    """Publish in a process that dies at a step; return whether it died, and the kinds of the steps taken."""
    reading, writing = os.pipe()

    def armed() -> None:
        Killer(at, writing).arm()
        publish(root, what)

    died = in_child(armed)
    os.close(writing)
    with os.fdopen(reading) as told:
        return died, told.read().split()


def check(root: Path, before: release.Release, kinds: list[str]) -> None:
    """Whatever has the name of a release is whole; the current one is the old one, or the new one."""
    found = release.versions(root / RELEASES)
    assert [version for version in found if release.verify(root / RELEASES / version)] == [], kinds
    current = release.current(root / RELEASES)
    assert current is not None
    assert before.version in {current.version, current.previous}, kinds


def check_next(root: Path, what: str, kinds: list[str]) -> None:
    """The next builder publishes, and leaves nothing behind."""
    current = release.current(root / RELEASES)
    assert current is not None
    if what == "build" or not current.restores:
        assert not in_child(lambda: publish(root, what))
    current = release.current(root / RELEASES)
    assert current is not None
    names = {path.name for path in (root / RELEASES).iterdir()}
    assert names == {".lock", *release.versions(root / RELEASES)}, kinds
    assert replayed(release.history(current)) == list(current.lines)


def main(root: Path, what: str) -> None:
    """Kill at every step."""
    builder.validate = lambda *_: validation.Report(Graph())
    kept = root / "kept"
    shutil.copytree(root / RELEASES, kept)
    before = release.current(root / RELEASES)
    assert before is not None
    died, kinds, at = True, [""], 0
    while died:
        at += 1
        shutil.rmtree(root / RELEASES)
        shutil.copytree(kept, root / RELEASES)
        died, kinds = attempt(root, what, at)
        check(root, before, kinds)
        check_next(root, what, kinds)
    sys.stdout.write(json.dumps(Counter(kinds)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
