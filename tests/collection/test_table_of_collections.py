"""The table that everything is made from agrees with the data, the context, the queries and the words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cfit_graph import queries
from cfit_graph.collection import COLLECTIONS, DAY, FILTERS, SEARCH, SINCE, WORDS, Collection, asking
from cfit_graph.namespaces import KINDS, SCHEMES
from cfit_graph.texts import API
from tests.collection import CONTEXT, reader_of

if TYPE_CHECKING:
    from cfit_graph.store.embedded import EmbeddedStore

EVERY = pytest.mark.parametrize("of", COLLECTIONS.values(), ids=lambda of: of.name)


@EVERY
def test_names_are_plural_kebab_case_and_kinds_are_ours(of: Collection) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*s", of.name)
    assert of.kind in {*KINDS, *SCHEMES}


@EVERY
def test_fields_are_terms_of_the_context(of: Collection) -> None:
    assert set(of.fields) <= CONTEXT.terms.keys()
    assert len(set(of.fields)) == len(of.fields)
    assert set(SEARCH.fields) <= CONTEXT.terms.keys()


@EVERY
def test_each_filter_but_by_name_is_a_part_of_the_query_and_each_part_is_a_filter(of: Collection) -> None:
    (path,) = [path for path in queries.paths("collections") if path.stem == of.name]
    conditions = re.findall(r"# if (.+)", path.read_text("utf-8"))
    assert {name for condition in conditions for name in condition.split(" or ")} == set(of.filters) - {WORDS}


def test_all_words_are_there_and_none_is_left_over() -> None:
    assert API["collections"].keys() == COLLECTIONS.keys()
    used = {name for of in COLLECTIONS.values() for name in of.filters}
    assert used == {*FILTERS, DAY, WORDS}
    assert list(API["filters"]) == [*FILTERS, DAY, WORDS, SINCE, *asking.PAGING]
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name) for name in API["filters"])


@EVERY
def test_items_are_all_things_of_these_classes_in_the_kind(of: Collection, store: EmbeddedStore) -> None:
    iris = reader_of(store).iris(asking.Asked(of))
    assert iris == tuple(sorted(iris))
    assert iris
    assert all(iri.startswith(f"https://w3id.org/cfit/id/{of.kind}/") for iri in iris)
    for iri, said in reader_of(store).said(iris):
        types = set(said["http://www.w3.org/1999/02/22-rdf-syntax-ns#type"])
        assert types & set(of.classes), iri


@EVERY
def test_fields_are_in_use_or_meant_for_what_may_come(of: Collection, store: EmbeddedStore) -> None:
    entries = reader_of(store).entries(reader_of(store).iris(asking.Asked(of)), of.fields)
    used = {name for entry in entries for name in entry}
    not_yet = {"withdrawnOn", "accessedOn", "isReplacedBy"}
    assert set(of.fields) - used <= not_yet
