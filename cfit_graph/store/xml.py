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

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE: Final = ox.NamedNode(f"{_RDF}type")
_TERMS: Final = "RDF|ID|about|parseType|resource|nodeID|datatype|Description|li|aboutEach|aboutEachPrefix|bagID"
_RESERVED = re.compile(rf"{_RDF}(?:{_TERMS})|http://www\.w3\.org/2000/xmlns/.*")  # RDF/XML, 7.2.2; Namespaces, 3
_START: Final = (  # of a name (XML 1.0, 2.3), but for the colon (Namespaces in XML 1.0, 4)
    r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME_AT_END = re.compile(rf"[{_START}][{_START}.0-9\u00B7\u0300-\u036F\u203F\u2040-]*\Z")

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
    """Pass triples on whose properties RDF/XML can name, and classes where they are elements.

    Raises:
        UsageError: if it cannot: a name of an element starts with a letter, and some are reserved.
    """
    subject = None
    for triple in triples:
        is_type = triple.predicate == _TYPE and triple.subject != subject  # then the class is the element
        if not is_type:
            _check("property", triple.predicate)
        elif isinstance(triple.object, ox.NamedNode):
            _check("class", triple.object)
        within = triple.object
        while isinstance(within, ox.Triple):
            _check("property", within.predicate)
            within = within.object
        subject = triple.subject
        yield triple


def _check(kind: str, term: ox.NamedNode) -> None:
    if not _has_name(term):
        raise UsageError(f"RDF/XML cannot name the {kind} {term}; take another format.")


@lru_cache(_SEEN)
def _has_name(term: ox.NamedNode) -> bool:
    return bool(_NAME_AT_END.search(term.value)) and not _RESERVED.fullmatch(term.value)
