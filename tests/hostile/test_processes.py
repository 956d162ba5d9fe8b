"""Several web processes with one store process, and a store that is elsewhere."""

from __future__ import annotations

import http.client
import os
import subprocess
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
import pytest

from cfit_graph.placing import part
from tests.hostile import LIGHT, LIGHT_ANSWER
from tests.hostile.processes import PROC, children, descendants, eventually, is_alive, kill, store_processes
from tests.hostile.serving import SERVE, Server, serve
from tests.store.test_contract import oxigraph_serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def two(data: Path) -> Iterator[Server]:
    with serve(data, "--processes", "2", query_mb=128) as running:
        eventually(lambda: len(_web(running)) == 2)
        yield running


def _web(server: Server) -> list[int]:
    return [child for child in children(server.pid) if b"spawn_main" in (PROC / str(child) / "cmdline").read_bytes()]


_ESTABLISHED: Final = "01"  # as /proc/net/tcp has it


def _connections(server: Server, process: int) -> int:
    """Return how many connections of clients a web process has; it has others, to workers."""
    _, *sockets = [line.split() for line in (PROC / str(process) / "net" / "tcp").read_text("ascii").splitlines()]
    ours = {f"socket:[{it[9]}]" for it in sockets if it[1].endswith(f":{server.port:04X}") and it[3] == _ESTABLISHED}
    return sum(str(handle.readlink()) in ours for handle in (PROC / str(process) / "fd").iterdir())


def _counted(server: Server) -> dict[int, int]:
    time.sleep(0.5)
    return {process: _connections(server, process) for process in _web(server)}


def _has_gone(process: int) -> bool:
    return not is_alive(process)


def _is_well(server: Server) -> bool:
    """Tell whether it answers, and rightly; while it starts another store process it may ask for patience."""
    with suppress(OSError, http.client.HTTPException):
        reply = server.query(f"{LIGHT} # {time.monotonic_ns()}")
        assert reply.status == 503 or (reply.status, reply.body) == (200, LIGHT_ANSWER)
        return reply.status == 200
    return False


def _asked(server: Server) -> float:
    return sum(value for name, value in server.metrics().items() if name.startswith("cfit_queries_total"))


def test_they_share_a_store_process_and_count_together(two: Server) -> None:
    before = _asked(two)
    for number in range(20):
        two.query(f"{LIGHT} # {number}")
    for _ in range(6):  # whichever of them is asked
        assert _asked(two) == before + 20
    assert len(store_processes(two.pid)) == 1


def test_each_has_its_share_of_the_connections(two: Server) -> None:
    """By lot: that one of two has less than an eighth of 64 happens once in 10^9 times."""
    connections = [http.client.HTTPConnection("127.0.0.1", two.port, timeout=20) for _ in range(64)]
    before = _counted(two)
    while before != (before := _counted(two)):
        pass  # those of the tests before are still being closed
    for connection in connections:
        connection.request("GET", "/health")
        assert connection.getresponse().read()
    more = [_connections(two, process) - before[process] for process in _web(two)]
    for connection in connections:
        connection.close()
    assert min(more) >= 8
    assert sum(more) == 64


def _cores(processes: list[int]) -> list[list[int]]:
    return sorted(sorted(os.sched_getaffinity(process)) for process in processes)


def _nobody(_: Server) -> list[int]:
    return []


def _of_the_store(server: Server) -> list[int]:
    """The store process with its workers, which outlive it and would go on answering."""
    return [pid for store in store_processes(server.pid) for pid in (store, *children(store))]


def _one_of_the_web(server: Server) -> list[int]:
    return _web(server)[:1]


def test_each_has_its_part_of_the_cores_and_the_store_has_all(two: Server) -> None:
    """After the end of any of them, too."""
    every = sorted(os.sched_getaffinity(0))
    parts = sorted(part(every, place, 2) for place in range(2))
    for ending in (_nobody, _of_the_store, _one_of_the_web):
        ends = ending(two)
        kill(*ends)
        eventually(lambda: not any(map(is_alive, ends)))  # noqa: B023 - of this turn
        eventually(lambda: len(_web(two)) == 2, 20)
        eventually(lambda: all(_is_well(two) for _ in range(4)))
        eventually(lambda: _cores(_web(two)) == parts, 20)
        eventually(lambda: _cores(store_processes(two.pid)) == [every])  # /proc misses some while others end


def test_what_they_share_is_theirs_alone(two: Server) -> None:
    for processes in ("1", "2"):
        command = [*SERVE, "--port", str(two.port), "--processes", processes]
        refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
        assert refused.returncode == 2
        assert f"port {two.port} cannot be served on" in refused.stderr


def test_tags_are_the_same_from_both(two: Server) -> None:
    assert len({two.query(f"{LIGHT} # same").headers["etag"] for _ in range(12)}) == 1


def test_the_end_of_the_store_process_is_mended(two: Server) -> None:
    (store,) = store_processes(two.pid)
    family = _of_the_store(two)
    kill(*family)
    eventually(lambda: not any(map(is_alive, family)))
    for _ in range(4):
        two.is_well()
    assert len(store_processes(two.pid)) == 1
    assert store_processes(two.pid) != [store]


def test_the_end_of_a_web_process_is_mended(two: Server) -> None:
    for _ in range(2):  # one of them has started the store process, and takes it along
        first, *_ = _web(two)
        kill(first)
        eventually(partial(_has_gone, first))
        eventually(lambda: _is_well(two))
        eventually(lambda: len(_web(two)) == 2, 20)
    assert two.request("GET", "/ready").status == 200
    assert all(value >= 0 for value in two.metrics().values())


def test_nothing_is_left_when_it_stops(data: Path) -> None:
    with serve(data, "--processes", "2") as server:
        server.is_well()
        family = descendants(server.pid)
        assert len(family) >= 4
        server.process.terminate()
        assert server.process.wait(20) is not None
        eventually(lambda: not any(map(is_alive, family)))


@pytest.fixture(scope="module")
def elsewhere(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("elsewhere")
    store = ox.Store(str(directory / "store"))
    store.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES)
    store.flush()
    del store
    with oxigraph_serve(directory / "store") as address, serve("--endpoint", address) as running:
        yield running


def test_a_store_elsewhere_is_asked(elsewhere: Server) -> None:
    elsewhere.is_well()
    assert elsewhere.request("GET", "/ready").status == 200
    reply = elsewhere.query(LIGHT)
    assert (reply.body, reply.headers["cache-control"]) == (LIGHT_ANSWER, "no-cache")
    assert "etag" not in reply.headers
    assert elsewhere.request("GET", "/", Accept="text/html").status == 200
    page = elsewhere.query(LIGHT, accept="text/html")
    assert (page.status, b"3540" in page.body) == (200, True)
    assert not store_processes(elsewhere.pid)


@pytest.mark.parametrize(
    ("sparql", "status", "kind"),
    [("SELECT", 400, "query-syntax"), ("ASK { SERVICE <http://127.0.0.1:1/> {} }", 400, "query-forbidden")],
)
def test_what_is_refused_is_refused_for_a_store_elsewhere(
    elsewhere: Server, sparql: str, status: int, kind: str
) -> None:
    reply = elsewhere.query(sparql, accept="*/*")
    assert (reply.status, reply.kind) == (status, kind)


def test_a_store_elsewhere_that_is_down() -> None:
    with serve("--endpoint", "http://127.0.0.1:9/query", log_level="info") as server:
        for path in ("/ready", "/sparql?query=ASK%7B%7D"):
            reply = server.request("GET", path)
            assert (reply.status, reply.kind) == (503, "store-unavailable")
            assert int(reply.headers["retry-after"]) > 0
        assert server.request("GET", "/health").status == 200
        assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_cannot_be_read_is_told_once(tmp_path: Path, processes: int) -> None:
    path = tmp_path / "bad.nt"
    path.write_text("<http://x/a> <http://x/b> <http://x/c> .\n<http://x/a> oops\n")
    command = [*SERVE, str(path), "--port", "0", "--processes", str(processes)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        try:
            _, errors = process.communicate(timeout=10)
        finally:
            process.terminate()
    assert process.returncode == 2
    assert len(errors.splitlines()) == 1
    assert b"bad.nt:2" in errors
