"""Counts of what a graph holds, as VoID has them (sections 4.6 and 5): made once, when a release is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cfit_graph import queries
from cfit_graph.namespaces import things
from cfit_graph.store.rows import values

if TYPE_CHECKING:
    from cfit_graph.store import Store

_LISTS: Final = {"classPartition": "classes", "propertyPartition": "properties", "languages": "languages"}


def count(store: Store, base: str) -> dict[str, Any]:
    """Return the counts of a graph whose things have IRIs below ``base``; numbers are called as in VoID.

    ``{"triples", "entities", …, "classPartition": [{"class", "entities"}], "propertyPartition": [{"property",
    "triples", …}], "languages": [{"language"}], "linkset": [{"target", "property", "triples"}]}``: a linkset is all
    links of one property to one site, ``target``, from what is below the base to what is not.
    """
    (totals,) = _counted(store, "totals", things=things(base))
    lists = {name: _counted(store, query) for name, query in _LISTS.items()}
    return totals | lists | {"linkset": _counted(store, "linksets", base=base)}


def _counted(store: Store, query: str, **terms: str) -> list[dict[str, Any]]:
    found = values(store, queries.load(f"statistics/{query}", **terms))
    return [{name: int(text) if text.isdecimal() else text for name, text in row.items()} for row in found]
