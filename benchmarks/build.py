"""Builds a release of a drawn coalition: ``python -m benchmarks.build 1M``.

Ontology and shapes are ours; what a release derives is derived. Prints the seconds that validation takes and those of
all else, these as a multiple of what the engine takes to load the same graph, and the most memory that was in use, here
and in a process forked for some of the work, which shares most of it.
With ``--unvalidated`` the graph is taken to conform, which it does.
"""

from __future__ import annotations

import resource
import shutil
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

from rdflib import Graph

from benchmarks import generate
from cfit_graph import derivation, release, validation
from cfit_graph.release import builder
from cfit_graph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Built:
    """What was measured: statements, seconds of each part, and megabytes."""

    statements: int
    validating: float
    writing: float
    loading: float
    memory: int
    beside: int


def main(argv: Sequence[str] | None = None) -> int:
    """Build one release and print what it took."""
    parser = ArgumentParser(prog="python -m benchmarks.build", description=__doc__)
    parser.add_argument("size", metavar="SIZE", type=generate.size, help="statements, such as 10k or 1M")
    parser.add_argument("--unvalidated", action="store_true", help="leave validation out")
    arguments = parser.parse_args(argv)
    with TemporaryDirectory(prefix="cfit-") as folder:
        built = build(Path(folder), arguments.size, is_validated=not arguments.unvalidated)
    print(f"{built.statements} statements")
    print(f"validation  {built.validating:7.1f} s")
    print(f"all else    {built.writing:7.1f} s  {built.writing / built.loading:.1f} times loading")
    print(f"memory      {built.memory:7} MB at most, {built.beside} MB in a process beside")
    return 0


def build(root: Path, statements: int, *, is_validated: bool) -> Built:
    """Build a release of about as many statements in an empty folder and return what it took."""
    _fill(root, statements)
    times = {}
    with patch.object(builder, "validate", builder.validate if is_validated else _conforms):
        made = release.build(root, root / "releases", lambda step: times.update({step: time.perf_counter()}))
        end = time.perf_counter()
    memory, beside = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    EmbeddedStore([made.graph])
    return Built(
        statements=made.manifest["statements"],
        validating=times["Writing"] - times["Validating"],
        writing=end - times["Writing"],
        loading=time.perf_counter() - end,
        memory=memory,
        beside=beside,
    )


def _fill(root: Path, statements: int) -> None:
    for folder in ("ontology", "shapes"):
        shutil.copytree(generate.ROOT / folder, root / folder)
    (root / "data").mkdir()
    with (root / "data" / "coalition.nq").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_stated(statements))


def _stated(statements: int) -> Iterator[str]:
    """Return the lines of a coalition without those that a release derives."""
    lines = generate.lines(statements - generate.VOCABULARY)
    return (line for line in lines if not line.endswith(f"<{derivation.GRAPH}> .\n"))


def _conforms(*_: object) -> validation.Report:
    return validation.Report(Graph())


if __name__ == "__main__":
    sys.exit(main())
