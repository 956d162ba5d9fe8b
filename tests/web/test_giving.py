"""How answers get to clients that do not take them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from cfit_graph.web.giving import ClientGone, give_in_pieces

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_who_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr("cfit_graph.web.giving.STALLED", 0.05)

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)

    given = give_in_pieces(b"x", _nothing(), (), {"http_version": version}, send)  # type: ignore[arg-type]
    with pytest.raises(ClientGone):
        asyncio.run(asyncio.wait_for(given, 5))
