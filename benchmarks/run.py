"""Compares our server with its peers on the same graphs in the same run: ``python -m benchmarks.run --sizes 100k,1M``.

Writes ``benchmarks/results/*.json`` and the tables of ``docs/performance.md``. ``--quick`` takes less than a minute on
10k, prints the tables and writes nothing that is kept.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import generate, machine, report, rounds, throughput
from benchmarks.mix import mix
from benchmarks.peers import PEERS, Failed, Peer
from benchmarks.rounds import Plan, say

if TYPE_CHECKING:
    from collections.abc import Sequence

WORK: Final = generate.ROOT / "build" / "benchmarks"
OURS: Final = [name for name in PEERS if name.startswith("cfit")]
IN_MIX: Final = [name for name in PEERS if name not in OURS[1:]]
IN_LOOKUPS: Final = [*OURS, "oxigraph-memory", "oxigraph-disk", "virtuoso"]
QUICK: Final = Plan(warm=1, rounds=2, slice=0.05, most=10, budget=25)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the comparison."""
    arguments = _arguments(argv)
    for size in arguments.sizes:
        result = compare(size, arguments)
        if arguments.quick:
            print(report.tables_of(result))
            continue
        say(f"written: {report.save(f'comparison-{size}', result).name}")
        report.rewrite()
    return 0


def compare(size: str, arguments: Namespace) -> dict[str, Any]:
    """Return the comparison of all peers on one graph."""
    statements = generate.size(size)
    graph = dataset(arguments.work, size)
    plan = QUICK if arguments.quick else Plan(rounds=arguments.rounds, budget=arguments.budget)
    queries = [query for query in mix() if not arguments.queries or query.name[:3] in arguments.queries]
    result: dict[str, Any] = {"size": size, "statements": statements, "seed": generate.SEED, **machine.facts()}
    result |= {"rounds": plan.rounds, "limit": arguments.limit, "kinds": {it.name: it.kind for it in queries}}
    result["peers"] = {name: _described(name, statements) for name in arguments.peers}
    peers = _start(arguments.peers, graph, arguments, result["peers"])
    try:
        records = rounds.measure(peers, queries, plan)
        for peer in peers:
            figures = {name: record.summary() for name, record in records[peer.name].items()}
            result["peers"][peer.name] |= {"memory_after": peer.memory(), "queries": figures}
    finally:
        _stop(peers)
    result["lookups"] = _lookups(graph, statements, arguments, result)
    return result


def dataset(work: Path, size: str) -> Path:
    """Return the graph of a size, generated anew: it takes seconds, and the ontology may have changed."""
    path = work / f"coalition-{size}.nq"
    say(f"{size}: {generate.write(path, generate.size(size))} statements")
    return path


def _lookups(graph: Path, statements: int, arguments: Namespace, result: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in IN_LOOKUPS if name in {*OURS, *arguments.peers}]
    described = {name: _described(name, statements) for name in names}
    reason = throughput.missing()
    if reason:
        say(f"look-ups: {reason}")
        return {}
    peers = _start(names, graph, arguments, described)
    result["peers"] |= {name: it for name, it in described.items() if name not in result["peers"]}
    seconds, times = (2, 1) if arguments.quick else (2, 6)
    try:
        return throughput.measure(peers, statements // 100, times, seconds)
    finally:
        _stop(peers)


def _described(name: str, statements: int) -> dict[str, Any]:
    peer = PEERS[name]
    reason = f"not given graphs above {peer.most} statements" if statements > peer.most else peer.missing()
    return {"title": peer.title, "note": peer.note, "missing": reason}


def _start(names: Sequence[str], graph: Path, arguments: Namespace, described: dict[str, Any]) -> list[Peer]:
    """Start the peers that can be had, one after the other; note what each took, or why it is not there."""
    running: list[Peer] = []
    for name in names:
        if described[name]["missing"]:
            say(f"{name}: {described[name]['missing']}")
            continue
        peer = PEERS[name](graph, arguments.work / "peers" / name, arguments.limit)
        try:
            described[name] |= {"start": round(peer.start(), 2), "memory": peer.memory()}
            running.append(peer)
            say(f"{name}: started in {described[name]['start']} s, {described[name]['memory']} MB")
        except Failed as error:
            described[name]["missing"] = str(error)
            say(f"{name}: {error}")
    return running


def _stop(peers: Sequence[Peer]) -> None:
    for peer in peers:
        peer.stop()


def _arguments(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--sizes", type=_split, help="such as 100k,1M (default: 10k,100k,1M)")
    parser.add_argument("--peers", type=_names, default=IN_MIX, help=f"some of {', '.join(PEERS)}")
    parser.add_argument("--queries", type=_split, help="some of the mix, such as q01,q06 (default: all)")
    parser.add_argument("--rounds", type=int, default=Plan.rounds)
    parser.add_argument("--limit", type=float, default=60, help="seconds a query may take (default: 60)")
    parser.add_argument("--budget", type=float, default=1200, help="seconds of rounds for each size (default: 1200)")
    parser.add_argument(
        "--work", type=Path, default=WORK, help="folder for graphs and stores (default: build/benchmarks)"
    )
    parser.add_argument("--quick", action="store_true", help="10k, two short rounds, nothing kept")
    arguments = parser.parse_args(argv)
    arguments.sizes = arguments.sizes or (["10k"] if arguments.quick else ["10k", "100k", "1M"])
    arguments.work = arguments.work.absolute()
    return arguments


def _split(text: str) -> list[str]:
    return text.split(",")


def _names(text: str) -> list[str]:
    chosen = _split(text)
    return [name for name in PEERS if name in chosen or name == "bare"]  # the answers of the first are the standard


if __name__ == "__main__":
    sys.exit(main())
