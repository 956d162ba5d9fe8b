"""What changed: told to people by release, by thing and by kind of thing; listed for programs since any point."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, Response

from cfit_graph import feed
from cfit_graph.collection import RELEASE, SINCE, asking
from cfit_graph.collection.values import nearest
from cfit_graph.errors import BadParameters, UnknownEntity, WrongParameter
from cfit_graph.feed import activitystreams
from cfit_graph.namespaces import expand
from cfit_graph.web import links, negotiation, pages
from cfit_graph.web.links import Link
from cfit_graph.web.site import address_of, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cfit_graph.feed import Event, Log
    from cfit_graph.release import Release

router = APIRouter()
api = APIRouter()

PATH: Final = "/api/v1/changes"
_JSON: Final = "application/json"
_RELEASES: Final = 20
_SHOWN: Final = 200
_UNMAPPED: Final = {"limit": None}


@router.api_route("/changes", methods=["GET", "HEAD"])
def changes(request: Request) -> Response:
    """Tell people what changed, the latest first."""
    log, asked = site_of(request).log, request.query_params
    if asked.get("entity"):
        return _of_entity(request, log, expand(asked["entity"]))
    if asked.get("kind"):
        kind = _checked_kind(log, asked["kind"])
        found = log.of_kind(kind, _SHOWN)
        return _render(request, log, _by_release(found), kind=kind, more=log.kinds[kind] - len(found))
    end = log.releases.index(log.release(asked["before"])) if asked.get("before") else len(log.releases)
    start = max(end - _RELEASES, 0)
    shown = [(release, feed.news(log.of(release))) for release in reversed(log.releases[start:end])]
    return _render(request, log, shown, older=log.releases[start].version if start else "")


@api.api_route(PATH, methods=["GET", "HEAD"])
def listed(request: Request) -> Response:
    """List what changed since a point, the oldest first, in pages; a cursor is good for ever."""
    negotiation.choose(request.headers.get("accept", ""), (_JSON,))
    log = site_of(request).log
    asked = _read(request, log)
    most = asked["limit"] or asking.DEFAULT
    found = list(islice(_matching(log, asked), most + 1))
    more = {"cursor": str(found[most - 1].place)} if len(found) > most else {}
    sent = {name: value for name, value in request.query_params.items() if name != "cursor"}
    address = address_of(request, PATH)
    following = f"{address}?{urlencode(sent | more)}" if more else None
    content = {
        "@context": [*activitystreams.CONTEXT, _UNMAPPED],
        "id": f"{address}?{request.url.query}" if request.url.query else address,
        "type": "CollectionPage",
        "partOf": {"id": address_of(request, "/feed"), "type": "OrderedCollection"},
        "items": activitystreams.activities(found[:most]),
        "limit": most,
        "next": following,
    }
    headers = links.header([Link("next", following)]) if following else {}
    return JSONResponse(content, 200, headers)


def _checked_kind(log: Log, text: str) -> str:
    try:
        return _kind(log, text)
    except ValueError as error:
        raise BadParameters([WrongParameter("kind", str(error))]) from None


def _of_entity(request: Request, log: Log, iri: str) -> Response:
    found = log.history(iri)
    if not found:
        raise UnknownEntity(_never_known(iri))
    return _render(request, log, _by_release(found[:_SHOWN]), entity=iri, more=max(len(found) - _SHOWN, 0))


def _render(request: Request, log: Log, shown: list[tuple[Release, feed.News]], **values: Any) -> Response:
    given: dict[str, Any] = {"entity": "", "kind": "", "older": "", "more": 0} | values
    return pages.render(request, "changes.html", log=log, shown=shown, **given)


def _by_release(events: Sequence[Event]) -> list[tuple[Release, feed.News]]:
    """Return activities, the latest first, by release."""
    releases = {event.release.version: event.release for event in events}
    return [
        (release, feed.news(event for event in events if event.release.version == version))
        for version, release in releases.items()
    ]


def _matching(log: Log, asked: dict[str, Any]) -> Iterable[Event]:
    after = max(asked[SINCE] or 0, asked["cursor"] or 0)
    if asked["entity"]:
        events: Iterable[Event] = (event for event in reversed(log.history(asked["entity"])) if event.place > after)
    else:
        events = log.events(after)
    return (event for event in events if asked["kind"] in (None, event.kind))


def _read(request: Request, log: Log) -> dict[str, Any]:
    """Return what each parameter asks for; ``None`` where it is not given.

    Raises:
        BadParameters: naming everything that is wrong with them.
    """
    readers = {
        SINCE: log.since,
        "entity": partial(_entity, log),
        "kind": partial(_kind, log),
        "limit": lambda text: int(asking.limit(text)),
        "cursor": partial(_place, log),
    }
    asked: dict[str, Any] = dict.fromkeys(readers)
    elsewhere = (RELEASE,) if site_of(request).may_choose else ()
    wrong = []
    for name in request.query_params:
        try:
            asked[name] = _reader(readers, name, elsewhere)(asking.only(request.query_params.getlist(name)))
        except ValueError as error:
            wrong.append(WrongParameter(name[:100], str(error)))
    if wrong:
        raise BadParameters(sorted(wrong))
    return asked


def _reader(readers: dict[str, Any], name: str, elsewhere: tuple[str, ...]) -> Any:
    if name not in readers:
        there = nearest(name, (*readers, *elsewhere))
        raise ValueError(f"There is no such parameter here. There is {', '.join(there)}.")
    return readers[name]


def _entity(log: Log, text: str) -> str:
    iri = expand(text)
    if log.last(iri) is None:
        raise ValueError(_never_known(iri))
    return iri


def _never_known(iri: str) -> str:
    return f"Nothing is known of {iri[:200]!r}, and nothing was. Give an IRI as its page has it."


def _kind(log: Log, text: str) -> str:
    if text not in log.kinds:
        there = ", ".join(nearest(text, log.kinds)) or "none"
        raise ValueError(f"Nothing of this kind ever changed. Nearest: {there}.")
    return text


def _place(log: Log, text: str) -> int:
    if not (asking.NUMBER.fullmatch(text) and int(text) <= log.end):
        raise ValueError("It is no cursor of this list. Take it from `next` of the page before.")
    return int(text)
