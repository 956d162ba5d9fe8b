"""The client for researchers: typed tables, names, citations, and errors in the words of the server."""

from __future__ import annotations

import gzip
import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pandas as pd
import pytest
from rdflib import Literal

from cfit_graph import queries
from cfit_graph.client import AskingFailed, Client, asking, results
from cfit_graph.client.columns import column
from cfit_graph.store.lexer import outline
from tests.conftest import ROOT
from tests.store import fake_endpoint
from tests.store.fake_endpoint import ANSWERS, JSON, N_TRIPLES, FakeEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

XSD = "http://www.w3.org/2001/XMLSchema#"
QUESTIONS = queries.questions(ROOT / "ontology/questions")
SUPPORTERS = (ROOT / "ontology/questions/001-who-supports.rq").read_text("utf-8")
COUNT = "SELECT ?g (COUNT(*) AS ?n) (AVG(STRLEN(STR(?s))) AS ?mean) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"


@pytest.fixture(scope="module")
def graph(server: str) -> Client:
    return Client(server)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[FakeEndpoint]:
    with fake_endpoint.fake_endpoint() as server:
        yield server


def _cells(*values: str | None, datatype: str = "", **more: str) -> list[dict[str, str] | None]:
    typed = {"datatype": XSD + datatype} if datatype else {}
    return [None if value is None else {"type": "literal", "value": value, **typed, **more} for value in values]


DAYS = _cells("2023-07-26", "2024-02-29", datatype="date")
COLUMNS: dict[str, tuple[list[dict[str, str] | None], str, list[Any]]] = {
    "whole": (_cells("4", None, "-07", datatype="integer"), "Int64", [4, pd.NA, -7]),
    "whole of another name": (_cells("4", datatype="unsignedByte"), "Int64", [4]),
    "more than 64 bits": (_cells("9" * 30, datatype="integer"), "string", ["9" * 30]),
    "not as XML Schema writes it": (_cells("1_0", "2", datatype="integer"), "string", ["1_0", "2"]),
    "numbers": (_cells("1.5", ".5", "-2e3", None, datatype="decimal"), "Float64", [1.5, 0.5, -2000.0, pd.NA]),
    "whole and other": (
        [*_cells("1", datatype="integer"), *_cells("INF", datatype="double")],
        "Float64",
        [1.0, float("inf")],
    ),
    "64 bits without a sign": (_cells(str(2**63), "-1", datatype="integer"), "string", [str(2**63), "-1"]),
    "the largest of 64 bits": (_cells(str(2**63 - 1), None, datatype="integer"), "Int64", [2**63 - 1, pd.NA]),
    "the smallest": (_cells(str(-(2**63)), datatype="integer"), "Int64", [-(2**63)]),
    "no number": (_cells("NaN", "1", datatype="double"), "string", ["NaN", "1"]),
    "too large a number": (_cells("1e400", None, datatype="double"), "string", ["1e400", pd.NA]),
    "much of a second": (
        _cells("2023-07-26T10:00:00.0123456789", datatype="dateTime"),
        "string",
        ["2023-07-26T10:00:00.0123456789"],
    ),
    "truth": (_cells("true", "0", None, datatype="boolean"), "boolean", [True, False, pd.NA]),
    "days": (DAYS, "datetime64", [pd.Timestamp(2023, 7, 26), pd.Timestamp(2024, 2, 29)]),
    "days and times": (
        [*DAYS[:1], None, *_cells("2023-07-26T10:00:00.5", datatype="dateTime")],
        "datetime64",
        [pd.Timestamp(2023, 7, 26), pd.NaT, pd.Timestamp("2023-07-26T10:00:00.5")],
    ),
    "times with offsets": (
        _cells("2023-07-26T10:00:00Z", "2023-07-26T10:00:00+02:00", datatype="dateTime"),
        "datetime64",
        [pd.Timestamp("2023-07-26T10:00:00Z"), pd.Timestamp("2023-07-26T08:00:00Z")],
    ),
    "times with and without": (
        _cells("2023-07-26T10:00:00Z", "2023-07-26T10:00:00", datatype="dateTime"),
        "string",
        ["2023-07-26T10:00:00Z", "2023-07-26T10:00:00"],
    ),
    "a day that is none": (_cells("2023-02-30", datatype="date"), "string", ["2023-02-30"]),
    "days and months": ([*DAYS[:1], *_cells("2023-07", datatype="gYearMonth")], "string", ["2023-07-26", "2023-07"]),
    "numbers and words": ([*_cells("4", datatype="integer"), *_cells("four")], "string", ["4", "four"]),
    "texts": (_cells("a", None, "4", **{"xml:lang": "nl"}), "string", ["a", pd.NA, "4"]),
    "types of others": (_cells("4", datatype="x"), "string", ["4"]),
    "nothing": ([None, None], "string", [pd.NA, pd.NA]),
    "no row": ([], "string", []),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_has_the_type_that_its_values_share(name: str) -> None:
    cells, dtype, expected = COLUMNS[name]
    found = column(cells)
    assert str(found.dtype).startswith(dtype)
    pd.testing.assert_series_equal(found, pd.Series(expected, dtype=found.dtype))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.slug)
def test_every_question_of_the_library_can_be_asked(graph: Client, question: queries.Question) -> None:
    form = outline(question.sparql).form
    if form == "ASK":
        assert graph.ask(question.sparql) in {True, False}
    elif form == "SELECT":
        table = graph.table(question.sparql)
        assert len(table.columns) > 0
        assert (table.dtypes != "object").all()
    else:
        assert len(graph.graph(question.sparql)) > 0


def test_a_table_has_numbers_and_says_where_it_is_from(graph: Client) -> None:
    table = graph.table(COUNT)
    assert table.dtypes.astype(str).to_dict() == {"g": "string", "n": "Int64", "mean": "Float64"}
    assert table["n"].sum() > 1000
    assert table.attrs == {"query": COUNT, "address": f"{graph.address}/sparql", "iris": ["g"]}


def test_a_row_of_nothing_is_a_row(graph: Client) -> None:
    assert graph.table("SELECT * {}").shape == (1, 0)


def test_an_empty_table_has_its_columns(graph: Client) -> None:
    table = graph.table("SELECT ?a ?b { ?a <http://example.org/none> ?b }")
    assert (list(table.columns), len(table)) == (["a", "b"], 0)


def test_names_stand_beside_iris(graph: Client) -> None:
    role = "https://w3id.org/cfit/id/role/procuring"
    table = graph.table(
        f"SELECT ?role ?other {{ VALUES (?role ?other) {{ (<{role}> <http://x/y>) (<{role}> UNDEF) }} }}"
    )
    named = graph.named(table)
    assert list(named.columns) == ["role", "role_name", "other", "other_name"]
    assert set(named["role_name"]) == {"procuring participant"}
    assert named["other_name"].tolist() == ["http://x/y", pd.NA]
    assert list(table.columns) == ["role", "other"]
    (dutch,) = set(graph.named(table, "role", language="nl")["role_name"])
    assert dutch != "procuring participant"
    with pytest.raises(KeyError):
        graph.named(table, "rolle")


def test_names_for_what_is_left_of_a_table(graph: Client) -> None:
    table = graph.table(
        "SELECT ?role ?n ?text { VALUES (?role ?n ?text) { (<https://w3id.org/cfit/id/role/procuring> 1 'x') } }"
    )
    assert list(graph.named(table.drop(columns="role")).columns) == ["n", "text"]
    assert list(graph.named(table.rename(columns={"role": "r"})).columns) == ["r", "n", "text"]
    assert graph.named(table, "n")["n_name"].tolist() == ["1"]
    with pytest.raises(ValueError, match="already"):
        graph.named(graph.named(table), "role")


def test_what_is_no_iri_is_named_by_itself(graph: Client) -> None:
    odd = ["role", "http://x/100%", "http://x/[1]", "b0", "", "http://x/a b", "x:y>} #"]
    assert graph.named(pd.DataFrame({"s": odd}), "s")["s_name"].tolist() == odd


def test_more_names_than_are_asked_for_at_once(graph: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    table = graph.table("SELECT DISTINCT ?s { ?s a <http://www.w3.org/ns/org#Organization> }")
    whole = graph.named(table)
    monkeypatch.setattr("cfit_graph.client._TOGETHER", 3)
    pd.testing.assert_frame_equal(graph.named(table), whole)
    assert not whole["s_name"].str.contains(":").any()


def test_a_citation_leads_to_the_answer(graph: Client) -> None:
    cited = graph.cite(SUPPORTERS)
    with urlopen(cited["url"]) as answer:
        assert hashlib.sha256(answer.read()).hexdigest() == cited["sha256"]
    assert cited["bibtex"].startswith("@misc{")
    assert graph.cite()["sha256"] != cited["sha256"]


def test_a_release_is_kept_to(graph: Client) -> None:
    pinned = graph.pinned()
    assert pinned.release == graph.cite()["release"]
    table = pinned.table(SUPPORTERS)
    assert table.attrs["address"] == f"{graph.address}/release/{pinned.release}/sparql"
    pd.testing.assert_frame_equal(table, graph.table(SUPPORTERS))
    with pytest.raises(AskingFailed, match="1999-01-01"):
        Client(graph.address, "1999-01-01.1").ask("ASK {}")


def test_a_mistake_is_told_with_its_place(graph: Client) -> None:
    with pytest.raises(AskingFailed, match="foaf") as caught:
        graph.table("SELECT *\nWHERE { ?s foaf:name ?o }")
    problem = caught.value.problem
    assert (caught.value.status, problem["line"], problem["column"], problem["token"]) == (400, 2, 12, "foaf:name")


def test_another_form_is_told(graph: Client) -> None:
    with pytest.raises(AskingFailed, match=r"ask\(\)"):
        graph.table("ASK {}")
    with pytest.raises(AskingFailed, match=r"table\(\)"):
        graph.ask("SELECT * {}")
    for query, ask in (("SELECT * {}", graph.graph), ("DESCRIBE <x:y>", graph.table)):
        with pytest.raises(AskingFailed) as caught:
            ask(query)
        assert caught.value.status == 406


def test_values_of_a_graph_stay_as_they_are_written() -> None:
    written = {f'<x:s> <x:p> "{text}"^^<{XSD}{kind}> .' for text, kind in (
        ("1", "integer"), ("01", "integer"), ("INF", "double"), ("1000", "double"), ("x", "integer"),
        ("2020-01-01T00:00:00Z", "dateTime"),
    )} | {'<x:s> <x:p> "a\\"\\u00e9\\n"@nl-BE .', "_:b <x:p> <x:é> ."}  # fmt: skip
    found = results.graph("\n".join(written).encode())
    assert len(found) == len(written)
    literals = {(str(value), str(value.datatype)) for value in found.objects() if isinstance(value, Literal)}
    assert {("01", f"{XSD}integer"), ("INF", f"{XSD}double"), ("1000", f"{XSD}double")} < literals
    assert ('a"é\n', "None") in literals


@pytest.mark.parametrize("made", ["TRIPLE(<x:a>, <x:b>, 'x')", "STRLANGDIR('x', 'ar', 'rtl')"])
def test_what_rdf_1_1_has_not_is_told(graph: Client, made: str) -> None:
    with pytest.raises(AskingFailed, match=r"RDF 1\.1"):
        graph.graph(f"CONSTRUCT {{ <x:a> <x:b> ?x }} {{ BIND({made} AS ?x) }}")


def test_a_triple_in_a_table_is_told(graph: Client) -> None:
    with pytest.raises(AskingFailed, match="triple"):
        graph.table("SELECT (TRIPLE(<x:a>, <x:b>, 'x') AS ?x) {}")


SHAPES = (
    *("null", "5", '"results"', '["results"]', "[]", "{}", "[" * 100_000, '{"head":{},"results":{"bindings":[]}}'),
    *('{"head":{"vars":["o"]},"results":{"bindings":[null]}}', '{"head":{"vars":["o"]},"results":[]}'),
    *('{"head":{"vars":["o"]},"results":{"bindings":[{"o":{}}]}}', '{"head":{},"boolean":"false"}'),
    '{"head":{"vars":["o"]},"results":{"bindings":[{"o":{"type":"literal","value":5}}]}}',
)


@pytest.mark.parametrize("ask", [results.truth, results.solutions])
@pytest.mark.parametrize("body", SHAPES, ids=lambda body: body[:60])
def test_what_has_another_shape_is_no_answer(body: str, ask: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(AskingFailed):
        ask(results.parsed(body.encode()))


def test_only_a_release_can_be_kept_to(endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for body in (b"{}", b'{"release":null}'):
        monkeypatch.setitem(ANSWERS, "cite.json", fake_endpoint.complete(body, "application/json"))
        with pytest.raises(AskingFailed, match="which release"):
            Client(endpoint.address("cite.json").removesuffix("/cite.json")).pinned()


PROBLEM = "application/problem+json"
FAULTS = {
    "a list": fake_endpoint.complete(b"[]", PROBLEM, status="400 Bad Request"),
    "null": fake_endpoint.complete(b"null", PROBLEM, status="400 Bad Request"),
    "no JSON": fake_endpoint.complete(b"{", PROBLEM, status="400 Bad Request"),
    "empty": fake_endpoint.complete(b"", PROBLEM, status="400 Bad Request"),
    "no type": fake_endpoint.complete(b'{"type":null}', PROBLEM, status="400 Bad Request"),
    "no gzip": fake_endpoint.complete(b"why", "text/plain", "Content-Encoding: gzip", status="400 Bad Request"),
    "no reason": b"HTTP/1.1 500 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_without_words_is_an_error(endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(ANSWERS, "400", FAULTS[name])
    with pytest.raises(AskingFailed) as caught:
        asking.ask(endpoint.address("400"), "ASK {}", JSON, 5)
    assert len(str(caught.value)) > 10


@pytest.mark.parametrize("name", ["206", "max-rows", "sql-state"])
def test_a_part_that_says_so_is_no_answer(endpoint: FakeEndpoint, name: str) -> None:
    with pytest.raises(AskingFailed, match="a part of an answer"):
        asking.ask(endpoint.address(name), "ASK {}", JSON, 5)


@pytest.mark.parametrize("name", ["302", "302-file", "303-elsewhere", "307"])
def test_a_query_goes_nowhere_else(endpoint: FakeEndpoint, name: str) -> None:
    before = len(endpoint.requests)
    with pytest.raises(AskingFailed, match="leads to"):
        asking.ask(endpoint.address(name), "ASK {}", JSON, 5)
    assert len(endpoint.requests) == before + 1


def test_the_address_of_the_endpoint_will_do(graph: Client) -> None:
    assert Client(f"{graph.address}/sparql").address == graph.address
    with pytest.raises(AskingFailed, match=r"nothing at this address.*/x/sparql"):
        Client(f"{graph.address}/x").ask("ASK {}")


BROKEN = ("partial-chunks", "broken-chunk", "longer", "reset", "nothing", "not-http")
OTHERS = {
    "good-unframed": "how long",
    "partial-with-length": "not JSON",
    "login": "text/html",
    "no-type": "application/octet-stream|text/plain",
    "204": "204|text/plain|octet-stream",
    "hang": "timed out",
    "hang-inside": "timed out",
    "401": "who are you",
    "403": "Forbidden",
    "400-query-syntax": "line 3, column 28",
    "503-overloaded": "no overloaded",
    "503-query-too-costly": "no query-too-costly",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_part_is_never_taken_for_the_whole(endpoint: FakeEndpoint, name: str) -> None:
    with pytest.raises(AskingFailed, match=r"breaks off|does not answer"):
        asking.ask(endpoint.address(name), "SELECT * {}", JSON, 5)


@pytest.mark.parametrize("name", ["longer-graph", "unframed-graph", "partial-graph-chunks"])
def test_nor_a_part_of_a_graph(endpoint: FakeEndpoint, name: str) -> None:
    with pytest.raises(AskingFailed, match=r"breaks off|how long"):
        asking.ask(endpoint.address(name), "CONSTRUCT {} {}", N_TRIPLES, 5)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_wrong_is_told(endpoint: FakeEndpoint, name: str) -> None:
    with pytest.raises(AskingFailed, match=OTHERS[name]):
        results.parsed(asking.ask(endpoint.address(name), "SELECT * {}", JSON, 0.5))


def test_a_busy_server_is_asked_again_when_it_says(endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    with pytest.raises(AskingFailed) as caught:
        asking.ask(endpoint.address("429"), "ASK {}", JSON, 5)
    assert (waited, caught.value.status) == ([7, 7], 429)
    monkeypatch.setattr("time.sleep", lambda _: monkeypatch.setitem(ANSWERS, "429", ANSWERS["good-ask"]))
    assert results.parsed(asking.ask(endpoint.address("429"), "ASK {}", JSON, 5))["boolean"] is True


def test_compressed_answers_are_whole_too(endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    body = gzip.compress(fake_endpoint.ROWS)
    coded = "Content-Encoding: gzip"
    monkeypatch.setitem(ANSWERS, "good", fake_endpoint.complete(body, JSON, coded))
    assert asking.ask(endpoint.address("good"), "ASK {}", JSON, 5) == fake_endpoint.ROWS
    monkeypatch.setitem(ANSWERS, "good", fake_endpoint.complete(body[:-9], JSON, coded))
    with pytest.raises(AskingFailed, match="breaks off"):
        asking.ask(endpoint.address("good"), "ASK {}", JSON, 5)


ADDRESSES = (
    *(
        "file:///etc/passwd",
        "127.0.0.1:8000",
        "http://127.0.0.1:1",
        "http://127.0.0.1:abc",
        "http://[::1",
        "http://a..b/",
    ),
    *("http://127.0.0.1:1/é", "http://127.0.0.1:1/a b", "http://127.0.0.1:1/a\nb", "http://", ""),
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_servers_are_asked(address: str) -> None:
    with pytest.raises(AskingFailed, match=r"no address|does not answer"):
        Client(address).ask("ASK {}")


def test_half_a_character_is_told(graph: Client) -> None:
    with pytest.raises(AskingFailed, match="half a character"):
        graph.ask("ASK { ?s ?p '\ud800' }")
    with pytest.raises(AskingFailed, match=r"no release|nothing"):
        Client(graph.address, "a b/é").ask("ASK {}")


def test_the_library_is_listed_and_asked(graph: Client) -> None:
    listed = graph.questions()
    assert list(listed["name"]) == [question.slug for question in QUESTIONS]
    assert dict(zip(listed["name"], listed["parameters"], strict=True))["without-dutch-name"] == {
        "country": ["be", "nl"]
    }
    for name, answer, parameters in zip(listed["name"], listed["answer"], listed["parameters"], strict=True):
        by_default, with_values = graph.question(name), graph.question(name, **parameters)
        ask = getattr(graph, answer)
        if answer == "table":
            pd.testing.assert_frame_equal(ask(by_default), ask(with_values))
        elif answer == "graph":
            assert set(ask(by_default)) == set(ask(with_values))
        else:
            assert ask(by_default) == ask(with_values)


def test_a_question_is_asked_with_other_values(graph: Client) -> None:
    early = graph.table(graph.question("affiliated-on-a-day", day="2021-12-31"))
    late = graph.table(graph.question("affiliated-on-a-day", day="2023-12-31"))
    assert 0 < len(early) < len(late)
    for day in (date(2021, 12, 31), pd.Timestamp(2021, 12, 31)):
        assert graph.question("affiliated-on-a-day", day=day) == early.attrs["query"]
    assert len(graph.graph(graph.question("evidence-of-one", affiliation="be-fido-co-leading"))) > 5
    both = graph.question("without-dutch-name", country=["nl", "be"])
    for countries in ({"be", "nl"}, iter(("be", "nl")), pd.Series(["be", "nl"])):
        assert graph.question("without-dutch-name", country=countries) == both


def test_what_cannot_be_asked_of_the_library_is_told(graph: Client) -> None:
    with pytest.raises(AskingFailed, match=r"no question 'who-suports'\. Nearest: who-supports"):
        graph.question("who-suports")
    with pytest.raises(AskingFailed, match=r"day: It is not a day\. Write it as 2023-12-31\."):
        graph.question("affiliated-on-a-day", day="soon")
    with pytest.raises(AskingFailed, match="name: The question has no such parameter"):
        graph.question("who-supports", name="x")
    with pytest.raises(AskingFailed, match="no value for country"):
        graph.question("without-dutch-name", country=[])
    for name, values in (("x\ud800", {}), ("affiliated-on-a-day", {"day": "\ud800"})):
        with pytest.raises(AskingFailed, match="half a character"):
            graph.question(name, **values)


@pytest.mark.parametrize("described", [{}, {"paths": []}, {"paths": {"/x": {"get": {"responses": {}}}}}])
def test_what_lists_no_questions_is_told(described: dict[str, Any]) -> None:
    with pytest.raises(AskingFailed, match="no list of questions"):
        results.questions(described)
