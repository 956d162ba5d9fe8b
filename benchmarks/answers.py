"""Whether two answers say the same: as sets of statements or multisets of rows, whatever their order and writing."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from benchmarks.mix import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = {XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")}

_FIRST_VARIABLE: Final = re.compile(rb'"vars"\s*:\s*\[\s*"(\w+)"')

Term = tuple[str, str, str]
Row = tuple[tuple[str, Term], ...]


def digest(media_type: str, body: bytes) -> str:
    """Return a hash of what an answer says."""
    items = sorted(map(repr, _items(media_type, body).elements()))
    return hashlib.sha256("\n".join(items).encode()).hexdigest()[:16]


def size(media_type: str, body: bytes) -> int:
    """Return how many rows or statements an answer has."""
    return _items(media_type, body).total()


def count(media_type: str, body: bytes) -> int:
    """Return how many rows or statements an answer has that is too large to be read.

    Rows are counted by a variable that has a value in each of them, statements by their lines.

    >>> count(ROWS, b'{"head":{"vars":["a"]},"results":{"bindings":[{"a": {}},{"a":{}}]}}')
    2
    """
    if media_type != ROWS:
        return body.count(b"\n")
    found = _FIRST_VARIABLE.search(body)
    return len(re.findall(rb'"%s"\s*:' % found[1], body)) if found else 0


def difference(media_type: str, expected: bytes, found: bytes) -> str:
    """Return in a few words how an answer differs from the one expected; nothing if it does not.

    >>> difference("application/n-triples", b"<a:a> <a:b> <a:c> .", b"<a:a>  <a:b> <a:c>.")
    ''
    """
    if expected == found or sorted(expected.splitlines()) == sorted(found.splitlines()):
        return ""
    try:
        ours, theirs = _items(media_type, expected), _items(media_type, found)
    except (SyntaxError, ValueError, KeyError):
        return "not in the format asked for"
    if ours == theirs:
        return ""
    by_value = _relaxed(ours, _by_value), _relaxed(theirs, _by_value)
    if by_value[0] == by_value[1]:
        return "same values, written or typed otherwise"
    return _contrast(*by_value)


def _contrast(ours: Counter[Any], theirs: Counter[Any]) -> str:
    if ours.total() != theirs.total():
        return f"{theirs.total()} rows, not {ours.total()}"
    missing, other = min((ours - theirs).items()), min((theirs - ours).items())
    return f"{(ours - theirs).total()} rows differ: {_short(other[0])} for {_short(missing[0])}"


def _short(row: Any) -> str:
    terms = [term[1] if isinstance(term[1], str) else term[1][1] for term in row]
    return " ".join(str(term).rpartition("/")[2] for term in terms)[:60]


def _items(media_type: str, body: bytes) -> Counter[Any]:
    if media_type == ROWS:
        return Counter(map(_row, json.loads(body)["results"]["bindings"]))
    triples = ox.parse(body, format=ox.RdfFormat.N_TRIPLES)
    return Counter({(_term(t.subject), _term(t.predicate), _term(t.object)) for t in triples})


def _row(binding: dict[str, dict[str, str]]) -> Row:
    return tuple(sorted((name, _json_term(term)) for name, term in binding.items()))


def _json_term(term: dict[str, str]) -> Term:
    if term["type"] not in {"literal", "typed-literal"}:  # the second is of a draft of the standard, and still sent
        return term["type"], term["value"], ""
    datatype = term.get("datatype", "").removesuffix(XSD + "string")
    return "literal", term["value"], "@" + term["xml:lang"].lower() if "xml:lang" in term else datatype


def _term(term: Any) -> Term:
    if not isinstance(term, ox.Literal):
        return "uri", str(term.value), ""
    datatype = term.datatype.value.removesuffix(XSD + "string")
    return "literal", term.value, "@" + term.language.lower() if term.language else datatype


def _relaxed(items: Counter[Any], change: Callable[[Term], Term]) -> Counter[Any]:
    relaxed: Counter[Any] = Counter()
    for item, count in items.items():
        relaxed[tuple(_changed(item, change))] += count
    return relaxed


def _changed(item: Iterable[Any], change: Callable[[Term], Term]) -> Iterable[Any]:
    return ((part[0], change(part[1])) if len(part) == 2 else change(part) for part in item)


def _by_value(term: Term) -> Term:
    kind, value, datatype = term
    if datatype in _NUMBERS:
        try:
            return kind, str(Decimal(value).normalize()), "number"
        except InvalidOperation:
            return term
    return (kind, value.rstrip("Z"), "") if datatype.startswith(XSD) else term
