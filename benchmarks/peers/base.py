"""What every peer can do: start on a graph, answer a query, stop."""

from __future__ import annotations

import http.client
import shutil
import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from benchmarks.client import Client
from benchmarks.processes import BESIDE, Server, free_port, memory, tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.mix import Query

STARTING: Final = 1800.0
"""Seconds a peer may take to load its graph and answer."""


class TooSlow(Exception):
    """No answer within the time limit."""


class Failed(Exception):
    """No answer at all; says why."""


@dataclass(frozen=True)
class Answer:
    """An answer and the seconds it took."""

    body: bytes
    seconds: float


class Peer:
    """A SPARQL server under test. Subclasses say how it is started and where it listens."""

    name: ClassVar[str]
    title: ClassVar[str]
    path: ClassVar[str] = "/sparql"
    parameters: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """What is sent along with each query."""
    most: ClassVar[int] = 100_000_000
    """Statements of the largest graph that it is given."""
    note: ClassVar[str] = "one graph per kind of record; the default graph is their union"

    def __init__(self, graph: Path, folder: Path, limit: float) -> None:
        """Prepare to serve a file of N-Quads; ``folder`` is the peer's own, ``limit`` the seconds of a query."""
        self.graph, self.folder, self.limit = graph, folder, limit
        self.port = 0
        self._server: Server | None = None
        self._client: Client | None = None

    @classmethod
    def missing(cls) -> str:
        """Return why the peer cannot be had on this machine; nothing if it can."""
        return ""

    def launch(self) -> Server:
        """Start the server on ``self.port``; loading may go on afterwards."""
        raise NotImplementedError

    def fill(self) -> None:
        """Load the graph into the server that now answers, where it is not given one at the start."""

    def start(self) -> float:
        """Start, wait until it answers from the graph, and return the seconds this took.

        Raises:
            Failed: if it does not come up.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.port, began = free_port(), time.perf_counter()
        try:
            self._server = self.launch()
            self._wait()
            self.fill()
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            self.stop()
            raise Failed(f"did not start: {error}") from error
        return time.perf_counter() - began

    def ask(self, query: Query) -> Answer:
        """Answer a query.

        Raises:
            TooSlow: if the answer takes longer than the limit.
            Failed: if there is none.
        """
        assert self._client is not None  # noqa: S101 - started
        try:
            reply = self._client.query(self.path, query.sparql, query.media_type, **self.parameters)
        except TimeoutError:
            raise TooSlow from None
        except OSError as error:
            raise Failed(f"broke the connection ({type(error).__name__})") from error
        if reply.status != http.HTTPStatus.OK:
            raise Failed(f"status {reply.status}: {reply.body[:120].decode('utf-8', 'replace').splitlines()[:1]}")
        return Answer(reply.body, reply.seconds)

    def wake(self) -> None:
        """See to it that the connection is open: servers drop those that were idle for some seconds.

        Oxigraph says 408 on such a connection before it drops it, so that it seems to answer once more.
        """
        assert self._client is not None  # noqa: S101 - started
        for _ in range(3):
            try:
                reply = self._client.query(self.path, "ASK {}", "application/sparql-results+json")
            except OSError:
                continue
            if reply.status == http.HTTPStatus.OK:
                return

    def memory(self) -> float:
        """Return the megabytes it takes now, all processes together."""
        return memory(tree(self._server.pid)) if self._server else 0.0

    def stop(self) -> None:
        """End it."""
        if self._client:
            self._client.close()
        if self._server:
            self._server.stop()
        self._server = self._client = None

    def version(self) -> str:
        """Return its version where no package of ours has it."""
        return ""

    def _wait(self) -> None:
        assert self._server is not None  # noqa: S101 - just launched
        deadline = time.monotonic() + STARTING
        while time.monotonic() < deadline:
            if not self._server.is_running():
                raise RuntimeError(self._server.last_words())
            if self._answers():
                self._client = Client(self.port, self.limit)
                return
            time.sleep(0.05)
        raise RuntimeError("no answer in time")

    def _answers(self) -> bool:
        try:
            with Client(self.port, 10) as client:
                reply = client.query(self.path, "ASK {}", "application/sparql-results+json")
        except OSError:
            return False
        return reply.status == http.HTTPStatus.OK


def program(name: str) -> str:
    """Return the path of a program of this Python environment or of the machine; nothing if there is none."""
    return shutil.which(name, path=str(BESIDE)) or shutil.which(name) or ""


def absent(name: str, package: str) -> str:
    """Say that a program is missing and which package brings it; nothing if it is there."""
    return "" if program(name) else f"not installed: {name} ({package})"
