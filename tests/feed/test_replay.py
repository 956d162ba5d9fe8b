"""Who follows the feed over HTTP has the dataset, hash for hash: from nothing, or from any release on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from cfit_graph import nquads, release
from cfit_graph.feed import ldes
from cfit_graph.settings import Settings
from cfit_graph.web import create_app
from tests.feed import by_activitystreams, by_ldes
from tests.release import STATEMENT, replay

if TYPE_CHECKING:
    from cfit_graph.release import Release
    from tests.conftest import Publish

FORMATS = sorted(ldes.MEDIA_TYPES.values())


def _changes(activities: list[dict[str, list[str]]]) -> list[tuple[set[str], set[str]]]:
    return [(set(activity["removed"]), set(activity["added"])) for activity in activities]


def _lines(one: Release) -> set[str]:
    return {line.removesuffix("\n") for line in one.lines}


def test_the_activities_give_the_graph(following: TestClient, several: list[Release]) -> None:
    lines = replay(set(), _changes(by_activitystreams(following)))
    assert nquads.digest(lines) == several[-1].manifest["dataset"]
    assert lines == sorted(several[-1].lines)


@pytest.mark.parametrize("media_type", FORMATS)
def test_the_event_stream_gives_the_graph(following: TestClient, several: list[Release], media_type: str) -> None:
    lines = replay(set(), by_ldes(following, media_type))
    assert nquads.digest(lines) == several[-1].manifest["dataset"]


@pytest.mark.parametrize("start", range(5))
def test_from_the_dump_of_any_release_on(following: TestClient, several: list[Release], start: int) -> None:
    before, dataset = several[start], several[-1].manifest["dataset"]
    since = before.manifest["published"]
    assert nquads.digest(replay(_lines(before), _changes(by_activitystreams(following, since)))) == dataset
    assert nquads.digest(replay(_lines(before), by_ldes(following, "text/turtle", since))) == dataset
    listed = []
    address = f"/api/v1/changes?since={before.version}&limit=50"
    while address:
        page = following.get(address).json()
        listed += page["items"]
        address = page["next"]
    assert nquads.digest(replay(_lines(before), _changes(listed))) == dataset


def test_the_real_graph_can_be_had_from_its_feed(client: TestClient, released: Release) -> None:
    lines = replay(set(), _changes(by_activitystreams(client)))
    assert nquads.digest(lines) == released.manifest["dataset"]


NAME = '<https://w3id.org/cfit/id/organization/{}> <http://www.w3.org/2004/02/skos/core#altLabel> "{}" .\n'
RETIRED = "<https://w3id.org/cfit/id/organization/{}> <http://www.w3.org/2002/07/owl#deprecated> true .\n"
_GRAPH = st.dictionaries(
    st.sampled_from("abcdef"), st.sampled_from(["One", "Two", 'Three "3"', "Ünï", "", None]), min_size=1
)


def _said(slug: str, name: str | None) -> str:
    """Return what is said of a thing, which keeps one name: what it is called, that it is retired too, or only that."""
    if name is None:
        return RETIRED.format(slug)
    told = STATEMENT.format(slug, name.replace('"', '\\"')) if name else RETIRED.format(slug)
    return told + NAME.format(slug, slug) + STATEMENT.format(slug, slug)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graphs=st.lists(_GRAPH, min_size=2, max_size=5))
def test_any_history_can_be_replayed(publish: Publish, graphs: list[dict[str, str | None]]) -> None:
    for graph in graphs:
        last = publish("".join(_said(slug, name) for slug, name in graph.items()))
    folder = last.path.parent
    with TestClient(create_app(Settings(root=folder.parent, releases=folder))) as client:
        activities = by_activitystreams(client)
        assert replay(set(), _changes(activities)) == sorted(last.lines)
        became = {activity["object"]["id"]: activity["type"] for activity in activities}
        assert {iri for iri, kind in became.items() if kind == "Delete"} == last.retired().keys()  # CF-05
        assert replay(set(), by_ldes(client, "application/n-quads")) == sorted(last.lines)
    assert release.verify(last.path) == []
