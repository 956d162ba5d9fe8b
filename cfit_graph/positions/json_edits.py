"""Changes to a JSON-LD text that touch nothing but the values concerned."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cfit_graph.positions import Span, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cfit_graph.positions.values import Value

_TYPE: Final = ("@type", "type")


class JsonText:
    """A text of JSON-LD, with the place of each value.

    Terms are written in full (``{"@id": …}``, ``{"@value": …}``), which means the same in every context.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._ways: dict[int, list[Value]] = {}
        self._follow(values.read(text), [])

    def _follow(self, value: Value, way: list[Value]) -> None:
        """Keep the way from the root to each value, by where it begins."""
        way = [*way, value]
        self._ways.setdefault(value.at, way)
        for inner in _inner(value):
            self._follow(inner, way)

    def replace(self, at: int, new: str) -> Span | None:
        """Put another term, given in JSON, in the place of the value that begins at a character."""
        way = self._item(at)
        if way is None:
            return None
        item, key = way[-1], _key(way)
        content = json.loads(new)
        if key in _TYPE:
            return Span(item.at, item.end, json.dumps(content["@id"])) if "@id" in content else None
        if _in_language_map(way):
            same = content.get("@language") == key
            return Span(item.at, item.end, json.dumps(content["@value"], ensure_ascii=False)) if same else None
        return Span(item.at, item.end, new)

    def remove(self, _: int, object_at: int) -> Span | None:
        """Take a value out, with its key if it is the only one."""
        way = self._item(object_at)
        if way is None or len(way) < 2 or _in_language_map(way):
            return None
        holder = way[-2].content
        if isinstance(holder, list) and len(holder) > 1:
            return self._without(list(holder), holder.index(way[-1]))
        member = way[-2] if isinstance(holder, list) else way[-1]
        around = way[-3] if isinstance(holder, list) else way[-2]
        if not isinstance(around.content, values.Members):
            return None
        parts = [values.Value(part.at, part.value.end, None) for part in around.content]
        return self._without(parts, next(n for n, part in enumerate(around.content) if part.value is member))

    def rename(self, predicate_at: int, object_at: int, new: str) -> None:  # noqa: ARG002 - as in Turtle
        """Return none: what a value means may depend on its key, so it has to be taken out and added anew."""
        return None  # noqa: RET501 - as in Turtle

    def add(self, subject_at: int, terms: tuple[str, str, str]) -> Span | None:
        """Add a member to the node whose address begins at a character."""
        way = self._ways.get(subject_at, [])
        holder = way[-2] if len(way) > 1 and isinstance(way[-1].content, str) else None
        if holder is None or not isinstance(holder.content, values.Members):
            return None
        end = next((part.value.end for part in holder.content if part.value.at == subject_at), None)
        key = json.dumps(json.loads(terms[1])["@id"])
        return None if end is None else Span(end, end, f", {key}: {terms[2]}")

    def redeclare(self, at: int, old: str, new: str) -> None:  # noqa: ARG002 - as in Turtle
        """Return none: a context may be that of another file."""
        return None  # noqa: RET501 - as in Turtle

    def iri(self, iri: str, at: int = 0) -> str:  # noqa: ARG002 - as in Turtle
        """Return an IRI in JSON."""
        return json.dumps({"@id": iri})

    def literal(self, text: str, language: str | None, datatype: str | None, at: int = 0) -> str:  # noqa: ARG002
        """Return a literal in JSON."""
        more = {"@language": language} if language else {"@type": datatype} if datatype else {}
        return json.dumps({"@value": text} | more, ensure_ascii=False)

    def _item(self, at: int) -> list[Value] | None:
        """Return the way to the term at a character: a scalar, or the object that holds it as its value."""
        way = self._ways.get(at)
        if way is None:
            return None
        within = len(way) > 1 and isinstance(way[-2].content, values.Members) and _key(way) in {"@value", "value"}
        way = way[:-1] if within else way
        content = way[-1].content
        simple = not isinstance(content, values.Members) or {part.key for part in content} <= _OF_TERMS
        return way if simple and not isinstance(content, list) else None

    def _without(self, parts: list[Value], number: int) -> Span:
        if number:
            return Span(parts[number - 1].end, parts[number].end, "")
        end = parts[1].at if len(parts) > 1 else parts[0].end
        return Span(parts[0].at, end, "")


_OF_TERMS: Final = frozenset(["@id", "@value", "@type", "@language", "id", "value", "type", "language"])


def _inner(value: Value) -> Iterator[Value]:
    if isinstance(value.content, values.Members):
        yield from (member.value for member in value.content)
    elif isinstance(value.content, list):
        yield from value.content


def _key(way: list[Value]) -> str:
    """Return the key of the member in which the last value of a way stands, be it in an array."""
    for holder, inner in zip(reversed(way[:-1]), reversed(way), strict=False):
        if isinstance(holder.content, values.Members):
            return next(member.key for member in holder.content if member.value is inner)
    return ""


def _in_language_map(way: list[Value]) -> bool:
    holders = [value for value in way[:-1] if isinstance(value.content, values.Members)]
    last = holders[-1].content if holders else None
    plain = isinstance(last, values.Members) and not any(part.key.startswith("@") for part in last)
    return plain and isinstance(way[-1].content, str) and len(_key(way)) <= 3
