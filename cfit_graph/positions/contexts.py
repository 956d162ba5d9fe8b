"""Contexts of JSON-LD, as far as they are followed here: what keys and values mean at one place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from cfit_graph.positions import Lost

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYWORD: Final = re.compile(r"@[A-Za-z]+")
UNSEEN: Final = r"\s\u200b\u200e\u200f\u2060\ufeff"
ABSOLUTE: Final = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:[^{UNSEEN}<>\"{{}}|\\^`]*")
TAG: Final = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)"
    r"|en-gb-oed|sgn-(?:be-fr|be-nl|ch-de)",
    re.IGNORECASE | re.ASCII,
)
"""A language tag that is well-formed (BCP 47)."""
_DELIMITERS: Final = tuple(":/?#[]@")
_STANDING: Final = re.compile(
    "about|acct|ark|cid|data|did|dns|doi|example|file|geo|hdl|https?|info|jar|javascript|lex|magnet|mailto|mid|news|nih?"
    "|sips?|sms|swh|tag|tel|urn|vbscript|xmpp",
    re.IGNORECASE,
)
"""Schemes of addresses that have no // behind them, and of two that should have."""
_CONTAINERS: Final = frozenset(["@set", "@list", "@language"])
_FOLLOWED: Final = frozenset(["@id", "@type", "@container", "@reverse", "@language", "@protected", "@prefix"])
_SETTINGS: Final = frozenset(["@version", "@protected", "@vocab", "@base", "@language"])


@dataclass(frozen=True)
class Term:
    """What a context says of a key: the IRI or keyword it stands for, and how its values are read."""

    iri: str | None
    type: str | None = None
    language: str | None = None
    container: frozenset[str] = frozenset()
    reverse: bool = False
    speaks: bool = False
    """Whether it says itself in which language its values are, be it in none."""
    is_prefix: bool = False


@dataclass(frozen=True)
class Context:
    """The meaning of keys and values at one place (JSON-LD 1.1, section 4.1)."""

    terms: Mapping[str, Term] = field(default_factory=dict)
    vocabulary: str | None = None
    base: str | None = None
    language: str | None = None

    def expand(self, name: str, *, term: bool = True) -> str | None:
        """Return the IRI or keyword that a name stands for; ``term``: it may be a term, else it is a reference."""
        if _KEYWORD.fullmatch(name):
            return name
        if term and name in self.terms:
            return self.terms[name].iri
        prefix, colon, local = name.partition(":")
        if colon and prefix != "_" and not local.startswith("//") and prefix in self.terms:
            found = self.terms[prefix]
            if found.iri and found.is_prefix:
                return found.iri + local
        if name.startswith("_:") or ABSOLUTE.fullmatch(name):
            return name
        if term:
            return None if self.vocabulary is None else self.vocabulary + name
        return None if self.base is None else urljoin(self.base, name)

    def with_settings(self, given: dict[str, Any]) -> Context:
        """Return the context with what another sets for all keys."""
        names = {"@vocab": "vocabulary", "@base": "base", "@language": "language"}
        return replace(self, **{names[key]: given[key] for key in names if key in given})

    def with_terms(self, given: dict[str, Any]) -> Context:
        """Return the context with the terms of another, which may lean on each other in any order."""
        waiting, terms = {key: value for key, value in given.items() if key not in _SETTINGS}, dict(self.terms)
        for key in waiting:
            terms.pop(key, None)
        while waiting:
            ready = [key for key, value in waiting.items() if _leans_on(key, value).isdisjoint(waiting)]
            if not ready:
                raise Lost("terms that lean on each other")
            for key in ready:
                terms[key] = _defined(replace(self, terms=terms), key, waiting.pop(key))
        return replace(self, terms=terms)


def undeclared(iri: str) -> bool:
    """Tell whether an IRI looks like a name with a prefix that no context declares, rather than like an address.

    >>> undeclared("organization:x"), undeclared("urn:isbn:1"), undeclared("ftp://example.org/")
    (True, False, False)
    """
    scheme, _, rest = iri.partition(":")
    return not _STANDING.fullmatch(scheme) and not rest.startswith("//")


def _leans_on(key: str, given: Any) -> set[str]:
    """Return the terms that a definition may be made from."""
    parts = [key]
    if isinstance(given, dict):
        parts += [given[name] for name in ("@id", "@type", "@reverse") if isinstance(given.get(name), str)]
    elif isinstance(given, str):
        parts.append(given)
    return {name for part in parts for name in (part, part.partition(":")[0])} - {key}


def _defined(context: Context, key: str, given: Any) -> Term:
    if given is None or isinstance(given, str):
        given = {"@id": given}
    if not isinstance(given, dict) or not given.keys() <= _FOLLOWED:
        raise Lost(f"the definition of {key}")
    name = given.get("@reverse", given.get("@id", key))
    container = given.get("@container") or []
    kinds = frozenset([container] if isinstance(container, str) else container)
    if not kinds <= _CONTAINERS:
        raise Lost(f"the container of {key}")
    iri = None if name is None else context.expand(name)
    return Term(
        iri=iri,
        type=context.expand(given["@type"]) if "@type" in given else None,
        language=given.get("@language"),
        container=kinds,
        reverse="@reverse" in given,
        speaks="@language" in given,
        is_prefix=given.get("@prefix", iri is not None and iri.endswith(_DELIMITERS)),
    )
