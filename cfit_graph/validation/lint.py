"""Mistakes in shapes themselves that SHACL lets pass: a misspelt term is ignored, a shape without nodes is idle."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef

from cfit_graph.errors import SourceError
from cfit_graph.namespaces import ID, SHAPES
from cfit_graph.validation import messages, terms
from cfit_graph.validation.checks import CHECK, GRAPH_CHECKS, VALUE_CHECKS, add
from cfit_graph.validation.facts import Facts
from cfit_graph.validation.findings import Severity
from cfit_graph.validation.screens import Screens
from cfit_graph.validation.shapes import SHAPE_EXPECTING, SHAPE_LISTS, TARGETS, Shapes, is_true, target_classes
from cfit_graph.validation.shapes.ill_formed import IllFormed, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib.term import Node

    Mistake = tuple[Node, Node | None]

_PARTS = (*SHAPE_EXPECTING, SH.sparql)
_TERMS = (SH.path, SH.targetSubjectsOf, SH.targetObjectsOf, SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)
_STEPS = (
    SH.inversePath,
    SH.alternativePath,
    SH.zeroOrMorePath,
    SH.oneOrMorePath,
    SH.zeroOrOnePath,
    RDF.first,
    RDF.rest,
)
_JUDGING = {
    SH.hasValue,
    SH["in"],
    SH["class"],
    SH.datatype,
    SH.nodeKind,
    SH.pattern,
    SH.languageIn,
    SH.node,
    SH["not"],
    *SHAPE_LISTS,
}


def report(shapes: Graph, data: Graph) -> Graph:
    """Return the mistakes in ``shapes`` as a validation report; its focus nodes are the shapes."""
    result = Graph()
    node = BNode()
    result.add((node, RDF.type, SH.ValidationReport))
    result.add((node, SH.conforms, Literal(True)))
    for name, (severity, message, find) in RULES.items():
        rule = URIRef(f"{SHAPES}Lint-{name}")
        for focus, value in sorted(set(find(shapes, data)), key=str):
            words = Literal(message.format(hint=_hint(value)), lang="en")
            add(result, rule, (focus, None, value), SH[severity.value], [words])
    return result


def _unknown_term(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    known = terms.TERMS[str(SH)]
    for subject, predicate, value in shapes:
        wrong = [term for term in (predicate, value) if str(term).startswith(str(SH)) and str(term) not in known]
        yield from ((_owner(shapes, subject), term) for term in wrong if str(term) != str(SH))


def _hint(value: Node | None) -> str:
    near = difflib.get_close_matches(str(value), terms.TERMS[str(SH)], 1) if str(value).startswith(str(SH)) else []
    return f" Perhaps sh:{near[0].removeprefix(str(SH))} is meant." if near else ""


def _no_focus(shapes: Graph, data: Graph) -> Iterator[Mistake]:
    ours = terms.own(data)
    for shape in _of_type(shapes, SH.NodeShape):
        targets = {str(target) for target in _targets(shapes, shape)}
        if targets and not terms.undefined(targets, ours) and not any(True for _ in focus_nodes(shape, shapes, data)):
            yield shape, None


def focus_nodes(shape: Node, shapes: Graph, data: Graph) -> Iterator[Node]:
    """Return the nodes of ``data`` that ``shape`` is aimed at, some perhaps more than once."""
    for kind in target_classes(shape, shapes):
        for narrower in terms.narrower(kind, data):
            yield from data.subjects(RDF.type, narrower)
    for name in shapes.objects(shape, SH.targetSubjectsOf):
        yield from data.subjects(name)
    for name in shapes.objects(shape, SH.targetObjectsOf):
        yield from data.objects(predicate=name)
    yield from (node for node in shapes.objects(shape, SH.targetNode) if (node, None, None) in data)


def _targets(shapes: Graph, shape: Node) -> Iterator[Node]:
    yield from target_classes(shape, shapes)
    for link in TARGETS:
        yield from shapes.objects(shape, link)


def _unused(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    reached = {shape for shape in _shapes(shapes) if any(True for _ in _targets(shapes, shape))}
    reached |= set(shapes.subjects(CHECK)) & _of_type(shapes, SH.NodeShape)
    waiting = list(reached)
    while waiting:
        new = set(_parts(shapes, waiting.pop())) - reached
        reached |= new
        waiting += new
    unused = _shapes(shapes) - reached
    yield from ((shape, None) for shape in unused - {part for shape in unused for part in _parts(shapes, shape)})


def _parts(shapes: Graph, shape: Node) -> Iterator[Node]:
    for link in _PARTS:
        yield from shapes.objects(shape, link)
    for link in SHAPE_LISTS:
        for listed in shapes.objects(shape, link):
            yield from _members(shapes, listed)


def _members(shapes: Graph, listed: Node) -> tuple[Node, ...]:
    try:
        return members(shapes, listed)
    except IllFormed:
        return ()  # refused when the shapes are used


def _undefined_term(shapes: Graph, data: Graph) -> Iterator[Mistake]:
    ours = terms.own(data)
    for link in _TERMS:
        for shape, path in shapes.subject_objects(link):
            wrong = terms.undefined({str(term) for term in _path_terms(shapes, path)}, ours)
            yield from ((_owner(shapes, shape), URIRef(term)) for term in wrong)


def _path_terms(shapes: Graph, path: Node) -> Iterator[Node]:
    waiting = [path]
    seen: set[Node] = set()
    while waiting:
        step = waiting.pop()
        if isinstance(step, URIRef):
            yield step
        elif step not in seen:
            seen.add(step)
            waiting += (part for link in _STEPS for part in shapes.objects(step, link))


def _undefined_class(shapes: Graph, data: Graph) -> Iterator[Mistake]:
    ours = terms.own(data)
    for link in (SH.targetClass, SH["class"], SH.datatype):
        for shape, kind in shapes.subject_objects(link):
            if terms.undefined({str(kind)}, ours):
                yield _owner(shapes, shape), kind


def _unknown_node(shapes: Graph, data: Graph) -> Iterator[Mistake]:
    listed = [(shape, node) for shape, nodes in shapes.subject_objects(SH["in"]) for node in _members(shapes, nodes)]
    for shape, node in [*listed, *shapes.subject_objects(SH.hasValue), *shapes.subject_objects(SH.targetNode)]:
        if str(node).startswith(ID) and (node, None, None) not in data:
            yield _owner(shapes, shape), node


def _not_screened(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    try:
        found = Screens(Shapes(shapes, Path("shapes")), Facts()).all
    except SourceError:
        return  # shapes that cannot be used are refused when they are used
    yield from ((screen.shape.node, Literal(reason)) for screen in found for reason in screen.reasons)


def _no_message(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    judging = {shape for shape in _of_type(shapes, SH.NodeShape) if _JUDGING & set(shapes.predicates(shape))}
    speaking = {shape for shape in judging if any(True for _ in _targets(shapes, shape))} | set(shapes.subjects(CHECK))
    for shape in (_of_type(shapes, SH.PropertyShape) | _queries(shapes) | speaking) - _silent(shapes):
        if (shape, SH.message, None) not in shapes:
            yield _owner(shapes, shape), None


def _no_name(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    yield from (
        (_owner(shapes, s), None) for s in _shapes(shapes) | _queries(shapes) if (s, SH.name, None) not in shapes
    )


def _no_severity(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    judging = _shapes(shapes) - _silent(shapes)
    yield from ((_owner(shapes, s), None) for s in judging if (s, SH.severity, None) not in shapes)


def _silent(shapes: Graph) -> set[Node]:
    """Return the shapes that judge nothing, since they are deactivated (SHACL, section 2.1.4)."""
    return {shape for shape, value in shapes.subject_objects(SH.deactivated) if is_true(value)}


def _two_severities(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    yield from ((shape, None) for shape in _shapes(shapes) if len(set(shapes.objects(shape, SH.severity))) > 1)


def _lost_severity(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    yield from ((_owner(shapes, query), None) for query in _queries(shapes) if (query, SH.severity, None) in shapes)


def _anonymous(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    yield from ((_owner(shapes, s), s) for s in _shapes(shapes) | _queries(shapes) if isinstance(s, BNode))


def _same_language(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    for shape in _speaking(shapes):
        languages = [text.language for text in messages.of(shape, shapes)]
        if len(languages) > len(set(languages)):
            yield _owner(shapes, shape), None


def _other_placeholders(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    for shape in _speaking(shapes):
        texts = [str(text).replace("{$", "{?") for text in messages.of(shape, shapes)]
        if len({frozenset(messages.PLACEHOLDER.findall(text)) for text in texts}) > 1:
            yield _owner(shapes, shape), None


def _untranslated(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    """Yield the shapes whose message, name or description is not in a language that one of others is in."""
    for links in (messages.MESSAGES, (SH.name,), (SH.description,)):
        speaking = _speaking(shapes, links)
        spoken = {it: {text.language for text in messages.of(it, shapes, links)} for it in speaking}
        languages = set().union(*spoken.values()) - {None}
        yield from ((_owner(shapes, it), Literal(name)) for it in spoken for name in languages - spoken[it])


def _speaking(shapes: Graph, links: Iterable[URIRef] = messages.MESSAGES) -> set[Node]:
    return {shape for link in links for shape in shapes.subjects(link)}


def _unknown_check(shapes: Graph, _: Graph) -> Iterator[Mistake]:
    for shape, name in shapes.subject_objects(CHECK):
        if str(name) not in (VALUE_CHECKS if (shape, SH.path, None) in shapes else GRAPH_CHECKS):
            yield shape, name


def _shapes(shapes: Graph) -> set[Node]:
    """Return all node and property shapes, by type or by use."""
    used = {part for shape in set(shapes.subjects()) for part in _parts(shapes, shape)} - _queries(shapes)
    return _of_type(shapes, SH.NodeShape) | _of_type(shapes, SH.PropertyShape) | used


def _queries(shapes: Graph) -> set[Node]:
    return _of_type(shapes, SH.SPARQLConstraint) | set(shapes.objects(predicate=SH.sparql))


def _of_type(shapes: Graph, kind: URIRef) -> set[Node]:
    used = shapes.objects(predicate=SH.property) if kind == SH.PropertyShape else ()
    return {*shapes.subjects(RDF.type, kind), *used}


def _owner(shapes: Graph, node: Node) -> Node:
    """Return the named shape that an anonymous node is a part of, so that the mistake can be found."""
    seen: set[Node] = set()
    while isinstance(node, BNode) and node not in seen:
        seen.add(node)
        node = next(shapes.subjects(object=node), node)
    return node


_VIOLATION, _WARNING = Severity.VIOLATION, Severity.WARNING

RULES: dict[str, tuple[Severity, str, Callable[[Graph, Graph], Iterator[Mistake]]]] = {
    "term": (_VIOLATION, "SHACL has no such term, so it is ignored. Correct it.{hint}", _unknown_term),
    "path": (
        _VIOLATION,
        "The vocabulary has no such term, so the shape never finds a value. Correct it.",
        _undefined_term,
    ),
    "class": (_VIOLATION, "No such class or datatype is defined. Correct it.", _undefined_class),
    "node": (_VIOLATION, "The graph has no such node. Correct its address.", _unknown_node),
    "message": (_VIOLATION, "There is no message. Say what is wrong and what to do.", _no_message),
    "language": (_VIOLATION, "There are two messages in one language. Keep one.", _same_language),
    "placeholders": (
        _VIOLATION,
        "The messages in different languages do not have the same placeholders. Give each the same ones.",
        _other_placeholders,
    ),
    "translation": (
        _WARNING,
        "The message, name or description is missing in a language that others have. Translate it.",
        _untranslated,
    ),
    "name": (_VIOLATION, "There is no name. Add sh:name.", _no_name),
    "severity": (_VIOLATION, "There is no severity. Add sh:severity to the shape.", _no_severity),
    "severities": (_VIOLATION, "There are two severities. Make one shape for each.", _two_severities),
    "lost-severity": (
        _VIOLATION,
        "A severity on a query is ignored. Put it on the shape that has the query.",
        _lost_severity,
    ),
    "anonymous": (
        _VIOLATION,
        "A shape or query in it has no address, so reports cannot name it. Give it one.",
        _anonymous,
    ),
    "check": (_VIOLATION, "There is no such check, so it is ignored. Correct its name.", _unknown_check),
    "unused": (
        _WARNING,
        "Neither a target nor another shape leads here, so the shape is never used. Use it or drop it.",
        _unused,
    ),
    "slow": (
        Severity.INFO,
        "A part of it cannot be screened, so pySHACL judges every node that it is aimed at, which takes its time.",
        _not_screened,
    ),
    "focus": (_WARNING, "No node is the target of this shape, so it judges nothing. Check its target.", _no_focus),
}
"""Severity, message and search of each kind of mistake, by name."""
