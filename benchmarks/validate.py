"""Compares our validator with others on the same spoilt graphs and our shapes: ``python -m benchmarks.validate``.

Each run is a whole process, from its start to its report; the runs of a round are interleaved. Writes
``benchmarks/results/validation-*.json`` and the tables of ``docs/performance.md``; ``--quick`` takes 10k and one round,
and keeps nothing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rdflib import SH, Graph

from benchmarks import generate, machine, report, spoil
from benchmarks.rounds import say
from benchmarks.run import WORK
from benchmarks.validators import VALIDATORS
from cfit_graph import source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rdflib.term import Node

    from benchmarks.validators import Validator

Found = frozenset[tuple[str, ...]]

_CHECKS: Final = "https://w3id.org/cfit/shapes#CheckConstraintComponent"
"""What only our program does; others pass over it."""


@dataclass
class Runs:
    """What a validator took in each run, and what it found."""

    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    found: Found | None = None
    failed: str = ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the comparison."""
    arguments = _arguments(argv)
    for size in arguments.sizes:
        result = compare(size, arguments)
        print(report.validation_of(result))
        if not arguments.quick:
            say(f"written: {report.save(f'validation-{size}', result).name}")
            report.rewrite_validation()
    return 0


def compare(size: str, arguments: Namespace) -> dict[str, Any]:
    """Return times, memory and findings of all validators on one graph."""
    statements = generate.size(size)
    data, shapes, spoilt = _files(size, arguments.work)
    runs = {name: Runs(failed=VALIDATORS[name].missing()) for name in arguments.validators}
    for _ in range(arguments.rounds):
        for name in (name for name in runs if not runs[name].failed):
            _run(VALIDATORS[name], data, shapes, runs[name], arguments)
            say(f"{name}: {runs[name].failed or f'{runs[name].seconds[-1]:.1f} s'}")
    ours = runs["cfit"].found or frozenset()
    return {
        "size": size, "statements": statements, "spoilt": spoilt, "findings": len(ours), **machine.facts(),
        "validators": {name: _summary(VALIDATORS[name], it, ours) for name, it in runs.items()},
    }  # fmt: skip


def _files(size: str, work: Path) -> tuple[Path, Path, int]:
    """Return spoilt data and the shapes in one file each, and how many statements are spoilt."""
    graph, data, shapes = (work / name for name in (f"dated-{size}.nq", f"spoilt-{size}.nt", "shapes.ttl"))
    generate.write(graph, generate.size(size), dated=True)
    texts = [path.read_text("utf-8") for path in source.files(generate.ROOT / "shapes")]
    shapes.write_text("\n".join(texts), "utf-8")
    return data, shapes, spoil.write(graph, data)


def _run(validator: type[Validator], data: Path, shapes: Path, runs: Runs, arguments: Namespace) -> None:
    """Run once; time and the most memory are those of the process, as the kernel counts them."""
    out, began = arguments.work / f"{validator.name}.ttl", time.perf_counter()
    with out.open("wb") as file:
        command = list(map(str, validator.command(data, shapes)))
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            if time.perf_counter() - began > arguments.limit:
                process.kill()
                os.wait4(process.pid, 0)
                runs.failed = f"stopped after {arguments.limit:g} s"
                return
            time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    runs.seconds.append(time.perf_counter() - began)
    runs.megabytes.append(ended[2].ru_maxrss / 1024)
    if runs.found is None:
        runs.found = _findings(out)
        runs.failed = "" if runs.found is not None else f"no report (exit code {process.returncode})"


def _findings(path: Path) -> Found | None:
    """Return the results of a report by focus node, path, value, and shape or constraint."""
    try:
        graph = Graph().parse(path, format="turtle")
    except Exception as error:  # noqa: BLE001 - whatever another program wrote
        say(f"{path.name}: {type(error).__name__}")
        return None
    results = (it for node in graph.subjects(SH.conforms) for it in graph.objects(node, SH.result))
    return frozenset(
        _said(graph, it) for it in results if str(graph.value(it, SH.sourceConstraintComponent)) != _CHECKS
    ) if (None, SH.conforms, None) in graph else None  # fmt: skip


def _said(graph: Graph, result: Node) -> tuple[str, ...]:
    """Return what all validators tell of a result; blank nodes have no name that two of them share."""
    names = (SH.focusNode, SH.value, SH.sourceConstraintComponent, SH.sourceShape)
    return tuple(_plain(graph.value(result, name)) for name in names)


def _plain(node: Node | None) -> str:
    return "" if node is None else node.n3() if not node.n3().startswith("_:") else "_:"


def _summary(validator: type[Validator], runs: Runs, ours: Found) -> dict[str, Any]:
    about: dict[str, Any] = {"title": validator.title, "missing": runs.failed}
    if not runs.seconds:
        return about
    found = runs.found or frozenset()
    about |= {"seconds": [round(it, 2) for it in runs.seconds], "median": statistics.median(runs.seconds)}
    about |= {"megabytes": max(runs.megabytes), "findings": len(found)}
    return about | {"only_ours": len(ours - found), "only_theirs": len(found - ours)}


def _arguments(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.validate", description=__doc__)
    parser.add_argument("--sizes", type=lambda text: text.split(","), help="such as 100k,1M (default: 10k,100k,1M)")
    parser.add_argument("--validators", type=_names, default=list(VALIDATORS), help=f"some of {', '.join(VALIDATORS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=240, help="seconds a run may take (default: 240)")
    parser.add_argument("--work", type=Path, default=WORK, help="folder for graphs (default: build/benchmarks)")
    parser.add_argument("--quick", action="store_true", help="10k, one round, nothing kept")
    arguments = parser.parse_args(argv)
    arguments.sizes = arguments.sizes or (["10k"] if arguments.quick else ["10k", "100k", "1M"])
    arguments.rounds = 1 if arguments.quick else arguments.rounds
    arguments.work = arguments.work.absolute()
    arguments.work.mkdir(parents=True, exist_ok=True)
    return arguments


def _names(text: str) -> list[str]:
    chosen = text.split(",")
    return [name for name in VALIDATORS if name in chosen or name == "cfit"]  # ours is the measure


if __name__ == "__main__":
    sys.exit(main())
