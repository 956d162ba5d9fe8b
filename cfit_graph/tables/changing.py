"""One value of a row to be another: which cell that is, and what is to be in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.errors import SourceError
from cfit_graph.reasons import Reason
from cfit_graph.tables.columns import SEPARATOR
from cfit_graph.tables.delimited import DELIMITERS, FORMULA
from cfit_graph.tables.reading import TYPE, UNKNOWN_KIND, UNNAMED, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cfit_graph.tables.columns import Column, Term
    from cfit_graph.tables.grid import Cell
    from cfit_graph.tables.names import Names
    from cfit_graph.tables.reading import Row

_QUOTED: Final = re.compile(r'"[^"]*(?:""[^"]*)*"')


class NewText(NamedTuple):
    """A cell, and the text that it is to have."""

    cell: Cell
    text: str


def replaced(row: Row, predicate: str, old: Term, new: Sequence[Term], names: Names) -> NewText | None:
    """Return the cell that says ``old`` with other values in its place, if any; none if its column cannot hold them."""
    if predicate == UNNAMED:
        return NewText(row.name, new[0].value) if new else None
    faults = [*row.faults()]
    for column, cell in row.cells.items():
        written = [column.write(value, names) or "" for value in new]
        if predicate == UNREADABLE and (cell, old.value) in faults:
            return NewText(cell, f" {SEPARATOR} ".join(written))
        if predicate == UNKNOWN_KIND and column.property == TYPE and old.value in column.values(cell.text):
            return NewText(cell, _kinds(column.values(cell.text), old, new))
        values = column.values(cell.text) if column.property == predicate else []
        place = next((n for n, text in enumerate(values) if column.reading.read(text, names) == old), None)
        if place is not None and all(written) and (column.several or len(written) < 2):
            values[place : place + 1] = written
            return NewText(cell, f" {SEPARATOR} ".join(values))
    return None


def _kinds(values: Sequence[str], old: Term, new: Sequence[Term]) -> str:
    """Return the kinds in a cell with other words in the place of one."""
    others = [kind.value for kind in new]
    return f" {SEPARATOR} ".join(word for text in values for word in (others if text == old.value else [text]))


def added(row: Row, predicate: str, new: Term, names: Names) -> NewText | None:
    """Return the first cell that can hold a value beside those that it has; none if there is none."""
    for column, cell in row.cells.items():
        written = column.write(new, names) if _takes(column, cell, predicate, new) else None
        if written:
            return NewText(cell, f" {SEPARATOR} ".join([*column.values(cell.text), written]))
    return None


def _takes(column: Column, cell: Cell, predicate: str, new: Term) -> bool:
    return column.property == predicate and column.takes(new) and not cell.fault and (column.several or cell.empty)


def in_csv(text: str, start: int, new: str) -> tuple[str, str]:
    """Return what stands in a CSV text for the cell that begins at a character, and what is to stand there."""
    quoted = _QUOTED.match(text, start)
    ends = [found for sign in (_delimiter(text), "\r", "\n") if (found := text.find(sign, start)) >= 0]
    old = quoted[0] if quoted else text[start : min(ends, default=len(text))]
    guarded = f"'{new}" if FORMULA.match(new) else new
    plain = not quoted and not set(guarded) & {'"', "\n", "\r", *DELIMITERS}
    return old, guarded if plain else '"' + guarded.replace('"', '""') + '"'


def _delimiter(text: str) -> str:
    """Return what stands between the cells of the first row: most often, for headers hold none of the others."""
    header = _QUOTED.sub("", re.split(r"[\r\n]", text, maxsplit=1)[0])
    return max(DELIMITERS, key=header.count)


def with_texts(path: Path, texts: Iterable[tuple[str, str, str, str]]) -> bytes:
    """Return a copy of a workbook with new texts in cells: each is sheet, cell, and its text before and after.

    Raises:
        SourceError: if the workbook cannot be read, or a cell has another text than it had.
    """
    from cfit_graph.tables.workbook import load, saved, text_of  # noqa: PLC0415 - openpyxl costs 0.2 s

    book = load(path)
    for sheet, name, old, new in texts:
        cell = book[sheet][name] if sheet in book.sheetnames else None
        if cell is None or text_of(cell) != old:
            raise SourceError(path, Reason("moved-cell", f"{sheet}!{name}"))
        cell.value = new or None
        cell.data_type = "s" if new else "n"  # text that begins with = is no formula
    return saved(book)
