"""Our own server."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchmarks.peers.base import Peer
from benchmarks.processes import BESIDE, Server

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cfit(Peer):
    """``cfit serve FILE`` without its cache, and with limits that the mix does not meet."""

    name = "cfit"
    title = "cfit, cache off"
    environment: ClassVar[Mapping[str, str]] = {"CFIT_CACHE_MB": "0"}
    processes: ClassVar[int] = 1
    """Web processes."""

    def launch(self) -> Server:
        """Start the server."""
        limits = {"CFIT_QUERY_SECONDS": "600", "CFIT_QUERY_MB": "8192", "CFIT_RESULT_MB": "8192"}
        options = ["--port", str(self.port), "--processes", str(self.processes)]
        return Server(
            [BESIDE / "cfit", "serve", self.graph, *options], self.folder / "log", {**limits, **self.environment}
        )


class CfitCached(Cfit):
    """The same with its cache on, as it is delivered."""

    name = "cfit-cached"
    title = "cfit, cache on"
    environment: ClassVar[Mapping[str, str]] = {}


class CfitTwo(Cfit):
    """Without its cache, by as many web processes as the machine of the results has cores."""

    name = "cfit-two"
    title = "cfit, two web processes, cache off"
    processes = 2
    most = 3_000_000  # with the others of ours, ten million statements would take some 17 GB


class CfitTwoCached(CfitCached):
    """With its cache, by two web processes."""

    name = "cfit-two-cached"
    title = "cfit, two web processes, cache on"
    processes = 2
    most = CfitTwo.most
