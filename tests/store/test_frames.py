"""What workers and their clients say to each other: every request and every error survives, in pieces of any size."""

from __future__ import annotations

import asyncio
import io
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph import errors
from cfit_graph.store import GraphSelection, frames
from cfit_graph.store.frames import HEADER, Frame, Manner, Request
from cfit_graph.store.line import Line

if TYPE_CHECKING:
    from cfit_graph.errors import CfitError

texts = st.text(st.characters(exclude_categories=["Cs"]))
manners = st.builds(
    Manner,
    st.sampled_from(["SELECT", "ASK"]),
    st.booleans(),
    texts,
    st.floats(0, 1e6, exclude_min=True),
    st.integers(0, 1 << 50),
    st.sampled_from(["", "gzip", "br"]),
)
graphs = st.lists(texts).map(tuple)
requests = st.builds(Request, texts, manners, st.builds(GraphSelection, graphs, graphs))
sent_frames = st.builds(
    Frame,
    st.sampled_from([frames.PLAIN, frames.GZIP, frames.BROTLI, frames.ERROR]),
    st.sampled_from([frames.MORE, frames.END, frames.LAST]),
    st.binary(max_size=300),
)


class _Transport(asyncio.Transport):
    """Reads nothing of its own."""

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


@given(requests)
def test_requests_survive(asked: Request) -> None:
    sent = frames.first(frames.request(asked))
    assert sent
    assert sent.kind == frames.QUERY
    assert frames.parse_request(sent.body) == asked


@given(st.lists(sent_frames), st.integers(1, 50))
def test_frames_are_found_however_they_arrive(sent: list[Frame], step: int) -> None:
    stream = b"".join(frames.frame(*frame) for frame in sent)

    async def test() -> None:
        line = Line()
        line.connection_made(_Transport())
        for start in range(0, len(stream), step):
            line.data_received(stream[start : start + step])
        line.connection_lost(None)
        for frame in sent:
            assert await line.frame_within(60) == frame
        with pytest.raises(ConnectionResetError):
            await line.frame_within(60)

    asyncio.run(test())


@given(st.lists(sent_frames), st.integers(0, 12))
def test_a_reader_finds_whole_frames_only(sent: list[Frame], missing: int) -> None:
    stream = b"".join(frames.frame(*frame) for frame in sent)
    reader: Any = io.BytesIO(stream[: max(len(stream) - missing, 0)])
    found = list(iter(lambda: frames.read(reader), None))
    assert found == sent[: len(found)]
    assert len(found) == len(sent) or missing


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_requests_are_received_however_they_arrive(pieces: int) -> None:
    asked = [Request("ASK {}" + " " * size, Manner("ASK", False, "text/csv", 1.0, 1)) for size in (10, 100_000, 0)]
    sent = b"".join(map(frames.request, asked))
    ours, theirs = socket.socketpair()
    requests = frames.Requests(ours)
    with ours, theirs, ThreadPoolExecutor(1) as pool:
        received = pool.submit(lambda: [requests.next() for _ in asked])
        for start in range(0, len(sent), -(-len(sent) // pieces)):
            theirs.sendall(sent[start : start + -(-len(sent) // pieces)])
        assert [frames.parse_request(frame.body) for frame in received.result(10) if frame] == asked
        theirs.sendall(sent[:-1])
        theirs.close()
        assert [requests.next() is None for _ in range(4)] == [False, False, True, True]


@pytest.mark.parametrize(
    "error",
    [
        errors.QueryForbidden("no"),
        errors.UsageError("There is no graph <x>."),
        errors.ResultTooLarge(7),
        errors.QueryTooCostly(128),
        errors.NotAcceptable(["text/csv", "text/turtle"]),
        errors.QueryTooLarge("long"),
        errors.StoreUnavailable("gone"),
    ],
)
def test_errors_survive(error: CfitError) -> None:
    told = frames.parse_failure(frames.failure(error)[HEADER.size :], "ASK {}", "ASK {}")
    assert type(told) is type(error)
    assert str(told) == str(error)
    assert vars(told) == vars(error)


@pytest.mark.parametrize(
    "error", [OSError(5, "Input/output error"), RuntimeError("odd"), ValueError("é\x00"), KeyError()]
)
def test_faults_of_the_engine_are_those_of_the_store(error: Exception) -> None:
    told = frames.parse_failure(frames.failure(error)[HEADER.size :], "ASK {}", "ASK {}")
    assert type(told) is errors.StoreUnavailable
    assert str(error) in str(told)


def test_faults_of_the_query_keep_their_place() -> None:
    fault = SyntaxError("error at 2:3: expected '}'")
    told = frames.parse_failure(frames.failure(fault)[HEADER.size :], "ASK {\n  oops", "ASK {\n  oops")
    assert isinstance(told, errors.QuerySyntaxError)
    assert (told.line, told.column, told.token) == (2, 3, "oops")
