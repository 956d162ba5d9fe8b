"""Rows of spreadsheets into the files of ``data/``: what changes, in the words of the sheet, and the new files.

A row has the say on what it has columns for, and on nothing else: what no column holds stays, and so does the record of
a row that is not there. A new record goes into the file that holds most of its kind.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph import source, tables, turtle
from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.tables.facts import Fact, Facts, facts
from cfit_graph.tables.filling import text
from cfit_graph.tables.names import clean

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from pathlib import Path

    from cfit_graph.tables import Column, Model, Row
    from cfit_graph.tables.facts import Node

_TYPE: Final = VOCABULARIES["rdf"] + "type"


class Change(NamedTuple):
    """What rows change in one column: whose it is, and the texts of the cell before and after."""

    table: str
    identifier: str
    new: bool
    header: str
    before: str
    after: str


class Intake(NamedTuple):
    """The statements of each file of ``data/`` as it is, and as it is with the rows taken in."""

    before: dict[Path, list[Fact]]
    after: dict[Path, list[Fact]]

    def files(self) -> dict[Path, str]:
        """Return the files that change, as they will be, in their one form.

        Raises:
            SourceError: if one cannot be laid out or is not Turtle.
        """
        changed = [path for path, about in self.before.items() if set(self.after[path]) != set(about)]
        return {path: _layout(path, self.after[path]) for path in changed}


def take_in(rows: Sequence[Row], root: Path) -> Intake:
    """Take rows into ``data/``; those about one thing say the same of each column that several of them have.

    Raises:
        SourceError: if a file cannot be parsed.
    """
    old = {path: list(facts(source.quads(path))) for path in source.files(root / "data")}
    said = dict.fromkeys(_said(rows))
    new = {path: _kept(about, said, rows) for path, about in old.items()}
    homes = _homes(rows, old)
    for fact in said.keys() - {fact for about in new.values() for fact in about}:
        new[homes[fact.subject.value]].append(fact)
    return Intake(old, new)


def changes(rows: Iterable[Row], intake: Intake, model: Model) -> Iterator[Change]:
    """Yield what changes with rows, column by column, each column of a thing once, the things together."""
    graphs = [Facts(fact.quad for about in side.values() for fact in about) for side in intake]
    columns: dict[Node, dict[Column, Row]] = {}
    for row in rows:
        columns.setdefault(row.said[0].fact.subject, {}).update(dict.fromkeys(row.cells, row))
    for thing, its in columns.items():
        before, after = (graph.about.get(thing, []) for graph in graphs)
        for column, row in its.items():
            texts = [text(column, row.table, side, model.names) for side in (before, after)]
            if texts[0] != texts[1]:
                yield Change(row.table.name, clean(row.name.text), not before, column.header, *texts)


def _said(rows: Sequence[Row]) -> Iterator[Fact]:
    """Yield what rows say, but for the type that goes without saying where another row has a column for it."""
    typed = {row.thing for row in rows for column in row.cells if column.property == _TYPE}
    for row in rows:
        for fact, cell in row.said:
            if fact.predicate.value != _TYPE or cell != row.name or row.thing not in typed:
                yield fact


def _kept(about: list[Fact], said: Container[Fact], rows: Sequence[Row]) -> list[Fact]:
    """Return the statements of a file on which no row has the say, and those that a row repeats."""
    others = set(facts(tables.without((fact.quad for fact in about), rows)))
    return [fact for fact in about if fact in others or fact in said]


def _homes(rows: Sequence[Row], old: dict[Path, list[Fact]]) -> dict[str, Path]:
    """Return the file for what is new about each thing: that which has its type, else most of its kind."""
    kinds = {path: [fact for fact in about if fact.predicate.value == _TYPE] for path, about in old.items()}
    typed = {fact.subject.value: path for path, types in kinds.items() for fact in types}
    counts = Counter((path, fact.value.value) for path, types in kinds.items() for fact in types)

    def fullest(row: Row) -> Path:
        return max(old, key=lambda path: sum(counts[path, kind] for kind in row.table.narrower))

    return {row.thing: typed.get(row.thing) or fullest(row) for row in rows}


def _layout(path: Path, about: list[Fact]) -> str:
    turtle.refuse_other(path)
    graph = source.merge([])
    for triple in source.triples(path, (fact.quad for fact in about)):
        graph.add(triple)
    return turtle.layout(graph, path.read_text("utf-8"), path)
