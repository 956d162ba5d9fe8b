"""Asking a pool of workers: each test in an event loop of its own, for a pool belongs to one."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from cfit_graph.store import Limits
from cfit_graph.store.asking import Answer, Question
from cfit_graph.store.lexer import outline
from cfit_graph.store.pool import WorkerPool
from tests.hostile import ENDLESS, LIGHT, LIGHT_ANSWER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from cfit_graph.store.workers import StoreProcess

MEMORY: Final = 128 << 20
"""Bytes a query may use in these tests."""


def question(sparql: str = LIGHT, seconds: float = 10, result: int = 256 << 20, encoding: str = "") -> Question:
    return Question(sparql, outline(sparql), "text/csv", limits=Limits(seconds, MEMORY, result), encoding=encoding)


def run(process: StoreProcess, test: Callable[[WorkerPool], Awaitable[None]], size: int = 2, queue: int = 2) -> None:
    """Run a test in an event loop of its own, with a pool; afterwards all its places must be free."""

    async def within() -> None:
        pool = WorkerPool(process, size, queue)
        try:
            async with asyncio.timeout(120):
                await test(pool)
            assert (pool.waiting, pool.short, pool.long) == (0, 0, 0)
        finally:
            pool.close()
            await asyncio.sleep(0)

    asyncio.run(within())


async def light(pool: WorkerPool) -> None:
    """Check that a small query is answered, and rightly."""
    answer = await pool.ask(question())
    assert (answer.first, answer.rest) == (LIGHT_ANSWER, None)


async def whole(answer: Answer) -> bytes:
    return b"".join([answer.first, *[piece async for piece in answer.pieces()]])


async def soon(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something holds, while the loop runs."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(pool: WorkerPool, number: int) -> AsyncIterator[list[asyncio.Task[Answer]]]:
    """Have some endless queries in the long lane."""
    asked = [asyncio.create_task(pool.ask(question(ENDLESS, 20))) for _ in range(number)]
    await soon(lambda: pool.long == number)
    try:
        yield asked
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
