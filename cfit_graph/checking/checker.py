"""The process that judges drafts seen from outside: started by whoever needs it first, asked from an event loop."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cfit_graph.checking import messages
from cfit_graph.errors import DraftTooCostly, Overloaded, StoreUnavailable, UnknownEntity, UnreadableDraft
from cfit_graph.placing import everywhere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cfit_graph.checking.answers import Asked

_LOG = logging.getLogger(__name__)
_GRACE: Final = 0.1
_PATIENT: Final = 5
"""Seconds beyond its time in which the kernel must have ended a worker."""
_STARTING: Final = 60
"""Seconds that reading the release may take, before the first draft is judged."""


class Limits(NamedTuple):
    """What a draft may have (bytes), and what judging it may take: seconds, and bytes of memory beyond the release.

    ``at_once`` drafts are judged at the same time, and ``waiting`` more may wait.
    """

    size: int = 5 << 20
    seconds: float = 30
    memory: int = 512 << 20
    at_once: int = 2
    waiting: int = 16


class Checker:
    """Judges drafts within a release, or within a folder that one can be made from; belongs to one event loop."""

    def __init__(self, root: Path, limits: Limits) -> None:
        """Take note of it. Nothing is started yet."""
        self.limits, self._root = limits, root
        self._process: subprocess.Popen[bytes] | None = None
        self._address = ""
        self._waiting = 0
        self._places: asyncio.Semaphore | None = None
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, _clean_up, self.__dict__)

    def begin(self) -> None:
        """Start the process, if it does not run; it then reads the release, and what is asked meanwhile waits."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                _clean_up(self.__dict__)
                self._start()

    async def ask(self, asked: Asked, content: bytes = b"") -> bytes:
        """Return what is asked for of a draft.

        Raises:
            UnreadableDraft: if it cannot be read.
            UnknownEntity: if a draft is asked for of a thing that nothing is said of.
            DraftTooCostly: if judging it takes more time or memory than it may.
            Overloaded: if too many drafts wait.
            StoreUnavailable: if the release cannot be read.
        """
        async with self._place():
            await asyncio.to_thread(self.begin)
            head, body = await self._exchange(messages.packed(asked._asdict(), content))
        self._raise(head)
        return body

    def _start(self) -> None:
        folder = tempfile.mkdtemp(prefix="cfit-")
        self._address = f"{folder}/checker"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen(self.limits.at_once + self.limits.waiting)
            limits = str(self.limits.memory), str(self.limits.seconds)
            arguments = str(listener.fileno()), folder, *limits, str(self._root.absolute())
            command = [sys.executable, "-P", "-m", "cfit_graph.checking.process", *arguments]
            with everywhere():
                self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                    command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()], process_group=0
                )

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        self._places = self._places or asyncio.Semaphore(self.limits.at_once)
        if self._places.locked() and self._waiting >= self.limits.waiting:
            raise Overloaded(f"{self._waiting} drafts are waiting already. Try again in a moment.")
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def _exchange(self, message: bytes) -> tuple[dict[str, Any], bytes]:
        reader, writer = await self._connect()
        started = time.monotonic()
        try:
            writer.write(message)
            async with asyncio.timeout(self.limits.seconds + _PATIENT):
                return await messages.read(reader)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            return {"costly": True, "late": time.monotonic() - started >= self.limits.seconds - _GRACE}, b""
        finally:
            writer.transport.abort()  # which ends the worker, if it is still at work

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return the connection to a worker that has said that it is there."""
        writer = None
        try:
            async with asyncio.timeout(_STARTING):
                reader, writer = await asyncio.open_unix_connection(self._address)
                await messages.read(reader)
        except BaseException as error:
            if writer:
                writer.transport.abort()
            if isinstance(error, (asyncio.IncompleteReadError, OSError)):  # TimeoutError is one
                raise StoreUnavailable("The release cannot be read, so no draft can be judged within it.") from error
            raise
        return reader, writer

    def _raise(self, head: dict[str, Any]) -> None:
        if "unreadable" in head:
            raise UnreadableDraft(*head["unreadable"])
        if "unknown" in head:
            raise UnknownEntity(head["unknown"])
        if head.get("costly"):
            raise DraftTooCostly(self.limits.seconds if head.get("late") else 0, self.limits.memory >> 20)
        if "fault" in head:
            _LOG.error("a draft could not be judged: %s", head["fault"])
            raise RuntimeError("a draft could not be judged")


def _clean_up(held: dict[str, Any]) -> None:
    process = held["_process"]
    if process:
        process.stdin.close()
        process.wait()
    if held["_address"]:
        shutil.rmtree(Path(held["_address"]).parent, ignore_errors=True)
