"""Our own schemas of the answers of the Reconciliation API 0.2, and what OpenRefine sends."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_NAME: Final[Schema] = {"type": "string", "minLength": 1}
_URL: Final[Schema] = {"type": "string", "pattern": "^https?://"}
_TEMPLATE: Final[Schema] = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    properties = required | (optional or {})
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_NAMED: Final = _object({"id": _NAME, "name": _NAME})
_PLACE: Final = _object({"service_url": _URL, "service_path": {"type": "string", "pattern": "^/"}})

MANIFEST: Final = _object(
    {
        "versions": _array(_TEXT) | {"contains": {"const": "0.2"}},
        "name": _NAME,
        "identifierSpace": _URL,
        "schemaSpace": _URL,
    },
    {
        "documentation": _URL,
        "logo": _URL,
        "serviceVersion": _NAME,
        "defaultTypes": _array(_NAMED) | {"minItems": 1, "uniqueItems": True},
        "view": _object({"url": _TEMPLATE}),
        "preview": _object({"url": _TEMPLATE, "width": {"type": "integer"}, "height": {"type": "integer"}}),
        "suggest": _object({"entity": _PLACE, "type": _PLACE, "property": _PLACE}),
        "extend": _object({"propose_properties": _PLACE, "property_settings": {"const": []}}),
        "batchSize": {"type": "integer", "minimum": 1},
    },
)

_CANDIDATE: Final = _object(
    {
        "id": _NAME,
        "name": _NAME,
        "description": _TEXT,
        "type": _array(_NAMED),
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "features": _array(_object({"id": _NAME, "value": {"type": ["number", "boolean"]}})),
        "match": {"type": "boolean"},
    }
)
RESULTS: Final[Schema] = {"type": "object", "additionalProperties": _object({"result": _array(_CANDIDATE)})}

SUGGESTED_ENTITIES: Final = _object(
    {"result": _array(_object({"id": _NAME, "name": _NAME, "description": _TEXT, "notable": _array(_NAMED)}))}
)
SUGGESTED: Final = _object({"result": _array(_object({"id": _NAME, "name": _NAME, "description": _TEXT}))})

_CELL: Final[Schema] = {"oneOf": [_NAMED, _object({"str": _TEXT})]}
EXTENSION: Final = _object(
    {
        "meta": _array(_NAMED),
        "rows": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": _array(_CELL)},
        },
    }
)
PROPOSAL: Final = _object({"properties": _array(_NAMED)}, {"type": _NAME, "limit": {"type": "integer"}})
