"""A log of several releases: one of several pages, one in which nothing changed, and a rollback."""

from __future__ import annotations

import shutil
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from cfit_graph import release
from cfit_graph.settings import Settings
from cfit_graph.web import create_app
from tests.conftest import make_tiny
from tests.release import START, STATEMENT, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from cfit_graph.release import Release

MANY = "".join(STATEMENT.format(f"n{number}", f"Number {number}") for number in range(120))
NEW = STATEMENT.format("a", "New")


@pytest.fixture(scope="session")
def several(tmp_path_factory: pytest.TempPathFactory) -> list[Release]:
    """The releases, oldest first; not to be changed."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        root = make_tiny(tmp_path_factory.mktemp("log"), monkeypatch)
        made = []
        for day, data in enumerate([STATEMENT.format("a", "Old"), NEW + MANY, NEW, "# nothing else\n" + NEW]):
            write(root, data)
            made.append(release.build(root, root / "releases", clock=partial(_moment, day)))
    made.append(release.rollback(root / "releases", made[1].version, partial(_moment, 30)))
    return made


def _moment(day: int) -> datetime:
    return START + timedelta(days=day)


@pytest.fixture(scope="session")
def following(several: list[Release]) -> Iterator[TestClient]:
    """A client of a server of these releases."""
    folder = several[0].path.parent
    with TestClient(create_app(Settings(root=folder.parent, releases=folder)), follow_redirects=False) as client:
        yield client


@pytest.fixture
def copied(several: list[Release], tmp_path: Path) -> Settings:
    """Settings for a copy of these releases."""
    shutil.copytree(several[0].path.parent, tmp_path / "releases")
    return Settings(root=several[0].path.parent.parent, releases=tmp_path / "releases")
