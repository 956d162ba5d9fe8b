"""Names compared as people write them: how much alike two are, and which of many are most like one.

A name is folded (:func:`cfit_graph.search.fold`), which passes over case, accents and punctuation and keeps every
script. Likeness is the share of pairs of letters that two names have in common (Dice's coefficient, each word with a
space on both sides), so neither the order of words nor a slip of the pen hides a name.
"""

from __future__ import annotations

from collections import Counter
from heapq import nlargest
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.search import words
from cfit_graph.texts import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SAME: Final = 100.0
"""The score of a name that has the same words in the same order."""
SAME_BUT_FOR_FORM: Final = 95.0
"""The score of a name of several words that is the same without legal form and article.

One word with a form behind it is too often another's: GEC plc is not who is called GEC for short.
"""
ALIKE: Final = 90.0
"""The score of a name with all pairs of letters in common; with fewer it is that share of it."""
LEAST: Final = 0.4
"""The share of pairs that a name must have in common to be found."""

_BEHIND: Final = frozenset(map(words, FORMS["behind"]))
_BEFORE: Final = frozenset(map(words, FORMS["before"]))
_LONGEST_FORM: Final = max(map(len, _BEHIND | _BEFORE))

_NAMES: Final = 8  # of one thing that may be as good as each other

Words = tuple[str, ...]


class Near(NamedTuple):
    """A thing that has a name like the one looked for, that name, and its score."""

    thing: str
    name: str
    score: float


def bare(written: Words) -> Words:
    """Return the words of a name without legal form and article; all of them if nothing else is there.

    >>> bare(words("The Green Web B.V.")), bare(words("GmbH"))
    (('green', 'web'), ('gmbh',))
    """
    for length in range(min(_LONGEST_FORM, len(written) - 1), 0, -1):
        if written[-length:] in _BEHIND:
            written = written[:-length]
            break
    for length in range(min(_LONGEST_FORM, len(written) - 1), 0, -1):
        if written[:length] in _BEFORE:
            return written[length:]
    return written


def pairs(written: Iterable[str]) -> set[str]:
    """Return the pairs of neighbouring letters in words, each of which begins and ends with a space.

    >>> sorted(pairs(["eco"]))
    [' e', 'co', 'ec', 'o ']
    """
    return {f" {word} "[start : start + 2] for word in written for start in range(len(word) + 1)}


class Names:
    """Many names, each of a thing, to be compared with one."""

    def __init__(self, names: Iterable[tuple[str, str, Words]]) -> None:
        """Take in names: IRI of the thing, name, and the words of it, folded."""
        self._names = sorted(set(names))
        self._sizes: list[int] = []
        self._having: dict[str, list[int]] = {}
        for number, (_, _, written) in enumerate(self._names):
            some = pairs(bare(written))
            self._sizes.append(len(some))
            for pair in some:
                self._having.setdefault(pair, []).append(number)

    def near(self, name: str, most: int, is_wanted: Callable[[str], bool]) -> list[Near]:
        """Return the wanted things with the names most like one, best first, each once: ``most`` of them."""
        asked = words(name)
        best: dict[str, Near] = {}
        alike = (it for it in self._alike(pairs(bare(asked))) if is_wanted(self._names[it[1]][0]))
        for share, number in nlargest(_NAMES * most, alike):
            thing, text, written = self._names[number]
            found = Near(thing, text, _score(asked, written, share))
            best[thing] = min(found, best.get(thing, found), key=rank)
        return sorted(best.values(), key=rank)[:most]

    def _alike(self, asked: set[str]) -> list[tuple[float, int]]:
        """Return the share and the number of each name that has enough in common with the pairs asked for."""
        counted: Counter[int] = Counter()
        for pair in asked:
            counted.update(self._having.get(pair, ()))
        size, least = len(asked), ceil(LEAST * len(asked) / (2 - LEAST))  # no name is smaller than what it shares
        shares = ((2 * common / (size + self._sizes[it]), it) for it, common in counted.items() if common >= least)
        return [each for each in shares if each[0] >= LEAST]


def _score(asked: Words, written: Words, share: float) -> float:
    if written == asked:
        return SAME
    same = bare(asked)
    return SAME_BUT_FOR_FORM if len(same) > 1 and bare(written) == same else round(ALIKE * share, 1)


def rank(found: Near) -> tuple[float, int, str]:
    """Return what is sorted by: the score, of equals the shorter name, and then the IRI."""
    return -found.score, len(found.name), found.thing
