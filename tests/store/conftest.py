"""A store process over a graph in which everything is linked with everything, for the tests of workers and pools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from cfit_graph.store.workers import StoreProcess
from tests.hostile import dense
from tests.hostile.processes import children, eventually, store_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEMORY: Final = 128 << 20
"""Bytes that a query may use."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dense(tmp_path_factory.mktemp("dense"))


@pytest.fixture(scope="module")
def process(data: Path) -> Iterator[StoreProcess]:
    started = StoreProcess([data], MEMORY)
    yield started
    started.close()


@pytest.fixture
def pid(process: StoreProcess) -> int:
    """The store process, once the workers of the tests before have gone."""
    store = store_of(process)
    eventually(lambda: not children(store))
    return store
