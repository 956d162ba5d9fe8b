"""Quick questions are asked of a worker that is at work, and leave it at once when it does not answer in a moment."""

from __future__ import annotations

import asyncio
import gc
import random
import socket
import time
import weakref
from typing import TYPE_CHECKING, Final

import pytest

from cfit_graph.errors import CfitError, QueryError, QuerySyntaxError
from cfit_graph.store import ahead, frames, line
from tests.hostile import ENDLESS, LIGHT, LIGHT_ANSWER, SILENT, STREAM, doubled
from tests.hostile.asking import light, question, run, soon, whole
from tests.hostile.processes import children, frozen, kill

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cfit_graph.store.pool import WorkerPool
    from cfit_graph.store.run import Run
    from cfit_graph.store.workers import StoreProcess

MOST: Final = 12
"""Questions in these tests; there are as many places."""
BEHIND: Final = line.BEHIND
LARGE: Final = f"{STREAM} LIMIT 3000"
LARGE_ROWS: Final = 3001
SLOW: Final = f"SELECT (COUNT(*) AS ?n) {{ {{ {STREAM} LIMIT 200000 }} FILTER(STRLEN(SHA512(STR(?d))) > 1) }}"
"""Takes some hundredths or tenths of a second."""


@pytest.fixture(autouse=True)
def _one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if one worker could run at a time, however many cores there are, and there was time, however busy they are."""
    monkeypatch.setattr("cfit_graph.store.ahead.others", lambda: 1)
    monkeypatch.setattr(line, "BEHIND", 5)
    monkeypatch.setattr("cfit_graph.store.run.BEHIND", 5)
    monkeypatch.setattr(ahead, "FRESH", 5)


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> float:
    """The seconds in which a worker is to answer, as they are."""
    monkeypatch.setattr(line, "BEHIND", BEHIND)
    monkeypatch.setattr("cfit_graph.store.run.BEHIND", BEHIND)
    return BEHIND


class NoWorker(Exception):
    """No worker is to be had at once."""


class Client:
    """Asks as connections do: directly, and goes on as a request if what comes is not a whole answer."""

    def __init__(self, pool: WorkerPool, sparql: str = LIGHT, *, is_quick: bool = True) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.has_moved = False
        self._task: asyncio.Task[None] | None = None
        begun = pool.begin(question(sparql), self._then, is_quick=is_quick)
        if begun is None:
            raise NoWorker
        self.run: Run = begun

    def _then(self) -> None:
        if self.has_moved or self.answer.done():
            return
        if found := self.run.whole():
            self.answer.set_result(found.first)
        else:
            self.go_on()

    def go_on(self) -> None:
        self.has_moved = True
        self._task = asyncio.create_task(self._rest())

    async def _rest(self) -> None:
        try:
            self.answer.set_result(await whole(await self.run.answer()))
        except CfitError as error:
            self.answer.set_exception(error)

    def leave(self) -> None:
        self.has_moved = True
        self.run.stop()


async def right(*clients: Client) -> None:
    """Check that each has the answer of a light question."""
    assert [await asyncio.wait_for(client.answer, 20) for client in clients] == [LIGHT_ANSWER] * len(clients)


def tried(process: StoreProcess, test: Callable[[WorkerPool], Awaitable[None]]) -> None:
    """Run a test with as many places as any of them asks questions."""
    run(process, test, size=MOST)


def test_one_worker_answers_many_in_their_order(process: StoreProcess, pid: int) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        clients = [Client(pool) for _ in range(ahead.DEPTH)]
        order: list[asyncio.Future[bytes]] = []
        for client in clients:
            client.answer.add_done_callback(order.append)
        await right(*clients)
        await soon(lambda: len(order) == ahead.DEPTH)
        assert order == [client.answer for client in clients]
        assert not any(client.has_moved for client in clients)
        assert len(children(pid)) == 1
        assert len(pool._idle) == 1

    tried(process, test)


def test_a_worker_has_so_many_before_it_and_not_more(process: StoreProcess, pid: int) -> None:
    async def test(pool: WorkerPool) -> None:
        await asyncio.gather(light(pool), light(pool))
        clients = [Client(pool) for _ in range(ahead.DEPTH + 1)]
        assert sorted(worker.depth for worker in pool._ahead._workers) == [1, ahead.DEPTH]
        assert pool.begin(question(), lambda: None, is_quick=False) is None  # no worker is idle
        await right(*clients)
        assert len(children(pid)) == 2

    tried(process, test)


def test_as_many_workers_as_cores_are_asked_before_one_is_asked_ahead(
    process: StoreProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfit_graph.store.ahead.others", lambda: 3)

    async def test(pool: WorkerPool) -> None:
        await asyncio.gather(*(light(pool) for _ in range(4)))
        clients = [Client(pool) for _ in range(5)]
        assert sorted(worker.depth for worker in pool._ahead._workers) == [1, 2, 2]
        await right(*clients)

    tried(process, test)


def test_who_was_not_quick_is_neither_asked_ahead_nor_has_others_behind(process: StoreProcess, pid: int) -> None:
    async def test(pool: WorkerPool) -> None:
        await asyncio.gather(light(pool), light(pool), light(pool))
        clients = [Client(pool, is_quick=is_quick) for is_quick in (False, True, False)]
        await right(*clients)
        assert not any(client.has_moved for client in clients)
        assert len(children(pid)) == 3

    tried(process, test)


@pytest.mark.parametrize(
    ("sparql", "is_quick"), [("SELECT * {}", True), ("SELECT * { <http://x/1> ?p ?o } LIMIT 5", True), (SLOW, False)]
)
def test_the_worker_tells_what_took_but_a_moment(process: StoreProcess, sparql: str, is_quick: bool) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        client = Client(pool, sparql)
        await asyncio.wait_for(client.answer, 20)
        assert client.run.was_quick == is_quick

    tried(process, test)


@pytest.mark.parametrize("sparql", [ENDLESS, SILENT, SLOW], ids=["counting", "looking", "slow"])
def test_who_is_behind_a_long_query_is_not_kept_waiting(process: StoreProcess, behind: float, sparql: str) -> None:
    async def test(pool: WorkerPool) -> None:
        await asyncio.gather(light(pool), light(pool))
        first = Client(pool, sparql)
        began = time.monotonic()
        others = [Client(pool) for _ in range(4)]
        await right(*others)
        assert time.monotonic() - began < 2 * behind + 1
        assert all(other.has_moved for other in others)
        assert not first.answer.done() or sparql == SLOW
        if sparql == SLOW:
            assert await asyncio.wait_for(first.answer, 20) == b"n\r\n200000\r\n"
        else:
            first.leave()
        assert pool.stopped["died"] == 0
        await light(pool)

    tried(process, test)


@pytest.mark.parametrize("number", [1, 3])
def test_what_is_wrong_or_large_concerns_no_other(process: StoreProcess, number: int) -> None:
    async def test(pool: WorkerPool) -> None:
        for sparql in ("SELECT * {", "SELECT (<http://x/f>(1) AS ?n) {}", LARGE, doubled(30)):
            await light(pool)
            clients = [Client(pool, it) for it in (*[LIGHT] * number, sparql, *[LIGHT] * number)]
            odd = clients.pop(number)
            await right(*clients)
            if sparql == LARGE:
                assert (await asyncio.wait_for(odd.answer, 20)).count(b"\r\n") == LARGE_ROWS
            else:
                with pytest.raises(QueryError):
                    await asyncio.wait_for(odd.answer, 20)
        assert pool.stopped["died"] == 1  # by the text that doubles
        assert pool.stopped["abandoned"] == 0

    tried(process, test)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("goes_on", [False, True], ids=["leaves", "goes on as a request"])
def test_who_leaves_or_goes_on_takes_nobody_along(
    process: StoreProcess, pid: int, place: int, *, goes_on: bool
) -> None:
    """Who goes on, as when more arrives on the connection, has the answer of the same worker."""

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        clients = [Client(pool) for _ in range(4)]
        odd = clients.pop(place)
        odd.go_on() if goes_on else odd.leave()
        await right(*clients, *([odd] if goes_on else []))
        await soon(lambda: pool.short == 0)
        assert not any(client.has_moved for client in clients)
        assert len(children(pid)) == len(pool._idle) == 1
        assert pool.stopped.total() == 0

    tried(process, test)


@pytest.mark.usefixtures("behind")
def test_a_long_query_that_nobody_waits_for_ends_and_its_worker_is_not_asked_again(
    process: StoreProcess, pid: int
) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        (worker,) = children(pid)
        first, second = Client(pool, ENDLESS), Client(pool)
        first.leave()
        await right(second)
        await soon(lambda: worker not in children(pid))
        assert pool.stopped["abandoned"] == 1
        await right(Client(pool))

    tried(process, test)


def test_the_end_of_a_pool_ends_what_nobody_waits_for(process: StoreProcess, pid: int) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        for client in [Client(pool, ENDLESS), Client(pool)]:
            client.leave()
        pool.close()
        await soon(lambda: pool.short == 0 and not children(pid))

    tried(process, test)


@pytest.mark.usefixtures("behind")
def test_a_loop_that_was_held_up_looks_at_what_has_come_first(process: StoreProcess, pid: int) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        clients = [Client(pool) for _ in range(4)]
        await asyncio.sleep(0)
        time.sleep(3 * BEHIND)
        await right(*clients)
        assert not any(client.has_moved for client in clients)
        assert len(children(pid)) == 1

    tried(process, test)


def test_a_worker_that_has_been_at_a_question_for_long_is_not_asked_another(
    process: StoreProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "FRESH", 0.005)

    async def test(pool: WorkerPool) -> None:
        await asyncio.gather(light(pool), light(pool))
        first = Client(pool, ENDLESS)
        await asyncio.sleep(2 * ahead.FRESH)
        second = Client(pool)
        assert first.run._line is not second.run._line
        await right(second)
        first.leave()

    tried(process, test)


def test_nothing_is_left_for_the_collector_of_garbage(process: StoreProcess) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        asked = weakref.ref(Client(pool))
        client = asked()
        assert client
        await right(client)
        del client
        assert asked() is None

    gc.disable()
    try:
        tried(process, test)
    finally:
        gc.enable()


def test_an_error_in_a_callback_gives_nobody_the_answer_of_another(process: StoreProcess) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        clients = [Client(pool, f"SELECT ({number} AS ?n) {{}}") for number in range(3)]
        clients[0].run._then = lambda: exec("raise ValueError")
        assert await asyncio.wait_for(clients[1].answer, 20) == b"n\r\n1\r\n"
        assert await asyncio.wait_for(clients[2].answer, 20) == b"n\r\n2\r\n"
        clients[0].run._then = lambda: None
        clients[0].leave()

    tried(process, test)


@pytest.mark.usefixtures("behind")
def test_a_worker_that_dies_or_stands_still_is_left_by_all(
    process: StoreProcess, pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfit_graph.store.run.AT_ONCE", 5)  # however busy the cores are

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        with frozen(*children(pid)):
            clients = [Client(pool) for _ in range(4)]
            await right(*clients[1:])
            clients[0].leave()
        await light(pool)
        for worker in children(pid):
            with frozen(worker):
                clients = [Client(pool) for _ in range(4)]
                kill(worker)
            await right(*clients)
        assert pool.stopped["died"] == 0

    tried(process, test)


@pytest.mark.parametrize("is_last", [True, False], ids=["the last", "part"])
def test_those_behind_are_sent_away_before_the_worker_is_known_to_have_gone(
    process: StoreProcess, is_last: bool
) -> None:
    """Of a new worker that died, a query would be told that it costs too much."""
    first = frames.frame(frames.PLAIN, frames.LAST if is_last else frames.MORE, LIGHT_ANSWER)

    async def test(pool: WorkerPool) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        _, new = await asyncio.get_running_loop().create_unix_connection(line.Line, sock=ours)
        pool.keep(new)
        clients = [Client(pool) for _ in range(4)]
        with theirs:
            theirs.sendall(first)
            await soon(lambda: new.depth == 0)
            if not is_last:
                theirs.sendall(frames.frame(frames.PLAIN, frames.END, b""))
            await right(*clients)
        assert pool.stopped.total() == 0

    tried(process, test)


class Crowd:
    """Questions of all kinds that come, leave and go on in drawn order, each with an answer of its own."""

    def __init__(self, seed: int) -> None:
        self.drawn = random.Random(seed)
        self.asked: list[tuple[bytes, Client]] = []
        self.left: set[Client] = set()

    async def come(self, pool: WorkerPool, number: int) -> None:
        """Ask a question as soon as a worker is to be had."""
        kind = self.drawn.random()
        sparql, expected = f"SELECT ({number} AS ?n) {{}}", number
        if kind < 0.05:
            sparql, expected = SLOW.replace("200000", str(20_000 + number)), 20_000 + number
        elif kind < 0.1:
            sparql = f"SELECT ({number} AS ?n) {{"
        is_quick, client = self.drawn.random() < 0.9, None
        while client is None:
            try:
                client = Client(pool, sparql, is_quick=is_quick)
            except NoWorker:
                await (asyncio.sleep(0.001) if pool._is_full() else light(pool))
        self.asked.append((f"n\r\n{expected}\r\n".encode(), client))

    def leave(self) -> None:
        """Have one leave that waits."""
        client = self.drawn.choice(self.asked)[1]
        if not (client.answer.done() or client.has_moved):
            client.leave()
            self.left.add(client)

    async def check(self) -> int:
        """Return how many have the right answer; the others left, or asked what is no query."""
        answers = [(expected, client.answer) for expected, client in self.asked if client not in self.left]
        found = await asyncio.wait_for(asyncio.gather(*(it for _, it in answers), return_exceptions=True), 60)
        errors = [it for it in found if isinstance(it, BaseException)]
        assert all(isinstance(error, QuerySyntaxError) for error in errors), errors
        whole_ones = [(expected, it) for (expected, _), it in zip(answers, found, strict=True) if isinstance(it, bytes)]
        assert all(expected == it for expected, it in whole_ones)
        return len(whole_ones)


@pytest.mark.usefixtures("behind")
@pytest.mark.parametrize("seed", range(12))
def test_every_question_has_its_own_answer_whatever_happens(process: StoreProcess, seed: int) -> None:
    crowd = Crowd(seed)

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        for number in range(150):
            await crowd.come(pool, number)
            if crowd.drawn.random() < 0.1:
                crowd.leave()
            if crowd.drawn.random() < 0.4:
                await asyncio.sleep(crowd.drawn.choice([0, 0.0005, 0.002]))
        assert await crowd.check() > 80
        assert pool.stopped["died"] == 0

    tried(process, test)
