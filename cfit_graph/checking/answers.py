"""What can be asked for of a draft: any view of its report, what a page shows of it, or a file made from it."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cfit_graph import source, tables
from cfit_graph.files import TABLES
from cfit_graph.texts import ENGLISH
from cfit_graph.validation import views, words
from cfit_graph.validation.mending import fixing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cfit_graph.checking.standing import Standing
    from cfit_graph.tables.grid import Cell, Grid
    from cfit_graph.validation import Finding, Report, Suggestion

VIEWS: Final = tuple(views.VIEWS)
"""The views of a report, by the names of the command line."""

PAGE, DRAFT, FIXED = "page", "draft", "fixed"
"""What a page shows, as JSON; a draft that says what the data do; a draft with proposals carried out."""

SAFE: Final = "safe"
"""Stands for all safe proposals."""

_SHOWN: Final = 500
_ROWS: Final = 200


class Asked(NamedTuple):
    """What is asked for, the name of the draft, whether it is judged alone, and the thing that a draft is wanted of.

    ``fix`` says which proposals are to be carried out: all that are safe, or that of the finding with a fingerprint.
    ``language`` is what findings are told in.
    """

    view: str
    name: str = "draft.ttl"
    alone: bool = False
    about: str = ""
    fix: str = ""
    language: str = ENGLISH


def make(standing: Standing, path: Path, asked: dict[str, Any]) -> bytes:
    """Return what was asked for of the draft at ``path``; ``asked`` has the members of :class:`Asked`.

    Raises:
        SourceError: if the draft cannot be read.
        UnknownEntity: if a draft of a thing is wanted of which nothing is said.
    """
    if asked["view"] == DRAFT:
        return standing.describe(asked["about"]).encode()
    report = _named(standing.judge(path, alone=asked["alone"], language=asked["language"]), path.name)
    if asked["view"] == FIXED:
        return fixing.edited(path, _chosen(report, asked["fix"]))
    if asked["view"] == PAGE:
        return json.dumps(_page(standing, path, report)).encode()
    view: Callable[[Report], str] = views.VIEWS[asked["view"]]
    return view(report).encode("utf-8", "surrogatepass")


def _named(report: Report, name: str) -> Report:
    """Return the report with the name that the draft has for its sender."""
    return report.changed(lambda found: replace(found, file=name if found.file else ""))


def _chosen(report: Report, fix: str) -> list[Suggestion]:
    if fix == SAFE:
        return [suggestion for suggestions in fixing.safe(report).values() for suggestion in suggestions]
    return [found.suggestion for found in report.findings if found.fingerprint == fix and found.suggestion]


def _page(standing: Standing, path: Path, report: Report) -> dict[str, Any]:
    groups = [words.said_once(group, report.language) for group in words.by_cause(report.findings[:_SHOWN])]
    number = count(1)
    return {
        "summary": words.summary(report),
        "conforms": report.conforms,
        "counts": report.counts(),
        "groups": [_group(report, [(next(number), finding) for finding in group]) for group in groups],
        "left": len(report.findings[_SHOWN:]),
        "safe": sum(found.suggestion is not None and found.suggestion.safe for found in report.findings),
        "tables": list(_tables(standing, path, report)) if path.suffix.lower() in TABLES else [],
    }


def _group(report: Report, entries: list[tuple[int, Finding]]) -> dict[str, Any]:
    first, language = entries[0][1], report.language
    rule = report.rules.get(first.rule)
    return {
        "severity": first.severity.value,
        "called": words.severity(first, language),
        "message": first.message or first.short(first.rule),
        "rule": first.short(first.rule),
        "why": rule.explanation if rule else "",
        "findings": [_finding(number, finding, language) for number, finding in entries],
    }


def _finding(number: int, finding: Finding, language: str) -> dict[str, Any]:
    return {
        "number": number,
        "severity": finding.severity.value,
        "called": words.severity(finding, language),
        "about": words.about(finding, language),
        "line": finding.line,
        "column": finding.column,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "where": words.cell(finding),
        "fingerprint": finding.fingerprint,
        "proposal": finding.suggestion.words if finding.suggestion else "",
        "example": finding.suggestion.example if finding.suggestion else "",
        "mends": bool(finding.suggestion and finding.suggestion.edits),
    }


def _tables(standing: Standing, path: Path, report: Report) -> Iterator[dict[str, Any]]:
    """Yield what is shown of each table: its first rows, and those with a finding."""
    for grid in tables.grids(path, source.model(standing.root)):
        marked = {found.cell for found in report.findings if found.sheet == grid.sheet}
        rows = [row for place, row in enumerate(grid.rows) if place < _ROWS or any(cell.name in marked for cell in row)]
        yield {"sheet": grid.sheet, "rows": [_row(row) for row in rows[: 2 * _ROWS]], "left": _left(grid, rows)}


def _left(grid: Grid, rows: list[list[Cell]]) -> int:
    return len(grid.rows) - len(rows[: 2 * _ROWS])


def _row(row: list[Cell]) -> dict[str, Any]:
    return {"number": row[0].row if row else 0, "cells": [[cell.name, cell.text or cell.fault] for cell in row]}
