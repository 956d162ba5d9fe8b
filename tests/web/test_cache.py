from __future__ import annotations

import pytest

from cfit_graph.web.cache import Cache, Entry, matches

ROOM = 80_000
"""For some eight of the largest entries."""


def _entry(size: int, sign: bytes = b"x") -> Entry:
    return Entry(((b"etag", b'"1"'), (b"content-length", b"1"), (b"x-more", b"1")), sign * size, b'"1"')


def test_what_was_put_is_there() -> None:
    cache = Cache(ROOM)
    assert cache.get(("a",)) is None
    cache.put(("a",), _entry(10))
    assert cache.get(("a",)) == _entry(10)
    assert (cache.hits, cache.misses, len(cache)) == (1, 1, 1)


def test_the_least_recently_used_go_first() -> None:
    cache = Cache(ROOM)
    for name in "abcdefgh":
        cache.put((name,), _entry(9_000))
    assert cache.get(("a",))  # so that b is the one
    cache.put(("i",), _entry(9_000))
    assert cache.get(("b",)) is None
    assert all(cache.get((name,)) for name in "acdefghi")


def test_it_never_holds_more_than_its_bytes() -> None:
    cache = Cache(ROOM)
    for number in range(500):
        cache.put((f"key {number}", "x" * (number % 90)), _entry(37 * number % 9_000))
        assert cache.size <= ROOM
    assert sum(len(entry.body) for entry in map(cache.get, [(f"key {n}", "x" * (n % 90)) for n in range(500)]) if entry)


def test_keys_count_too() -> None:
    cache = Cache(ROOM)
    cache.put(("x" * ROOM,), _entry(1))
    assert len(cache) == 0


@pytest.mark.parametrize(("size", "kept"), [(9_000, True), (ROOM // 8, False), (ROOM, False), (ROOM * 2, False)])
def test_what_would_push_out_the_rest_is_not_kept(size: int, kept: bool) -> None:
    cache = Cache(ROOM)
    cache.put(("small",), _entry(1))
    cache.put(("large",), _entry(size))
    assert (cache.get(("large",)) is not None) is kept
    assert cache.get(("small",))


def test_the_first_stays_and_is_counted_once() -> None:
    cache = Cache(ROOM)
    cache.put(("a",), _entry(10))
    size = cache.size
    cache.put(("a",), _entry(10, b"y"))
    assert (cache.size, cache.get(("a",))) == (size, _entry(10))


def test_without_room_nothing_is_kept() -> None:
    cache = Cache(0)
    cache.put(("a",), Entry((), b""))
    assert (len(cache), cache.size, cache.get(("a",))) == (0, 0, None)


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        (b'"a"', True),
        (b'W/"a"', True),
        (b'"b", "a"', True),
        (b'"b" ,W/"a"', True),
        (b"*", True),
        (b'"b"', False),
        (b"a", False),
        (b'"A"', False),
        (b'"a', False),
        (b"", False),
    ],
)
def test_tags_that_a_client_has(sent: bytes, known: bool) -> None:
    assert matches(sent, b'"a"') is known
    assert not Entry((), b"").is_known_to(sent)


def test_a_304_tells_of_no_body() -> None:
    assert dict(_entry(1).headers_of_304) == {b"etag": b'"1"', b"x-more": b"1"}
