"""Batches of fifty names for ``/reconcile``, none of them kept ready: ``python -m benchmarks.reconcile``.

The names are those of organizations of the graph: as they are, each with a slip of the pen, and so with properties
beside them. Then look-ups by SPARQL are timed while batches are at work, one after the other.
"""

from __future__ import annotations

import json
import statistics
import sys
from argparse import ArgumentParser
from itertools import cycle
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from benchmarks import generate, machine, report
from benchmarks.mix import mix
from benchmarks.run import WORK, dataset
from benchmarks.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.client import Client
    from benchmarks.serving import Serving

ROUNDS: Final = 10
BATCH: Final = 50
LOOKUPS: Final = 100
_PROPERTIES: Final = ({"pid": "country", "v": "Netherlands"}, {"pid": "role", "v": "supporting"})

Queries = dict[str, dict[str, Any]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print what each took."""
    parser = ArgumentParser(prog="python -m benchmarks.reconcile", description=__doc__)
    parser.add_argument("--size", default="1M", help="statements of the graph (default: 1M)")
    arguments = parser.parse_args(argv)
    results: dict[str, Any] = {"size": arguments.size, "seed": generate.SEED, **machine.facts()}
    with serving(dataset(WORK, arguments.size), environment={"CFIT_CACHE_MB": "0"}) as server:
        results |= measure(server)
    for name, figures in (results["batches"] | {"look-ups": results["lookups"]}).items():
        print(name, ", ".join(f"{figure}: {value}" for figure, value in figures.items()))
    report.save(f"reconcile-{arguments.size}", results)
    return 0


def measure(server: Serving, rounds: int = ROUNDS) -> dict[str, Any]:
    """Return seconds of batches, the first of each kind and the median; and of look-ups the p95, idle and meanwhile."""
    with server.client() as client:
        names = _names(client)
        batches = {name: _timed(client, kind, rounds) for name, kind in _kinds(names).items()}
        idle = _lookups(client)
        with server.client() as other:
            over = Event()
            thread = Thread(target=_go_on, args=(other, cycle(_batches(names)), over))
            thread.start()
            busy = _lookups(client)
            over.set()
            thread.join()
    return {"batches": batches, "lookups": {"idle_ms": idle, "busy_ms": busy}}


def _names(client: Client) -> list[str]:
    page = json.loads(client.get("/api/v1/organizations?limit=500").body)
    return [name for it in page["items"] for name in it.get("prefLabel", {}).values()]


def _kinds(names: Sequence[str]) -> dict[str, Iterator[Queries]]:
    slips = [f"{name[:4]}{name[5:]}" for name in names]
    return {
        "names": cycle(_batches(names)),
        "names with a slip": cycle(_batches(slips)),
        "names with a slip and properties": cycle(_batches(slips, type="organization", properties=_PROPERTIES)),
    }


def _batches(names: Sequence[str], **more: Any) -> list[Queries]:
    starts = range(0, len(names), BATCH)
    return [{f"q{at}": {"query": name, **more} for at, name in enumerate(names[it : it + BATCH])} for it in starts]


def _timed(client: Client, batches: Iterator[Queries], rounds: int) -> dict[str, float]:
    seconds = [_ask(client, next(batches)) for _ in range(rounds + 1)]
    return {"first_s": round(seconds[0], 3), "s": round(statistics.median(seconds[1:]), 3)}


def _ask(client: Client, queries: Queries) -> float:
    reply = client.get(f"/reconcile?{urlencode({'queries': json.dumps(queries)})}")
    if reply.status != 200:
        raise SystemExit(reply.body.decode())
    return reply.seconds


def _go_on(client: Client, batches: Iterator[Queries], over: Event) -> None:
    while not over.is_set():
        _ask(client, next(batches))


def _lookups(client: Client) -> float:
    """Return the 95th percentile of what look-ups take, in milliseconds."""
    (look_up,) = (query for query in mix() if query.name == "q01-lookup")
    seconds = [client.query("/sparql", look_up.sparql, look_up.media_type).seconds for _ in range(LOOKUPS)]
    return round(statistics.quantiles(seconds, n=20)[-1] * 1e3, 1)


if __name__ == "__main__":
    sys.exit(main())
