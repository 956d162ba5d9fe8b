"""Workers for strangers' queries: a few at a time, the long ones apart from the short, and a queue that ends.

There are two lanes of equal size. A query starts in the short lane. If it takes long, or its answer is large, it moves
to the long lane; if that is full it is stopped, for a place in the short lane must be free within a moment for those
who ask for little.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Final

from cfit_graph.errors import Overloaded
from cfit_graph.store import frames
from cfit_graph.store.ahead import Ahead
from cfit_graph.store.asking import Answer
from cfit_graph.store.line import Line
from cfit_graph.store.threads import aside
from cfit_graph.store.workers import AT_ONCE, PATIENT, cause_of_death, request_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.errors import QueryError
    from cfit_graph.store.asking import Question
    from cfit_graph.store.frames import Frame
    from cfit_graph.store.workers import StoreProcess

LONG: Final = 0.5
"""Seconds after which a query moves to the long lane."""


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

    async def ask(self, question: Question) -> Answer:
        """Answer a question; see :class:`cfit_graph.store.asking.Asker`."""
        await self._enter(question.limits.seconds)
        return await Run(self, question).answer()

    def begin(self, question: Question, then: Callable[[], None], *, is_quick: bool = False) -> Run | None:
        """Ask a worker now, and call ``then`` once there is something to take; ``None`` if none is to be had.

        It is an idle one, or for what should be answered in a moment one that is at the same.
        """
        line = None if self._is_full() else self._at_once(is_quick)
        if line is None:
            return None
        self.short += 1
        run = Run(self, question, then)
        run.send(line)
        line.wait_for(run)
        return run

    def _at_once(self, is_quick: bool) -> Line | None:
        if is_quick and (line := self._ahead.line()):
            return line
        line = self.idle()
        if line and is_quick:
            self._ahead.add(line)
        return line

    def close(self) -> None:
        """Close the connections, which ends the workers."""
        while self._idle:
            self._idle.pop().close()

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


class Run:
    """One query on its way through a worker; as an iterator, the rest of its answer."""

    was_quick = False
    """Whether the answer took the worker but a moment."""

    def __init__(self, pool: WorkerPool, question: Question, then: Callable[[], None] = lambda: None) -> None:
        """Begin with a place in the short lane; ``then`` is called when what :meth:`whole` returns may have changed."""
        self._pool, self._question = pool, question
        self.arrived = then
        self._line: Line | None = None
        self._is_long = self._has_ended = False
        self._started = 0.0

    def send(self, line: Line) -> None:
        """Ask a worker."""
        self._line = line
        line.send(frames.request(request_for(self._question)))
        self._started = time.monotonic()

    def sent_away(self) -> None:
        """Be told to ask another worker, which :meth:`answer` does."""
        self._line = None
        self.arrived()

    def whole(self) -> Answer | None:
        """Return the answer if all of it is here; to be asked before :meth:`answer`, which waits for what is not."""
        frame = self._line.first() if self._line else None
        if self._line is None or frame is None or frame.kind == frames.ERROR or frame.follows == frames.MORE:
            return None
        self._line.next()
        self.was_quick = frame.follows == frames.QUICK
        self._end(keep=frame.follows != frames.LAST)
        return Answer(frame.body, frames.ENCODINGS[frame.kind])

    async def answer(self) -> Answer:
        """Return the answer once its first bytes are there; see :class:`cfit_graph.store.asking.Asker`."""
        self._go_alone()
        try:
            return await self._begin()
        except asyncio.CancelledError:
            self.stop()
            raise
        except BaseException:
            self._give_up()
            raise

    async def _begin(self) -> Answer:
        frame = await self._first()
        while frame is None:
            self._line = None
            frame = await self._first()
        encoding = frames.ENCODINGS[frame.kind]
        if self._has_ended:
            return Answer(frame.body, encoding)
        self._be_long()
        return Answer(frame.body, encoding, self, self.stop)

    def __aiter__(self) -> Run:
        return self

    async def __anext__(self) -> bytes:
        if self._has_ended:
            raise StopAsyncIteration
        assert self._line  # noqa: S101 - set before anything is sent
        try:
            frame = await self._frame(self._line)
        except ConnectionResetError:
            raise self._died() from None
        return (await self._checked(frame)).body

    def stop(self) -> None:
        """Leave the answer where it is; a worker that is at it ends."""
        if not self._has_ended:
            self._go_alone()
            self._pool.stopped["abandoned"] += 1
            self._end(keep=False)

    def _give_up(self) -> None:
        """Leave what has failed."""
        if not self._has_ended:
            self._end(keep=False)

    def _go_alone(self) -> None:
        """Have the worker alone, or none if it is at another question."""
        if self._line:
            self._line.leave(self)

    async def _first(self) -> Frame | None:
        """Send the request and return the first frame; ``None`` if the worker had died before, while it was idle."""
        if self._line is None:
            self.send(self._pool.idle() or await self._pool.connect())
        line = self._line
        assert line  # noqa: S101 - just asked
        try:
            frame = await line.frame_within(max(0.0, self._started + LONG - time.monotonic()))
            if frame is None:
                self._be_long()
                frame = await self._frame(line)
        except ConnectionResetError:
            if line.used and time.monotonic() - self._started < AT_ONCE:
                return None
            raise self._died() from None
        return await self._checked(frame)

    async def _frame(self, line: Line) -> Frame:
        """Return the next frame. A worker ends at its deadline, but for one that is frozen, and is as good as dead."""
        frame = await line.frame_within(self._question.limits.seconds + PATIENT)
        if frame is None:
            raise ConnectionResetError
        return frame

    async def _checked(self, frame: Frame) -> Frame:
        """Take note of what a frame means; raises the error that it tells of."""
        if frame.kind == frames.ERROR:
            self._end(keep=False)
            sparql, sent = self._question.sparql, self._question.seen.text
            raise await aside(len(sparql), frames.parse_failure, frame.body, sparql, sent)
        if frame.follows != frames.MORE:
            self._end(keep=frame.follows != frames.LAST)
        return frame

    def _died(self) -> QueryError:
        """Take note that the worker died, and return the error for it."""
        self._pool.stopped["died"] += 1
        self._end(keep=False)
        return cause_of_death(time.monotonic() - self._started, self._question.limits)

    def _be_long(self) -> None:
        if self._is_long:
            return
        try:
            self._pool.move()
        except Overloaded:
            self._pool.stopped["crowded_out"] += 1
            self._end(keep=False)
            raise
        self._is_long = True

    def _end(self, *, keep: bool) -> None:
        self._has_ended = True
        self._pool.leave(is_long=self._is_long)
        if self._line is None:
            return
        if keep:
            self._line.used = True
            self._pool.keep(self._line)
        else:
            self._line.close()
