"""Workers for strangers' queries: a few at a time, the long ones apart from the short, and a queue that ends.

There are two lanes of equal size. A query starts in the short lane. If it takes long, or its answer is large, it moves
to the long lane; if that is full it is stopped, for a place in the short lane must be free within a moment for those
who ask for little.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from typing import TYPE_CHECKING

from cfit_graph.errors import Overloaded
from cfit_graph.placing import has_room
from cfit_graph.store import awake, frames
from cfit_graph.store.ahead import Ahead
from cfit_graph.store.awake import Awake
from cfit_graph.store.line import Line
from cfit_graph.store.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.store.asking import Answer, Question
    from cfit_graph.store.workers import StoreProcess


class WorkerPool:
    """Asks workers of a store process, each query in one of its own; belongs to one event loop.

    ``waiting``, ``short`` and ``long`` say how many queries are where; ``stopped`` how many were, and why.
    """

    def __init__(self, process: StoreProcess, size: int, queue: int, stopped: Counter[str] | None = None) -> None:
        """Take at most ``size`` queries at a time in each lane, and let at most ``queue`` wait.

        Pools that are given the same counter count together which queries were stopped.
        """
        self.short = self.long = 0
        self.stopped = Counter(abandoned=0, died=0, crowded_out=0) if stopped is None else stopped
        self._process, self._size, self._queue = process, size, queue
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idle: list[Line] = []
        self._ahead = Ahead()
        self._awake, self._has_room, self._asked = Awake(), has_room(), float("-inf")

    async def ask(self, question: Question) -> Answer:
        """Answer a question; see :class:`cfit_graph.store.asking.Asker`."""
        await self._enter(question.limits.seconds)
        return await Run(self, question).answer()

    def begin(self, question: Question, then: Callable[[], None], *, is_quick: bool = False) -> Run | None:
        """Ask a worker now, and call ``then`` once there is something to take; ``None`` if none is to be had.

        It is an idle one, or for what should be answered in a moment one that is at another such question.
        """
        line = None if self._is_full() else self._at_once(is_quick)
        if line is None:
            return None
        self.short += 1
        run = Run(self, question, then)
        run.send(line)
        line.wait_for(run)
        return run

    def asks(self) -> bytes:
        """Take note that a question is asked, and return what the worker is told: ``SOON`` if it is the only one.

        The event loop stays awake for the answer then, if there was a question a moment ago.
        """
        before, self._asked = self._asked, time.monotonic()
        if not (self._has_room and self.short == 1):
            return frames.END
        if self._asked - before < awake.AGAIN:
            self._awake.stay(asyncio.get_running_loop().call_soon, lambda: self.short == 1, awake.ANSWER)
        return frames.SOON

    def _at_once(self, is_quick: bool) -> Line | None:
        if is_quick and (line := self._ahead.line()):
            return line
        line = self.idle()
        if line and is_quick:
            self._ahead.add(line)
        return line

    def close(self) -> None:
        """Close the connections, which ends the workers; nobody waits for those that are at work."""
        for line in (*self._idle, *self._ahead.at_work()):
            line.close()
        self._idle.clear()

    @property
    def waiting(self) -> int:
        """How many queries wait for a place."""
        return len(self._waiting)

    def _is_full(self) -> bool:
        """Whether a query must wait: those that wait already come first."""
        return self.short >= self._size or bool(self._waiting)

    async def _enter(self, seconds: float) -> None:
        """Take a place in the short lane."""
        if not self._is_full():
            self.short += 1
        elif self.waiting < self._queue:
            await self._wait(seconds)
        else:
            raise Overloaded(f"{self.waiting} queries are waiting already. Try again in a moment.")

    async def _wait(self, seconds: float) -> None:
        """Wait until a place is passed on."""
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(seconds):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self.leave(is_long=False)  # it was passed on in the same moment
            elif place in self._waiting:
                self._waiting.remove(place)
            if isinstance(error, TimeoutError):
                raise Overloaded(f"No worker was free within {seconds:g} s. Try again in a moment.") from None
            raise

    def move(self) -> None:
        """Move a query from the short to the long lane.

        Raises:
            Overloaded: if that is full.
        """
        if self.long >= self._size:
            raise Overloaded(f"{self.long} long queries are running already. Try again later, or ask for less.")
        self.long += 1
        self.leave(is_long=False)

    def leave(self, *, is_long: bool) -> None:
        """Give a place back, or pass it on to who has waited longest."""
        if is_long:
            self.long -= 1
            return
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self.short -= 1

    def idle(self) -> Line | None:
        """Return a connection to an idle worker, if there is one."""
        while self._idle:
            line = self._idle.pop()
            if not line.lost:
                line.is_shared = False
                return line
        return None

    async def connect(self) -> Line:
        """Return a connection to a new worker."""
        connection = self._process.try_to_connect()
        if connection is None:
            connection = await asyncio.to_thread(self._process.connect)
        connection.setblocking(False)
        _, line = await asyncio.get_running_loop().create_unix_connection(Line, sock=connection)
        return line

    def keep(self, line: Line) -> None:
        """Take back the connection to a worker that can answer again, unless others wait for it."""
        if line.depth:
            return
        if line.is_spent or len(self._idle) >= self._size:
            line.close()
        else:
            self._idle.append(line)
