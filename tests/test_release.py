from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from cfit_graph import release
from cfit_graph.errors import DoesNotConform, ReleaseError
from cfit_graph.store.embedded import EmbeddedStore
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ORGANIZATION = """@prefix org: <http://www.w3.org/ns/org#> .
<https://w3id.org/cfit/id/organization/x> a org:Organization .
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A graph of a few statements that conforms: our ontology and shapes, and almost no data."""
    for folder in ("ontology", "shapes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.ttl").write_text("<https://example.org/a> <https://example.org/b> 1 .\n")
    return tmp_path


def test_a_release_holds_the_graph_and_its_report(releases: Path) -> None:
    built = release.current(releases)
    assert built is not None
    lines = built.graph.read_text("utf-8").splitlines()
    assert len(lines) == built.manifest["statements"] > 1000
    assert lines == sorted(lines)
    report = json.loads((built.path / "report.json").read_text("utf-8"))
    assert report["conforms"] is True
    assert report["counts"] == built.manifest["findings"]
    assert report["counts"]["violation"] == 0
    EmbeddedStore([built.graph])


def test_the_published_graph_has_no_blank_nodes(releases: Path) -> None:
    built = release.current(releases)
    assert built is not None
    assert "_:" not in "".join(line.split('"')[0] for line in built.graph.read_text("utf-8").splitlines())


def test_unchanged_sources_make_no_new_release(small: Path) -> None:
    first = release.build(small, small / "releases")
    assert release.build(small, small / "releases") == first


def test_changed_sources_make_a_new_release_and_keep_the_old(small: Path) -> None:
    first = release.build(small, small / "releases")
    (small / "data" / "x.ttl").write_text("<https://example.org/a> <https://example.org/b> 2 .\n")
    second = release.build(small, small / "releases")
    assert first.version != second.version
    assert release.current(small / "releases") == second
    assert first.graph.is_file()


def test_the_same_sources_give_the_same_bytes(small: Path) -> None:
    first, second = (release.build(small, small / name) for name in ("one", "two"))
    assert first.graph.read_bytes() == second.graph.read_bytes()
    assert first.manifest["files"]["cfit.nq"] == second.manifest["files"]["cfit.nq"]


def test_a_violation_stops_the_release_and_says_why(small: Path) -> None:
    first = release.build(small, small / "releases")
    (small / "data" / "y.ttl").write_text(ORGANIZATION)
    with pytest.raises(DoesNotConform) as caught:
        release.build(small, small / "releases")
    assert not caught.value.report.conforms
    assert release.current(small / "releases") == first
    assert sorted(path.name for path in (small / "releases").iterdir()) == [first.version, "current"]


@pytest.mark.parametrize("step", ["_write_durably", "_publish", "_next_version"])
def test_a_crash_at_any_point_leaves_the_old_release(small: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    first = release.build(small, small / "releases")
    (small / "data" / "x.ttl").write_text("<https://example.org/a> <https://example.org/b> 3 .\n")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(release, step, crash)
    with pytest.raises(KeyboardInterrupt):
        release.build(small, small / "releases")
    monkeypatch.undo()
    assert release.current(small / "releases") == first
    assert release.build(small, small / "releases") != first


@pytest.mark.parametrize("number", range(1, 6))
def test_a_full_disk_at_any_file_leaves_the_old_release(
    small: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    first = release.build(small, small / "releases")
    (small / "data" / "x.ttl").write_text("<https://example.org/a> <https://example.org/b> 4 .\n")
    write, calls = release._write_durably, iter(range(1, 10))

    def full(path: Path, content: str) -> None:
        if next(calls) == number:
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(release, "_write_durably", full)
    with pytest.raises(OSError, match="No space left"):
        release.build(small, small / "releases")
    assert release.current(small / "releases") == first
    assert not list((small / "releases").glob(".building-*"))


def test_a_damaged_release_is_noticed_and_replaced(small: Path) -> None:
    first = release.build(small, small / "releases")
    first.graph.write_text("")
    with pytest.raises(ReleaseError, match=r"cfit\.nq changed after the release"):
        release.current(small / "releases")
    assert release.build(small, small / "releases").version != first.version


def test_there_may_be_no_release_yet(tmp_path: Path) -> None:
    assert release.current(tmp_path) is None
