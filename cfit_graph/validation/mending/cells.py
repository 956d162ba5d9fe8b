"""Causes that only the cells of tables have: a row without a proper name, values without ``|`` between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rdflib import RDF, Literal, URIRef

from cfit_graph.labels import NAMING, label
from cfit_graph.namespaces import SHAPES
from cfit_graph.validation import terms
from cfit_graph.validation.mending.faults import Change, Proposal
from cfit_graph.validation.mending.fitting import choices
from cfit_graph.validation.mending.near import as_slug, nearest

if TYPE_CHECKING:
    from rdflib.term import Node

    from cfit_graph.validation.mending.faults import Fault

_UNNAMED: Final = URIRef(SHAPES + "unnamed")
_UNKNOWN_KIND: Final = URIRef(SHAPES + "unknownKind")
_BETWEEN: Final = re.compile(r"[;,\n]")
_BESIDE: Final = re.compile(r"[/+&]")


def several(fault: Fault) -> Proposal | None:
    """Propose to put ``|`` between the values of a cell that has ``;``, ``,`` or ``/`` there; none is left out."""
    said = fault.statement
    parts = _apart(_BETWEEN, fault) or _apart(_BESIDE, fault)
    if said is None or fault.column is None or len(parts) < 2:
        return None
    nodes = [_meant(part, fault) for part in parts]
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
        return found.node if found and found.same else None
    address = URIRef(text)
    return address if re.match("https?://", text) and fault.takes(address) else None


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
            return Proposal("write", fault.to(Literal(new)), (Literal(new),))
    return None
