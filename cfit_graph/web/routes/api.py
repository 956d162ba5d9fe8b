"""The REST API: collections that can be filtered and paged, their items, and a search by name.

JSON answers are JSON-LD of our context. A page says of itself that it is a document; all else that it says is in the
graph. Addresses in answers are absolute and within the release that was asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, Response

from cfit_graph.collection import COLLECTIONS, RELEASE, SEARCH, asking, jsonld, table
from cfit_graph.errors import UnknownEntity
from cfit_graph.namespaces import CONTEXT, LICENCE
from cfit_graph.statements import Statements
from cfit_graph.texts import API, RECONCILE
from cfit_graph.web import documents, links, openapi, pages
from cfit_graph.web.links import Link
from cfit_graph.web.routes.entities import describe
from cfit_graph.web.site import address_of, site_of

if TYPE_CHECKING:
    from cfit_graph.collection import Collection
    from cfit_graph.collection.asking import Asked
    from cfit_graph.search import Match
    from cfit_graph.web.site import Site

router = APIRouter()

ROOT: Final = "/api/v1"
"""Where the API begins; the number is that of its major version."""


@router.api_route("/api", methods=["GET", "HEAD"])
@router.api_route(ROOT, methods=["GET", "HEAD"])
def overview(request: Request) -> Response:
    """Show people what the API has: its collections and their filters, each with examples to open."""
    headers = links.header([Link("service-desc", address_of(request, "/openapi.json"), "application/json")])
    shown: dict[str, Any] = {"words": API, "collections": (*COLLECTIONS.values(), SEARCH), "root": ROOT}
    shown |= {"reconcile": RECONCILE, "address_of_reconcile": address_of(request, "/reconcile")}
    return pages.render(request, "api.html", headers=headers, **shown)


@router.api_route("/openapi.json", methods=["GET", "HEAD"])
@router.api_route(ROOT + "/openapi.json", methods=["GET", "HEAD"])
def description(request: Request) -> Response:
    """Describe the API to programs, with examples from the data."""
    site, address = site_of(request), address_of(request, ROOT)
    reader, licence = site.collections, {"name": "CC0 1.0", "url": LICENCE} if site.release else None
    told = (address, licence, reader.context, site.names, reader.values, _examples(request))
    return JSONResponse(openapi.document(*told, may_choose=site.may_choose))


@router.api_route(ROOT + "/search", methods=["GET", "HEAD"])
def search(request: Request) -> Response:
    """Find anything by its name."""
    media_type, _ = documents.choose(request, "", None, jsonld.MEDIA_TYPES)
    reader, asked = site_of(request).collections, _read(request, SEARCH)
    found, position = reader.search(asked, asked.limit or asking.DEFAULT)
    entries = reader.entries([match.thing for match in found], SEARCH.fields)
    items = [entry | {"match": _match(match)} for entry, match in zip(entries, found, strict=True)]
    page = _page(request, asked, items, _next(request, asked, position), match=None)
    return JSONResponse(page, 200, {"Vary": "Accept"} | _next_link(page["next"]), media_type)


@router.api_route(ROOT + "/{name}", methods=["GET", "HEAD"])
def collection(request: Request, name: str) -> Response:
    """List what is in a collection, as JSON or as a table; or tell what the columns of the table mean."""
    base, dot, suffix = name.partition(".")
    of = _collection(base)
    if suffix in table.METADATA:
        return _metadata(request, of, suffix)
    path = f"{ROOT}/{base}"
    formats = jsonld.MEDIA_TYPES | table.MEDIA_TYPES
    media_type, headers = documents.choose(request, path, suffix if dot else None, formats)
    asked = _read(request, of)
    headers["Content-Location"] += _query(request, asked, asked.position)
    if media_type in table.MEDIA_TYPES.values():
        return _table(request, asked, headers)
    page = _list(request, asked)
    return JSONResponse(page, 200, headers | _next_link(page["next"]), media_type)


@router.api_route(ROOT + "/{collection}/{name}", methods=["GET", "HEAD"])
def item(request: Request, collection: str, name: str) -> Response:
    """Tell of one item; of one that is retired what is left of it, as its document does."""
    slug, dot, suffix = name.partition(".")
    of, site = _collection(collection), site_of(request)
    path = f"{ROOT}/{collection}/{quote(slug)}"
    media_type, headers = documents.choose(request, path, suffix if dot else None, jsonld.MEDIA_TYPES)
    retired = site.retired.get(site.edition.thing(f"{of.kind}/{slug}"))
    if retired and retired.release:
        content = _left(site, of, f"{of.kind}/{slug}")
    else:
        content = site.collections.item(of, site.collections.find(of, slug))
    return JSONResponse(content, 410 if retired else 200, headers, media_type)


def _left(site: Site, of: Collection, name: str) -> dict[str, Any]:
    """Return what is left of an item that is gone: what it was called, and what replaces it."""
    described, _ = describe(site, name)
    said = Statements(described.triples).of(described.iri)
    values = {prop: list(found) for prop, found in said.items()}
    return {"@context": CONTEXT} | site.collections.context.node(described.iri, values, of.fields)


def _collection(name: str) -> Collection:
    if name not in COLLECTIONS:
        raise UnknownEntity(f"There is no collection {name[:100]!r}. There are {', '.join(COLLECTIONS)}.")
    return COLLECTIONS[name]


def _read(request: Request, of: Collection) -> Asked:
    site, sent = site_of(request), request.scope["query_string"].decode("utf-8", "replace")
    elsewhere = (RELEASE,) if site.may_choose else ()
    return asking.read(sent, of, site.collections.values, site.version, site.place_since, elsewhere=elsewhere)


def _list(request: Request, asked: Asked) -> dict[str, Any]:
    reader = site_of(request).collections
    found = reader.page(asked, asked.limit or asking.DEFAULT)
    entries = reader.entries(found.iris, asked.collection.fields)
    return _page(request, asked, entries, _next(request, asked, found.next))


def _table(request: Request, asked: Asked, headers: dict[str, str]) -> Response:
    reader, of = site_of(request).collections, asked.collection
    found = reader.page(asked, asked.limit)
    body = table.write(table.columns(of, reader.context, reader.literal_types(of)), reader.said(found.iris))
    told = [Link("next", _next(request, asked, found.next, ".csv"))] if found.next else []
    for suffix, media_type in table.METADATA.items():
        address = _address(request, asked, asked.position, f".{suffix}")
        told.append(Link("describedby", address, media_type))
    return Response(body, 200, headers | links.header(told), "text/csv; charset=utf-8; header=present")


def _metadata(request: Request, of: Collection, suffix: str) -> Response:
    site, asked = site_of(request), _read(request, of)  # a table that cannot be had has no metadata
    shown = table.columns(of, site.collections.context, site.collections.literal_types(of))
    about: dict[str, Any] = {"dc:title": API["collections"][of.name]["title"]}
    if site.release:
        about["dc:license"] = {"@id": LICENCE}
    address = f"{of.name}.csv{_query(request, asked, asked.position)}"
    return JSONResponse(table.metadata(address, shown, about), media_type=table.METADATA[suffix])


def _page(
    request: Request, asked: Asked, items: list[dict[str, Any]], next_address: str, **unsaid: None
) -> dict[str, Any]:
    """Return a page: a document with items, and the address of the next page (``null`` after the last).

    ``unsaid`` names further members of items that say nothing about the world.
    """
    return {
        "@context": [CONTEXT, jsonld.PAGE | unsaid],
        "id": _address(request, asked, asked.position),
        "type": "Document",
        "items": items,
        "limit": asked.limit or asking.DEFAULT,
        "next": next_address or None,
    }


def _match(match: Match) -> dict[str, str]:
    """Return by which name a thing was found, and how (see ``search.MATCHES``)."""
    return {"name": match.name, "language": match.language, "how": match.how}


def _next(request: Request, asked: Asked, position: int | None, suffix: str = "") -> str:
    """Return the address of the next page; empty after the last."""
    return "" if position is None else _address(request, asked, position, suffix)


def _address(request: Request, asked: Asked, position: int, suffix: str = "") -> str:
    return address_of(request, f"{ROOT}/{asked.collection.name}{suffix}") + _query(request, asked, position)


def _query(request: Request, asked: Asked, position: int) -> str:
    """Return the part of an address that asks this from a position on."""
    cursor = asking.cursor(asked, site_of(request).version, position) if position else ""
    parameters = urlencode(asked.parameters(cursor))
    return f"?{parameters}" if parameters else ""


def _next_link(address: str | None) -> dict[str, str]:
    return links.header([Link("next", address)]) if address else {}


def _examples(request: Request) -> dict[str, Any]:
    """Return a page with one item of each collection that has any, and that item."""
    reader, found = site_of(request).collections, dict[str, Any]()
    for name, of in COLLECTIONS.items():
        page = _list(request, asking.Asked(of, limit=1))
        for entry in page["items"]:
            found |= {name: page, f"{name}/{{slug}}": reader.item(of, entry["id"])}
    return found
