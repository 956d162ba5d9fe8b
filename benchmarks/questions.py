"""Times the question library on our store and on rdflib, same data, same run, interleaved: ``make bench``.

Prints, for each SELECT question, the median of each in milliseconds and their ratio; the answers must be equal.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rdflib.query import Result

from cfit_graph import queries, release, source
from cfit_graph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
JSON = "application/sparql-results+json"
ROUNDS = 5


def main() -> int:
    """Run the comparison and return the exit code: 1 if any answers differ."""
    files = release.sources(ROOT)
    store, graph = EmbeddedStore(files), source.merge(map(source.read, files))
    ratios, equal = [], True
    for question in queries.questions(ROOT / "ontology" / "questions"):
        if "SELECT" not in question.sparql:
            continue
        ours, theirs = _medians(
            lambda sparql=question.sparql: b"".join(store.query(sparql, JSON)),  # type: ignore[misc]
            lambda sparql=question.sparql: graph.query(sparql).serialize(format="json"),  # type: ignore[misc]
        )
        same = _rows(b"".join(store.query(question.sparql, JSON))) == _rows(
            graph.query(question.sparql).serialize(format="json") or b""
        )
        equal = equal and same
        ratios.append(theirs / ours)
        mark = "" if same else "  ANSWERS DIFFER"
        print(
            f"{question.number}  {ours:8.2f} ms  rdflib {theirs:8.2f} ms  {theirs / ours:6.0f}x  {question.title}{mark}"
        )
    print(f"median ratio {statistics.median(ratios):.0f}x over {len(ratios)} questions")
    return 0 if equal else 1


def _medians(*runs: Callable[[], object]) -> list[float]:
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS):
        for number, run in enumerate(runs):
            start = time.perf_counter()
            run()
            times[number].append(1000 * (time.perf_counter() - start))
    return [statistics.median(values) for values in times]


def _rows(answer: bytes) -> list[str]:
    """Return the solutions in a comparable form: sorted, and without the order of their members."""
    bindings = Result.parse(io.BytesIO(answer), format="json").bindings
    return sorted(json.dumps({str(name): term.n3() for name, term in row.items()}, sort_keys=True) for row in bindings)


if __name__ == "__main__":
    sys.exit(main())
