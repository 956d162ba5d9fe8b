"""The graph in this process, in memory, answered by Oxigraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from cfit_graph.errors import NotAcceptable, QuerySyntaxError, SourceError, StoreUnavailable
from cfit_graph.namespaces import BASE, VOCABULARIES
from cfit_graph.store import EVERYTHING, GraphSelection
from cfit_graph.store.formats import ANSWERS, Format
from cfit_graph.store.lexer import outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


class EmbeddedStore:
    """Answers questions about the files it was made from; it has no way to change them."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Load RDF files.

        Raises:
            SourceError: for the first file that cannot be read.
        """
        self._store = ox.Store()
        for path in paths:
            _load(self._store, path)

    def query(self, sparql: str, media_type: str, *, dataset: GraphSelection = EVERYTHING) -> Iterator[bytes]:
        """Answer a query; see :class:`cfit_graph.store.Store`."""
        seen = outline(sparql)
        answer_format = _choose(ANSWERS[seen.form], media_type)
        answer = self._run(sparql, dataset, union=not (dataset or seen.names_dataset))
        return iter([_serialize(answer, answer_format)])

    def _run(
        self, sparql: str, dataset: GraphSelection, *, union: bool
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        # With a union default graph the engine would pass over FROM, so it is asked for only where nothing is named.
        default, named = (_nodes(dataset.default), _nodes(dataset.named)) if dataset else (None, None)
        try:
            return self._store.query(
                sparql, base_iri=BASE, use_default_graph_as_union=union, default_graph=default, named_graphs=named
            )
        except SyntaxError as error:
            raise _syntax_error(str(error), sparql) from None
        except OSError as error:
            raise StoreUnavailable(f"The store does not answer: {error}") from error


def _load(store: ox.Store, path: Path) -> None:
    rdf_format = ox.RdfFormat.from_extension(path.suffix.removeprefix(".").lower())
    if rdf_format is None:
        raise SourceError(path, "not an RDF file; its name should end in .ttl, .nt, .trig or .nq")
    try:
        with path.open("rb") as file:
            store.bulk_load(file, format=rdf_format)
    except SyntaxError as error:
        raise SourceError.from_syntax(path, error) from None
    except OSError as error:
        raise SourceError(path, error.strerror or str(error)) from None


def _choose(formats: tuple[Format, ...], media_type: str) -> Format:
    for answer_format in formats:
        if answer_format.media_type == media_type:
            return answer_format
    raise NotAcceptable([answer_format.media_type for answer_format in formats])


def _serialize(answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, answer_format: Format) -> bytes:
    if isinstance(answer, ox.QueryTriples):
        written = ox.serialize(answer, format=answer_format.engine, prefixes=VOCABULARIES)  # type: ignore[arg-type]
    else:
        written = answer.serialize(format=answer_format.engine)  # type: ignore[arg-type]
    return written or b""


def _nodes(iris: tuple[str, ...]) -> list[Any]:
    return [ox.NamedNode(iri) for iri in iris]


def _syntax_error(text: str, sparql: str) -> QuerySyntaxError:
    found = _POSITION.match(text)
    if found is None:
        return QuerySyntaxError(text)
    line, column = int(found[1]), int(found[2])
    return QuerySyntaxError(f"found {_token(sparql, line, column)}, {_expected(found[3])}", line, column)


def _token(sparql: str, line: int, column: int) -> str:
    """Return the word at a position, quoted, for a person to find it."""
    lines = sparql.splitlines() or [""]
    rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    word = re.match(r"\w+|\S", rest.strip())
    return repr(word[0][:40]) if word else "the end of the line" if line < len(lines) else "the end of the query"


def _expected(text: str) -> str:
    """Take the character classes out of the engine's list of what it expected: they mean nothing to people."""
    text = text.replace("LATERAL", "").replace("SERVICE", "")  # extensions and what is refused here
    words = re.sub(r"\[(?:'[^']*'|[^\]'])*\]", "", " ".join(text.split()))
    kept = [word for word in (part.strip(" |") for part in words.removeprefix("expected one of").split(", ")) if word]
    return f"expected {'one of ' if len(kept) > 1 else ''}{', '.join(kept)}" if kept else "which cannot stand here"
