"""Reconciliation: which of our things is meant by a name (Entity Reconciliation API 0.2, as OpenRefine speaks it).

How candidates are scored, from 0 to 100:

* 100 who is named by an identifier of its own or of a register, or has a name with the same words in the same order;
  names are all that it has or had, in every language.
* 95 who has that name without legal form and article, if it has several words then.
* Less, as names have less in common (:mod:`cfit_graph.reconcile.names`).
* 20 less for each property asked for that it does not have.

A match is the one candidate with 95 or more for its name, if no other comes within 5 of it. Who is only listed under
the name of a place, as agencies are for their countries, is none by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cfit_graph.collection import COLLECTIONS, Collection

BATCH: Final = 50
"""Queries in a batch at most."""
DEFAULT: Final = 5
"""Candidates of a query, if the client does not say."""
MOST: Final = 50
"""Candidates of a query at most."""
LONGEST: Final = 500
"""Characters that a name or a value may have."""
PROPERTIES: Final = 20
"""Properties that may be asked for at once, and values that one may be asked to have."""
IDS: Final = 500
"""Things that may be asked about at once."""

_RECORDS: Final = ("affiliations", "endorsements")  # their names are made of those of others

TYPES: Final = {of.kind: of for name, of in COLLECTIONS.items() if name not in _RECORDS}
"""What can be looked for: collections of things that have names of their own, by kind, which is the id of the type."""


@dataclass(frozen=True)
class Wanted:
    """A property that is asked for, and values of which one will do; of one that was reconciled its id and its name."""

    pid: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A name to find things by (empty: by properties only), of one of these types, and the candidates wanted."""

    name: str
    types: tuple[Collection, ...] = tuple(TYPES.values())
    properties: tuple[Wanted, ...] = ()
    limit: int = DEFAULT


def called(of: Collection) -> str:
    """Return the name of a type.

    >>> called(TYPES["buyer-group"])
    'buyer group'
    """
    return of.kind.replace("-", " ")
