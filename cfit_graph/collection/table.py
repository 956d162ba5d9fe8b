"""Collections as tables: CSV (RFC 4180), and what its columns mean (CSV on the Web, tabular-metadata 2015-12-17).

The metadata promise only what the format can say. A column that would make wrong statements is marked to make none:
several IRIs in a cell, since a processor makes one IRI of them; dates, since a column has one datatype and ours have
three; and the label, since its language differs from row to row. They can be read by people and programs all the same.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from cfit_graph.collection.jsonld import is_iri, is_text
from cfit_graph.errors import UsageError
from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.statements import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cfit_graph.collection import Collection
    from cfit_graph.collection.jsonld import Context, Said, Term
    from cfit_graph.statements import Node

MEDIA_TYPES: Final = {"csv": "text/csv"}
"""The media type of tables, by suffix."""
METADATA: Final = {"csv-metadata.json": "application/csvm+json"}
"""The media type of the metadata, by suffix: that by which they are looked for (tabular-data-model, 5.3)."""

_LABEL: Final = "label"  # the one name to show, in whatever language there is
_BETWEEN_IRIS: Final = " "
_BETWEEN_TEXTS: Final = "|"
_DATE: Final = {"base": "string", "format": "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"}
_SILENT: Final = {"suppressOutput": True}
_TYPE: Final = VOCABULARIES["rdf"] + "type"


@dataclass(frozen=True)
class Column:
    """A column: its title, the property it is about, which values it takes, and the rest of its description.

    ``separator`` stands between values; a column without one holds one value. ``chooses`` shows the first of several.
    """

    title: str
    property: str
    takes: Callable[[Node], bool]
    separator: str = ""
    chooses: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """Return the description of the column in the metadata."""
        name = {"name": re.sub(r"\W", "_", self.title), "titles": self.title, "propertyUrl": self.property}
        separator = {"separator": self.separator} if self.separator else {}
        return name | separator | dict(self.more)

    def cell(self, iri: str, values: list[Node]) -> str:
        """Return the values of a thing as text.

        Raises:
            UsageError: if a cell cannot hold them.
        """
        texts = [text for _, text in sorted(map(_english_first, values))]
        if self.chooses:
            return texts[0] if texts else ""
        is_split_wrong = any(self.separator in text for text in texts) if self.separator else len(texts) > 1
        if is_split_wrong:
            raise _cannot_hold(iri, self.property)
        return self.separator.join(texts)


def columns(collection: Collection, context: Context, literal_types: Mapping[str, frozenset[str]]) -> list[Column]:
    """Return the columns of a collection after ``id``; ``literal_types`` as of a reader."""
    terms = (context.terms[name] for name in collection.fields)
    columns_of = partial(_columns, context)
    return [
        _types(),
        *(column for term in terms for column in columns_of(term, literal_types.get(term.property, frozenset()))),
    ]


def write(shown: list[Column], things: Iterable[tuple[str, Said]]) -> str:
    """Return a table: a header and a row for each thing.

    Raises:
        UsageError: if a cell cannot hold what is said of a thing.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", *(column.title for column in shown)])
    groups = [(prop, list(group)) for prop, group in groupby(shown, attrgetter("property"))]
    writer.writerows([iri, *_cells(groups, iri, said)] for iri, said in things)
    return text.getvalue()


def metadata(url: str, shown: list[Column], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of the table at ``url``, relative to their own address; ``about`` tells more of it."""
    key = {"name": "id", "titles": "id", "required": True, "datatype": "anyURI"} | _SILENT
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": url,
        **about,
        "tableSchema": {
            "aboutUrl": "{+id}",
            "primaryKey": "id",
            "columns": [key, *(column.describe() for column in shown)],
        },
    }


def _cells(groups: list[tuple[str, list[Column]]], iri: str, said: Said) -> Iterator[str]:
    """Return the cells of a row, property by property."""
    for prop, shown in groups:
        if prop not in said:
            yield from repeat("", len(shown))
            continue
        values = said[prop]
        taken = [[value for value in values if column.takes(value)] for column in shown]
        if sum(map(len, taken)) < len(values):
            raise _cannot_hold(iri, prop)
        yield from (column.cell(iri, some) for column, some in zip(shown, taken, strict=True))


def _types() -> Column:
    return Column("type", _TYPE, is_iri, _BETWEEN_IRIS, more={"datatype": "anyURI"} | _SILENT)


def _columns(context: Context, term: Term, literal_types: frozenset[str]) -> Iterator[Column]:
    """Return the columns of a term: one for each language of texts or datatype of plain values, else one."""
    separator = _BETWEEN_TEXTS if term.is_set else ""
    datatypes = {name for name in literal_types if ":" in name}
    if term.name == _LABEL:
        yield Column(_LABEL, term.property, is_text, chooses=True, more={"datatype": "string"} | _SILENT)
    elif term.is_by_language:
        for language in ("en", *sorted(literal_types - {"en", *datatypes})):
            yield _in_language(term, language, separator)
    elif term.coercion == "@id":
        one = {"datatype": "anyURI", "valueUrl": f"{{+{term.name}}}"}
        several = {"datatype": "anyURI"} | _SILENT
        separator = _BETWEEN_IRIS if term.is_set else ""
        yield Column(term.name, term.property, is_iri, separator, more=several if term.is_set else one)
    elif term.coercion:
        yield Column(term.name, term.property, _is_literal, separator, more={"datatype": _DATE} | _SILENT)
    else:
        yield Column(term.name, term.property, is_text, separator, more={"datatype": "string"})
        for datatype in sorted(datatypes):
            yield _of_datatype(term, datatype, context.name(datatype), separator)


def _of_datatype(term: Term, datatype: str, name: str, separator: str) -> Column:
    """Return a column of one datatype; it is silent if that is one that processors know, and write anew."""
    more = _SILENT if datatype.startswith(VOCABULARIES["xsd"]) else {"datatype": {"@id": datatype, "base": "string"}}

    def takes(value: Node) -> bool:
        return isinstance(value, Words) and value.datatype == datatype

    return Column(f"{term.name}_{name}", term.property, takes, separator, more={"datatype": "string", **more})


def _in_language(term: Term, language: str, separator: str) -> Column:
    title = f"{term.name}_{language}" if language else term.name
    tag = {"lang": language} if language else {}

    def takes(value: Node) -> bool:
        return is_text(value) and value.language == language

    return Column(title, term.property, takes, separator, more={"datatype": "string"} | tag)


def _is_literal(value: Node) -> bool:
    return isinstance(value, Words)


def _english_first(value: Node) -> tuple[bool, str]:
    """Return what a value is sorted by, and its text."""
    return (bool(value.language) and value.language != "en", value.text) if isinstance(value, Words) else (False, value)


def _cannot_hold(iri: str, prop: str) -> UsageError:
    return UsageError(f"A table has no cell for what is said of {iri} with {prop}; take JSON.")
