"""What every store answers alike: in memory, on disk, and behind the endpoint of a real ``oxigraph serve``."""

from __future__ import annotations

import contextlib
import csv
import io
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from cfit_graph import queries
from cfit_graph.errors import (
    CfitError,
    NotAcceptable,
    QueryForbidden,
    QuerySyntaxError,
    QueryTooLarge,
    ResultTooLarge,
    StoreUnavailable,
    UpdateRefused,
    UsageError,
)
from cfit_graph.store import EVERYTHING, GraphSelection, Limits, Store
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.store.formats import ANSWERS
from cfit_graph.store.lexer import outline
from cfit_graph.store.remote import RemoteStore
from cfit_graph.store.workers import StoreProcess, WorkerStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from cfit_graph.queries import Question
    from cfit_graph.release import Release

ROOT = Path(__file__).parent.parent.parent
QUESTIONS = queries.questions(ROOT / "ontology" / "questions")
OXIGRAPH = Path(sys.executable).with_name("oxigraph")
JSON, XML, CSV, TSV = (answer.media_type for answer in ANSWERS["SELECT"])
FORMATS = {answer.media_type: answer.engine for answers in ANSWERS.values() for answer in answers}

SAMPLE = r"""<http://x/a> <http://x/p> "default" .
<http://x/a> <http://x/p> "one" <http://x/1> .
<http://x/a> <http://x/p> "two" <http://x/2> .
<http://x/b> <http://x/q> "tab\tline\nreturn\rquote\"comma,back\\slash" <http://x/3> .
<http://x/b> <http://x/q> "Grüße, 世界 🌍, e\u0301, \u202Eright to left" <http://x/3> .
<http://x/b> <http://x/q> "goedendag"@nl <http://x/3> .
<http://x/b> <http://x/q> "" <http://x/3> .
<http://x/b> <http://x/q> " spaces " <http://x/3> .
<http://x/b> <http://x/q> "=SUM(A1)" <http://x/3> .
<http://x/b> <http://x/q> "12"^^<http://www.w3.org/2001/XMLSchema#integer> <http://x/3> .
<http://x/b> <http://x/q> "-0.50"^^<http://www.w3.org/2001/XMLSchema#decimal> <http://x/3> .
<http://x/b> <http://x/q> "1.5E3"^^<http://www.w3.org/2001/XMLSchema#double> <http://x/3> .
<http://x/b> <http://x/q> "92233720368547758080"^^<http://www.w3.org/2001/XMLSchema#integer> <http://x/3> .
<http://x/b> <http://x/q> "2025-12-31"^^<http://www.w3.org/2001/XMLSchema#date> <http://x/3> .
<http://x/b> <http://x/q> "ill-typed"^^<http://www.w3.org/2001/XMLSchema#integer> <http://x/3> .
<http://x/b> <http://x/q> <http://x/ünïcode?a=b&c=%20d#e> <http://x/3> .
_:somebody <http://x/knows> _:another <http://x/4> .
_:another <http://x/name> "Another" <http://x/4> .
"""
ALL = "SELECT ?o { <http://x/a> ?p ?o }"
NAMED = "SELECT ?o { GRAPH ?g { <http://x/a> ?p ?o } }"
VALUES = "SELECT ?s ?o ?none { ?s <http://x/q> ?o }"
NUMBERS = " ".join(map(str, range(224)))
MANY = f"SELECT ?a ?b {{ VALUES ?a {{ {NUMBERS} }} VALUES ?b {{ {NUMBERS} }} }}"
ROWS = 224 * 224


def _on_disk(data: Path, directory: Path) -> Path:
    """Write a store to a directory, as an operator would, and close it."""
    store = ox.Store(str(directory))
    store.bulk_load(path=str(data), format=ox.RdfFormat.from_extension(data.suffix[1:]))
    store.optimize()
    store.flush()
    return directory


@contextlib.contextmanager
def oxigraph_serve(directory: Path, *options: str) -> Iterator[str]:
    """Run ``oxigraph serve`` and give the address of its endpoint."""
    assert OXIGRAPH.exists(), f"{OXIGRAPH} is missing; install the development requirements"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [str(OXIGRAPH), "serve", "--location", str(directory), "--bind", place, *options]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait_for(place, process)
        yield f"http://{place}/query"
    finally:
        process.kill()  # not terminate: it would end its queries first
        process.wait(timeout=10)


def _wait_for(place: str, process: subprocess.Popen[bytes]) -> None:
    host, _, port = place.partition(":")
    for _ in range(300):
        assert process.poll() is None, "oxigraph stopped"
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("oxigraph did not start within 15 s")


@contextlib.contextmanager
def _memory(data: Path, _: Path) -> Iterator[Store]:
    yield EmbeddedStore([data])


@contextlib.contextmanager
def _disk(data: Path, directory: Path) -> Iterator[Store]:
    yield EmbeddedStore.on_disk(_on_disk(data, directory))


@contextlib.contextmanager
def _remote(data: Path, directory: Path) -> Iterator[Store]:
    with oxigraph_serve(_on_disk(data, directory)) as endpoint:
        yield RemoteStore(endpoint)


@contextlib.contextmanager
def _workers(data: Path, _: Path) -> Iterator[Store]:
    process = StoreProcess([data])
    store = WorkerStore(process)
    try:
        yield store
    finally:
        store.close()
        process.close()


STORES: dict[str, Callable[[Path, Path], AbstractContextManager[Store]]] = {
    "memory": _memory,
    "disk": _disk,
    "remote": _remote,
    "workers": _workers,
    # Another store is one line here: a name, and what opens it over a file, given a directory it may use.
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.nq"
    path.write_text(SAMPLE, "utf-8")
    return path


@pytest.fixture(scope="module")
def reference(sample: Path) -> Store:
    return EmbeddedStore([sample])


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with STORES[request.param](sample, tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture(scope="module", params=STORES)
def real(
    request: pytest.FixtureRequest, released: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with STORES[request.param](released.graph, tmp_path_factory.mktemp("real")) as opened:
        yield opened


def _text(store: Store, sparql: str, media_type: str, dataset: GraphSelection = EVERYTHING) -> bytes:
    return b"".join(store.query(sparql, media_type, dataset=dataset))


def _read(answer: bytes, media_type: str) -> Any:
    """Return an answer in a form in which equal ones are equal: a bag of rows, a truth value, or a graph."""
    if media_type == CSV:
        head, *rows = csv.reader(io.StringIO(answer.decode(), newline=""))
        return head, Counter(map(tuple, rows))
    engine: Any = FORMATS[media_type]
    if isinstance(engine, ox.RdfFormat):
        graph = ox.Dataset(ox.parse(answer, format=engine))
        graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return frozenset(graph)
    results = ox.parse_query_results(answer, format=engine)
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    return list(map(str, results.variables)), Counter(tuple(map(str, row)) for row in results)


def _values(store: Store, sparql: str, dataset: GraphSelection = EVERYTHING) -> set[str]:
    return {value for (value,) in _read(_text(store, sparql, CSV, dataset), CSV)[1]}


FORMS = {
    "SELECT": VALUES,
    "ASK": "ASK { ?s <http://x/q> ?o }",
    "CONSTRUCT": "CONSTRUCT { ?s ?p ?o . ?s <http://x/of> [ <http://x/is> ?o ] } WHERE { ?s ?p ?o }",
    "DESCRIBE": "DESCRIBE ?s { ?s <http://x/knows> ?o }",
}
EMPTY = {
    "SELECT": "SELECT ?s ?o { ?s <http://x/gone> ?o }",
    "ASK": "ASK { ?s <http://x/gone> ?o }",
    "CONSTRUCT": "CONSTRUCT WHERE { ?s <http://x/gone> ?o }",
    "DESCRIBE": "DESCRIBE <http://x/gone>",
}
EACH = [(form, answer.media_type) for form, answers in ANSWERS.items() for answer in answers]


@pytest.mark.parametrize(("form", "media_type"), EACH)
@pytest.mark.parametrize("texts", [FORMS, EMPTY], ids=["full", "empty"])
def test_every_form_in_every_format(
    store: Store, reference: Store, form: str, media_type: str, texts: dict[str, str]
) -> None:
    sparql = texts[form]
    answer = _read(_text(store, sparql, media_type), media_type)
    assert answer == _read(_text(reference, sparql, media_type), media_type)
    assert texts is EMPTY or answer


@pytest.mark.parametrize("media_type", [JSON, XML, CSV, TSV])
def test_every_value_survives_every_format(store: Store, media_type: str) -> None:
    quads = ox.parse(SAMPLE.encode(), format=ox.RdfFormat.N_QUADS)
    values: Any = [quad.object for quad in quads if quad.predicate.value == "http://x/q"]
    variables, rows = _read(_text(store, VALUES, media_type), media_type)
    expected = [value.value if media_type == CSV else str(value) for value in values]
    # The engine writes numbers in its own way when they are stored.
    expected = [value.replace("-0.50", "-0.5").replace("1.5E3", "1500") for value in expected]
    assert [name.lstrip("?") for name in variables] == ["s", "o", "none"]
    assert Counter(row[1] for row in rows.elements()) == Counter(expected)


def test_order_is_kept(store: Store) -> None:
    sparql = "SELECT ?a { VALUES ?a { 3 1 2 } } ORDER BY DESC(?a)"
    assert _text(store, sparql, CSV) == b"a\r\n3\r\n2\r\n1\r\n"
    assert _text(store, sparql, TSV) == b"?a\n3\n2\n1\n"


@pytest.mark.parametrize(
    ("sparql", "dataset", "expected"),
    [
        (ALL, EVERYTHING, {"default", "one", "two"}),
        (NAMED, EVERYTHING, {"one", "two"}),
        ("SELECT ?o { GRAPH <http://x/1> { ?s ?p ?o } }", EVERYTHING, {"one"}),
        ("SELECT ?o FROM <http://x/1> { ?s ?p ?o }", EVERYTHING, {"one"}),
        ("SELECT ?o FROM <http://x/1> FROM <http://x/2> { ?s ?p ?o }", EVERYTHING, {"one", "two"}),
        ("SELECT ?o FROM NAMED <http://x/2> { GRAPH ?g { ?s ?p ?o } }", EVERYTHING, {"two"}),
        ("SELECT ?o FROM NAMED <http://x/2> { ?s ?p ?o }", EVERYTHING, set()),
        ("SELECT ?o FROM <http://x/1> { GRAPH ?g { ?s ?p ?o } }", EVERYTHING, set()),
        ("SELECT ?o FROM <http://elsewhere/> { ?s ?p ?o }", EVERYTHING, set()),
        (ALL, GraphSelection(("http://x/1",)), {"one"}),
        (ALL, GraphSelection(("http://x/1", "http://x/2")), {"one", "two"}),
        (ALL, GraphSelection((), ("http://x/1",)), set()),
        (NAMED, GraphSelection((), ("http://x/2",)), {"two"}),
        (NAMED, GraphSelection(("http://x/1",)), set()),
        ("SELECT ?o FROM <http://x/2> { ?s ?p ?o }", GraphSelection(("http://x/1",)), {"one"}),
        ("SELECT ?o FROM NAMED <http://x/1> { GRAPH ?g { ?s ?p ?o } }", GraphSelection((), ("http://x/2",)), {"two"}),
    ],
)
def test_the_dataset(store: Store, sparql: str, dataset: GraphSelection, expected: set[str]) -> None:
    assert _values(store, sparql, dataset) == expected


@pytest.mark.parametrize("dataset", [GraphSelection(("http://x/1", "http://x/9")), GraphSelection((), ("http://x/9",))])
def test_a_graph_that_is_not_there_is_an_error(store: Store, dataset: GraphSelection) -> None:
    with pytest.raises(UsageError, match="There is no graph <http://x/9>"):
        b"".join(store.query(ALL, JSON, dataset=dataset))


@pytest.mark.parametrize("iri", ["x y", "relative", ""])
def test_a_graph_is_named_by_an_absolute_iri(store: Store, iri: str) -> None:
    with pytest.raises(UsageError, match="absolute IRI"):
        b"".join(store.query(ALL, JSON, dataset=GraphSelection((iri,))))


def test_relative_iris_are_ours(store: Store) -> None:
    assert _values(store, "SELECT (STR(<id/x>) AS ?o) {}") == {"https://w3id.org/cfit/id/x"}
    assert _values(store, "BASE <http://y/> SELECT (STR(<x>) AS ?o) {}") == {"http://y/x"}


def test_the_word_that_is_refused_may_be_data(store: Store) -> None:
    assert _values(store, "SELECT ?o { VALUES ?o { 'SERVICE <x>' } } # SERVICE") == {"SERVICE <x>"}


@pytest.mark.parametrize("media_type", [JSON, CSV])
def test_large_results_are_complete_and_come_in_pieces(store: Store, media_type: str) -> None:
    pieces = list(store.query(MANY, media_type))
    assert len(pieces) > 1
    assert max(map(len, pieces)) < 1 << 20
    assert _read(b"".join(pieces), media_type)[1].total() == ROWS


def test_large_graphs_are_complete(store: Store) -> None:
    sparql = f"CONSTRUCT {{ <http://x/a> <http://x/p> ?n }} {MANY[MANY.index('{') : -1]} BIND(?a * 1000 + ?b AS ?n) }}"
    answer = _text(store, sparql, "application/n-triples")
    assert len(answer.splitlines()) == ROWS


def test_a_result_may_not_be_larger_than_its_limit(store: Store) -> None:
    with pytest.raises(ResultTooLarge):
        b"".join(store.query(MANY, CSV, limits=Limits(result=100_000)))


@pytest.mark.parametrize(
    ("sparql", "media_type", "kind"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", JSON, QueryForbidden),
        ("DELETE WHERE { ?s ?p ?o }", JSON, UpdateRefused),
        ("SELECT * { ?s ?p " + "(" * 200 + " }", JSON, QueryTooLarge),
        ("ASK {}", CSV, NotAcceptable),
        ("SELECT * {}", "text/turtle", NotAcceptable),
        ("CONSTRUCT WHERE {}", JSON, NotAcceptable),
        ("DESCRIBE <x>", "text/html", NotAcceptable),
    ],
)
def test_what_is_refused(store: Store, sparql: str, media_type: str, kind: type[CfitError]) -> None:
    with pytest.raises(kind):
        b"".join(store.query(sparql, media_type))


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * WHERE {\n  ?s ?p ?o",
        "SELECT * { ?s foaf:name ?o }",
        "SELECT ?x ?x { ?s ?p ?x } GROUP BY",
        "SELECT *\nWHERE { ?s ?p ?o }\nLIMIT ten",
        "SELECT * { 'service' ?p ?o . ) }",
        "PREFIX x <http://x/>\nSELECT * { ?s ?p ?o }",
        "# nothing\n  ASC { }",
        "",
    ],
)
def test_syntax_errors_have_the_same_place_and_words(store: Store, reference: Store, sparql: str) -> None:
    seen = []
    for one in (store, reference):
        with pytest.raises(QuerySyntaxError) as caught:
            b"".join(one.query(sparql, JSON))
        seen.append((caught.value.line, caught.value.column, caught.value.token, caught.value.reason))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.number)
def test_the_real_questions_have_their_approved_answers(real: Store, question: Question) -> None:
    form = outline(question.sparql).form
    media_type, suffix = {"SELECT": (CSV, "csv"), "ASK": (JSON, "txt")}.get(form, ("application/n-triples", "nt"))
    approved = (ROOT / "tests" / "questions" / f"{question.number}.{suffix}").read_bytes()
    answer = _read(_text(real, question.sparql, media_type), media_type)
    assert answer == (approved == b"true\n" if form == "ASK" else _read(approved, media_type))


def test_what_a_real_endpoint_stops_is_refused(sample: Path, tmp_path: Path) -> None:
    pattern = " ".join(
        f"?s ?p{n} ?o{n} ." for n in range(8)
    )  # one subject: the engine looks at its clock when it looks up
    with oxigraph_serve(_on_disk(sample, tmp_path / "store"), "--timeout-s", "1") as endpoint:
        for sparql, media_type in [
            (f"SELECT ?none {{ {pattern} }}", CSV),
            (f"CONSTRUCT {{ ?s ?p7 ?o7 }} WHERE {{ {pattern} }}", "text/turtle"),
        ]:
            with pytest.raises(StoreUnavailable, match="the endpoint stopped the query before its end"):
                RemoteStore(endpoint).query(sparql, media_type)
