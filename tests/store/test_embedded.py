from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cfit_graph.errors import NotAcceptable, QueryForbidden, QuerySyntaxError, SourceError, UsageError
from cfit_graph.store import GraphSelection
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.store.formats import ANSWERS
from cfit_graph.store.rows import values

if TYPE_CHECKING:
    from pathlib import Path

JSON = "application/sparql-results+json"
QUADS = """<http://x/a> <http://x/p> "default" .
<http://x/a> <http://x/p> "one" <http://x/1> .
<http://x/a> <http://x/p> "two" <http://x/2> .
"""
ALL = "SELECT ?o { ?s ?p ?o }"
NAMED = "SELECT ?o { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def quads(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    path = tmp_path_factory.mktemp("store") / "x.nq"
    path.write_text(QUADS)
    return EmbeddedStore([path])


def _values(store: EmbeddedStore, sparql: str, dataset: GraphSelection = GraphSelection()) -> set[str]:  # noqa: B008
    answer = json.loads(b"".join(store.query(sparql, JSON, dataset=dataset)))
    return {row["o"]["value"] for row in answer["results"]["bindings"]}


def test_the_default_graph_is_the_union_of_all(quads: EmbeddedStore) -> None:
    assert _values(quads, ALL) == {"default", "one", "two"}
    assert _values(quads, NAMED) == {"one", "two"}


@pytest.mark.parametrize(
    ("sparql", "expected"),
    [
        ("SELECT ?o FROM <http://x/1> { ?s ?p ?o }", {"one"}),
        ("SELECT ?o FROM <http://x/1> FROM <http://x/2> { ?s ?p ?o }", {"one", "two"}),
        ("SELECT ?o FROM NAMED <http://x/2> { GRAPH ?g { ?s ?p ?o } }", {"two"}),
        ("SELECT ?o FROM <http://x/1> { GRAPH ?g { ?s ?p ?o } }", set()),
        ("SELECT ?o FROM <http://elsewhere/> { ?s ?p ?o }", set()),
    ],
)
def test_from_names_the_dataset(quads: EmbeddedStore, sparql: str, expected: set[str]) -> None:
    assert _values(quads, sparql) == expected


@pytest.mark.parametrize(
    ("sparql", "dataset", "expected"),
    [
        (ALL, GraphSelection(("http://x/1",)), {"one"}),
        (NAMED, GraphSelection((), ("http://x/2",)), {"two"}),
        ("SELECT ?o FROM <http://x/2> { ?s ?p ?o }", GraphSelection(("http://x/1",)), {"one"}),
    ],
)
def test_the_dataset_of_the_request_wins(
    quads: EmbeddedStore, sparql: str, dataset: GraphSelection, expected: set[str]
) -> None:
    assert _values(quads, sparql, dataset) == expected


QUERIES = {
    "SELECT": ALL,
    "ASK": "ASK { ?s ?p ?o }",
    "CONSTRUCT": "CONSTRUCT WHERE { ?s ?p ?o }",
    "DESCRIBE": "DESCRIBE <http://x/a>",
}


@pytest.mark.parametrize(("form", "name"), [(form, f.name) for form, formats in ANSWERS.items() for f in formats])
def test_every_form_in_every_format(quads: EmbeddedStore, form: str, name: str) -> None:
    media_type = next(answer.media_type for answer in ANSWERS[form] if answer.name == name)
    assert b"".join(quads.query(QUERIES[form], media_type))


@pytest.mark.parametrize(
    ("form", "media_type"), [("ASK", "text/csv"), ("SELECT", "text/turtle"), ("CONSTRUCT", JSON), ("DESCRIBE", "x/y")]
)
def test_formats_that_a_form_does_not_have_are_refused(quads: EmbeddedStore, form: str, media_type: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        quads.query(QUERIES[form], media_type)
    assert caught.value.offers == tuple(answer.media_type for answer in ANSWERS[form])


@pytest.mark.parametrize(
    ("sparql", "line", "column", "words"),
    [
        ("SELECT * WHERE {\n  ?s ?p ?o", 2, 11, 'found the end of the query, expected ",", ".", ";"'),
        ("SELECT * { ?s foaf:name ?o }", 1, 15, "the prefix foaf: is not declared; add a PREFIX line"),
        ("SELECT ?x ?x { ?s ?p ?x } GROUP BY", 1, 35, "found the end of the query"),
        ("SELECT * WHERE { ?s ?p ?o } LIMIT ten", 1, 35, "found 'ten', "),
        ("SELEC * { ?s ?p ?o }", 1, 1, "found 'SELEC'"),
        ("# nothing\n  ASC { }", 2, 3, "found 'ASC', expected SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("", 0, 0, "there is no query here"),
    ],
)
def test_syntax_errors_point_and_name(quads: EmbeddedStore, sparql: str, line: int, column: int, words: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        quads.query(sparql, JSON)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in caught.value.reason
    assert "\\u{" not in caught.value.reason


def test_services_are_never_called(quads: EmbeddedStore) -> None:
    with pytest.raises(QueryForbidden):
        quads.query("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", JSON)


def test_a_description_is_in_the_order_of_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("".join(f'<http://x/a> <http://x/p{number % 7}> "{number}" .\n' for number in range(100)), "utf-8")
    lines = b"".join(EmbeddedStore([path]).query("DESCRIBE <http://x/a>", "application/n-triples")).splitlines()
    assert len(lines) == 100
    assert lines == sorted(lines)


def test_a_graph_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "x.nq"
    path.write_text(
        "".join(f"<http://x/a> <http://x/p> 'o' <http://x/{number:02}> .\n" for number in range(12)).replace("'", '"')
    )
    with pytest.raises(UsageError) as caught:
        EmbeddedStore([path]).query(ALL, JSON, dataset=GraphSelection(("http://x/011",)))
    first, more = str(caught.value).split("; there are ")
    assert first == "There is no graph <http://x/011> here"
    assert more.startswith(("<http://x/01>, ", "<http://x/11>, "))
    assert more.count("<") == 10
    assert more.endswith(" and 2 more.")


def test_turtle_answers_use_our_prefixes(quads: EmbeddedStore) -> None:
    sparql = "CONSTRUCT { <http://x/a> a <https://w3id.org/cfit/ns#Pact> } WHERE { }"
    assert b"a cfit:Pact" in b"".join(quads.query(sparql, "text/turtle"))


def test_csv_quotes_as_rfc_4180_says(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text('<http://x/a> <http://x/p> "a, \\"b\\"\\nc" .')
    answer = b"".join(EmbeddedStore([path]).query("SELECT ?o { ?s ?p ?o }", "text/csv"))
    assert answer == b'o\r\n"a, ""b""\nc"\r\n'


def test_a_broken_file_is_named_with_its_position(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("<http://x/a> <http://x/p> .")
    with pytest.raises(SourceError, match=r"x\.ttl:1:27: "):
        EmbeddedStore([path])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.ttl: No such file"):
        EmbeddedStore([tmp_path / "gone.ttl"])


def test_lines_can_be_added(tmp_path: Path) -> None:
    path = tmp_path / "x.nq"
    path.write_text(QUADS)
    store = EmbeddedStore([path])
    store.add(['<http://x/a> <http://x/p> "three" <http://x/2> .\n', '<http://x/b> <http://x/p> "four" .\n'])
    assert {row["o"] for row in values(store, ALL)} == {"default", "one", "two", "three", "four"}


def test_lines_that_are_none_are_refused() -> None:
    with pytest.raises(SyntaxError):
        EmbeddedStore(()).add(["nonsense"])


def test_rows_have_the_text_of_each_value_and_nothing_for_what_is_unbound(quads: EmbeddedStore) -> None:
    sparql = 'SELECT ?a ?b ?c { VALUES (?a ?b ?c) { (<http://x/a> "b"@en UNDEF) (1 UNDEF "c") } } ORDER BY ?b'
    assert values(quads, sparql) == [{"a": "1", "b": "", "c": "c"}, {"a": "http://x/a", "b": "b", "c": ""}]
