"""Judge data by SHACL shapes and say what was found.

Screens find the nodes that may break a shape, pySHACL judges these, and the report is the same as if it had judged all.
It gets graphs only, never addresses, and loads no imports.
"""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from rdflib import OWL, SH, BNode, Graph, Literal, URIRef

from cfit_graph.namespaces import SHAPES
from cfit_graph.reasons import tell
from cfit_graph.texts import ENGLISH
from cfit_graph.validation import engine, lint, messages, terms
from cfit_graph.validation.facts import Files, Memory
from cfit_graph.validation.findings import TELLING, Finding, Rule, Severity, from_report, rules, severity_of
from cfit_graph.validation.places import seen_from
from cfit_graph.validation.screens import Fallback
from cfit_graph.validation.shapes import Shapes
from cfit_graph.validation.suggestions import Edit, Suggestion, apply

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from rdflib.term import Node

    from cfit_graph.errors import SourceError
    from cfit_graph.validation.changes import Session
    from cfit_graph.validation.engine import Verdict
    from cfit_graph.validation.facts import Sources

    Case = tuple[Node | None, ...]

_EXTENSIONS = {str(it) for it in (SH.target, SH.rule, SH.expression, SH.js, SH.entailment)}
"""Properties of SHACL Advanced Features and SHACL-JS, which pySHACL does not follow unless it is told to."""

__all__ = [
    "Edit",
    "Fallback",
    "Files",
    "Finding",
    "Report",
    "Rule",
    "Severity",
    "Suggestion",
    "Told",
    "apply",
    "cases",
    "imports",
    "lint_shapes",
    "uncollected",
    "unfollowed",
    "validate",
]


class Told(NamedTuple):
    """What a validation report says to people: its findings, and what the shapes say about each rule in them."""

    findings: tuple[Finding, ...] = ()
    rules: Mapping[str, Rule] = MappingProxyType({})


@dataclass(frozen=True)
class Report:
    """The outcome of one validation: a W3C validation report graph, and the findings read from it.

    They are read when they are first asked for: to find places and proposals takes as long as to judge.
    """

    graph: Graph
    reader: Callable[[], Told] = Told
    known: int = 0
    """How many findings were left out because they are known."""
    fail_on: Severity = Severity.VIOLATION
    """The least severity that fails."""
    fallbacks: tuple[Fallback, ...] = ()
    """Shapes that could not be screened."""
    language: str = ENGLISH
    """What views tell it in; the graph has every language that the shapes have."""

    @classmethod
    def unreadable(cls, error: SourceError, language: str) -> Report:
        """Return a report whose one finding is that a file cannot be read."""
        name, (sheet, _, cell) = seen_from(Path.cwd(), str(error.path), Path.cwd()), error.cell.rpartition("!")
        said = Finding(
            f"{SHAPES}unreadable", name, "", "", str(tell(error.reason, language)), name, Severity.VIOLATION, name
        )
        found = replace(said, line=error.line, column=error.column, sheet=sheet, cell=cell)
        graph = Graph()
        graph.add((BNode(), SH.result, BNode()))
        return cls(graph, lambda: Told((found,)), language=language)

    @cached_property
    def _told(self) -> Told:
        with uncollected():
            return self.reader()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, worst first, in a stable order."""
        return self._told.findings

    @property
    def rules(self) -> Mapping[str, Rule]:
        """What the shapes say about each rule that findings name, by its IRI."""
        return self._told.rules

    @property
    def conforms(self) -> bool:
        """Whether nothing blocks publishing: warnings and notes do not."""
        return not self.count(Severity.VIOLATION)

    @property
    def fails(self) -> bool:
        """Whether there is a finding that is at least as severe as what fails."""
        return any(map(self.count, self._failing))

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that are at least as severe as what fails."""
        return tuple(finding for finding in self.findings if finding.severity in self._failing)

    @property
    def _failing(self) -> list[Severity]:
        return list(Severity)[: list(Severity).index(self.fail_on) + 1]

    def without(self, fingerprints: Mapping[str, int]) -> Report:
        """Return the report without the findings that were known before; they are counted as known.

        ``fingerprints`` are those of a report, each with the number of findings that had it. Nodes without an IRI
        cannot be told apart: if more of them have the same fault than before, all of these findings are new.
        """
        now = Counter(finding.fingerprint for finding in self.findings) if fingerprints else Counter[str]()
        old = {it for it, number in now.items() if number <= fingerprints.get(it, 0)}
        known = [finding for finding in self.findings if finding.fingerprint in old] if old else []
        if not known:
            return self
        graph = Graph(namespace_manager=self.graph.namespace_manager)
        graph += self.graph
        _remove(graph, [BNode(finding.result) for finding in known])
        left = tuple(finding for finding in self.findings if finding.fingerprint not in old)
        return replace(self, graph=graph, reader=lambda: Told(left, self.rules), known=self.known + len(known))

    def changed(self, change: Callable[[Finding], Finding]) -> Report:
        """Return the report with each finding changed."""
        return replace(self, reader=lambda: Told(tuple(map(change, self.findings)), self.rules))

    def seen_from(self, folder: Path, root: Path) -> Report:
        """Return the report with files, until now named from ``root``, named as they are called in ``folder``."""
        name = cache(lambda file: seen_from(folder, file, root))
        return self.changed(lambda found: replace(found, file=name(found.file)))

    def count(self, severity: Severity) -> int:
        """Return the number of findings of one severity."""
        return self._severities[severity]

    @cached_property
    def _severities(self) -> Counter[Severity]:
        results = self.graph.objects(predicate=SH.result)
        return Counter(severity_of(self.graph.value(result, SH.resultSeverity)) for result in results)

    def counts(self) -> dict[str, int]:
        """Return the number of findings by severity, worst first."""
        return {severity.value.lower(): self.count(severity) for severity in Severity}


def validate(
    data: Sources | Graph,
    shapes: Graph,
    shapes_path: Path,
    about: Container[Node] | None = None,
    session: Session | None = None,
    language: str = ENGLISH,
    known: Container[Case] | None = None,
) -> Report:
    """Validate data, in files or in memory, with ``shapes`` (``shapes_path`` names them in errors).

    The files of findings are named from the folder that holds ``shapes_path``, or by their whole path if not in it.
    With ``about``, leave out what is found at other IRIs than these, be they focus node or value; but of what was
    ``known`` before, leave out no more than that. With a ``session`` only what has changed since it was given the same
    data before is judged again. Findings are told in a ``language``, or in English where the shapes have no other.

    Raises:
        SourceError: if a file cannot be parsed, or the shapes cannot be used.
    """
    with uncollected():
        found = _examined(data, shapes, shapes_path, session)
        if about is not None:
            _keep(found.report, about, known)
        report = _report(found.report, found.data, shapes, shapes_path.parent, language, about)
    return replace(report, fallbacks=found.fallbacks)


def cases(data: Sources | Graph, shapes: Graph, shapes_path: Path, session: Session | None = None) -> set[Case]:
    """Return what is found in data, by which what is found later can be told from what was there before.

    Raises:
        SourceError: as :func:`validate` does.
    """
    with uncollected():
        report = _examined(data, shapes, shapes_path, session).report
    return {_case(report, result) for result in report.objects(predicate=SH.result)}


def _examined(data: Sources | Graph, shapes: Graph, path: Path, session: Session | None) -> Verdict:
    sources = Memory(data) if isinstance(data, Graph) else data
    return session.examine(sources, shapes, path) if session else engine.examine(sources, Shapes(shapes, path))


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of garbage from looking for cycles again and again in a graph, which has none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()  # what was made is old now, so that it is not gone through while it is told of
            gc.enable()


def imports(shapes: Graph) -> list[str]:
    """Return the addresses that shapes import; nothing is loaded from them."""
    return sorted(map(str, shapes.objects(predicate=OWL.imports)))


def unfollowed(shapes: Graph) -> list[str]:
    """Return the properties of SHACL's namespace in shapes by which nothing is judged: of extensions, or misspelt."""
    of_shacl = {str(name) for name in set(shapes.predicates()) if str(name).startswith(str(SH))}
    return sorted((of_shacl & _EXTENSIONS) | (of_shacl - terms.TERMS[str(SH)]))


def _report(
    result: Graph,
    data: Graph,
    shapes: Graph,
    root: Path | None,
    language: str = ENGLISH,
    about: Container[Node] | None = None,
) -> Report:
    messages.tag(result, shapes)

    def read() -> Told:
        findings = from_report(result, data, shapes, root, language, about)
        return Told(findings, rules(findings, shapes, language))

    return Report(result, read, language=language)


def _keep(report: Graph, about: Container[Node], known: Container[Case] | None) -> None:
    """Keep the results about some nodes and, if it is known what was found before, those that are new."""

    def is_kept(result: Node, focus: Node) -> bool:
        told = not isinstance(focus, URIRef) or focus in about or report.value(result, SH.value) in about
        return told or (known is not None and _case(report, result) not in known)

    found = list(report.subject_objects(SH.focusNode))
    _remove(report, [result for result, focus in found if not is_kept(result, focus)])


def _case(report: Graph, result: Node) -> Case:
    """Return what tells a result from others; what has no address counts as the same."""
    named = (report.value(result, name) for name in TELLING)
    return tuple(None if isinstance(node, BNode) else node for node in named)


def _remove(report: Graph, results: list[Node]) -> None:
    for result in results:
        report.remove((None, SH.result, result))
        report.remove((result, None, None))
    for node in list(report.subjects(SH.conforms)):
        report.set((node, SH.conforms, Literal((node, SH.result, None) not in report)))


def lint_shapes(shapes: Graph, data: Graph, root: Path | None = None) -> Report:
    """Return the mistakes in ``shapes`` themselves; ``data`` is the graph they are made for, ontology included.

    Files are named from ``root``, or by their whole path if not in it.
    """
    return _report(lint.report(shapes, data), shapes, shapes, root)
