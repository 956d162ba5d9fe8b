"""Files are written whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cfit_graph import files, source
from cfit_graph.errors import SourceError
from cfit_graph.web.export.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Callable


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_files_are_created(tmp_path: Path) -> None:
    files.create({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert _names(tmp_path) == ["a", "b"]
    assert (tmp_path / "b").read_bytes() == b"2"


@pytest.mark.parametrize("second", ["there", 300 * "x", "nowhere/b"])
def test_if_one_file_cannot_be_created_none_is_and_nothing_is_left(tmp_path: Path, second: str) -> None:
    (tmp_path / "there").write_bytes(b"old")
    with pytest.raises(SourceError):
        files.create({tmp_path / "a": b"1", tmp_path / second: b"2"})
    assert _names(tmp_path) == ["there"]
    assert (tmp_path / "there").read_bytes() == b"old"


def test_if_the_last_file_does_not_get_its_name_the_others_lose_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if target.name == "b":
            raise OSError(errno.ENOSPC, "no space")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(SourceError, match=r"b: .*space"):
        files.create({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert not _names(tmp_path)


def test_a_file_that_cannot_be_replaced_stays_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(SourceError):
        files.replace(tmp_path / "there", b"new")
    assert _names(tmp_path) == ["there"]


def test_what_a_link_leads_to_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    files.replace(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("use", [files.refuse_folder, source.read, Folder.__enter__])
def test_a_name_that_no_file_can_have_is_told(tmp_path: Path, use: Callable[[Any], object]) -> None:
    path = tmp_path / f"{300 * 'x'}.ttl"
    with pytest.raises(SourceError, match="File name too long"):
        use(Folder(path) if use == Folder.__enter__ else path)


@pytest.mark.parametrize(
    "name", ["Copy of claims.ttl", "claims (1).nt", "claims%20.ttl", "claims#2.ttl", "a\u00a0b.ttl", "a\udcff.ttl"]
)
def test_a_name_that_no_graph_can_have_is_refused_before_anything_is_published(tmp_path: Path, name: str) -> None:
    (tmp_path / "claims.ttl").write_text("")
    (tmp_path / "überblick-2026_v1.ttl").write_text("")
    assert len(files.listed(tmp_path)) == 2
    (tmp_path / name).write_text("")
    with pytest.raises(SourceError, match="rename the file, or take it away if it is a copy"):
        files.listed(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("~$leden.xlsx", b"\x05Staff", "as long as leden.xlsx is open"),
        ("leden.xlsx", b"", "the file is empty"),
        ("leden.xlsx", b"%PDF-1.4", "by its content it is a PDF"),
        ("leden.xlsx", b"<html><table>", "by its content it is a web page"),
        ("leden.xlsx", b"id;name", "not a whole workbook"),
    ],
)
def test_what_is_no_workbook_is_told_by_what_it_is(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=reason):
        source.read(tmp_path / name)
