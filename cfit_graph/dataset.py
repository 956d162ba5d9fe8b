"""What the dataset says of itself: VoID, and DCAT 3 as DCAT-AP 3.0.1 asks for it.

All that is said has an IRI: that of the dataset with a fragment, so that one document tells of everything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from rdflib import DCTERMS, FOAF, RDF, VOID, XSD, Graph, Literal, Namespace, URIRef

from cfit_graph import queries
from cfit_graph.namespaces import LICENCE, NS, SHAPES, shorten, things
from cfit_graph.release import DUMPS
from cfit_graph.store.formats import GRAPHS
from cfit_graph.texts import DATASET as TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rdflib.term import Node

    from cfit_graph.release import Release
    from cfit_graph.store import Store

_EU: Final = "http://publications.europa.eu/resource/authority/"
_MEDIA_TYPE: Final = "https://www.iana.org/assignments/media-types/"
_FILE_TYPES: Final = {
    "ttl": "RDF_TURTLE",
    "nq": "RDF_N_QUADS",
    "trig": "RDF_TRIG",
    "jsonld": "JSON_LD",
    "rdf": "RDF_XML",
}
_CODES: Final = (
    "bg=BUL cs=CES da=DAN de=DEU el=ELL en=ENG es=SPA et=EST fi=FIN fr=FRA ga=GLE hr=HRV hu=HUN it=ITA lt=LIT "
    "lv=LAV mt=MLT nb=NOB nl=NLD nn=NNO no=NOR pl=POL pt=POR ro=RON sk=SLK sl=SLV sv=SWE"
)
_LANGUAGES: Final = dict(code.split("=") for code in _CODES.split())  # the EU's own and Norwegian; others are not told
_UNCOUNTED: Final = ({"language": "en"},)  # what releases have that were built before languages were counted
_FORMATS: Final = {"ttl": "Turtle", "nt": "N-Triples", "jsonld": "JSON-LD", "rdf": "RDF_XML"}
_NAMESPACE: Final = re.compile(r".*[/#]")
_COUNTS: Final = ("triples", "entities", "distinctSubjects", "distinctObjects", "classes", "properties")
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
"""The words of DCAT 3; rdflib knows those of DCAT 2."""
SPDX: Final = Namespace("http://spdx.org/rdf/terms#")
"""The words for checksums."""
_PROTOCOL: Final = URIRef("http://www.w3.org/TR/sparql11-protocol/")
_DISCOVERY: Final = URIRef("https://iiif.io/api/discovery/1.0/")
_EVENT_STREAM: Final = URIRef("https://w3id.org/ldes/specification")


@dataclass(frozen=True)
class Dump:
    """A file with the whole graph: its format, its name, its bytes and their SHA-256 (hex)."""

    format: str
    name: str
    media_type: str
    size: int
    sha256: str


def dumps(release: Release | None) -> list[Dump]:
    """Return the dumps of a release, as its manifest has them."""
    files: Mapping[str, Any] = release.manifest["files"] if release else {}
    named = {dump: f"cfit.{dump.name}.gz" for dump in DUMPS}
    return [
        Dump(dump.name, name, dump.media_type, files[f"dump/{name}"]["bytes"], files[f"dump/{name}"]["sha256"])
        for dump, name in named.items()
        if f"dump/{name}" in files
    ]


def describe(
    store: Store, base: str, counts: Mapping[str, Any], release: Release | None, address: Callable[[str], str]
) -> Graph:
    """Return the description of what is served.

    ``counts`` are those of :mod:`cfit_graph.statistics`; ``address`` gives the absolute address of a path of the
    server. Title, publisher and the like are those that the data state of ``{base}dataset``. Of files that are no
    release less is said: no licence, no dumps, no version.
    """
    return _Writer(store, f"{base}dataset", base, address).write(counts, release)


class _Writer:
    """Writes a description."""

    def __init__(self, store: Store, iri: str, base: str, address: Callable[[str], str]) -> None:
        self.iri, self.base, self.address = URIRef(iri), base, address
        stated = b"".join(store.query(queries.load("describe-dataset", dataset=iri), "application/n-triples"))
        self.graph = Graph(bind_namespaces="none").parse(data=stated, format="nt")

    def write(self, counts: Mapping[str, Any], release: Release | None) -> Graph:
        self._say(self.iri, RDF.type, DCAT.Dataset, VOID.Dataset)
        if (self.iri, DCTERMS.title, None) not in self.graph:
            self._say(self.iri, DCTERMS.title, Literal(TEXTS["title"], lang="en"))
            self._say(self.iri, DCTERMS.description, Literal(TEXTS["description"], lang="en"))
        self._counts(counts)
        self._services()
        self._access()
        if release:
            self._release(release)
            self._catalog()
        return self.graph

    def _say(self, subject: URIRef, predicate: URIRef, *objects: URIRef | Literal) -> None:
        for value in objects:
            self.graph.add((subject, predicate, value))

    def _part(self, fragment: str) -> URIRef:
        return URIRef(f"{self.iri}#{quote(fragment, safe=':')}")

    def _counts(self, counts: Mapping[str, Any]) -> None:
        for name in _COUNTS:
            self._say(self.iri, VOID[name], Literal(counts[name]))
        for row in counts["classPartition"]:
            self._partition("class", "classPartition", row)
        for row in counts["propertyPartition"]:
            self._partition("property", "propertyPartition", row)
        for row in counts["linkset"]:
            self._linkset(row)
        self._say(self.iri, VOID.vocabulary, *map(URIRef, sorted(_vocabularies(counts))))
        tags = (row["language"].partition("-")[0].lower() for row in counts.get("languages", _UNCOUNTED))
        codes = sorted({_LANGUAGES[tag] for tag in tags if tag in _LANGUAGES})
        self._say(self.iri, DCTERMS.language, *(URIRef(f"{_EU}language/{code}") for code in codes))

    def _partition(self, kind: str, link: str, row: Mapping[str, Any]) -> None:
        part = self._part(f"{kind}-{shorten(row[kind])}")
        self._say(self.iri, VOID[link], part)
        self._say(part, VOID[kind], URIRef(row[kind]))
        for name in row.keys() - {kind}:
            self._say(part, VOID[name], Literal(row[name]))

    def _linkset(self, row: Mapping[str, Any]) -> None:
        part = self._part(f"links-{shorten(row['property'])}-{urlsplit(row['target']).netloc}")
        self._say(self.iri, VOID.subset, part)
        self._say(part, RDF.type, VOID.Linkset)
        self._say(part, VOID.subjectsTarget, self.iri)
        self._say(part, VOID.objectsTarget, URIRef(row["target"]))
        self._say(part, VOID.linkPredicate, URIRef(row["property"]))
        self._say(part, VOID.triples, Literal(row["triples"]))

    def _services(self) -> None:
        self._service("sparql", "/sparql", "/sparql", _PROTOCOL)
        self._service("api", "/api/v1", "/openapi.json")
        self._say(self.iri, VOID.sparqlEndpoint, URIRef(self.address("/sparql")))

    def _service(self, name: str, path: str, described: str, *standards: URIRef) -> None:
        service = self._part(name)
        self._say(service, RDF.type, DCAT.DataService)
        self._say(service, DCTERMS.title, Literal(TEXTS[name], lang="en"))
        self._say(service, DCAT.endpointURL, URIRef(self.address(path)))
        self._say(service, DCAT.endpointDescription, URIRef(self.address(described)))
        self._say(service, DCAT.servesDataset, self.iri)
        self._say(service, DCTERMS.conformsTo, *standards)

    def _access(self) -> None:
        self._say(self.iri, DCTERMS.identifier, Literal(str(self.iri)))
        self.graph.set((self.iri, VOID.uriSpace, Literal(things(self.base))))
        self._say(self.iri, DCAT.landingPage, URIRef(self.address("/dataset")))
        for form in GRAPHS:
            self._say(self.iri, VOID.feature, URIRef(f"http://www.w3.org/ns/formats/{_FORMATS[form.name]}"))

    def _release(self, release: Release) -> None:
        this, moment = URIRef(f"{self.base}release/{release.version}"), release.manifest["published"]
        published = Literal(moment, datatype=XSD.dateTime, normalize=False)  # Z stays Z, as documents write it
        self._say(self.iri, DCTERMS.license, URIRef(LICENCE))
        self._say(self.iri, DCTERMS.modified, published)
        self._say(self.iri, DCAT.version, Literal(release.version))
        self._say(self.iri, DCAT.hasCurrentVersion, this)
        self._say(this, DCAT.isVersionOf, self.iri)
        self._say(this, DCAT.version, Literal(release.version))
        self._say(this, DCTERMS.issued, published)
        if release.previous:
            self._say(this, DCAT.previousVersion, URIRef(f"{self.base}release/{release.previous}"))
        for held, namespace in (("ontology", NS), ("shapes", SHAPES)):
            iri = release.manifest[held]["iri"] or namespace.removesuffix("#")
            self._say(self.iri, DCTERMS.conformsTo, URIRef(iri))
        subjects = self._stated(DCTERMS.subject)
        self._say(self.iri, VOID.exampleResource, *(each for each in subjects if each.startswith(things(self.base))))
        self._say(self.iri, DCTERMS.accessRights, URIRef(_EU + "access-right/PUBLIC"))
        self._say(self.iri, DCTERMS.accrualPeriodicity, URIRef(_EU + "frequency/IRREG"))
        self._say(self.iri, DCAT.theme, *(URIRef(f"{_EU}data-theme/{theme}") for theme in ("ENVI", "GOVE")))
        for dump in dumps(release):
            self._distribution(dump)
        self._service("feed", "/feed", "/feed/ldes", _DISCOVERY, _EVENT_STREAM)

    def _distribution(self, dump: Dump) -> None:
        part, checksum = self._part(f"dump-{dump.format}"), self._part(f"checksum-{dump.format}")
        address = URIRef(self.address(f"/dump/{dump.name}"))
        self._say(self.iri, DCAT.distribution, part)
        self._say(self.iri, VOID.dataDump, address)
        self._say(part, RDF.type, DCAT.Distribution)
        self._say(part, DCTERMS.title, Literal(dump.name))
        self._say(part, DCAT.accessURL, URIRef(self.address("/dataset")))
        self._say(part, DCAT.downloadURL, address)
        self._say(part, DCAT.mediaType, URIRef(_MEDIA_TYPE + dump.media_type))
        self._say(part, DCAT.compressFormat, URIRef(_MEDIA_TYPE + "application/gzip"))
        self._say(part, DCTERMS["format"], URIRef(f"{_EU}file-type/{_FILE_TYPES[dump.format]}"))
        self._say(part, DCAT.byteSize, Literal(dump.size, datatype=XSD.nonNegativeInteger))
        self._say(part, DCTERMS.license, URIRef(LICENCE))
        self._say(part, SPDX.checksum, checksum)
        self._say(checksum, RDF.type, SPDX.Checksum)
        self._say(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
        self._say(checksum, SPDX.checksumValue, Literal(dump.sha256, datatype=XSD.hexBinary))

    def _catalog(self) -> None:
        catalog = self._part("catalog")
        self._say(catalog, RDF.type, DCAT.Catalog)
        self._say(catalog, DCTERMS.title, Literal(TEXTS["catalog"], lang="en"))
        self._say(catalog, DCTERMS.description, Literal(TEXTS["catalog_description"], lang="en"))
        self._say(catalog, DCTERMS.publisher, *self._stated(DCTERMS.publisher))
        self._say(catalog, DCAT.dataset, self.iri)
        self._say(catalog, DCAT.service, *map(self._part, ("sparql", "api", "feed")))

    def _stated(self, predicate: URIRef) -> Iterator[URIRef]:
        return (URIRef(str(value)) for value in self.graph.objects(self.iri, predicate))


def _vocabularies(counts: Mapping[str, Any]) -> set[str]:
    """Return the namespaces of the classes and properties in use."""
    terms = [row["class"] for row in counts["classPartition"]] + [
        row["property"] for row in counts["propertyPartition"]
    ]
    return {found[0] for term in terms if (found := _NAMESPACE.match(term))}


def schema_org(graph: Graph, iri: str, cited: str) -> dict[str, Any]:
    """Return what search engines read of a description, as far as it goes: a ``Dataset`` of schema.org, as JSON-LD.

    ``cited`` names what is described: the dataset, or the one release of it that an old page tells of.
    """
    node = URIRef(iri)

    def text(predicate: URIRef) -> str:
        return str(graph.value(node, predicate) or "")

    told: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": cited,
        "url": cited,
        "identifier": cited,
        "name": text(DCTERMS.title),
        "description": text(DCTERMS.description),
        "license": text(DCTERMS.license),
        "version": text(DCAT.version),
        "dateModified": text(DCTERMS.modified),
        "keywords": sorted(map(str, graph.objects(node, DCAT.keyword))),
        "creator": _named(graph, "Organization", graph.value(node, DCTERMS.publisher), FOAF.name),
        "isAccessibleForFree": True,
        "sameAs": text(DCAT.landingPage),
        "includedInDataCatalog": _named(graph, "DataCatalog", graph.value(None, DCAT.dataset, node), DCTERMS.title),
        "distribution": [_download(graph, part) for part in sorted(graph.objects(node, DCAT.distribution), key=str)],
    }
    return {name: value for name, value in told.items() if value}


def _named(graph: Graph, kind: str, node: Node | None, naming: URIRef) -> dict[str, str] | None:
    return {"@type": kind, "@id": str(node), "name": str(graph.value(node, naming) or "")} if node else None


def _download(graph: Graph, part: Any) -> dict[str, Any]:
    return {
        "@type": "DataDownload",
        "contentUrl": str(graph.value(part, DCAT.downloadURL)),
        "encodingFormat": str(graph.value(part, DCAT.mediaType)).removeprefix(_MEDIA_TYPE),
    }
