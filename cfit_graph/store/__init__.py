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


@dataclass(frozen=True)
class Limits:
    """What one query may use: seconds of work, bytes of memory beyond the graph itself, bytes of result."""

    seconds: float = 30.0
    memory: int = 1 << 30
    result: int = 512 << 20


LIMITS = Limits()


class Store(Protocol):
    """One method: the protocol itself is the interface."""

    def query(
        self, sparql: str, media_type: str, *, dataset: GraphSelection = EVERYTHING, limits: Limits = LIMITS
    ) -> Iterator[bytes]:
        """Answer a query in one of the media types of :mod:`cfit_graph.store.formats`, in pieces.

        Errors come before the first piece, or while pieces are taken; an answer that ends without one is complete.

        Raises:
            QuerySyntaxError: if it is not a SPARQL 1.1 query.
            QueryForbidden: if it asks for something not done here.
            NotAcceptable: if answers of its form have no such media type.
            UsageError: if the dataset names a graph that is not there.
            QueryTimedOut, QueryTooCostly, ResultTooLarge: if it passes a limit.
            StoreUnavailable: if the engine does not answer, or its answer is not complete.
        """
        ...
