"""``/cite``: how to cite the release, a thing in it, or an answer from it, at an address that lasts."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from cfit_graph import citation, entities, queries
from cfit_graph.citation import Citation
from cfit_graph.errors import ReleaseError, UnknownEntity, UnknownRelease, UsageError
from cfit_graph.store.formats import ANSWERS
from cfit_graph.texts import CITATION
from cfit_graph.web import asking, documents, negotiation, pages, protocol
from cfit_graph.web.giving import EndingWithClient
from cfit_graph.web.headers import PLAIN
from cfit_graph.web.routes.entities import describe
from cfit_graph.web.site import base_of, site_of

if TYPE_CHECKING:
    from cfit_graph.release import Release
    from cfit_graph.store.asking import Question

router = APIRouter()

FORMATS: Final = {
    "html": negotiation.HTML,
    "json": "application/json",
    "bib": "application/x-bibtex",
    "cff": "application/yaml",
    "txt": "text/plain",
}
_PREFERRED: Final = {"SELECT": "csv", "ASK": "json", "CONSTRUCT": "nt", "DESCRIBE": "nt"}


@router.api_route("/cite", methods=["GET", "HEAD"])
async def cite(request: Request) -> Response:
    """Tell how to cite: with ``query`` an answer, with ``iri`` a thing, else the release as a whole."""
    return await _cite(request, None)


@router.api_route("/cite.{suffix}", methods=["GET", "HEAD"])
async def cite_in(request: Request, suffix: str) -> Response:
    """Tell the same in the format of the suffix."""
    return await _cite(request, suffix)


async def _cite(request: Request, suffix: str | None) -> Response:
    media_type, headers = documents.choose(request, "/cite", suffix, FORMATS)
    query = f"?{request.url.query}" if request.url.query else ""
    headers["Content-Location"] += query
    cited = await _citation(request)
    if media_type == negotiation.HTML:
        values: dict[str, Any] = {
            "cited": cited,
            "query": query,
            "formats": FORMATS,
            "is_here_only": _is_here_only(cited.address),
        }
        return pages.render(request, "cite.html", headers=headers, **values)
    written = {"json": cited.as_json, "bib": cited.bibtex, "cff": cited.cff, "txt": cited.text}
    name = next(name for name, offer in FORMATS.items() if offer == media_type)
    return Response(written[name](), 200, headers, media_type)


async def _citation(request: Request) -> Citation:
    site, sent = site_of(request), request.query_params
    if site.release is None:
        raise UnknownEntity("Other files than a release are served here; only releases can be cited.")
    if "query" in sent and "iri" in sent:
        raise UsageError("An answer or a thing can be cited, not both: give query or iri.")
    of = await run_in_threadpool(lambda: site.cited)
    if "query" in sent:
        return await _of_answer(request, site.release, of)
    if "iri" in sent:
        return await run_in_threadpool(_of_thing, request, site.release, of, sent["iri"])
    hashed = (CITATION["of_dataset"], site.release.manifest["dataset"])
    return Citation(of, "", site.release.version, site.release.published, _within(request, site.release, "/"), *hashed)


def _is_here_only(address: str) -> bool:
    """Tell whether an address leads others to their own machine."""
    host = urlsplit(address).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def _of_thing(request: Request, release: Release, of: citation.Dataset, iri: str) -> Citation:
    site = site_of(request)
    things = site.edition.thing("")
    if not iri.startswith(things):
        raise UnknownEntity(f"Only things under {things} have pages that can be cited.")
    described, retired = describe(site, iri.removeprefix(things))
    if retired and retired.release:
        with suppress(ReleaseError, UnknownRelease):  # if it is lost, what is left of the thing is here
            release = site.log.release(retired.release)
    part = entities.read(described, site.names).title.text
    address = _within(request, release, pages.href(iri, site.edition.base))
    return Citation(of, part, release.version, release.published, address)


async def _of_answer(request: Request, release: Release, of: citation.Dataset) -> Citation:
    """Cite an answer; it is asked for, so that its hash is known."""
    site, asked = site_of(request), protocol.from_get(request.url.query)
    question = await asking.question(site, asked, PLAIN, await _media_type(asked))
    if question.seen.varies:
        raise UsageError("The query asks for the time, for chance or for new blank nodes: its answers cannot be cited.")
    with EndingWithClient(request.receive):
        sha256 = await _hash(request, question)
    formats = ANSWERS[question.seen.form]
    name = next(each.name for each in formats if each.media_type == question.media_type)
    address = f"/sparql?{protocol.parameters(asked, name)}&sha256={sha256}"
    plain = queries.body(asked.sparql).rstrip()
    titles = (known.title for known in site.questions if known.sparql.rstrip() == plain)
    part = next(titles, CITATION["answer"])
    hashed = (CITATION["of_answer"], sha256)
    return Citation(of, part, release.version, release.published, _within(request, release, address), *hashed)


async def _media_type(asked: protocol.QueryRequest) -> str:
    """Return the media type to cite an answer in; empty if the request names a format."""
    form = (await asking.outlined(asked.sparql)).form
    wanted = _PREFERRED[form]
    return "" if asked.formats else next(each.media_type for each in ANSWERS[form] if each.name == wanted)


async def _hash(request: Request, question: Question) -> str:
    answer, digest = await site_of(request).asker.ask(question), hashlib.sha256()
    try:
        digest.update(answer.first)
        async for piece in answer.pieces():
            digest.update(piece)
    finally:
        answer.stop()
    return digest.hexdigest()


def _within(request: Request, release: Release, path: str) -> str:
    return f"{base_of(request)}/release/{release.version}{path}"
