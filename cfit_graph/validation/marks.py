"""A validation report in the workbook that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cfit_graph import tables
from cfit_graph.validation.words import about, cell, place, proposal

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.validation import Report
    from cfit_graph.validation.findings import Finding


def marked(workbook: Path, report: Report) -> bytes:
    """Return a copy of a workbook with the findings marked in its cells, and listed on a sheet of their own.

    Raises:
        SourceError: if the workbook cannot be read.
    """
    return tables.mark(workbook, [_mark(finding, report.language) for finding in report.findings])


def _mark(finding: Finding, language: str) -> tables.Mark:
    where = cell(finding) or place(finding)
    severity = finding.severity.value
    message = f"{finding.message} {proposal(finding)}".strip()
    return tables.Mark(finding.sheet, finding.cell, where, severity, message, about(finding, language))
