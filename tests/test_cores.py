"""Work shared among processes: what comes to nothing in one of them is done here."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cfit_graph import cores
from tests.hostile.processes import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PARTS = [[1, 2], [3], [4, 5, 6]]


def _end() -> None:
    os._exit(7)


def _be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _raise() -> None:
    raise ValueError("not here")


def _children() -> set[str]:
    """Return the processes that this one started and has not waited for, be they at an end or not."""
    return {child for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()}


def test_things_are_dealt_like_cards() -> None:
    assert cores.dealt(range(7), 3) == [range(0, 7, 3), range(1, 7, 3), range(2, 7, 3)]


def test_parts_are_done_in_processes_of_their_own_and_in_order() -> None:
    def work(part: Sequence[int]) -> tuple[int, int]:
        time.sleep(0.3)  # so that each process is there before another is done
        return os.getpid(), sum(part)

    done = cores.shared(work, PARTS)
    assert [total for _, total in done] == [3, 3, 15]
    assert len({process for process, _ in done}) == 3
    assert os.getpid() in {process for process, _ in done}


def test_things_are_worked_on_beside_the_block_and_what_is_left_after_it(tmp_path: Path) -> None:
    def work(thing: int) -> int:
        (tmp_path / str(thing)).touch()
        return os.getpid()

    with cores.beside(work, range(5), 2) as made:
        eventually(lambda: len(list(tmp_path.iterdir())) == 5, 10)
        assert made == []
    assert len(made) == 5
    assert os.getpid() not in made
    with cores.beside(work, range(5), 1) as made:
        pass
    assert set(made) == {os.getpid()}


@pytest.mark.parametrize("count", [0, 1, 999, 1_000, 1_001, 40_000])
@pytest.mark.parametrize("number", [1, 2])
def test_any_number_of_things_is_done_once_each_and_in_order(count: int, number: int) -> None:
    assert cores.shared(str, range(count), number) == list(map(str, range(count)))


def test_after_an_error_in_the_block_nothing_more_is_begun(tmp_path: Path) -> None:
    def work(thing: int) -> None:
        (tmp_path / str(thing)).touch()
        time.sleep(0.5)

    def fail() -> None:
        with cores.beside(work, range(9), 2):
            eventually((tmp_path / "0").exists, 10)
            _raise()

    before = _children()
    with pytest.raises(ValueError, match="not here"):
        fail()
    assert _children() == before
    assert len(list(tmp_path.iterdir())) < 3


@pytest.mark.parametrize("fails", [_end, _be_killed, _raise])
def test_what_comes_to_nothing_in_a_process_is_done_here(fails: Callable[[], None]) -> None:
    here = os.getpid()

    def work(part: Sequence[int]) -> int:
        if os.getpid() != here:
            fails()
        return sum(part)

    assert cores.shared(work, PARTS) == [3, 3, 15]


def test_what_cannot_be_pickled_is_made_here() -> None:
    def work(part: Sequence[int]) -> Callable[[], int]:
        return lambda: sum(part)

    made = cores.shared(work, PARTS)
    assert [each() for each in made] == [3, 3, 15]


@pytest.mark.parametrize("wrong", [0, 2])
def test_an_error_is_raised_here_and_leaves_no_process(wrong: int) -> None:
    def work(part: Sequence[int]) -> int:
        if part == PARTS[wrong]:
            raise ValueError("this part")
        return sum(part)

    before = _children()
    with pytest.raises(ValueError, match="this part"):
        cores.shared(work, PARTS)
    assert _children() == before


def test_few_things_are_not_shared() -> None:
    assert cores.number(10, few=10) == 1
    assert cores.number(11, few=10) == len(os.sched_getaffinity(0))
