"""Headers: those every answer carries, and those of a request that decide on the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.texts import LANGUAGES
from cfit_graph.web import negotiation

if TYPE_CHECKING:
    from starlette.types import Scope

    from cfit_graph.web.cache import Header

_POLICY: Final = (
    b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
API_VERSION: Final = "1.0.0"
"""Version of the REST API, which follows Semantic Versioning; its first number is in the addresses."""

_EXPOSED: Final = (
    b"API-Version, Allow, Content-Location, ETag, Link, Location, Memento-Datetime, Query-Limits, Retry-After"
)

OF_DATA: Final[tuple[Header, ...]] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", _EXPOSED),
    (b"x-content-type-options", b"nosniff"),
)
"""On every answer. Any site may read everything here; said always, so that a shared cache holds one copy for all."""

OF_PAGES: Final[tuple[Header, ...]] = ((b"content-security-policy", _POLICY), (b"referrer-policy", b"no-referrer"))
"""On what a browser may show as a page, which XML is, too: it may hold scripts in the words of XHTML."""

FRAMED: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors *"
}
"""On what others show within pages of theirs, in place of the policy of pages: nothing there can be done by mistake."""

COMMON: Final = (*OF_DATA, *OF_PAGES, (b"api-version", API_VERSION.encode()))
"""On every answer but those to queries, which a client of ours has many of, one after the other."""

PREFLIGHT: Final[tuple[Header, ...]] = (
    *COMMON,
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (b"access-control-allow-headers", b"Accept, Accept-Datetime, Content-Type, If-Modified-Since, If-None-Match"),
    (b"access-control-max-age", b"86400"),
)
"""On the answer to a browser that asks whether its script may ask."""

CACHEABLE: Final = b"public, max-age=60, stale-while-revalidate=600"
"""What changes with a release only: a minute old at most where a cache is between, and asked for again by its tag."""

IMMUTABLE: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
"""On what never changes: it need not be asked for again."""

VARY: Final = b"Accept, Accept-Encoding"


class Wanted(NamedTuple):
    """What a request says of the answer it wants; empty where it says nothing."""

    accept: bytes
    encoding: bytes
    if_none_match: bytes
    datetime: bytes = b""
    accept_language: bytes = b""
    if_modified_since: bytes = b""

    @classmethod
    def of(cls, scope: Scope) -> Wanted:
        """Read the headers of a request; those sent several times count as one list (RFC 9110, 5.3)."""
        accept = encoding = known = datetime = languages = since = b""
        for name, value in scope["headers"]:
            if name == b"accept":
                accept = accept + b"," + value if accept else value
            elif name == b"accept-encoding":
                encoding = encoding + b"," + value if encoding else value
            elif name == b"if-none-match":
                known = known + b"," + value if known else value
            elif name == b"accept-datetime":
                datetime = datetime + b"," + value if datetime else value
            elif name == b"accept-language":
                languages = languages + b"," + value if languages else value
            elif name == b"if-modified-since":
                since = value
        return cls(accept, encoding, known, datetime, languages, since)

    @property
    def accepted(self) -> str:
        """The Accept header as text."""
        return self.accept.decode("latin-1")

    @property
    def language(self) -> str:
        """The language the client likes best, of those that there are."""
        return negotiation.language(self.accept_language.decode("latin-1"), LANGUAGES)

    @property
    def coding(self) -> str:
        """The content coding the client likes best; empty for none."""
        return negotiation.coding(self.encoding.decode("latin-1"))


PLAIN: Final = Wanted(b"", b"", b"")
"""What a page of ours wants of an answer that it asks for itself: no content coding, whatever the client takes."""
