"""The floor: pyoxigraph in a process of its own, without HTTP; it times itself."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.generate import ROOT
from benchmarks.peers.base import Answer, Failed, Peer, TooSlow
from benchmarks.processes import memory

if TYPE_CHECKING:
    from benchmarks.mix import Query


class Bare(Peer):
    """pyoxigraph in process: query text to bytes, by ``benchmarks/inside.py`` at the other end of a pipe."""

    name = "bare"
    title = "pyoxigraph, in process"
    note = "no HTTP; the time from query text to bytes, by its own clock"

    _child: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start the process and wait until it has loaded the graph."""
        began = time.perf_counter()
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "benchmarks.inside", str(self.graph)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self._read()
        return time.perf_counter() - began

    def ask(self, query: Query) -> Answer:
        """Answer a query; see :meth:`Peer.ask`."""
        child = self._started()
        assert child.stdin is not None  # noqa: S101 - a pipe
        child.stdin.write(json.dumps([query.sparql, query.media_type]).encode() + b"\n")
        child.stdin.flush()
        return self._read()

    def wake(self) -> None:
        """Do nothing: a pipe stays open."""

    def memory(self) -> float:
        """Return the megabytes it takes now."""
        return memory([self._started().pid])

    def stop(self) -> None:
        """End it."""
        if self._child:
            self._child.kill()
            self._child.communicate()
        self._child = None

    def _started(self) -> subprocess.Popen[bytes]:
        assert self._child is not None  # noqa: S101 - started
        return self._child

    def _read(self) -> Answer:
        pipe = self._started().stdout
        assert pipe is not None  # noqa: S101 - a pipe
        ready, _, _ = select.select([pipe], [], [], max(self.limit, 600))
        if not ready:
            raise TooSlow
        header = pipe.readline()
        if not header:
            raise Failed("ended")
        length, seconds = json.loads(header)
        return Answer(pipe.read(length), seconds)
