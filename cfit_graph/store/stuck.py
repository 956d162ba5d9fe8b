"""Where a query stops being one: the first word or sign that the engine's parser cannot go on with.

The engine tells how far it looked, not where it got stuck: for a keyword it reads as many characters as that has. But
what it makes of the beginning of a query shows whether that can be the beginning of any: it then reads on to the end.
So the longest such beginning is looked for, by halves; the next word is the one that is wrong.
"""

from __future__ import annotations

import re
from typing import Final

import pyoxigraph as ox

from cfit_graph.store.lexer import tokens

POSITION: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
"""What the engine tells of a text: line, column, and what it expects there."""
WORDS: Final = re.compile(r"\b[A-Z]\w*(?: \w+)+")
"""What it tells in words, and not by what it expects."""
_ROOM: Final = "\n" + " " * 40
"""Longer than any keyword that the engine may read ahead for."""
_NEVER: Final = "\x01"
"""What no query can hold, so that none is complete, and none is run."""
_KEYWORD: Final = re.compile(r"[A-Z]{2,}")
_EMPTY: Final = ox.Store()


def located(told: str, text: str, base: str) -> str:
    """Return what the engine told of a text, with the place of the first word that cannot stand there.

    What it expects there are the signs it looks for after that beginning, or else the keywords at that place.
    """
    found = POSITION.match(told)
    if not found or WORDS.search(found[3]):  # it tells in words
        return told
    words = tokens(text)
    fits = _longest([end for _, end in words], text, base)
    beginning = text[: words[fits - 1][1]] if fits else ""
    start = words[fits][0] if fits < len(words) else len(text)
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    wanted = _signs(beginning, base) or _keywords(found, line, column)
    return f"error at {line}:{column}: expected one of {', '.join(wanted)}"


def _longest(ends: list[int], text: str, base: str) -> int:
    """Return how many words of a text begin a query."""
    least, most = 0, len(ends)
    while least < most:
        middle = (least + most + 1) // 2
        if _begins(text[: ends[middle - 1]], base):
            least = middle
        else:
            most = middle - 1
    return least


def _begins(text: str, base: str) -> bool:
    found = POSITION.match(_told(text + _ROOM + _NEVER, base))
    return found is not None and int(found[1]) == text.count("\n") + 2 and int(found[2]) > len(_ROOM) // 2


def _signs(text: str, base: str) -> list[str]:
    """Return the signs that may come next, as the engine quotes them; none where the text may be a whole query."""
    if text.count("{") == text.count("}") > 0:
        return []
    found = POSITION.match(_told(text + _ROOM, base))
    return re.findall(r'"(?:\\.|[^"])*"', found[3]) if found else []


def _keywords(found: re.Match[str], line: int, column: int) -> list[str]:
    """Return the keywords that the engine looked for at a place: it told of the end of what it read for them."""
    listed = _KEYWORD.findall(found[3])
    return [word for word in listed if (int(found[1]), int(found[2]) - len(word)) == (line, column)]


def _told(text: str, base: str) -> str:
    try:
        _EMPTY.query(text, base_iri=base)
    except SyntaxError as error:
        return str(error)
    return ""
