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

    def launch(self) -> Server:
        """Start the server."""
        limits = {"CFIT_QUERY_SECONDS": "600", "CFIT_QUERY_MB": "8192", "CFIT_RESULT_MB": "8192"}
        command = [BESIDE / "cfit", "serve", self.graph, "--port", str(self.port)]
        return Server(command, self.folder / "log", {**limits, **self.environment})


class CfitCached(Cfit):
    """The same with its cache on, as it is delivered."""

    name = "cfit-cached"
    title = "cfit, cache on"
    environment: ClassVar[Mapping[str, str]] = {}
