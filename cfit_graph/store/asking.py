"""How the web asks: without waiting in a thread, and piece by piece as the client takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from cfit_graph.store import EVERYTHING, LIMITS, GraphSelection, Limits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from cfit_graph.store.lexer import Outline


class Question(NamedTuple):
    """A query with its outline, the media type and the content coding of the answer, its dataset and its limits."""

    sparql: str
    seen: Outline
    media_type: str
    dataset: GraphSelection = EVERYTHING
    limits: Limits = LIMITS
    encoding: str = ""


class Answer(NamedTuple):
    """The first bytes of an answer, the content coding it has, and the rest; ``None`` if the first bytes are all.

    The rest raises the errors of :meth:`cfit_graph.store.Store.query`; if it ends without one, the answer is complete.
    Who leaves the rest before its end calls ``stop``, which may be called at any time.
    """

    first: bytes
    encoding: str = ""
    rest: AsyncIterator[bytes] | None = None
    stop: Callable[[], None] = lambda: None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give what comes after the first bytes."""
        if self.rest is not None:
            async for piece in self.rest:
                yield piece


class Asker(Protocol):
    """Answers questions of strangers: within their limits, and so that none harms another."""

    async def ask(self, question: Question) -> Answer:
        """Return the answer once its first bytes are there; cancelling the call stops the query.

        Raises:
            Overloaded: if too many queries wait, or too many are long.
            CfitError: as :meth:`cfit_graph.store.Store.query` does.
        """
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...
