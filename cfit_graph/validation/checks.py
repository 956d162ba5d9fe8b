"""Rules that SHACL cannot express: arithmetic on check digits.

A property shape names its check with ``shapes:check``; target class, path, severity and message come from the
shape like those of any other. Results are added to the report graph in the form SHACL gives its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef

from cfit_graph.ids import is_lei, is_ror
from cfit_graph.namespaces import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib.term import Node

CHECK = URIRef(SHAPES + "check")


def _ror_or_other(iri: str) -> bool:
    return is_ror(iri) or not iri.startswith("https://ror.org/")


CHECKS: dict[str, Callable[[str], bool]] = {"ror": _ror_or_other, "lei": is_lei}
"""Check by the name used in ``shapes:check``; a check tells whether a value passes."""


def add_results(report: Graph, data: Graph, shapes: Graph) -> None:
    """Run every check named in ``shapes`` over ``data`` and add what fails to ``report``."""
    for shape, name in shapes.subject_objects(CHECK):
        check = CHECKS[str(name)]
        for focus, value in _values(shape, data, shapes):
            if not check(str(value)):
                _add(report, shapes, shape, focus, value)


def _values(shape: Node, data: Graph, shapes: Graph) -> Iterator[tuple[Node, Node]]:
    path = shapes.value(shape, SH.path)
    for owner in shapes.subjects(SH.property, shape):
        for target in shapes.objects(owner, SH.targetClass):
            for focus in data.subjects(RDF.type, target):
                yield from ((focus, value) for value in data.objects(focus, path))


def _add(report: Graph, shapes: Graph, shape: Node, focus: Node, value: Node) -> None:
    result = BNode()
    node = report.value(predicate=RDF.type, object=SH.ValidationReport)
    severity = shapes.value(shape, SH.severity) or SH.Violation
    report.set((node, SH.conforms, Literal(False)))  # type: ignore[arg-type]
    report.add((node, SH.result, result))  # type: ignore[arg-type]
    report.add((result, RDF.type, SH.ValidationResult))
    report.add((result, SH.focusNode, focus))
    report.add((result, SH.resultPath, shapes.value(shape, SH.path)))  # type: ignore[arg-type]
    report.add((result, SH.value, value))
    report.add((result, SH.sourceShape, shape))
    report.add((result, SH.sourceConstraintComponent, URIRef(SHAPES + "CheckDigitConstraintComponent")))
    report.add((result, SH.resultSeverity, severity))
    for message in shapes.objects(shape, SH.message):
        report.add((result, SH.resultMessage, message))
