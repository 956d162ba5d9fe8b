"""Queries made to do harm, over HTTP: each ends within its ceiling, in a clear way, and the next is answered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.hostile.cases import COSTLY, PARSED
from tests.hostile.serving import Server, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 1
SOON = 4  # what is refused before it runs, or for its memory, on a machine that is busy with other tests


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    limits = {"query_seconds": SECONDS, "query_mb": 128, "result_mb": 8, "workers": 2, "queue": 4}
    with serve(data, **limits) as running:
        yield running


def _outcome(server: Server, sparql: str) -> tuple[int, str]:
    reply = server.post(sparql, accept="text/csv, text/turtle")
    return reply.status, reply.kind or ("" if reply.is_complete else "broken")


@pytest.mark.parametrize(("sparql", "allowed"), COSTLY.values(), ids=COSTLY)
def test_what_costs_too_much_ends_within_its_time(server: Server, sparql: str, allowed: set[tuple[int, str]]) -> None:
    started = time.monotonic()
    outcome = _outcome(server, sparql)
    taken = time.monotonic() - started
    server.is_well()
    assert outcome in allowed
    assert taken < SECONDS + SOON


@pytest.mark.parametrize(("sparql", "allowed"), PARSED.values(), ids=PARSED)
def test_what_cannot_be_parsed_is_refused_at_once(server: Server, sparql: str, allowed: set[tuple[int, str]]) -> None:
    started = time.monotonic()
    outcome = _outcome(server, sparql)
    taken = time.monotonic() - started
    server.is_well()
    assert outcome in allowed
    assert taken < SOON
