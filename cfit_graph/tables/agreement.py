"""Rows of several files or sheets about one thing: each has the say on its columns; of one column they say the same."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.reasons import Reason
from cfit_graph.tables.grid import Problem, refuse
from cfit_graph.tables.names import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cfit_graph.tables.columns import Column
    from cfit_graph.tables.facts import Fact
    from cfit_graph.tables.grid import Cell
    from cfit_graph.tables.reading import Row

_SHOWN: Final = 60


class _Told(NamedTuple):
    """What a row says in a cell, and where that is."""

    path: Path
    row: Row
    cell: Cell
    facts: frozenset[Fact]


def refuse_contradictions(files: Sequence[tuple[Path, Sequence[Row]]]) -> None:
    """Refuse rows that say different things of one thing in one column: which of them is meant, nobody can tell.

    Raises:
        SourceError: at a file that contradicts one before it, or itself, naming both cells of each contradiction.
    """
    rows = Counter(row.thing for _, its in files for row in its)
    first: dict[tuple[str, Column], _Told] = {}
    for path, its in files:
        told = (told for row in its if rows[row.thing] > 1 and row.has_identifier for told in _told(path, row))
        pairs = ((first.setdefault((now.row.thing, column), now), now, column) for column, now in told)
        refuse(path, [_problem(*pair) for pair in pairs if pair[0].facts != pair[1].facts])


def _told(path: Path, row: Row) -> Iterator[tuple[Column, _Told]]:
    for column, cell in row.cells.items():
        yield column, _Told(path, row, cell, frozenset(said.fact for said in row.said if said.cell == cell))


def _problem(before: _Told, now: _Told, column: Column) -> Problem:
    elsewhere = f"{before.path} ({before.row.place(before.cell)})"
    words = column.header, clean(now.row.name.text), _shown(now.cell), elsewhere, _shown(before.cell)
    return Problem(Reason("otherwise", *words), now.row.place(now.cell), now.cell.line, now.cell.line_column)


def _shown(cell: Cell) -> str:
    text = textwrap.shorten(cell.fault or cell.text, _SHOWN, placeholder="…")
    return f"“{text}”" if text else Reason("empty-cell")
