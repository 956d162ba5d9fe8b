"""The store process allocates by mimalloc where that is installed, and its limits hold with either allocator."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from cfit_graph.errors import QueryTooCostly
from cfit_graph.store import allocator
from cfit_graph.store.workers import StoreProcess
from tests.hostile import STREAM, doubled
from tests.hostile.asking import light, question, run, soon, whole
from tests.hostile.processes import PROC, children, megabytes, store_of
from tests.store.conftest import MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cfit_graph.store.pool import WorkerPool

HOARDING = "SELECT DISTINCT * { ?a ?p ?b . ?c ?q ?d } OFFSET 300000 LIMIT 1"
"""Keeps some 100 MB until its end."""
IS_INSTALLED = "LD_PRELOAD" in allocator.environment()


@pytest.fixture(scope="module", params=["mimalloc", "the C library's"])
def named(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name == "mimalloc" and not IS_INSTALLED:
        assert not os.environ.get("CI"), "mimalloc is missing; Debian has it in the package libmimalloc-dev"
        pytest.skip("mimalloc is not installed")
    return name


@pytest.fixture(scope="module")
def process(named: str, data: Path) -> Iterator[StoreProcess]:
    with pytest.MonkeyPatch.context() as patch:
        if named != "mimalloc":
            patch.setenv("LD_PRELOAD", "")
        started = StoreProcess([data], MEMORY)
        store_of(started)
    yield started
    started.close()


def libraries(process: int) -> str:
    return (PROC / str(process) / "maps").read_text("utf-8")


def test_a_process_has_the_allocator_that_there_is(named: str, pid: int) -> None:
    assert ("libmimalloc" in libraries(pid)) == (named == "mimalloc")


@pytest.mark.parametrize("sparql", [doubled(30), f"{STREAM} ORDER BY ?b ?d ?a"], ids=["text", "rows"])
def test_memory_is_limited(process: StoreProcess, pid: int, sparql: str) -> None:
    async def test(pool: WorkerPool) -> None:
        await light(pool)
        (worker,) = children(pid)
        before, most = megabytes(worker), 0.0
        asked = asyncio.create_task(pool.ask(question(sparql)))
        while children(pid) == [worker] and not asked.done():
            most = max(most, megabytes(worker))
            await asyncio.sleep(0.002)
        with pytest.raises(QueryTooCostly):
            await whole(await asked)
        assert most < before + 2 * (MEMORY >> 20)
        await light(pool)

    run(process, test)


def test_a_worker_gives_back_what_a_long_query_has_left(process: StoreProcess, pid: int) -> None:
    """It is kept: a fresh one would copy the pages of the graph anew that it writes to."""

    async def test(pool: WorkerPool) -> None:
        await light(pool)
        (worker,) = children(pid)
        before, most = megabytes(worker), 0.0
        asked = asyncio.create_task(pool.ask(question(HOARDING)))
        while not asked.done():
            most = max(most, megabytes(worker))
            await asyncio.sleep(0.005)
        assert (await asked).rest is None
        assert most > before + 70
        await soon(lambda: megabytes(worker) < before + 20)
        await light(pool)
        assert children(pid) == [worker]

    run(process, test)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with libraries, on a machine where nobody has chosen an allocator."""
    monkeypatch.delenv("LD_PRELOAD", raising=False)
    for name in ("libmimalloc.so", "libmimalloc.so.2", "libmimalloc.so.2.0", "libmimalloc-secure.so.2"):
        (tmp_path / name).touch()
    return tmp_path


def test_the_first_that_is_found_is_taken(place: Path, tmp_path: Path) -> None:
    given = allocator.environment([tmp_path / "absent", place])
    assert given["LD_PRELOAD"] == str(place / "libmimalloc.so.2")
    assert given["PATH"] == os.environ["PATH"]


def test_options_that_are_given_are_left(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIMALLOC_DISALLOW_ARENA_ALLOC", "0")
    assert allocator.environment([place])["MIMALLOC_DISALLOW_ARENA_ALLOC"] == "0"


@pytest.mark.parametrize("chosen", ["", "libother.so"])
def test_who_has_chosen_is_left_alone(place: Path, monkeypatch: pytest.MonkeyPatch, chosen: str) -> None:
    monkeypatch.setenv("LD_PRELOAD", chosen)
    assert allocator.environment([place]) == dict(os.environ)


def test_a_machine_without_it_changes_nothing(place: Path) -> None:
    assert allocator.environment([place / "absent"]) == dict(os.environ)
