"""A validation report in the workbook that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cfit_graph import tables
from cfit_graph.validation.words import about, place

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.validation import Report


def marked(workbook: Path, report: Report) -> bytes:
    """Return a copy of a workbook with the findings marked in its cells, and listed on a sheet of their own.

    Raises:
        SourceError: if the workbook cannot be read.
    """
    found = report.findings
    marks = [tables.Mark(f.sheet, f.cell, place(f), f.severity.value, f.message, about(f)) for f in found]
    return tables.mark(workbook, marks)
