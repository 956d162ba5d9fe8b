"""Diagrams of the ontology: boxes and arrows in user units of SVG, without a mark of how they look.

The places of boxes in the overview are a table; everything else, what the boxes are called and which arrows join
them, comes from the ontology, and from one table of the properties it reuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from rdflib import OWL, RDF, RDFS, SDO, Graph, URIRef

from cfit_graph.namespaces import NS, PREFIXES, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib.term import Node

MAIN: Final = (
    *("org:Organization", "cfit:Pact", "cfit:Affiliation", "cfit:Participation", "cfit:Support"),
    *("cfit:Endorsement", "cfit:Instrument", "cfit:GroupMembership", "cfit:Matter", "cfit:Claim", "cfit:Source"),
)
"""The classes that have a diagram of their own."""

REUSED: Final = (  # class, property of another vocabulary, what it takes; empty: literals of the datatypes in use
    ("cfit:Affiliation", "org:member", "org:Organization"),
    ("cfit:Affiliation", "org:organization", "cfit:Pact"),
    ("cfit:Affiliation", "org:role", "org:Role"),
    ("cfit:Affiliation", "schema:startDate", ""),
    ("cfit:Affiliation", "schema:endDate", ""),
    ("cfit:Affiliation", "dcterms:source", "cfit:Source"),
    ("cfit:GroupMembership", "org:member", "org:Organization"),
    ("cfit:GroupMembership", "org:organization", "org:OrganizationalCollaboration"),
    ("cfit:GroupMembership", "org:role", "org:Role"),
    ("cfit:GroupMembership", "dcterms:source", "cfit:Source"),
    ("cfit:Endorsement", "prov:wasAssociatedWith", "org:Organization"),
    ("cfit:Endorsement", "dcterms:source", "cfit:Source"),
    ("cfit:Instrument", "rdfs:label", ""),
    ("cfit:Instrument", "dcterms:source", "cfit:Source"),
    ("cfit:Claim", "dcterms:source", "cfit:Source"),
    ("cfit:Source", "rdfs:label", ""),
    ("cfit:Source", "schema:url", "rdfs:Resource"),
    ("cfit:Source", "dcterms:issued", ""),
    ("cfit:Pact", "skos:prefLabel", ""),
    ("cfit:Pact", "dcterms:description", ""),
    ("cfit:Pact", "schema:startDate", ""),
    ("org:Organization", "skos:prefLabel", ""),
    ("org:Organization", "skos:altLabel", ""),
    ("org:Organization", "dcterms:spatial", "skos:Concept"),
    ("org:Organization", "foaf:homepage", "foaf:Document"),
    ("org:Organization", "org:identifier", ""),
    ("org:Organization", "owl:sameAs", "rdfs:Resource"),
    ("org:Organization", "dcterms:source", "cfit:Source"),
)
"""How classes use properties of other vocabularies, which cannot say it themselves."""

RECORDS: Final = "records"
"""The frame of the overview: all that happens in a coalition."""

_OVERALL: Final = ((RECORDS, "dcterms:source", "cfit:Source"), ("cfit:Matter", "cfit:about", RECORDS))
_LANE, _ROW = 26, 34  # distance of parallel arrows; of rows
_LETTER, _MARGIN = 7.3, 14  # width of a letter of the widest font; free space beside text


class Place(NamedTuple):
    """Where a box is, and the part of its height at which arrows meet it (from, to; zero: all of it)."""

    x: float
    y: float
    width: float
    height: float
    port: tuple[float, float] = (0, 0)


_PLACES: Final = {
    RECORDS: Place(2, 2, 1036, 658),
    "org:Organization": Place(14, 18, 128, 622),
    "cfit:Instrument": Place(318, 104, 324, 100, (104, 152)),
    "cfit:PactSignature": Place(325, 154, 152, 42),
    "cfit:LetterOfSupport": Place(483, 154, 152, 42),
    "cfit:Endorsement": Place(318, 246, 324, 54),
    "cfit:Affiliation": Place(318, 342, 324, 122, (342, 392)),
    "cfit:Support": Place(325, 394, 152, 42),
    "cfit:Participation": Place(483, 394, 152, 42),
    "org:Role": Place(318, 502, 324, 50),
    "cfit:GroupMembership": Place(318, 590, 324, 50),
    "org:OrganizationalCollaboration": Place(790, 18, 236, 622, (590, 640)),
    "cfit:Pact": Place(800, 28, 216, 364),
    "cfit:BuyerGroup": Place(800, 402, 216, 42),
    "cfit:WorkingGroup": Place(800, 452, 216, 42),
    "cfit:Matter": Place(14, 712, 128, 54),
    "cfit:Claim": Place(318, 712, 324, 54),
    "cfit:Source": Place(790, 712, 190, 54),
}
_LANES: Final = {frozenset({"org:Organization", "cfit:Pact"}): 60.0}  # where arrows would else cross a box


@dataclass(frozen=True)
class Box:
    """A box: prefixed name, label (empty: the name says it), place, kind, and the line of the first text."""

    name: str
    label: str
    place: Place
    kind: str
    text_y: float
    loops: tuple[str, ...] = ()

    @property
    def center(self) -> float:
        """Where texts in the box are centred."""
        return self.place.x + self.place.width / 2


@dataclass(frozen=True)
class Arrow:
    """An arrow for a property, from one class to another: its ends, which way it points, and its label."""

    source: str
    name: str
    target: str
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def upright(self) -> bool:
        """Whether it goes up or down."""
        return self.start[0] == self.end[0]

    @property
    def angle(self) -> int:
        """The direction of the head, in degrees clockwise from the right."""
        if self.upright:
            return 90 if self.end[1] > self.start[1] else 270
        return 0 if self.end[0] > self.start[0] else 180

    @property
    def label(self) -> tuple[float, float]:
        """Where the label is: above the middle of a level arrow, to the right of an upright one."""
        x, y = ((one + other) / 2 for one, other in zip(self.start, self.end, strict=True))
        return (x + 8, y + 4) if self.upright else (x, y - 5)


@dataclass(frozen=True)
class Diagram:
    """A diagram: the name of the class it is about (empty: the overview), its size, and what is on it."""

    name: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


class Use(NamedTuple):
    """A property as used on a class, and the prefixed names of what it takes."""

    owner: str
    name: str
    takes: tuple[str, ...]


def overview(graph: Graph, names: Mapping[str, str]) -> Diagram:
    """Return the diagram of the main classes and the object properties between them.

    ``graph`` is the ontology; ``names`` gives the labels of classes by IRI.
    """
    links = [(use.owner, use.name, taken) for use in _uses(graph, {}) for taken in use.takes]
    links = [link for link in links if link[1] != "dcterms:source" or link[0] == "cfit:Claim"] + [*_OVERALL]
    drawn = sorted({link for link in links if {link[0], link[2]} <= _PLACES.keys()})
    loops = {name: tuple(link for owner, link, taken in drawn if owner == taken == name) for name in _PLACES}
    boxes = tuple(_box(name, place, names, loops[name]) for name, place in _PLACES.items())
    arrows = tuple(_arrows([link for link in drawn if link[0] != link[2]]))
    return Diagram("", 1040, 770, boxes, arrows)


def of_class(graph: Graph, names: Mapping[str, str], datatypes: Mapping[str, tuple[str, ...]], name: str) -> Diagram:
    """Return the diagram of one class: what points to it, and what its properties take.

    ``datatypes`` gives the datatypes in use by the IRI of the property.
    """
    kinds = {shorten(str(kind)) for kind in graph.transitive_objects(_iri(name), RDFS.subClassOf)} | {name}
    uses = sorted(set(_uses(graph, datatypes)))
    own = {name, *(kind for kind in kinds if kind.startswith("cfit:"))}
    incoming = [(use.name, use.owner) for use in uses if own & set(use.takes) and use.owner not in kinds]
    return _around(name, names, incoming, [(use.name, ", ".join(use.takes)) for use in uses if use.owner in kinds])


def _uses(graph: Graph, datatypes: Mapping[str, tuple[str, ...]]) -> Iterator[Use]:
    """Return every use of a property on a class that the ontology and the table of reused properties tell of."""
    for link, owner in graph.subject_objects(SDO.domainIncludes):
        ranges = tuple(sorted(shorten(str(taken)) for taken in graph.objects(link, SDO.rangeIncludes)))
        plain = ("rdfs:Resource",) if (link, RDF.type, OWL.ObjectProperty) in graph else _literals(link, datatypes)
        yield Use(shorten(str(owner)), shorten(str(link)), ranges or plain)
    for owner_name, name, taken_name in REUSED:
        yield Use(owner_name, name, (taken_name,) if taken_name else _literals(_iri(name), datatypes))


def _literals(link: Node, datatypes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    used = datatypes.get(str(link), ())
    return used if 0 < len(used) <= 3 else ("rdfs:Literal",)


def _around(name: str, names: Mapping[str, str], left: list[tuple[str, str]], right: list[tuple[str, str]]) -> Diagram:
    """Place a class in the middle, what points to it at its left and what it points to at its right."""
    sides = [(_widest(text for _, text in rows), _widest(link for link, _ in rows)) for rows in (left, right)]
    (left_box, left_gap), (right_box, right_gap) = sides
    height = max(len(left), len(right), 2) * _ROW + 20
    middle = Place(4 + left_box + left_gap, 4, _widest([name, names.get(str(_iri(name)), "")]), height, (4, 56))
    far = middle.x + middle.width
    boxes, arrows = [_box(name, middle, names)], []
    for place, (link, text) in _rows(4, left_box, left):
        boxes.append(_box(text, place, {}))
        y = place.y + place.height / 2
        arrows.append(Arrow(text, link, name, (place.x + place.width, y), (middle.x, y)))
    for place, (link, text) in _rows(far + right_gap, right_box, right):
        boxes.append(_box(text, place, {}))
        arrows.append(Arrow(name, link, text, (far, place.y + place.height / 2), (place.x, place.y + place.height / 2)))
    return Diagram(name, far + right_gap + right_box + 4, height + 8, tuple(boxes), tuple(arrows))


def _rows(x: float, width: float, rows: list[tuple[str, str]]) -> Iterator[tuple[Place, tuple[str, str]]]:
    for number, row in enumerate(rows):
        yield Place(x, 18 + number * _ROW, width, _ROW - 8), row


def _widest(texts: Iterable[str]) -> float:
    letters = max(map(len, texts), default=0)
    return round(letters * _LETTER + 2 * _MARGIN) if letters else 0


def _box(name: str, place: Place, names: Mapping[str, str], loops: tuple[str, ...] = ()) -> Box:
    label = names.get(str(_iri(name)), "")
    top, bottom = _port(place)
    return Box(name, label, place, _kind(name), (top + bottom) / 2 + (-4 if label else 4), loops)


def _kind(name: str) -> str:
    if name == RECORDS:
        return "frame"
    return "own" if name.startswith("cfit:") else "reused"


def _arrows(links: list[tuple[str, str, str]]) -> Iterator[Arrow]:
    """Return the arrows of the overview; those that join the same two boxes side by side."""
    for source, name, target in links:
        beside = [link for link in links if {link[0], link[2]} == {source, target}]
        shift = (beside.index((source, name, target)) - (len(beside) - 1) / 2) * _LANE
        yield _arrow(source, name, target, shift)


def _arrow(source: str, name: str, target: str, shift: float) -> Arrow:
    """Return a level arrow between boxes that stand beside each other, else an upright one."""
    one, other = _PLACES[source], _PLACES[target]
    (top, bottom), lane = _shared(_port(one), _port(other)), _LANES.get(frozenset({source, target}))
    if RECORDS not in {source, target} and top < bottom:
        y = (lane or (top + bottom) / 2) + shift
        left = one.x < other.x
        start, end = (one.x + one.width, other.x) if left else (one.x, other.x + other.width)
        return Arrow(source, name, target, (start, y), (end, y))
    near, far = _shared((one.x, one.x + one.width), (other.x, other.x + other.width))
    x, down = (near + far) / 2 + shift, one.y + one.height <= other.y + other.height and one.y < other.y
    return Arrow(source, name, target, (x, one.y + one.height if down else one.y), (x, _facing(other, down=down)))


def _facing(place: Place, *, down: bool) -> float:
    return place.y if down else place.y + place.height


def _port(place: Place) -> tuple[float, float]:
    return place.port if any(place.port) else (place.y, place.y + place.height)


def _shared(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return max(one[0], other[0]), min(one[1], other[1])


def _iri(name: str) -> URIRef:
    prefix, _, local = name.partition(":")
    return URIRef(PREFIXES.get(prefix, NS) + local)
