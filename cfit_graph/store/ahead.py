"""Questions asked ahead: of a worker that has not answered the one before, once as many work as there are cores for.

More workers than that only take turns, each with cold caches, and the web process wakes one for each question and is
woken by each answer. A worker that finds the next question waiting goes on with it. Only who was answered in a moment
before asks ahead; where that was wrong, those behind are sent away soon (:class:`cfit_graph.store.line.Line`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from cfit_graph.placing import others

if TYPE_CHECKING:
    from cfit_graph.store.line import Line

FRESH: Final = 0.005
"""Seconds that a worker may have been at its question to be asked another: what takes longer is not quick."""
DEPTH: Final = 8
"""Questions that a worker may have before it, with the one that it is at."""


class Ahead:
    """The workers that are at quick questions."""

    def __init__(self) -> None:
        self._workers: list[Line] = []
        self._cores = others()

    def add(self, line: Line) -> None:
        """Take note of a worker that is asked a quick question, and so may be asked another."""
        line.is_shared = True
        self._workers.append(line)

    def line(self) -> Line | None:
        """Return the connection to the worker to ask ahead; ``None`` while another should be asked."""
        self._workers = self.at_work()
        if len(self._workers) < self._cores:
            return None
        shortest, now = min(self._workers, key=_depth), time.monotonic()
        return shortest if shortest.depth < DEPTH and now - shortest.since < FRESH else None

    def at_work(self) -> list[Line]:
        """Return the connections to them."""
        return [line for line in self._workers if line.is_shared and line.depth and not line.is_spent]


def _depth(line: Line) -> int:
    return line.depth
