"""The messages of shapes in several languages: which is whose, and which one a reader gets."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from rdflib import SH, Literal

from cfit_graph.texts import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib import Graph
    from rdflib.term import Node

PLACEHOLDER: Final = re.compile(r"\{[?$]\w+\}")
"""What stands in a message for a value that a query finds (SHACL, section 5.3.2)."""


def told(texts: Iterable[Node], language: str) -> str:
    """Return the text in a language, or a kind of it (``nl-BE``), else in English, else any; empty if there is none."""

    def order(text: Node) -> tuple[int, str]:
        tag = getattr(text, "language", None) or ""
        ranks = (tag == language, tag.startswith(f"{language}-"), tag == ENGLISH)
        return next((place for place, fits in enumerate(ranks) if fits), len(ranks)), str(text)

    return str(min(texts, key=order, default=""))


def tag(report: Graph, shapes: Graph) -> None:
    """Give the messages of SPARQL constraints back their languages, which pySHACL drops when it fills them in."""
    for result in list(report.subjects(SH.sourceConstraint)):
        templates = sorted(_templates(report, result, shapes))
        for message in list(report.objects(result, SH.resultMessage)):
            fitting = (name for name, text in templates if _form(text).fullmatch(str(message)))
            if getattr(message, "language", "") is None and (language := next(fitting, "")):
                report.remove((result, SH.resultMessage, message))
                report.add((result, SH.resultMessage, Literal(str(message), lang=language)))


def _templates(report: Graph, result: Node, shapes: Graph) -> Iterator[tuple[str, str]]:
    """Yield the messages that a result may have, with their languages."""
    for link in (SH.sourceConstraint, SH.sourceShape):
        for source in report.objects(result, link):
            for graph in (shapes, report):  # a shape without address has another name in the report
                texts = graph.objects(source, SH.message)
                yield from ((it.language, str(it)) for it in texts if isinstance(it, Literal) and it.language)


@functools.lru_cache(maxsize=1000)
def _form(template: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, PLACEHOLDER.split(template))), re.DOTALL)
