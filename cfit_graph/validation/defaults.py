"""Default messages, of findings whose shape has none: in plain words, by the component of SHACL that judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rdflib import RDF, SH, Literal, URIRef
from rdflib.collection import Collection

from cfit_graph.namespaces import shorten
from cfit_graph.texts import FINDINGS
from cfit_graph.validation import messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import Graph
    from rdflib.term import Node

_COMPONENT: Final = "ConstraintComponent"
_SHOWN: Final = 8


def message(report: Graph, result: Node, shapes: Graph, language: str) -> str:
    """Return the message of a result in a language; empty if its shape has one, or no component of SHACL judged."""
    sources = [it for link in (SH.sourceConstraint, SH.sourceShape) for it in report.objects(result, link)]
    if any(messages.of(source, graph) for source in sources for graph in (shapes, report)):
        return ""
    component = str(report.value(result, SH.sourceConstraintComponent) or "")
    name = component.removeprefix(str(SH)).removesuffix(_COMPONENT)
    words: dict[str, str] = FINDINGS[language]["defaults"]
    if name not in words or component != f"{SH}{name}{_COMPONENT}":
        return ""
    parameter = URIRef(f"{SH}{name[0].lower()}{name[1:]}")
    values = [value for source in sources for graph in (shapes, report) for value in graph.objects(source, parameter)]
    shown = list(dict.fromkeys(text for value in values[:1] for text in _texts(value, shapes, language)))
    more = [FINDINGS[language]["more rows"].format(len(shown) - _SHOWN)] if len(shown) > _SHOWN else []
    return words[name].format(", ".join(shown[:_SHOWN] + more))


def _texts(value: Node, shapes: Graph, language: str) -> Iterator[str]:
    """Yield a value as people may read it, or the members of a list."""
    kinds: dict[str, str] = FINDINGS[language]["kinds"]
    if isinstance(value, Literal):
        yield str(value)
    elif isinstance(value, URIRef):
        yield kinds.get(value.removeprefix(str(SH)), shorten(str(value)))
    elif (value, RDF.first, None) in shapes:
        yield from (text for each in Collection(shapes, value) for text in _texts(each, shapes, language))
    else:
        yield kinds["shape"]
