"""Blocks of lines of N-Triples, which the store reads by itself: half the work of looking at each statement.

What would be noticed in them is known by its letters: the names, and the literals that are not kept as written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.characters import forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from pathlib import Path

    Typed = tuple[bytes, bytes]

_SIZE: Final = 1 << 22
"""Bytes of a block, and of the longest line at its end."""
_OF_A_WHOLE_FILE: Final = (b"_:", b"<<")
"""What is not known block by block: blank nodes, which are numbered, and triple terms, which are refused."""
_ESCAPED: Final = re.compile(rb"\\(?:[bf]|u00[01]|U000000[01]|(?:u|U0000)[Ff]{3}[EeFf])")
"""What may stand for a character that no text may hold."""
_DIRECTIONS: Final = (b"--ltr", b"--rtl")
_NAME: Final = re.compile(rb'<([^<>"\n\r\t ]*)>')
_TYPED: Final = re.compile(rb'"([^"\\\n]*)"\^\^<([^>\n]*)>')


class Block(NamedTuple):
    """Lines that the store may read, lines to look at one by one, and all names in the first."""

    plain: bytes
    odd: bytes
    names: set[str]


def read(path: Path, is_odd: Callable[[str, str], bool]) -> Iterator[Block]:
    """Yield the lines of a file; ``is_odd`` says it of a literal, by its lexical form and the IRI of its datatype.

    Raises:
        ValueError: if the file cannot be read in this way; it is to be read statement by statement.
        OSError: if it cannot be read at all.
    """
    with path.open("rb") as file:
        if path.suffix.lower() != ".nt":
            raise ValueError("not a statement in each line")
        while lines := file.read(_SIZE):
            lines += file.readline(_SIZE)
            if len(lines) == 2 * _SIZE or any(mark in lines for mark in _OF_A_WHOLE_FILE):
                raise ValueError("a line without end, or not only IRIs and literals")
            yield _block(lines, is_odd)


def _block(lines: bytes, is_odd: Callable[[str, str], bool]) -> Block:
    typed, words = _TYPED.findall(lines), b" ".join(set(lines.split()))  # a name stands many times in a block
    names = set(_NAME.findall(words))
    is_doubtful = len(typed) != lines.count(b'"^^<') or b"\\" in b"".join(names)  # letters are written in two ways
    if is_doubtful or (b"--" in lines and any(mark in lines for mark in _DIRECTIONS)) or _is_odd_text(lines):
        return Block(b"", lines, set())
    odd = {(text, datatype) for text, datatype in set(typed) if is_odd(text.decode(), datatype.decode())}
    return Block(*_parted(lines, odd), {name.decode() for name in names})


def _is_odd_text(lines: bytes) -> bool:
    """Tell whether there is, or may be, a character that no text may hold."""
    return bool(b"\\" in lines and _ESCAPED.search(lines)) or forbidden(lines) != ""


def _parted(lines: bytes, odd: Container[Typed]) -> tuple[bytes, bytes]:
    """Return the lines without an odd literal, and those with one."""
    plain, apart, at = [], [], 0
    for found in _TYPED.finditer(lines) if odd else ():
        if found.groups() in odd and found.start() >= at:
            start = lines.rfind(b"\n", 0, found.start()) + 1
            end = lines.find(b"\n", found.end()) + 1 or len(lines)
            plain.append(lines[at:start])
            apart.append(lines[start:end])
            at = end
    return b"".join([*plain, lines[at:]]), b"".join(apart)
