"""What a table says by its metadata: csv2rdf in minimal mode, as far as our metadata go (Recommendation 2015-12-17)."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from rdflib import XSD, Graph, Literal, URIRef

Values = dict[str, Any]
"""The cells of a row by the name of the column: text, or a list where the column has a separator."""


def rows(table: str, metadata: dict[str, Any]) -> list[Values]:
    """Return the cells of every row as the metadata have them read; its header must be that of the metadata."""
    columns = metadata["tableSchema"]["columns"]
    header, *body = csv.reader(io.StringIO(table, newline=""), strict=True)
    assert header == [column["titles"] for column in columns]
    assert all(len(row) == len(columns) for row in body)
    return [{column["name"]: _cell(text, column) for column, text in zip(columns, row, strict=True)} for row in body]


def statements(table: str, metadata: dict[str, Any]) -> Graph:
    """Return what the table says; its metadata must be such as the table needs."""
    schema = metadata["tableSchema"]
    graph, cells = Graph(), rows(table, metadata)
    keys = [row[schema["primaryKey"]] for row in cells]
    assert len(set(keys)) == len(keys)
    for row in cells:
        subject = URIRef(_expand(schema["aboutUrl"], row))
        for column in schema["columns"]:
            value = row[column["name"]]
            assert value or not column.get("required")
            if value and not column.get("suppressOutput"):
                for term in _objects(value, column, row):
                    graph.add((subject, URIRef(column["propertyUrl"]), term))
    return graph


def _cell(text: str, column: dict[str, Any]) -> str | list[str]:
    """Return the value of a cell (tabular-data-model, 6.4): text, or a list if there is a separator."""
    datatype = column["datatype"]
    if isinstance(datatype, dict) and "format" in datatype:
        assert not text or re.fullmatch(datatype["format"], text)
    if "separator" not in column:
        return text
    return text.split(column["separator"]) if text else []


def _objects(value: str | list[str], column: dict[str, Any], row: Values) -> list[URIRef | Literal]:
    """Return the objects of a cell (csv2rdf, 4.6.8): one node for a value URL, else a literal for each value."""
    if "valueUrl" in column:
        return [URIRef(_expand(column["valueUrl"], row))]
    values = value if isinstance(value, list) else [value]
    if "lang" in column:
        return [Literal(text, lang=column["lang"]) for text in values]
    return [Literal(text, datatype=_datatype(column["datatype"])) for text in values]


def _datatype(described: str | dict[str, str]) -> URIRef | None:
    """Return the datatype of a literal: the one that is named (csv2rdf, 4.6.8), or one that is built in."""
    if isinstance(described, dict):
        return URIRef(described["@id"])
    return None if described == "string" else XSD[described]


def _expand(template: str, row: Values) -> str:
    """Expand ``{+name}`` (RFC 6570, 3.2.3): a list is joined by commas, as the template says nothing else."""

    def value(found: re.Match[str]) -> str:
        cell = row[found[1]]
        return ",".join(cell) if isinstance(cell, list) else cell

    return re.sub(r"\{\+(\w+)\}", value, template)
