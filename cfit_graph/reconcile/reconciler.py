"""The service itself: candidates for queries, values of properties, and suggestions."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cfit_graph.collection.asking import Asked
from cfit_graph.reconcile import TYPES, called
from cfit_graph.reconcile.catalogue import Catalogue
from cfit_graph.reconcile.names import ALIKE, SAME, SAME_BUT_FOR_FORM, Near, rank
from cfit_graph.reconcile.things import Property, Things, about, properties
from cfit_graph.search import fold, words
from cfit_graph.statements import Words
from cfit_graph.texts import API, RECONCILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cfit_graph.collection import Collection
    from cfit_graph.collection.reader import Reader
    from cfit_graph.reconcile import Query
    from cfit_graph.reconcile.asking import Extension
    from cfit_graph.reconcile.things import Meaning
    from cfit_graph.search import Index
    from cfit_graph.statements import Node
    from cfit_graph.store import Store

MARGIN: Final = 5
"""How far the next candidate must be behind a match."""
MISSED: Final = 20
"""What each property costs that a candidate does not have."""
SUGGESTED: Final = 10
"""Suggestions that are given at once."""
_COMPARED: Final = 25  # candidates by name whose properties are looked at

Answer = dict[str, Any]


class Candidate(NamedTuple):
    """A thing that is called like the one asked for, and which of the properties it has that are asked for."""

    near: Near
    has: dict[str, bool]

    @property
    def score(self) -> float:
        """The score: for the name, less for each property that is missed."""
        return max(0.0, self.near.score - MISSED * sum(not it for it in self.has.values()))


class Reconciler:
    """Answers what is asked of one graph, in the words of the Reconciliation API 0.2."""

    def __init__(
        self,
        store: Store,
        reader: Reader,
        index: Callable[[], Index],
        names: Mapping[str, str],
        base: str,
        *,
        is_fixed: bool,
    ) -> None:
        """Answer from a store by the names in an index; ``names`` are those of terms and concepts, by IRI.

        ``base`` is what the IRIs of things begin with. The index is made when it is first needed, and kept if the store
        never changes.
        """
        self._store, self._reader, self._index, self._names, self._base = store, reader, index, names, base
        self._kept = lru_cache(int(is_fixed))(self._catalogue)

    @cached_property
    def properties(self) -> dict[str, Property]:
        """All properties, by id."""
        return properties(self._reader.context, self._names)

    def candidates(self, queries: Mapping[str, Query]) -> Answer:
        """Return the candidates of each query of a batch, by its key, the best first."""
        catalogue = self._kept()
        known = self._things(catalogue)
        found = {key: self._found(query, catalogue, known) for key, query in queries.items()}
        props = {self.properties[each.pid] for query in queries.values() for each in query.properties}
        _read(known, [each.thing for some in found.values() for each in some], props)
        return {key: {"result": self._result(queries[key], some, catalogue, known)} for key, some in found.items()}

    def extension(self, asked: Extension) -> Answer:
        """Return the values of properties of things; of what is not here there are none."""
        catalogue, props = self._kept(), [self.properties[pid] for pid in asked.pids]
        known, iris = self._things(catalogue), {name: catalogue.iri(name) for name in asked.ids}
        _read(known, filter(None, iris.values()), props)
        found = {name: {it.pid: known.values(iri, it) if iri else () for it in props} for name, iri in iris.items()}
        known.read_named(node for row in found.values() for nodes in row.values() for node in nodes)
        rows = {
            name: {pid: _cells(nodes, catalogue, known) for pid, nodes in row.items()} for name, row in found.items()
        }
        return {"meta": [{"id": it.pid, "name": it.name} for it in props], "rows": rows}

    def suggested_things(self, prefix: str, skip: int, types: Sequence[Collection]) -> Answer:
        """Return things of some types that have a name with words that begin so, or an identifier."""
        catalogue = self._kept()
        known, iris = self._things(catalogue), catalogue.beginning(prefix, types)[skip : skip + SUGGESTED]
        known.read(iris)
        return {"result": [_thing(iri, catalogue, known) | {"notable": [_type(catalogue.types[iri])]} for iri in iris]}

    def suggested_types(self, prefix: str, skip: int) -> Answer:
        """Return the types whose id or name begins so."""
        found = [_type(of) | {"description": API["collections"][of.name]["about"]} for of in TYPES.values()]
        return {"result": _beginning(found, prefix)[skip:]}

    def suggested_properties(self, prefix: str, skip: int) -> Answer:
        """Return the properties whose id or name begins so."""
        found = [{"id": it.pid, "name": it.name, "description": about(it)} for it in self.properties.values()]
        return {"result": _beginning(found, prefix)[skip:]}

    def proposed_properties(self, of: Collection | None, limit: int | None) -> Answer:
        """Return the properties that things of a type, or of any, have: filters first, ``limit`` of them or all."""
        having = [it for it in self.properties.values() if of is None or of.kind in it.kinds]
        told = ({"type": of.kind} if of else {}) | ({"limit": limit} if limit else {})
        return told | {"properties": [{"id": it.pid, "name": it.name} for it in having[:limit]]}

    def _catalogue(self) -> Catalogue:
        return Catalogue(self._index(), self._reader, self._base)

    def _things(self, catalogue: Catalogue) -> Things:
        return Things(self._store, self._reader, catalogue, self._names, self._base)

    def _found(self, query: Query, catalogue: Catalogue, known: Things) -> list[Near]:
        """Return what may be meant, before its properties are looked at; enough to tell whether one is alone."""
        if query.name:
            return catalogue.near(query.name, query.types, max(query.limit, _COMPARED if query.properties else 2))
        identified = catalogue.identified((text for each in query.properties for text in each.values), query.types)
        listed = [iri for of in query.types for iri in self._listed(of, query, known)]
        scores = dict.fromkeys(listed, ALIKE) | dict.fromkeys(identified, SAME)
        return sorted((Near(iri, "", score) for iri, score in scores.items()), key=rank)[: max(query.limit, _COMPARED)]

    def _listed(self, of: Collection, query: Query, known: Things) -> Sequence[str]:
        """Return the items of a collection that pass the filters that are asked for as properties."""
        wanted = [(each.pid, self.properties[each.pid], each.values) for each in query.properties]
        meant = [(pid, known.meaning(prop, texts).things) for pid, prop, texts in wanted if pid in of.filters]
        passing = tuple((pid, tuple(sorted(iris))) for pid, iris in meant)
        return self._reader.iris(Asked(of, values=passing)) if meant and all(iris for _, iris in meant) else ()

    def _result(self, query: Query, found: Iterable[Near], catalogue: Catalogue, known: Things) -> list[Answer]:
        """Return the candidates of one query as they are told, the best first."""
        wanted = [(self.properties[each.pid], each.values) for each in query.properties]
        meant = [(prop, known.meaning(prop, texts)) for prop, texts in wanted]
        ranked = sorted((_judged(each, meant, known) for each in found), key=_rank)
        told = [_candidate(each, catalogue, known) | {"match": False} for each in ranked[: query.limit]]
        if _is_clear([each.score for each in ranked]) and not known.is_listed_as_place(*ranked[0].near[:2]):
            told[0]["match"] = True
        return told


def _read(known: Things, iris: Iterable[str], props: Iterable[Property]) -> None:
    """Read of things what their properties need."""
    wanted = list(iris)
    known.read(wanted)
    if any(prop.filter for prop in props):
        known.read_ties(wanted)


def _judged(found: Near, meant: Iterable[tuple[Property, Meaning]], known: Things) -> Candidate:
    has: dict[str, bool] = {}
    for prop, meaning in meant:
        has[prop.pid] = has.get(prop.pid, True) and any(map(meaning.is_one, known.values(found.thing, prop)))
    return Candidate(found, has)


def _rank(each: Candidate) -> tuple[float, tuple[float, int, str]]:
    return -each.score, rank(each.near)


def _is_clear(scores: list[float]) -> bool:
    """Tell whether the first of falling scores is that of a match."""
    return bool(scores) and scores[0] >= SAME_BUT_FOR_FORM and all(it <= scores[0] - MARGIN for it in scores[1:])


def _candidate(each: Candidate, catalogue: Catalogue, known: Things) -> Answer:
    iri, name, likeness = each.near
    told = _thing(iri, catalogue, known)
    if name and words(name) != words(told["name"]):
        found_by = RECONCILE["found by"].format(name)
        told["description"] = " · ".join(filter(None, [found_by, told["description"]]))
    features = {"name": likeness} | each.has
    return told | {
        "type": [_type(catalogue.types[iri])],
        "score": each.score,
        "features": [{"id": name, "value": value} for name, value in features.items()],
    }


def _thing(iri: str, catalogue: Catalogue, known: Things) -> Answer:
    return {"id": catalogue.id(iri), "name": known.name(iri), "description": known.description(iri)}


def _type(of: Collection) -> Answer:
    return {"id": of.kind, "name": called(of)}


def _cells(nodes: Iterable[Node], catalogue: Catalogue, known: Things) -> list[Answer]:
    """Return values as they are told, each once: things with their names, all else as text."""
    cells = [
        {"id": catalogue.id(node), "name": known.name(node)} if known.is_thing(node) else {"str": _text(node)}
        for node in nodes
    ]
    return list({tuple(cell.values()): cell for cell in cells}.values())


def _text(node: Node) -> str:
    return node.text if isinstance(node, Words) else node


def _beginning(found: list[Answer], prefix: str) -> list[Answer]:
    """Return those whose id or name, or a word of it, begins with a text."""
    asked = fold(prefix.strip())
    return [
        it for it in found if any(fold(each).startswith(asked) for each in (it["id"], it["name"], *words(it["name"])))
    ]
