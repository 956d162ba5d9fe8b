"""Columns of a table: values of RDF as the types of pandas, where all of a column are of one kind."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import pandas as pd

from cfit_graph.namespaces import VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Cell = Mapping[str, str] | None
    """A value as SPARQL 1.1 Query Results JSON has it, or nothing."""
    Values = Sequence[str | None]

IRI: Final = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:(?:[^<>"{}|\\^`%\[\]\x00-\x20]|%[0-9A-Fa-f]{2})*""")
"""An IRI as it may stand in a query, but for those whose host is a number of IPv6."""
_XSD: Final = VOCABULARIES["xsd"]
_WHOLE: Final = (
    *("byte", "int", "integer", "long", "negativeInteger", "nonNegativeInteger", "nonPositiveInteger"),
    *("positiveInteger", "short", "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort"),
)
_NAMES: Final = {
    **dict.fromkeys(_WHOLE, "whole"),
    **dict.fromkeys(("decimal", "double", "float"), "number"),
    "boolean": "truth",
    "date": "time",
    "dateTime": "time",
}
_KINDS: Final = {_XSD + name: kind for name, kind in _NAMES.items()}
_WRITTEN: Final = {
    "whole": re.compile(r"[+-]?[0-9]+"),
    "number": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF"),
    "truth": re.compile("true|false|0|1"),
    "time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9:]{5})?)?"),
}
"""How values of a kind are written (XML Schema 1.1 part 2); one that is not makes its column text.

So does one that pandas does not tell from none (NaN), or cuts off (more than nine digits of a second).
"""
_BEYOND: Final = 1 << 63
_OFFSET: Final = re.compile(r"T.*(?:Z|[+-][0-9:]{5})$")


def iris_in(cells: Sequence[Cell]) -> bool:
    """Tell whether a column holds IRIs and nothing else."""
    return {cell["type"] for cell in cells if cell} == {"uri"}


def column(cells: Sequence[Cell]) -> pd.Series:
    """Return the values of a column, with the type they share, or as text.

    >>> xsd = "http://www.w3.org/2001/XMLSchema#"
    >>> column([{"type": "literal", "value": "4", "datatype": xsd + "integer"}, None]).tolist()
    [4, <NA>]
    >>> column([{"type": "literal", "value": "2023-07", "datatype": xsd + "gYearMonth"}]).tolist()
    ['2023-07']
    """
    values = [cell["value"] if cell else None for cell in cells]
    convert = _CONVERSIONS.get(frozenset(map(_kind, filter(None, cells))))
    if convert:
        with suppress(ValueError, OverflowError):  # what the type cannot hold, or a day that is none
            return convert(values)
    return pd.Series(values, dtype="string")


def _kind(cell: Mapping[str, str]) -> str:
    kind = _KINDS.get(cell.get("datatype", ""), "")
    return kind if kind and _WRITTEN[kind].fullmatch(cell["value"]) else ""


def _whole(values: Values) -> pd.Series:
    if any(value and not -_BEYOND <= int(value) < _BEYOND for value in values):
        raise OverflowError("more than 64 bits")  # of some, pandas makes floats
    return pd.Series([value and int(value) for value in values], dtype="Int64")


def _number(values: Values) -> pd.Series:
    if any(value and "INF" not in value and math.isinf(float(value)) for value in values):
        raise OverflowError("more than a float can hold")
    return pd.Series([value and float(value) for value in values], dtype="Float64")


def _truth(values: Values) -> pd.Series:
    return pd.Series([value and value in {"true", "1"} for value in values], dtype="boolean")


def _time(values: Values) -> pd.Series:
    has_offset = {bool(_OFFSET.search(value)) for value in values if value}
    if len(has_offset) > 1:
        raise ValueError("times with and without offset do not compare")
    return pd.to_datetime(pd.Series(values), format="ISO8601", utc=has_offset.pop())


_CONVERSIONS: Final[dict[frozenset[str], Callable[[Values], pd.Series]]] = {
    frozenset({"whole"}): _whole,
    frozenset({"number"}): _number,
    frozenset({"whole", "number"}): _number,
    frozenset({"truth"}): _truth,
    frozenset({"time"}): _time,
}
