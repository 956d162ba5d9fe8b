"""Things and concepts by what a cell calls them: their slug, or one of their names."""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from cfit_graph.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_UNSEEN: Final = " \u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Signs that nobody sees, which come along when a text is copied from a page."""


def clean(text: str) -> str:
    r"""Return text in Unicode's composed form (NFC), with single spaces between its words and none around it.

    Nor are there signs around it that nobody sees.

    >>> clean(" Electronics\n  Watch ")
    'Electronics Watch'
    """
    return unicodedata.normalize("NFC", " ".join(text.split()).strip(_UNSEEN))


def meant(name: str, known: Sequence[str]) -> Reason:
    """Return a hint for a name that is not known: the nearest that is, else all of them."""
    near = difflib.get_close_matches(name.casefold(), [it.casefold() for it in known], 1, 0.5)
    close = next((it for it in known if near and it.casefold() == near[0]), "")
    return Reason("meant", close) if close else Reason("there-are", ", ".join(known))


class Names:
    """Names by group, a group being a class or a concept scheme; the IRIs of groups and things are text."""

    def __init__(self) -> None:
        self.types: dict[str, list[str]] = {}  # what things are in the data, by their IRIs
        self._slugs: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._labels: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._shown: dict[str, str] = {}
        self._called: dict[str, dict[str, str]] = {}  # by language, then by thing

    def copy(self) -> Names:
        """Return names to which more can be added without changing these."""
        copied = Names()
        copied.types.update(self.types)
        for group, ours in ((copied._slugs, self._slugs), (copied._labels, self._labels)):
            group.update({key: set(found) for key, found in ours.items()})
        copied._shown.update(self._shown)
        copied._called.update({tag: dict(called) for tag, called in self._called.items()})
        return copied

    def in_language(self, tag: str) -> Names:
        """Return names of which those in a language are shown, where there are such."""
        copied = self.copy()
        for thing, name in self._called.get(tag, {}).items():
            copied.add(thing, (), (), name)
        return copied

    def call(self, thing: str, tag: str, name: str) -> None:
        """Say what is to be shown of a thing in a language."""
        self._called.setdefault(tag, {})[thing] = name

    def add(self, thing: str, groups: Iterable[str], labels: Iterable[str], shown: str = "") -> None:
        """Add a thing to groups, with all its names and the one to be shown."""
        labels = [*labels]
        for group in groups:
            self._slugs[group, _key(slug(thing))].add(thing)
            for label in labels:
                self._labels[group, _key(label)].add(thing)
        if shown:
            self._shown[thing] = shown

    def find(self, groups: Iterable[str], text: str) -> str | None:
        """Return the one thing of these groups that has ``text`` for its slug, or else for a name."""
        groups = [*groups]
        for known in (self._slugs, self._labels):
            found = set[str]().union(*(known.get((group, _key(text)), ()) for group in groups))
            if len(found) == 1:
                return found.pop()
        return None

    def shown(self, thing: str) -> str:
        """Return the name of a thing that is shown, or none."""
        return self._shown.get(thing, "")

    def of(self, group: str) -> list[str]:
        """Return the things of a group in the order of their IRIs."""
        return sorted({thing for (other, _), things in self._slugs.items() if other == group for thing in things})


def slug(thing: str) -> str:
    """Return the last segment of an IRI.

    >>> slug("https://w3id.org/cfit/id/role/co-leading")
    'co-leading'
    """
    return thing.rstrip("/").rpartition("/")[2].rpartition("#")[2]


def _key(text: str) -> str:
    return clean(text).casefold()
