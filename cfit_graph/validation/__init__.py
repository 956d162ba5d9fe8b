"""Judge data by SHACL shapes and say what was found.

pySHACL is the judge. It gets graphs only, never addresses, and loads no imports.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyshacl
import rdflib
from pyshacl.errors import ReportableRuntimeError
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery

from cfit_graph.errors import SourceError
from cfit_graph.validation import checks, lint
from cfit_graph.validation.findings import Finding, Rule, Severity, from_report, rules
from cfit_graph.validation.places import seen_from
from cfit_graph.validation.suggestions import Edit, Suggestion, apply

if TYPE_CHECKING:
    from collections.abc import Container, Set
    from pathlib import Path

    from rdflib.query import Result
    from rdflib.term import Node

__all__ = ["Edit", "Finding", "Report", "Rule", "Severity", "Suggestion", "apply", "lint_shapes", "validate"]


@dataclass(frozen=True)
class Report:
    """The outcome of one validation: a W3C validation report graph and the findings read from it."""

    graph: Graph
    findings: tuple[Finding, ...]
    rules: dict[str, Rule] = field(default_factory=dict)
    known: int = 0
    """How many findings were left out because they are known."""
    fail_on: Severity = Severity.VIOLATION
    """The least severity that fails."""

    @property
    def conforms(self) -> bool:
        """Whether nothing blocks publishing: warnings and notes do not."""
        return not self.count(Severity.VIOLATION)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that are at least as severe as what fails."""
        worst = list(Severity)[: list(Severity).index(self.fail_on) + 1]
        return tuple(finding for finding in self.findings if finding.severity in worst)

    def without(self, fingerprints: Container[str]) -> Report:
        """Return the report without the findings that have one of these fingerprints; they are counted as known."""
        if not any(finding.fingerprint in fingerprints for finding in self.findings):
            return self
        known = [finding for finding in self.findings if finding.fingerprint in fingerprints]
        graph = Graph(namespace_manager=self.graph.namespace_manager)
        graph += self.graph
        _remove(graph, [BNode(finding.result) for finding in known])
        left = tuple(finding for finding in self.findings if finding.fingerprint not in fingerprints)
        return replace(self, graph=graph, findings=left, known=self.known + len(known))

    def seen_from(self, folder: Path, root: Path) -> Report:
        """Return the report with files, until now named from ``root``, named as they are called in ``folder``."""
        names = {finding.file: seen_from(folder, finding.file, root) for finding in self.findings}
        return replace(self, findings=tuple(replace(found, file=names[found.file]) for found in self.findings))

    def count(self, severity: Severity) -> int:
        """Return the number of findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def counts(self) -> dict[str, int]:
        """Return the number of findings by severity, worst first."""
        return {severity.value.lower(): self.count(severity) for severity in Severity}


def validate(data: Graph, shapes: Graph, shapes_path: Path, about: Set[Node] | None = None) -> Report:
    """Validate ``data`` with ``shapes`` (``shapes_path`` names them in errors).

    The files of findings are named from the folder that holds ``shapes_path``, or by their whole path if not in it.
    With ``about``, leave out what is found at other IRIs than these.

    Raises:
        SourceError: if the shapes cannot be used.
    """
    result, text = _judge(data, shapes if about is None else _narrowed(shapes, data, about), shapes_path)
    if not isinstance(result, Graph):  # pySHACL returns a ValidationFailure instead of raising it
        raise SourceError(shapes_path, f"these shapes cannot be used: {text}")
    checks.add_results(result, data, shapes)
    if about is not None:
        _keep(result, about)
    return _report(result, data, shapes, shapes_path.parent)


def _narrowed(shapes: Graph, data: Graph, about: Set[Node]) -> Graph:
    """Return shapes that have targets among some nodes only; the option of pySHACL for it loses what ``sh:node`` finds.

    Blank nodes cannot be named as targets, so with these among them the shapes stay as they are.
    """
    if any(isinstance(node, BNode) for node in about):
        return shapes
    narrowed = Graph(namespace_manager=shapes.namespace_manager)
    narrowed += shapes
    for link in (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf):
        for shape, target in shapes.subject_objects(link):
            narrowed.remove((shape, link, target))
            for node in about & _targeted(link, target, data):
                narrowed.add((shape, SH.targetNode, node))
    return narrowed


def _targeted(link: Node, target: Node, data: Graph) -> set[Node]:
    if link == SH.targetClass:
        kinds = data.transitive_subjects(RDFS.subClassOf, target)
        return {node for kind in kinds for node in data.subjects(RDF.type, kind)}
    if link == SH.targetSubjectsOf:
        return set(data.subjects(target))
    return set(data.objects(None, target)) if link == SH.targetObjectsOf else {target}


def _report(result: Graph, data: Graph, shapes: Graph, root: Path | None) -> Report:
    findings = from_report(result, data, shapes, root)
    return Report(result, findings, rules(findings, shapes))


def _keep(report: Graph, about: Container[Node]) -> None:
    found = report.subject_objects(SH.focusNode)
    _remove(report, [result for result, focus in found if isinstance(focus, URIRef) and focus not in about])


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


class _Prepared(Graph):
    """A graph that parses each query once: pySHACL asks the same one for every focus node."""

    _prepare = staticmethod(functools.lru_cache(maxsize=256)(prepareQuery))

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Result:
        prepared = self._prepare(query_object) if isinstance(query_object, str) and not kwargs.get("initNs") else None
        return super().query(prepared or query_object, *args, **kwargs)


def _judge(data: Graph, shapes: Graph, shapes_path: Path) -> tuple[object, str]:
    normalize = rdflib.NORMALIZE_LITERALS
    try:
        judged = _Prepared(store=data.store, identifier=data.identifier)
        _, result, text = pyshacl.validate(judged, shacl_graph=shapes, do_owl_imports=False, js=False, advanced=False)
        return result, text
    except ReportableRuntimeError as error:
        raise SourceError(shapes_path, f"these shapes cannot be used: {error}") from error
    finally:
        rdflib.NORMALIZE_LITERALS = normalize  # pySHACL switches it on for the whole process
