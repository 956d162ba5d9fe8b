"""Measures: each peer answers each query in turn, round by round, so that what slows the machine slows all alike.

Machines that share their cores with others have two speeds, a third apart, and change between them every few tenths of
a second. So rounds are many, and what a peer has of one is short: of few long turns, most fall into one of the speeds.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks import answers
from benchmarks.peers import Answer, Failed, Peer, TooSlow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.mix import Query

LARGEST = 400_000_000
"""Bytes of the largest answers that are compared; of larger ones the rows are counted."""


@dataclass(frozen=True)
class Plan:
    """How much is measured: seconds of warm-up, rounds, seconds and samples of a query in one, seconds in all."""

    warm: float = 6.0
    rounds: int = 40
    slice: float = 0.03
    most: int = 5
    budget: float = 1200.0

    def samples(self, first: float, number: int) -> int:
        """Return how often a query is timed in a round, after what the first answer took; slow ones sit out.

        >>> Plan().samples(0.001, 0), Plan().samples(0.01, 0), Plan().samples(0.1, 39)
        (5, 3, 1)
        >>> Plan().samples(0.6, 9), Plan().samples(0.6, 10), Plan().samples(3, 2), Plan().samples(11, 1)
        (1, 0, 0, 0)
        """
        if (first > 10 and number) or (first > 2 and number > 1) or (first > 0.5 and number > 9):
            return 0
        return max(1, min(self.most, int(self.slice / first)))


@dataclass
class Record:
    """What is known of one peer and one query: times in milliseconds, or why there are none."""

    first: float = 0.0
    times: list[float] = field(default_factory=list)
    rows: int | None = None
    differs: str = ""
    failed: str = ""

    def summary(self) -> dict[str, Any]:
        """Return it as results keep it."""
        if self.failed:
            return {"failed": self.failed}
        ordered = sorted(self.times or [self.first])
        return {
            "median": _digits(statistics.median(ordered)),
            "p95": _digits(percentile(ordered, 0.95)),
            "least": _digits(ordered[0]),
            "samples": len(ordered),
            "first": _digits(self.first),
            "differs": self.differs,
            "times": [_digits(value) for value in self.times],
        }


Records = dict[str, dict[str, Record]]
"""Records by peer and query."""


def measure(peers: Sequence[Peer], queries: Sequence[Query], plan: Plan) -> Records:
    """Compare the answers of all peers with those of the first, then time them."""
    records: Records = {peer.name: {query.name: Record() for query in queries} for peer in peers}
    for query in queries:
        _compare(peers, query, records)
    for peer in peers:
        _warm(peer, [query for query in queries if _is_quick(records[peer.name][query.name])], plan.warm)
    deadline = time.monotonic() + plan.budget
    for number in range(plan.rounds):
        say(f"round {number + 1} of {plan.rounds}")
        for query in queries:
            for peer in rotated(peers, number):
                if time.monotonic() < deadline:
                    _sample(peer, query, records[peer.name][query.name], plan, number)
    return records


def rotated(peers: Sequence[Peer], number: int) -> list[Peer]:
    """Return the peers, another one first in each round."""
    start = number % len(peers)
    return [*peers[start:], *peers[:start]]


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the least value that at least this share of values does not pass.

    >>> percentile([1, 2, 3, 4], 0.5), percentile([1, 2, 3, 4], 0.95)
    (2, 4)
    """
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


def say(text: str) -> None:
    """Tell whoever waits what is being done."""
    print(text, file=sys.stderr, flush=True)


def _compare(peers: Sequence[Peer], query: Query, records: Records) -> None:
    expected: bytes | None = None
    for peer in peers:
        record = records[peer.name][query.name]
        answer = _first(peer, query, record)
        if answer is None:
            say(f"{query.name}: {peer.name} {record.failed}")
        elif expected is None:
            expected = answer.body
        else:
            record.differs = _difference(query.media_type, expected, answer.body)


def _first(peer: Peer, query: Query, record: Record) -> Answer | None:
    """Ask a query for the first time, and again if that was quick; note the time, or why there is no answer."""
    peer.wake()
    answer = _ask(peer, query, record)
    if answer and answer.seconds < 1:
        answer = _ask(peer, query, record)
    if answer:
        record.first = 1000 * answer.seconds
    return answer


def _is_quick(record: Record) -> bool:
    return not record.failed and record.first < 500


def _warm(peer: Peer, queries: Sequence[Query], seconds: float) -> None:
    """Let a peer answer for some seconds before it is timed: some compile what they run often."""
    peer.wake()
    deadline = time.monotonic() + seconds
    while queries and time.monotonic() < deadline:
        for query in queries:
            _ask(peer, query, Record())


def _ask(peer: Peer, query: Query, record: Record) -> Answer | None:
    try:
        return peer.ask(query)
    except TooSlow:
        record.failed = f">{peer.limit:.0f} s"
        _restart(peer)  # or it would go on working on the answer that nobody waits for
    except Failed as error:
        record.failed = str(error)
    return None


def _restart(peer: Peer) -> None:
    peer.stop()
    peer.start()


def _difference(media_type: str, expected: bytes, found: bytes) -> str:
    if max(len(expected), len(found)) < LARGEST:
        return answers.difference(media_type, expected, found)
    ours, theirs = answers.count(media_type, expected), answers.count(media_type, found)
    return "" if ours == theirs else f"{theirs} rows, not {ours}"


def _sample(peer: Peer, query: Query, record: Record, plan: Plan, number: int) -> None:
    if record.failed:
        return
    peer.wake()
    samples = plan.samples(record.first / 1000, number)
    if samples > 1:
        _ask(peer, query, record)  # not counted: what it reads has left the caches since its last turn
    for _ in range(samples):
        answer = _ask(peer, query, record)
        if answer is None:
            return
        record.times.append(1000 * answer.seconds)


def _digits(value: float) -> float:
    return float(f"{value:.4g}")
