"""The API described for programs: OpenAPI 3.1, made from the table that requests are read by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cfit_graph.collection import COLLECTIONS, DAY, FILTERS, RELEASE, SEARCH, SINCE, Collection, asking, jsonld, table
from cfit_graph.search import MATCHES
from cfit_graph.texts import API
from cfit_graph.web.headers import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cfit_graph.collection import Filter
    from cfit_graph.collection.jsonld import Context, Term
    from cfit_graph.collection.values import Values

Part = dict[str, Any]

_PROBLEM: Final = "application/problem+json"
_TEXT: Final[Part] = {"type": "string"}
_IRI: Final[Part] = {"type": "string", "format": "iri"}
_LANGUAGES: Final[Part] = {"type": "object", "additionalProperties": {"type": "string"}}
_MANY_LANGUAGES: Final[Part] = {"type": "object", "additionalProperties": {"type": "array", "items": _TEXT}}
_DATE: Final[Part] = {"anyOf": [_TEXT, {"$ref": "#/components/schemas/PartialDate"}], "format": "date"}
_IDENTIFIER: Final[Part] = {"anyOf": [_TEXT, {"$ref": "#/components/schemas/TypedText"}]}
_PARTIAL_DATE: Final[Part] = {
    "type": "object",
    "properties": {"@value": _TEXT, "@type": {"enum": ["xsd:gYear", "xsd:gYearMonth"]}},
    "required": ["@value", "@type"],
}
_ACTIVITY: Final[Part] = {
    "type": "object",
    "properties": {
        "id": _IRI,
        "type": {"enum": ["Create", "Update", "Delete"]},
        "object": {"type": "object", "properties": {"id": _IRI, "type": {"type": "array", "items": _IRI}}},
        "published": {"type": "string", "format": "date-time"},
        "endTime": {"type": "string", "format": "date-time"},
        "context": _IRI,
        "place": {"type": "integer", "minimum": 1},
        "summaryMap": _LANGUAGES,
        "added": {"type": "array", "items": _TEXT},
        "removed": {"type": "array", "items": _TEXT},
    },
    "required": ["id", "type", "object", "published", "endTime", "context", "place", "summaryMap", "added", "removed"],
}
_TYPED_TEXT: Final[Part] = {
    "type": "object",
    "properties": {"@value": _TEXT, "@type": _TEXT},
    "required": ["@value", "@type"],
}
_PROBLEM_SCHEMA: Final[Part] = {
    "type": "object",
    "properties": {
        "type": _IRI,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/WrongParameter"}},
    },
    "required": ["type", "title", "status", "detail"],
}
_WRONG_PARAMETER: Final[Part] = {
    "type": "object",
    "properties": {"parameter": _TEXT, "detail": _TEXT},
    "required": ["parameter", "detail"],
}
_MATCH: Final[Part] = {
    "type": "object",
    "properties": {"name": _TEXT, "language": _TEXT, "how": {"enum": list(MATCHES)}},
    "required": ["name", "language", "how"],
}


def document(
    address: str,
    licence: Part | None,
    context: Context,
    names: Mapping[str, str],
    values: Callable[[Filter], Values],
    examples: Part,
    *,
    may_choose: bool,
) -> Part:
    """Return the description of the API at ``address``, whose data have this licence if they have a known one.

    ``names`` are those of vocabulary terms, by IRI; ``values`` gives what a filter takes; ``examples`` are answers for
    each collection, by its name for a page and by ``name/{slug}`` for an item. A request may name a release if it
    ``may_choose``.
    """
    parts = _Parts(context, names, values, examples)
    everything = (*COLLECTIONS.values(), SEARCH)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CFIT knowledge graph API",
            "version": API_VERSION,
            "description": API["about"],
            "contact": {"name": "cfit-graph project"},
            **({"license": licence} if licence else {}),
        },
        "servers": [{"url": address}],
        "security": [],
        "tags": [
            *({"name": each.name, "description": _words(each)["about"]} for each in everything),
            {"name": "changes", "description": API["changes"]["about"]},
        ],
        "paths": _paths(parts, may_choose=may_choose),
        "components": {
            "parameters": {name: _common(name) for name in (SINCE, *asking.PAGING)},
            "responses": _responses(),
            "headers": _headers(),
            "schemas": {
                "Activity": _ACTIVITY,
                "PartialDate": _PARTIAL_DATE,
                "Problem": _PROBLEM_SCHEMA,
                "TypedText": _TYPED_TEXT,
                "WrongParameter": _WRONG_PARAMETER,
                **{schema_name(each): parts.schema(each) for each in everything},
            },
        },
    }


def _paths(parts: _Parts, *, may_choose: bool) -> Part:
    paths = dict([*(path for each in COLLECTIONS.values() for path in parts.paths(each)), parts.search(), _changes()])
    for path in paths.values() if may_choose else ():
        path["get"]["parameters"].append(_RELEASE)
    return paths


def schema_name(of: Collection) -> str:
    """Return the name of the schema of an entry.

    >>> schema_name(COLLECTIONS["buyer-groups"])
    'BuyerGroup'
    """
    return "".join(word.capitalize() for word in (of.kind or of.name).split("-"))


class _Parts:
    """Makes the parts that depend on a collection."""

    def __init__(
        self, context: Context, names: Mapping[str, str], values: Callable[[Filter], Values], examples: Part
    ) -> None:
        self._context, self._names, self._values, self._examples = context, names, values, examples

    def paths(self, of: Collection) -> list[tuple[str, Part]]:
        """Return the paths of a collection: the list and the item."""
        filters = [self._parameter(of, name) for name in of.filters]
        entry, about = {"$ref": f"#/components/schemas/{schema_name(of)}"}, _words(of)["about"]
        item = self._examples.get(f"{of.name}/{{slug}}")
        example = {"example": item["id"].rpartition("/")[2]} if item else {}
        slug = {"name": "slug", "in": "path", "required": True, "schema": _TEXT} | example
        tables: Part = {name: {"schema": _TEXT} for name in table.MEDIA_TYPES.values()}
        listed = _jsons(_page(entry), self._examples.get(of.name)) | tables
        return [
            (f"/{of.name}", _get(of.name, "list", about, [*filters, _SINCE, *_PAGING], listed)),
            (f"/{of.name}/{{slug}}", _get(of.name, "item", API["answers"]["item"], [slug], _jsons(entry, item))),
        ]

    def search(self) -> tuple[str, Part]:
        """Return the path of the search."""
        parameters = [*(self._parameter(SEARCH, name) for name in SEARCH.filters), *_PAGING]
        found = {"allOf": [{"$ref": "#/components/schemas/Search"}, {"properties": {"match": _MATCH}}]}
        answer = _jsons(_page(found), self._examples.get(SEARCH.name))
        return "/search", _get(SEARCH.name, "list", _words(SEARCH)["about"], parameters, answer)

    def schema(self, of: Collection) -> Part:
        """Return the schema of an entry, which the item fits as well."""
        members = {name: self._member(self._context.terms[name]) for name in of.fields}
        types = {"type": "array", "items": _TEXT}
        return {
            "type": "object",
            "description": f"{_words(of)['about']} {API['fields']}",
            "properties": {"id": _IRI, "type": types, **members},
            "additionalProperties": True,
            "required": ["id"],
        }

    def _member(self, term: Term) -> Part:
        name = self._names.get(term.property, "")
        described = {"description": f"{name} <{term.property}>".strip()}
        if term.is_by_language:
            return described | (_MANY_LANGUAGES if term.is_set else _LANGUAGES)
        plain = _IDENTIFIER if term.is_set else _TEXT
        one = _IRI if term.coercion == "@id" else _DATE if term.coercion else plain
        return described | ({"type": "array", "items": one} if term.is_set else one)

    def _parameter(self, of: Collection, name: str) -> Part:
        words = API["filters"][name]
        tried = _words(of).get("tried", {}).get(name, words["example"])
        about = {"name": name, "in": "query", "description": words["about"]}
        required = {"required": True} if name in of.required else {}
        if name not in FILTERS:
            form = {"format": "date"} if name == DAY else {"minLength": 1}
            return about | required | {"schema": _TEXT | form, "example": tried}
        example = {"example": [tried]} if self._is_value(name, tried) else {}
        about["description"] += f" {API['values']}"
        return about | {"schema": {"type": "array", "items": _TEXT}, "explode": True} | example

    def _is_value(self, name: str, text: str) -> bool:
        try:
            return bool(self._values(FILTERS[name]).meant_by(text))
        except ValueError:
            return False


def _words(of: Collection) -> Part:
    words: Part = API["search"] if of is SEARCH else API["collections"][of.name]
    return words


_RELEASE: Final[Part] = {"name": RELEASE, "in": "query", "description": API["release"], "schema": _TEXT}
_SINCE, *_PAGING = ({"$ref": f"#/components/parameters/{name}"} for name in (SINCE, *asking.PAGING))


def _changes() -> tuple[str, Part]:
    """Return the path of the list of changes."""
    own = [
        {"name": name, "in": "query", "description": about, "schema": _TEXT}
        for name, about in API["changes"]["parameters"].items()
    ]
    schema = _page({"$ref": "#/components/schemas/Activity"})
    schema["properties"]["type"] = {"const": "CollectionPage"}
    content = {"application/json": {"schema": schema}}
    return "/changes", _get("changes", "list", API["changes"]["about"], [_SINCE, *own, *_PAGING], content)


def _common(name: str) -> Part:
    number = {"type": "integer", "minimum": 1, "maximum": asking.MOST}
    words = API["filters"][name]
    return {"name": name, "in": "query", "description": words["about"], "schema": number if name == "limit" else _TEXT}


def _page(entry: Part) -> Part:
    """Return the schema of a page with entries."""
    return {
        "type": "object",
        "properties": {
            "@context": {"type": "array", "items": {"type": ["string", "object"]}},
            "id": _IRI,
            "type": {"const": "Document"},
            "items": {"type": "array", "items": entry},
            "limit": {"type": "integer"},
            "next": {"type": ["string", "null"]},
        },
        "required": ["@context", "id", "type", "items", "limit", "next"],
    }


def _jsons(schema: Part, example: Any) -> Part:
    content = {"schema": schema} | ({} if example is None else {"example": example})
    return dict.fromkeys(jsonld.MEDIA_TYPES.values(), content)


def _get(of: str, name: str, about: str, parameters: list[Part], content: Part) -> Part:
    """Return the operation that answers with a list or an item of what is called ``of``."""
    refused = {"400": "Bad", "404": "Missing", "406": "Unacceptable", "503": "Unavailable"}
    headers = ("API-Version", "ETag", *(("Link",) if name == "list" else ()))
    called = of.replace("-", " ")
    left = {media_type: {"schema": it["schema"]} for media_type, it in content.items()}
    retired = {"410": {"description": API["answers"]["retired"], "content": left}} if name == "item" else {}
    return {
        "get": {
            "operationId": f"{name}-{of}",
            "tags": [of],
            "summary": f"One of the {called}" if name == "item" else called.capitalize(),
            "description": about,
            "parameters": parameters,
            "responses": {
                "200": {
                    "description": API["answers"][name],
                    "headers": {header: {"$ref": f"#/components/headers/{header}"} for header in headers},
                    "content": content,
                },
                **{status: {"$ref": f"#/components/responses/{name}"} for status, name in refused.items()},
                **retired,
            },
        }
    }


def _responses() -> Part:
    content = {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    names = ("bad", "missing", "unacceptable", "unavailable")
    return {name.capitalize(): {"description": API["answers"][name], "content": content} for name in names}


def _headers() -> Part:
    return {name: {"description": about, "schema": _TEXT} for name, about in API["headers"].items()}
