"""Times what ``cfit validate --watch`` does after an edit: ``python -m benchmarks.edits [SIZE]``.

A statement is taken out of the published data, or of a spoilt graph of SIZE, and all is judged, from scratch and by a
session, in turns; both must find the same. Everything is timed but the wait for the file to change.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import generate, spoil
from cfit_graph import release, source, validation
from cfit_graph.validation import Report, views
from cfit_graph.validation.changes import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Judge = Callable[[Session | None], Report]


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, and print the medians."""
    parser = ArgumentParser(prog="python -m benchmarks.edits", description=__doc__)
    parser.add_argument("size", metavar="SIZE", nargs="?", help="statements of a spoilt graph, such as 100k")
    parser.add_argument("--edits", type=int, default=7)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        file, judge = _drawn(Path(folder), arguments.size) if arguments.size else _published(Path(folder))
        print("seconds from scratch {:.2f}, by a session {:.2f}".format(*compare(file, judge, arguments.edits)))
    return 0


def compare(file: Path, judge: Judge, edits: int) -> tuple[float, float]:
    """Return the median seconds from scratch, and by a session, after edits of a file, each the last one undone."""
    text, session = file.read_text("utf-8"), Session()
    judge(session)
    times: list[tuple[float, float]] = []
    for number in range(edits):
        file.write_text(_without_a_statement(text, number), "utf-8")
        (scratch, first), (again, second) = _timed(judge, None), _timed(judge, session)
        if first != second:
            raise SystemExit(f"after edit {number} the two find different things")
        times.append((scratch, again))
    scratches, agains = zip(*times, strict=True)
    return statistics.median(scratches), statistics.median(agains)


def _without_a_statement(text: str, number: int) -> str:
    """Return a text without one of the lines that it can do without: a statement, or a part in the middle of some."""
    lines = text.splitlines(keepends=True)
    pairs = enumerate(zip(["", *lines], lines, strict=False))
    spare = [at for at, (before, line) in pairs if line[0] == "<" or before[-3:] == line[-3:] == " ;\n"]
    place = spare[number * 7919 % len(spare)]
    return "".join([*lines[:place], *lines[place + 1 :]])


def _timed(judge: Judge, session: Session | None) -> tuple[float, str]:
    began = time.perf_counter()
    report = judge(session)
    views.text(report)
    return time.perf_counter() - began, views.as_json(report)


def _published(folder: Path) -> tuple[Path, Judge]:
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(generate.ROOT / name, folder / name)
    return folder / "data" / "organizations.ttl", lambda session: release.validate(folder, session=session)


def _drawn(folder: Path, size: str) -> tuple[Path, Judge]:
    graph, file, shapes = folder / "graph.nq", folder / "spoilt.nt", generate.ROOT / "shapes"
    generate.write(graph, generate.size(size))
    spoil.write(graph, file)

    def judge(session: Session | None) -> Report:
        read = source.read_all(source.files(shapes))
        return validation.validate(validation.Files([file]), read, shapes, session=session)

    return file, judge


if __name__ == "__main__":
    raise SystemExit(main())
