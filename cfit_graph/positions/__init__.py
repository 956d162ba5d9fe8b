"""Where the statements of a text were written: in the Turtle family, and in JSON-LD.

Nothing is parsed here for its meaning: the text has passed Oxigraph's strict parser, which does not say where a
statement stood. A reader here walks the same text and yields the statements in the order in which Oxigraph yields them,
each with its places, so that the two can be compared one by one. Whoever takes the places makes that comparison; what
a reader does not know (triple terms of RDF 1.2, say) is an error here, and then there are no places.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple


class Lost(ValueError):
    """The text is none that a reader here can follow, so nothing is known of its places."""


class Statement(NamedTuple):
    """One statement, and where its three parts begin, counted in characters from 0.

    Terms are text: ``<iri>``, ``_:label``, ``"text"``, ``"text"@language``, ``"text"^^<iri>``, with nothing escaped.
    What a list stands for begins where its member does.
    """

    subject: str
    predicate: str
    object: str
    subject_at: int
    predicate_at: int
    object_at: int


class Span(NamedTuple):
    """A part of a text, from one character to before another, and what is to be there instead."""

    start: int
    end: int
    new: str


class Lines:
    """The lines of a text, to tell line and column of a place in it; a line ends as editors have it."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer(r"\r\n?|\n", text))]

    def place(self, at: int) -> tuple[int, int]:
        r"""Return line and column, from 1, of the character ``at``.

        >>> Lines("ex:a\n  ex:b").place(7)
        (2, 3)
        """
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1

    def at(self, line: int, column: int) -> int:
        r"""Return the character at a line and column, the reverse of ``place``; -1 if there is no such line.

        >>> Lines("ex:a\n  ex:b").at(2, 3)
        7
        """
        return self._starts[line - 1] + column - 1 if 0 < line <= len(self._starts) else -1
