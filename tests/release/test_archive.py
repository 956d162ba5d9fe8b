"""The folder of releases: order, wholeness, and what is served when a release is damaged."""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING

import pytest

from cfit_graph import cli, release
from cfit_graph.errors import ReleaseError, UnknownRelease
from cfit_graph.namespaces import BASE
from tests.release import STATEMENT, replayed

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.release import Release
    from tests.conftest import Publish


@pytest.fixture
def two(publish: Publish) -> tuple[Release, Release]:
    """Two releases, the older first."""
    return publish(STATEMENT.format("a", "A")), publish(STATEMENT.format("a", "B"))


def test_there_may_be_no_release_yet(tmp_path: Path) -> None:
    assert release.current(tmp_path) is None
    assert release.current(tmp_path / "none") is None
    assert release.versions(tmp_path / "none") == []


@pytest.mark.parametrize("command", [["list"], ["show"], ["verify"], ["diff", "a", "b"]])
def test_a_folder_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(tmp_path), "iterdir", refuse)
    monkeypatch.setenv("CFIT_RELEASES", str(tmp_path))
    assert cli.main(["release", *command]) == 3
    assert capsys.readouterr().err == f"cfit: {tmp_path}: the releases cannot be read (Permission denied)\n"


def test_versions_are_ordered_by_date_and_then_by_number(tmp_path: Path) -> None:
    ordered = ["2025-12-31.12", "2026-01-01.2", "2026-01-01.10", "2026-01-02.1"]
    for name in [*reversed(ordered), ".building", "2026-01-01", "2026-01-01.01", "2026-01-01.x", "current"]:
        (tmp_path / name).mkdir()
    (tmp_path / "2026-01-03.1").write_text("")
    assert release.versions(tmp_path) == ordered


@pytest.mark.parametrize(
    ("version", "nearest"),
    [("2026-01-04.2", "3456"), ("2025-01-01.1", "1234"), ("2027-01-01.1", "6789"), ("the last", "6789")],
)
def test_of_a_release_that_is_not_there_the_four_nearest_are_told(tmp_path: Path, version: str, nearest: str) -> None:
    for day in range(1, 10):
        (tmp_path / f"2026-01-0{day}.1").mkdir()
    with pytest.raises(UnknownRelease) as caught:
        release.folder(tmp_path, version)
    assert caught.value.nearest == tuple(f"2026-01-0{day}.1" for day in nearest)


def test_what_is_said_of_a_thing_are_its_lines_wherever_they_stand(publish: Publish) -> None:
    both = publish(STATEMENT.format("a", "A") + STATEMENT.format("a", "B") + STATEMENT.format("b", "C"))
    lines: dict[str, list[str]] = {}
    for line in both.lines:
        lines.setdefault(line[1 : line.index(">")], []).append(line)
    first, *_ = lines
    assert len(lines[first]) > 1
    assert {iri: both.said_of(iri) for iri in lines} == lines
    assert both.said_of(first[:-1]) == both.said_of("https://example.org/none") == []


def test_a_whole_release_has_no_problems(two: tuple[Release, Release]) -> None:
    assert [release.verify(one.path) for one in two] == [[], []]


@pytest.mark.parametrize("name", ["cfit.nq", "dump/cfit.ttl.gz", "ontology/cfit.ttl", "changes/0001.json"])
def test_a_damaged_file_is_named(two: tuple[Release, Release], name: str) -> None:
    path = two[1].path / name
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    assert release.verify(two[1].path) == [f"{name}: changed"]
    path.write_bytes(content[:-1] + b"!")
    assert release.verify(two[1].path) == [f"{name}: changed"]
    path.unlink()
    assert release.verify(two[1].path) == [f"{name}: missing"]
    path.mkdir()
    assert release.verify(two[1].path) == [f"{name}: missing"]


def test_a_file_too_many_is_named(two: tuple[Release, Release]) -> None:
    path = two[1].path
    (path / "more").mkdir()
    (path / "more" / "x.txt").write_text("")
    (path / "elsewhere").symlink_to(two[0].path)
    (path / os.fsdecode(b"\xff")).write_text("")
    assert release.verify(path) == [
        "elsewhere: does not belong here",
        "more/x.txt: does not belong here",
        "\\udcff: does not belong here",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "no manifest can be read (No such file or directory)"),
        ("", "not the manifest of a release (Expecting value: line 1 column 1 (char 0))"),
        ("[]", "not the manifest of this release (wrong form)"),
        ('{"files": {"cfit.nq": ', "not the manifest of a release (Expecting value: line 1 column 23 (char 22))"),
        ("\udcff", "not the manifest of a release ('utf-8' codec can't decode byte 0xff in position 0"),
        (
            "{}",
            "not the manifest of this release (wrong changes, dataset, files, findings, ontology, previous, published, "
            "shapes, sources, statements, version)",
        ),
    ],
)
def test_a_manifest_that_is_none_is_named(two: tuple[Release, Release], content: str | None, problem: str) -> None:
    path = two[1].path / "manifest.json"
    path.unlink()
    if content is not None:
        path.write_bytes(os.fsencode(content))
    (found,) = release.verify(two[1].path)
    assert found.startswith(f"manifest.json: {problem}")
    with pytest.raises(ReleaseError, match="run `cfit build`"):
        release.read(two[1].path)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("version", "2026-01-01.1"),
        ("published", "yesterday"),
        ("published", "2026-01-01T13:00:00"),
        ("published", 1),
        ("previous", "../2026-01-01.1"),
        ("previous", 1),
        ("previous", "2026-01-01.2"),
        ("restores", ".."),
        ("statements", "many"),
        ("files", []),
        ("files", {}),
        ("changes", None),
        ("changes", {"activities": 1, "pages": "1"}),
        ("changes", {"pages": 1}),
        ("dataset", None),
        ("dataset", "a" * 64),
        ("published", "2025-12-31T13:00:00Z"),
        ("base", 1),
        # what only the other files, or the releases beside it, contradict
        ("statements", 1),
        ("findings", {"violation": 0, "warning": 1, "info": 0}),
        ("previous", None),
        ("restores", "2026-01-01.1"),
        ("published", "2026-01-01T11:59:59Z"),
        ("base", "https://example.org/pact/"),
        ("changes", {"activities": 2, "pages": 1}),
        ("changes", {"activities": 101, "pages": 2}),
    ],
)
def test_a_manifest_with_a_wrong_member_is_refused(
    two: tuple[Release, Release], member: str, value: object, tiny: Path
) -> None:
    path = two[1].path / "manifest.json"
    path.write_text(json.dumps({**two[1].manifest, member: value}), "utf-8")
    assert release.verify(two[1].path) == [f"manifest.json: not the manifest of this release (wrong {member})"]
    assert release.current(tiny / "releases") == two[0]


def test_who_says_to_follow_one_that_is_not_next_is_refused(two: tuple[Release, Release], publish: Publish) -> None:
    third = publish(STATEMENT.format("a", "C"))
    path = third.path / "manifest.json"
    path.write_text(json.dumps({**third.manifest, "previous": two[0].version}), "utf-8")
    assert release.verify(third.path) == ["manifest.json: not the manifest of this release (wrong previous)"]


def test_a_file_that_every_release_has_cannot_be_left_out(two: tuple[Release, Release]) -> None:
    files = {name: said for name, said in two[1].manifest["files"].items() if name != "report.json"}
    (two[1].path / "report.json").unlink()
    (two[1].path / "manifest.json").write_text(json.dumps({**two[1].manifest, "files": files}), "utf-8")
    assert release.verify(two[1].path) == ["manifest.json: not the manifest of this release (wrong files)"]


def test_the_last_good_release_stays_and_the_log_says_why(
    two: tuple[Release, Release], tiny: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (two[1].path / "report.ttl").write_text("x")
    (two[1].path / "cfit.nq").unlink()
    with caplog.at_level(logging.WARNING):
        assert release.current(tiny / "releases") == two[0]
    (record,) = caplog.records
    assert record.getMessage() == (
        f"{two[1].path}: not a whole release: cfit.nq: missing; report.ttl: changed; "
        "release 2026-01-01.1 is used instead"
    )


def test_many_problems_are_counted(two: tuple[Release, Release], tiny: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(15):
        (two[1].path / f"{number:02}").write_text("")
    release.current(tiny / "releases")
    assert "09: does not belong here; and 5 more; release" in caplog.text


def test_when_all_are_damaged_the_newest_is_named(two: tuple[Release, Release], tiny: Path) -> None:
    for one in two:
        (one.path / "cfit.nq").write_text("")
    with pytest.raises(
        ReleaseError, match=r"01\.2: not a whole release: cfit\.nq: changed; restore it from a copy, or run"
    ):
        release.current(tiny / "releases")


def test_a_build_goes_on_from_the_last_good_release(two: tuple[Release, Release], publish: Publish) -> None:
    (two[1].path / "cfit.nq").write_text("")
    made = publish(STATEMENT.format("a", "B"))
    assert (made.version, made.previous) == ("2026-01-01.3", "2026-01-01.1")
    assert release.verify(made.path) == []
    assert [activity.summary for activity in made.changes()] == ["A is now called B"]
    assert replayed(release.history(made)) == list(made.lines)


def test_a_build_starts_anew_when_all_are_damaged(two: tuple[Release, Release], publish: Publish) -> None:
    for one in two:
        (one.path / "cfit.nq").write_text("")
    made = publish(STATEMENT.format("a", "B"))
    assert (made.version, made.previous) == ("2026-01-01.3", None)
    assert replayed([made]) == list(made.lines)


def test_a_release_is_found_by_its_version(two: tuple[Release, Release], tiny: Path) -> None:
    assert [release.find(tiny / "releases", one.version) for one in two] == list(two)


@pytest.mark.parametrize("version", ["2026-01-01.3", "", "..", ".lock", "../releases/2026-01-01.1"])
def test_an_unknown_version_is_told_which_there_are(two: tuple[Release, Release], tiny: Path, version: str) -> None:
    with pytest.raises(UnknownRelease, match=r"the nearest are 2026-01-01\.1, 2026-01-01\.2"):
        release.find(tiny / "releases", version)
    with pytest.raises(UnknownRelease, match="there is none yet"):
        release.find(tiny / "none", version)


def test_a_damaged_release_is_not_found_but_refused(two: tuple[Release, Release], tiny: Path) -> None:
    (two[0].path / "cfit.nq").write_text("")
    with pytest.raises(ReleaseError, match="not a whole release"):
        release.find(tiny / "releases", two[0].version)


def test_history_needs_every_release(two: tuple[Release, Release], publish: Publish) -> None:
    third = publish(STATEMENT.format("a", "C"))
    assert release.history(third) == [*two, third]
    two[1].path.rename(two[1].path.with_name("away"))
    with pytest.raises(ReleaseError, match=r"has a gap: release 2026-01-01\.2 is missing or damaged"):
        release.history(third)
    assert release.kept(third) == [two[0], third]
    assert release.missing(third.path.parent, [third.version]) == {two[1].version: third.version}
    assert release.verify(third.path) == []  # it is whole itself


def test_any_two_releases_can_be_compared(two: tuple[Release, Release], publish: Publish) -> None:
    third = publish(STATEMENT.format("b", "B"))
    there = [(activity.type, activity.summary) for activity in release.difference(two[0], third, BASE)]
    assert there == [("Delete", "Removed organization: A"), ("Create", "New organization: B")]
    back = [(activity.type, activity.summary) for activity in release.difference(third, two[0], BASE)]
    assert back == [("Create", "New organization: A"), ("Delete", "Removed organization: B")]
    assert list(release.difference(third, third, BASE)) == []
    assert list(release.difference(two[0], two[1], BASE)) == list(two[1].changes())
