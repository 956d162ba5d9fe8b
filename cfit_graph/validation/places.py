"""Where what a finding is about was written.

Files are read for their places only when there is something to place, and only those in which its name occurs.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from cfit_graph import source
from cfit_graph.labels import NAMING
from cfit_graph.namespaces import SHAPES
from cfit_graph.validation import written
from cfit_graph.validation.shapes import paths, queries
from cfit_graph.validation.written import Place, Slot, Written

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from rdflib.term import Node

    from cfit_graph.tables import Table

_STEPS = (SH.inversePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath, SH.alternativePath)
_DATES = {XSD.date, XSD.gYearMonth, XSD.gYear}
_TOO_MANY = {SH.MaxCountConstraintComponent, SH.QualifiedMaxCountConstraintComponent}
_NAMES = re.compile(r"<([^<>\s]+)>|\b([\w-]+):([\w-]+)")
_MEND = URIRef(SHAPES + "mend")


class Places:
    """The places of the statements about the nodes that a validation report names."""

    def __init__(
        self,
        report: Graph,
        data: Graph,
        shapes: Graph,
        root: Path | None = None,
        about: Container[Node] | None = None,
    ) -> None:
        """Read them from the files of ``data``, which are named from ``root`` if they are under it.

        Of a focus node and a value of which the report is ``about`` one only, that one is marked.
        """
        self._report, self._data, self._shapes, self._about = report, data, shapes, about
        self.root = source.root_of(data)
        self.paths = {_name(path, root): path for path in source.paths(data)}
        self._said: dict[Node, list[Written]] = {}
        self._written: dict[Node, list[Written]] = {}
        self._naming: dict[Node, list[Written]] = {}
        self._slots: dict[Node, list[Slot]] = {}
        wanted = {node for name in (SH.focusNode, SH.value) for node in report.objects(predicate=name)}
        first: dict[tuple[Node, Node, Node], Written] = {}  # what two files say stands in the one that was given first
        for path in source.paths(data) if wanted else ():
            statements, slots = written.read(path, source.root_of(data), wanted, _name(path, root))
            for found in statements:
                first.setdefault(found.triple, found)
                self._written.setdefault(found.triple[0], []).append(found)
            for slot in slots:
                self._slots.setdefault(slot.thing, []).append(slot)
        for triple, found in first.items():
            if not self._slots or triple in data:
                self._said.setdefault(triple[0], []).append(found)
                self._naming.setdefault(triple[2], []).append(found)

    def find(self, result: Node) -> Place:
        """Return the place of a validation result: of the value it names, else of its focus node."""
        focus, path, value, component = (
            self._report.value(result, name)
            for name in (SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent)
        )
        if focus is None:
            return Place()
        forbidden = self._forbidden(result) if isinstance(path, BNode) else ()
        names = list(forbidden) or list(self._predicates(path))
        if value is not None and self._about is not None and focus not in self._about and value in self._about:
            return self._shared(value, focus, result) or self._node(value)
        if value is not None and value != focus:
            place = self._taken_in(focus, names, value, component) or self._at_end(focus, path, value)
            place = place or self._value(focus, names, value)
            return place or self._shared(focus, value, result) or self._mention(focus, value) or self._node(focus)
        inverse = [found for found in self._naming.get(focus, ()) if found.triple[1] in names]
        given = [found for found in self.said(focus) if found.triple[1] in names] or inverse
        given.sort(key=lambda found: names.index(found.triple[1]))  # what leads to another node comes last in a path
        found = _too_much(component, given)
        return found.object if found else self._mended(result, focus, path) or self._node(focus)

    def said(self, subject: Node) -> list[Written]:
        """Return what files say of a subject, in their order."""
        return self._said.get(subject, [])

    def written(self, subject: Node) -> list[Written]:
        """Return the same with each place at which a statement stands, be it for the second time."""
        return self._written.get(subject, [])

    def column(self, place: Place) -> Node | None:
        """Return the property for which a cell is."""
        slots = (slot for of_thing in self._slots.values() for slot in of_thing)
        return next((slot.property for slot in slots if slot.place == place), None) if place.cell else None

    def surplus(self, result: Node) -> tuple[Node, Node, Node] | None:
        """Return the statement that is too much by a result that counts values; none if none is."""
        focus, path, component = (
            self._report.value(result, name) for name in (SH.focusNode, SH.resultPath, SH.sourceConstraintComponent)
        )
        names = list(self._predicates(path))
        given = [found for found in self.said(focus) if found.triple[1] in names] if focus is not None else []
        found = _too_much(component, given)
        return found.triple if found else None

    def _mended(self, result: Node, focus: Node, path: Node | None) -> Place | None:
        """Return where to mend: the value that a rule without a path is about, or the cell in which one is missing."""
        shape = self._report.value(result, SH.sourceShape)
        mend = self._shapes.value(shape, _MEND) if path is None and shape is not None else None
        said = [found.object for found in self.said(focus) if mend is not None and found.triple[1] == mend]
        return said[0] if said else self._slot(focus, path if path is not None else mend)

    def _slot(self, focus: Node, way: Node | None) -> Place | None:
        """Return the cell for what a way leads to, an empty one if there is one; text is the header of a column."""
        if not self._slots:
            return None
        groups = [[slot for slot in self._slots.get(focus, ()) if slot.place.header == str(way)]]
        for node, name in (self._end(focus, steps) for steps in paths.ways(self._report, self._shapes, way)):
            of_name = [slot for slot in self._slots.get(node, ()) if slot.property == name]
            groups.append(sorted(of_name, key=lambda slot: "(en)" not in slot.place.header))
        slots = [slot for group in groups for slot in group]
        return next((slot.place for slot in slots if slot.empty), slots[0].place if slots else None)

    def _end(self, node: Node, steps: list[Node]) -> tuple[Node, Node]:
        """Return the thing and the property at which a way ends, or breaks off."""
        for step in steps[:-1]:
            following = self._data.value(node, step)
            if following is None:
                return node, step
            node = following
        return node, steps[-1]

    @cached_property
    def _tables(self) -> tuple[Table, ...]:
        return source.model(self.root).tables

    def headers(self, thing: Node, place: Place) -> dict[str, str]:
        """Return what columns are called, by the IRIs of their properties: that of a cell, and those for a thing.

        Of the latter there are those that its row has, and if there is one only, that which its table may have.
        """
        table = next((it for it in self._tables if it.identifier(str(thing))), None)
        known = [(column.property, column.header) for column in (table.columns if table else ())]
        counts = Counter(name for name, _ in known)
        headers = {name: header for name, header in known if counts[name] == 1}
        headers |= {str(slot.property): slot.place.header for slot in self._slots.get(thing, ())}
        return headers | {str(self.column(place)): place.header}

    def _taken_in(self, focus: Node, names: list[Node], value: Node, component: Node | None) -> Place | None:
        """Return the cell that has a value in common with a thing of the data, at which that is found for its sake."""
        if component != SH.SPARQLConstraintComponent or self._about is None or focus in self._about:
            return None
        same = (it.object for it in self._naming.get(value, ()) if it.triple[1] in names and it.triple[0] != focus)
        return next((place for place in same if place.cell), None)

    def _at_end(self, focus: Node, path: Node | None, value: Node) -> Place | None:
        """Return where a value is written to which a path of several properties leads, else where it sets out."""
        ways = list(paths.ways(self._report, self._shapes, path)) if isinstance(path, BNode) else []
        for *way, last in ways:
            subjects = paths.following(self._data, focus, way) if way else ()
            for found in self._naming.get(value, ()) if subjects else ():
                if found.triple[0] in subjects and found.triple[1] == last:
                    return found.object
        first = {way[0] for way in ways} if all(len(way) > 1 for way in ways) else ()
        return next((found.object for found in self.said(focus) if found.triple[1] in first), None)

    def _value(self, focus: Node, names: list[Node], value: Node) -> Place | None:
        """Return where a value is written: as object, as part of a literal or as predicate, from the focus node on."""
        inverse = [found for found in self._naming.get(focus, ()) if found.triple[0] == value]
        place = next((found.object for found in self._likely(focus, names, value, inverse)), None)
        return place or self._part(focus, value)

    def _mention(self, focus: Node, value: Node) -> Place | None:
        """Return where a value that names the focus node is described."""
        naming = any(found.triple[0] == value for found in self._naming.get(focus, ()))
        return self._node(value) if naming else None

    def _likely(self, focus: Node, names: list[Node], value: Node, inverse: list[Written]) -> Iterator[Written]:
        """Yield the statements that may be those with a value, the likeliest first."""
        own = [found for found in self.said(focus) if found.triple[2] == value]
        yield from (found for found in own if found.triple[1] in names)
        by_name = [found for found in self._naming.get(value, ()) if found.triple[1] in names]
        near = {found.triple[2] for found in self.said(focus)}
        yield from (found for found in by_name if found.triple[0] in near)
        yield from (found for found in inverse if found.triple[1] in names)
        yield from by_name
        yield from own

    def _shared(self, focus: Node, other: Node, result: Node) -> Place | None:
        """Return where a node has an identifier or text that another has as well, by preference what the rule is about.

        What has no such value in common is the same as a whole, and a name is only meant by a rule that asks for it.
        """
        own = filter(self._is_own, self.said(focus))
        shared = [found for found in own if (other, *found.triple[1:]) in self._data]
        asked = self._asked(result)
        of_rule = sorted((it for it in shared if it.triple[1] in asked), key=lambda it: asked.index(it.triple[1]))
        others = (it for it in shared if it.triple[1] not in NAMING and not getattr(it.triple[2], "language", None))
        return next((found.object for found in [*of_rule, *others]), None)

    def _is_own(self, said: Written) -> bool:
        """Tell whether a value may belong to one thing only: no type, no date, and nothing that the data describe."""
        _, name, value = said.triple
        is_date = getattr(value, "datatype", None) in _DATES
        return name != RDF.type and not is_date and (value, None, None) not in self._data

    def _asked(self, result: Node) -> list[Node]:
        """Return the properties that the query of a rule names, in its order."""
        constraint = self._report.value(result, SH.sourceConstraint)
        query = str(self._shapes.value(constraint, SH.select)) if constraint is not None else ""
        known = queries.prefixes(self._shapes)
        names = (found[1] or known.get(found[2], "") + found[3] for found in _NAMES.finditer(query))
        return [URIRef(name) for name in names]

    def _part(self, focus: Node, term: Node) -> Place | None:
        for found in self.said(focus):
            if found.triple[1] == term:
                return found.predicate
            if isinstance(found.triple[2], Literal) and found.triple[2].datatype == term:
                return found.object
        return None

    def _node(self, node: Node) -> Place:
        """Return the first mention as a subject in the file that says what the node is, else where it is mentioned."""
        described = self.said(node)
        typed = {found.subject.file for found in described if found.triple[1] == RDF.type}
        places = [found.subject for found in described if not typed or found.subject.file in typed]
        return next(iter(places or (found.object for found in self._naming.get(node, ()))), Place())

    def _forbidden(self, result: Node) -> Iterator[Node]:
        """Yield the properties that must not have what the path leads to: the value is there to be taken out."""
        shape = self._report.value(result, SH.sourceShape)
        component = self._report.value(result, SH.sourceConstraintComponent)
        if component == SH.DisjointConstraintComponent and shape is not None:
            yield from self._shapes.objects(shape, SH.disjoint)

    def _predicates(self, path: Node | None) -> Iterator[Node]:
        """Yield the properties that a path goes by."""
        if not isinstance(path, BNode):
            yield from () if path is None else (path,)
            return
        graph = self._report if (path, None, None) in self._report else self._shapes
        steps = [step for name in _STEPS for step in graph.objects(path, name)]
        if (path, RDF.first, None) in graph:
            steps += Collection(graph, path)
        for step in steps:
            yield from self._predicates(step)


def _too_much(component: Node | None, given: list[Written]) -> Written | None:
    """Return the statement that is one too many, if one is: the last, or the second in a language."""
    given = sorted(given, key=lambda found: bool(found.object.cell))  # what is too much is taken in, not there already
    if component in _TOO_MANY:
        return given[-1] if given else None
    languages: set[str | None] = set()
    for found in given if component == SH.UniqueLangConstraintComponent else ():
        language = getattr(found.triple[2], "language", None)
        if language in languages:
            return found
        languages.add(language)
    return None


def _name(path: Path, root: Path | None) -> str:
    whole = path.resolve()
    if root is not None and whole.is_relative_to(root.resolve()):
        return whole.relative_to(root.resolve()).as_posix()
    return whole.as_posix()


def seen_from(folder: Path, file: str, root: Path) -> str:
    """Return the name of a file, named from ``root``, as it is called in ``folder``; outside of it, its whole path."""
    path = Path(os.path.normpath(root.resolve() / file)) if file else None
    if path is None or not path.is_relative_to(folder.resolve()):
        return path.as_posix() if path else ""
    return path.relative_to(folder.resolve()).as_posix()
