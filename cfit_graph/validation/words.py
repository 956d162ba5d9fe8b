"""The words that views share: what a finding is about, where it is, how many there are."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from cfit_graph.namespaces import ID
from cfit_graph.texts import ENGLISH, FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cfit_graph.validation import Report
    from cfit_graph.validation.findings import Finding

_LONGEST: Final = 80


def summary(report: Report) -> str:
    """Return one line: how many findings of each severity, what else fails, and how many were known before."""
    said, language = FINDINGS[report.language], report.language
    counts = ", ".join(plural(name, count, language) for name, count in report.counts().items())
    told: str = said["conforms" if report.conforms else "fails"].format(counts)
    if report.conforms and report.fails:
        told = said["strict"].format(told, report.fail_on.value.lower())
    return said["left out"].format(told, plural("known", report.known, language)) if report.known else told


def plural(name: str, count: int, language: str = ENGLISH) -> str:
    """Return a count with its noun.

    >>> plural("warning", 2), plural("info", 1, "nl")
    ('2 warnings', '1 aanwijzing')
    """
    one, more = FINDINGS[language]["counts"][name]
    return f"{count} {one if count == 1 else more}"


def severity(finding: Finding, language: str) -> str:
    """Return what the severity of a finding is called."""
    named: str = FINDINGS[language]["severities"][finding.severity.value]
    return named


def about(finding: Finding, language: str) -> str:
    """Return who a finding is about, and the property and value that it names."""
    said = FINDINGS[language]
    focus = _row(finding.focus, said) or finding.short(finding.focus)
    path = "" if "|" in finding.path else finding.short_path  # a choice of many properties tells nobody where to look
    path = f"“{finding.header}”" if finding.header else path
    who: str = focus if finding.label in {focus, finding.focus} else f"{finding.label} ({focus})"
    if finding.value not in {"", finding.focus, _number(finding)}:
        named = dict.fromkeys(
            filter(None, (path, _short(finding.short(finding.value))))
        )  # a term that is unknown, once
        who = said["has"].format(who, " ".join(named))
    elif path:
        who = said["at"].format(who, path)
    return who


def by_cause(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Yield the findings that stand together, of those of a report: of one severity, rule and message."""
    for _, group in groupby(findings, lambda it: (it.severity, it.rule, it.message)):
        yield list(group)


def said_once(findings: Iterable[Finding], language: str) -> list[Finding]:
    """Return the findings of one cause that people can tell apart: what breaks a rule in two ways is found twice."""
    apart: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        apart.setdefault((place(finding), about(finding, language), proposal(finding)), finding)
    return list(apart.values())


def _number(finding: Finding) -> str:
    """Return what stands for the identifier of a row that has none at all."""
    return f"row {finding.focus.rpartition(':')[2]}"


def _row(focus: str, said: dict[str, Any]) -> str:
    """Return what a row is called that has no identifier of its own; nothing of anything else."""
    return said["row"].format(focus.rpartition(":")[2]) if focus.startswith(ID) and "/#" in focus else ""


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
