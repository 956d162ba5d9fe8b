"""Lists, items and searches of the API, none of them kept ready: ``python -m benchmarks.lists``.

Each address is asked for the first time, when its list is made, and then again and again, in rounds with a look-up by
SPARQL; the ratio is to that.
"""

from __future__ import annotations

import statistics
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any, Final

from benchmarks import generate, machine, report
from benchmarks.mix import EXAMPLE, mix
from benchmarks.run import WORK, dataset
from benchmarks.serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS: Final = 15
ADDRESSES: Final = (
    "organizations",
    "organizations?limit=500",
    "organizations?type=ngo&country=nl",
    "organizations?role=supporting&pact=pact-003&status=active",
    "affiliations",
    "affiliations?asOf=2023-12-31",
    f"affiliations?organization={EXAMPLE}",
    f"organizations/{EXAMPLE}",
    "search?q=green+network",
    "organizations?q=institute",
    "organizations.csv?limit=500",
)
"""What is asked for, below ``/api/v1``."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print what each took."""
    parser = ArgumentParser(prog="python -m benchmarks.lists", description=__doc__)
    parser.add_argument("--size", default="1M", help="statements of the graph (default: 1M)")
    arguments = parser.parse_args(argv)
    results: dict[str, Any] = {"size": arguments.size, "seed": generate.SEED, **machine.facts()}
    with serving(dataset(WORK, arguments.size), environment={"CFIT_CACHE_MB": "0"}) as server:
        results["addresses"] = found = measure(server)
    for address, figures in found.items():
        print(f"{address}: first {figures['first_ms']} ms, then {figures['ms']} ms, {figures['ratio']} look-ups")
    report.save(f"lists-{arguments.size}", results)
    return 0


def measure(server: Serving, rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """Return milliseconds of the first answer, the median of the later ones, and that as a multiple of a look-up."""
    (look_up,) = (query for query in mix() if query.name == "q01-lookup")
    times: dict[str, list[float]] = {address: [] for address in ADDRESSES}
    bare = []
    with server.client() as client:
        for _ in range(rounds + 1):
            bare.append(client.query("/sparql", look_up.sparql, look_up.media_type).seconds)
            for address in ADDRESSES:
                reply = client.get(f"/api/v1/{address}")
                if reply.status != 200:
                    raise SystemExit(f"{address}: {reply.body.decode()}")
                times[address].append(reply.seconds)
    return {address: _figures(seconds, statistics.median(bare)) for address, seconds in times.items()}


def _figures(seconds: list[float], bare: float) -> dict[str, float]:
    median = statistics.median(seconds[1:])
    return {
        "first_ms": round(seconds[0] * 1e3, 1),
        "ms": round(median * 1e3, 1),
        "ratio": round(median / bare, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
