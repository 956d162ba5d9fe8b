"""A large result, read as it comes: time to the first byte, and the memory it takes: ``python -m benchmarks.stream``.

The web process must pass on what the store writes: its memory may not grow with the result.
"""

from __future__ import annotations

import http.client
import sys
import threading
import time
from argparse import ArgumentParser
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from benchmarks import generate, machine, report
from benchmarks.client import HOST
from benchmarks.mix import mix
from benchmarks.processes import memory, resident
from benchmarks.run import WORK, dataset
from benchmarks.serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.mix import Query

EVERYTHING: Final = Path(__file__).parent / "queries" / "large" / "everything.rq"
PIECE: Final = 1 << 16


def main(argv: Sequence[str] | None = None) -> int:
    """Measure a SELECT and a CONSTRUCT and print what they took."""
    parser = ArgumentParser(prog="python -m benchmarks.stream", description=__doc__)
    parser.add_argument("--size", default="420k", help="statements of the graph; 420k give some 100 MB (default)")
    arguments = parser.parse_args(argv)
    environment = {"CFIT_QUERY_SECONDS": "600", "CFIT_QUERY_MB": "8192", "CFIT_RESULT_MB": "2048"}
    results: dict[str, Any] = {"size": arguments.size, "seed": generate.SEED, **machine.facts()}
    graph = dataset(WORK, arguments.size)
    for query in _queries():  # a server of its own each, so that the first does not hide what the second takes
        with serving(graph, environment=environment) as server:
            results[query.kind] = found = measure(server, query)
        print(f"{query.title}: {found}")
    report.save("stream", results)
    return 0


def _queries() -> list[Query]:
    (dump,) = (query for query in mix() if query.name == "q13-dump")
    rows = type(dump)(
        "everything", "All rows", "select", EVERYTHING.read_text("utf-8"), "application/sparql-results+json"
    )
    graph = type(dump)("dump", "All statements", "construct", dump.sparql, dump.media_type)
    return [rows, graph]


def measure(server: Serving, query: Query) -> dict[str, Any]:
    """Return seconds to the first byte and to the last, megabytes sent, and memory before, during and after."""
    time.sleep(1)
    found: dict[str, Any] = {"before": _takes(server)}
    with watched(server) as most:
        found |= read(server.port, query)
    found["during"] = most
    time.sleep(2)
    return {**found, "after": _takes(server)}


def read(port: int, query: Query) -> dict[str, Any]:
    """Read an answer piece by piece, keeping none."""
    connection = http.client.HTTPConnection(HOST, port, timeout=600)
    began = time.perf_counter()
    connection.request("GET", f"/sparql?{urlencode({'query': query.sparql})}", headers={"Accept": query.media_type})
    answer = connection.getresponse()
    length = len(answer.read(1))
    first = time.perf_counter() - began
    while piece := answer.read(PIECE):
        length += len(piece)
    seconds = time.perf_counter() - began
    connection.close()
    return {"status": answer.status, "first_s": round(first, 3), "s": round(seconds, 2), "mb": round(length / 1e6, 1)}


@contextmanager
def watched(server: Serving) -> Iterator[dict[str, float]]:
    """Note the most memory that the server takes while the block runs."""
    most, stop = _takes(server), threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            for name, value in _takes(server).items():
                most[name] = max(most[name], value)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        stop.set()
        thread.join()


def _takes(server: Serving) -> dict[str, float]:
    return {"web_mb": resident(server.server.pid), "all_mb": memory(server.processes())}


if __name__ == "__main__":
    sys.exit(main())
