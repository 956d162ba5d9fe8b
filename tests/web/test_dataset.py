"""HT-20 to HT-32 and DS-01 to DS-21: the dataset describes itself, truly, and is found from any IRI."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from pyshacl import validate
from rdflib import DCTERMS, FOAF, ORG, RDF, SKOS, VOID, Graph, Literal, URIRef

from cfit_graph import dataset, source
from cfit_graph.dataset import DCAT, SPDX
from cfit_graph.namespaces import BASE, ID, LICENCE, NS
from cfit_graph.settings import Settings
from cfit_graph.store.formats import GRAPHS
from cfit_graph.web.headers import CACHEABLE
from tests.conftest import ROOT
from tests.release import STATEMENT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from cfit_graph.release import Release
    from tests.conftest import Publish

    Open = Callable[..., TestClient]

DATASET = BASE + "dataset"
IT = URIRef(DATASET)
DOCUMENT = "/doc/organization/electronics-watch"
MEDIA_TYPES = [it.media_type for it in GRAPHS]


@pytest.fixture(scope="module")
def described(client: TestClient) -> Graph:
    return Graph().parse(data=client.get("/dataset.ttl").content, format="turtle")


@pytest.fixture(scope="module")
def graph(released: Release) -> Graph:
    return source.read(released.graph)


def _links(header: str) -> dict[str, list[tuple[str, str]]]:
    """Return the targets and media types in a Link header, by relation."""
    found: dict[str, list[tuple[str, str]]] = {}
    for target, relation, kind in re.findall(r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?', header):
        found.setdefault(relation, []).append((target, kind))
    return found


def _path(address: str) -> str:
    """Return the path that the server of the tests is asked for: w3id.org passes everything on as it is."""
    return "/" + re.sub(r"^https?://[^/]+/(?:cfit/)?", "", address)


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_every_format_says_the_same(client: TestClient, described: Graph, media_type: str) -> None:
    answer = client.get("/dataset", headers={"Accept": media_type})
    assert answer.headers["vary"].split(", ")[0] == "Accept"
    assert set(Graph().parse(data=answer.content, format=media_type)) == set(described)


def test_the_totals_are_those_of_the_graph(described: Graph, graph: Graph) -> None:
    counted = {
        "triples": len(graph),
        "entities": len({node for node in graph.subjects(RDF.type) if str(node).startswith(ID)}),
        "distinctSubjects": len(set(graph.subjects())),
        "distinctObjects": len(set(graph.objects())),
        "classes": len(set(graph.objects(None, RDF.type))),
        "properties": len(set(graph.predicates())),
    }
    assert {name: described.value(IT, VOID[name]).toPython() for name in counted} == counted  # type: ignore[union-attr]


def test_each_class_is_counted(described: Graph, graph: Graph) -> None:
    told = {
        described.value(part, VOID["class"]): described.value(part, VOID.entities).toPython()  # type: ignore[union-attr]
        for part in described.objects(IT, VOID.classPartition)
    }
    assert told == {kind: len(set(graph.subjects(RDF.type, kind))) for kind in set(graph.objects(None, RDF.type))}


def test_each_property_is_counted(described: Graph, graph: Graph) -> None:
    parts = list(described.objects(IT, VOID.propertyPartition))
    assert {described.value(part, VOID.property) for part in parts} == set(graph.predicates())
    for part in parts:
        pairs = list(graph.subject_objects(described.value(part, VOID.property)))
        told = [described.value(part, VOID[name]) for name in ("triples", "distinctSubjects", "distinctObjects")]
        counted = [len(pairs), len({one for one, _ in pairs}), len({other for _, other in pairs})]
        assert [value.toPython() for value in told] == counted  # type: ignore[union-attr]


def test_each_linkset_is_counted(described: Graph, graph: Graph) -> None:
    parts = list(described.subjects(RDF.type, VOID.Linkset))
    assert parts
    for part in parts:
        target = str(described.value(part, VOID.objectsTarget))
        links = graph.subject_objects(described.value(part, VOID.linkPredicate))
        counted = sum(str(link).startswith(target) and str(thing).startswith(ID[:-3]) for thing, link in links)
        assert described.value(part, VOID.triples).toPython() == counted  # type: ignore[union-attr]
        assert described.value(part, VOID.subjectsTarget) == IT


def test_vocabularies_and_languages_are_those_in_use(described: Graph, graph: Graph) -> None:
    terms = set(graph.predicates()) | set(graph.objects(None, RDF.type))
    vocabularies = {URIRef(re.sub("[^/#]*$", "", str(term))) for term in terms}
    assert (
        set(described.objects(IT, VOID.vocabulary)) == vocabularies >= {URIRef(NS), URIRef(str(SKOS)), URIRef(str(ORG))}
    )
    told = {str(code).rpartition("/")[2] for code in described.objects(IT, DCTERMS.language)}
    assert told >= {"ENG", "NLD", "FRA", "DEU"}
    assert len(told) == len({value.language for value in graph.objects() if isinstance(value, Literal)} - {None})


def test_one_time_is_written_in_one_form(client: TestClient, released: Release) -> None:
    for path in ("/dataset.nt", DOCUMENT + ".nt"):
        (modified,) = re.findall(f'<{DCTERMS.modified}> "([^"]*)"', client.get(path).text)
        assert modified == released.manifest["published"]
        assert modified.endswith("Z")


def test_a_page_of_a_release_is_cited_by_that(publish: Publish, tiny: Path, open_client: Open) -> None:
    """HT-20: what `cite-as` names resolves back to the page, also when another release is current."""
    old, new = publish(STATEMENT.format("a", "Old")), publish(STATEMENT.format("a", "New"))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    for release in (old, new):
        under, iri = f"/release/{release.version}", f"{BASE}release/{release.version}"
        for path in (under, f"{under}/dataset"):
            page = client.get(path, headers=BROWSER)
            assert _links(page.headers["link"])["cite-as"] == [(iri, "")]
        told = _embedded(client, under)
        assert {told["@id"], told["identifier"], told["url"]} == {iri}
        assert client.get(f"{under}/dataset/linkset.json").json()["linkset"][0]["cite-as"][0]["href"] == iri
        assert f"<h1>Release {release.version}</h1>" in client.get(_path(iri), headers=BROWSER).text


def test_the_description_leads_to_the_linkset(client: TestClient) -> None:
    for media_type in MEDIA_TYPES:
        ((target, kind),) = _links(client.head("/dataset", headers={"Accept": media_type}).headers["link"])["linkset"]
        assert (_path(target), kind) == ("/dataset/linkset.json", "application/linkset+json")


def test_it_conforms_to_dcat_ap(described: Graph) -> None:
    shapes = Graph().parse(ROOT / "tests" / "dcat-ap.ttl")
    conforms, _, text = validate(described, shacl_graph=shapes)
    assert conforms, text
    for node, prop in ((IT, DCTERMS.title), (URIRef(DATASET + "#dump-ttl"), DCAT.accessURL)):
        broken = Graph() + described
        broken.remove((node, prop, None))
        assert not validate(broken, shacl_graph=shapes)[0]  # the shapes find what is missing


def test_each_dump_is_as_described(client: TestClient, described: Graph, graph: Graph) -> None:
    parts = list(described.objects(IT, DCAT.distribution))
    assert len(parts) == 5
    for part in parts:
        answer = client.get(_path(str(described.value(part, DCAT.downloadURL))))
        assert answer.headers["content-type"] == "application/gzip"
        assert len(answer.content) == int(str(described.value(part, DCAT.byteSize)))
        checksum = described.value(part, SPDX.checksum)
        assert hashlib.sha256(answer.content).hexdigest() == str(described.value(checksum, SPDX.checksumValue))
        assert answer.headers["etag"].strip('"') == hashlib.sha256(answer.content).hexdigest()
        assert described.value(part, DCTERMS.license) == URIRef(LICENCE)


@pytest.mark.parametrize("path", ["/dump/cfit.ttl.gz", "/static/cfit.css"])
def test_files_are_not_kept_for_longer_than_a_release_may_last(client: TestClient, path: str) -> None:
    whole = client.get(path)
    known = client.get(path, headers={"If-None-Match": whole.headers["etag"]})
    part = client.get(path, headers={"Range": "bytes=10-19"})
    assert [answer.status_code for answer in (whole, known, part)] == [200, 304, 206]
    assert {answer.headers["cache-control"] for answer in (whole, known, part)} == {CACHEABLE.decode()}


def test_dumps_are_given_in_parts_and_not_twice(client: TestClient) -> None:
    whole = client.get("/dump/cfit.ttl.gz")
    part = client.get("/dump/cfit.ttl.gz", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert client.get("/dump/cfit.ttl.gz", headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert client.head("/dump/cfit.ttl.gz").headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize("name", ["cfit.nq", "cfit.trig", "cfit.jsonld", "cfit.ttl", "cfit.rdf"])
def test_a_dump_is_loaded_by_its_address_without_knowing_of_gzip(
    client: TestClient, described: Graph, name: str
) -> None:
    """As ``LOAD`` does, and libraries that read RDF from the web: they go by the media type, and few unpack."""
    kept = client.get(f"/dump/{name}.gz").content
    plain = client.get(f"/dump/{name}", headers={"Accept-Encoding": "identity"})
    packed = client.get(f"/dump/{name}", headers={"Accept-Encoding": "br, gzip"})
    assert plain.content == packed.content == gzip.decompress(kept)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(kept)
    part = URIRef(f"{DATASET}#dump-{name.removeprefix('cfit.')}")
    for answer in (plain, packed):
        media_type = answer.headers["content-type"].partition(";")[0]
        assert str(described.value(part, DCAT.mediaType)).endswith(media_type)
        assert answer.headers["vary"] == "Accept-Encoding"
    tags = {plain.headers["etag"], packed.headers["etag"], client.get(f"/dump/{name}.gz").headers["etag"]}
    assert len(tags) == 3
    known = {"Accept-Encoding": "identity", "If-None-Match": plain.headers["etag"]}
    assert client.get(f"/dump/{name}", headers=known).status_code == 304
    head = client.head(f"/dump/{name}", headers={"Accept-Encoding": "identity"})
    assert (head.content, head.headers["etag"]) == (b"", plain.headers["etag"])


@pytest.mark.parametrize("name", ["cfit.docx", "..%2Fmanifest.json", "manifest.json", "cfit.ttl.gz.gz"])
def test_nothing_but_dumps_is_given(client: TestClient, name: str) -> None:
    problem(client.get(f"/dump/{name}"), 404, "not-found")


def test_signposts_on_the_page(client: TestClient) -> None:
    answer = client.get("/dataset", headers=BROWSER)
    links = _links(answer.headers["link"])
    assert len(answer.headers["link"]) < 8_000
    assert links["cite-as"] == [(DATASET, "")]
    assert [target for target, _ in links["type"]] == ["https://schema.org/Dataset", "https://schema.org/AboutPage"]
    assert [target for target, _ in links["license"]] == ["https://spdx.org/licenses/CC0-1.0"]
    assert [kind for _, kind in links["describedby"]] == MEDIA_TYPES
    assert len(links["item"]) == 5
    for target, _ in [target for relation in ("describedby", "item", "linkset") for target in links[relation]]:
        assert client.head(_path(target)).status_code == 200, target
        assert f'href="{target}"' in answer.text
    for item, _ in links["item"]:
        (collection,) = _links(client.head(_path(item)).headers["link"])["collection"]
        assert _path(collection[0]) == "/dataset"
    for metadata, _ in links["describedby"]:
        ((page, _),) = _links(client.head(_path(metadata)).headers["link"])["describes"]
        assert _path(page) == "/dataset"


@pytest.mark.parametrize("path", [DOCUMENT, "/dataset"])
def test_the_head_of_a_page_has_the_links_of_its_header(client: TestClient, path: str) -> None:
    page = client.get(path, headers=BROWSER)
    links = {(each[1], each[0]) for each in re.findall(r'<link rel="([^"]*)" href="(http[^"]*)"', page.text)}
    sent = _links(page.headers["link"])
    expected = {(target, relation) for relation in sent for target, _ in sent[relation] if "time" not in relation}
    assert links == expected
    assert {relation for _, relation in links} >= {
        "collection" if path == DOCUMENT else "item",
        "describedby",
        "license",
    }


@pytest.mark.parametrize("path", ["/dataset/linkset.json", "/.well-known/api-catalog"])
def test_linksets_have_their_form_and_lead_somewhere(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"].partition(";")[0] == "application/linkset+json"
    contexts = answer.json()["linkset"]
    assert contexts
    for context in contexts:
        assert client.head(_path(context.pop("anchor"))).status_code == 200
        for targets in context.values():
            for target in targets:
                assert re.match("https?://", target["href"])
                assert target["type"]
                if "testserver" in target["href"]:
                    there = client.head(_path(target["href"]), headers={"Accept": target["type"]})
                    assert there.status_code == 200, target
                    if target["type"] not in {"application/gzip", "application/json"}:
                        assert there.headers["content-type"].partition(";")[0] == target["type"]


def test_the_feed_is_found_from_the_description_and_the_catalog(client: TestClient, described: Graph) -> None:
    feed = URIRef(DATASET + "#feed")
    assert set(described.objects(feed, DCAT.servesDataset)) == {IT}
    address = str(described.value(feed, DCAT.endpointURL))
    assert client.get(_path(address)).json()["type"] == "OrderedCollection"
    stream = client.get(_path(str(described.value(feed, DCAT.endpointDescription))), headers={"Accept": "text/turtle"})
    assert "EventStream" in stream.text
    catalog = client.get("/.well-known/api-catalog").json()["linkset"]
    items = {item["href"] for context in catalog for item in context.get("item", ())}
    others = map(_address, ("/sparql", "/api/v1", "/reconcile"))
    assert items == {context["anchor"] for context in catalog[1:]} == {address, *others}


def _address(path: str) -> str:
    return f"http://testserver:80{path}"


def test_files_have_no_feed(tmp_path: Path, open_client: Open) -> None:
    (tmp_path / "own.ttl").write_text("<https://example.org/a> a <https://example.org/A> .", "utf-8")
    client = open_client(Settings(root=ROOT, releases=tmp_path), [tmp_path / "own.ttl"])
    for path in ("/.well-known/api-catalog", "/dataset.nt"):
        assert "/feed" not in client.get(path).text


def test_the_page_of_a_release_leads_to_its_dumps(publish: Publish, tiny: Path, open_client: Open) -> None:
    old, new = publish(STATEMENT.format("a", "Old")), publish(STATEMENT.format("a", "New"))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    for release in (old, new):
        page = client.get(f"/release/{release.version}", headers=BROWSER).text
        dumps = re.findall(r'href="(/release/[^"]*/dump/[^"]*)"', page)
        assert len(dumps) == len(dataset.dumps(release)) > 3
        for dump in dumps:
            told = release.manifest["files"]["dump/" + dump.rpartition("/")[2]]
            assert hashlib.sha256(client.get(dump).content).hexdigest() == told["sha256"]


def test_the_well_known_address_leads_to_the_description(client: TestClient) -> None:
    answer = client.get("/.well-known/void")
    assert (answer.status_code, answer.headers["location"]) == (302, "/dataset")


def test_people_read_what_it_is_and_whose(client: TestClient, released: Release, described: Graph) -> None:
    page = client.get("/dataset", headers=BROWSER).text.partition("<main")[2]
    title, about = (str(described.value(IT, said)) for said in (DCTERMS.title, DCTERMS.description))
    assert f"<h1>{title}</h1>" in page
    for words in (about, "cfit-graph project</a>", f'href="{LICENCE}"', 'href="/release"', 'href="/cite"'):
        assert words in page, words
    assert f'href="/release/{released.version}"' in page
    assert not re.findall(r'<a href="[^"]*">(\w+:\w+)</a>', page)  # classes have names


def test_the_page_has_the_largest_classes_first(client: TestClient) -> None:
    page = client.get("/dataset", headers=BROWSER).text
    table = page.partition('aria-label="Classes"')[2].partition("</table>")[0]
    numbers = [int(number) for number in re.findall(r'<td class="number">(\d+)</td>', table)]
    assert len(numbers) > 30
    assert numbers == sorted(numbers, reverse=True)


def test_search_engines_read_the_page(client: TestClient, released: Release) -> None:
    told = _embedded(client)
    assert (told["@type"], told["@id"], told["version"]) == ("Dataset", DATASET, released.version)
    assert len(told["description"]) >= 50
    assert told["license"] == LICENCE
    assert {part["encodingFormat"] for part in told["distribution"]} >= {"text/turtle", "application/trig"}


def test_search_engines_read_nothing_that_is_not_known(tmp_path: Path, open_client: Open) -> None:
    path = tmp_path / "x.nt"
    path.write_text("<http://example.org/a> <http://example.org/b> <http://example.org/c> .\n")
    told = _embedded(open_client(Settings(root=ROOT), [path]))
    assert all(told.values())
    assert told.keys().isdisjoint({"license", "version", "creator", "includedInDataCatalog", "distribution"})


def _embedded(client: TestClient, under: str = "") -> dict[str, Any]:
    page = client.get(f"{under}/dataset", headers=BROWSER).text
    text = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert "<" not in text
    told: dict[str, Any] = json.loads(text)
    return told


def test_all_is_found_from_the_iri_of_an_entity_in_two_requests(
    publish: Publish, tiny: Path, open_client: Open
) -> None:
    data = STATEMENT.format("a", "A")
    first, second = publish(data), publish(data + STATEMENT.format("b", "B"))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    answer = client.get(_path(ID + "organization/a"))  # the first request
    ((collection, _),) = _links(answer.headers["link"])["collection"]
    found = Graph().parse(data=client.get(_path(collection), headers={"Accept": "text/turtle"}).content, format="ttl")
    assert _path(str(found.value(IT, VOID.sparqlEndpoint))) == "/sparql"
    assert any(str(dump).endswith("/dump/cfit.ttl.gz") for dump in found.objects(IT, VOID.dataDump))
    assert found.value(IT, DCTERMS.license) == URIRef(LICENCE)
    assert {str(standard).rsplit("/", 2)[1] for standard in found.objects(IT, DCTERMS.conformsTo)} == {"ns", "shapes"}
    release = found.value(IT, DCAT.hasCurrentVersion)
    assert release == URIRef(f"{BASE}release/{second.version}")
    assert found.value(release, DCAT.previousVersion) == URIRef(f"{BASE}release/{first.version}")


def test_a_document_names_its_dataset_once(client: TestClient) -> None:
    told = Graph().parse(data=client.get(DOCUMENT + ".ttl").content, format="turtle")
    (document,) = told.subjects(FOAF.primaryTopic)
    assert list(told.objects(document, VOID.inDataset)) == [IT]
    assert list(told.objects(document, DCTERMS.license)) == [URIRef(LICENCE)]
    links = _links(client.head(DOCUMENT).headers["link"])
    assert links["describes"] == [(ID + "organization/electronics-watch", "")]
    assert [kind for _, kind in links["describedby"]] == MEDIA_TYPES


def test_another_pact_serves_its_files_under_its_own_base(tmp_path: Path, open_client: Open) -> None:
    file = tmp_path / "theirs.ttl"
    file.write_text(
        """@prefix org: <http://www.w3.org/ns/org#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <https://example.org/pact/id/organization/x> a org:Organization ; skos:prefLabel "X"@en ;
            org:linkedTo <https://example.org/pact/id/organization/y> .""",
        "utf-8",
    )
    client = open_client(Settings(root=ROOT, base_iri="https://example.org/pact/"), [file])
    assert client.get("/id/organization/x").headers["location"] == "/doc/organization/x"
    told = Graph().parse(data=client.get("/doc/organization/x.ttl").content, format="turtle")
    (document,) = told.subjects(FOAF.primaryTopic, URIRef("https://example.org/pact/id/organization/x"))
    assert document == URIRef("https://example.org/pact/doc/organization/x")
    assert told.value(document, VOID.inDataset) == URIRef("https://example.org/pact/dataset")
    assert not list(told.objects(document, DCTERMS.license))  # nobody has said so
    assert 'href="/doc/organization/y"' in client.get("/doc/organization/x", headers=BROWSER).text
    described = Graph().parse(data=client.get("/dataset.ttl").content, format="turtle")
    theirs = URIRef("https://example.org/pact/dataset")
    assert str(described.value(theirs, VOID.uriSpace)) == "https://example.org/pact/id/"
    assert set(map(str, described.objects(theirs, VOID.vocabulary))) == {str(ORG), str(SKOS), str(RDF)}
    assert not list(described.objects(theirs, DCTERMS.license))
    assert client.get("/dataset", headers=BROWSER).status_code == 200


FORGED = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher",
          "Forwarded": "host=evil.example"}  # fmt: skip


@pytest.mark.parametrize("path", ["/id/pact/cfit", DOCUMENT, DOCUMENT + ".ttl", "/dataset", "/dataset.jsonld", "/ns",
    "/dataset/linkset.json", "/.well-known/void", "/.well-known/api-catalog", "/dump/cfit.ttl.gz", "/nowhere",
    "/shapes", "/sparql", "/api/v1", "/openapi.json", "/"])  # fmt: skip
def test_no_header_decides_where_we_are(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=FORGED)
    assert b"evil.example" not in answer.content
    assert "evil.example" not in str(answer.headers)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        (BROWSER["Accept"], "text/html"),
        ("text/turtle", "text/turtle"),
        ("TEXT/TURTLE", "text/turtle"),
        ("text/turtle;charset=utf-8", "text/turtle"),
        ("text/*;q=0.1, text/turtle", "text/turtle"),
        ("text/html;q=0, */*;q=0.1", "text/turtle"),
        ("application/*", "application/n-triples"),
        ("application/json", "application/ld+json"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("application/rdf+xml;q=0.9, text/turtle;q=0.8", "application/rdf+xml"),
        ("application/n-triples, */*;q=0.1", "application/n-triples"),
        ("image/png", ""),
        ("text/html;q=0", ""),
        ("*/*;q=0", ""),
    ],
)
@pytest.mark.parametrize(
    "path", [DOCUMENT, "/doc/pact/cfit", "/doc/role/procuring", "/doc/source/cfit-home", "/dataset", "/ns", "/shapes"]
)
def test_each_kind_of_document_is_negotiated_alike(client: TestClient, path: str, accept: str, expected: str) -> None:
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == (200 if expected else 406)
    assert answer.headers["content-type"].partition(";")[0] == (expected or "application/problem+json")
    assert "Accept" in answer.headers["vary"].split(", ")
    if expected:
        assert client.get(answer.headers["content-location"]).content == answer.content
        assert answer.headers["last-modified"].endswith(" GMT")
        known = client.get(path, headers={"Accept": accept, "If-None-Match": answer.headers["etag"]})
        assert (known.status_code, known.headers["vary"]) == (304, answer.headers["vary"])
