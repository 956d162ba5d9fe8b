"""What a request asks of a collection: its parameters read, or everything that is wrong with them at once."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from cfit_graph import search
from cfit_graph.collection import DAY, FILTERS, SINCE, WORDS, Collection
from cfit_graph.collection.values import nearest
from cfit_graph.errors import BadParameters, UsageError, WrongParameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.collection import Filter
    from cfit_graph.collection.values import Values

DEFAULT: Final = 50
"""Items on a page, if the client does not say."""
MOST: Final = 500
"""Items on a page at most."""
PAGING: Final = ("limit", "cursor")
"""The parameters that every collection takes."""
LONGEST: Final = 4_000
"""Characters of all parameters together."""

_FIELDS: Final = 100
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)
"""Digits that are not too many to be a number here."""


@dataclass(frozen=True)
class Asked:
    """A request: the collection, its filters as sent and as meant, and the part of the result that is wanted.

    ``values`` has for each filter the IRIs of which an item must have one; ``day`` and ``words`` are empty if not asked
    for. ``since`` is a place in the log of changes, after which an item must have changed. ``limit`` is ``None`` if the
    client does not say; ``position`` is that of the first item.
    """

    collection: Collection
    sent: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    day: str = ""
    words: str = ""
    since: int | None = None
    limit: int | None = None
    position: int = 0

    def parameters(self, cursor: str = "") -> list[tuple[str, str]]:
        """Return the parameters that ask this, or with a cursor the next page of it."""
        limit = [("limit", str(self.limit))] if self.limit is not None else []
        return [*self.sent, *limit, *([("cursor", cursor)] if cursor else [])]


def cursor(asked: Asked, edition: str, position: int) -> str:
    """Return a cursor: text that stands for a position in the result of this question, in this edition of the data."""
    return base64.urlsafe_b64encode(f"{edition} {_digest(asked)} {position}".encode()).decode().rstrip("=")


def parameters(collection: Collection) -> tuple[str, ...]:
    """Return the names of all parameters that a collection takes; a search takes no point in the log."""
    return (*collection.filters, *(() if collection.required else (SINCE,)), *PAGING)


def read(
    query_string: str,
    collection: Collection,
    values: Callable[[Filter], Values],
    edition: str,
    since: Callable[[str], int] = int,
    *,
    elsewhere: tuple[str, ...] = (),
) -> Asked:
    """Return what the parameters of a request ask of a collection.

    ``values`` gives what a filter takes, ``edition`` is the name of the data, which a cursor must bear. ``since`` gives
    the place in the log for what is sent, or raises ``ValueError``. What is wrong names the parameters that are read
    ``elsewhere`` as well.

    Raises:
        UsageError: if they are no parameters: too long, too many, or not UTF-8.
        BadParameters: naming everything that is wrong with them.
    """
    return _Reader(collection, values, edition, since, elsewhere).read(parse(query_string))


def parse(query_string: str) -> dict[str, list[str]]:
    """Return the values of each parameter of a request.

    Raises:
        UsageError: if they are too long, too many, or not UTF-8.
    """
    if len(query_string) > LONGEST:
        raise UsageError(f"The parameters have more than {LONGEST:,} characters. Ask for less at once.")
    try:
        return parse_qs(query_string, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError:  # UnicodeDecodeError is one
        raise UsageError(f"The parameters are not UTF-8, or more than {_FIELDS}.") from None


def _digest(asked: Asked) -> str:
    question = repr((asked.collection.name, asked.values, asked.day, asked.words, asked.since))
    return hashlib.blake2b(question.encode(), digest_size=6).hexdigest()


class _Reader:
    """Reads one request, and gathers what is wrong with it."""

    def __init__(
        self,
        collection: Collection,
        values: Callable[[Filter], Values],
        edition: str,
        since: Callable[[str], int],
        elsewhere: tuple[str, ...],
    ) -> None:
        self._collection, self._values, self._edition, self._since = collection, values, edition, since
        self._elsewhere = elsewhere
        self._names = parameters(collection)
        self._errors: list[WrongParameter] = []

    def read(self, sent: dict[str, list[str]]) -> Asked:
        for name in sent.keys() - set(self._names):
            self._errors.append(WrongParameter(name[:100], self._unknown(name)))
        for name in set(self._collection.required) - sent.keys():
            self._errors.append(WrongParameter(name, "It is missing."))
        taken = [name for name in self._names if name in sent and name not in PAGING]
        asked = Asked(
            self._collection,
            sent=tuple((name, value) for name in taken for value in sent[name]),
            values=tuple((name, self._meant(name, sent[name])) for name in taken if name in FILTERS),
            day=self._one(DAY, sent, day),
            words=self._one(WORDS, sent, _words),
            since=self._place(sent),
            limit=int(self._one("limit", sent, limit) or 0) or None,
        )
        position = int(self._one("cursor", sent, lambda text: self._position(text, asked)) or 0)
        if self._errors:
            raise BadParameters(sorted(self._errors))
        return replace(asked, position=position)

    def _unknown(self, name: str) -> str:
        there = nearest(name, (*self._names, *self._elsewhere))
        return f"{self._collection.name} has no such parameter. There is {', '.join(there)}."

    def _place(self, sent: dict[str, list[str]]) -> int | None:
        place = self._one(SINCE, sent, lambda text: str(self._since(text)))
        return int(place) if place else None

    def _meant(self, name: str, sent: list[str]) -> tuple[str, ...]:
        """Return the IRIs that the values of a filter stand for."""
        takes, meant = self._values(FILTERS[name]), set[str]()
        for text in sent:
            try:
                meant.update(takes.meant_by(text))
            except ValueError as error:
                self._errors.append(WrongParameter(name, str(error)))
        return tuple(sorted(meant))

    def _one(self, name: str, sent: dict[str, list[str]], check: Callable[[str], str]) -> str:
        """Return what a parameter says that is given once; empty if it is not given, or wrong."""
        if name not in sent or name not in self._names:
            return ""
        try:
            return check(only(sent[name]))
        except ValueError as error:
            self._errors.append(WrongParameter(name, str(error)))
            return ""

    def _position(self, text: str, asked: Asked) -> str:
        try:
            edition, digest, position = base64.b64decode(_padded(text), b"-_", validate=True).decode().split(" ")
        except ValueError:
            raise ValueError("It is no cursor of this API. Take it from `next` of the page before.") from None
        if edition != self._edition:
            raise ValueError("It belongs to another release than the one asked. Begin again without it.")
        if digest != _digest(asked) or not NUMBER.fullmatch(position):
            raise ValueError("It belongs to another question. Ask with the filters it was given for, or without it.")
        return position


def _padded(text: str) -> bytes:
    return text.encode() + b"=" * (-len(text.encode()) % 4)


def only(sent: list[str]) -> str:
    """Return what is given once.

    Raises:
        ValueError: if it is given more than once.
    """
    if len(sent) > 1:
        raise ValueError("It is given more than once.")
    return sent[0]


def day(text: str) -> str:
    """Return a day as it is given.

    Raises:
        ValueError: if it is none.
    """
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise ValueError("It is not a day. Write it as 2023-12-31.")


def _words(text: str) -> str:
    if not search.words(text):
        raise ValueError("It has no letter or digit. Give words of a name.")
    return text


def limit(text: str) -> str:
    """Return a number of items as it is given.

    Raises:
        ValueError: if it is none, or too large.
    """
    if not NUMBER.fullmatch(text) or not 1 <= int(text) <= MOST:
        raise ValueError(f"It is not a number from 1 to {MOST}.")
    return text
