"""The safe proposals of a report, put together by file, and what the files are with them."""

from __future__ import annotations

import codecs
import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from cfit_graph import positions, tables
from cfit_graph.errors import SourceError
from cfit_graph.validation.suggestions import Edit, apply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cfit_graph.validation import Report


def safe_edits(report: Report) -> dict[Path, list[Edit]]:
    """Return the edits of all safe proposals, by file; of two that are about the same characters or cell, the first."""
    found: dict[Path, list[Edit]] = {}
    for finding in report.findings:
        suggestion = finding.suggestion
        if suggestion is not None and suggestion.safe:
            chosen = found.setdefault(Path(finding.file), [])
            new = [edit for edit in suggestion.edits if edit not in chosen]
            if not any(_meet(edit, other) for edit in new for other in chosen):
                chosen += new
    return found


def _meet(edit: Edit, other: Edit) -> bool:
    if edit.sheet:
        return (edit.sheet, edit.cell) == (other.sheet, other.cell)
    first, second = sorted([edit, other])
    lines, end = positions.Lines(first.old).place(len(first.old))
    last = (first.line + lines - 1, end + (first.column - 1 if lines == 1 else 0))
    return (second.line, second.column) < last or (first.line, first.column) == (second.line, second.column)


def edited(path: Path, edits: Sequence[Edit]) -> bytes:
    """Return the content of a file with edits made in it; the mark at its beginning, if it has one, stays.

    Raises:
        SourceError: if it cannot be read, or is not any more what it was when the edits were proposed.
    """
    if path.suffix.lower() == ".xlsx":
        return tables.with_texts(path, [(edit.sheet, edit.cell, edit.old, edit.new) for edit in edits])
    content = _content(path)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    return mark + apply(_text(path, content), edits, str(path)).encode()


def difference(path: Path, edits: Sequence[Edit]) -> Iterator[str]:
    """Yield the lines of a unified difference between a file as it is and with edits; of a workbook, its cells.

    Raises:
        SourceError: as ``edited`` does.
    """
    if path.suffix.lower() == ".xlsx":
        yield f"--- {path}"
        for edit in sorted(edits):
            yield from [f"@@ {edit.sheet}!{edit.cell} @@", f"-{edit.old}", f"+{edit.new}"]
        return
    before = _text(path, _content(path))
    after = apply(before, edits, str(path))
    yield from difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), str(path), lineterm="")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(path, error.strerror or "cannot be read") from None


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(path, "not UTF-8 text") from None
