"""Files to RDF: the only place that parses.

Parsing is done by Oxigraph's parsers, which are strict and give line and column. Terms become rdflib's
*as they are written*: neither library may normalise a literal before SHACL has judged it.
"""

from __future__ import annotations

import hashlib
import logging
import mmap
from typing import TYPE_CHECKING, BinaryIO

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef

from cfit_graph.errors import SourceError
from cfit_graph.files import SUFFIXES, skip_byte_order_mark, suffix_of
from cfit_graph.namespaces import BASE, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rdflib.graph import _TripleType
    from rdflib.term import IdentifiedNode, Node

Term = ox.NamedNode | ox.BlankNode | ox.Literal
"""A term of the parser."""

_SCRIPTS = ("javascript:", "vbscript:", "data:", "file:")

# rdflib logs a traceback for each ill-typed literal; SHACL reports those in words.
logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)


class Read(Graph):
    """A graph that knows the files it was read from."""

    paths: tuple[Path, ...] = ()


def read(path: Path) -> Read:
    """Parse one file into a graph; the triples of named graphs are put together.

    Raises:
        SourceError: with line, column and what was expected.
    """
    graph = collected(statements(path), [path])
    for iri in {term for found in graph for term in found if isinstance(term, URIRef)}:
        refuse_script(iri, path)
    return graph


def statements(path: Path) -> Iterator[_TripleType]:
    """Yield the statements of a file as they are written, in order; a blank node has the same name each time.

    Raises:
        SourceError: with line, column and what was expected.
    """
    try:
        for quad in quads(path):
            yield triple(quad)
    except SyntaxError as error:
        raise SourceError.from_syntax(path, error) from None


def statements_in(text: str, path: Path) -> Iterator[_TripleType]:
    """Yield the statements of a part of a file, as :func:`statements` does those of the whole.

    Raises:
        SourceError: with line and column in this part.
    """
    return map(triple, quads_in(text.encode(), path))


def quads_in(content: bytes, path: Path) -> Iterator[ox.Quad]:
    """Yield the statements of a part of a file, as :func:`quads` does those of the whole; blank nodes may differ.

    Raises:
        SourceError: with line and column in this part.
    """
    try:
        yield from _named(ox.parse(content, format=ox.RdfFormat.from_extension(suffix_of(path))), path)
    except SyntaxError as error:
        raise SourceError.from_syntax(path, error) from None


def quads(path: Path) -> Iterator[ox.Quad]:
    """Yield the statements of a file in the parser's own terms, in order.

    A blank node has the same name each time, apart from those of other files.

    Raises:
        SourceError: with line, column and what was expected.
    """
    rdf_format = ox.RdfFormat.from_extension(suffix_of(path))
    try:
        with path.open("rb") as file:
            has_others = _has_others(file, rdf_format)
            skip_byte_order_mark(file)
            parsed = ox.parse(file, format=rdf_format, rename_blank_nodes=True)
            yield from _named(parsed, path) if has_others else parsed
    except SyntaxError as error:
        raise SourceError.from_syntax(path, error) from None
    except OSError as error:
        raise SourceError(path, error.strerror or "cannot be read") from None
    except MemoryError:
        raise SourceError(path, "a term in it is too large to be read") from None


def _has_others(file: BinaryIO, rdf_format: ox.RdfFormat | None) -> bool:
    """Tell whether a file may have blank nodes or triple terms; looking is much faster than taking each term apart."""
    marks = (
        (b"_:", b"<<") if rdf_format in {ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS} else (b"_:", b"<<", b"[", b"(")
    )
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return any(content.find(mark) >= 0 for mark in marks)
    except (ValueError, OSError):  # it is empty, or no file that can be mapped
        return True


def files(folder: Path) -> list[Path]:
    """Return the RDF files directly in ``folder``, sorted by name.

    Raises:
        SourceError: if there is no such folder.
    """
    if not folder.is_dir():
        raise SourceError(folder, "no such folder")
    return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)


def collected(triples: Iterable[_TripleType], paths: Iterable[Path] = ()) -> Read:
    """Return a graph of some statements, and of which files they are from."""
    graph = _graph(paths)
    for triple in triples:
        graph.add(triple)
    return graph


def merge(graphs: Iterable[Graph]) -> Read:
    """Return the union of graphs whose blank nodes are already apart."""
    union = _graph()
    for graph in graphs:
        union.paths += paths(graph)
        for triple in graph:
            union.add(triple)
    return union


def paths(graph: Graph) -> tuple[Path, ...]:
    """Return the files that a graph was read from; none if it was made in another way."""
    return graph.paths if isinstance(graph, Read) else ()


def placed(paths: Iterable[Path]) -> Iterator[ox.Quad]:
    """Yield the statements of files, each file's in a graph of its own named after folder and file.

    Raises:
        SourceError: for the first file that cannot be parsed.
    """
    for path in paths:
        graph = ox.NamedNode(f"{BASE}graph/{path.parent.name}/{path.stem}")
        for quad in quads(path):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)


def digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 (hex) of names and contents of files, independent of where they lie."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.parent.name}/{path.name} {content}\n".encode())
    return total.hexdigest()


def refuse_script(iri: str, path: Path) -> None:
    """Refuse an IRI that runs or reads something when followed.

    Raises:
        SourceError: with the place where it is first written.
    """
    if iri.lower().startswith(_SCRIPTS):
        line, column = _place(path.read_text("utf-8"), iri)
        raise SourceError(path, f"{iri[:40]!r} is not an address to publish; use http or https", line, column)


def _place(text: str, iri: str) -> tuple[int, int]:
    found = text.find("<" + iri)
    if found < 0:  # written with a prefix: point at its declaration
        found = text.lower().find("<" + iri.partition(":")[0].lower() + ":")
    before = text[: max(found, 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _graph(paths: Iterable[Path] = ()) -> Read:
    graph = Read(bind_namespaces="none")
    graph.paths = tuple(paths)
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph


def _named(parsed: Iterable[ox.Quad], path: Path) -> Iterator[ox.Quad]:
    """Number the blank nodes of a file in order, since the parser names them by lot."""
    file = "f" + hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    names: dict[str, ox.BlankNode] = {}
    blank = ox.BlankNode

    def name(node: ox.BlankNode) -> ox.BlankNode:
        return names.setdefault(node.value, blank(f"{file}n{len(names)}"))

    for quad in parsed:
        subject, value = quad.subject, quad.object
        if type(value) is ox.Triple:
            raise SyntaxError("triple terms of RDF 1.2 are not supported")
        if type(subject) is blank or type(value) is blank:
            subject = name(subject) if isinstance(subject, blank) else subject
            value = name(value) if isinstance(value, blank) else value
            yield ox.Quad(subject, quad.predicate, value, quad.graph_name)
        else:
            yield quad


def triple(quad: ox.Quad) -> _TripleType:
    """Return a statement of the parser as rdflib has it."""
    return _subject(quad.subject), URIRef(quad.predicate.value), node(quad.object)


def node(term: Term | ox.Triple) -> Node:
    """Return a term of the parser as rdflib has it, as it is written."""
    return _literal(term) if isinstance(term, ox.Literal) else _subject(term)


def parser_term(node: Node) -> Term:
    """Return a term of rdflib as the parser has it, as it is written."""
    if isinstance(node, Literal):
        datatype = ox.NamedNode(str(node.datatype)) if node.datatype and not node.language else None
        return ox.Literal(str(node), datatype=datatype, language=node.language)
    return ox.BlankNode(str(node)) if isinstance(node, BNode) else ox.NamedNode(str(node))


def parser_quad(triple: _TripleType) -> ox.Quad:
    """Return a statement of rdflib as the parser has it."""
    subject, predicate, value = map(parser_term, triple)
    return ox.Quad(subject, predicate, value)  # type: ignore[arg-type]


def _subject(term: ox.NamedNode | ox.BlankNode | ox.Triple) -> IdentifiedNode:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    raise SyntaxError("triple terms of RDF 1.2 are not supported")


def _literal(term: ox.Literal) -> Literal:
    if term.direction:
        raise SyntaxError("text with a base direction (RDF 1.2) is not supported")
    if term.language:
        return Literal(term.value, lang=term.language, normalize=False)
    datatype = term.datatype.value
    plain = datatype == "http://www.w3.org/2001/XMLSchema#string"
    return Literal(term.value, datatype=None if plain else URIRef(datatype), normalize=False)
