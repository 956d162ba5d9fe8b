"""Fixtures: one server over a dense graph, with small limits, for the tests of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile import dense
from tests.hostile.serving import Server, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dense graph in a file."""
    return dense(tmp_path_factory.mktemp("dense"))


@pytest.fixture(scope="session")
def server(data: Path) -> Iterator[Server]:
    """A server that gives a query ten seconds, or what it asks for, and eight megabytes."""
    with serve(data, query_seconds=10, query_mb=256, result_mb=8, workers=4, queue=4) as running:
        yield running
