"""Nothing a client sends makes the server open an address or a file.

Every hostile IRI names a socket of ours that listens: the kernel completes a connection to it before anybody accepts
it, so whatever calls out, in any process of the server, waits there to be counted. Files named hold a word that no
answer may have.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hostile.serving import Server

FORBIDDEN, UPDATE, UNKNOWN = "query-forbidden", "update-refused", "bad-request"
CALLS = {
    "plain": "SELECT * { SERVICE <@> { ?s ?p ?o } }",
    "small letters": "select * { service <@> { ?s ?p ?o } }",
    "mixed letters": "SELECT * { sErViCe <@> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <@> { ?s ?p ?o } }",
    "variable": "SELECT * { VALUES ?x { <@> } SERVICE ?x { ?s ?p ?o } }",
    "variable, silent": "SELECT * { BIND(IRI('@') AS ?x) SERVICE SILENT ?x { ?s ?p ?o } }",
    "prefix": "PREFIX e: <@> SELECT * { SERVICE e: { ?s ?p ?o } }",
    "prefix and name": "PREFIX e: <@> SELECT * { SERVICEe:x { ?s ?p ?o } }",
    "base": "BASE <@> SELECT * { SERVICE <x> { ?s ?p ?o } }",
    "in exists": "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <@> { ?s ?p ?o } } }",
    "in not exists": "SELECT * { ?s ?p ?o FILTER NOT EXISTS { { { SERVICE <@> { ?s ?p ?o } } } } }",
    "in optional": "SELECT * { OPTIONAL { SERVICE <@> { ?s ?p ?o } } }",
    "in minus": "SELECT * { ?s ?p ?o MINUS { SERVICE <@> { ?s ?p ?o } } }",
    "in a subquery": "SELECT * { { SELECT * { SERVICE <@> { ?s ?p ?o } } } }",
    "in a projection": "SELECT (EXISTS { SERVICE <@> { ?s ?p ?o } } AS ?x) {}",
    "in having": "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (EXISTS { SERVICE <@> { ?s ?p ?z } })",
    "in a construct": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <@> { ?s ?p ?o } }",
    "in a description": "DESCRIBE ?s { SERVICE <@> { ?s ?p ?o } }",
    "in an ask": "ASK { SERVICE <@> { ?s ?p ?o } }",
    "after a comment": "SELECT * { # no\nSERVICE # no\n<@> # no\n{ ?s ?p ?o } }",
    "after a return": "SELECT * { # no\rSERVICE <@> { ?s ?p ?o } }",
    "after a number": "SELECT * { ?s ?p 1SERVICE <@> { ?a ?b ?c } }",
    "after an escape": "PREFIX e: <http://x/> SELECT * { ?s ?p e:a\\# . SERVICE <@> { ?a ?b ?c } }",
    "after a comparison": "SELECT * { FILTER(1<2) SERVICE <@> { ?a ?b ?c } FILTER(3>2) }",
    "escaped": "SELECT * { \\u0053ERVICE <@> { ?s ?p ?o } }",
    "escaped long": "SELECT * { SERVIC\\U00000045 <@> { ?s ?p ?o } }",
    "escaped twice": "SELECT * { \\u005Cu0053ERVICE <@> { ?s ?p ?o } }",
    "strings about": "SELECT * { ?s ?p '''x''' . SERVICE <@> { ?a ?b ?c } . ?s ?p '''y''' }",
    "lateral": "SELECT * { ?s ?p ?o LATERAL { SERVICE <@> { ?a ?b ?c } } }",
    "load": "LOAD <@>",
    "load into": "LOAD SILENT <@> INTO GRAPH <http://x/g>",
    "clear": "CLEAR ALL",
    "drop": "DROP SILENT ALL",
    "insert": "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
    "insert data": "PREFIX x: <http://x/> INSERT DATA { x:a x:b x:c }",
    "with": "WITH <http://x/g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "second operation": "SELECT * { ?s ?p ?o } ; LOAD <@>",
    "from": "SELECT * FROM <@> { ?s ?p ?o }",
    "from named": "SELECT * FROM NAMED <@> { GRAPH <@> { ?s ?p ?o } }",
    "graph": "SELECT * { GRAPH <@> { ?s ?p ?o } }",
    "from file": "SELECT * FROM <file://FILE> FROM NAMED <file:FILE> { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
    "describe": "DESCRIBE <@> <file://FILE>",
    "function": "SELECT (<@>(?s) AS ?x) { ?s ?p ?o }",
}
REFUSED = {403: {UPDATE}, 400: {FORBIDDEN, "query-syntax", UNKNOWN}}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def _called(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize("sparql", CALLS.values(), ids=CALLS)
def test_no_query_calls_out(server: Server, listener: socket.socket, tmp_path: Path, sparql: str) -> None:
    secret = tmp_path / "secret.nt"
    secret.write_text("<http://x/a> <http://x/p> <http://x/secret-word> .\n")
    text = sparql.replace("@", _address(listener)).replace("FILE", str(secret))
    reply = server.post(text, accept="*/*")
    assert not _called(listener)
    assert b"secret-word" not in reply.body
    names_graphs_only = sparql.startswith(("SELECT * FROM", "SELECT * { GRAPH", "DESCRIBE <"))
    assert reply.status == 200 if names_graphs_only else reply.kind in REFUSED[reply.status]
    server.is_well()


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri", "using-graph-uri", "update", "query"])
def test_no_parameter_calls_out(server: Server, listener: socket.socket, name: str) -> None:
    more = {name: f"LOAD <{_address(listener)}>" if name in {"update", "query"} else _address(listener)}
    reply = server.query("SELECT * { ?s ?p ?o } LIMIT 1", **more)
    assert not _called(listener)
    if name != "using-graph-uri":  # which belongs to updates, and is nothing here
        assert reply.kind in REFUSED[reply.status]


def test_the_listener_counts_a_call(listener: socket.socket) -> None:
    assert not _called(listener)
    with socket.create_connection(listener.getsockname()):
        assert _called(listener)
