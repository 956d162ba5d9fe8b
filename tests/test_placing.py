"""Processes that serve together have each its part of the cores, and what they start has all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph import placing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = sorted(os.sched_getaffinity(0))
TAKER = """
import os, subprocess, sys
from pathlib import Path
from cfit_graph import placing
placing.take_part(Path(sys.argv[1]), int(sys.argv[2]))
TELL = [sys.executable, "-c", "import os; print(sorted(os.sched_getaffinity(0)))"]
def told(): return subprocess.run(TELL, capture_output=True, text=True).stdout.strip()
with placing.everywhere(): far = told()
print([sorted(os.sched_getaffinity(0)), far, told()], flush=True)
sys.stdin.read()
"""
"""A process that takes a part, and tells of its cores and of those of processes that it starts."""


@given(cores=st.lists(st.integers(0, 999), min_size=1, unique=True), number=st.integers(1, 50))
def test_parts_are_of_all_and_of_none_twice(cores: list[int], number: int) -> None:
    parts = [placing.part(cores, place, number) for place in range(number)]
    if number <= len(cores):
        assert [core for part in parts for core in part] == cores
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
    else:
        assert {core for part in parts for core in part} == set(cores)
    assert all(parts)


@pytest.mark.parametrize(("cores", "room"), [({3}, False), ({0, 3}, True)])
def test_there_is_room_where_two_can_run(cores: set[int], monkeypatch: pytest.MonkeyPatch, *, room: bool) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: cores)
    assert placing.has_room() == room


class Taker:
    """A process that takes a part while it runs."""

    def __init__(self, folder: Path, number: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", TAKER, str(folder), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.told = self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate()


@pytest.fixture
def takers() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def test_each_takes_a_part_that_is_free(tmp_path: Path, takers: ExitStack) -> None:
    def take() -> Taker:
        taker = Taker(tmp_path, 2)
        takers.callback(taker.end)
        return taker

    first, second, third = take(), take(), take()
    parts = [placing.part(ALL, place, 2) for place in range(2)]
    assert [first.told, second.told] == [str([part, str(ALL), str(part)]) for part in parts]
    assert third.told == str([ALL, str(ALL), str(ALL)])
    first.end()
    assert take().told == first.told


def test_a_part_is_lost_with_its_process_however_it_ends(tmp_path: Path) -> None:
    first = Taker(tmp_path, 2)
    first.process.kill()
    first.end()
    second = Taker(tmp_path, 2)
    second.end()
    assert second.told == first.told


def test_who_follows_has_the_cores_of_who_asks() -> None:
    """In a process of its own, for this one has tests to run."""
    code = (
        "import os, socket; from cfit_graph import placing; here, there = socket.socketpair()\n"
        "every = os.sched_getaffinity(0); asks = os.getpid(); os.sched_setaffinity(0, {min(every)})\n"
        "if os.fork() == 0: os.sched_setaffinity(0, every); print([placing.follow(here) == every, "
        "os.sched_getaffinity(0) == {min(every)}])\n"
        "else: os.wait()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[True, True]\n", done.stderr


def test_who_follows_none_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has ended has no cores."""

    def ended(process: int) -> set[int]:
        if process:
            raise ProcessLookupError
        return set(ALL)

    monkeypatch.setattr(os, "sched_getaffinity", ended)
    here, there = socket.socketpair()
    with here, there:
        assert placing.follow(here) == set(ALL)


def test_who_may_not_choose_runs_where_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd's SystemCallFilter=~@resources forbids it, and a container may lose cores while it runs."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(placing, "_everywhere", set())
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    placing.take_part(tmp_path, 2)
    with placing.everywhere():
        assert sorted(os.sched_getaffinity(0)) == ALL


def test_without_cores_to_choose_nothing_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on other systems than Linux."""
    monkeypatch.setattr(placing, "_HAS_CORES", False)
    placing.take_part(tmp_path, 2)
    assert not list(tmp_path.iterdir())
    here, there = socket.socketpair()
    with here, there, placing.everywhere():
        assert placing.follow(here) == set()
    assert sorted(os.sched_getaffinity(0)) == ALL
