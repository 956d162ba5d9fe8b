"""What the parser of RDF says of the common slips of the pen, in plain words; all else is passed on as it is."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cfit_graph.texts import SLIPS

_NAME: Final = "is not allowed at the beginning of a prefix name"
_SLIPS: Final = {
    "quote": rf"'([\u2018-\u201f\u00ab\u00bb])' {_NAME}",
    "dash": rf"'([\u2010-\u2015\u2212])' {_NAME}",
    "invisible": rf"'([\s\u200b-\u200f\u2060\ufeff])' {_NAME}",
    "stop": r"A dot is expected at the end of statements",
    "prefix": r"The prefix (\S*:) has not been declared",
    "begins": r"(a) is not a valid RDF object",
    "value": r"(.+) is not a valid RDF object",
    "json": r"({) is not a valid subject or graph name",
    "thing": r"(.+) is not a valid subject or graph name",
    "end": r"Unexpected end(?: of file)?",
    "line": r"Line jumps are not allowed in string literals.*",
    "utf-8": r"(?:Invalid UTF-8|in(?:valid|complete) utf-8).*",
    "iri": r"Invalid IRI code point '(.)'",
    "tag": r"The given language subtag is invalid",
}
_PATTERNS: Final = {name: re.compile(pattern, re.DOTALL) for name, pattern in _SLIPS.items()}


def in_words(reason: str) -> str:
    """Return the reason for which a parser refuses a text, in plain words where it is a common slip.

    >>> in_words("The prefix foo: has not been declared")
    'the prefix foo: is not declared; add a line such as @prefix foo: <…> . at the top'
    """
    for name, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(reason):
            return SLIPS[name].format(*map(_shown, found.groups()))
    return reason


def _shown(text: str) -> str:
    """Return what is said of a sign that cannot be seen: its name and its number."""
    if len(text) == 1 and not (text.isprintable() and text.strip()):
        return f"{unicodedata.name(text, 'a control character')} (U+{ord(text):04X})"
    return text
