"""The statements of a file, and where each of them is written: in lines, or in the cells of a table.

Of text, each statement is compared with what the strict parser makes of it; where the two differ, the file gives no
places at all. Tables are read by the one reader there is, which knows the cells.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rdflib import BNode, Literal, URIRef

from cfit_graph import jsonld, positions, source
from cfit_graph.errors import SourceError
from cfit_graph.files import JSONLD, TABLES, home
from cfit_graph.positions import jsonld as json_positions
from cfit_graph.positions import turtle as turtle_positions
from cfit_graph.tables import ID_HEADER
from cfit_graph.validation import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rdflib.graph import _TripleType
    from rdflib.term import Node

    from cfit_graph.tables import Row
    from cfit_graph.tables.grid import Cell


class Place(NamedTuple):
    """A file as its finder names it, line and column from 1, a cell of a table; empty and 0 where unknown or none."""

    file: str = ""
    line: int = 0
    column: int = 0
    sheet: str = ""
    cell: str = ""
    header: str = ""
    """What the column of the cell is called."""


class Written(NamedTuple):
    """One statement of a file, and the places of its three parts."""

    triple: tuple[Node, Node, Node]
    subject: Place
    predicate: Place
    object: Place


class Slot(NamedTuple):
    """A cell in which a value that a thing has for a property stands, or would stand."""

    thing: Node
    property: Node
    place: Place
    empty: bool


def read(path: Path, root: Path | None, wanted: set[Node], name: str) -> tuple[list[Written], list[Slot]]:
    """Return the statements of a file, called ``name``, with a wanted node for subject or object, and its cells.

    Nothing is returned of a file whose places are in doubt: a finding without its place is still a finding.
    """
    try:
        if path.suffix.lower() in TABLES:
            return _tables(path, root, name)
        some = _in_lines(path, wanted, name)
        if some is not None:
            return list(some), []
        text = path.read_bytes().decode("utf-8-sig")
        if any(_mark(node) in text for node in wanted):
            ours, strict = _positions(path, root, text), source.statements(path, root)
            return list(_compared(text, ours, strict, wanted, name)), []
    except (positions.Lost, ValueError, RecursionError, OSError, SourceError):
        pass
    return [], []


def _tables(path: Path, root: Path | None, name: str) -> tuple[list[Written], list[Slot]]:
    rows = source.rows(path, root)
    return [found for row in rows for found in _in_row(path, row, name)], [s for row in rows for s in _slots(row, name)]


def _in_row(path: Path, row: Row, name: str) -> Iterator[Written]:
    headers = {cell: column.header for column, cell in row.cells.items()}
    subject = _place(row, name, row.name, ID_HEADER)
    triples = source.triples(path, (said.fact.quad for said in row.said))
    for triple, said in zip(triples, row.said, strict=True):
        place = _place(row, name, said.cell, headers.get(said.cell, ID_HEADER))
        yield Written(triple, subject, place, place)


def _slots(row: Row, name: str) -> Iterator[Slot]:
    for column, cell in row.cells.items():
        yield Slot(URIRef(row.thing), URIRef(column.property), _place(row, name, cell, column.header), cell.empty)


def _place(row: Row, name: str, cell: Cell, header: str) -> Place:
    return Place(name, cell.line, cell.line_column, row.sheet, cell.name, header)


def _mark(node: Node) -> str:
    """Return letters that a file must have if it names the node."""
    words = re.findall(r"[^\W_]+", str(node)) if isinstance(node, URIRef) else []
    return words[-1] if words else ""


def _in_lines(path: Path, wanted: set[Node], name: str) -> Iterator[Written] | None:
    """Return the same for a file with a statement in each line, of which only some need be read."""
    iris = {str(node) for node in wanted if isinstance(node, URIRef)}
    found = lines.about(path, iris, iris, (str(node) for node in wanted if isinstance(node, Literal)))
    if found is None:
        return None
    numbered = [(number, line.decode("utf-8-sig")) for number, line in found if not line.lstrip().startswith(b"#")]
    strict = source.statements_in("".join(line for _, line in numbered), path)
    placed = (_in_line(*it, triple, name) for it, triple in zip(numbered, strict, strict=True))
    return (it for it in placed if not wanted.isdisjoint((it.triple[0], it.triple[2])))


def _in_line(number: int, line: str, triple: _TripleType, name: str) -> Written:
    """Return where the three parts of a statement begin, which stands alone in a line and has an IRI for subject."""
    subject = line.index("<")
    predicate = line.index("<", line.index(">", subject))
    value = line.index(">", predicate) + 1
    value += len(line[value:]) - len(line[value:].lstrip())
    if line[subject + 1 : line.index(">", subject)] != str(triple[0]):
        raise positions.Lost(f"line {number} is not about {triple[0]}")
    return Written(triple, *(Place(name, number, at + 1) for at in (subject, predicate, value)))


def _compared(
    text: str, ours: Iterable[positions.Statement], strict: Iterable[_TripleType], wanted: set[Node], name: str
) -> Iterator[Written]:
    starts, blanks = positions.Lines(text), Blanks()
    for statement, triple in zip(ours, strict, strict=True):
        blanks.compare(statement[:3], triple)
        if not wanted.isdisjoint((triple[0], triple[2])):
            yield Written(triple, *(Place(name, *starts.place(at)) for at in statement[3:]))


def _positions(path: Path, root: Path | None, text: str) -> Iterator[positions.Statement]:
    suffix = path.suffix.lower()
    if suffix in JSONLD:
        return json_positions.statements(text, jsonld.contexts(root or home()))
    return turtle_positions.statements(text, line_based=suffix in lines.SUFFIXES)


class Blanks:
    """The one-to-one relation between the blank nodes of two readers."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def compare(self, ours: Iterable[str], theirs: Iterable[Node]) -> None:
        """Compare terms in the notation of ``positions`` with those of the parser.

        Raises:
            Lost: if they are not the same.
        """
        for term, node in zip(ours, theirs, strict=True):
            form = _form(node)
            same = self._names.setdefault(term, form) if term.startswith("_:") else term
            if same != form:
                raise positions.Lost(f"{term} is read as {form}")


def _form(node: Node) -> str:
    """Return a term in the notation of ``positions``."""
    if isinstance(node, Literal):
        tag = f"@{node.language.lower()}" if node.language else ""
        return f'"{node}"{tag}' + (f"^^<{node.datatype}>" if node.datatype and not tag else "")
    return f"_:{node}" if isinstance(node, BNode) else f"<{node}>"
