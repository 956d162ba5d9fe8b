"""A validation report to read: Markdown for a comment on a pull request, and one page of HTML that stands alone."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Final

from cfit_graph.namespaces import shorten
from cfit_graph.validation.words import about, place, proposal, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cfit_graph.validation import Report
    from cfit_graph.validation.findings import Finding

_LONGEST: Final = 60_000  # a comment on GitHub takes 65,536 characters
_ROWS: Final = 50
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@])")


def markdown(report: Report) -> str:
    """Return a comment for a pull request: the verdict, then a table for each rule; what is too long is counted."""
    parts, length, left = [f"## {summary(report)}\n"], 0, 0
    for part in _tables(report):
        length += len(part)
        if length <= _LONGEST:
            parts.append(part)
        left += length > _LONGEST
    rest = [f"…and {left} more rules; `cfit validate` shows all.\n"] if left else []
    return "\n".join([*parts, *rest])


def _tables(report: Report) -> Iterator[str]:
    for (severity, rule, message), group in groupby(report.findings, lambda f: (f.severity, f.rule, f.message)):
        rows = [f"| {_code(place(finding))} | {_what(finding)} |\n" for finding in group]
        rows[_ROWS:] = [f"| | …and {len(rows) - _ROWS} more |\n"] if len(rows) > _ROWS else []
        head = f"**{severity.value}**: {_plain(message)} {_code(shorten(rule))}\n\n| where | what |\n|---|---|\n"
        yield head + "".join(rows)


def _what(finding: Finding) -> str:
    return "<br>".join(_plain(text) for text in (about(finding), proposal(finding)) if text)


def _code(text: str) -> str:
    safe = text.replace("`", "'").replace("|", "\\|").replace("\n", " ")
    return f"`{safe}`" if safe else ""


def _plain(text: str) -> str:
    """Return text with nothing in it that Markdown, or a code host's mentions, would act on."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("\\@", "@\u200b")


def html(report: Report) -> str:
    """Return one page with all findings by rule; style and all else is in it, and it works without scripts."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - 0.1 s that other views need not pay

    templates = Environment(
        loader=PackageLoader("cfit_graph.validation"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    templates.filters |= {"shorten": shorten, "about": about, "place": place, "proposal": proposal}
    groups = [list(group) for _, group in groupby(report.findings, lambda f: (f.severity, f.rule, f.message))]
    page = templates.get_template("report.html")
    return page.render(report=report, summary=summary(report), groups=groups, files=_files(report.findings)) + "\n"


def _files(findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    return Counter(finding.file for finding in findings if finding.file).most_common()
