"""What an event loop leaves to threads: asking a store that is elsewhere, and work on what is large."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar, TypeVarTuple

from cfit_graph.errors import Overloaded
from cfit_graph.store.asking import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cfit_graph.store import Store
    from cfit_graph.store.asking import Question

_BLOCK: Final = 1 << 16
LARGE: Final = 1 << 14
"""Bytes of a request, or characters of a query, beyond which others are not to wait while it is read."""
_READER: Final = ThreadPoolExecutor(1, thread_name_prefix="reader")  # more would only share its time
_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


async def aside(size: int, work: Callable[[*_Ts], _T], *given: *_Ts) -> _T:
    """Do work on something of a size: in a thread if it is large, else at once, which takes less."""
    if size <= LARGE:
        return work(*given)
    return await asyncio.get_running_loop().run_in_executor(_READER, work, *given)


class ThreadAsker:
    """Asks a store, each query in a thread.

    A query whose client has gone ends when its next piece comes, or at its deadline.
    """

    def __init__(self, store: Store, size: int, queue: int) -> None:
        """Take at most ``size`` queries at a time, and let at most ``queue`` wait."""
        self._store, self._limit, self._busy = store, size + queue, 0
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="store")

    async def ask(self, question: Question) -> Answer:
        """Answer a question; see :class:`cfit_graph.store.asking.Asker`."""
        if self._busy >= self._limit:
            raise Overloaded(f"{self._busy} queries are running or waiting already. Try again in a moment.")
        self._busy += 1
        run = _Run(self._store, question, self._threads, self._left)
        try:
            first = await run.next_block()
        except BaseException:
            run.stop()
            raise
        if run.has_ended:
            run.stop()
            return Answer(first)
        return Answer(first, rest=run, stop=run.stop)

    def close(self) -> None:
        """Take no more questions."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _left(self) -> None:
        self._busy -= 1


class _Run:
    """One query in a thread; as an iterator, the rest of its answer in blocks."""

    def __init__(self, store: Store, question: Question, threads: ThreadPoolExecutor, left: Callable[[], None]) -> None:
        self.has_ended = False
        self._store, self._question, self._threads, self._left = store, question, threads, left
        self._pieces: Iterator[bytes] | None = None
        self._lock = Lock()
        self._is_stopped = False

    async def next_block(self) -> bytes:
        """Return some bytes more; none at the end."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._take)

    def __aiter__(self) -> _Run:
        return self

    async def __anext__(self) -> bytes:
        block = b"" if self.has_ended else await self.next_block()
        if not block:
            raise StopAsyncIteration
        return block

    def stop(self) -> None:
        """Leave the answer where it is."""
        if not self._is_stopped:
            self._is_stopped = True
            if self.has_ended:
                self._left()
                return
            self._threads.submit(self._close, asyncio.get_running_loop())

    def _take(self) -> bytes:
        try:
            return self._block()
        except BaseException:
            self.has_ended = True
            raise

    def _block(self) -> bytes:
        with self._lock:
            asked = self._question
            if self._pieces is None:
                self._pieces = self._store.query(
                    asked.sparql, asked.media_type, dataset=asked.dataset, limits=asked.limits
                )
            block: list[bytes] = []
            size = 0
            for piece in self._pieces:
                block.append(piece)
                size += len(piece)
                if size >= _BLOCK:
                    return b"".join(block)
            self.has_ended = True
            return b"".join(block)

    def _close(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the answer once no thread is at it; only then its place is free."""
        with self._lock:
            close = getattr(self._pieces, "close", None)
            if close:
                close()
        with suppress(RuntimeError):  # the loop has ended: nobody counts any more
            loop.call_soon_threadsafe(self._left)
