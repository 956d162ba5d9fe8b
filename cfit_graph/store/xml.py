"""What the XML formats cannot say: the engine writes it all the same, so answers in XML go through here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

import pyoxigraph as ox

from cfit_graph.characters import forbidden
from cfit_graph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cfit_graph.store.engine import Output

T = TypeVar("T", ox.Triple, ox.Quad)

FORMATS: Final = (ox.QueryResultsFormat.XML, ox.RdfFormat.RDF_XML)

_NAME_AT_END = re.compile(r"[^\W\d][\w.\-·]*$")  # XML Namespaces 1.0, 3: what an element can be called by

_SEEN: Final = 512  # properties are few, and asked for over and over


class XmlOutput:
    """Passes XML on, with each carriage return written so that a parser keeps it (XML 1.0, 2.11)."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._tail = b""

    def write(self, piece: bytes) -> int:
        """Take a piece.

        Raises:
            UsageError: if there is a character in it that XML has no way to write.
        """
        if found := forbidden(self._tail + piece):
            raise UsageError(
                f"XML cannot hold the character U+{ord(found):04X}, which is in the answer; take another format."
            )
        self._tail = (self._tail + piece)[-2:]
        self._output.write(piece.replace(b"\r", b"&#13;"))
        return len(piece)

    def flush(self) -> None:
        """Pass it on."""
        self._output.flush()


def nameable(triples: Iterable[T]) -> Iterator[T]:
    """Pass triples on whose properties RDF/XML can name.

    Raises:
        UsageError: if it cannot: properties are elements, and a name of an element starts with a letter.
    """
    for triple in triples:
        if not _has_name(triple.predicate):
            raise UsageError(f"RDF/XML cannot name the property {triple.predicate}; take another format.")
        yield triple


@lru_cache(_SEEN)
def _has_name(predicate: ox.NamedNode) -> bool:
    return bool(_NAME_AT_END.search(predicate.value))
