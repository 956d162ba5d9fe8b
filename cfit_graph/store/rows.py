"""The rows of a SELECT query as plain text, for questions of our own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cfit_graph.store import Store


def rows(store: Store, sparql: str) -> list[dict[str, str]]:
    """Return for each row the text of each value by name; names without a value are left out.

    Raises:
        CfitError: as :meth:`cfit_graph.store.Store.query` does.
    """
    answer = json.loads(b"".join(store.query(sparql, "application/sparql-results+json")))
    return [{name: value["value"] for name, value in row.items()} for row in answer["results"]["bindings"]]
