"""pySHACL on everything: what the two-stage validator is compared with, and how reports are compared."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from typing import TYPE_CHECKING

import pyshacl
import rdflib
from pyshacl.rdfutil.stringify import stringify_blank_node
from rdflib import RDF, SH, BNode, Graph

from cfit_graph.errors import SourceError
from cfit_graph.validation import engine, facts, terms
from cfit_graph.validation.judge import copied
from cfit_graph.validation.shapes import Shapes

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib.term import Node


_NEW = re.compile("N[0-9a-f]{32}")
"""What rdflib calls a blank node, if nobody else has named it."""

_BRACKETED = re.compile(r"\[[^\[\]]*\]")


def whole(data: Graph, shapes: Graph) -> Graph | str:
    """Return the report of pySHACL, or what it says if it fails."""
    before, copy = rdflib.NORMALIZE_LITERALS, copied(shapes)
    stringify_blank_node.dict_cache.clear()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, report, text = pyshacl.validate(data, shacl_graph=copy, do_owl_imports=False, advanced=False)
    except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
        return f"{type(error).__name__}: {error}"
    finally:
        rdflib.NORMALIZE_LITERALS = before
    return report if isinstance(report, Graph) else str(text)


def two_stage(data: Graph, shapes: Graph, path: Path) -> engine.Verdict | str:
    """Return the verdict of the engine, or what it says if it refuses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return engine.examine(facts.Memory(data), Shapes(shapes, path))
    except SourceError as error:
        return str(error)


def own_terms(data: Graph) -> frozenset[str]:
    """Return the terms of our own vocabulary that data define."""
    return terms.own(data)


def results(report: Graph) -> Counter[object]:
    """Return the results of a report as values that are equal if the results are, whatever blank nodes are called."""
    heads = (it for node in report.subjects(RDF.type, SH.ValidationReport) for it in report.objects(node, SH.result))
    return Counter(content(report, head, known=True) for head in heads)


def content(report: Graph, node: Node | None, *, known: bool = False, above: tuple[Node, ...] = ()) -> object:
    """Return a node, or what a graph says of it if it is a blank node; ``known`` ones go by their names."""
    if node is None:
        return None
    if not isinstance(node, BNode) or node in above or (known and not _NEW.fullmatch(node)):
        return node.n3()

    def inner(name: Node, value: Node) -> object:
        if name == SH.resultMessage:
            return _words(str(value))
        return content(report, value, known=known, above=(*above, node))

    said = [(name.n3(), inner(name, value)) for name, value in report.predicate_objects(node)]
    return str(sorted(said, key=str)) if said else "a new node"


def _words(message: str) -> str:
    """Return what is always the same in a message: what pySHACL has in brackets is as it happens."""
    while (shorter := _BRACKETED.sub("", message)) != message:
        message = shorter
    return "".join(sorted(message))
