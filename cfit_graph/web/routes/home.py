"""The home page and the lists people start from."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response  # noqa: TC002

from cfit_graph import queries
from cfit_graph.errors import UnknownEntity
from cfit_graph.store.rows import rows
from cfit_graph.web import pages
from cfit_graph.web.site import site_of

router = APIRouter()


@router.api_route("/", methods=["GET", "HEAD"])
def home(request: Request) -> Response:
    """Say what this is, how much there is, and where to go."""
    site = site_of(request)
    if site.release is None:
        classes = rows(site.store, queries.load("list-classes"))
        for row in classes:
            row["query"] = queries.load("things-of-class", **{"class": row["class"]["value"]})
        return pages.render(request, "files.html", classes=classes, first=queries.load("first-statements"))
    return pages.render(
        request,
        "home.html",
        counts=rows(site.store, queries.load("count-graph"))[0],
        roles=rows(site.store, queries.load("count-affiliations")),
    )


@router.api_route("/organizations", methods=["GET", "HEAD"])
def organizations(request: Request) -> Response:
    """List every organization, or with ``q`` those that have a name with these words, present or former."""
    asked = request.query_params.get("q", "").strip()
    index = site_of(request).index if asked else None
    names = {match.thing: match.name for match in index.search(asked)} if index else {}
    return _list(request, "organizations.html", "list-organizations", asked=asked, names=names)


@router.api_route("/pacts", methods=["GET", "HEAD"])
def pacts(request: Request) -> Response:
    """List every pact and other collaboration."""
    return _list(request, "pacts.html", "list-pacts")


def _list(request: Request, template: str, name: str, **values: Any) -> Response:
    if site_of(request).release is None:
        raise UnknownEntity("Other files than a release are served here, so there is no such list.")
    sparql = queries.load(name)
    return pages.render(request, template, sparql=sparql, rows=rows(site_of(request).store, sparql), **values)
