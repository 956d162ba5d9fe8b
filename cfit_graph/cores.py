"""Work shared among the cores of this machine, by processes that are forked for it and end with it."""

from __future__ import annotations

import os
import pickle
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_FEW: Final = 400
"""Nodes, or findings, up to which it takes less time to do all of them here."""

_PLACE: Final = struct.Struct("I")
_MOST: Final = 1_000  # places that a pipe holds, however small the system makes it

T = TypeVar("T")
R = TypeVar("R")


def number(things: int, few: int = _FEW) -> int:
    """Return among how many cores to share so many things: one if they are few, or if processes cannot be forked."""
    return len(os.sched_getaffinity(0)) if things > few and hasattr(os, "sched_getaffinity") else 1


def dealt(things: Sequence[T], number: int) -> list[Sequence[T]]:
    """Return things in so many parts, dealt out like cards."""
    return [things[part::number] for part in range(number)]


def shared(work: Callable[[T], R], things: Sequence[T], number: int = 0) -> list[R]:
    """Return what ``work`` makes of each thing, by so many processes, or as many as things; see :func:`beside`."""
    with beside(work, things, number or len(things)) as made:
        pass
    return made


@contextmanager
def beside(work: Callable[[T], R], things: Sequence[T], number: int) -> Iterator[list[R]]:
    """Have all but one of ``number`` processes work on things while the block runs, and this one when it ends.

    Each takes the next thing that none has taken, or of very many the next few. The list that is given has what was
    made of each when all is done. What becomes of a thing must stand pickling. Where it comes to nothing elsewhere, the
    thing is done here, so that an error is raised where it can be handled.
    """
    places, step = range(len(things)), len(things) // _MOST + 1
    left, writing = os.pipe()
    os.write(writing, b"".join(map(_PLACE.pack, places[::step])))
    os.close(writing)

    def take() -> dict[int, R]:
        return {place: work(things[place]) for first in _drawn(left) for place in places[first : first + step]}

    children = [_forked(take) for _ in things[: number - 1]]
    made: list[R] = []
    found: dict[int, R] = {}
    try:
        yield made
        found |= take()
    finally:
        os.read(left, _MOST * _PLACE.size)  # after an error nobody is to begin another
        os.close(left)
        for child in children:
            found |= _received(*child)
    made += [found[place] if place in found else work(thing) for place, thing in enumerate(things)]


def _drawn(left: int) -> Iterator[int]:
    """Yield places at which nobody has begun, each to one process."""
    while place := os.read(left, _PLACE.size):
        yield _PLACE.unpack(place)[0]


def _forked(take: Callable[[], object]) -> tuple[int, int]:
    """Start a process that writes what it has made into a pipe; return it, 0 if there is none, and the pipe."""
    reading, writing = os.pipe()
    try:
        process = os.fork()
    except OSError:  # no more processes are allowed here
        os.close(writing)
        return 0, reading
    if process == 0:
        try:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(pickle.dumps(take()))
        except BaseException:  # noqa: BLE001 - it is raised where the thing is done again
            os._exit(1)
        os._exit(0)
    os.close(writing)
    return process, reading


def _received(process: int, reading: int) -> dict[int, Any]:
    """Return what a process has made; nothing if it came to nothing."""
    with os.fdopen(reading, "rb") as pipe:
        written = pipe.read()
    status = os.waitpid(process, 0)[1] if process else 1
    made: dict[int, Any] = {} if status else pickle.loads(written)  # noqa: S301 - of our own process
    return made
