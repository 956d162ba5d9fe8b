"""What is wrong with a query that the engine cannot parse, in words for people and at its place in the text they wrote.

The engine got stuck at a place (``stuck.py``). Two faults are the common ones and are found by looking: a prefix
without a PREFIX line, and a word that is none of SPARQL's.
"""

from __future__ import annotations

import re
from typing import Final

from cfit_graph.errors import QuerySyntaxError
from cfit_graph.store.lexer import blank
from cfit_graph.store.stuck import POSITION, WORDS

_NOT_HERE: Final = {"LATERAL", "SERVICE", '"$"', '"{|"', '"~"', '"<<"', '"<<("'}  # extensions, and what is refused
_FEW: Final = 8
_DECLARED = re.compile(r"\bPREFIX\s+([\w.-]*):", re.IGNORECASE)
_PREFIXED = re.compile(r"(?<![\w:?$@])(?:((?:[^\W\d_][\w.-]*+)?):(?=[\w%\\:]|\s|$)|[^\W\d_][\w.-]*+)")
_WORD = re.compile(r"(?<![\w:?$@.%\\-])[^\W\d]\w*(?![\w:])")
_KEYWORD = re.compile(
    "a|abs|add|all|as|asc|ask|avg|base|bind|bnode|bound|by|ceil|clear|coalesce|concat|construct|"
    "contains|copy|count|create|data|datatype|day|default|delete|desc|describe|distinct|drop|e|"
    "encode_for_uri|exists|false|filter|floor|from|graph|group|group_concat|having|hours|if|in|insert|"
    "into|iri|isblank|isiri|isliteral|isnumeric|isuri|lang|langmatches|lcase|limit|load|max|md5|min|"
    "minus|minutes|month|move|named|not|now|offset|optional|order|prefix|rand|reduced|regex|replace|"
    "round|sameterm|sample|seconds|select|separator|service|sha1|sha256|sha384|sha512|silent|str|"
    "strafter|strbefore|strdt|strends|strlang|strlen|strstarts|struuid|substr|sum|timezone|to|true|tz|"
    "ucase|undef|union|uri|using|uuid|values|version|where|with|year",
    re.IGNORECASE,
)


def error(text: str, sparql: str, sent: str) -> QuerySyntaxError:
    """Return the error for what the engine said of ``sent``, the form in which it got the query ``sparql``."""
    found = POSITION.match(text)
    if found is None:
        return QuerySyntaxError(text)
    line = int(found[1])
    column = int(found[2]) - _shift(sparql, sent, line, int(found[2]))
    stuck = _offset(sparql, line, column)
    return _undeclared(sparql) or _unknown_word(sparql, stuck) or _as_told(found[3], sparql, stuck)


def at(sparql: str, offset: int, reason: str, token: str = "") -> QuerySyntaxError:
    """Return the error at an offset in a query."""
    line = sparql.count("\n", 0, offset) + 1
    return QuerySyntaxError(reason, line, offset - sparql.rfind("\n", 0, offset), token)


def _offset(sparql: str, line: int, column: int) -> int:
    """Return the offset of a place; if it lies within a word, that of the beginning of the word."""
    before = "".join(part + "\n" for part in sparql.split("\n")[: line - 1])
    offset = min(len(before) + column - 1, len(sparql))
    while 0 < offset < len(sparql) and re.fullmatch(r"[\w?$]\w", sparql[offset - 1 : offset + 1]):
        offset -= 1
    return offset


def _shift(sparql: str, sent: str, line: int, column: int) -> int:
    """Return by how much escapes in the text sent to the engine moved a place to the right."""
    before = [(text.split("\n") + [""] * line)[line - 1][:column] for text in (sent, sparql)]
    more, own = (len(re.findall(r"\\u00[57]3(?=ervice)", part, re.IGNORECASE)) for part in before)
    return 5 * (more - own)


def _undeclared(sparql: str) -> QuerySyntaxError | None:
    bare = blank(sparql)
    declared = set(_DECLARED.findall(bare))
    for found in _PREFIXED.finditer(_DECLARED.sub(lambda line: " " * len(line[0]), bare)):
        if found[1] is not None and found[1] not in declared:
            reason = f"the prefix {found[1]}: is not declared; add a PREFIX line for it at the top"
            return at(sparql, found.start(), reason, sparql[found.start() :].split(maxsplit=1)[0][:40])
    return None


def _unknown_word(sparql: str, stuck: int) -> QuerySyntaxError | None:
    """Find a word that is none of SPARQL's, not after the place where the engine got stuck."""
    for found in _WORD.finditer(blank(sparql)):
        if found.start() <= stuck and not _KEYWORD.fullmatch(found[0]):
            word = found[0][:40]
            reason = f"found {word!r}, which is no word of SPARQL; a name has a prefix, as in ex:{word}"
            return at(sparql, found.start(), reason, word)
    return None


def _as_told(told: str, sparql: str, stuck: int) -> QuerySyntaxError:
    rest = sparql[stuck:]
    ahead = re.match(r"[ \t]*([?$]?\w+|\S)", rest)
    token = ahead[1][:40] if ahead else ""
    found = f"found {token!r}" if token else f"found the end of the {'line' if rest.strip() else 'query'}"
    wrong = "which cannot stand here" if token else "where more must follow"
    return at(sparql, stuck, found + (_expected(told) or f", {wrong}"), token)


def _expected(told: str) -> str:
    """Say what may stand there, if what the engine told means something to people: words, or few keywords and signs."""
    words = re.sub(r"\[(?:'[^']*'|[^\]'])*\]", "", " ".join(told.split()))
    if not words.startswith("expected"):
        return f": {words}"
    if said := WORDS.search(words):
        return f": {said[0]}"
    listed = [part.strip(" |") for part in re.sub("expected (one of )?", "", words).split(", ")]
    kept = [word for word in listed if re.fullmatch(r'"[^"]+"|[A-Z]+', word) and word not in _NOT_HERE]
    if not 0 < len(kept) <= _FEW or kept == ["OPTIONAL"]:  # one of many that could stand there: more noise than help
        return ""
    return f", expected {', '.join(kept[:-1])}{' or ' if kept[1:] else ''}{kept[-1]}"
