"""``/robots.txt`` and ``/sitemap.xml``: where search engines find every page, and what leads them nowhere."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response  # noqa: TC002

from cfit_graph.web import library, pages
from cfit_graph.web.site import address_of, site_of

router = APIRouter()

_CLOSED: Final = (
    "/changes?",
    "/cite",
    "/compare",
    "/organizations?",
    "/question/*?",
    "/reconcile",
    "/release/*/",
    "/sparql?",
    "/validate?",
)
"""Addresses made of others without end: of queries, of any two releases, and of each release all over again."""
_PAGES: Final = ("/", "/organizations", "/pacts", "/ns", "/shapes", "/api", "/question", "/sparql", "/validate")
_MOST: Final = 50_000  # addresses in one sitemap (sitemaps.org)


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
def robots(request: Request) -> Response:
    """Tell crawlers where the sitemap is, and where not to go (RFC 9309)."""
    url = address_of(request, "")
    return pages.render(request, "robots.txt", media_type="text/plain", url=url, closed=_CLOSED)


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
def sitemap(request: Request) -> Response:
    """List the pages: those to start from, and of each thing that has a name and is not retired, as many as may be."""
    site, url = site_of(request), address_of(request, "")
    named = site.index.things if site.version else ()
    addresses = (pages.href(iri, site.edition.base) for iri in named if iri not in site.retired)
    things = sorted({address for address in addresses if address.startswith("/doc/")})
    asked = [library.address(each, {}) for each in site.questions]
    first = (*_PAGES, *asked, "/changes", "/dataset", "/feed", "/quality", "/release") if site.release else ("/sparql",)
    listed = [*first, *things][:_MOST]
    return pages.render(request, "sitemap.xml", media_type="application/xml", url=url, pages=listed)
