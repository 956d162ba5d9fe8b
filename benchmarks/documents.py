"""What a document costs, as a multiple of the bare query that it is made from: ``python -m benchmarks.documents``.

Everything is measured in one run, in turn, without HTTP and without answers kept ready.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from cfit_graph import entities, queries, release, texts
from cfit_graph.collection.jsonld import Context
from cfit_graph.entities import Edition
from cfit_graph.serialization import serialize
from cfit_graph.settings import Settings
from cfit_graph.store.formats import GRAPHS
from cfit_graph.store.workers import StoreProcess, WorkerStore

if TYPE_CHECKING:
    from collections.abc import Callable

THINGS = ("organization/electronics-watch", "pact/cfit", "role/procuring", "source/cfit-home")
ROUNDS = 50


def _medians(tasks: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each task; they take turns, so that noise falls on all alike."""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            taken[name].append(time.perf_counter() - start)
    return {name: median(times) for name, times in taken.items()}


def measure(store: WorkerStore, context: Context, names: dict[str, str], thing: str) -> dict[str, float]:
    """Return the seconds of the bare query, of each format, and of what a page reads from the answer."""
    edition = Edition()
    sparql = queries.load("describe-entity", entity=edition.thing(thing))

    def write(media_type: str) -> bytes:
        described = entities.describe(store, thing, edition)
        return serialize(described.triples, media_type, described.iri, context)

    tasks: dict[str, Callable[[], object]] = {"bare": lambda: b"".join(store.query(sparql, "application/n-triples"))}
    tasks |= {form.name: lambda kind=form.media_type: write(kind) for form in GRAPHS}  # type: ignore[misc]
    tasks["page"] = lambda: entities.read(entities.describe(store, thing, edition), names)
    return _medians(tasks)


def main() -> int:
    """Print a row for each thing."""
    settings = Settings()
    current = release.ensure(settings.root, Path("build/benchmarks/documents"), settings.clock)
    process = StoreProcess([current.graph])
    store = WorkerStore(process)
    names, context = texts.PROPERTIES | entities.term_names(store), Context(settings.root / "ontology/context.jsonld")
    for thing in THINGS:
        bare, *others = measure(store, context, names, thing).items()
        told = " ".join(f"{name} {taken / bare[1]:.2f}x" for name, taken in others)
        sys.stdout.write(f"{thing}: {bare[1] * 1000:.2f} ms bare; {told}\n")
    store.close()
    process.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
