"""``/validate``: a draft judged within what is served, for people by a form and for programs as the body of a request.

The verdict is in the answer, not in its status: a draft that breaks rules was judged as well as one that breaks none.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from cfit_graph.checking import DRAFT, FIXED, PAGE, SAFE, VIEWS, Asked, Checker
from cfit_graph.errors import CfitError, DraftError, UsageError
from cfit_graph.files import JSONLD, SUFFIXES, TABLES
from cfit_graph.texts import CHECK
from cfit_graph.web import drafts, links, negotiation, pages, problems
from cfit_graph.web.documents import IN_LANGUAGES
from cfit_graph.web.drafts import Sent
from cfit_graph.web.giving import EndingWithClient
from cfit_graph.web.headers import Wanted
from cfit_graph.web.links import Link
from cfit_graph.web.site import address_of, site_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_REMEDY: Final = (
    "Nothing that can be done by itself is proposed for a finding {!r} of this draft. "
    "Take a fingerprint from its report whose suggestion has edits, or fix=safe."
)

router = APIRouter()

FORMATS: Final = {
    "json": ("application/json", "json"),
    "csv": ("text/csv", "csv"),
    "markdown": ("text/markdown", "md"),
    "sarif": ("application/sarif+json", "sarif"),
    "junit": ("application/xml", "xml"),
    "turtle": ("text/turtle", "ttl"),
    "jsonld": ("application/ld+json", "jsonld"),
    "text": ("text/plain", "txt"),
    "html": (negotiation.HTML, "html"),
}
"""Media type and suffix of each view of a report, the one for anybody first."""

_OFFERS: Final = tuple(media_type for media_type, _ in FORMATS.values())
_FILE: Final = "file"
_VARY: Final = {"Vary": "Accept, Accept-Language"}
_IN_EVERY_LANGUAGE: Final = ("turtle", "jsonld")
"""Views that hold each message in every language."""
_ENDINGS: Final = ",".join((*SUFFIXES, *JSONLD, *TABLES))


@router.api_route(IN_LANGUAGES, methods=["GET", "HEAD"])
async def page(request: Request) -> Response:
    """Show the form; with ``about``, filled in with what the data say of that thing."""
    checker = _checker(request)
    about = request.query_params.get("about", "")
    if about:
        text = (await checker.ask(Asked(DRAFT, about=about))).decode()
    else:
        await asyncio.to_thread(checker.begin)
        text = ""
    return _page(request, Sent("draft.ttl", text.encode(), alone=False))


@router.api_route(IN_LANGUAGES, methods=["POST"])
async def validate(request: Request) -> Response:
    """Judge a draft, and answer with its report in the format asked for; a browser gets the page."""
    checker = _checker(request)
    sent = await drafts.read(request, checker.limits.size)
    view = _view(request, sent.format)
    with EndingWithClient(request.receive):
        return await _answer(request, checker, sent, view)


def _checker(request: Request) -> Checker:
    checker: Checker = site_of(request).checker
    return checker


def _view(request: Request, name: str) -> str:
    """Return what is wanted: a view by its name, else by the Accept header, which stands for the page if it says HTML.

    Raises:
        UsageError: if no view has that name.
        NotAcceptable: if none suits the header.
    """
    if name and name not in VIEWS and name != _FILE:
        raise UsageError(f"A report has no format {name[:50]!r}; there are {', '.join(FORMATS)}.")
    if name:
        return name
    chosen = negotiation.choose(request.headers.get("accept", ""), _OFFERS)
    return PAGE if chosen == negotiation.HTML else next(view for view, of in FORMATS.items() if of[0] == chosen)


async def _answer(request: Request, checker: Checker, sent: Sent, view: str) -> Response:
    try:
        if sent.fix:
            mended = await checker.ask(_asked(request, FIXED, sent), sent.content)
            if mended == sent.content and sent.fix != SAFE and view != PAGE:  # a page shows what there is to be done
                raise UsageError(_NO_REMEDY.format(sent.fix[:50]))
            sent = sent._replace(content=mended)
        if view == _FILE:
            headers = {"Vary": "Accept", "Cache-Control": "no-store"}
            return _download(sent.content, sent.name, "application/octet-stream", headers)
        made = await checker.ask(_asked(request, view, sent), sent.content)
    except DraftError as error:
        if view != PAGE:
            raise
        return _page(request, sent, problem=error)
    return _page(request, sent, json.loads(made)) if view == PAGE else _report(request, sent, view, made)


def _asked(request: Request, view: str, sent: Sent) -> Asked:
    return Asked(view, sent.name, sent.alone, fix=sent.fix, language=_language(request))


def _language(request: Request) -> str:
    return Wanted.of(request.scope).language


def _headers(request: Request) -> dict[str, str]:
    """Return the headers of an answer that tells of a draft in the language of the client."""
    return {**_VARY, "Cache-Control": "no-store", "Content-Language": _language(request)}


def _report(request: Request, sent: Sent, view: str, body: bytes) -> Response:
    media_type, suffix = FORMATS[view]
    told = [Link("describedby", address_of(request, "/shapes")), Link("glossary", address_of(request, "/ns"))]
    headers = _headers(request) | links.header(told)
    if view in _IN_EVERY_LANGUAGE:
        del headers["Content-Language"]
    if sent.format:
        return _download(body, f"{sent.name.rpartition('.')[0]}-report.{suffix}", media_type, headers)
    return Response(body, 200, headers, media_type)


def _download(body: bytes, name: str, media_type: str, headers: Mapping[str, str]) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(body, 200, {**headers, "Content-Disposition": disposition}, media_type)


def _page(
    request: Request, sent: Sent, found: dict[str, Any] | None = None, problem: CfitError | None = None
) -> Response:
    """Show a draft with what was found in it, or with what is wrong with it."""
    findings = [finding for group in found["groups"] for finding in group["findings"]] if found else []
    if line := getattr(problem, "line", 0):
        findings = [
            {"number": 0, "severity": "Violation", "called": "", "line": line, "about": getattr(problem, "reason", "")}
        ]
    text, headers, language = sent.text, _headers(request), _language(request)
    if not (found or problem):
        del headers["Cache-Control"]
    status = problems.STATUS[type(problem)][0] if problem else 200
    return pages.render(
        request, "validate.html", status=status, headers=headers, language=language, said=CHECK[language],
        sent=sent, text=text, found=found, problem=problem, findings=findings, formats=FORMATS, endings=_ENDINGS,
        lines=drafts.listing(text, findings) if text is not None and (found or problem) else [],
    )  # fmt: skip
