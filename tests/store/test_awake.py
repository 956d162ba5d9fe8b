"""Who expects an answer or a question in a moment waits awake for it, alone, not for long, and not on the only core."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pytest

from cfit_graph.store import awake, engine, frames
from cfit_graph.store.awake import Awake
from cfit_graph.store.line import Line
from cfit_graph.store.process import Worker
from cfit_graph.store.workers import request_for
from tests.hostile import ENDLESS, LIGHT, LIGHT_ANSWER, dense
from tests.hostile.asking import MEMORY, light, question, run
from tests.hostile.processes import children, processor_seconds

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.store.pool import WorkerPool
    from cfit_graph.store.run import Run
    from cfit_graph.store.workers import StoreProcess

Expected = list[Callable[[], object]]

LONG: Final = 20.0
TAKEN: Final = 0.004
"""Seconds of others at work on a core that is left to them."""
REQUEST: Final = frames.request(request_for(question()))


@pytest.fixture(autouse=True)
def _calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if another process could run beside this one, none took long, and questions came at once after others."""
    monkeypatch.setattr("cfit_graph.store.pool.has_room", lambda: True)
    monkeypatch.setattr(awake, "AGAIN", LONG)
    monkeypatch.setattr(awake, "LONG", LONG)


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
def expected(monkeypatch: pytest.MonkeyPatch) -> Expected:
    """What event loops stay awake for; they do not here."""
    found: Expected = []
    monkeypatch.setattr(Awake, "stay", lambda _self, _call_soon, is_expected, _seconds: found.append(is_expected))
    return found


def begin(pool: WorkerPool, sparql: str = LIGHT) -> Run:
    begun = pool.begin(question(sparql), lambda: None)
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


class Core:
    """A core on which others work for some seconds when one lets them, and the time."""

    def __init__(self) -> None:
        self.now, self.others, self.left = 100.0, 0.0, 0

    def leave(self) -> None:
        self.left += 1
        self.now += self.others

    def left_by(self, waiting: Awake) -> int:
        """Return how often one who waits awake for a moment leaves it to others."""
        self.left = 0
        waiting.wait(lambda: self.left, awake.QUESTION)
        return self.left


def test_waiting_lets_others_go_first_and_ends_when_it_has_come(yielded: list[None]) -> None:
    started = time.monotonic()
    Awake().wait(lambda: len(yielded) == 5, LONG)
    assert len(yielded) == 5
    assert time.monotonic() - started < LONG


def test_waiting_ends_without_it() -> None:
    started = time.monotonic()
    Awake().wait(lambda: False, 0.05)
    assert 0.05 <= time.monotonic() - started < LONG


def test_a_loop_turns_while_something_is_expected(yielded: list[None]) -> None:
    turns, left = Turns(), [None] * 3
    Awake().stay(turns.call_soon, lambda: left and not left.pop(), LONG)
    assert [turns.turn() for _ in range(5)] == [True, True, True, False, False]
    assert len(yielded) == 3


def test_a_loop_sleeps_when_it_has_turned_for_long() -> None:
    turns, started = Turns(), time.monotonic()
    Awake().stay(turns.call_soon, lambda: True, 0.05)
    while turns.turn():
        assert time.monotonic() - started < LONG
    assert time.monotonic() - started >= 0.05


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Core:
    found = Core()
    monkeypatch.setattr(awake, "LONG", TAKEN / 2)
    monkeypatch.setattr(os, "sched_yield", found.leave)
    monkeypatch.setattr(time, "monotonic", lambda: found.now)
    return found


def test_where_others_often_take_long_nobody_waits_awake_for_a_while(core: Core) -> None:
    waiting = Awake()
    for _ in range(awake.OFTEN):
        core.others = TAKEN
        assert core.left_by(waiting) == 1
    assert core.left_by(waiting) == 0
    core.now += awake.REST / 2
    assert core.left_by(waiting) == 0
    core.now += awake.REST
    assert core.left_by(waiting) == 1


def test_where_they_seldom_do_it_waits(core: Core) -> None:
    waiting, core.others = Awake(), TAKEN
    for _ in range(3 * awake.OFTEN):
        assert core.left_by(waiting) == 1
        core.now += 1 / (awake.OFTEN - 1)


def test_a_loop_does_what_it_has_to_meanwhile() -> None:
    async def test() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        Awake().stay(loop.call_soon, lambda: not done.is_set(), LONG)
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
        timer = threading.Timer(0.05, come)
        timer.start()
        requests.look_out(LONG)
        timer.join()
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


def test_the_only_question_is_followed_by_another(process: StoreProcess, told: list[bytes]) -> None:
    async def test(pool: WorkerPool) -> None:
        await asyncio.gather(*(light(pool) for _ in range(3)))
        told.clear()
        await right(begin(pool))
        await right(*[begin(pool) for _ in range(3)])

    run(process, test, size=3)
    assert told == [frames.SOON, frames.SOON, frames.END, frames.END]


def test_an_answer_is_expected_while_its_question_is_the_only_one(process: StoreProcess, expected: Expected) -> None:
    async def test(pool: WorkerPool) -> None:
        await asyncio.gather(light(pool), light(pool))
        first = begin(pool)
        assert expected[-1]()
        second = begin(pool)
        assert not expected[-1]()
        await right(second)
        assert expected[-1]()
        await right(first)
        assert not expected[-1]()

    run(process, test)


def test_who_leaves_expects_nothing(process: StoreProcess, expected: Expected) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        asked = begin(pool, ENDLESS)
        assert expected[-1]()
        asked.stop()
        assert not expected[-1]()

    run(process, test)


def test_an_answer_is_waited_for_if_the_question_before_was_a_moment_ago(
    process: StoreProcess, told: list[bytes], expected: Expected, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(pool: WorkerPool) -> None:
        for again, waits in ((LONG, 0), (LONG, 1), (0, 1), (LONG, 2)):
            monkeypatch.setattr(awake, "AGAIN", again)
            await light(pool)
            assert len(expected) == waits

    run(process, test)
    assert told == [frames.SOON] * 4


def test_on_the_only_core_nobody_waits_awake(
    process: StoreProcess, told: list[bytes], expected: Expected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfit_graph.store.pool.has_room", lambda: False)

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        await right(begin(pool))

    run(process, test)
    assert told == [frames.END, frames.END]
    assert not expected


@pytest.mark.parametrize(
    ("follows", "moment", "looks_out"),
    [(frames.SOON, LONG, [awake.QUESTION]), (frames.SOON, 0, []), (frames.END, LONG, [])],
    ids=["soon", "soon, but not quick", "not soon"],
)
def test_a_worker_waits_awake_after_a_quick_answer_if_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, follows: bytes, moment: float, looks_out: list[float]
) -> None:
    monkeypatch.setattr("cfit_graph.store.process.MOMENT", moment)
    monkeypatch.setattr(os, "_exit", lambda _code: None)
    waited: list[float] = []
    monkeypatch.setattr(frames.Requests, "look_out", lambda _requests, seconds: waited.append(seconds))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker = Worker(theirs, engine.load([dense(tmp_path)]), MEMORY)
        ours.sendall(frames.request(request_for(question()), follows))
        ours.shutdown(socket.SHUT_WR)
        worker._answer_all()
    assert waited == looks_out


def test_soon_all_sleep(process: StoreProcess, pid: int) -> None:
    """Neither the event loop nor a worker works after the last answer, nor the loop while one is long in coming."""

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        await right(begin(pool))
        (worker,) = children(pid)
        await asyncio.sleep(0.1)
        before = time.process_time() + processor_seconds(worker)
        await asyncio.sleep(1)
        assert time.process_time() + processor_seconds(worker) - before < 0.3
        asked = begin(pool, ENDLESS)
        before = time.process_time()
        await asyncio.sleep(1)
        assert time.process_time() - before < 0.3
        asked.stop()

    run(process, test)
