"""What a shape lets pass: the nodes that it has to choose from, and whether a value would do.

Only what can be told of a value without the rest of the graph is looked at here; the judge has the last word.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Final

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from cfit_graph.validation import terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib.term import Node


def choices(shape: Node, shapes: Graph, data: Graph) -> set[Node]:
    """Return the nodes that ``shape`` has to choose from; none if its values are not of a list, class or scheme."""
    found: set[Node] = set()
    for kind in shapes.objects(shape, SH["class"]):
        found |= {node for narrower in terms.narrower(kind, data) for node in data.subjects(RDF.type, narrower)}
    for members in shapes.objects(shape, SH["in"]):
        found |= set(Collection(shapes, members))
    for part in parts(shape, shapes):
        found |= choices(part, shapes, data)
    for link in shapes.objects(shape, SH.property):
        path, wanted = shapes.value(link, SH.path), shapes.value(link, SH.hasValue)
        if isinstance(path, URIRef) and wanted is not None:
            found |= set(data.subjects(path, wanted))
    return {node for node in found if not isinstance(node, BNode)}


def parts(shape: Node, shapes: Graph) -> Iterator[Node]:
    """Yield the shapes that a value must have, or one of which it must have."""
    yield from shapes.objects(shape, SH.node)
    for link in (SH["or"], SH.xone):
        for members in shapes.objects(shape, link):
            yield from Collection(shapes, members)


def datatypes(shape: Node, shapes: Graph) -> list[URIRef]:
    """Return the datatypes that a shape asks for, one of which a value must have, in order."""
    found = [kind for kind in shapes.objects(shape, SH.datatype) if isinstance(kind, URIRef)]
    return found + [kind for part in parts(shape, shapes) for kind in datatypes(part, shapes)]


def listed(shape: Node, shapes: Graph) -> bool:
    """Tell whether what ``shape`` has to choose from is all there is: a list or a scheme, not the things of a class."""
    return (shape, SH["class"], None) not in shapes and all(listed(part, shapes) for part in parts(shape, shapes))


def fits(value: Node, shape: Node, shapes: Graph, data: Graph) -> bool:
    """Tell whether a value would pass what a shape says of the form of values."""
    if not _itself(value, shape, shapes) or not _one_of(value, shape, shapes, data):
        return False
    if any(fits(value, other, shapes, data) for other in shapes.objects(shape, SH["not"])):
        return False
    needed = all(fits(value, part, shapes, data) for part in shapes.objects(shape, SH.node))
    lists = [members for link in (SH["or"], SH.xone) for members in shapes.objects(shape, link)]
    return needed and all(
        any(fits(value, part, shapes, data) for part in Collection(shapes, members)) for members in lists
    )


def suits(value: Node, focus: Node, shape: Node, shapes: Graph, data: Graph) -> bool:
    """Tell whether a value goes with the other values of its node: is one of these, or none of those."""
    same = (set(data.objects(focus, name)) for name in shapes.objects(shape, SH.equals))
    apart = (set(data.objects(focus, name)) for name in shapes.objects(shape, SH.disjoint))
    return all(value in known for known in same) and all(value not in known for known in apart)


def _one_of(value: Node, shape: Node, shapes: Graph, data: Graph) -> bool:
    closed = SH["in"], SH["class"], SH.property
    return not any((shape, link, None) in shapes for link in closed) or value in choices(shape, shapes, data)


def _itself(value: Node, shape: Node, shapes: Graph) -> bool:
    kinds = set(shapes.objects(shape, SH.nodeKind))
    given = set(shapes.objects(shape, SH.datatype))
    datatype = _datatype(value)
    patterns = [re.compile(str(pattern)) for pattern in shapes.objects(shape, SH.pattern)]
    return bool(
        all(_is_of(value, kind) for kind in kinds)
        and (not given or (datatype in given and isinstance(value, Literal) and terms.well_formed(value)))
        and all(pattern.search(str(value)) for pattern in patterns)
        and all(holds(value, limit) for name, holds in _LIMITS.items() for limit in shapes.objects(shape, name))
        and ((shape, SH.path, None) in shapes or all(value == only for only in shapes.objects(shape, SH.hasValue)))
    )


def _compared(holds: Callable[[Any, Any], bool]) -> Callable[[Node, Node], bool]:
    """Return a comparison of two literals that does not hold of what cannot be compared."""

    def told(value: Node, limit: Node) -> bool:
        try:
            return isinstance(value, Literal) and holds(value.toPython(), Literal(limit).toPython())
        except TypeError:
            return False

    return told


_LIMITS: Final[dict[Node, Callable[[Node, Node], bool]]] = {
    SH.minInclusive: _compared(operator.ge),
    SH.minExclusive: _compared(operator.gt),
    SH.maxInclusive: _compared(operator.le),
    SH.maxExclusive: _compared(operator.lt),
    SH.minLength: lambda value, limit: len(str(value)) >= int(str(limit)),
    SH.maxLength: lambda value, limit: len(str(value)) <= int(str(limit)),
}


def _datatype(value: Node) -> Node | None:
    if not isinstance(value, Literal):
        return None
    return RDF.langString if value.language else value.datatype or XSD.string


def _is_of(value: Node, kind: Node) -> bool:
    names = {URIRef: "IRI", Literal: "Literal", BNode: "BlankNode"}
    return names[type(value)] in str(kind).removeprefix(str(SH))
