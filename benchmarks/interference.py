"""How much four runaway queries slow light requests down: ``python -m benchmarks.interference``.

The real release is served; entity pages and look-ups are timed in turns, idle and while the runaways go on. The target
is a p95 of at most twice the idle one.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from argparse import ArgumentParser
from contextlib import contextmanager
from http import HTTPStatus
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

from benchmarks import machine, report
from benchmarks.generate import ROOT
from benchmarks.mix import ROWS, mix
from benchmarks.rounds import percentile, say
from benchmarks.serving import Serving, hold, runaways, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.client import Client, Reply

TARGET: Final = 2.0
_EXAMPLE = "organization:org-000042"
_ALL = (ROOT / "cfit_graph" / "queries" / "list-organizations.rq").read_text("utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the ratios and return 1 if one is above the target."""
    parser = ArgumentParser(prog="python -m benchmarks.interference", description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="turns of idle and busy (default: 4)")
    parser.add_argument("--seconds", type=float, default=5, help="seconds of each (default: 5)")
    parser.add_argument("--runaways", type=int, default=4, help="runaway queries at once (default: 4)")
    parser.add_argument("--cached", action="store_true", help="leave the cache on")
    arguments = parser.parse_args(argv)
    environment = {} if arguments.cached else {"CFIT_CACHE_MB": "0"}
    with serving(environment=environment) as server:
        found = measure(server, arguments.rounds, arguments.seconds, arguments.runaways)
    result = {**machine.facts(), "cached": arguments.cached, "runaways": arguments.runaways, **found}
    report.save("interference" + ("-cached" if arguments.cached else ""), result)
    for name, figures in found["requests"].items():
        print(f"{name}: p95 idle {figures['idle']['p95']} ms, busy {figures['ratio']} times that (target: {TARGET:g})")
    print(f"runaways ended by status: {found['ended']}")
    return int(any(figures["ratio"] > TARGET for figures in found["requests"].values()))


def measure(server: Serving, turns: int, seconds: float, count: int) -> dict[str, Any]:
    """Return p50 and p95 of light requests, idle and beside runaway queries, and their ratio."""
    times: dict[str, dict[str, list[float]]] = {}
    ended: dict[str, int] = {}
    with server.client() as client:
        requests = light_requests(client)
        _time(client, requests, 2, {})  # warms up
        for turn in range(turns):
            say(f"turn {turn + 1} of {turns}")
            _time(client, requests, seconds, times.setdefault("idle", {}))
            with runaway_load(server, count, ended):
                _time(client, requests, seconds, times.setdefault("busy", {}))
    return {"requests": {name: _figures(times, name) for name in requests}, "ended": ended}


def light_requests(client: Client) -> dict[str, Callable[[Client], Reply]]:
    """Return the kinds of light request; each asks for the next organization of the graph."""
    (lookup,) = (query.sparql for query in mix() if query.name == "q01-lookup")
    bindings = json.loads(client.query("/sparql", _ALL, ROWS).body)["results"]["bindings"]
    slugs = sorted({part["value"].rpartition("/")[2] for row in bindings for part in row.values() if _is_ours(part)})
    turn = cycle(slugs)
    return {
        "entity page": lambda client: client.get(f"/doc/organization/{next(turn)}", "text/html"),
        "look-up": lambda client: client.query(
            "/sparql", lookup.replace(_EXAMPLE, f"<https://w3id.org/cfit/id/organization/{next(turn)}>"), ROWS
        ),
    }


def _is_ours(term: dict[str, str]) -> bool:
    return term["type"] == "uri" and "/id/organization/" in term["value"]


def _time(
    client: Client, requests: dict[str, Callable[[Client], Reply]], seconds: float, times: dict[str, list[float]]
) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for name, request in requests.items():
            reply = request(client)
            if reply.status != HTTPStatus.OK:
                raise RuntimeError(f"{name}: status {reply.status}")
            times.setdefault(name, []).append(1000 * reply.seconds)


@contextmanager
def runaway_load(server: Serving, count: int, ended: dict[str, int]) -> Iterator[None]:
    """Keep as many runaway queries running as asked for; note with which status they end."""
    stop = threading.Event()
    queries = runaways()
    threads = [
        threading.Thread(target=_run_away, args=(server, queries[number % len(queries)], stop, ended), daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    time.sleep(1)  # all have begun
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(120)


def _run_away(server: Serving, sparql: str, stop: threading.Event, ended: dict[str, int]) -> None:
    while not stop.is_set():
        try:
            status = hold(server.port, sparql, stop.is_set)
        except OSError as error:
            status = type(error).__name__
        ended[status] = ended.get(status, 0) + 1


def _figures(times: dict[str, dict[str, list[float]]], name: str) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for state in ("idle", "busy"):
        ordered = sorted(times[state][name])
        figures[state] = {
            "p50": round(percentile(ordered, 0.5), 3),
            "p95": round(percentile(ordered, 0.95), 3),
            "most": round(ordered[-1], 3),
            "requests": len(ordered),
        }
    figures["ratio"] = round(figures["busy"]["p95"] / figures["idle"]["p95"], 2)
    return figures


if __name__ == "__main__":
    sys.exit(main())
