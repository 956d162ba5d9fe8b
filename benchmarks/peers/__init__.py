"""The peers, by name: everything that answers SPARQL and that a package manager gives, and ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.peers.bare import Bare
from benchmarks.peers.base import Answer, Failed, Peer, TooSlow
from benchmarks.peers.fuseki import Fuseki
from benchmarks.peers.ours import Cfit, CfitCached, CfitTwo, CfitTwoCached
from benchmarks.peers.oxigraph import OxigraphDisk, OxigraphMemory
from benchmarks.peers.rdflib_endpoint import RdflibEndpoint
from benchmarks.peers.virtuoso import Virtuoso

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PEERS", "Answer", "Failed", "Peer", "TooSlow"]

_ALL: Final = (
    Bare,
    Cfit,
    CfitCached,
    CfitTwo,
    CfitTwoCached,
    OxigraphMemory,
    OxigraphDisk,
    Virtuoso,
    Fuseki,
    RdflibEndpoint,
)
PEERS: Final[Mapping[str, type[Peer]]] = {peer.name: peer for peer in _ALL}
"""All peers; the first is what the others' answers are compared with."""
