"""Who expects an answer or a question in a moment waits awake for it, alone, not for long, and not on the only core."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

import pytest

from cfit_graph.store import awake, frames
from cfit_graph.store.line import Line
from cfit_graph.store.workers import request_for
from tests.hostile import ENDLESS, LIGHT_ANSWER
from tests.hostile.asking import light, question, run
from tests.hostile.processes import children

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.store.pool import WorkerPool
    from cfit_graph.store.run import Run
    from cfit_graph.store.workers import StoreProcess

LONG: Final = 20.0
REQUEST: Final = frames.request(request_for(question()))


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if another process could run beside this one, however many cores there are."""
    monkeypatch.setattr("cfit_graph.store.pool.has_room", lambda: True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What workers are told follows each request."""
    follows: list[bytes] = []
    send = Line.send

    def noted(line: Line, request: bytes) -> None:
        frame = frames.first(request)
        assert frame
        follows.append(frame.follows)
        send(line, request)

    monkeypatch.setattr(Line, "send", noted)
    return follows


@pytest.fixture
def expected(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What event loops stay awake for; they do not here."""
    found: list[Callable[[], object]] = []
    monkeypatch.setattr(awake, "stay", lambda _call_soon, is_expected, _seconds: found.append(is_expected))
    return found


def begin(pool: WorkerPool, sparql: str = "", *, is_quick: bool = True) -> Run:
    begun = pool.begin(question(sparql) if sparql else question(), lambda: None, is_quick=is_quick)
    assert begun
    return begun


async def right(*asked: Run) -> None:
    for begun in asked:
        assert (await begun.answer()).first == LIGHT_ANSWER


class Turns:
    """An event loop that turns when it is told to."""

    def __init__(self) -> None:
        self.due: deque[Callable[[], None]] = deque()

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.due.append(callback)

    def turn(self) -> bool:
        """Do what is due, and tell whether there is more by then."""
        for callback in [self.due.popleft() for _ in range(len(self.due))]:
            callback()
        return bool(self.due)


@pytest.fixture
def yielded(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One for each time that the processor was left to others."""
    found: list[None] = []
    monkeypatch.setattr(os, "sched_yield", lambda: found.append(None))
    return found


def test_waiting_lets_others_go_first_and_ends_when_it_has_come(yielded: list[None]) -> None:
    started = time.monotonic()
    awake.wait(lambda: len(yielded) == 5, LONG)
    assert len(yielded) == 5
    assert time.monotonic() - started < LONG


def test_waiting_ends_without_it() -> None:
    started = time.monotonic()
    awake.wait(lambda: False, 0.05)
    assert 0.05 <= time.monotonic() - started < LONG


def test_a_loop_turns_while_something_is_expected(yielded: list[None]) -> None:
    turns, left = Turns(), [None] * 3
    awake.stay(turns.call_soon, lambda: left and not left.pop(), LONG)
    assert [turns.turn() for _ in range(5)] == [True, True, True, False, False]
    assert len(yielded) == 3


def test_a_loop_sleeps_when_it_has_turned_for_long() -> None:
    turns, started = Turns(), time.monotonic()
    awake.stay(turns.call_soon, lambda: True, 0.05)
    while turns.turn():
        assert time.monotonic() - started < LONG
    assert time.monotonic() - started >= 0.05


def test_a_loop_does_what_it_has_to_meanwhile() -> None:
    async def test() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        awake.stay(loop.call_soon, lambda: not done.is_set(), LONG)
        loop.call_later(0.02, done.set)
        async with asyncio.timeout(LONG / 2):
            await done.wait()

    asyncio.run(test())


@pytest.mark.parametrize("sent", [REQUEST, b""], ids=["a request", "the end"])
def test_a_worker_looks_out_for_what_comes(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    requests = frames.Requests(ours)

    def come() -> None:
        theirs.sendall(sent)
        theirs.shutdown(socket.SHUT_WR)

    with ours, theirs:
        started = time.monotonic()
        requests.look_out(0.02)
        assert time.monotonic() - started >= 0.02
        threading.Timer(0.05, come).start()
        requests.look_out(LONG)
        assert 0.05 <= time.monotonic() - started < LONG
        assert bool(requests.next()) == bool(sent)


def test_a_worker_that_has_the_next_request_does_not_look_out() -> None:
    ours, theirs = socket.socketpair()
    requests = frames.Requests(ours)
    with ours, theirs:
        theirs.sendall(REQUEST * 2)
        assert requests.next()
        started = time.monotonic()
        requests.look_out(LONG)
        assert time.monotonic() - started < LONG
        assert requests.next()


def test_one_quick_question_is_waited_for(process: StoreProcess, told: list[bytes]) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        await right(begin(pool))
        await right(begin(pool, is_quick=False))
        await right(begin(pool))

    run(process, test)
    assert told == [frames.END, frames.SOON, frames.END, frames.SOON]


def test_several_are_not(process: StoreProcess, told: list[bytes], expected: list[Callable[[], object]]) -> None:
    async def test(pool: WorkerPool) -> None:
        await asyncio.gather(light(pool), light(pool))
        first = begin(pool)
        (is_expected,) = expected
        assert is_expected()
        second = begin(pool)
        assert not is_expected()
        await right(first, second)
        await right(begin(pool))

    run(process, test)
    assert told == [frames.END, frames.END, frames.SOON, frames.END, frames.SOON]
    assert len(expected) == 2


def test_an_answer_is_expected_until_it_is_here(process: StoreProcess, expected: list[Callable[[], object]]) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        asked = begin(pool)
        assert expected[-1]()
        await right(asked)
        assert not expected[-1]()

    run(process, test)


def test_who_leaves_expects_nothing(process: StoreProcess, expected: list[Callable[[], object]]) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        asked = begin(pool, ENDLESS)
        assert expected[-1]()
        asked.stop()
        assert not expected[-1]()

    run(process, test)


def test_on_the_only_core_nobody_waits_awake(
    process: StoreProcess, told: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfit_graph.store.pool.has_room", lambda: False)

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        await right(begin(pool))

    run(process, test)
    assert told == [frames.END, frames.END]


def test_soon_all_sleep(process: StoreProcess, pid: int) -> None:
    """Neither the event loop nor a worker works after the last answer, nor the loop while one is long in coming."""

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        await right(begin(pool))
        (worker,) = children(pid)
        await asyncio.sleep(0.1)
        before = time.process_time() + _worked(worker)
        await asyncio.sleep(1)
        assert time.process_time() + _worked(worker) - before < 0.3
        asked = begin(pool, ENDLESS)
        before = time.process_time()
        await asyncio.sleep(1)
        assert time.process_time() - before < 0.3
        asked.stop()

    run(process, test)


def _worked(process: int) -> float:
    """Return the seconds of processor time that a process has taken."""
    return time.clock_gettime(~process << 3 | 2)  # its clock, as clock_getcpuclockid gives it
