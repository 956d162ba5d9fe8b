"""The store process seen from outside: start it, connect to a worker of it, ask."""

from __future__ import annotations

import fcntl
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cfit_graph.errors import CfitError, QueryError, QueryTimedOut, QueryTooCostly, SourceError, StoreUnavailable
from cfit_graph.placing import everywhere
from cfit_graph.store import EVERYTHING, LIMITS, GraphSelection, Limits, allocator, engine, frames
from cfit_graph.store.asking import Question
from cfit_graph.store.formats import ANSWERS
from cfit_graph.store.lexer import Outline, outline

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

AT_ONCE: Final = 0.2
"""Seconds in which the end of a worker that was idle is no fault of the query's: it had died before."""
_IDLE: Final = 8
_GRACE: Final = 0.05
PATIENT: Final = 5.0
"""Seconds beyond the deadline in which the kernel must have ended a worker; one that is frozen does not end."""


class StoreProcess:
    """A store process and its address.

    Several processes may share one by its address: the first that needs it starts it, and it ends with that one;
    whoever needs it then starts it anew.
    """

    def __init__(self, paths: Sequence[Path], memory: int = LIMITS.memory, address: str = "") -> None:
        """Take note of what to serve: RDF files, or the directory of a store on disk. Nothing is started yet.

        ``memory`` is what one query may use, in bytes; ``address`` the path of a socket, by default one of our own.
        """
        self.memory = memory
        self._paths = [path.absolute() for path in paths]
        folder = "" if address else tempfile.mkdtemp(prefix="cfit-")
        self._address = Path(address or f"{folder}/store")
        self._process: subprocess.Popen[bytes] | None = None
        self._has_served = False
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, _clean_up, self.__dict__, folder)

    def connect(self) -> socket.socket:
        """Return a connection to a worker, which is forked for it.

        Raises:
            SourceError: if a file cannot be read.
            StoreUnavailable: if the store process cannot be started or takes no more connections.
        """
        connection = self.try_to_connect()
        if connection is not None:
            return connection
        try:
            with self._lock:
                return self._start()
        except SourceError as error:
            if not self._has_served:
                raise
            raise StoreUnavailable("The store process cannot be started again.") from error

    def try_to_connect(self) -> socket.socket | None:
        """Return a connection to a worker, or ``None`` if no store process runs; at once in any case.

        Raises:
            StoreUnavailable: if the store process takes no more connections.
        """
        try:
            return _connect(self._address)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            raise StoreUnavailable(f"The store process takes no connection: {error.strerror}.") from error

    def _start(self) -> socket.socket:
        with _only_one(self._address):
            with suppress(FileNotFoundError, ConnectionRefusedError):
                return _connect(self._address)  # somebody else was faster
            _end(self._process)
            self._address.unlink(missing_ok=True)
            served = map(str, (self._address, self.memory, *self._paths))
            command = [sys.executable, "-P", "-m", "cfit_graph.store.process", *served]
            # In our session: Linux shares cores among sessions first, and long queries would use up that of another.
            with everywhere():
                self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    process_group=0,
                    env=allocator.environment(),
                )
            try:
                _wait(self._process)
            except CfitError:
                _end(self._process)
                raise
            self._has_served = True
            return _connect(self._address)


def _clean_up(held: dict[str, Any], folder: str) -> None:
    _end(held["_process"])
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def _end(process: subprocess.Popen[bytes] | None) -> None:
    """Close the pipes to a store process, which ends it."""
    if process:
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()
        process.wait()


def _connect(address: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.setblocking(False)  # a store process that is frozen takes some, and then all others would wait
    try:
        connection.connect(str(address))
    except OSError:
        connection.close()
        raise
    connection.setblocking(True)
    return connection


@contextmanager
def _only_one(address: Path) -> Iterator[None]:
    """Let one process at a time start the store process of an address."""
    with Path(f"{address}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait until the store process serves."""
    assert process.stdout  # noqa: S101 - asked for when it was started
    line = process.stdout.readline()
    if not line:
        raise StoreUnavailable(f"The store process ended with code {process.wait()} before it could serve.")
    if failed := json.loads(line):
        process.wait()
        path, reason, *place = failed
        raise SourceError(Path(path), reason, *place)


class _DiedIdleError(Exception):
    """A worker died while nobody asked it: no fault of the query that finds it dead."""


class WorkerStore:
    """Asks workers, one call at a time in each thread: for pages and tools, whose own queries wait for nobody."""

    def __init__(self, process: StoreProcess) -> None:
        self._process = process
        self._idle: list[socket.socket] = []

    def query(
        self, sparql: str, media_type: str, *, dataset: GraphSelection = EVERYTHING, limits: Limits = LIMITS
    ) -> Iterator[bytes]:
        """Answer a query; see :class:`cfit_graph.store.Store`."""
        seen = outline(sparql)
        engine.choose(ANSWERS[seen.form], media_type)
        asked = frames.request(request_for(Question(sparql, seen, media_type, dataset, limits)))
        while True:  # until no idle worker is left that may have died
            pieces = self._ask(asked, sparql, seen, limits)
            try:
                return _chain(next(pieces), pieces)  # errors come at the call, where they are known by then
            except _DiedIdleError:
                self.close()  # the others will be no better

    def close(self) -> None:
        """Close the connections, which ends the workers."""
        while self._idle:
            self._idle.pop().close()

    def _ask(self, asked: bytes, sparql: str, seen: Outline, limits: Limits) -> Generator[bytes, None, None]:
        connection, was_idle = self._connection()
        connection.settimeout(limits.seconds + PATIENT)
        started, keep = time.monotonic(), False
        try:
            with connection.makefile("rb") as reader:
                connection.sendall(asked)
                while frame := frames.read(reader):
                    was_idle = False
                    if frame.kind == frames.ERROR:
                        raise frames.parse_failure(frame.body, sparql, seen.text)
                    keep = frame.follows in {frames.END, frames.QUICK}
                    yield frame.body
                    if frame.follows != frames.MORE:
                        return
        except (TimeoutError, ConnectionError):
            pass  # it died, as when its frames end before the answer does
        finally:
            self._put_back(connection, keep=keep)
        seconds = time.monotonic() - started
        raise _DiedIdleError if was_idle and seconds < AT_ONCE else cause_of_death(seconds, limits)

    def _connection(self) -> tuple[socket.socket, bool]:
        """Return a connection to a worker, and whether that was idle."""
        try:
            return self._idle.pop(), True
        except IndexError:
            return self._process.connect(), False

    def _put_back(self, connection: socket.socket, *, keep: bool) -> None:
        if keep and len(self._idle) < _IDLE:
            self._idle.append(connection)
        else:
            connection.close()


def request_for(asked: Question) -> frames.Request:
    """Return the request that asks a worker a question."""
    seen, limits = asked.seen, asked.limits
    manner = frames.Manner(
        seen.form, seen.names_dataset, asked.media_type, limits.seconds, limits.result, asked.encoding
    )
    return frames.Request(seen.text, manner, asked.dataset)


def cause_of_death(seconds: float, limits: Limits) -> QueryError:
    """Return the error for a worker that died while it worked for some seconds."""
    if seconds >= limits.seconds - _GRACE:
        return QueryTimedOut(limits.seconds)
    return QueryTooCostly(limits.memory >> 20)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
