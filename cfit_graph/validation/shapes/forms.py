"""The syntax rules of SHACL, parameter by parameter: what its values must be, and how many there may be."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Final, NamedTuple

from rdflib import SH, XSD, BNode, Literal, URIRef

from cfit_graph.validation.shapes.ill_formed import IllFormed, called, members

if TYPE_CHECKING:
    from collections.abc import Callable

    from rdflib import Graph
    from rdflib.term import Node

    from cfit_graph.validation.shapes import Shape


def check(shape: Shape, graph: Graph) -> None:
    """Check the parameters of a shape; ``graph`` has the lists and queries in them.

    Raises:
        IllFormed: for the first that is not as SHACL demands.
    """
    for name, form in _FORMS.items():
        _check(shape, name, form)
    _check_lists(graph, shape)
    _check_together(shape)
    for constraint in shape.all(SH.sparql):
        _check_query(graph, constraint)


class _Form(NamedTuple):
    """What the values of a parameter must be: how many at most, and whether on property shapes only."""

    suits: Callable[[Node], bool]
    words: str
    most: int = 1000
    on_property: bool = False


def _is_iri(node: Node) -> bool:
    return isinstance(node, URIRef)


def _is_node(node: Node) -> bool:
    return isinstance(node, URIRef | BNode)


def _is_named(node: Node) -> bool:
    return not isinstance(node, BNode)


def _is_literal(node: Node) -> bool:
    return isinstance(node, Literal) and not node.ill_typed


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str)


def _is_count(node: Node) -> bool:
    return (
        isinstance(node, Literal) and node.datatype == XSD.integer and isinstance(node.value, int) and node.value >= 0
    )


def _is_boolean(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, bool)


def expression(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression, without what Python has to say of how it might be read one day."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(pattern, flags)


def _is_pattern(node: Node) -> bool:
    try:
        return _is_text(node) and bool(expression(str(node)))
    except re.error:
        return False


_NODE_KINDS: Final = {
    SH.IRI, SH.BlankNode, SH.Literal, SH.BlankNodeOrIRI, SH.BlankNodeOrLiteral, SH.IRIOrLiteral,
}  # fmt: skip
_IRI = _Form(_is_iri, "an IRI")
_SHAPE = _Form(_is_node, "a shape")
_BOUND = _Form(_is_literal, "a literal that stands for something", 1)
_COUNT = _Form(_is_count, "a whole number, xsd:integer, of 0 or more", 1)
_COUNT_OF_PROPERTY = _COUNT._replace(on_property=True)
_BOOLEAN = _Form(_is_boolean, "true or false", 1)
_LIST = _Form(_is_node, "a list", 1)
_FORMS: Final[dict[URIRef, _Form]] = {
    SH["class"]: _IRI,
    SH.datatype: _IRI._replace(most=1),
    SH.nodeKind: _Form(_NODE_KINDS.__contains__, "a node kind such as sh:IRI or sh:Literal", 1),
    SH.minCount: _COUNT_OF_PROPERTY,
    SH.maxCount: _COUNT_OF_PROPERTY,
    SH.minExclusive: _BOUND,
    SH.minInclusive: _BOUND,
    SH.maxExclusive: _BOUND,
    SH.maxInclusive: _BOUND,
    SH.minLength: _COUNT,
    SH.maxLength: _COUNT,
    SH.pattern: _Form(_is_pattern, "a regular expression that Python knows"),
    SH.flags: _Form(_is_text, "letters", 1),
    SH.languageIn: _LIST,
    SH.uniqueLang: _BOOLEAN._replace(on_property=True),
    SH.equals: _IRI,
    SH.disjoint: _IRI,
    SH.lessThan: _IRI._replace(on_property=True),
    SH.lessThanOrEquals: _IRI._replace(on_property=True),
    SH["not"]: _SHAPE,
    SH["and"]: _SHAPE._replace(words="a list"),
    SH["or"]: _SHAPE._replace(words="a list"),
    SH.xone: _SHAPE._replace(words="a list"),
    SH.node: _SHAPE,
    SH.property: _SHAPE,
    SH.qualifiedValueShape: _SHAPE,
    SH.qualifiedMinCount: _COUNT,
    SH.qualifiedMaxCount: _COUNT,
    SH.closed: _BOOLEAN,
    SH.ignoredProperties: _LIST,
    SH["in"]: _LIST,
    SH.sparql: _Form(_is_node, "a SPARQL constraint"),
    SH.targetClass: _IRI,
    SH.targetNode: _Form(_is_named, "an IRI or a literal"),
    SH.targetSubjectsOf: _IRI,
    SH.targetObjectsOf: _IRI,
    SH.severity: _IRI._replace(most=1),
    SH.message: _Form(_is_text, "a text"),
    SH.deactivated: _BOOLEAN,
}


def _check(shape: Shape, name: URIRef, form: _Form) -> None:
    given, short = shape.all(name), f"sh:{name.removeprefix(str(SH))}"
    wrong = next((value for value in given if not form.suits(value)), None)
    if wrong is not None:
        said = "a node without address" if isinstance(wrong, BNode) else wrong.n3()
        raise IllFormed(f"{short} is {said}, and should be {form.words}")
    if len(given) > form.most:
        raise IllFormed(f"{short} is given {len(given)} times, and should be given once")
    if given and form.on_property and shape.path is None:
        raise IllFormed(f"{short} belongs on a property shape, which has sh:path")


def _check_lists(graph: Graph, shape: Shape) -> None:
    for head in shape.all(SH["in"]):
        members(graph, head)
    for name, suits, words in (
        (SH.languageIn, _is_text, "language tags"),
        (SH.ignoredProperties, _is_iri, "properties"),
    ):
        for head in shape.all(name):
            if not all(map(suits, members(graph, head))):
                raise IllFormed(f"sh:{name.removeprefix(str(SH))} should be a list of {words}")


def _check_together(shape: Shape) -> None:
    if shape.all(SH.qualifiedValueShape):
        if not shape.all(SH.qualifiedMinCount) and not shape.all(SH.qualifiedMaxCount):
            raise IllFormed("sh:qualifiedValueShape needs sh:qualifiedMinCount or sh:qualifiedMaxCount")
    elif shape.path and (shape.all(SH.qualifiedMinCount) or shape.all(SH.qualifiedMaxCount)):
        raise IllFormed("a qualified count needs sh:qualifiedValueShape")
    if shape.all(SH.ignoredProperties) and not shape.all(SH.closed):
        raise IllFormed("sh:ignoredProperties needs sh:closed")


def _check_query(graph: Graph, constraint: Node) -> None:
    queries = list(graph.objects(constraint, SH.select))
    if len(queries) != 1 or not _is_text(queries[0]):
        raise IllFormed(f"{called('SPARQL constraint', constraint)} should have one sh:select with a query as text")
    if not all(map(_is_text, graph.objects(constraint, SH.message))):
        raise IllFormed(f"a message of {called('SPARQL constraint', constraint)} is no text")
    switches = list(graph.objects(constraint, SH.deactivated))
    if not all(map(_is_boolean, switches)):
        raise IllFormed(f"sh:deactivated of {called('SPARQL constraint', constraint)} should be true or false")
