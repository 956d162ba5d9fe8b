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


_ENGLISH: Final = _read("en")

PROPERTIES: Final[dict[str, str]] = {_expand(name): text for name, text in _ENGLISH["properties"].items()}
"""What pages call the terms of other vocabularies, by IRI; with ``^`` before it, what they call its inverse."""

PROBLEMS: Final[dict[str, str]] = _ENGLISH["problems"]
"""Titles of problems, by the last segment of their type IRI."""

SERVICE: Final[dict[str, str]] = _ENGLISH["service"]
"""What the endpoint says of itself."""

RELATIONS: Final[dict[str, str]] = _ENGLISH["relations"]
"""What the page of the vocabulary calls a link between terms, by prefixed name; with ``^`` before it, its inverse."""

API: Final[dict[str, Any]] = _ENGLISH["api"]
"""What the API says of itself: of its collections, filters and answers."""
