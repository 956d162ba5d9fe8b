"""What is wrong with a query that the engine cannot parse, in words for people and at its place in the text they wrote.

The engine got stuck at a place (``stuck.py``), or tells of a mistake of meaning (``meaning.py``). Two faults are the
common ones and are found by looking: a prefix without a PREFIX line, and a word that is none of SPARQL's.
"""

from __future__ import annotations

import re
from typing import Final

from cfit_graph.errors import QuerySyntaxError
from cfit_graph.namespaces import PREFIXES
from cfit_graph.store import meaning
from cfit_graph.store.lexer import decoded, tokens, undecoded
from cfit_graph.store.meaning import Word
from cfit_graph.store.stuck import MEANING, POSITION, WORDS

_NOT_HERE: Final = {"LATERAL", "SERVICE", '"$"', '"{|"', '"~"', '"<<"', '"<<("'}  # extensions, and what is refused
_FEW: Final = 8
_SHOWN: Final = 40
_PREFIXED = re.compile(r"([^\W\d_][\w.-]*)?:.*", re.DOTALL)
_NAME = re.compile(r"[^\W\d]\w*")
_WRONG_ESCAPE = re.compile(r"[\"'](?:[^\\]|\\[tbnrf\"'\\uU])*+(\\.)", re.DOTALL)
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

_Fault = tuple[int, str, str]
"""Where something is wrong (an offset), what, and the word that is."""


def error(text: str, sparql: str, sent: str) -> QuerySyntaxError:
    """Return the error for what the engine said of ``sent``, the form in which it got the query ``sparql``."""
    found = POSITION.match(text)
    if found is None:
        return QuerySyntaxError(text)
    plain = decoded(sparql)
    words = _words(plain)
    stuck = _stuck(plain, words, sent, int(found[1]), int(found[2]))
    fault = _meant(found[3], words, stuck) or _undeclared(words, stuck) or _unknown(words, stuck)
    start, reason, token = fault or _as_told(found[3], plain, words, stuck)
    return QuerySyntaxError(reason, *_place(sparql, start), token[:_SHOWN])


def place(sparql: str, sent: str, line: int, column: int) -> tuple[int, int]:
    """Return line and column in a query of a place in the text that was sent for it."""
    plain = decoded(sparql)
    return _place(sparql, _stuck(plain, _words(plain), sent, line, column))


def _words(plain: str) -> list[Word]:
    return [Word(start, plain[start:end]) for start, end in tokens(plain)]


def _place(sparql: str, offset: int) -> tuple[int, int]:
    """Return line and column in a query of an offset in what is decoded of it."""
    offset = undecoded(sparql, offset)
    return sparql.count("\n", 0, offset) + 1, offset - sparql.rfind("\n", 0, offset)


def _stuck(sparql: str, words: list[Word], sent: str, line: int, column: int) -> int:
    """Return the offset of a place in what was sent; if it lies within a word, that of the beginning of the word."""
    before = "".join(part + "\n" for part in sparql.split("\n")[: line - 1])
    offset = min(len(before) + column - 1 - _shift(sparql, sent, line, column), len(sparql))
    return next((word.start for word in words if word.start < offset < word.start + len(word.text)), offset)


def _shift(sparql: str, sent: str, line: int, column: int) -> int:
    """Return by how much escapes in the text sent to the engine moved a place to the right."""
    before = [(text.split("\n") + [""] * line)[line - 1][:column] for text in (sent, sparql)]
    more, own = (len(re.findall(r"\\u00[57]3(?=ervice)", part, re.IGNORECASE)) for part in before)
    return 5 * (more - own)


def _meant(told: str, words: list[Word], stuck: int) -> _Fault | None:
    """Say what is meant by what the engine told of the meaning of the part before the place where it got stuck."""
    said = MEANING.search(told)
    if said is None:
        return None
    found = meaning.fault(said[0], [word for word in words if word.start + len(word.text) <= stuck])
    return (found.word.start, found.reason, found.word.text) if found.word else (stuck, found.reason, "")


def _undeclared(words: list[Word], stuck: int) -> _Fault | None:
    """Find a prefix without a PREFIX line, not after the place where the engine got stuck."""
    declared: set[str] = set()
    before = ""
    for start, word in words:
        found = _PREFIXED.fullmatch(word)
        if found and before == "PREFIX":
            declared.add(found[1] or "")
        elif found and start <= stuck and (found[1] or "") not in declared:
            return start, _not_declared(found[1] or ""), word
        before = word.upper()
    return None


def _not_declared(prefix: str) -> str:
    """Return what is wrong with a prefix, and the line for it if it is one of those in use."""
    line = f": PREFIX {prefix}: <{PREFIXES[prefix]}>" if prefix in PREFIXES else ""
    return f"the prefix {prefix}: is not declared; add a PREFIX line for it at the top{line}"


def _unknown(words: list[Word], stuck: int) -> _Fault | None:
    """Find a word that is none of SPARQL's, not after the place where the engine got stuck."""
    for start, word in words:
        if start <= stuck and _NAME.fullmatch(word) and not _KEYWORD.fullmatch(word):
            name = word[:_SHOWN]
            return start, f"found {name!r}, which is no word of SPARQL; a name has a prefix, as in ex:{name}", word
    return None


def _as_told(told: str, sparql: str, words: list[Word], stuck: int) -> _Fault:
    start, token = next((word for word in words if word.start >= stuck), Word(len(sparql), ""))
    if "\n" in sparql[stuck:start]:
        token = ""
    end = "line" if sparql[stuck:].strip() else "query"
    found = f"found {token[:_SHOWN]!r}" if token else f"found the end of the {end}"
    wrong = "which cannot stand here" if token else "where more must follow"
    return stuck, found + (_at_word(token) or _expected(told) or f", {wrong}"), token


def _at_word(word: str) -> str:
    """Say what is wrong where the word tells it."""
    if word == "@":
        return "; a language follows it at once, as in @en"
    if word.startswith("_:"):
        return "; a blank node stands in triples only, and under one name in one group only; take a variable"
    escape = _WRONG_ESCAPE.match(word)
    return f"; {escape[1]} is no escape in a string, so write \\{escape[1]} for a backslash" if escape else ""


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
