"""The store process and its workers, as who asks sees them: every death is a clear error, and the next is answered."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cfit_graph.errors import QueryError, QueryTimedOut, QueryTooCostly, ResultTooLarge, SourceError, StoreUnavailable
from cfit_graph.store import Limits
from cfit_graph.store.workers import StoreProcess, WorkerStore
from tests.hostile import ENDLESS, LIGHT, LIGHT_ANSWER, STREAM, doubled
from tests.hostile.processes import children, eventually, frozen, is_alive, kill, open_files, store_of, store_processes
from tests.store.conftest import MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterator

CSV = "text/csv"
PATHS = "SELECT (COUNT(*) AS ?n) { ?a (<http://x/p>/<http://x/p>)*/^<http://x/p>+ ?b . ?b <http://x/p>* ?c }"
OWNER = """
import sys, time
from pathlib import Path
from cfit_graph.store.workers import StoreProcess
process = StoreProcess([Path(sys.argv[1])], address=sys.argv[2])
connections = [process.connect() for _ in range(3)]
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def store(process: StoreProcess) -> Iterator[WorkerStore]:
    asked = WorkerStore(process)
    yield asked
    asked.close()


def _ask(store: WorkerStore, sparql: str = LIGHT, **limits: float) -> bytes:
    chosen = Limits(limits.get("seconds", 10), MEMORY, int(limits.get("result", 8 << 20)))
    return b"".join(store.query(sparql, CSV, limits=chosen))


@pytest.fixture(scope="module")
def pid(process: StoreProcess) -> int:
    return store_of(process)


@pytest.mark.parametrize(
    ("sparql", "limits", "kind"),
    [
        (ENDLESS, {"seconds": 0.3}, QueryTimedOut),
        (PATHS, {"seconds": 0.3}, QueryTimedOut),
        (f"{STREAM} ORDER BY ?b ?d ?a", {}, QueryTooCostly),
        (doubled(30), {}, QueryTooCostly),
        (doubled(12, 'REPLACE({0}, "x", "xxxxxxxx")'), {}, QueryTooCostly),
        ("SELECT DISTINCT * { ?a ?p ?b . ?c ?q ?d } OFFSET 100000000", {}, QueryTooCostly),
        (STREAM, {"result": 1 << 20}, ResultTooLarge),
    ],
    ids=["deadline", "paths", "sorting", "doubling", "replacing", "distinct", "result"],
)  # fmt: skip
def test_every_limit_ends_a_query_and_nothing_else(
    store: WorkerStore, sparql: str, limits: dict[str, float], kind: type[QueryError]
) -> None:
    assert _ask(store) == LIGHT_ANSWER
    started = time.monotonic()
    with pytest.raises(kind):
        _ask(store, sparql, **limits)
    assert time.monotonic() - started < limits.get("seconds", 5) + 1.5
    assert _ask(store) == LIGHT_ANSWER


def test_a_worker_that_stands_still_is_not_waited_for(
    store: WorkerStore, pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfit_graph.store.workers.PATIENT", 0.3)
    for _ in range(2):  # a worker that was idle, and one that is not forked
        with frozen(pid, *children(pid)), pytest.raises(QueryTimedOut):
            _ask(store, seconds=0.4)
    assert _ask(store) == LIGHT_ANSWER


def test_a_store_process_that_takes_no_more_connections_is_not_waited_for(tmp_path: Path) -> None:
    address = tmp_path / "store"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen(0)
        process = StoreProcess([], address=str(address))
        with process.connect(), pytest.raises(StoreUnavailable):
            process.connect()


def test_a_query_that_passes_its_limit_is_asked_once(
    process: StoreProcess, store: WorkerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a worker that was idle before, too."""
    assert _ask(store) == LIGHT_ANSWER
    monkeypatch.setattr(process, "connect", None)
    with pytest.raises(QueryTimedOut):
        _ask(store, ENDLESS, seconds=0.3)


def test_an_idle_worker_that_dies_while_others_are_given_up_is_passed_over(
    store: WorkerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread may put one back in the meantime."""
    close, more = store.close, [_dead()]

    def close_and_put_back() -> None:
        close()
        store._idle += more
        more.clear()

    store._idle.append(_dead())
    monkeypatch.setattr(store, "close", close_and_put_back)
    assert _ask(store) == LIGHT_ANSWER
    assert not more


def _dead() -> socket.socket:
    """Return a connection to a worker that is no more."""
    connection, worker = socket.socketpair()
    worker.close()
    return connection


def test_an_idle_worker_that_died_is_replaced(store: WorkerStore, pid: int) -> None:
    assert _ask(store) == LIGHT_ANSWER
    kill(*children(pid))
    eventually(lambda: not children(pid))
    assert _ask(store) == LIGHT_ANSWER


def test_of_many_idle_workers_only_some_are_kept(store: WorkerStore, process: StoreProcess) -> None:
    connections = [process.connect() for _ in range(10)]
    for connection in connections:
        store._put_back(connection, keep=True)
    assert [connection.fileno() >= 0 for connection in connections] == [True] * 8 + [False] * 2


def test_a_store_process_that_died_is_started_again(data: Path) -> None:
    process = StoreProcess([data], MEMORY)
    store = WorkerStore(process)
    first = store_of(process)
    files = open_files()
    kill(first)
    eventually(lambda: not is_alive(first))
    assert _ask(store) == LIGHT_ANSWER
    second = store_of(process)
    assert second != first
    store.close()
    assert open_files() <= files
    process.close()
    assert not is_alive(second)


def test_an_answer_that_nobody_takes_to_its_end_ends_its_worker(store: WorkerStore, pid: int) -> None:
    pieces = store.query(STREAM, CSV)
    next(pieces)
    assert children(pid)
    del pieces
    eventually(lambda: not children(pid))


@pytest.mark.parametrize(
    ("text", "line"),
    [("<http://x/a> <http://x/b> <http://x/c> .\n<http://x/a> oops\n", 2), ("<a:a> <a:b> '", 1), (None, 0)],
)
def test_files_that_cannot_be_read_are_told_with_their_place(tmp_path: Path, text: str | None, line: int) -> None:
    path = tmp_path / "data.nt"
    if text is not None:
        path.write_text(text)
    process = StoreProcess([path])
    with pytest.raises(SourceError) as caught:
        process.connect()
    assert (caught.value.path, caught.value.line) == (path, line)
    process.close()


def test_a_store_process_that_cannot_start_is_told_of(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)  # more than the address of a socket may have
    folder.mkdir()
    process = StoreProcess([data], address=str(folder / "store"))
    with pytest.raises(StoreUnavailable):
        process.connect()
    process.close()


def test_nothing_outlives_the_owner(data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(data), str(tmp_path / "store")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        assert owner.stdout.readline() == b"ready\n"
        (store,) = store_processes(owner.pid)
        eventually(lambda: len(children(store)) == 3)
        family = [store, *children(store)]
        kill(owner.pid)
    eventually(lambda: not any(map(is_alive, family)))


def test_several_owners_share_one_by_its_address(data: Path, tmp_path: Path) -> None:
    one, other = (StoreProcess([data], MEMORY, str(tmp_path / "store")) for _ in range(2))
    shared = store_of(one)
    assert store_of(other) == shared
    one.close()  # it ends with who started it
    assert not is_alive(shared)
    store = WorkerStore(other)
    assert _ask(store) == LIGHT_ANSWER
    store.close()
    other.close()


def test_nothing_is_left_behind_by_fifty_that_were_stopped(store: WorkerStore, pid: int) -> None:
    assert _ask(store) == LIGHT_ANSWER
    files = open_files()
    for number in range(50):
        with pytest.raises(QueryError):
            _ask(store, ENDLESS if number % 2 else doubled(30), seconds=0.02)
    assert _ask(store) == LIGHT_ANSWER
    assert open_files() <= files
    eventually(lambda: len(children(pid)) <= 1)


def test_a_worker_holds_no_connection_but_its_own(process: StoreProcess, pid: int) -> None:
    with process.connect(), process.connect():
        eventually(lambda: len(children(pid)) == 2)
        eventually(lambda: [_sockets(worker) for worker in children(pid)] == [1, 1])


def _sockets(process: int) -> int:
    number = 0
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            number += str(link.readlink()).startswith("socket:")
    return number
