"""JSON that is JSON-LD: what is said of a thing, in the terms of our context, written by code in a fixed order.

Each member stands for statements as they are in the graph: expanding it gives them back. What no term of the context
can say (a property it lacks, a value that is not of the term's sort) gets a prefixed name or an IRI for a key instead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.statements import STRING, Words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from cfit_graph.statements import Node

PAGE: Final = {"items": "@included", "limit": None, "next": None}
"""What the context of a page adds: its items are told of as they are; the rest says nothing about the world."""
MEDIA_TYPES: Final = {"json": "application/json", "jsonld": "application/ld+json"}
"""Media types of the same bytes, by suffix."""

_TYPE: Final = VOCABULARIES["rdf"] + "type"
_IRI: Final = "@id"
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode  # what json.dumps makes anew for each value

Said = dict[str, list["Node"]]
"""What is said of a thing: for each property, by IRI, its values."""


@dataclass(frozen=True)
class Term:
    """A term of the context: the property it stands for, how it reads plain strings, and how it holds several values.

    ``coercion`` is ``@id``, the IRI of a datatype, or empty for strings; ``is_by_language`` takes objects by language
    instead; ``is_set`` means that values are in an array even if there is but one.
    """

    name: str
    property: str
    coercion: str = ""
    is_by_language: bool = False
    is_set: bool = False


_NO_TERM: Final = Term("", "", is_set=True)


class Context:
    """The JSON-LD context, read for writing."""

    def __init__(self, path: Path) -> None:
        """Read the context from a file of ours; ``text`` is the JSON of it, for documents that bring it along."""
        names: dict[str, Any] = json.loads(path.read_text("utf-8"))["@context"]
        self.text = json.dumps(names, ensure_ascii=False, separators=(",", ":"))
        self._prefixes = {name: iri for name, iri in names.items() if str(iri).startswith("http")}
        written = {name: _written(term) for name, term in names.items() if name not in self._prefixes}
        self.terms = {name: self._term(name, term) for name, term in written.items() if ":" in term.get("@id", "")}
        self._by_iri = {term.property: term for term in self.terms.values()}  # of several names the last, pact

    def _term(self, name: str, term: Mapping[str, Any]) -> Term:
        held, coercion = term.get("@container", ()), term.get("@type", "")
        is_iri = coercion == _IRI
        return Term(
            name,
            self.expand(term["@id"]),
            coercion if is_iri else self.expand(coercion),
            "@language" in held,
            "@set" in held,
        )

    def expand(self, name: str) -> str:
        """Return the IRI of a prefixed name; anything else as it is."""
        prefix, colon, local = name.partition(":")
        return self._prefixes[prefix] + local if colon and prefix in self._prefixes else name

    def name(self, iri: str) -> str:
        """Return what a property, class or datatype is called: its term, or else a prefixed name or the IRI."""
        return self._by_iri[iri].name if iri in self._by_iri else self._prefixed(iri)

    def node(self, iri: str, said: Said, order: Collection[str] = (), **nested: Any) -> dict[str, Any]:
        """Return a thing as an object: ``id``, ``type``, the members in ``order``, then the others by name.

        ``nested`` are further members, ready made, which come last; one of the same name takes its place.
        """
        members: dict[str, Any] = {}
        for prop, values in said.items():
            self._say(members, prop, values)
        node: dict[str, Any] = {"id": iri}
        for name in ("type", *order):
            if name in members:
                node[name] = members.pop(name)
        node.update(sorted(members.items()))
        node.update(nested)
        return node

    def _say(self, members: dict[str, Any], prop: str, values: list[Node]) -> None:
        """Add the members that say these values of a property: one, or two if some do not suit the term."""
        if prop == _TYPE and all(map(is_iri, values)):
            members["type"] = sorted(self.name(str(value)) for value in values)
            return
        term, others = self._by_iri.get(prop, _NO_TERM), values
        if term.is_by_language:
            others = _say_by_language(members, term, values)
        elif term is not _NO_TERM:
            members[term.name], others = self._several(term, values), []
        if others:
            members[self._prefixed(prop)] = self._several(_NO_TERM, others)

    def _several(self, term: Term, values: list[Node]) -> Any:
        """Return the values of a property as the term holds them, in order."""
        return _in_order(term, [self._value(term, value) for value in values])

    def _value(self, term: Term, value: Node) -> Any:
        """Return a value: a plain string if the term reads that as meant, else an object that says what it is."""
        if isinstance(value, str):
            return value if term.coercion == _IRI else {"id": value}
        text, language, datatype = value
        if language:
            return {"@value": text, "@language": language}
        if datatype == (term.coercion or STRING):
            return text
        return {"@value": text} | ({} if datatype == STRING else {"@type": self.name(datatype)})

    def _prefixed(self, iri: str) -> str:
        for prefix, namespace in self._prefixes.items():
            local = iri.removeprefix(namespace)
            if local != iri and local and not local.startswith("//"):
                return f"{prefix}:{local}"
        return iri


def is_iri(value: Node) -> bool:
    """Tell whether a value is an IRI."""
    return isinstance(value, str) and not value.startswith("_:")


def is_text(value: Node) -> TypeGuard[Words]:
    """Tell whether a value is words: a string, in a language or in none."""
    return isinstance(value, Words) and (bool(value.language) or value.datatype == STRING)


def _written(term: Any) -> dict[str, Any]:
    return term if isinstance(term, dict) else {"@id": str(term)}


def _say_by_language(members: dict[str, Any], term: Term, values: list[Node]) -> list[Node]:
    """Add the member that says the words among values by their language, and return the other values."""
    texts: dict[str, list[str]] = {}
    others = []
    for value in values:
        if is_text(value):
            texts.setdefault(value.language or "@none", []).append(value.text)
        else:
            others.append(value)
    if texts:
        members[term.name] = {language: _in_order(term, texts[language]) for language in sorted(texts)}
    return others


def _in_order(term: Term, values: list[Any]) -> Any:
    """Return one value as it is, unless the term is for sets; several sorted."""
    if len(values) == 1:
        return values if term.is_set else values[0]
    return sorted(values, key=_encode)
