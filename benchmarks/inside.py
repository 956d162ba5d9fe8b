"""pyoxigraph in a process of its own: ``python -m benchmarks.inside FILE.nq``.

Reads one JSON list per line, query and media type; answers a line of length and seconds, then the bytes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}


def main() -> int:
    """Answer until nobody asks any more."""
    answer = answerer(Path(sys.argv[1]))
    _send(b"", 0.0)
    for line in sys.stdin:
        sparql, media_type = json.loads(line)
        start = time.perf_counter()
        body = answer(sparql, media_type)
        _send(body, time.perf_counter() - start)
    return 0


def answerer(path: Path) -> Callable[[str, str], bytes]:
    """Load a graph and return what answers queries about it."""
    store = ox.Store()
    store.load(path=str(path), format=ox.RdfFormat.N_QUADS)

    def answer(sparql: str, media_type: str) -> bytes:
        results = store.query(sparql, use_default_graph_as_union=True)
        return results.serialize(format=FORMATS[media_type]) or b""  # type: ignore[arg-type]

    return answer


def _send(body: bytes, seconds: float) -> None:
    sys.stdout.buffer.write(json.dumps([len(body), seconds]).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
