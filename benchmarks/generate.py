"""Writes a coalition graph of a given size as N-Quads: ``python -m benchmarks.generate 100k OUT.nq``.

The same size and seed give the same coalition, byte for byte. The ontology and its concept schemes come first, as they
are in this checkout, in graphs of their own as in a release.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import coalition, draw
from cfit_graph import nquads, source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).parent.parent
SEED: Final = 7
VOCABULARY: Final = 1_300
"""Statements set aside for the ontology, so that its growth does not change the coalition."""
_UNITS = {"k": 1_000, "m": 1_000_000}


def main(argv: Sequence[str] | None = None) -> int:
    """Write one graph."""
    parser = ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("size", metavar="SIZE", type=size, help="statements, such as 10k or 1M")
    parser.add_argument("out", metavar="OUT.nq", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args(argv)
    print(f"{write(arguments.out, arguments.size, arguments.seed)} statements in {arguments.out.name}")
    return 0


def size(text: str) -> int:
    """Read a size.

    >>> size("10k"), size("1M"), size("2500")
    (10000, 1000000, 2500)
    """
    unit = _UNITS.get(text[-1:].lower(), 1)
    return int(text if unit == 1 else text[:-1]) * unit


def write(path: Path, statements: int, seed: int = SEED, *, dated: bool = False) -> int:
    """Write a graph of about as many statements into a file and return how many there are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    count = 0
    with draft.open("w", encoding="utf-8", newline="\n", buffering=1 << 20) as file:
        for line in graph(statements, seed, dated=dated):
            file.write(line)
            count += 1
    draft.replace(path)
    return count


def graph(statements: int, seed: int = SEED, *, dated: bool = False) -> Iterator[str]:
    """Return the lines of a whole graph."""
    yield from vocabulary()
    yield from lines(statements - VOCABULARY, seed, dated=dated)


def vocabulary() -> Iterator[str]:
    """Return the statements of the ontology and its concept schemes."""
    return iter(nquads.canonical(source.placed(source.files(ROOT / "ontology"))))


def lines(statements: int, seed: int = SEED, *, dated: bool = False) -> Iterator[str]:
    """Return the statements of a coalition, organization by organization, until there are enough.

    If all is ``dated``, shapes have nothing to say of it: else they ask for dates that no source gives.
    """
    pacts, count = max(5, statements // 20_000), 0
    for number in range(pacts):
        for line in coalition.pact(number):
            count += 1
            yield line
    for organization in draw.organizations(seed, pacts, dated=dated):
        if count >= statements:
            return
        for line in coalition.organization(organization):
            count += 1
            yield line


if __name__ == "__main__":
    sys.exit(main())
