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
from cfit_graph.store.meaning import SENTENCES

POSITION: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
"""What the engine tells of a text: line, column, and what it expects there."""
MEANING: Final = re.compile("|".join(map(re.escape, SENTENCES)))
"""What it tells of mistakes of meaning: in words, and not by what it expects."""
WORDS: Final = re.compile(rf"{MEANING.pattern}|\b[A-Z]\w*(?: \w+)+")
"""All else that it tells in words, too."""
_ROOM: Final = "\n" + " " * 40
"""Longer than any keyword that the engine may read ahead for."""
_NEVER: Final = "\x01"
"""What no query can hold, so that none is complete, and none is run."""
_KEYWORD: Final = re.compile(r"\b[A-Z_]{2,}\b")
_EMPTY: Final = ox.Store()


def located(told: str, text: str, base: str) -> str:
    """Return what the engine told of a text, with the place of the first word that cannot stand there.

    What it expects there are the signs it looks for after that beginning, or else the keywords at that place. At the
    end of a part it may have a sentence on the meaning of that part, which it gave up for what it looked for later.
    """
    found = POSITION.match(told)
    if not found or WORDS.search(found[3]):  # it tells in words
        return told
    words = tokens(text)
    fits = _longest([end for _, end in words], text, base)
    beginning = text[: words[fits - 1][1]] if fits else ""
    start = words[fits][0] if fits < len(words) else len(text)
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    stop = text[start : words[fits][1]] if fits < len(words) else ""
    wanted = _at_bracket(beginning, stop, base) or _signs(beginning, base) or _keywords(found, line, column)
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


def _at_bracket(beginning: str, stop: str, base: str) -> list[str]:
    """Return what the engine tells of the meaning of a part that ends with a bracket, or whether AS must come first."""
    if stop == "}":
        told = (_told(beginning + _ROOM + end, base) for end in ("", stop))
        return [said[0] for said in map(MEANING.search, told) if said][:1]
    return ["AS"] if stop == ")" and _begins(f"{beginning} AS ?x", base) else []


def _signs(text: str, base: str) -> list[str]:
    """Return the signs that may come next, as the engine quotes them; none where the text may be a whole query."""
    if text.count("{") == text.count("}") > 0:
        return []
    found = POSITION.match(_told(text + _ROOM, base))
    return re.findall(r'"(?:\\.|[^"])*"', found[3]) if found else []


def _keywords(found: re.Match[str], line: int, column: int) -> list[str]:
    """Return the keyword that the engine looked for at a place: it told of the end of what it read for it.

    Several are some of many that could stand there, those of the same length.
    """
    listed = _KEYWORD.findall(found[3])
    wanted = [word for word in listed if (int(found[1]), int(found[2]) - len(word)) == (line, column)]
    return wanted if len(wanted) == 1 else []


def _told(text: str, base: str) -> str:
    try:
        _EMPTY.query(text, base_iri=base)
    except SyntaxError as error:
        return str(error)
    return ""
