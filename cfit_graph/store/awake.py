"""Waiting awake: who expects something in a moment looks for it over and over, and does not sleep.

A core with nothing to do halts, and to wake it takes longer than a quick answer does (docs/performance-attempts.md). So
a web process with one question stays awake until it is answered, and the worker then for the next one, both for a
moment at the most. Whoever else wants the core goes first. Who has much to do there takes some milliseconds, in which a
process that sleeps would be woken: where that happens often, nobody waits awake for a while.
"""

from __future__ import annotations

import os
import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER: Final = 0.001
"""Seconds to wait awake for an answer: a quick one has come by then."""
QUESTION: Final = 0.0003
"""Seconds to wait awake for the next question: programs on the same machine, or near, ask again by then."""
AGAIN: Final = 0.01
"""Seconds within which a question comes after another for its answer to be waited for: else all caches are cold."""
LONG: Final = 0.001
"""Seconds that others may take when they go first."""
OFTEN: Final = 4
"""How often they take longer in a second where a core has much to do; where not, that is about once."""
REST: Final = 1.0
"""Seconds for which nobody waits awake after that."""


class Awake:
    """Waits awake, where others let it."""

    def __init__(self) -> None:
        self._rests_until = 0.0
        self._long = deque([float("-inf")] * OFTEN, OFTEN)

    def wait(self, has_come: Callable[[], object], seconds: float) -> None:
        """Return once something has come, or else after some seconds at the most."""
        until = time.monotonic() + seconds
        while not has_come() and self._goes_on(until):
            pass

    def stay(
        self, call_soon: Callable[[Callable[[], None]], object], is_expected: Callable[[], object], seconds: float
    ) -> None:
        """Have the event loop whose ``call_soon`` this is turn without sleep while something is expected.

        It does all else that it has to do, and sleeps again after some seconds at the most.
        """
        until = time.monotonic() + seconds

        def turn() -> None:
            if is_expected() and self._goes_on(until):
                call_soon(turn)

        call_soon(turn)

    def _goes_on(self, until: float) -> bool:
        """Let others go first, and tell whether to wait on after that."""
        now = time.monotonic()
        if not self._rests_until <= now < until:
            return False
        os.sched_yield()
        if time.monotonic() - now > LONG:
            self._long.append(now)
            if now - self._long[0] < 1:
                self._rests_until = now + REST
        return True
