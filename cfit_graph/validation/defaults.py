"""Default messages, of findings whose shape has none: in plain words, by the component of SHACL that judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rdflib import RDF, SH, BNode, Literal, URIRef
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
_DETAILS: Final = 3


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
    shown = _some([text for value in values[:1] for text in _texts(value, shapes, language)], language)
    return " ".join([words[name].format(shown), *_details(report, result, shapes, language)])


def _some(texts: list[str], language: str) -> str:
    """Return the first of some texts, and how many more there are."""
    texts = list(dict.fromkeys(texts))
    more = [FINDINGS[language]["more rows"].format(len(texts) - _SHOWN)] if len(texts) > _SHOWN else []
    return ", ".join(texts[:_SHOWN] + more)


def _details(report: Graph, result: Node, shapes: Graph, language: str) -> list[str]:
    """Return what was found at a value that does not fit another shape, as sentences, each with its property."""
    found = set()
    for detail in report.objects(result, SH.detail):
        path = report.value(detail, SH.resultPath)
        own = messages.told(report.objects(detail, SH.resultMessage), language)
        said = message(report, detail, shapes, language) or own
        found.add(f"{shorten(path)}: {said}" if isinstance(path, URIRef) else said)
    return sorted(found)[:_DETAILS]


def _texts(value: Node, shapes: Graph, language: str) -> Iterator[str]:
    """Yield a value as people may read it, or the members of a list."""
    kinds: dict[str, str] = FINDINGS[language]["kinds"]
    if isinstance(value, Literal):
        yield str(value)
    elif isinstance(value, URIRef):
        yield kinds.get(value.removeprefix(str(SH)), shorten(str(value)))
    elif (value, RDF.first, None) in shapes:
        yield from (text for each in _members(value, shapes) for text in _texts(each, shapes, language))
    else:
        yield FINDINGS[language]["and"].join(_asked(value, shapes, language)) or kinds["shape"]


def _members(value: Node, shapes: Graph) -> list[Node]:
    return list(Collection(shapes, value)) if (value, RDF.first, None) in shapes else [value]


def _asked(shape: Node, shapes: Graph, language: str) -> Iterator[str]:
    """Yield what a shape without address asks for, as far as it can be said in a few words."""
    words: dict[str, str] = FINDINGS[language]["asked"]
    for name, said in words.items():
        values = [it for value in shapes.objects(shape, URIRef(f"{SH}{name}")) for it in _members(value, shapes)]
        texts = [text for it in values if not isinstance(it, BNode) for text in _texts(it, shapes, language)]
        if texts:
            yield said.format(_some(texts, language))
    for part in (shape, *shapes.objects(shape, SH.property)):
        path, most = shapes.value(part, SH.path), shapes.value(part, SH.maxCount)
        if isinstance(path, URIRef):
            yield FINDINGS[language]["without" if str(most) == "0" else "with"].format(shorten(path))
