"""Look-ups per second over eight connections, by wrk: another organization each time, drawn by lot."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from benchmarks.client import HOST
from benchmarks.mix import ROWS, lookups
from benchmarks.peers.base import absent, program
from benchmarks.rounds import rotated, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.peers import Peer

SCRIPT: Final = Path(__file__).parent / "lookups.lua"
CONNECTIONS: Final = 8
QUERIES: Final = 3000
_TRIES: Final = 3  # Virtuoso may not take the first connection while it closes those of the run before


def missing() -> str:
    """Say why it cannot be measured; nothing if it can."""
    return absent("wrk", "Debian package wrk")


def measure(peers: Sequence[Peer], organizations: int, rounds: int, seconds: int) -> dict[str, Any]:
    """Return the figures of each peer: medians over rounds."""
    figures: dict[str, list[dict[str, float]]] = {peer.name: [] for peer in peers}
    for peer in peers:
        _write_paths(peer, lookups(QUERIES, organizations))
        _run(peer, 2, 0)  # fills caches and warms up
    for number in range(rounds):
        say(f"look-ups by wrk, round {number + 1} of {rounds}")
        for peer in rotated(peers, number):
            figures[peer.name].append(_run(peer, seconds, number + 1))
    return {name: _summary(found) for name, found in figures.items()}


def _write_paths(peer: Peer, queries: Sequence[str]) -> None:
    forms = (urlencode({"query": query, **peer.parameters}) for query in queries)
    _paths(peer).write_text("".join(f"{peer.path}?{form}\n" for form in forms), "utf-8")


def _paths(peer: Peer) -> Path:
    return peer.folder / "lookups.txt"


def _run(peer: Peer, seconds: int, seed: int) -> dict[str, float]:
    load = ["-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "-s", str(SCRIPT)]
    target = [f"http://{HOST}:{peer.port}", "--", str(_paths(peer)), ROWS, str(seed)]
    for _ in range(_TRIES):
        done = subprocess.run(  # noqa: S603 - our own words
            [program("wrk"), *load, *target], capture_output=True, text=True, check=False, timeout=seconds + 60
        )
        if done.returncode == 0:
            break
        time.sleep(1)
    done.check_returncode()
    figures = json.loads(done.stdout.splitlines()[-1])
    return {**figures, "per_second": round(figures["requests"] / figures["seconds"])}


def _summary(rounds: list[dict[str, float]]) -> dict[str, Any]:
    medians = {name: statistics.median(found[name] for found in rounds) for name in ("per_second", "p50", "p95")}
    return {**medians, "failed": sum(found["failed"] for found in rounds), "rounds": rounds}
