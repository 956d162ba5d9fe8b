"""What changed from one graph to another: one activity for each thing of which something else is said.

Graphs are canonical lines (:mod:`cfit_graph.nquads`) that can be gone through more than once. An activity is what
ActivityStreams 2 calls by that name, with the exact lines added and removed, so that the activities of all releases,
one after the other, give the graph.
"""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from cfit_graph.changes.records import Record, members, names
from cfit_graph.changes.sentences import HEADLINES, Change, tell
from cfit_graph.namespaces import things
from cfit_graph.texts import CHANGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["HEADLINES", "PAGE", "Activity", "as_json", "between", "in_order_of_news", "pages", "rank", "read"]

PAGE: Final = 100
"""The most activities that a page has."""

_ORDER = list(CHANGES)


@dataclass(frozen=True)
class Activity:
    """What became of one thing, told by a sentence of ``texts.CHANGES``; lines end without a line feed.

    ``type`` is Create, Update or Delete (ActivityStreams 2): Delete of all that is retired, or no longer there.
    ``number`` counts from 1 in each release.
    """

    number: int
    type: str
    object: str
    object_types: tuple[str, ...]
    sentence: str
    summary: str
    added: tuple[str, ...]
    removed: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as a page holds it; members that ActivityStreams has are called as there."""
        return {
            "number": self.number,
            "type": self.type,
            "object": {"id": self.object, "type": self.object_types},
            "sentence": self.sentence,
            "summary": self.summary,
            "added": self.added,
            "removed": self.removed,
        }


def between(
    before: Iterable[str],
    after: Iterable[str],
    base: str,
    former: Mapping[str, Record] = MappingProxyType({}),
    *,
    restores: bool = False,
) -> Iterator[Activity]:
    """Yield what changed from one graph to another, in the order of the things' IRIs, which begin with ``base``.

    ``former`` is what was said of things, by IRI, before they were retired; ``restores`` says that the other graph is
    an older one again.
    """
    known = names(line for record in former.values() for line in record.lines) | names(before) | names(after)
    ties = members(before), members(after)
    changed = ((old, new) for old, new in _by_subject(before, after) if old != new)
    for number, (old, new) in enumerate(changed, 1):
        subject = (new or old)[0].partition(" ")[0].strip("<>")
        was = former.get(subject, Record())
        yield _activity(number, Change(subject, Record(old), Record(new), known, base, ties, was, restores))


def in_order_of_news(activities: Iterable[Activity]) -> list[Activity]:
    """Return activities as people want to read them: the greatest news first."""
    return sorted(activities, key=rank)


def rank(activity: Activity) -> tuple[int, str, str]:
    """Return what activities are ordered by for people: how great the news is, then the words."""
    return _ORDER.index(activity.sentence), activity.summary, activity.object


def pages(activities: Iterable[Activity]) -> Iterator[list[Activity]]:
    """Yield activities as the pages of the log hold them; each page is full but the last."""
    rest = iter(activities)
    while page := list(islice(rest, PAGE)):
        yield page


def as_json(activities: Iterable[Activity]) -> str:
    """Return activities as a JSON array, one in a line."""
    told = (json.dumps(activity.as_json(), ensure_ascii=False) for activity in activities)
    return "[\n" + ",\n".join(told) + "\n]\n"


def read(page: Path) -> list[Activity]:
    """Return the activities of a page."""
    return [_from_json(told) for told in json.loads(page.read_text("utf-8"))]


def _by_subject(before: Iterable[str], after: Iterable[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the lines of each subject in two sorted graphs side by side."""
    merged = heapq.merge(_groups(before, 0), _groups(after, 1), key=itemgetter(0))
    for _, found in groupby(merged, key=itemgetter(0)):
        sides = {side: lines for _, side, lines in found}
        yield sides.get(0, []), sides.get(1, [])


def _groups(lines: Iterable[str], side: int) -> Iterator[tuple[str, int, list[str]]]:
    for subject, group in groupby(lines, key=lambda line: line.partition(" ")[0]):
        yield subject, side, list(group)


def _activity(number: int, change: Change) -> Activity:
    sentence, summary = tell(change)
    old, new = set(change.before.lines), set(change.after.lines)
    return Activity(
        number=number,
        type=_type(change),
        object=change.subject,
        object_types=change.present.types() or change.former.types(),
        sentence=sentence,
        summary=summary,
        added=tuple(line.removesuffix("\n") for line in change.after.lines if line not in old),
        removed=tuple(line.removesuffix("\n") for line in change.before.lines if line not in new),
    )


def _type(change: Change) -> str:
    """Return what became of a thing for those who ask for it: of ours nothing is there any more that is retired."""
    is_ours = change.subject.startswith(things(change.base))
    was_there, is_there = (bool(it.lines) and not (is_ours and it.is_retired) for it in (change.before, change.after))
    return "Delete" if not is_there else "Update" if was_there else "Create"


def _from_json(told: dict[str, Any]) -> Activity:
    return Activity(
        number=told["number"],
        type=told["type"],
        object=told["object"]["id"],
        object_types=tuple(told["object"]["type"]),
        sentence=told["sentence"],
        summary=told["summary"],
        added=tuple(told["added"]),
        removed=tuple(told["removed"]),
    )
