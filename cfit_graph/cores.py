"""Work shared among the cores of this machine, by processes that are forked for it and end with it."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FEW: Final = 400
"""Nodes, or findings, up to which it takes less time to do all of them here."""

T = TypeVar("T")
R = TypeVar("R")


def number(things: int, few: int = _FEW) -> int:
    """Return among how many cores to share so many things: one if they are few, or if processes cannot be forked."""
    return len(os.sched_getaffinity(0)) if things > few and hasattr(os, "sched_getaffinity") else 1


def dealt(things: Sequence[T], number: int) -> list[Sequence[T]]:
    """Return things in so many parts, dealt out like cards."""
    return [things[part::number] for part in range(number)]


def shared(work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
    """Return what ``work`` makes of each part: of the first here, of each other in a process of its own.

    What becomes of a part there must stand pickling. Where it comes to nothing, the part is done here, so that an error
    is raised where it can be handled.
    """
    children = [_forked(work, part) for part in parts[1:]]
    try:
        first = [work(part) for part in parts[:1]]
    except BaseException:
        for child in children:
            _received(*child)
        raise
    received: list[tuple[R] | None] = [_received(*child) for child in children]
    return first + [work(part) if made is None else made[0] for part, made in zip(parts[1:], received, strict=True)]


def _forked(work: Callable[[T], R], part: T) -> tuple[int, int]:
    """Start a process that writes what it makes of a part into a pipe; return the process, 0 if none, and the pipe."""
    reading, writing = os.pipe()
    try:
        process = os.fork()
    except OSError:  # no more processes are allowed here
        os.close(writing)
        return 0, reading
    if process == 0:
        try:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(pickle.dumps((work(part),)))
        except BaseException:  # noqa: BLE001 - it is raised where the part is done again
            os._exit(1)
        os._exit(0)
    os.close(writing)
    return process, reading


def _received(process: int, reading: int) -> tuple[R] | None:
    with os.fdopen(reading, "rb") as pipe:
        written = pipe.read()
    status = os.waitpid(process, 0)[1] if process else 1
    made: tuple[R] | None = None if status else pickle.loads(written)  # noqa: S301 - of our own process
    return made
