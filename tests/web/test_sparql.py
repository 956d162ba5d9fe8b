from __future__ import annotations

import csv
import html
import io
import re
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from rdflib import Graph, Variable
from rdflib.query import Result

from cfit_graph.store.formats import GRAPHS, SOLUTIONS, Format
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from starlette.testclient import TestClient

SELECT = "SELECT ?o WHERE { ?o a <http://www.w3.org/ns/org#Organization> } ORDER BY ?o"
ASK = "ASK { <https://w3id.org/cfit/id/pact/cfit> ?p ?o }"
CONSTRUCT = "CONSTRUCT { ?o a <http://x/O> } WHERE { ?o a <http://www.w3.org/ns/org#Organization> }"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}


@pytest.mark.parametrize("answer_format", SOLUTIONS, ids=lambda f: f.name)
def test_the_same_rows_in_every_format(client: TestClient, answer_format: Format) -> None:
    media_type = answer_format.media_type
    response = client.get("/sparql", params={"query": SELECT}, headers={"Accept": media_type})
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == media_type
    assert "Accept" in response.headers["vary"]
    rows = Result.parse(io.BytesIO(response.content), content_type=media_type)
    found = {str(row[Variable("o")]) for row in rows.bindings}
    assert "https://w3id.org/cfit/id/organization/electronics-watch" in found
    assert len(found) == len(client.get("/sparql", params={"query": SELECT}).json()["results"]["bindings"])


@pytest.mark.parametrize("answer_format", GRAPHS, ids=lambda f: f.name)
def test_the_same_graph_in_every_format(client: TestClient, answer_format: Format) -> None:
    media_type = answer_format.media_type
    response = client.get("/sparql", params={"query": CONSTRUCT}, headers={"Accept": media_type})
    assert response.headers["content-type"].partition(";")[0] == media_type
    graph = Graph().parse(data=response.content, format=media_type)
    assert len(graph) == len(client.get("/sparql", params={"query": SELECT}).json()["results"]["bindings"])


def test_the_three_ways_to_ask_give_one_answer(client: TestClient) -> None:
    by_get = client.get("/sparql", params={"query": SELECT})
    by_form = client.post("/sparql", data={"query": SELECT})
    direct = client.post("/sparql", content=SELECT, headers=DIRECT)
    assert by_get.status_code == by_form.status_code == direct.status_code == 200
    assert by_get.content == by_form.content == direct.content


def test_without_accept_answers_are_json_or_turtle(client: TestClient) -> None:
    for sparql, media_type in ((SELECT, "application/sparql-results+json"), (CONSTRUCT, "text/turtle; charset=utf-8")):
        response = client.get("/sparql", params={"query": sparql}, headers={"Accept": "*/*"})
        assert response.headers["content-type"] == media_type


def test_ask(client: TestClient) -> None:
    assert client.get("/sparql", params={"query": ASK}).json() == {"head": {}, "boolean": True}
    problem(client.get("/sparql", params={"query": ASK}, headers={"Accept": "text/csv"}), 406, "not-acceptable")


def test_csv_has_crlf_and_tsv_terms(client: TestClient) -> None:
    lines = client.get("/sparql", params={"query": SELECT, "format": "csv"})
    assert lines.headers["content-type"] == "text/csv; charset=utf-8"
    assert lines.text.startswith("o\r\nhttps://")
    assert all(len(row) == 1 for row in csv.reader(io.StringIO(lines.text)))
    assert client.get("/sparql", params={"query": SELECT, "format": "tsv"}).text.startswith("?o\n<https://")


def test_head_is_get_without_a_body(server: str) -> None:
    by_get = httpx2.get(f"{server}/sparql", params={"query": ASK})
    by_head = httpx2.head(f"{server}/sparql", params={"query": ASK})
    assert by_head.status_code == 200
    assert by_head.content == b""
    assert by_head.headers["content-type"] == by_get.headers["content-type"]


@pytest.mark.parametrize(
    ("sparql", "status", "kind"),
    [
        ("SELECT * WHERE {\n ?s ?p ?o", 400, "query-syntax"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 400, "query-forbidden"),
        ("INSERT DATA { <a:b> <a:c> 1 }", 403, "update-refused"),
        ("LOAD <http://127.0.0.1:1/>", 403, "update-refused"),
    ],
)
def test_bad_queries(client: TestClient, sparql: str, status: int, kind: str) -> None:
    problem(client.get("/sparql", params={"query": sparql}), status, kind)
    problem(client.post("/sparql", data={"query": sparql}), status, kind)
    problem(client.post("/sparql", content=sparql, headers=DIRECT), status, kind)


def test_syntax_errors_carry_line_and_column(client: TestClient) -> None:
    body = problem(client.get("/sparql", params={"query": "SELECT *\nWHERE { ?s ?p }"}), 400, "query-syntax")
    assert (body["line"], body["column"]) == (2, 15)


def test_bad_requests(client: TestClient) -> None:
    problem(client.get("/sparql?default-graph-uri=http://x/"), 400, "bad-request")
    problem(client.get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D"), 400, "bad-request")
    problem(client.get("/sparql", params={"query": ASK, "format": "csv"}), 406, "not-acceptable")
    problem(client.post("/sparql", content=ASK, headers={"Content-Type": "text/plain"}), 415, "unsupported-media-type")
    problem(client.get("/sparql", params={"update": "CLEAR ALL"}), 403, "update-refused")


def test_other_methods_are_refused_with_those_allowed(client: TestClient) -> None:
    response = client.put("/sparql", content=ASK)
    problem(response, 405, "method-not-allowed")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


@pytest.mark.parametrize("iri", ["x", "http://x/ y", "http://x/>", "", "1:b", ":b", "http://[x"])
def test_graphs_are_named_by_iris(client: TestClient, iri: str) -> None:
    body = problem(client.get("/sparql", params={"query": ASK, "default-graph-uri": iri}), 400, "bad-request")
    assert "absolute IRI" in body["detail"]


def test_answers_to_take_away_keep_the_dataset(client: TestClient) -> None:
    graph = "https://w3id.org/cfit/graph/data/pacts"
    page = client.get("/sparql", params={"query": SELECT, "default-graph-uri": graph}, headers=BROWSER).text
    assert "default-graph-uri=https%3A%2F%2Fw3id.org%2Fcfit%2Fgraph%2Fdata%2Fpacts&amp;format=csv" in page


def test_long_and_deep_queries_are_refused(client: TestClient) -> None:
    problem(client.post("/sparql", content="ASK {" + "{" * 5_000 + "}" * 5_001, headers=DIRECT), 413, "query-too-large")
    problem(client.post("/sparql", content="ASK { } #" + "x" * 100_000, headers=DIRECT), 413, "query-too-large")


def test_options_names_the_methods(client: TestClient) -> None:
    response = client.options("/sparql")
    assert response.status_code == 204
    assert {"GET", "POST", "OPTIONS"} <= set(response.headers["allow"].split(", "))


def test_from_fetches_nothing_and_unknown_graphs_are_empty(client: TestClient) -> None:
    sparql = "SELECT * FROM <http://127.0.0.1:1/x> { ?s ?p ?o }"
    assert client.get("/sparql", params={"query": sparql}).json()["results"]["bindings"] == []


def test_a_browser_gets_a_page_to_ask_from_and_answers_as_tables(client: TestClient) -> None:
    assert "<textarea" in client.get("/sparql", headers=BROWSER).text
    page = client.get("/sparql", params={"query": SELECT}, headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert '<a href="/doc/organization/electronics-watch">organization:electronics-watch</a>' in page.text
    assert "Yes." in client.get("/sparql", params={"query": ASK}, headers=BROWSER).text
    assert "&lt;http://x/O&gt;" in client.get("/sparql", params={"query": CONSTRUCT}, headers=BROWSER).text


@pytest.mark.parametrize(
    ("accept", "sparql", "given"),
    [
        ("application/xhtml+xml,text/html;q=0.9", SELECT, "text/html"),
        ("text/turtle, text/html;q=0.5", SELECT, "text/html"),
        ("text/turtle, text/html;q=0.5", "CONSTRUCT WHERE { ?s a ?o }", "text/turtle"),
        ("text/html;q=0.1, */*", SELECT, "application/sparql-results+json"),
        ("*/*", SELECT, "application/sparql-results+json"),
        ("text/html;q=0.1, */*", "SELEC", "application/problem+json"),
        ("image/png, text/html;q=0.1", "SELEC", "text/html"),
    ],
)
def test_the_page_is_one_of_the_formats_for_who_names_it(
    client: TestClient, accept: str, sparql: str, given: str
) -> None:
    answer = client.get("/sparql", params={"query": sparql}, headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == given


@pytest.mark.parametrize("send", ["params", "data"])
def test_who_asks_much_by_a_page_gets_a_page(client: TestClient, send: str) -> None:
    sparql = f"{SELECT} # {'x' * 20_000}"
    method = "GET" if send == "params" else "POST"
    answer = client.request(method, "/sparql", headers={"Accept": "text/html"}, **{send: {"query": sparql}})  # type: ignore[arg-type]
    assert "<table" in answer.text


def test_a_browser_sees_what_is_wrong_beside_its_query(client: TestClient) -> None:
    page = client.get("/sparql", params={"query": "SELECT * { <b>&"}, headers=BROWSER)
    assert page.status_code == 400
    assert "SELECT * { &lt;b&gt;&amp;" in page.text
    assert "line 1, column" in page.text


def test_other_origins_may_read(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": ASK}, headers={"Origin": "https://elsewhere.example"})
    assert response.headers["access-control-allow-origin"] == "*"
    preflight = client.options(
        "/sparql",
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["access-control-allow-methods"]


def _asked(client: TestClient, sparql: str) -> str:
    return client.get("/sparql", params={"query": sparql}, headers=BROWSER).text


@pytest.mark.parametrize(
    ("sparql", "written", "nearest"),
    [
        ("SELECT * { ?s a <http://www.w3.org/ns/org#Organisation> }", "&lt;http://www.w3.org/ns/org#Organisation&gt;",
         "http://www.w3.org/ns/org#Organization"),
        ("PREFIX s: <http://schema.org/> ASK { ?s s:startDate ?o }", "s:startDate", "https://schema.org/startDate"),
        ("DESCRIBE <https://w3id.org/cfit/id/organization/electronic-watch>",
         "&lt;https://w3id.org/cfit/id/organization/electronic-watch&gt;", "/doc/organization/electronics-watch"),
        ("CONSTRUCT WHERE { ?s <https://w3id.org/cfit/ns#stakeholdertype> ?o }",
         "&lt;https://w3id.org/cfit/ns#stakeholdertype&gt;", "/ns#stakeholderType"),
    ],
)  # fmt: skip
def test_an_empty_answer_says_which_names_are_nowhere_and_what_is_nearest(
    client: TestClient, sparql: str, written: str, nearest: str
) -> None:
    page = _asked(client, sparql)
    assert f'<li><code>{written}</code>; the nearest is <a href="{nearest}">' in page


def test_an_answer_with_rows_says_nothing_of_names(client: TestClient) -> None:
    page = _asked(client, "SELECT * { { ?s a <http://x/nowhere> } UNION { VALUES ?s { 1 } } }")
    assert "1 row, complete" in page
    assert "nowhere in the graph" not in page


def test_an_empty_answer_tells_of_texts_without_a_language(client: TestClient) -> None:
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    assert "STR(?name)" in _asked(client, f'SELECT * {{ ?s {label} "Electronics Watch" }}')
    assert "STR(?name)" not in _asked(client, f'SELECT * {{ ?s {label} "Electronics Watsh"@en }}')


def test_an_empty_answer_tells_which_parts_do_not_fit_together(client: TestClient) -> None:
    page = _asked(
        client, "SELECT * { ?s a <https://w3id.org/cfit/ns#Support> ; <https://w3id.org/cfit/ns#endorses> ?o }"
    )
    assert "<li><code>?s a &lt;https://w3id.org/cfit/ns#Support&gt;</code></li>" in page
    assert "<li><code>?s &lt;https://w3id.org/cfit/ns#endorses&gt; ?o</code></li>" in page


def test_of_a_dataset_that_the_request_names_the_parts_are_not_told(client: TestClient) -> None:
    asked = {"query": "SELECT * { ?s a <https://w3id.org/cfit/ns#Support> ; <https://w3id.org/cfit/ns#endorses> ?o }"}
    graph = {"default-graph-uri": "https://w3id.org/cfit/graph/data/pacts"}
    page = client.get("/sparql", params=asked | graph, headers=BROWSER).text
    assert "0 rows, complete" in page
    assert "Without any one of these" not in page


def test_a_mistake_is_shown_in_its_line_and_tied_to_the_field(client: TestClient) -> None:
    page = _asked(client, "SELECT *\nWHERE { ?s foaf:name ?o }")
    assert "<title>Error: SPARQL ·" in page
    assert 'aria-describedby="problem hint" aria-invalid="true"' in page
    assert "WHERE { ?s <mark>foaf:name</mark> ?o }" in page


def test_only_an_answer_that_can_be_cited_has_the_button_for_it(client: TestClient) -> None:
    assert 'class="button" href="/cite?query=' in _asked(client, SELECT)
    assert 'class="button" href="/cite?query=' not in _asked(client, "SELECT (NOW() AS ?now) { }")


PROGRAM = re.compile("<summary>In Python</summary>\n<pre[^>]*>(.*?)</pre>", re.DOTALL)
ASKED = {
    "SELECT": "PREFIX org: <http://www.w3.org/ns/org#>\r\nSELECT ?o\r\nWHERE {\t?o a org:Organization }",
    "SELECT with signs": 'SELECT (\'a\\\\"b & <c>\' AS ?x) ("" AS ?y) {}',
    "SELECT with quotes": 'SELECT ("""a\u00a0b""" AS ?x) {} #"',
    "ASK": ASK,
    "CONSTRUCT": CONSTRUCT,
    "DESCRIBE": "DESCRIBE <https://w3id.org/cfit/id/pact/cfit>",
}


@pytest.mark.parametrize("name", ASKED)
def test_a_page_has_the_program_that_asks_the_same(server: str, name: str) -> None:
    page = httpx2.get(f"{server}/sparql", params={"query": ASKED[name]}, headers=BROWSER).text
    (program,) = PROGRAM.findall(page)
    done: dict[str, Any] = {}
    exec(html.unescape(program), done)
    answer = httpx2.post(f"{server}/sparql", data={"query": ASKED[name].replace("\r\n", "\n")})
    if name in {"CONSTRUCT", "DESCRIBE"}:
        assert set(done["answer"]) == set(Graph().parse(data=answer.text, format="turtle"))
    elif name == "ASK":
        assert done["answer"] is answer.json()["boolean"]
    else:
        rows = [{name: cell["value"] for name, cell in row.items()} for row in answer.json()["results"]["bindings"]]
        assert done["answer"].to_dict("records") == rows


def test_a_program_that_would_ask_something_else_is_not_shown(client: TestClient) -> None:
    graph = "https://w3id.org/cfit/graph/data/pacts"
    page = client.get("/sparql", params={"query": ASK, "default-graph-uri": graph}, headers=BROWSER)
    assert "Yes." in page.text
    assert not PROGRAM.findall(page.text)


def test_a_graph_that_is_not_here_is_told_with_the_nearest_first(client: TestClient) -> None:
    asked = {"query": ASK, "default-graph-uri": "https://w3id.org/cfit/graph/data/source"}
    detail = problem(client.get("/sparql", params=asked), 400, "bad-request")["detail"]
    assert "; there are <https://w3id.org/cfit/graph/data/sources>, <" in detail
