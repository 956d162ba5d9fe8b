"""Memento (RFC 7089): every document is its own TimeGate, and every release has its mementos."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import OWL

from cfit_graph import nquads
from cfit_graph.errors import UsageError
from cfit_graph.namespaces import ID
from cfit_graph.settings import Settings
from cfit_graph.web import memento
from tests.conftest import ROOT
from tests.hostile import dense
from tests.release import START, STATEMENT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from httpx2 import Response
    from starlette.testclient import TestClient

    from cfit_graph.release import Release
    from tests.conftest import Publish

    Open = Callable[..., TestClient]

A, B = "/doc/organization/a", "/doc/organization/b"
TURTLE = {"Accept": "text/turtle"}


@pytest.fixture
def made(publish: Publish) -> list[Release]:
    """Four releases, an hour between them; ``b`` is in the second and the third only."""
    names = ["one", "two", "three", "four"]
    return [
        publish(STATEMENT.format("a", name) + STATEMENT.format("b", "b") * (0 < n < 3)) for n, name in enumerate(names)
    ]


@pytest.fixture
def site(made: list[Release], tiny: Path, open_client: Open) -> TestClient:
    assert len(made) == 4
    return open_client(Settings(root=tiny, releases=tiny / "releases"))


def _at(hours: float) -> dict[str, str]:
    return {"Accept-Datetime": memento.write(START + timedelta(hours=hours))}


def _version(reply: Response) -> int:
    assert reply.status_code == 302
    return int(reply.headers["location"].partition("/release/2026-01-01.")[2].partition("/")[0])


def _links(text: str) -> dict[str, tuple[str, str]]:
    """Return address and time of each link that concerns versions, by its relation."""
    parsed = re.findall(r'<([^>]*)>; rel="([^"]*)"(?:; type="[^"]*")?(?:; datetime="([^"]*)")?', text)
    return {
        relation: (address, time)
        for address, relation, time in parsed
        if {"timegate", "timemap", "memento"} & set(relation.split())
    }


@pytest.mark.parametrize(
    ("hours", "number"), [(-99999, 1), (-0.01, 1), (0, 1), (0.99, 1), (1, 2), (2.5, 3), (3, 4), (99999, 4)]
)
def test_a_time_leads_to_the_release_that_was_current(site: TestClient, hours: float, number: int) -> None:
    for path in (A, "/", "/organizations", "/ns", "/shapes.ttl", "/dataset.ttl", "/quality", "/changes", f"{A}.nt"):
        reply = site.get(path, headers=_at(hours))
        assert _version(reply) == number
        assert reply.headers["location"] == f"/release/2026-01-01.{number}{path}"
        assert {"accept-datetime", "accept"} <= set(reply.headers["vary"].lower().split(", "))
        assert "memento-datetime" not in reply.headers


@pytest.mark.parametrize(("hours", "number"), [(-1, 2), (0, 2), (1.5, 2), (2, 3), (3, 3), (99, 3)])
def test_only_releases_that_have_the_document_count(site: TestClient, hours: float, number: int) -> None:
    reply = site.get(B, headers=_at(hours))
    assert _version(reply) == number
    assert site.get(reply.headers["location"], headers=TURTLE).status_code == 200


def test_time_and_format_are_chosen_together(site: TestClient) -> None:
    for accept, kind in (("text/turtle", "text/turtle"), ("application/ld+json", "application/ld+json"), ("text/html", "text/html")):  # fmt: skip  # noqa: E501
        reply = site.get(A, headers=_at(1) | {"Accept": accept}, follow_redirects=True)
        assert reply.headers["content-type"].startswith(kind)
        assert "two" in reply.text
        assert reply.headers["memento-datetime"] == "Thu, 01 Jan 2026 13:00:00 GMT"
    assert site.get(f"{A}?x=%26", headers=_at(1)).headers["location"].endswith(f"{A}?x=%26")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_original_tells_where_its_versions_are(site: TestClient, method: str) -> None:
    for path in (A, "/", "/organizations"):
        for _ in range(2):
            reply = site.request(method, path, headers=BROWSER)
            assert reply.status_code == 200
            assert "accept-datetime" in reply.headers["vary"].lower()
            assert _links(reply.headers["link"]) == {
                "original timegate": (f"http://testserver:80{path}", ""),
                "timemap": (f"http://testserver:80/timemap{path}", ""),
            }
            assert "memento-datetime" not in reply.headers


@pytest.mark.parametrize(
    ("number", "relations"),
    [
        (1, {"first memento": 1, "next memento": 2, "last memento": 4}),
        (2, {"first prev memento": 1, "memento": 2, "next memento": 3, "last memento": 4}),
        (3, {"first memento": 1, "prev memento": 2, "memento": 3, "last next memento": 4}),
        (4, {"first memento": 1, "prev memento": 3, "last memento": 4}),
    ],
)
def test_a_memento_names_its_time_and_its_neighbours(
    site: TestClient, made: list[Release], number: int, relations: dict[str, int]
) -> None:
    for reply in (
        site.get(f"/release/2026-01-01.{number}{A}", headers=TURTLE),
        site.get(f"/release/2026-01-01.{number}{A}", headers=TURTLE),
        site.get(A, headers=_at(number - 1)),
    ):
        found = _links(reply.headers["link"])
        assert found.pop("original timegate") == (f"http://testserver:80{A}", "")
        assert found.pop("timemap") == (f"http://testserver:80/timemap{A}", "")
        expected = {name: made[which - 1] for name, which in relations.items()}
        assert found == {
            name: (f"http://testserver:80/release/{one.version}{A}", memento.write(one.published))
            for name, one in expected.items()
        }
        if reply.status_code == 200:
            assert reply.headers["memento-datetime"] == memento.write(made[number - 1].published)


def test_what_is_gone_tells_where_its_versions_are(site: TestClient) -> None:
    for address in (B, f"/release/2026-01-01.4{B}"):
        reply = site.get(address, headers=TURTLE)
        assert reply.status_code == 410
        assert _links(reply.headers["link"]) == {
            "original timegate": (f"http://testserver:80{B}", ""),
            "timemap": (f"http://testserver:80/timemap{B}", ""),
        }
        assert "memento-datetime" not in reply.headers
    assert "accept-datetime" in site.get(B, headers=TURTLE).headers["vary"].lower()


def test_a_memento_of_what_is_retired_names_its_time(publish: Publish, tiny: Path, open_client: Open) -> None:
    retired = f'<{ID}organization/a> <{OWL.deprecated}> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .\n'
    made = publish(STATEMENT.format("a", "a") + retired)
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    reply = client.get(f"/release/{made.version}{A}", headers=TURTLE)
    assert reply.status_code == 410
    assert reply.headers["memento-datetime"] == memento.write(made.published)
    assert "first last memento" in _links(reply.headers["link"])


@pytest.mark.parametrize("path", [B, "/doc/organization/nobody", "/api/v1/organizations/nobody", "/nowhere"])
def test_what_is_not_there_may_be_there_soon(site: TestClient, path: str) -> None:
    """A cache would keep it for days otherwise, reckoning by the date of the release."""
    reply = site.get(path, headers=TURTLE if path == B else {"Accept": "*/*"})
    assert reply.status_code in {404, 410}
    assert "max-age=60" in reply.headers["cache-control"]


def test_a_document_of_one_release_is_first_and_last(publish: Publish, tiny: Path, open_client: Open) -> None:
    publish(STATEMENT.format("a", "a"))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    assert "first last memento" in _links(client.get(A, headers=_at(0)).headers["link"])
    assert 'rel="first last memento"' in client.get(f"/timemap{A}").text


def test_a_timemap_lists_the_releases_that_have_the_document(site: TestClient, made: list[Release]) -> None:
    for path, having in ((A, made), (f"{A}.ttl", made), (B, made[1:3]), ("/", made)):
        reply = site.get(f"/timemap{path}")
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("application/link-format")
        lines = reply.text.split(",\n")
        assert lines[0] == f'<http://testserver:80{path}>; rel="original timegate"'
        begin, end = memento.write(having[0].published), memento.write(having[-1].published)
        itself = f'<http://testserver:80/timemap{path}>; rel="self"; type="application/link-format"'
        assert lines[1] == f'{itself}; from="{begin}"; until="{end}"'
        addresses = [line.partition("<")[2].partition(">")[0] for line in lines[2:]]
        assert addresses == [f"http://testserver:80/release/{one.version}{path}" for one in having]
        assert all(site.get(address).status_code == 200 for address in addresses)


def test_a_query_belongs_to_the_original(site: TestClient, made: list[Release]) -> None:
    """What it asks for is another page, so it is in all addresses; what may not stand in a header is escaped."""
    path = "/organizations?q=a+%C3%A9&x=<>"
    address = "/organizations?q=a+%C3%A9&x=%3C%3E"
    led = site.get(path, headers=_at(0))
    assert led.headers["location"] == f"/release/{made[0].version}{address}"
    original, timemap = f"http://testserver:80{address}", f"http://testserver:80/timemap{address}"
    for reply in (led, site.get(path), site.get(led.headers["location"])):
        links = _links(reply.headers["link"])
        assert links["original timegate"][0] == original
        assert links["timemap"][0] == timemap
        mementos = [target for relation, (target, _) in links.items() if "memento" in relation]
        assert all(target.endswith(address) for target in mementos)
    listed = site.get(timemap.removeprefix("http://testserver:80")).text
    assert listed.count(f"{address}>") == 2 + len(made)


@pytest.mark.parametrize(
    "path", ["/timemap/sparql", "/timemap/doc/organization/nobody", "/timemap/nowhere", "/timemap/id/a/b"]
)
def test_what_no_release_has_has_no_timemap(site: TestClient, path: str) -> None:
    problem(site.get(path), 404, "not-found")


@pytest.mark.parametrize("path", ["/doc/organization/nobody", "/nowhere"])
def test_what_no_release_has_is_not_found_at_any_time(site: TestClient, path: str) -> None:
    problem(site.get(path, headers=_at(1) | {"Accept": "*/*"}), 404, "not-found")


def test_what_is_no_document_takes_no_notice(site: TestClient) -> None:
    for path in (
        "/health",
        "/sparql?query=ASK%7B%7D",
        "/api/v1/search?q=a",
        "/id/organization/a",
        f"/release/2026-01-01.1{A}",
    ):
        plain, dated = (site.get(path, headers={"Accept": "*/*"} | more) for more in ({}, _at(1)))
        assert (plain.status_code, plain.content) == (dated.status_code, dated.content)


@pytest.mark.parametrize(
    "wrong",
    ["", "now", "2026-01-01", "2026-01-01T12:00:00Z", "Thu, 01 Jan 2026 12:00:00 CET", "Fri, 01 Jan 2026 12:00:00 GMT",
     "Thu, 1 Jan 2026 12:00:00 GMT", "Thu, 01 Jan 2026 25:00:00 GMT", "Thu, 01 Jan 2026 12:00:00 GMT, x", "é"],
)  # fmt: skip
def test_a_malformed_time_is_told_with_a_right_one(site: TestClient, wrong: str) -> None:
    if wrong:
        raw = [(b"accept-datetime", wrong.encode("latin-1")), (b"accept", b"*/*")]
        told = problem(site.get(A, headers=raw), 400, "bad-request")
        example = re.findall(r"'(\w{3}, .*? GMT)'", told["detail"])[0]
        assert site.get(A, headers={"Accept-Datetime": example}).status_code == 302
    with pytest.raises(UsageError, match="Accept-Datetime is a time such as"):
        memento.parse(wrong)


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)))
def test_times_are_read_as_they_are_written(moment: datetime) -> None:
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    assert memento.parse(memento.write(aware)) == aware


def test_what_headers_cannot_hold_is_encoded(publish: Publish, tiny: Path, open_client: Open) -> None:
    publish(STATEMENT.format("ł", "a"))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    path = "/doc/organization/%C5%82"
    links = _links(client.get(path, headers=TURTLE).headers["link"])
    assert links["original timegate"] == (f"http://testserver:80{path}", "")
    assert client.get(path, headers=_at(0)).headers["location"] == f"/release/2026-01-01.1{path}"
    problem(client.get(f"{path}.%0D%0AX:1", headers=_at(0)), 404, "not-found")
    assert client.get("/id/organization/%C5%82").headers["location"] == path
    assert f"<http://testserver:80{path}>" in client.get(f"/timemap{path}").text


def test_files_have_no_versions(open_client: Open, tmp_path: Path) -> None:
    client = open_client(Settings(root=ROOT, releases=tmp_path), [dense(tmp_path)])
    reply = client.get("/", headers=BROWSER | _at(1))
    assert reply.status_code == 200
    assert "accept-datetime" not in reply.headers["vary"].lower()
    problem(client.get("/timemap/"), 404, "not-found")


@given(st.sets(st.text("abcé/\U0001f600", min_size=1, max_size=6), max_size=12), st.text("abcé/\U0001f600", max_size=6))
def test_a_subject_is_found_by_halving(tmp_path_factory: pytest.TempPathFactory, names: set[str], other: str) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.nq"
    lines = sorted(f"<x:{name}> <p:{number}> <o> .\n" for name in names for number in range(len(name)))
    path.write_text("".join(lines), "utf-8")
    for name in {*names, other}:
        assert nquads.has_subject(path, f"x:{name}") == (name in names)


def test_subjects_of_the_real_graph_are_found(released: Release) -> None:
    subjects = {line.partition("> ")[0][1:] for line in released.lines if line.startswith("<")}
    assert len(subjects) > 500
    assert all(nquads.has_subject(released.graph, iri) for iri in subjects)
    assert not any(nquads.has_subject(released.graph, f"{iri}-") for iri in subjects)
