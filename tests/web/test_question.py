"""Questions at addresses of their own: answers as those of the endpoint, with any values, as pages and for programs."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from cfit_graph import queries
from cfit_graph.settings import Settings
from cfit_graph.store.formats import ANSWERS
from cfit_graph.store.lexer import outline
from tests.conftest import ROOT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from cfit_graph.queries import Question
    from cfit_graph.release import Release

    Open = Callable[..., TestClient]

QUESTIONS = queries.questions(ROOT / "ontology" / "questions")
ON_A_DAY = "/question/affiliated-on-a-day"


def _rows(client: TestClient, address: str) -> list[dict[str, str]]:
    reply = client.get(address)
    assert reply.status_code == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.text)))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.slug)
def test_a_question_has_the_answers_of_its_query(client: TestClient, question: Question) -> None:
    for each in ANSWERS[outline(question.sparql).form]:
        given = client.get(f"/question/{question.slug}.{each.name}", headers={"Accept": "text/x-nothing"})
        asked = client.get("/sparql", params={"query": question.sparql, "format": each.name})
        assert given.content == asked.content
        names = ("content-type", "etag", "cache-control", "query-limits", "vary", "access-control-allow-origin")
        assert [given.headers[name] for name in names] == [asked.headers[name] for name in names]


def test_accept_decides_where_no_suffix_does(client: TestClient) -> None:
    for kind in ("text/csv", "application/sparql-results+xml"):
        assert client.get(ON_A_DAY, headers={"Accept": kind}).headers["content-type"].startswith(kind)
    assert client.get(ON_A_DAY, headers=BROWSER).headers["content-type"].startswith("text/html")
    problem(client.get(ON_A_DAY, headers={"Accept": "text/turtle"}), 406, "not-acceptable")


def test_another_day_has_another_answer(client: TestClient) -> None:
    early, late = (_rows(client, f"{ON_A_DAY}.csv?day={day}") for day in ("2021-12-31", "2023-12-31"))
    assert 0 < len(early) < len(late)
    assert all(row["since"] <= "2021-12-31" for row in early)
    assert late == _rows(client, f"{ON_A_DAY}.csv")


def test_several_values_of_one_parameter(client: TestClient) -> None:
    counts = [
        len(_rows(client, f"/question/without-dutch-name.csv?{asked}"))
        for asked in ("country=be", "country=nl", "country=be&country=nl")
    ]
    assert counts[0] + counts[1] == counts[2]
    assert min(counts) > 0


def test_the_same_things_are_the_same_question(client: TestClient) -> None:
    be = "https://w3id.org/cfit/id/place/be"
    asked = ("country=be&country=nl", "country=nl&country=be&country=place:be", f"country=nl&country={be}")
    found = [client.get(f"/question/without-dutch-name.rq?{each}").text for each in asked]
    assert found[0] == found[1] == found[2]
    assert len({client.get(f"/question/without-dutch-name.csv?{each}").headers["etag"] for each in asked}) == 1


def test_a_page_can_be_asked_for_by_its_suffix(client: TestClient) -> None:
    page = client.get(f"{ON_A_DAY}.html?day=2022-01-01", headers={"Accept": "text/csv"})
    assert page.headers["content-type"].startswith("text/html")
    assert page.text.count("<tr>") == 1 + len(_rows(client, f"{ON_A_DAY}.csv?day=2022-01-01"))


def test_what_is_not_there_says_how_long_that_may_be_kept(client: TestClient) -> None:
    for address in ("/question/nothing", "/question/nothing.csv", "/question/nothing.rq"):
        assert "max-age" in client.get(address).headers["cache-control"]


def test_a_client_that_has_the_answer_is_told_so(client: TestClient) -> None:
    address = f"{ON_A_DAY}.json?day=2022-01-01"
    etag = client.get(address).headers["etag"]
    for _ in range(2):  # asked, and from the cache
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    head = client.head(address)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)


@pytest.mark.parametrize(
    ("address", "status", "kind", "told"),
    [
        ("/question/who-suports", 404, "not-found", "Nearest: who-supports"),
        ("/question/who-suports.rq", 404, "not-found", "Nearest: who-supports"),
        ("/question/who/supports", 404, "not-found", ""),
        (f"{ON_A_DAY}?day=soon", 400, "bad-parameters", "Write it as 2023-12-31"),
        (f"{ON_A_DAY}.rq?day=soon", 400, "bad-parameters", "Write it as 2023-12-31"),
        (f"{ON_A_DAY}?format=csv", 400, "bad-parameters", "no such parameter"),
        (f"{ON_A_DAY}?query=ASK%7B%7D", 400, "bad-parameters", "no such parameter"),
        (f"{ON_A_DAY}?day=2023-01-01&day=2024-01-01", 400, "bad-parameters", "more than once"),
        (f"{ON_A_DAY}?day=%ff", 400, "bad-request", "not UTF-8"),
        (f"{ON_A_DAY}.ttl", 404, "not-found", "There is no format .ttl; there are json, xml, csv, tsv, html, rq."),
        (f"{ON_A_DAY}.csv.rq", 404, "not-found", "There is no format .csv.rq"),
        (f"{ON_A_DAY}.", 404, "not-found", "There is no format ."),
        (f"{ON_A_DAY}.rq?timeout=5", 400, "bad-parameters", "no such parameter"),
        (f"{ON_A_DAY}.html?day=soon", 400, "bad-parameters", "Write it as 2023-12-31"),
        ("/question/without-dutch-name.csv?" + "country=be&" * 101, 400, "bad-request", "more than 100"),
        ("/question/whose-identifier.rq?identifier=http://%5B", 400, "bad-parameters", "not an address"),
        ("/question/whose-identifier.csv?identifier=ror:05f950310", 400, "bad-parameters", "Write all of it"),
        (f"{ON_A_DAY}.csv?timeout=0", 400, "bad-request", "timeout"),
        ("/question.csv", 404, "not-found", "html, json"),
    ],
)
def test_what_cannot_be_asked_is_told(client: TestClient, address: str, status: int, kind: str, told: str) -> None:
    assert told in problem(client.get(address, headers={"Accept": "*/*"}), status, kind)["detail"]


def test_everything_wrong_is_in_the_problem(client: TestClient) -> None:
    wrong = problem(client.get(f"{ON_A_DAY}.csv?day=soon&x=1"), 400, "bad-parameters")["errors"]
    assert [each["parameter"] for each in wrong] == ["day", "x"]


def test_questions_are_read_only(client: TestClient) -> None:
    for address in (ON_A_DAY, f"{ON_A_DAY}.rq", "/question"):
        refused = client.post(address, data={"query": "ASK {}"})
        problem(refused, 405, "method-not-allowed")
        assert refused.headers["allow"] == "GET, HEAD, OPTIONS"


def test_the_query_can_be_taken_away(client: TestClient) -> None:
    reply = client.get(f"{ON_A_DAY}.rq?day=2022-01-01")
    assert reply.headers["content-type"] == "application/sparql-query; charset=utf-8"
    assert 'VALUES ?day { "2022-01-01" }' in reply.text
    asked = client.post("/sparql", content=reply.content, headers={"Content-Type": "application/sparql-query"})
    assert asked.content == client.get(f"{ON_A_DAY}.json?day=2022-01-01").content


def test_a_release_is_asked_by_its_address(client: TestClient, released: Release) -> None:
    expected = client.get(f"{ON_A_DAY}.csv?day=2022-01-01").content
    assert client.get(f"/release/{released.version}{ON_A_DAY}.csv?day=2022-01-01").content == expected
    assert client.get(f"{ON_A_DAY}.csv?day=2022-01-01&release={released.version}").content == expected
    page = client.get(f"/release/{released.version}{ON_A_DAY}", headers=BROWSER).text
    assert f'action="/release/{released.version}{ON_A_DAY}"' in page
    assert f'href="/release/{released.version}{ON_A_DAY}.csv"' in page


def test_the_list_describes_each_question(client: TestClient, released: Release) -> None:
    described = client.get("/question.json").json()
    OpenAPIV31SpecValidator(described).validate()
    assert client.get("/question", headers={"Accept": "application/json"}).json() == described
    assert [path["get"]["operationId"] for path in described["paths"].values()] == [each.slug for each in QUESTIONS]
    under = client.get(f"/release/{released.version}/question.json").json()
    assert under["servers"] == [{"url": f"{described['servers'][0]['url']}/release/{released.version}"}]


def test_each_is_asked_as_it_is_described(client: TestClient) -> None:
    described = client.get("/question.json").json()
    for path, it in described["paths"].items():
        *own, timeout = it["get"]["parameters"]
        parameters = {each["name"]: each["schema"]["default"] for each in own}
        assert timeout["name"] == "timeout"
        for each in own:
            Draft202012Validator(each["schema"]).validate(parameters[each["name"]])
        for media_type in it["get"]["responses"]["200"]["content"]:
            reply = client.get(path, params=parameters | {"timeout": "9.5"}, headers={"Accept": media_type})
            assert reply.headers["content-type"].startswith(media_type)
            assert reply.status_code == 200
        assert client.get(path, params={"x": ""}).status_code == 400


def test_the_pages_lead_to_every_question(client: TestClient) -> None:
    for address in ("/", "/question"):
        links = re.findall('href="(/question/[^"]*)"', client.get(address, headers=BROWSER).text)
        assert links == sorted(set(links), key=links.index)
        assert set(links) == {f"/question/{question.slug}" for question in QUESTIONS}


def test_a_page_has_the_answer_and_a_form_for_others(client: TestClient) -> None:
    page = client.get(f"{ON_A_DAY}?day=2022-01-01", headers=BROWSER).text
    assert "<h1>Who was affiliated on a given day, as far as dates are known?</h1>" in page
    assert '<input id="day" name="day" type="date" value="2022-01-01" required>' in page
    assert f'href="{ON_A_DAY}.csv?day=2022-01-01"' in page
    assert f'href="{ON_A_DAY}.rq?day=2022-01-01"' in page
    assert "client.table(client.question(&#39;affiliated-on-a-day&#39;, day=&#39;2022-01-01&#39;))" in page
    assert page.count("<tr>") == 1 + len(_rows(client, f"{ON_A_DAY}.csv?day=2022-01-01"))


def test_things_are_chosen_by_their_names(client: TestClient) -> None:
    page = client.get("/question/without-dutch-name?country=nl", headers=BROWSER).text
    assert re.search(r'<select id="country" name="country" required multiple', page)
    assert re.findall('<option value="([^"]*)" selected>([^<]*)', page) == [("nl", "Netherlands")]
    page = client.get("/question/what-rests-on-a-page", headers=BROWSER).text
    chosen = re.findall('<option value="([^"]*)" selected>([^<]*)', page)
    assert [value for value, _ in chosen] == ["cfit-participants"]
    assert chosen[0][1] not in {"", "cfit-participants"}
    assert client.get("/question/who-supports", headers=BROWSER).text.count("<form") == 0


def test_wrong_values_are_told_on_a_page(client: TestClient) -> None:
    reply = client.get(f"{ON_A_DAY}?day=31-12-2023", headers=BROWSER)
    assert (reply.status_code, reply.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "Write it as 2023-12-31" in reply.text


def test_an_answer_is_cited_as_the_question_it_answers(client: TestClient) -> None:
    page = client.get("/question/who-supports", headers=BROWSER).text
    (cite,) = re.findall('class="button" href="([^"]*)"', page)
    assert "Who supports CFIT, and since when?" in client.get(cite.replace("&amp;", "&"), headers=BROWSER).text


@pytest.mark.usefixtures("no_network")
def test_files_have_no_questions(open_client: Open) -> None:
    client = open_client(Settings(root=ROOT), [ROOT / "data" / "pacts.ttl"])
    for address in ("/question", "/question.json", "/question/who-supports"):
        problem(client.get(address), 404, "not-found")


def test_a_kept_answer_counts_as_one_to_a_query(client: TestClient) -> None:
    def kept() -> float:
        found = re.search(r'cfit_cache_hits_total\{of="query"\} (\S+)', client.get("/metrics").text)
        return float(found[1]) if found else 0.0

    client.get(f"{ON_A_DAY}.csv?day=2020-02-29")
    before = kept()
    client.get(f"{ON_A_DAY}.csv?day=2020-02-29")
    assert kept() == before + 1
