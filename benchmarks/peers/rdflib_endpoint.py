"""rdflib-endpoint, with rdflib's own store in memory."""

from __future__ import annotations

from benchmarks.client import HOST
from benchmarks.peers.base import Peer, absent, program
from benchmarks.processes import Server


class RdflibEndpoint(Peer):
    """``rdflib-endpoint serve FILE``."""

    name = "rdflib-endpoint"
    title = "rdflib-endpoint"
    path = "/"
    most = 1_500_000  # ten million statements would take it some 15 GB

    @classmethod
    def missing(cls) -> str:
        """Say which package is missing."""
        return absent("rdflib-endpoint", "Python package rdflib-endpoint[cli]")

    def launch(self) -> Server:
        """Start the server."""
        listen = ["--host", HOST, "--port", str(self.port)]
        return Server([program("rdflib-endpoint"), "serve", *listen, self.graph], self.folder / "log")
