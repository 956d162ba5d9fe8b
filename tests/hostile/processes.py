"""What the kernel says of processes (``/proc``), and waiting for it to say something else."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cfit_graph.store.workers import StoreProcess

PROC = Path("/proc")
T = TypeVar("T")


def children(process: int) -> list[int]:
    """Return the processes that a process started, without those that ended and were not waited for."""
    found = []
    for task in PROC.glob(f"{process}/task/*/children"):
        with suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return [child for child in found if is_alive(child)]


def descendants(process: int) -> list[int]:
    """Return all processes below a process."""
    return [pid for child in children(process) for pid in (child, *descendants(child))]


def is_alive(process: int) -> bool:
    """Tell whether a process runs."""
    try:
        return _stat(PROC / str(process))[0] not in "ZX"
    except OSError:
        return False


def store_processes(process: int) -> list[int]:
    """Return the store processes below a process; their workers, which have the same command line, are left out."""
    known = [pid for pid in descendants(process) if _is_store(pid)]
    return [pid for pid in known if not _is_store(_parent(pid))]


def store_of(process: StoreProcess) -> int:
    """Return the store process that answers at an address, started if none does."""
    with process.connect() as connection:
        found: int = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)  # the worker that was forked for this connection is not to be taken for another
    return found


def workers(process: int) -> list[int]:
    """Return the workers of all store processes below a process."""
    return [worker for store in store_processes(process) for worker in children(store)]


@contextmanager
def frozen(*processes: int) -> Iterator[None]:
    """Have processes stand still."""
    try:
        for process in processes:
            with suppress(ProcessLookupError):  # a worker may have ended meanwhile
                os.kill(process, signal.SIGSTOP)
        # A thread goes on until one of its process has run and seen the signal, which on busy cores takes a while.
        eventually(lambda: all(map(_stands_still, processes)))
        yield
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def _stands_still(process: int) -> bool:
    """Tell whether no thread of a process runs."""
    return not is_alive(process) or set(_of_threads(process, lambda thread: _stat(thread)[0])) <= {"T"}


def niceness(process: int) -> list[int]:
    """Return the priority of each thread of a process: 0 is common, 19 the lowest."""
    return _of_threads(process, lambda thread: int(_stat(thread)[16]))


def cores(process: int) -> list[set[int]]:
    """Return the cores that each thread of a process may run on."""
    return _of_threads(process, lambda thread: os.sched_getaffinity(int(thread.name)))


def processor_seconds(process: int) -> float:
    """Return how long a process has computed."""
    user, system = _stat(PROC / str(process))[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def megabytes(process: int) -> float:
    """Return how much memory a process has of its own or shares with those it was forked from."""
    _, resident, of_files, *_ = map(int, (PROC / str(process) / "statm").read_text().split())
    return (resident - of_files) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def open_files() -> int:
    """Return how many files and sockets this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a listing that opens no more than it must


@contextmanager
def busy(cores: Sequence[int]) -> Iterator[None]:
    """Have cores compute something else, with common priority."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in cores]
    try:
        for process, core in zip(processes, cores, strict=True):
            os.sched_setaffinity(process.pid, {core})
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def kill(*processes: int) -> None:
    """End processes without a word to them."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def eventually(holds: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.01)


def _of_threads(process: int, tell: Callable[[Path], T]) -> list[T]:
    """Return what there is to tell of each thread, but for those that end meanwhile."""
    found = []
    for thread in (PROC / str(process) / "task").iterdir():
        with suppress(OSError):
            found.append(tell(thread))
    return found


def _stat(process: Path) -> list[str]:
    return (process / "stat").read_text().rpartition(") ")[2].split()


def _parent(process: int) -> int:
    return int(_stat(PROC / str(process))[1])


def _is_store(process: int) -> bool:
    try:
        return b"cfit_graph.store.process" in (PROC / str(process) / "cmdline").read_bytes()
    except OSError:
        return False
