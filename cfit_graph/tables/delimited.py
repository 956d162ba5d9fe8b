"""CSV (RFC 4180) to rows of cells that know their places; the standard library's reader tells no places."""

from __future__ import annotations

import re
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from cfit_graph.errors import SourceError
from cfit_graph.files import refuse_other_content
from cfit_graph.positions import Lines
from cfit_graph.reasons import Reason
from cfit_graph.tables.grid import COLUMNS, LARGEST, ROWS, TITLE, Cell, Grid, Problem, at, refuse, too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DELIMITERS: Final = (",", ";", "\t")
"""What may stand between cells, the one that is written first."""

FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
"""How a cell begins that a spreadsheet would take for a formula, or that is guarded against it."""

_LINE: Final = re.compile(r"\r\n|[\r\n]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


def read(path: Path, is_header: Callable[[str], bool]) -> Grid:
    """Return the table of a CSV file; of the delimiters, the one by which most headers are known.

    Raises:
        SourceError: naming all that is wrong with it.
    """
    text = _text(path)
    first, delimiter, known = _head(text, is_header)
    if first > 0:
        raise SourceError(path, Reason("headers-line"), *Lines(text).place(first))
    rows = list(islice(_rows(path, text, delimiter), ROWS + 1))
    if not rows:
        raise SourceError(path, Reason("table-empty"), 1, 1)
    grid = Grid("", rows)
    refuse(path, list(too_large(grid)) or (_uneven(grid) if known else ()))
    return grid


def _text(path: Path) -> str:
    refuse_other_content(path)
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SourceError(path, Reason("table-size", LARGEST // 1_000_000))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        place = Lines(before).place(len(before))
        raise SourceError(path, Reason("csv-utf-8", _encoding(content[error.start :])), *place) from None


def _encoding(rest: bytes) -> Reason:
    """Say in which encoding text is that is not UTF-8, by its first word that is not."""
    try:
        word = re.split(r"[\s,;]", rest[:40].decode("cp1252"))[0]
    except UnicodeDecodeError:
        return Reason("not-utf-8")
    return Reason("windows-1252", word)


def _head(text: str, is_header: Callable[[str], bool]) -> tuple[int, str, int]:
    """Return where the first line with headers begins, by which delimiter, and how many there are known of."""
    start = 0
    for _ in range(TITLE):
        known, delimiter = max(((_known(text, sign, is_header, start), sign) for sign in DELIMITERS), key=itemgetter(0))
        if known > 1 or (known and start == 0):
            return start, delimiter, known
        found = _LINE.search(text, start)
        if found is None:
            break
        start = found.end()
    return 0, DELIMITERS[0], 0


def _known(text: str, delimiter: str, is_header: Callable[[str], bool], start: int) -> int:
    """Return how many cells of the row that begins there are headers."""
    fields = _field(delimiter)
    end, known = start, 0
    for _ in range(COLUMNS):
        found = fields.match(text, end)
        known += found is not None and is_header(_content(found))
        if found is None or text[found.end() : found.end() + 1] != delimiter:
            break
        end = found.end() + 1
    return known


def _field(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf'"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"|(?P<bare>[^{delimiter}"\r\n][^{delimiter}\r\n]*|(?!"))')


def _content(found: re.Match[str]) -> str:
    return found["bare"] if found["quoted"] is None else found["quoted"].replace('""', '"')


def _rows(path: Path, text: str, delimiter: str) -> Iterator[list[Cell]]:
    """Yield the rows that are not blank, and none after one that is too wide; a row ends with its line."""
    fields, lines = _field(delimiter), Lines(text)
    start, number, row = 0, 1, list[Cell]()
    while start < len(text) or row:
        found = fields.match(text, start)
        if found is None:
            raise SourceError(path, Reason("quote-open"), *lines.place(start))
        row.append(_cell(_content(found), number, len(row) + 1, *lines.place(start)))
        end = found.end()
        start = end + (2 if text[end : end + 2] == "\r\n" else 1)
        if len(row) > COLUMNS:
            break
        if text[end : end + 1] == delimiter:
            continue
        if text[end : end + 1] not in {"", "\r", "\n"}:
            raise SourceError(path, Reason("quote-text"), *lines.place(end))
        if len(row) > 1 or not row[0].empty:
            yield row
        number, row = number + 1, []
    if row:
        yield row


def _cell(content: str, row: int, column: int, line: int, line_column: int) -> Cell:
    if content.startswith("="):
        return Cell("", row, column, line, line_column, fault=content)
    text = content[1:] if _GUARDED.match(content) else content
    return Cell(text, row, column, line, line_column)


def _uneven(grid: Grid) -> Iterator[Problem]:
    width = len(grid.rows[0])
    for row in grid.rows[1:]:
        if len(row) != width and not all(cell.empty for cell in row):
            reason = Reason("uneven", row[0].row, len(row), width)
            yield at(grid, row[min(len(row), width + 1) - 1], reason)
