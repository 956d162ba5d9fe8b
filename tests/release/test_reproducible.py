"""The same sources give the same bytes, wherever, whenever and in whatever language they are built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cfit_graph import release
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EPOCH = 1_800_000_000
PLACES = {
    "one": {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    "a/folder of another/depth": {"TZ": "America/Los_Angeles", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "2"},
}
COPIED = ("cfit_graph", "ontology", "shapes", "data")


def _copy(place: Path) -> None:
    """Copy the project as it is now, with what is not committed."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, place / folder, ignore=shutil.ignore_patterns("__pycache__"))


def _clone(place: Path) -> None:
    """Clone the project as it is committed, with nothing that git does not know."""
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, place], check=True)


def _start(place: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Build in a copy of the project, by the copy of the program that is in it."""
    more = {"PYTHONPATH": str(place), "SOURCE_DATE_EPOCH": str(EPOCH), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "cfit_graph", "build"],
        cwd=place,
        env=os.environ | environment | more,
        stdout=subprocess.DEVNULL,
    )


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("make", [_copy, _clone])
def test_two_clean_copies_give_the_same_bytes_of_every_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    if make is _clone and not (ROOT / ".git").exists() and os.environ.get("CI") != "true":
        pytest.skip("there is no .git here, so nothing to clone; with CI=true this fails")
    for place in PLACES:
        make(tmp_path / place)
    builders = [_start(tmp_path / place, environment) for place, environment in PLACES.items()]
    assert [builder.wait(timeout=120) for builder in builders] == [0, 0]
    one, other = (_content(tmp_path / place / "releases") for place in PLACES)
    assert len(one) > 50
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []
    made = release.current(tmp_path / "one" / "releases")
    assert made is not None
    assert made.published == datetime.fromtimestamp(EPOCH, UTC)
    assert made.version == "2027-01-15.1"
    assert str(tmp_path) not in "".join(map(str, one.values()))
