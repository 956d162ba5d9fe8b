"""How answers get to clients that do not take them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from cfit_graph.errors import QueryTooLarge
from cfit_graph.web.giving import ClientGone, Remembered, give_in_pieces, take_all

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


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


@pytest.mark.parametrize("length", [b"11", b"-1", b"x", b""])
def test_a_body_that_is_announced_as_too_large_is_refused_before_it_is_sent(length: bytes) -> None:
    scope: Any = {"headers": [(b"content-length", length)]}

    async def receive() -> dict[str, Any]:
        raise AssertionError("it is not waited for")

    with pytest.raises(QueryTooLarge):
        asyncio.run(take_all(scope, receive, 10, QueryTooLarge("more than 10")))


@pytest.mark.parametrize("length", [[], [(b"content-length", b"10")]])
def test_a_body_is_taken_up_to_its_limit(length: list[tuple[bytes, bytes]]) -> None:
    scope: Any = {"headers": length}

    async def taken(*pieces: bytes) -> bytes:
        parts = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        messages: Iterator[dict[str, Any]] = iter([*parts, {"type": "http.request", "body": b""}])

        async def receive() -> dict[str, Any]:
            return next(messages)

        return await take_all(scope, receive, 10, QueryTooLarge("more than 10"))

    assert asyncio.run(taken(b"12345", b"67890")) == b"1234567890"
    with pytest.raises(QueryTooLarge):
        asyncio.run(taken(b"12345", b"678901"))


@pytest.mark.parametrize(("size", "is_kept"), [(1 << 20, True), (3 << 20, False)])
def test_an_answer_is_remembered_unless_it_is_too_large(size: int, is_kept: bool) -> None:
    async def rest() -> AsyncIterator[bytes]:
        for _ in range(2):
            yield size * b"x"

    async def passed() -> tuple[int, bytes]:
        remembered = Remembered(b"first", rest())
        assert remembered.whole() == b""  # as long as more may come
        return sum([len(piece) async for piece in remembered]), remembered.whole()

    length, whole = asyncio.run(passed())
    assert length == 2 * size
    assert len(whole) == (5 + length if is_kept else 0)
