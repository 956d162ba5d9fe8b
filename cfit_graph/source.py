"""Files to RDF: the only place that reads them.

Text is parsed by Oxigraph's parsers, which are strict and give line and column; spreadsheets are read by ``tables``.
Terms become rdflib's *as they are written*: neither library may normalise a literal before SHACL has judged it.

``root``, wherever it is asked for, is the folder with ``ontology/``, ``shapes/`` and ``data/``, by default ours. It has
the context that JSON-LD may name, and the columns and names by which spreadsheets are read; other files do without.
"""

from __future__ import annotations

import hashlib
import logging
from functools import lru_cache
from typing import TYPE_CHECKING

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef

from cfit_graph import jsonld, namespaces, tables
from cfit_graph.errors import SourceError
from cfit_graph.files import (
    JSONLD,
    SUFFIXES,
    TABLES,
    holds_any,
    home,
    listed,
    refuse_folder,
    refuse_other_content,
    skip_byte_order_mark,
    suffix_of,
)
from cfit_graph.namespaces import BASE, PREFIXES
from cfit_graph.reasons import Reason
from cfit_graph.single import Single

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from rdflib.graph import _TripleType
    from rdflib.term import IdentifiedNode, Node

Term = ox.NamedNode | ox.BlankNode | ox.Literal
"""A term of the parser."""

_OTHERS = dict.fromkeys((".nt", ".nq"), (b"_:", b"<<"))
_OTHERS_ABBREVIATED = (b"_:", b"<<", b"[", b"(", b"{|", b"~")
"""What files with blank nodes or triple terms hold; looking for it is much faster than taking each term apart."""

_SCRIPTS = ("javascript:", "vbscript:", "data:", "file:")

# rdflib logs a traceback for each ill-typed literal; SHACL reports those in words.
logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)


class Read(Graph):
    """A graph that knows the files it was read from, and the root that they were read by."""

    paths: tuple[Path, ...] = ()
    root: Path | None = None


def read(path: Path, root: Path | None = None) -> Read:
    """Parse one file into a graph; the triples of named graphs are put together.

    Raises:
        SourceError: with line and column, or cell, and what was expected.
    """
    return collected(_harmless(statements(path, root), path), [path], root)


def read_all(paths: Iterable[Path], root: Path | None = None) -> Read:
    """Parse files into one graph, as :func:`read` does each.

    Raises:
        SourceError: with line and column, or cell, and what was expected.
    """
    paths = tuple(paths)
    return collected((it for path in paths for it in _harmless(statements(path, root), path)), paths, root)


def _harmless(triples: Iterable[_TripleType], path: Path) -> Iterator[_TripleType]:
    """Yield statements if no address in them runs something."""
    seen: set[Node] = set()
    for triple in triples:
        for term in triple:
            if term not in seen and isinstance(term, URIRef):
                seen.add(term)
                refuse_script(term, path)
        yield triple


def statements(path: Path, root: Path | None = None) -> Iterator[_TripleType]:
    """Yield the statements of a file as they are written, in order; a blank node has the same name each time.

    Raises:
        SourceError: with line and column, or cell, and what was expected.
    """
    return triples(path, quads(path, root))


def refuse_empty(paths: Iterable[Path], root: Path | None = None) -> None:
    """Refuse files of which none says anything: what conforms is judged. A table without rows says what it is.

    Raises:
        SourceError: for the first of them, or if it cannot be parsed.
    """
    paths = tuple(paths)
    if not any(path.suffix.lower() in TABLES or next(quads(path, root), None) for path in paths):
        raise SourceError(paths[0], Reason("no-statement"))


def triples(path: Path, quads: Iterable[ox.Quad]) -> Iterator[_TripleType]:
    """Yield what the parser made of a file in rdflib's terms, without graphs.

    Raises:
        SourceError: for what RDF 1.1 does not have.
    """
    try:
        yield from map(triple, quads)
    except SyntaxError as error:
        raise SourceError.from_syntax(path, error) from None


def statements_in(text: str, path: Path) -> Iterator[_TripleType]:
    """Yield the statements of a text in the format of a file, be it a part of it, as :func:`statements` does.

    Blank nodes may differ.

    Raises:
        SourceError: with line and column in this text.
    """
    is_json = path.suffix.lower() in JSONLD
    written = jsonld.complete(path, text, jsonld.contexts(home())) if is_json else text
    rdf_format = ox.RdfFormat.JSON_LD if is_json else ox.RdfFormat.from_extension(suffix_of(path))
    try:
        yield from map(triple, _named(ox.parse(written.encode(), format=rdf_format), path))
    except SyntaxError as error:
        raise SourceError.from_syntax(path, error) from None


def quads(path: Path, root: Path | None = None) -> Iterator[ox.Quad]:
    """Yield the statements of a file in the parser's own terms, in order.

    A blank node has the same name each time, apart from those of other files.

    Raises:
        SourceError: with line and column, or cell, and what was expected.
    """
    refuse_folder(path)
    suffix = f".{suffix_of(path, (*SUFFIXES, *JSONLD, *TABLES))}"
    try:
        if suffix in TABLES:
            yield from (said.fact.quad for row in rows(path, root) for said in row.said)
        else:
            refuse_other_content(path)
            yield from _json_ld(path, root or home()) if suffix in JSONLD else _text(path, suffix)
    except OSError as error:
        raise SourceError.from_system(path, error) from None
    except MemoryError as error:
        if not error.args:  # it is memory that is short, and not the parser that has enough
            raise
        raise SourceError(path, Reason("term-size")) from None


def _text(path: Path, suffix: str) -> Iterator[ox.Quad]:
    try:
        with path.open("rb") as file:
            rdf_format = ox.RdfFormat.from_extension(suffix.removeprefix("."))
            has_others = holds_any(file, _OTHERS.get(suffix, _OTHERS_ABBREVIATED))
            skip_byte_order_mark(file)
            parsed = ox.parse(file, format=rdf_format, rename_blank_nodes=True)
            yield from _named(parsed, path) if has_others else parsed
    except SyntaxError as error:
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            raise SourceError.from_syntax(path, error, lines) from None


def _json_ld(path: Path, root: Path) -> Iterator[ox.Quad]:
    written = jsonld.text(path)
    known = jsonld.contexts(root)
    complete = jsonld.complete(path, written, known)
    jsonld.refuse_unsaid(path, written, known)
    try:
        yield from _named(ox.parse(complete, format=ox.RdfFormat.JSON_LD, rename_blank_nodes=True), path)
    except SyntaxError as error:
        raise jsonld.fault(path, written, SourceError.from_syntax(path, error).reason) from None


def rows(path: Path, root: Path | None = None) -> list[tables.Row]:
    """Return the rows of a spreadsheet, with what they say and where.

    Raises:
        SourceError: naming all that is wrong with its form.
    """
    try:
        return tables.read(path, model(root))
    except OSError as error:
        raise SourceError.from_system(path, error) from None


def model(root: Path | None = None) -> tables.Model:
    """Return the tables that there are, with the names of all things and concepts.

    Raises:
        SourceError: if a file under ``root`` cannot be parsed.
    """
    folders = [(root or home()) / name for name in ("shapes", "ontology", "data")]
    return _model(*folders, tuple((path, _stamp(path)) for folder in folders for path in files(folder)))


@lru_cache(2)
def _model(shapes: Path, ontology: Path, data: Path, _: tuple[tuple[Path, object], ...]) -> tables.Model:
    """Return the tables of folders, made anew only if one of their files has changed."""
    return tables.model(facts(shapes), facts(ontology, data))


def _stamp(path: Path) -> object:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def facts(*folders: Path) -> tables.Facts:
    """Return the statements of all files in folders.

    Raises:
        SourceError: if there is no such folder, or a file cannot be parsed.
    """
    return tables.Facts(quad for folder in folders for path in files(folder) for quad in quads(path))


def files(folder: Path) -> list[Path]:
    """Return the RDF files directly in ``folder``, sorted by name.

    Raises:
        SourceError: if there is no such folder, or it may not be read.
    """
    return listed(folder)


def collected(triples: Iterable[_TripleType], paths: Iterable[Path] = (), root: Path | None = None) -> Read:
    """Return a graph of some statements, and of which files they are from, read by which root."""
    graph = _graph(paths)
    graph.root = root
    add = graph.store.add
    for triple in triples:
        add(triple, graph)  # they are terms: the graph need not look at each
    return graph


def merge(graphs: Iterable[Graph]) -> Read:
    """Return the union of graphs whose blank nodes are already apart."""
    union = _graph()
    for graph in graphs:
        union.paths += paths(graph)
        union.root = union.root or root_of(graph)
        for triple in graph:
            union.add(triple)
    return union


def paths(graph: Graph) -> tuple[Path, ...]:
    """Return the files that a graph was read from; none if it was made in another way."""
    return graph.paths if isinstance(graph, Read) else ()


def root_of(graph: Graph) -> Path | None:
    """Return the root that a graph was read by; none if that is ours."""
    return graph.root if isinstance(graph, Read) else None


def placed(paths: Iterable[Path], base: str = BASE) -> Iterator[ox.Quad]:
    """Yield the statements of files, each file's in a graph of its own below ``base``, named after folder and file.

    Raises:
        SourceError: for the first file that cannot be parsed.
    """
    for path in paths:
        graph = ox.NamedNode(namespaces.graph(f"{path.parent.name}/{path.stem}", base))
        for quad in quads(path):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)


def digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 (hex) of names and contents of files, independent of where they lie."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.parent.name}/{path.name} {content}\n".encode())
    return total.hexdigest()


def scripts(iris: Iterable[str]) -> set[str]:
    """Return the IRIs that :func:`refuse_script` refuses."""
    return {iri for iri in iris if iri.lower().startswith(_SCRIPTS)}


def refuse_script(iri: str, path: Path) -> None:
    """Refuse an IRI that runs or reads something when followed.

    Raises:
        SourceError: with the place where it is first written.
    """
    if scripts([iri]):
        line, column = _place(path.read_text("utf-8", "replace"), iri)
        raise SourceError(path, Reason("script", repr(iri[:40])), line, column)


def _place(text: str, iri: str) -> tuple[int, int]:
    found = max(text.find(sign + iri) for sign in '<"')
    if found < 0:  # written with a prefix: point at its declaration
        found = text.lower().find("<" + iri.partition(":")[0].lower() + ":")
    before = text[: max(found, 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _graph(paths: Iterable[Path] = ()) -> Read:
    graph = Read(Single(), bind_namespaces="none")
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


iri = lru_cache(200_000)(URIRef)
"""An IRI as rdflib has it; mostly the same object for the same IRI, which graphs find without comparing letters."""


def triple(quad: ox.Quad) -> _TripleType:
    """Return a statement of the parser as rdflib has it."""
    return _subject(quad.subject), iri(quad.predicate.value), node(quad.object)


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
        return iri(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    raise SyntaxError("triple terms of RDF 1.2 are not supported")


def json_ld(graph: Graph) -> str:
    """Return a graph as JSON-LD."""
    return written(sorted(graph), ox.RdfFormat.JSON_LD, PREFIXES) + "\n"


def written(triples: Iterable[_TripleType], rdf_format: ox.RdfFormat, prefixes: Mapping[str, str]) -> str:
    """Return statements in a format, each literal as it is; rdflib's own writers change those that are wrong."""
    quads = (parser_quad(triple).triple for triple in triples)
    return (ox.serialize(quads, format=rdf_format, prefixes=dict(prefixes)) or b"").decode()


def _literal(term: ox.Literal) -> Literal:
    if term.direction:
        raise SyntaxError("text with a base direction (RDF 1.2) is not supported")
    if term.language:
        return Literal(term.value, lang=term.language, normalize=False)
    datatype = term.datatype.value
    plain = datatype == "http://www.w3.org/2001/XMLSchema#string"
    return Literal(term.value, datatype=None if plain else URIRef(datatype), normalize=False)
