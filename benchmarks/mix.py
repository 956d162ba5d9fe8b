"""The mix: fourteen questions of researchers, one file each in ``queries/``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cfit_graph import queries
from cfit_graph.store.lexer import outline

FOLDER: Final = Path(__file__).parent / "queries"
ROWS: Final = "application/sparql-results+json"
STATEMENTS: Final = "application/n-triples"
EXAMPLE: Final = "org-000042"
"""The organization that look-ups ask for; :func:`lookups` put others in its place."""


@dataclass(frozen=True)
class Query:
    """One question: its name (``q01-lookup``), kind (lookup, analytic or bulk), text and media type of the answer."""

    name: str
    title: str
    kind: str
    sparql: str
    media_type: str


def mix() -> list[Query]:
    """Return the queries in order."""
    return [
        Query(f"{found.number}-{found.slug}", found.title, found.group, found.sparql, _media_type(found.sparql))
        for found in queries.questions(FOLDER)
    ]


def _media_type(sparql: str) -> str:
    return ROWS if outline(sparql).form == "SELECT" else STATEMENTS


def lookups(count: int, organizations: int) -> list[str]:
    """Return the look-up query for ``count`` different organizations, spread over all there are."""
    (lookup,) = (query.sparql for query in mix() if query.name == "q01-lookup")
    step = max(1, organizations // count)
    return [lookup.replace(EXAMPLE, f"org-{number:06d}") for number in range(0, min(organizations, count * step), step)]
