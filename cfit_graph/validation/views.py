"""A validation report as text, JSON or Turtle."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

from cfit_graph.namespaces import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cfit_graph.validation import Report
    from cfit_graph.validation.findings import Finding


def text(report: Report) -> str:
    """Return findings grouped by rule and message, worst first, then a line that counts them."""
    return "\n".join([*_groups(report), summary(report)]) + "\n"


def summary(report: Report) -> str:
    """Return one line: how many findings of each severity."""
    counts = ", ".join(f"{count} {_plural(name, count)}" for name, count in report.counts().items())
    return f"{'Conforms' if report.conforms else 'Does not conform'}: {counts}"


def as_json(report: Report) -> str:
    """Return ``{"conforms": …, "counts": {…}, "findings": [{rule, severity, focus, label, path, value, message}]}``."""
    content = {
        "conforms": report.conforms,
        "counts": report.counts(),
        "findings": [vars(finding) | {"severity": finding.severity.value} for finding in report.findings],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def turtle(report: Report) -> str:
    """Return the W3C validation report (SHACL, section 3) as Turtle."""
    return report.graph.serialize(format="turtle")


VIEWS = {"text": text, "json": as_json, "turtle": turtle}
"""View by the name used on the command line."""


def _groups(report: Report) -> Iterator[str]:
    for (severity, rule, message), group in groupby(report.findings, lambda f: (f.severity, f.rule, f.message)):
        yield f"{severity.value}: {message} [{shorten(rule)}]"
        yield from (f"  {_line(finding)}" for finding in group)
        yield ""


def _line(finding: Finding) -> str:
    focus = shorten(finding.focus)
    path = "" if "|" in finding.path else finding.path  # a choice of many properties tells nobody where to look
    parts = [finding.label if finding.label == focus else f"{finding.label} ({focus})"]
    if finding.value not in {"", finding.focus}:
        parts.append(f"has {path + ' ' if path else ''}{shorten(finding.value)}")
    elif path:
        parts.append(f"at {path}")
    return " ".join(parts)


def _plural(name: str, count: int) -> str:
    if name == "info":
        return "hint" if count == 1 else "hints"
    return name if count == 1 else name + "s"
