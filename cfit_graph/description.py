"""What the endpoint says of itself: a SPARQL 1.1 Service Description, made by a query on what it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import Literal

from cfit_graph import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cfit_graph.store import Store


def service(store: Store, endpoint: str, limits: str, media_type: str) -> Iterator[bytes]:
    """Return the description of the service at ``endpoint``, an absolute IRI, as RDF in pieces.

    The graphs and their sizes are counted in the store; ``limits`` tells in English what a query may use.

    Raises:
        NotAcceptable: if there is no such media type for RDF.
    """
    sparql = queries.load("service-description", endpoint=endpoint, limits=Literal(limits, lang="en"))
    return store.query(sparql, media_type)
