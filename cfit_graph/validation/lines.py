"""Lines of N-Triples and N-Quads that name some terms, found without taking the others apart.

Most of a large file concerns nobody: looking at the letters of a line is three times as fast as parsing it.
"""

from __future__ import annotations

import os
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cfit_graph import cores
from cfit_graph.files import holds_any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SUFFIXES: Final = frozenset({".nt", ".nq"})
_OTHERS: Final = (b"_:", b"<<", b"\\u", b"\\U", b"\\'")
"""What makes one term look like another: names of blank nodes, triple terms, letters that are written in two ways."""
_SMALL: Final = 10_000_000
"""Bytes up to which it takes less time to look at all lines here."""
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
    before = 0
    for count, found in cores.shared(partial(_in_stretch, path, subjects, values), _stretches(path)):
        yield from ((before + number, line) for number, line in found)
        before += count


def _stretches(path: Path) -> list[tuple[int, int]]:
    """Return where parts of a file begin and end, all at the end of a line, one for each core if it is large."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        number, starts = cores.number(size, _SMALL), [0]
        for part in range(1, number):
            file.seek(size * part // number)
            file.readline()
            starts.append(file.tell())
    return list(pairwise([*starts, size]))


def _in_stretch(
    path: Path, subjects: frozenset[bytes], values: frozenset[bytes], stretch: tuple[int, int]
) -> tuple[int, list[tuple[int, bytes]]]:
    """Return how many lines there are from one byte to another, and those that are wanted, with their numbers."""
    (at, last), number, found = stretch, 0, []
    with path.open("rb") as file:
        file.seek(at)
        while at < last and (line := file.readline()):
            at, number = at + len(line), number + 1
            end = line.find(b">") + 1
            if line[line.find(b"<") : end] in subjects or (values and _value(line, end) in values):
                found.append((number, line))
    return number, found


def _value(line: bytes, end_of_subject: int) -> bytes:
    """Return the object of a line: an IRI, or a literal without language and datatype."""
    value = line[line.find(b">", end_of_subject) + 1 :].lstrip()
    return value[: value.find(b">") + 1 if value.startswith(b"<") else value.rfind(b'"') + 1]
