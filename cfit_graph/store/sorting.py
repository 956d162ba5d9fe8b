"""The lines of N-Triples and N-Quads, sorted before they are loaded.

The engine keeps statements in memory in the order in which they come, and follows those of one thing from one to the
next. Where they lie together, a query over many things finds the next in the caches, and takes up to a sixth less
(docs/performance-attempts.md). Releases are sorted as they are written; files of others need not be.
"""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, Final

SUFFIXES: Final = ("nt", "nq")
"""Suffixes of the files in which each line stands for itself, in any order."""
BLOCK: Final = 4 << 20
"""Bytes that are sorted together: enough for nearly all of the gain, and little beside the graph."""
LONGEST: Final = 16 << 20
"""Bytes by which the last line of a block may be longer; a file with a longer one is loaded as it is."""


class SortedLines:
    r"""A file whose lines are sorted, block by block, while it is read.

    >>> SortedLines(BytesIO(b"b\nc\na")).read()
    b'a\nb\nc\n'
    """

    def __init__(self, file: BinaryIO, block: int = BLOCK, longest: int = LONGEST) -> None:
        """Read the rest of a file, ``block`` bytes at a time and what their last line has beyond them."""
        self._file, self._size, self._longest = file, block, longest
        self._block = BytesIO()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, no more than ``size`` and no more than a block; none at the end.

        Raises:
            MemoryError: if a line goes further beyond its block than the ``longest`` may.
        """
        return self._block.read(size) or (self._next().read(size) if size else b"")

    def _next(self) -> BytesIO:
        block = self._file.read(self._size)
        rest = self._file.readline(self._longest)
        if len(rest) == self._longest:
            raise MemoryError("a line is too long to be sorted")
        lines = (block + rest).splitlines(keepends=True)
        if lines and not lines[-1].endswith((b"\n", b"\r")):
            lines[-1] += b"\n"  # or what is sorted behind it would go on in its line
        lines.sort()
        self._block = BytesIO(b"".join(lines))
        return self._block
