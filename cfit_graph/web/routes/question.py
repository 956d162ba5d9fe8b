"""``/question``: the question library, and each question of it as a page; in all other formats the endpoint answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, Response

from cfit_graph.errors import UnknownEntity
from cfit_graph.library import ADDRESS, DAY, parameters
from cfit_graph.texts import QUESTIONS
from cfit_graph.web import documents, library, negotiation, openapi_library, pages, protocol
from cfit_graph.web.routes import sparql
from cfit_graph.web.site import address_of, site_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cfit_graph.collection.values import Values
    from cfit_graph.library import Parameter
    from cfit_graph.queries import Question
    from cfit_graph.search import Index
    from cfit_graph.web.library import Asked
    from cfit_graph.web.protocol import QueryRequest
    from cfit_graph.web.site import Site

router = APIRouter()

_CHOICES: Final = 500
"""Values that a page lists to choose from at most; where there are more, one is written."""
_FORMATS: Final = {"html": negotiation.HTML, "json": "application/json"}
_INPUTS: Final = {DAY: "date", ADDRESS: "url"}


@router.api_route("/question", methods=["GET", "HEAD"])
def questions(request: Request) -> Response:
    """List the questions: for people a page, for programs what they can be asked with, as OpenAPI."""
    return _list(request, None)


@router.api_route("/question.{suffix}", methods=["GET", "HEAD"])
def questions_in(request: Request, suffix: str) -> Response:
    """List the same in the format of the suffix."""
    return _list(request, suffix)


@router.api_route("/question/{name}.rq", methods=["GET", "HEAD"])
def query(request: Request, name: str) -> Response:  # noqa: ARG001 - the path has it
    """Give the query of a question, with the values that are sent."""
    text = library.query(site_of(request), _read(request))
    return Response(text, headers=documents.modified(request), media_type=f"{protocol.DIRECT}; charset=utf-8")


@router.api_route("/question/{name}", methods=["GET", "HEAD"])
async def question(request: Request, name: str) -> Response:  # noqa: ARG001 - the path has it
    """Show a question with its answer, and what else it can be asked with."""
    site, asked = site_of(request), _read(request)
    query: QueryRequest | None = request.scope.get("cfit.asked")
    if query is None:  # the endpoint does not read what ends in .html
        query = await run_in_threadpool(library.request, site, asked)
    fields = await run_in_threadpool(_fields, site, asked)
    return await sparql.page(
        request,
        query,
        "question.html",
        lambda each: library.address(asked.question, asked.sent, each),
        question=asked.question,
        fields=fields,
        call=_call(asked.question, asked.sent),
        query=site.prefix + library.address(asked.question, asked.sent, library.QUERY),
    )


def _read(request: Request) -> Asked:
    return library.read(site_of(request), request.scope["path"], request.scope["query_string"].decode())


def _call(question: Question, sent: Mapping[str, Sequence[str]]) -> str:
    """Return how the query of a question is had in Python, from a client of ours."""
    values = (f", {name}={(given[0] if len(given) == 1 else given)!r}" for name, given in sent.items())
    return f"question({question.slug!r}{''.join(values)})"


def _list(request: Request, suffix: str | None) -> Response:
    if site_of(request).release is None:
        raise UnknownEntity("Other files than a release are served here, so there are no questions to start from.")
    media_type, headers = documents.choose(request, "/question", suffix, _FORMATS)
    if media_type == negotiation.HTML:
        return pages.render(request, "questions.html", headers=headers)
    described = openapi_library.document(address_of(request, ""), site_of(request).questions)
    return JSONResponse(described, headers=headers)


def _fields(site: Site, asked: Asked) -> list[dict[str, Any]]:
    """Return what the form of a page has for each parameter."""
    takes = parameters(asked.question)
    return [_field(site, parameter, asked.sent.get(parameter.name, parameter.examples)) for parameter in takes]


def _field(site: Site, parameter: Parameter, given: Sequence[str]) -> dict[str, Any]:
    """Return the values that a parameter has and, if they are few, those there are."""
    label = QUESTIONS["parameters"].get(parameter.name, parameter.name)
    field = {"name": parameter.name, "label": label, "is_list": parameter.is_list}
    if parameter.things is None:
        return {**field, "type": _INPUTS[parameter.kind], "given": given, "choices": []}
    values = site.collections.values(parameter.things)
    chosen = [values.short(iri) for iri in map(values.iri, given) if iri]
    return {**field, "type": "text", "given": chosen, "choices": _choices(values, site.index)}


def _choices(values: Values, index: Index) -> list[tuple[str, str]]:
    """Return values as they are sent and their names, by name; nothing if they are too many."""
    if len(values.narrower) > _CHOICES:
        return []
    named = {thing: name for thing, name, language in reversed(index.names) if language in {"", "en"}}
    found = ((values.short(iri), values.names.get(iri) or named.get(iri)) for iri in values.narrower)
    return sorted(((slug, name or slug) for slug, name in found), key=lambda choice: (choice[1].casefold(), choice))
