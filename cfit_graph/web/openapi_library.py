"""The questions of the library described for programs: OpenAPI 3.1, a path for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cfit_graph.library import ADDRESS, DAY, parameters
from cfit_graph.store.lexer import outline
from cfit_graph.texts import QUESTIONS
from cfit_graph.web import library, negotiation, problems
from cfit_graph.web.headers import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cfit_graph.library import Parameter
    from cfit_graph.queries import Question

Part = dict[str, Any]

_FORMATS: Final = {DAY: {"format": "date"}, ADDRESS: {"format": "iri"}}
_REFUSED: Final = {"400": "bad", "404": "missing", "406": "unacceptable", "503": "unavailable", "504": "slow"}
_TIMEOUT: Final[Part] = {
    "name": library.TIMEOUT,
    "in": "query",
    "description": QUESTIONS["timeout"],
    "schema": {"type": "number", "exclusiveMinimum": 0},
}


def document(address: str, questions: Iterable[Question]) -> Part:
    """Return the description of the questions that are asked below ``address``."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "CFIT knowledge graph questions", "version": API_VERSION, "description": QUESTIONS["about"]},
        "servers": [{"url": address}],
        "security": [],
        "paths": {library.address(question, {}): {"get": _operation(question)} for question in questions},
        "components": {"responses": {name: _problem(name) for name in _REFUSED.values()}},
    }


def _operation(question: Question) -> Part:
    form = outline(question.sparql).form
    content: Part = {each: {} for each in (*library.formats(question).values(), negotiation.HTML)}
    refused = {status: {"$ref": f"#/components/responses/{name}"} for status, name in _REFUSED.items()}
    return {
        "operationId": question.slug,
        "tags": [question.group],
        "summary": question.title,
        "parameters": [*map(_parameter, parameters(question)), _TIMEOUT],
        "responses": {"200": {"description": QUESTIONS["answers"][form], "content": content}, **refused},
    }


def _parameter(parameter: Parameter) -> Part:
    one = {"type": "string", **_FORMATS.get(parameter.kind, {})}
    schema: Part = {"type": "array", "items": one, "minItems": 1} if parameter.is_list else one
    examples = list(parameter.examples)
    return {
        "name": parameter.name,
        "in": "query",
        "description": QUESTIONS["parameters"].get(parameter.name, parameter.name),
        "schema": schema | {"default": examples if parameter.is_list else examples[0]},
    }


def _problem(name: str) -> Part:
    return {"description": QUESTIONS["answers"][name], "content": {problems.MEDIA_TYPE: {"schema": {"type": "object"}}}}
