"""Measurements of a release in the Data Quality Vocabulary (W3C Note of 2016-12-15): one query for each metric.

The queries in ``queries/quality/`` answer with ``?value``, and with ``?subject`` where there is one value for each of
several things. Those of the dimension ``findings`` count in the report of a validation, the others in the graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from rdflib import DCTERMS, RDF, SKOS, XSD, Graph, Literal, URIRef

from cfit_graph import queries
from cfit_graph.namespaces import PREFIXES, QUALITY, VOCABULARIES, shorten
from cfit_graph.store.rows import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from rdflib.term import Node

    from cfit_graph.store import Store

FINDINGS: Final = "findings"
"""The dimension of metrics that count findings; all others are shares, from 0 to 1."""

_DQV: Final = VOCABULARIES["dqv"]
_PLACES: Final = Decimal("0.0001")


@dataclass(frozen=True)
class Metric:
    """What is measured: a slug, a definition, and the dimension of quality that it belongs to."""

    slug: str
    definition: str
    dimension: str

    @property
    def datatype(self) -> URIRef:
        """The datatype of its values."""
        return XSD.integer if self.dimension == FINDINGS else XSD.decimal


@dataclass(frozen=True)
class Measurement:
    """A value of a metric, and the IRI that it is about; empty if it is about all of the graph."""

    metric: Metric
    value: Decimal
    subject: str = ""


@dataclass(frozen=True)
class Series:
    """The values of one metric about one subject by version; a release without one had nothing to measure, or count.

    The metric is as it was defined last.
    """

    metric: Metric
    subject: str
    values: Mapping[str, Decimal]


def measure(graph: Store, report: Store) -> list[Measurement]:
    """Return all measurements of a graph and of the report of its validation, in the order of the metrics.

    Where there is nothing to measure, as with the shares of no records at all, there is no measurement.
    """
    found = []
    for path in queries.paths("quality"):
        metric = _metric(path.stem)
        for row in values(report if metric.dimension == FINDINGS else graph, queries.load(f"quality/{path.stem}")):
            value = Decimal(row["value"])
            rounded = value if metric.dimension == FINDINGS else value.quantize(_PLACES)
            found.append(Measurement(metric, rounded, row.get("subject", "")))
    return found


def turtle(measurements: Iterable[Measurement], release: str) -> str:
    """Return measurements of a release, given by its IRI, as Turtle, with their metrics."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for measurement in measurements:
        _add_metric(graph, measurement.metric)
        _add(graph, measurement, release)
    return graph.serialize(format="turtle")


def read(path: Path) -> list[Measurement]:
    """Return the measurements in a file that :func:`turtle` has written, in the order of their IRIs."""
    graph = Graph().parse(path, format="turtle")
    nodes = sorted(graph.subjects(RDF.type, URIRef(_DQV + "QualityMeasurement")), key=str)
    return [_read(graph, node) for node in nodes]


def series(files: Mapping[str, Path]) -> list[Series]:
    """Return all that was measured over releases, in the order of metrics and subjects.

    ``files`` are those of the releases by version, in the order of time.
    """
    found: dict[tuple[str, str], Series] = {}
    for version, path in files.items():
        for measurement in read(path):
            key = measurement.metric.slug, measurement.subject
            earlier = found[key].values if key in found else {}
            found[key] = Series(measurement.metric, measurement.subject, {**earlier, version: measurement.value})
    return [found[key] for key in sorted(found)]


def _metric(slug: str) -> Metric:
    header = queries.header(f"quality/{slug}")
    return Metric(slug, header["summary"], header["tags"])


def _add_metric(graph: Graph, metric: Metric) -> None:
    node, dimension = URIRef(QUALITY + metric.slug), URIRef(QUALITY + metric.dimension)
    graph.add((dimension, RDF.type, URIRef(_DQV + "Dimension")))
    graph.add((dimension, SKOS.prefLabel, Literal(metric.dimension, lang="en")))
    graph.add((node, RDF.type, URIRef(_DQV + "Metric")))
    graph.add((node, SKOS.prefLabel, Literal(metric.slug.replace("-", " "), lang="en")))
    graph.add((node, SKOS.definition, Literal(metric.definition, lang="en")))
    graph.add((node, URIRef(_DQV + "inDimension"), dimension))
    graph.add((node, URIRef(_DQV + "expectedDataType"), metric.datatype))


def _add(graph: Graph, measurement: Measurement, release: str) -> None:
    metric, subject = measurement.metric, measurement.subject
    fragment = metric.slug + (f":{quote(shorten(subject), safe=':')}" if subject else "")
    node = URIRef(f"{release}/quality#{fragment}")
    value = Literal(str(measurement.value), datatype=metric.datatype, normalize=False)
    graph.add((node, RDF.type, URIRef(_DQV + "QualityMeasurement")))
    graph.add((node, URIRef(_DQV + "isMeasurementOf"), URIRef(QUALITY + metric.slug)))
    graph.add((node, URIRef(_DQV + "computedOn"), URIRef(release)))
    graph.add((node, URIRef(_DQV + "value"), value))
    if subject:
        graph.add((node, DCTERMS.subject, URIRef(subject)))


def _read(graph: Graph, node: Node) -> Measurement:
    metric = graph.value(node, URIRef(_DQV + "isMeasurementOf"))
    metric_of = Metric(
        slug=str(metric).removeprefix(QUALITY),
        definition=str(graph.value(metric, SKOS.definition)),
        dimension=str(graph.value(metric, URIRef(_DQV + "inDimension"))).removeprefix(QUALITY),
    )
    value = Decimal(str(graph.value(node, URIRef(_DQV + "value"))))
    return Measurement(metric_of, value, str(graph.value(node, DCTERMS.subject) or ""))
