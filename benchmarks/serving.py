"""Our server as it is delivered, started for the experiments on what it withstands."""

from __future__ import annotations

import select
import socket
import time
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from benchmarks.client import HOST, Client
from benchmarks.generate import ROOT
from benchmarks.mix import ROWS
from benchmarks.processes import BESIDE, Server, command_line, free_port, memory, open_files, resident, run, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

RUNAWAYS: Final = Path(__file__).parent / "queries" / "runaway"
WORK: Final = ROOT / "build" / "benchmarks" / "server"
_STARTING = 300.0


class Serving:
    """A running server of ours: where it listens, and what its processes take."""

    def __init__(self, server: Server, port: int) -> None:
        self.server, self.port = server, port

    def client(self, timeout: float = 120) -> Client:
        """Return a new connection to it."""
        return Client(self.port, timeout)

    def processes(self) -> list[int]:
        """Return its processes: the web process first."""
        return tree(self.server.pid)

    def takes(self) -> dict[str, float]:
        """Return what it takes now: processes, file handles, megabytes in all and of the web process."""
        pids = self.processes()
        return {
            "processes": len(pids),
            "files": open_files(pids),
            "memory_mb": memory(pids),
            "web_mb": resident(self.server.pid),
        }

    def stores(self) -> list[int]:
        """Return the processes that hold the graph: those that run as the store, forked from nothing of their kind."""
        named = [pid for pid in self.processes() if "cfit_graph.store.process" in command_line(pid)]
        below = {child for pid in named for child in tree(pid)[1:]}
        return [pid for pid in named if pid not in below]


@contextmanager
def serving(*files: Path, environment: Mapping[str, str] | None = None, work: Path = WORK) -> Iterator[Serving]:
    """Serve files, or without any the release of the real graph, until the block ends.

    Raises:
        RuntimeError: if it does not come up.
    """
    given = {"CFIT_RELEASES": str(work / "releases"), **(environment or {})}
    if not files:
        run(
            ["env", *(f"{name}={value}" for name, value in given.items()), BESIDE / "cfit", "build"], work / "build.log"
        )
    port = free_port()
    server = Server([BESIDE / "cfit", "serve", *files, "--port", str(port)], work / "serve.log", given)
    try:
        _wait(server, port)
        yield Serving(server, port)
    finally:
        server.stop()


def _wait(server: Server, port: int) -> None:
    deadline = time.monotonic() + _STARTING
    while time.monotonic() < deadline and server.is_running():
        try:
            with Client(port, 10) as client:
                if client.query("/sparql", "ASK {}", ROWS).status == HTTPStatus.OK:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not come up: {server.last_words()}")


def runaways() -> list[str]:
    """Return queries that would run for hours."""
    return [path.read_text("utf-8") for path in sorted(RUNAWAYS.glob("*.rq"))]


def hold(port: int, sparql: str, is_over: Callable[[], bool], **parameters: str) -> str:
    """Ask a query, wait, and hang up when it is over; return the status of the answer if there was one before.

    Users hang up, too: they press a button twice, or close the page.
    """
    target = f"/sparql?{urlencode({'query': sparql, **parameters})}"
    lines = [f"GET {target} HTTP/1.1", f"Host: {HOST}", f"Accept: {ROWS}", "Connection: close", "", ""]
    with socket.create_connection((HOST, port), timeout=60) as connection:
        connection.sendall("\r\n".join(lines).encode("ascii"))
        while not is_over():
            if select.select([connection], [], [], 0.02)[0]:
                words = connection.recv(64).split(b" ")
                return words[1].decode("ascii") if len(words) > 1 else "no answer"
    return "hung up"


def after(seconds: float) -> Callable[[], bool]:
    """Return what tells whether so many seconds have passed from now."""
    deadline = time.monotonic() + seconds
    return lambda: time.monotonic() > deadline
