"""SP-01 to SP-05 and SP-11 of the SPARQL 1.1 Protocol; names in comments are those of the W3C protocol tests."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cfit_graph.errors import UnsupportedMediaType, UpdateRefused, UsageError
from cfit_graph.store import GraphSelection
from cfit_graph.web.protocol import DIRECT, FORM, QueryRequest, from_get, from_post

ASK = "ASK { <http://x/a%20b> ?p 'é+&=' }"


@pytest.mark.parametrize("content_type", [FORM, FORM + "; charset=UTF-8", FORM.upper()])
def test_query_post_form(content_type: str) -> None:
    asked = from_post("", content_type, urlencode({"query": ASK}).encode())
    assert asked.sparql == ASK


@pytest.mark.parametrize("content_type", [DIRECT, DIRECT + "; charset=utf-8", DIRECT + ';charset="UTF-8"'])
def test_query_post_direct(content_type: str) -> None:
    assert from_post("", content_type, ASK.encode()).sparql == ASK


def test_query_get() -> None:
    assert from_get("query=" + quote(ASK)).sparql == ASK
    assert from_get("query=ASK+%7B%7D&format=csv").formats == ("csv",)


SIGNS = ["%", "%4", "%41", "%3D", "%3d", "=", "%=", "%%", "+", "a", "_", "%C3%A9", "%FF", "é", "\n", "\r\n", "%0A", " "]


@given(st.lists(st.sampled_from(SIGNS)).map("".join))
@example("%\n")  # a line that goes on, in quoted-printable
def test_a_query_alone_is_what_the_parser_would_find(sent: str) -> None:
    try:
        (expected,) = parse_qs("query=" + sent, keep_blank_values=True, errors="strict")["query"]
    except UnicodeDecodeError:
        with pytest.raises(UsageError):
            from_get("query=" + sent)
    else:
        assert from_get("query=" + sent) == QueryRequest(expected)


@given(st.text())
def test_any_query_arrives(sparql: str) -> None:
    for sent in (urlencode({"query": sparql}), "query=" + quote(sparql)):
        assert from_get(sent).sparql == sparql.removeprefix("\ufeff")


def test_the_mark_at_the_begin_of_a_file_is_no_part_of_the_query() -> None:
    marked = "\ufeff" + ASK
    form = urlencode({"query": marked})
    asked = [from_get(form), from_get(f"{form}&format=csv"), from_post("", FORM, form.encode())]
    assert [each.sparql for each in [*asked, from_post("", DIRECT, marked.encode())]] == [ASK] * 4


def test_the_dataset_is_read_from_everywhere() -> None:
    expected = GraphSelection(("http://x/1", "http://x/2"), ("http://x/3",))
    graphs = "default-graph-uri=http://x/1&default-graph-uri=http%3A%2F%2Fx%2F2&named-graph-uri=http://x/3"
    assert from_get(f"query=ASK%7B%7D&{graphs}").dataset == expected
    assert from_post("", FORM, f"query=ASK%7B%7D&{graphs}".encode()).dataset == expected
    assert from_post(graphs, DIRECT, b"ASK {}").dataset == expected


@pytest.mark.parametrize("query_string", ["", "query=ASK%7B%7D&query=ASK%7B%7D", "format=csv"])  # bad_multiple_queries
def test_there_is_exactly_one_query(query_string: str) -> None:
    with pytest.raises(UsageError, match="exactly one query"):
        from_get(query_string)


@pytest.mark.parametrize(
    ("query_string", "said"),
    [
        ("query=ASK%7B%7D" + 1000 * "&x=", "more than 1,000"),
        ("query=ASK%7B%7D&version=1.1&version=1.1", "version is given once"),
        ("query=ASK%7B%7D&version=9.9", "version is given once"),
        *[
            (f"query=ASK%7B%7D&timeout={value}", "number of seconds")
            for value in ("1_0", "\u0661", "1e3", "+5", "%201", "1.")
        ],
        ("query=ASK%7B%7D&release=2026-01-01.1", "release is given once, and in the address"),
    ],
)
def test_what_parameters_may_not_be(query_string: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        from_get(query_string)
    with pytest.raises(UsageError, match=said):
        from_post("", FORM, query_string.encode())


def test_a_version_beside_the_media_type_is_read_as_the_parameter_is() -> None:
    assert from_post("", f'{DIRECT}; charset=utf-8; version="1.1"', b"ASK {}").sparql == "ASK {}"
    for query_string, version in (("", "9.9"), ("version=1.1", "1.1")):
        with pytest.raises(UsageError, match="version is given once"):
            from_post(query_string, f"{DIRECT}; version={version}", b"ASK {}")


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/json", DIRECT + "; charset=utf-16"])
def test_other_bodies_are_refused(content_type: str) -> None:  # bad_query_wrong_media_type, bad_query_missing_*_type
    with pytest.raises(UnsupportedMediaType, match="application/sparql-query"):
        from_post("", content_type, b"ASK {}")


def test_a_body_that_is_not_utf8_is_refused() -> None:  # bad_query_non_utf8
    with pytest.raises(UnsupportedMediaType, match="UTF-8"):
        from_post("", DIRECT, "ASK { ?s ?p 'é' }".encode("utf-16"))


def test_updates_are_refused() -> None:
    with pytest.raises(UpdateRefused):
        from_get("update=CLEAR+ALL")
    with pytest.raises(UpdateRefused):
        from_post("", FORM, b"update=CLEAR+ALL")
    with pytest.raises(UpdateRefused):
        from_post("", "application/sparql-update", b"CLEAR ALL")
