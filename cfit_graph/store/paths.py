"""Paths of queries, walked from the end that is known.

The engine walks a path from its first step. Where only the end is known, as for all that has a type or a narrower one,
it looks at everything that has the first step. Turned round, the path begins with what is narrower, which is little.
The solutions are the same (SPARQL 1.1, 9.3); docs/performance-attempts.md has what it gives.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cfit_graph.store.lexer import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLOSURE: Final = re.compile(r"[*+](?<=[\w>].)\s*[<:\w]")
"""The end of a path that may be turned; most queries have none, and are not looked at more closely."""
_PATTERN: Final = re.compile(r"(?<=[{.])v(?:\^?n/)+\^?n[*+]n(?=[.f}])")
"""A variable, steps of which the last may be taken again and again, and a name: by the kinds of their tokens."""
_NAME: Final = re.compile(r"<.*>|a|(?!_:)[^?$:\"']*:.*", re.DOTALL)
_FURTHER: Final = {"FILTER", "OPTIONAL"}


def turned(sparql: str) -> str:
    """Return a query with the paths turned that end in a closure and a name, outside all groups but the first.

    ``?x <type>/<broader>* <public>`` becomes ``<public> ^<broader>*/^<type> ?x``. Within other groups, what stands
    before may be known by then, and the path is walked for each of it.
    """
    if not _CLOSURE.search(sparql):
        return sparql
    spans = tokens(sparql)
    words = [sparql[start:end] for start, end in spans]
    done, pieces = 0, []
    for found in _PATTERN.finditer("".join(_kinds(words))):
        first, last = found.start(), found.end() - 1
        start, end = spans[first][0], spans[last][1]
        pieces += [sparql[done:start], _apart(sparql[start - 1], _turned(words[first : last + 1]), sparql[end])]
        done = end
    return "".join([*pieces, sparql[done:]])


def _apart(before: str, pattern: str, after: str) -> str:
    """Keep a pattern from what is beside it: ``e:b.`` goes on with a name, and ``?x`` with a word."""
    return f"{' ' * (before == '.')}{pattern}{' ' * after.isalpha()}"


def _kinds(words: list[str]) -> Iterator[str]:
    """Yield a letter for each token: v for variables, n for names, f for what may follow; x within further groups."""
    depth = 0
    for word in words:
        depth += word == "{"
        yield _kind(word) if depth == 1 else "x"
        depth -= word == "}"


def _kind(word: str) -> str:
    if word in "{}.^/*+":
        return word
    if word[0] in "?$" and len(word) > 1:
        return "v"
    if word.upper() in _FURTHER:
        return "f"
    return "n" if _NAME.fullmatch(word) else "x"


def _turned(words: list[str]) -> str:
    """Return a pattern from its end to its start."""
    start, *path, times, end = words
    steps = [""]
    for word in path:
        if word == "/":
            steps.append("")
        else:
            steps[-1] += word
    *others, last = (step[1:] if step[0] == "^" else f"^{step}" for step in steps)
    return f"{end} {'/'.join([last + times, *reversed(others)])} {start}"
