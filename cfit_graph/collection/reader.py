"""Collections read from a store: which things are asked for, in which order, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from rdflib import Literal

from cfit_graph import queries
from cfit_graph.collection import COLLECTIONS, DAY, Collection, values
from cfit_graph.errors import UnknownEntity
from cfit_graph.namespaces import CONTEXT, VOCABULARIES
from cfit_graph.statements import of_result
from cfit_graph.store.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cfit_graph.changes.retired import Retired
    from cfit_graph.collection import Filter
    from cfit_graph.collection.asking import Asked
    from cfit_graph.collection.jsonld import Context, Said
    from cfit_graph.collection.values import Values
    from cfit_graph.search import Index, Match
    from cfit_graph.store import Store
    from cfit_graph.store.rows import Term

_LISTS: Final = 16
"""Lists of IRIs that are kept: some megabytes each where there are tens of thousands."""
_AT_ONCE: Final = 100
"""Things described by one query: a query may not be too long."""
_TYPE: Final = VOCABULARIES["rdf"] + "type"
_RETIREMENT: Final = (VOCABULARIES["dcterms"] + "isReplacedBy", VOCABULARIES["owl"] + "deprecated")
_NONE: Final[Mapping[str, Retired]] = MappingProxyType({})


@dataclass(frozen=True)
class Page:
    """A part of a result: IRIs in order, and the position of the next part; ``None`` after the last."""

    iris: Sequence[str]
    next: int | None


class Reader:
    """Reads collections, asking queries of ours; what was found is kept if the store never changes."""

    def __init__(
        self,
        store: Store,
        context: Context,
        index: Callable[[], Index],
        base: str,
        *,
        is_fixed: bool,
        changed: Callable[[int], frozenset[str]] = lambda _: frozenset(),
        retired: Mapping[str, Retired] = _NONE,
    ) -> None:
        """Read from ``store``; ``index`` gives the index of its names, which is made when it is first needed.

        ``base`` is what the IRIs of things begin with; ``changed`` gives what changed after a place in the log;
        ``retired`` has what is retired, by IRI.
        """
        self._changed, self._retired = changed, retired
        self.context = context
        self._store, self._index, self._base = store, index, base
        kept = _LISTS if is_fixed else 0
        self._kept_list, self._kept_values = lru_cache(kept)(self._list), lru_cache(kept)(self._values)
        self._kept_literal_types = lru_cache(kept)(self._literal_types)

    def values(self, given: Filter) -> Values:
        """Return the values that a filter takes."""
        return self._kept_values(given)

    def literal_types(self, collection: Collection) -> Mapping[str, frozenset[str]]:
        """Return the languages of texts that each property has in a collection, empty if none, and other datatypes."""
        return self._kept_literal_types(collection)

    def iris(self, asked: Asked) -> Sequence[str]:
        """Return the IRIs of all that is asked for: by name the best match first, else in the order of IRIs."""
        found = self._kept_list(asked.collection.name, asked.values, asked.day)
        if asked.since is not None:
            changed = self._changed(asked.since)
            found = tuple(iri for iri in found if iri in changed)
        if not asked.words:
            return found
        among = frozenset(found)
        return [match.thing for match in self._index().search(asked.words) if match.thing in among]

    def page(self, asked: Asked, most: int | None) -> Page:
        """Return the part of a result that is asked for: from its position on, ``most`` items or all."""
        found = self.iris(asked)
        end = len(found) if most is None else asked.position + most
        return Page(found[asked.position : end], end if end < len(found) else None)

    def find(self, collection: Collection, slug: str) -> str:
        """Return the IRI of an item.

        Raises:
            UnknownEntity: if there is none; says which are there, the nearest first.
        """
        kind, found = collection.kind, self._kept_list(collection.name, (), "")
        iri = next((iri for iri in values.of_slug(slug, kind, self._base) if iri in found), "")
        if not iri:
            there = values.nearest(slug, values.items(kind, found, self._base).shown())
            raise UnknownEntity(f"There is no {kind} {slug[:100]!r}. Nearest: {', '.join(there) or 'none'}.")
        return iri

    def search(self, asked: Asked, most: int) -> tuple[list[Match], int | None]:
        """Return what has a name with the words asked for, best first, and the position of the next part."""
        found = self._index().search(asked.words)
        end = asked.position + most
        return found[asked.position : end], end if end < len(found) else None

    def said(self, iris: Sequence[str]) -> Iterator[tuple[str, Said]]:
        """Return what is said of things, each with its IRI."""
        for start in range(0, len(iris), _AT_ONCE):
            some = iris[start : start + _AT_ONCE]
            described = _by_subject(rows(self._store, queries.load("describe-items", subject=some)))
            yield from ((iri, described.get(iri, {})) for iri in some)

    def entries(self, iris: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        """Return things as entries of a list: JSON-LD objects with their type, these fields, and whether retired."""
        wanted = {_TYPE, *_RETIREMENT, *(self.context.terms[name].property for name in fields)}
        return [
            self.context.node(iri, {prop: said[prop] for prop in said.keys() & wanted}, fields)
            for iri, said in self.said(iris)
        ]

    def item(self, collection: Collection, iri: str) -> dict[str, Any]:
        """Return a thing as a JSON-LD document: all that is said of it, its names in time and its affiliations."""
        described = _by_subject(rows(self._store, queries.load("describe-item", item=iri)))
        said = described.pop(iri, {})
        nested = self._names_in_time(said, described)
        fields = COLLECTIONS["affiliations"].fields
        if described:
            nested["affiliations"] = [self.context.node(found, described[found], fields) for found in sorted(described)]
        return {"@context": CONTEXT} | self.context.node(iri, said, collection.fields, **nested)

    def _names_in_time(self, said: Said, described: dict[str, Said]) -> dict[str, Any]:
        """Return the members whose values are described as well, taking these out of ``described``."""
        nested = {}
        for prop, found in said.items():
            linked = sorted(value for value in found if isinstance(value, str) and value in described)
            if linked:
                nested[self.context.name(prop)] = [self.context.node(iri, described.pop(iri)) for iri in linked]
        return nested

    def _list(self, name: str, chosen: tuple[tuple[str, tuple[str, ...]], ...], day: str) -> tuple[str, ...]:
        terms: dict[str, queries.Terms] = dict(chosen)
        if day:
            terms[DAY] = Literal(day)
        found = rows(self._store, queries.load(f"collections/{name}", **terms))
        return tuple(sorted(row["item"]["value"] for row in found if row["item"]["type"] == "uri"))

    def _values(self, given: Filter) -> Values:
        if given.collection:
            found = values.items(given.kind, self._kept_list(given.collection, (), ""), self._base)
        else:
            found = values.concepts(self._store, given, self._base)
        return replace(found, retired=self._retired)

    def _literal_types(self, collection: Collection) -> Mapping[str, frozenset[str]]:
        terms = (self.context.terms[name] for name in collection.fields)
        properties = [term.property for term in terms if not term.coercion]
        sparql = queries.load("list-literal-types", property=properties, **{"class": collection.classes})
        found: dict[str, set[str]] = {}
        for row in rows(self._store, sparql):
            found.setdefault(row["property"]["value"], set()).add(row["type"]["value"])
        return {prop: frozenset(types) for prop, types in found.items()}


def _by_subject(found: list[dict[str, Term]]) -> dict[str, Said]:
    """Return what is said of each thing; a statement that is in several graphs counts once."""
    described: dict[str, Said] = {}
    for row in found:
        said = described.setdefault(row["subject"]["value"], {}).setdefault(row["property"]["value"], [])
        value = of_result(row["value"])
        if value not in said:
            said.append(value)
    return described
