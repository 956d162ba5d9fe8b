"""Changes of statements as edits of the file in which they are written: of its text, or of the cells of its table."""

from __future__ import annotations

import json
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import RDF, BNode, Literal, URIRef

from cfit_graph import positions, source, tables
from cfit_graph.errors import SourceError
from cfit_graph.files import JSONLD, TABLES
from cfit_graph.namespaces import ID, PREFIXES, SHAPES
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
    from cfit_graph.validation.written import Place, Written


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
            return self._cells(changes) if self._table else self._parts(changes, said)
        except (OSError, ValueError, SourceError):
            return ()

    def _cells(self, changes: Sequence[Change]) -> tuple[Edit, ...]:
        before = dict.fromkeys(change.old for change in changes if change.old)  # of which one may become several
        made = [self._in_table(old, [change.new for change in changes if change.old == old]) for old in before]
        made += [self._in_table(None, [change.new]) for change in changes if not change.old]
        return tuple(edit for edit in made if edit) if all(made) else ()

    def _parts(self, changes: Sequence[Change], said: Sequence[Written]) -> tuple[Edit, ...]:
        made = [span for change in changes for span in self._spans(change, said)]
        spans = sorted({span for span in made if span})
        apart = all(one.end <= other.start for one, other in pairwise(spans))
        return tuple(map(self._edit_of, spans)) if all(made) and apart else ()

    def term(self, node: Node, place: Place, old: Node | None = None) -> str:
        """Return a term as this file writes it at a place; of JSON, as Turtle would; of a blank node, brackets.

        In JSON, an address that replaces ``old``, a text, is more than the text.
        """
        if isinstance(node, BNode):
            return "[ … ]"
        if not self._table:
            tokens = self._tokens
            at = self._lines.at(place.line, place.column)
            if isinstance(tokens, TurtleText):
                return _verb(node, tokens, at)
            written = _written(node, _PREFIXED, _END)
            is_more = isinstance(node, URIRef) and isinstance(old, Literal)
            return json.dumps({"@id": written.strip("<>")}) if is_more else written
        table = self._model().table(place.sheet or self._path.stem)
        column = table.column(place.header) if table else None
        tables_there = [*filter(None, [table]), *self._model().tables]
        headers = (it.header for there in tables_there for it in there.columns if it.property == str(node))
        if header := next(headers, ""):
            return header
        text = column.write(source.parser_term(node), self._model().names) if column else None
        if text is not None and not text.startswith(ID):  # a thing of ours has a name, also in a column of addresses
            return text
        known = self._model().names.shown(str(node))
        return known or (tables.slug(str(node)) if str(node).startswith(ID) else str(node))

    def _edit_of(self, span: Span) -> Edit:
        return Edit(*self._lines.place(span.start), old=self._text[span.start : span.end], new=span.new)

    def _spans(self, change: Change, said: Sequence[Written]) -> list[Span | None]:
        """Return the parts of the text that a change is about; none for one that cannot be told."""
        old, new = change
        found = [written for written in said if written.triple == old]
        if not found:
            return [self._addition(new, said) if new and not old else None]
        return [span for written in found for span in self._instead(written, new, said)]

    def _instead(self, found: Written, new: Triple | None, said: Sequence[Written]) -> list[Span | None]:
        """Return the parts of the text that are to be others where a statement is written."""
        subject, predicate, value = (self._lines.at(place.line, place.column) for place in found[1:])
        if new is None:
            return [self._tokens.remove(subject, value)]
        if found.triple[1] == new[1]:
            return [self._tokens.replace(value, _written(new[2], self._tokens, value))]
        old, name = str(found.triple[1]), str(new[1])
        moved = self._tokens.redeclare(predicate, old, name) if old.replace("http:", "https:", 1) == name else None
        renamed = moved or self._tokens.rename(predicate, value, self._tokens.iri(name, predicate))
        others = [written for written in said if written != found]
        return [renamed] if renamed else [self._tokens.remove(subject, value), self._addition(new, others)]

    @property
    def _json(self) -> bool:
        return isinstance(self._tokens, JsonText)

    def _addition(self, new: Triple, said: Sequence[Written]) -> Span | None:
        """Return where to add a statement: behind the last one on its subject."""
        about = [written for written in said if written.triple[0] == new[0]]
        places = (
            self._lines.at(place.line, place.column)
            for written in sorted(about, key=lambda written: written.object[1:3], reverse=True)
            for place in [written.subject if self._json else written.object]
        )
        spans = (self._tokens.add(at, self._terms(new, at)) for at in places)
        return next((span for span in spans if span), None)

    def _terms(self, triple: Triple, at: int) -> tuple[str, str, str]:
        subject, predicate, value = triple
        return (
            _written(subject, self._tokens, at),
            _verb(predicate, self._tokens, at),
            _written(value, self._tokens, at),
        )

    def _in_table(self, old: Triple | None, new: Sequence[Triple | None]) -> Edit | None:
        told = [triple for triple in new if triple]
        triple = old or next(iter(told), None)
        row = self._rows.get(str(triple[0])) if triple else None
        values = [value for triple in told if (value := _told(triple)) is not None]
        found: NewText | None = None
        elsewhere = old and any(old[1] not in {triple[1], _UNREADABLE} for triple in told)
        if row is None or elsewhere or len(values) < len(told):
            return None
        if old and (before := _told(old)) is not None:
            found = tables.replaced(row, str(old[1]), before, values, self._model().names)
        elif values:
            found = tables.added(row, str(told[0][1]), values[0], self._model().names)
        return self._edit_of_cell(row, found) if found else None

    def _edit_of_cell(self, row: tables.Row, found: NewText) -> Edit:
        cell = found.cell
        if self._path.suffix.lower() == ".xlsx":
            return Edit(sheet=row.sheet, cell=cell.name, old=cell.fault or cell.text, new=found.text)
        old, new = tables.in_csv(self._text, self._lines.at(cell.line, cell.line_column), found.text)
        return Edit(cell.line, cell.line_column, cell=cell.name, old=old, new=new)


_UNREADABLE: Final = URIRef(SHAPES + "unreadable")
_DECLARED: Final = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
_PREFIXED, _END = TurtleText(_DECLARED), len(_DECLARED)


def _told(triple: Triple | None) -> ox.NamedNode | ox.Literal | None:
    """Return the value of a statement as cells have it; none of a blank node, which has no name there."""
    value = source.parser_term(triple[2]) if triple else None
    return None if isinstance(value, ox.BlankNode) else value


def _verb(node: Node, text: TurtleText | JsonText, at: int) -> str:
    """Return a property as a text would write it: in Turtle, that of types is ``a``."""
    is_short = node == RDF.type and isinstance(text, TurtleText) and text.has_short_forms
    return "a" if is_short else _written(node, text, at)


def _written(node: Node, text: TurtleText | JsonText, at: int) -> str:
    if isinstance(node, Literal):
        return text.literal(str(node), node.language, str(node.datatype) if node.datatype else None, at)
    if isinstance(node, BNode):
        raise positions.Lost("a blank node cannot be named")
    return text.iri(str(node), at)
