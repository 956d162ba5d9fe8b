"""What is looked in: every name and every identifier, the things that they are of, and what kind of thing those are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cfit_graph import search
from cfit_graph.collection.asking import Asked
from cfit_graph.collection.values import of_slug
from cfit_graph.namespaces import ID, expand, things
from cfit_graph.reconcile import TYPES
from cfit_graph.reconcile.names import SAME, Names, Near, bare

if TYPE_CHECKING:
    from collections.abc import Collection as Some
    from collections.abc import Iterable, Iterator

    from cfit_graph.collection import Collection
    from cfit_graph.collection.reader import Reader
    from cfit_graph.search import Index


class Catalogue:
    """All that a name may mean, of data whose IRIs begin with a base."""

    def __init__(self, index: Index, reader: Reader, base: str) -> None:
        """Take in all names and identifiers of an index, and the items of the collections that are looked in."""
        self._index, self._base = index, base
        self.types: dict[str, Collection] = {iri: of for of in TYPES.values() for iri in reader.iris(Asked(of))}
        """The type of everything that can be found, by IRI."""
        written = [
            (iri, name, tuple(words.split())) for (iri, name, _), words in zip(index.names, index.folded, strict=True)
        ]
        self._names = Names(each for each in written if each[0] in self.types)
        self._named: dict[tuple[str, ...], set[str]] = {}
        for iri, _, words in written:
            self._named.setdefault(bare(words), set()).add(iri)
        self._known = frozenset(index.things) | self.types.keys()

    def near(self, name: str, types: Some[Collection], most: int) -> list[Near]:
        """Return the things of some types that a name means: what it identifies, then what is called so or alike."""
        identified = [iri for iri in self._identified(name, [of.kind for of in types]) if self.types.get(iri) in types]
        found = [Near(iri, name, SAME) for iri in dict.fromkeys(identified)]
        called = self._names.near(name, most, lambda iri: iri not in identified and self.types[iri] in types)
        return [*found, *called][:most]

    def identified(self, texts: Iterable[str], types: Some[Collection]) -> list[str]:
        """Return the things of some types that have an outside identifier which is one of these texts."""
        found = (match.thing for text in texts for match in self._index.identified(text))
        return [iri for iri in dict.fromkeys(found) if self.types.get(iri) in types]

    def beginning(self, text: str, types: Some[Collection]) -> list[str]:
        """Return the things of some types that a text identifies, and those with a name whose words begin so."""
        found = (*self._identified(text, [of.kind for of in types]), *(it.thing for it in self._index.search(text)))
        return [iri for iri in dict.fromkeys(found) if self.types.get(iri) in types]

    def meant(self, text: str, kind: str) -> set[str]:
        """Return all that a text means, as a value: by an id, a slug of this kind, an outside identifier, or a name."""
        return self.called(text) | set(self._identified(text, [kind]))

    def called(self, text: str) -> set[str]:
        """Return all that has a name, but for legal form and article."""
        words = search.words(text)
        return self._named.get(bare(words), set()) if words else set()

    def iri(self, text: str) -> str:
        """Return the IRI of the thing that has an id; empty if there is none."""
        return next(self._with_id(text, ()), "")

    def id(self, iri: str) -> str:
        """Return the id of a thing: its IRI without what all begin with, if it begins with that."""
        return iri.removeprefix(things(self._base))

    def _identified(self, text: str, kinds: Iterable[str]) -> Iterator[str]:
        yield from self._with_id(text.strip(), kinds)
        yield from (match.thing for match in self._index.identified(text))

    def _with_id(self, text: str, kinds: Iterable[str]) -> Iterator[str]:
        """Yield the things with an id: an IRI, a prefixed name, an id of ours, or the slug of a thing of some kinds."""
        if ":" in text:
            spelled = [expand(text)]
        elif "/" in text:
            spelled = [things(self._base) + text, ID + text]
        else:
            spelled = [iri for kind in kinds for iri in of_slug(text.casefold(), kind, self._base)]
        yield from (iri for iri in spelled if iri in self._known)
