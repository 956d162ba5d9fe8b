"""Every format of results, read by parsers other than ours: the same solutions, the same graph (SP-20 to SP-23)."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from cfit_graph.store.formats import ANSWERS, Format
from tests.conformance import answers
from tests.conformance.answers import Table
from tests.conformance.conftest import SMALL
from tests.web import problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx2
    from rdflib.term import Node

EX = "http://example.org/"
TABLES = {answer.name: answer.media_type for answer in ANSWERS["SELECT"]}
GRAPHS = {answer.name: answer.media_type for answer in ANSWERS["CONSTRUCT"]}
ROWS = """
    SELECT ?second ?first ?none {
        VALUES (?first ?second) {
            (<http://example.org/a> "plain") (<http://example.org/a> "plain") (UNDEF "language"@en-GB)
            (1 UNDEF) ("typed"^^<http://example.org/type> 1.5) (1e3 true) ("01.5"^^<http://example.org/number> "")
            ("2024-02-29"^^<http://www.w3.org/2001/XMLSchema#date> "http://example.org/not-an-iri") (UNDEF UNDEF)
        }
    }"""
TRIPLES = """
    CONSTRUCT {
        <http://example.org/s> <http://example.org/p> ?value , _:b .
        _:b <http://example.org/p> [ <http://example.org/q> ?value ] , "a"@en .
    } {
        VALUES ?value { "plain" "language"@en-GB 1 1.5 true "typed"^^<http://example.org/type> <http://example.org/a> }
    }"""
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
TEXTS = st.text(
    st.sampled_from("\"'\\\t\r\n,;<>&{}?@^ aé😀\u00a0\u2028\ufeff")
    | st.characters(codec="utf-8", exclude_categories=["C"])
)
LITERALS = st.one_of(
    st.builds(Literal, TEXTS),
    st.builds(lambda text, lang: Literal(text, lang=lang), TEXTS, st.sampled_from(["en", "nl-be", "de-ch-1996"])),
    st.builds(lambda text: Literal(text, datatype=URIRef(EX + "type")), TEXTS),
)
_AWKWARD = ('""', "'''", '"""', "\r", "a\rb", "a\r\nb", "\t", "a,b", " ", "=1+1", "\\u0041", "</x>", "]]>", "&amp;")
AWKWARD = [Literal(text) for text in _AWKWARD]


def _get(http: httpx2.Client, query: str, media_type: str) -> bytes:
    response = http.post("/sparql", data={"query": query}, headers={"Accept": media_type})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == media_type
    return response.content


def _table(http: httpx2.Client, query: str, name: str) -> Table:
    found = answers.read(_get(http, query, TABLES[name]), TABLES[name])
    assert isinstance(found, Table)
    return found


def _written(literal: Literal) -> str:
    """Return a literal as SPARQL has it."""
    text = "".join(ESCAPES.get(character, character) for character in literal)
    kind = f"@{literal.language}" if literal.language else f"^^<{literal.datatype}>" if literal.datatype else ""
    return f'"{text}"{kind}'


def _values(literals: Sequence[Literal]) -> str:
    return f"{{ VALUES ?value {{ {' '.join(_written(literal) for literal in literals)} }} }}"


def test_every_format_is_tried() -> None:
    assert {"json", "xml", "csv", "tsv"} == TABLES.keys()
    assert {"ttl", "nt", "nq", "trig", "rdf", "jsonld"} == GRAPHS.keys()


@pytest.mark.parametrize("name", ["json", "xml", "tsv"])
def test_solutions_come_back_as_they_are(http: httpx2.Client, name: str) -> None:
    found = _table(http, ROWS, name)
    assert found.variables == ("second", "first", "none")
    assert len(found.rows) == 9
    assert answers.terms(found, "none") == Counter()
    assert sum(answers.terms(found, "first").values()) == 7
    assert answers.terms(found, "second")[Literal("plain")] == 2
    assert answers.same(found, _table(http, ROWS, "json"))
    assert {Literal("typed", datatype=URIRef(EX + "type")), Literal(1), URIRef(EX + "a")} <= {
        *answers.terms(found, "first")
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(literals=st.lists(LITERALS, min_size=1, max_size=4))
@example(literals=AWKWARD)
@pytest.mark.parametrize("name", ["json", "xml", "tsv"])
def test_no_literal_is_changed(http: httpx2.Client, name: str, literals: list[Literal]) -> None:
    assert answers.terms(_table(http, f"SELECT * {_values(literals)}", name), "value") == Counter(literals)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(literals=st.lists(LITERALS, min_size=1, max_size=4))
@example(literals=AWKWARD)
def test_no_text_is_changed_in_csv(http: httpx2.Client, literals: list[Literal]) -> None:
    content = _get(http, f"SELECT (1 AS ?one) ?value {_values(literals)}", "text/csv").decode()
    header, *rows = csv.reader(io.StringIO(content, newline=""), strict=True)
    assert header == ["one", "value"]
    assert Counter(value for _, value in rows) == Counter(str(literal) for literal in literals)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(literals=st.lists(LITERALS, min_size=1, max_size=4))
@example(literals=AWKWARD)
@pytest.mark.parametrize("name", ["ttl", "nt", "nq", "trig", "rdf", "jsonld"])
def test_no_literal_is_changed_in_a_graph(http: httpx2.Client, name: str, literals: list[Literal]) -> None:
    query = f"CONSTRUCT {{ <{EX}s> <{EX}p> ?value }} WHERE {_values(literals)}"
    found = answers.graph(_get(http, query, GRAPHS[name]), GRAPHS[name])
    assert set(found.objects(URIRef(EX + "s"), URIRef(EX + "p"))) == set(literals)


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_come_back_as_they_are(http: httpx2.Client, name: str) -> None:
    found = answers.graph(_get(http, TRIPLES, GRAPHS[name]), GRAPHS[name])
    assert isomorphic(found, answers.graph(_get(http, TRIPLES, "application/n-triples"), "application/n-triples"))
    assert len(found) == 35
    assert len({term for triple in found for term in triple if isinstance(term, BNode)}) == 14


@pytest.mark.parametrize("name", GRAPHS)
def test_a_predicate_that_xml_cannot_name_is_never_lost(http: httpx2.Client, name: str) -> None:
    query = f"CONSTRUCT {{ <{EX}s> <{EX}1> 1 ; <{EX}> 2 ; <urn:9> 3 }} {{}}"
    response = http.post("/sparql", data={"query": query}, headers={"Accept": GRAPHS[name]})
    if response.status_code == 200:
        assert len(answers.graph(response.content, GRAPHS[name])) == 3
    else:
        assert response.headers["content-type"] == "application/problem+json"
        assert name == "rdf"


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_may_be_empty(http: httpx2.Client, name: str) -> None:
    query = f"CONSTRUCT WHERE {{ <{EX}nobody> ?p ?o }}"
    assert len(answers.graph(_get(http, query, GRAPHS[name]), GRAPHS[name])) == 0


@pytest.mark.parametrize("name", TABLES)
def test_a_table_may_be_empty(http: httpx2.Client, name: str) -> None:
    found = _table(http, f"SELECT ?b ?a {{ <{EX}nobody> ?a ?b }}", name)
    assert found.variables == ("b", "a")
    assert found.rows == ()


def test_json_leaves_unbound_variables_out(http: httpx2.Client) -> None:
    query = 'SELECT ?b ?a { VALUES (?a ?b) { ("x"@EN UNDEF) (1 <http://example.org/a>) } }'
    found = json.loads(_get(http, query, TABLES["json"]))
    assert found["head"]["vars"] == ["b", "a"]
    first, second = sorted(found["results"]["bindings"], key=len)
    assert first["a"].pop("xml:lang").lower() == "en"
    assert first == {"a": {"type": "literal", "value": "x"}}
    assert second == {
        "a": {"type": "literal", "value": "1", "datatype": str(XSD.integer)},
        "b": {"type": "uri", "value": f"{EX}a"},
    }


def test_csv_has_the_lines_of_rfc_4180(http: httpx2.Client) -> None:
    query = """SELECT ?b ?a { VALUES (?a ?b) { ('say "a"' UNDEF) ("x,y" <http://example.org/a>) ("1\\n2" 1) } }"""
    content = _get(http, query, TABLES["csv"])
    assert content.startswith(b"b,a\r\n")
    assert content.endswith(b"\r\n")
    rows = {b',"say ""a"""\r\n', b'http://example.org/a,"x,y"\r\n', b'1,"1\n2"\r\n'}
    assert all(row in content for row in rows)
    assert len(content) == 5 + sum(map(len, rows))


def test_csv_names_blank_nodes(http: httpx2.Client) -> None:
    rows = csv.reader(io.StringIO(_get(http, f"SELECT ?o {{ <{EX}ann> <{EX}address> ?o }}", "text/csv").decode()))
    assert [row[0].startswith("_:") for row in rows] == [False, True]


def test_tsv_has_a_line_for_each_row(http: httpx2.Client) -> None:
    query = (
        "SELECT ?b ?a { VALUES (?a ?b) { (\"1\\n2\\t3\\r\" UNDEF) ('''say \"a\"''' 1) (true 1.5) (\"x\"@en <a:b>) } }"
    )
    text = _get(http, query, TABLES["tsv"]).decode()
    header, *rows = text.split("\n")
    assert header == "?b\t?a"
    assert rows.pop() == ""
    assert Counter(rows) == Counter(
        ['\t"1\\n2\\t3\\r"', '1\t"say \\"a\\""', "1.5\ttrue", '<a:b>\t"x"@en'],
    )


@pytest.mark.parametrize("character", ["0001", "000B", "001F", "FFFE"])
@pytest.mark.parametrize("name", ["xml", "rdf"])
def test_xml_is_well_formed_whatever_a_text_holds(http: httpx2.Client, name: str, character: str) -> None:
    """XML has no form for most control characters: an answer is refused, or can be read."""
    form = "SELECT *" if name == "xml" else f"CONSTRUCT {{ <{EX}s> <{EX}p> ?x }}"
    query = f'{form} {{ BIND(CONCAT("a", "\\u{character}", "b") AS ?x) }}'
    media_type = (TABLES | GRAPHS)[name]
    response = http.post("/sparql", data={"query": query}, headers={"Accept": media_type})
    if response.status_code == 200:
        assert answers.read(response.content, media_type)
    else:
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("answer_format", ANSWERS["ASK"], ids=lambda f: f.name)
@pytest.mark.parametrize("expected", [True, False])
def test_ask(http: httpx2.Client, answer_format: Format, expected: bool) -> None:
    media_type = answer_format.media_type
    query = f"ASK {{ FILTER({'true' if expected else 'false'}) }}"
    assert answers.read(_get(http, query, media_type), media_type) is expected


@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_ask_has_no_form_in_tables_of_text(http: httpx2.Client, name: str) -> None:
    response = http.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": TABLES[name]})
    assert problem(response, 406, "not-acceptable")["offers"] == [TABLES["json"], TABLES["xml"]]


@pytest.mark.parametrize("name", GRAPHS)
def test_describe_is_a_concise_bounded_description(http: httpx2.Client, name: str) -> None:
    """The statements of a node, and of each blank node they lead to; nothing of other named nodes."""
    query = f"DESCRIBE <{EX}ann>"
    content = _get(http, query, GRAPHS[name])
    assert content == _get(http, query, GRAPHS[name])
    assert isomorphic(answers.graph(content, GRAPHS[name]), _description())


def _description() -> Graph:
    """Return the concise bounded description of ann, from the file itself."""
    people = answers.dataset(SMALL.read_bytes(), "application/trig").graph(URIRef(EX + "people"))
    found = Graph()
    nodes: list[Node] = [URIRef(EX + "ann")]
    for node in nodes:
        for triple in people.triples((node, None, None)):
            found.add(triple)
            nodes += [triple[2]] if isinstance(triple[2], BNode) and triple[2] not in nodes else []
    assert len(found) == 13
    return found


def test_describe_of_several_and_of_nothing(http: httpx2.Client) -> None:
    both = answers.graph(_get(http, f"DESCRIBE <{EX}ann> <{EX}bob>", "text/turtle"), "text/turtle")
    assert {URIRef(EX + "ann"), URIRef(EX + "bob")} <= set(both.subjects())
    by_pattern = f'DESCRIBE ?who {{ ?who <{EX}name> "Bob"@en }}'
    bob = answers.graph(_get(http, by_pattern, "text/turtle"), "text/turtle")
    assert {term for term in bob.subjects() if isinstance(term, URIRef)} == {URIRef(EX + "bob")}
    assert len(answers.graph(_get(http, f"DESCRIBE <{EX}nobody>", "text/turtle"), "text/turtle")) == 0
