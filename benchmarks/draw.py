"""Draws coalitions by lot: organizations and their affiliations, the same for the same seed on any machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Final, TypeVar

from benchmarks import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

T = TypeVar("T")

FIRST_DAY: Final = date(2015, 1, 1)
DAYS: Final = 4000
_LENGTHS = {"date": 10, "gYearMonth": 7, "gYear": 4}


@dataclass(frozen=True)
class Moment:
    """A day, month or year as our graph writes it."""

    text: str
    datatype: str


@dataclass(frozen=True)
class Affiliation:
    """One role in one pact over one period; ``start`` is missing where the date kind is unknown."""

    slug: str
    pact: int
    role: str
    status: str
    kind: str
    start: Moment | None
    end: Moment | None
    endorsed: Moment
    office: str


@dataclass(frozen=True)
class Organization:
    """An organization with its names by language."""

    number: int
    names: Mapping[str, str]
    former: str
    type: str
    place: str
    topic: str
    confidence: str
    elsewhere: bool
    affiliations: tuple[Affiliation, ...]

    @property
    def slug(self) -> str:
        """The last part of its address."""
        return f"org-{self.number:06d}"


class Lot:
    """A source of chance that is the same in every version of Python: only ``random()`` is promised to be."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random  # noqa: S311 - chance, not secrecy

    def chance(self, share: float) -> bool:
        """Be true for this share of draws."""
        return self._random() < share

    def below(self, number: int) -> int:
        """Draw a whole number from 0 up to but not including ``number``."""
        return int(self._random() * number)

    def one(self, choices: Sequence[T]) -> T:
        """Draw one of several, each as likely."""
        return choices[self.below(len(choices))]

    def weighted(self, weights: Mapping[T, int]) -> T:
        """Draw one of several by weight."""
        place = self.below(sum(weights.values()))
        return next(choice for choice, end in zip(weights, accumulate(weights.values()), strict=True) if place < end)


def organizations(seed: int, pacts: int, *, dated: bool = False) -> Iterator[Organization]:
    """Draw organizations without end, affiliated with pacts ``0`` to ``pacts - 1``.

    With ``dated`` they are the same ones, and of each affiliation it is known when it was signed.
    """
    lot, number = Lot(seed), 0
    while True:
        drawn = _organization(lot, number, pacts)
        yield replace(drawn, affiliations=tuple(map(_dated, drawn.affiliations))) if dated else drawn
        number += 1


def _organization(lot: Lot, number: int, pacts: int) -> Organization:
    names = _names(lot, number)
    kind = lot.weighted(words.TYPES)
    slugs = [f"org-{number:06d}-{place}" for place in range(lot.weighted(words.AFFILIATIONS))]
    return Organization(
        number=number,
        names=names,
        former=f"{lot.one(words.ADJECTIVES)} {lot.one(words.SUBJECTS)} Bureau {number}" if lot.chance(0.12) else "",
        type=kind,
        place=lot.weighted(words.PLACES),
        topic=lot.one(words.SUBJECTS).lower(),
        confidence=lot.weighted(words.CONFIDENCES),
        elsewhere=lot.chance(0.6),
        affiliations=tuple(
            _affiliation(lot, slug, pact, kind)
            for slug, pact in zip(slugs, _pacts(lot, len(slugs), pacts), strict=True)
        ),
    )


def _names(lot: Lot, number: int) -> dict[str, str]:
    stem, body = f"{lot.one(words.ADJECTIVES)} {lot.one(words.SUBJECTS)}", lot.below(len(words.BODIES["en"]))
    languages = ["en", *(language for language, share in words.LANGUAGES.items() if lot.chance(share))]
    return {language: f"{stem} {words.BODIES[language][body]} {number}" for language in languages}


def _pacts(lot: Lot, count: int, pacts: int) -> list[int]:
    """Draw different pacts; the first of all is the largest, as in life."""
    chosen = [0 if lot.chance(0.2) else lot.below(pacts)]
    while len(chosen) < count:
        pact = lot.below(pacts)
        if pact not in chosen:
            chosen.append(pact)
    return chosen


def _affiliation(lot: Lot, slug: str, pact: int, organization_type: str) -> Affiliation:
    role = lot.weighted(_roles(organization_type))
    status = lot.weighted(words.STATUSES)
    kind = "declared" if status == "intended" else lot.weighted(words.DATE_KINDS)
    day = FIRST_DAY + timedelta(lot.below(DAYS))
    start = moment(day, lot.weighted(words.PRECISIONS))
    end = moment(day + timedelta(366 + lot.below(900)), lot.weighted(words.PRECISIONS)) if status == "former" else None
    known = None if kind == "unknown" else start
    return Affiliation(slug, pact, role, status, kind, known, end, start, lot.one(words.OFFICES))


def _dated(it: Affiliation) -> Affiliation:
    """Return an affiliation with its day of signature, whether a source gives that or not."""
    return it if it.status == "intended" else replace(it, kind="signed", start=it.endorsed)


def _roles(organization_type: str) -> Mapping[str, int]:
    if organization_type in words.SUPPORTERS:
        return words.SUPPORTER_ROLES
    return words.PUBLIC_ROLES if organization_type in words.PUBLIC else words.BUYER_ROLES


def moment(day: date, precision: str) -> Moment:
    """Return a day as precisely as its source is.

    >>> moment(date(2021, 6, 14), "gYearMonth").text
    '2021-06'
    """
    return Moment(day.isoformat()[: _LENGTHS[precision]], precision)
