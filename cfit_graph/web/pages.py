"""Pages for people: Jinja templates with what they need."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from starlette.responses import Response

from cfit_graph.namespaces import BASE, shorten, things
from cfit_graph.web.negotiation import HTML
from cfit_graph.web.site import Site, site_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2.runtime import Context
    from starlette.requests import Request

STATIC: Final = Path(__file__).parent / "static"
_LINKED: Final = 4096  # pages link to the same things over and over
_SPACES: Final = str.maketrans("", "", "\n\t")
_DOCUMENTS: Final = ("ns", "shapes")  # terms and rules have hash IRIs: they are told of in these


@lru_cache(_LINKED)
def href(iri: str, base: str) -> str:
    """Return where a link to ``iri`` leads: our page of it, the address itself if it is on the web, else nowhere.

    ``base`` is what the IRIs of the things told of here begin with; the vocabulary has names of its own.

    >>> href("https://w3id.org/cfit/id/role/procuring", BASE), href("javascript:alert(1)", BASE)
    ('/doc/role/procuring', '')
    """
    if iri.startswith(things(base)):
        return "/doc/" + iri.removeprefix(things(base))
    if iri == f"{base}dataset":
        return "/dataset"
    for name in _DOCUMENTS:
        if iri == BASE + name or iri.startswith(f"{BASE}{name}#"):
            return "/" + iri.removeprefix(BASE)
    return iri if iri.startswith(("http://", "https://")) else ""


@pass_context
def link(context: Context, path: str) -> str:
    """Return the address of a page of ours: in the release that the page with the link belongs to."""
    site: Site = context["site"]
    return site.prefix + path


@pass_context
def link_to(context: Context, iri: str) -> str:
    """Return where a link to ``iri`` leads, as :func:`href` does, but within the release of the page."""
    site: Site = context["site"]
    address = href(iri, site.edition.base)
    return site.prefix + address if address[:1] == "/" else address


@pass_context
def link_to_answer(context: Context, sparql: str) -> str:
    """Return the address at which a query is answered, within the release of the page."""
    return link(context, "/sparql?query=" + quote(sparql, safe=""))


@pass_context
def in_release(context: Context, iri: str, version: str) -> str:
    """Return the address of our page of a thing as it is in a release; empty if we have none."""
    site: Site = context["site"]
    address = href(iri, site.edition.base)
    return f"/release/{version}{address}" if address.startswith("/") else ""


@pass_context
def link_to_history(context: Context, iri: str) -> str:
    """Return the address of the page that tells what became of a thing."""
    return link(context, "/changes?entity=" + quote(shorten(iri), safe=":"))


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = HTML,
    **values: Any,
) -> Response:
    """Return a page made from a template.

    Each is given ``site``; ``here``, its address in the current release; and whether it is for a copy without a server.
    """
    query = request.scope["query_string"].decode()
    here = quote(request.scope["path"]) + (f"?{query}" if query else "")
    always = {"site": site_of(request), "here": here, "is_copy": "cfit.copy" in request.scope}
    content = ENVIRONMENT.get_template(template).render(**always, **values)
    return Response(content, status, dict(headers or {}), media_type)


def plural(number: int | str, one: str, more: str = "") -> str:
    """Return the word for so many: one, or more, which is one with an s unless it is given.

    >>> plural(1, "source"), plural("2", "source"), plural(0, "class", "classes")
    ('source', 'sources', 'classes')
    """
    return one if str(number) == "1" else more or f"{one}s"


def python_text(text: str) -> str:
    r"""Return a text as it stands in a program in Python: between three quotes, if it can. Its lines end as there.

    >>> python_text('the word "two" here').strip('"'), python_text("one\\two")
    ('the word "two" here', "'one\\\\two'")
    """
    text = text.replace("\r\n", "\n")
    is_plain = text.translate(_SPACES).isprintable() and not text.endswith('"')
    return repr(text) if "\\" in text or '"""' in text or not is_plain else f'"""{text}"""'


ENVIRONMENT: Final = Environment(
    loader=PackageLoader("cfit_graph.web"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
"""What makes pages from templates."""

ENVIRONMENT.filters |= {
    "history_link": link_to_history,
    "href": link_to,
    "in_release": in_release,
    "link": link,
    "plural": plural,
    "python": python_text,
    "shorten": shorten,
    "sparql_link": link_to_answer,
}
