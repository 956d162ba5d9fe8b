"""The log as ActivityStreams 2, in the order of IIIF Change Discovery 1.0: the oldest page and activity first.

Documents are JSON-LD. Activities are named by IRIs that last; collections and pages by their addresses here, which a
client follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cfit_graph.namespaces import FEED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cfit_graph.feed import Event, Log, Page

MEDIA_TYPES: Final = {"json": "application/activity+json", "jsonld": "application/ld+json"}
"""Media types by suffix; the documents are the same."""

OWN: Final[dict[str, Any]] = {
    "feed": f"{FEED}#",
    "added": {"@id": "feed:added", "@container": "@set"},
    "removed": {"@id": "feed:removed", "@container": "@set"},
    "place": "feed:place",
}
"""The part of the context that is ours: the exact statements, as lines of canonical N-Quads, and the place."""

_ENDS: Final = {"first": 0, "last": -1}
CONTEXT: Final = ["https://www.w3.org/ns/activitystreams", OWN]


def collection(log: Log, address: Callable[[str], str]) -> dict[str, Any]:
    """Return the log as an ``OrderedCollection``; ``address`` gives the absolute address of a path."""
    ends = {name: _reference(log.pages[index].number, address) for name, index in _ENDS.items() if log.pages}
    return {
        "@context": CONTEXT,
        "id": address("/feed"),
        "type": "OrderedCollection",
        "totalItems": log.total,
        **ends,
    }


def page(log: Log, shown: Page, address: Callable[[str], str]) -> dict[str, Any]:
    """Return a page of the log as an ``OrderedCollectionPage``."""
    links = {name: _reference(beside.number, address) for name, beside in log.around(shown).items()}
    return {
        "@context": CONTEXT,
        "id": address(f"/feed/page/{shown.number}"),
        "type": "OrderedCollectionPage",
        "partOf": {"id": address("/feed"), "type": "OrderedCollection"},
        **links,
        "startIndex": shown.before,
        "orderedItems": activities(shown.events()),
    }


def activities(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return activities as members of a page."""
    return [_activity(event) for event in events]


def _activity(event: Event) -> dict[str, Any]:
    activity = event.activity
    return {
        "id": event.iri,
        "type": activity.type,
        "object": {"id": activity.object, "type": list(activity.object_types)},
        "published": event.published,
        "endTime": event.published,
        "context": event.release_iri,
        "place": event.place,
        "summaryMap": {"en": activity.summary},
        "added": list(activity.added),
        "removed": list(activity.removed),
    }


def _reference(number: int, address: Callable[[str], str]) -> dict[str, str]:
    return {"id": address(f"/feed/page/{number}"), "type": "OrderedCollectionPage"}
