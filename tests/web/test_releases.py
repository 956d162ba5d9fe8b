"""What the server makes of releases: it serves the newest whole one, with the words and rules that belong to it."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

import pytest

from cfit_graph.errors import ReleaseError
from cfit_graph.settings import Settings
from cfit_graph.web import create_app
from tests.conftest import ROOT
from tests.release import STATEMENT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from tests.conftest import Publish

    Open = Callable[[Settings], TestClient]

LABEL = "SELECT ?n { <https://w3id.org/cfit/id/organization/a> <http://www.w3.org/2004/02/skos/core#prefLabel> ?n }"


def _label(client: TestClient) -> str:
    return client.get("/sparql", params={"query": LABEL}, headers={"Accept": "text/csv"}).text.split()[1]


def test_a_damaged_release_is_refused_and_the_last_good_one_served(
    publish: Publish, tiny: Path, open_client: Open, caplog: pytest.LogCaptureFixture
) -> None:
    good, damaged = (publish(STATEMENT.format("a", name)) for name in ("good", "damaged"))
    (damaged.path / "dump" / "cfit.nq.gz").unlink()
    with caplog.at_level(logging.WARNING):
        client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    assert client.get("/health").json()["release"] == good.version
    assert _label(client) == "good"
    assert "2026-01-01.2: not a whole release: dump/cfit.nq.gz: missing; release 2026-01-01.1 is used" in caplog.text


def test_a_half_written_release_is_not_served(publish: Publish, tiny: Path, open_client: Open) -> None:
    good = publish(STATEMENT.format("a", "good"))
    shutil.copytree(good.path, tiny / "releases" / ".building")
    half = tiny / "releases" / "2026-01-01.2"
    shutil.copytree(good.path, half)
    (half / "manifest.json").unlink()
    assert open_client(Settings(root=tiny, releases=tiny / "releases")).get("/health").json()["release"] == good.version


def test_when_all_are_damaged_the_server_does_not_start(publish: Publish, tiny: Path) -> None:
    (publish(STATEMENT.format("a", "damaged")).path / "cfit.nq").write_text("")
    with pytest.raises(ReleaseError, match=r"cfit\.nq: changed; restore it from a copy, or run `cfit build`"):
        create_app(Settings(root=tiny, releases=tiny / "releases"))


def test_words_rules_and_questions_are_those_of_the_release(publish: Publish, tiny: Path, open_client: Open) -> None:
    question = tiny / "ontology" / "questions" / "001-who-supports.rq"
    text = question.read_text("utf-8")
    question.write_text(text.replace("#+ summary: ", "#+ summary: Once upon a time: "), "utf-8")
    (tiny / "shapes" / "own.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> .
        <https://w3id.org/cfit/shapes#Own> a sh:NodeShape ; sh:name "a rule of then"@en ; sh:targetClass sh:Shape .""",
        "utf-8",
    )
    (tiny / "ontology" / "context.jsonld").write_text('{"@context": {}}', "utf-8")
    publish(STATEMENT.format("a", "A"))
    client = open_client(Settings(root=ROOT, releases=tiny / "releases"))
    assert "Once upon a time: " in client.get("/", headers=BROWSER).text
    assert "a rule of then" in client.get("/shapes", headers=BROWSER).text
    assert client.get("/context/v1.jsonld").json() == {"@context": {}}
    named = client.get("/doc/organization/a.jsonld").json()
    assert named["@context"] == {}
    assert "http://www.w3.org/2004/02/skos/core#prefLabel" in named
    assert client.get("/ns/1.0.0", headers=BROWSER).status_code == 200


@pytest.mark.parametrize(("path", "file"), [("/ns", "ontology/cfit.ttl"), ("/shapes", "shapes/shapes.ttl")])
def test_an_older_version_is_in_the_newest_release_that_has_it(
    publish: Publish, tiny: Path, open_client: Open, path: str, file: str
) -> None:
    made = [publish(STATEMENT.format("a", name)) for name in ("A", "B")]
    source = (tiny / file).read_text("utf-8")
    (tiny / file).write_text(source.replace('owl:versionInfo "1.0.0"', 'owl:versionInfo "1.0.9"'), "utf-8")
    later = publish(STATEMENT.format("a", "C"))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    older = client.get(f"{path}/1.0.0")
    assert (older.status_code, older.headers["location"]) == (302, f"/release/{made[1].version}{path}")
    turtle = {"Accept": "text/turtle"}
    assert '"1.0.0"' in client.get(older.headers["location"], headers=turtle).text
    assert '"1.0.9"' in client.get(f"{path}/1.0.9", headers=turtle).text
    assert client.get(f"/release/{later.version}{path}/1.0.0").headers["location"] == older.headers["location"]
    assert client.get(f"/release/{made[0].version}{path}/1.0.0").status_code == 200
    assert "1.0.0" in problem(client.get(f"/release/{made[0].version}{path}/1.0.9"), 404, "not-found")["detail"]


def test_a_server_without_a_release_builds_one_at_the_time_that_is_set(tiny: Path, open_client: Open) -> None:
    client = open_client(Settings(root=tiny, releases=tiny / "releases", source_date_epoch=1_800_000_000))
    assert client.get("/health").json()["release"] == "2027-01-15.1"
