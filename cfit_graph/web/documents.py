"""Documents in several formats: one address that negotiates, and one per format, told apart by suffix."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from cfit_graph.errors import NotAcceptable, UnknownEntity
from cfit_graph.store.formats import GRAPHS
from cfit_graph.web import negotiation
from cfit_graph.web.headers import Wanted
from cfit_graph.web.site import site_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

PAGE_OR_RDF: Final = {"html": negotiation.HTML} | {graph.name: graph.media_type for graph in GRAPHS}
"""Formats of a document that is a page and RDF: media types by suffix, the one for anybody first."""

IN_LANGUAGES: Final = "/validate"
"""The path of the page that there is in several languages."""

_OF_THINGS: Final = "/doc/"
_OFFERS: Final = tuple(PAGE_OR_RDF.values())


def choose(
    request: Request, path: str, suffix: str | None = None, formats: Mapping[str, str] = PAGE_OR_RDF
) -> tuple[str, dict[str, str]]:
    """Return the media type for the document at ``path`` of the site, and the headers that go with it.

    The suffix decides if there is one (not ``None``), else the ``Accept`` header.

    Raises:
        UnknownEntity: if no format has that suffix.
        NotAcceptable: if no format suits the header.
    """
    if suffix is not None and suffix not in formats:
        raise UnknownEntity(f"There is no format .{suffix}; there are {', '.join(formats)}.")
    accept = Wanted.of(request.scope).accepted if suffix is None else formats[suffix]
    media_type = negotiation.choose(accept, tuple(formats.values()))
    chosen = suffix or next(name for name, offer in formats.items() if offer == media_type)
    vary = {"Vary": "Accept"} if suffix is None else {}
    return media_type, {"Content-Location": f"{site_of(request).prefix}{path}.{chosen}"} | vary | modified(request)


def variant(path: str, wanted: Wanted) -> tuple[str | bytes, ...]:
    """Return what of a request's headers decides on the answer at a path: all with the same are given the same bytes.

    At documents on things that is what :func:`choose` makes of them, so that one answer is kept for all browsers. A
    suffix leaves nothing to choose. Elsewhere, and where nothing suits, it is the headers as they are, and
    the language where there are several.
    """
    if path == IN_LANGUAGES:
        return wanted.accept, wanted.encoding, wanted.language
    if not path.startswith(_OF_THINGS):
        return wanted.accept, wanted.encoding
    if "." in path.rpartition("/")[2]:
        return "", wanted.coding
    try:
        return negotiation.choose(wanted.accepted, _OFFERS), wanted.coding
    except NotAcceptable:
        return wanted.accept, wanted.encoding


def modified(request: Request) -> dict[str, str]:
    """Return as a header when a document changed: when the release was published that it tells of."""
    release = site_of(request).release
    return {"Last-Modified": format_datetime(release.published, usegmt=True)} if release else {}
