"""Waiting awake: who expects something in a moment looks for it over and over, and does not sleep.

A core with nothing to do halts, and to wake it takes longer than a quick answer does (docs/performance-attempts.md). So
a web process with one quick question stays awake until it is answered, and the worker then for the next one. Whoever
else wants the core of a process that waits so goes first.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER: Final = 0.001
"""Seconds to wait awake for a quick answer."""
QUESTION: Final = 0.0003
"""Seconds to wait awake for the next question: programs on the same machine, or near, ask again by then."""


def wait(has_come: Callable[[], object], seconds: float) -> None:
    """Return once something has come, or else after some seconds."""
    until = time.monotonic() + seconds
    while not has_come() and time.monotonic() < until:
        os.sched_yield()


def stay(call_soon: Callable[[Callable[[], None]], object], is_expected: Callable[[], object], seconds: float) -> None:
    """Have the event loop whose ``call_soon`` this is turn without sleep while something is expected.

    It does all else that it has to do, and sleeps again after so many seconds at the latest.
    """
    until = time.monotonic() + seconds

    def turn() -> None:
        if is_expected() and time.monotonic() < until:
            os.sched_yield()
            call_soon(turn)

    call_soon(turn)
