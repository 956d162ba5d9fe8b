"""Mistakes of meaning: each word stands where it may, and yet there is no such query.

The engine tells of them where the part that is wrong ends, and names nothing. What is meant is looked for in that part.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_UNBOUND: Final = (
    "The SELECT contains a variable that is unbound",
    "The SELECT contains an expression with a variable that is unbound",
)
_ALL: Final = "SELECT * is not authorized with GROUP BY"
_OVERRIDES: Final = "The SELECT overrides an existing variable using an expression"
_TWICE: Final = "Duplicated variable name in SELECT"
_BOUND: Final = "BIND is overriding an existing variable"
_ROWS: Final = "The VALUES clause rows should have exactly the same number of values as there are variables"
_REPEATED: Final = "Repeated variables are not allowed in VALUES"
_IRI: Final = "IRI parsing failed"
_LANGUAGE: Final = "language tag parsing failed"
SENTENCES: Final = (*_UNBOUND, _ALL, _OVERRIDES, _TWICE, _BOUND, _ROWS, _REPEATED, _IRI, _LANGUAGE)
"""What the engine tells of them."""

_AGGREGATES: Final = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"}
_AFTER_GROUPS: Final = {"HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"}


class Word(NamedTuple):
    """A word, string, IRI or sign of a query, and its offset there."""

    start: int
    text: str

    @property
    def upper(self) -> str:
        """The word in capitals."""
        return self.text.upper()


class Fault(NamedTuple):
    """What is wrong, and with which word, if that was found."""

    reason: str
    word: Word | None = None


def fault(sentence: str, words: Sequence[Word]) -> Fault:
    """Return what one of ``SENTENCES`` means of a part of a query that ends with the last of some words."""
    start = _start(words)
    if sentence in {*_UNBOUND, _ALL}:
        return _misplaced(words) or (_all(words, start) if sentence == _ALL else _not_grouped(words[start:]))
    if sentence == _OVERRIDES:
        word = next(_named_again(words[start:]), None)
        return Fault(f"{_text(word, 'a variable')} has a value already; take another name after AS", word)
    if sentence == _TWICE:
        word = next(_repeated(_columns(words[start:])), None)
        return Fault(f"{_text(word, 'a variable')} is named twice after SELECT; leave one out, or rename it", word)
    if sentence == _BOUND:
        word = next(_named_again(words[start + 1 :]), None)
        return Fault(f"{_text(word, 'a variable')} has a value already, so BIND cannot give it one; rename it", word)
    if sentence in {_ROWS, _REPEATED}:
        return _values(words, sentence)
    last = words[-1] if words else None
    if last and last.text == ">":  # a space stands in it
        last = next(
            (Word(it.start, f"<{after.text}") for it, after in reversed([*pairwise(words)]) if it.text == "<"), last
        )
    if sentence == _LANGUAGE:
        return Fault(f"{_text(last, 'this')} is no language tag; one is as in @en or @nl-BE", last)
    return Fault(f"{_text(last, 'this')} is no IRI; write %20 for a space, %25 for %, %5B and %5D for [ and ]", last)


def _text(word: Word | None, other: str) -> str:
    return word.text[:40] if word else other


def _start(words: Sequence[Word]) -> int:
    """Return where the SELECT is that ends with the last word, or the { around it if nearer; -1 if there is neither."""
    depth = 0
    for at in range(len(words) - 1, -1, -1):
        depth += (words[at].text == "}") - (words[at].text == "{")
        if depth < 0 or (depth == 0 and words[at].upper == "SELECT"):
            return at
    return -1


def _misplaced(words: Sequence[Word]) -> Fault | None:
    """Find an aggregate within a pattern: the engine takes it for one of the SELECT."""
    selects = [True]  # of each { that is open, and of the whole: has there been a SELECT?
    for word, after in pairwise(words):
        if word.text == "{":
            selects.append(False)
        elif word.text == "}":
            selects = selects[:-1] or [True]
        elif word.upper == "SELECT":
            selects[-1] = True
        elif word.upper in _AGGREGATES and after.text == "(" and not selects[-1]:
            reason = f"{word.upper} cannot stand in a pattern; put it after SELECT, or after GROUP BY into HAVING (…)"
            return Fault(reason, word)
    return None


def _all(words: Sequence[Word], start: int) -> Fault:
    star = next((word for word in words[max(start, 0) :] if word.text == "*"), None)
    if start >= 0 and star:
        return Fault("SELECT * cannot stand with GROUP BY or an aggregate; name the variables after SELECT", star)
    by = next((word for word in words if word.upper in {"GROUP", "HAVING"}), None)
    return Fault("GROUP BY and aggregates need a SELECT here; put one with them into the braces, as a subquery", by)


def _not_grouped(words: Sequence[Word]) -> Fault:
    known = set(_grouped(words))
    inside: list[bool] = []  # of each bracket that is open: is it within an aggregate?
    for before, word in zip(words, _head(words), strict=False):
        if word.text == "(":
            inside.append(before.upper in _AGGREGATES or inside[-1:] == [True])
        elif word.text == ")":
            del inside[-1:]
        elif word.text[0] in "?$" and before.upper == "AS":
            known.add(word.text[1:])
        elif word.text[0] in "?$" and word.text[1:] not in known and inside[-1:] != [True]:
            name = word.text[:40]
            reason = (
                f"{name} may have many values in a group; add it to GROUP BY, or take one by (SAMPLE({name}) AS ?one)"
            )
            return Fault(reason, word)
    return Fault("each variable after SELECT must stand in GROUP BY or in an aggregate such as SAMPLE(?x)")


def _head(words: Sequence[Word]) -> Iterator[Word]:
    """Yield what follows SELECT, up to its pattern."""
    depth = 0
    for word in words[1:]:
        if word.text == "{" and depth == 0:
            return
        depth += (word.text == "(") - (word.text == ")")
        yield word


def _columns(words: Sequence[Word]) -> Iterator[Word]:
    """Yield the variables that a SELECT gives."""
    depth = 0
    for before, word in zip(words, _head(words), strict=False):
        depth += (word.text == "(") - (word.text == ")")
        if word.text[0] in "?$" and (depth == 0 or before.upper == "AS"):
            yield word


def _grouped(words: Sequence[Word]) -> Iterator[str]:
    """Yield the names of variables that have one value in a group: those of GROUP BY, and of VALUES at the end."""
    clause, depth = "", 0
    for before, word in pairwise(words):
        depth += (word.text in {"(", "{"}) - (word.text in {")", "}"})
        if depth == 0 and word.upper in {"GROUP", *_AFTER_GROUPS}:
            clause = word.upper
        is_key = clause == "GROUP" and (depth == 0 or before.upper == "AS")
        if word.text[0] in "?$" and (is_key or clause == "VALUES"):
            yield word.text[1:]


def _named_again(words: Sequence[Word]) -> Iterator[Word]:
    """Yield the variables after AS that stand elsewhere before, or in the pattern of a SELECT after."""
    is_select = bool(words) and words[0].upper == "SELECT"
    head = [*_head(words)] if is_select else [*words]
    seen = {word.text[1:] for word in words[len(head) + 1 :] if word.text[0] in "?$"} if is_select else set()
    before = ""
    for word in head:
        if word.text[0] in "?$":
            if before == "AS" and word.text[1:] in seen:
                yield word
            seen.add(word.text[1:])
        before = word.upper


def _repeated(words: Iterator[Word]) -> Iterator[Word]:
    seen: set[str] = set()
    for word in words:
        if word.text[1:] in seen:
            yield word
        seen.add(word.text[1:])


def _values(words: Sequence[Word], sentence: str) -> Fault:
    """Find the row of VALUES that is too short or too long, or the variable that stands there twice."""
    start = max((at for at, word in enumerate(words) if word.upper == "VALUES"), default=0)
    block = words[start:]
    variables = [word for word in block if word.text[0] in "?$"]
    if sentence == _REPEATED:
        word = next(_repeated(iter(variables)), None)
        return Fault(f"{_text(word, 'a variable')} stands twice after VALUES; leave one out", word)
    row, count = None, len(variables)
    for word in block[block.index(variables[-1]) if variables else 0 :]:
        if word.text == "(":
            row, count = word, 0
        elif word.text == ")" and row and count != len(variables):
            break
        else:
            count += {"@": 0, "^": -1}.get(word.text[0], 1)  # what follows ^^ is of the same value
    reason = f"each row of VALUES has as many values as there are variables, {len(variables)}; write UNDEF for none"
    return Fault(reason, row)
