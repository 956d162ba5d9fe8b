"""A thousand runaway queries in a row: does the server keep its shape? ``python -m benchmarks.runaways``.

Half are ended by ``timeout=``, half by hanging up. Processes, file handles and memory are looked at before and after;
after it the server must answer at once, with no more of any than before, but for a tenth of memory.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, Final

from benchmarks import generate, machine, report
from benchmarks.mix import ROWS
from benchmarks.rounds import say
from benchmarks.run import WORK, dataset
from benchmarks.serving import Serving, after, hold, runaways, serving

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTLE: Final = 5.0
"""Seconds after which nothing may be left of what was ended."""
LIMIT: Final = 30.0
"""Seconds after which a query counts as hung."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run them, print before and after, and return 1 if the server lost its shape."""
    parser = ArgumentParser(prog="python -m benchmarks.runaways", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--parallel", type=int, default=4, help="queries at the same time (default: 4)")
    parser.add_argument("--timeout", default="0.2", help="seconds asked for with timeout= (default: 0.2)")
    parser.add_argument("--size", default="10k", help="statements of the graph (default: 10k)")
    arguments = parser.parse_args(argv)
    with serving(dataset(WORK, arguments.size)) as server:
        found = measure(server, arguments.count, arguments.parallel, arguments.timeout)
    result = {**machine.facts(), "seed": generate.SEED, **vars(arguments), **found}
    report.save("runaways", result)
    for name in ("before", "after"):
        print(f"{name}: {found[name]}")
    print(f"ended: {found['ended']}; kept its shape: {'yes' if found['kept'] else 'NO'}")
    return int(not found["kept"])


def measure(server: Serving, count: int, parallel: int, timeout: str) -> dict[str, Any]:
    """Return what the server takes before and after so many runaways, and how they ended."""
    _run(server, 20, parallel, timeout)  # what it makes on first need is there
    time.sleep(SETTLE)
    before, began = server.takes(), time.monotonic()
    ended = _run(server, count, parallel, timeout)
    seconds = round(time.monotonic() - began, 1)
    time.sleep(SETTLE)
    after = server.takes()
    with server.client(timeout=10) as client:
        answers = client.query("/sparql", "ASK {}", ROWS).status
    kept = answers == 200 and kept_shape(before, after) and not ended["hung"]
    return {"before": before, "after": after, "ended": dict(ended), "seconds": seconds, "kept": kept}


def kept_shape(before: dict[str, float], after: dict[str, float]) -> bool:
    """Tell whether there are no more processes and handles than before, and at most a tenth more memory.

    >>> kept_shape({"processes": 3, "files": 30, "memory_mb": 90}, {"processes": 3, "files": 30, "memory_mb": 95})
    True
    """
    leaks = any(after[name] > before[name] for name in ("processes", "files"))
    return not leaks and after["memory_mb"] <= 1.1 * before["memory_mb"]


def _run(server: Serving, count: int, parallel: int, timeout: str) -> Counter[str]:
    queries = islice(cycle(runaways()), count)
    with ThreadPoolExecutor(parallel) as pool:
        ended = pool.map(lambda task: _end(server, task[1], timeout, task[0]), enumerate(queries))
        return Counter(_told(ended, count))


def _told(ended: Any, count: int) -> Any:
    for number, how in enumerate(ended, 1):
        if number % 100 == 0:
            say(f"{number} of {count}")
        yield how


def _end(server: Serving, sparql: str, timeout: str, number: int) -> str:
    """Run one query and say how it ended: by its time limit, or because the user hung up."""
    if number % 8 < 4:
        hold(server.port, sparql, after(0.1))
        return "hung up on"
    status = hold(server.port, sparql, after(LIMIT), timeout=timeout)
    return "hung" if status == "hung up" else f"status {status}"


if __name__ == "__main__":
    sys.exit(main())
