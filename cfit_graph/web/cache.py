"""Answers kept ready: whole ones only, bounded by bytes, the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from cfit_graph.web.headers import Wanted

Header = tuple[bytes, bytes]
Key = tuple[object, ...]

_OVERHEAD: Final = 600  # bytes an entry takes beyond its body: key, headers, objects
_NOT_AT_304: Final = {b"content-encoding", b"content-length", b"content-type"}  # they tell of a body (RFC 9110, 15.4.5)


class Entry(NamedTuple):
    """A whole answer with status 200: its headers and body, and its entity tag with quotes (empty: it has none)."""

    headers: tuple[Header, ...]
    body: bytes
    etag: bytes = b""

    def is_known_to(self, if_none_match: bytes) -> bool:
        """Tell whether the client has this answer: its tag is among those it sent (RFC 9110, 13.1.2)."""
        return bool(self.etag and if_none_match) and matches(if_none_match, self.etag)

    def is_had_by(self, wanted: Wanted) -> bool:
        """Tell whether the client has this answer: by its tags, or if it sent none, by the time (RFC 9110, 13.2.2)."""
        if wanted.if_none_match:
            return self.is_known_to(wanted.if_none_match)
        modified = next((value for name, value in self.headers if name == b"last-modified"), b"")
        return bool(wanted.if_modified_since) and _is_until(modified, wanted.if_modified_since)

    @property
    def headers_of_304(self) -> list[Header]:
        """The headers of the answer that says it has not changed."""
        return [header for header in self.headers if header[0] not in _NOT_AT_304]


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Tell whether a tag is among those of an If-None-Match header; weak and strong compare equal there."""
    tags = (tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b","))
    return any(tag in {etag, b"*"} for tag in tags)


def _is_until(modified: bytes, since: bytes) -> bool:
    """Tell whether a time is not later than another (RFC 9110, 13.1.3); not if one of them is none."""
    try:
        first, second = (parsedate_to_datetime(text.decode("latin-1")).timestamp() for text in (modified, since))
    except (ValueError, OverflowError):
        return False
    return first <= second


class Cache:
    """Entries by key. ``hits`` and ``misses`` count what was asked for; ``size`` and ``limit`` are in bytes."""

    def __init__(self, limit: int) -> None:
        """Hold at most ``limit`` bytes; 0 holds nothing."""
        self.hits = self.misses = self.size = 0
        self.limit = limit
        self._entries: OrderedDict[Key, Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """Return the entry with a key, if it is here."""
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry) -> None:
        """Keep an entry, unless it would take more than an eighth of all there is."""
        if not self.limit:
            return
        cost = _cost(key, entry)
        if cost > self.limit // 8 or key in self._entries:
            return
        self._entries[key] = entry
        self.size += cost
        while self.size > self.limit:
            old, gone = self._entries.popitem(last=False)
            self.size -= _cost(old, gone)


def _cost(key: Key, entry: Entry) -> int:
    return _OVERHEAD + len(entry.body) + sum(len(part) for part in key if isinstance(part, (bytes, str)))
