"""Names are found whatever their case, accents, script and order of words, the best match first."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph import search
from cfit_graph.namespaces import shorten
from cfit_graph.search import MATCHES, Index, fold, words
from cfit_graph.store.rows import rows

if TYPE_CHECKING:
    from cfit_graph.store.embedded import EmbeddedStore

NAMES = [
    ("x:a", "Green Watch", "en"),
    ("x:b", "Green Watchers of the North", "en"),
    ("x:c", "The Watch that is Green", "en"),
    ("x:d", "Watchtower of the Greens", "en"),
    ("x:e", "Zelená stráž", "cs"),
    ("x:f", "Grüne Wacht", "de"),
    ("x:f", "Green Watch (former name)", "en"),
    ("x:g", "循環経済ネットワーク", "ja"),
    ("x:h", "Πράσινη Οικονομία", "el"),
    ("x:i", "Зелёная сеть", "ru"),
    ("x:j", "الشبكة الخضراء", "ar"),
    ("x:k", "Straße & Öffentliche Beschaffung", "de"),
    ("x:l", "Brønnøysund", "no"),
    ("x:m", "G.W.", ""),
]


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(NAMES)


@pytest.fixture(scope="module")
def published(store: EmbeddedStore) -> Index:
    return search.read(store)


def _found(index: Index, text: str) -> list[str]:
    return [match.thing for match in index.search(text)]


def test_the_best_match_comes_first(index: Index) -> None:
    found = index.search("green watch")
    assert [match.thing for match in found] == ["x:a", "x:f", "x:b", "x:c", "x:d"]
    assert [match.how for match in found] == ["exact", "beginning", "beginning", "words", "beginnings"]
    assert set(MATCHES) == {match.how for match in found}


@pytest.mark.parametrize(
    "text", ["Green Watch", "GREEN  watch", "green-watch!", "ｇｒｅｅｎ ｗａｔｃｈ", "watch green"]
)
def test_case_width_and_punctuation_do_not_matter_for_what_is_found(index: Index, text: str) -> None:
    assert set(_found(index, text)) == {"x:a", "x:b", "x:c", "x:d", "x:f"}


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("zelena straz", "x:e"),
        ("ZELENÁ STRÁŽ", "x:e"),
        ("grune", "x:f"),
        ("gru\u0308ne", "x:f"),
        ("経済", "x:g"),
        ("ネットワーク", "x:g"),
        ("πρασινη", "x:h"),
        ("ΟΙΚΟΝΟΜΙΑ", "x:h"),
        ("зеленая", "x:i"),
        ("الخضراء", "x:j"),
        ("STRASSE", "x:k"),
        ("bronnoysund", "x:l"),
        ("g w", "x:m"),
    ],
)
def test_accents_and_scripts(index: Index, text: str, thing: str) -> None:
    assert thing in _found(index, text)


@pytest.mark.parametrize("text", ["", " ", "-", "&", "\u0301", "\x00"])
def test_nothing_is_found_without_words(index: Index, text: str) -> None:
    assert index.search(text) == []


def test_all_words_must_be_there(index: Index) -> None:
    assert _found(index, "green watch south") == []
    assert _found(index, "reen") == []


def test_each_thing_is_found_once_by_its_best_name() -> None:
    index = Index([("x:a", "Watch of Green", "en"), ("x:a", "Green", "nl"), ("x:a", "Green", "en")])
    (match,) = index.search("green")
    assert (match.name, match.language, match.how) == ("Green", "en", "exact")


@given(st.permutations(NAMES), st.sampled_from(["green", "w", "green watch", "stra", "z"]))
def test_the_order_does_not_depend_on_the_order_of_names(names: list[tuple[str, str, str]], text: str) -> None:
    assert Index(names).search(text) == Index(NAMES).search(text)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == unicodedata.normalize("NFKC", once)
    assert fold(text.upper()) == once


@given(st.text())
def test_any_name_with_words_is_found_by_itself(text: str) -> None:
    found = Index([("x:a", text, "en")]).search(text)
    assert [match.how for match in found] == (["exact"] if words(text) else [])


@given(st.lists(st.text(alphabet="abcdé ", min_size=1, max_size=12), min_size=1, max_size=8), st.data())
def test_what_is_found_is_what_a_look_at_every_name_finds(names: list[str], data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="abcde ", max_size=5))
    found = {match.thing for match in Index((name, name, "") for name in names).search(text)}
    asked = words(text)
    assert found == {
        name for name in names if asked and all(any(word.startswith(part) for word in words(name)) for part in asked)
    }


@pytest.mark.parametrize(
    "text",
    [
        "http://www.wikidata.org/entity/Q871765",
        "https://www.wikidata.org/wiki/Q871765",
        "wikidata.org/wiki/q871765",
        " Q871765 ",
    ],
)
def test_an_identifier_is_found_however_its_address_is_written(text: str) -> None:
    same = ("x:a", "http://www.wikidata.org/entity/Q871765")
    (match,) = Index(NAMES, [same, ("x:b", "https://ror.org/Q8717650")]).search(text)
    assert (match.thing, match.name, match.language, match.how) == (*same, "", "exact")


@pytest.mark.parametrize("text", ["Q87176", "https://ror.org/Q871765", "wikidata", "entity", "http"])
def test_an_identifier_is_found_as_a_whole_only(text: str) -> None:
    assert Index([], [("x:a", "http://www.wikidata.org/entity/Q871765")]).search(text) == []


def test_what_is_identified_comes_before_what_is_called_so() -> None:
    index = Index([("x:a", "41502", "en"), ("x:c", "41502 Club", "en")], [("x:c", "41502"), ("x:b", "41502")])
    assert _found(index, "41502") == ["x:b", "x:c", "x:a"]


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_folded_as_any_other(text: str) -> None:
    assert fold(text) == fold(f"{text}\u00df").removesuffix("ss")


def test_every_identifier_in_the_graph_finds_its_thing(published: Index) -> None:
    assert len(published._identified) > 40
    for text, matches in published._identified.items():
        for match in matches:
            assert match.thing in _found(published, match.name), match.name
            assert match.thing in _found(published, text.rpartition(" ")[2]), text


def test_every_name_in_the_graph_finds_its_thing(published: Index) -> None:
    assert len(published) > 700
    for thing, name, _ in published.names:
        matches = {match.thing: match for match in published.search(name)}
        assert matches[thing].how == "exact", name


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("BMNT", "organization:at-bmk"),  # as the pact lists it
        ("fido", "organization:be-fido"),
        ("umweltbundesamt", "organization:de-uba"),
        ("Institut Federal pour le Developpement Durable", "organization:be-fido"),
        ("procuring participant", "role:procuring"),
        ("niederlande netherlands", ""),
        ("the launch of the pact", "event:launch-2021"),
    ],
)
def test_names_of_every_sort_are_found(published: Index, text: str, thing: str) -> None:
    found = [shorten(match.thing) for match in published.search(text)]
    assert thing in found if thing else found == []


def test_former_names_lead_to_who_bore_them(published: Index, store: EmbeddedStore) -> None:
    sparql = """PREFIX cfit: <https://w3id.org/cfit/ns#>
      PREFIX skosxl: <http://www.w3.org/2008/05/skos-xl#>
      PREFIX status: <https://w3id.org/cfit/id/status/>
      SELECT ?o ?name { ?o skosxl:altLabel [ cfit:status status:former ; skosxl:literalForm ?name ] }"""
    former = rows(store, sparql)
    assert len(former) >= 4
    for row in former:
        assert row["o"]["value"] in _found(published, row["name"]["value"])
