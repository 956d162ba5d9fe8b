from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import threading
import time

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph import queries
from cfit_graph.errors import CfitError, QueryForbidden, QuerySyntaxError, QueryTooLarge, UpdateRefused
from cfit_graph.store import lexer
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.store.lexer import outline
from tests.conftest import ROOT

CALL = "SERVICE <http://127.0.0.1:1/> { ?s ?p ?o }"


@pytest.mark.parametrize(
    ("sparql", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("select * { ?s ?p ?o }", "SELECT"),
        ("# ASK { }\nBASE <http://x/> PREFIX select: <http://y/>\nASK { ?s ?p ?o }", "ASK"),
        ("PREFIX : <http://x/#ask> CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("DESCRIBE <http://x/select>", "DESCRIBE"),
        ("PREFIX ask: <http://x/#> CONSTRUCT WHERE { ?s ask:service 'SELECT' }", "CONSTRUCT"),
        ('VERSION "1.2" CONSTRUCT WHERE { ?s ?p ?o }', "CONSTRUCT"),
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
        ("SELECT (EXISTS { ?a ?b ?c } AS ?x) { ?s ?p 'FROM' }", False),
    ],
)
def test_from_is_seen(sparql: str, named: bool) -> None:
    assert outline(sparql).names_dataset is named


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * {" + "{" * 5_000 + "}" * 5_000 + "}",
        "SELECT * { ?s ?p ?o FILTER(" + "(" * 5_000 + "1" + ")" * 5_000 + ") }",
        "SELECT * { ?s ?p ?o FILTER(" + "!" * 5_000 + "true) }",
        "SELECT * { ?s ?p ?o FILTER(" + "- " * 5_000 + "1) }",
        "ASK { ?s ?p '" + "x" * 100_000 + "' }",
    ],
    ids=["groups", "brackets", "not", "minus", "length"],
)
def test_what_would_end_the_engine_is_refused(sparql: str) -> None:
    with pytest.raises(QueryTooLarge):
        outline(sparql)


@pytest.mark.parametrize("text", ["FROM:1", "FROMx:1", "FROM<http://x/1>", "FROM NAMED x:1", "from named<http://x/1>"])
def test_from_needs_no_space(text: str) -> None:
    prologue = "PREFIX x: <http://x/> PREFIX : <http://x/> "
    assert outline(f"{prologue} SELECT * {text} {{ ?s ?p ?o }}").names_dataset
    assert outline(f"{prologue} CONSTRUCT {{ ?s ?p ?o }} {text} WHERE {{ ?s ?p ?o }}").names_dataset


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("\\u0053ELECT * { ?s ?p ?o }", "SELECT * { ?s ?p ?o }"),
        ("SELECT ?\\u006F { ?s ?p ?\\U0000006F }", "SELECT ?o { ?s ?p ?o }"),
        ("PREFIX e: <x:> ASK { e:\\u0061b ?p ?\\u00E9 }", "PREFIX e: <x:> ASK { e:ab ?p ?é }"),
        ("ASK { ?s ?p '\\u0061', <\\u0061> }", "ASK { ?s ?p '\\u0061', <\\u0061> }"),
        ("ASK { ?s ?p 1 # \\u0061\n}", "ASK { ?s ?p 1         \n}"),
        ("ASK \\u007B ?s ?p ?o }", "ASK \\u007B ?s ?p ?o }"),  # a sign has no escape
        ("PREFIX e: <x:> ASK { e:a\\\\u0061 ?p ?o }", "PREFIX e: <x:> ASK { e:a\\\\u0061 ?p ?o }"),
    ],
)
def test_an_escape_may_stand_for_a_letter(written: str, meant: str) -> None:
    assert outline(written).text == meant


def test_what_is_escaped_is_seen() -> None:
    assert outline("SELECT * \\u0046ROM <http://x/> { ?s ?p ?o }").names_dataset
    assert outline("SELECT (N\\u004FW() AS ?x) {}").varies
    with pytest.raises(UpdateRefused):
        outline("\\u0049NSERT DATA { <a:> <b:> 1 }")


def test_a_prefix_that_could_be_taken_for_from_is_refused() -> None:
    with pytest.raises(QueryForbidden, match="FROM"):
        outline("PREFIX from: <http://x/> SELECT * { ?s from:x ?o }")


def test_the_word_sent_on_is_never_the_keyword() -> None:
    sent = outline("SELECT * { <http://x/service> ?p 'a Service', \"SERVICE\" } # SERVICE").text
    assert "service" not in sent.lower()
    assert sent.count("\\u0053") == 2


@pytest.mark.parametrize("query", ['SELECT ("\\Service" AS ?x) {}', "SELECT * { <http://x/\\Service> ?p ?o }"])
def test_what_is_no_sparql_is_not_made_sparql(query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        STORE.query(query, "application/sparql-results+json")


def test_places_are_those_in_the_text_given() -> None:
    plain = 'SELECT ?x { <http://x/dervice> ?p "dervice" . ?a ?b bad }'
    found = []
    for query in (plain, plain.replace("dervice", "service")):
        with pytest.raises(QuerySyntaxError) as caught:
            STORE.query(query, "application/sparql-results+json")
        found.append(str(caught.value))
    assert found[0] == found[1]


def test_a_flat_sum_is_not_nested() -> None:
    assert outline("SELECT * { ?s ?p ?o FILTER(" + "+".join(["?o"] * 300) + " > 1) }").form == "SELECT"


@pytest.mark.parametrize(
    ("variables", "row"),
    [
        ("?x", "<http://example.org/1> "),
        ("?x", "1.5 "),
        ("?x", "e:ab "),
        ("?x", "'a'@en-GB "),
        ("( ?x $y )", "(-1 true) "),
        ("(?x ?y)", "(UNDEF '1'^^e:int)"),
    ],
)
def test_a_long_list_of_values_is_fine(variables: str, row: str) -> None:
    count = 90_000 // len(row)
    sparql = f"PREFIX e: <http://x/> SELECT * {{ VALUES {variables} {{ {row * count} }} }}"
    assert b"".join(STORE.query(sparql, "text/csv")).count(b"\r\n") == count + 1


def test_the_engine_does_not_recurse_along_values() -> None:
    """What is not counted may not end the engine, not even on a small stack and for far more than a query holds."""
    script = (
        "import sys, threading, pyoxigraph as ox; threading.stack_size(1 << 18); "
        "thread = threading.Thread(target=lambda: print(sum(1 for _ in ox.Store().query(sys.stdin.read())))); "
        "thread.start(); thread.join()"
    )
    values = f"SELECT * {{ VALUES (?x ?y) {{ {'(1 2)' * 100_000} }} }}"
    found = subprocess.run([sys.executable, "-c", script], input=values, capture_output=True, text=True, timeout=60)
    assert found.stdout == "100000\n"


@pytest.mark.parametrize(
    "start",
    [
        "SELECT * { VALUES ?x { 1 } ",
        "SELECT * { ?a VALUES ?x ",
        "SELECT * { ?a ?x\u00b7VALUES ?y { ",  # a variable, and after it a group: the engine has more letters
        "SELECT * { ?a e:x\u00b7VALUES ?y { ",
        "SELECT * { ?a e:VALUES ?y { ",
    ],
)
@pytest.mark.parametrize("link", ["<a><b>(1 1). ", "<a>/<b>", "1 || ", "[] ", "<a><b><c>; "])
def test_what_only_looks_like_values_is_counted(start: str, link: str) -> None:
    with pytest.raises(QueryTooLarge):
        outline("PREFIX e: <http://x/> " + start + link * (90_000 // len(link)) + "} }")


CHAINS = {
    "or": "SELECT * { FILTER(1 @) }|| 1 ",
    "and": "SELECT * { FILTER(1 @) }|&& 1 ",
    "sum": "SELECT * { FILTER(1@) }|+1",
    "difference": "SELECT * { FILTER(1@) }|-1",
    "product": "SELECT * { FILTER(1@) }|*1",
    "path": "SELECT * { ?s <a:a>@ ?o }|/<a:a>",
    "alternatives": "SELECT * { ?s (<a:a>@) ?o }|\\|<a:a>",
    "union": "SELECT * { {}@ }|UNION{}",
    "optional": "SELECT * { @ }|OPTIONAL{}",
    "minus": "SELECT * { @ }|MINUS{}",
    "graph": "SELECT * { @ }|GRAPH?g{}",
    "filter": "SELECT * { @ }|FILTER(1)",
    "patterns": "SELECT * { @ }|?a?b?c.",
    "properties": "SELECT * { ?s a?x@ }|;a?x",
    "objects": "SELECT * { ?s a?x@ }|,?x",
    "collection": "SELECT * { ?s ?p (@) }|1 ",
    "values": "SELECT * { @ }|VALUES?x{1}",
    "columns": "SELECT @ { }|(1AS?x)",
    "quoted": "SELECT * { @ }|<<",
    "having": "SELECT * { } HAVING @|(1)",
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_chains_that_would_end_the_engine_are_refused(chain: str) -> None:
    frame, link = re.split(r"(?<!\\)\|", chain, maxsplit=1)
    link = link.replace("\\|", "|")
    with pytest.raises(QueryTooLarge):
        outline(frame.replace("@", link * (90_000 // len(link))))


def test_triples_in_triples_are_nested() -> None:
    assert outline("SELECT * { " + "<< " * lexer.MAX_DEPTH).form == "SELECT"
    with pytest.raises(QueryTooLarge, match="nested more than 100 deep"):
        outline("SELECT * { " + "<< " * (lexer.MAX_DEPTH + 1))


@pytest.mark.parametrize(
    ("sparql", "varies"),
    [
        ("SELECT (NOW() AS ?x) {}", True),
        ("SELECT (rand() AS ?x) {}", True),
        ("ASK { FILTER(STRUUID() = ?x) }", True),
        ("SELECT (BNODE() AS ?x) {}", True),
        ("CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }", True),
        ("CONSTRUCT { _:x ?p ?o } WHERE { ?s ?p ?o }", True),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", False),
        ("SELECT * { [] ?p ?o }", False),
        ('SELECT * { ?now ?p "NOW" }', False),
    ],
)
def test_what_asks_for_the_time_for_chance_or_for_new_nodes_varies(sparql: str, varies: bool) -> None:
    assert outline(sparql).varies is varies


def test_the_engine_reads_no_escape_as_a_keyword() -> None:
    with pytest.raises(SyntaxError):
        ox.Store().query("SELECT * { \\u0053ERVICE <http://127.0.0.1:1/> { ?a ?b ?c } }")


PIECES = [
    "SELECT * ",
    "ASK",
    "CONSTRUCT ",
    "{ ?s ?p ?o }",
    "{",
    "}",
    "PREFIX a: <b#c> ",
    "#x\n",
    "#x\rINSERT ",
    "<d>",
    "'e'",
]
PIECES += ["WHERE ", "[]", "(1)", "_:f ", "INSERT ", "BASE <g> ", "from", "a:b ", "\n", "<", "-", "!", '"', "é"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_short_way_finds_what_the_long_way_finds(text: str) -> None:
    short = lexer._plain(text)
    if short is None:
        return
    long = lexer._closely(text)
    assert (short.form, short.names_dataset) == (long.form, long.names_dataset)
    assert short.varies >= long.varies


PARTS = [
    "PREFIX a: <b>",
    "PREFIX a-",
    "#x\n",
    "#",
    "BASE <b>",
    "x ",
    "\n",
    "{",
    "'",
    '"""',
    "\\u",
    "a:",
    "a.",
    "! ",
    "<",
    "?",
]


@pytest.mark.parametrize("part", [" ", *PARTS])
@pytest.mark.parametrize("start", ["", "SELECT * {", "PREFIX a: <b>", "# why\n"])
@pytest.mark.parametrize("end", ["", "x", "INSERT", "SELECT * { ?s ?p ?o }"])
def test_no_text_takes_long_to_outline(start: str, part: str, end: str) -> None:
    """It happens in the web process, where everybody would wait."""
    for length in (1_900, lexer.MAX_LENGTH - 100):  # for the short way, and for the long one
        text = start + part * (length // len(part)) + end
        began = time.process_time()
        with contextlib.suppress(CfitError):
            outline(text)
        assert time.process_time() - began < 1


def test_most_questions_go_the_short_way() -> None:
    texts = [question.sparql for question in queries.questions(ROOT / "ontology" / "questions")]
    assert sum(lexer._plain(text) is not None for text in texts) > len(texts) / 2


def test_places_in_comments_do_not_mislead() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        outline("# ASC is a word\n  ASC {}")
    assert (caught.value.line, caught.value.column) == (2, 3)


signs = st.text(st.sampled_from("SERVICEservice<>{}()'\"\\\\#?:@. \n\r1ax_-"), max_size=60)


@given(signs)
@settings(max_examples=500, deadline=None)
def test_any_text_is_outlined_or_refused(text: str) -> None:
    try:
        seen = outline(text)
    except CfitError:
        return
    hidden = re.sub(r"[?$]\w+|@[A-Za-z]+(?:-[A-Za-z0-9]+)*|:[\w:%-][\w.:%-]*", " ", seen.text)
    assert "service" not in hidden.lower()


@given(
    signs, st.sampled_from(["SELECT * { ?s ?p ?o } ", "SELECT * { FILTER(1<2) ", "PREFIX : <http://x/> ASK { ?s ?p :a"])
)
@settings(max_examples=500, deadline=None)
def test_no_text_makes_the_engine_call_out(calls: list[str], text: str, start: str) -> None:
    query = start + text.replace("a", ADDRESS).replace("c", "\\u0043")
    with contextlib.suppress(CfitError):
        b"".join(STORE.query(query, "application/sparql-results+json"))
    assert not calls, query


BYPASSES = [
    "PREFIX e: <ADDRESS/> SELECT * { FILTER(1<2)SERVICEe:x#>\n{ ?s ?p ?leak } }",
    "PREFIX e: <ADDRESS/> PREFIX : <http://x/> SELECT * { FILTER(:<2)SERVICEe:x#>\n{ ?s ?p ?leak } }",
    "PREFIX e: <ADDRESS/> SELECT * { BIND(1<=2AS?q)SERVICEe:x#>\n{ ?s ?p ?leak } }",
    "SELECT * { FILTER(1<2)#>'''\nSERVICE <ADDRESS/> { ?a ?b ?leak }\n#'''\n}",
    "PREFIX : <http://x/> SELECT * { ?s ?p :.SERVICE<ADDRESS/>{ ?a ?b ?leak } }",
    "PREFIX : <http://x/> SELECT * { ?s ?p :a.SERVICE<ADDRESS/>{ ?a ?b ?leak } }",
    "SELECT * { ?s ?p 1SERVICE<ADDRESS/>{ ?a ?b ?leak } }",
    "SELECT * { ?s ?p trueSERVICE<ADDRESS/>{ ?a ?b ?leak } }",
    "PREFIX ex: <ADDRESS/> SELECT * { SERVICEex:x { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <ADDRESS/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ex:a\\# . SERVICE <ADDRESS/> { ?a ?b ?c } }",
]


@pytest.mark.parametrize("sparql", BYPASSES)
def test_known_ways_around_do_not_call_out(calls: list[str], sparql: str) -> None:
    with contextlib.suppress(CfitError):
        b"".join(STORE.query(sparql.replace("ADDRESS", ADDRESS), "application/sparql-results+json"))
    assert not calls


def test_the_listener_hears_a_call(calls: list[str]) -> None:
    with contextlib.suppress(OSError):
        answer = ox.Store().query(f"SELECT * {{ SERVICE <{ADDRESS}/> {{ ?a ?b ?c }} }}")
        assert isinstance(answer, ox.QuerySolutions)
        list(answer)
    assert calls
    calls.clear()


LISTENER = socket.create_server(("127.0.0.1", 0))
ADDRESS = f"http://127.0.0.1:{LISTENER.getsockname()[1]}"
STORE = EmbeddedStore([])
CALLS: list[str] = []


def _listen() -> None:
    while True:
        connection, _ = LISTENER.accept()
        CALLS.append("called")
        connection.close()


threading.Thread(target=_listen, daemon=True).start()


@pytest.fixture(scope="module")
def calls() -> list[str]:
    """What the listener at ADDRESS has heard."""
    return CALLS
