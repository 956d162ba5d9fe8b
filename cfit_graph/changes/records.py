"""What one graph says of one thing, read from canonical lines, and what things are called in it."""

from __future__ import annotations

from functools import cached_property
from itertools import groupby, product
from typing import TYPE_CHECKING, Final

from cfit_graph import nquads
from cfit_graph.derivation import is_derived
from cfit_graph.labels import NAMING, PATTERNS
from cfit_graph.namespaces import ID, NS, VOCABULARIES, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ACTIVE: Final = f"{ID}status/active"
STATUS: Final = NS + "status"
MEMBER, GROUP = (VOCABULARIES["org"] + local for local in ("member", "organization"))
TYPE: Final = VOCABULARIES["rdf"] + "type"
REPLACED: Final = VOCABULARIES["dcterms"] + "isReplacedBy"
DEPRECATED: Final = VOCABULARIES["owl"] + "deprecated"
_TIES: Final = [f"<{tie}>" for tie in (MEMBER, GROUP, STATUS)]
_NAMING: Final = [f"<{naming}>" for naming in NAMING]

Statement = tuple[str, str]
"""What is said of a thing: the IRI of a property, and a value as N-Quads has it."""


class Record:
    """What a graph says of one thing; nothing, if there are no lines."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self.lines = tuple(lines)

    @cached_property
    def _quads(self) -> tuple[nquads.Quad, ...]:
        return tuple(nquads.parse(self.lines))

    @cached_property
    def _values(self) -> dict[str, list[nquads.Term]]:
        """The values of each property, by its IRI, in the order of the lines."""
        values: dict[str, list[nquads.Term]] = {}
        for quad in self._quads:
            values.setdefault(quad.predicate.value, []).append(quad.object)
        return values

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of a property, given by its IRI, as plain text, in the order of the lines."""
        return tuple(map(nquads.text, self._values.get(name, ())))

    def first(self, name: str) -> str:
        """Return the first value of a property as plain text, or nothing."""
        return nquads.text(self._values[name][0]) if name in self._values else ""

    def texts(self, name: str) -> dict[str, str]:
        """Return the text that a property has by language, for the languages in which it has one only."""
        texts: dict[str, set[str]] = {}
        for value in self._values.get(name, ()):
            texts.setdefault(nquads.language(value), set()).add(nquads.text(value))
        return {language: found.pop() for language, found in texts.items() if len(found) == 1}

    def types(self) -> tuple[str, ...]:
        """Return the IRIs of its types, in order."""
        return tuple(sorted(set(self.values(TYPE))))

    @property
    def replacements(self) -> tuple[str, ...]:
        """The IRIs of what replaces it: a text does not, nor does the thing itself."""
        subjects = {str(quad.subject) for quad in self._quads}
        values = {str(value) for value in self._values.get(REPLACED, ())} - subjects
        return tuple(sorted(value.strip("<>") for value in values if value.startswith("<")))

    @property
    def is_retired(self) -> bool:
        """Whether it is called deprecated, or replaced by something else."""
        return bool(self.replacements) or not {"true", "1"}.isdisjoint(self.values(DEPRECATED))

    @property
    def says_what(self) -> bool:
        """Whether it says what the thing is, or what it is called."""
        return not self._values.keys().isdisjoint({TYPE, *map(str, NAMING)})

    def statements(self, *, derived: bool) -> set[Statement]:
        """Return what is said of it in the graph of derived statements, or else in all others."""
        return {
            (quad.predicate.value, str(quad.object))
            for quad in self._quads
            if is_derived(str(quad.graph_name).strip("<>")) is derived
        }


def names(lines: Iterable[str]) -> dict[str, str]:
    """Return what the things of a graph are called, by IRI, in the order of :func:`cfit_graph.labels.label`."""
    best: dict[str, tuple[int, bool, str, str]] = {}
    for quad in nquads.parse(filter(_is_naming, lines)):
        iri, language = nquads.text(quad.subject), nquads.language(quad.object)
        rank = _NAMING.index(str(quad.predicate)), language != "en", language, nquads.text(quad.object)
        best[iri] = min(best.get(iri, rank), rank)
    return {iri: text for iri, (*_, text) in best.items()}


def _is_naming(line: str) -> bool:
    _, name, value = line.split(" ", 2)
    return name in _NAMING and value.startswith('"')


def members(lines: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return who is in which pact or group, in whatever role: pairs of IRIs, of the affiliations that are active."""
    found: set[tuple[str, str]] = set()
    for _, ties in groupby(filter(_is_tie, lines), key=lambda line: line.partition(" ")[0]):
        record = Record(ties)
        if record.first(STATUS) == ACTIVE:
            found.update(product(record.values(MEMBER), record.values(GROUP)))
    return frozenset(found)


def _is_tie(line: str) -> bool:
    return line.split(" ", 2)[1] in _TIES


def name(iri: str, record: Record, known: Mapping[str, str]) -> str:
    """Return what a thing is called: its name among those known, or one made of its parts, or else its short IRI."""
    return known.get(iri) or _composed(record, known) or shorten(iri)


def _composed(record: Record, known: Mapping[str, str]) -> str:
    for kind, (pattern, properties) in PATTERNS.items():
        parts = [record.first(str(part)) for part in properties]
        if all(parts) and str(kind) in record.types():
            return pattern.format(*(known.get(part) or shorten(part) for part in parts))
    return ""
