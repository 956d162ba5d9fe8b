"""A running server goes over to new releases under load: no request fails, and none gets parts of two releases."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import pytest

from cfit_graph import release
from cfit_graph.web.sites import LOOK
from tests.hostile.processes import eventually, store_processes
from tests.hostile.serving import Server, serve
from tests.release import STATEMENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Publish

NAMES = 'PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?n { ?s skos:prefLabel ?n FILTER(STRSTARTS(STR(?s), "https://w3id.org/cfit/id/organization/")) } ORDER BY ?n'  # noqa: E501
THINGS = 5
FIRST = "2026-01-01.1"
COUNT = 6


class Answer(NamedTuple):
    """What came: where from, its status, its headers by small names, and its body."""

    path: str
    status: int
    headers: dict[str, str]
    body: str


def _data(name: str) -> str:
    """Return data in which every thing is called by the same name."""
    return "".join(STATEMENT.format(f"a{number}", f"{name} {number}") for number in range(THINGS))


def _names(body: str) -> set[str]:
    """Return the names in an answer, without what its page says of the last change: that has the one before."""
    return set(re.findall(r"\b(content\d+) \d", re.sub(r'<p class="aside">Last change, .*', "", body)))


class Load:
    """Clients that ask one address each, over and over on connections of their own, and keep what came."""

    def __init__(self, server: Server, paths: dict[str, str]) -> None:
        self.answers: list[Answer] = []
        self.faults: list[str] = []
        self._server, self._goes_on = server, True
        self._threads = [threading.Thread(target=self._ask, args=item) for item in paths.items()]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ask while the block runs."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._goes_on = False
            for thread in self._threads:
                thread.join(30)

    def _ask(self, path: str, accept: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=20)
        while self._goes_on:
            # Neither of these may be answered from what was kept: each asks something that was never asked before.
            unseen = f"{path}{'&' if '?' in path else '?'}x={time.monotonic_ns()}"
            asked = path + quote(f" # {time.monotonic_ns()}") if path.startswith("/sparql") else unseen
            try:
                connection.request("GET", path if "/api/" in path else asked, headers={"Accept": accept})
                response = connection.getresponse()
                headers = {name.lower(): value for name, value in response.getheaders()}
                self.answers.append(Answer(path, response.status, headers, response.read().decode()))
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(f"{path}: {error!r}")
                connection.close()
        connection.close()


PATHS = {
    f"/sparql?query={quote(NAMES)}": "text/csv",
    f"/sparql?query={quote(NAMES + ' ')}": "text/html",
    "/doc/organization/a1": "text/html",
    "/api/v1/search?q=content&limit=500": "application/json",
    "/": "text/html",
    f"/release/{FIRST}/doc/organization/a1": "text/html",
}


def _version_of(answer: Answer) -> str:
    """Return the release that an answer names: in its tag, or at the foot of its page; empty if in neither."""
    in_tag = re.match(r'"(\d{4}-\d\d-\d\d\.\d+)-', answer.headers.get("etag", ""))
    at_foot = re.search(r"<p>Release <a [^>]*>(\d{4}-\d\d-\d\d\.\d+)</a>", answer.body)
    found = in_tag or at_foot
    return found[1] if found else ""


def _check(load: Load, contents: dict[str, str]) -> set[str]:
    """Check that no request failed and that each answer is of one release; return the releases that were seen."""
    assert load.faults == []
    assert {answer.status for answer in load.answers} == {200}
    seen = set()
    for answer in load.answers:
        version, names = _version_of(answer), _names(answer.body)
        assert len(names) <= 1, answer
        if answer.path.startswith("/release/"):
            assert version == FIRST
        if version:
            seen.add(version)
            assert names <= {contents[version]}, answer
        if answer.path.startswith(("/sparql", "/doc")):
            assert names, answer
    assert {answer.path for answer in load.answers} == PATHS.keys()
    return seen


def _served(server: Server) -> str:
    version: str = json.loads(server.request("GET", "/health").body)["release"]
    return version


@pytest.mark.parametrize("processes", [1, 2])
def test_it_goes_over_under_load(publish: Publish, tiny: Path, processes: int) -> None:
    """Four releases are published and two of them rolled back while six connections ask without a pause."""
    contents = {publish(_data("content0")).version: "content0"}
    releases = tiny / "releases"
    with serve("--processes", str(processes), root=tiny, releases=releases, workers=4) as server:
        load = Load(server, PATHS)
        with load.running():
            for number in range(1, COUNT):
                if number in {2, 4}:
                    made = release.rollback(releases, clock=lambda: release.read(releases / max(contents)).published)
                    contents[made.version] = contents[made.restores or ""]
                else:
                    contents[publish(_data(f"content{number}")).version] = f"content{number}"
                eventually(lambda: _served(server) == max(contents), 30)
                if processes == 1:  # what was kept before is not given any more
                    for path in ("/api/v1/search?q=content&limit=500", "/doc/organization/a1"):
                        assert _names(server.request("GET", path).body.decode()) == {contents[max(contents)]}
            eventually(
                lambda: max(contents) in map(_version_of, load.answers[-100:]), 30
            )  # each process goes by itself
        seen = _check(load, contents)
        assert seen == contents.keys() if processes == 1 else seen >= {FIRST, max(contents)}
        assert len(load.answers) > 100
        eventually(lambda: _served(server) == max(contents))
        held = 3 if processes == 1 else 4  # the current one, the first that is asked for by name, and who is closing
        eventually(lambda: len(store_processes(server.pid)) <= held, 20)


def test_the_same_bytes_are_answered_alike_until_a_release_is_newer(publish: Publish, tiny: Path) -> None:
    publish(_data("content0"))
    with serve(root=tiny, releases=tiny / "releases") as server:
        for address, accept in (("/doc/organization/a1", "text/html"), (f"/sparql?query={quote(NAMES)}", "text/csv")):
            answers = [server.request("GET", address, Accept=accept) for _ in range(5)]
            assert {answer.status for answer in answers} == {200}
            assert len({(answer.body, answer.headers["etag"], *answer.headers) for answer in answers}) == 1
        newer = publish(_data("content1")).version
        eventually(lambda: _served(server) == newer, 30)
        for address, accept in (("/doc/organization/a1", "text/html"), (f"/sparql?query={quote(NAMES)}", "text/csv")):
            assert _names(server.request("GET", address, Accept=accept).body.decode()) == {"content1"}
        hits = {name: number for name, number in server.metrics().items() if name.startswith("cfit_cache_hits_total")}
        assert hits == {"cfit_cache_hits_total{of=page}": 4, "cfit_cache_hits_total{of=query}": 4}


def test_a_damaged_release_is_passed_over_until_it_is_mended(publish: Publish, tiny: Path) -> None:
    good = publish(_data("content0"))
    served = tiny / "served"
    shutil.copytree(tiny / "releases", served)
    with serve(root=tiny, releases=served) as server:
        next_one = publish(_data("content1"))
        shutil.copytree(next_one.path, served / ".next", ignore=shutil.ignore_patterns("report.ttl"))
        damaged = (served / ".next").rename(served / next_one.version)
        eventually(lambda: "report.ttl: missing" in server.log.read_text(), 20)
        time.sleep(2.5 * LOOK)
        assert server.log.read_text().count("report.ttl: missing") == 1
        assert _served(server) == good.version
        shutil.copy(next_one.path / "report.ttl", damaged)
        eventually(lambda: _served(server) == next_one.version, 20)


def test_an_answer_that_is_being_taken_keeps_its_store(publish: Publish, tiny: Path) -> None:
    """A client takes a large answer slowly, while two releases pass; it gets it whole, and of the first."""
    many = "".join(STATEMENT.format(f"a{number}", f"content0 {number} {'x' * 4000}") for number in range(5000))
    first = publish(many)
    with serve(root=tiny, releases=tiny / "releases") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", f"/sparql?query={quote(NAMES)}", headers={"Accept": "text/csv"})
        response = connection.getresponse()
        start = response.read(1000)
        for number in (1, 2):
            version = publish(_data(f"content{number}")).version
            eventually(lambda version=version: _served(server) == version, 30)  # type: ignore[misc]
        body = (start + response.read()).decode()
        assert len(body.splitlines()) == 5001
        assert _names(body) == {"content0"}
        assert (response.getheader("etag") or "").startswith(f'"{first.version}-')
        connection.close()
        eventually(lambda: len(store_processes(server.pid)) == 1, 20)
