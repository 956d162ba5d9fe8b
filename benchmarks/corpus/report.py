"""The corpus in figures: found and placed, by format."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.corpus.judging import Case


def table(cases: Sequence[Case]) -> str:
    """Return a table in Markdown with a row for each format, and one for all."""
    groups = [(name, list(group)) for name, group in groupby(cases, lambda case: case.format)]
    rows = [_row(name, group) for name, group in [*groups, ("all", list(cases))]]
    return "\n".join(["| format | mistakes | found | on the exact line or cell |", "|---|---|---|---|", *rows])


def _row(name: str, cases: Sequence[Case]) -> str:
    found, placed = (sum(getattr(case, what) for case in cases) for what in ("found", "placed"))
    return f"| {name} | {len(cases)} | {found} | {placed} ({placed / len(cases):.1%}) |"


def misses(cases: Sequence[Case]) -> Iterator[str]:
    """Yield a line for each mistake that was not placed: what and where it is, and where something is said of it."""
    for case in cases:
        if not case.placed:
            said = {(found.file, found.line, found.sheet, found.cell) for found in case.findings} or "nothing"
            thing = case.seed.facts[0].subject.value
            yield f"{case.format}: {case.kind.name} in {thing}: {tuple(case.spot)}, not {said}"
