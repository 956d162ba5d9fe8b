"""The parts of a query that has no rows, and those without which it would have some.

The parts are those of its outermost group: filters and the like, and triple patterns, each with its subject.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.errors import QueryError
from cfit_graph.store import Limits
from cfit_graph.store.lexer import outline, tokens
from cfit_graph.store.rows import holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cfit_graph.store import Store

MOST: Final = 20
"""How many parts a query may have to be looked at."""
_LIMITS: Final = Limits(seconds=1.0)
_SECONDS: Final = 2.0
"""How long it may take in all, until what is found is told."""
_FORMS: Final = frozenset({"SELECT", "ASK"})
_OPENING, _CLOSING = frozenset("({["), frozenset(")}]")
_NO_TRIPLES: Final = frozenset({"FILTER", "BIND", "OPTIONAL", "MINUS", "GRAPH", "VALUES", "{"})


class _Word(NamedTuple):
    """A word or sign, and what stands between it and the one before: a space or nothing."""

    gap: str
    text: str


def hindering(store: Store, sparql: str) -> list[str]:
    """Return the parts of a query without rows of which any one could be left out for it to have rows.

    Nothing is returned of a query that is not taken apart, and not all is if that would take too long.

    Raises:
        CfitError: as :class:`cfit_graph.store.Store` does.
    """
    until = time.monotonic() + _SECONDS
    prologue, parts = _taken_apart(sparql)
    if not 1 < len(parts) <= MOST or _has_rows(store, prologue, parts):
        return []
    found = []
    for number, part in enumerate(parts):
        rest = [*parts[:number], *parts[number + 1 :]]
        if time.monotonic() < until and _has_rows(store, prologue, rest):
            found.append(part)
    return found


def _has_rows(store: Store, prologue: str, parts: Sequence[str]) -> bool:
    """Tell whether some parts have rows; those that mean nothing without the others have none."""
    try:
        return holds(store, f"{prologue} ASK {{ {' . '.join(parts)} }}", _LIMITS)
    except QueryError:
        return False


def _taken_apart(sparql: str) -> tuple[str, list[str]]:
    """Return the prologue of a query and its parts; none if it has no such parts or is of another form."""
    seen = outline(sparql)
    if seen.form not in _FORMS or seen.names_dataset:
        return "", []
    words = list(_words(sparql))
    form = next((at for at, word in enumerate(words) if word.text.upper() in _FORMS), len(words))
    start = _until(words, form, {"{"})  # not one in brackets: SELECT (EXISTS { … } AS ?name)
    group = words[start + 1 : _end(words, start) - 1]
    if not group or group[0].text.upper() == "SELECT":
        return "", []
    return _text(words[:form]), [part for some in _elements(group) for part in _of_element(some)]


def _elements(words: Sequence[_Word]) -> Iterator[Sequence[_Word]]:
    """Yield what stands side by side in a group: filters and the like, and the triples of one subject each."""
    at = 0
    while at < len(words):
        if words[at].text == ".":
            at += 1
            continue
        end = _end_of_element(words, at)
        yield words[at:end]
        at = end


def _end_of_element(words: Sequence[_Word], start: int) -> int:
    keyword = words[start].text.upper()
    if keyword not in _NO_TRIPLES:
        return _until(words, start, {".", *_NO_TRIPLES})
    opening = {"{"} if keyword == "VALUES" else {"{", "("}
    end = _end(words, _until(words, start, opening))
    while end < len(words) and words[end].text.upper() == "UNION":
        end = _end(words, end + 1)
    return end


def _of_element(words: Sequence[_Word]) -> list[str]:
    """Return the parts that an element has: the triples of a subject that has a name are as many as its properties."""
    if words[0].text.upper() in _NO_TRIPLES or words[0].text in _OPENING:
        return [_text(words)]
    parts, at = [], 1
    while at < len(words):
        end = _until(words, at, {";"})
        parts += [f"{words[0].text} {_text(words[at:end])}"] if end > at else []
        at = end + 1
    return parts


def _until(words: Sequence[_Word], start: int, signs: set[str]) -> int:
    """Return where the first of some signs stands outside of brackets, or the end."""
    at = start
    while at < len(words) and words[at].text.upper() not in signs:
        at = _end(words, at) if words[at].text in _OPENING else at + 1
    return at


def _end(words: Sequence[_Word], start: int) -> int:
    """Return where it goes on after a bracket that opens, or the end."""
    depth = 0
    for at in range(start, len(words)):
        depth += (words[at].text in _OPENING) - (words[at].text in _CLOSING)
        if depth <= 0:
            return at + 1
    return len(words)


def _words(sparql: str) -> Iterator[_Word]:
    before = 0
    for start, end in tokens(sparql):
        yield _Word(" " if start > before else "", sparql[start:end])
        before = end


def _text(words: Sequence[_Word]) -> str:
    return "".join(word.gap + word.text for word in words).strip()
