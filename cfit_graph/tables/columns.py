"""Tables and their columns, and what the text of a cell says: an address, a thing, a concept, a date or text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

import pyoxigraph as ox

from cfit_graph.namespaces import ID, PREFIXES, VOCABULARIES
from cfit_graph.tables.names import Names, clean, slug

if TYPE_CHECKING:
    from collections.abc import Iterator

SEPARATOR: Final = "|"
"""What stands between the values of a cell that has several."""

SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""The form of the last segment of an address of ours."""

_HELD: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_ADDRESS: Final = re.compile(r"https?://(?:(?![;,]https?://)[^\s<>\"{}|\\^`])+", re.IGNORECASE)
"""One address: of two with ``;`` or ``,`` between them, the second would be taken for the end of the first."""

_LANGUAGE: Final = re.compile(r"(.+?) \(([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)\)")
_XSD_STRING: Final = VOCABULARIES["xsd"] + "string"

Term = ox.NamedNode | ox.Literal


class Reading(Protocol):
    """How the text of a cell becomes a term, and a term the text of a cell."""

    def read(self, text: str, names: Names) -> Term:
        """Return the term that ``text`` stands for; text that stands for nothing stays text, for the rules to judge."""
        ...

    def write(self, term: Term, names: Names) -> str:
        """Return the text of a cell for ``term``; read again, it may be another term if this reading cannot hold it."""
        ...


@dataclass(frozen=True)
class Address:
    """An address on the web, as it is."""

    def read(self, text: str, names: Names) -> Term:  # noqa: ARG002 - see Reading
        """Return the address, or text that is none."""
        return _address(text) or ox.Literal(text)

    def write(self, term: Term, names: Names) -> str:  # noqa: ARG002 - see Reading
        """Return the address."""
        return term.value


@dataclass(frozen=True)
class Text:
    """Text in a language, of a datatype, or plain."""

    language: str = ""
    datatype: str = ""

    def read(self, text: str, names: Names) -> Term:  # noqa: ARG002 - see Reading
        """Return the text as a literal."""
        if self.language:
            return ox.Literal(text, language=self.language)
        return ox.Literal(text, datatype=ox.NamedNode(self.datatype or _XSD_STRING))

    def write(self, term: Term, names: Names) -> str:  # noqa: ARG002 - see Reading
        """Return the text of a literal."""
        return term.value


@dataclass(frozen=True)
class Form:
    """A value whose datatype follows from the way it is written: a day, a month, a year."""

    forms: tuple[tuple[re.Pattern[str], str], ...]

    def read(self, text: str, names: Names) -> Term:  # noqa: ARG002 - see Reading
        """Return the literal of the first datatype that is written so, else plain text."""
        datatype = next((datatype for form, datatype in self.forms if form.search(text)), _XSD_STRING)
        return ox.Literal(text, datatype=ox.NamedNode(datatype))

    def write(self, term: Term, names: Names) -> str:  # noqa: ARG002 - see Reading
        """Return the text of a literal."""
        return term.value


@dataclass(frozen=True)
class Known:
    """Something with an address of its own, called by its slug, by one of its names, or by the address.

    ``groups`` are the classes or the scheme it is of. A slug that nobody knows stands in the only namespace there is,
    if there is just one. Concepts are written by name, things by slug.
    """

    groups: tuple[str, ...]
    namespaces: tuple[str, ...] = ()
    by_name: bool = False

    def read(self, text: str, names: Names) -> Term:
        """Return the thing that is called so, else text."""
        found = names.find(self.groups, text) or _prefixed(text)
        if found is None and len(self.namespaces) == 1 and SLUG.fullmatch(text):
            found = self.namespaces[0] + text
        return ox.NamedNode(found) if found else _address(text) or ox.Literal(text)

    def write(self, term: Term, names: Names) -> str:
        """Return what the thing is called."""
        return self.call(term.value, names)

    def call(self, thing: str, names: Names) -> str:
        """Return what a thing, given by its IRI, is called: the shortest that leads back to it."""
        prefixed = thing.removeprefix(ID).replace("/", ":", 1)
        calls = ([names.shown(thing)] if self.by_name else []) + [slug(thing), prefixed]
        return next((call for call in calls if call and self.read(call, names).value == thing), thing)


def _prefixed(text: str) -> str | None:
    kind, _, local = text.partition(":")
    return PREFIXES[kind] + local if PREFIXES.get(kind, "").startswith(ID) and SLUG.fullmatch(local) else None


def _address(text: str) -> ox.NamedNode | None:
    if not _ADDRESS.fullmatch(text):
        return None
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Column:
    """One column: its header, the property it is for (an IRI), and how its cells are read."""

    header: str
    property: str
    reading: Reading
    description: str = ""
    required: bool = False
    several: bool = True
    """Whether a cell may hold several values, with ``SEPARATOR`` between them."""
    plain: bool = True
    """Whether there is a column without a language."""
    languages: bool = False
    """Whether there are columns for languages, with the tag behind the header."""

    def values(self, text: str) -> list[str]:
        """Return the values in the text of a cell, each of them clean."""
        parts = text.split(SEPARATOR) if self.several else [text]
        return [value for value in map(clean, parts) if value]

    def takes(self, value: object) -> bool:
        """Tell whether a value for the property belongs in this column: text by its language or datatype."""
        if not isinstance(self.reading, Text) or not isinstance(value, ox.Literal):
            return True
        if self.reading.datatype:
            return value.datatype.value == self.reading.datatype
        return (value.language or "") == self.reading.language

    def holds(self, value: object, names: Names) -> bool:
        """Tell whether a value for the property belongs in this column, and can be written in a cell of it."""
        if not isinstance(value, (ox.NamedNode, ox.Literal)):
            return False
        return self.takes(value) and self.write(value, names) is not None

    def in_language(self, tag: str) -> Column:
        """Return the column for text in one language."""
        return replace(self, header=f"{self.header} ({tag})", reading=Text(tag.lower()), required=False)

    def write(self, term: Term | ox.BlankNode, names: Names) -> str | None:
        """Return the text that stands for ``term`` in a cell, if a cell of this column can hold it."""
        if isinstance(term, ox.BlankNode):
            return None
        text = self.reading.write(term, names)
        whole = _HELD.fullmatch(text) is not None and self.values(text) == [text]
        return text if whole and self.reading.read(text, names) == term else None


ID_HEADER: Final = "id"
"""Header of the column that names the thing of a row."""


@dataclass(frozen=True)
class Table:
    """One table: its name, the class of its rows and those around it, the kinds of their addresses, and its columns."""

    name: str
    kind_of_thing: str
    broader: frozenset[str]
    narrower: frozenset[str]
    kinds: tuple[str, ...]
    columns: tuple[Column, ...]
    description: str = ""

    def column(self, header: str) -> Column | None:
        """Return the column of a header, a language behind it included; none if there is no such column."""
        header = clean(header).casefold()
        for column in self.columns:
            if column.plain and column.header.casefold() == header:
                return column
        found = _LANGUAGE.fullmatch(header)
        named = (column for column in self.columns if found and column.header.casefold() == found[1])
        return next((column.in_language(found[2]) for column in named if column.languages and found), None)

    def headers(self) -> Iterator[str]:
        """Yield the headers there are; of languages, that for English."""
        yield ID_HEADER
        for column in self.columns:
            yield from [column.header] if column.plain else []
            yield from [f"{column.header} (en)"] if column.languages else []

    def thing(self, text: str) -> str | None:
        """Return the IRI of the thing that an identifier names; none if it can name none."""
        if len(self.kinds) == 1 and SLUG.fullmatch(text):
            return f"{ID}{self.kinds[0]}/{text}"
        found = _prefixed(text)
        return found if found and found.removeprefix(ID).partition("/")[0] in self.kinds else None

    def identifier(self, thing: str) -> str | None:
        """Return the identifier of a thing in this table; none if it has none."""
        kind, _, name = thing.removeprefix(ID).partition("/")
        text = name if len(self.kinds) == 1 else f"{kind}:{name}"
        return text if self.thing(text) == thing else None


@dataclass(frozen=True)
class Model:
    """All tables, and the names by which cells call things and concepts."""

    tables: tuple[Table, ...]
    names: Names = field(compare=False)

    def in_language(self, tag: str) -> Model:
        """Return the same tables, with cells that call concepts by their names in a language; any is read."""
        return replace(self, names=self.names.in_language(tag))

    def table(self, name: str) -> Table | None:
        """Return the table of a name, if there is one."""
        return next((table for table in self.tables if table.name == clean(name).casefold()), None)
