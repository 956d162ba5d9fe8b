"""What a query names that is nowhere in the graph: the common reason why its answer is empty."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph import queries
from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.store.lexer import tokens
from cfit_graph.store.rows import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cfit_graph.store import Store

MOST: Final = 50
"""How many names of a query are looked up."""
_FEW: Final = 5  # comparing with all names of a large graph takes some tenths of a second
_ALIKE: Final = 0.85  # most IRIs of one namespace are half alike
_DECLARED = re.compile(r"\bPREFIX\s+([\w.-]*:)\s*<([^<>\s]*)>", re.IGNORECASE)
_PREFIXED = re.compile(r"([\w.-]*:)(.+)")
_ESCAPE = re.compile(r"\\(.)")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BEFORE_TEXTS: Final = frozenset("(,=<>&|!{+")  # there it is part of an expression
_CALCULATED = VOCABULARIES["xsd"]


class Absent(NamedTuple):
    """A name as the query has it, and the IRI in the graph that is most like what it stands for; empty if none is."""

    written: str
    nearest: str


def absent(store: Store, sparql: str, known: Iterable[str]) -> list[Absent]:
    """Return the names in a query that are nowhere in the graph, with the nearest of those ``known`` to be there.

    Raises:
        CfitError: as :class:`cfit_graph.store.Store` does.
    """
    named = dict(list(_named(sparql))[:MOST])
    if not named:
        return []
    missing = [row["iri"] for row in values(store, queries.load("absent", iri=named))]
    near = _nearest(missing[:_FEW], known)
    return [Absent(named[iri], near.get(iri, "")) for iri in missing]


def _nearest(missing: list[str], known: Iterable[str]) -> dict[str, str]:
    """Return for each IRI the one most like it, of the vocabularies or of things of its own kind, if one is."""
    kinds = {_kind(iri) for iri in missing}
    candidates = [iri for iri in known if "/id/" not in iri or _kind(iri) in kinds] if missing else []
    near = {iri: get_close_matches(iri, candidates, 1, _ALIKE) for iri in missing}
    return {iri: found[0] for iri, found in near.items() if found}


def _kind(iri: str) -> str:
    return iri.rpartition("/")[0]


def has_plain_text(sparql: str) -> bool:
    """Tell whether a query looks for a text without a language, which is not the same as that text with one."""
    words = [*_words(sparql), ""]
    return any(
        word[0] in "\"'" and before not in _BEFORE_TEXTS and after[:1] not in {"@", "^"}
        for before, word, after in zip(["{", *words], words, words[1:], strict=False)
    )


def _named(sparql: str) -> Iterator[tuple[str, str]]:
    """Yield the IRIs that a query names outside its prologue, and how each is written there; datatypes are none."""
    prefixes = dict(_DECLARED.findall(sparql))
    before = ""
    for word in _words(sparql):
        iri = _iri(word, prefixes)
        is_declared = before in prefixes or before.upper() in {"BASE", "^^"}
        if not is_declared and _ABSOLUTE.match(iri) and not iri.startswith(_CALCULATED):
            yield iri, word
        before = word


def _iri(word: str, prefixes: dict[str, str]) -> str:
    """Return the IRI that a word of a query stands for; empty if it is none."""
    if word[0] == "<" and word[-1] == ">":
        return word[1:-1]
    found = _PREFIXED.fullmatch(word)
    return prefixes[found[1]] + _ESCAPE.sub(r"\1", found[2]) if found and found[1] in prefixes else ""


def _words(sparql: str) -> Iterator[str]:
    return (sparql[start:end] for start, end in tokens(sparql))
