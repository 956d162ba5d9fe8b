"""Words shown to people, from one file per language."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Final

from cfit_graph.namespaces import PREFIXES


def _read(language: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((resources.files(__package__) / f"{language}.json").read_text("utf-8"))
    return content


def _expand(name: str) -> str:
    inverse = "^" if name.startswith("^") else ""
    prefix, _, local = name.removeprefix("^").partition(":")
    return inverse + PREFIXES[prefix] + local


ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "nl")
"""The languages that findings are told in, the one for anybody first."""

_ENGLISH: Final = _read(ENGLISH)
_BY_LANGUAGE: Final = {ENGLISH: _ENGLISH} | {language: _read(language) for language in LANGUAGES[1:]}

PROPERTIES: Final[dict[str, str]] = {_expand(name): text for name, text in _ENGLISH["properties"].items()}
"""What pages call the terms of other vocabularies, by IRI; with ``^`` before it, what they call its inverse."""

PROPERTIES_OF: Final[dict[str, dict[str, str]]] = {
    _expand(kind): {_expand(name): text for name, text in names.items()}
    for kind, names in _ENGLISH["properties of"].items()
}
"""What pages call the properties of a class that have another name elsewhere, by IRI of class and of property."""

PROBLEMS: Final[dict[str, str]] = _ENGLISH["problems"] | _ENGLISH["problems of drafts"]
"""Titles of problems, by the last segment of their type IRI."""

TITLES: Final[dict[str, dict[str, str]]] = {
    name: PROBLEMS | of["problems of drafts"] for name, of in _BY_LANGUAGE.items()
}
"""The same by language; what is told in English only keeps its English title."""

ABOUT_PROBLEMS: Final[dict[str, str]] = _ENGLISH["about problems"]
"""What a problem means and what to do, by the last segment of its type IRI."""

SERVICE: Final[dict[str, str]] = _ENGLISH["service"]
"""What the endpoint says of itself."""

QUESTIONS: Final[dict[str, Any]] = _ENGLISH["questions"]
"""What is said of the questions in the library: of all, of their parameters by name, of their answers by form."""

RETIREMENT: Final[dict[str, str]] = _ENGLISH["retirement"]
"""What the page of a retired thing says of that."""

DATASET: Final[dict[str, str]] = _ENGLISH["dataset"]
"""What the description of the dataset calls its parts."""

CITATION: Final[dict[str, str]] = _ENGLISH["citation"]
"""What citations say beside facts."""

RELATIONS: Final[dict[str, str]] = _ENGLISH["relations"]
"""What the page of the vocabulary calls a link between terms, by prefixed name; with ``^`` before it, its inverse."""

TABLES: Final[dict[str, Any]] = _ENGLISH["tables"]
"""Words in workbooks: hints, and the headers of the sheet of help."""

API: Final[dict[str, Any]] = _ENGLISH["api"]
"""What the API says of itself: of its collections, filters and answers."""

RECONCILE: Final[dict[str, str]] = _ENGLISH["reconcile"]
"""What the reconciliation service says of itself and of candidates."""

CHANGES: Final[dict[str, str]] = _ENGLISH["changes"]
"""Sentences on what became of a thing from one release to the next, by name, the greatest news first."""

ARTICLE: Final[str] = _ENGLISH["article"]
"""How the name of a pact or group stands in such sentences."""

DIFFERENCES: Final[dict[str, str]] = _ENGLISH["differences"]
"""What became of the values of a property: added, changed, removed."""

CHANGED: Final[dict[str, str]] = {_expand(name): text for name, text in _ENGLISH["changed"].items()}
"""What such sentences call a property, by IRI, where its name on pages does not read well in them."""

REASONS: Final[dict[str, dict[str, str]]] = {name: of["reasons"] for name, of in _BY_LANGUAGE.items()}
"""Why files cannot be used, by language and by name: see :class:`cfit_graph.reasons.Reason`."""

SUGGESTIONS: Final[dict[str, dict[str, str]]] = {name: of["suggestions"] for name, of in _BY_LANGUAGE.items()}
"""What to do about a finding, by language and by the kind of remedy."""

FINDINGS: Final[dict[str, dict[str, Any]]] = {name: of["findings"] for name, of in _BY_LANGUAGE.items()}
"""What reports say beside the findings themselves, by language."""

CHECK: Final[dict[str, dict[str, Any]]] = {name: of["check"] for name, of in _BY_LANGUAGE.items()}
"""Words of the page on which drafts are checked, by language."""


MONTHS: Final[dict[str, int]] = {
    name: number
    for months in (*(of["months"] for of in _BY_LANGUAGE.values()), _ENGLISH["months in other languages"])
    for number, names in enumerate(months, 1)
    for name in names
}
"""The number of a month by its names and their usual abbreviations, in small letters; in French and German as well."""


FORMS: Final[dict[str, list[str]]] = _ENGLISH["legal forms"]
"""What names may have or lack behind or before them: legal forms in many languages, and an article."""


def printable(text: str) -> str:
    r"""Return text as it is, but with nothing in it that steers a terminal.

    >>> print(printable("a\x1b[31m"))
    a\x1b[31m
    """
    return "".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in text)
