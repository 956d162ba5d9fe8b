"""``/ns``, ``/shapes`` and ``/context``: the words of the graph, the rules for them, and their names in JSON."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from cfit_graph import diagrams, queries, rules
from cfit_graph.errors import UnknownEntity
from cfit_graph.store.formats import GRAPHS
from cfit_graph.texts import RELATIONS
from cfit_graph.web import documents, negotiation, pages
from cfit_graph.web.headers import IMMUTABLE
from cfit_graph.web.site import Site, site_of

router = APIRouter()


@router.api_route("/ns", methods=["GET", "HEAD"])
def ontology(request: Request) -> Response:
    """Show the ontology and its concept schemes, as a page or as RDF."""
    return _ontology(request, None)


@router.api_route("/ns.{suffix}", methods=["GET", "HEAD"])
def ontology_in(request: Request, suffix: str) -> Response:
    """Show the ontology in the format of the suffix."""
    return _ontology(request, suffix)


@router.api_route("/ns/{version}", methods=["GET", "HEAD"])
def ontology_version(request: Request, version: str) -> Response:
    """Show the ontology at the address of its version; an older one is shown by the newest release that has it."""
    present = site_of(request).vocabulary.header
    return _ontology(request, None) if _is(version, present) else _older(request, "ontology", version, present, "/ns")


@router.api_route("/shapes", methods=["GET", "HEAD"])
def shapes(request: Request) -> Response:
    """Show the rules that data are judged by, as a page or as RDF."""
    return _shapes(request, None)


@router.api_route("/shapes.{suffix}", methods=["GET", "HEAD"])
def shapes_in(request: Request, suffix: str) -> Response:
    """Show the rules in the format of the suffix."""
    return _shapes(request, suffix)


@router.api_route("/shapes/{version}", methods=["GET", "HEAD"])
def shapes_version(request: Request, version: str) -> Response:
    """Show the rules at the address of their version; older ones are shown by the newest release that has them."""
    present = site_of(request).rulebook.header
    return _shapes(request, None) if _is(version, present) else _older(request, "shapes", version, present, "/shapes")


@router.api_route("/context/v1.jsonld", methods=["GET", "HEAD"])
def context(request: Request) -> Response:
    """Serve the JSON-LD context: it never changes, so that whoever has it need not ask again."""
    content = (site_of(request).root / "ontology" / "context.jsonld").read_bytes()
    return Response(content, headers=IMMUTABLE, media_type="application/ld+json")


def _is(version: str, header: dict[str, str]) -> bool:
    return version == header.get("owl:versionInfo", "")


def _older(request: Request, part: str, version: str, header: dict[str, str], path: str) -> Response:
    """Lead to the newest release with a version of the ontology or the shapes.

    Raises:
        UnknownEntity: if no release up to this one has it.
    """
    site = site_of(request)
    releases = reversed(site.log.releases) if site.release else ()
    having = next((one for one in releases if one.manifest[part].get("version") == version), None)
    if having is None:
        present = header.get("owl:versionInfo", "without a number")
        raise UnknownEntity(f"There is no version {version} here; the present one is {present}.")
    location = f"{site.settings.public_url}/release/{having.version}{path}"
    return Response(status_code=302, headers={"Location": location, "Vary": "Accept"})


def _ontology(request: Request, suffix: str | None) -> Response:
    media_type, headers = documents.choose(request, "/ns", suffix)
    site = site_of(request)
    if media_type == negotiation.HTML:
        return pages.render(
            request,
            "ns.html",
            headers=headers,
            vocabulary=site.vocabulary,
            drawings=_drawings(site),
            relations=RELATIONS,
            formats=GRAPHS,
        )
    return Response(b"".join(site.store.query(queries.load("ontology"), media_type)), 200, headers, media_type)


def _drawings(site: Site) -> dict[str, diagrams.Diagram]:
    """Return the diagrams by the prefixed name of the class, and the overview by an empty name."""
    read = site.vocabulary
    main = (diagrams.of_class(read.graph, site.names, read.datatypes, name) for name in diagrams.MAIN)
    return {drawing.name: drawing for drawing in (diagrams.overview(read.graph, site.names), *main)}


def _shapes(request: Request, suffix: str | None) -> Response:
    media_type, headers = documents.choose(request, "/shapes", suffix)
    book = site_of(request).rulebook
    if media_type == negotiation.HTML:
        return pages.render(request, "shapes.html", headers=headers, book=book, formats=GRAPHS)
    return Response(rules.serialize(book, media_type), 200, headers, media_type)
