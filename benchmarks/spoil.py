"""Spoils a graph by lot: one statement in a thousand is left out or says something else, the same ones each time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

SEED: Final = 11
RATE: Final = 1_000
"""Statements for each that is spoilt."""
_WRONG: Final = (
    "",
    "<http://example.org/nothing>",
    '"spoilt"',
    '"spoilt@example"@en',
    '"2021-02-30"^^<http://www.w3.org/2001/XMLSchema#date>',
)


def write(graph: Path, out: Path) -> int:
    """Write the statements of an N-Quads file as N-Triples, some of them spoilt, and return how many are."""
    lot, count = random.Random(SEED), 0  # noqa: S311 - it should be the same each time
    with graph.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8", newline="\n") as file:
        for triple in dict.fromkeys(map(_triple, lines)):
            if lot.randrange(RATE) and " " in triple:
                file.write(f"{triple} .\n")
                continue
            count += 1
            if wrong := lot.choice(_WRONG):
                file.write(f"{' '.join(triple.split(' ', 2)[:2])} {wrong} .\n")
    return count


def _triple(line: str) -> str:
    r"""Return a statement without its graph.

    >>> _triple("<a:a> <a:b> <a:c> <a:g> .\\n")
    '<a:a> <a:b> <a:c>'
    """
    return line[: line.rfind(" <")]
