"""The terms of the vocabularies in use, and which datatypes allow which text.

The lists are those that rdflib ships, made from the published vocabularies; what it lacks is listed here. Our own
terms are those that the graph itself defines. A namespace that is not listed is not ours to judge.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from rdflib import (
    DCAT,
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SH,
    SKOS,
    TIME,
    VANN,
    VOID,
    XSD,
    Graph,
    Literal,
    URIRef,
)
from rdflib.namespace import SDO, DefinedNamespace

from cfit_graph.characters import FORBIDDEN
from cfit_graph.namespaces import NS, VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

_LISTED: Final[tuple[type[DefinedNamespace], ...]] = (
    DCAT, DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SH, SKOS, TIME, VANN, VOID, XSD,
)  # fmt: skip
_SKOSXL: Final = "Label LabelRelation prefLabel altLabel hiddenLabel literalForm labelRelation"
_BIBO: Final = "status status/draft status/published status/accepted status/forthcoming shortDescription doi Document"
KINDS: Final = (
    OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDFS.Class, RDFS.Datatype,
)  # fmt: skip
"""The classes whose instances are terms."""


def _names(listed: type[DefinedNamespace]) -> list[str]:
    """Return the names that are listed, and those that are no names in Python, such as ``class`` of SHACL.

    ``dir`` gives the first as well, but takes a fifth of a second to check each against all.
    """
    return [*listed.__annotations__, *listed._extras]  # noqa: SLF001


TERMS: Final[dict[str, frozenset[str]]] = {
    **{str(listed): frozenset(str(listed) + name for name in _names(listed)) for listed in _LISTED},
    VOCABULARIES["skosxl"]: frozenset(VOCABULARIES["skosxl"] + name for name in _SKOSXL.split()),
    "http://purl.org/ontology/bibo/": frozenset("http://purl.org/ontology/bibo/" + name for name in _BIBO.split()),
}
"""Terms of each vocabulary we reuse, by its namespace."""
_NAMESPACES: Final = frozenset([*TERMS, NS])


def own(graph: Graph) -> frozenset[str]:
    """Return the terms of our own vocabulary that ``graph`` defines."""
    return frozenset(str(term) for kind in KINDS for term in graph.subjects(RDF.type, kind) if str(term).startswith(NS))


def narrower(kind: Node, graph: Graph) -> set[Node]:
    """Return a class and all below it; rdflib's own way there calls itself, and so ends in a long chain."""
    found: set[Node] = set()
    new = {kind}
    while new:
        found |= new
        new = {below for node in new for below in graph.subjects(RDFS.subClassOf, node)} - found
    return found


def of_vocabularies(iris: Iterable[str]) -> set[str]:
    """Return those of ``iris`` that are in the namespace of a known vocabulary; no other can be undefined."""
    return {iri for iri in iris if iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] in _NAMESPACES}


def undefined(iris: Iterable[str], ours: frozenset[str]) -> set[str]:
    """Return those of ``iris`` that are in the namespace of a known vocabulary and no term of it."""
    return {iri for iri in iris if not _known(iri, ours)}


def _known(iri: str, ours: frozenset[str]) -> bool:
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    if cut == len(iri):
        return True  # the address of a vocabulary itself
    namespace = iri[:cut]
    if namespace == NS:
        return iri in ours
    return namespace not in TERMS or iri in TERMS[namespace]


_DAY = r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_WHOLE = r"[+-]?[0-9]+"
_DECIMAL = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_FORMS: Final[dict[URIRef, re.Pattern[str]]] = {
    datatype: re.compile(form)
    for datatype, form in {
        XSD.string: f"[^{FORBIDDEN}]*",
        XSD.boolean: "true|false|0|1",
        XSD.integer: _WHOLE,
        XSD.nonNegativeInteger: r"\+?[0-9]+|-0+",
        XSD.positiveInteger: r"\+?0*[1-9][0-9]*",
        XSD.decimal: _DECIMAL,
        XSD.double: rf"{_DECIMAL}([eE]{_WHOLE})?|[+-]?INF|NaN",
        XSD.float: rf"{_DECIMAL}([eE]{_WHOLE})?|[+-]?INF|NaN",
        XSD.date: _DAY + _ZONE,
        XSD.dateTime: f"{_DAY}T{_TIME}{_ZONE}",
        XSD.gYear: rf"-?[0-9]{{4,}}{_ZONE}",
        XSD.gYearMonth: rf"-?[0-9]{{4,}}-(0[1-9]|1[0-2]){_ZONE}",
        XSD.anyURI: r"[^\s<>\"{}|\\^`]*",
        XSD.language: r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    }.items()
}
_DATED: Final = {XSD.date, XSD.dateTime}


def well_formed(value: Literal) -> bool:
    """Tell whether a literal is written as its datatype demands, and its day, if it is one, exists.

    >>> well_formed(Literal("2021-02-30", datatype=XSD.date, normalize=False))
    False
    >>> well_formed(Literal("2021-02", datatype=XSD.gYearMonth, normalize=False))
    True
    """
    form = _FORMS.get(value.datatype or XSD.string)
    if form is None:
        return not value.ill_typed
    return form.fullmatch(str(value)) is not None and (value.datatype not in _DATED or _exists(str(value)))


def _exists(day: str) -> bool:
    year, month, number = day[:10].split("-") if re.match(r"[0-9]{4}-", day) else ("2000", "01", "01")
    try:
        date(int(year), int(month), int(number))
    except ValueError:
        return False
    return True
