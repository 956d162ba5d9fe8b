"""Measurements of quality: of a graph small enough to count by hand, of the real one, and over releases."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, SKOS, XSD, Graph, URIRef

from cfit_graph import quality, queries
from cfit_graph.namespaces import BASE, QUALITY, VOCABULARIES, shorten
from cfit_graph.quality import Measurement, Metric
from cfit_graph.store.embedded import EmbeddedStore
from tests.test_changes import graph

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.release import Release

DQV = VOCABULARIES["dqv"]
RELEASE = BASE + "release/"
DATA = """
organization:a a org:Organization , org:FormalOrganization ; dcterms:spatial place:nl , place:be ;
    owl:sameAs <https://ror.org/1> ; foaf:homepage <https://a.example.org> ; dcterms:source source:1 , source:2 ;
    cfit:confidence confidence:high .
organization:b a org:Organization ; org:identifier "1" ; dcterms:source source:1 ; cfit:confidence confidence:low .
organization:c a org:Organization ; cfit:confidence confidence:high .
affiliation:a a cfit:Participation ; schema:startDate "2023"^^xsd:gYear ; cfit:establishedBy endorsement:a .
affiliation:b a cfit:Support .
endorsement:a a cfit:Endorsement ; cfit:signedOn "2023"^^xsd:gYear ; cfit:producesInstrument signature:a .
endorsement:b a cfit:Endorsement ; cfit:announcedOn "2023"^^xsd:gYear .
"""
SHARES = {
    "organizations-with-place": "0.3333",
    "organizations-with-identifier": "0.6667",
    "organizations-with-website": "0.3333",
    "affiliations-with-start-date": "0.5000",
    "affiliations-with-endorsement": "0.5000",
    "endorsements-with-date": "1.0000",
    "endorsements-with-document": "0.5000",
    "records-with-source": "0.2857",
    "records-with-several-sources": "0.1429",
    "records-with-high-confidence": "0.6667",
}
REPORT = """
<https://example.org/1> sh:resultSeverity sh:Warning ; sh:sourceShape shapes:A .
<https://example.org/2> sh:resultSeverity sh:Info ; sh:sourceShape shapes:A .
<https://example.org/3> sh:resultSeverity sh:Info ; sh:sourceShape shapes:A ; sh:sourceConstraint shapes:A-sparql .
<https://example.org/4> sh:resultSeverity sh:Info ; sh:sourceShape [] .
"""


def _store(turtle: str) -> EmbeddedStore:
    store = EmbeddedStore(())
    store.add(graph(turtle))
    return store


@pytest.fixture(scope="module")
def measured() -> list[Measurement]:
    return quality.measure(_store(DATA), _store(REPORT))


def test_shares_are_those_counted_by_hand(measured: list[Measurement]) -> None:
    shares = {found.metric.slug: str(found.value) for found in measured if found.metric.dimension != "findings"}
    assert shares == SHARES


def test_findings_are_counted_by_severity_and_by_rule(measured: list[Measurement]) -> None:
    found = {shorten(it.subject): int(it.value) for it in measured if it.metric.dimension == "findings"}
    assert found == {"sh:Violation": 0, "sh:Warning": 1, "sh:Info": 3, "shapes:A": 2, "shapes:A-sparql": 1}


def test_shares_of_nothing_are_not_measured() -> None:
    assert {found.metric.slug for found in quality.measure(_store(""), _store(""))} == {"findings-by-severity"}


@pytest.mark.parametrize("name", [path.stem for path in queries.paths("quality")])
def test_every_metric_says_what_it_measures(name: str) -> None:
    header = queries.header(f"quality/{name}")
    assert header["summary"].startswith("Findings " if header["tags"] == "findings" else "Share of ")
    assert header["tags"] in {"completeness", "evidence", "findings"}


def test_measurements_are_written_as_dqv_has_them(measured: list[Measurement]) -> None:
    written = Graph().parse(data=quality.turtle(measured, RELEASE + "2026-01-01.1"), format="turtle")
    nodes = set(written.subjects(RDF.type, URIRef(DQV + "QualityMeasurement")))
    assert len(nodes) == len(measured)
    assert URIRef(f"{RELEASE}2026-01-01.1/quality#findings-by-rule:shapes:A") in nodes
    for node in nodes:
        metric = written.value(node, URIRef(DQV + "isMeasurementOf"))
        assert str(metric).startswith(QUALITY)
        assert written.value(node, URIRef(DQV + "computedOn")) == URIRef(RELEASE + "2026-01-01.1")
        assert (metric, RDF.type, URIRef(DQV + "Metric")) in written
        assert written.value(metric, SKOS.definition)
        assert written.value(node, URIRef(DQV + "value")).datatype == written.value(  # type: ignore[union-attr]
            metric, URIRef(DQV + "expectedDataType")
        )
        dimension = written.value(metric, URIRef(DQV + "inDimension"))
        assert (dimension, RDF.type, URIRef(DQV + "Dimension")) in written


def test_measurements_read_back_are_those_written(measured: list[Measurement], tmp_path: Path) -> None:
    path = tmp_path / "quality.ttl"
    path.write_text(quality.turtle(measured, RELEASE + "2026-01-01.1"), "utf-8")
    assert set(quality.read(path)) == set(measured)


def test_the_same_measurements_give_the_same_bytes(measured: list[Measurement]) -> None:
    assert quality.turtle(measured, RELEASE + "2026-01-01.1") == quality.turtle(
        measured[::-1], RELEASE + "2026-01-01.1"
    )


def test_a_series_has_the_values_of_all_releases(tmp_path: Path) -> None:
    share, count = Metric("share", "Share of x", "completeness"), Metric("count", "Findings", "findings")
    newer = Metric("share", "Share of all x", "completeness")
    releases = {
        "1": [Measurement(share, Decimal("0.5")), Measurement(count, Decimal(2), "https://example.org/rule")],
        "2": [Measurement(newer, Decimal("0.6"))],
    }
    for version, measurements in releases.items():
        (tmp_path / version).write_text(quality.turtle(measurements, RELEASE + version), "utf-8")
    counted, shared = quality.series({version: tmp_path / version for version in releases})
    assert (counted.subject, dict(counted.values)) == ("https://example.org/rule", {"1": Decimal(2)})
    assert (shared.metric, dict(shared.values)) == (newer, {"1": Decimal("0.5"), "2": Decimal("0.6")})
    assert shared.metric.datatype == XSD.decimal
    assert counted.metric.datatype == XSD.integer


def test_the_release_has_the_findings_of_its_report(released: Release) -> None:
    measured = quality.read(released.path / "quality.ttl")
    counts = {shorten(it.subject): it.value for it in measured if it.metric.slug == "findings-by-severity"}
    assert counts == {f"sh:{severity.title()}": number for severity, number in released.manifest["findings"].items()}
    report = json.loads((released.path / "report.json").read_text("utf-8"))
    rules = {it.subject for it in measured if it.metric.slug == "findings-by-rule"}
    assert rules == {finding["rule"] for finding in report["findings"]}


def test_every_share_of_the_real_graph_is_measured(released: Release) -> None:
    measured = {it.metric.slug: it.value for it in quality.read(released.path / "quality.ttl")}
    assert measured.keys() == {path.stem for path in queries.paths("quality")}
    assert all(0 < measured[slug] <= 1 for slug in SHARES)
