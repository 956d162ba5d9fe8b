"""TimeMaps (RFC 7089, 5): which releases have a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from cfit_graph.errors import UnknownEntity
from cfit_graph.web import memento
from cfit_graph.web.site import site_of

if TYPE_CHECKING:
    from cfit_graph.release import Release
    from cfit_graph.web.sites import Sites

router = APIRouter()


@router.api_route("/timemap/{path:path}", methods=["GET", "HEAD"])
def timemap(request: Request, path: str) -> Response:
    """List the releases that have the document at a path, each with its address and its time."""
    having = _having(request, f"/{path}")
    if not having:
        raise UnknownEntity("No release has a document at that address. Try /timemap/ and the path of a page or /doc/.")
    return Response(memento.timemap(request, memento.written(request, f"/{path}"), having), media_type=memento.TIMEMAP)


def _having(request: Request, path: str) -> list[Release]:
    sites: Sites = request.app.state.sites
    return sites.history.of(path, site_of(request)) if memento.is_original(path) else []
