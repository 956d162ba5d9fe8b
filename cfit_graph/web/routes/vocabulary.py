"""``/ns``: the ontology, at the address its terms start with."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from cfit_graph import queries, vocabulary
from cfit_graph.store.formats import GRAPHS
from cfit_graph.web import negotiation, pages
from cfit_graph.web.site import site_of

router = APIRouter(include_in_schema=False)


@router.api_route("/ns", methods=["GET", "HEAD"])
def ontology(request: Request) -> Response:
    """Show the ontology and its concept schemes, as a page or as RDF."""
    offers = [negotiation.HTML, *(graph.media_type for graph in GRAPHS)]
    media_type = negotiation.choose(request.headers.get("accept", ""), offers)
    site, headers = site_of(request), {"Vary": "Accept"}
    if media_type == negotiation.HTML:
        read = vocabulary.read(site.store)
        return pages.render(request, "ns.html", headers=headers, vocabulary=read, formats=GRAPHS)
    answer = b"".join(site.store.query(queries.load("ontology"), media_type))
    return Response(answer, 200, headers, media_type)
