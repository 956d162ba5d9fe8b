"""What ``/sparql`` says of itself: the three tests of the W3C suite for service descriptions, SP-30 to SP-32.

What is stated is tried, and what can be done is stated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from rdflib import RDF, RDFS, Graph, Namespace, URIRef
from starlette.testclient import TestClient

from cfit_graph.settings import Settings
from cfit_graph.store import lexer
from cfit_graph.store.formats import ANSWERS
from cfit_graph.web import create_app
from tests.conformance import answers
from tests.conformance.conftest import SMALL
from tests.conftest import ROOT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    import httpx2

SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS: Final = {
    "SPARQL_Results_JSON": "application/sparql-results+json",
    "SPARQL_Results_XML": "application/sparql-results+xml",
    "SPARQL_Results_CSV": "text/csv",
    "SPARQL_Results_TSV": "text/tab-separated-values",
    "Turtle": "text/turtle",
    "N-Triples": "application/n-triples",
    "N-Quads": "application/n-quads",
    "TriG": "application/trig",
    "RDF_XML": "application/rdf+xml",
    "JSON-LD": "application/ld+json",
}
"""The IRIs of formats (https://www.w3.org/ns/formats/) and their media types."""
RDF_FORMATS: Final = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
REACHED: Final = "http://127.0.0.1:8123"
QUERIES: Final = ("SELECT * { VALUES ?x { 1 } }", "CONSTRUCT { <a:a> <a:b> <a:c> } {}")


def _described(http: httpx2.Client, media_type: str = "text/turtle") -> Graph:
    response = http.get("/sparql", headers={"Accept": media_type})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == media_type
    return answers.graph(response.content, media_type, str(response.url))


@pytest.fixture
def description(http: httpx2.Client) -> Graph:
    return _described(http)


def _service(description: Graph) -> URIRef:
    (service,) = description.subjects(RDF.type, SD.Service)
    assert isinstance(service, URIRef)
    return service


def test_returns_rdf(http: httpx2.Client) -> None:
    response = http.get("/sparql")  # Accept: */*
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"
    assert len(answers.graph(response.content, "text/turtle"))


def test_has_endpoint_triple(http: httpx2.Client, description: Graph) -> None:
    assert answers.iris(description, SD.endpoint) == {f"{http.base_url}".rstrip("/") + "/sparql"}
    assert description.value(_service(description), SD.endpoint) is not None


@pytest.mark.parametrize(("public_url", "address"), [("https://graph.example", "https://graph.example"), ("", REACHED)])
def test_the_endpoint_has_its_public_address_or_the_one_it_was_reached_at(public_url: str, address: str) -> None:
    app = create_app(Settings(public_url=public_url), [SMALL])
    with TestClient(app, base_url=REACHED) as client:
        found = answers.graph(client.get("/sparql").content, "text/turtle", f"{REACHED}/sparql")
    assert answers.iris(found, SD.endpoint) == {f"{address}/sparql"}


def test_conforms_to_schema(description: Graph) -> None:
    service = _service(description)
    datasets = list(description.objects(service, SD.defaultDataset))
    assert datasets
    for dataset in datasets:
        assert (dataset, RDF.type, SD.Dataset) in description
        assert description.value(dataset, SD.defaultGraph) is not None
    for node in description.objects(None, SD.namedGraph):
        assert isinstance(description.value(node, SD.name), URIRef)


def test_says_what_it_does(description: Graph) -> None:
    service = _service(description)
    assert set(description.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert SD.UnionDefaultGraph in set(description.objects(service, SD.feature))


def test_says_nothing_that_is_untrue(description: Graph) -> None:
    features = set(description.objects(None, SD.feature))
    assert not features & {SD.BasicFederatedQuery, SD.DereferencesURIs, SD.EmptyGraphs}
    known = {*SD_TERMS, *(SD[name] for name in ("endpoint", "feature", "resultFormat", "supportedLanguage"))}
    used = {term for triple in description for term in triple if str(term).startswith(str(SD))}
    assert used <= known


SD_TERMS: Final = {
    SD[name]
    for name in (
        *("Service", "Dataset", "Graph", "NamedGraph", "defaultDataset", "defaultGraph", "namedGraph", "name", "graph"),
        *("SPARQL11Query", "UnionDefaultGraph", "RequiresDataset", "availableGraphs", "GraphCollection"),
        *("defaultEntailmentRegime", "entailmentRegime", "extensionFunction", "languageExtension", "propertyFeature"),
    )
}
"""Terms of the vocabulary that a description of a read-only endpoint may use."""


def test_its_default_graph_is_the_union(http: httpx2.Client) -> None:
    union = "ASK { <http://example.org/data1> a ?type . <http://example.org/data2> a ?type }"
    assert http.get("/sparql", params={"query": union}).json()["boolean"] is True


def test_its_formats_are_those_there_are(http: httpx2.Client, description: Graph) -> None:
    stated = {iri.rpartition("/")[2] for iri in answers.iris(description, SD.resultFormat)}
    assert stated <= FORMATS.keys()
    given = {name for name, media_type in FORMATS.items() if any(_gives(http, q, media_type) for q in QUERIES)}
    assert stated == given
    assert {FORMATS[name] for name in stated} == {f.media_type for formats in ANSWERS.values() for f in formats}


def _gives(http: httpx2.Client, query: str, media_type: str) -> bool:
    response = http.get("/sparql", params={"query": query}, headers={"Accept": media_type})
    return response.status_code == 200 and response.headers["content-type"].startswith(media_type)


def test_its_named_graphs_are_those_of_the_data(http: httpx2.Client, description: Graph) -> None:
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    rows = http.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    stated = {str(description.value(node, SD.name)) for node in description.objects(None, SD.namedGraph)}
    assert stated == {row["g"]["value"] for row in rows}
    assert {f"http://example.org/{name}" for name in ("data1", "data2", "data3", "people")} <= stated


def test_its_limits_are_stated(description: Graph) -> None:
    said = " ".join(str(text) for text in description.objects(_service(description), RDFS.comment))
    for limit in (Settings().query_seconds, Settings().result_mb):
        assert str(limit) in said.split()
    documented = (ROOT / "docs" / "sparql.md").read_text("utf-8")
    for limit in (lexer.MAX_LENGTH, lexer.MAX_WORDS, lexer.MAX_LINKS, lexer.MAX_DEPTH):
        assert f" {limit:,} " in said
        assert f" {limit:,} " in documented


@pytest.mark.parametrize("name", RDF_FORMATS)
def test_it_comes_in_every_format(http: httpx2.Client, description: Graph, name: str) -> None:
    media_type = RDF_FORMATS[name]
    assert answers.same(_described(http, media_type), description)
    by_name = http.get("/sparql", params={"format": name}, headers=BROWSER)
    assert by_name.headers["content-type"].partition(";")[0] == media_type
    assert answers.same(answers.graph(by_name.content, media_type, str(by_name.url)), description)
    assert "accept" in by_name.headers["vary"].lower()


def test_what_it_does_not_come_in(http: httpx2.Client) -> None:
    problem(http.get("/sparql", headers={"Accept": "text/csv"}), 406, "not-acceptable")
    problem(http.get("/sparql", params={"format": "csv"}), 400, "bad-request")


def test_browsers_get_the_page(http: httpx2.Client) -> None:
    response = http.get("/sparql", headers=BROWSER)
    assert response.headers["content-type"].startswith("text/html")
    assert "<textarea" in response.text


def test_other_parameters_without_a_query_are_a_mistake(http: httpx2.Client) -> None:
    for parameters in ({"default-graph-uri": "http://example.org/data1"}, {"timeout": "5"}, {"queri": "ASK {}"}):
        problem(http.get("/sparql", params=parameters), 400, "bad-request")


def test_head(http: httpx2.Client) -> None:
    response = http.head("/sparql", headers={"Accept": "application/ld+json"})
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == "application/ld+json"
