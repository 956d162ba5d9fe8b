"""A validation report in the workbook that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cfit_graph import tables
from cfit_graph.texts import FINDINGS
from cfit_graph.validation.words import about, cell, place, proposal, severity

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.validation import Report
    from cfit_graph.validation.findings import Finding


def marked(workbook: Path, report: Report) -> bytes:
    """Return a copy of a workbook with the findings marked in its cells, and listed on a sheet of their own.

    Raises:
        SourceError: if the workbook cannot be read.
    """
    marks = [_mark(finding, report.language) for finding in report.findings]
    return tables.mark(workbook, marks, FINDINGS[report.language]["headings"])


def _mark(finding: Finding, language: str) -> tables.Mark:
    where = cell(finding) or place(finding)
    message = f"{finding.message} {proposal(finding)}".strip()
    level, named = finding.severity.value, severity(finding, language)
    return tables.Mark(finding.sheet, finding.cell, where, level, named, message, about(finding, language))
