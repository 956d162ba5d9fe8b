"""Parameters are read, or all that is wrong with them is said at once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph.collection import COLLECTIONS, FILTERS, SEARCH, Collection, Filter, asking
from cfit_graph.collection.asking import Asked
from cfit_graph.collection.values import Values
from cfit_graph.errors import BadParameters, UsageError
from cfit_graph.namespaces import BASE, ID

if TYPE_CHECKING:
    from collections.abc import Sequence

ORGANIZATIONS = COLLECTIONS["organizations"]
EDITION = "e1"


def _values(given: Filter) -> Values:
    """Two values for each filter, the second narrower than the first."""
    wide, narrow = (f"{ID}{given.kind}/{name}" for name in ("wide", "narrow"))
    return Values(given.kind, BASE, {wide: (narrow, wide), narrow: (narrow,)})


def _read(parameters: str, of: Collection = ORGANIZATIONS, edition: str = EDITION) -> Asked:
    return asking.read(parameters, of, _values, edition)


def _errors(parameters: str, of: Collection = ORGANIZATIONS, edition: str = EDITION) -> Sequence[tuple[str, str]]:
    with pytest.raises(BadParameters) as caught:
        _read(parameters, of, edition)
    assert all(f"{name}: {detail}" in str(caught.value) for name, detail in caught.value.errors)
    return caught.value.errors


def test_nothing_asked_is_everything_from_the_start() -> None:
    assert _read("") == Asked(ORGANIZATIONS)
    assert _read("").parameters() == []


def test_all_that_can_be_asked() -> None:
    asked = _read("asOf=2023-12-31&q=green+watch&limit=7&country=narrow&type=wide&country=wide")
    assert asked.words == "green watch"
    assert asked.day == "2023-12-31"
    assert asked.limit == 7
    assert dict(asked.values)["type"] == (f"{ID}stakeholder-type/narrow", f"{ID}stakeholder-type/wide")
    assert asked.sent == (
        *(("q", "green watch"), ("type", "wide"), ("country", "narrow"), ("country", "wide")),
        ("asOf", "2023-12-31"),
    )
    assert _read(urlencode(asked.parameters())) == asked


@pytest.mark.parametrize("value", ["narrow", "place:narrow", f"{ID}place/narrow"])
def test_values_by_slug_prefixed_name_or_iri(value: str) -> None:
    assert dict(_read(urlencode({"country": value})).values) == {"country": (f"{ID}place/narrow",)}


BAD = [
    ("country=nowhere", "country", "There is no place 'nowhere'"),
    ("country=", "country", "There is no place ''"),
    ("country=role:wide", "country", "There is no place 'role:wide'"),
    ("counrty=wide", "counrty", "organizations has no such parameter. There is country"),
    ("organization=x", "organization", "organizations has no such parameter"),
    ("Limit=1", "Limit", "no such parameter. There is limit"),
    ("limit=0", "limit", "from 1 to 500"),
    ("limit=501", "limit", "from 1 to 500"),
    ("limit=-1", "limit", "from 1 to 500"),
    ("limit=1e2", "limit", "from 1 to 500"),
    ("limit=%D9%A1", "limit", "from 1 to 500"),
    ("limit=" + "9" * 1000, "limit", "from 1 to 500"),
    ("limit=", "limit", "from 1 to 500"),
    ("limit=1&limit=2", "limit", "more than once"),
    ("asOf=2023", "asOf", "not a day. Write it as 2023-12-31"),
    ("asOf=2023-02-30", "asOf", "not a day"),
    ("asOf=20231231", "asOf", "not a day"),
    ("asOf=2023-W01-1", "asOf", "not a day"),
    ("asOf=0000-01-01", "asOf", "not a day"),
    ("asOf=2023-12-31T00:00:00Z", "asOf", "not a day"),
    ("asOf=2023-12-31&asOf=2023-12-30", "asOf", "more than once"),
    ("q=", "q", "no letter or digit"),
    ("q=%26", "q", "no letter or digit"),
    ("q=a&q=b", "q", "more than once"),
    ("cursor=", "cursor", "no cursor of this API"),
    ("cursor=%F0%9F%98%80", "cursor", "no cursor of this API"),
    ("cursor=abcde", "cursor", "no cursor of this API"),
    ("cursor=ZTEgeCAx", "cursor", "another question"),
]


@pytest.mark.parametrize(("parameters", "name", "detail"), BAD)
def test_what_is_wrong_is_said(parameters: str, name: str, detail: str) -> None:
    ((parameter, said),) = _errors(parameters)
    assert parameter == name
    assert detail in said


def test_everything_wrong_is_said_at_once() -> None:
    found = _errors("country=x&country=y&limit=0&asOf=x&q=-&cursor=x&role=z&since=x&sinse=2020")
    names = ["asOf", "country", "country", "cursor", "limit", "q", "role", "since", "sinse"]
    assert [name for name, _ in found] == names


def test_a_point_in_the_log_is_kept_as_it_was_sent() -> None:
    asked = asking.read("since=2026-01-01", ORGANIZATIONS, _values, EDITION, {"2026-01-01": 7}.__getitem__)
    assert asked.since == 7
    assert asked.parameters() == [("since", "2026-01-01")]
    later = asking.read("since=8", ORGANIZATIONS, _values, EDITION)
    with pytest.raises(BadParameters, match="another question"):
        _read(urlencode(later.parameters(asking.cursor(asked, EDITION, 50))))
    assert [name for name, _ in _errors("q=a&since=7", SEARCH)] == ["since"]


def test_what_is_missing_is_said_too() -> None:
    assert _errors("limit=0", SEARCH) == (
        ("limit", "It is not a number from 1 to 500."),
        ("q", "It is missing."),
    )


def test_a_cursor_leads_to_its_place() -> None:
    asked = _read("country=narrow")
    text = asking.cursor(asked, EDITION, 50)
    assert text.isascii()
    assert not set(text) & set("+/=&")
    for parameters in (asked.parameters(text), [*asked.parameters(text), ("limit", "3")]):
        assert _read(urlencode(parameters)).position == 50


@pytest.mark.parametrize(
    ("parameters", "edition", "detail"),
    [
        ("country=narrow", "e2", "another release"),
        ("country=wide", EDITION, "another question"),
        ("", EDITION, "another question"),
        ("country=narrow&q=x", EDITION, "another question"),
        ("country=narrow&asOf=2023-12-31", EDITION, "another question"),
    ],
)
def test_a_cursor_of_something_else_is_refused(parameters: str, edition: str, detail: str) -> None:
    text = asking.cursor(_read("country=narrow"), EDITION, 50)
    ((name, said),) = _errors(f"{parameters}&cursor={text}", edition=edition)
    assert name == "cursor"
    assert detail in said


def test_a_cursor_of_another_collection_is_refused() -> None:
    text = asking.cursor(_read(""), EDITION, 50)
    ((_, said),) = _errors(f"cursor={text}", COLLECTIONS["pacts"])
    assert "another question" in said


def test_too_much_is_refused_before_it_is_read() -> None:
    for parameters in ("q=" + "a" * 4_000, "&".join(f"a{number}=1" for number in range(101)), "q=%ff"):
        with pytest.raises(UsageError, match="parameters"):
            _read(parameters)


@given(st.text())
def test_any_cursor_is_refused_or_a_place(text: str) -> None:
    try:
        position = _read(urlencode({"cursor": text})).position
    except UsageError:
        return
    assert asking.cursor(_read(""), EDITION, position)


@given(st.lists(st.tuples(st.sampled_from([*FILTERS, "asOf", "q", "limit", "cursor", "x"]), st.text(max_size=5))))
def test_any_parameters_are_read_or_refused(parameters: list[tuple[str, str]]) -> None:
    try:
        asked = _read(urlencode(parameters))
    except UsageError:
        return
    assert _read(urlencode(asked.parameters())) == asked
