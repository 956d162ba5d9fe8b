"""The competency questions: each has an approved answer, and a second engine finds the same.

``CFIT_APPROVE=1 pytest tests/test_questions.py`` writes the answers anew; read them before they are kept.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rdflib.plugins.sparql import prepareQuery

from cfit_graph import queries, source
from cfit_graph.namespaces import PREFIXES
from cfit_graph.store.lexer import outline

if TYPE_CHECKING:
    from rdflib import Graph

    from cfit_graph.queries import Question
    from cfit_graph.release import Release
    from cfit_graph.store.embedded import EmbeddedStore

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "ontology" / "questions"
ANSWERS = Path(__file__).parent / "questions"
GROUPS = {"who", "when", "evidence", "change", "rules", "links", "quality"}
EMPTY: dict[str, str] = {}
"""Questions to which the true answer is nothing, by number, with the reason."""

QUESTIONS = queries.questions(FOLDER)
SELECTIONS = [question for question in QUESTIONS if outline(question.sparql).form == "SELECT"]
SUFFIXES = {"SELECT": "csv", "CONSTRUCT": "nt", "ASK": "txt"}

each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: f"{question.number}-{question.slug}")
each_selection = pytest.mark.parametrize("question", SELECTIONS, ids=lambda question: question.number)


def ask(store: EmbeddedStore, question: Question) -> str:
    """Return the answer in the form in which it is approved."""
    form = outline(question.sparql).form
    if form == "SELECT":
        return _text(store, question, "text/csv").replace("\r\n", "\n")
    if form == "CONSTRUCT":
        return "".join(sorted(_text(store, question, "application/n-triples").splitlines(keepends=True)))
    return f"{json.loads(_text(store, question, 'application/sparql-results+json'))['boolean']}\n".lower()


def _text(store: EmbeddedStore, question: Question, media_type: str) -> str:
    return b"".join(store.query(question.sparql, media_type)).decode()


@pytest.fixture(scope="module")
def graph(released: Release) -> Graph:
    """The same release, for the second engine."""
    return source.read(released.graph)


@each
def test_answer_is_the_approved_one(store: EmbeddedStore, question: Question) -> None:
    approved = ANSWERS / f"{question.number}.{SUFFIXES[outline(question.sparql).form]}"
    answer = ask(store, question)
    if os.environ.get("CFIT_APPROVE") == "1":
        ANSWERS.mkdir(exist_ok=True)
        approved.write_text(answer, "utf-8", newline="\n")
    assert answer == approved.read_text("utf-8")


@each
def test_there_is_an_answer(store: EmbeddedStore, question: Question) -> None:
    lines = ask(store, question).splitlines()
    rows = len(lines) - 1 if question in SELECTIONS else len(lines)
    assert (rows == 0) == (question.number in EMPTY)


@each_selection
def test_second_engine_agrees(store: EmbeddedStore, graph: Graph, question: Question) -> None:
    result = graph.query(question.sparql)
    names, *rows = csv.reader(io.StringIO(ask(store, question)))
    assert [str(name) for name in result.vars or []] == names
    assert Counter(tuple("" if term is None else str(term) for term in row) for row in result) == Counter(  # type: ignore[union-attr]
        map(tuple, rows)
    )


@each
def test_second_engine_parses(question: Question) -> None:
    prepareQuery(question.sparql)


@each
def test_header(question: Question) -> None:
    assert question.title.endswith("?")
    assert question.title[0].isupper()
    assert question.group in GROUPS


@each
def test_prefixes_are_the_projects_sorted_and_used(question: Question) -> None:
    declared = re.findall(r"^PREFIX ([\w-]+): <(.*)>$", question.sparql, re.MULTILINE)
    body = re.sub(r'^PREFIX.*|^#.*|"[^"]*"|<[^<>\s]*>', "", question.sparql, flags=re.MULTILINE)
    used = set(re.findall(r"(?<![\w?-])([a-z][a-z-]*):\w", body))
    assert declared == [(prefix, PREFIXES[prefix]) for prefix in sorted(used)]


@each_selection
def test_order_is_given(question: Question) -> None:
    assert "\nORDER BY " in question.sparql or ("GROUP BY" not in question.sparql and "(COUNT(" in question.sparql)


def test_numbers_and_titles() -> None:
    numbers = [question.number for question in QUESTIONS]
    assert numbers == [f"{number:03}" for number in range(1, len(numbers) + 1)]
    assert len({question.title for question in QUESTIONS}) == len(QUESTIONS)
    assert {question.group for question in QUESTIONS} == GROUPS
    assert EMPTY.keys() <= set(numbers)


def test_no_answer_is_left_over() -> None:
    expected = {f"{question.number}.{SUFFIXES[outline(question.sparql).form]}" for question in QUESTIONS}
    assert {path.name for path in ANSWERS.iterdir()} == expected
