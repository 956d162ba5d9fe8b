"""Workbooks (XLSX) to rows of cells. Only here and where they are written is openpyxl imported: it costs 0.2 seconds.

A workbook is an archive of XML. What it unpacks to is limited before anything is unpacked; a part with a document type
declaration is refused, so that there are no entities, whichever parser openpyxl takes; formulas are never evaluated.
"""

from __future__ import annotations

import difflib
import re
import warnings
import zipfile
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import openpyxl
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

from cfit_graph.errors import SourceError
from cfit_graph.files import kind_of
from cfit_graph.reasons import Reason
from cfit_graph.tables.grid import COLUMNS, LARGEST, ROWS, Cell, Grid, Problem, refuse, too_large
from cfit_graph.tables.names import clean, meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_UNPACKED: Final = 64_000_000
_RATIO: Final = 200
_PARTS: Final = 2_000
_TAG: Final = 1_000_000
_ASIDE: Final = 10_000
_OTHERS: Final = 100_000
_OTHER: Final = re.compile(rb"<(?!/|(?:\w+:)?(?:c|v|is|si|t|row|r)\b)")
_OLD: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_MERGED: Final = re.compile(rb"<(?:\w+:)?mergeCell\b[^<>]*?\bref=[\"']([A-Z0-9:]+)[\"']")
_FILLED: Final = re.compile(rb"<(?:\w+:)?c\b[^<>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^<>]*(?<!/)>(?!</)")
_CODE: Final = re.compile(r"_x(00[01][0-9A-Fa-f]|005F)_")
"""How a workbook writes a sign that XML has no room for, such as the return in the line breaks of Windows."""

_NO_DATE: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


def read(path: Path, tables: Sequence[str], ignored: frozenset[str]) -> list[Grid]:
    """Return the sheets of a workbook that are ``tables`` by their names; ``ignored`` and empty ones are left out.

    Raises:
        SourceError: naming all that is wrong with it: sheets that are no tables, merged cells, limits passed.
    """
    content = _checked(path)
    with _whole(path), zipfile.ZipFile(content) as archive:
        book = openpyxl.load_workbook(content, read_only=True)
        grids, problems = _grids(book, archive, tables, ignored)
    if not grids and not problems:
        problems = [Problem(Reason("no-sheet"))]
    refuse(path, problems)
    return grids


def load(path: Path) -> Workbook:
    """Return a workbook that keeps to the limits, to be changed.

    Raises:
        SourceError: if it does not, or is none.
    """
    content = _checked(path)
    with _whole(path):
        return openpyxl.load_workbook(content)


def saved(book: Workbook) -> bytes:
    """Return a workbook as a file."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        _Writer(book, archive).save()
    return content.getvalue()


class _Writer(ExcelWriter):  # type: ignore[misc]
    """Writes sheets in memory, which openpyxl writes to the disk first: where drafts are judged nothing may be.

    The names are openpyxl's own, which has no public ones for them.
    """

    def write_worksheet(self, ws: Worksheet) -> None:
        ws._drawing = SpreadsheetDrawing()  # noqa: SLF001
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images  # noqa: SLF001
        writer = WorksheetWriter(ws, BytesIO())
        writer.write()
        ws._rels = writer._rels  # noqa: SLF001
        self._archive.writestr(ws.path[1:], writer.read())
        self.manifest.append(ws)


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Let a workbook be unpacked; what openpyxl warns of, such as charts it does not keep, has no place in a table."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged workbook makes it raise errors of any kind
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> SourceError:
    what = " ".join(str(error.__cause__ or error).split())[:100] or type(error).__name__
    return SourceError(path, Reason("book-damaged", what))


def _checked(path: Path) -> BytesIO:
    """Return the content of a file that may be opened as a workbook."""
    if path.name.startswith("~$"):
        raise SourceError(path, Reason("book-open", path.name.removeprefix("~$")))
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SourceError(path, Reason("book-size", LARGEST // 1_000_000))
    if content.startswith(_OLD):
        kind = Reason("book-locked") if _ENCRYPTED in content else Reason("book-old")
        raise SourceError(path, Reason("book-kind", kind))
    if not content:
        raise SourceError(path, Reason("book-empty"))
    if (name := kind_of(content[:1024])) in {"is-pdf", "is-html"}:
        raise SourceError(path, Reason("content", Reason(name)))
    with _whole(path), zipfile.ZipFile(BytesIO(content)) as archive:
        _check_parts(path, archive.infolist())
        for part in archive.infolist():
            _check_text(path, part.filename, archive.read(part))
    return BytesIO(content)


def _check_text(path: Path, part: str, content: bytes) -> None:
    if part.endswith((".xml", ".rels")) and not _is_modest(content):
        raise SourceError(path, Reason("book-part", part))


def _is_modest(xml: bytes) -> bool:
    """Tell whether a part is one of which XML parser and openpyxl do not make too much.

    It has no entities, no tag or comment of great length (the time of expat before 2.6 grows with its square), and no
    great number of elements beside cells and their text, each of which becomes an object.
    """
    return (
        b"<!DOCTYPE" not in xml
        and b"\0" not in xml[:100]
        and max(map(len, xml.split(b"<"))) < _TAG
        and all(piece.find(b"-->", 0, _ASIDE) >= 0 for piece in xml.split(b"<!--")[1:])
        and all(piece.find(b"?>", 0, _ASIDE) >= 0 for piece in xml.split(b"<?")[1:])
        and next(islice(_OTHER.finditer(xml), _OTHERS, None), None) is None
    )


def _check_parts(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > _PARTS or total > _UNPACKED or total > _RATIO * max(packed, 5_000):
        raise SourceError(path, Reason("book-unpacked", _PARTS, _UNPACKED // 1_000_000, _RATIO))
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise SourceError(path, Reason("book-none"))


def _unknown(name: str, book: Workbook, tables: Sequence[str]) -> Reason:
    """Return what is wrong with a sheet that is no table: it is called otherwise, or is a copy of one that is there."""
    there = {clean(other).casefold() for other in book.sheetnames}
    near = difflib.get_close_matches(name, tables, 1, 0.5)
    return Reason("sheet-copy", near[0]) if there & {*near} else Reason("sheet-unknown", meant(name, tables))


def _grids(
    book: Workbook, archive: zipfile.ZipFile, tables: Sequence[str], ignored: frozenset[str]
) -> tuple[list[Grid], list[Problem]]:
    grids, problems = [], list[Problem]()
    for sheet in book.worksheets:
        name = clean(sheet.title).casefold()
        if name in ignored and name not in tables:
            continue
        grid = Grid(sheet.title, list(_rows(sheet)))
        if name not in tables and grid.rows:
            problems.append(Problem(_unknown(name, book, tables), sheet.title))
        elif grid.rows:
            xml = archive.read(sheet._worksheet_path)  # noqa: SLF001 - openpyxl has no public name for it
            problems += [*_layout(grid, xml), *too_large(grid)]
            grids.append(grid)
    return grids, problems


def _layout(grid: Grid, xml: bytes) -> Iterator[Problem]:
    """Yield the problems with a sheet that its cells do not show."""
    for merged in sorted(_MERGED.findall(xml), key=lambda cells: [int(row) for row in re.findall(rb"[0-9]+", cells)]):
        yield Problem(Reason("merged"), f"{grid.sheet}!{merged.decode()}")
    for column, row in _FILLED.findall(xml):
        if len(column) > 2 or int(row) > ROWS + 1:
            reason = Reason("beyond", COLUMNS, ROWS)
            yield Problem(reason, f"{grid.sheet}!{column.decode()}{row.decode()}")
            return


def _rows(sheet: Any) -> Iterator[list[Cell]]:
    sheet.reset_dimensions()  # programs other than Excel write wrong ones
    for number, row in enumerate(sheet.iter_rows(max_row=ROWS + 1, max_col=COLUMNS + 1), 1):
        filled = {column: cell for column, cell in enumerate(row, 1) if cell.value is not None}
        if filled:
            yield [_cell(filled.get(column), number, column) for column in range(1, max(filled) + 1)]


def _cell(cell: Any, row: int, column: int) -> Cell:
    if cell is None:
        return Cell("", row, column)
    if cell.data_type in {"f", "e"}:
        return Cell("", row, column, fault=str(getattr(cell.value, "text", cell.value)))
    return Cell(_text(cell.value, cell), row, column)


def text_of(cell: Any) -> str:
    """Return what a cell of a workbook says, or the formula or error in it."""
    found = _cell(cell, 1, 1) if cell.value is not None else Cell("", 1, 1)
    return found.fault or found.text


def _text(value: Any, cell: Any) -> str:
    """Return what a cell says: a date as precisely as it is shown, a number without a fraction if it has none."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime) and value.time() == time.min:
        return _shown(value.date(), cell.number_format)
    if isinstance(value, (datetime, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _CODE.sub(_coded, str(value)) if "_x" in str(value) else str(value)


def _coded(found: re.Match[str]) -> str:
    """Return the sign that a code stands for; of those that are no letters a space is left."""
    return "_" if found[1] == "005F" else " "


def _shown(day: date, number_format: str) -> str:
    """Return a day, or the month or year of it if the format shows no more: 2023-07 typed becomes Jul-23 in Excel."""
    signs = _NO_DATE.sub("", number_format).lower()
    length = 10 if "d" in signs or "h" in signs else 7 if "m" in signs else 4
    return day.isoformat()[:length]
