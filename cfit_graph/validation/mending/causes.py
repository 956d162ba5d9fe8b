"""Causes of findings, and the remedy for each by what the shape at fault says; ``CAUSES`` has all, best first."""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING, Final

from rdflib import ORG, RDF, SH, SKOS, XSD, BNode, Literal, URIRef

from cfit_graph.namespaces import ID, NS, SHAPES, VOCABULARIES
from cfit_graph.validation import terms
from cfit_graph.validation.checks import CHECK
from cfit_graph.validation.mending import cells, usual, values, wording
from cfit_graph.validation.mending.faults import Change, Proposal
from cfit_graph.validation.mending.fitting import choices, datatypes, listed
from cfit_graph.validation.mending.near import as_slug, nearest, part_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib.term import Node

    from cfit_graph.validation.mending.faults import Fault

_SHORT: Final = 10
"""Nodes to choose from of which any is more than a guess."""

_SCHEMA, _SCHEMA_HTTP = VOCABULARIES["schema"], "http://schema.org/"
_START, _END = (URIRef(VOCABULARIES["schema"] + name) for name in ("startDate", "endDate"))
_KIND, _OPEN_TO = URIRef(NS + "stakeholderType"), URIRef(NS + "eligibleType")
_STATUS, _FORMER = URIRef(NS + "status"), URIRef(ID + "status/former")
_UNREADABLE = URIRef(SHAPES + "unreadable")


def _misspelt(fault: Fault) -> Proposal | None:
    """Propose the thing or concept that is called almost so; a thing that exists is not misspelt, but the wrong one.

    A thing that is called otherwise, if only by a letter, may be one that has not been described yet.
    """
    known = choices(fault.shape, fault.shapes, fault.data) if fault.statement else set()
    found = nearest(fault.value, known, fault.data) if fault.value is not None and known else None
    if found is None or found.node == fault.value or not fault.takes(found.node):
        return None
    strange = (fault.value, None, None) not in fault.data
    certain = found.same or (found.slip and listed(fault.shape, fault.shapes))
    return Proposal("write", fault.to(found.node), (found.node,), certain and strange)


def _rewritten(fault: Fault) -> Proposal | None:
    """Propose the value in the form that the shape asks for, if it is for its form that it is refused."""
    of_form = fault.component in _FORMS and fault.value is not None and fault.statement is not None
    made = _rewritings(fault) if of_form else ()
    fit = ((new, sure) for new, sure in made if new != fault.value and fault.takes(new))
    for new, sure in fit:
        if sure or _kind(new) != XSD.date:
            return Proposal("write", fault.to(new), (new,), sure)
        days = dict.fromkeys([new, *(other for other, _ in fit if _kind(other) == XSD.date)])  # 10/1/2024 is two
        return Proposal("choose", fault.to(new), tuple(days))
    return None


def _kind(node: Node) -> URIRef | None:
    return node.datatype if isinstance(node, Literal) else None


def _rewritings(fault: Fault) -> Iterator[tuple[Node, bool]]:
    """Yield what may be meant by a value, and whether nothing else can be."""
    assert fault.value is not None  # noqa: S101 - whoever calls has looked
    kinds = datatypes(fault.shape, fault.shapes)
    yield from ((new, True) for new in values.named(fault.value) if (new, None, None) in fault.data)
    retyped = [new for new in values.retyped(fault.value, kinds) if fault.takes(new)]
    yield from ((new, len(retyped) == 1) for new in retyped)
    if {XSD.date, XSD.gYear, XSD.gYearMonth} & set(kinds):
        yield from values.dates(str(fault.value))
    if (fault.shape, SH.nodeKind, SH.IRI) in fault.shapes or (fault.shape, SH.pattern, None) in fault.shapes:
        yield from values.addresses(fault.value)
    yield from ((new, False) for new in (*values.padded(fault.value), *values.digits(fault.value)))
    inside = [new for new in values.pieces(fault.value) if fault.takes(new)]
    yield from ((new, False) for new in inside if len(inside) == 1)


def _check_digits(fault: Fault) -> Proposal | None:
    """Propose the likeliest identifier with right check digits; which one is right, only its register knows."""
    if (fault.shape, CHECK, None) not in fault.shapes or fault.value is None or fault.path is None:
        return None
    new = next(values.checked(fault.value), None)
    return Proposal("look up", fault.to(new), (new,)) if new is not None else None


def _untagged(fault: Fault) -> Proposal | None:
    """Propose a language for text that needs one: English, or if there is English already, one of those in use."""
    said, value = fault.statement, fault.value
    if said is None or not isinstance(value, Literal) or RDF.langString not in datatypes(fault.shape, fault.shapes):
        return None
    taken = {text.language for text in fault.data.objects(*said[:2]) if isinstance(text, Literal)}
    language = next((tag for tag in ("en", "nl", "de", "fr") if tag not in taken), None)
    new = Literal(str(value), lang=language) if language else None
    return Proposal("tag", fault.to(new), (new,)) if new is not None else None


def _too_many(fault: Fault) -> Proposal | None:
    """Propose to take out the value that is too much, or a second name to be another name."""
    said, last = fault.statement, fault.surplus
    if last is None or said is not None or _is_elsewhere(fault):
        return None
    if last[1] == SKOS.prefLabel and fault.component == SH.UniqueLangConstraintComponent:
        new = last[0], SKOS.altLabel, last[2]
        return Proposal("rename", (Change(last, new),), (SKOS.altLabel, last[2]))
    is_forbidden = (fault.shape, SH.maxCount, Literal(0)) in fault.shapes
    return Proposal("take out" if is_forbidden else "take one out", (Change(last, None),), (last[2],))


def _is_elsewhere(fault: Fault) -> bool:
    """Tell whether one of the properties that should agree has what nothing is said of: that is what is wrong."""
    if len(fault.predicates) < 2:
        return False
    found = (value for name in fault.predicates for value in fault.data.objects(fault.focus, name))
    return any((value, None, None) not in fault.data for value in found)


def _missing(fault: Fault) -> Proposal | None:
    """Propose a value that is missing: what the name of the record says, what its neighbours have, or most others."""
    if fault.component not in _TOO_FEW or fault.focus is None or not fault.predicates:
        return None
    known = choices(fault.shape, fault.shapes, fault.data)
    named = part_of(fault.focus, known)
    if named is not None:
        return _added(fault, "add named", (fault.predicates[0], named), [])
    if near := usual.of_neighbours(fault, known):
        return _added(fault, "add near", near, [])
    if most := usual.of_peers(fault, known):
        return _added(fault, "add", most, usual.others(most[1], known))
    terms = (fault.predicates[0], *sorted(known, key=str)[:1])
    return Proposal("add such as" if known else "add text", (), terms)


def _interrupted(fault: Fault) -> Proposal | None:
    """Propose what is missing first on the way to a value that is missing, where it is."""
    if fault.component not in _TOO_FEW or fault.focus is None or not fault.way:
        return None
    nodes = {fault.focus}
    for step in (*fault.way, *fault.predicates):
        for node in sorted(nodes, key=str):
            if isinstance(node, URIRef) and (node, step, None) not in fault.data:
                return Proposal("add to", (), (step, node))
        nodes = {value for node in nodes for value in fault.data.objects(node, step)}
    return None


def _typeless(fault: Fault) -> Proposal | None:
    """Propose the type of most things whose address is of the same kind."""
    if fault.component not in _TOO_FEW or fault.focus is None or RDF.type not in fault.predicates:
        return None
    parts = fault.shapes.objects(fault.shape, SH.qualifiedValueShape)
    known = {kind for part in parts for kind in choices(part, fault.shapes, fault.data)}
    alike = f"{ID}{str(fault.focus).removeprefix(ID).partition('/')[0]}/"
    typed = fault.data.subject_objects(RDF.type)
    counts = Counter(sorted((kind for thing, kind in typed if str(thing).startswith(alike)), key=str))
    kinds = [kind for kind, _ in counts.most_common() if kind in known]
    if kinds:
        return _added(fault, "add", (RDF.type, kinds[0]), kinds[1:])
    return Proposal("add such as", (), (RDF.type, *sorted(known, key=str)[:1]))


def _added(fault: Fault, name: str, pair: tuple[Node, Node], others: list[Node]) -> Proposal:
    assert fault.focus is not None  # noqa: S101 - whoever calls has looked
    return Proposal(name, (Change(None, (fault.focus, *pair)),), (*pair, *others))


def _instead(fault: Fault) -> Proposal | None:
    """Propose what the name of the record says in the place of a value that is no choice, or what most others have."""
    known = choices(fault.shape, fault.shapes, fault.data) if fault.statement else set()
    if fault.focus is None or not known or fault.value in known or not (fault.required() or _is_code(fault)):
        return None
    named = part_of(fault.focus, known)
    if named is not None:
        return Proposal("perhaps named", fault.to(named), (named,))
    if len(known) > _SHORT:
        return None
    most = usual.of_peers(fault, known)
    first = most[1] if most else min(known, key=str)
    return Proposal("choose", fault.to(first), (first, *usual.others(first, known)))


def _is_code(fault: Fault) -> bool:
    """Tell whether a value is to be one of a list in the shape itself: whoever wrote another one meant one of it."""
    return fault.component == SH.InConstraintComponent


def _eligible(fault: Fault) -> Proposal | None:
    """Propose the roles that are open to an organization of its types."""
    if fault.rule != SHAPES + "Affiliation-eligible" or fault.statement is None:
        return None
    data, member = fault.data, fault.data.value(fault.focus, ORG.member)
    kinds = [wider for kind in data.objects(member, _KIND) for wider in data.transitive_objects(kind, SKOS.broader)]
    roles = sorted({role for kind in kinds if kind for role in data.subjects(_OPEN_TO, kind)}, key=str)
    return Proposal("open", fault.to(roles[0]) if len(roles) == 1 else (), tuple(roles)) if roles else None


def _nameless(fault: Fault) -> Proposal | None:
    """Propose an address for a blank node, made of its kind and its name."""
    if (
        fault.component != SH.NodeKindConstraintComponent
        or not isinstance(fault.focus, BNode)
        or fault.path is not None
    ):
        return None
    shapes = [
        s for kind in fault.data.objects(fault.focus, RDF.type) for s in fault.shapes.subjects(SH.targetClass, kind)
    ]
    kind = next((kind for shape in shapes for kind in fault.shapes.objects(shape, URIRef(SHAPES + "kind"))), None)
    names = sorted(str(o) for name in (SKOS.prefLabel, *_LABELS) for o in fault.data.objects(fault.focus, name))
    slug = next(filter(None, map(as_slug, names)), "…")
    return Proposal("name", (), (URIRef(f"{ID}{kind}/{slug}"),)) if kind else None


def _unreadable(fault: Fault) -> Proposal | None:
    """Propose for a cell what most others have in its column."""
    if fault.path != _UNREADABLE or fault.column is None or fault.statement is None:
        return None
    fault.predicates = (fault.column,)
    most = usual.of_peers(fault, set())
    if most is None:
        return None
    change = Change(fault.statement, (fault.statement[0], *most))
    return Proposal("perhaps", (change,), (most[1],))


def _slip(fault: Fault) -> Proposal | None:
    """Propose the date that several others have and that differs in its year, its month or its day only."""
    said = fault.statement
    if said is None or fault.constraint is None or not isinstance(fault.value, Literal):
        return None
    parts = str(fault.value).split("-")
    counts = Counter(value for peer in fault.peers() for value in fault.data.objects(peer, said[1]))
    for value, count in counts.most_common(_SHORT):
        same = [one == other for one, other in zip(parts, str(value).split("-"), strict=False)]
        if len(parts) == 3 and same.count(True) == 2 and count >= usual.FEW:
            return Proposal("perhaps", fault.to(value), (value,))
    return None


def _duplicate(fault: Fault) -> Proposal | None:
    """Propose which of two records to keep: the one of which more is said."""
    if fault.rule != SHAPES + "OutsideIdentifier-shared" or fault.value is None or fault.focus is None:
        return None
    sizes = {node: len(list(fault.data.predicate_objects(node))) for node in (fault.focus, fault.value)}
    pair = sorted(sizes, key=lambda node: ("#" in str(node), -sizes[node]))  # a row without a name of its own goes
    return Proposal("merge", (), tuple(pair))


def _undefined(fault: Fault) -> Proposal | None:
    """Propose the term of the vocabulary that is called almost so."""
    if (fault.shape, CHECK, Literal("term")) not in fault.shapes or fault.focus is None:
        return None
    cut = max(str(fault.value).rfind(sign) for sign in "#/") + 1
    namespace = str(fault.value)[:cut]
    known = terms.own(fault.data) if namespace == NS else terms.TERMS.get(namespace, frozenset())
    near = difflib.get_close_matches(str(fault.value)[cut:], [iri[cut:] for iri in known], 1, 0.7)
    return _exchanged(fault, URIRef(namespace + near[0])) if near else None


def _exchanged(fault: Fault, new: URIRef) -> Proposal | None:
    """Propose another term in the place of the one at fault, be it predicate, value or datatype."""
    about = list(fault.data.predicate_objects(fault.focus))
    for name, value in about:
        if name == fault.value:
            known = [other for found, other in about if found == new]
            out = known and (value in known or (fault.data.value(predicate=SH.path, object=new) is None))
            change = Change((fault.focus, name, value), None if out else (fault.focus, new, value))  # type: ignore[arg-type]
            return Proposal("take out", (change,), (name,)) if out else Proposal("write", (change,), (new,))
    return Proposal("write", fault.to(new), (new,)) if fault.statement else None


def _http(fault: Fault) -> Proposal | None:
    """Propose the terms of schema.org with https where a shape forbids those with http."""
    said = fault.surplus
    if said is None or fault.component != SH.MaxCountConstraintComponent or not str(said[1]).startswith(_SCHEMA_HTTP):
        return None
    about = [pair for pair in fault.data.predicate_objects(said[0]) if str(pair[0]).startswith(_SCHEMA_HTTP)]
    changes = (
        Change((said[0], name, value), (said[0], URIRef(_SCHEMA + str(name).removeprefix(_SCHEMA_HTTP)), value))
        for name, value in about
    )
    return Proposal("move", tuple(changes), (URIRef(_SCHEMA), URIRef(_SCHEMA_HTTP)), safe=True)


def _order(fault: Fault) -> Proposal | None:
    """Propose to exchange start and end; of what is active still, to take the end out."""
    if fault.rule != SHAPES + "Period-order" or fault.focus is None:
        return None
    start, end = (fault.data.value(fault.focus, name) for name in (_START, _END))
    if (fault.focus, _STATUS, _FORMER) not in fault.data or start is None or end is None:
        return Proposal("take out", fault.out(), (fault.value,) if fault.value is not None else ())
    pairs = ((_START, start, end), (_END, end, start))
    changes = tuple(Change((fault.focus, name, old), (fault.focus, name, new)) for name, old, new in pairs)
    return Proposal("swap", changes, (end, start))


def _ended(fault: Fault) -> Proposal | None:
    """Propose the status of what has ended; if its end lies before its start, the end is the mistake."""
    if fault.rule != SHAPES + "Ended" or fault.focus is None:
        return None
    start, end, status = (fault.data.value(fault.focus, name) for name in (_START, _END, _STATUS))
    if start is not None and end is not None and str(end) < str(start)[: len(str(end))]:
        return Proposal("take out", (Change((fault.focus, _END, end), None),), (end,))
    if status is None:
        return None
    change = Change((fault.focus, _STATUS, status), (fault.focus, _STATUS, _FORMER))
    return Proposal("write", (change,), (_FORMER,))


def _not_needed(fault: Fault) -> Proposal | None:
    """Propose to take out what cannot be mended, if it may be missing."""
    if fault.statement is None or fault.required() or fault.value is None or fault.component in _SEVERAL:
        return None
    if isinstance(fault.value, BNode) or wording.is_garbled(fault.value):  # a record or part of a rule; a real text
        return None
    return Proposal("take out", fault.out(), (fault.value,))


_LABELS: Final = (URIRef(VOCABULARIES["rdfs"] + "label"), URIRef(VOCABULARIES["dcterms"] + "title"))
_FORMS: Final = {
    SH[f"{name}ConstraintComponent"]
    for name in (
        *("Datatype", "NodeKind", "Pattern", "In", "Class", "Node", "Or", "Xone", "MinLength", "MaxLength"),
        *("MinInclusive", "MinExclusive", "MaxInclusive", "MaxExclusive"),
    )
}
"""What may refuse a value for the way it is written."""

_TOO_FEW: Final = {SH.MinCountConstraintComponent, SH.QualifiedMinCountConstraintComponent}
_SEVERAL: Final = {SH.SPARQLConstraintComponent, SH.HasValueConstraintComponent}

CAUSES: Final[tuple[Callable[[Fault], Proposal | None], ...]] = (
    *(_order, _ended, cells.unnamed, cells.repeated, cells.unknown_kind, _unreadable, _eligible, _nameless, _typeless),
    *(_undefined, _duplicate, _slip, _http, _check_digits, wording.illegible, wording.mail, cells.addressed),
    *(cells.rounded, wording.reworded, cells.several, _misspelt, _rewritten, _untagged, _too_many, _interrupted),
    *(_missing, _instead, _not_needed),
)
"""Who looks for a cause, one after the other; the first that finds one is believed."""
