"""The log of changes for those who follow: ActivityStreams 2, Atom, and a Linked Data Event Stream."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, Response

from cfit_graph import feed
from cfit_graph.errors import UnknownEntity
from cfit_graph.feed import activitystreams, ldes
from cfit_graph.web import documents, negotiation, pages
from cfit_graph.web.headers import IMMUTABLE
from cfit_graph.web.site import address_of, place_of, site_of

if TYPE_CHECKING:
    from cfit_graph.feed import Page

router = APIRouter()

_ATOM: Final = "application/atom+xml"
_PAGE: Final = activitystreams.MEDIA_TYPES | {"html": negotiation.HTML}
_FEED: Final = _PAGE | {"atom": _ATOM}
_FEED_OR_STREAM: Final = _FEED | {name: it for name, it in ldes.MEDIA_TYPES.items() if name not in _FEED}
"""For who follows the IRI of the feed, which is the event stream as well: in RDF that is another document."""
_NEWEST: Final = 50
"""Releases in the Atom feed, and headlines of each."""


@router.api_route("/feed", methods=["GET", "HEAD"])
def collection(request: Request) -> Response:
    """Show the log: where its pages are."""
    return _collection(request, None)


@router.api_route("/feed.{suffix}", methods=["GET", "HEAD"])
def collection_in(request: Request, suffix: str) -> Response:
    """Show the log in the format of the suffix; ``.atom`` has its newest releases."""
    return _collection(request, suffix)


@router.api_route("/feed/page/{name}", methods=["GET", "HEAD"])
def page(request: Request, name: str) -> Response:
    """Show a page of the log; it never changes, but that the last one gets a link to the next."""
    shown, suffix = _named(request, name)
    media_type, headers = documents.choose(request, f"/feed/page/{shown.number}", suffix, _PAGE)
    log = site_of(request).log
    if "next" in log.around(shown) and media_type != negotiation.HTML:
        headers |= IMMUTABLE
    if media_type == negotiation.HTML:
        return pages.render(request, "feed-page.html", headers=headers, log=log, page=shown)
    return _json(activitystreams.page(log, shown, partial(address_of, request)), headers, media_type)


@router.api_route("/feed/ldes", methods=["GET", "HEAD"])
def stream(request: Request) -> Response:
    """Show the root node of the event stream."""
    return _stream(request, None)


@router.api_route("/feed/ldes.{suffix}", methods=["GET", "HEAD"])
def stream_in(request: Request, suffix: str) -> Response:
    """Show the root node in the format of the suffix."""
    return _stream(request, suffix)


@router.api_route("/feed/ldes/page/{name}", methods=["GET", "HEAD"])
def stream_page(request: Request, name: str) -> Response:
    """Show a page of the event stream; it never changes."""
    shown, suffix = _named(request, name)
    path = f"/feed/ldes/page/{shown.number}"
    media_type, headers = documents.choose(request, path, suffix, ldes.MEDIA_TYPES)
    content = ldes.page(shown, partial(address_of, request), media_type)
    return Response(content, 200, headers | IMMUTABLE, media_type)


def _collection(request: Request, suffix: str | None) -> Response:
    media_type, headers = documents.choose(request, "/feed", suffix, _FEED if suffix else _FEED_OR_STREAM)
    if media_type not in _FEED.values():
        return Response(status_code=303, headers={"Location": place_of(request, "/feed/ldes"), "Vary": "Accept"})
    log = site_of(request).log
    if media_type == negotiation.HTML:
        return pages.render(request, "feed.html", headers=headers, log=log)
    if media_type == _ATOM:
        return _atom(request, headers)
    return _json(activitystreams.collection(log, partial(address_of, request)), headers, media_type)


def _atom(request: Request, headers: dict[str, str]) -> Response:
    log = site_of(request).log
    newest = log.releases[: -_NEWEST - 1 : -1]
    entries = [(release, feed.news(log.of(release))) for release in newest]
    address = partial(address_of, request)
    return pages.render(
        request, "feed.xml", headers=headers, media_type=_ATOM, entries=entries, most=_NEWEST, address=address
    )


def _stream(request: Request, suffix: str | None) -> Response:
    media_type, headers = documents.choose(request, "/feed/ldes", suffix, ldes.MEDIA_TYPES)
    content = ldes.root(site_of(request).log, partial(address_of, request), media_type)
    return Response(content, 200, headers, media_type)


def _named(request: Request, name: str) -> tuple[Page, str | None]:
    """Return the page with a number, and the suffix if there is one.

    Raises:
        UnknownEntity: if there is no such page.
    """
    number, dot, suffix = name.partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise UnknownEntity(f"Pages of the feed are numbers, from 1; {number[:100]!r} is none.")
    return site_of(request).log.page(int(number)), suffix if dot else None


def _json(content: dict[str, object], headers: dict[str, str], media_type: str) -> Response:
    return JSONResponse(content, 200, headers, media_type)
