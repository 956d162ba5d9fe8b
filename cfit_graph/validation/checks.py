"""Rules that SHACL cannot express: check digits, the form of literals, terms that a vocabulary does not define.

A shape names its check with ``shapes:check``. A check on a property shape judges each value of its path; target class,
path, severity and message come from the shape like those of any other. A check on a node shape judges every statement.
Results are added to the report graph in the form SHACL gives its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef

from cfit_graph.ids import LEI, ROR, is_lei, is_ror
from cfit_graph.namespaces import SHAPES
from cfit_graph.validation import terms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from rdflib.term import Node

    Place = tuple[Node, Node, Node]
    Triples = Collection[Place]

CHECK = URIRef(SHAPES + "check")


def _ror(iri: str) -> bool:
    return is_ror(iri) or not ROR.fullmatch(iri)  # what is no ROR address at all is for the shapes to say


def _lei(code: str) -> bool:
    return is_lei(code) or not LEI.fullmatch(code)


def _ill_typed(data: Triples, _: frozenset[str]) -> Iterator[Place]:
    for subject, predicate, value in data:
        if isinstance(value, Literal) and not terms.well_formed(value):
            yield subject, predicate, value


def _undefined(data: Triples, own: frozenset[str]) -> Iterator[Place]:
    wrong = terms.undefined(_iris(data), own)
    if not wrong:
        return
    for subject, predicate, value in data:
        datatype = value.datatype if isinstance(value, Literal) else None
        for term in {subject, predicate, value, datatype}:
            if isinstance(term, URIRef) and str(term) in wrong:
                yield subject, predicate, term


def _iris(data: Triples) -> set[str]:
    nodes = {node for triple in data for node in triple}
    datatypes = {str(node.datatype) for node in nodes if isinstance(node, Literal) and node.datatype}
    return datatypes | {str(node) for node in nodes if isinstance(node, URIRef)}


VALUE_CHECKS: dict[str, Callable[[str], bool]] = {"ror": _ror, "lei": _lei}
"""Check by the name that a property shape gives; it tells whether a value passes."""

LITERAL, TERM = "literal", "term"
GRAPH_CHECKS: dict[str, Callable[[Triples, frozenset[str]], Iterator[Place]]] = {LITERAL: _ill_typed, TERM: _undefined}
"""Check by the name that a node shape gives; it finds subject, predicate and value of what does not pass."""


def names(shapes: Graph) -> set[str]:
    """Return the names of the checks that ``shapes`` ask for."""
    return {str(name) for name in shapes.objects(predicate=CHECK)}


def add_results(
    report: Graph, data: Graph, shapes: Graph, own: frozenset[str], subjects: Iterable[Node] | None = None
) -> None:
    """Run every check named in ``shapes`` over ``data`` and add what fails to ``report``.

    ``own`` are the terms of our own vocabulary, which may be defined elsewhere. If it is known of which ``subjects``
    statements may fail a check on every statement, no others are looked at.
    A value that a shape has already found fault with is not reported a second time by a check on every statement.
    """
    known = set(_reported(report))
    said = list(data) if subjects is None else [it for node in subjects for it in data.triples((node, None, None))]
    for shape, name in shapes.subject_objects(CHECK):
        if check := VALUE_CHECKS.get(str(name)):
            _add_all(
                report, shapes, shape, (found for found in _values(shape, data, shapes) if not check(str(found[2])))
            )
        elif find := GRAPH_CHECKS.get(str(name)):
            _add_all(report, shapes, shape, (found for found in set(find(said, own)) if found not in known))


def _reported(report: Graph) -> Iterator[tuple[Node | None, Node | None, Node | None]]:
    for result in report.objects(predicate=SH.result):
        yield report.value(result, SH.focusNode), report.value(result, SH.resultPath), report.value(result, SH.value)


def _values(shape: Node, data: Graph, shapes: Graph) -> Iterator[Place]:
    path = shapes.value(shape, SH.path)
    for owner in shapes.subjects(SH.property, shape):
        for target in shapes.objects(owner, SH.targetClass):
            for focus in data.subjects(RDF.type, target):
                yield from ((focus, path, value) for value in data.objects(focus, path))  # type: ignore[misc]


def _add_all(report: Graph, shapes: Graph, shape: Node, places: Iterator[Place]) -> None:
    severity = shapes.value(shape, SH.severity) or SH.Violation
    messages = list(shapes.objects(shape, SH.message))
    for place in places:
        add(report, shape, place, severity, messages)


def add(
    report: Graph, shape: Node, place: tuple[Node, Node | None, Node | None], severity: Node, messages: list[Node]
) -> None:
    """Add one result to a validation report graph; ``place`` is focus node, path and value."""
    result = BNode()
    node = report.value(predicate=RDF.type, object=SH.ValidationReport)
    report.set((node, SH.conforms, Literal(False)))  # type: ignore[arg-type]
    report.add((node, SH.result, result))  # type: ignore[arg-type]
    report.add((result, RDF.type, SH.ValidationResult))
    for name, part in zip((SH.focusNode, SH.resultPath, SH.value), place, strict=True):
        if part is not None:
            report.add((result, name, part))
    report.add((result, SH.sourceShape, shape))
    report.add((result, SH.sourceConstraintComponent, URIRef(SHAPES + "CheckConstraintComponent")))
    report.add((result, SH.resultSeverity, severity))
    for message in messages:
        report.add((result, SH.resultMessage, message))
