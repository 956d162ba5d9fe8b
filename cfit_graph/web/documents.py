"""Documents in several formats: one address that negotiates, and one per format, told apart by suffix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cfit_graph.errors import UnknownEntity
from cfit_graph.store.formats import GRAPHS
from cfit_graph.web import negotiation

if TYPE_CHECKING:
    from starlette.requests import Request

_FORMATS: Final = {"html": negotiation.HTML} | {graph.name: graph.media_type for graph in GRAPHS}
_SUFFIXES: Final = {media_type: name for name, media_type in _FORMATS.items()}


def choose(request: Request, path: str, suffix: str | None = None) -> tuple[str, dict[str, str]]:
    """Return the media type for the document at ``path``, and the headers that go with it.

    The suffix decides if there is one (not ``None``), else the ``Accept`` header.

    Raises:
        UnknownEntity: if no format has that suffix.
        NotAcceptable: if no format suits the header.
    """
    if suffix is not None and suffix not in _FORMATS:
        raise UnknownEntity(f"There is no format .{suffix}; there are {', '.join(_FORMATS)}.")
    accept = request.headers.get("accept", "") if suffix is None else _FORMATS[suffix]
    media_type = negotiation.choose(accept, tuple(_FORMATS.values()))
    vary = {"Vary": "Accept"} if suffix is None else {}
    return media_type, {"Content-Location": f"{path}.{_SUFFIXES[media_type]}"} | vary
