"""Rows of spreadsheets into the files of ``data/``: what changes, in the words of the sheet, and the new files.

A row has the say on what it has columns for, and on nothing else: what no column holds stays, and so does the record of
a row that is not there. A new record goes into the file that holds most of its kind.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph import source, tables, turtle
from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.tables.facts import Fact, facts
from cfit_graph.tables.filling import text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from pathlib import Path

    from cfit_graph.tables import Facts, Model, Row

_TYPE: Final = VOCABULARIES["rdf"] + "type"


class Change(NamedTuple):
    """What a row changes in one column: whose it is, and the texts of the cell before and after."""

    table: str
    identifier: str
    new: bool
    header: str
    before: str
    after: str


def changes(rows: Iterable[Row], graph: Facts, model: Model) -> Iterator[Change]:
    """Yield what rows change in a graph, column by column; nothing of a row that says what the graph does."""
    for row in rows:
        said = [found.fact for found in row.said]
        about = graph.about.get(said[0].subject, [])
        for column in row.cells:
            before, after = (text(column, row.table, side, model.names) for side in (about, said))
            if before != after:
                yield Change(row.table.name, row.name.text.strip(), not about, column.header, before, after)


def files(rows: Sequence[Row], root: Path) -> dict[Path, str]:
    """Return the files of ``data/`` that rows change, as they will be, in their one form.

    Raises:
        SourceError: if a file cannot be parsed, or one that changes cannot be laid out or is not Turtle.
    """
    old = {path: list(facts(source.quads(path))) for path in source.files(root / "data")}
    said = dict.fromkeys(found.fact for row in rows for found in row.said)
    new = {path: _kept(about, said, rows) for path, about in old.items()}
    homes = _homes(rows, old)
    for fact in said.keys() - {fact for about in new.values() for fact in about}:
        new[homes[fact.subject.value]].append(fact)
    return {path: _layout(path, new[path]) for path in old if set(new[path]) != set(old[path])}


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
