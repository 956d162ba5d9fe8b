"""The messages of shapes in several languages: which is whose, and which one a reader gets."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from rdflib import SH, Literal, URIRef

from cfit_graph.namespaces import SHAPES
from cfit_graph.texts import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import Graph
    from rdflib.term import Node

MESSAGE: Final = URIRef(SHAPES + "message")
"""The message of a SPARQL constraint in another language than its ``sh:message``."""
PLACEHOLDER: Final = re.compile(r"\{[?$]\w+\}")
"""What stands in a message for a value that a query finds (SHACL, section 5.3.2)."""
MESSAGES: Final = (SH.message, MESSAGE)
"""The properties that give a shape or constraint its message."""


def told(texts: Iterable[Node], language: str) -> str:
    """Return the text in a language, or a kind of it (``nl-BE``), else in English, else any; empty if there is none."""

    def order(text: Node) -> tuple[int, str]:
        tag = getattr(text, "language", None) or ""
        ranks = (tag == language, tag.startswith(f"{language}-"), tag == ENGLISH)
        return next((place for place, fits in enumerate(ranks) if fits), len(ranks)), str(text)

    return str(min(texts, key=order, default=""))


def of(node: Node, shapes: Graph, links: Iterable[URIRef] = MESSAGES) -> list[Literal]:
    """Return the messages of a shape or constraint in all languages, or what else ``links`` give it."""
    return [text for link in links for text in shapes.objects(node, link) if isinstance(text, Literal)]


def tag(report: Graph, shapes: Graph) -> None:
    """Give what SPARQL constraints say back its languages, which pySHACL drops when it fills in values, and add others.

    A message in another language, which Apache Jena would refuse as ``sh:message``, gets the same values.
    """
    for result in list(report.subjects(SH.sourceConstraint)):
        sources = [it for link in (SH.sourceConstraint, SH.sourceShape) for it in report.objects(result, link)]
        for message in list(report.objects(result, SH.resultMessage)):
            known = (_told(str(message), source, report, shapes) for source in sources)
            said = next(filter(None, known), []) if getattr(message, "language", "") is None else []
            if said:
                report.remove((result, SH.resultMessage, message))
            for text in said:
                report.add((result, SH.resultMessage, text))


def _told(message: str, source: Node, report: Graph, shapes: Graph) -> list[Literal]:
    """Return a message of ``source`` with its language, and in others; nothing if it is none with a language.

    A shape without address has another name in the report, where what it says stands as well.
    """
    texts = {text for graph in (shapes, report) for text in of(source, graph)}
    return _filled(message, sorted((text.language, str(text)) for text in texts if text.language))


def _filled(message: str, templates: list[tuple[str, str]]) -> list[Literal]:
    """Return a message with its language, and in the languages in which it is not told yet; nothing if it has none."""
    fitting = ((language, text, _form(text).fullmatch(message)) for language, text in templates)
    language, template, found = next((it for it in fitting if it[2]), ("", "", None))
    if found is None:
        return []
    values = dict(zip(PLACEHOLDER.findall(template), found.groups(), strict=True))
    others = [(name, text) for name, text in templates if name != language and values.keys() == _names(text)]
    filled = [(name, PLACEHOLDER.sub(lambda place: values[place[0]], text)) for name, text in others]
    return [Literal(message, lang=language), *(Literal(text, lang=name) for name, text in filled)]


def _names(template: str) -> set[str]:
    return set(PLACEHOLDER.findall(template))


@functools.lru_cache(maxsize=1000)
def _form(template: str) -> re.Pattern[str]:
    return re.compile("(.*)".join(map(re.escape, PLACEHOLDER.split(template))), re.DOTALL)
