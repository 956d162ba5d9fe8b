"""The forms of the log keep the rules of their standards (CF-01 to CF-14), and say the same."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyshacl
import pytest
from rdflib import RDF, SH, XSD, Graph, Literal, URIRef

from cfit_graph import release
from cfit_graph.feed import ldes
from cfit_graph.namespaces import FEED
from cfit_graph.settings import Settings
from cfit_graph.web import memento
from tests.feed import AS, LDES, OURS, TREE, activities, graph, statements
from tests.release import START
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from cfit_graph.release import Release

IMMUTABLE = "public, max-age=31536000, immutable"
ACTIVITY = "application/activity+json"
STREAM = URIRef(FEED)
ROOT_RULES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ldes: <https://w3id.org/ldes#> . @prefix tree: <https://w3id.org/tree#> . @prefix ex: <https://example.org/> .
@prefix as: <https://www.w3.org/ns/activitystreams#> .
ex:Stream a sh:NodeShape ; sh:targetClass ldes:EventStream ;
  sh:property [ sh:path tree:view ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ; sh:class tree:Node ] ,
    [ sh:path tree:shape ; sh:minCount 1 ; sh:maxCount 1 ; sh:class sh:NodeShape ] ,
    [ sh:path ldes:timestampPath ; sh:minCount 1 ; sh:maxCount 1 ; sh:hasValue as:published ] ,
    [ sh:path ldes:sequencePath ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
    [ sh:path ldes:versionOfPath ; sh:minCount 1 ; sh:maxCount 1 ; sh:hasValue as:object ] ,
    [ sh:path ldes:versionCreateObject ; sh:minCount 1 ; sh:maxCount 1 ] ,
    [ sh:path ldes:versionUpdateObject ; sh:minCount 1 ; sh:maxCount 1 ] ,
    [ sh:path ldes:versionDeleteObject ; sh:minCount 1 ; sh:maxCount 1 ] ,
    [ sh:path ldes:pollingInterval ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ] .
ex:Node a sh:NodeShape ; sh:targetClass tree:Node ;
  sh:property [ sh:path tree:relation ; sh:node ex:Relation ] ,
    [ sh:path ldes:retentionPolicy ; sh:maxCount 0 ] .
ex:Relation sh:property [ sh:path tree:node ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
    [ sh:path tree:path ; sh:minCount 1 ; sh:maxCount 1 ; sh:hasValue as:published ] ,
    [ sh:path tree:value ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:dateTime ; sh:pattern "(Z|[+-][0-9:]+)$" ] ;
  sh:or ( [ sh:class tree:GreaterThanOrEqualToRelation ] [ sh:class tree:LessThanOrEqualToRelation ] ) .
"""


def _pages(client: TestClient) -> list[dict[str, Any]]:
    """Return all pages of the log, by the links forward."""
    address = client.get("/feed").json()["first"]["id"]
    found = []
    while address:
        found.append(client.get(address).json())
        address = found[-1].get("next", {}).get("id")
    return found


def test_the_collection_has_what_it_must(following: TestClient) -> None:
    answer = following.get("/feed")
    collection, pages = answer.json(), _pages(following)
    assert answer.headers["content-type"] == ACTIVITY
    assert collection["type"] == "OrderedCollection"
    assert collection["last"] == {"id": pages[-1]["id"], "type": "OrderedCollectionPage"}
    assert collection["totalItems"] == sum(len(page["orderedItems"]) for page in pages) > 400
    assert following.get(collection["id"]).json() == collection


def test_pages_follow_on_each_other(following: TestClient, several: list[Release]) -> None:
    pages, counts = _pages(following), [one.manifest["changes"] for one in several]
    sizes = [size for count in counts for size in [100] * (count["pages"] - 1) + [count["activities"] % 100]]
    assert [len(page["orderedItems"]) for page in pages] == [size for size in sizes if size]
    assert "prev" not in pages[0]
    assert "next" not in pages[-1]
    for before, after in pairwise(pages):
        assert (before["next"]["id"], after["prev"]["id"]) == (after["id"], before["id"])
    assert {page["partOf"]["id"] for page in pages} == {following.get("/feed").json()["id"]}
    assert [page["startIndex"] for page in pages] == [page["orderedItems"][0]["place"] - 1 for page in pages]


def test_activities_are_in_order_with_ids_of_their_own(following: TestClient, several: list[Release]) -> None:
    items = [item for page in _pages(following) for item in page["orderedItems"]]
    assert [item["place"] for item in items] == list(range(1, len(items) + 1))
    assert [item["endTime"] for item in items] == sorted(item["endTime"] for item in items)
    assert len({item["id"] for item in items}) == len(items)
    assert {item["type"] for item in items} == {"Create", "Update", "Delete"}
    assert all(set(item["object"]) == {"id", "type"} and item["endTime"].endswith("Z") for item in items)
    # the release in which nothing changed has no activity
    versions = {item["context"].rpartition("/")[2] for item in items}
    assert versions == {one.version for one in several} - {several[3].version}


def test_the_latest_change_of_each_thing_tells_whether_it_is_there(following: TestClient) -> None:
    last = {item["object"]["id"]: item["type"] for page in _pages(following) for item in page["orderedItems"]}
    there = {iri for iri, kind in last.items() if kind != "Delete"}
    sparql = "SELECT DISTINCT ?s { ?s ?p ?o }"
    answer = following.get("/sparql", params={"query": sparql, "format": "csv"}).text
    assert there == set(answer.split()[1:])


def test_an_iri_of_an_activity_leads_to_it(following: TestClient) -> None:
    for page in _pages(following):
        item = page["orderedItems"][-1]
        document, _, fragment = item["id"].partition("#")
        path = document.removeprefix("https://w3id.org/cfit")
        assert item in following.get(path).json()["orderedItems"]
        assert f'id="{fragment}"' in following.get(path, headers=BROWSER).text


def test_pages_stay_as_they_are_when_the_log_grows(following: TestClient, copied: Settings, open_client: Any) -> None:
    before = _pages(following)
    nodes = [f"/feed/ldes/page/{number}.nq" for number in range(1, len(before) + 1)]
    release.rollback(copied.releases, None, lambda: START.replace(year=2027))
    grown = open_client(copied)
    after = _pages(grown)
    assert len(after) > len(before)
    assert after[: len(before) - 1] == before[:-1]
    assert {**after[len(before) - 1], "next": ""} == {**before[-1], "next": ""}
    assert [grown.get(node).content for node in nodes] == [following.get(node).content for node in nodes]


def test_what_never_changes_says_so(following: TestClient) -> None:
    last = len(_pages(following))
    for number in range(1, last + 1):
        page, node = following.get(f"/feed/page/{number}"), following.get(f"/feed/ldes/page/{number}")
        assert (page.headers["cache-control"] == IMMUTABLE) is (number < last)
        assert node.headers["cache-control"] == IMMUTABLE
        assert page.headers["etag"] != node.headers["etag"]
    for path in ("/feed", "/feed/ldes", "/feed.atom", f"/feed/page/{last}"):
        answer = following.get(path)
        assert "immutable" not in answer.headers["cache-control"]
        assert following.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", ACTIVITY),
        ("application/json", ACTIVITY),
        ("application/ld+json", "application/ld+json"),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', "application/ld+json"),
        (BROWSER["Accept"], "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("path", ["/feed", "/feed/page/2"])
def test_the_feed_comes_as_the_client_wants_it(following: TestClient, path: str, accept: str, media_type: str) -> None:
    answer = following.get(path, headers={"Accept": accept})
    assert answer.headers["content-type"] == media_type
    assert "Accept" in answer.headers["vary"].split(", ")
    suffixed = following.get(answer.headers["content-location"])
    assert suffixed.content == answer.content
    assert suffixed.headers["content-type"] == media_type


@pytest.mark.parametrize("path", ["/feed/page/0", "/feed/page/99", "/feed/page/x", "/feed/page/²", "/feed/page/1.rss"])
def test_pages_that_are_not_there(following: TestClient, path: str) -> None:
    problem(following.get(path), 404, "not-found")
    problem(following.get(path.replace("/feed", "/feed/ldes")), 404, "not-found")


def test_formats_that_are_not_there(following: TestClient) -> None:
    assert problem(following.get("/feed.rss"), 404, "not-found")["detail"].endswith("json, jsonld, html, atom.")
    problem(following.get("/feed/ldes.rdf"), 404, "not-found")
    problem(following.get("/feed/ldes", headers={"Accept": "text/csv"}), 406, "not-acceptable")


def test_activities_are_the_same_in_both_forms(following: TestClient) -> None:
    for number in (1, len(_pages(following))):
        page = following.get(f"/feed/page/{number}").json()
        stream = graph(following, f"/feed/ldes/page/{number}", "application/n-triples")
        assert set(activities(statements(page))) == set(activities(stream))
        assert len(activities(stream)) > 7


def test_the_root_node_keeps_the_rules(following: TestClient) -> None:
    root = graph(following, "/feed/ldes", "text/turtle")
    conforms, _, text = pyshacl.validate(root, shacl_graph=Graph().parse(data=ROOT_RULES, format="turtle"))
    assert conforms, text
    assert list(root.subjects(RDF.type, LDES.EventStream)) == [STREAM]
    assert list(root.subjects(RDF.type, TREE.Node)) == [URIRef("http://testserver:80/feed/ldes")]
    relations = list(root.subjects(TREE.node))
    assert len(relations) == 2 * len(_pages(following))
    assert not root.value(STREAM, TREE.member)


def test_the_rules_for_the_root_node_find_what_is_wrong(following: TestClient) -> None:
    rules = Graph().parse(data=ROOT_RULES, format="turtle")
    for name in (LDES.timestampPath, TREE.view, TREE.value, TREE.node):
        root = graph(following, "/feed/ldes", "text/turtle")
        root.remove((None, name, None))
        assert not pyshacl.validate(root, shacl_graph=rules)[0], name


def test_each_member_is_on_one_page_within_its_bounds(following: TestClient) -> None:
    root, seen = graph(following, "/feed/ldes", "text/turtle"), set[Any]()
    for node in set(root.objects(None, TREE.node)):
        values = {root.value(relation, TREE.value) for relation in root.subjects(TREE.node, node)}
        page = graph(following, str(node), "text/turtle")
        assert (node, LDES.immutable, Literal(True)) in page
        members = set(page.objects(STREAM, TREE.member))
        assert members
        assert not members & seen
        assert all(isinstance(member, URIRef) for member in members)
        assert {page.value(member, AS.published) for member in members} == values
        assert all(isinstance(value, Literal) and value.datatype == XSD.dateTime for value in values)
        seen |= members
    assert len(seen) == following.get("/feed").json()["totalItems"]


def test_every_member_has_the_shape_that_is_promised(following: TestClient) -> None:
    root, page = (graph(following, path, "text/turtle") for path in ("/feed/ldes", "/feed/ldes/page/2"))
    assert root.value(STREAM, TREE.shape) == OURS.Shape
    for member in page.objects(STREAM, TREE.member):
        root.add((OURS.Shape, SH.targetNode, member))
    assert pyshacl.validate(page, shacl_graph=root)[0]
    page.remove((None, AS.object, None))
    assert not pyshacl.validate(page, shacl_graph=root)[0]


def test_the_terms_of_the_feed_are_told(following: TestClient) -> None:
    root = graph(following, "/feed/ldes", "text/turtle")
    shown = following.get("/feed", headers=BROWSER).text
    for term in (OURS.added, OURS.removed, OURS.place):
        assert root.value(term, RDF.type) == RDF.Property
        assert f'id="{term.removeprefix(OURS)}"' in shown


@pytest.mark.parametrize("media_type", ldes.MEDIA_TYPES.values())
def test_all_formats_of_the_stream_say_the_same(following: TestClient, media_type: str) -> None:
    for path in ("/feed/ldes", "/feed/ldes/page/1"):
        found, expected = graph(following, path, media_type), graph(following, path, "application/n-triples")
        # lists in the shape have blank nodes
        assert found.isomorphic(expected) if path == "/feed/ldes" else set(found) == set(expected)


def test_members_are_written_in_the_order_of_the_log(following: TestClient) -> None:
    lines = following.get("/feed/ldes/page/2.nt").text.splitlines()
    places = [int(line.split('"')[1]) for line in lines if f"<{OURS.place}>" in line]
    assert len(places) == 100
    assert places == list(range(places[0], places[0] + 100))


def test_where_other_files_are_served_there_is_no_feed(tmp_path: Path, open_client: Any) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("<https://example.org/a> <https://example.org/b> 1 .")
    client = open_client(Settings(), [path])
    for address in ("/feed", "/feed/ldes", "/feed.atom", "/changes", "/api/v1/changes", "/release", "/quality"):
        assert "Other files than a release" in problem(client.get(address), 404, "not-found")["detail"]


def test_a_log_with_a_gap_is_not_shown_but_the_release_is(copied: Settings, open_client: Any) -> None:
    gone = release.versions(copied.releases)[1]
    shutil.rmtree(copied.releases / gone)
    client = open_client(copied)
    for address in ("/feed", "/changes", "/api/v1/changes", f"/release/{gone}"):
        told = problem(client.get(address), 503, "release-damaged")["detail"]
        assert told == f"The log of changes has a gap: release {gone} is missing or damaged."
    listed = client.get("/release?format=json").json()["releases"]
    others = [version for version in reversed(release.versions(copied.releases)) if version != gone]
    assert [found["version"] for found in listed] == others
    page = client.get("/release", headers=BROWSER)
    assert page.status_code == 200
    assert all(f'href="/release/{version}"' in page.text for version in others)
    assert client.get("/doc/organization/a", headers=BROWSER).status_code == 200


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_text("[]\n", "utf-8")])
def test_a_page_that_is_not_as_it_was_published_is_not_shown(
    copied: Settings, open_client: Any, harm: Callable[[Path], object]
) -> None:
    """The release after it is whole, and what needs no log is shown."""
    older = release.versions(copied.releases)[1]
    harm(copied.releases / older / "changes" / "0001.json")
    client = open_client(copied)
    for address in ("/changes", "/feed.atom", "/feed/page/2", "/feed/ldes/page/2", f"/release/{older}"):
        told = problem(client.get(address), 503, "release-damaged")["detail"]
        assert told.startswith(f"changes/0001.json of release {older} is missing or was changed")
    assert client.get("/feed/page/1").status_code == 200
    assert client.get("/release", headers=BROWSER).status_code == 200
    assert client.get("/doc/organization/a", headers=BROWSER).status_code == 200
    assert client.get("/").status_code == 200


def test_other_files_of_an_older_release_are_missed_where_they_are_needed(copied: Settings, open_client: Any) -> None:
    versions = release.versions(copied.releases)
    for name in ("cfit.nq", "quality.ttl", "report.json", "report.ttl"):
        (copied.releases / versions[1] / name).unlink()
    client = open_client(copied)
    report = f"/release/{versions[1]}/report"
    for address in (f"/compare?to={versions[1]}", "/quality?format=ttl", "/quality", report, f"{report}?format=ttl"):
        problem(client.get(address), 503, "release-damaged")
    assert versions[1] not in client.get("/timemap/doc/organization/a").text
    then = {"Accept-Datetime": memento.write(release.read(copied.releases / versions[1]).published)}
    assert versions[0] in client.get("/doc/organization/a", headers=then).headers["location"]
