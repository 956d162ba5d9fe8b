"""Fixtures: one real server, ``cfit serve FILE…``, over a small dataset and the data of the W3C suite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.conformance import suite
from tests.hostile.serving import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = Path(__file__).parent / "small.trig"
"""The data of all tests but those of the W3C suite."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a query by its form; the rest of it would fill the line."""
    return str(val).partition(" ")[0].lower() if argname == "query" else None


@pytest.fixture(scope="session")
def w3c_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of the W3C suite in one file; empty where the suite is not at hand."""
    path = tmp_path_factory.mktemp("w3c") / "suite.nq"
    suite.write_dataset(suite.cases(), path)
    return path


@pytest.fixture(scope="session")
def http(w3c_data: Path) -> Iterator[httpx2.Client]:
    """A client of the server; redirects are not followed, and it accepts anything."""
    with serve(SMALL, w3c_data) as server:
        address = f"http://127.0.0.1:{server.port}"
        with httpx2.Client(base_url=address, timeout=30, trust_env=False) as client:
            yield client
