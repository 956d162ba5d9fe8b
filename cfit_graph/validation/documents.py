"""A validation report to read: Markdown for a comment on a pull request, and one page of HTML that stands alone."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from cfit_graph.texts import FINDINGS
from cfit_graph.validation.words import about, by_cause, place, proposal, said_once, severity, summary

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
    rest = [FINDINGS[report.language]["more rules"].format(left) + "\n"] if left else []
    return "\n".join([*parts, *rest])


def _tables(report: Report) -> Iterator[str]:
    said, language = FINDINGS[report.language], report.language
    for group in by_cause(report.findings):
        first, findings = group[0], said_once(group, language)
        rows = [f"| {_code(place(finding))} | {_what(finding, language)} |\n" for finding in findings]
        rows[_ROWS:] = [f"| | {said['more rows'].format(len(rows) - _ROWS)} |\n"] if len(rows) > _ROWS else []
        head = f"**{severity(first, language)}**: {_plain(first.message)} {_code(first.short(first.rule))}\n\n"
        yield f"{head}| {said['where']} | {said['what']} |\n|---|---|\n" + "".join(rows)


def _what(finding: Finding, language: str) -> str:
    """Return what a finding is about and what to do; what is to be written stands as code, so that it can be copied."""
    edits = finding.suggestion.edits if finding.suggestion else ()
    todo = _code(proposal(finding)) if edits else _plain(proposal(finding))
    return "<br>".join(text for text in (_plain(about(finding, language)), todo) if text)


def _code(text: str) -> str:
    safe = text.replace("|", "\\|").replace("\n", " ")
    fence = "`" * (1 + max(map(len, re.findall("`+", safe)), default=0))
    return f"{fence} {safe} {fence}" if "`" in safe else f"`{safe}`" if safe else ""


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
    in_language = {name: partial(of, language=report.language) for name, of in (("about", about), ("called", severity))}
    templates.filters |= {"place": place, "proposal": proposal, **in_language}
    groups = list(by_cause(report.findings))
    page = templates.get_template("report.html")
    said = FINDINGS[report.language]
    told = {"summary": summary(report), "groups": groups, "files": _files(report.findings)}
    return page.render(report=report, said=said, **told) + "\n"


def _files(findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    return Counter(finding.file for finding in findings if finding.file).most_common()
