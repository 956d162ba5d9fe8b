"""Tables read from shapes: what SHACL says of a property says what is in its column.

A node shape with ``shapes:table`` is a table; the property shapes with ``shapes:column`` on its class, or on a broader
one, are its columns, in the order of ``sh:order`` (SHACL, section 2.3.2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from cfit_graph.namespaces import ID, VOCABULARIES, shorten
from cfit_graph.tables.columns import Address, Column, Form, Known, Model, Reading, Table, Text
from cfit_graph.tables.facts import Facts, iri
from cfit_graph.tables.names import Names
from cfit_graph.texts import LANGUAGES, PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cfit_graph.tables.facts import Term

_NAMING: Final = ("skos:prefLabel", "rdfs:label", "dcterms:title")
_SCHEME: Final = ID + "scheme/"
_LANG_STRING: Final = iri("rdf:langString")


def model(shapes: Facts, graph: Facts) -> Model:
    """Return the tables of ``shapes``, with the names of things and concepts in ``graph``, ontology included."""
    maker = _Maker(shapes, graph)
    return Model(tuple(maker.tables()), maker.names)


def names_of(facts: Facts, thing: Term) -> list[str]:
    """Return all names of a thing."""
    return [name.value for name in facts.objects(thing, *_NAMING) if isinstance(name, ox.Literal)]


class _Maker:
    """Makes tables from shapes; ``names`` holds what is known by name."""

    def __init__(self, shapes: Facts, graph: Facts) -> None:
        self._shapes, self._graph = shapes, graph
        self._tables = [shape for shape in shapes.about if shapes.object(shape, "shapes:table")]
        targets = {shape: _value(shapes.object(shape, "sh:targetClass")) for shape in self._tables}
        self._kinds = {target: self._texts(shape, "shapes:kind") for shape, target in targets.items()}
        self.names = _names(graph)

    def tables(self) -> Iterator[Table]:
        for shape in sorted(self._tables, key=self._place):
            target = self._shapes.object(shape, "sh:targetClass")
            assert isinstance(target, ox.NamedNode)  # noqa: S101 - a table is of a class
            yield Table(
                name=self._shapes.text(shape, "shapes:table"),
                kind_of_thing=target.value,
                broader=frozenset(map(_value, self._graph.closure(target, "rdfs:subClassOf"))),
                narrower=frozenset(map(_value, self._graph.closure(target, "rdfs:subClassOf", backwards=True))),
                kinds=self._kinds[target.value],
                columns=tuple(self._columns(target)),
                description=self._shapes.text(shape, "sh:description"),
            )

    def _columns(self, target: Term) -> Iterator[Column]:
        broader = self._graph.closure(target, "rdfs:subClassOf")
        owners = {owner for kind in broader for owner in self._shapes.having("sh:targetClass", kind)}
        parts = {part for owner in owners for part in self._shapes.objects(owner, "sh:property")}
        found = [pair for part in parts for pair in self._of(part)]
        yield from (column for _, column in sorted(found, key=lambda pair: (pair[0], pair[1].header)))

    def _of(self, shape: Term) -> Iterator[tuple[float, Column]]:
        """Yield the columns of a property shape with their places: its own, or those of the shapes it chooses from."""
        holders = [shape] if self._shapes.object(shape, "shapes:column") else self._choices(shape)
        for holder in holders:
            if header := self._shapes.text(holder, "shapes:column"):
                yield self._place(holder), self._column(header, shape, holder)

    def _place(self, shape: Term) -> float:
        return float(self._shapes.text(shape, "sh:order") or "inf")

    def _column(self, header: str, shape: Term, holder: Term) -> Column:
        reading = self._reading(shape if holder == shape else holder)
        tagged = self._shapes.object(shape, "sh:datatype") == _LANG_STRING
        free = reading == Text() and self._shapes.object(shape, "sh:datatype") is None
        return Column(
            header=header,
            property=_value(self._shapes.object(shape, "sh:path")),
            reading=reading,
            description=self._shapes.text(holder, "sh:description"),
            required=int(self._shapes.text(shape, "sh:minCount") or 0) > 0 and holder == shape,
            several=self._shapes.text(shape, "sh:maxCount") != "1" and not self._shapes.text(shape, "sh:uniqueLang"),
            plain=not tagged,
            languages=tagged or free,
        )

    def _reading(self, shape: Term) -> Reading:
        """Return how the values that a shape asks for are written in a cell."""
        if classes := [kind for part in (shape, *self._choices(shape)) for kind in self._texts(part, "sh:class")]:
            kinds = [kind for group in classes for kind in self._kinds.get(group, ())]
            return Known(tuple(classes), tuple(f"{ID}{kind}/" for kind in kinds))
        if schemes := [scheme for node in self._shapes.objects(shape, "sh:node") for scheme in self._schemes(node)]:
            spaces = tuple(ID + scheme.removeprefix(_SCHEME) + "/" for scheme in schemes)
            return Known(tuple(schemes), spaces, by_name=True)
        if members := list(self._shapes.members(self._shapes.object(shape, "sh:in"))):
            return self._listed(_value(shape), members)
        if forms := [form for node in self._shapes.objects(shape, "sh:node") for form in self._forms(node)]:
            return Form(tuple(forms))
        if self._shapes.object(shape, "sh:nodeKind") == iri("sh:IRI"):
            return Address()
        datatype = _value(self._shapes.object(shape, "sh:datatype"))
        return Text(datatype=datatype if datatype not in {_LANG_STRING.value, VOCABULARIES["xsd"] + "string"} else "")

    def _listed(self, group: str, members: Iterable[Term]) -> Known:
        for member in members:
            name = self._graph.text(member, "rdfs:label") or PROPERTIES.get(_value(member), shorten(_value(member)))
            self.names.add(_value(member), [group], [name, *names_of(self._graph, member)], name)
        return Known((group,), by_name=True)

    def _choices(self, shape: Term) -> list[Term]:
        return [part for head in self._shapes.objects(shape, "sh:or") for part in self._shapes.members(head)]

    def _schemes(self, shape: Term) -> Iterator[str]:
        """Yield the schemes that a shape wants its node to be in."""
        for part in self._shapes.objects(shape, "sh:property"):
            if self._shapes.object(part, "sh:path") == iri("skos:inScheme"):
                yield from self._texts(part, "sh:hasValue")

    def _forms(self, shape: Term) -> Iterator[tuple[re.Pattern[str], str]]:
        """Yield the ways of writing a value that a shape chooses from, each with its datatype."""
        for part in self._choices(shape):
            pattern, datatype = self._shapes.text(part, "sh:pattern"), self._shapes.object(part, "sh:datatype")
            if pattern and datatype is not None:
                yield re.compile(pattern), _value(datatype)

    def _texts(self, subject: Term, predicate: str) -> tuple[str, ...]:
        return tuple(sorted(map(_value, self._shapes.objects(subject, predicate))))


def _names(graph: Facts) -> Names:
    """Return the names of what is in ``graph``, by class, by all broader classes, and by scheme."""
    names = Names()
    for thing in graph.about:
        if isinstance(thing, ox.NamedNode) and thing.value.startswith(ID):
            names.types[thing.value] = sorted(map(_value, graph.objects(thing, "rdf:type")))
            kinds = {kind for own in graph.objects(thing, "rdf:type") for kind in graph.closure(own, "rdfs:subClassOf")}
            groups = map(_value, kinds | {*graph.objects(thing, "skos:inScheme")})
            shown = next((text for text in (graph.text(thing, name) for name in _NAMING) if text), "")
            names.add(thing.value, groups, names_of(graph, thing), shown)
            for name in graph.objects(thing, "skos:prefLabel"):
                if isinstance(name, ox.Literal) and name.language in LANGUAGES[1:]:
                    names.call(thing.value, name.language, name.value)
    return names


def _value(term: Term | None) -> str:
    return "" if term is None else term.value
