"""Where things are in a copy without a server: a query is part of the path there, and a format is a suffix."""

from __future__ import annotations

import hashlib
import html
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    Lead = Callable[[str], str]

_RDF: Final = ("ttl", "nt", "jsonld", "rdf", "trig", "nq")
_SUFFIXES: Final = frozenset(
    {*_RDF, "atom", "bib", "cff", "css", "csv", "gz", "html", "json", "rq", "svg", "tsv", "txt", "xml"}
)
_LINK: Final = re.compile(r'(?<=\s)(href|src)="([^"]*)"')
_SLUG: Final = 48


def place(address: str, within: str = "") -> str:
    """Return the path in a copy of what an address of the server answers.

    ``within`` is the suffix of the file that has the link: JSON leads on to JSON, and RDF to RDF.

    >>> place("/quality?format=ttl"), place("/api/v1/pacts"), place("/doc/pact/cfit")
    ('/quality.ttl', '/api/v1/pacts.json', '/doc/pact/cfit')
    """
    parts = urlsplit(address)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    known = suffix_of(parts.path)
    stem = parts.path.removesuffix(f".{known}") if known else _named(parts.path)
    suffix = dict(asked).get("format") or known or _silent(parts.path, within)
    others = urlencode([(name, value) for name, value in asked if name != "format"])
    name = f"{stem}/{_slug(others)}" if others else stem
    return f"{name}.{suffix}" if suffix else name


def _named(path: str) -> str:
    """Return a path that does not end in a stroke: hosts of files take it for the one without."""
    return f"{path}home" if path.endswith("/") and path != "/" else path


def suffix_of(path: str) -> str:
    """Return the suffix of a path that names a format; empty if there is none.

    >>> suffix_of("/dump/cfit.nq.gz"), suffix_of("/release/2026-11-24.1")
    ('gz', '')
    """
    suffix = path.rpartition(".")[2]
    return suffix if suffix in _SUFFIXES else ""


def _silent(path: str, within: str) -> str:
    """Return the suffix of an address that has none, and is not that of a page."""
    if "/api/v1/" in path:
        return "json"
    if "/feed/ldes" in path:
        return within if within in _RDF else "ttl"
    return within if "/feed" in path and within in {"json", "jsonld"} else ""


def _slug(query: str) -> str:
    """Return a query as a name: what it says as far as there is room, and a hash to tell it from others."""
    words = "-".join(re.findall("[a-z0-9]+", re.sub("%..", " ", query.lower())))[:_SLUG].rstrip("-")
    return f"{words}-{hashlib.sha256(query.encode()).hexdigest()[:8]}"


def rewrite_page(page: str, url: str, lead: Lead) -> str:
    """Return a page with its links led to where things are in the copy at ``url``; ``lead`` returns their paths.

    ``lead`` is given the address of each link to the site, without the fragment.
    """
    root = urlsplit(url).path

    def led(found: re.Match[str]) -> str:
        target = html.unescape(found[2])
        if target.startswith(f"{url}/"):
            target = url + _led(target.removeprefix(url), lead)
        elif target.startswith("/") and not target.startswith("//"):
            target = root + _led(target, lead)
        return f'{found[1]}="{html.escape(target)}"'

    return _LINK.sub(led, page)


def rewrite_data(text: str, url: str, lead: Lead, *, is_xml: bool = False) -> str:
    """Return JSON, RDF or XML with its addresses below ``url`` led to where things are, as :func:`rewrite_page` does.

    Addresses in sentences stay.
    """

    def led(found: re.Match[str]) -> str:
        target = html.unescape(found[1]) if is_xml else found[1]
        path = _led(target, lead)
        return url + (html.escape(path) if is_xml else path)

    return re.sub(rf"""(?<=["<>]){re.escape(url)}(/[^\s"<>\\]*)(?=["<>])""", led, text)


def _led(address: str, lead: Lead) -> str:
    path, mark, fragment = address.partition("#")
    return lead(path) + mark + fragment
