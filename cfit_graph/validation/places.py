"""Where what a finding is about was written: file, line and column.

Files are read for their places only when there is something to place, and only those in which its name occurs. Each
statement is compared with what the strict parser makes of it; where the two differ, the file gives no places at all.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from cfit_graph import positions, source
from cfit_graph.errors import SourceError
from cfit_graph.validation import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.graph import _TripleType
    from rdflib.term import Node

_STEPS = (SH.inversePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath, SH.alternativePath)
_DATES = {XSD.date, XSD.gYearMonth, XSD.gYear}
_TOO_MANY = {SH.MaxCountConstraintComponent, SH.QualifiedMaxCountConstraintComponent}


class Place(NamedTuple):
    """A file as its finder names it, line and column from 1; empty and 0 where unknown."""

    file: str = ""
    line: int = 0
    column: int = 0


class Written(NamedTuple):
    """One statement of a file, and the places of its three parts."""

    triple: tuple[Node, Node, Node]
    subject: Place
    predicate: Place
    object: Place


class Places:
    """The places of the statements about the nodes that a validation report names."""

    def __init__(self, report: Graph, data: Graph, shapes: Graph, root: Path | None = None) -> None:
        """Read them from the files of ``data``, which are named from ``root`` if they are under it."""
        self._report, self._data, self._shapes = report, data, shapes
        self._about: dict[Node, list[Written]] = {}
        wanted = {node for name in (SH.focusNode, SH.value) for node in report.objects(predicate=name)}
        for path in source.paths(data) if wanted else ():
            for written in _written(path, wanted, _name(path, root)):
                for node in {written.triple[0], written.triple[2]}:
                    self._about.setdefault(node, []).append(written)

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
        if value is not None and value != focus:
            return self._value(focus, names, value) or self._node(focus)
        inverse = [found for found in self._about.get(focus, ()) if found.triple[1] in names]
        given = [found for found in self._of(focus) if found.triple[1] in names] or inverse
        given.sort(key=lambda found: names.index(found.triple[1]))  # what leads to another node comes last in a path
        return _too_much(component, given) or self._node(focus)

    def _value(self, focus: Node, names: list[Node], value: Node) -> Place | None:
        """Return where a value is written: as object, as part of a literal or as predicate, from the focus node on."""
        near = {focus, *(found.triple[2] for found in self._of(focus))}
        said = [found for found in self._about.get(value, ()) if found.triple[2] == value]
        by_name = [found for found in said if found.triple[1] in names]
        inverse = [found for found in self._about.get(focus, ()) if found.triple[0] == value]
        choices = (
            [found for found in by_name if found.triple[0] == focus],
            [found for found in by_name if found.triple[0] in near],
            [found for found in inverse if found.triple[1] in names],
            by_name,
            [found for found in said if found.triple[0] == focus],
        )
        place = next((choice[0].object for choice in choices if choice), None) or self._part(focus, value)
        return place or self._shared(focus, value) or (self._node(value) if inverse else None)

    def _shared(self, focus: Node, other: Node) -> Place | None:
        """Return where the focus node has an identifier or text that the other one has as well."""
        for found in self._of(focus):
            _, name, value = found.triple
            own = (value, None, None) not in self._data and getattr(value, "datatype", None) not in _DATES
            if own and name != RDF.type and (other, name, value) in self._data:
                return found.object
        return None

    def _part(self, focus: Node, term: Node) -> Place | None:
        for found in self._of(focus):
            if found.triple[1] == term:
                return found.predicate
            if isinstance(found.triple[2], Literal) and found.triple[2].datatype == term:
                return found.object
        return None

    def _node(self, node: Node) -> Place:
        """Return the first mention as a subject in the file that says what the node is, else where it is mentioned."""
        described = self._of(node)
        typed = {found.subject.file for found in described if found.triple[1] == RDF.type}
        places = [found.subject for found in described if not typed or found.subject.file in typed]
        return next(iter(places or (found.object for found in self._about.get(node, ()))), Place())

    def _of(self, subject: Node) -> list[Written]:
        return [found for found in self._about.get(subject, ()) if found.triple[0] == subject]

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


def _too_much(component: Node | None, given: list[Written]) -> Place | None:
    """Return where the value is that is one too many, if one is: the last, or the second in a language."""
    if component in _TOO_MANY:
        return given[-1].object if given else None
    languages: set[str | None] = set()
    for found in given if component == SH.UniqueLangConstraintComponent else ():
        language = getattr(found.triple[2], "language", None)
        if language in languages:
            return found.object
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


def _written(path: Path, wanted: set[Node], name: str) -> list[Written]:
    """Return the statements of a file with a wanted node for subject or object; none if its places are in doubt."""
    try:
        some = _in_lines(path, wanted, name)
        if some is not None:
            return list(some)
        text = path.read_bytes().decode("utf-8-sig")
        if any(_mark(node) in text for node in wanted):
            return list(_compared(path, text, source.statements(path), wanted, name))
    except (positions.Lost, ValueError, RecursionError, OSError, SourceError):
        return []  # a finding without its place is still a finding
    return []


def _in_lines(path: Path, wanted: set[Node], name: str) -> Iterator[Written] | None:
    """Return the same for a file of which only some lines need be read; they are taken for a file of their own."""
    iris = {str(node) for node in wanted if isinstance(node, URIRef)}
    found = lines.about(path, iris, iris, (str(node) for node in wanted if isinstance(node, Literal)))
    if found is None:
        return None
    numbered = list(found)
    text = b"".join(line for _, line in numbered).decode("utf-8-sig")
    return (_moved(it, numbered) for it in _compared(path, text, source.statements_in(text, path), wanted, name))


def _moved(written: Written, numbered: list[tuple[int, bytes]]) -> Written:
    return Written(written.triple, *(place._replace(line=numbered[place.line - 1][0]) for place in written[1:]))


def _mark(node: Node) -> str:
    """Return letters that a file must have if it names the node."""
    words = re.findall(r"[^\W_]+", str(node)) if isinstance(node, URIRef) else []
    return words[-1] if words else ""


def _compared(path: Path, text: str, strict: Iterator[_TripleType], wanted: set[Node], name: str) -> Iterator[Written]:
    starts, blanks = positions.Lines(text), _Blanks()
    ours = positions.statements(text, line_based=path.suffix.lower() in lines.SUFFIXES)
    for statement, triple in zip(ours, strict, strict=True):
        blanks.compare(statement[:3], triple)
        if not wanted.isdisjoint((triple[0], triple[2])):
            yield Written(triple, *(Place(name, *starts.place(at)) for at in statement[3:]))


class _Blanks:
    """The one-to-one relation between the blank nodes of two readers."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def compare(self, ours: Iterable[str], theirs: Iterable[Node]) -> None:
        for term, node in zip(ours, theirs, strict=True):
            form = _form(node)
            same = self._names.setdefault(term, form) if term.startswith("_:") else term
            if same != form:
                raise positions.Lost(f"{term} is read as {form}")


def _form(node: Node) -> str:
    """Return a term in the notation of ``positions``."""
    if isinstance(node, Literal):
        tag = f"@{node.language.lower()}" if node.language else ""
        return f'"{node}"{tag}' + (f"^^<{node.datatype}>" if node.datatype and not tag else "")
    return f"_:{node}" if isinstance(node, BNode) else f"<{node}>"
