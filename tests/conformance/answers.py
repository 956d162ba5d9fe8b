"""Answers read by parsers other than the server's own, and compared as the standards define sameness."""

from __future__ import annotations

import csv
import io
import warnings
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from rdflib import RDF, XSD, BNode, Dataset, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node

RS: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
_ROW: Final = Namespace("urn:x-row:")
_EXACT: Final = {XSD.integer, XSD.decimal}
_INEXACT: Final = {XSD.float, XSD.double}
_TABLES: Final = {
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
}

Row = dict[str, Node]


@dataclass(frozen=True)
class Table:
    """Solutions: the variables in their order, and the rows; ``plain`` where terms were only text (CSV)."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]
    plain: bool = False


Answer = bool | Table | Graph


def read(content: bytes, media_type: str, base: str = "") -> Answer:
    """Read an answer, or the file of an expected one."""
    if media_type == "text/csv":
        return _csv(content)
    if media_type in _TABLES:
        return _table(Result.parse(io.BytesIO(content), content_type=media_type))
    return _result_set(graph(content, media_type, base))


def graph(content: bytes, media_type: str, base: str = "") -> Graph:
    """Read triples; those of a dataset must all be in its default graph."""
    if media_type not in {"application/n-quads", "application/trig"}:
        return Graph().parse(data=content, format=media_type, publicID=base or None)
    found = dataset(content, media_type)
    assert not any(len(named) for named in found.graphs() if named != found.default_graph)
    default: Graph = found.default_graph
    return default


def dataset(content: bytes, media_type: str) -> Dataset:
    """Read quads."""
    found = Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's parser uses what rdflib calls outdated
        found.parse(data=content, format=media_type.rpartition("/")[2].replace("-", ""))
    return found


def same(found: Answer, expected: Answer, *, ordered: bool = False) -> bool:
    """Tell whether two answers say the same: blank nodes by what they stand for, numbers by value."""
    if isinstance(found, Table) and isinstance(expected, Table):
        same_names = set(found.variables) == set(expected.variables)
        return same_names and isomorphic(_as_graph(found, ordered), _as_graph(expected, ordered))
    if isinstance(found, Graph) and isinstance(expected, Graph):
        return isomorphic(_by_values(found), _by_values(expected))
    return type(found) is type(expected) and found == expected


def _csv(content: bytes) -> Table:
    header, *lines = csv.reader(io.StringIO(content.decode(), newline=""))
    rows = [{name: _cell(cell) for name, cell in zip(header, line, strict=True)} for line in lines]
    return Table(tuple(header), tuple(rows), plain=True)


def _cell(cell: str) -> Node:
    """Return what a cell may stand for; CSV does not tell text from numbers, nor an empty text from nothing."""
    if cell.startswith("_:"):
        return BNode(cell[2:])
    try:
        return Literal(str(float(cell)))
    except ValueError:
        return Literal(cell)


def _table(result: Result) -> bool | Table:
    if result.type == "ASK":
        return bool(result.askAnswer)
    names = tuple(str(name) for name in result.vars or ())
    return Table(names, tuple({str(name): term for name, term in row.items()} for row in result.bindings))


def _result_set(found: Graph) -> Table | Graph:
    """Return the solutions that a graph describes in the test suites' own vocabulary, or the graph."""
    node = found.value(predicate=RDF.type, object=RS.ResultSet)
    if node is None:
        return found
    bindings = [list(found.objects(solution, RS.binding)) for solution in found.objects(node, RS.solution)]
    rows = [{str(found.value(b, RS.variable)): _must(found.value(b, RS.value)) for b in row} for row in bindings]
    return Table(tuple(str(name) for name in found.objects(node, RS.resultVariable)), tuple(rows))


def _must(term: Node | None) -> Node:
    assert term is not None
    return term


def _as_graph(table: Table, ordered: bool) -> Graph:
    """Return solutions as a graph, so that one test of isomorphism maps the blank nodes of all rows at once."""
    rows = [frozenset((name, _by_value(term)) for name, term in row.items()) for row in table.rows]
    keys: list[tuple[int, Any]] = list(enumerate(rows)) if ordered else [(n, row) for row, n in Counter(rows).items()]
    encoded = Graph()
    for key, row in keys:
        node = BNode()
        encoded.add((node, _ROW.key, Literal(key)))
        for name, term in row:
            encoded.add((node, _ROW["=" + name], term))
    return encoded


def _by_values(found: Graph) -> Graph:
    mapped = Graph()
    for subject, predicate, term in found:
        mapped.add((subject, predicate, _by_value(term)))
    return mapped


def _by_value(term: Node) -> Node:
    """Return a number in one written form, since an engine may keep the value only, and a language in lower case."""
    if not isinstance(term, Literal):
        return term
    if term.language:
        return Literal(str(term), lang=term.language.lower())
    if term.datatype in _EXACT and term.value is not None:
        return Literal(f"{Decimal(term.value).normalize():f}", datatype=term.datatype, normalize=False)
    if term.datatype in _INEXACT and term.value is not None:
        return Literal(repr(float(term.value)), datatype=term.datatype, normalize=False)
    return Literal(str(term)) if term.datatype == XSD.string else term


def terms(table: Answer, name: str) -> Counter[Node]:
    """Return the terms of one column."""
    assert isinstance(table, Table)
    return Counter(row[name] for row in table.rows if name in row)


def iris(found: Graph, predicate: URIRef) -> set[str]:
    """Return the objects of a predicate."""
    return {str(term) for term in found.objects(None, predicate)}
