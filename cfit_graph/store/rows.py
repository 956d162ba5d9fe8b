"""The answer to a query as rows of Python, or as a truth value: for questions of our own, whose answers are small."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cfit_graph.store import LIMITS

if TYPE_CHECKING:
    from cfit_graph.store import Limits, Store

Term = dict[str, Any]
"""A term as SPARQL 1.1 Query Results JSON has it (3.2.2): ``type``, ``value``, ``xml:lang``, ``datatype``."""

_JSON: Final = "application/sparql-results+json"
_UNBOUND: Final[Term] = {"value": ""}


def rows(store: Store, sparql: str) -> list[dict[str, Any]]:
    """Return the rows of a SELECT query: a term for each name, with nothing but an empty value if it is unbound.

    Raises:
        CfitError: as :class:`cfit_graph.store.Store` does.
    """
    answer = json.loads(b"".join(store.query(sparql, _JSON)))
    names, found = answer["head"]["vars"], answer["results"]["bindings"]
    return [row if len(row) == len(names) else {name: row.get(name, _UNBOUND) for name in names} for row in found]


def holds(store: Store, sparql: str, limits: Limits = LIMITS) -> bool:
    """Return the answer to an ASK query.

    Raises:
        CfitError: as :class:`cfit_graph.store.Store` does.
    """
    return bool(json.loads(b"".join(store.query(sparql, _JSON, limits=limits)))["boolean"])


def values(store: Store, sparql: str) -> list[dict[str, str]]:
    """Return the rows of a SELECT query as plain text: a value for each name, empty if it is unbound.

    Raises:
        CfitError: as :class:`cfit_graph.store.Store` does.
    """
    return [{name: term["value"] for name, term in row.items()} for row in rows(store, sparql)]
