"""SPARQL in files: each ``.rq`` here or in ``ontology/questions/`` is valid as it stands.

Parameters are ``VALUES ?name { … }`` blocks that hold an example; :func:`load` puts other terms in their place.
What stands between ``# if name`` and ``# end`` is left out unless a term is given for the name, or for one of several
(``# if name or name``).
The header is grlc's: ``#+ summary:`` one line, ``#+ tags:`` words; a question for others to ask names its parameters
by ``#+ parameters:``, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rdflib import URIRef
from rdflib.term import Identifier

if TYPE_CHECKING:
    from collections.abc import Iterable

    Terms = Identifier | str | Iterable[Identifier | str]

_PART = re.compile(r"^ *# if (\w+(?: or \w+)*)\n(.*?)^ *# end\n", re.MULTILINE | re.DOTALL)
_VALUES = re.compile(r"VALUES \?(\w+) \{([^{}]*)\}")
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')  # SPARQL 1.1, 19.8, rule IRIREF
_SEEN = 512  # the same few queries are asked for the same parameters over and over
_HEADER = re.compile(r"^#\+ (\w+): *(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """A competency question: number and slug from its file name, all else from its header, and its query."""

    number: str
    slug: str
    title: str
    group: str
    sparql: str
    parameters: tuple[str, ...] = ()


def load(name: str, **terms: Terms) -> str:
    """Return the query ``name``, each parameter bound to a term or to several; plain text stands for the IRI it is.

    Raises:
        KeyError: if a term has no parameter of its name in the query.
        ValueError: if an IRI is malformed.
    """
    return bind(_text(name), **terms)


def bind(sparql: str, **terms: Terms) -> str:
    """Replace the examples in ``VALUES ?name { … }`` by terms; text once bound is not scanned again."""
    return _template(sparql, frozenset(terms)) % {name: _written(given) for name, given in terms.items()}


def paths(folder: str) -> list[Path]:
    """Return the query files of a folder here, sorted; :func:`load` takes ``folder/stem``."""
    return sorted((Path(__file__).parent / folder).glob("*.rq"))


def header(name: str) -> dict[str, str]:
    """Return what the header of the query ``name`` says: its ``summary`` and its ``tags``."""
    return dict(_HEADER.findall((Path(__file__).parent / f"{name}.rq").read_text("utf-8")))


def questions(folder: Path) -> list[Question]:
    """Return the competency questions in ``folder``, by number."""
    return [_question(path) for path in sorted(folder.glob("*.rq"))]


def examples(sparql: str, name: str) -> list[str]:
    """Return the terms that a parameter has in a query as it stands, as they are written there; none if it has none.

    >>> examples("VALUES ?place { place:be <https://example.org/x> }", "place")
    ['place:be', '<https://example.org/x>']
    """
    return next((found[2].split() for found in _VALUES.finditer(sparql) if found[1] == name), [])


def body(sparql: str) -> str:
    """Return a query without its header, as the questions of the library have it; browsers end lines their own way."""
    return _HEADER.sub("", sparql.replace("\r\n", "\n")).lstrip()


@lru_cache(_SEEN)
def _template(sparql: str, names: frozenset[str]) -> str:
    """Return a query with ``%(name)s`` for the terms of each parameter that is bound, and the parts that go with it."""
    kept = _PART.sub(lambda part: part[2] if names & set(part[1].split(" or ")) else "", sparql).replace("%", "%%")
    missing = names - {found[1] for found in _VALUES.finditer(kept)}
    if missing:
        raise KeyError(f"no parameter {', '.join(sorted(missing))} in the query")
    return _VALUES.sub(
        lambda found: f"VALUES ?{found[1]} {{ %({found[1]})s }}" if found[1] in names else found[0], kept
    )


@cache
def _text(name: str) -> str:
    return (Path(__file__).parent / f"{name}.rq").read_text("utf-8")


def _question(path: Path) -> Question:
    sparql = path.read_text("utf-8")
    header = dict(_HEADER.findall(sparql))
    number, _, slug = path.stem.partition("-")
    parameters = tuple(name for name in header.get("parameters", "").split() if examples(sparql, name))
    return Question(number, slug, header["summary"], header["tags"], body(sparql), parameters)


def _written(given: Terms) -> str:
    return " ".join(map(_checked, [given] if isinstance(given, str) else given))


def _checked(given: Identifier | str) -> str:
    term = given if isinstance(given, Identifier) else URIRef(given)
    if isinstance(term, URIRef) and _NOT_IN_IRI.search(term):
        raise ValueError(f"{term!r} is not an IRI")
    return term.n3()
