"""The types of problems, where their IRIs lead to (RFC 9457, 3.1.1)."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response  # noqa: TC002

from cfit_graph.errors import UnknownEntity
from cfit_graph.namespaces import BASE
from cfit_graph.texts import ABOUT_PROBLEMS, PROBLEMS
from cfit_graph.web import pages

router = APIRouter()


@router.api_route("/problem/{kind}", methods=["GET", "HEAD"])
def problem(request: Request, kind: str) -> Response:
    """Say what a type of problem means, and what to do."""
    if kind not in PROBLEMS:
        raise UnknownEntity(f"There is no problem {kind[:50]!r}; there are {', '.join(PROBLEMS)}.")
    told = {"iri": f"{BASE}problem/{kind}", "title": PROBLEMS[kind], "about": ABOUT_PROBLEMS[kind]}
    return pages.render(request, "problem-type.html", told=told)
