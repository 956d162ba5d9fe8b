"""What the parsers of RDF and JSON say of the common slips of the pen, in plain words; all else stays as it is."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cfit_graph.reasons import Reason

_NAME: Final = "is not allowed at the beginning of a prefix name"
_SLIPS: Final = {
    "stop": r"A dot is expected at the end of statements",
    "prefix": r"The prefix (\S*:) has not been declared",
    "begins": r"(a) is not a valid RDF object",
    "no-value": r"([;,.\])}]) is not a valid RDF object",
    "value": r"(.+) is not a valid RDF object",
    "json": r"({) is not a valid subject or graph name",
    "thing": r"(.+) is not a valid subject or graph name",
    "end": r"Unexpected end(?: of file)?",
    "line": r"Line jumps are not allowed in string literals.*",
    "utf-8": r"(?:Invalid UTF-8|in(?:valid|complete) utf-8).*",
    "iri": r"Invalid IRI code point '(.)'",
    "relative": r"No scheme found in an absolute IRI",
    "percent": r"escapes in IRIs should be %.*|Invalid IRI percent encoding .*",
    "tag": r"The given language subtag is invalid|A language code should .*|A subtag may be .*",
    "property": r"(.+) is not a valid predicate",
    "sign": rf"'(.)' {_NAME}|(?:Unexpected|Invalid) character '(.)'",
    "escape": r"Unexpected escape character '\\?(.)'|The escape sequence '\\(.).*"
    r"|The character that are allowed to be escaped .*'(.)'",
    "number": r"An integer should not be empty",
    "prefix-stop": r"'(.+)' is not a valid prefix: prefixes are not allowed to end with '\.'",
    "variable": r"A variable name is not allowed to be empty",
    "datatype": r"Expecting a datatype IRI after \^\^, found (.+)",
    "keyword-text": r"(@\w+) value must be a string(?: or null)?",
    "keyword-alone": r"@list and @set must be the only keys of an object|@(?:list|set) must be the only key .*",
    "keyword-value": r"@value value must be a string, number, boolean or null|@language can be used only on .*",
    "reverse-text": r"Literals are not allowed inside of reverse properties",
    "term-type": r"Invalid @type iri '(.*)': .*",
    "term-iri": r"No @vocab key to build an IRI from context (.+) term definition",
    "json-value": r"Expecting value",
    "json-comma": r"Expecting ',' delimiter",
    "json-colon": r"Expecting ':' delimiter",
    "json-key": r"Expecting property name enclosed in double quotes",
    "json-string": r"Unterminated string starting at",
    "json-control": r"Invalid control character at",
    "json-escape": r"Invalid \\.*escape.*",
    "json-extra": r"Extra data",
    "json-trailing": r"Illegal trailing comma before end of .*",
}
_PATTERNS: Final = {name: re.compile(pattern, re.DOTALL) for name, pattern in _SLIPS.items()}

_CONFLICT: Final = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?:\s|\Z)")
_AROUND: Final = {
    "quote": r"\0([\u2018-\u201f\u00ab\u00bb])",
    "dash": r"\0([\u2010-\u2015\u2212])",
    "invisible": r"\0([^\S \t\r\n]|[\u200b-\u200f\u2060\ufeff])",
    "bare-date": r"(?<![\w\"<:])(?=[\d\0./-]*\d{4})(\d+(?:\.\d+)?)\0([-./]\d+(?:[-./]\d+)?)",
    "caret": r"[\"']\0\^(?!\^)",
    "text-ends": r"\"\0[^\s\".;,^@)\]}\\][^\"]*\"",
    "bare-address": r"(?<![^\s,;:(\[])\0((?:https?://|mailto:|www\.)[^\s<>\",;]*[^\s<>\",;.)\]}])",
}
"""What is written around the place of a slip, which stands where U+0000 does."""
_FOUND_AROUND: Final = {name: re.compile(pattern) for name, pattern in _AROUND.items()}
_WINDOW: Final = 200


def in_words(reason: str, line: str = "", column: int = 0) -> str:
    """Return the reason for which a parser refuses a text, in plain words where it is a common slip.

    The line and the column, from 1, tell more than what the parser makes of them; they may be left out.

    >>> in_words("The prefix foo: has not been declared")
    'the prefix foo: is not declared; add a line such as @prefix foo: <…> . at the top'
    """
    if _CONFLICT.match(line):
        return Reason("conflict")
    known = column and not _PATTERNS["utf-8"].fullmatch(reason)
    around = _around(line, column - 1) if known else ""
    for name, pattern in _FOUND_AROUND.items():
        if found := pattern.search(around):
            return Reason(name, *map(shown, found.groups()))
    for name, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(reason):
            return Reason(name, *(shown(it) for it in found.groups() if it is not None))
    return reason


def _around(line: str, at: int) -> str:
    return f"{line[max(0, at - _WINDOW) : at]}\0{line[at : at + _WINDOW]}"


def shown(text: str) -> str:
    """Return what is said of a sign that cannot be seen: its name and its number."""
    if len(text) == 1 and not (text.isprintable() and text.strip()):
        return f"{unicodedata.name(text, 'a control character')} (U+{ord(text):04X})"
    return text
