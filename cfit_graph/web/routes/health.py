"""``/health``: is the process up, and what does it serve."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation

from cfit_graph.web.site import site_of

router = APIRouter()


@router.api_route("/health", methods=["GET", "HEAD"])
def health(request: Request) -> dict[str, Any]:
    """Say that the process is up and which release it serves (``null``: files as they are)."""
    release = site_of(request).release
    return {"status": "ok", "release": release.version if release else None}
