r"""What must be known of a query before it runs: its form, its dataset, and that it calls no other service.

This looks at the text with comments, strings, IRIs, variables, language tags and local names taken out, so words
inside those do not count. Escapes such as ``\u0053`` may stand for letters (SPARQL 1.1, 19.2), so the text is
looked at both as written and with them resolved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cfit_graph.errors import QueryForbidden, QuerySyntaxError, UpdateRefused

FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

_OPAQUE = re.compile(
    r"""
      \\[^\n\r]
    | \"{3}(?:\"{0,2}(?:[^\"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
    | \"(?:[^\"\\\n\r]|\\.)*\" | '(?:[^'\\\n\r]|\\.)*'
    | <[^<>\"{}|^`\x00-\x20]*>
    | \#[^\n\r]*
    | [?$]\w+
    | @[\w-]+
    | :[\w.:%-]*
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_PROLOGUE = re.compile(r"\s*(?:(?:BASE\s*<>|PREFIX\s*[^\s<>:]*:\s*<>)\s*)*", re.IGNORECASE)
_QUERY = re.compile("|".join(FORMS), re.IGNORECASE)
_BROKEN_PROLOGUE = re.compile("PREFIX|BASE|VERSION", re.IGNORECASE)
_CHOICES = f"{', '.join(FORMS[:-1])} or {FORMS[-1]}"
_UPDATE = re.compile("ADD|CLEAR|COPY|CREATE|DELETE|DROP|INSERT|LOAD|MOVE|WITH", re.IGNORECASE)
_FROM = re.compile(r"\bFROM(?:\s|<|NAMED)", re.IGNORECASE)
# Without word boundaries, as the engine takes `1SERVICE<…>` for `1 SERVICE <…>`.
_SERVICE = re.compile("SERVICE", re.IGNORECASE)


@dataclass(frozen=True)
class Outline:
    """The form of a query (one of ``FORMS``), and whether its text names a dataset by FROM."""

    form: str
    names_dataset: bool


def outline(sparql: str) -> Outline:
    """Return the outline of a query; where the prologue is broken its form is SELECT, and the engine says why.

    Raises:
        QuerySyntaxError: if it starts with something that is no form of query.
        UpdateRefused: if it is an update.
        QueryForbidden: if it calls another service.

    >>> outline("PREFIX ask: <http://example.org/#> CONSTRUCT WHERE { ?s ask:service 'SELECT' }").form
    'CONSTRUCT'
    """
    bare = _bare(sparql)
    if _SERVICE.search(bare) or _SERVICE.search(_bare(_ESCAPE.sub(_character, sparql))):
        raise QueryForbidden(
            "SERVICE is not available here: this endpoint never calls another. Take that part out of the query. "
            "If the word is part of a prefix, give the prefix another name."
        )
    body = _PROLOGUE.sub("", bare, count=1)
    if _UPDATE.match(body):
        raise UpdateRefused("This endpoint is read-only: data change by releases, never through SPARQL Update.")
    found = _QUERY.match(body)
    if not found and not _BROKEN_PROLOGUE.match(body):
        raise _no_form(sparql, body)
    return Outline(found[0].upper() if found else "SELECT", _FROM.search(body) is not None)


def _no_form(sparql: str, body: str) -> QuerySyntaxError:
    word = re.match(r"\w+|\S", body)
    if word is None:
        return QuerySyntaxError(f"there is no query here; start one with {_CHOICES}")
    before = sparql[: sparql.find(word[0])]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return QuerySyntaxError(f"found {word[0]!r}, expected {_CHOICES}", line, column)


def _bare(text: str) -> str:
    return _OPAQUE.sub(_placeholder, text)


def _placeholder(token: re.Match[str]) -> str:
    return {"<": "<>", ":": ":"}.get(token[0][0], " ")


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code < 0x110000 else escape[0]
