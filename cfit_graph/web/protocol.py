"""The SPARQL 1.1 Protocol's three ways to send a query (section 2.1), as pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from cfit_graph.errors import UnsupportedMediaType, UpdateRefused, UsageError
from cfit_graph.store import GraphSelection

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
_UPDATE = "application/sparql-update"

Parameters = dict[str, list[str]]


@dataclass(frozen=True)
class QueryRequest:
    """One query, the dataset the request names for it, and the format it asks for by name (ours; empty if none)."""

    sparql: str
    dataset: GraphSelection
    format: str


def from_get(query_string: str) -> QueryRequest:
    """Read a query sent by GET.

    Raises:
        UsageError: if there is not exactly one query.
        UpdateRefused: if an update is sent.
    """
    return _request(_parse(query_string))


def from_post(query_string: str, content_type: str, body: bytes) -> QueryRequest:
    """Read a query sent by POST, as a form or directly.

    Raises:
        UnsupportedMediaType: if it is sent in another way or encoding.
        UsageError: if there is not exactly one query.
        UpdateRefused: if an update is sent.
    """
    media_type, charset = _content_type(content_type)
    if media_type == _UPDATE:
        raise UpdateRefused
    if media_type not in {FORM, DIRECT} or charset not in {"", "utf-8"}:
        raise UnsupportedMediaType(f"Send the query as {FORM} or as {DIRECT}, in UTF-8.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnsupportedMediaType("The body is not UTF-8. Encode the query as UTF-8 and send it again.") from None
    if media_type == FORM:
        return _request(_parse(query_string) | _parse(text))
    return _request(_parse(query_string) | {"query": [text]})


def _request(parameters: Parameters) -> QueryRequest:
    if "update" in parameters:
        raise UpdateRefused
    sent = parameters.get("query", [])
    if len(sent) != 1:
        raise UsageError(f"Send exactly one query parameter; this request has {len(sent) or 'none'}.")
    dataset = GraphSelection(
        tuple(parameters.get("default-graph-uri", ())), tuple(parameters.get("named-graph-uri", ()))
    )
    return QueryRequest(sent[0], dataset, parameters.get("format", [""])[0])


def _parse(form: str) -> Parameters:
    return parse_qs(form, keep_blank_values=True)


def _content_type(header: str) -> tuple[str, str]:
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    charsets = [value.strip('"') for name, _, value in (p.partition("=") for p in parameters) if name == "charset"]
    return media_type, charsets[0] if charsets else ""
