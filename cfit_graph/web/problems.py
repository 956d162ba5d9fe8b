"""Errors to HTTP: one table, one shape (RFC 9457)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from cfit_graph import errors
from cfit_graph.namespaces import BASE
from cfit_graph.texts import ENGLISH, TITLES
from cfit_graph.web import negotiation, pages
from cfit_graph.web.giving import ClientGone
from cfit_graph.web.headers import Wanted

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[dict[type[errors.CfitError], tuple[int, str]]] = {
    errors.SourceError: (500, "internal"),
    errors.DoesNotConform: (500, "internal"),
    errors.ReleaseError: (503, "release-damaged"),
    errors.StoreUnavailable: (503, "store-unavailable"),
    errors.Overloaded: (503, "overloaded"),
    errors.BatchTooLarge: (413, "batch-too-large"),
    errors.UsageError: (400, "bad-request"),
    errors.BadParameters: (400, "bad-parameters"),
    errors.QueryError: (400, "query-forbidden"),
    errors.QuerySyntaxError: (400, "query-syntax"),
    errors.QueryForbidden: (400, "query-forbidden"),
    errors.QueryTooLarge: (413, "query-too-large"),
    errors.QueryTimedOut: (504, "query-timed-out"),
    errors.QueryTooCostly: (503, "query-too-costly"),
    errors.ResultTooLarge: (400, "result-too-large"),
    errors.ResultDiffers: (409, "result-differs"),
    errors.UpdateRefused: (403, "update-refused"),
    errors.DraftError: (400, "draft-unreadable"),
    errors.UnreadableDraft: (400, "draft-unreadable"),
    errors.DraftTooLarge: (413, "draft-too-large"),
    errors.DraftTooCostly: (413, "draft-too-costly"),
    errors.UnknownEntity: (404, "not-found"),
    errors.UnknownRelease: (404, "not-found"),
    errors.NotAcceptable: (406, "not-acceptable"),
    errors.UnsupportedMediaType: (415, "unsupported-media-type"),
}
"""HTTP status and problem type of each error."""

_BY_STATUS = {404: "not-found", 405: "method-not-allowed"}
_METHODS = ("GET", "HEAD", "POST")
_HINTS = {
    404: "Start at the home page, /, or look a thing up by its IRI under /id/.",
    405: "The Allow header lists the methods it takes.",
}


def kind_of(error: errors.CfitError) -> str:
    """Return the name of the problem an error is told as."""
    return STATUS[type(error)][1]


def of_error(request: Request, error: errors.CfitError) -> Response:
    """Return the answer to an error of ours."""
    status, kind = STATUS[type(error)]
    headers = {"Retry-After": "5"} if status == 503 else {}
    detail = error.told(Wanted.of(request.scope).language)
    return _problem(request, status, kind, detail, headers, _members(error))


async def cfit_error(request: Request, error: Exception) -> Response:
    """Answer an error of ours."""
    assert isinstance(error, errors.CfitError)  # noqa: S101 - registered for it below
    return of_error(request, error)


async def http_error(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: unknown addresses and methods."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it below
    allowed = {"Allow": ", ".join([*_methods(request), "OPTIONS"])} if error.status_code == 405 else {}
    if request.method == "OPTIONS" and allowed:
        return Response(status_code=204, headers=allowed)
    kind = _BY_STATUS.get(error.status_code, "bad-request")
    detail = _HINTS.get(error.status_code, error.detail)
    return _problem(request, error.status_code, kind, detail, dict(error.headers or {}) | allowed)


def _methods(request: Request) -> list[str]:
    """Return the methods that an address takes; the router knows those of its first route only."""
    return [method for method in _METHODS if any(_takes(route, request, method) for route in request.app.routes)]


def _takes(route: BaseRoute, request: Request, method: str) -> bool:
    return route.matches({**request.scope, "method": method})[0] is Match.FULL


def unforeseen(request: Request) -> Response:
    """Answer a fault of ours: the log has the details, the answer has none."""
    return _problem(request, 500, "internal", "The fault is ours and has been logged. Try again later.", {})


async def client_gone(_: Request, __: Exception) -> Response:
    """End a request of a client that has hung up, with an answer that nobody reads."""
    return Response(status_code=408)


HANDLERS: Final[dict[Any, Any]] = {
    errors.CfitError: cfit_error,
    HTTPException: http_error,
    ClientGone: client_gone,
}


def _members(error: Exception) -> dict[str, Any]:
    if isinstance(error, errors.QuerySyntaxError) and error.line:
        return {"line": error.line, "column": error.column, "token": error.token}
    if isinstance(error, errors.UnreadableDraft):
        return {name: value for name in ("line", "column", "cell") if (value := getattr(error, name))}
    if isinstance(error, errors.NotAcceptable):
        return {"offers": error.offers}
    if isinstance(error, errors.ResultDiffers):
        return {"cited": error.cited, "found": error.found}
    if isinstance(error, errors.UnknownEntity) and error.nearest:
        return {"nearest": error.nearest}
    if isinstance(error, errors.UnknownRelease):
        return {"releases": error.nearest}
    if isinstance(error, errors.BadParameters):
        return {"errors": [wrong._asdict() for wrong in error.errors]}
    return {}


def described(status: int, kind: str, detail: str, language: str = ENGLISH) -> dict[str, Any]:
    """Return a problem as an object of RFC 9457; the detail is in the language given, the title if there is one."""
    return {"type": f"{BASE}problem/{kind}", "title": TITLES[language][kind], "status": status, "detail": detail}


def _problem(
    request: Request, status: int, kind: str, detail: str, headers: dict[str, str], more: dict[str, Any] | None = None
) -> Response:
    problem = described(status, kind, detail, Wanted.of(request.scope).language)
    headers = headers | {"Vary": "Accept"}  # a page for a browser, a problem for a program
    if negotiation.prefers_html(request.headers.get("accept", ""), (MEDIA_TYPE,)):
        return pages.render(request, "problem.html", status=status, headers=headers, problem=problem, more=more or {})
    return JSONResponse(problem | (more or {}), status, headers, media_type=MEDIA_TYPE)
