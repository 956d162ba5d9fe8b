"""``/health``, ``/ready`` and ``/metrics``: for those who run the server and the programs that watch it."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, Response

from cfit_graph.errors import StoreUnavailable
from cfit_graph.store import Limits
from cfit_graph.store.asking import Question
from cfit_graph.store.lexer import outline
from cfit_graph.web.site import site_of

router = APIRouter()

_NOW = {"Cache-Control": "no-store"}
_ANYTHING = outline("ASK {}")
_SOON = Limits(seconds=2)


@router.api_route("/health", methods=["GET", "HEAD"])
def health(request: Request) -> Response:
    """Say that the process is up and which release it serves (``null``: none)."""
    release = site_of(request).release
    return JSONResponse({"status": "ok", "release": release.version if release else None}, headers=_NOW)


@router.api_route("/ready", methods=["GET", "HEAD"])
async def ready(request: Request) -> Response:
    """Say that queries are answered: one was."""
    question = Question(_ANYTHING.text, _ANYTHING, "application/sparql-results+json", limits=_SOON)
    try:
        async with asyncio.timeout(_SOON.seconds):
            answer = await site_of(request).asker.ask(question)
    except TimeoutError:
        raise StoreUnavailable(f"The store does not answer within {_SOON.seconds:g} seconds.") from None
    answer.stop()
    return JSONResponse({"status": "ready"}, headers=_NOW)


@router.api_route("/metrics", methods=["GET", "HEAD"])
def metrics(request: Request) -> Response:
    """Give counts and durations in the text format of Prometheus."""
    observer: Any = request.app.state.observer
    return Response(observer.metrics(), headers=_NOW, media_type="text/plain; version=0.0.4")
