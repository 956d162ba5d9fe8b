"""The seam between questions and the engine that answers them: SPARQL in, bytes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class GraphSelection:
    """The dataset of a query as the protocol names it (SPARQL 1.1 Protocol, 2.1.4): IRIs of graphs.

    Empty means: the union of all graphs as default graph, and every named graph.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.default or self.named)


EVERYTHING = GraphSelection()


class Store(Protocol):
    """One method: the protocol itself is the interface."""

    def query(self, sparql: str, media_type: str, *, dataset: GraphSelection = EVERYTHING) -> Iterator[bytes]:
        """Answer a query in one of the media types of :mod:`cfit_graph.store.formats`, in pieces.

        Raises:
            QuerySyntaxError: if it is not a SPARQL 1.1 query.
            QueryForbidden: if it asks for something not done here.
            NotAcceptable: if answers of its form have no such media type.
            StoreUnavailable: if the engine does not answer.
        """
        ...
