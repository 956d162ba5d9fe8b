"""The log of all that changed: the activities of all releases, one after the other, in pages that never shift.

A page of the log is a page of a release, so it is as immutable as that. The log is read from the releases and shown in
several forms; each names an activity alike: by its page and its place in the log, which both last.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from cfit_graph import changes
from cfit_graph.errors import UnknownEntity
from cfit_graph.feed import point
from cfit_graph.namespaces import things
from cfit_graph.release.numbering import NOTHING, Given, end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cfit_graph.changes import Activity
    from cfit_graph.release import Release

__all__ = ["OTHER", "Event", "Log", "News", "Page", "is_headline", "kind_of", "news"]

OTHER: Final = "other"
"""The kind of what has no address of ours."""

_KEPT: Final = 8
"""Pages that are kept when single activities are looked up."""


@dataclass(frozen=True)
class Event:
    """An activity in the log: its page, its place among all activities (from 1), and the release it came with.

    ``base`` is what the IRIs of the log and of its things begin with.
    """

    activity: Activity
    page: int
    place: int
    release: Release
    base: str

    @property
    def iri(self) -> str:
        """Its IRI, which never means another."""
        return f"{self.base}feed/page/{self.page}#{self.place}"

    @property
    def published(self) -> str:
        """When its release was published, as ``xsd:dateTime`` in UTC."""
        published: str = self.release.manifest["published"]
        return published

    @property
    def release_iri(self) -> str:
        """The IRI of its release."""
        return f"{self.base}release/{self.release.version}"

    @property
    def kind(self) -> str:
        """Of which kind the thing is that changed."""
        return kind_of(self.activity.object, self.base)


@dataclass(frozen=True)
class Page:
    """A page of the log: its number (from 1), its release, its number there, and how many activities stand before it.

    All of its activities are of one release, so they were published at the same time. ``base`` is that of the log.
    """

    number: int
    release: Release
    part: int
    before: int
    base: str

    def events(self) -> list[Event]:
        """Return its activities in order."""
        return [
            Event(activity, self.number, self.before + place, self.release, self.base)
            for place, activity in enumerate(self.release.page(self.part), 1)
        ]


@dataclass(frozen=True)
class News:
    """What changed, for people: the headlines, and the other changes, each the greatest news first."""

    headlines: tuple[Event, ...]
    others: tuple[Event, ...]


class Log:
    """The activities of releases that follow on each other, the first of all first.

    ``base`` is what its IRIs and those of its things begin with.
    """

    def __init__(self, releases: Sequence[Release], base: str) -> None:
        self.base = base
        self.releases = tuple(releases)
        self._given = tuple(accumulate(self.releases, end, initial=NOTHING))
        self.pages = tuple(_pages(self.releases, self._given, base))
        self.changed = lru_cache(_KEPT)(self._changed)
        self._read = lru_cache(_KEPT)(lambda index: self.pages[index].events())

    @property
    def total(self) -> int:
        """How many activities there are."""
        return sum(release.manifest["changes"]["activities"] for release in self.releases)

    @property
    def end(self) -> int:
        """The last place that was ever given."""
        return self._given[-1].activities

    def page(self, number: int) -> Page:
        """Return a page by its number.

        Raises:
            UnknownEntity: if there is none; says which is the last.
        """
        index = bisect_left(self.pages, number, key=lambda page: page.number)
        if index == len(self.pages) or self.pages[index].number != number:
            last = self.pages[-1].number if self.pages else 0
            raise UnknownEntity(f"There is no page {number} of the feed; the last is {last}.")
        return self.pages[index]

    def around(self, page: Page) -> dict[str, Page]:
        """Return the pages beside one: ``prev`` and ``next``, as far as there are."""
        index = self.pages.index(page)
        beside = {"prev": self.pages[index - 1 : index], "next": self.pages[index + 1 : index + 2]}
        return {name: found[0] for name, found in beside.items() if found}

    def release(self, version: str) -> Release:
        """Return a release by its version.

        Raises:
            UnknownRelease: if it is not one of these; says which are nearest.
        """
        return self.releases[point.find(version, self.releases)]

    def before(self, release: Release) -> Release | None:
        """Return the release before one of these; ``None`` for the first."""
        index = self.releases.index(release)
        return self.releases[index - 1] if index else None

    def after(self, release: Release) -> Release | None:
        """Return the release after one of these; ``None`` for the last."""
        return next(iter(self.releases[self.releases.index(release) + 1 :]), None)

    def since(self, text: str) -> int:
        """Return the place after which those begin since a day or a time, or after a release.

        Since a day or a time means: published then or later.

        Raises:
            ValueError: if the text is none of these; says what would be right.
        """
        return self._given[point.first_since(text, self.releases)].activities

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield the activities after a place, in order."""
        for page in self.pages[max(self._index(after + 1), 0) :]:
            yield from (event for event in page.events() if event.place > after)

    def of(self, release: Release) -> list[Event]:
        """Return the activities of one of these releases, in order."""
        return [event for page in self.pages if page.release.version == release.version for event in page.events()]

    def _changed(self, after: int) -> frozenset[str]:
        """Return the IRIs of what changed after a place."""
        return frozenset(event.activity.object for event in self.events(after))

    def history(self, iri: str) -> list[Event]:
        """Return what became of a thing, the latest first; nothing if it was never here."""
        return [self._event(place) for place in reversed(self._places.get(iri, []))]

    def last(self, iri: str) -> Event | None:
        """Return what became of a thing last."""
        places = self._places.get(iri)
        return self._event(places[-1]) if places else None

    def of_kind(self, kind: str, most: int) -> list[Event]:
        """Return what became of things of a kind, the latest first, not more than a number."""
        found = sorted(
            (place for iri, places in self._places.items() if self._kind(iri) == kind for place in places), reverse=True
        )
        return [self._event(place) for place in found[:most]]

    @cached_property
    def kinds(self) -> dict[str, int]:
        """How many changes there were of each kind of thing, in the order of the kinds."""
        counts: dict[str, int] = {}
        for iri, places in self._places.items():
            counts[self._kind(iri)] = counts.get(self._kind(iri), 0) + len(places)
        return dict(sorted(counts.items()))

    def _kind(self, iri: str) -> str:
        return kind_of(iri, self.base)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """The places in the log of what became of each thing, by its IRI."""
        places: dict[str, list[int]] = {}
        for event in self.events():
            places.setdefault(event.activity.object, []).append(event.place)
        return places

    def _event(self, place: int) -> Event:
        index = self._index(place)
        return self._read(index)[place - self.pages[index].before - 1]

    def _index(self, place: int) -> int:
        """Return the index of the page that a place is on."""
        return bisect_right(self.pages, place - 1, key=lambda page: page.before) - 1


def kind_of(iri: str, base: str) -> str:
    """Return of which kind a thing is: the part of its IRI that says so, if that begins with ``base``.

    >>> base = "https://w3id.org/cfit/"
    >>> kind_of("https://w3id.org/cfit/id/buyer-group/x", base), kind_of("https://example.org/x", base)
    ('buyer-group', 'other')
    """
    start = things(base)
    return iri.removeprefix(start).partition("/")[0] if iri.startswith(start) else OTHER


def is_headline(activity: Activity) -> bool:
    """Tell whether an activity is news, and not only about the records."""
    return activity.sentence in changes.HEADLINES


def news(events: Iterable[Event]) -> News:
    """Return activities as people want to read them."""
    ordered = sorted(events, key=lambda event: changes.rank(event.activity))
    return News(
        tuple(event for event in ordered if is_headline(event.activity)),
        tuple(event for event in ordered if not is_headline(event.activity)),
    )


def _pages(releases: Sequence[Release], ends: Sequence[Given], base: str) -> Iterator[Page]:
    for release, given in zip(releases, ends[1:], strict=True):
        counts = release.manifest["changes"]
        first, before = given.pages - counts["pages"], given.activities - counts["activities"]
        for part in range(1, counts["pages"] + 1):
            yield Page(first + part, release, part, before + (part - 1) * changes.PAGE, base)
