"""Dereferencing (Cool URIs, 4.2): ``/id/…`` names a thing and leads by 303 to ``/doc/…``, which tells of it."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cfit_graph import entities, release
from cfit_graph.changes.retired import Retired
from cfit_graph.collection import values
from cfit_graph.entities import Edition, Value
from cfit_graph.errors import CfitError, ReleaseError, UnknownEntity
from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.serialization import serialize
from cfit_graph.store.formats import GRAPHS
from cfit_graph.texts import RETIREMENT
from cfit_graph.web import documents, links, negotiation, pages, problems
from cfit_graph.web.links import Link
from cfit_graph.web.site import address_of, place_of, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send

    from cfit_graph.entities import Description
    from cfit_graph.web.site import Site

router = APIRouter()

_SHOWN = 5
_REPLACED: Final = VOCABULARIES["dcterms"] + "isReplacedBy"
DOCUMENT: Final = re.compile("/doc/([^/]+)/([^/]+)")
"""The address of a document on a thing."""


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell of a thing, as :func:`document` does; without FastAPI, which takes longer than a small document."""
    request, address = Request(scope), DOCUMENT.fullmatch(scope["path"])
    assert address  # noqa: S101 - others are not sent here
    try:
        told = await run_in_threadpool(document, request, *address.groups())
    except CfitError as error:
        told = problems.of_error(request, error)
    await told(scope, receive, send)


@router.api_route("/id/{kind}/{slug}", methods=["GET", "HEAD"])
def thing(request: Request, kind: str, slug: str) -> Response:
    """Lead from a thing to its document; always to the same one, which negotiates, and which tells if it is retired."""
    site, name = site_of(request), f"{kind}/{slug}"
    if site.edition.thing(name) not in site.retired:
        with _nearest_named(site, name):
            entities.require(site.store, name, site.edition)
    path = f"/doc/{quote(kind, safe='')}/{quote(slug, safe='')}"
    told = [Link("describedby", address_of(request, path)), *links.belonging(request)]
    return Response(status_code=303, headers={"Location": place_of(request, path)} | links.header(told))


@router.api_route("/doc/{kind}/{name}", methods=["GET", "HEAD"])
def document(request: Request, kind: str, name: str) -> Response:
    """Tell of a thing in the format that the Accept header, or else the suffix, asks for."""
    site, (slug, dot, suffix) = site_of(request), name.partition(".")
    path = f"/doc/{quote(kind)}/{quote(slug)}"
    media_type, headers = documents.choose(request, path, suffix if dot else None)
    described, retired = describe(site, f"{kind}/{slug}")
    status = 410 if described.is_retired else 200
    typed = links.of_document(request, path, quote(described.iri, safe=":/%"))
    headers |= links.header(typed)
    if media_type == negotiation.HTML:
        shown: dict[str, Any] = {"entity": entities.read(described, site.names), "path": path, "formats": GRAPHS}
        shown |= {"links": typed, "retired": retired, "retirement": RETIREMENT}
        shown["replacements"] = [_named(site, iri) for iri in retired.replaced_by] if retired else []
        shown["told"] = {_REPLACED} if shown["replacements"] else set()
        return pages.render(request, "entity.html", status=status, headers=headers, **shown)
    body = serialize(described.triples, media_type, described.iri, site.context)
    return Response(body, status, headers, media_type)


def describe(site: Site, name: str) -> tuple[Description, Retired | None]:
    """Return what is said of a thing, and since when it is gone if it is.

    Raises:
        UnknownEntity: if it never was here; says what is, the nearest first.
    """
    iri = site.edition.thing(name)
    retired = site.retired.get(iri)
    if retired and retired.release:
        return _tombstone(site, name, retired), retired
    with _nearest_named(site, name):
        described = entities.describe(site.store, name, site.edition)
    return described, retired or (Retired(None) if described.is_retired else None)


def _named(site: Site, iri: str) -> Value:
    """Return what takes the place of something, by its name if it has one."""
    start, text = site.edition.thing(""), iri
    if iri.startswith(start):
        with suppress(CfitError):
            text = entities.read(describe(site, iri.removeprefix(start))[0], site.names).title.text
    return Value(text, iri)


@contextmanager
def _nearest_named(site: Site, name: str) -> Iterator[None]:
    """Name the nearest things there are where one is unknown."""
    try:
        yield
    except UnknownEntity as error:
        raise UnknownEntity(str(error), _nearest(site, name)) from None


def _tombstone(site: Site, name: str, retired: Retired) -> Description:
    """Return what is left of a thing that is gone; its names only if the release that had it last is still here."""
    assert site.release  # noqa: S101 - only releases know what is gone
    assert retired.release  # noqa: S101 - it is gone
    said: list[str] = []
    edition = Edition(site.edition.base, retired.release, site.edition.published)
    with suppress(ReleaseError, OSError):
        last = release.read(site.release.path.parent / retired.release)
        said = last.said_of(edition.thing(name))
    return entities.tombstone(name, edition, retired, said)


def _nearest(site: Site, name: str) -> list[str]:
    """Return which documents there are whose names are most like one."""
    if not site.version:
        return []
    start = site.edition.thing("")
    names = (thing.removeprefix(start) for thing in site.index.things if thing.startswith(start))
    return values.nearest(name, names)[:_SHOWN]
