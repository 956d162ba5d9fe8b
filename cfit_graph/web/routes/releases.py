"""The releases: a list, each one with its files and its report, the difference of any two, and quality over time."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, Response

from cfit_graph import changes, feed, nquads, quality, release, source
from cfit_graph.errors import BadParameters, ReleaseError, UnknownRelease, WrongParameter
from cfit_graph.release import QUALITY, REPORT
from cfit_graph.store import engine
from cfit_graph.store.formats import GRAPHS
from cfit_graph.web import documents, links, negotiation, pages
from cfit_graph.web.links import Link
from cfit_graph.web.site import address_of, place_of, site_of
from cfit_graph.web.sparkline import sparkline

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.changes import Activity
    from cfit_graph.feed import Log
    from cfit_graph.release import Release

router = APIRouter()

_JSON: Final = "application/json"
_PAGE: Final = {"html": negotiation.HTML, "json": _JSON}
_REPORT: Final = _PAGE | documents.PAGE_OR_RDF
_MEASURED: Final = 60
"""Releases that the page on quality shows; the data have all."""


@router.api_route("/release", methods=["GET", "HEAD"])
def releases(request: Request) -> Response:
    """List the releases, the newest first."""
    media_type, headers = _choose(request, _PAGE)
    site, log = site_of(request), None
    with suppress(ReleaseError):  # one of them is missing: the others are shown nevertheless, without their news
        log = site.log
    known = log.releases if log else release.kept(site.release) if site.release else []
    if media_type == _JSON:
        return JSONResponse({"releases": [_told(found) for found in reversed(known)]}, 200, headers)
    listed = [(found, _news(log, found)) for found in reversed(known)]
    return pages.render(request, "releases.html", headers=headers, listed=listed)


def _news(log: Log | None, found: Release) -> feed.News | None:
    """Return what was new in a release, if that is known."""
    with suppress(ReleaseError):
        return feed.news(log.of(found)) if log else None
    return None


@router.api_route("/release/{version}", methods=["GET", "HEAD"])
def one(request: Request, version: str) -> Response:
    """Tell of a release: what is in it and what was new; as JSON its manifest, and as RDF what its dataset is."""
    media_type, headers = _choose(request, _PAGE | documents.PAGE_OR_RDF)
    log = site_of(request).log
    found = log.release(version)
    if media_type not in _PAGE.values():
        address = place_of(request, f"/release/{found.version}/dataset")
        return Response(status_code=303, headers=headers | {"Location": address})
    iri = f"{site_of(request).edition.base}release/{found.version}"
    headers |= links.header([Link("cite-as", iri), *_versions(request, log, found)])
    if media_type == _JSON:
        return JSONResponse(found.manifest, 200, headers)
    return pages.render(request, "release.html", headers=headers, release=found, log=log, news=feed.news(log.of(found)))


@router.api_route("/release/{version}/report", methods=["GET", "HEAD"])
def report(request: Request, version: str) -> Response:
    """Show the report of the validation of a release: as a page, as JSON, or as SHACL has it."""
    media_type, headers = _choose(request, _REPORT)
    found = site_of(request).log.release(version)
    judged = json.loads(found.file(f"{REPORT}.json").read_text("utf-8"))
    if media_type == _JSON:
        return JSONResponse(judged, 200, headers)
    if media_type != negotiation.HTML:
        return Response(_rdf([found.file(f"{REPORT}.ttl")], media_type), 200, headers, media_type)
    by_rule = itemgetter("severity", "rule", "message")
    groups = [list(group) for _, group in groupby(judged["findings"], by_rule)]
    return pages.render(request, "report.html", headers=headers, release=found, report=judged, groups=groups)


@router.api_route("/compare", methods=["GET", "HEAD"])
def compare(request: Request) -> Response:
    """Tell what is different between two releases, in either direction."""
    media_type, headers = _choose(request, _PAGE)
    log = site_of(request).log
    asked = request.query_params
    before, after = _asked(
        log,
        {
            "from": asked.get("from") or log.releases[max(len(log.releases) - 2, 0)].version,
            "to": asked.get("to") or log.releases[-1].version,
        },
    )
    found = changes.in_order_of_news(release.difference(before, after, site_of(request).edition.base))
    if media_type == _JSON:
        told = {"from": before.version, "to": after.version, "activities": [each.as_json() for each in found]}
        return JSONResponse(told, 200, headers)
    return pages.render(
        request, "compare.html", headers=headers, log=log, before=before, after=after, groups=_by_headline(found)
    )


@router.api_route("/quality", methods=["GET", "HEAD"])
def measured(request: Request) -> Response:
    """Show how good the data were over time: as a page, or all measurements in the Data Quality Vocabulary."""
    media_type, headers = _choose(request, documents.PAGE_OR_RDF)
    releases = site_of(request).log.releases
    files = {found.version: found.file(QUALITY) for found in releases}
    if media_type != negotiation.HTML:
        return Response(_rdf(list(files.values()), media_type), 200, headers, media_type)
    files = dict(list(files.items())[-_MEASURED:])
    series = quality.series(files)
    groups = {
        name: [(each, sparkline([each.values.get(version) for version in files])) for each in group]
        for name, group in groupby(sorted(series, key=_dimension), _dimension)
    }
    return pages.render(
        request,
        "quality.html",
        headers=headers,
        versions=list(files),
        total=len(releases),
        groups=groups,
        formats=GRAPHS,
    )


def _choose(request: Request, formats: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the media type that the Accept header asks for, or ``format=`` by its short name, and the headers.

    Raises:
        BadParameters: if there is no such format.
    """
    name = request.query_params.get("format")
    if name is not None and name not in formats:
        raise BadParameters([WrongParameter("format", f"There is no such format. There is {', '.join(formats)}.")])
    accept = request.headers.get("accept", "") if name is None else formats[name]
    return negotiation.choose(accept, tuple(formats.values())), {"Vary": "Accept"}


def _rdf(paths: list[Path], media_type: str) -> bytes:
    """Return what is in files as RDF, each statement once."""
    lines = {f"{quad} .\n" for path in paths for quad in source.quads(path)}
    output = io.BytesIO()
    engine.write(nquads.parse(sorted(lines)), engine.choose(GRAPHS, media_type), output)
    return output.getvalue()


def _asked(log: Log, versions: dict[str, str]) -> list[Release]:
    """Return the releases that parameters name.

    Raises:
        BadParameters: naming each that names none.
    """
    found: list[Release] = []
    wrong: list[WrongParameter] = []
    for parameter, version in versions.items():
        try:
            found.append(log.release(version))
        except UnknownRelease as error:
            wrong.append(WrongParameter(parameter, str(error)))
    if wrong:
        raise BadParameters(wrong)
    return found


def _told(found: Release) -> dict[str, Any]:
    names = ("version", "published", "previous", "statements", "dataset", "findings", "changes")
    return {name: found.manifest[name] for name in names} | {"restores": found.restores}


def _versions(request: Request, log: Log, found: Release) -> list[Link]:
    """Return the links to other versions (RFC 5829)."""
    related = {
        "latest-version": log.releases[-1],
        "predecessor-version": log.before(found),
        "successor-version": log.after(found),
    }
    return [Link(name, address_of(request, f"/release/{each.version}")) for name, each in related.items() if each]


def _by_headline(found: list[Activity]) -> list[list[Activity]]:
    return [[activity for activity in found if feed.is_headline(activity) is great] for great in (True, False)]


def _dimension(series: quality.Series) -> str:
    return series.metric.dimension
