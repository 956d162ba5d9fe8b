"""The JSON-LD context: it is frozen, names every term in use, and loses nothing of the graph (AP-01 to AP-05)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from pyld import jsonld  # type: ignore[import-untyped]
from rdflib import OWL, RDF, Graph, Literal, URIRef

from cfit_graph import release, source
from cfit_graph.namespaces import ID, NS, PREFIXES
from tests.conftest import ROOT

PATH = ROOT / "ontology" / "context.jsonld"
SHA256 = "babf06d5b963ee873a1d02326772e42f8723a5f6da589e54ba08b95bcdf80eb1"
CONTEXT: dict[str, Any] = json.loads(PATH.read_text("utf-8"))["@context"]
NAMESPACES = {name: iri for name, iri in CONTEXT.items() if isinstance(iri, str) and iri.startswith("http")}
TERMS: dict[str, dict[str, Any]] = {
    name: {"@id": term} if isinstance(term, str) else term
    for name, term in CONTEXT.items()
    if name not in {"@version", "@protected", "id", "type", *NAMESPACES}
}
DATES = {term["@id"] for term in TERMS.values() if term.get("@type") == "xsd:date"}
"""Properties whose values of other precision keep their prefixed name when compacted (AP-04)."""

SAMPLE: dict[str, Any] = {
    "id": ID + "organization/electronics-watch",
    "type": ["FormalOrganization", "Organization"],
    "prefLabel": {"en": "Electronics Watch"},
    "altLabel": {"en": ["EW"]},
    "stakeholderType": [ID + "stakeholder-type/monitoring-body", ID + "stakeholder-type/ngo"],
    "spatial": [ID + "place/nl"],
    "homepage": ["https://electronicswatch.org"],
    "orgIdentifier": [{"@value": "62721445", "@type": "KvkNumber"}],
    "confidence": ID + "confidence/high",
    "affiliations": [
        {
            "id": ID + "affiliation/electronics-watch-supporting",
            "type": "Support",
            "pact": ID + "pact/cfit",
            "role": ID + "role/supporting",
            "status": ID + "status/active",
            "startDate": "2023-07-26",
            "startDateKind": ID + "date-kind/announced",
            "source": [ID + "source/cfit-participants", ID + "source/electronics-watch-joins-cfit"],
        }
    ],
}


@pytest.fixture(scope="module")
def data() -> Graph:
    return source.merge(map(source.read, source.files(ROOT / "data")))


def _expand(prefixed: str) -> str:
    prefix, _, local = prefixed.partition(":")
    return PREFIXES[prefix] + local


def _iris() -> set[str]:
    return {_expand(term["@id"]) for term in TERMS.values() if "@id" in term}


def _to_graph(document: dict[str, Any]) -> Graph:
    quads = jsonld.to_rdf({"@context": CONTEXT} | document, {"format": "application/n-quads"})
    return Graph().parse(data=quads, format="nt")


def test_version_1_is_frozen() -> None:
    digest = hashlib.sha256(PATH.read_bytes()).hexdigest()
    assert digest == SHA256, "The context never changes: clients keep it for good. Put a change into a v2 beside it."


def test_it_is_protected_json_ld_1_1_with_our_prefixes() -> None:
    assert CONTEXT["@version"] == 1.1
    assert CONTEXT["@protected"] is True
    assert (CONTEXT["id"], CONTEXT["type"]) == ("@id", "@type")
    assert {name: PREFIXES[name] for name in NAMESPACES} == NAMESPACES
    assert TERMS["affiliations"] == {"@reverse": "org:member", "@container": "@set"}


def test_every_class_and_property_in_the_data_has_a_term(data: Graph) -> None:
    used = {str(name) for name in (*data.predicates(), *data.objects(None, RDF.type))} - {str(RDF.type)}
    assert used - _iris() == set()


def test_every_term_of_the_ontology_has_a_term() -> None:
    ontology = source.merge(map(source.read, source.files(ROOT / "ontology")))
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    terms = {str(term) for kind in kinds for term in ontology.subjects(RDF.type, kind) if str(term).startswith(NS)}
    assert terms - _iris() == set()


def test_terms_suit_the_values_in_the_graph() -> None:
    graph = source.merge(map(source.read, release.sources(ROOT)))
    for name, term in TERMS.items():
        values = list(graph.objects(None, URIRef(_expand(term["@id"])))) if "@id" in term else []
        if values:
            assert (term.get("@type") == "@id") == all(isinstance(value, URIRef) for value in values), name
            tagged = any(isinstance(value, Literal) and value.language for value in values)
            assert tagged == ("@language" in term.get("@container", "")), name


def test_a_sample_expands_to_statements_of_the_graph(data: Graph) -> None:
    expanded = set(_to_graph(SAMPLE))
    assert len(expanded) == 19
    assert {triple for triple in expanded if triple not in data} == set()


def test_two_processors_read_the_sample_alike() -> None:
    text = json.dumps({"@context": CONTEXT} | SAMPLE)
    assert set(Graph().parse(data=text, format="json-ld")) == set(_to_graph(SAMPLE))


def test_dates_of_other_precision_say_so() -> None:
    value = {"@value": "2023-07", "@type": "xsd:gYearMonth"}
    (triple,) = _to_graph({"id": ID + "affiliation/x", "startDate": value})
    assert triple[2].n3() == '"2023-07"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'


def test_the_whole_graph_survives_and_every_key_is_a_term(data: Graph) -> None:
    quads = "".join(sorted(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in data))
    compact = jsonld.compact(jsonld.from_rdf(quads, {"format": "application/n-quads"}), CONTEXT)
    compact.pop("@context")
    keys = {key for node in compact["@graph"] for key in node}
    assert keys - {*TERMS, "id", "type"} <= DATES
    assert set(_to_graph(compact)) == set(Graph().parse(data=quads, format="nt"))
