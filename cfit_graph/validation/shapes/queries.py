"""The queries of SPARQL constraints as text: with the prefixes that SHACL gives them, and parsed (SHACL, 5.2)."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

from rdflib import OWL, RDF, RDFS, SH, Variable

from cfit_graph.validation.shapes import paths
from cfit_graph.validation.shapes.ill_formed import IllFormed, called

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.plugins.sparql.parserutils import CompValue
    from rdflib.term import Node

    from cfit_graph.validation.shapes import Shape

_PATH: Final = re.compile(r"([\s{}()])[$?]PATH\b")
_FORBIDDEN: Final = {"Minus": "MINUS", "ServiceGraphPattern": "SERVICE"}
_DOUBTFUL: Final = re.compile(
    r"\b(VALUES|GRAPH)\b|SELECT[\s\S]*SELECT|\bAS\s+[$?]this\b|[$?](currentShape|shapesGraph)\b",
    re.IGNORECASE,
)


def is_doubtful(constraint: Node, graph: Graph) -> bool:
    """Tell whether a query has words that pySHACL may refuse, or takes in a way of its own."""
    return bool(_DOUBTFUL.search(str(graph.value(constraint, SH.select))))


def refuse_forbidden(part: object) -> None:
    """Refuse a query, or a part of it, with what SHACL does not allow in one (SHACL, section 5.3.1).

    Raises:
        IllFormed: naming it.
    """
    if isinstance(part, dict):  # of rdflib's algebra; its own class comes with a grammar (see _prepared)
        name = getattr(part, "name", "")
        if name in _FORBIDDEN:
            raise IllFormed(f"the query of a SPARQL constraint must not contain {_FORBIDDEN[name]}")
        part = list(part.values())
    if isinstance(part, list | tuple | set):
        for each in part:
            refuse_forbidden(each)


def parsed(shape: Shape, constraint: Node, graph: Graph) -> CompValue:
    """Return the query of a constraint in rdflib's algebra, with the path of a property shape for ``$PATH``.

    Raises:
        IllFormed: if it is no SELECT query of SPARQL 1.1.
    """
    text = str(graph.value(constraint, SH.select))
    way = "" if shape.path is None else paths.text(shape.path)
    return _parsed(_PATH.sub(rf"\g<1>{way}", text) if way else text, constraint, graph)


def _parsed(text: str, constraint: Node, graph: Graph) -> CompValue:
    try:
        parsed = _prepared(text, tuple(sorted(_prefixes(constraint, graph).items())))
    except Exception as error:  # rdflib raises what its parser and its translation happen to raise
        words = " ".join(str(error).split())[:200]
        raise _refused(constraint, f"is not SPARQL 1.1: {words}") from error
    if parsed.name != "SelectQuery":
        raise _refused(constraint, "is no SELECT query")
    if Variable("this") not in parsed.PV:
        raise _refused(constraint, "does not select $this, the node that it finds fault with")
    refuse_forbidden(parsed)
    return parsed


def _refused(constraint: Node, reason: str) -> IllFormed:
    return IllFormed(f"the query of {called('SPARQL constraint', constraint)} {reason}")


@functools.lru_cache(maxsize=256)
def _prepared(text: str, prefixes: tuple[tuple[str, str], ...]) -> CompValue:
    """Return a query in rdflib's algebra; its parser takes some 50 ms for each, and nobody changes what it makes."""
    from rdflib.plugins.sparql import prepareQuery  # noqa: PLC0415 - it builds a grammar, which a server has no use for

    from cfit_graph.validation.shapes import kept  # noqa: PLC0415 - as above

    return kept.query(text, prefixes, lambda: prepareQuery(text, initNs=dict(prefixes)).algebra)


def prefixes(graph: Graph) -> dict[str, str]:
    """Return all prefixes that a shapes graph declares, whoever may use them.

    A constraint may use those of what its ``sh:prefixes`` imports (SHACL, 5.2.1), which pySHACL does not follow.
    """
    declared = ((graph.value(it, SH.prefix), graph.value(it, SH.namespace)) for it in graph.objects(None, SH.declare))
    return {
        str(prefix): str(namespace) for prefix, namespace in declared if prefix is not None and namespace is not None
    }


def _prefixes(constraint: Node, graph: Graph) -> dict[str, Any]:
    """Return the prefixes of a query, those that it names itself before others."""
    own = [it for owner in graph.objects(constraint, SH.prefixes) for it in graph.objects(owner, SH.declare)]
    named = {str(graph.value(it, SH.prefix)): str(graph.value(it, SH.namespace)) for it in own}
    return {"rdf": str(RDF), "rdfs": str(RDFS), "owl": str(OWL)} | prefixes(graph) | named
