"""A graph to tables: each thing of a table's class in a row, and what no cell can hold said."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from cfit_graph.namespaces import ID, shorten
from cfit_graph.tables.columns import SEPARATOR, Column, Model, Table
from cfit_graph.tables.grid import LONGEST, Cell
from cfit_graph.tables.reading import TYPE, Row, say
from cfit_graph.texts import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cfit_graph.tables.facts import Fact, Facts, Node
    from cfit_graph.tables.names import Names

_JOINED: Final = f" {SEPARATOR} "


@dataclass(frozen=True)
class Sheet:
    """One table, filled: its columns, and its rows, each with the identifier and the text of every column."""

    table: Table
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Filled:
    """All tables, filled; the statements on their things that they do not hold, and the things that are in none."""

    sheets: tuple[Sheet, ...]
    left: tuple[Fact, ...]
    others: tuple[Node, ...]

    def summary(self) -> Iterator[str]:
        """Yield in words what the tables do not hold: by property, and by kind of thing."""
        left = Counter(_called(fact.predicate.value) for fact in self.left)
        if left:
            yield "Left out of the rows: " + ", ".join(
                f"{name} {_times(count)}" for name, count in sorted(left.items())
            )
        others = Counter(_kind(thing) for thing in self.others)
        if others:
            yield "Without a table: " + ", ".join(f"{kind} {count}" for kind, count in sorted(others.items()))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _called(predicate: str) -> str:
    return PROPERTIES.get(predicate, shorten(predicate))


def _kind(thing: Node) -> str:
    return thing.value.removeprefix(ID).partition("/")[0] if thing.value.startswith(ID) else "other"


def fill(graph: Facts, model: Model) -> Filled:
    """Return the tables with all that they hold of a graph: read again, they say nothing that it does not."""
    sheets, rows = [], dict[str, Row]()
    for table in model.tables:
        filled = [row for thing in _things(graph, table) if (row := _row(graph, thing, table, model))]
        sheets.append(_sheet(table, filled))
        rows |= {row.thing: row for row in filled}
    held = {said.fact for row in rows.values() for said in row.said}
    inside = [fact for thing, about in graph.about.items() if thing.value in rows for fact in about]
    others = [thing for thing in graph.about if thing.value not in rows]
    return Filled(tuple(sheets), tuple(fact for fact in inside if fact not in held), tuple(others))


def text(column: Column, table: Table, facts: Iterable[Fact], names: Names) -> str:
    """Return the text of a cell for what statements on a thing say; the class of its table needs no words."""
    of_column = (fact.value for fact in facts if column.property == fact.predicate.value and column.takes(fact.value))
    values = {
        value for value in of_column if not isinstance(value, ox.BlankNode) and value.value != table.kind_of_thing
    }
    return _JOINED.join(sorted(column.reading.write(value, names) for value in values))


def _things(graph: Facts, table: Table) -> list[ox.NamedNode]:
    found = {thing for kind in table.narrower for thing in graph.having("rdf:type", ox.NamedNode(kind))}
    named = (thing for thing in found if isinstance(thing, ox.NamedNode) and table.identifier(thing.value))
    return sorted(named, key=lambda thing: thing.value)


def _row(graph: Facts, thing: ox.NamedNode, table: Table, model: Model) -> Row | None:
    """Return the row of a thing; none if it would say more than the graph does."""
    texts: defaultdict[Column, list[str]] = defaultdict(list)
    for fact in graph.about[thing]:
        for column in _columns(table, fact):
            written = column.write(fact.value, model.names) if column.several or not texts[column] else None
            if written is not None and len(_JOINED.join([*texts[column], written])) <= LONGEST:
                texts[column].append(written)
                break
    kinds: dict[Column, list[str]] = {
        column: [] for column in table.columns if column.property == TYPE
    }  # has a say, empty
    shown = kinds | {column: values for column, values in texts.items() if values}
    cells = {column: Cell(_JOINED.join(sorted(values)), 0, 0) for column, values in shown.items()}
    row = Row("", table, thing.value, Cell(str(table.identifier(thing.value)), 0, 0), cells, model.names)
    row.said = list(say(row, model.names))
    return row if {said.fact for said in row.said} <= set(graph.about[thing]) else None


def _columns(table: Table, fact: Fact) -> Iterator[Column]:
    """Yield the columns that may hold a statement."""
    if fact.value.value == table.kind_of_thing:
        return  # that a thing is of the class of its table goes without saying
    language = fact.value.language if isinstance(fact.value, ox.Literal) else None
    for column in table.columns:
        if column.property == fact.predicate.value:
            if language and column.languages:
                yield column.in_language(language)
            elif column.plain and not language:
                yield column


def _sheet(table: Table, rows: Iterable[Row]) -> Sheet:
    rows = list(rows)
    columns = tuple(_shown(table, {column for row in rows for column in row.cells}))
    written = ((row.name.text, *(_cell(row, column) for column in columns)) for row in rows)
    return Sheet(table, columns, tuple(written))


def _cell(row: Row, column: Column) -> str:
    return row.cells[column].text if column in row.cells else ""


def _shown(table: Table, used: set[Column]) -> Iterator[Column]:
    """Yield the columns in order; of text in languages that for English, and those in use."""
    for column in table.columns:
        if not column.languages or column in used:
            yield column
        if column.languages:
            english = column.in_language("en")
            others = {other for other in used if other.header.startswith(f"{column.header} (")} - {english}
            yield from [english, *sorted(others, key=lambda other: other.header)]
