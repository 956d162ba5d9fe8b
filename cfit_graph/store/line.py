"""A connection to a worker, for an event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from cfit_graph.store import frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.store.frames import Frame

_AHEAD: Final = 4
"""Frames taken from a worker that its client has not taken yet; then the worker waits."""


class Line(asyncio.Protocol):
    """Sends requests to a worker and takes its frames."""

    def __init__(self) -> None:
        self.lost = False
        """Whether the worker has gone."""
        self.used = False
        """Whether the worker has answered before."""
        self._transport: Any = None
        self._loop = asyncio.get_running_loop()
        self._rest = b""
        self._frames: deque[Frame] = deque()
        self._arrival: Callable[[], None] | None = None
        self._is_paused = False

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
        if len(self._frames) > _AHEAD and not self._is_paused:
            self._transport.pause_reading()
            self._is_paused = True
        if start:
            self._wake()

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

    def call(self, arrival: Callable[[], None]) -> None:
        """Call something once: when the next frame comes, or the worker dies."""
        self._arrival = arrival

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
        arrival, self._arrival = self._arrival, None
        if arrival:
            arrival()
