"""What CSV files and the sheets of a workbook have in common: rows of cells, each with its place; and their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph import reasons
from cfit_graph.errors import SourceError
from cfit_graph.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LARGEST: Final = 20_000_000
"""Bytes that a file may have."""

ROWS: Final = 50_000
"""Rows that a table may have, its header included."""

COLUMNS: Final = 200
"""Columns that a table may have."""

LONGEST: Final = 32_767
"""Characters that a cell may have; Excel's own limit."""

TITLE: Final = 10
"""Rows in which headers are looked for, if there are none in the first."""

_SHOWN: Final = 50


class Cell(NamedTuple):
    """The text of a cell, and its place: row and column from 1; in CSV the line, and the column in it, from 1 as well.

    A cell with a ``fault``, such as a formula, has no text.
    """

    text: str
    row: int
    column: int
    line: int = 0
    line_column: int = 0
    fault: str = ""

    @property
    def name(self) -> str:
        """What spreadsheets call the cell.

        >>> Cell("", row=7, column=28).name
        'AB7'
        """
        return f"{letters(self.column)}{self.row}"

    @property
    def empty(self) -> bool:
        """Whether nothing is said in it."""
        return not (self.text.strip() or self.fault)


class Grid(NamedTuple):
    """A table as it is written: the name of its sheet, if it is one of several, and its rows, header first."""

    sheet: str
    rows: list[list[Cell]]

    def place(self, cell: Cell) -> str:
        """Return the name of a cell with its sheet before it."""
        return f"{self.sheet}!{cell.name}" if self.sheet else cell.name


class Problem(NamedTuple):
    """What is wrong with a table, and where: in which cell, and in CSV in which line and column."""

    reason: str
    cell: str = ""
    line: int = 0
    column: int = 0


def at(grid: Grid, cell: Cell, reason: str) -> Problem:
    """Return a problem with a cell."""
    return Problem(reason, grid.place(cell), cell.line, cell.line_column)


def refuse(path: Path, problems: Iterable[Problem]) -> None:
    """Refuse a file that has problems, naming all of them, or a great many and how many more.

    Raises:
        SourceError: if there is a problem.
    """
    found = list(problems)
    if not found:
        return
    first, *others = found
    told = [first.reason, *(Reason("at", other.cell, other.reason) for other in others[:_SHOWN])]
    rest = [Reason("more", len(others) - _SHOWN)] if len(others) > _SHOWN else []
    raise SourceError(path, reasons.all_of([*told, *rest]), first.line, first.column, first.cell)


def too_large(grid: Grid) -> Iterable[Problem]:
    """Yield a problem for each limit that a table passes."""
    if len(grid.rows) > ROWS:
        yield at(grid, grid.rows[ROWS][0], Reason("rows", ROWS))
    wide = next((row for row in grid.rows if len(row) > COLUMNS), None)
    if wide is not None:
        yield at(grid, wide[COLUMNS], Reason("columns", COLUMNS))
    cells = (cell for row in grid.rows for cell in row if len(cell.text) > LONGEST)
    yield from (at(grid, cell, Reason("long-cell", LONGEST)) for cell in cells)


def place(name: str) -> tuple[int, int]:
    """Return the numbers of the column and the row of a cell, by which cells are in order.

    >>> place("AB7"), place("B10") > place("B9")
    ((28, 7), True)
    """
    head = name.rstrip("0123456789")
    column = 0
    for letter in head:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column, int(name[len(head) :])


def letters(column: int) -> str:
    """Return what spreadsheets call a column, counted from 1.

    >>> letters(28)
    'AB'
    """
    before, last = divmod(column - 1, 26)
    return (letters(before) if before else "") + chr(ord("A") + last)
