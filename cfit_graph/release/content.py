"""What a release holds, made from the sources: the graph, its dumps, its report, its words and rules, its counts."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from cfit_graph import cores, derivation, nquads, quality, source, statistics
from cfit_graph.errors import ReleaseError, UsageError
from cfit_graph.namespaces import NS, SHAPES, VOCABULARIES
from cfit_graph.release.manifest import GRAPH, REPORT
from cfit_graph.store import engine, formats
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.validation import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from cfit_graph.quality import Measurement
    from cfit_graph.release.draft import Draft
    from cfit_graph.validation import Report

DUMPS: Final = tuple(dump for dump in formats.TRIPLES if dump.name != "nt")
"""The formats of dumps: those of datasets hold the named graphs, Turtle and RDF/XML the union of all graphs."""

_UNIONS: Final = ("ttl", "rdf")
_BY_GRAPH: Final = ("trig", "jsonld")
_TURTLE: Final = formats.GRAPHS[0]
_FEW: Final = 50_000
"""Statements up to which it takes less time to write all dumps here."""
_OWL: Final = VOCABULARIES["owl"]


@dataclass(frozen=True)
class Content:
    """What was written: the canonical lines of the graph, its measurements, and what the manifest says of it all."""

    lines: list[str]
    measurements: list[Measurement]
    facts: dict[str, Any]


def sources(root: Path) -> list[Path]:
    """Return the files the graph is made from, ontology first."""
    return source.files(root / "ontology") + source.files(root / "data")


def held(root: Path) -> list[Path]:
    """Return the files that a release holds as they are: ontology, context, questions and shapes."""
    ontology = root / "ontology"
    others = [*ontology.glob("*.jsonld"), *(ontology / "questions").glob("*.rq")]
    return sorted([*source.files(ontology), *others, *source.files(root / "shapes")])


@contextmanager
def written(draft: Draft, root: Path, report: Report, base: str) -> Iterator[Content]:
    """Write all of a release but what depends on the releases before it, and on its version.

    ``base`` is what the IRIs of its things begin with, and the names of its graphs. Counts and dumps are there when the
    block has ended; of a large graph other processes write them meanwhile.
    """
    store = EmbeddedStore(())
    lines = _graph(root, store, base)
    with _counted_and_dumped(draft, lines, store, base):
        draft.write(GRAPH, lines)
        for path in held(root):
            draft.copy(str(path.relative_to(root)), path)
        judged = _report(draft, report)
        facts = {
            "statements": len(lines),
            "dataset": nquads.digest(lines),
            "ontology": _version(source.files(root / "ontology"), NS),
            "shapes": _version(source.files(root / "shapes"), SHAPES),
            "findings": report.counts(),
        }
        yield Content(lines, quality.measure(store, judged), facts)


def _graph(root: Path, store: EmbeddedStore, base: str) -> list[str]:
    """Return the canonical lines of what the sources state and what is derived from it; put both into ``store``."""
    stated = nquads.addressed(source.placed(sources(root), base), base)
    store.add(stated)
    derived = derivation.derive(store, base)
    store.add(derived)
    return sorted({*stated, *derived})


@contextmanager
def _counted_and_dumped(draft: Draft, lines: Sequence[str], store: EmbeddedStore, base: str) -> Iterator[None]:
    """Write counts, and the graph in all formats: some beside the block, if it is large, the others after it."""
    jobs = [partial(_write_counts, draft, store, base), *(partial(_write_dump, draft, lines, dump) for dump in DUMPS)]

    def done(job: Callable[[], str]) -> dict[str, Any]:
        name = job()
        return {name: draft.files[name]}

    with cores.beside(done, jobs, cores.number(len(lines), _FEW)) as made:
        yield
    for files in made:
        draft.files |= files


def _write_counts(draft: Draft, store: EmbeddedStore, base: str) -> str:
    draft.write("statistics.json", [json.dumps(statistics.count(store, base), indent=1) + "\n"])
    return "statistics.json"


def _write_dump(draft: Draft, lines: Sequence[str], dump: formats.Format) -> str:
    name = f"dump/cfit.{dump.name}.gz"
    with draft.compress(name) as file:
        _dump(lines, dump, file)
    return name


def _dump(lines: Sequence[str], dump: formats.Format, file: engine.Output) -> None:
    """Write a graph in a format.

    Raises:
        ReleaseError: if the format cannot hold the graph.
    """
    quads = nquads.parse(sorted(lines, key=nquads.graph_of) if dump.name in _BY_GRAPH else lines)
    try:
        engine.write(_union(quads) if dump.name in _UNIONS else quads, dump, file)
    except UsageError as error:
        raise ReleaseError(f"There can be no dump cfit.{dump.name}: {error}") from error


def _union(quads: Iterable[Any]) -> Iterator[Any]:
    """Yield the triples of sorted statements, each once, whatever graphs it stands in."""
    return (triple for triple, _ in groupby(quad.triple for quad in quads))


def _report(draft: Draft, report: Report) -> EmbeddedStore:
    """Write the report; its blank nodes are named by what is said of them, so that the same report has the same bytes.

    Return the report in a store.
    """
    lines = nquads.canonical(nquads.parse([report.graph.serialize(format="nt")]))
    draft.write(f"{REPORT}.json", [views.as_json(report)])
    with draft.open(f"{REPORT}.ttl") as file:
        engine.write((quad.triple for quad in nquads.parse(lines)), _TURTLE, file)
    store = EmbeddedStore(())
    store.add(lines)
    return store


def _version(paths: Iterable[Path], namespace: str) -> dict[str, str]:
    """Return version and version IRI in the header of an ontology; what is missing is empty."""
    header = {
        quad.predicate.value: nquads.text(quad.object)
        for path in paths
        for quad in source.quads(path)
        if str(quad.subject) == f"<{namespace.removesuffix('#')}>" and quad.predicate.value.startswith(_OWL)
    }
    return {"version": header.get(_OWL + "versionInfo", ""), "iri": header.get(_OWL + "versionIRI", "")}
