"""Dereferencing (Cool URIs, 4.2): ``/id/…`` names a thing and leads by 303 to ``/doc/…``, which tells of it."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from cfit_graph import entities
from cfit_graph.store.formats import GRAPHS
from cfit_graph.web import documents, negotiation, pages
from cfit_graph.web.site import site_of

router = APIRouter(include_in_schema=False)


@router.api_route("/id/{kind}/{slug}", methods=["GET", "HEAD"])
def thing(request: Request, kind: str, slug: str) -> Response:
    """Lead from a thing to its document; always to the same one, which negotiates."""
    site = site_of(request)
    path = f"{site.prefix}/doc/{quote(kind, safe='')}/{quote(slug, safe='')}"
    return Response(status_code=303, headers={"Location": site.settings.public_url + path})


@router.api_route("/doc/{kind}/{name}", methods=["GET", "HEAD"])
def document(request: Request, kind: str, name: str) -> Response:
    """Tell of a thing in the format that the Accept header, or else the suffix, asks for."""
    slug, dot, suffix = name.partition(".")
    path = f"/doc/{quote(kind)}/{quote(slug)}"
    media_type, headers = documents.choose(request, path, suffix if dot else None)
    site, iri = site_of(request), entities.iri_of(kind, slug)
    if media_type == negotiation.HTML:
        entity = entities.entity(site.store, iri, site.names)
        return pages.render(request, "entity.html", headers=headers, entity=entity, path=path, formats=GRAPHS)
    return Response(entities.describe(site.store, iri, media_type), 200, headers, media_type)
