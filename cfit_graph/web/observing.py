"""What is counted (``/metrics``) and what is logged of queries."""

from __future__ import annotations

import json
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

from cfit_graph.store.pool import WorkerPool
from cfit_graph.web import library, problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cfit_graph.errors import CfitError
    from cfit_graph.store.asking import Asker, Question
    from cfit_graph.web.cache import Cache

LOG: Final = logging.getLogger("cfit_graph.queries")
SLOW: Final = 5.0
"""Seconds from which on a query is logged as a warning."""
_SHOWN: Final = 500
_WORTH_A_WARNING: Final = {
    "broken",
    "internal",
    "overloaded",
    "query-timed-out",
    "query-too-costly",
    "store-unavailable",
}
_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class _OneLine(logging.Formatter):
    """One JSON object a line, whoever logs: what is told of queries is one already."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == LOG.name:
            return record.getMessage()
        told = {"event": "log", "level": record.levelname.lower(), "from": record.name, "message": record.getMessage()}
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told)


def log_handler() -> logging.Handler:
    """Return what writes the log, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    return handler


class Observation:
    """What is noted of one query: its text, how it ended, the bytes of its answer, and what went wrong.

    Its question is what is asked of the store; a page asks by itself, and leaves none here.
    """

    __slots__ = ("outcome", "problem", "question", "size", "sparql", "started")

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.outcome = "ok"
        self.sparql = ""
        self.question: Question | None = None
        self.size = 0
        self.problem = ""

    def failed(self, error: CfitError, *, is_broken: bool = False) -> None:
        """Note what went wrong, and whether part of the answer had gone out by then."""
        self.outcome = "broken" if is_broken else problems.kind_of(error)
        self.problem = str(error)

    def told(self, seconds: float) -> str:
        """Return one line of JSON for the log; the query in it is cut and escaped."""
        question = self.question
        told: dict[str, Any] = {"event": "query", "outcome": self.outcome, "ms": round(1000 * seconds, 1)}
        if question:
            told |= {"form": question.seen.form, "type": question.media_type, "bytes": self.size}
        if self.sparql:
            told |= {"query": self.sparql[:_SHOWN], "length": len(self.sparql)}
        if self.problem:
            told["problem"] = self.problem[:_SHOWN]
        return json.dumps(told)  # in ASCII: control characters of a query cannot steer a terminal or forge a line


class _Children(dict[str, Counter]):
    """The counter of each outcome, looked up once."""

    def __init__(self, parent: Counter) -> None:
        super().__init__()
        self._parent = parent

    def __missing__(self, outcome: str) -> Counter:
        child = self[outcome] = self._parent.labels(outcome)
        return child


class Observer:
    """Counts in a registry of its own, so that several applications can live in one process.

    Several web processes count in files of a folder they share, which Prometheus' library finds in its own variable of
    the environment, ``PROMETHEUS_MULTIPROC_DIR``; ``cfit serve`` sets it.
    """

    def __init__(self, askers: Callable[[], Iterable[Asker]], cache: Cache) -> None:
        """Watch the askers that there are at a time, and a cache."""
        self._askers, self._cache = askers, cache
        self._registry = registry = CollectorRegistry()
        self._queries = Counter("cfit_queries", "Queries by outcome.", ["outcome"], registry=registry)
        self._seconds = Histogram(
            "cfit_query_seconds", "Seconds from request to answer.", buckets=_BUCKETS, registry=registry
        )
        self._hits = Counter("cfit_cache_hits", "Answers given as they were kept.", ["of"], registry=registry)
        self._misses = Counter("cfit_cache_misses", "Times nothing was kept.", registry=registry)
        self._stops = Counter("cfit_workers_stopped", "Workers that ended at work.", ["why"], registry=registry)
        self._now = Gauge("cfit_queries_now", "Queries by lane.", ["lane"], "", "", "", registry, None, "livesum")
        self._kept = Gauge("cfit_cache_bytes", "Bytes of kept answers.", (), "", "", "", registry, None, "livesum")
        self._hit = {name: self._hits.labels(name).inc for name in ("query", "page")}
        self._counts = _Children(self._queries)
        self._told: dict[str, int] = {}

    def hit(self, path: str) -> None:
        """Count an answer that was kept ready."""
        self._hit["query" if path == "/sparql" or library.asks(path) else "page"]()

    def begin(self) -> Observation:
        """Begin to watch a query."""
        return Observation()

    def end(self, seen: Observation) -> None:
        """Count a query that has ended, and log it."""
        seconds = time.perf_counter() - seen.started
        self._counts[seen.outcome].inc()
        self._seconds.observe(seconds)
        level = logging.WARNING if seconds > SLOW or seen.outcome in _WORTH_A_WARNING else logging.INFO
        if LOG.isEnabledFor(level):
            self._look()
            LOG.log(level, "%s", seen.told(seconds))

    def metrics(self) -> bytes:
        """Return all there is to know, in the text format of Prometheus."""
        self._look()
        with suppress(ValueError):  # there is no such folder: we are one process
            together = CollectorRegistry()
            multiprocess.MultiProcessCollector(together)
            return generate_latest(together)
        return generate_latest(self._registry)

    def _look(self) -> None:
        """Take over what the cache and the pools count themselves; why workers ended is counted by all together."""
        self._kept.set(self._cache.size)
        self._add("misses", self._cache.misses, self._misses)
        pools = [asker for asker in self._askers() if isinstance(asker, WorkerPool)]
        if pools:
            for lane in ("waiting", "short", "long"):
                self._now.labels(lane).set(sum(getattr(pool, lane) for pool in pools))
            for why, number in pools[0].stopped.items():
                self._add(why, number, self._stops.labels(why))

    def _add(self, name: str, number: int, counter: Counter) -> None:
        counter.inc(number - self._told.get(name, 0))
        self._told[name] = number
