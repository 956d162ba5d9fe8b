"""Changes of statements as edits of the file in which they are written: of its text, or of the cells of its table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import BNode, Literal, URIRef

from cfit_graph import positions, source, tables
from cfit_graph.errors import SourceError
from cfit_graph.files import JSONLD, TABLES
from cfit_graph.namespaces import PREFIXES, SHAPES
from cfit_graph.positions.json_edits import JsonText
from cfit_graph.positions.turtle_edits import TurtleText
from cfit_graph.validation.suggestions import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rdflib.term import Node

    from cfit_graph.positions import Span
    from cfit_graph.tables import Model, NewText
    from cfit_graph.validation.mending.faults import Change, Triple
    from cfit_graph.validation.written import Written


class Writer:
    """Writes into one file, as it is."""

    def __init__(self, path: Path, root: Path | None, model: Callable[[], Model]) -> None:
        """``model`` gives the tables that there are; it is asked if the file is one, as it takes time."""
        self._path, self._root, self._model = path, root, model
        self._table = path.suffix.lower() in TABLES

    @cached_property
    def _text(self) -> str:
        return self._path.read_bytes().decode("utf-8-sig") if self._path.suffix.lower() != ".xlsx" else ""

    @cached_property
    def _lines(self) -> positions.Lines:
        return positions.Lines(self._text)

    @cached_property
    def _tokens(self) -> TurtleText | JsonText:
        suffix = self._path.suffix.lower()
        return JsonText(self._text) if suffix in JSONLD else TurtleText(self._text, lines=suffix in {".nt", ".nq"})

    @cached_property
    def _rows(self) -> dict[str, tables.Row]:
        return {row.thing: row for row in source.rows(self._path, self._root)}

    def edits(self, changes: Sequence[Change], said: Sequence[Written]) -> tuple[Edit, ...]:
        """Return the edits that make changes, given what the file says of the subject; none if one cannot be made.

        Nothing is proposed for a file that cannot be read as it was when it was judged.
        """
        try:
            made = [edit for change in changes for edit in self._made(change, said)]
        except (OSError, ValueError, SourceError):
            return ()
        return tuple(edit for edit in made if edit) if all(made) else ()

    def _made(self, change: Change, said: Sequence[Written]) -> list[Edit | None]:
        if self._table:
            return [self._in_table(change)]
        return [self._edit_of(span) if span else None for span in self._spans(change, said)]

    def term(self, node: Node) -> str:
        """Return a term as this file writes it; of JSON, as Turtle would, and of a blank node, that it is one."""
        if isinstance(node, BNode):
            return "[ … ]"
        if not self._table:
            return _written(node, self._tokens if isinstance(self._tokens, TurtleText) else _PREFIXED)
        columns = [column for table in self._model().tables for column in table.columns]
        header = next((column.header for column in columns if column.property == str(node)), "")
        known = header or self._model().names.shown(str(node))
        return known or (str(node) if isinstance(node, Literal) else tables.slug(str(node)))

    def _edit_of(self, span: Span) -> Edit:
        return Edit(*self._lines.place(span.start), old=self._text[span.start : span.end], new=span.new)

    def _spans(self, change: Change, said: Sequence[Written]) -> list[Span | None]:
        """Return the parts of the text that a change is about; none for one that cannot be told."""
        old, new = change
        found = next((written for written in said if written.triple == old), None)
        if found is None:
            return [self._addition(new, said) if new and not old else None]
        subject, predicate, value = (self._lines.at(place.line, place.column) for place in found[1:])
        if new is None:
            return [self._tokens.remove(subject, value)]
        if found.triple[1] == new[1]:
            return [self._tokens.replace(value, _written(new[2], self._tokens))]
        renamed = self._tokens.rename(predicate, value, self._tokens.iri(str(new[1])))
        others = [written for written in said if written != found]
        return [renamed] if renamed else [self._tokens.remove(subject, value), self._addition(new, others)]

    @property
    def _json(self) -> bool:
        return isinstance(self._tokens, JsonText)

    def _addition(self, new: Triple, said: Sequence[Written]) -> Span | None:
        """Return where to add a statement: behind the last one on its subject."""
        terms = _written(new[0], self._tokens), _written(new[1], self._tokens), _written(new[2], self._tokens)
        about = [written for written in said if written.triple[0] == new[0]]
        spans = (
            self._tokens.add(self._lines.at(place.line, place.column), terms)
            for written in sorted(about, key=lambda written: written.object[1:3], reverse=True)
            for place in [written.subject if self._json else written.object]
        )
        return next((span for span in spans if span), None)

    def _in_table(self, change: Change) -> Edit | None:
        old, new = change
        triple = old or new
        row = self._rows.get(str(triple[0])) if triple else None
        value = _told(new)
        found: NewText | None = None
        if row is None or (old and new and old[1] not in {new[1], _UNREADABLE}):
            return None
        if old and (before := _told(old)) is not None:
            found = tables.replaced(row, str(old[1]), before, value, self._model().names)
        elif new and value is not None:
            found = tables.added(row, str(new[1]), value, self._model().names)
        return self._edit_of_cell(row, found) if found else None

    def _edit_of_cell(self, row: tables.Row, found: NewText) -> Edit:
        cell = found.cell
        if self._path.suffix.lower() == ".xlsx":
            return Edit(sheet=row.sheet, cell=cell.name, old=cell.fault or cell.text, new=found.text)
        old, new = tables.in_csv(self._text, self._lines.at(cell.line, cell.line_column), found.text)
        return Edit(cell.line, cell.line_column, cell=cell.name, old=old, new=new)


_UNREADABLE: Final = URIRef(SHAPES + "unreadable")
_PREFIXED: Final = TurtleText("".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()))


def _told(triple: Triple | None) -> ox.NamedNode | ox.Literal | None:
    """Return the value of a statement as cells have it; none of a blank node, which has no name there."""
    value = source.parser_term(triple[2]) if triple else None
    return None if isinstance(value, ox.BlankNode) else value


def _written(node: Node, text: TurtleText | JsonText) -> str:
    if isinstance(node, Literal):
        return text.literal(str(node), node.language, str(node.datatype) if node.datatype else None)
    if isinstance(node, BNode):
        raise positions.Lost("a blank node cannot be named")
    return text.iri(str(node))
