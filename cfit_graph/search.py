"""Search by name or identifier: all of everything in memory, whatever its language, script, case and accents.

Words may come in any order, and each may be the beginning of a word of the name. The best match comes first: the whole
name, its beginning, its words, beginnings of its words. Of equal matches the shorter name comes first, so the order is
always the same. An outside identifier is found as a whole only, and comes before names: as an address however its
register writes it, or as the last part of one.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from cfit_graph import queries
from cfit_graph.store.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cfit_graph.store import Store

MATCHES: Final = ("exact", "beginning", "words", "beginnings")
"""How a name may match, best first."""

_LETTERS: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters with a stroke and the like, which Unicode takes for letters of their own."""
_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana and Han."""
_ADDRESS: Final = re.compile(r"(?:https?://)?(?:www\.)?([^\s/?#]+)/(?:\S*/)?([^\s/?#]+)/?")
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Match:
    """A thing that was found: its IRI, the name or identifier that matched, its language (may be empty), and how."""

    thing: str
    name: str
    language: str
    how: str


def fold(text: str) -> str:
    """Return text without what a search passes over: case, accents, and other ways to write the same letter.

    >>> fold("Direktoratet for Forvaltning og ØKONOMISTYRING"), fold("Ｃａｆé")
    ('direktoratet for forvaltning og okonomistyring', 'cafe')
    """
    if text.isascii():
        return text.lower()
    marked = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(sign for sign in marked if not unicodedata.combining(sign)).translate(_LETTERS)
    return unicodedata.normalize("NFKC", plain)


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded; each sign is a word where a script has no spaces.

    >>> words("Côte-d'Or & 循環")
    ('cote', 'd', 'or', '循', '環')
    """
    return tuple(_WORD.findall(fold(text)))


def keys(identifier: str) -> tuple[str, ...]:
    """Return what an identifier is looked up by: of an address its register with its last part, and that part alone.

    >>> keys("http://www.wikidata.org/entity/Q871765"), keys("62721445")
    (('wikidata.org q871765', 'q871765'), ('62721445',))
    """
    address = _ADDRESS.fullmatch(identifier.strip())
    if not address:
        return (fold(identifier.strip()),)
    return fold(" ".join(address.groups())), fold(address[2])


def read(store: Store) -> Index:
    """Return the index of all names and identifiers in the store."""
    found, identified = (rows(store, queries.load(f"list-{part}")) for part in ("names", "identifiers"))
    return Index(
        ((row["thing"]["value"], row["name"]["value"], row["name"].get("xml:lang", "")) for row in found),
        ((row["thing"]["value"], row["identifier"]["value"]) for row in identified),
    )


class Index:
    """What is searched: names (IRI of the thing, name, language or nothing), and identifiers (IRI, text)."""

    def __init__(self, names: Iterable[tuple[str, str, str]], identifiers: Iterable[tuple[str, str]] = ()) -> None:
        self._identified: dict[str, list[Match]] = {}
        for thing, identifier in sorted(set(identifiers)):
            for key in keys(identifier):
                self._identified.setdefault(key, []).append(Match(thing, identifier, "", MATCHES[0]))
        self.names = tuple(sorted(set(names)))
        """All names: IRI of the thing, name, language or nothing."""
        self.folded = tuple(" ".join(words(name)) for _, name, _ in self.names)
        """The words of each name, folded."""
        self._numbers: dict[str, list[int]] = {}
        for number, key in enumerate(self.folded):
            for word in set(key.split()):
                self._numbers.setdefault(word, []).append(number)
        self._words = sorted(self._numbers)

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def things(self) -> tuple[str, ...]:
        """The IRIs of all that has a name, in order."""
        return tuple(dict.fromkeys(thing for thing, _, _ in self.names))

    def search(self, text: str) -> list[Match]:
        """Return what ``text`` identifies and what has a name with all its words, best first, each thing once.

        Nothing is found by a text without words.
        """
        best: dict[str, Match] = {}
        for match in (*self.identified(text), *self._named(words(text))):
            best.setdefault(match.thing, match)
        return list(best.values())

    def identified(self, text: str) -> Sequence[Match]:
        """Return what ``text`` identifies: as a whole, however its register writes it."""
        return self._identified.get(keys(text)[0], ())

    def _named(self, asked: tuple[str, ...]) -> Iterator[Match]:
        """Give the names that have all the words, best first."""
        for (rank, *_), number in sorted((self._rank(number, asked), number) for number in self._with_all(asked)):
            yield Match(*self.names[number], MATCHES[rank])

    def _with_all(self, asked: tuple[str, ...]) -> set[int]:
        """Return the numbers of the names that have, for each word asked, a word that begins so."""
        found = (self._with(word) for word in sorted(set(asked), key=len, reverse=True))
        return reduce(lambda some, more: some & more, found) if asked else set()

    def _with(self, beginning: str) -> set[int]:
        return {number for word in self._beginning(beginning) for number in self._numbers[word]}

    def _beginning(self, beginning: str) -> Iterator[str]:
        later = self._words[bisect_left(self._words, beginning) :]
        return takewhile(lambda word: word.startswith(beginning), later)

    def _rank(self, number: int, asked: tuple[str, ...]) -> tuple[int, int, str]:
        """Return the place of a match in ``MATCHES``, the length of the name, and the name: what it is sorted by."""
        key, whole = self.folded[number], " ".join(asked)
        if key == whole:
            rank = 0
        elif key.startswith(whole):
            rank = 1
        else:
            rank = 2 if set(asked) <= set(key.split()) else 3
        return rank, len(key), key
