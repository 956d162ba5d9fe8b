"""One finding per validation result; every view is made from these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.collection import Collection

from cfit_graph.labels import label
from cfit_graph.namespaces import shorten

if TYPE_CHECKING:
    from rdflib.term import Node


class Severity(Enum):
    """How much a finding matters: a violation blocks publishing, a warning asks to be mended, info is a hint."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that SHACL found, in words: all members are IRIs or text, empty where there is none."""

    rule: str
    focus: str
    path: str
    value: str
    message: str
    label: str
    severity: Severity = Severity.VIOLATION


_BY_IRI = {str(SH[severity.value]): severity for severity in Severity}
_WORST_FIRST = list(Severity)


def from_report(report: Graph, data: Graph, shapes: Graph) -> tuple[Finding, ...]:
    """Read the findings of a validation report graph, worst first, in a stable order."""
    found = [_finding(report, result, data, shapes) for result in report.objects(predicate=SH.result)]
    return tuple(sorted(found, key=lambda finding: (_WORST_FIRST.index(finding.severity), *_texts(finding))))


def _texts(finding: Finding) -> tuple[str, ...]:
    return finding.rule, finding.focus, finding.path, finding.value, finding.message


def _finding(report: Graph, result: Node, data: Graph, shapes: Graph) -> Finding:
    focus = report.value(result, SH.focusNode)
    rule = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)
    return Finding(
        rule=str(rule),
        focus=_plain(focus),
        path=_path(report, shapes, report.value(result, SH.resultPath)),
        value=_plain(report.value(result, SH.value)),
        message=_message(report, result),
        label=str(label(data, focus, {})) if isinstance(focus, URIRef) else _plain(focus),
        severity=_BY_IRI.get(str(report.value(result, SH.resultSeverity)), Severity.VIOLATION),
    )


def _message(report: Graph, result: Node) -> str:
    messages = sorted(report.objects(result, SH.resultMessage), key=lambda text: getattr(text, "language", "") != "en")
    return str(messages[0]) if messages else ""


def _plain(node: Node | None) -> str:
    if node is None:
        return ""
    return "(blank node)" if isinstance(node, BNode) else str(node)


def _path(report: Graph, shapes: Graph, path: Node | None) -> str:
    """Return a property path in SPARQL's notation; repetitions are not written out."""
    if not isinstance(path, BNode):
        return shorten(str(path)) if path is not None else ""
    graph = report if (path, None, None) in report else shapes
    inverse = graph.value(path, SH.inversePath)
    if inverse is not None:
        return "^" + _path(report, shapes, inverse)
    choices = graph.value(path, SH.alternativePath)
    if choices is not None:
        return f"({'|'.join(_path(report, shapes, choice) for choice in Collection(graph, choices))})"
    if (path, RDF.first, None) in graph:
        return "/".join(_path(report, shapes, step) for step in Collection(graph, path))
    return "(path)"
