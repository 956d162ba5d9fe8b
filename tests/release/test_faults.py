"""A builder that is killed at any step leaves the old release or the new one, whole, and the next one clears up."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.release import STATEMENT, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Publish


@pytest.mark.parametrize(
    ("what", "kinds"),
    [
        ("build", {"unlink", "rmdir", "open", "write", "fsync", "mkdir", "rename"}),
        ("rollback", {"unlink", "rmdir", "open", "write", "fsync", "mkdir", "rename"}),
    ],
)
def test_a_builder_killed_at_any_step(publish: Publish, tiny: Path, what: str, kinds: set[str]) -> None:
    for name in "AB":
        publish(STATEMENT.format("a", name))
    write(tiny, STATEMENT.format("a", "C" if what == "build" else "B"))
    left = tiny / "releases" / ".building" / "dump" / "cfit.nq.gz"
    left.parent.mkdir(parents=True)
    left.write_text("what an earlier one left")
    command = [sys.executable, "-m", "tests.release.faults", str(tiny), what]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)
    assert steps.keys() == kinds
    assert steps["rename"] == 1
    assert steps["fsync"] > steps["open"]
