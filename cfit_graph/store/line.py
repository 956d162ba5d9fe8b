"""A connection to a worker, for an event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

from cfit_graph.store import frames

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
        self._buffer = bytearray()
        self._frames: deque[tuple[bytes, bytes]] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._is_paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be connected."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take bytes, and wake who waits when a frame is complete."""
        self._buffer += data
        self._frames.extend(frames.take(self._buffer))
        if len(self._frames) > _AHEAD and not self._is_paused:
            self._transport.pause_reading()
            self._is_paused = True
        if self._frames:
            self._wake()

    def connection_lost(self, _: Exception | None) -> None:
        """Be told that the worker has gone."""
        self.lost = True
        self._wake()

    def send(self, request: bytes) -> None:
        """Send a request."""
        self._transport.write(request)

    def frame_at_once(self) -> tuple[bytes, bytes] | None:
        """Return the next frame if it is here."""
        return self._frames.popleft() if self._frames and not self._is_paused else None

    async def frame(self) -> tuple[bytes, bytes]:
        """Return the next frame; may be cancelled without loss.

        Raises:
            ConnectionResetError: if the worker died.
        """
        while not self._frames:
            if self.lost:
                raise ConnectionResetError
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        return self._frames.popleft()

    def close(self) -> None:
        """Hang up; a worker that is at work ends at once."""
        self._transport.abort()

    def _wake(self) -> None:
        if self._arrival and not self._arrival.done():
            self._arrival.set_result(None)
