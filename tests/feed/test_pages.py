"""What changed, told to people and to feed readers: by release, by thing, by kind, and between any two releases."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from rdflib import RDF, Graph, URIRef

from cfit_graph import feed, release
from cfit_graph.feed import Log
from cfit_graph.namespaces import BASE, VOCABULARIES
from cfit_graph.settings import Settings
from cfit_graph.web.sparkline import sparkline
from tests.release import STATEMENT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from cfit_graph.release import Release
    from tests.conftest import Publish

ATOM = "{http://www.w3.org/2005/Atom}"
A = "https://w3id.org/cfit/id/organization/a"


def _page(client: TestClient, path: str) -> str:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return unescape(answer.text)


def _links(page: str) -> set[str]:
    return {link.partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)}


def test_atom_has_what_it_must(following: TestClient, several: list[Release]) -> None:
    """RFC 4287, 4.1: ids, titles and times of the feed and of each entry; an author; the newest first."""
    answer = following.get("/feed.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    root = ET.fromstring(answer.content)
    entries = root.findall(f"{ATOM}entry")
    for element in (root, *entries):
        for name in ("id", "title", "updated"):
            (child,) = element.findall(ATOM + name)
            assert child.text
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "cfit-graph project"
    assert [e.findtext(f"{ATOM}id") for e in entries] == [f"{BASE}release/{one.version}" for one in reversed(several)]
    assert [e.findtext(f"{ATOM}updated") for e in entries] == [one.manifest["published"] for one in reversed(several)]
    assert root.findtext(f"{ATOM}updated") == several[-1].manifest["published"]
    (own,) = [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert following.get(own.get("href", "")).content == answer.content


def test_atom_tells_the_news_first(following: TestClient) -> None:
    entries = ET.fromstring(following.get("/feed.atom").content).findall(f"{ATOM}entry")
    titles = [entry.findtext(f"{ATOM}title") for entry in entries]
    assert titles[1:4] == [
        "Nothing changed in the graph",
        "Removed organization: Number 0 and more",
        "Old is now called New and more",
    ]
    told = ["".join(entry.itertext()) for entry in entries]
    assert "120 other changes" in told[3]
    links = [link.get("href", "") for entry in entries for link in entry.findall(f"{ATOM}link")]
    assert {following.get(link, headers=BROWSER).status_code for link in links} == {200}


def test_atom_tells_that_a_release_restores_another(following: TestClient, several: list[Release]) -> None:
    entries = ET.fromstring(following.get("/feed.atom").content).findall(f"{ATOM}entry")
    assert entries[0].findtext(f"{ATOM}title", "").startswith(f"Restores {several[1].version}: ")
    assert f"it restores what release {several[1].version} held" in "".join(entries[0].itertext())
    assert not any("estores" in "".join(entry.itertext()) for entry in entries[1:])


def test_atom_is_offered_to_who_asks_for_it(following: TestClient) -> None:
    answer = following.get("/feed", headers={"Accept": "application/atom+xml"})
    assert answer.headers["content-type"] == "application/atom+xml"
    assert answer.content == following.get("/feed.atom").content


def test_changes_are_told_by_release_the_newest_first(following: TestClient, several: list[Release]) -> None:
    page = _page(following, "/changes")
    assert re.findall(r'<h2 id="([\d.-]+)">', page) == [one.version for one in reversed(several)]
    headline, details = page.index("Old is now called New"), page.index("120 other changes")
    assert headline < details
    assert "Nothing changed in the graph." in page
    assert f"it restores what release {several[1].version} held" in page
    assert "<script" not in page


def test_older_releases_are_a_page_away(following: TestClient, several: list[Release]) -> None:
    page = _page(following, f"/changes?before={several[2].version}")
    assert re.findall(r'<h2 id="([\d.-]+)">', page) == [several[1].version, several[0].version]
    assert several[1].version in problem(following.get("/changes?before=2026-01-02.7"), 404, "not-found")["detail"]


def test_the_history_of_one_thing(following: TestClient, several: list[Release]) -> None:
    page = _page(following, "/changes?entity=organization:a")
    assert page == _page(following, f"/changes?entity={A}")
    assert re.findall(r'<h2 id="([\d.-]+)">', page) == [several[1].version, several[0].version]
    assert "Old is now called New" in page
    assert "Number 1" not in page
    gone = _page(following, "/changes?entity=organization:n7")
    assert gone.count("New organization: Number 7") == gone.count("Number 7 is on record again") == 1
    assert gone.count("Removed organization: Number 7") == 1
    problem(following.get("/changes?entity=organization:never"), 404, "not-found")


def test_an_entity_page_shows_its_last_change(following: TestClient, several: list[Release]) -> None:
    page = _page(following, "/doc/organization/a")
    assert "Last change" in page
    assert f'href="/release/{several[1].version}"' in page
    assert "Old is now called New" in page
    assert "/changes?entity=organization:a" in _links(page)


def test_changes_of_one_kind(following: TestClient) -> None:
    page = _page(following, "/changes?kind=organization")
    assert "Number 7" in page
    assert "class" not in re.sub(r"<[^>]*>", "", page)
    assert '<option value="organization" selected>organization (362)' in page
    assert "162 older changes are not shown" in page
    wrong = problem(following.get("/changes?kind=organisation"), 400, "bad-parameters")
    assert wrong["errors"][0]["parameter"] == "kind"
    assert "Nearest: organization" in wrong["detail"]


@pytest.mark.parametrize("path", ["/changes", "/changes?kind=other", "/feed/page/1", "/compare", "/release"])
def test_links_lead_somewhere(following: TestClient, path: str) -> None:
    links = sorted(_links(_page(following, path)))[:40]
    assert len(links) > 10
    broken = [link for link in links if following.get(link, headers=BROWSER).status_code != 200]
    gone = [link for link in broken if link.startswith("/doc/organization/n")]
    assert set(broken) <= {*gone, "/cite"}  # these data do not say whom to cite


def test_the_list_of_releases(following: TestClient, several: list[Release]) -> None:
    page, told = _page(following, "/release"), following.get("/release?format=json").json()["releases"]
    assert [one["version"] for one in told] == [one.version for one in reversed(several)]
    assert told[0]["restores"] == several[1].version
    for one in several:
        assert f'<a href="/release/{one.version}">' in page
        assert f'title="{one.manifest["dataset"]}"' in page
        assert f'<td class="number">{one.manifest["statements"]}</td>' in page
    assert "Old is now called New, and" in page


def test_a_release_as_a_page_and_as_its_manifest(following: TestClient, several: list[Release]) -> None:
    one = several[1]
    page = _page(following, f"/release/{one.version}")
    for name, file in one.manifest["files"].items():
        assert f"<code>{name}</code>" in page
        assert file["sha256"] in page
    assert one.manifest["dataset"] in page
    assert f"cfit release verify {one.version}" in page
    manifest = following.get(f"/release/{one.version}", headers={"Accept": "application/json"})
    assert manifest.json() == json.loads((one.path / "manifest.json").read_text("utf-8"))


def test_versions_are_linked_with_each_other(following: TestClient, several: list[Release]) -> None:
    """RFC 5829: predecessor, successor and latest version."""
    for index, one in enumerate(several):
        links = following.get(f"/release/{one.version}").links
        found = {name: link["url"].rpartition("/")[2] for name, link in links.items()}
        expected = {"latest-version": several[-1].version, "cite-as": one.version}
        expected |= {"predecessor-version": several[index - 1].version} if index else {}
        expected |= {"successor-version": several[index + 1].version} if index + 1 < len(several) else {}
        assert found == expected


@pytest.mark.parametrize("path", ["/release/2026-01-02.9", "/release/2026-01-02.9/report", "/release/x"])
def test_a_release_that_is_not_there(following: TestClient, path: str, several: list[Release]) -> None:
    detail = problem(following.get(path), 404, "not-found")["detail"]
    assert f"Nearest: {several[1].version}" in detail or path.endswith("/x")
    assert several[0].version in detail


def test_the_report_of_a_release_in_all_its_forms(client: TestClient, released: Release) -> None:
    path = f"/release/{released.version}/report"
    judged = json.loads((released.path / "report.json").read_text("utf-8"))
    page = _page(client, path)
    assert all(finding["message"] in page for finding in judged["findings"])
    assert page.count('<span class="aside">data/') == len([f for f in judged["findings"] if f["file"]]) > 0
    assert client.get(path, headers={"Accept": "application/json"}).json() == judged
    original = Graph().parse(released.path / "report.ttl")
    for media_type in ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"):
        answer = client.get(path, headers={"Accept": media_type})
        assert answer.headers["content-type"].split(";")[0] == media_type
        assert Graph().parse(data=answer.text, format=media_type).isomorphic(original)


def test_any_two_releases_can_be_compared(following: TestClient, several: list[Release]) -> None:
    first, last = several[0].version, several[-1].version
    page = _page(following, f"/compare?from={first}&to={last}")
    assert "Old is now called New" in page
    assert f"From {first} to {last}" in page
    told = following.get(f"/compare?from={first}&to={last}&format=json").json()
    assert len(told["activities"]) == 121
    back = following.get(f"/compare?from={last}&to={first}&format=json").json()
    assert {(a["object"]["id"], *a["added"]) for a in told["activities"]} == {
        (a["object"]["id"], *a["removed"]) for a in back["activities"]
    }
    assert "Both hold the same statements." in _page(following, f"/compare?from={several[1].version}&to={last}")


def test_without_being_told_which_the_last_two_are_compared(following: TestClient, several: list[Release]) -> None:
    assert f"From {several[-2].version} to {several[-1].version}" in _page(following, "/compare")
    wrong = problem(following.get("/compare?from=2026&to=2026-01-02.1"), 400, "bad-parameters")
    assert wrong["errors"][0]["parameter"] == "from"
    assert several[1].version in wrong["detail"]
    both = problem(following.get("/compare?from=x&to=y"), 400, "bad-parameters")["errors"]
    assert [each["parameter"] for each in both] == ["from", "to"]


def test_quality_over_time(following: TestClient, client: TestClient, released: Release) -> None:
    page = _page(following, "/quality")
    assert page.count("<svg") == page.count('aria-label="From ') > 0
    dqv = VOCABULARIES["dqv"]
    answer = client.get("/quality", headers={"Accept": "text/turtle"})
    found = Graph().parse(data=answer.text)
    assert set(found) == set(Graph().parse(released.path / "quality.ttl"))
    shown = _page(client, "/quality")
    measured = set(found.subjects(RDF.type, URIRef(dqv + "QualityMeasurement")))
    assert shown.count("<svg") == len(measured)
    for definition in found.objects(None, URIRef(VOCABULARIES["skos"] + "definition")):
        assert str(definition) in shown


def test_quality_of_all_releases_as_data(following: TestClient, several: list[Release]) -> None:
    dqv = VOCABULARIES["dqv"]
    found = Graph().parse(data=following.get("/quality?format=ttl").text)
    computed = {str(one) for one in found.objects(None, URIRef(dqv + "computedOn"))}
    assert computed == {f"{BASE}release/{one.version}" for one in several}
    problem(following.get("/quality?format=docx"), 400, "bad-parameters")


def test_a_line_ends_where_its_values_do() -> None:
    assert sparkline([]) == ""
    assert sparkline([None]) == ""
    assert sparkline([1]) == "0,0 100,0"  # type: ignore[list-item]
    assert sparkline([2, 4]) == "0,10 100,0"  # type: ignore[list-item]


def test_the_kind_of_a_thing_is_in_its_iri() -> None:
    assert feed.kind_of("https://w3id.org/cfit/ns#Pact", BASE) == feed.OTHER


def test_the_log_finds_each_place(several: list[Release]) -> None:
    log = Log(several, BASE)
    assert [event.place for event in log.events()] == list(range(1, log.total + 1))
    assert [event.place for event in log.events(log.total - 3)] == [log.total - 2, log.total - 1, log.total]
    assert [event.activity.type for event in log.history(f"{A[:-1]}n7")] == ["Create", "Delete", "Create"]
    last = log.last(A)
    assert last is not None
    assert last.release == several[1]
    assert log.last("https://example.org/never") is None
    assert len(log.of(several[1])) == several[1].manifest["changes"]["activities"]
    assert log.changed(log.since(several[2].version)) == {f"{A[:-1]}n{number}" for number in range(120)}


@pytest.mark.parametrize("unreadable", [False, True])
def test_no_place_is_given_again_after_a_damaged_release(
    several: list[Release], copied: Settings, open_client: Callable[..., TestClient], unreadable: bool
) -> None:
    """What was published as page 4 stays page 4, though it is damaged: the next release begins behind it."""
    given, folder = Log(several, BASE), copied.releases
    for one in several[3:]:
        (folder / one.version / ("manifest.json" if unreadable else "cfit.nq")).write_text("")
    made = release.rollback(folder, several[0].version, lambda: several[-1].published)
    log = Log(release.history(made), BASE)
    assert log.releases == (*release.history(release.read(folder / several[2].version)), made)
    known = {event.iri: event.activity for event in given.events()}
    for event in log.events():
        assert known.get(event.iri, event.activity) == event.activity
    first = log.of(made)[0]
    assert first.place > given.total
    assert first.page > len(given.pages)
    assert list(log.events(given.total)) == log.of(made)
    assert log.since(several[2].version) < first.place
    assert log.history(A)[0].release == made
    client = open_client(copied)
    pages, address = [], client.get("/feed.json").json()["first"]["id"]
    while address:
        answer = client.get(address, headers={"Accept": "application/json"})
        pages.append(answer.json())
        address = pages[-1].get("next", {}).get("id")
    assert [item["id"] for page in pages for item in page["orderedItems"]] == [event.iri for event in log.events()]
    problem(client.get(f"/feed/page/{len(given.pages)}", headers={"Accept": "application/json"}), 404, "not-found")
    page = _page(client, f"/feed/page/{first.page}")
    assert f"/feed/page/{log.pages[-2].number}" in _links(page)
    assert client.get(f"/api/v1/changes?cursor={log.end - 1}").json()["items"][0]["place"] == log.end


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2025-12-31", 0),
        ("2026-01-01", 0),
        ("2026-01-02", 1),
        ("2026-01-02T12:00:00Z", 1),
        ("2026-01-02T12:00:01Z", 2),
        ("2026-01-02T14:00:00+02:00", 1),
        ("2026-01-02T11:00:00.5-02:00", 2),
        ("2026-01-01.1", 1),
        ("2027-01-01", 5),
    ],
)
def test_a_point_is_a_day_a_time_or_a_release(several: list[Release], text: str, first: int) -> None:
    expected = sum(one.manifest["changes"]["activities"] for one in several[:first])
    assert Log(several, BASE).since(text) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026", "2026-02-30", "2026-01-02T12:00:00", "2026-1-2", "2026-01-02T12:00:00 02:00"]
)
def test_what_is_no_point_is_told_a_right_one(several: list[Release], text: str) -> None:
    with pytest.raises(ValueError, match=rf"as 2026-11-24T12:00:00Z .* or as {several[-1].version}"):
        Log(several, BASE).since(text)


def test_a_release_that_was_never_there_is_told_the_nearest(several: list[Release]) -> None:
    with pytest.raises(ValueError, match=rf"no release '2026-01-02.2'. Nearest: {several[1].version}"):
        Log(several, BASE).since("2026-01-02.2")


def _items(client: TestClient, query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/api/v1/changes?{query}").json()["items"]
    return items


def test_the_list_for_programs_is_narrowed(following: TestClient, several: list[Release]) -> None:
    assert [item["summaryMap"]["en"] for item in _items(following, "entity=organization:a")] == [
        "New organization: Old",
        "Old is now called New",
    ]
    assert len(_items(following, "kind=organization&limit=500")) == 362
    assert {item["type"] for item in _items(following, "kind=organization&since=2026-01-03.1&limit=500")} == {"Create"}
    assert _items(following, f"since={several[-1].version}") == []
    assert len(_items(following, "entity=organization:n7&since=2026-01-03")) == 2


@pytest.mark.parametrize("text", ["organization:never", "a"])
def test_of_what_never_was_nothing_is_listed_as_if_it_had_not_changed(following: TestClient, text: str) -> None:
    (error,) = problem(following.get(f"/api/v1/changes?entity={text}"), 400, "bad-parameters")["errors"]
    assert error["parameter"] == "entity"
    assert "Give an IRI as its page has it" in error["detail"]


def test_the_list_says_all_that_is_wrong(following: TestClient) -> None:
    wrong = problem(
        following.get("/api/v1/changes?since=now&limit=0&kind=x&cursor=-1&sinse=1&entity=a&entity=b"),
        400,
        "bad-parameters",
    )
    assert [error["parameter"] for error in wrong["errors"]] == ["cursor", "entity", "kind", "limit", "since", "sinse"]
    problem(following.get("/api/v1/changes?cursor=99999999999999999999"), 400, "bad-parameters")


def test_a_collection_is_narrowed_to_what_changed(client: TestClient, released: Release) -> None:
    everything = client.get("/api/v1/organizations?limit=500").json()["items"]
    assert client.get("/api/v1/organizations?limit=500&since=2020-01-01").json()["items"] == everything
    assert client.get(f"/api/v1/organizations?since={released.version}").json()["items"] == []
    page = client.get("/api/v1/organizations?limit=3&since=2020-01-01").json()
    assert "since=2020-01-01" in page["next"]
    other = page["next"].replace("since=2020-01-01", f"since={released.version}")
    assert "another question" in problem(client.get(other), 400, "bad-parameters")["detail"]
    assert client.get(f"/api/v1/organizations.csv?since={released.version}").text.count("\n") == 1


def test_only_what_changed_is_in_the_collection(publish: Publish, tiny: Path, open_client: Any) -> None:
    class_ = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/org#Organization> .\n"
    same, other = (STATEMENT.format(name, name) + f"<{A[:-1]}{name}> {class_}" for name in ("same", "other"))
    first, second = publish(same), publish(same + other)
    publish(same + other.replace('"other"', '"another"'))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    for since, found in ((first, ["other"]), (second, ["other"]), (None, ["other", "same"])):
        query = f"?since={since.version}" if since else ""
        items = client.get(f"/api/v1/organizations{query}").json()["items"]
        assert [item["id"].rpartition("/")[2] for item in items] == found


@pytest.mark.parametrize("since", ["yesterday", "2026-02-30", "2020-01-01.1"])
def test_a_collection_refuses_what_is_no_point(client: TestClient, released: Release, since: str) -> None:
    wrong = problem(client.get(f"/api/v1/pacts?limit=0&since={since}"), 400, "bad-parameters")
    assert [error["parameter"] for error in wrong["errors"]] == ["limit", "since"]
    assert released.version in wrong["detail"]
    assert (
        "no such parameter" in problem(client.get(f"/api/v1/search?q=a&since={since}"), 400, "bad-parameters")["detail"]
    )


def test_without_a_release_nothing_is_known_of_changes(tmp_path: Path, open_client: Any) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("<https://example.org/a> <https://example.org/b> 1 .")
    wrong = problem(open_client(Settings(), [path]).get("/api/v1/pacts?since=2026-01-01"), 400, "bad-parameters")
    assert "no release" in wrong["detail"]


def test_a_cursor_is_good_when_the_log_has_grown(following: TestClient, copied: Any, open_client: Any) -> None:
    page = following.get("/api/v1/changes?limit=50").json()
    release.rollback(copied.releases, None)
    grown = open_client(copied).get(page["next"]).json()
    assert grown["items"][0]["place"] == page["items"][-1]["place"] + 1 == 51
