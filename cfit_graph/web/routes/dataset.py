"""The dataset tells of itself: its description, its dumps, and what leads to them without a link."""

from __future__ import annotations

import gzip
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from cfit_graph import dataset, queries
from cfit_graph.errors import QuerySyntaxError, UnknownEntity
from cfit_graph.namespaces import graph
from cfit_graph.serialization import serialize
from cfit_graph.store.formats import GRAPHS
from cfit_graph.store.rows import holds
from cfit_graph.web import documents, links, negotiation, pages
from cfit_graph.web.cache import Entry
from cfit_graph.web.headers import Wanted
from cfit_graph.web.links import LINKSET, SPDX, Link
from cfit_graph.web.site import address_of, place_of, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

router = APIRouter()

_CATALOG = f'{LINKSET}; profile="https://www.rfc-editor.org/info/rfc9727"'
_RANGES = re.compile(rb"bytes=[ \t]*(?:\d+-\d*|-\d+)(?:[ \t]*,[ \t]*(?:\d+-\d*|-\d+))*")
_PIECE = 1 << 20
_TYPES = ("https://schema.org/Dataset", "https://schema.org/AboutPage")


@router.api_route("/dataset", methods=["GET", "HEAD"])
def description(request: Request) -> Response:
    """Describe the dataset, as a page or as RDF."""
    return _description(request, None)


@router.api_route("/dataset.{suffix}", methods=["GET", "HEAD"])
def description_in(request: Request, suffix: str) -> Response:
    """Describe the dataset in the format of the suffix."""
    return _description(request, suffix)


@router.api_route("/dataset/linkset.json", methods=["GET", "HEAD"])
def linkset(request: Request) -> Response:
    """Give the links of the dataset, its dumps and its descriptions at once (FAIR Signposting, level 2)."""
    page = address_of(request, "/dataset")
    told = {page: _links(request)}
    told |= {link.target: links.belonging(request) for link in _items(request)}
    told |= {link.target: [Link("describes", page)] for link in links.formats(request, "/dataset", "describedby")}
    return JSONResponse(links.linkset(told), media_type=LINKSET)


@router.api_route("/graph/{name:path}", methods=["GET", "HEAD"])
def named_graph(request: Request, name: str) -> Response:
    """Lead to all statements of a named graph."""
    site = site_of(request)
    iri = graph(name, site.edition.base)
    try:
        is_here = holds(site.store, queries.load("has-graph", graph=iri))
    except (ValueError, QuerySyntaxError):  # it is no IRI
        is_here = False
    if not is_here:
        raise UnknownEntity(f"There is no graph {iri[:200]!r}. GET /sparql describes those there are.")
    asked = urlencode({"query": queries.body(queries.load("statements-of-graph", graph=iri))})
    return Response(status_code=303, headers={"Location": place_of(request, f"/sparql?{asked}")})


@router.api_route("/dump/{name}", methods=["GET", "HEAD"])
def dump(request: Request, name: str) -> Response:
    """Give the whole graph in one file, compressed as it is kept, or without ``.gz`` as RDF for who loads addresses."""
    release = site_of(request).release
    found = {it.name: it for it in dataset.dumps(release)}
    it = found.get(name) or found.get(f"{name}.gz")
    if release is None or it is None:
        raise UnknownEntity(f"There is no dump {name[:100]!r}; there are {', '.join(found) or 'none'}.")
    is_packed = it.name == name
    coding = "" if is_packed else negotiation.coding(request.headers.get("accept-encoding", ""), ("gzip",))
    variant = "" if is_packed else f"-{coding or 'unpacked'}"
    headers = {"ETag": f'"{it.sha256}{variant}"'} | links.header([*links.belonging(request), _linkset(request)])
    headers |= documents.modified(request) | ({} if is_packed else {"Vary": "Accept-Encoding"})
    unchanged = Response(status_code=304, headers=headers)
    if Entry(tuple(unchanged.raw_headers), b"", headers["ETag"].encode()).is_had_by(Wanted.of(request.scope)):
        return unchanged
    path, media_type = release.path / "dump" / it.name, "application/gzip" if is_packed else it.media_type
    if is_packed or coding:
        headers |= {"Content-Encoding": coding} if coding else {}
        return _File(path, headers=headers, media_type=media_type)
    return StreamingResponse(_unpacked(path) if request.method == "GET" else (), 200, headers, media_type)


def _unpacked(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        while piece := file.read(_PIECE):
            yield piece


class _File(FileResponse):
    """A file, parts of it by range; what asks for none in bytes is passed over (RFC 9110, 14.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = scope["headers"]
        is_range = scope["method"] == "GET" and _RANGES.fullmatch(dict(sent).get(b"range", b""))
        headers = sent if is_range else [header for header in sent if header[0] != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)


@router.api_route("/.well-known/void", methods=["GET", "HEAD"])
def well_known(request: Request) -> Response:
    """Lead to the description (VoID, 7.2)."""
    return Response(status_code=302, headers={"Location": place_of(request, "/dataset")})


@router.api_route("/.well-known/api-catalog", methods=["GET", "HEAD"])
def api_catalog(request: Request) -> Response:
    """List what programs can ask here, and where that is described (RFC 9727)."""
    address = partial(address_of, request)
    here, sparql, api = map(address, ("/.well-known/api-catalog", "/sparql", "/api/v1"))
    standard = Link("service-doc", "https://www.w3.org/TR/sparql11-protocol/", "text/html")
    told = {
        here: [Link("item", sparql, "text/turtle"), Link("item", api, "text/html")],
        sparql: [standard, Link("service-meta", sparql, "text/turtle")],
        api: [
            Link("service-desc", address("/openapi.json"), "application/json"),
            Link("service-doc", address("/api"), "text/html"),
        ],
    }
    if "cfit.copy" not in request.scope:  # files answer no such questions
        reconcile = address("/reconcile")
        told[here].append(Link("item", reconcile, "application/json"))
        told[reconcile] = [
            Link("service-doc", "https://reconciliation-api.github.io/specs/0.2/", "text/html"),
            Link("service-meta", reconcile, "application/json"),
        ]
    if site_of(request).release:
        feed = address("/feed")
        told[here].append(Link("item", feed, "application/activity+json"))
        told[feed] = [
            Link("service-doc", "https://iiif.io/api/discovery/1.0/", "text/html"),
            Link("service-meta", address("/feed/ldes"), "text/turtle"),
        ]
    return JSONResponse(links.linkset(told), 200, links.header([Link("api-catalog", here)]), _CATALOG)


def _description(request: Request, suffix: str | None) -> Response:
    site = site_of(request)
    media_type, headers = documents.choose(request, "/dataset", suffix)
    iri, page = f"{site.edition.base}dataset", address_of(request, "/dataset")
    described = dataset.describe(site.store, site.edition.base, site.counts, site.release, partial(address_of, request))
    if media_type == negotiation.HTML:
        typed = _links(request)
        shown: dict[str, Any] = {"links": typed, "formats": GRAPHS, "iri": iri, "dumps": dataset.dumps(site.release)}
        shown["about"] = dataset.schema_org(described, iri, links.cited(request))
        shown["schema"] = _embedded(shown["about"])
        headers |= links.header(typed)
        return pages.render(request, "dataset.html", headers=headers, **shown)
    headers |= links.header([Link("describes", page), *links.belonging(request), _linkset(request)])
    lines = sorted(described.serialize(format="nt11", encoding="utf-8").splitlines(keepends=True))
    return Response(serialize(b"".join(lines), media_type, iri, site.context), 200, headers, media_type)


def _links(request: Request) -> list[Link]:
    """Return the links of the page on the dataset (FAIR Signposting, level 1)."""
    return [
        Link("cite-as", links.cited(request)),
        *(Link("type", kind) for kind in _TYPES),
        *([Link("license", SPDX)] if site_of(request).release else []),
        *links.formats(request, "/dataset", "describedby"),
        *_items(request),
        _linkset(request),
        Link("api-catalog", address_of(request, "/.well-known/api-catalog"), LINKSET),
    ]


def _linkset(request: Request) -> Link:
    return Link("linkset", address_of(request, "/dataset/linkset.json"), LINKSET)


def _items(request: Request) -> list[Link]:
    release = site_of(request).release
    return [Link("item", address_of(request, f"/dump/{it.name}"), "application/gzip") for it in dataset.dumps(release)]


def _embedded(told: object) -> str:
    """Return JSON that can stand in a page: nothing in it ends the element."""
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
