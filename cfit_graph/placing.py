"""Where processes run that serve together: each on its part of the cores, so that what belongs together stays together.

A web process and a worker that answers it in a tenth of a millisecond lose most of that again if the kernel has each of
them wait for another core to wake, or has two web processes share one.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_HAS_CORES: Final = sys.platform == "linux"  # others do not let a process choose
_everywhere: set[int] = set()


def part(cores: list[int], place: int, number: int) -> list[int]:
    """Return one of ``number`` parts of some cores; where there are fewer cores than parts, one that others have, too.

    >>> part([0, 1, 2, 3, 4], 0, 2), part([0, 1, 2, 3, 4], 1, 2), part([0, 1], 2, 3)
    ([0, 1], [2, 3, 4], [0])
    """
    first, end = place * len(cores) // number, (place + 1) * len(cores) // number
    return cores[first:end] if number <= len(cores) else [cores[place % len(cores)]]


def take_part(folder: Path, number: int) -> None:
    """Run this process on a part of the cores that none of ``number`` others has which do the same with this folder.

    What tells them is a lock on a file, which the kernel takes away when the process ends.
    """
    if not _HAS_CORES:
        return
    for place in range(number):
        lock = os.open(folder / f"part-{place}", os.O_CREAT | os.O_RDWR)  # it stays open
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        _everywhere.update(os.sched_getaffinity(0))
        run_on(part(sorted(_everywhere), place, number))
        return


def others() -> int:
    """Return how many processes can run at the same time as this one, at least one."""
    return max(1, len(os.sched_getaffinity(0)) - 1) if _HAS_CORES else 1


def has_room() -> bool:
    """Tell whether another process can run at the same time as this one."""
    return _HAS_CORES and len(os.sched_getaffinity(0)) > 1


@contextmanager
def everywhere() -> Iterator[None]:
    """Let the processes that this thread starts meanwhile run on all cores, whatever part we have."""
    if not _everywhere:
        yield
        return
    ours = os.sched_getaffinity(0)
    run_on(_everywhere)
    try:
        yield
    finally:
        run_on(ours)


def follow(connection: socket.socket) -> set[int]:
    """Run where the process at the other end of a UNIX socket does, and return where we could until now."""
    if not _HAS_CORES:
        return set()
    could = os.sched_getaffinity(0)
    process = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    with suppress(OSError):  # it has ended
        run_on(os.sched_getaffinity(process))
    return could


def let_finish() -> None:
    """Let this thread, and those it starts, wait when they are woken until who runs has done what it does.

    A web process that wakes a worker on its own core would be stopped in the middle of a step, go on with cold caches,
    and change places with the worker once more for each question.
    """
    if _HAS_CORES:
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def run_on(cores: Iterable[int], thread: int = 0) -> None:
    """Run a thread, or else this one, on some cores if we may: a service may be forbidden to choose, or lose cores."""
    if _HAS_CORES:
        with suppress(OSError):
            os.sched_setaffinity(thread, cores)
