"""What a finding proposes: words, an example of a right value, and edits that write it where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cfit_graph.errors import SourceError
from cfit_graph.positions import Lines
from cfit_graph.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]


@dataclass(frozen=True, order=True)
class Edit:
    """One replacement in the file of a finding: where ``old`` stands, ``new`` belongs; either may be empty.

    In text, ``old`` begins at line and column, counted from 1 in characters. In a workbook it is all that is in the
    cell, and line and column are 0.
    """

    line: int = 0
    column: int = 0
    sheet: str = ""
    cell: str = ""
    old: str = ""
    new: str = ""


@dataclass(frozen=True, order=True)
class Suggestion:
    """What to do about a finding.

    The edits belong together: all of them or none. They are ``safe`` if nothing else can be meant; only these are
    applied without a person who has looked at each. ``changes`` is what they make of the statements of the file: pairs
    of one before and one after, either of which may be none.
    """

    words: str
    example: str = ""
    edits: tuple[Edit, ...] = ()
    safe: bool = False
    changes: tuple[tuple[Triple | None, Triple | None], ...] = field(default=(), compare=False, repr=False)


def apply(text: str, edits: Iterable[Edit], name: str = "") -> str:
    r"""Return a text with edits made in it, each where it says; everything else stays as it is.

    Raises:
        SourceError: naming the file by ``name``, if something else than the old text stands at a place, or two edits
            are about the same characters. Then the text is not the one that was judged.

    >>> apply("ex:a ex:b 1 .\n", [Edit(1, 11, old="1", new="2")])
    'ex:a ex:b 2 .\n'
    """
    lines, parts, done = Lines(text), [], 0
    for edit in sorted(set(edits)):
        start = lines.at(edit.line, edit.column)
        if start < done or not text.startswith(edit.old, start):
            raise SourceError(Path(name), Reason("moved"), edit.line, edit.column)
        parts += [text[done:start], edit.new]
        done = start + len(edit.old)
    return "".join([*parts, text[done:]])
