"""One query on its way through a worker: asked directly, or waited for."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from cfit_graph.errors import Overloaded
from cfit_graph.store import frames
from cfit_graph.store.asking import Answer
from cfit_graph.store.line import BEHIND
from cfit_graph.store.threads import aside
from cfit_graph.store.workers import AT_ONCE, PATIENT, cause_of_death, request_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.errors import QueryError
    from cfit_graph.store.asking import Question
    from cfit_graph.store.frames import Frame
    from cfit_graph.store.line import Line
    from cfit_graph.store.pool import WorkerPool

LONG: Final = 0.5
"""Seconds after which a query moves to the long lane."""


def _nothing() -> None:
    """Do nothing."""


class Run:
    """One query on its way through a worker; as an iterator, the rest of its answer."""

    was_quick = False
    """Whether the answer took the worker but a moment."""

    def __init__(self, pool: WorkerPool, question: Question, then: Callable[[], None] = _nothing) -> None:
        """Begin with a place in the short lane; ``then`` is called when what :meth:`whole` returns may have changed."""
        self._pool, self._question, self._then = pool, question, then
        self._line: Line | None = None
        self._is_long = self._has_ended = False
        self.since = 0.0
        """When the worker was asked, by the clock that only goes on."""

    def send(self, line: Line) -> None:
        """Ask a worker."""
        self._line = line
        line.send(frames.request(request_for(self._question), self._pool.asks()))
        self.since = time.monotonic()

    def arrived(self) -> None:
        """Be told that the worker has something for this question, or has gone."""
        self._then()

    def sent_away(self) -> None:
        """Be told to ask another worker, which :meth:`answer` does."""
        self._line = None
        asyncio.get_running_loop().call_soon(self.arrived)  # when all are told

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
        try:
            return await self._turn() or await self._begin()
        except asyncio.CancelledError:
            self.stop()
            raise
        except BaseException:
            self._give_up()
            raise

    async def _turn(self) -> Answer | None:
        """Wait until the worker comes to this question, if others wait for it, too; return a whole answer."""
        line = self._line
        if line is None or not line.has(self):
            return None
        turn: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._then = lambda: None if turn.done() else turn.set_result(self.whole())
        try:
            async with asyncio.timeout(max(0.0, self.since + LONG - time.monotonic())):
                return await turn
        except TimeoutError:
            if turn.done() and not turn.cancelled():
                return turn.result()
            line.leave(self)
            return None

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
        """Leave the answer where it is; a worker that is at it ends, unless others wait for it and it is quick."""
        if self._has_ended:
            return
        if self._line and self._line.depth > 1 and self._line.has(self):
            self._then = self._drop
            asyncio.get_running_loop().call_later(BEHIND, self._stop)
        else:
            self._stop()

    def _drop(self) -> None:
        """Take an answer that nobody waits for."""
        if not self.whole():
            self._stop()

    def _stop(self) -> None:
        if self._has_ended:
            return
        if self._line:
            self._line.leave(self)
        self._pool.stopped["abandoned"] += 1
        self._end(keep=False)

    def _give_up(self) -> None:
        """Leave what has failed."""
        if not self._has_ended:
            self._end(keep=False)

    async def _first(self) -> Frame | None:
        """Send the request and return the first frame; ``None`` if the worker had died before, while it was idle."""
        if self._line is None:
            self.send(self._pool.idle() or await self._pool.connect())
        line = self._line
        assert line  # noqa: S101 - just asked
        try:
            frame = await line.frame_within(max(0.0, self.since + LONG - time.monotonic()))
            if frame is None:
                self._be_long()
                frame = await self._frame(line)
        except ConnectionResetError:
            if line.used and time.monotonic() - self.since < AT_ONCE:
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
        return cause_of_death(time.monotonic() - self.since, self._question.limits)

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
        self._has_ended, self._then = True, _nothing  # what it calls knows this
        self._pool.leave(is_long=self._is_long)
        if self._line is None:
            return
        if keep:
            self._line.used = True
            self._pool.keep(self._line)
        else:
            self._line.close()
