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
    return "\n".join(
        [
            "| format | mistakes | found | on the exact line or cell | mended by the proposal |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


def _row(name: str, cases: Sequence[Case]) -> str:
    found, placed = (sum(getattr(case, what) for case in cases) for what in ("found", "placed"))
    mended = sum(case.mended for case in cases)
    shares = (f"{count} ({count / len(cases):.1%})" for count in (placed, mended))
    return f"| {name} | {len(cases)} | {found} | {' | '.join(shares)} |"


def kinds(cases: Sequence[Case]) -> str:
    """Return a table in Markdown with a row for each kind of mistake: how many of each format its proposal mends."""
    formats = list(dict.fromkeys(case.format for case in cases))
    names = list(dict.fromkeys((case.kind.table, case.kind.name) for case in cases))
    rows = [f"| {table}: {name} | {' | '.join(_mended(cases, (table, name), formats))} |" for table, name in names]
    return "\n".join([f"| mistake | {' | '.join(formats)} |", "|---" * (len(formats) + 1) + "|", *rows])


def _mended(cases: Sequence[Case], name: tuple[str, str], formats: list[str]) -> Iterator[str]:
    for format_ in formats:
        found = [case for case in cases if (case.kind.table, case.kind.name) == name and case.format == format_]
        yield f"{sum(case.mended for case in found)} of {len(found)}" if found else ""


def misses(cases: Sequence[Case]) -> Iterator[str]:
    """Yield a line for each mistake that was not placed: what and where it is, and where something is said of it."""
    for case in cases:
        if not case.placed:
            said = {(found.file, found.line, found.sheet, found.cell) for found in case.findings} or "nothing"
            thing = case.seed.facts[0].subject.value
            yield f"{case.format}: {case.kind.name} in {thing}: {tuple(case.spot)}, not {said}"
