"""What a worker writes comes out as it went in, in frames that a client can take one by one."""

from __future__ import annotations

import gzip
import signal
import socket
from typing import TYPE_CHECKING

import brotli
import pytest

from cfit_graph.errors import ResultTooLarge
from cfit_graph.store import frames
from cfit_graph.store.sink import BLOCK, Sink

if TYPE_CHECKING:
    from collections.abc import Iterator

DECODED = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
PIECES = {
    "nothing": [],
    "a little": [b"a", b"bc"],
    "one block less a byte": [b"x" * (BLOCK - 1)],
    "one block": [b"x" * BLOCK],
    "blocks in pieces": [bytes([65 + number % 26]) * 8192 for number in range(50)],
    "one value larger than all": [b"ab" * (4 * BLOCK), b"c"],
    "large after small": [b"a" * 9, b"b" * (3 * BLOCK), b"c" * 9],
}


class _Wire:
    """A socket that keeps what is sent, as it was at that time: what was sent may be written over."""

    def __init__(self) -> None:
        self.sent = b""

    def sendall(self, data: bytes | memoryview) -> None:
        self.sent += bytes(data)

    def frames(self) -> Iterator[frames.Frame]:
        start = 0
        while frame := frames.first(self.sent, start):
            yield frame
            start += frames.HEADER.size + len(frame.body)
        assert start == len(self.sent)


@pytest.fixture(autouse=True)
def _alarm() -> Iterator[None]:
    """Take the signal that a worker ends by: a sink sets its timer again after it has sent."""
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def _sink(wire: _Wire, encoding: str = "", limit: int = 1 << 30) -> Sink:
    return Sink(wire, encoding, limit)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", DECODED)
@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_what_is_written_comes_out_whole_and_in_frames_of_bounded_size(pieces: list[bytes], encoding: str) -> None:
    wire = _Wire()
    sink = _sink(wire, encoding)
    assert [sink.write(piece) for piece in pieces] == [len(piece) for piece in pieces]
    sink.close(frames.QUICK)
    *more, last = wire.frames()
    assert [frame.follows for frame in more] == [frames.MORE] * len(more)
    assert last.follows == frames.QUICK
    assert all(frame.body for frame in more), "a frame without bytes wakes its client for nothing"
    assert all(len(frame.body) <= 2 * BLOCK for frame in (*more, last))
    body, whole = b"".join(frame.body for frame in (*more, last)), b"".join(pieces)
    coding = frames.ENCODINGS[last.kind]
    assert DECODED[coding](body) == whole
    assert coding == (encoding if len(whole) >= 1_000 else ""), "what is short is not compressed"


def test_nothing_is_sent_before_a_block_is_full() -> None:
    wire = _Wire()
    sink = _sink(wire)
    sink.write(b"x" * (BLOCK - 1))
    assert wire.sent == b""
    sink.write(b"y")
    assert len(wire.sent) == frames.HEADER.size + BLOCK


@pytest.mark.parametrize("size", [2, 9 * BLOCK])
def test_what_is_more_than_the_limit_is_not_sent(size: int) -> None:
    wire = _Wire()
    sink = _sink(wire, limit=BLOCK + 1)
    sink.write(b"x" * BLOCK)
    with pytest.raises(ResultTooLarge):
        sink.write(b"y" * size)
    assert sink.full
    assert [len(frame.body) for frame in wire.frames()] == [BLOCK]


def test_a_result_may_be_as_large_as_the_limit() -> None:
    sink = _sink(_Wire(), limit=BLOCK + 1)
    sink.write(b"x" * (BLOCK + 1))
    assert not sink.full


def test_the_time_left_is_kept_while_a_client_takes_a_block() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sink = Sink(ours, "", 1 << 30)
        signal.setitimer(signal.ITIMER_REAL, 30)
        sink.write(b"x" * BLOCK)
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        assert 20 < left <= 30
        assert theirs.recv(1)
