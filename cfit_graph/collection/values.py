"""The values that a filter takes: which there are, and which one a client means."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import partial
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from cfit_graph import queries
from cfit_graph.namespaces import BASE, ID, PREFIXES, shorten, things
from cfit_graph.store.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cfit_graph.changes.retired import Retired
    from cfit_graph.collection import Filter
    from cfit_graph.store import Store

_SHOWN: Final = 12
_READ: Final = 100  # characters of what a client sent that are compared and repeated


@dataclass(frozen=True)
class Values:
    """What a filter takes: for each value, by IRI, itself and all narrower ones; and the English names of some.

    ``base`` is what the IRIs of things begin with. What is ``retired`` is told of, though it is no value any more.
    """

    kind: str
    base: str
    narrower: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str] = field(default_factory=dict)
    retired: Mapping[str, Retired] = field(default_factory=dict)

    def meant_by(self, text: str) -> tuple[str, ...]:
        """Return the value that an IRI, a prefixed name or a slug stands for, with all narrower ones.

        Raises:
            ValueError: if there is none; says which there are, the nearest first.
        """
        iri = self.iri(text)
        if not iri:
            raise ValueError(self._missing(text, self._iris(text)))
        return self.narrower[iri]

    def iri(self, text: str) -> str:
        """Return the value that an IRI, a prefixed name or a slug stands for; empty if there is none."""
        return self._first(self._iris(text))

    def _missing(self, text: str, iris: tuple[str, ...]) -> str:
        """Return what to tell of a text that stands for no value."""
        gone = next((self.retired[iri] for iri in iris if iri in self.retired), None)
        if gone:
            place = ", ".join(map(self.short, gone.replaced_by))
            return f"The {self.kind} {text[:_READ]!r} is retired.{f' In its place: {place}.' if place else ''}"
        there = nearest(self._slug(iris[0]), self.shown())
        return f"There is no {self.kind} {text[:_READ]!r}. Nearest: {', '.join(there) or 'none'}."

    def shown(self) -> list[str]:
        """Return the values as they are best given, slugs where there are, with their names behind them."""
        slugs = ((self.short(iri), self.names.get(iri, "")) for iri in sorted(self.narrower))
        return [f"{slug} ({name})" if name else slug for slug, name in slugs]

    def _iris(self, text: str) -> tuple[str, ...]:
        """Return the IRIs that a text may stand for, the first of which that is a value it does."""
        prefix, colon, local = text.partition(":")
        if not colon:
            return of_slug(text, self.kind, self.base)
        return (PREFIXES[prefix] + local if prefix in PREFIXES else text,)

    def _first(self, iris: Iterable[str]) -> str:
        """Return the first that is a value; empty if none is."""
        return next((iri for iri in iris if iri in self.narrower), "")

    def _slug(self, iri: str) -> str:
        """Return the slug in an IRI of this kind; of another its short form."""
        start = next(filter(iri.startswith, of_slug("", self.kind, self.base)), "")
        return iri.removeprefix(start) if start else shorten(iri)

    def short(self, iri: str) -> str:
        """Return the slug of a value, unless that stands for another value."""
        slug = self._slug(iri)
        return slug if iri == self.iri(slug) else shorten(iri)


def of_slug(slug: str, kind: str, base: str) -> tuple[str, ...]:
    """Return the IRIs that a slug may stand for: the thing below ``base``, or else CFIT's, as all concepts are.

    >>> of_slug("x", "pact", "https://example.org/")
    ('https://example.org/id/pact/x', 'https://w3id.org/cfit/id/pact/x')
    """
    return tuple(dict.fromkeys(f"{things(start)}{kind}/{slug}" for start in (base, BASE)))


def concepts(store: Store, given: Filter, base: str) -> Values:
    """Return the values of a filter that takes the concepts of a scheme, and others that are in use."""
    terms = {"scheme": f"{ID}scheme/{given.kind}", "property": given.property}
    classes = {"class": given.classes} if given.classes else {}
    broader: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for row in rows(store, queries.load("list-values", **terms, **classes)):
        broader.setdefault(row["value"]["value"], set()).add(row["broader"]["value"])
        names[row["value"]["value"]] = row["name"]["value"]
    return Values(given.kind, base, _narrower(broader), names)


def items(kind: str, iris: Iterable[str], base: str) -> Values:
    """Return the values of a filter that takes the items of a collection."""
    return Values(kind, base, {iri: (iri,) for iri in iris})


def nearest(text: str, names: Iterable[str]) -> list[str]:
    """Return the names that are most like a text, best first: a dozen, or all if there are no more.

    >>> nearest("supporter", ["procuring", "supporting", "participant"])
    ['supporting', 'procuring', 'participant']
    """
    compare = SequenceMatcher(None, "", text[:_READ].casefold(), autojunk=False)

    def likeness(name: str, *, is_quick: bool) -> tuple[float, str]:
        compare.set_seq1(name.casefold())
        return -(compare.quick_ratio() if is_quick else compare.ratio()), name

    candidates = nsmallest(4 * _SHOWN, names, key=partial(likeness, is_quick=True))
    return sorted(candidates, key=partial(likeness, is_quick=False))[:_SHOWN]


def _narrower(broader: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    """Return for each concept itself and all below it; a circle is followed once."""
    below: dict[str, set[str]] = {concept: {concept} for concept in broader}
    for concept in broader:
        seen, above = set(), [concept]
        while above:
            place = above.pop()
            seen.add(place)
            below.setdefault(place, {place}).add(concept)
            above.extend(broader.get(place, set()) - seen - {""})
    return {concept: tuple(sorted(found)) for concept, found in below.items()}
