"""Any store asked in threads: order, errors, the end of its queue, and clients that leave."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from cfit_graph.errors import CfitError, Overloaded, QueryTimedOut, StoreUnavailable
from cfit_graph.store.threads import ThreadAsker
from tests.hostile.asking import question, soon, whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator


class FakeStore:
    """Gives the pieces it was made with; an error among them is raised, and an event is waited for."""

    def __init__(self, *pieces: bytes | Exception | threading.Event) -> None:
        self.begun = self.closed = 0
        self._pieces = pieces

    def query(self, *_: object, **__: object) -> Iterator[bytes]:
        self.begun += 1
        try:
            for piece in self._pieces:
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, bytes):
                    yield piece
                else:
                    piece.wait(10)
        finally:
            self.closed += 1


def _run(store: FakeStore, test: Callable[[ThreadAsker], Awaitable[None]], size: int = 1, queue: int = 1) -> None:
    async def within() -> None:
        asker = ThreadAsker(store, size, queue)
        try:
            async with asyncio.timeout(20):
                await test(asker)
        finally:
            asker.close()

    asyncio.run(within())


@pytest.mark.parametrize(
    "sizes", [[], [0], [1], [3, 4, 5], [1 << 16], [1 << 16, 1], [100_000, 100_000, 7], [50] * 5_000]
)
def test_every_byte_comes_in_order(sizes: list[int]) -> None:
    pieces = [bytes([number % 251]) * size for number, size in enumerate(sizes)]

    async def test(asker: ThreadAsker) -> None:
        for _ in range(3):
            answer = await asker.ask(question())
            assert await whole(answer) == b"".join(pieces)
            answer.stop()

    _run(FakeStore(*pieces), test)


async def _to_its_end(asker: ThreadAsker) -> None:
    answer = await asker.ask(question())
    try:
        assert answer.first
        await whole(answer)
    finally:
        answer.stop()


@pytest.mark.parametrize("error", [StoreUnavailable("gone"), QueryTimedOut(1)])
@pytest.mark.parametrize("before", [b"", b"x" * 200_000])
def test_errors_come_where_they_are_met(error: CfitError, before: bytes) -> None:
    async def test(asker: ThreadAsker) -> None:
        for _ in range(4):  # more often than there are places
            with pytest.raises(type(error)):
                await _to_its_end(asker)

    _run(FakeStore(before, error), test)


def test_the_queue_ends() -> None:
    go = threading.Event()

    async def test(asker: ThreadAsker) -> None:
        asked = [asyncio.create_task(asker.ask(question())) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await asker.ask(question())
        go.set()
        assert [(await task).first for task in asked] == [b"x"] * 3
        assert (await asker.ask(question())).first == b"x"  # a place is free as soon as an answer is there

    _run(FakeStore(go, b"x"), test, size=1, queue=2)


def test_an_answer_that_is_left_is_closed() -> None:
    store = FakeStore(*[b"x" * (1 << 16)] * 10)

    async def test(asker: ThreadAsker) -> None:
        answer = await asker.ask(question())
        answer.stop()
        answer.stop()
        await soon(lambda: store.closed == 1)
        assert (await asker.ask(question())).first

    _run(store, test)


def test_who_stops_waiting_is_not_asked_for() -> None:
    go = threading.Event()
    store = FakeStore(go, b"x")

    async def test(asker: ThreadAsker) -> None:
        first, second = (asyncio.create_task(asker.ask(question())) for _ in range(2))
        await soon(lambda: store.begun == 1)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        go.set()
        assert (await first).first == b"x"
        assert (await asker.ask(question())).first == b"x"
        assert store.begun == 2

    _run(store, test)


def test_a_thread_that_is_busy_for_nobody_counts() -> None:
    go = threading.Event()
    store = FakeStore(go, b"x")

    async def test(asker: ThreadAsker) -> None:
        try:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asker.ask(question()), 0.05)
            asyncio.get_running_loop().call_later(1, go.set)
            with pytest.raises(Overloaded):
                await asker.ask(question())
        finally:
            go.set()

    _run(store, test, size=1, queue=0)


def test_a_place_is_free_as_soon_as_an_answer_is_there() -> None:
    """Though all threads are at work for those who waited behind it."""
    go = threading.Event()

    class Slow(FakeStore):
        def query(self, *_: object, **__: object) -> Iterator[bytes]:
            self.begun += 1
            if self.begun > 1:
                go.wait(10)
            yield b"x"

    async def test(asker: ThreadAsker) -> None:
        first, *waiting = [asyncio.create_task(asker.ask(question())) for _ in range(3)]
        assert (await first).first == b"x"
        asyncio.get_running_loop().call_later(0.2, go.set)
        try:
            assert (await asker.ask(question())).first == b"x"
        finally:
            go.set()
            await asyncio.gather(*waiting)

    _run(Slow(), test, size=1, queue=2)
