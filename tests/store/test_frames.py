"""What workers and their clients say to each other: every request and every error survives, in pieces of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph import errors
from cfit_graph.store import frames
from cfit_graph.store.frames import HEADER, Request

if TYPE_CHECKING:
    from cfit_graph.errors import CfitError

texts = st.text(st.characters(exclude_categories=["Cs"]))
requests = st.builds(
    Request,
    st.sampled_from(["SELECT", "ASK"]),
    st.booleans(),
    texts,
    texts,
    st.lists(texts).map(tuple),
    st.lists(texts).map(tuple),
    st.floats(0, 1e6, exclude_min=True),
    st.integers(0, 1 << 50),
    st.sampled_from(["", "gzip", "br"]),
)


@given(requests)
def test_requests_survive(asked: Request) -> None:
    kind, length = HEADER.unpack(frames.request(asked)[: HEADER.size])
    body = frames.request(asked)[HEADER.size :]
    assert (kind, length) == (b"q", len(body))
    assert frames.parse_request(body) == asked


@given(st.lists(st.tuples(st.sampled_from([b"p", b"g", b"b", b"e"]), st.binary(max_size=300))), st.integers(1, 50))
def test_frames_are_found_however_they_arrive(sent: list[tuple[bytes, bytes]], step: int) -> None:
    stream = b"".join(HEADER.pack(kind, len(body)) + body for kind, body in sent)
    buffer = bytearray()
    found: list[tuple[bytes, bytes]] = []
    for start in range(0, len(stream), step):
        buffer += stream[start : start + step]
        found += frames.take(buffer)
    assert found == sent
    assert not buffer


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
