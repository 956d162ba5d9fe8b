"""Names are compared whatever their case, accents, script, legal form and order of words, and with slips of the pen."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cfit_graph.reconcile.names import ALIKE, LEAST, SAME, SAME_BUT_FOR_FORM, Names, Near, bare, pairs
from cfit_graph.search import words

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = [
    ("x:a", "Electronics Watch"),
    ("x:b", "Global Electronics Council"),
    ("x:c", "Rijkswaterstaat"),
    ("x:d", "Akershus"),
    ("x:e", "Stichting Milieukeur"),
    ("x:f", "Green Web B.V."),
    ("x:g", "Green Web GmbH"),
    ("x:h", "循環経済ネットワーク"),
    ("x:i", "Зелёная сеть"),
    ("x:j", "الشبكة الخضراء"),
    ("x:k", "Østfold"),
    ("x:l", "Direktoratet for forvaltning og økonomistyring"),
]
RUSSIAN = "\N{CYRILLIC CAPITAL LETTER O}" * 3
TEXTS = st.text(max_size=30)


def _names(some: Iterable[tuple[str, str]]) -> Names:
    return Names((thing, name, words(name)) for thing, name in some)


@pytest.fixture(scope="module")
def names() -> Names:
    return _names(NAMES)


def _near(names: Names, name: str, most: int = 5) -> list[Near]:
    return names.near(name, most, lambda _: True)


@pytest.mark.parametrize(
    "name",
    [
        "Electronics Watch",
        "ELECTRONICS  WATCH",
        "electronics-watch!",
        "\N{FULLWIDTH LATIN CAPITAL LETTER E}lectrönics Watch",
    ],
)
def test_a_name_written_otherwise_is_the_same(names: Names, name: str) -> None:
    assert _near(names, name)[0] == Near("x:a", "Electronics Watch", SAME)


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("The Electronics Watch Ltd.", "x:a"),
        ("Electronics Watch, Inc.", "x:a"),
        ("electronics watch v.z.w.", "x:a"),
        (f"{RUSSIAN} Зелёная сеть", "x:i"),
        ("循環経済ネットワーク株式会社", "x:h"),
    ],
)
def test_a_legal_form_and_an_article_cost_little(names: Names, name: str, thing: str) -> None:
    found = _near(names, name)
    assert (found[0].thing, found[0].score) == (thing, SAME_BUT_FOR_FORM)
    assert all(other.score < ALIKE for other in found[1:])


@pytest.mark.parametrize(
    ("name", "thing"), [("Milieukeur", "x:e"), ("Rijkswaterstaat GmbH", "x:c"), ("The Akershus AS", "x:d")]
)
def test_one_word_is_only_alike_without_its_legal_form(names: Names, name: str, thing: str) -> None:
    """It is too often the name of another, or short for one."""
    found = _near(names, name)
    assert (found[0].thing, found[0].score) == (thing, ALIKE)


def test_the_same_legal_form_is_better_than_another(names: Names) -> None:
    best, other, *_ = _near(names, "Green Web GmbH")
    assert (best.thing, best.score, other.thing, other.score) == ("x:g", SAME, "x:f", SAME_BUT_FOR_FORM)


def test_a_name_that_is_a_legal_form_only_stays() -> None:
    for name in ("B.V.", "AG", "The", ""):
        assert bare(words(name)) == words(name)


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("Elektronics Wach", "x:a"),
        ("Electronic Watch", "x:a"),
        ("Watch Electronics", "x:a"),
        ("Rijkswaterstat", "x:c"),
        ("Akreshus", "x:d"),
        ("Akrshsu", "x:d"),
        ("Ostfald", "x:k"),
        ("Зеленая сет", "x:i"),
        ("الشبكه الخضراء", "x:j"),
        ("循環経済ネットワク", "x:h"),
        ("Direktoratet for forvalting og okonomistyrin", "x:l"),
    ],
)
def test_a_slip_of_the_pen_finds_the_name_with_a_lower_score(names: Names, name: str, thing: str) -> None:
    found = _near(names, name)
    assert found[0].thing == thing
    assert 100 * LEAST * ALIKE / 100 <= found[0].score <= ALIKE


def test_what_has_nothing_in_common_is_not_found(names: Names) -> None:
    assert _near(names, "Ministry of Xyz") == []
    assert _near(names, "—") == []
    assert _near(names, "") == []


def test_each_thing_comes_once_by_its_best_name_and_only_if_wanted() -> None:
    names = _names([("x:a", "Green Watch"), ("x:a", "Green Watchers"), ("x:b", "Green Watch Council")])
    found = _near(names, "green watchers")
    assert [(each.thing, each.name) for each in found] == [("x:a", "Green Watchers"), ("x:b", "Green Watch Council")]
    assert [each.thing for each in names.near("green watchers", 5, "x:b".__eq__)] == ["x:b"]
    assert len(_near(names, "green watchers", 1)) == 1


def test_of_equals_the_shorter_name_comes_first() -> None:
    names = _names([("x:b", "Green Watch"), ("x:a", "Green-Watch."), ("x:c", "Green Watch")])
    assert [each.thing for each in _near(names, "green watch")] == ["x:b", "x:c", "x:a"]


@given(st.lists(TEXTS, min_size=1, max_size=8), st.data())
@settings(max_examples=100, deadline=None)
def test_every_name_finds_itself_however_it_is_composed(some: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(some))
    assume(words(name))
    names = _names((f"x:{number}", text) for number, text in enumerate(some))
    for written in (name, unicodedata.normalize("NFD", name), f"  {name.upper()} "):
        if words(written) == words(name):  # upper case of some letters has no way back
            found = {each.thing: each.score for each in _near(names, written, len(some))}
            assert found[f"x:{some.index(name)}"] == SAME


@given(TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_a_score_is_the_same_both_ways_and_within_bounds(one: str, other: str) -> None:
    scores = [_names([("x:a", one)]).near(other, 1, bool), _names([("x:a", other)]).near(one, 1, bool)]
    assert [each.score for each in scores[0]] == [each.score for each in scores[1]]
    assert all(0 < each.score <= SAME for some in scores for each in some)


@given(TEXTS)
def test_pairs_do_not_depend_on_the_order_of_words(text: str) -> None:
    assert pairs(words(text)) == pairs(reversed(words(text)))
