"""Print what is found of the corpus, and how much of it in its place: ``python -m benchmarks.corpus``."""

from __future__ import annotations

from benchmarks.corpus.judging import corpus
from benchmarks.corpus.report import kinds, misses, table


def main() -> None:
    """Make and judge the corpus, and print the table and what was missed."""
    cases = list(corpus())
    print(table(cases), kinds(cases), sep="\n\n")
    print(*misses(cases), sep="\n")


if __name__ == "__main__":
    main()
