from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cfit_graph.settings import Settings
from cfit_graph.web.export import export
from tests.conftest import ROOT
from tests.web import PAGES

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://copy.example.org"
COPIED = [path for path in PAGES if path != "/validate"]


@pytest.fixture(scope="session")
def copy(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the site of the real graph."""
    folder = tmp_path_factory.mktemp("copy") / "site"
    export(Settings(root=ROOT, releases=releases), folder, URL)
    return folder
