"""One question to Oxigraph: fill a store, run a query on it, write the answer."""

from __future__ import annotations

import re
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import pyoxigraph as ox

from cfit_graph.errors import NotAcceptable, QueryForbidden, SourceError, UsageError
from cfit_graph.files import skip_byte_order_mark, suffix_of
from cfit_graph.namespaces import BASE, VOCABULARIES
from cfit_graph.reasons import Reason
from cfit_graph.store import paths, sorting, stuck, xml
from cfit_graph.store.formats import ANSWERS, Format
from cfit_graph.store.sorting import SortedLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from cfit_graph.store import GraphSelection
    from cfit_graph.store.lexer import Outline

T = TypeVar("T", ox.Triple, ox.Quad)

_SHOWN = 10
_NO_FUNCTION = re.compile(r"custom (?:aggregate )?function (<.*>) is not supported")


class Output(Protocol):
    """What an answer is written to."""

    def write(self, piece: bytes, /) -> int:
        """Take a piece of the answer and return its length."""
        ...

    def flush(self) -> None:
        """Be told that the engine has no more for now."""
        ...


def load(paths: Iterable[Path]) -> ox.Store:
    """Return a store in memory that holds what is in RDF files.

    Raises:
        SourceError: for the first file that cannot be read.
    """
    store = ox.Store()
    for path in paths:
        _load(store, path)
    return store


def run(store: ox.Store, seen: Outline, media_type: str, dataset: GraphSelection, output: Output) -> None:
    """Answer a query, writing the answer while it is found.

    The default graph is the union of all graphs, unless the request or the query names another. The answer to DESCRIBE
    is the concise bounded description of each resource: its statements and those of the blank nodes they lead to, as
    the engine finds them, in the order of N-Triples, so that the same question has the same answer byte for byte.

    Raises:
        NotAcceptable: if answers of its form have no such media type.
        UsageError: if the dataset names a graph that is not there, or the format cannot hold the answer.
        QueryForbidden: if it calls a function that is not there.
        SyntaxError: if the engine cannot parse the query.
        OSError, RuntimeError: if the engine fails.
    """
    chosen = choose(ANSWERS[seen.form], media_type)
    # With a union default graph the engine would pass over FROM, so it is asked for only where nothing is named.
    graphs: dict[str, Any] = {"use_default_graph_as_union": not seen.names_dataset}
    if dataset:
        _check(store, dataset)
        graphs = {"default_graph": nodes(dataset.default), "named_graphs": nodes(dataset.named)}
    try:
        answer = _ask(store, seen.text, graphs)
        write(sorted(answer, key=str) if seen.form == "DESCRIBE" else answer, chosen, output)
    except RuntimeError as error:
        raise _refusal(error) from None
    except SyntaxError as error:
        raise SyntaxError(stuck.located(str(error), seen.text, BASE)) from None
    finally:
        answer = None  # an answer must end in the thread it came from, and errors keep what a frame holds


def _ask(store: ox.Store, sparql: str, graphs: dict[str, Any]) -> Any:
    """Ask with paths turned; what is wrong with a query is told of it as it is written."""
    turned = paths.turned(sparql)
    if turned != sparql:
        with suppress(SyntaxError):
            return store.query(turned, base_iri=BASE, **graphs)
    return store.query(sparql, base_iri=BASE, **graphs)


def write(answer: Any, chosen: Format, output: Output, prefixes: Mapping[str, str] = VOCABULARIES) -> None:
    """Write solutions, a truth value or triples in a format, with prefixes where it has any.

    Raises:
        UsageError: if the format cannot hold the answer.
    """
    if chosen.engine in xml.FORMATS:
        output = xml.XmlOutput(output)
    try:
        is_plain = isinstance(answer, ox.QueryTriples) and chosen.engine in _PLAIN
        if is_plain or isinstance(answer, (ox.QuerySolutions, ox.QueryBoolean)):
            answer.serialize(output, format=chosen.engine)  # without a Python object for each row
        else:
            known = dict(prefixes) if chosen.engine in _PREFIXED else None
            checked: Any = _CHECKS.get(chosen.engine, iter)(answer)
            ox.serialize(checked, output, format=chosen.engine, prefixes=known)  # type: ignore[arg-type]
    finally:
        answer = checked = None  # as in run


def _without_terms(triples: Iterable[T]) -> Iterator[T]:
    """Pass triples on that JSON-LD can hold: those of RDF 1.1."""
    for triple in triples:
        if isinstance(triple.object, ox.Triple):
            raise UsageError("JSON-LD cannot hold a triple within a triple; take another format.")
        yield triple


_CHECKS: Final[dict[Any, Callable[[Iterable[Any]], Iterator[Any]]]] = {
    ox.RdfFormat.RDF_XML: xml.nameable,
    ox.RdfFormat.JSON_LD: _without_terms,
}
_PLAIN = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
_PREFIXED = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.RDF_XML)


def _refusal(error: RuntimeError) -> Exception:
    """Tell what the engine does not do from what it fails at."""
    found = _NO_FUNCTION.search(str(error))
    return QueryForbidden(f"There is no function {found[1]} here; use those of SPARQL 1.1.") if found else error


def choose(formats: tuple[Format, ...], media_type: str) -> Format:
    """Return the format with a media type.

    Raises:
        NotAcceptable: if there is none.
    """
    for answer_format in formats:
        if answer_format.media_type == media_type:
            return answer_format
    raise NotAcceptable([answer_format.media_type for answer_format in formats])


def _load(store: ox.Store, path: Path, *, may_sort: bool = True) -> None:
    suffix = suffix_of(path)
    is_sorted = may_sort and suffix in sorting.SUFFIXES
    try:
        with path.open("rb") as file:
            skip_byte_order_mark(file)
            text: Any = SortedLines(file) if is_sorted else file
            store.load(text, format=ox.RdfFormat.from_extension(suffix))
    except (SyntaxError, MemoryError) as error:
        if is_sorted:
            _load(store, path, may_sort=False)  # for the place of a fault, or lines that are too long to be sorted
        elif isinstance(error, SyntaxError):
            raise SourceError.from_syntax(path, error) from None
        else:
            raise SourceError(path, Reason("term-size")) from None
    except OSError as error:
        raise SourceError.from_system(path, error) from None


def _check(store: ox.Store, dataset: GraphSelection) -> None:
    """Refuse a dataset that names a graph not here: an empty answer to a slip of the pen would look complete."""
    for node in nodes(dataset.default + dataset.named):
        if not store.contains_named_graph(node):
            known = sorted(str(graph) for graph in store.named_graphs())
            more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
            nearest = get_close_matches(str(node), known, _SHOWN, cutoff=0)
            there_is = f"there are {', '.join(nearest)}{more}" if known else "there is no named graph"
            raise UsageError(f"There is no graph {node} here; {there_is}.")


def is_iri(text: str) -> bool:
    """Tell whether the engine takes a text for an absolute IRI."""
    try:
        return bool(ox.NamedNode(text))
    except ValueError:
        return False


def nodes(iris: tuple[str, ...]) -> list[Any]:
    """Return the engine's terms for IRIs.

    Raises:
        UsageError: if one is not absolute.
    """
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise UsageError(f"A graph is named by an absolute IRI; {error}.") from None
