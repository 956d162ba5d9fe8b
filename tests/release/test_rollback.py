"""Going back: a new release with the content of an older one."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cfit_graph import quality, release
from cfit_graph.changes.retired import Retired
from cfit_graph.errors import ReleaseError, UnknownRelease, UsageError
from tests.release import START, STATEMENT, replayed

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cfit_graph.release import Release
    from tests.conftest import Publish

A, B, C = (STATEMENT.format("a", name) for name in "ABC")
OWN = ("manifest.json", "quality.ttl", "retired.json", "changes/")


def later() -> datetime:
    return START + timedelta(days=1)


@pytest.fixture
def three(publish: Publish) -> list[Release]:
    return [publish(data) for data in (A, B, C)]


def _back(releases: Path, version: str | None = None) -> Release:
    return release.rollback(releases, version, later)


def test_the_new_release_holds_what_the_one_before_held(three: list[Release], tiny: Path) -> None:
    made = _back(tiny / "releases")
    assert (made.version, made.previous, made.restores) == ("2026-01-02.1", "2026-01-01.3", "2026-01-01.2")
    assert release.current(tiny / "releases") == made
    assert list(made.lines) == list(three[1].lines)
    for name in ("sources", "statements", "dataset", "ontology", "shapes", "findings"):
        assert made.manifest[name] == three[1].manifest[name]
    assert {name for name in made.manifest["files"] if not name.startswith(OWN)} == {
        name for name in three[1].manifest["files"] if not name.startswith(OWN)
    }


def test_files_are_copied_so_that_what_damages_one_release_spares_the_other(three: list[Release], tiny: Path) -> None:
    made = _back(tiny / "releases")
    assert release.verify(made.path) == []
    assert made.graph.read_bytes() == three[1].graph.read_bytes()
    for name in made.manifest["files"]:
        assert (made.path / name).stat().st_nlink == 1, name


def test_its_changes_are_the_difference_and_the_log_goes_on(three: list[Release], tiny: Path) -> None:
    made = _back(tiny / "releases", three[0].version)
    assert [activity.summary for activity in made.changes()] == ["C is now called A"]
    assert release.history(made) == [*three, made]
    assert replayed([*three, made]) == list(three[0].lines)


def test_its_measurements_are_those_of_the_older_one(three: list[Release], tiny: Path) -> None:
    made = _back(tiny / "releases")
    assert quality.read(made.path / "quality.ttl") == quality.read(three[1].path / "quality.ttl")
    assert f"release/{made.version}/quality#" in (made.path / "quality.ttl").read_text("utf-8")
    series = quality.series({one.version: one.path / "quality.ttl" for one in [*three, made]})
    assert all(len(found.values) == 4 for found in series)


def test_what_is_gone_by_it_is_retired_and_what_is_back_is_not(publish: Publish, tiny: Path) -> None:
    first, second = publish(A), publish(STATEMENT.format("b", "B"))
    made = _back(tiny / "releases")
    iri = "https://w3id.org/cfit/id/organization/"
    assert second.retired()[iri + "a"].release == first.version
    assert made.retired().keys() == {iri + "b"}
    assert made.retired()[iri + "b"].release == second.version


def test_what_is_back_by_it_is_no_news(publish: Publish, tiny: Path) -> None:
    publish(A)
    publish(STATEMENT.format("b", "B"))
    told = sorted(activity.summary for activity in _back(tiny / "releases").changes())
    assert told == ["A is on record again", "Removed organization: B"]


def test_what_replaced_a_thing_is_known_after_a_rollback(publish: Publish, tiny: Path) -> None:
    """The rollback takes back that it was replaced; the next build, that it is there."""
    iri = "https://w3id.org/cfit/id/organization/"
    both = A + STATEMENT.format("b", "B")
    replaced = f"<{iri}a> <http://purl.org/dc/terms/isReplacedBy> <{iri}b> .\n"
    first = publish(both)
    publish(both + replaced)
    gone = publish(STATEMENT.format("b", "B"))
    assert gone.retired()[iri + "a"].replaced_by == (iri + "b",)
    back = _back(tiny / "releases", first.version)
    assert back.retired() == {}
    (tiny / "data" / "x.ttl").write_text(STATEMENT.format("b", "B again"), "utf-8")
    again = release.build(tiny, tiny / "releases", clock=later)
    assert again.retired() == {iri + "a": Retired(back.version, (iri + "b",))}


def test_back_twice_is_further_back(three: list[Release], tiny: Path) -> None:
    assert _back(tiny / "releases").restores == three[1].version
    assert _back(tiny / "releases").restores == three[0].version
    with pytest.raises(UsageError, match=r"2026-01-01\.1 is the first; there is none before it"):
        _back(tiny / "releases")


def test_back_and_forth(three: list[Release], tiny: Path) -> None:
    _back(tiny / "releases")
    made = _back(tiny / "releases", three[2].version)
    assert list(made.lines) == list(three[2].lines)
    assert _back(tiny / "releases").restores == three[1].version


def test_sources_that_were_rolled_back_are_not_published_again(
    three: list[Release], tiny: Path, publish: Publish
) -> None:
    for _ in range(2):
        made = _back(tiny / "releases")
        assert release.build(tiny, tiny / "releases", clock=later) == made
    (tiny / "data" / "x.ttl").write_text(STATEMENT.format("a", "D"), "utf-8")
    assert release.build(tiny, tiny / "releases", clock=later).previous == "2026-01-02.2"


def test_a_build_goes_on_when_what_was_rolled_back_is_removed(three: list[Release], tiny: Path) -> None:
    _back(tiny / "releases")
    shutil.rmtree(three[2].path)
    assert release.build(tiny, tiny / "releases", clock=later).version == "2026-01-02.2"


def test_after_going_on_older_sources_can_be_published_again(three: list[Release], tiny: Path) -> None:
    _back(tiny / "releases")
    for name, number in (("D", 2), ("C", 3)):
        (tiny / "data" / "x.ttl").write_text(STATEMENT.format("a", name), "utf-8")
        assert release.build(tiny, tiny / "releases", clock=later).version == f"2026-01-02.{number}"


def test_there_must_be_something_to_go_back_to(tiny: Path, publish: Publish) -> None:
    with pytest.raises(ReleaseError, match="There is no release to roll back"):
        _back(tiny / "releases")
    only = publish(A)
    with pytest.raises(UsageError, match="is the first"):
        _back(tiny / "releases")
    with pytest.raises(UsageError, match="there is nothing to restore"):
        _back(tiny / "releases", only.version)
    with pytest.raises(UnknownRelease, match=r"There is no release '2020-01-01\.1'"):
        _back(tiny / "releases", "2020-01-01.1")
    assert release.versions(tiny / "releases") == [only.version]


def test_what_has_other_iris_is_restored_only_with_these(publish: Publish, tiny: Path) -> None:
    older, other = publish(A), "https://example.org/pact/"
    release.build(tiny, tiny / "releases", clock=later, base=other)
    with pytest.raises(UsageError, match=f"begin with {older.base}, not with {other}; .* CFIT_BASE_IRI"):
        release.rollback(tiny / "releases", clock=later, base=other)
    assert release.rollback(tiny / "releases", clock=later, base=older.base).restores == older.version


def test_a_damaged_release_is_not_restored(three: list[Release], tiny: Path) -> None:
    three[1].graph.write_text("")
    with pytest.raises(ReleaseError, match=r"2026-01-01\.2: not a whole release: cfit\.nq: changed"):
        _back(tiny / "releases")
    assert _back(tiny / "releases", three[0].version).restores == three[0].version


def test_a_clock_that_is_behind_is_an_error(three: list[Release], tiny: Path) -> None:
    with pytest.raises(ReleaseError, match="By the clock it is 2026-01-01 12:00:00 UTC"):
        release.rollback(tiny / "releases", clock=lambda: START)
    assert not list((tiny / "releases").glob(".building*"))
