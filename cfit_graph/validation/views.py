"""A validation report as text for people, as JSON and CSV for programs, and as RDF; ``VIEWS`` has all there are."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from rdflib import SH, URIRef

from cfit_graph import source
from cfit_graph.namespaces import shorten
from cfit_graph.texts import FINDINGS
from cfit_graph.validation import documents, machines
from cfit_graph.validation.findings import TELLING, Severity, severity_of
from cfit_graph.validation.words import about, by_cause, place, plural, proposal, said_once, severity, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib.term import Node

    from cfit_graph.validation import Report
    from cfit_graph.validation.findings import Finding

COLUMNS: Final = (
    "severity", "rule", "focus", "label", "path", "value", "message", "file", "line", "column",
    "sheet", "cell", "header", "fingerprint", "suggestion",
)  # fmt: skip
"""What JSON and CSV tell of each finding; empty, or 0 for line and column, where there is none."""

_SHOWN: Final = 5


def text(report: Report, *, verbose: bool = False) -> str:
    """Return findings grouped by rule and message, worst first, then a line that counts them.

    A finding begins with ``path:line:column:``, which editors and terminals lead to, or with ``path (cell):``. Of many
    with one cause only the first are shown. With ``verbose``, all are, each group has the address of its rule and the
    explanation of the shape, and each finding its whole value, an example of a right one, and its fingerprint; and
    shapes are named that could not be screened.
    """
    return "\n".join([*_groups(report, verbose), *_slow(report, verbose), *_mendable(report), summary(report)]) + "\n"


def as_json(report: Report) -> str:
    """Return ``{"conforms": …, "counts": {…}, "known": …, "findings": [{…}]}``; a finding has all of ``COLUMNS``.

    A suggestion is ``{"words": …, "example": …, "edits": [{…}], "safe": …}``, or null.
    """
    content = {
        "conforms": report.conforms,
        "counts": report.counts(),
        "known": report.known,
        "findings": [_row(finding) | {"suggestion": _whole(finding)} for finding in report.findings],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def as_csv(report: Report) -> str:
    """Return a table of findings with a header, by RFC 4180; no cell is a formula when a spreadsheet opens it."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _row(finding).values()] for finding in report.findings)
    return table.getvalue()


def turtle(report: Report) -> str:
    """Return the W3C validation report (SHACL, section 3) as Turtle, its results worst first, then by rule."""
    about: dict[Node, list[tuple[Node, Node]]] = {}
    for subject, name, value in report.graph:
        about.setdefault(subject, []).append((name, value))
    subjects = sorted(about, key=lambda subject: (*_order(dict(about[subject])), str(subject)))
    triples = [(subject, *said) for subject in subjects for said in sorted(about[subject], key=_texts)]
    names = {str(term) for triple in triples for term in triple if isinstance(term, URIRef)}
    known = [(prefix, str(namespace)) for prefix, namespace in report.graph.namespaces()]
    used = {prefix: namespace for prefix, namespace in known if any(name.startswith(namespace) for name in names)}
    return source.written(triples, ox.RdfFormat.TURTLE, used)


def _order(said: dict[Node, Node]) -> tuple[bool, bool, int, list[str]]:
    """Return what puts the report first, then its results, then what they are made of."""
    severe = list(Severity).index(severity_of(said.get(SH.resultSeverity)))
    return SH.conforms not in said, SH.focusNode not in said, severe, [str(said.get(name, "")) for name in TELLING]


def _texts(said: tuple[Node, Node]) -> tuple[str, str]:
    return str(said[0]), str(said[1])


def as_jsonld(report: Report) -> str:
    """Return the W3C validation report as JSON-LD."""
    return source.json_ld(report.graph)


VIEWS: Final[dict[str, Callable[[Report], str]]] = {
    "text": text,
    "json": as_json,
    "csv": as_csv,
    "markdown": documents.markdown,
    "html": documents.html,
    "sarif": machines.sarif,
    "junit": machines.junit,
    "turtle": turtle,
    "jsonld": as_jsonld,
}
"""View by the name used on the command line."""


def _row(finding: Finding) -> dict[str, Any]:
    row = {name: getattr(finding, name) for name in COLUMNS}
    return row | {
        "severity": finding.severity.value,
        "suggestion": finding.suggestion.words if finding.suggestion else "",
    }


def _whole(finding: Finding) -> dict[str, Any] | None:
    whole = asdict(replace(finding.suggestion, changes=())) if finding.suggestion else {}
    return {name: value for name, value in whole.items() if name != "changes"} or None


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _groups(report: Report, verbose: bool) -> Iterator[str]:
    for group in by_cause(report.findings):
        first, findings = group[0], said_once(group, report.language)
        yield f"{severity(first, report.language)}: {first.message} [{first.short(first.rule)}]"
        yield from _rule(report, first.rule) if verbose else []
        shown = len(findings) if verbose or len(findings) <= _SHOWN + 1 else _SHOWN
        for finding in findings[:shown]:
            yield _as_text(finding, report.language)
            if verbose:
                yield from _details(finding, report.language)
        if rest := len(findings) - shown:
            yield "  " + FINDINGS[report.language]["like this"].format(plural("more", rest, report.language))
        yield ""


def _rule(report: Report, rule: str) -> Iterator[str]:
    """Yield the address of a rule and its explanation, one below the other."""
    said, known = FINDINGS[report.language], report.rules.get(rule)
    names = [f"{said[name]}:" for name in ("rule", "why")]
    width = max(map(len, names))
    yield f"  {names[0]:{width}} <{rule}>"
    yield from [f"  {names[1]:{width}} {known.explanation}"] if known and known.explanation else []


def _slow(report: Report, verbose: bool) -> Iterator[str]:
    for shape, reason in report.fallbacks if verbose else ():
        yield FINDINGS[report.language]["slow"].format(shorten(shape), reason)


def _mendable(report: Report) -> Iterator[str]:
    """Yield how many proposals `cfit validate --fix` would make."""
    count = sum(finding.suggestion is not None and finding.suggestion.safe for finding in report.findings)
    if count:
        yield FINDINGS[report.language]["mendable"].format(count)


def _as_text(finding: Finding, language: str) -> str:
    """Return the lines for a finding."""
    return "\n    ".join([_line(finding, language), *([proposal(finding)] if finding.suggestion else [])])


def _line(finding: Finding, language: str) -> str:
    where = place(finding)
    return f"{where}: {about(finding, language)}" if where else f"  {about(finding, language)}"


def _details(finding: Finding, language: str) -> Iterator[str]:
    said = FINDINGS[language]
    if finding.value not in {"", finding.focus}:
        yield f"    {said['value']}: {finding.value!r}"
    if finding.suggestion and finding.suggestion.example:
        yield f"    {said['for instance']}: {finding.suggestion.example}"
    yield f"    {said['fingerprint']}: {finding.fingerprint}"
