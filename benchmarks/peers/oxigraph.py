"""The Oxigraph server, from the Python package ``oxigraph``."""

from __future__ import annotations

import http.client

from benchmarks.client import HOST
from benchmarks.peers.base import STARTING, Peer, absent, program
from benchmarks.processes import Server, run


class OxigraphMemory(Peer):
    """``oxigraph serve`` without a folder."""

    name = "oxigraph-memory"
    title = "Oxigraph server, in memory"
    path = "/query"

    @classmethod
    def missing(cls) -> str:
        """Say which package is missing."""
        return absent("oxigraph", "Python package oxigraph")

    def launch(self) -> Server:
        """Start the server, empty."""
        command = [program("oxigraph"), "serve", "--bind", f"{HOST}:{self.port}", "--union-default-graph"]
        return Server(command, self.folder / "log")

    def fill(self) -> None:
        """Send it the graph."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=STARTING)
        with self.graph.open("rb") as file:
            length = str(self.graph.stat().st_size)
            connection.request(
                "POST", "/store", file, {"Content-Type": "application/n-quads", "Content-Length": length}
            )
            answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"loading ended with status {answer.status}")


class OxigraphDisk(OxigraphMemory):
    """``oxigraph serve-read-only`` on a folder that was loaded and optimised before."""

    name = "oxigraph-disk"
    title = "Oxigraph server, read-only on disk"

    def launch(self) -> Server:
        """Load, optimise and serve."""
        where = ["--location", self.folder / "store"]
        run([program("oxigraph"), "load", *where, "--file", self.graph], self.folder / "load.log")
        run([program("oxigraph"), "optimize", *where], self.folder / "optimize.log")
        bind = ["--bind", f"{HOST}:{self.port}", "--union-default-graph"]
        return Server([program("oxigraph"), "serve-read-only", *where, *bind], self.folder / "log")

    def fill(self) -> None:
        """Do nothing: it was loaded before."""
