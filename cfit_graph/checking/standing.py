"""What drafts are judged within: ontology, data and shapes, read once."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rdflib import RDF, URIRef

from cfit_graph import namespaces, nquads, release, source, tables, turtle, validation
from cfit_graph.errors import UnknownEntity
from cfit_graph.files import TABLES
from cfit_graph.release.manifest import GRAPH
from cfit_graph.texts import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rdflib.graph import _TripleType


def lay_out(published: Path, folder: Path) -> None:
    """Make ``folder`` a root with what a release was made from: ontology, shapes, and a file for each of data."""
    (folder / "data").mkdir()
    for name in ("ontology", "shapes"):
        (folder / name).symlink_to(published.resolve() / name)
    data = "<" + namespaces.graph("data/", release.read(published).base)
    with (published / GRAPH).open(encoding="utf-8", newline="\n") as lines:
        stated = sorted((line for line in lines if nquads.graph_of(line).startswith(data)), key=nquads.graph_of)
    for name, statements in groupby(stated, key=nquads.graph_of):
        path = folder / "data" / f"{name.removeprefix(data).rstrip('>')}.nq"
        path.write_text("".join(statements), "utf-8")


class Standing:
    """Ontology, data and shapes of a root; it judges one draft, so whoever has several forks a copy for each."""

    def __init__(self, root: Path) -> None:
        """Read all, and judge it, so that what a draft causes can be told, and what is made once is made here.

        Raises:
            SourceError: if a file cannot be parsed.
        """
        self.root = root
        self._shapes = source.read_all(source.files(root / "shapes"))
        self._files = {path: source.read(path, root) for path in release.sources(root)}
        self._whole = source.merge(self._files.values())
        source.model(root)
        self._known = validation.cases(self._whole, self._shapes, root / "shapes")

    def judge(self, path: Path, *, alone: bool = False, language: str = ENGLISH) -> validation.Report:
        """Return the report on a draft, which stands for what it describes; ``alone``, within the ontology only.

        A draft with the name of a file of data stands for that. A row of a spreadsheet stands for what is said of its
        thing in the columns there are. In any other draft a thing that has a type is described anew; of others the
        draft only says more. What a draft causes elsewhere is told as well.

        Raises:
            SourceError: if the draft cannot be read, or says nothing.
        """
        source.refuse_empty([path], self.root)
        given = source.read(path, self.root)
        for triple in list(self._all_data() if alone else self._replaced(given, path)):
            self._whole.remove(triple)
        for triple in given:
            self._whole.add(triple)
        self._whole.paths, self._whole.root = (path,), self.root
        about, known = set(given.subjects()), None if alone else self._known
        shapes_path = self.root / "shapes"
        return validation.validate(self._whole, self._shapes, shapes_path, about, language=language, known=known)

    def describe(self, iri: str) -> str:
        """Return what ontology and data say of a thing, as the Turtle of a draft.

        Raises:
            UnknownEntity: if they say nothing of it.
        """
        about = source.merge([])
        for triple in self._whole.triples((URIRef(iri), None, None)):
            about.add(triple)
        if not len(about):
            raise UnknownEntity(f"Nothing is said of {iri[:200]}.")
        return turtle.layout(about, "", self.root)

    def _all_data(self) -> Iterator[_TripleType]:
        for path, graph in self._files.items():
            if path.parent.name == "data":
                yield from graph

    def _replaced(self, given: source.Read, path: Path) -> Iterator[_TripleType]:
        """Yield the statements that a draft stands for."""
        if path.suffix.lower() in TABLES:
            yield from self._of_rows(path)
            return
        named = [file for file in self._files if file.parent.name == "data" and file.stem == path.stem]
        if named:
            others = [graph for file, graph in self._files.items() if file not in named]
            yield from (t for file in named for t in self._files[file] if not any(t in graph for graph in others))
            return
        for thing in set(given.subjects(RDF.type)):
            yield from self._whole.triples((thing, None, None))

    def _of_rows(self, path: Path) -> Iterator[_TripleType]:
        rows = source.rows(path, self.root)
        things = {URIRef(row.thing) for row in rows}
        for file, graph in self._files.items():
            if not things.isdisjoint(graph.subjects()):
                kept = set(source.triples(file, tables.without(source.quads(file, self.root), rows)))
                yield from _said_of(things, set(graph) - kept)


def _said_of(things: set[URIRef], triples: Iterable[_TripleType]) -> Iterator[_TripleType]:
    return (triple for triple in triples if triple[0] in things)
