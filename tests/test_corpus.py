"""Seeded errors: each finding stands on the line, or in the cell, where the error is.

There are two corpora. This one is made from the real data, each kind of mistake in every format (in
``benchmarks/corpus``). The other is the fixtures of the shapes, one for each rule (``tests/test_shapes.py``).
"""

from __future__ import annotations

import io
import random
import re
from functools import cache

import openpyxl
import pytest

from benchmarks.corpus import judging, writers
from benchmarks.corpus.mutations import KINDS, TABLES, TEXT
from benchmarks.corpus.report import misses, table
from cfit_graph.namespaces import shorten
from cfit_graph.validation.places import Places
from cfit_graph.validation.written import Place
from tests.conftest import ROOT

FORMATS = (*TEXT, *TABLES)
PAGE = (ROOT / "docs" / "validation.md").read_text("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_mistakes_of_every_kind_are_found_in_their_place(name: str) -> None:
    cases = list(judging.corpus((name,)))
    print("", table(cases), *misses(cases), sep="\n")  # noqa: T201
    assert {case.kind for case in cases} == {kind for kind in KINDS if name in kind.formats}
    assert len(cases) >= 50
    for share in (sum(case.found for case in cases), sum(case.placed for case in cases)):
        assert share >= 0.99 * len(cases)
    assert table(cases).splitlines()[2] in PAGE
    assert sum(case.mended for case in cases) >= 0.8 * len(cases)
    _assert_safe(cases)


def _assert_safe(cases: list[judging.Case]) -> None:
    """What is safe gives back what was there before the mistake, or at least nothing new is found.

    It is never another thing: the one that is named may not have been described yet. Nor is it a concept of which more
    than one letter is wrong, as in all those that the corpus misspells.
    """
    safe = [case for case in cases if case.suggestion and case.suggestion.safe]
    assert len(safe) >= 6
    for case in safe:
        assert not case.kind.name.startswith(("dangling", "misspelt")), case
        assert case.restored or not case.added, (case.kind.name, case.suggestion, case.added)


@pytest.mark.parametrize("name", ["ttl", "csv"])
def test_a_finding_in_another_place_counts_as_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "find", lambda *_: Place("draft.ttl", 1, 1, "", "A1"))
    cases = list(judging.corpus((name,)))
    assert all(case.found for case in cases if case.kind.rule != "Row-unnamed")  # which is known by its place only
    assert not any(case.placed for case in cases)
    assert len(list(misses(cases))) == len(cases)


@cache
def _judge() -> judging._Judge:
    return judging._Judge()


def _made(name: str) -> list[tuple[list[writers.Planted], random.Random]]:
    chance = random.Random(f"1{name}")
    return [(batch, chance) for batch in judging._batches(name, _judge().records(), chance)]


@pytest.mark.parametrize("name", TEXT)
def test_writers_of_text_tell_the_line_of_the_mistake(name: str) -> None:
    for batch, chance in _made(name):
        content, lines = writers.text_file(name, batch, chance)
        text = re.split(r"\r?\n", content.decode("utf-8-sig"))
        for (kind, seed), line in zip(batch, lines, strict=True):
            if seed.wrong is None:
                term = seed.facts[0].subject.value
            else:
                term = (seed.wrong.predicate if kind.rule == "Term-defined" else seed.wrong.value).value
            written = text[line - 1].replace('\\"', '"')
            assert term in written or shorten(term) in written, (kind, line)


def test_writers_of_tables_tell_the_cell_of_the_mistake() -> None:
    for batch, chance in _made("xlsx"):
        pages = writers.pages(batch, _judge()._model, chance)
        content, spots = writers.workbook(pages, "x.xlsx")
        book = openpyxl.load_workbook(io.BytesIO(content))
        files = {page.name: writers.csv_file(page, chance) for page in pages}
        for number, (_, seed) in enumerate(batch):
            wanted = seed.identifier or (seed.text if seed.wrong is not None else "")
            value = book[spots[number].sheet][spots[number].cell].value or ""
            assert wanted.strip() in value, (seed, spots[number])
            assert value == "" or wanted
            content, found = files[spots[number].sheet]
            lines = re.split(r"\r?\n", content.decode("utf-8-sig"))
            assert wanted.replace('"', '""').strip().split("\n")[0] in lines[found[number].line - 1]


def test_the_corpus_is_the_same_each_time_and_knows_what_is_right() -> None:
    for name in ("ttl", "xlsx"):
        first, second = ([seed for batch, _ in _made(name) for _, seed in batch] for _ in range(2))
        assert first == second
        for seed in first:
            assert seed.right or seed.missing or (seed.wrong is not None and seed.wrong not in seed.right)
            assert seed.wrong is None or seed.wrong.value not in seed.right
