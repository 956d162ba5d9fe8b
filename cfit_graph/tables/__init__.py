"""The coalition's data as tables: CSV files, each named after its table, or a workbook with a sheet for each.

Tables and columns are derived from the shapes (``shapes.py``), so that they are never written down twice. A row is a
thing; its identifier is the slug of its address. A cell says what its column is for, an empty one says nothing.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.errors import SourceError
from cfit_graph.reasons import Reason
from cfit_graph.tables import delimited, reading
from cfit_graph.tables.agreement import refuse_contradictions
from cfit_graph.tables.changing import NewText, added, in_csv, replaced, with_texts
from cfit_graph.tables.columns import ID_HEADER, Column, Model, Table
from cfit_graph.tables.facts import Facts
from cfit_graph.tables.filling import Filled, fill
from cfit_graph.tables.grid import place
from cfit_graph.tables.names import clean, slug
from cfit_graph.tables.reading import Row, Said, without
from cfit_graph.tables.shapes import model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cfit_graph.tables.grid import Grid

__all__ = [
    "ID_HEADER", "Column", "Facts", "Filled", "Mark", "Model", "NewText", "Row", "Said", "Table",
    "added", "fill", "grids", "in_csv", "mark", "model", "place", "read", "refuse_contradictions", "replaced", "slug",
    "with_texts", "without", "write",
]  # fmt: skip

HELP, LISTS, FINDINGS = "help", "lists", "findings"
"""Sheets of ours that are no tables: what the columns are for, what there is to choose from, what was found."""

_IGNORED: Final = frozenset([HELP, LISTS, FINDINGS])


class Mark(NamedTuple):
    """What was found: in which cell of which sheet (empty if in none), in words where, how severe, what, and whose.

    ``severity`` is the last part of its IRI in SHACL, ``named`` what a reader calls it.
    """

    sheet: str
    cell: str
    place: str
    severity: str
    named: str
    message: str
    about: str


def read(path: Path, model: Model) -> list[Row]:
    """Return the rows of a CSV file or workbook, in order, with what they say and where.

    Raises:
        SourceError: naming all that is wrong with the form of the file, or that one sheet says and another contradicts.
    """
    rows = reading.read(path, grids(path, model), model)
    refuse_contradictions([(path, rows)])  # of two sheets of one name
    return rows


def grids(path: Path, model: Model) -> list[Grid]:
    """Return the cells of the tables in a CSV file or workbook, as they are written.

    Raises:
        SourceError: if it cannot be read as one.
    """
    if path.suffix.lower() == ".csv":
        table = model.table(path.stem)
        if table is None:
            raise SourceError(path, _no_table(path.stem, model))
        return [delimited.read(path, lambda header: _is_header(table, header))]
    from cfit_graph.tables import workbook  # noqa: PLC0415 - openpyxl costs 0.2 s that other files need not pay

    return workbook.read(path, [table.name for table in model.tables], _IGNORED)


def _no_table(name: str, model: Model) -> Reason:
    known = [table.name for table in model.tables]
    near = difflib.get_close_matches(clean(name).casefold(), known, 1, 0.5)
    hint = Reason("meant-file", near[0]) if near else Reason("there-are", ", ".join(known))
    return Reason("no-table", name, hint)


def _is_header(table: Table, header: str) -> bool:
    return clean(header).casefold() == ID_HEADER or table.column(header) is not None


def write(filled: Filled, model: Model, target: Path) -> dict[Path, bytes]:
    """Return the contents of files with all tables: a workbook if ``target`` ends in .xlsx, else a folder of CSV."""
    from cfit_graph.tables import writing  # noqa: PLC0415 - see above

    if target.suffix.lower() == ".xlsx":
        return {target: writing.workbook(filled, model)}
    sheets = ((target / f"{sheet.table.name}.csv", writing.csv_text(sheet)) for sheet in filled.sheets)
    return {path: text.encode("utf-8-sig") for path, text in sheets}


def mark(path: Path, marks: Sequence[Mark], headings: Sequence[str]) -> bytes:
    """Return a copy of a workbook in which the cells that something was found in are marked, and say what.

    The sheet that lists all has these headings: where, severity, what, and about whom.

    Raises:
        SourceError: if the workbook cannot be read.
    """
    from cfit_graph.tables import marking  # noqa: PLC0415 - see above

    return marking.mark(path, marks, headings)
