from __future__ import annotations

import contextlib

import pytest

from cfit_graph.errors import CfitError, QueryForbidden, UpdateRefused
from cfit_graph.store.lexer import outline

CALL = "SERVICE <http://127.0.0.1:1/> { ?s ?p ?o }"


@pytest.mark.parametrize(
    ("sparql", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("select * { ?s ?p ?o }", "SELECT"),
        ("# ASK { }\nBASE <http://x/> PREFIX select: <http://y/>\nASK { ?s ?p ?o }", "ASK"),
        ("PREFIX : <http://x/#ask> CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("DESCRIBE <http://x/select>", "DESCRIBE"),
        ("PREFIX broken SELECT * { ?s ?p ?o }", "SELECT"),
    ],
)
def test_form(sparql: str, form: str) -> None:
    assert outline(sparql).form == form


@pytest.mark.parametrize(
    "sparql",
    [
        f"SELECT * {{ {CALL} }}",
        f"SELECT * {{ {CALL.lower()} }}",
        f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ {CALL} }} }}",
        f"SELECT * {{ ?s ?p 1{CALL} }}",  # the engine needs no space here
        f"SELECT * {{ ?s ?p true{CALL} }}",
        "SELECT * { SERVICE SILENT ?x { ?s ?p ?o } }",
        "PREFIX ex: <http://127.0.0.1:1/> SELECT * { SERVICEex:x { ?s ?p ?o } }",
        "PREFIX : <http://127.0.0.1:1/> SELECT * { SERVICE:x { ?s ?p ?o } }",
        "SELECT * { S\\u0045RVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        f"PREFIX ex: <http://x/> SELECT * {{ ?s ?p ex:a\\# . {CALL} }}",  # an escaped #, not a comment
        f"PREFIX ex: <http://x/> SELECT * {{ ?s ?p ex:a\\' . {CALL} . ?s ?p 'x' }}",
        f'SELECT * {{ ?s ?p "a\\"" . {CALL} }}',
        f'SELECT * {{ ?s ?p """ " """ . {CALL} }}',
        f"SELECT * {{ FILTER(1<2) {CALL} FILTER(3>2) }}",
        f"SELECT * {{ # a comment\n {CALL} }}",
        f"SELECT * {{ # a comment\r {CALL} }}",
    ],
)
def test_calls_to_other_services_are_refused(sparql: str) -> None:
    with pytest.raises(QueryForbidden):
        outline(sparql)


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * { ?service ?p 'SERVICE <http://x/> {}' } # SERVICE <http://x/> {}",
        "SELECT * { <http://x/service> ?p ?o }",
        "PREFIX ex: <http://x/> SELECT * { ex:service ex:my-service ?o }",
        'SELECT * { ?s ?p """a "SERVICE" b""" , "x"@service }',
    ],
)
def test_the_word_alone_is_no_call(sparql: str) -> None:
    assert outline(sparql).form == "SELECT"


@pytest.mark.parametrize(
    "update", ["INSERT DATA { <a:> <b:> 1 }", "PREFIX x: <y:> delete where { ?s ?p ?o }", "LOAD <x:>"]
)
def test_updates_are_refused(update: str) -> None:
    with pytest.raises(UpdateRefused, match="read-only"):
        outline(update)


@pytest.mark.parametrize(
    ("sparql", "named"),
    [
        ("SELECT * FROM <http://x/> { ?s ?p ?o }", True),
        ("SELECT * FROM NAMED <http://x/> { ?s ?p ?o }", True),
        ("PREFIX x: <http://x/> ASK FROM x:g { ?s ?p ?o }", True),
        ("SELECT ?from { ?from ?p 'FROM <x>' } # FROM <http://x/>", False),
        ("PREFIX from: <http://x/> SELECT * { ?s from:x ?o }", False),
    ],
)
def test_from_is_seen(sparql: str, named: bool) -> None:
    assert outline(sparql).names_dataset is named


def test_unfinished_texts_take_no_long_time() -> None:
    for piece in ("'", '"', "'''", '"""', "<", "\\", "#", "'''a\\", "PREFIX x: <y> "):
        with contextlib.suppress(CfitError):
            outline(piece * 5_000)
