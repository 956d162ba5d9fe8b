"""What a shape lets pass: the nodes that it has to choose from, and whether a value would do.

Only what can be told of a value without the rest of the graph is looked at here; the judge has the last word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from cfit_graph.validation import terms

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def fits(value: Node, shape: Node, shapes: Graph, data: Graph) -> bool:
    """Tell whether a value would pass what a shape says of the form of values."""
    if not _itself(value, shape, shapes) or not _one_of(value, shape, shapes, data):
        return False
    needed = all(fits(value, part, shapes, data) for part in shapes.objects(shape, SH.node))
    lists = [members for link in (SH["or"], SH.xone) for members in shapes.objects(shape, link)]
    return needed and all(
        any(fits(value, part, shapes, data) for part in Collection(shapes, members)) for members in lists
    )


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
    )


def _datatype(value: Node) -> Node | None:
    if not isinstance(value, Literal):
        return None
    return RDF.langString if value.language else value.datatype or XSD.string


def _is_of(value: Node, kind: Node) -> bool:
    names = {URIRef: "IRI", Literal: "Literal", BNode: "BlankNode"}
    return names[type(value)] in str(kind).removeprefix(str(SH))
