"""What a copy does to the disk: whole or not at all, the same bytes each time, never in the place of other files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cfit_graph import cli
from cfit_graph.errors import ReleaseError, SourceError
from cfit_graph.settings import Settings
from cfit_graph.web.export import export
from cfit_graph.web.export.client import Answer
from tests.release import STATEMENT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Publish

URL = "https://example.org/below"


@pytest.fixture
def settings(publish: Publish, tiny: Path) -> Settings:
    publish(STATEMENT.format("a", "before") + STATEMENT.format("b", "B"))
    publish(STATEMENT.format("a", "after"))
    return Settings(root=tiny, releases=tiny / "releases")


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_same_release_gives_the_same_bytes_and_takes_the_place_of_an_older_copy(
    settings: Settings, tmp_path: Path
) -> None:
    target = tmp_path / "site"
    copied = export(settings, target, URL)
    first = _contents(target)
    (target / "left.html").write_text("of an older release")
    assert export(settings, target, URL) == copied == ("2026-01-01.2", len(first))
    assert _contents(target) == first
    assert not list(tmp_path.glob(".site*"))


@pytest.mark.parametrize("url", ["https://x.org/?a=b", "https://x.org/#a", "ftp://x.org/"])
def test_what_is_no_address_of_a_folder_is_refused(
    url: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CFIT_RELEASES", str(settings.releases))
    assert cli.main(["export-site", str(tmp_path / "site"), "--url", url]) == 2
    assert f"{url!r} is not " in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_addresses_below_a_path_stay_below_it(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "site", URL)
    page = (tmp_path / "site" / "doc" / "organization" / "a" / "index.html").read_text("utf-8")
    assert 'href="/below/static/cfit.css"' in page
    assert f"url={URL}/doc/organization/a" in (tmp_path / "site/id/organization/a/index.html").read_text("utf-8")


def test_what_is_gone_is_told_and_older_releases_lead_to_what_is_known_of_them(
    settings: Settings, tmp_path: Path
) -> None:
    export(settings, tmp_path / "site", URL)
    assert "2026-01-01.1" in (tmp_path / "site/doc/organization/b/index.html").read_text("utf-8")
    leading = (tmp_path / "site/release/2026-01-01.1/doc/organization/b/index.html").read_text("utf-8")
    assert f"url={URL}/release/2026-01-01.1" in leading


def test_all_releases_are_copied_as_they_were_if_that_is_asked(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "site", URL, all_releases=True)
    for version, name in (("2026-01-01.1", "before"), ("2026-01-01.2", "after")):
        document = tmp_path / "site" / "release" / version / "doc" / "organization" / "a.nt"
        assert f'"{name}"@en' in document.read_text("utf-8")


def test_more_releases_are_copied_than_may_be_open(settings: Settings, publish: Publish, tmp_path: Path) -> None:
    publish(STATEMENT.format("a", "again"))
    few = replace(settings, open_releases=1)
    assert export(few, tmp_path / "site", URL, all_releases=True).version == "2026-01-01.3"
    for number, name in enumerate(("before", "after", "again"), 1):
        document = tmp_path / "site" / "release" / f"2026-01-01.{number}" / "doc" / "organization" / "a.nt"
        assert f'"{name}"@en' in document.read_text("utf-8")


def test_what_is_no_copy_is_not_replaced(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "own"
    target.mkdir()
    (target / "own.txt").write_text("mine")
    with pytest.raises(SourceError, match="is no copy of the site"):
        export(settings, target, URL)
    assert _contents(target) == {"own.txt": b"mine"}


def test_a_fault_leaves_the_copy_that_was_there(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "site"
    export(settings, target, URL)
    before = _contents(target)

    async def ask(*_: object) -> Answer:
        return Answer(503, {}, b"")

    monkeypatch.setattr("cfit_graph.web.export.ask", ask)
    with pytest.raises(ReleaseError, match="the answer is 503, so there is no copy"):
        export(settings, target, URL)
    assert _contents(target) == before
    assert not list(tmp_path.glob(".site*"))
