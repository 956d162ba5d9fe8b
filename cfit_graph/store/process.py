"""The store process: it loads the graph once, and forks a worker for every connection.

``python -m cfit_graph.store.process SOCKET MEMORY PATH…`` serves on a UNIX socket. It has one thread and no event loop,
so a fork of it is clean; workers share its memory, and a fork costs some milliseconds. It ends when its standard input
does, that is with the process that started it.

A worker belongs to one connection. The kernel ends it when a query passes its deadline (an alarm) or its memory (a
resource limit), and a second thread ends it when the client hangs up. So no query needs to be asked to stop, nothing
is left behind, and nobody keeps a list of processes.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from cfit_graph.errors import QueryTooCostly, ResultTooLarge, SourceError
from cfit_graph.limits import in_memory, limit_memory
from cfit_graph.placing import follow, let_finish, run_on
from cfit_graph.store import awake, engine, frames
from cfit_graph.store.allocator import give_back
from cfit_graph.store.lexer import Outline
from cfit_graph.store.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 0.1
"""Seconds of work after which a query gives way to others: its thread gets the lowest priority."""
MOMENT: Final = 0.001
"""Seconds of work within which an answer is told to have come quickly."""
STALLED: Final = 30
"""Seconds in which a client takes nothing of an answer that waits for it, after which it is given up."""
_STACK: Final = 64 << 20
_LITTLE: Final = 0.05 * PATIENCE  # seconds of work in PATIENCE, below which a thread comes to nothing
_GROWN: Final = 64 << 20  # bytes a worker may keep after a long query; one that keeps more ends
_LOWEST: Final = 19
_THREADS: Final = 2


def main(arguments: list[str]) -> int:
    """Load files (or open the one directory given, a store on disk), say so on standard output, and serve."""
    address, memory, *names = arguments
    paths = [Path(name) for name in names]
    try:
        opened = _opener(paths)
    except SourceError as error:
        print(json.dumps([str(error.path), error.reason, error.line, error.column]), flush=True)  # noqa: T201
        return 2
    os.umask(0o077)  # who may connect may set limits, so nobody else may
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(1024)
    print("[]", flush=True)  # noqa: T201 - the one line that says we are ready
    _serve(listener, opened, int(memory))
    return 0


def _opener(paths: list[Path]) -> Callable[[], ox.Store]:
    """Return what gives a worker its store: the one in memory, or one that it opens, for files cannot be shared."""
    if paths and paths[0].is_dir():
        directory = str(paths[0])
        return lambda: ox.Store.read_only(directory)
    store = engine.load(paths)
    return lambda: store


def _serve(listener: socket.socket, opened: Callable[[], ox.Store], memory: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the workers
    gc.collect()
    gc.freeze()  # what is here now is shared; a collection in a worker would copy it
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if listener not in ready:
            return  # our owner has gone
        connection, _ = listener.accept()
        with connection, suppress(OSError):  # if no process can be had, the client is told by its end
            if os.fork() == 0:
                _work(listener, connection, opened, memory)


def _work(listener: socket.socket, connection: socket.socket, opened: Callable[[], ox.Store], memory: int) -> None:
    try:
        listener.close()
        Worker(connection, opened(), memory).run()
    finally:
        os._exit(1)


class Worker:
    """One forked process: answers the requests of one connection, one after the other."""

    def __init__(self, connection: socket.socket, store: ox.Store, memory: int) -> None:
        self._connection, self._store, self._memory = connection, store, memory
        self._requests = frames.Requests(connection)
        self._thread = threading.current_thread()
        self._turn = threading.Semaphore()
        self._clock = time.CLOCK_MONOTONIC
        self._started: float | None = None
        self._seen = 0.0
        self._cores: set[int] = set()
        self._has_given_way = self._is_untidy = self._is_grown = False
        self._began_with = 0

    def run(self) -> None:
        """Answer until the client hangs up, or until a query was so heavy that a fresh worker is better."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", STALLED, 0))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the engine tells of its own end; the client tells it better
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("800")  # if memory ends, workers go before servers
        self._cores = follow(self._connection)  # until a query takes long
        let_finish()
        threading.stack_size(_STACK)
        limit_memory(self._memory + (_THREADS + 1) * _STACK)
        self._watch()

    def _watch(self) -> None:
        """Make a query that takes long give way, tidy up after it, and end when the client has gone."""
        hung_up = select.poll()
        hung_up.register(self._connection, getattr(select, "POLLRDHUP", 0) | select.POLLHUP)
        self._have_threads()
        self._began_with = in_memory()
        while not hung_up.poll(1000 * PATIENCE):
            started = self._started
            if started is None:
                self._tidy_up()
            else:
                with suppress(OSError):  # only Linux has a priority for each thread, and it may have ended by now
                    self._look_after(self._thread.native_id or 0, time.clock_gettime(self._clock), started)
            self._have_threads()
        os._exit(0)

    def _look_after(self, thread: int, worked: float, started: float) -> None:
        """Let a thread give way once it has worked for long, and help it if it then comes to nothing."""
        if self._has_given_way:
            if worked - self._seen < _LITTLE:
                run_on(self._cores, thread)  # on the first, too: Linux would not have the others make room
        elif worked - started > PATIENCE:
            self._has_given_way = True
            _give_way(thread, self._cores)
        self._seen = worked

    def _tidy_up(self) -> None:
        """Give back what a long query has left; if that is not all, the next answer is the last of this worker."""
        if self._is_untidy:
            self._is_untidy = False
            give_back()
            self._is_grown = in_memory() - self._began_with > _GROWN

    def _have_threads(self) -> None:
        """Have one thread to answer and one to take over from it.

        A thread that gave way cannot have its priority back, and one that it starts inherits it: so the next one is
        started here, before it is needed. Queries never run on this thread, the main one, where glibc's allocator is
        slower (docs/performance-attempts.md).
        """
        while threading.active_count() <= _THREADS:
            threading.Thread(target=self._take_turn, daemon=True).start()

    def _take_turn(self) -> None:
        self._turn.acquire()
        try:
            self._answer_all()
        except BaseException:  # noqa: BLE001 - whatever it is, a client waits, and is told by the end of the worker
            os._exit(1)

    def _answer_all(self) -> None:
        self._thread = threading.current_thread()
        if sys.platform == "linux":
            self._clock = time.pthread_getcpuclockid(threading.get_ident())
        while request := self._requests.next():
            self._started = time.clock_gettime(self._clock)
            self._answer(frames.parse_request(request.body))
            is_soon = (
                request.follows == frames.SOON and self._pace() == frames.QUICK
            )  # what takes long is seldom followed at once
            self._started = None
            if self._has_given_way:
                self._has_given_way, self._is_untidy = False, True
                self._turn.release()
                return
            if is_soon:
                self._requests.look_out(awake.QUESTION)
        os._exit(0)

    def _answer(self, asked: frames.Request) -> None:
        text, manner, dataset = asked
        last = self._is_grown
        sink = Sink(self._connection, manner.encoding, manner.result)
        signal.setitimer(signal.ITIMER_REAL, manner.seconds)  # the default action of its signal is to end the process
        try:
            seen = Outline(manner.form, manner.names_dataset, text)
            engine.run(self._store, seen, manner.media_type, dataset, sink)
            signal.setitimer(signal.ITIMER_REAL, 0)
            sink.close(frames.LAST if last else self._pace())
        except BlockingIOError:  # the client takes nothing
            os._exit(1)
        except Exception as error:  # noqa: BLE001 - every fault is told to the client, who judges
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._tell(sink, error)
            os._exit(0)
        if last:
            os._exit(0)

    def _pace(self) -> bytes:
        """Return what tells that the answer is complete and whether it came quickly, whoever else had the processor."""
        worked = time.clock_gettime(self._clock) - (self._started or 0.0)
        return frames.QUICK if worked < MOMENT else frames.END

    def _tell(self, sink: Sink, error: Exception) -> None:
        if sink.full:
            error = ResultTooLarge(sink.limit >> 20)
        elif isinstance(error, MemoryError):
            error = QueryTooCostly(self._memory >> 20)
        with suppress(OSError):
            self._connection.sendall(frames.failure(error))


def _give_way(thread: int, cores: set[int]) -> None:
    """Let everything else go before a thread: it runs when a core has nothing else to do, and not on the first.

    A program of another session, such as a reverse proxy, is woken on the core of such a thread as if that were free,
    and then waits for the next tick. So one core is kept for those who do not take long.
    """
    os.setpriority(os.PRIO_PROCESS, thread, _LOWEST)
    if sys.platform == "linux":
        os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
        _, *others = sorted(cores)
        run_on(others or cores, thread)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
