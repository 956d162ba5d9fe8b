"""A validation report for other programs: SARIF for code hosts and editors, JUnit for build servers."""

from __future__ import annotations

import json
import os
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

import cfit_graph
from cfit_graph.characters import FORBIDDEN
from cfit_graph.namespaces import shorten
from cfit_graph.positions import Lines
from cfit_graph.validation.findings import Rule, Severity
from cfit_graph.validation.words import about, cell, place, proposal, severity, summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cfit_graph.validation import Report
    from cfit_graph.validation.findings import Finding
    from cfit_graph.validation.suggestions import Edit, Suggestion

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_NOT_XML: Final = dict.fromkeys(map(ord, FORBIDDEN), "\ufffd")


def sarif(report: Report) -> str:
    """Return a log in SARIF 2.1.0 (OASIS): one run, its rules, and one result per finding."""
    order = {rule: number for number, rule in enumerate(report.rules)}
    driver = {
        "name": "cfit",
        "version": cfit_graph.__version__,
        "rules": [_rule(iri, rule) for iri, rule in report.rules.items()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, order, report.language) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(iri: str, rule: Rule) -> dict[str, Any]:
    described: dict[str, Any] = {"id": shorten(iri)}
    described |= {"helpUri": iri} if iri.startswith(("http:", "https:")) else {}
    described |= {"shortDescription": {"text": rule.name}} if rule.name else {}
    return described | ({"fullDescription": {"text": rule.explanation}} if rule.explanation else {})


def _result(finding: Finding, order: dict[str, int], language: str) -> dict[str, Any]:
    known = {"ruleIndex": order[finding.rule]} if finding.rule in order else {}
    return {
        "ruleId": shorten(finding.rule),
        **known,
        "level": _LEVELS[finding.severity],
        "message": {"text": " ".join(_said(finding, language))},
        "locations": [_location(finding)],
        **(
            {"fixes": [_fix(finding, finding.suggestion)]}
            if finding.suggestion and finding.suggestion.edits and finding.line
            else {}
        ),
        "partialFingerprints": {"cfit/v2": finding.fingerprint},
        "properties": {"focus": finding.focus, "path": finding.path, "value": finding.value},
    }


def _said(finding: Finding, language: str) -> Iterator[str]:
    yield finding.message or shorten(finding.rule)
    yield about(finding, language)
    yield from [proposal(finding)] if finding.suggestion else []


def _fix(finding: Finding, suggestion: Suggestion) -> dict[str, Any]:
    """Return a fix (SARIF, 3.55): the edits of a proposal, in words as well; a workbook has no lines to replace."""
    replacements = [
        {"deletedRegion": _region(edit), "insertedContent": {"text": edit.new}} for edit in suggestion.edits
    ]
    change = {"artifactLocation": {"uri": _uri(finding.file)}, "replacements": replacements}
    return {"description": {"text": suggestion.words}, "artifactChanges": [change]}


def _region(edit: Edit) -> dict[str, int]:
    ends = Lines(edit.old).place(len(edit.old))
    column = ends[1] + (edit.column - 1 if ends[0] == 1 else 0)
    start = {"startLine": edit.line, "startColumn": edit.column}
    return start | {"endLine": edit.line + ends[0] - 1, "endColumn": column}


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": finding.focus}]}
    if finding.cell:
        named = {"name": finding.cell, "fullyQualifiedName": cell(finding), "kind": "cell"}
        location["logicalLocations"].append(named)
    if finding.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.file)}}
        if finding.line:
            physical["region"] = {"startLine": finding.line, "startColumn": finding.column}
        location["physicalLocation"] = physical
    return location


def _uri(file: str) -> str:
    return ("file://" if file.startswith("/") else "") + quote(os.fsencode(file))


def junit(report: Report) -> str:
    """Return JUnit XML: one case per rule with findings; those that fail make a failure, the others are its output."""
    groups = [(rule, list(group)) for rule, group in groupby(report.findings, lambda finding: finding.rule)]
    failing = set(report.failing)
    cases = [_case(rule, group, failing, report.language) for rule, group in groups] or [_passed()]
    failures = sum(case.find("failure") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "skipped": "0"}
    suites = ET.Element("testsuites", {"name": "cfit validate", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": summary(report), **counts})
    suite.extend(cases)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _case(rule: str, findings: list[Finding], failing: set[Finding], language: str) -> ET.Element:
    first = next((finding for finding in findings if finding in failing), findings[0])
    where = {"file": first.file} | ({"line": str(first.line)} if first.line else {}) if first.file else {}
    case = ET.Element("testcase", {"classname": "cfit.validate", "name": shorten(rule), **where})
    failed = [finding for finding in findings if finding in failing]
    if failed:
        kind = {"type": first.severity.value, "message": _xml(first.message)}
        ET.SubElement(case, "failure", kind).text = _lines(failed, language)
    if others := [finding for finding in findings if finding not in failing]:
        ET.SubElement(case, "system-out").text = _lines(others, language)
    return case


def _passed() -> ET.Element:
    return ET.Element("testcase", {"classname": "cfit.validate", "name": "every rule"})


def _lines(findings: Iterable[Finding], language: str) -> str:
    return _xml("\n".join(_line(finding, language) for finding in findings))


def _line(finding: Finding, language: str) -> str:
    line = f"{place(finding)}: {severity(finding, language)}: {about(finding, language)}"
    return f"{line}\n    {proposal(finding)}" if finding.suggestion else line


def _xml(text: str) -> str:
    """Return text without the signs that XML cannot hold."""
    return text.translate(_NOT_XML)
