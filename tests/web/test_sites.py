"""Releases beside the current one: by the same routes, opened when they are asked for, and closed again."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from cfit_graph.errors import Overloaded, UnknownRelease, UsageError
from cfit_graph.settings import Settings
from cfit_graph.web import opening, sites
from cfit_graph.web.sites import Held, Sites
from tests.conftest import ROOT
from tests.hostile import dense
from tests.release import STATEMENT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from cfit_graph.release import Release
    from cfit_graph.web.site import Site
    from tests.conftest import Publish

    Open = Callable[..., TestClient]

NAME = "SELECT ?n { <https://w3id.org/cfit/id/organization/a> <http://www.w3.org/2004/02/skos/core#prefLabel> ?n }"
CSV = {"Accept": "text/csv"}
FIRST, SECOND, THIRD = (f"2026-01-01.{number}" for number in (1, 2, 3))


@pytest.fixture
def three(publish: Publish) -> list[Release]:
    """Three releases, in which one thing has three names; the second has a thing that the others have not."""
    return [
        publish(STATEMENT.format("a", "one")),
        publish(STATEMENT.format("a", "two") + STATEMENT.format("b", "b")),
        publish(STATEMENT.format("a", "three")),
    ]


@pytest.fixture
def settings(tiny: Path, three: list[Release]) -> Settings:
    assert [made.version for made in three] == [FIRST, SECOND, THIRD]
    return Settings(root=tiny, releases=tiny / "releases")


@pytest.fixture
def site(settings: Settings, open_client: Open) -> TestClient:
    return open_client(settings)


def _name(client: TestClient, prefix: str = "", **more: str) -> str:
    reply = client.get(f"{prefix}/sparql", params={"query": NAME} | more, headers=CSV)
    assert reply.status_code == 200, reply.text
    return reply.text.split()[1]


def test_each_release_answers_for_itself(site: TestClient) -> None:
    for _ in range(2):
        assert _name(site) == "three"
        for version, name in ((FIRST, "one"), (SECOND, "two"), (THIRD, "three")):
            assert _name(site, f"/release/{version}") == _name(site, release=version) == name
            document = site.get(f"/release/{version}/doc/organization/a", headers={"Accept": "application/n-triples"})
            assert f'"{name}"@en' in document.text
            listed = site.get(f"/release/{version}/api/v1/search", params={"q": name}).json()["items"]
            assert [item["match"]["name"] for item in listed] == [name]
            assert site.get(f"/release/{version}/health").json()["release"] == version


def test_post_names_a_release_in_its_address(site: TestClient) -> None:
    for path in (f"/sparql?release={FIRST}", f"/release/{FIRST}/sparql"):
        assert site.post(path, data={"query": NAME}, headers=CSV).text.split()[1] == "one"


def test_links_and_addresses_stay_within_the_release(site: TestClient) -> None:
    under = f"/release/{SECOND}"
    for path in ("/", "/organizations", "/sparql", "/doc/organization/a", f"/sparql?query={quote(NAME)}"):
        reply = site.get(under + path, headers=BROWSER)
        assert reply.status_code == 200
        main = reply.text.partition("<header>")[2]
        inner = re.sub(r'<p class="notice release"[^>]*>.*?</p>', "", main, flags=re.DOTALL)
        links = re.findall(r'(?:href|action)="(/[^"]*)"', inner)
        assert len(links) > 3
        assert all(link.startswith((f"{under}/", "/static/")) for link in links), links
    assert site.get(f"{under}/id/organization/a").headers["location"] == f"{under}/doc/organization/a"
    assert site.get(f"{under}/doc/organization/a").headers["content-location"] == f"{under}/doc/organization/a.html"
    page = site.get("/api/v1/search", params={"q": "b", "release": SECOND}).json()
    assert page["id"] == f"http://testserver:80{under}/api/v1/search?q=b"


def test_pages_say_which_release_they_show(site: TestClient) -> None:
    path = "/organizations?x=%2F&amp"
    old, new, now = (
        site.get(f"{at}{path}", headers=BROWSER).text for at in (f"/release/{FIRST}", f"/release/{THIRD}", "")
    )
    assert f"You are reading release {FIRST}. Release {THIRD} is newer" in old
    assert 'href="/organizations?x=%2F&amp;amp"' in old
    assert f"You are reading release {THIRD} at the address that lasts" in new
    assert "You are reading" not in now


@pytest.mark.parametrize("version", ["2026-01-01.9", "2020-01-01.1", "x", "2026-01-01.1%0A", ".building", "%2E%2E"])
def test_an_unknown_release_is_told_with_the_nearest(site: TestClient, version: str) -> None:
    for path in (f"/release/{version}/organizations", f"/sparql?release={version}&query=ASK%7B%7D"):
        told = problem(site.get(path, headers={"Accept": "*/*"}), 404, "not-found")
        assert told["releases"] == [FIRST, SECOND, THIRD]
        assert FIRST in told["detail"]
    assert site.get("/release/2020-01-01.1/", headers=BROWSER).status_code == 404


def test_the_nearest_are_those_around_it(publish: Publish, tiny: Path, open_client: Open) -> None:
    for number in range(8):
        publish(STATEMENT.format("a", number))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    told = client.get("/release/2026-01-01.99/").json()
    assert told["releases"] == [f"2026-01-01.{number}" for number in (5, 6, 7, 8)]
    assert client.get("/release/2025-01-01.1/").json()["releases"][0] == FIRST


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"/sparql?release={FIRST}&release={SECOND}&query=ASK%7B%7D", "bad-request"),
        (f"/release/{FIRST}/sparql?release={FIRST}&query=ASK%7B%7D", "bad-parameters"),
        (f"/release/{FIRST}/doc/organization/a?release={FIRST}", "bad-parameters"),
        (f"/release/{FIRST}?release={SECOND}", "bad-parameters"),
        (f"/doc/organization/a?release={FIRST}&release={SECOND}", "bad-request"),
        (f"/api/v1/search?q=a&release={FIRST}&release={FIRST}", "bad-request"),
        (f"/release/{FIRST}/api/v1/search?q=a&release={SECOND}", "bad-parameters"),
    ],
)
def test_more_than_one_release_is_refused(site: TestClient, path: str, kind: str) -> None:
    assert "release" in problem(site.get(path, headers={"Accept": "*/*"}), 400, kind)["detail"]


def test_a_release_in_a_form_is_not_passed_over(site: TestClient) -> None:
    told = problem(site.post("/sparql", data={"query": NAME, "release": FIRST}), 400, "bad-request")
    assert "in the address" in told["detail"]


def test_what_tells_of_the_server_keeps_its_parameters(site: TestClient) -> None:
    assert site.get(f"/health?release={FIRST}").json()["release"] == THIRD


@pytest.mark.parametrize(
    "path", ["/doc/organization/a.ttl", "/", "/feed", "/dataset.ttl", "/dump/cfit.nq", "/organizations"]
)
def test_a_release_can_be_named_at_any_address(site: TestClient, path: str) -> None:
    """It was passed over in silence at most of them, and what is current was given instead."""
    old = site.get(f"/release/{FIRST}{path}")
    assert site.get(path, params={"release": FIRST}).content == old.content != site.get(path).content
    assert problem(site.get(path, params={"release": "x"}, headers={"Accept": "*/*"}), 404, "not-found")["releases"]


def test_a_cursor_of_another_release_is_refused(publish: Publish, tiny: Path, open_client: Open) -> None:
    many = "".join(STATEMENT.format(f"a{number}", f"a{number}") for number in range(3))
    versions = [publish(many + STATEMENT.format("b", name)).version for name in ("one", "two")]
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    first, again = (client.get(f"/api/v1/search?q=a&limit=1&release={version}").json() for version in versions)
    assert client.get(first["next"]).json()["items"] != first["items"]
    assert first["next"] != again["next"]
    crossed = first["next"].replace(versions[0], versions[1])
    assert problem(client.get(crossed), 400, "bad-parameters")["errors"][0]["parameter"] == "cursor"


def test_tags_and_kept_answers_name_the_release(publish: Publish, tiny: Path, open_client: Open) -> None:
    """The second release takes the content of the first away again: its graph is that of the third."""
    for name in ("same", "other", "same"):
        publish(STATEMENT.format("a", name))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    paths = [f"/release/{version}/sparql" for version in (FIRST, THIRD)]
    first, third = (client.get(path, params={"query": NAME}, headers=CSV) for path in paths)
    assert first.content == third.content
    assert first.headers["etag"].startswith(f'"{FIRST}-')
    assert third.headers["etag"].startswith(f'"{THIRD}-')
    pages = [client.get(f"/release/{version}/", headers=BROWSER) for version in (FIRST, SECOND, FIRST)]
    assert pages[0].content == pages[2].content != pages[1].content


def test_a_damaged_release_is_refused_and_named_in_the_log(
    three: list[Release], site: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    (three[0].path / "report.ttl").unlink()
    told = problem(site.get(f"/release/{FIRST}/", headers={"Accept": "*/*"}), 503, "store-unavailable")
    assert str(three[0].path.parent) not in told["detail"]
    assert "2026-01-01.1: not a whole release: report.ttl: missing" in caplog.text
    assert _name(site, f"/release/{SECOND}") == "two"


def test_where_files_are_served_there_is_no_release(open_client: Open, tmp_path: Path) -> None:
    client = open_client(Settings(root=ROOT, releases=tmp_path), [dense(tmp_path)])
    for path in (f"/release/{FIRST}/", f"/sparql?release={FIRST}&query=ASK%7B%7D"):
        assert "Other files" in problem(client.get(path, headers={"Accept": "*/*"}), 404, "not-found")["detail"]


class Fake:
    """A site that is opened slowly and notes that it is closed."""

    def __init__(self, found: Any, log: list[str]) -> None:
        self.release, self.asker, self._log = found, self, log
        log.append(f"open {found.version}")

    stopped = None

    def let_go(self) -> None:
        """Note it: once for the asker and once for the rest."""
        self._log.append(f"close {self.release.version}")

    close = let_go


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was opened and closed, in order."""
    noted: list[str] = []
    monkeypatch.setattr(opening, "over_release", lambda _, found, *__: Fake(found, noted))
    monkeypatch.setattr(sites, "replace", lambda site, **_: site)
    return noted


def _sites(settings: Settings, current: Release, log: list[str], most: int = 2) -> Sites:
    present: Any = Fake(current, log)
    present.settings = Settings(root=settings.root, releases=settings.releases, open_releases=most)
    log.clear()
    return Sites(present)


def _scope(version: str) -> dict[str, Any]:
    return {"path": f"/release/{version}/", "query_string": b""}


async def _enter(of: Sites, version: str) -> Held:
    return await of.enter(_scope(version))


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0.01)


def test_concurrent_requests_open_a_release_once(settings: Settings, three: list[Release], log: list[str]) -> None:
    async def run() -> None:
        of = _sites(settings, three[2], log)
        held = await asyncio.gather(*(_enter(of, FIRST) for _ in range(20)))
        assert log == [f"open {FIRST}"]
        assert {id(one) for one in held} == {id(held[0])}
        assert held[0].users == 20

    asyncio.run(run())


def test_the_least_recently_used_goes_first(settings: Settings, three: list[Release], log: list[str]) -> None:
    async def run() -> None:
        of = _sites(settings, three[2], log, most=1)
        (await _enter(of, FIRST)).leave()
        (await _enter(of, FIRST)).leave()
        (await _enter(of, SECOND)).leave()
        await _settled()
        assert log[0] == f"open {FIRST}"
        assert sorted(log[1:]) == [f"close {FIRST}", f"close {FIRST}", f"open {SECOND}"]

    asyncio.run(run())


def test_one_that_is_read_is_never_closed(settings: Settings, three: list[Release], log: list[str]) -> None:
    async def run() -> None:
        of = _sites(settings, three[2], log, most=1)
        reading = await _enter(of, FIRST)
        with pytest.raises(Overloaded, match="1 other releases are being read"):
            await _enter(of, SECOND)
        await _settled()
        assert log == [f"open {FIRST}"]
        reading.leave()
        (await _enter(of, SECOND)).leave()
        await _settled()
        assert log.count(f"close {FIRST}") == 2

    asyncio.run(run())


def test_one_that_nobody_reads_is_closed_after_a_while(
    settings: Settings, three: list[Release], log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "LOOK", 0.01)
    monkeypatch.setattr(sites, "IDLE", 0.05)

    async def run() -> None:
        of = _sites(settings, three[2], log)
        reading = await _enter(of, FIRST)
        (await _enter(of, SECOND)).leave()
        watch = asyncio.create_task(of.watch())
        await asyncio.sleep(0.3)
        assert log.count(f"close {SECOND}") == 2
        assert f"close {FIRST}" not in log
        reading.leave()
        await asyncio.sleep(0.3)
        assert log.count(f"close {FIRST}") == 2
        watch.cancel()

    asyncio.run(run())


def test_one_that_is_given_up_is_closed_with_its_last_request(
    settings: Settings, three: list[Release], log: list[str]
) -> None:
    async def run() -> None:
        before: Any = Fake(three[1], log)
        held = Held(before)
        held.users = 2
        held.give_up()
        held.leave()
        await _settled()
        assert log == [f"open {SECOND}"]
        held.leave()
        await _settled()
        assert log == [f"open {SECOND}", f"close {SECOND}", f"close {SECOND}"]

    asyncio.run(run())


def test_who_leaves_while_it_opens_leaves_it_whole(settings: Settings, three: list[Release], log: list[str]) -> None:
    async def run() -> None:
        of = _sites(settings, three[2], log)
        impatient = asyncio.create_task(_enter(of, FIRST))
        patient = asyncio.create_task(_enter(of, FIRST))
        await asyncio.sleep(0)
        impatient.cancel()
        held = await patient
        assert (held.users, log) == (1, [f"open {FIRST}"])

    asyncio.run(run())


def test_what_could_not_be_opened_takes_no_place(settings: Settings, three: list[Release], log: list[str]) -> None:
    async def run() -> None:
        of = _sites(settings, three[2], log, most=1)
        for version in ("2020-01-01.1", "x"):
            with pytest.raises(UnknownRelease):
                await _enter(of, version)
        with pytest.raises(UsageError):
            await of.enter({"path": "/sparql", "query_string": b"release=a&release=b"})
        assert log == []
        (await _enter(of, FIRST)).leave()
        assert log == [f"open {FIRST}"]

    asyncio.run(run())


def test_the_address_that_lasts_of_the_current_release_opens_nothing(
    settings: Settings, three: list[Release], log: list[str]
) -> None:
    async def run() -> None:
        of = _sites(settings, three[2], log)
        assert await _enter(of, THIRD) is of.present
        assert log == []

    asyncio.run(run())


def test_what_is_read_once_is_shared_by_sites_with_other_addresses(settings: Settings, three: list[Release]) -> None:
    whole: Site = opening.over_release(settings, three[2])
    try:
        assert replace(whole, prefix="/release/x").names is whole.names
    finally:
        whole.asker.close()
        whole.close()
