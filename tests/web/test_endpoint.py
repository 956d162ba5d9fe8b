"""Kept answers and tags at ``/sparql``: the store is not asked twice, and nobody gets another's variant."""

from __future__ import annotations

import gzip
import threading
from itertools import permutations
from typing import TYPE_CHECKING

import brotli
import pytest

from cfit_graph.settings import Settings
from cfit_graph.store import frames, threads
from cfit_graph.store.lexer import outline
from cfit_graph.store.pool import WorkerPool
from cfit_graph.web import asking, endpoint
from tests.conftest import ROOT
from tests.hostile import LIGHT, STREAM, dense

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from httpx2 import Response
    from starlette.testclient import TestClient

    from cfit_graph.store.asking import Answer, Question

    Open = Callable[..., TestClient]

JSON, XML, CSV = "application/sparql-results+json", "application/sparql-results+xml", "text/csv"
SOME = f"{STREAM} LIMIT 300"
LARGE = f"{STREAM} LIMIT 3000"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What the store was asked; it answers all the same."""
    seen: list[Question] = []
    real = WorkerPool.ask

    async def ask(self: WorkerPool, question: Question) -> Answer:
        seen.append(question)
        return await real(self, question)

    monkeypatch.setattr(WorkerPool, "ask", ask)
    return seen


@pytest.fixture
def site(open_client: Open, tmp_path: Path, asked: list[Question]) -> TestClient:
    """A client of an application over the dense graph, which has been asked nothing."""
    return open_client(Settings(root=ROOT, releases=tmp_path), [dense(tmp_path)])


def _get(site: TestClient, sparql: str = SOME, accept: str = CSV, coding: str = "identity", **more: str) -> Response:
    headers = {"Accept": accept, "Accept-Encoding": coding} | {n.replace("_", "-"): v for n, v in more.items()}
    return site.get("/sparql", params={"query": sparql}, headers=headers)


def _post(site: TestClient, sparql: str = SOME, **headers: str) -> Response:
    return site.post(
        "/sparql", data={"query": sparql}, headers={"Accept": CSV, "Accept-Encoding": "identity"} | headers
    )


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_the_store_is_asked_once(site: TestClient, asked: list[Question], method: str, known: bool) -> None:
    first = _get(site)
    headers = {"If-None-Match": first.headers["etag"]} if known else {}
    for _ in range(3):
        again = (
            _post(site, **headers)
            if method == "POST"
            else site.request(
                method,
                "/sparql",
                params={"query": SOME},
                headers={"Accept": CSV, "Accept-Encoding": "identity"} | headers,
            )
        )
        is_told = known and method != "POST"  # RFC 9110, 13.1.2
        assert again.status_code == (304 if is_told else 200)
        assert again.content == (b"" if method == "HEAD" or is_told else first.content)
        assert again.headers["etag"] == first.headers["etag"]
    assert len(asked) == 1


def test_who_has_the_answer_is_told_so_by_one_that_never_gave_it(site: TestClient, asked: list[Question]) -> None:
    etag = _get(site).headers["etag"]
    site.app.pages.state.observer._cache._entries.clear()  # type: ignore[attr-defined]
    assert _get(site, If_None_Match=etag).status_code == 304
    assert len(asked) == 1


@pytest.mark.parametrize("size", [1, threads.LARGE])
def test_what_is_large_is_read_in_a_thread(site: TestClient, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    readers: list[str] = []

    def noted(read: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*given: object) -> object:
            readers.append(threading.current_thread().name.partition("_")[0])
            return read(*given)

        return wrapped

    monkeypatch.setattr(endpoint, "_read", noted(endpoint._read))
    monkeypatch.setattr(asking, "outline", noted(outline))
    monkeypatch.setattr(frames, "parse_failure", noted(frames.parse_failure))
    assert _post(site, f"SELECT *{' ' * size}{{ nonsense").status_code == 400
    assert len(readers) == 3
    assert {reader == "reader" for reader in readers} == {size > 1}


def test_an_answer_to_a_post_is_kept_for_all(site: TestClient, asked: list[Question]) -> None:
    first = _post(site)
    headers = {"Accept": CSV, "Accept-Encoding": "identity", "Content-Type": "application/sparql-query"}
    direct = site.post("/sparql", content=SOME, headers=headers)
    assert first.headers["etag"] == direct.headers["etag"] == _get(site).headers["etag"]
    assert first.content == direct.content == _get(site).content
    assert len(asked) == 1


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", "now ( )"])
def test_what_differs_each_time_is_neither_kept_nor_tagged(site: TestClient, asked: list[Question], call: str) -> None:
    for _ in range(2):
        reply = _get(site, f"SELECT ({call} AS ?x) {{}}")
        assert "etag" not in reply.headers
        assert reply.headers["cache-control"] == "no-cache"
    assert len(asked) == 2


@pytest.mark.parametrize(("rows", "times"), [(9_000, 1), (200_000, 2)])
def test_a_large_answer_has_a_tag_and_is_kept_up_to_a_size(
    site: TestClient, asked: list[Question], rows: int, times: int
) -> None:
    first = _get(site, f"{STREAM} LIMIT {rows}")
    assert "content-length" not in first.headers
    assert _get(site, f"{STREAM} LIMIT {rows}").content == first.content
    assert len(asked) == times
    assert _get(site, f"{STREAM} LIMIT {rows}", If_None_Match=first.headers["etag"]).status_code == 304
    assert len(asked) == times


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("rows", [300, 200_000])
def test_who_has_any_answer_is_told_so_if_there_is_one(site: TestClient, method: str, rows: int) -> None:
    params, headers = {"query": f"{STREAM} LIMIT {rows}"}, {"Accept": CSV, "If-None-Match": "*"}
    reply = site.request(method, "/sparql", params=params, headers=headers)
    assert reply.status_code == 304
    assert reply.headers["etag"]


@pytest.mark.parametrize("status", [400, 406])
def test_failures_are_not_kept(site: TestClient, status: int) -> None:
    for _ in range(2):
        reply = _get(site, "SELECT" if status == 400 else SOME, "*/*" if status == 400 else "image/png")
        assert reply.status_code == status
        assert "etag" not in reply.headers
    assert _get(site).status_code == 200


def test_codings_hold_the_same_bytes(site: TestClient) -> None:
    plain = _get(site, LARGE).content
    with site.stream(
        "GET", "/sparql", params={"query": LARGE}, headers={"Accept": CSV, "Accept-Encoding": "gzip"}
    ) as r:
        assert gzip.decompress(b"".join(r.iter_raw())) == plain
    with site.stream("GET", "/sparql", params={"query": LARGE}, headers={"Accept": CSV, "Accept-Encoding": "br"}) as r:
        assert brotli.decompress(b"".join(r.iter_raw())) == plain


def test_small_answers_are_not_compressed(site: TestClient) -> None:
    reply = _get(site, LIGHT, coding="gzip, br")
    assert "content-encoding" not in reply.headers
    assert reply.text == "n\r\n3540\r\n"
    assert reply.headers["vary"] == "Accept, Accept-Encoding"


VARIANTS = [(CSV, "identity"), (CSV, "gzip"), (JSON, "br"), (XML, "identity"), ("image/png", "gzip")]


@pytest.mark.parametrize("order", list(permutations(range(len(VARIANTS)), 3))[::4])
def test_nobody_gets_the_variant_of_another(site: TestClient, order: tuple[int, ...]) -> None:
    for _ in range(2):  # as it is made, and as it is kept
        for accept, coding in (VARIANTS[number] for number in order):
            reply = _get(site, SOME, accept, coding)
            assert {"accept", "accept-encoding"} <= set(
                reply.headers["vary"].lower().split(", ")
            ) or accept == "image/png"
            assert reply.headers["content-type"].partition(";")[0] == (
                accept if accept != "image/png" else "application/problem+json"
            )
            expected = coding if coding != "identity" and accept != "image/png" else None
            assert reply.headers.get("content-encoding") == expected


def test_tags_tell_everything_apart(site: TestClient) -> None:
    tags = [
        _get(site, SOME, accept, coding).headers["etag"]
        for accept in (CSV, JSON, XML)
        for coding in ("identity", "gzip", "br")
    ]
    tags += [_get(site, f"{STREAM} LIMIT {number}").headers["etag"] for number in range(3)]
    assert len(set(tags)) == len(tags)


def test_tags_name_what_is_served(open_client: Open, tmp_path: Path) -> None:
    """Two servers of the same data agree, a third with one statement more does not."""
    same, more = dense(tmp_path), tmp_path / "more.nt"
    more.write_text(same.read_text() + "<http://x/0> <http://x/p> <http://x/0> .\n")
    sites = [open_client(Settings(root=ROOT), [path]) for path in (same, same, more)]
    one, other, third = (_get(site, LIGHT).headers["etag"] for site in sites)
    assert one == other != third
    assert _get(sites[2], LIGHT, If_None_Match=one).text == "n\r\n3541\r\n"


def test_a_shared_store_process_serves_what_the_tag_says(open_client: Open, tmp_path: Path) -> None:
    same, more = dense(tmp_path), tmp_path / "more.nt"
    more.write_text(same.read_text() + "<http://x/0> <http://x/p> <http://x/0> .\n")
    shared = Settings(root=ROOT, store=str(tmp_path / "store"))
    old, new = (open_client(shared, [path]) for path in (same, more))
    assert [_get(site, LIGHT).text for site in (old, new)] == ["n\r\n3540\r\n", "n\r\n3541\r\n"]


def test_without_a_cache_all_is_asked_and_tagged(open_client: Open, tmp_path: Path, asked: list[Question]) -> None:
    site = open_client(Settings(root=ROOT, cache_mb=0), [dense(tmp_path)])
    etag = _get(site).headers["etag"]
    assert _get(site).headers["etag"] == etag
    assert len(asked) == 2


@pytest.mark.parametrize(("value", "is_same"), [("<http://o>", True), ("_:node", False)])
def test_blank_nodes_are_named_anew_at_each_start_and_so_is_the_tag(
    open_client: Open, tmp_path: Path, value: str, is_same: bool
) -> None:
    file = tmp_path / "some.ttl"
    file.write_text(f"<http://s> <http://p> {value} .", "utf-8")
    one, other = (_get(open_client(Settings(root=ROOT, releases=tmp_path), [file])) for _ in range(2))
    assert (one.headers["etag"] == other.headers["etag"]) is is_same
