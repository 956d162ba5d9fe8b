"""How literals are kept in the store that screens ask: as they are written.

The store understands numbers, dates and the like, and gives them back in a form of its own: ``01`` becomes ``1``. A
literal that would be changed, or that rdflib and the store may read in different ways, is kept under another datatype,
which the store does not understand; it says which datatype was written, and whether rdflib takes the value for one of
it. So terms are the same in the store if, and only if, they are the same in the sources.
"""

from __future__ import annotations

import functools
import re
from datetime import date
from typing import TYPE_CHECKING, Final, cast

import pyoxigraph as ox
import rdflib.term
from rdflib import RDF, XSD, BNode, Literal, URIRef

from cfit_graph import source

if TYPE_CHECKING:
    from rdflib.term import Node

WELL: Final = "urn:x-cfit:well-typed:"
ILL: Final = "urn:x-cfit:ill-typed:"
TEXTS: Final = frozenset({str(XSD.string), str(RDF.langString)})
"""Datatypes of which every literal is tame."""
NAMES: Final = frozenset({str(XSD.anyURI), str(XSD.language)})
"""Datatypes that neither rdflib nor the store looks into, though not every text is one of them."""
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TAME: Final = {
    str(datatype): re.compile(form)
    for datatype, form in {
        XSD.integer: r"0|-?[1-9][0-9]{0,17}",
        XSD.decimal: r"-?(0|[1-9][0-9]{0,11})\.[0-9]{0,5}[1-9]",
        XSD.boolean: "true|false",
        XSD.date: _DAY,
        XSD.dateTime: rf"{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{0,5}}[1-9])?(Z|[+-]0[1-9]:00)?",
        XSD.gYear: r"(?!0000)[0-9]{4}",
        XSD.gYearMonth: r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])",
    }.items()
}
"""What is written so is understood alike by rdflib and the store, and given back unchanged."""
_DATED: Final = frozenset({str(XSD.date), str(XSD.dateTime)})
_OF_THE_STORE: Final = (XSD.dateTimeStamp, XSD.gYear, XSD.gYearMonth, XSD.gMonth, XSD.gDay, XSD.gMonthDay)
_UNDERSTOOD: Final = frozenset(
    str(datatype)
    for datatype in (*rdflib.term._toPythonMapping, *_OF_THE_STORE)  # noqa: SLF001
    if datatype
)
"""Datatypes that rdflib or the store makes something of; any other is a name to both."""


def kept(literal: ox.Literal) -> ox.Literal:
    """Return the literal that stands for ``literal`` in the store: itself, if it is tame."""
    datatype = literal.datatype.value
    if literal.direction:
        raise SyntaxError("text with a base direction (RDF 1.2) is not supported")
    if datatype in TEXTS or _is_tame(datatype, literal.value):
        return literal
    same = Literal(literal.value, datatype=URIRef(datatype), normalize=False)  # rdflib folds the spaces of xsd:token
    return ox.Literal(str(same), datatype=ox.NamedNode((ILL if same.ill_typed else WELL) + datatype))


def ends(quad: ox.Quad) -> tuple[source.Term, source.Term]:
    """Return subject and object of a statement, which are no triples themselves: ``source`` refuses those."""
    return cast("tuple[source.Term, source.Term]", (quad.subject, quad.object))


def values(store: ox.Store, subject: source.Term, name: ox.NamedNode | None = None) -> set[source.Term]:
    """Return what a node has as values of a property, or of any."""
    if isinstance(subject, ox.Literal):
        return set()
    return {ends(quad)[1] for quad in store.quads_for_pattern(subject, name, None)}


def subjects(store: ox.Store, name: ox.NamedNode | None, value: source.Term) -> set[source.Term]:
    """Return the nodes that have a value of a property, or of any."""
    return {ends(quad)[0] for quad in store.quads_for_pattern(None, name, value)}


@functools.lru_cache(maxsize=100_000)
def _is_tame(datatype: str, text: str) -> bool:
    form = _TAME.get(datatype)
    if form is None:
        return datatype in NAMES or (datatype not in _UNDERSTOOD and not datatype.startswith((WELL, ILL)))
    return form.fullmatch(text) is not None and (datatype not in _DATED or _exists(text[:10]))


def _exists(day: str) -> bool:
    try:
        return bool(date.fromisoformat(day))
    except ValueError:
        return False


def is_odd(literal: ox.Literal) -> bool:
    """Tell whether a literal in the store stands for one that is not tame."""
    return literal.datatype.value.startswith((WELL, ILL))


def written(term: source.Term) -> source.Term:
    """Return the term as it stands in the sources, from what stands for it in the store."""
    if not isinstance(term, ox.Literal) or not is_odd(term):
        return term
    datatype = term.datatype.value
    mark = WELL if datatype.startswith(WELL) else ILL
    return ox.Literal(term.value, datatype=ox.NamedNode(datatype.removeprefix(mark)))


def parser_term(node: Node) -> source.Term:
    """Return the term that stands in the store for a node of rdflib."""
    found = source.parser_term(node)
    return kept(found) if isinstance(found, ox.Literal) else found


def term(node: Node) -> str:
    """Return what stands in the store for a node of rdflib, in the notation of SPARQL.

    Raises:
        ValueError: if it is a blank node, for which SPARQL has no notation.
    """
    if isinstance(node, BNode):
        raise ValueError("SPARQL has no notation for a blank node")  # noqa: TRY004 - the type is right
    return str(parser_term(node))
