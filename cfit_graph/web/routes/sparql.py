"""``/sparql``: the SPARQL 1.1 Protocol's query operation, and a page to ask from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response, StreamingResponse

from cfit_graph.errors import QueryError, UsageError
from cfit_graph.store.formats import ANSWERS, GRAPHS, Format
from cfit_graph.store.lexer import outline
from cfit_graph.web import negotiation, pages, protocol
from cfit_graph.web.site import site_of

if TYPE_CHECKING:
    from cfit_graph.store import Store
    from cfit_graph.web.protocol import QueryRequest

router = APIRouter()

_VARY = {"Vary": "Accept"}
_CHARSET = {"text/csv", "text/tab-separated-values", "text/turtle"}  # the others state their encoding themselves


@router.api_route("/sparql", methods=["GET", "HEAD", "POST"])
async def sparql(request: Request) -> Response:
    """Answer a query sent by GET, as a form or directly; without one, a browser gets the page to ask from."""
    body = await request.body() if request.method == "POST" else b""
    return await run_in_threadpool(_respond, request, body)


def _respond(request: Request, body: bytes) -> Response:
    query_string = request.url.query
    if request.method == "POST":
        return _answer(request, protocol.from_post(query_string, request.headers.get("content-type", ""), body))
    if not request.query_params and _wants_page(request):
        return pages.render(request, "sparql.html", headers=_VARY, sparql="", result=None, problem="")
    return _answer(request, protocol.from_get(query_string))


def _wants_page(request: Request) -> bool:
    return negotiation.prefers_html(request.headers.get("accept", ""))


def _answer(request: Request, asked: QueryRequest) -> Response:
    if not asked.format and _wants_page(request):
        return _page(request, asked)
    media_type = _media_type(ANSWERS[outline(asked.sparql).form], asked.format, request.headers.get("accept", ""))
    answer = site_of(request).store.query(asked.sparql, media_type, dataset=asked.dataset)
    charset = "; charset=utf-8" if media_type in _CHARSET else ""
    return StreamingResponse(answer, 200, _VARY | {"Content-Type": media_type + charset})


def _media_type(formats: tuple[Format, ...], name: str, accept: str) -> str:
    """Return the media type for an answer; a ``format`` given by name wins over the header."""
    if not name:
        return negotiation.choose(accept, [answer_format.media_type for answer_format in formats])
    for answer_format in formats:
        if name in {answer_format.name, answer_format.media_type}:
            return answer_format.media_type
    raise UsageError(f"No format {name!r} for this form of query; there are {', '.join(f.name for f in formats)}.")


def _page(request: Request, asked: QueryRequest) -> Response:
    """Show a query and its result, or what is wrong with it."""
    values: dict[str, Any] = {"sparql": asked.sparql, "result": None, "problem": ""}
    status = 200
    try:
        values |= _result(site_of(request).store, asked)
    except QueryError as error:
        values["problem"], status = str(error), 400
    return pages.render(request, "sparql.html", status=status, headers=_VARY, **values)


def _result(store: Store, asked: QueryRequest) -> dict[str, Any]:
    formats = ANSWERS[outline(asked.sparql).form]
    text = b"".join(store.query(asked.sparql, formats[0].media_type, dataset=asked.dataset)).decode()
    result: dict[str, Any] = {"text": text} if formats is GRAPHS else json.loads(text)
    return {"result": result, "links": {answer.name: _address(asked, answer.name) for answer in formats}}


def _address(asked: QueryRequest, name: str) -> str:
    """Return the address of the same answer in another format."""
    graphs = [("default-graph-uri", iri) for iri in asked.dataset.default]
    graphs += [("named-graph-uri", iri) for iri in asked.dataset.named]
    return "/sparql?" + urlencode([("query", asked.sparql), *graphs, ("format", name)])
