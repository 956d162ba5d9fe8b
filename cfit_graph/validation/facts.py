"""What sources say, in a store that screens can ask, and what was noticed while it was read in, once."""

from __future__ import annotations

import functools
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import pyoxigraph as ox
from rdflib import RDF, Literal, URIRef

from cfit_graph import source, tables
from cfit_graph.errors import SourceError
from cfit_graph.files import TABLES
from cfit_graph.namespaces import NS
from cfit_graph.validation import blocks, keeping, terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib import Graph

_TYPE: Final = ox.NamedNode(str(RDF.type))
_AT_ONCE: Final = 20_000
"""Statements that go into the store together, while the next are being read."""


class Part(NamedTuple):
    """A file, if it is one, and its statements in the parser's terms: all that are in it, or some."""

    path: Path | None
    quads: Iterator[ox.Quad]
    is_whole: bool = True


class Sources(Protocol):
    """Where statements come from; they can be read again and again, and are the same each time."""

    def graph(self, triples: Iterable[Any]) -> source.Read:
        """Return a graph of some of the statements, which has the prefixes and knows the files of the whole."""
        ...

    def parts(self) -> Iterator[Part]:
        """Yield what is read, one after another."""
        ...


class Files:
    """Files, and others beside them; on what rows of spreadsheets have a column for, these others have no say."""

    def __init__(self, paths: Iterable[Path], beside: Iterable[Path] = (), root: Path | None = None) -> None:
        """Take note of files and of the root that they are read by.

        Raises:
            SourceError: naming all that is wrong with the form of a spreadsheet, or contradicts another one.
        """
        self._given, self._beside, self._root = tuple(paths), tuple(beside), root
        sheets = [path for path in self._given if path.suffix.lower() in TABLES] if self._beside else []
        rows = [(path, source.rows(path, root)) for path in sheets]
        tables.refuse_contradictions(rows)
        self._rows = [row for _, its in rows for row in its]

    def graph(self, triples: Iterable[Any]) -> source.Read:
        """Return a graph of some of the statements."""
        return source.collected(triples, [*self._given, *self._beside], self._root)

    def parts(self) -> Iterator[Part]:
        """Yield the files.

        Raises:
            SourceError: while the statements are read, with line and column, or cell, and what was expected.
        """
        for path in self._given:
            yield Part(path, source.quads(path, self._root))
        for path in self._beside:
            yield Part(path, tables.without(source.quads(path, self._root), self._rows), is_whole=not self._rows)


class Memory:
    """A graph that is in memory already."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def graph(self, triples: Iterable[Any]) -> source.Read:
        """Return a graph of some of the statements."""
        part = source.collected(triples, source.paths(self._graph), source.root_of(self._graph))
        for prefix, namespace in self._graph.namespaces():
            part.bind(prefix, namespace, replace=True)
        return part

    def parts(self) -> Iterator[Part]:
        """Yield the graph."""
        yield Part(None, map(source.parser_quad, self._graph))


class Facts:
    """A store that holds every statement once, as ``keeping`` keeps it, in its default graph.

    ``faulty`` are subjects with a literal that is not written as its datatype demands; ``unknown`` are the terms in
    namespaces of vocabularies that the vocabularies themselves do not define; ``size`` is how many statements were
    read, counted as often as they are written.
    """

    def __init__(self, *, with_terms: bool = True) -> None:
        """Start without statements; without ``with_terms``, ``unknown`` stays empty, which takes less time."""
        self.store = ox.Store()
        self.faulty: set[source.Term] = set()
        self.unknown: set[str] = set()
        self.size = 0
        self._seen: set[str] = set()
        self._datatypes: set[str] = set()
        self._with_terms = with_terms

    def read(self, sources: Sources) -> None:
        """Take in all statements of ``sources``.

        Raises:
            SourceError: for the first that cannot be parsed, or names an address that runs something.
        """
        for part in sources.parts():
            if not (part.path and part.is_whole and self._read_blocks(part.path)):
                self._read(part)

    def _read_blocks(self, path: Path) -> bool:
        """Take in a file block by block, and tell whether that could be done; else it is read statement by statement.

        Whatever is wrong comes out there, at its place. The statements that were taken in already are taken for one.
        """
        size, load = 0, partial(self.store.load, format=ox.RdfFormat.N_TRIPLES)
        is_odd = functools.lru_cache(100_000)(self._is_odd)
        try:
            with _second_thread() as put:
                for block in blocks.read(path, is_odd):
                    put(load, block.plain)
                    new = block.names - self._seen
                    for name in source.scripts(new) | terms.of_vocabularies(new):
                        self._first(name, path)
                    self._seen |= new
                    odd = list(self._noticed(ox.parse(block.odd, format=ox.RdfFormat.N_TRIPLES), path))
                    put(self.store.extend, odd)
                    size += block.plain.count(b"\n") + len(odd)
        except (SyntaxError, ValueError, OSError, SourceError):
            return False
        self.size += size
        return True

    def _read(self, part: Part) -> None:
        kept = self._noticed(part.quads, part.path)
        with _second_thread() as put:
            while some := _next(kept, part.path):
                self.size += len(some)
                put(self.store.extend, some)

    def difference(self, sources: Sources) -> tuple[list[ox.Quad], list[ox.Quad]]:
        """Return what ``sources`` say and the store does not have, and the reverse, as it is kept; nothing is taken in.

        Raises:
            SourceError: as :meth:`read` does.
        """
        said: set[ox.Quad] = set()
        for path, quads, _ in sources.parts():
            kept = self._noticed(quads, path)
            while some := _next(kept, path):
                said.update(some)
        return [quad for quad in said if quad not in self.store], [quad for quad in self.store if quad not in said]

    def mentions(self, iri: str) -> set[source.Term]:
        """Return the subjects of the statements that hold an IRI, be it as a datatype."""
        name, found = ox.NamedNode(iri), self.store.quads_for_pattern
        quads = [*found(name, None, None), *found(None, name, None), *found(None, None, name)]
        if iri in self._datatypes:
            quads += [it for it in found(None, None, None) if _datatype(keeping.ends(it)[1]) == iri]
        return {keeping.ends(quad)[0] for quad in quads}

    def own_terms(self) -> frozenset[str]:
        """Return the terms of our own vocabulary that the statements define."""
        kinds = (ox.NamedNode(str(kind)) for kind in terms.KINDS)
        typed = (quad for kind in kinds for quad in self.store.quads_for_pattern(None, _TYPE, kind))
        names = (keeping.ends(quad)[0].value for quad in typed)
        return frozenset(name for name in names if name.startswith(NS))

    def _noticed(self, quads: Iterable[ox.Quad], path: Path | None) -> Iterator[ox.Quad]:  # noqa: C901 - for speed
        """Yield statements as they are kept. This runs a million times, so it calls nothing it need not call."""
        seen, literal, default, last = self._seen, ox.Literal, ox.DefaultGraph, ""
        for quad in quads:
            subject: Any = quad.subject
            value: Any = quad.object
            predicate = quad.predicate.value
            kept = value
            if type(value) is literal:
                if value.datatype.value not in keeping.TEXTS:
                    kept = self._typed(subject, value)
                elif not value.value.isprintable() and not terms.well_formed(Literal(value.value)):
                    self.faulty.add(subject)
            elif value.value not in seen:
                self._first(value.value, path)
            if subject.value != last:
                last = subject.value
                if last not in seen:
                    self._first(last, path)
            if predicate not in seen:
                self._first(predicate, path)
            if kept is value and type(quad.graph_name) is default:
                yield quad
            else:
                yield ox.Quad(subject, quad.predicate, kept)

    def _first(self, iri: str, path: Path | None) -> None:
        """Look at an address, or the name of a blank node, that was not met before."""
        if path is not None:
            source.refuse_script(iri, path)
        self._seen.add(iri)
        if self._with_terms and terms.undefined([iri], frozenset()):
            self.unknown.add(iri)

    def _typed(self, subject: ox.NamedNode | ox.BlankNode, literal: ox.Literal) -> ox.Literal:
        """Return what is kept for a literal, and note if it is faulty."""
        datatype = literal.datatype.value
        if datatype not in self._datatypes:
            self._datatypes.add(datatype)
            self._first(datatype, None)
        kept = keeping.kept(literal)
        if (kept is not literal or datatype in keeping.NAMES) and not _is_well_formed(datatype, literal.value):
            self.faulty.add(subject)
        return kept

    def _is_odd(self, text: str, datatype: str) -> bool:
        """Tell whether a literal is not kept as it is written, or faulty, and note its datatype."""
        self._datatypes.add(datatype)
        literal = ox.Literal(text, datatype=ox.NamedNode(datatype))
        return keeping.kept(literal) is not literal or not _is_well_formed(datatype, text)


@contextmanager
def _second_thread() -> Iterator[Callable[..., None]]:
    """Give a function that has work done in a second thread, which is never far behind.

    What goes wrong there is raised by it later, or at the end.
    """
    with ThreadPoolExecutor(1) as thread:
        waiting: deque[Future[None]] = deque()

        def put(work: Callable[..., None], *given: object) -> None:
            waiting.append(thread.submit(work, *given))
            if len(waiting) > 2:
                waiting.popleft().result()

        yield put
        for job in waiting:
            job.result()


def _next(kept: Iterator[ox.Quad], path: Path | None) -> list[ox.Quad]:
    """Return the next statements.

    Raises:
        SourceError: if one has what RDF 1.1 does not have.
    """
    try:
        return list(islice(kept, _AT_ONCE))
    except SyntaxError as error:
        raise SourceError.from_syntax(path or Path(), error) from None


@functools.lru_cache(maxsize=10_000)
def _is_well_formed(datatype: str, text: str) -> bool:
    return terms.well_formed(Literal(text, datatype=URIRef(datatype), normalize=False))


def _datatype(term: source.Term) -> str:
    written = keeping.written(term)
    return written.datatype.value if isinstance(written, ox.Literal) else ""
