from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cfit_graph import release, source
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


def test_no_statement_is_in_two_graphs(releases: Path) -> None:
    """The default graph is the union of all, and the engine counts such a statement twice in it."""
    built = release.current(releases)
    assert built is not None
    statements = [line.rsplit(" <", 1)[0] for line in built.graph.read_text("utf-8").splitlines()]
    assert len(statements) == len(set(statements))


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
    assert sorted(path.name for path in (small / "releases").iterdir()) == [".lock", first.version, "current"]


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


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("manifest.json", "[]"),
        ("manifest.json", '{"files": {}}'),
        ("manifest.json", "not JSON"),
        ("../current", "2020-01-01.1"),
        ("../current", "\udcff"),
    ],
)
def test_a_damaged_folder_is_one_clear_error_and_a_build_mends_it(small: Path, name: str, content: str) -> None:
    first = release.build(small, small / "releases")
    (first.path / name).write_text(content, "utf-8", errors="surrogateescape")
    with pytest.raises(ReleaseError, match="run `cfit build`"):
        release.current(small / "releases")
    release.build(small, small / "releases")
    assert release.current(small / "releases") is not None


def test_sources_that_change_meanwhile_are_not_published(small: Path) -> None:
    def change(step: str) -> None:
        if step == "Writing":
            (small / "data" / "x.ttl").write_text(ORGANIZATION)

    with pytest.raises(ReleaseError, match="changed while"):
        release.build(small, small / "releases", change)
    assert release.current(small / "releases") is None
    assert [path.name for path in (small / "releases").iterdir()] == [".lock"]


def test_two_builders_make_one_release(small: Path) -> None:
    command = [sys.executable, "-m", "cfit_graph", "build"]
    environment = os.environ | {"CFIT_ROOT": str(small), "CFIT_RELEASES": str(small / "releases")}
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {builder.communicate(timeout=60)[0] for builder in both}
    assert {builder.returncode for builder in both} == {0}
    assert len(said) == 1
    assert len([path for path in (small / "releases").iterdir() if path.is_dir()]) == 1


def test_what_a_killed_builder_left_is_cleared_away(small: Path) -> None:
    (small / "releases" / ".building-x").mkdir(parents=True)
    release.build(small, small / "releases")
    assert not list((small / "releases").glob(".building-*"))


def test_a_folder_that_cannot_be_written_is_named(small: Path) -> None:
    (small / "file").write_text("")
    with pytest.raises(ReleaseError, match="releases cannot be written here"):
        release.build(small, small / "file" / "releases")


def test_a_draft_is_judged_in_the_place_of_its_file_and_alone_reported(small: Path) -> None:
    draft = small / "draft" / "organizations.ttl"
    draft.parent.mkdir()
    shutil.copy(ROOT / "data" / "organizations.ttl", draft)
    report = release.validate(ROOT, [draft])
    assert report.conforms
    whole = release.validate(ROOT)
    assert 0 < len(report.findings) < len(whole.findings)
    assert {found.focus.rpartition("/")[0] for found in report.findings} == {"https://w3id.org/cfit/id/organization"}
    draft.write_text(draft.read_text("utf-8").replace("stakeholder-type:ngo", "stakeholder-type:ngoo"), "utf-8")
    assert not release.validate(ROOT, [draft]).conforms


@pytest.mark.parametrize("path", source.files(ROOT / "data"), ids=lambda path: path.name)
def test_each_file_of_the_data_conforms_on_its_own(path: Path) -> None:
    assert release.validate(ROOT, [path]).conforms


def test_there_may_be_no_release_yet(tmp_path: Path) -> None:
    assert release.current(tmp_path) is None
