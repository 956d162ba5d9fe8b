"""Which things are asked for, in which order, and what is said of them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph.collection import COLLECTIONS, SEARCH, asking
from cfit_graph.errors import UnknownEntity
from cfit_graph.namespaces import ID, PREFIXES
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.store.rows import rows
from tests.collection import DECLARED, reader_of, reader_over
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cfit_graph.collection.reader import Reader
    from cfit_graph.store import Store


def _ask(reader: Reader, name: str, parameters: str = "") -> list[str]:
    """Return what is asked for, each IRI without all but its last part."""
    asked = asking.read(parameters, COLLECTIONS[name], reader.values, "")
    return [iri.rpartition("/")[2] for iri in reader.iris(asked)]


def _found_by(store: Store, pattern: str) -> set[str]:
    declared = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
    found = rows(store, f"{declared} SELECT DISTINCT ?x {{ {pattern} }}")
    return {row["x"]["value"].rpartition("/")[2] for row in found}


WATCH, FIDO = "organization:electronics-watch", "organization:be-fido"
NGO, PUBLIC = "stakeholder-type:ngo", "stakeholder-type:public-organization"
CASES = [
    ("organizations", "type=ngo", f"?x a org:Organization ; cfit:stakeholderType {NGO}"),
    ("organizations", "type=public-organization", f"?x cfit:stakeholderType/skos:broader* {PUBLIC}"),
    ("organizations", "country=be", "?x a org:Organization ; dcterms:spatial/skos:broader* place:be"),
    ("organizations", "role=supporting", "?a a cfit:Support ; org:member ?x"),
    ("organizations", "status=former&pact=cfit", "?a a cfit:Participation ; cfit:status status:former ; org:member ?x"),
    ("affiliations", "role=participant", "?x a cfit:Participation"),
    (
        "affiliations",
        "role=supporting&role=co-leading",
        "?x org:role ?r FILTER(?r IN (role:supporting, role:co-leading))",
    ),
    ("affiliations", "organization=be-fido", f"?x org:member {FIDO} ; a cfit:Participation"),
    ("affiliations", "country=be", "?x a cfit:Participation ; org:member/dcterms:spatial/skos:broader* place:be"),
    ("affiliations", "type=ngo&pact=cfit", f"?x org:organization pact:cfit ; org:member/cfit:stakeholderType {NGO}"),
    ("affiliations", "status=intended", "?x a cfit:Participation ; cfit:status status:intended"),
    ("endorsements", "country=de", "?x a cfit:Endorsement ; prov:wasAssociatedWith/dcterms:spatial place:de"),
    ("endorsements", "type=ngo", f"?x a cfit:Endorsement ; prov:wasAssociatedWith/cfit:stakeholderType {NGO}"),
    ("endorsements", "pact=cfit", "?x cfit:endorses pact:cfit"),
    ("endorsements", "organization=electronics-watch", f"?x a cfit:Endorsement ; prov:wasAssociatedWith {WATCH}"),
    ("pacts", "status=active", "?x a cfit:Pact ; cfit:status status:active"),
    ("pacts", "theme=circularity", "?x a cfit:Pact ; cfit:theme theme:circularity"),
    ("pacts", "organization=electronics-watch", f"?a org:member {WATCH} ; org:organization ?x . ?x a cfit:Pact"),
    ("pacts", "country=be", "?x a cfit:Pact ; dcterms:spatial/skos:broader* place:be"),
    (
        *("sources", "organization=electronics-watch"),
        f"?r dcterms:source ?x FILTER(?r = {WATCH} || EXISTS {{ ?r org:member|prov:wasAssociatedWith {WATCH} }})",
    ),
    ("events", "pact=cfit&country=be", "?x a schema:Event ; schema:about pact:cfit ; dcterms:spatial place:be"),
    ("buyer-groups", "country=nl", "?x a cfit:BuyerGroup ; dcterms:spatial place:nl"),
    ("buyer-groups", "organization=be-fido", f"?m org:member {FIDO} ; org:organization ?x . ?x a cfit:BuyerGroup"),
    ("buyer-groups", "status=unverified&pact=cfit", "?x a cfit:BuyerGroup ; dcterms:isPartOf pact:cfit"),
]


@pytest.mark.parametrize(("name", "parameters", "pattern"), CASES, ids=str)
def test_filters_pass_what_a_query_finds(store: EmbeddedStore, name: str, parameters: str, pattern: str) -> None:
    expected = _found_by(store, pattern)
    assert expected or (name, parameters) == ("pacts", "country=be")
    assert _ask(reader_of(store), name, parameters) == sorted(expected)


def test_conditions_on_affiliations_apply_to_one_of_them(tmp_path: Path) -> None:
    reader = reader_over(
        tmp_path,
        """x:o a org:Organization . x:p a cfit:Pact . x:q a cfit:Pact .
        x:a a cfit:Support ; org:member x:o ; org:organization x:p ; cfit:status status:former .
        x:b a cfit:Support ; org:member x:o ; org:organization x:q ; cfit:status status:active .
        x:g a cfit:GroupMembership ; org:member x:o ; cfit:status status:intended .""",
    )
    asked = {"http://example.org/p": "status:former", "http://example.org/q": "status:active"}
    for (pact, own), status in itertools.product(asked.items(), ("status:former", "status:active")):
        assert _ask(reader, "organizations", f"pact={pact}&status={status}") == (["o"] if own == status else [])
    assert _ask(reader, "organizations", "status=status:intended") == []


def test_as_of_is_judged_as_the_question_judges_it(store: EmbeddedStore) -> None:
    question = (ROOT / "ontology/questions/012-affiliated-on-a-day.rq").read_text("utf-8")
    for day in ("2021-06-13", "2021-06-14", "2023-07-25", "2023-07-26", "2023-12-31", "2025-06-01", "2026-12-31"):
        found = rows(store, question.replace("2023-12-31", day))
        expected = {row["organization"]["value"].rpartition("/")[2] for row in found}
        assert set(_ask(reader_of(store), "organizations", f"pact=cfit&asOf={day}")) == expected
        members = _ask(reader_of(store), "affiliations", f"pact=cfit&asOf={day}")
        assert bool(members) == bool(expected)


DAYS = ["2022-12-31", "2023-01-01", "2023-06-14", "2023-06-30", "2023-07-01", "2023-12-31", "2024-01-01"]
DATES = ["", "2023", "2023-06", "2023-06-14"]


def _typed(date: str) -> str:
    return f'"{date}"^^xsd:' + {4: "gYear", 7: "gYearMonth", 10: "date"}[len(date)]


def _may_hold(since: str, until: str, day: str) -> bool:
    """Tell whether some day that the start may be is not after ``day``, and some that the end may be not before it."""
    return bool(since) and day[: len(since)] >= since and (not until or day[: len(until)] <= until)


@pytest.mark.parametrize("day", DAYS)
def test_partial_dates_hold_if_they_may(tmp_path: Path, day: str) -> None:
    turtle, expected = "", []
    for number, (since, until) in enumerate(itertools.product(DATES, DATES)):
        turtle += f"x:a{number} a cfit:Support ; org:member x:o ; cfit:status status:active"
        turtle += f" ; schema:startDate {_typed(since)}" if since else ""
        turtle += f" ; schema:endDate {_typed(until)} .\n" if until else " .\n"
        turtle += f"x:e{number} a cfit:Endorsement"
        turtle += f" ; cfit:announcedOn {_typed(since)}" if since else ""
        turtle += f" ; cfit:withdrawnOn {_typed(until)} .\n" if until else " .\n"
        expected += [number] if _may_hold(since, until, day) else []
    reader = reader_over(tmp_path, turtle)
    assert sorted(_ask(reader, "affiliations", f"asOf={day}")) == sorted(f"a{number}" for number in expected)
    assert sorted(_ask(reader, "endorsements", f"asOf={day}")) == sorted(f"e{number}" for number in expected)


def test_as_of_leaves_out_what_is_only_intended_and_who_did_not_exist(tmp_path: Path) -> None:
    reader = reader_over(
        tmp_path,
        """x:i a cfit:Support ; org:member x:o ; cfit:status status:intended ; schema:startDate "2020"^^xsd:gYear .
        x:s a cfit:Support ; org:member x:new ; cfit:status status:active ; schema:startDate "2020"^^xsd:gYear .
        x:new a org:Organization . x:c org:resultingOrganization x:new ; dcterms:date "2024-03"^^xsd:gYearMonth .""",
    )
    for name, found in (("affiliations", "s"), ("organizations", "new")):
        assert _ask(reader, name, "asOf=2024-02-29") == []
        assert _ask(reader, name, "asOf=2024-03-01") == [found]


def test_an_endorsement_holds_from_its_first_known_date(tmp_path: Path) -> None:
    reader = reader_over(
        tmp_path,
        'x:e a cfit:Endorsement ; cfit:signedOn "2021"^^xsd:gYear ; cfit:handedOverOn "2023-05-01"^^xsd:date .',
    )
    assert _ask(reader, "endorsements", "asOf=2021-01-01") == ["e"]
    assert _ask(reader, "endorsements", "asOf=2020-12-31") == []


def test_what_a_filter_of_one_value_passes_is_the_sum_of_its_parts(store: EmbeddedStore) -> None:
    reader = reader_of(store)
    for name in ("organizations", "affiliations"):
        both = _ask(reader, name, "type=ngo&type=government-agency")
        each = [*_ask(reader, name, "type=ngo"), *_ask(reader, name, "type=government-agency")]
        assert set(both) == set(each)


def test_by_name_the_best_match_is_first_and_filters_hold(store: EmbeddedStore) -> None:
    reader = reader_of(store)
    everywhere, here = (
        _ask(reader, "organizations", "q=ministry"),
        _ask(reader, "organizations", "q=ministry&country=nl"),
    )
    assert len(everywhere) > len(here) >= 2
    assert here == [slug for slug in everywhere if slug in here]
    assert set(here) <= set(_ask(reader, "organizations", "country=nl"))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(COLLECTIONS)),
    st.sampled_from(["", "q=pact", "country=be", "pact=cfit", "status=active", "organization=be-fido"]),
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
)
def test_pages_have_every_item_once(store: EmbeddedStore, name: str, parameters: str, limits: Sequence[int]) -> None:
    reader, of = reader_of(store), COLLECTIONS[name]
    if parameters.partition("=")[0] not in {*of.filters, ""}:
        return
    everything = reader.iris(asking.read(parameters, of, reader.values, "e"))
    walked: list[str] = []
    cursor: list[tuple[str, str]] = []
    for limit in itertools.cycle(limits):
        sent = "&".join([parameters, *(f"{key}={value}" for key, value in cursor)])
        asked = asking.read(sent, of, reader.values, "e")
        page = reader.page(asked, limit)
        walked += page.iris
        if page.next is None:
            break
        assert len(page.iris) == limit
        cursor = [("cursor", asking.cursor(asked, "e", page.next))]
    assert walked == list(everything)


def test_pages_of_a_search_have_everything_once(store: EmbeddedStore) -> None:
    reader = reader_of(store)
    asked = asking.read("q=pact", SEARCH, reader.values, "")
    everything, end = reader.search(asked, 10_000)
    assert end is None
    assert len(everything) > 20
    walked: list[Any] = []
    position: int | None = 0
    while position is not None:
        found, position = reader.search(replace(asked, position=position), 7)
        walked += found
    assert walked == everything


def test_an_item_is_found_by_its_slug_or_the_nearest_are_named(store: EmbeddedStore) -> None:
    reader = reader_of(store)
    assert reader.find(COLLECTIONS["pacts"], "cfit") == f"{ID}pact/cfit"
    with pytest.raises(UnknownEntity, match=r"There is no pact 'cfti'\. Nearest: cfit"):
        reader.find(COLLECTIONS["pacts"], "cfti")
    with pytest.raises(UnknownEntity):
        reader.find(COLLECTIONS["roles"], "../organization/be-fido")


def test_an_entry_has_its_fields_and_an_item_all_that_is_said(store: EmbeddedStore) -> None:
    reader, of = reader_of(store), COLLECTIONS["organizations"]
    iri = f"{ID}organization/be-fido"
    (entry,) = reader.entries([iri], of.fields)
    item = reader.item(of, iri)
    assert set(entry) <= {"id", "type", *of.fields}
    assert {name: item[name] for name in entry} == entry
    assert "editorialNote" in item
    assert {affiliation["member"] for affiliation in item["affiliations"]} == {iri}


def test_names_in_time_are_nested(store: EmbeddedStore) -> None:
    (row, *_) = rows(store, "SELECT ?x { ?x <http://www.w3.org/2008/05/skos-xl#altLabel> ?name } ORDER BY ?x")
    item = reader_of(store).item(COLLECTIONS["organizations"], row["x"]["value"])
    for name in item["skosxlAltLabel"]:
        assert name["type"] == ["Label"]
        assert name["literalForm"]
        assert name["source"]


def test_things_without_an_iri_are_not_listed(tmp_path: Path) -> None:
    reader = reader_over(tmp_path, "[] a org:Organization . x:o a org:Organization .")
    assert _ask(reader, "organizations") == ["o"]


def test_a_statement_in_two_graphs_counts_once(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.ttl").write_text(DECLARED + 'x:o a org:Organization ; skos:prefLabel "A"@en .', "utf-8")
    reader = reader_of(EmbeddedStore([tmp_path / "1.ttl", tmp_path / "2.ttl"]))
    assert _ask(reader, "organizations") == ["o"]
    (entry,) = reader.entries(["http://example.org/o"], ["prefLabel"])
    assert entry["prefLabel"] == {"en": "A"}


class _Counting:
    """A store that counts what it is asked."""

    def __init__(self, store: Store) -> None:
        self.store, self.asked = store, 0

    def query(self, *args: Any, **options: Any) -> Any:
        self.asked += 1
        return self.store.query(*args, **options)


@pytest.mark.parametrize(("is_fixed", "again"), [(True, 0), (False, 2)])
def test_lists_are_kept_only_where_nothing_changes(store: EmbeddedStore, is_fixed: bool, again: int) -> None:
    counting = _Counting(store)
    reader = reader_of(counting, is_fixed=is_fixed)
    first = _ask(reader, "organizations", "country=nl")
    asked = counting.asked
    assert _ask(reader, "organizations", "country=nl") == first
    assert counting.asked - asked == again
