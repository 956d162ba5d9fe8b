"""Another pact builds and serves its graph under its own base: all that has IRIs of ours has them there."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, FOAF, OWL, RDF, RDFS, VOID, Graph, Literal, Namespace, URIRef
from rdflib.namespace import PROV
from starlette.testclient import TestClient

from cfit_graph import cli, nquads, release, source
from cfit_graph.checking.standing import lay_out
from cfit_graph.errors import ReleaseError, UsageError
from cfit_graph.namespaces import BASE as CFIT_BASE
from cfit_graph.namespaces import ID, KINDS, SCHEMES, VOCABULARIES
from cfit_graph.settings import Settings
from cfit_graph.web import create_app
from cfit_graph.web.export import export
from tests.conftest import ROOT
from tests.feed import by_activitystreams, by_ldes
from tests.release import replay
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cfit_graph.release import Release

BASE: Final = "https://example.org/pact/"
THINGS: Final = BASE + "id/"
MINISTRY, WATCH, BODY, PACT = (
    THINGS + name for name in ("organization/ministry-a", "organization/watch-c", "organization/body-d", "pact/example")
)
CFITS: Final = ID + "organization/electronics-watch"
"""A thing of CFIT's that theirs is linked to."""
LINKED: Final = f"<{WATCH}> <{OWL.sameAs}> <{CFITS}> .\n"
BLANK: Final = f'[ <{RDFS.comment}> "A node without a name"@en ] .\n'
FIXTURES: Final = [ROOT / "tests/shapes/affiliation" / f"valid.{name}.ttl" for name in ("participation", "support")]
DQV, DCAT = Namespace(VOCABULARIES["dqv"]), Namespace("http://www.w3.org/ns/dcat#")
IRIS: Final = rf"{ID}[a-z0-9/-]*"
CFITS_OWN: Final = r"w3id\.org/cfit/(doc|dataset|release|graph|\.well-known/genid|feed(?!#))"
GRAPHS: Final = ("data/pact", "data/dataset", "ontology/cfit", "derived")
FIRST, SECOND = "2026-01-01.1", "2026-01-02.1"
FORMATS: Final = ("html", "ttl", "nt", "jsonld", "rdf")
ANSWERS: Final = [
    *(f"/doc/{name}.{form}" for name in ("organization/watch-c", "pact/example") for form in FORMATS),
    *(f"/doc/organization/body-d.{form}" for form in FORMATS),
    *(f"/release/{FIRST}/doc/organization/body-d.{form}" for form in FORMATS),
    *(f"/dataset.{form}" for form in FORMATS),
    *(f"/api/v1/{name}.{form}" for name in ("organizations", "affiliations", "pacts") for form in ("json", "csv")),
    *("/api/v1/organizations/watch-c", "/api/v1/search?q=watch", "/api/v1/changes", "/openapi.json", "/pacts"),
    *("/feed.json", "/feed.html", "/feed.atom", "/feed/page/1", "/feed/ldes", "/feed/ldes/page/1", "/changes"),
    *("/cite.json", f"/cite.txt?iri={quote(WATCH)}", "/timemap/doc/organization/watch-c", "/timemap/dataset"),
    *("/quality?format=ttl", "/release", f"/release/{SECOND}", f"/compare?from={FIRST}&to={SECOND}"),
    *(f"/release/{SECOND}/report", "/dataset/linkset.json", f"/changes?entity={quote(WATCH)}"),
]


def _theirs(turtle: str) -> str:
    """Return Turtle with the things that are not of the vocabulary under the other base."""
    for kind in KINDS:
        turtle = turtle.replace(f"<{ID}{kind}/>", f"<{THINGS}{kind}/>")
    return turtle.replace("https://w3id.org/cfit/dataset", f"{BASE}dataset").replace("pact:cfit", "pact:example")


def _build(root: Path, data: str, day: int) -> None:
    """Build a release at noon of a day in January, as the command line does."""
    (root / "data" / "pact.ttl").write_text(data, "utf-8")
    with pytest.MonkeyPatch.context() as shell:
        for name, value in {"ROOT": root, "RELEASES": root / "releases", "BASE_IRI": BASE}.items():
            shell.setenv(f"CFIT_{name}", str(value))
        shell.setenv("SOURCE_DATE_EPOCH", str(1_767_268_800 + (day - 1) * 86_400))
        assert cli.main(["build"]) == 0


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with two releases: in the second an organization has another name, one is new and one is gone."""
    root = tmp_path_factory.mktemp("pact")
    for folder in ("ontology", "shapes"):
        shutil.copytree(ROOT / folder, root / folder)
    (root / "data").mkdir()
    about = (ROOT / "data" / "dataset.ttl").read_text("utf-8").replace("CFIT knowledge graph", "Their graph")
    (root / "data" / "dataset.ttl").write_text(_theirs(about).replace(ID, THINGS), "utf-8")
    participation, support = (_theirs(path.read_text("utf-8")) for path in FIXTURES)
    extra = support[support.index("organization:watch-c a") : support.index("pact:example a")]
    extra = extra.replace("watch-c", "body-d").replace("Watch C", "Body D")
    data = participation + support + LINKED + BLANK
    _build(root, data + extra, 1)
    _build(root, data.replace('"Example Ministry A"', '"Example Ministry of A"'), 2)
    return root


@pytest.fixture(scope="module")
def theirs(root: Path) -> Iterator[TestClient]:
    app = create_app(Settings(root=root, releases=root / "releases", base_iri=BASE))
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def served(root: Path) -> Release:
    found = release.current(root / "releases")
    assert found is not None
    assert (found.version, found.previous) == (SECOND, FIRST)
    return found


def _items(client: TestClient, address: str) -> list[str]:
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def _graph(client: TestClient, address: str) -> Graph:
    answer = client.get(address, headers={"Accept": "text/turtle"})
    assert answer.status_code in {200, 410}, answer.text
    return Graph().parse(data=answer.text, format="turtle")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("organizations", [MINISTRY, WATCH]),
        ("pacts", [PACT]),
        ("organizations?pact=example", [MINISTRY, WATCH]),
        (f"organizations?pact={quote(PACT, safe='')}", [MINISTRY, WATCH]),
        ("organizations?role=supporting", [WATCH]),
        ("organizations?role=role:supporting", [WATCH]),
        ("organizations?country=nl", []),
        ("affiliations?organization=watch-c", [THINGS + "affiliation/watch-c-supporting"]),
        ("endorsements?organization=ministry-a", [THINGS + "endorsement/ministry-a"]),
        (f"organizations?since={FIRST}", [MINISTRY]),
        ("search?q=watch", [WATCH]),
    ],
)
def test_the_api_lists_filters_and_searches(theirs: TestClient, address: str, expected: list[str]) -> None:
    found = _items(theirs, address)
    assert found[: len(expected)] == expected
    assert "search" in address or len(found) == len(expected)


def test_the_api_finds_things_of_the_base_and_concepts_of_cfit(theirs: TestClient) -> None:
    item = theirs.get("/api/v1/organizations/watch-c").json()
    assert item["id"] == WATCH
    assert [each["id"] for each in item["affiliations"]] == [THINGS + "affiliation/watch-c-supporting"]
    assert theirs.get("/api/v1/roles/supporting").json()["id"] == ID + "role/supporting"
    missing = problem(theirs.get("/api/v1/organizations/watch-b"), 404, "not-found")
    assert missing["detail"] == "There is no organization 'watch-b'. Nearest: watch-c, ministry-a."
    wrong = problem(theirs.get("/api/v1/organizations?pact=pact:cfit"), 400, "bad-parameters")
    assert "Nearest: example." in str(wrong["errors"])


@pytest.mark.parametrize("form", FORMATS)
def test_documents_name_what_they_are_of_under_the_base(theirs: TestClient, form: str) -> None:
    answer = theirs.get(f"/doc/organization/watch-c.{form}")
    assert answer.status_code == 200
    assert f'<{WATCH}>; rel="describes"' in answer.headers["link"]
    if form == "html":
        assert WATCH in answer.text
        assert 'href="/doc/pact/example"' in answer.text
        return
    graph = Graph().parse(data=answer.text, format={"jsonld": "json-ld", "rdf": "xml"}.get(form, form))
    assert (URIRef(WATCH), None, None) in graph
    document = URIRef(f"{BASE}doc/organization/watch-c")
    assert list(graph.subjects(FOAF.primaryTopic)) == [document]
    assert graph.value(document, VOID.inDataset) == URIRef(f"{BASE}dataset")
    assert graph.value(document, PROV.wasDerivedFrom) == URIRef(f"{BASE}release/{SECOND}")


def test_what_is_gone_has_a_tombstone(theirs: TestClient) -> None:
    assert theirs.get("/doc/organization/body-d.ttl").status_code == 410
    graph = _graph(theirs, "/doc/organization/body-d")
    assert graph.value(URIRef(BODY), OWL.deprecated) == Literal(lexical_or_value=True)
    (document,) = graph.subjects(FOAF.primaryTopic, URIRef(BODY))
    assert graph.value(document, PROV.wasDerivedFrom) == URIRef(f"{BASE}release/{FIRST}")


def test_the_dataset_is_counted_under_the_base(theirs: TestClient, served: Release) -> None:
    described, graph, it = _graph(theirs, "/dataset"), source.read(served.graph), URIRef(f"{BASE}dataset")
    entities = {node for node in graph.subjects(RDF.type) if str(node).startswith(THINGS)}
    assert {URIRef(MINISTRY), URIRef(WATCH), URIRef(PACT)} < entities
    assert described.value(it, VOID.entities) == Literal(len(entities))
    assert described.value(it, VOID.triples) == Literal(len(graph))
    (links,) = described.subjects(VOID.objectsTarget, URIRef("https://w3id.org/"))
    assert (described.value(links, VOID.linkPredicate), described.value(links, VOID.triples)) == (
        OWL.sameAs,
        Literal(1),
    )
    assert described.value(it, VOID.uriSpace) == Literal(THINGS)
    assert list(described.objects(it, VOID.exampleResource)) == [URIRef(PACT)]
    assert described.value(it, DCAT.hasCurrentVersion) == URIRef(f"{BASE}release/{SECOND}")
    assert described.value(it, DCTERMS.title) == Literal("Their graph", lang="en")


def test_the_feed_is_named_by_the_base_and_gives_the_graph(theirs: TestClient, served: Release) -> None:
    activities = by_activitystreams(theirs)
    assert {each["id"].partition("/page/")[0] for each in activities} == {f"{BASE}feed"}
    assert {each["context"] for each in activities} == {f"{BASE}release/{version}" for version in (FIRST, SECOND)}
    told = {each["object"]["id"]: each["summaryMap"]["en"] for each in activities if each["context"].endswith(SECOND)}
    assert told[BODY] == "Removed organization: Example Body D"
    assert told[MINISTRY] == "Example Ministry A is now called Example Ministry of A"
    by_activities = replay(set(), [(set(each["removed"]), set(each["added"])) for each in activities])
    assert nquads.digest(by_activities) == served.manifest["dataset"]
    by_members = replay(set(), by_ldes(theirs, "text/turtle", name=f"{BASE}feed"))
    assert nquads.digest(by_members) == served.manifest["dataset"]


def test_changes_are_told_by_kind_and_by_thing(theirs: TestClient) -> None:
    listed = theirs.get(f"/api/v1/changes?kind=organization&since={FIRST}").json()["items"]
    assert {each["object"]["id"] for each in listed} == {MINISTRY, BODY}
    history = theirs.get(f"/api/v1/changes?entity={quote(BODY)}").json()["items"]
    assert [each["type"] for each in history] == ["Create", "Delete"]
    page = theirs.get("/changes", headers=BROWSER).text
    assert f'href="/release/{FIRST}/doc/organization/ministry-a"' in page
    assert f'href="/changes?entity={quote(MINISTRY, safe=":")}"' in page
    compared = theirs.get(f"/compare?from={SECOND}&to={FIRST}&format=json").json()["activities"]
    assert "New organization: Example Body D" in {each["summary"] for each in compared}


def test_the_feed_for_readers_is_named_by_the_base(theirs: TestClient) -> None:
    names = re.findall("<id>(.*?)</id>", theirs.get("/feed.atom").text)
    assert names == [f"{BASE}feed", f"{BASE}release/{SECOND}", f"{BASE}release/{FIRST}"]


def test_it_can_be_cited(theirs: TestClient) -> None:
    whole = theirs.get("/cite.json").json()
    assert (whole["title"], whole["authors"]) == ("Their graph", ["cfit-graph project"])
    part = theirs.get("/cite.json", params={"iri": WATCH}).json()
    assert part["title"] == "Their graph: Example Watch C"
    assert part["url"].endswith(f"/release/{SECOND}/doc/organization/watch-c")
    problem(theirs.get("/cite.json", params={"iri": CFITS}), 404, "not-found")


def test_time_can_be_travelled(theirs: TestClient) -> None:
    for name, versions in {"watch-c": {FIRST, SECOND}, "body-d": {FIRST}}.items():
        told = theirs.get(f"/timemap/doc/organization/{name}").text
        assert set(re.findall(rf"/release/([^/]+)/doc/organization/{name}>", told)) == versions
    then = theirs.get(f"/release/{FIRST}/doc/organization/ministry-a.ttl").text
    assert '"Example Ministry A"@en' in then
    assert f"{BASE}release/{FIRST}" in then


def test_measurements_are_of_releases_under_the_base(theirs: TestClient, root: Path, tmp_path: Path) -> None:
    graph = _graph(theirs, "/quality?format=ttl")
    releases = {f"{BASE}release/{version}" for version in (FIRST, SECOND)}
    assert {str(one) for one in graph.objects(None, DQV.computedOn)} == releases
    assert {str(node).partition("/quality#")[0] for node in graph.subjects(DQV.computedOn)} == releases
    shutil.copytree(root / "releases", tmp_path / "releases")
    back = release.rollback(tmp_path / "releases", FIRST, base=BASE)
    measured = Graph().parse(back.path / "quality.ttl")
    assert {str(one) for one in measured.objects(None, DQV.computedOn)} == {f"{BASE}release/{back.version}"}


def test_it_can_be_copied(theirs: TestClient, root: Path, tmp_path: Path) -> None:
    settings = Settings(root=root, releases=root / "releases", base_iri=BASE)
    export(settings, tmp_path / "site", "https://copy.example.org")
    for name in ("doc/organization/watch-c.ttl", "api/v1/organizations/watch-c.json", "api/v1/roles/supporting.json"):
        copied = (tmp_path / "site" / name).read_text("utf-8")
        assert copied == theirs.get(f"/{name}").text


@pytest.fixture(scope="module")
def of_cfit() -> set[str]:
    """What is CFIT's wherever it is told of: what its ontology names, the beginnings of its concepts, and one link."""
    written = "".join(map(str, (quad for path in source.files(ROOT / "ontology") for quad in source.quads(path))))
    return {*re.findall(IRIS, written), *(f"{ID}{scheme}/" for scheme in SCHEMES), CFITS}


@pytest.mark.parametrize("address", ANSWERS)
def test_nothing_has_an_iri_of_cfit_but_what_is_of_cfit(theirs: TestClient, address: str, of_cfit: set[str]) -> None:
    answer = theirs.get(address)
    assert answer.status_code in {200, 410}, answer.text
    text = answer.text + str(answer.headers)
    assert set(re.findall(IRIS, text)) <= of_cfit
    assert not re.search(CFITS_OWN, text)


@pytest.mark.parametrize("dump", ["nq", "trig", "jsonld", "ttl", "rdf"])
def test_nothing_in_a_dump_is_named_by_cfit(served: Release, dump: str, of_cfit: set[str]) -> None:
    text = gzip.decompress((served.path / f"dump/cfit.{dump}.gz").read_bytes()).decode()
    assert set(re.findall(IRIS, text)) <= of_cfit
    assert not re.search(CFITS_OWN, text)
    assert f"{BASE}.well-known/genid/" in text
    assert all(f"{BASE}graph/{name}" in text for name in GRAPHS) == (dump in {"nq", "trig", "jsonld"})


def test_two_pacts_in_one_store_keep_their_graphs_apart(root: Path, served: Release, tmp_path: Path) -> None:
    """The same sources under either base: were a name shared, a graph would hold what both say."""
    ours = release.build(root, tmp_path)
    store = ox.Store()
    for one in (ours, served):
        store.load(gzip.decompress((one.path / "dump/cfit.nq.gz").read_bytes()), format=ox.RdfFormat.N_QUADS)
    found = Counter(quad.graph_name.value for quad in store)
    for base, one in ((CFIT_BASE, ours), (BASE, served)):
        assert {f"{base}graph/{name}" for name in GRAPHS} <= found.keys()
        own = Counter(nquads.graph_of(line).strip("<>") for line in one.lines)
        assert {name: found[name] for name in own} == own
    genids = {quad.subject.value for quad in store if nquads.GENID in str(quad.subject)}
    assert {genid.partition(nquads.GENID)[0] for genid in genids} == {CFIT_BASE, BASE}


def test_a_release_is_served_under_the_base_it_was_built_for(root: Path, served: Release) -> None:
    assert served.base == BASE
    told = f"{SECOND}: its IRIs begin with {BASE}, but IRIs are to begin with {CFIT_BASE}"
    with pytest.raises(ReleaseError, match=re.escape(told)):
        create_app(Settings(root=root, releases=root / "releases"))
    with pytest.raises(UsageError, match=f"begin with {BASE}, not with {CFIT_BASE}"):
        release.rollback(root / "releases", FIRST)


def test_an_older_release_of_another_base_is_not_served_and_the_others_are(root: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    shutil.copytree(root / "releases", releases)
    newest = release.build(root, releases).version
    with TestClient(create_app(Settings(root=root, releases=releases)), follow_redirects=False) as client:
        refused = client.get(f"/release/{FIRST}/doc/organization/watch-c.nt")
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
        assert FIRST in refused.json()["detail"]
        assert client.get(f"/release/{newest}/sparql", params={"query": "ASK {}"}).status_code == 200


def test_a_release_made_before_the_base_was_noted_is_of_cfit(served: Release, tmp_path: Path) -> None:
    manifest = {name: value for name, value in served.manifest.items() if name != "base"}
    (tmp_path / SECOND).mkdir()
    (tmp_path / SECOND / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert release.read(tmp_path / SECOND).base == CFIT_BASE


def test_drafts_are_judged_among_the_data_of_a_release(served: Release, tmp_path: Path) -> None:
    lay_out(served.path, tmp_path)
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"dataset.nq", "pact.nq"}
    assert MINISTRY in (tmp_path / "data" / "pact.nq").read_text("utf-8")
