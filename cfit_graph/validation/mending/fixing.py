"""The safe proposals of a report, put together by file, and what the files are with them."""

from __future__ import annotations

import codecs
import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from cfit_graph import positions, tables
from cfit_graph.errors import SourceError
from cfit_graph.files import TABLES
from cfit_graph.reasons import Reason
from cfit_graph.validation.mending import meaning
from cfit_graph.validation.suggestions import Edit, Suggestion, apply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cfit_graph.validation import Report


def safe(report: Report) -> dict[Path, list[Suggestion]]:
    """Return all safe proposals, by file; of two that are about the same characters or cell, the first."""
    found: dict[Path, list[Suggestion]] = {}
    for finding in report.findings:
        suggestion = finding.suggestion
        if suggestion is not None and suggestion.safe:
            chosen = found.setdefault(Path(finding.file), [])
            known = edits(chosen)
            new = [edit for edit in suggestion.edits if edit not in known]
            if not any(_meet(edit, other) for edit in new for other in known):
                chosen.append(suggestion)
    return found


def edits(suggestions: Iterable[Suggestion]) -> list[Edit]:
    """Return the edits of proposals, each once."""
    return list(dict.fromkeys(edit for suggestion in suggestions for edit in suggestion.edits))


def _meet(edit: Edit, other: Edit) -> bool:
    if edit.sheet:
        return (edit.sheet, edit.cell) == (other.sheet, other.cell)
    first, second = sorted([edit, other])
    lines, end = positions.Lines(first.old).place(len(first.old))
    last = (first.line + lines - 1, end + (first.column - 1 if lines == 1 else 0))
    return (second.line, second.column) < last or (first.line, first.column) == (second.line, second.column)


def edited(path: Path, suggestions: Sequence[Suggestion]) -> bytes:
    """Return the content of a file with proposals carried out; the mark at its beginning, if it has one, stays.

    Raises:
        SourceError: if it cannot be read, is not any more what it was when they were made, or would not say what they
            are meant to make of it.
    """
    if path.suffix.lower() == ".xlsx":
        cells = [(edit.sheet, edit.cell, edit.old, edit.new) for edit in edits(suggestions)]
        return tables.with_texts(path, cells)
    content = _content(path)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    return mark + _after(path, _text(path, content), suggestions).encode()


def difference(path: Path, suggestions: Sequence[Suggestion]) -> Iterator[str]:
    """Yield the lines of a unified difference between a file as it is and as it would be; of a workbook, its cells.

    Raises:
        SourceError: as ``edited`` does.
    """
    if path.suffix.lower() == ".xlsx":
        yield f"--- {path}"
        for edit in sorted(edits(suggestions), key=lambda edit: (edit.sheet, *tables.place(edit.cell))):
            yield from [f"@@ {edit.sheet}!{edit.cell} @@", f"-{edit.old}", f"+{edit.new}"]
        return
    before = _text(path, _content(path))
    after = _after(path, before, suggestions)
    yield from difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), str(path), lineterm="")


def _after(path: Path, before: str, suggestions: Sequence[Suggestion]) -> str:
    after = apply(before, edits(suggestions), str(path))
    if path.suffix.lower() not in TABLES:  # whose cells have been read again already
        meaning.compare(path, before, after, [change for it in suggestions for change in it.changes])
    return after


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError.from_system(path, error) from None


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(path, Reason("no-utf-8")) from None
