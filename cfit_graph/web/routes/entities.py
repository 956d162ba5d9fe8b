"""Dereferencing (Cool URIs, 4.2): ``/id/…`` names a thing and leads by 303 to ``/doc/…``, which tells of it."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
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
from cfit_graph.web.site import address_of, base_of, place_of, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send

    from cfit_graph.entities import Description
    from cfit_graph.web.ready import Key
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
        asked = _asked(request, *address.groups())
        told = _told_at_once(request, asked)
        if told is None:
            told = await run_in_threadpool(_told, request, asked)
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
    asked = _asked(request, kind, name)
    return _told_at_once(request, asked) or _told(request, asked)


def make_ready(site: Site, server: tuple[str, int], name: str) -> bool:
    """Make the documents on a thing of a site ready, in every format, and tell whether there was room for them.

    ``server`` is where they will be asked for; ``name`` is the kind and slug of the thing: ``pact/cfit``.

    Raises:
        CfitError: as :func:`describe` does.
    """
    described, retired = describe(site, name)
    if described.is_retired:
        return True
    path = f"/doc/{quote(name)}"
    request = Request({"type": "http", "server": server, "path": path, "query_string": b"", "cfit.site": site})
    asked = (_Asked(name, path, media_type, {}) for media_type in documents.PAGE_OR_RDF.values())
    return all(site.ready.keep(_key(request, it), _body(request, it, described, retired)) for it in asked)


class _Asked(NamedTuple):
    """A document that is asked for: on which thing, at which path, as what, and the headers that go with it."""

    name: str
    path: str
    media_type: str
    headers: dict[str, str]


def _asked(request: Request, kind: str, name: str) -> _Asked:
    """Return which document a request is for; raises as :func:`documents.choose` does."""
    slug, dot, suffix = name.partition(".")
    path = f"/doc/{quote(kind)}/{quote(slug)}"
    media_type, headers = documents.choose(request, path, suffix if dot else None)
    return _Asked(f"{kind}/{slug}", path, media_type, headers | links.header(_links(request, f"{kind}/{slug}", path)))


def _links(request: Request, name: str, path: str) -> list[Link]:
    return links.of_document(request, path, quote(site_of(request).edition.thing(name), safe=":/%"))


def _told_at_once(request: Request, asked: _Asked) -> Response | None:
    """Return a document if it is ready: at the address of a release, or in a copy, it says other things."""
    site = site_of(request)
    if site.prefix or request.scope["query_string"] or "cfit.copy" in request.scope:
        return None
    body = site.ready.get(_key(request, asked))
    return None if body is None else Response(body, 200, asked.headers, asked.media_type)


def _key(request: Request, asked: _Asked) -> Key:
    """Return the key of a document that is ready; only pages have absolute addresses of ours in them."""
    return asked.name, asked.media_type, base_of(request) if asked.media_type == negotiation.HTML else ""


def _told(request: Request, asked: _Asked) -> Response:
    """Return a document; raises as :func:`describe` does."""
    described, retired = describe(site_of(request), asked.name)
    status = 410 if described.is_retired else 200
    return Response(_body(request, asked, described, retired), status, asked.headers, asked.media_type)


def _body(request: Request, asked: _Asked, described: Description, retired: Retired | None) -> bytes:
    """Return the body of a document, from what is said of its thing."""
    site = site_of(request)
    if asked.media_type != negotiation.HTML:
        return serialize(described.triples, asked.media_type, described.iri, site.context)
    shown: dict[str, Any] = {"entity": entities.read(described, site.names), "path": asked.path, "formats": GRAPHS}
    shown |= {"links": _links(request, asked.name, asked.path), "retired": retired, "retirement": RETIREMENT}
    shown["replacements"] = [_named(site, iri) for iri in retired.replaced_by] if retired else []
    shown["told"] = {_REPLACED} if shown["replacements"] else set()
    return bytes(pages.render(request, "entity.html", **shown).body)


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
