"""What is wrong with a batch is told with its place, for every query of it, and soon."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph.errors import BadParameters, BatchTooLarge
from cfit_graph.reconcile import BATCH, DEFAULT, IDS, LONGEST, MOST, TYPES, Query, Wanted, asking

PIDS = ("country", "role", "homepage")
EVERY = tuple(TYPES.values())
LIMITS: tuple[Any, ...] = (0, -1, 51, 1.5, "3", True, [])
"""No limits."""
NOTHING: tuple[Any, ...] = (0, False, [], {})
"""No names, though Python takes them for empty ones."""


def _read(**sent: Any) -> dict[str, Query]:
    return asking.queries(json.dumps(sent), PIDS)


def _wrong(text: str) -> dict[str, str]:
    """Return what is said to be wrong with queries, by place."""
    with pytest.raises(BadParameters) as refused:
        asking.queries(text, PIDS)
    return dict(refused.value.errors)


def test_a_query_as_openrefine_sends_it_is_read() -> None:
    sent = {"query": "Example", "type": "organization", "type_strict": "should"}
    assert _read(q0=sent) == {"q0": Query("Example", (TYPES["organization"],), (), DEFAULT)}


@pytest.mark.parametrize(
    "name",
    ["organization", "Organization", "organizations", "org:Organization", "http://www.w3.org/ns/org#Organization"],
)
def test_a_type_has_several_spellings(name: str) -> None:
    assert _read(q={"query": "x", "type": name})["q"].types == (TYPES["organization"],)
    assert _read(q={"query": "x", "type": [{"id": name}, "pact"]})["q"].types == (TYPES["organization"], TYPES["pact"])


@pytest.mark.parametrize(
    ("sent", "kinds"),
    [
        ({}, EVERY),
        ({"type": None}, EVERY),
        ({"type": []}, EVERY),
        ({"type": ["pact", "role"], "type_strict": "any"}, (TYPES["pact"], TYPES["role"])),
        ({"type": ["pact", "pact"], "type_strict": "all"}, (TYPES["pact"],)),
        ({"type": ["pact", "role"], "type_strict": None}, (TYPES["pact"], TYPES["role"])),
        ({"type": ["pact", "role"], "type_strict": "all"}, ()),
    ],
)
def test_types_are_any_or_all(sent: dict[str, Any], kinds: tuple[Any, ...]) -> None:
    assert _read(q={"query": "x"} | sent)["q"].types == kinds


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("Belgium", ("Belgium",)),
        (62721445, ("62721445",)),
        pytest.param(10**400, (f"1{'0' * 400}",), id="long"),
        (62721445.0, ("62721445",)),
        (0.5, ("0.5",)),
        (True, ("true",)),
        ({"id": "place/be", "name": "Belgium"}, ("place/be", "Belgium")),
        ({"id": "place/be"}, ("place/be",)),
        (["Belgium", 1, {"id": "x", "name": "y"}], ("Belgium", "1", "x", "y")),
        ([], ()),
    ],
)
def test_a_value_may_be_of_any_sort(value: Any, texts: tuple[str, ...]) -> None:
    query = _read(q={"properties": [{"pid": "country", "v": value}]})["q"]
    assert query.properties == (Wanted("country", texts),)


@pytest.mark.parametrize(
    ("one", "place", "said"),
    [
        ({}, "queries.q0", 'neither "query"'),
        ({"query": None, "properties": []}, "queries.q0", 'neither "query"'),
        ("Example", "queries.q0", "not an object"),
        ({"query": 5}, "queries.q0.query", "not a text"),
        ({"query": "x" * (LONGEST + 1)}, "queries.q0.query", "501 characters"),
        *(({"query": "x", "limit": bad}, "queries.q0.limit", "from 1 to 50") for bad in LIMITS),
        ({"query": "x", "type": "cat"}, "queries.q0.type", "There is organization, pact"),
        ({"query": "x", "type": [["pact"]]}, "queries.q0.type", "not a text"),
        ({"query": "x", "type_strict": "maybe"}, "queries.q0.type_strict", "any, should, all"),
        ({"query": "x", "properties": {"pid": "country"}}, "queries.q0.properties", "not an array"),
        ({"query": "x", "properties": ["country"]}, "queries.q0.properties", "not an object"),
        *(({"query": none}, "queries.q0.query", "not a text") for none in NOTHING),
        ({"query": "x", "properties": [{"pid": "cuntry", "v": 1}]}, "queries.q0.properties.pid", "Nearest: country"),
        ({"query": "x", "properties": [{"v": 1}]}, "queries.q0.properties.pid", "missing"),
        ({"query": "x", "properties": [{"pid": "country"}]}, "queries.q0.properties.country.v", "missing"),
        ({"query": "x", "properties": [{"pid": "country", "v": [[1]]}]}, "queries.q0.properties.country.v", "a text"),
        ({"properties": [{"pid": "country", "v": 10**LONGEST}]}, "queries.q0.properties.country.v", "501 characters"),
        ({"query": "x", "properties": [{"pid": "country", "v": [1] * 21}]}, "queries.q0.properties", "21 values"),
        ({"query": "x", "properties": [{"pid": "country", "v": 1}] * 21}, "queries.q0.properties", "may be 20"),
    ],
)
def test_what_is_wrong_with_a_query_is_told(one: Any, place: str, said: str) -> None:
    wrong = _wrong(json.dumps({"q0": one}))
    assert wrong.keys() == {place}
    assert said in wrong[place]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("{", "in line 1, column 2"),
        ('{"q0": {"query": "x"', "in line 1"),
        ("[]", "not an object"),
        ("null", "not an object"),
        ('{"q0": {"query": "x", "limit": NaN}}', "NaN is no number"),
        ('{"q0": {"query": "\\ud800"}}', "half of a character"),
        ('{"\\udfff": {"query": "x"}}', "half of a character"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"q0": {"query": "x", "limit": ' + "9" * 10_000 + "}}", "not JSON"),
    ],
)
def test_what_is_no_batch_is_told_with_its_place(text: str, said: str) -> None:
    started = time.perf_counter()
    assert said in _wrong(text)["queries"]
    assert time.perf_counter() - started < 2


def test_every_wrong_query_is_told_of() -> None:
    wrong = _wrong(json.dumps({"a": {}, "b": {"query": "x"}, "c": {"query": "x", "limit": 0}}))
    assert wrong.keys() == {"queries.a", "queries.c.limit"}


def test_a_batch_has_a_size() -> None:
    assert len(_read(**{f"q{number}": {"query": "x"} for number in range(BATCH)})) == BATCH
    with pytest.raises(BatchTooLarge, match=rf"51 queries, and may have {BATCH}"):
        _read(**{f"q{number}": {} for number in range(BATCH + 1)})


def test_an_extension_is_read() -> None:
    sent = {"ids": ["a", "b", "a"], "properties": [{"id": "country", "settings": {}}, {"id": "role"}]}
    assert asking.extension(json.dumps(sent), PIDS) == (("a", "b"), ("country", "role"))


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({}, "extend.ids"),
        ({"ids": ["a"]}, "extend.properties"),
        ({"ids": "a", "properties": []}, "extend.ids"),
        ({"ids": [1], "properties": []}, "extend.ids"),
        ({"ids": ["a"], "properties": ["country"]}, "extend.properties"),
        ({"ids": ["a"], "properties": [{"id": "cuntry"}]}, "extend.properties.id"),
        ([], "extend"),
    ],
)
def test_what_is_wrong_with_an_extension_is_told(sent: Any, place: str) -> None:
    with pytest.raises(BadParameters) as refused:
        asking.extension(json.dumps(sent), PIDS)
    assert [wrong.parameter for wrong in refused.value.errors] == [place]


def test_an_extension_has_a_size() -> None:
    for sent in (
        {"ids": ["a"] * (IDS + 1), "properties": []},
        {"ids": [], "properties": [{"id": "country"}] * 41},
    ):
        with pytest.raises(BatchTooLarge):
            asking.extension(json.dumps(sent), PIDS)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["query", "type", "limit", "properties", "pid", "v", "id", "q0"]), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_is_read_or_refused(sent: Any) -> None:
    for read in (asking.queries, asking.extension):
        found: Any
        try:
            found = read(json.dumps(sent), PIDS)
        except BadParameters as error:
            found = error.errors
        assert isinstance(found, dict | tuple)
        for query in found.values() if isinstance(found, dict) else ():
            assert 1 <= query.limit <= MOST
