"""The graph in this process, answered by Oxigraph: for the command line and the build, which ask their own questions.

A query cannot be stopped inside a process, so strangers' queries go to :mod:`cfit_graph.store.workers` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pyoxigraph as ox

from cfit_graph.errors import ResultTooLarge, SourceError, StoreUnavailable
from cfit_graph.store import EVERYTHING, LIMITS, GraphSelection, Limits, engine, syntax
from cfit_graph.store.lexer import outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class EmbeddedStore:
    """Answers questions about the files it was made from, and about lines added to them.

    Of the limits it keeps that of the result; it has no way to stop a query before that.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Load RDF files into memory.

        Raises:
            SourceError: for the first file that cannot be read.
        """
        self._store = engine.load(paths)

    @classmethod
    def on_disk(cls, directory: Path) -> Self:
        """Open a store that Oxigraph wrote to a directory; nothing is loaded, and several processes may do so.

        Raises:
            SourceError: if there is no such store.
        """
        opened = cls(())
        try:
            opened._store = ox.Store.read_only(str(directory))
        except OSError as error:
            raise SourceError(directory, f"no store can be opened here: {error}") from None
        return opened

    def add(self, lines: Iterable[str]) -> None:
        """Take more statements, as lines of N-Quads.

        Raises:
            SyntaxError: if they are not.
        """
        self._store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)

    def query(
        self, sparql: str, media_type: str, *, dataset: GraphSelection = EVERYTHING, limits: Limits = LIMITS
    ) -> Iterator[bytes]:
        """Answer a query; see :class:`cfit_graph.store.Store`."""
        seen = outline(sparql)
        output = _Pieces(limits.result)
        try:
            engine.run(self._store, seen, media_type, dataset, output)
        except SyntaxError as error:
            raise syntax.error(str(error), sparql, seen.text) from None
        except (OSError, RuntimeError) as error:
            raise StoreUnavailable(f"The store does not answer: {error}") from error
        return iter(output.pieces)


class _Pieces:
    """An answer in memory."""

    def __init__(self, limit: int) -> None:
        self.pieces: list[bytes] = []
        self._limit, self._size = limit, 0

    def write(self, piece: bytes) -> int:
        self.pieces.append(piece)
        self._size += len(piece)
        if self._size > self._limit:
            raise ResultTooLarge(self._limit >> 20)
        return len(piece)

    def flush(self) -> None:
        """Do nothing: the engine asks for it."""
