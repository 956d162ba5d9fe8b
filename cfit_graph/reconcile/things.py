"""What is said of things, read for one request: names, descriptions, and the values of properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeGuard

from cfit_graph import labels, queries
from cfit_graph.collection import FILTERS
from cfit_graph.namespaces import ID, VOCABULARIES, things
from cfit_graph.reconcile import TYPES, called
from cfit_graph.search import keys, words
from cfit_graph.statements import Words
from cfit_graph.store.rows import values
from cfit_graph.texts import API, RECONCILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cfit_graph.collection import Filter
    from cfit_graph.collection.jsonld import Context, Said
    from cfit_graph.collection.reader import Reader
    from cfit_graph.reconcile.catalogue import Catalogue
    from cfit_graph.statements import Node
    from cfit_graph.store import Store

_AT_ONCE: Final = 100
_SHOWN: Final = "label"  # the one name to show, which is told anyway
_ABOUT: Final = (VOCABULARIES["skos"] + "definition", VOCABULARIES["dcterms"] + "description")
_KINDS: Final = ("type", "country")
_REPLACED: Final = VOCABULARIES["dcterms"] + "isReplacedBy"


@dataclass(frozen=True)
class Property:
    """What can be asked for, and asked of things: its id, its name, its IRI, the filter that it is, and what has it.

    The IRI is empty where only other records tell.
    """

    pid: str
    name: str
    iri: str
    kinds: tuple[str, ...]
    filter: Filter | None = None


def properties(context: Context, names: Mapping[str, str]) -> dict[str, Property]:
    """Return all properties by id: the filters of collections, and the fields that are none of these."""
    kinds = {name: tuple(kind for kind, of in TYPES.items() if name in of.filters) for name in FILTERS}
    found = {
        name: Property(name, it.kind.replace("-", " "), it.property, kinds[name], it) for name, it in FILTERS.items()
    }
    filtered = {it.property for it in FILTERS.values()}
    for name in dict.fromkeys(name for of in TYPES.values() for name in of.fields):
        iri = context.terms[name].property
        if iri not in filtered and name != _SHOWN:
            having = tuple(kind for kind, of in TYPES.items() if name in of.fields)
            found[name] = Property(name, names.get(iri, name), iri, having)
    return found


class Meaning(NamedTuple):
    """What a value that is asked for stands for: things, words, and outside identifiers."""

    things: frozenset[str]
    words: frozenset[tuple[str, ...]]
    keys: frozenset[str]

    def is_one(self, node: Node) -> bool:
        """Tell whether a value is meant."""
        text = node.text if isinstance(node, Words) else node
        return node in self.things or words(text) in self.words or not self.keys.isdisjoint(keys(text))


class Things:
    """What is said of some things, and what they are tied to; more is read as it is needed."""

    def __init__(self, store: Store, reader: Reader, catalogue: Catalogue, names: Mapping[str, str], base: str) -> None:
        """Read from a store; ``names`` are those of terms and concepts, by IRI."""
        self._store, self._reader, self._catalogue, self._names = store, reader, catalogue, names
        self._starts = (things(base), ID)  # concepts are ours, whatever the base
        self._said: dict[str, Said] = {}
        self._tied: dict[tuple[str, str], list[str]] = {}

    def read(self, iris: Iterable[str]) -> None:
        """Read what is said of things."""
        self._said |= self._reader.said([iri for iri in dict.fromkeys(iris) if iri not in self._said])

    def read_ties(self, iris: Iterable[str]) -> None:
        """Read what things are tied to through other records."""
        wanted = sorted(set(iris))
        for start in range(0, len(wanted), _AT_ONCE):
            for row in values(self._store, queries.load("ties-of-items", item=wanted[start : start + _AT_ONCE])):
                self._tied.setdefault((row["item"], row["filter"]), []).append(row["value"])

    def values(self, iri: str, prop: Property) -> Sequence[Node]:
        """Return the values of a property, in order; what ties tell must have been read."""
        found = {*self._said[iri].get(prop.iri, ()), *self._tied.get((iri, prop.pid), ())}
        return sorted(found, key=_english_first)

    def meaning(self, prop: Property, texts: Iterable[str]) -> Meaning:
        """Return what values stand for that a property is asked to have; of a filter narrower ones with each."""
        kind, written = prop.filter.kind if prop.filter else "", list(texts)
        meant = {iri for text in written for iri in self._catalogue.meant(text, kind)}
        if prop.filter:
            narrower = self._reader.values(prop.filter).narrower
            meant = {below for iri in meant for below in narrower.get(iri, ())}
        said = frozenset(filter(None, map(words, written)))
        return Meaning(frozenset(meant), said, frozenset(keys(text)[0] for text in written if text.strip()))

    def is_listed_as_place(self, iri: str, name: str) -> bool:
        """Tell whether a place has a name that a thing has only where others list it: an agency, as its country."""
        places = self._reader.values(FILTERS["country"]).narrower
        own = (words(node.text) for nodes in self._said[iri].values() for node in nodes if isinstance(node, Words))
        return not self._catalogue.called(name).isdisjoint(places) and words(name) not in own

    def name(self, iri: str) -> str:
        """Return what a thing is called."""
        return self._names.get(iri) or labels.name(_Told(self._said), iri, self._names).text

    def is_thing(self, node: Node) -> TypeGuard[str]:
        """Tell whether a value is a thing that has an id here."""
        return isinstance(node, str) and node.startswith(self._starts)

    def read_named(self, iris: Iterable[Node]) -> None:
        """Read what is said of things whose names are not known yet."""
        self.read(iri for iri in iris if self.is_thing(iri) and iri not in self._names)

    def description(self, iri: str) -> str:
        """Return what tells a thing from others of its name: what it is, where, and whether it was replaced."""
        said = self._said[iri]
        kinds = [self.name(str(node)) for name in _KINDS for node in said.get(FILTERS[name].property, ())]
        about = [text for prop in _ABOUT for text in _in_english(said.get(prop, ()))]
        gone = [RECONCILE["replaced"].format(self._catalogue.id(str(node))) for node in said.get(_REPLACED, ())]
        return " · ".join(filter(None, [*gone, ", ".join(kinds), *about[:1]]))


class _Told:
    """What is said of things, to name them by."""

    def __init__(self, said: Mapping[str, Said]) -> None:
        self._said = said

    def values(self, node: str, predicate: str, /) -> Sequence[Node]:
        return self._said.get(node, {}).get(predicate, ())


def _in_english(nodes: Iterable[Node]) -> list[str]:
    return [node.text for node in nodes if isinstance(node, Words) and node.language in {"en", ""}]


def _english_first(node: Node) -> tuple[bool, str]:
    return (node.language not in {"en", ""}, node.text) if isinstance(node, Words) else (False, node)


def about(prop: Property) -> str:
    """Return what is told of a property beside its name."""
    if prop.filter:
        return str(API["filters"][prop.pid]["about"])
    return RECONCILE["property of"].format(", ".join(called(TYPES[kind]) for kind in prop.kinds))
