"""What was tried to answer analytic queries sooner without a second engine, and what each attempt gave.

``python -m benchmarks.attempts KIND FILE.nq`` prints ratios of processor time, attempt to what is there now; below 1 is
faster. Both are measured in turns in the same run, in a second thread as our workers do. KIND is ``orders`` (of triple
patterns), ``rewritings``, ``stores`` (union or one graph, order of loading), ``workers`` (allocators, and what a fork
costs; with jemalloc and mimalloc from Debian) or ``library`` (all questions of the library; FILE is a release).
"""

from __future__ import annotations

import gc
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from argparse import ArgumentParser
from contextlib import ExitStack
from itertools import islice, permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from benchmarks.mix import FOLDER, mix
from cfit_graph import queries
from cfit_graph.store.lexer import outline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Run = Callable[[], float]

BEHIND: Final = ("q02", "q03", "q04", "q05", "q07", "q08", "q11", "q12")
"""The queries in which Virtuoso is ahead at a million statements."""
UNION: Final[dict[str, Any]] = {"use_default_graph_as_union": True}
MARK: Final = {True: "", False: "  OTHER ANSWER"}
_ORDERS: Final = 60
_VARIABLE = re.compile(r"\?\w+")
_LIBRARIES: Final = Path("/usr/lib/x86_64-linux-gnu")
ALLOCATORS: Final = {
    "one arena": {"MALLOC_ARENA_MAX": "1"},
    "huge pages": {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"},
    "jemalloc": {"LD_PRELOAD": str(_LIBRARIES / "libjemalloc.so.2")},
    "mimalloc": {"LD_PRELOAD": str(_LIBRARIES / "libmimalloc.so.2")},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure one kind of attempt."""
    kinds = {"orders": orders, "rewritings": rewritings, "stores": stores, "workers": workers, "library": library}
    parser = ArgumentParser(prog="python -m benchmarks.attempts", description=__doc__)
    parser.add_argument("kind", choices=[*kinds, "worker"])
    parser.add_argument("file", metavar="FILE.nq", type=Path)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each (default: 7)")
    arguments = parser.parse_args(argv)
    if arguments.kind == "worker":
        worker(arguments.file)
    else:
        aside(lambda: kinds[arguments.kind](arguments.file, arguments.rounds))
    return 0


def orders(path: Path, rounds: int) -> None:
    """Compare the order as written with others, once left to the engine and once forced by LATERAL."""
    store, now = load(path), baseline()
    for name, text in attempts("order").items():
        run = now[name]
        left = [timed(store, "\n".join(lines)) for lines in islice(reordered(text), 5)]
        forced = [forced_text(lines) for lines in reordered(text)]
        best = min(forced, key=lambda sparql: timed(store, sparql)())
        medians = in_turns([timed(store, run), *left, timed(store, best)], rounds)
        same = rows(store, run) == rows(store, best)
        ratios = [f"{value / medians[0]:.2f}" for value in medians[1:]]
        print(f"{name}  written {', '.join(ratios[:-1])}; best forced of {len(forced)}: {ratios[-1]}{MARK[same]}")
        print("    " + " / ".join(line.strip() for line in best.splitlines() if "?" in line and "LATERAL" in line))


def rewritings(path: Path, rounds: int) -> None:
    """Compare each query with its rewritings in ``queries/attempts/``."""
    store, now = load(path), baseline()
    for name, sparql in now.items():
        others = {slug: text for slug, text in attempts(name).items() if not slug.endswith("-order")}
        medians = in_turns([timed(store, text) for text in (sparql, *others.values())], rounds)
        print(f"{name}  {1000 * medians[0]:.1f} ms now")
        for (slug, text), median in zip(others.items(), medians[1:], strict=True):
            print(f"    {median / medians[0]:.2f}  {slug}{MARK[rows(store, text) == rows(store, sparql)]}")


def attempts(part: str) -> dict[str, str]:
    """Return the texts of the attempts with a part in their name, by query for orders and by name for others."""
    found = queries.questions(FOLDER / "attempts")
    if part == "order":
        return {question.number: question.sparql for question in found if question.slug == part}
    return {f"{question.number}-{question.slug}": question.sparql for question in found if question.number == part}


def baseline() -> dict[str, str]:
    """Return the queries as they are, by number."""
    return {query.name[:3]: query.sparql for query in mix() if query.name[:3] in BEHIND}


def reordered(text: str) -> Iterator[list[str]]:
    """Return a query in other orders of its patterns, one a line, without products: each continues an earlier one."""
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines) if line.endswith(" .")]
    chosen = [order for order in permutations(places) if _connected([lines[number] for number in order])]
    random.Random(1).shuffle(chosen)  # noqa: S311 - no secret
    for order in chosen[:_ORDERS]:
        changed = list(lines)
        for place, number in zip(places, order, strict=True):
            changed[place] = lines[number]
        yield changed


def _connected(patterns: list[str]) -> bool:
    seen = set(_VARIABLE.findall(patterns[0]))
    for pattern in patterns[1:]:
        variables = set(_VARIABLE.findall(pattern))
        if not variables & seen:
            return False
        seen |= variables
    return True


def forced_text(lines: list[str]) -> str:
    """Return the query with its order forced: each pattern LATERAL to those before it, with the filters it allows."""
    filters = [line for line in lines if line.strip().startswith("FILTER")]
    result: list[str] = []
    for line in lines:
        if line.endswith(" ."):
            ready = [text for text in filters if set(_VARIABLE.findall(text)) <= set(_VARIABLE.findall(line))]
            filters = [text for text in filters if text not in ready]
            result.append(f"LATERAL {{ {line.strip()} {' '.join(text.strip() for text in ready)} }}")
        elif not line.strip().startswith("FILTER"):
            result.append(line)
    return "\n".join(result)


def stores(path: Path, rounds: int) -> None:
    """Compare the union of graphs with other datasets, and the order of the file with other orders, two at a time."""
    store = load(path)
    graphs = list(store.named_graphs())
    compare("list of graphs", [(store, UNION), (store, {"default_graph": graphs})], rounds)
    for name, key in LAYOUTS.items():
        with path.open("rb") as file:
            lines = list(file)
        other = load_lines(sorted(lines, key=key) if key else [_TRIPLE.sub(rb" .", line) for line in lines])
        del lines
        compare(name, [(store, UNION), (other, UNION if key else {})], rounds)


_TRIPLE = re.compile(rb" <[^<> ]*> \.$")
LAYOUTS: Final[dict[str, Callable[[bytes], Any] | None]] = {
    "one flat graph": None,
    "by subject": lambda line: line,
    "by property": lambda line: line.split(b" ", 2)[1:],
    "by graph": lambda line: line.rsplit(b" ", 2)[1],
    "by lot": zlib.crc32,
}


def compare(name: str, sides: list[tuple[ox.Store, dict[str, Any]]], rounds: int) -> None:
    """Print the ratio of the second side to the first for each query."""
    found = []
    for query, sparql in baseline().items():
        medians = in_turns([timed(store, sparql, dataset) for store, dataset in sides], rounds)
        found.append(f"{query} {medians[1] / medians[0]:.2f}")
    print(f"{name}: {', '.join(found)}")


def workers(path: Path, rounds: int) -> None:
    """Compare allocators in processes shaped like ours: loaded, then forked, the query in a thread of the fork."""
    for name, environment in ALLOCATORS.items():
        if not Path(environment.get("LD_PRELOAD", "/")).exists():
            print(f"{name}: not installed")
            continue
        with ExitStack() as stack:
            processes = [stack.enter_context(_worker(path, extra)) for extra in ({}, environment)]
            _report_worker(name, processes, rounds)


def _report_worker(name: str, processes: list[subprocess.Popen[str]], rounds: int) -> None:
    memory = [_ask(process, "")[0] for process in processes]
    print(f"{name}: memory {memory[1] / memory[0]:.2f}")
    for query, sparql in baseline().items():
        turns = [[_ask(process, sparql) for process in processes] for _ in range(rounds)]
        first, later, main_thread = ([statistics.median(t[s][k] for t in turns) for s in (0, 1)] for k in (0, 1, 2))
        print(
            f"    {query} {later[1] / later[0]:.2f}; first after a fork {first[1] / first[0]:.2f}; "
            f"main thread {main_thread[1] / main_thread[0]:.2f}; first to later {first[0] / later[0]:.2f} now, "
            f"{first[1] / later[1]:.2f} then; main to second thread {main_thread[0] / later[0]:.2f} now"
        )


def _worker(path: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.attempts", "worker", str(path)]
    return subprocess.Popen(  # noqa: S603 - ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )


def _ask(process: subprocess.Popen[str], sparql: str) -> list[float]:
    assert process.stdin  # noqa: S101 - asked for when it was started
    assert process.stdout  # noqa: S101 - likewise
    process.stdin.write(json.dumps(sparql) + "\n")
    process.stdin.flush()
    answer: list[float] = json.loads(process.stdout.readline())
    return answer


def worker(path: Path) -> None:
    """Load, then answer each line in a fork: seconds of the first run, a later one, and one in its main thread."""
    store = load(path)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        sparql = json.loads(line)
        if os.fork() == 0:
            run, resident = timed(store, sparql), float(Path("/proc/self/statm").read_text("ascii").split()[1])
            figures = [aside(run), statistics.median(aside(run) for _ in range(3)), run()] if sparql else [resident]
            print(json.dumps(figures), flush=True)
            os._exit(0)
        os.wait()


def library(path: Path, rounds: int) -> None:
    """Time all questions of the library one after the other on a release."""
    store = load(path)
    texts = [question.sparql for question in queries.questions(FOLDER.parent.parent / "ontology" / "questions")]
    medians = [in_turns([timed(store, text)], rounds)[0] for text in texts]
    print(f"{len(texts)} questions: {1000 * sum(medians):.0f} ms in all, {1000 * max(medians):.1f} ms the slowest")
    print(f"median {1000 * statistics.median(medians):.2f} ms")


def load(path: Path) -> ox.Store:
    """Return a store with the statements of a file."""
    store = ox.Store()
    store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
    return store


def load_lines(lines: list[bytes]) -> ox.Store:
    """Return a store with the statements of some lines, in their order."""
    with tempfile.NamedTemporaryFile(suffix=".nq") as file:
        file.writelines(lines)
        file.flush()
        return load(Path(file.name))


def timed(store: ox.Store, sparql: str, dataset: dict[str, Any] | None = None) -> Run:
    """Return what runs a query and returns the seconds of processor time it took."""

    def run() -> float:
        start = time.thread_time()
        answer(store, sparql, UNION if dataset is None else dataset)
        return time.thread_time() - start

    return run


def answer(store: ox.Store, sparql: str, dataset: dict[str, Any]) -> bytes:
    """Return the answer as it goes over the wire."""
    results: Any = store.query(sparql, **dataset)
    form = outline(sparql).form
    rdf = form in {"CONSTRUCT", "DESCRIBE"}
    return results.serialize(format=ox.RdfFormat.N_TRIPLES if rdf else ox.QueryResultsFormat.JSON) or b""


def rows(store: ox.Store, sparql: str) -> list[str]:
    """Return the rows of an answer, sorted."""
    found = json.loads(answer(store, sparql, UNION))["results"]["bindings"]
    return sorted(json.dumps(row, sort_keys=True) for row in found)


def in_turns(runs: list[Run], rounds: int) -> list[float]:
    """Return the median of each, measured in turns after one turn that warms up."""
    turns = [[run() for run in runs] for _ in range(rounds + 1)][1:]
    return [statistics.median(column) for column in zip(*turns, strict=True)]


def aside(function: Callable[[], Any]) -> Any:
    """Return what a function returns in a second thread, where our workers run their queries."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


if __name__ == "__main__":
    sys.exit(main())
