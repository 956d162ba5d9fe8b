"""Time travel by headers: the Memento protocol (RFC 7089).

Every document and page of the current release is an original resource and its own TimeGate (4.1.1 of the RFC): with
``Accept-Datetime`` it leads to the same document of the newest release up to then that has it. The mementos are the
documents below ``/release/{version}``. Functions here read files; the event loop calls them in threads.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.responses import Response

from cfit_graph import nquads, release
from cfit_graph.errors import ReleaseError, UsageError
from cfit_graph.web.documents import PAGE_OR_RDF
from cfit_graph.web.site import base_of, site_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from starlette.requests import Request

    from cfit_graph.release import Release
    from cfit_graph.web.site import Site

TIMEMAP: Final = "application/link-format"
VARY: Final = "Accept-Datetime"
_SUFFIX: Final = rf"(\.({'|'.join(PAGE_OR_RDF)}))?"
_ORIGINAL: Final = re.compile(
    rf"/|/(organizations|pacts|quality|changes)|(/(ns|shapes|dataset)|/doc/[^/]+/[^/.]+){_SUFFIX}", re.DOTALL
)
_DOCUMENT: Final = re.compile(r"/doc/([^/]+)/([^/.]+)[^/]*", re.DOTALL)
_IN_QUERY: Final = "%/?:@!$&'()*+,;=-._~"  # what stands for itself there (RFC 3986, 3.4), and is not written again
_FORM: Final = "%a, %d %b %Y %H:%M:%S GMT"


def is_original(path: str) -> bool:
    """Tell whether a path of the current release has versions in time.

    >>> is_original("/doc/pact/cfit"), is_original("/doc/pact/cfit.ttl"), is_original("/sparql")
    (True, True, False)
    """
    return _ORIGINAL.fullmatch(path) is not None


def parse(text: str) -> datetime:
    """Return the time in an ``Accept-Datetime`` header (RFC 7089, 2.1.1).

    Raises:
        UsageError: if it is none.
    """
    try:
        moment = datetime.strptime(text.strip(), _FORM).replace(tzinfo=UTC)
        if write(moment) == text.strip():  # the weekday is right, and every number has its digits
            return moment
    except ValueError:
        pass
    raise UsageError(f"Accept-Datetime is a time such as {write(datetime.now(UTC))!r}, not {text[:100]!r}.")


def write(moment: datetime) -> str:
    """Return a time as headers have it.

    >>> write(datetime(2026, 11, 4, 9, tzinfo=UTC))
    'Wed, 04 Nov 2026 09:00:00 GMT'
    """
    return moment.strftime(_FORM)


class History:
    """The releases that documents are found in; what was read of them is kept, since it never changes."""

    def __init__(self, releases: Path) -> None:
        self._releases = releases
        self._read: dict[str, Release] = {}

    def of(self, path: str, site: Site) -> list[Release]:
        """Return the releases that have the document at a path, oldest first, up to the current one of a site.

        There are none where other files than a release are served.
        """
        if site.release is None:
            return []
        until = release.order(site.newer or site.release.version)
        found = [self._read.get(version) or self._take(version) for version in release.versions(self._releases)]
        known = [one for one in found if one and release.order(one.version) <= until]
        document = _DOCUMENT.fullmatch(path)
        iri = site.edition.thing("/".join(document.groups())) if document else ""
        return [one for one in known if not iri or _has(one, iri)]

    def _take(self, version: str) -> Release | None:
        try:
            return self._read.setdefault(version, release.read(self._releases / version))
        except ReleaseError:
            return None  # it is damaged, and whoever asks for it by name is told


def _has(one: Release, iri: str) -> bool:
    with suppress(OSError):  # its graph is missing, and whoever asks for it by name is told
        return nquads.has_subject(one.graph, iri)
    return False


def lead(request: Request, having: Sequence[Release], moment: datetime) -> Response:
    """Lead to the document as it was at a time; before the first release that has it, to that (RFC 7089, 4.5.3)."""
    chosen = next((one for one in reversed(having) if one.published <= moment), having[0])
    location = f"{site_of(request).settings.public_url}/release/{chosen.version}{written(request)}"
    headers = {"Location": location, "Vary": f"Accept, {VARY}", "Link": links(request, having, chosen)}
    return Response(status_code=302, headers=headers)


def headers(request: Request, having: Sequence[Release]) -> dict[str, str]:
    """Return what an answer says of its versions: an original where to find them, a memento when it was, too.

    Where a release does not have the document any more, there is no memento.
    """
    site, original = site_of(request), {"Link": _join(_of_original(request, written(request)))}
    if not site.prefix or site.release is None:
        return original | {"Vary": VARY}
    chosen = next((one for one in having if one.version == site.release.version), None)
    if chosen is None:
        return original
    return {"Memento-Datetime": write(chosen.published), "Link": links(request, having, chosen)}


def links(request: Request, having: Sequence[Release], chosen: Release) -> str:
    """Return links to the original, its TimeMap, and the mementos around one (RFC 7089, 2.2)."""
    place = next((number for number, one in enumerate(having) if one is chosen), 0)
    named = {0: ["first"], len(having) - 1: ["last"]} if len(having) > 1 else {0: ["first", "last"]}
    around = {place - 1: "prev", place: "", place + 1: "next"}
    for number, name in around.items():
        if 0 <= number < len(having):
            named.setdefault(number, []).extend([name] * bool(name))
    address = written(request)
    mementos = [_memento(request, address, having[number], named[number]) for number in sorted(named)]
    return _join([*_of_original(request, address), *mementos])


def timemap(request: Request, path: str, having: Sequence[Release]) -> str:
    """Return all mementos of an original (RFC 7089, 5), in the form of RFC 6690."""
    base, first, last = base_of(request), having[0].published, having[-1].published
    names: dict[int, list[str]] = {0: ["first"]}
    names.setdefault(len(having) - 1, []).append("last")
    return ",\n".join(
        [
            f'<{base}{path}>; rel="original timegate"',
            f'<{base}/timemap{path}>; rel="self"; type="{TIMEMAP}"; from="{write(first)}"; until="{write(last)}"',
            *(_memento(request, path, one, names.get(number, [])) for number, one in enumerate(having)),
        ]
    )


def written(request: Request, path: str = "") -> str:
    """Return the path of a request, or another, with its query, as they may stand in a header.

    An original is named by the whole of its address (RFC 7089, 2.2.1).
    """
    query = quote(request.scope["query_string"], safe=_IN_QUERY)
    return quote(path or request.scope["path"]) + (f"?{query}" if query else "")


def _of_original(request: Request, path: str) -> list[str]:
    base = base_of(request)
    return [
        f'<{base}{path}>; rel="original timegate"',
        f'<{base}/timemap{path}>; rel="timemap"; type="{TIMEMAP}"',
    ]


def _memento(request: Request, path: str, one: Release, names: Sequence[str]) -> str:
    relation = " ".join([*names, "memento"])
    return f'<{base_of(request)}/release/{one.version}{path}>; rel="{relation}"; datetime="{write(one.published)}"'


def _join(links: Sequence[str]) -> str:
    return ", ".join(links)
