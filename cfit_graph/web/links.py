"""Links between what is here, typed (RFC 8288): in a header, in the head of a page, and in a linkset (RFC 9264)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cfit_graph.namespaces import LICENCE, LICENCE_ID
from cfit_graph.store.formats import GRAPHS
from cfit_graph.web.negotiation import HTML
from cfit_graph.web.site import address_of, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

SPDX: Final = f"https://spdx.org/licenses/{LICENCE_ID}"
"""The licence of our data by the address that FAIR Signposting encourages; in RDF it is :data:`LICENCE`."""
LINKSET: Final = "application/linkset+json"


class Link(NamedTuple):
    """A link: its relation (RFC 8288, 3.3), its absolute target, and the media type there; empty if it negotiates."""

    relation: str
    target: str
    media_type: str = ""


def header(links: Iterable[Link]) -> dict[str, str]:
    """Return links as a header."""
    return {"Link": ", ".join(map(_written, links))}


def linkset(links: dict[str, list[Link]]) -> dict[str, Any]:
    """Return links by their contexts as a linkset (RFC 9264, 4.2); what negotiates is HTML for anybody."""
    return {"linkset": [{"anchor": anchor, **_targets(some)} for anchor, some in links.items()]}


def formats(request: Request, path: str, relation: str) -> list[Link]:
    """Return links to a document in each format of RDF."""
    return [Link(relation, address_of(request, f"{path}.{it.name}"), it.media_type) for it in GRAPHS]


def of_document(request: Request, path: str, iri: str) -> list[Link]:
    """Return the links of a document on a thing: what it tells of, in which formats, and what it belongs to."""
    return [Link("describes", iri), *formats(request, path, "describedby"), *belonging(request)]


def cited(request: Request) -> str:
    """Return what to cite the dataset by: its IRI, or within a release the one of that, which leads to it for ever."""
    site = site_of(request)
    name = f"release/{site.edition.release}" if site.prefix else "dataset"
    return site.edition.base + name


def belonging(request: Request) -> list[Link]:
    """Return the links to the dataset and the licence of all that is part of it."""
    licence = [Link("license", LICENCE)] if site_of(request).release else []
    return [Link("collection", address_of(request, "/dataset")), *licence]


def _written(link: Link) -> str:
    kind = f'; type="{link.media_type}"' if link.media_type else ""
    return f'<{link.target}>; rel="{link.relation}"{kind}'


def _targets(links: Iterable[Link]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for link in links:
        found.setdefault(link.relation, []).append({"href": link.target, "type": link.media_type or HTML})
    return found
