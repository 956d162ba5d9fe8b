"""Lines of N-Triples and N-Quads that name some terms, found without taking the others apart.

Most of a large file concerns nobody: looking at the letters of a line is three times as fast as parsing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cfit_graph.files import holds_any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SUFFIXES: Final = frozenset({".nt", ".nq"})
_OTHERS: Final = (b"_:", b"<<", b"\\u", b"\\U", b"\\'")
"""What makes one term look like another: names of blank nodes, triple terms, letters that are written in two ways."""
_SPECIAL: Final = frozenset('"\\') | frozenset(map(chr, [*range(32), 127]))


def about(
    path: Path, iris: Iterable[str], values: Iterable[str] = (), texts: Iterable[str] = ()
) -> Iterator[tuple[int, bytes]] | None:
    """Return the lines, with their numbers from 1, about one of ``iris`` or with a value that is given.

    Values are IRIs or the texts of literals, of whatever datatype. Nothing is returned if terms of the file cannot be
    known by their letters.

    Raises:
        OSError: if the file cannot be read.
    """
    texts = list(texts)
    if path.suffix.lower() not in SUFFIXES or any(_SPECIAL & set(text) for text in texts) or not _is_simple(path):
        return None
    wanted = frozenset(f"<{iri}>".encode() for iri in values) | frozenset(f'"{text}"'.encode() for text in texts)
    return _lines(path, frozenset(f"<{iri}>".encode() for iri in iris), wanted)


def _is_simple(path: Path) -> bool:
    with path.open("rb") as file:
        return not holds_any(file, _OTHERS)


def _lines(path: Path, subjects: frozenset[bytes], values: frozenset[bytes]) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            end = line.find(b">") + 1
            if line[line.find(b"<") : end] in subjects or (values and _value(line, end) in values):
                yield number, line


def _value(line: bytes, end_of_subject: int) -> bytes:
    """Return the object of a line: an IRI, or a literal without language and datatype."""
    value = line[line.find(b">", end_of_subject) + 1 :].lstrip()
    return value[: value.find(b">") + 1 if value.startswith(b"<") else value.rfind(b'"') + 1]
