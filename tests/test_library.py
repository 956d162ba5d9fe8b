"""The question library: which questions there are, and what each can be asked with."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from cfit_graph import library, queries, search
from cfit_graph.collection.jsonld import Context
from cfit_graph.collection.reader import Reader
from cfit_graph.errors import BadParameters, UnknownEntity
from cfit_graph.namespaces import BASE
from cfit_graph.texts import QUESTIONS as WORDS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from cfit_graph.queries import Question
    from cfit_graph.store.embedded import EmbeddedStore

QUESTIONS = queries.questions(ROOT / "ontology" / "questions")
PARAMETERS = [(question, each) for question in QUESTIONS for each in library.parameters(question)]
KINDS = {
    "affiliated-on-a-day": {"day": "day"},
    "latest-events": {"day": "day"},
    "evidence-of-one": {"affiliation": "affiliation"},
    "whose-identifier": {"identifier": "address"},
    "without-dutch-name": {"country": "place"},
    "what-rests-on-a-page": {"source": "source"},
}


@pytest.fixture(scope="module")
def reader(store: EmbeddedStore) -> Reader:
    """What knows the values there are."""
    context = Context(ROOT / "ontology" / "context.jsonld")
    return Reader(store, context, lambda: search.read(store), BASE, is_fixed=True)


def _question(name: str) -> Question:
    return library.find(QUESTIONS, name)


def test_names_are_names_of_one_question() -> None:
    assert max(Counter(question.slug for question in QUESTIONS).values()) == 1
    assert not [question.slug for question in QUESTIONS if "." in question.slug or "/" in question.slug]


def test_an_unknown_question_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownEntity, match=r"no question 'who-suports'\. Nearest: who-supports,"):
        _question("who-suports")


def test_examples_say_what_a_parameter_takes() -> None:
    found = {question.slug: {each.name: each.kind for each in library.parameters(question)} for question in QUESTIONS}
    assert {slug: kinds for slug, kinds in found.items() if kinds} == KINDS
    (country,) = library.parameters(_question("without-dutch-name"))
    assert country.is_list
    assert country.examples == ("be", "nl")


def test_every_parameter_has_a_label() -> None:
    assert {each.name for _, each in PARAMETERS} == set(WORDS["parameters"])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.slug)
def test_its_examples_ask_the_question_as_it_stands(question: Question, reader: Reader, store: EmbeddedStore) -> None:
    sent = {each.name: each.examples for each in library.parameters(question)}
    asked = library.query(question, sent, reader.values)
    kind = "application/n-triples" if "CONSTRUCT" in asked else "application/sparql-results+json"
    answers = [sorted(b"".join(store.query(text, kind)).split()) for text in (asked, question.sparql)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("value", ["be-fido-co-leading", "affiliation:be-fido-co-leading"])
def test_a_thing_is_given_by_any_of_its_names(reader: Reader, value: str) -> None:
    iri = f"{BASE}id/affiliation/be-fido-co-leading"
    asked = library.query(_question("evidence-of-one"), {"affiliation": [value]}, reader.values)
    assert f"VALUES ?affiliation {{ <{iri}> }}" in asked
    assert asked == library.query(_question("evidence-of-one"), {"affiliation": [iri]}, reader.values)


@pytest.mark.parametrize(
    ("name", "sent", "told"),
    [
        ("affiliated-on-a-day", {"day": ["2023"]}, "day: It is not a day. Write it as 2023-12-31."),
        ("affiliated-on-a-day", {"day": ["2023-02-30"]}, "day: It is not a day"),
        ("affiliated-on-a-day", {"day": [""]}, "day: It is not a day"),
        ("affiliated-on-a-day", {"day": ["2023-01-01", "2024-01-01"]}, "day: It is given more than once."),
        ("affiliated-on-a-day", {"date": ["2023-01-01"]}, "date: The question has no such parameter. There is day."),
        ("who-supports", {"day": ["2023-01-01"]}, "day: The question has no such parameter. It has none."),
        ("evidence-of-one", {"affiliation": ["be-fido"]}, "There is no affiliation 'be-fido'. Nearest: be-fido-"),
        ("without-dutch-name", {"country": ["be", "xx"]}, "country: There is no place 'xx'."),
        ("whose-identifier", {"identifier": ["05f950310"]}, "identifier: It is not an address."),
        ("whose-identifier", {"identifier": ["https://x> } #"]}, "identifier: It is not an address."),
        ("whose-identifier", {"identifier": ["http://a:port"]}, "identifier: It is not an address."),
        ("whose-identifier", {"identifier": ["wd:Q42"]}, "identifier: It is not an address."),
        ("latest-events", {"day": ['2023-01-01" } #']}, "day: It is not a day."),
    ],
)
def test_wrong_values_are_told(reader: Reader, name: str, sent: dict[str, list[str]], told: str) -> None:
    with pytest.raises(BadParameters) as error:
        library.query(_question(name), sent, reader.values)
    assert told in str(error.value)


def test_all_that_is_wrong_is_told_at_once(reader: Reader) -> None:
    with pytest.raises(BadParameters) as error:
        library.query(_question("affiliated-on-a-day"), {"x": ["1"], "day": ["1", "2"], "a": [""]}, reader.values)
    assert [wrong.parameter for wrong in error.value.errors] == ["a", "day", "day", "day", "x"]
    with pytest.raises(BadParameters) as error:
        library.query(_question("without-dutch-name"), {"country": ["xx", "be", "yy"]}, reader.values)
    assert ["'xx'" in str(error.value), "'yy'" in str(error.value)] == [True, True]
