"""JSON values, and where they are written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.positions import Lost

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(
    r'[ \t\n\r]*+(?:(?P<string>"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>true|false|null)|(?P<mark>[\[\]{},:]))"
)

Scalar = str | int | float | bool | None


class Value(NamedTuple):
    """A JSON value, and where it begins and ends, counted in characters from 0."""

    at: int
    end: int
    content: Scalar | list[Value] | Members

    def items(self) -> Iterator[Value]:
        """Yield the values of an array, and of arrays in it; anything else is its only item."""
        if isinstance(self.content, list):
            for item in self.content:
                yield from item.items()
        else:
            yield self


class Member(NamedTuple):
    """A member of an object: its key, where the key begins, and its value."""

    key: str
    at: int
    value: Value


class Members(tuple[Member, ...]):
    """The members of an object in the order in which they are written, all of them if a key is written twice."""

    __slots__ = ()


def read(text: str) -> Value:
    """Return the JSON value that ``text`` is (RFC 8259).

    Raises:
        Lost: if it is none, at the character where it ceases to be one.
    """
    value = read_from(text, 0)
    if text[value.end :].strip(" \t\n\r"):
        raise Lost(value.end)
    return value


def read_from(text: str, start: int) -> Value:
    """Return the JSON value that begins in ``text`` at or after the character ``start``.

    Raises:
        Lost: if there is none.
    """
    return _Reader(text, start).value()


def plain(value: Value) -> object:
    """Return a value as the standard library has it, without places."""
    content = value.content
    if isinstance(content, Members):
        return {member.key: plain(member.value) for member in content}
    return [plain(item) for item in content] if isinstance(content, list) else content


class _Reader:
    """One way through a text."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._at = text, start

    def value(self) -> Value:
        kind, token, at = self._next()
        content: Scalar | list[Value] | Members
        if token == "{":  # noqa: S105 - a sign of JSON
            content = Members(self._members())
        elif token == "[":  # noqa: S105
            content = list(self._items())
        elif kind == "mark":
            raise Lost(at)
        else:
            content = json.loads(token)
        return Value(at, self._at, content)

    def _next(self) -> tuple[str, str, int]:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found.lastgroup is None:
            raise Lost(self._at)
        self._at = found.end()
        return found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)

    def _passed(self, mark: str) -> bool:
        """Tell whether a mark comes next; if so, go past it."""
        found = _TOKEN.match(self._text, self._at)
        if found is None or found["mark"] != mark:
            return False
        self._at = found.end()
        return True

    def _expect(self, mark: str) -> None:
        if not self._passed(mark):
            raise Lost(self._at)

    def _items(self) -> Iterator[Value]:
        first = True
        while not self._passed("]"):
            if not first:
                self._expect(",")
            first = False
            yield self.value()

    def _members(self) -> Iterator[Member]:
        first = True
        while not self._passed("}"):
            if not first:
                self._expect(",")
            first = False
            kind, token, at = self._next()
            if kind != "string":
                raise Lost(at)
            self._expect(":")
            yield Member(json.loads(token), at, self.value())
