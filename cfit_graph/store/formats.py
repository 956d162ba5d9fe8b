"""The formats of answers: one table for the command line, the web and the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox


@dataclass(frozen=True)
class Format:
    """A format: its short name, its media type, the engine's name for it, and what SPARQLWrapper calls it."""

    name: str
    media_type: str
    engine: ox.QueryResultsFormat | ox.RdfFormat
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All it may be asked for by."""
        return (self.name, self.media_type, *self.others)


SOLUTIONS: Final = (
    Format("json", "application/sparql-results+json", ox.QueryResultsFormat.JSON, ("application/json",)),
    Format("xml", "application/sparql-results+xml", ox.QueryResultsFormat.XML),
    Format("csv", "text/csv", ox.QueryResultsFormat.CSV),
    Format("tsv", "text/tab-separated-values", ox.QueryResultsFormat.TSV),
)
"""Formats of SELECT results."""

BOOLEANS: Final = SOLUTIONS[:2]
"""Formats of ASK results: the CSV and TSV formats have no form for them."""

GRAPHS: Final = (
    Format("ttl", "text/turtle", ox.RdfFormat.TURTLE, ("turtle", "n3")),
    Format("nt", "application/n-triples", ox.RdfFormat.N_TRIPLES),
    Format("jsonld", "application/ld+json", ox.RdfFormat.JSON_LD, ("json-ld", "json", "application/json")),
    Format("rdf", "application/rdf+xml", ox.RdfFormat.RDF_XML, ("rdf+xml", "xml")),
)
"""Formats of documents."""

TRIPLES: Final = (
    *GRAPHS,
    Format("nq", "application/n-quads", ox.RdfFormat.N_QUADS),
    Format("trig", "application/trig", ox.RdfFormat.TRIG),
)
"""Formats of CONSTRUCT and DESCRIBE results; those for datasets hold them in their default graph."""

ANSWERS: Final = {"SELECT": SOLUTIONS, "ASK": BOOLEANS, "CONSTRUCT": TRIPLES, "DESCRIBE": TRIPLES}
"""Formats by query form."""
