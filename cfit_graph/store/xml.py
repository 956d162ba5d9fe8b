"""What the XML formats cannot say: the engine writes it all the same, so answers in XML go through here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

import pyoxigraph as ox

from cfit_graph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cfit_graph.store.engine import Output

T = TypeVar("T", ox.Triple, ox.Quad)

FORMATS: Final = (ox.QueryResultsFormat.XML, ox.RdfFormat.RDF_XML)

# XML 1.0, 2.2: no control characters but tab, line feed and carriage return, and neither U+FFFE nor U+FFFF
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\r"})
_NO_CHARACTER = re.compile(rb"[%b]|\xef\xbf[\xbe\xbf]" % re.escape(_CONTROLS))
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
        if found := _unfit(self._tail + piece):
            code = ord(found[0].decode())
            raise UsageError(
                f"XML cannot hold the character U+{code:04X}, which is in the answer; take another format."
            )
        self._tail = (self._tail + piece)[-2:]
        self._output.write(piece.replace(b"\r", b"&#13;"))
        return len(piece)

    def flush(self) -> None:
        """Pass it on."""
        self._output.flush()


def _unfit(text: bytes) -> re.Match[bytes] | None:
    """Return where the first character is that XML has no way to write; plain text takes a tenth of the search."""
    is_plain = b"\xef\xbf" not in text and len(text.translate(None, _CONTROLS)) == len(text)
    return None if is_plain else _NO_CHARACTER.search(text)


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
