"""Minutes of mixed load with accidents: ``python -m benchmarks.soak --minutes 30``.

Honest clients compare each answer with the one pyoxigraph gave beforehand. Meanwhile others hang up, others let runaway
queries time out, and now and then a process that answers queries is killed. No answer may be wrong and none may hang;
a clean error is one that the client can tell from an answer.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from benchmarks import answers, generate, machine, report
from benchmarks.inside import answerer
from benchmarks.mix import lookups, mix
from benchmarks.processes import children
from benchmarks.rounds import say
from benchmarks.run import WORK, dataset
from benchmarks.serving import Serving, after, hold, runaways, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.client import Client
    from benchmarks.mix import Query

LIMIT: Final = 60.0
"""Seconds without an answer after which a connection counts as hung."""
SETTLE: Final = 5.0
"""Seconds after which nothing may be left of what was going on."""
HONEST: Final = 4
LOOKUPS: Final = 200

Expected = list[tuple["Query", str]]


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the counts and return 1 if an answer was wrong or a connection hung."""
    parser = ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--size", default="100k", help="statements of the graph (default: 100k)")
    parser.add_argument("--kill-every", type=float, default=2, help="seconds between kills, on average (default: 2)")
    parser.add_argument("--cached", action="store_true", help="leave the cache on, which answers most by itself")
    arguments = parser.parse_args(argv)
    graph = dataset(WORK, arguments.size)
    expected = expectations(graph, generate.size(arguments.size))
    environment = {} if arguments.cached else {"CFIT_CACHE_MB": "0"}
    with serving(graph, environment=environment) as server:
        soak = Soak(server, expected, arguments.kill_every)
        found = soak.run(60 * arguments.minutes)
    report.save("soak", {**machine.facts(), "seed": generate.SEED, **vars(arguments), **found})
    print("\n".join(f"{name}: {value}" for name, value in found.items()))
    return int(bool(found["wrong"] or found["hung"] or not found["alive"]))


def expectations(graph: Path, statements: int) -> Expected:
    """Return queries, most of them look-ups, with the digest of the right answer."""
    queries = [query for query in mix() if query.kind != "bulk"]
    first = queries[0]
    organizations = statements // 100
    queries += [
        type(first)(first.name, first.title, first.kind, text, first.media_type)
        for text in lookups(LOOKUPS, organizations)
    ]
    answer = answerer(graph)
    return [(query, answers.digest(query.media_type, answer(query.sparql, query.media_type))) for query in queries]


class Soak:
    """One run: threads that ask, hang up, run away and kill, and what they counted."""

    def __init__(self, server: Serving, expected: Expected, kill_every: float) -> None:
        self._server, self._expected, self._kill_every = server, expected, kill_every
        self._over = threading.Event()
        self._counts: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()

    def run(self, seconds: float) -> dict[str, Any]:
        """Let everybody work for so long and return the counts."""
        jobs = [*[self._ask] * HONEST, self._hang_up, self._run_away, self._kill]
        threads = [threading.Thread(target=job, args=(random.Random(seed),)) for seed, job in enumerate(jobs)]  # noqa: S311
        before = self._server.takes()
        for thread in threads:
            thread.start()
        self._tell(seconds)
        self._over.set()
        for thread in threads:
            thread.join(3 * LIMIT)
        time.sleep(SETTLE)
        counts = {
            name: self._counts[name] for name in ("right", "wrong", "hung", "refused", "cut", "killed", "hung_up")
        }
        takes = {"before": before, "after": self._server.takes()}
        return {
            **counts,
            "errors": dict(self._errors),
            "ran_away": self._counts["ran_away"],
            "alive": self._alive(),
            **takes,
        }

    def _tell(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._over.wait(min(60, left))
            say(f"{left / 60:.0f} minutes to go: {dict(self._counts)}")

    def _ask(self, lot: random.Random) -> None:
        with self._server.client(timeout=LIMIT) as client:
            while not self._over.is_set():
                query, digest = lot.choice(self._expected)
                self._counts[self._outcome(client, query, digest)] += 1

    def _outcome(self, client: Client, query: Query, digest: str) -> str:
        try:
            reply = client.query("/sparql", query.sparql, query.media_type)
        except TimeoutError:
            return "hung"
        except OSError as error:
            self._errors[type(error).__name__] += 1
            return "cut"  # the client can tell that the answer is not whole
        if reply.status != HTTPStatus.OK:
            self._errors[str(reply.status)] += 1
            return "refused"
        return "right" if _is_right(query, reply.body, digest) else "wrong"

    def _hang_up(self, lot: random.Random) -> None:
        while not self._over.is_set():
            query, _ = lot.choice(self._expected)
            self._held(query.sparql, after(lot.random() * 0.05))
            self._counts["hung_up"] += 1

    def _run_away(self, lot: random.Random) -> None:
        while not self._over.is_set():
            status = self._held(lot.choice(runaways()), after(LIMIT), timeout="1")
            self._counts["hung" if status == "hung up" else "ran_away"] += 1
            self._errors[f"runaway ended by {status}"] += 1

    def _held(self, sparql: str, is_over: Callable[[], bool], **parameters: str) -> str:
        try:
            return hold(self._server.port, sparql, is_over, **parameters)
        except OSError as error:
            self._errors[type(error).__name__] += 1
            return "error"

    def _kill(self, lot: random.Random) -> None:
        """Kill a process that answers queries: a child of the store, so one that our own server started."""
        while not self._over.wait(lot.random() * 2 * self._kill_every):
            workers = [pid for store in self._server.stores() for pid in children(store)]
            if workers:
                self._counts["killed"] += _end(lot.choice(workers))

    def _alive(self) -> bool:
        query, digest = self._expected[0]
        with self._server.client(timeout=LIMIT) as client:
            return self._outcome(client, query, digest) == "right"


def _is_right(query: Query, body: bytes, digest: str) -> bool:
    try:
        return answers.digest(query.media_type, body) == digest
    except (SyntaxError, ValueError, KeyError):
        return False


def _end(pid: int) -> int:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
