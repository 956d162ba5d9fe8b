"""``/sparql`` where it is not a query of a program's: the page to ask from, and the description of the service."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from cfit_graph import description
from cfit_graph.absent import absent, has_plain_text
from cfit_graph.errors import CfitError, Overloaded, QueryError, QuerySyntaxError, UsageError
from cfit_graph.parts import hindering
from cfit_graph.store.formats import ANSWERS, TRIPLES
from cfit_graph.texts import SERVICE
from cfit_graph.web import asking, negotiation, pages, problems, protocol
from cfit_graph.web.giving import EndingWithClient
from cfit_graph.web.headers import PLAIN
from cfit_graph.web.site import address_of, site_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.web.protocol import QueryRequest
    from cfit_graph.web.site import Site

router = APIRouter()

_VARY: Final = {"Vary": "Accept"}
_DESCRIPTIONS: Final = {answer.name: answer.media_type for answer in TRIPLES}
_FITS_ON_A_PAGE: Final = 1 << 20
_METHODS: Final = {"SELECT": "table", "ASK": "ask"}
"""What asks a query, by its form, of a :class:`cfit_graph.client.Client`, which can name no dataset."""
_UNASKED: Final[dict[str, Any]] = {"sparql": "", "result": None, "problem": "", "at": None, "why": None}
"""What the page shows of a query before there is one."""


@router.api_route("/sparql", methods=["GET", "HEAD", "POST"])
async def sparql(request: Request) -> Response:
    """Answer queries (SPARQL 1.1 Protocol); without one, describe the service, to a browser by a page to ask from."""
    if "cfit.asked" in request.scope:  # the endpoint has read the request
        return await _page(request, request.scope["cfit.asked"])
    offers = tuple(_DESCRIPTIONS.values())
    if not request.url.query and negotiation.prefers_html(request.headers.get("accept", ""), offers):
        return pages.render(request, "sparql.html", headers=_VARY, **_UNASKED)
    return await run_in_threadpool(_describe, request)


def _describe(request: Request) -> Response:
    site, name = site_of(request), request.query_params.get("format", "")
    if name and name not in _DESCRIPTIONS:
        raise UsageError(f"The description has no format {name!r}; there are {', '.join(_DESCRIPTIONS)}.")
    offers = tuple(_DESCRIPTIONS.values())
    media_type = _DESCRIPTIONS.get(name) or negotiation.choose(request.headers.get("accept", ""), offers)
    limits = SERVICE["limits"].format(
        seconds=site.limits.seconds, memory=site.limits.memory >> 20, result=site.limits.result >> 20
    )
    described = description.service(site.store, address_of(request, "/sparql"), limits, media_type)
    return Response(b"".join(described), headers=_VARY, media_type=media_type)


async def _page(request: Request, asked: QueryRequest) -> Response:
    """Show a query and its result."""
    return await page(request, asked, "sparql.html", lambda name: f"/sparql?{protocol.parameters(asked, name)}")


async def page(
    request: Request, asked: QueryRequest, template: str, in_format: Callable[[str], str], **more: Any
) -> Response:
    """Return a page that shows a query and its result, or what is wrong with it.

    ``in_format`` gives the path of the answer in the format of a name.
    """
    values = _UNASKED | more | {"sparql": asked.sparql, "address": address_of(request, "")}
    status = 200
    try:
        with EndingWithClient(request.receive):
            values |= await _result(site_of(request), asked, in_format)
    except (QueryError, Overloaded) as error:
        values["problem"], status = str(error), problems.STATUS[type(error)][0]
        values["at"] = _line(asked.sparql, error) if isinstance(error, QuerySyntaxError) else None
    return pages.render(request, template, status=status, headers=_VARY, words=SERVICE, **values)


async def _result(site: Site, asked: QueryRequest, in_format: Callable[[str], str]) -> dict[str, Any]:
    seen = await asking.outlined(asked.sparql)
    formats = ANSWERS[seen.form]
    links = {each.name: site.prefix + in_format(each.name) for each in formats}
    if site.release and not seen.varies:
        links["cite"] = f"{site.prefix}/cite?{protocol.parameters(asked, '')}".removesuffix("&format=")
    text = await _text(site, asked, formats[0].media_type)
    found: dict[str, Any] = {"links": links, "method": "" if asked.dataset else _METHODS.get(seen.form, "graph")}
    if text is None:
        return {**found, "result": {"too_large": SERVICE["too_large"]}}
    result: dict[str, Any] = {"text": text} if formats is TRIPLES else json.loads(text)
    why = await run_in_threadpool(_why_empty, site, asked) if _is_empty(result) else None
    return {**found, "result": result, "why": why}


def _is_empty(result: dict[str, Any]) -> bool:
    """Tell whether there is nothing in an answer: no row, no statement, or No."""
    return not (result.get("text") or result.get("boolean") or result.get("results", {}).get("bindings"))


def _why_empty(site: Site, asked: QueryRequest) -> dict[str, Any] | None:
    """Say why an answer may be empty; nothing of what may change, or if that takes too long."""
    sparql = asked.sparql
    if not site.version:
        return None
    counted = [*site.counts["classPartition"], *site.counts["propertyPartition"]]
    known = {row.get("class") or row["property"] for row in counted} | set(site.index.things)
    with suppress(CfitError):
        missing, is_plain = absent(site.store, sparql, sorted(known)), has_plain_text(sparql)
        parts = [] if missing or is_plain or asked.dataset else hindering(site.store, sparql)
        return {"absent": missing, "plain_text": is_plain, "parts": parts}
    return None


def _line(sparql: str, error: QuerySyntaxError) -> tuple[str, str, str] | None:
    """Return the line of a query that an error is in: what is before the place, what is wrong there, and the rest."""
    if not error.line:
        return None
    line, start = sparql.split("\n")[error.line - 1].rstrip("\r"), error.column - 1
    end = start + max(len(error.token), 1)
    return line[:start], line[start:end], line[end:]


async def _text(site: Site, asked: QueryRequest, media_type: str) -> str | None:
    """Return an answer, or ``None`` if it is larger than fits on a page."""
    question = await asking.question(site, asked, PLAIN, media_type)
    answer = await site.asker.ask(question)
    try:
        text = answer.first
        async for piece in answer.pieces():
            text += piece
            if len(text) > _FITS_ON_A_PAGE:
                return None
        return text.decode()
    finally:
        answer.stop()
