"""Causes that only tables have: rows without a name of their own, pages by address, values without ``|`` between."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rdflib import RDF, Literal, URIRef

from cfit_graph.labels import NAMING, label
from cfit_graph.namespaces import ID, SHAPES
from cfit_graph.validation import terms
from cfit_graph.validation.mending import values
from cfit_graph.validation.mending.faults import Change, Proposal
from cfit_graph.validation.mending.fitting import choices
from cfit_graph.validation.mending.near import as_slug, at_address, nearest

if TYPE_CHECKING:
    from rdflib.term import Node

    from cfit_graph.validation.mending.faults import Fault

_UNNAMED: Final = URIRef(SHAPES + "unnamed")
_UNKNOWN_KIND: Final = URIRef(SHAPES + "unknownKind")
_REPEATED: Final = URIRef(SHAPES + "repeated")
_BETWEEN: Final = re.compile(r"[;,\n]")
_BESIDE: Final = re.compile(r"[/+&]")
_BEFORE_ADDRESS: Final = re.compile(r"[;,\s]+(?=https?://)|[;,\n]\s+")
"""What stands between values of which one is an address, which may have each of these signs within."""


def several(fault: Fault) -> Proposal | None:
    """Propose to put ``|`` between the values of a cell that has ``;``, ``,`` or ``/`` there; none is left out."""
    said = fault.statement
    has_address = "://" in str(fault.value)
    parts = _apart(_BEFORE_ADDRESS, fault) if has_address else _apart(_BETWEEN, fault) or _apart(_BESIDE, fault)
    if said is None or fault.column is None or len(parts) < 2:
        return None
    nodes = [_meant(part, fault) for part in parts]
    if None not in nodes and len(set(nodes)) == 1:  # in two languages, say
        return Proposal("write", fault.to(nodes[0]), (nodes[0],))  # type: ignore[arg-type]
    changes = [Change(said, (*said[:2], node)) for node in nodes if node is not None]
    return Proposal("apart", tuple(changes) if len(changes) == len(parts) else ()) if changes else None


def _apart(sign: re.Pattern[str], fault: Fault) -> list[str]:
    """Return the parts of a text, if it has several."""
    parts = [part for between in sign.split(str(fault.value)) if (part := between.strip())]
    return parts if len(parts) > 1 else []


def _meant(text: str, fault: Fault) -> Node | None:
    """Return what a value means if it is called exactly so, or is an address where the shape lets any pass."""
    if known := choices(fault.shape, fault.shapes, fault.data):
        found = nearest(Literal(text), known, fault.data)
        return found.node if found and found.same else at_address(text, known, fault.data)
    address = URIRef(text)
    return address if re.match("https?://", text) and fault.takes(address) else None


def addressed(fault: Fault) -> Proposal | None:
    """Propose the page that has the address which is given in its place."""
    known = choices(fault.shape, fault.shapes, fault.data) if fault.statement and fault.value else set()
    found = at_address(str(fault.value), known, fault.data)
    if found is None or found == fault.value or not fault.takes(found):
        return None
    return Proposal("write", fault.to(found), (found,), (fault.value, None, None) not in fault.data)


def rounded(fault: Fault) -> Proposal | None:
    """Tell that the digits of a number are gone, so that nobody takes zeros for them."""
    if fault.statement is None or not isinstance(fault.value, Literal) or not values.is_rounded(fault.value):
        return None
    return Proposal("rounded")


def repeated(fault: Fault) -> Proposal | None:
    """Propose to delete a row that has the identifier of another one and says nothing else, or to keep one of both."""
    if fault.path != _REPEATED or fault.focus is None:
        return None
    says_more = not _says_all(_named(fault, str(fault.value)), fault)
    return Proposal("keep one" if says_more else "delete row", (), (fault.value,) if fault.value else ())


def _is_note(fault: Fault) -> bool:
    """Tell whether a row has several words where its identifier should be, and nothing else."""
    said = {name for name, _ in fault.data.predicate_objects(fault.focus)} - {fault.path, RDF.type}
    return not said and len(str(fault.value).split()) > 1


def _named(fault: Fault, identifier: str) -> URIRef:
    """Return what a row would be about that had an identifier; its own address has the kind and a number."""
    kind, _, name = identifier.rpartition(":")
    return URIRef(f"{ID}{kind}/{name}" if kind else f"{str(fault.focus).partition('#')[0]}{name}")


def _says_all(thing: URIRef, fault: Fault) -> bool:
    """Tell whether everything that a row says is said of a thing, or something narrower."""
    said = [(name, value) for name, value in fault.data.predicate_objects(fault.focus) if name != fault.path]
    kinds = [value for name, value in said if name == RDF.type]
    known = set(fault.data.objects(thing, RDF.type))
    is_kind = all(known & terms.narrower(kind, fault.data) for kind in kinds)
    return is_kind and all((thing, *pair) in fault.data for pair in said if pair[0] != RDF.type)


def unknown_kind(fault: Fault) -> Proposal | None:
    """Propose the kind of thing that is called almost so."""
    if fault.path != _UNKNOWN_KIND or fault.value is None:
        return None
    wider = fault.data.objects(fault.focus, RDF.type)
    kinds = {narrower for kind in wider for narrower in terms.narrower(kind, fault.data)}
    found = nearest(fault.value, kinds, fault.data)
    name = Literal(label(fault.data, found.node, {})) if found else None
    return Proposal("write", fault.to(name), (name,)) if name else None


def unnamed(fault: Fault) -> Proposal | None:
    """Propose an identifier for a row: the one given in the right form, or one made of its name."""
    if fault.path != _UNNAMED or fault.focus is None:
        return None
    names = [o for name in (*NAMING, RDF.value) for o in fault.data.objects(fault.focus, name)]
    for text in (str(fault.value), *sorted(map(str, names))):
        new = as_slug(text)
        if new and not re.fullmatch(r"row [0-9]+", text):
            if _says_all(_named(fault, new), fault):
                return Proposal("delete row", (), (Literal(new),))
            if _is_note(fault):
                return Proposal("delete note", (), (Literal(new),))
            return Proposal("write", fault.to(Literal(new)), (Literal(new),))
    return None
