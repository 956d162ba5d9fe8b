"""The graph in this process, in memory, answered by Oxigraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from cfit_graph.errors import NotAcceptable, QuerySyntaxError, SourceError, StoreUnavailable, UsageError
from cfit_graph.files import skip_byte_order_mark, suffix_of
from cfit_graph.namespaces import BASE, VOCABULARIES
from cfit_graph.store import EVERYTHING, GraphSelection
from cfit_graph.store.formats import ANSWERS, Format
from cfit_graph.store.lexer import Outline, outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_NOT_HERE = {"LATERAL", "SERVICE"}  # an extension, and what is refused
_FEW = 8
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
        _choose(ANSWERS[seen.form], media_type)
        try:
            return iter([_serialize(self._run(seen, dataset), media_type)])
        except SyntaxError as error:
            raise _syntax_error(str(error), sparql, seen.text) from None
        except (OSError, RuntimeError) as error:
            raise StoreUnavailable(f"The store does not answer: {error}") from error

    def _run(self, seen: Outline, dataset: GraphSelection) -> Answer:
        # With a union default graph the engine would pass over FROM, so it is asked for only where nothing is named.
        default, named = (_nodes(dataset.default), _nodes(dataset.named)) if dataset else (None, None)
        union = not (dataset or seen.names_dataset)
        return self._store.query(
            seen.text, base_iri=BASE, use_default_graph_as_union=union, default_graph=default, named_graphs=named
        )


def _load(store: ox.Store, path: Path) -> None:
    rdf_format = ox.RdfFormat.from_extension(suffix_of(path))
    try:
        with path.open("rb") as file:
            skip_byte_order_mark(file)
            store.bulk_load(file, format=rdf_format)
    except SyntaxError as error:
        raise SourceError.from_syntax(path, error) from None
    except OSError as error:
        raise SourceError(path, error.strerror or str(error)) from None
    except MemoryError:
        raise SourceError(path, "a term in it is too large to be read") from None


def _choose(formats: tuple[Format, ...], media_type: str) -> Format:
    for answer_format in formats:
        if answer_format.media_type == media_type:
            return answer_format
    raise NotAcceptable([answer_format.media_type for answer_format in formats])


def _serialize(answer: Answer, media_type: str) -> bytes:
    if isinstance(answer, ox.QueryTriples):
        rdf_format = _choose(ANSWERS["CONSTRUCT"], media_type).engine
        return ox.serialize(answer, format=rdf_format, prefixes=VOCABULARIES) or b""  # type: ignore[arg-type]
    form = "ASK" if isinstance(answer, ox.QueryBoolean) else "SELECT"
    return answer.serialize(format=_choose(ANSWERS[form], media_type).engine) or b""  # type: ignore[arg-type]


def _nodes(iris: tuple[str, ...]) -> list[Any]:
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise UsageError(f"A graph is named by an absolute IRI; {error}.") from None


def _syntax_error(text: str, sparql: str, sent: str) -> QuerySyntaxError:
    found = _POSITION.match(text)
    if found is None:
        return QuerySyntaxError(text)
    line = int(found[1])
    column = int(found[2]) - _shift(sparql, sent, line, int(found[2]))
    if "Prefix not found" in found[3]:
        return QuerySyntaxError(_undeclared(sparql, line, column), line, column)
    return QuerySyntaxError(f"found {_token(sparql, line, column)}{_expected(found[3])}", line, column)


def _shift(sparql: str, sent: str, line: int, column: int) -> int:
    """Return by how much escapes in the text sent to the engine moved a place to the right."""
    before = [(text.split("\n") + [""] * line)[line - 1][:column] for text in (sent, sparql)]
    more, own = (len(re.findall(r"\\u00[57]3(?=ervice)", part, re.IGNORECASE)) for part in before)
    return 5 * (more - own)


def _undeclared(sparql: str, line: int, column: int) -> str:
    before = (sparql.split("\n") + [""] * line)[line - 1][: column + 40]
    names = re.findall(r"([A-Za-z][\w.-]*)?:[\w-]*", before)
    declared = set(re.findall(r"(?i)PREFIX\s+([\w.-]*):", sparql))
    missing = [name for name in names if name not in declared]
    name = f"the prefix {missing[-1]}:" if missing else "a prefix"
    return f"{name} is not declared; add a PREFIX line for it at the top"


def _token(sparql: str, line: int, column: int) -> str:
    """Return the word at a position, quoted, for a person to find it."""
    lines = sparql.split("\n")
    rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    word = re.match(r"\w+|\S", rest.strip())
    if word is None:
        return "the end of the line" if line < len(lines) else "the end of the query"
    return repr(word[0][:40])


def _expected(text: str) -> str:
    """Say what may stand there, if the engine's list means something to people: keywords and signs, and few."""
    words = re.sub(r"\[(?:'[^']*'|[^\]'])*\]", "", " ".join(text.split()))
    if not words.startswith("expected"):
        return f": {words}"
    listed = (part.strip(" |") for part in re.sub("expected (one of )?", "", words).split(", "))
    kept = [word for word in listed if re.fullmatch(r'"[^"]+"|[A-Z]+', word) and word not in _NOT_HERE]
    return (
        f", expected {', '.join(kept[:-1])}{' or ' if kept[1:] else ''}{kept[-1]}"
        if 0 < len(kept) <= _FEW
        else ", which cannot stand here"
    )
