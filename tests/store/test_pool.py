"""The pool of workers: limits, lanes and queue, clients that are slow or leave, and workers that die."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import time
from typing import TYPE_CHECKING

import pytest

from cfit_graph.errors import Overloaded, QueryError, QueryTimedOut, QueryTooCostly, ResultTooLarge, StoreUnavailable
from cfit_graph.store import engine, frames
from cfit_graph.store.pool import WorkerPool
from cfit_graph.store.process import Worker
from cfit_graph.store.workers import StoreProcess, request_for
from tests.hostile import DRIP, ENDLESS, LIGHT_ANSWER, SILENT, STREAM, dense, doubled
from tests.hostile.asking import light, question, run, running, soon, whole
from tests.hostile.processes import (
    PROC,
    busy,
    children,
    cores,
    frozen,
    is_alive,
    kill,
    niceness,
    open_files,
    processor_seconds,
    store_of,
)
from tests.store.conftest import MEMORY

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . FILTER(STRLEN(CONCAT(STR(?a), STR(?d))) > 1000) }"
"""Takes some seconds in little memory, and comes to an end if it is given LIMIT-ed patterns."""
ROWS = "SELECT ?a ?b ?d {{ {{ SELECT * {{ ?a ?p ?b . ?c ?q ?d }} LIMIT {} }} }}"


@pytest.mark.parametrize(
    ("sparql", "limits", "kind"),
    [
        (ENDLESS, {"seconds": 0.3}, QueryTimedOut),
        (ENDLESS, {"seconds": 1}, QueryTimedOut),
        (ENDLESS, {"seconds": 1e-300}, QueryTimedOut),  # no more than the clock can tell, yet not "no limit"
        (DRIP, {"seconds": 1}, QueryTimedOut),  # after its first bytes
        (doubled(30), {}, QueryTooCostly),
        (f"{STREAM} ORDER BY ?b ?d ?a", {}, QueryTooCostly),
        (STREAM, {"result": 1 << 20}, ResultTooLarge),
        (f"{STREAM} LIMIT 2000", {"result": 10_000}, ResultTooLarge),
    ],
)
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_every_limit_ends_a_query_and_nothing_else(
    process: StoreProcess, sparql: str, limits: dict[str, float], kind: type[QueryError], encoding: str
) -> None:
    async def test(pool: WorkerPool) -> None:
        started = time.monotonic()
        with pytest.raises(kind):
            await whole(await pool.ask(question(sparql, encoding=encoding, **limits)))  # type: ignore[arg-type]
        assert time.monotonic() - started < limits.get("seconds", 5) + 1.5
        await light(pool)

    run(process, test)


@pytest.mark.parametrize("sparql", [ENDLESS, SILENT], ids=["counting", "looking"])
@pytest.mark.parametrize("after", [0.05, 0.8], ids=["short", "long"])
def test_a_query_that_nobody_waits_for_ends(process: StoreProcess, pid: int, sparql: str, after: float) -> None:
    async def test(pool: WorkerPool) -> None:
        task = asyncio.create_task(pool.ask(question(sparql)))
        await asyncio.sleep(after)
        assert children(pid)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await soon(lambda: not children(pid), 2)
        assert pool.stopped["abandoned"] == 1
        await light(pool)

    run(process, test)


def test_a_worker_that_stands_still_is_not_waited_for(
    process: StoreProcess, pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is a store process: who connects to one that is frozen is not told."""
    monkeypatch.setattr("cfit_graph.store.run.PATIENT", 0.3)

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        answer = await pool.ask(question(STREAM, seconds=1))
        assert len(children(pid)) == 1
        for asked in (whole(answer), pool.ask(question(seconds=0.4))):
            with frozen(pid, *children(pid)):
                started = time.monotonic()
                with pytest.raises(QueryTimedOut):
                    await asked
                assert time.monotonic() - started < 3
            await soon(lambda: not children(pid))
        assert pool.stopped["died"] == 2
        await light(pool)

    run(process, test)


def test_an_answer_that_is_left_ends_its_worker(process: StoreProcess, pid: int) -> None:
    async def test(pool: WorkerPool) -> None:
        answer = await pool.ask(question(STREAM))
        assert (pool.long, len(children(pid))) == (1, 1)
        answer.stop()
        answer.stop()  # at any time, so twice as well
        await soon(lambda: not children(pid), 2)

    run(process, test)


def test_a_slow_client_costs_neither_time_nor_memory(process: StoreProcess, pid: int) -> None:
    """The worker waits for its client, and is not charged for that; nothing piles up in between."""

    async def test(pool: WorkerPool) -> None:
        answer = await pool.ask(question(ROWS.format(100_000), seconds=1.5))
        (worker,) = children(pid)
        await asyncio.sleep(0.5)  # time to fill what there is between them
        before = processor_seconds(worker)
        await asyncio.sleep(1.5)
        assert processor_seconds(worker) - before < 0.2
        assert (await whole(answer)).count(b"\r\n") == 100_001

    run(process, test)


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_nothing_is_gathered_for_a_client_that_takes_nothing(process: StoreProcess, encoding: str) -> None:
    """One value of 16 MB: it is not more than a few blocks at a time that are on their way."""

    async def test(pool: WorkerPool) -> None:
        sparql = doubled(20).replace("STRLEN(?s20)", "?s20")
        answer = await pool.ask(question(sparql, encoding=encoding))
        sizes = [len(answer.first), *[len(piece) async for piece in answer.pieces()]]
        assert encoding or sum(sizes) > 16 << 20
        assert max(sizes) <= 1 << 20

    run(process, test)


def test_a_long_query_gives_way_and_the_next_does_not(process: StoreProcess, pid: int) -> None:
    async def test(pool: WorkerPool) -> None:
        asked = asyncio.create_task(
            pool.ask(question(HEAVY.replace("?c ?q ?d", "{ SELECT * { ?c ?q ?d } LIMIT 400 }"), seconds=100))
        )
        await soon(lambda: len(children(pid)) == 1)
        (worker,) = children(pid)
        first, *others = sorted(every := os.sched_getaffinity(0))
        await soon(lambda: (set(others) or {first}) in cores(worker))
        assert 19 in niceness(worker)
        await whole(await asked)
        await soon(lambda: set(niceness(worker)) == {0})
        assert all(allowed == every for allowed in cores(worker))
        await light(pool)

    run(process, test)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="the only core is everybody's")
def test_a_query_is_answered_on_the_cores_of_who_asks_until_it_takes_long(process: StoreProcess, pid: int) -> None:
    every = os.sched_getaffinity(0)
    first, *others = sorted(every)

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        (worker,) = children(pid)
        assert all(allowed == {first} for allowed in cores(worker))
        async with running(pool, 1):
            await soon(lambda: any(allowed >= set(others) for allowed in cores(worker)))
        await soon(lambda: not children(pid))

    try:
        os.sched_setaffinity(0, {first})
        run(process, test)
    finally:
        os.sched_setaffinity(0, every)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="the only core is everybody's")
def test_a_long_query_whose_cores_are_taken_may_run_on_the_first(process: StoreProcess, pid: int) -> None:
    others = sorted(os.sched_getaffinity(0))[1:]

    async def test(pool: WorkerPool) -> None:
        async with running(pool, 1):
            (worker,) = children(pid)
            with busy(others):
                await soon(lambda: set(others) not in cores(worker))

    run(process, test)


def test_a_worker_lets_a_process_finish_that_wakes_it(process: StoreProcess, pid: int) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        (worker,) = children(pid)
        threads = [int(task.name) for task in (PROC / str(worker) / "task").iterdir()]
        assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}

    run(process, test)


def test_a_worker_that_cannot_give_it_back_ends_with_its_next_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours, theirs = socket.socketpair()
    worker = Worker(theirs, engine.load([dense(tmp_path)]), MEMORY)
    ended: list[int] = []
    monkeypatch.setattr("os._exit", ended.append)
    request, answers = frames.request(request_for(question())), frames.Requests(ours)
    with ours, theirs:
        for memory, follows in ((0, frames.END), (65 << 20, frames.LAST)):
            monkeypatch.setattr("cfit_graph.store.process.in_memory", lambda memory=memory: memory)
            worker._is_untidy = True
            worker._tidy_up()
            worker._answer(frames.parse_request(request[frames.HEADER.size :]))
            answer = answers.next()
            assert answer
            assert (answer.body, answer.follows) == (LIGHT_ANSWER, follows)
    assert ended == [0]


def test_long_queries_leave_the_short_lane_free(process: StoreProcess) -> None:
    async def test(pool: WorkerPool) -> None:
        async with running(pool, 2) as asked:
            for _ in range(3):
                await asyncio.wait_for(light(pool), 5)
            with pytest.raises(Overloaded, match="2 long queries"):  # one more becomes long, and there is no place
                await pool.ask(question(ENDLESS))
            with pytest.raises(Overloaded):
                await pool.ask(question(STREAM))  # nor for an answer that is large
            assert pool.stopped["crowded_out"] == 2
            assert not any(task.done() for task in asked)
            await light(pool)

    run(process, test)


def test_the_queue_ends(process: StoreProcess) -> None:
    async def test(pool: WorkerPool) -> None:
        first = asyncio.create_task(pool.ask(question(ENDLESS)))
        await soon(lambda: pool.short == 1)
        second = asyncio.create_task(pool.ask(question()))
        await soon(lambda: pool.waiting == 1)
        with pytest.raises(Overloaded, match="1 queries are waiting"):
            await pool.ask(question())
        assert (await second).first == LIGHT_ANSWER  # when the first has become long
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    run(process, test, size=1, queue=1)


def test_waiting_ends_at_the_deadline_of_the_query(process: StoreProcess) -> None:
    async def test(pool: WorkerPool) -> None:
        first = asyncio.create_task(pool.ask(question(ENDLESS)))
        await soon(lambda: pool.short == 1)
        with pytest.raises(Overloaded, match=r"within 0\.1 s"):
            await pool.ask(question(seconds=0.1))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await light(pool)

    run(process, test, size=1)


def test_who_stops_waiting_leaves_the_queue(process: StoreProcess) -> None:
    async def test(pool: WorkerPool) -> None:
        first = asyncio.create_task(pool.ask(question(ENDLESS)))
        await soon(lambda: pool.short == 1)
        waiting = asyncio.create_task(pool.ask(question()))
        await soon(lambda: pool.waiting == 1)
        for task in (waiting, first):
            task.cancel()
        await asyncio.gather(waiting, first, return_exceptions=True)
        await light(pool)

    run(process, test, size=1)


def test_a_place_that_is_free_belongs_to_who_has_waited(process: StoreProcess) -> None:
    async def test() -> None:
        pool = WorkerPool(process, 1, 1)
        await pool._enter(5)
        waiting = asyncio.create_task(pool._enter(5))
        await asyncio.sleep(0)
        pool.leave(is_long=False)
        with pytest.raises(Overloaded):
            await pool._enter(0.2)
        await waiting
        assert (pool.short, pool.waiting) == (1, 0)

    asyncio.run(test())


@pytest.mark.parametrize("is_passed_on_first", [False, True])
def test_a_place_is_not_lost_with_who_waited(process: StoreProcess, is_passed_on_first: bool) -> None:
    async def test() -> None:
        pool = WorkerPool(process, 1, 2)
        await pool._enter(5)
        gone, waiting = (asyncio.create_task(pool._enter(5)) for _ in range(2))
        await asyncio.sleep(0)
        if is_passed_on_first:
            pool.leave(is_long=False)
            gone.cancel()
        else:
            gone.cancel()
            pool.leave(is_long=False)
        await asyncio.wait_for(waiting, 1)
        assert gone.cancelled()
        assert (pool.short, pool.waiting) == (1, 0)
        pool.leave(is_long=False)
        assert pool.short == 0

    asyncio.run(test())


@pytest.mark.parametrize("seed", range(20))
def test_no_place_is_lost_or_made_whatever_happens_in_one_moment(process: StoreProcess, seed: int) -> None:
    """Queries come, end, are given up and run out of time, in drawn order and between any two turns of the loop."""
    drawn = random.Random(seed)

    async def stay(pool: WorkerPool) -> None:
        await pool._enter(drawn.choice([0, 1e-9, 0.001, 60]))
        try:
            await asyncio.sleep(drawn.choice([0, 0.0005, 0.001]))
        finally:
            pool.leave(is_long=False)

    async def test() -> None:
        pool = WorkerPool(process, drawn.randint(1, 3), drawn.randint(0, 5))
        tasks: list[asyncio.Task[None]] = []
        for _ in range(100):
            tasks.append(asyncio.create_task(stay(pool)))
            if drawn.random() < 0.3:
                drawn.choice(tasks).cancel()
            await asyncio.sleep(drawn.choice([0, 0, 0, 0.0007]))
            assert pool.short <= pool._size
            assert pool.short == pool._size or not pool.waiting
        for error in await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10):
            assert error is None or isinstance(error, Overloaded | asyncio.CancelledError)
        assert (pool.short, pool.waiting) == (0, 0)

    asyncio.run(test())


def test_no_more_idle_workers_are_kept_than_a_lane_has_places(process: StoreProcess) -> None:
    async def test() -> None:
        pool = WorkerPool(process, 2, 0)
        lines = [await pool.connect() for _ in range(3)]
        for line in lines:
            pool.keep(line)
        await soon(lambda: [line.lost for line in lines] == [False, False, True])
        pool.close()

    asyncio.run(test())


def test_workers_that_died_while_idle_are_replaced(process: StoreProcess, pid: int) -> None:
    async def test(pool: WorkerPool) -> None:
        await asyncio.gather(light(pool), light(pool))
        kill(*children(pid))  # known before or after the loop sees it: both must do
        await asyncio.gather(light(pool), light(pool))
        kill(*children(pid))
        await asyncio.sleep(0.1)
        await light(pool)
        assert pool.stopped["died"] == 0

    run(process, test)


@pytest.mark.parametrize("sparql", [ENDLESS, STREAM], ids=["computing", "giving"])
def test_a_worker_that_dies_at_work_is_a_clear_error(process: StoreProcess, pid: int, sparql: str) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)  # so that the worker is not new
        asked = asyncio.create_task(pool.ask(question(sparql)))
        await soon(lambda: pool.long == 1)  # before then it would be taken for idle, and the query asked again
        kill(*children(pid))
        with pytest.raises(QueryTooCostly):
            await whole(await asked)
        assert pool.stopped["died"] == 1
        await light(pool)

    run(process, test)


def test_a_store_process_that_died_is_started_again_by_one_of_many(data: Path) -> None:
    process = StoreProcess([data], MEMORY)

    async def test(pool: WorkerPool) -> None:
        first = store_of(process)
        async with running(pool, 1) as (long,):
            kill(first)
            await soon(lambda: not is_alive(first))
            await asyncio.gather(*(light(pool) for _ in range(4)))
            assert not long.done()  # what runs goes on
        assert store_of(process) != first

    run(process, test, size=4, queue=8)
    process.close()


def test_a_store_that_cannot_be_started_is_no_query_that_was_left(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    process = StoreProcess([dense(tmp_path)], MEMORY, str(folder / "store"))

    async def test(pool: WorkerPool) -> None:
        with pytest.raises(StoreUnavailable):
            await pool.ask(question())
        assert pool.stopped["abandoned"] == 0

    run(process, test)
    process.close()


def test_two_pools_share_a_store_process(data: Path, tmp_path: Path) -> None:
    one, other = (StoreProcess([data], MEMORY, str(tmp_path / "store")) for _ in range(2))

    async def test(pool: WorkerPool) -> None:
        second = WorkerPool(other, 2, 2)
        async with running(second, 2):
            await light(pool)  # the lanes of one are not those of the other
            assert len(children(store_of(one))) >= 3
            one.close()
            await light(second)  # which starts it again
        second.close()

    run(one, test)
    other.close()


def test_nothing_is_left_behind_by_fifty_that_were_stopped(process: StoreProcess, pid: int) -> None:
    async def stopped(pool: WorkerPool, number: int) -> None:
        with pytest.raises((QueryError, TimeoutError)):
            async with asyncio.timeout(0.02 if number % 3 else None):
                await pool.ask(question(ENDLESS if number % 2 else doubled(30), seconds=0.03))

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        files = open_files()
        for number in range(50):
            await stopped(pool, number)
        await light(pool)
        await soon(lambda: open_files() <= files)
        await soon(lambda: len(children(pid)) == 1)

    run(process, test)
