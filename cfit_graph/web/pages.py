"""Pages for people: Jinja templates with what they need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from starlette.responses import HTMLResponse

from cfit_graph.namespaces import BASE, ID, shorten
from cfit_graph.web.site import Site, site_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2.runtime import Context
    from starlette.requests import Request
    from starlette.responses import Response

STATIC: Final = Path(__file__).parent / "static"
_DOCUMENTS: Final = ("ns", "shapes")  # terms and rules have hash IRIs: they are told of in these


def href(iri: str) -> str:
    """Return where a link to ``iri`` leads: our page of it, the address itself if it is on the web, else nowhere.

    >>> href("https://w3id.org/cfit/id/role/procuring"), href("javascript:alert(1)")
    ('/doc/role/procuring', '')
    """
    if iri.startswith(ID):
        return "/doc/" + iri.removeprefix(ID)
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
    address = href(iri)
    return link(context, address) if address.startswith("/") else address


@pass_context
def link_to_answer(context: Context, sparql: str) -> str:
    """Return the address at which a query is answered, within the release of the page."""
    return link(context, "/sparql?query=" + quote(sparql, safe=""))


def render(
    request: Request, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> Response:
    """Return a page made from a template; ``site`` is given to each."""
    content = _ENVIRONMENT.get_template(template).render(site=site_of(request), **values)
    return HTMLResponse(content, status, dict(headers or {}))


_ENVIRONMENT = Environment(
    loader=PackageLoader("cfit_graph.web"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"href": link_to, "link": link, "shorten": shorten, "sparql_link": link_to_answer}
