"""Bodies of documents that are made before anybody asks for them, as many as there is room for."""

from __future__ import annotations

Key = tuple[str, str, str]
"""The kind and slug of a thing, a media type, and what absolute addresses begin with where there are some."""


class Ready:
    """Bodies by key. ``size`` and ``room`` are in bytes."""

    def __init__(self, room: int) -> None:
        """Hold at most so many bytes."""
        self.size, self.room = 0, room
        self._bodies: dict[Key, bytes] = {}

    def get(self, key: Key) -> bytes | None:
        """Return a body, if it is ready."""
        return self._bodies.get(key)

    def keep(self, key: Key, body: bytes) -> bool:
        """Hold a body, and tell whether there was room for it."""
        if self.size + len(body) > self.room:
            return False
        self._bodies[key] = body
        self.size += len(body)
        return True
