"""What the XML formats cannot say: the engine writes it all the same, so answers in XML go through here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from cfit_graph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cfit_graph.store.engine import Output

FORMATS: Final = (ox.QueryResultsFormat.XML, ox.RdfFormat.RDF_XML)

# XML 1.0, 2.2: no control characters but tab, line feed and carriage return, and neither U+FFFE nor U+FFFF
_NO_CHARACTER = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_NAME_AT_END = re.compile(r"[^\W\d][\w.\-·]*$")  # XML Namespaces 1.0, 3: what an element can be called by


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
        if found := _NO_CHARACTER.search(self._tail + piece):
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


def nameable(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Pass triples on whose properties RDF/XML can name.

    Raises:
        UsageError: if it cannot: properties are elements, and a name of an element starts with a letter.
    """
    known = set()
    for triple in triples:
        if triple.predicate not in known:
            if not _NAME_AT_END.search(triple.predicate.value):
                raise UsageError(f"RDF/XML cannot name the property {triple.predicate}; take another format.")
            known.add(triple.predicate)
        yield triple
