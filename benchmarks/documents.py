"""What a document costs, as a multiple of the bare query that it is made from: ``python -m benchmarks.documents``.

Everything is measured in one run, in turns, without a network. First what makes each format of a document, then whole
answers of the application, for pages with their template: made anew (``whole``) and kept ready (``kept``). After some
things come all of them, each asked for once: what the median document costs, as a multiple of the median bare query.
Last, a server as it is delivered gives them all over HTTP, several times in a drawn order, the first time included:
some seconds after its start, when it has made them ready, and at once.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import random
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.serving import serving
from cfit_graph import entities, queries, release, texts
from cfit_graph.collection.jsonld import Context
from cfit_graph.entities import Edition
from cfit_graph.namespaces import BASE, things
from cfit_graph.serialization import serialize
from cfit_graph.settings import Settings
from cfit_graph.store.formats import GRAPHS
from cfit_graph.store.workers import StoreProcess, WorkerStore
from cfit_graph.web import create_app
from cfit_graph.web.export.client import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cfit_graph.release import Release
    from cfit_graph.web.front import Front

THINGS = ("organization/electronics-watch", "pact/cfit", "role/procuring", "source/cfit-home")
ROUNDS = 50
WAIT = 10.0
"""Seconds in which a server is ready with all documents."""
TIMES = 4
"""How often each document is asked for over HTTP."""


Tasks = dict[str, "Callable[[], object]"]
"""What is measured, by name; the bare query first."""


async def _medians(rounds: Iterable[Tasks]) -> dict[str, float]:
    """Return the median seconds of each task; they take turns in drawn orders, so that noise falls on all alike."""
    taken: defaultdict[str, list[float]] = defaultdict(list)
    lot = random.Random(ROUNDS)  # noqa: S311 - a benchmark
    for tasks in rounds:
        for name, task in lot.sample(list(tasks.items()), len(tasks)):
            start = time.perf_counter()
            found = task()
            if inspect.isawaitable(found):
                await found
            taken[name].append(time.perf_counter() - start)
    return {name: median(times) for name, times in taken.items()}


def _told(medians: dict[str, float]) -> str:
    bare = medians.pop("bare")
    return " ".join(
        [f"{bare * 1000:.2f} ms bare;", *(f"{name} {medians[name] / bare:.2f}x" for name in sorted(medians))]
    )


def _all(current: Release) -> list[str]:
    """Return the kinds and slugs of all things of a release: ``pact/cfit``."""
    start = things(BASE)
    said = {line[1 : line.index(">")] for line in current.lines if line.startswith(f"<{start}")}
    return sorted(iri.removeprefix(start) for iri in said)


def _making(store: WorkerStore, context: Context, names: dict[str, str], thing: str) -> Tasks:
    """Return what asks the bare query, writes each format, and reads from the answer what a page shows."""
    edition = Edition()
    sparql = queries.load("describe-entity", entity=edition.thing(thing))

    def write(media_type: str) -> bytes:
        described = entities.describe(store, thing, edition)
        return serialize(described.triples, media_type, described.iri, context)

    tasks: Tasks = {"bare": lambda: b"".join(store.query(sparql, "application/n-triples"))}
    tasks |= {form.name: lambda kind=form.media_type: write(kind) for form in GRAPHS}  # type: ignore[misc]
    return tasks | {"read": lambda: entities.read(entities.describe(store, thing, edition), names)}


def _answering(app: Front, thing: str, kind: str) -> Tasks:
    """Return what gets whole answers of an application."""

    async def get(suffix: str) -> None:
        answer = await ask(app, f"/doc/{thing}.{suffix}", "*/*")
        if answer.status != 200:
            raise SystemExit(f"{thing}.{suffix}: {answer.body.decode()}")

    return {f"{kind} html": lambda: get("html"), f"{kind} jsonld": lambda: get("jsonld")}


async def _report(store: WorkerStore, settings: Settings, current: Release) -> float:
    """Print what documents take without a network, and return the median seconds of their bare queries."""
    names, context = texts.PROPERTIES | entities.term_names(store), Context(settings.root / "ontology/context.jsonld")
    anew, keeping = create_app(replace(settings, cache_mb=0)), create_app(settings)

    def anew_of(thing: str) -> Tasks:
        return _making(store, context, names, thing) | _answering(anew, thing, "whole")

    gc.collect()
    gc.freeze()  # as the server does
    for thing in THINGS:
        tasks = anew_of(thing) | _answering(keeping, thing, "kept")
        sys.stdout.write(f"{thing}: {_told(await _medians([tasks] * ROUNDS))}\n")
    every = _all(current)
    of_all = await _medians(map(anew_of, every))
    sys.stdout.write(f"all {len(every)} things, once each: {_told(dict(of_all))}\n")
    anew.close()
    keeping.close()
    return of_all["bare"]


def _delivered(every: list[str], bare: float, wait: float) -> None:
    """Print what documents take over HTTP: of the first time that each is asked for, and of all times together."""
    lot = random.Random(ROUNDS)  # noqa: S311 - a benchmark
    with serving() as server, server.client() as client:
        time.sleep(wait)
        for suffix in ("html", "jsonld"):
            rounds = [
                [client.get(f"/doc/{thing}.{suffix}") for thing in lot.sample(every, len(every))] for _ in range(TIMES)
            ]
            replies = [reply for replies in rounds for reply in replies]
            if any(reply.status != 200 for reply in replies):
                raise SystemExit(f"{suffix}: a document is not given")
            first, in_all = (median(it.seconds for it in some) for some in (rounds[0], replies))
            told = ", ".join(f"{seconds * 1000:.2f} ms or {seconds / bare:.2f}x" for seconds in (in_all, first))
            sys.stdout.write(f"over HTTP, {wait:g} s after the start, {suffix}: {told} the first of {TIMES} times\n")


def main() -> int:
    """Print a row for each thing."""
    settings = Settings(releases=Path("build/benchmarks/documents"))
    current = release.ensure(settings.root, settings.releases, settings.clock)
    process = StoreProcess([current.graph])
    store = WorkerStore(process)
    bare = asyncio.run(_report(store, settings, current))
    store.close()
    process.close()
    for wait in (WAIT, 0):
        _delivered(_all(current), bare, wait)
    return 0


if __name__ == "__main__":
    sys.exit(main())
