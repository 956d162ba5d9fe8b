"""Filled tables to CSV files and to a workbook with choices, hints and locked identifiers."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from cfit_graph.tables import HELP, LISTS
from cfit_graph.tables.columns import ID_HEADER, SEPARATOR, Column, Known, Model
from cfit_graph.tables.delimited import DELIMITERS, FORMULA
from cfit_graph.tables.grid import letters
from cfit_graph.tables.workbook import saved
from cfit_graph.texts import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from cfit_graph.tables.filling import Filled, Sheet

AUTHOR: Final = "cfit"
"""Who comments of ours are from."""

_CODE: Final = re.compile(r"_x(?=[0-9A-Fa-f]{4}_)")  # would be read as the sign that has this number
_NEW_ROWS: Final = 500
_TEXT: Final = "@"  # the format by which a spreadsheet leaves what is typed as it is
_HEAD: Final = PatternFill("solid", fgColor="DDE6ED")
_REQUIRED: Final = PatternFill("solid", fgColor="B9CFDF")
_WIDE: Final = 40
_NARROW: Final = 16
_LINE: Final = 15  # points; programs do not fit rows to wrapped text by themselves


def csv_text(sheet: Sheet) -> str:
    """Return a table as CSV (RFC 4180); a cell that a spreadsheet would run as a formula begins with an apostrophe."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=DELIMITERS[0])
    writer.writerow([ID_HEADER, *(column.header for column in sheet.columns)])
    writer.writerows([_guarded(text) for text in row] for row in sheet.rows)
    return table.getvalue()


def _guarded(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def workbook(filled: Filled, model: Model) -> bytes:
    """Return a workbook with a sheet for each table, and sheets that say what its columns are and what to choose."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    lists = _Lists(model)
    for sheet in filled.sheets:
        _write(book.create_sheet(sheet.table.name), sheet, lists)
    explained = [TABLES["help"], *(row for sheet in filled.sheets for row in _explained(sheet))]
    listing(book.create_sheet(HELP), explained, (_NARROW, 24, 10, 16, 80))
    lists.write(book.create_sheet(LISTS))
    return saved(book)


def listing(page: Worksheet, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
    """Write rows, the first of them a header that stays in sight, into a sheet to be read."""
    for number, row in enumerate(rows, 1):
        for place, text in enumerate(row, 1):
            cell = page.cell(number, place)
            put(cell, text)
            cell.font = Font(bold=number == 1)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        lines = max(-(-len(text) // width) for text, width in zip(row, widths, strict=True))
        page.row_dimensions[number].height = _LINE * max(lines, 1)
    for place, width in enumerate(widths, 1):
        page.column_dimensions[letters(place)].width = width
    page.freeze_panes = "A2"


def put(cell: Cell, text: str) -> None:
    """Write text into a cell as text, whatever it looks like."""
    cell.value = _CODE.sub("_x005F_x", text)
    cell.data_type = "s"
    cell.number_format = _TEXT
    cell.quotePrefix = text.startswith("=")


def _write(page: Worksheet, sheet: Sheet, lists: _Lists) -> None:
    _head(page, 1, ID_HEADER, f"{sheet.table.description} {TABLES['id']}", required=True)
    for place, column in enumerate(sheet.columns, 2):
        _head(page, place, column.header, _hint(column), required=column.required)
        _offer(page, place, column, len(sheet.rows), lists)
    for place, cells in enumerate(zip(*sheet.rows, strict=True), 1):
        longest = max(len(text) for text in cells)
        page.column_dimensions[letters(place)].width = min(max(longest, _NARROW), _WIDE)
    for number, row in enumerate(sheet.rows, 2):
        for place, text in enumerate(row, 1):
            cell = page.cell(number, place)
            cell.protection = Protection(locked=place == 1)
            put(cell, text) if text else None
    page.freeze_panes = "B2"
    _protect(page)


def _head(page: Worksheet, place: int, header: str, hint: str, *, required: bool) -> None:
    cell = page.cell(1, place)
    put(cell, header)
    cell.font, cell.fill = Font(bold=True), _REQUIRED if required else _HEAD
    cell.comment = Comment(hint, AUTHOR, width=320, height=140)
    dimension = page.column_dimensions[letters(place)]
    dimension.protection = Protection(locked=False)
    dimension.number_format = _TEXT
    dimension.width = _NARROW


def _hint(column: Column) -> str:
    required = TABLES["required"] if column.required else ""
    several = TABLES["several"].format(separator=SEPARATOR) if column.several else ""
    return " ".join(part for part in (column.description, required, several) if part)


def _offer(page: Worksheet, place: int, column: Column, rows: int, lists: _Lists) -> None:
    """Let a cell be chosen from a list, in the rows there are and in new ones."""
    choices = lists.range(column)
    if choices is None:
        return
    validation = DataValidation("list", formula1=choices, allow_blank=True, showErrorMessage=not column.several)
    validation.errorStyle = "warning"
    validation.errorTitle, validation.error = column.header, TABLES["unlisted"]
    validation.add(f"{letters(place)}2:{letters(place)}{rows + 1 + _NEW_ROWS}")
    page.add_data_validation(validation)


def _protect(page: Worksheet) -> None:
    """Lock the header and the identifiers that there are; nothing else, and with no password."""
    page.protection.sheet = True
    for name in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(page.protection, name, False)  # in the format, False means that it is allowed


class _Lists:
    """What there is to choose from, in columns of a sheet of its own; identifiers are on the sheet of their table."""

    def __init__(self, model: Model) -> None:
        self._names = model.names
        self._tables = {table.kind_of_thing: table for table in model.tables}
        self._places: dict[Known, int] = {}
        self._values: list[list[str]] = []

    def range(self, column: Column) -> str | None:
        """Return the cells that hold the choices for a column; none if it has no list."""
        known = column.reading
        if not isinstance(known, Known):
            return None
        if len(known.groups) == 1 and known.groups[0] in self._tables and not known.by_name:
            return f"{quote_sheetname(self._tables[known.groups[0]].name)}!$A$2:$A$5000"
        if known not in self._places:
            values = self._choices(known)
            self._places[known] = len(self._values) + 1
            self._values.append(values)
        letter, length = letters(self._places[known]), len(self._values[self._places[known] - 1])
        return f"{LISTS}!${letter}$1:${letter}${max(length, 1)}"

    def _choices(self, known: Known) -> list[str]:
        things = {thing for group in known.groups for thing in self._names.of(group)}
        return sorted(known.call(thing, self._names) for thing in things)

    def write(self, page: Worksheet) -> None:
        """Write the lists, and hide the sheet."""
        for place, values in enumerate(self._values, 1):
            for number, value in enumerate(values, 1):
                put(page.cell(number, place), value)
        page.sheet_state = "hidden"


def _explained(sheet: Sheet) -> Iterator[list[str]]:
    yield [sheet.table.name, ID_HEADER, _yes(True), _yes(False), f"{sheet.table.description} {TABLES['id']}"]
    for column in sheet.columns:
        yield [sheet.table.name, column.header, _yes(column.required), _yes(column.several), column.description]


def _yes(true: bool) -> str:
    return str(TABLES["yes" if true else "no"])
