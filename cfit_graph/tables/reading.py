"""Tables to statements: what each cell says, and in which cell each statement and each property of a row stands."""

from __future__ import annotations

import difflib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

import pyoxigraph as ox

from cfit_graph.namespaces import ID, SHAPES, VOCABULARIES
from cfit_graph.reasons import Reason
from cfit_graph.tables.columns import ID_HEADER, Column, Model, Table
from cfit_graph.tables.facts import Fact
from cfit_graph.tables.grid import TITLE, Cell, Grid, Problem, at, refuse
from cfit_graph.tables.names import Names, clean, meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

TYPE: Final = VOCABULARIES["rdf"] + "type"
_NAMING: Final = {VOCABULARIES["skos"] + "prefLabel", VOCABULARIES["rdfs"] + "label"}
UNREADABLE, UNNAMED, REPEATED, UNKNOWN_KIND = (
    SHAPES + name for name in ("unreadable", "unnamed", "repeated", "unknownKind")
)

_LIKE: Final = 0.75
"""How alike words are of which one may be the other mistyped."""


class Said(NamedTuple):
    """A statement, and the cell in which it stands."""

    fact: Fact
    cell: Cell


@dataclass
class Row:
    """One row: the sheet it is on, the thing it is about, the cell of its identifier, and its cells by column."""

    sheet: str
    table: Table
    thing: str
    name: Cell
    cells: dict[Column, Cell]
    names: Names
    """By which cells call what is in the data."""
    said: list[Said] = field(default_factory=list)

    @property
    def has_identifier(self) -> bool:
        """Whether it names a thing, and does not stand for itself."""
        return self.table.identifier(self.thing) is not None

    def faults(self) -> Iterator[tuple[Cell, str]]:
        """Yield the cells with a formula or error, and what it is; where another has the same, the cell is named, too.

        Otherwise both would make one statement, and only one would be found.
        """
        seen: set[str] = set()
        for cell in self.cells.values():
            if cell.fault:
                yield cell, f"{cell.fault} ({cell.name})" if cell.fault in seen else cell.fault
                seen.add(cell.fault)

    def place(self, cell: Cell) -> str:
        """Return the name of one of its cells, with the sheet before it."""
        return f"{self.sheet}!{cell.name}" if self.sheet else cell.name

    def speaks_of(self, predicate: str, value: object) -> bool:
        """Tell whether a statement on the thing would stand in this row, so that the row denies it if it does not."""
        if (predicate, getattr(value, "value", None)) == (TYPE, self.table.kind_of_thing):
            return False  # which goes without saying
        return any(column.property == predicate and column.holds(value, self.names) for column in self.cells)


def read(path: Path, grids: Iterable[Grid], model: Model) -> list[Row]:
    """Return the rows of tables with what they say.

    What a cell holds that is no value is stated with a property of the shapes, for the rules to report.

    Raises:
        SourceError: naming every column that is not known or missing.
    """
    tables = [(grid, model.table(grid.sheet or path.stem)) for grid in grids]
    sheets = [_Sheet(path, grid, table, model.names) for grid, table in tables if table is not None]
    refuse(path, [problem for sheet in sheets for problem in sheet.problems])
    rows = [row for sheet in sheets for row in sheet.rows()]
    names = model.names.copy()
    for row in rows:
        _introduce(row, names)
    for row in rows:
        row.said = list(say(row, names))
    return rows


def without(quads: Iterable[ox.Quad], rows: Iterable[Row]) -> Iterator[ox.Quad]:
    """Yield the statements on which rows do not have the say; rows of several files may be about one thing."""
    by_thing: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_thing[row.thing].append(row)
    for quad in quads:
        about = by_thing.get(quad.subject.value) if by_thing and isinstance(quad.subject, ox.NamedNode) else None
        if not about or not any(row.speaks_of(quad.predicate.value, quad.object) for row in about):
            yield quad


class _Sheet:
    """The headers of one table, and what is wrong with them."""

    def __init__(self, path: Path, grid: Grid, table: Table, names: Names) -> None:
        self._file, self._grid, self._table, self._names = path.name, grid, table, names
        self._columns: dict[int, Column] = {}
        self._id = -1
        below = self._headers_below()
        if below:
            self.problems = [at(grid, below, Reason("headers-row"))]
        elif self._without_headers():
            self.problems = [at(grid, grid.rows[0][0], Reason("headers-none", ", ".join(table.headers())))]
        else:
            self.problems = list(self._read_headers())

    def _headers_below(self) -> Cell | None:
        """Return the first cell of a row of headers under a title, or under whatever is no header."""
        for row in self._grid.rows[:TITLE]:
            headers = [clean(cell.text).casefold() for cell in row]
            known = [header == ID_HEADER or self._table.column(header) is not None for header in headers]
            if any(known):
                return row[0] if ID_HEADER in headers and row is not self._grid.rows[0] else None
        return None

    def _without_headers(self) -> bool:
        """Tell whether the first row has the name of no column, nor anything like one."""
        headers = [clean(cell.text).casefold() for cell in self._grid.rows[0] if not cell.empty]
        known = [header.casefold() for header in self._table.headers()]
        languages = any(self._table.column(header) for header in headers)
        return not languages and not any(difflib.get_close_matches(header, known, 1, _LIKE) for header in headers)

    def _read_headers(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for place, cell in enumerate(self._grid.rows[0]):
            header = clean(cell.text).casefold()
            column = self._table.column(header)
            if cell.fault:
                yield at(self._grid, cell, Reason("header-formula", cell.fault))
            elif header in seen:
                yield at(self._grid, cell, Reason("header-twice", clean(cell.text)))
            elif header == ID_HEADER:
                self._id = place
            elif column is not None:
                self._columns[place] = column
            elif header:
                yield at(self._grid, cell, self._unknown(clean(cell.text)))
            seen |= {header} - {""}
        if self._id < 0:
            yield at(self._grid, self._grid.rows[0][0], Reason("no-id", ID_HEADER))
        yield from self._headless()

    def _unknown(self, header: str) -> Reason:
        name, of_language, _ = header.partition(" (")
        if of_language and self._table.column(f"{name} (en)"):
            hint = Reason("header-language", name)
        else:
            hint = meant(header, list(self._table.headers()))
        return Reason("header-unknown", header, self._table.name, hint)

    def _headless(self) -> Iterator[Problem]:
        """Yield the first cell with content of each column that has no header."""
        headers = self._grid.rows[0]
        headless = {place for place, cell in enumerate(headers) if cell.empty}
        seen: set[int] = set()
        for row in self._grid.rows[1:]:
            for place, cell in enumerate(row):
                if (place in headless or place >= len(headers)) and not cell.empty and place not in seen:
                    seen.add(place)
                    yield at(self._grid, cell, Reason("headless"))

    def rows(self) -> Iterator[Row]:
        """Yield the rows, each with the thing it is about; one without a name of its own stands for itself."""
        seen: set[str] = set()
        for cells in self._grid.rows[1:]:
            if all(cell.empty for cell in cells):
                continue
            name = self._cell(cells, self._id)
            thing = self._table.thing(clean(name.text))
            fault = None
            if thing is None:
                fault = (UNNAMED, name.fault or clean(name.text) or f"row {name.row}")
            elif thing in seen:
                fault = (REPEATED, clean(name.text))
            row = self._row(cells, name, thing if thing is not None and fault is None else self._stand_in(name))
            if fault is not None:
                row.said.append(_text(row, *fault, name))
            seen.add(row.thing)
            yield row

    def _stand_in(self, name: Cell) -> str:
        return f"{ID}{self._table.kinds[0]}/#{quote(self._file)}:{name.row}"

    def _row(self, cells: list[Cell], name: Cell, thing: str) -> Row:
        by_column = {column: self._cell(cells, place) for place, column in self._columns.items()}
        return Row(self._grid.sheet, self._table, thing, name, by_column, self._names)

    def _cell(self, cells: list[Cell], place: int) -> Cell:
        return cells[place] if place < len(cells) else Cell("", cells[0].row, place + 1)


def _introduce(row: Row, names: Names) -> None:
    """Add the thing of a row, with its names, to what other cells may call it."""
    labels = [value for column, cell in row.cells.items() if column.property in _NAMING for value in [clean(cell.text)]]
    names.add(row.thing, row.table.broader, [label for label in labels if label])


def say(row: Row, names: Names) -> Iterator[Said]:
    """Yield what a row says, by the names that cells may use."""
    yield from row.said
    yield from (_text(row, UNREADABLE, fault, cell) for cell, fault in row.faults())
    yield from _kinds(row, names)
    for column, cell in row.cells.items():
        if column.property != TYPE and not cell.fault:
            for value in column.values(cell.text):
                yield _said(row, column.property, column.reading.read(value, names), cell)


def _kinds(row: Row, names: Names) -> Iterator[Said]:
    """Yield the types of a thing: those that its row names, and that of its table unless one of them is narrower.

    Without a column for them, the types are those that the thing has in the data.
    """
    cells = {column: cell for column, cell in row.cells.items() if column.property == TYPE}
    named = [] if cells else [_said(row, TYPE, ox.NamedNode(it), row.name) for it in names.types.get(row.thing, ())]
    for column, cell in cells.items():
        for value in column.values(cell.text):
            kind = column.reading.read(value, names)
            if isinstance(kind, ox.NamedNode):
                named.append(_said(row, TYPE, kind, cell))
            else:
                yield _text(row, UNKNOWN_KIND, value, cell)
    yield from named
    if not any(said.fact.value.value in row.table.narrower for said in named):
        empty = next((cell for cell in cells.values() if cell.empty), row.name)
        yield _said(row, TYPE, ox.NamedNode(row.table.kind_of_thing), empty)


def _said(row: Row, predicate: str, value: ox.NamedNode | ox.Literal, cell: Cell) -> Said:
    return Said(Fact(ox.NamedNode(row.thing), ox.NamedNode(predicate), value), cell)


def _text(row: Row, predicate: str, value: str, cell: Cell) -> Said:
    return _said(row, predicate, ox.Literal(value), cell)
