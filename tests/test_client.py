"""The client for researchers: typed tables, names, citations, and errors in the words of the server."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pandas as pd
import pytest

from cfit_graph import queries
from cfit_graph.client import AskingFailed, Client, asking
from cfit_graph.client.columns import column
from cfit_graph.store.lexer import outline
from tests.conftest import ROOT
from tests.store import fake_endpoint
from tests.store.fake_endpoint import ANSWERS, JSON, N_TRIPLES, FakeEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        asking.parsed(asking.ask(endpoint.address(name), "SELECT * {}", JSON, 0.5))


def test_a_busy_server_is_asked_again_when_it_says(endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    with pytest.raises(AskingFailed) as caught:
        asking.ask(endpoint.address("429"), "ASK {}", JSON, 5)
    assert (waited, caught.value.status) == ([7, 7], 429)
    monkeypatch.setattr("time.sleep", lambda _: monkeypatch.setitem(ANSWERS, "429", ANSWERS["good-ask"]))
    assert asking.parsed(asking.ask(endpoint.address("429"), "ASK {}", JSON, 5))["boolean"] is True


def test_compressed_answers_are_whole_too(endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    body = gzip.compress(fake_endpoint.ROWS)
    coded = "Content-Encoding: gzip"
    monkeypatch.setitem(ANSWERS, "good", fake_endpoint.complete(body, JSON, coded))
    assert asking.ask(endpoint.address("good"), "ASK {}", JSON, 5) == fake_endpoint.ROWS
    monkeypatch.setitem(ANSWERS, "good", fake_endpoint.complete(body[:-9], JSON, coded))
    with pytest.raises(AskingFailed, match="breaks off"):
        asking.ask(endpoint.address("good"), "ASK {}", JSON, 5)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "127.0.0.1:8000", "http://127.0.0.1:1"])
def test_only_servers_are_asked(address: str) -> None:
    with pytest.raises(AskingFailed, match=r"no address|does not answer"):
        Client(address).ask("ASK {}")
