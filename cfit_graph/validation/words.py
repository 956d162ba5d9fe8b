"""The words that views share: what a finding is about, where it is, how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cfit_graph.namespaces import ID, shorten

if TYPE_CHECKING:
    from cfit_graph.validation import Report
    from cfit_graph.validation.findings import Finding

_LONGEST: Final = 80


def summary(report: Report) -> str:
    """Return one line: how many findings of each severity, what else fails, and how many were known before."""
    counts = ", ".join(plural(name, count) for name, count in report.counts().items())
    verdict = "Conforms" if report.conforms else "Does not conform"
    strict = f"; fails by --fail-on {report.fail_on.value.lower()}" if report.conforms and report.failing else ""
    known = f" ({plural('known finding', report.known)} left out)" if report.known else ""
    return f"{verdict}: {counts}{strict}{known}"


def plural(name: str, count: int) -> str:
    """Return a count with its noun.

    >>> plural("warning", 2)
    '2 warnings'
    """
    noun = "hint" if name == "info" else name
    return f"{count} {noun if count == 1 else noun + 's'}"


def about(finding: Finding) -> str:
    """Return who a finding is about, and the property and value that it names."""
    focus = _row(finding.focus) or shorten(finding.focus)
    path = "" if "|" in finding.path else finding.path  # a choice of many properties tells nobody where to look
    path = f"“{finding.header}”" if finding.header else path
    parts = [finding.label if finding.label == focus else f"{finding.label} ({focus})"]
    if finding.value not in {"", finding.focus}:
        parts.append(f"has {path + ' ' if path else ''}{_short(shorten(finding.value))}")
    elif path:
        parts.append(f"at {path}")
    return " ".join(parts)


def _row(focus: str) -> str:
    """Return what a row is called that has no identifier of its own; nothing of anything else."""
    return f"row {focus.rpartition(':')[2]}" if focus.startswith(ID) and "/#" in focus else ""


def place(finding: Finding) -> str:
    """Return ``path:line:column``, or as much of it as is known; of a table with the cell, ``path (sheet!C7)``."""
    where = f"{finding.file}:{finding.line}:{finding.column}" if finding.line else finding.file
    return f"{where} ({cell(finding)})" if finding.cell else where


def cell(finding: Finding) -> str:
    """Return the name of the cell, with its sheet before it if there is one: ``affiliations!C7``."""
    return f"{finding.sheet}!{finding.cell}" if finding.sheet else finding.cell


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def proposal(finding: Finding) -> str:
    """Return in words what to do about a finding, with an arrow before it; nothing if nothing is proposed."""
    return f"→ {finding.suggestion.words}" if finding.suggestion else ""
