"""A copy of a workbook in which the cells that something was found in are marked, and say what."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from cfit_graph import texts
from cfit_graph.tables import FINDINGS
from cfit_graph.tables.workbook import load, saved
from cfit_graph.tables.writing import AUTHOR, listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from openpyxl.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from cfit_graph.tables import Mark

_COLOURS: Final = {"Violation": "F4B6B0", "Warning": "FBE3A3", "Info": "C9DFF2"}
_FILLS: Final = {severity: PatternFill("solid", fgColor=colour) for severity, colour in _COLOURS.items()}
_NAMED: Final = "|".join(name for said in texts.FINDINGS.values() for name in said["severities"].values())
_WORDS: Final = re.compile(rf"(?:\A|\n\n)(?:{_NAMED}): .*", re.DOTALL)
"""What a mark adds to the comment on a cell, in any language."""


def mark(path: Path, marks: Sequence[Mark], headings: Sequence[str]) -> bytes:
    """Return a copy of the workbook at ``path`` with the cells marked, worst colour first, and a sheet that lists all.

    Marks of an earlier copy are taken out first.

    Raises:
        SourceError: if the workbook cannot be read.
    """
    book = load(path)
    for page in book.worksheets:
        _clear(page)
    by_cell: defaultdict[tuple[str, str], list[Mark]] = defaultdict(list)
    for found in marks:
        if found.sheet in book.sheetnames:
            by_cell[found.sheet, found.cell].append(found)
    for (sheet, cell), found_here in by_cell.items():
        _mark(book[sheet][cell], found_here)
    _list(book, marks, headings)
    return saved(book)


def _clear(page: Worksheet) -> None:
    """Take marks out; programs that save a workbook make colours opaque, and comments their own."""
    for row in page.iter_rows(min_row=2):
        for cell in row:
            if str(cell.fill.fgColor.rgb)[-6:] in _COLOURS.values():
                cell.fill = PatternFill()
                cell.comment = _with_text(cell.comment, _WORDS.sub("", cell.comment.text)) if cell.comment else None


def _mark(cell: Cell, found: Sequence[Mark]) -> None:
    worst = min((mark.severity for mark in found), key=list(_FILLS).index)
    cell.fill = _FILLS[worst]
    words = [f"{mark.named}: {mark.message}" for mark in found]
    before = [cell.comment.text] if cell.comment else []
    cell.comment = _with_text(cell.comment, "\n\n".join([*before, *words]), 60 + 90 * len(words))


def _with_text(comment: Comment | None, text: str, height: int = 60) -> Comment | None:
    author = comment.author if comment else AUTHOR
    return Comment(text, author, width=360, height=height) if text else None


def _list(book: Workbook, marks: Sequence[Mark], headings: Sequence[str]) -> None:
    """Put a sheet first that lists all that was found, each with a link to its cell."""
    if FINDINGS in book.sheetnames:
        del book[FINDINGS]
    page = book.create_sheet(FINDINGS, 0)
    rows = ([mark.place, mark.named, mark.message, mark.about] for mark in marks)
    listing(page, [headings, *rows], (24, 12, 70, 60))
    for number, mark in enumerate(marks, 2):
        if mark.sheet in book.sheetnames:
            location = f"{quote_sheetname(mark.sheet)}!{mark.cell}"
            page.cell(number, 1).hyperlink = Hyperlink(f"A{number}", location=location)
    book.active = 0
