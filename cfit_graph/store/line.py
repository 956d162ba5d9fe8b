"""A connection to a worker, for an event loop."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol

from cfit_graph.store import frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.store.frames import Frame

_AHEAD: Final = 4
"""Frames taken from a worker that its client has not taken yet; then the worker waits."""
BEHIND: Final = 0.02
"""Seconds after which questions leave a worker that is at one before them."""
_TURN: Final = 0.001


class Asked(Protocol):
    """A question that a worker was asked, maybe before it had answered others."""

    since: float
    """When it was asked, by the clock that only goes on."""

    def arrived(self) -> None:
        """Be told that the answer begins, or that the worker has gone: take all of it, or have the worker alone."""
        ...

    def sent_away(self) -> None:
        """Be told to ask another worker."""
        ...


class Line(asyncio.Protocol):
    """Sends requests to a worker and takes its frames.

    A worker answers in the order in which it is asked. If it does not give a whole answer soon, it is left to the
    question that it is at, and those behind that are sent away.
    """

    def __init__(self) -> None:
        self.lost = False
        """Whether the worker has gone."""
        self.used = False
        """Whether the worker has answered before."""
        self.is_shared = False
        """Whether it may be asked questions before it has answered others."""
        self.is_spent = False
        """Whether the worker was asked what nobody waits for any more, so that it must not be asked again."""
        self.since = 0.0
        """When the worker came to the question that is the first."""
        self._transport: Any = None
        self._loop = asyncio.get_running_loop()
        self._rest = b""
        self._frames: deque[Frame] = deque()
        self._arrival: Callable[[], None] | None = None
        self._asked: deque[Asked] = deque()
        self._is_looked_after = self._is_paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be connected."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take bytes, and wake who waits when a frame is complete."""
        data, start = self._rest + data, 0
        while start < len(data) and (frame := frames.first(data, start)):
            self._frames.append(frame)
            start += frames.HEADER.size + len(frame.body)
        self._rest = data[start:]
        if start:
            self._wake()
        if len(self._frames) > _AHEAD and not self._is_paused:
            self._transport.pause_reading()
            self._is_paused = True

    def connection_lost(self, _: Exception | None) -> None:
        """Be told that the worker has gone."""
        self.lost = True
        self._wake()

    def send(self, request: bytes) -> None:
        """Send a request."""
        self._transport.write(request)

    def first(self) -> Frame | None:
        """Return the next frame, which stays here, or ``None`` if it has not come."""
        return self._frames[0] if self._frames else None

    @property
    def depth(self) -> int:
        """How many questions wait for an answer, but for one that has the worker alone."""
        return len(self._asked)

    def wait_for(self, asked: Asked) -> None:
        """Tell a question that was sent when its turn has come."""
        self._asked.append(asked)
        if self.depth == 1:
            self.since = asked.since
        elif not self._is_looked_after:
            self._look_after()

    def has(self, asked: Asked) -> bool:
        """Tell whether a question waits for its turn, or for its answer with others behind it."""
        return asked in self._asked

    def leave(self, asked: Asked) -> None:
        """Let a question have the worker alone if that is at it; else send it away with those behind it."""
        if asked in self._asked:
            place = self._asked.index(asked)
            if place == 0:
                self._asked.popleft()
            self._cut(place)

    async def frame_within(self, seconds: float) -> Frame | None:
        """Return the next frame, or ``None`` if it takes longer; may be cancelled without loss.

        Raises:
            ConnectionResetError: if the worker died.
        """
        if not self._frames and not self.lost:
            timer = self._loop.call_later(seconds, self._wake)
            try:
                await self._wait()
            finally:
                timer.cancel()
        return self.next()

    def close(self) -> None:
        """Hang up; a worker that is at work ends at once."""
        self._cut(0)
        self._transport.abort()

    def next(self) -> Frame | None:
        """Return the next frame, or ``None`` if it has not come; raises as :meth:`frame_within` does."""
        if not self._frames:
            if self.lost:
                raise ConnectionResetError
            return None
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        return self._frames.popleft()

    async def _wait(self) -> None:
        """Wait until there may be something new."""
        arrival = self._loop.create_future()
        self._arrival = lambda: None if arrival.done() else arrival.set_result(None)
        await arrival

    def _wake(self) -> None:
        while self._asked and (self._frames or self.lost):
            self._tell_first()
        arrival, self._arrival = self._arrival, None
        if arrival:
            arrival()

    def _tell_first(self) -> None:
        before = len(self._frames)
        try:
            self._asked.popleft().arrived()
        except BaseException:
            self.close()  # or the next would be given what is not its own
            raise
        if len(self._frames) == before:
            self._cut(0)
        self.since = time.monotonic()

    def _cut(self, depth: int) -> None:
        """Let so many questions wait, and send the others away."""
        gone = [self._asked.pop() for _ in range(self.depth - depth)]
        self.is_spent = self.is_spent or bool(gone)
        for asked in reversed(gone):
            asked.sent_away()

    def _look_after(self, late: Asked | None = None) -> None:
        """Send away those behind a question that kept them waiting for too long, now and when this was called before.

        One turn of the event loop is between: one that was held up looks at its timers before it reads what has come.
        """
        if self.depth > 1 and self._asked[0] is late:
            self._cut(1)
        self._is_looked_after = self.depth > 1
        if self._is_looked_after:
            left = self._asked[1].since + BEHIND - time.monotonic()
            if left > 0:
                self._loop.call_later(left, self._look_after)
            else:
                self._loop.call_later(_TURN, self._look_after, self._asked[0])
