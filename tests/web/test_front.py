"""What meets a request first: pages that are kept, tagged and compressed, and those that must not be."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import permutations
from typing import TYPE_CHECKING

import brotli
import pytest

from cfit_graph.settings import Settings
from cfit_graph.web import create_app
from cfit_graph.web.export.client import ask
from cfit_graph.web.front import compress
from tests.conftest import ROOT
from tests.web import BROWSER, PAGES, problem

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import Response
    from starlette.testclient import TestClient
    from starlette.types import Receive, Scope, Send

    from cfit_graph.release import Release

PLAIN = {"Accept-Encoding": "identity"}
DOCUMENT = "/doc/organization/electronics-watch"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_pages_have_tags_and_are_compressed(client: TestClient, path: str, coding: str) -> None:
    headers = BROWSER | {"Accept-Encoding": coding}
    first, second = (client.get(path, headers=headers) for _ in range(2))
    assert first.status_code == 200
    assert (second.content, second.headers) == (first.content, first.headers)
    assert first.headers.get("content-encoding", "identity") == coding
    assert first.content == client.get(path, headers=BROWSER | PLAIN).content
    known = headers | {"If-None-Match": first.headers["etag"]}
    for method in ("GET", "HEAD"):
        again = client.request(method, path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["vary"] == first.headers["vary"]


@pytest.mark.parametrize("path", [f"{DOCUMENT}.ttl", DOCUMENT, "/dataset", "/dump/cfit.ttl.gz", "/dump/cfit.nq"])
def test_what_has_not_been_modified_is_not_sent_again(client: TestClient, path: str) -> None:
    """RFC 9110, 13.1.3 and 13.2.2: by the time that is sent, unless there are tags; what is no time is passed over."""
    whole = client.get(path)
    moment = parsedate_to_datetime(whole.headers["last-modified"])
    for seconds, status in ((0, 304), (1, 304), (-1, 200)):
        since = {"If-Modified-Since": format_datetime(moment + timedelta(seconds=seconds), usegmt=True)}
        for method in ("GET", "HEAD"):
            reply = client.request(method, path, headers=since)
            assert (reply.status_code, reply.headers["etag"]) == (status, whole.headers["etag"])
        assert client.get(path, headers=since | {"If-None-Match": '"x"'}).status_code == 200
    for wrong in ("yesterday", "", "Mon, 99 Feb 2026 00:00:00 GMT", "1", "Thu, 01 Jan 99999999999 00:00:00 GMT"):
        assert client.get(path, headers={"If-Modified-Since": wrong}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_head_is_get_without_a_body(client: TestClient, path: str) -> None:
    by_head, by_get = (client.request(method, path, headers=BROWSER) for method in ("HEAD", "GET"))
    assert by_head.content == b""
    assert by_head.headers == by_get.headers


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_what_holds_now_is_never_stored(client: TestClient, path: str) -> None:
    for headers in ({}, {"If-None-Match": "*"}, {"Accept-Encoding": "gzip"}):
        reply = client.get(path, headers=headers)
        assert reply.status_code == 200
        assert reply.headers["cache-control"] == "no-store"
        assert "etag" not in reply.headers


@pytest.mark.parametrize("path", ["/nowhere", "/doc/organization/nobody", "/static/nothing.css", "/doc/x/y"])
def test_what_is_not_there_is_not_kept(client: TestClient, path: str) -> None:
    for accept in ("text/turtle", "*/*"):
        reply = client.get(path, headers={"Accept": accept, "If-None-Match": "*"})
        assert "etag" not in reply.headers
        problem(reply, 404, "not-found")


def test_files_of_the_pages_are_as_they_are(client: TestClient) -> None:
    path = client.get("/", headers=BROWSER).text.partition('href="/static/')[2].partition('"')[0]
    first = client.get(f"/static/{path}", headers={"Accept-Encoding": "gzip"})
    assert first.status_code == 200
    assert "content-encoding" not in first.headers
    assert first.headers["content-length"] == str(len(first.content))
    assert client.get(f"/static/{path}", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert first.headers["x-content-type-options"] == "nosniff"


VARIANTS = [
    (BROWSER["Accept"], "identity", "text/html"),
    (BROWSER["Accept"], "br", "text/html"),
    ("text/turtle", "gzip", "text/turtle"),
    ("text/turtle", "identity", "text/turtle"),
    ("application/ld+json", "br", "application/ld+json"),
    ("image/png", "gzip", ""),
]


@pytest.mark.parametrize("order", list(permutations(range(len(VARIANTS)), 3))[::5])
def test_nobody_gets_the_variant_of_another(client: TestClient, order: tuple[int, ...]) -> None:
    path = f"{DOCUMENT}?{order}"  # a key that nothing was kept under before
    for _ in range(2):
        for accept, coding, expected in (VARIANTS[number] for number in order):
            reply = client.get(path, headers={"Accept": accept, "Accept-Encoding": coding})
            assert reply.status_code == (200 if expected else 406)
            assert reply.headers["content-type"].startswith(expected or "application/problem+json")
            assert "accept" in reply.headers["vary"].lower()
            if expected:
                assert reply.headers.get("content-encoding", "identity") == coding
                assert "accept-encoding" in reply.headers["vary"].lower()


def test_variants_have_tags_of_their_own(client: TestClient) -> None:
    replies = [
        client.get(DOCUMENT, headers={"Accept": accept, "Accept-Encoding": coding})
        for accept, coding, kind in VARIANTS
        if kind
    ]
    assert len({reply.headers["etag"] for reply in replies}) == len(replies)


def _with(client: TestClient, **headers: str) -> Response:
    return client.get(DOCUMENT, headers=BROWSER | {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X_Forwarded_Host": "evil.example"},
        {"X_Forwarded_Proto": "gopher"},
        {"Forwarded": "host=evil.example"},
        {"X_Original_URL": "/evil.example"},
        {"Accept_Language": "xx"},
        {"Origin": "https://evil.example"},
        {"Cookie": "evil.example=1"},
    ],
)
def test_what_is_not_in_the_key_is_not_in_the_answer(client: TestClient, headers: dict[str, str]) -> None:
    """A header that no cache looks at must not decide on what everybody gets."""
    assert _with(client, **headers).content == _with(client).content
    fresh = client.get(f"{DOCUMENT}?{list(headers)}", headers={"Accept": "text/turtle", **{k.replace("_", "-"): v for k, v in headers.items()}})  # fmt: skip  # noqa: E501
    assert b"evil.example" not in fresh.content
    assert "evil.example" not in str(fresh.headers)


@pytest.mark.parametrize("size", [0, 1, 999, 100_000])
def test_compression_keeps_every_byte(size: int) -> None:
    body = bytes(number % 251 for number in range(size))
    assert gzip.decompress(compress(body, "gzip")) == body
    assert brotli.decompress(compress(body, "br")) == body
    assert compress(body, "gzip") == compress(body, "gzip")  # no time in it, or tags would differ


def _given_as_kept(client: TestClient) -> float:
    name = 'cfit_cache_hits_total{of="page"} '
    return next(float(line.removeprefix(name)) for line in client.get("/metrics").text.splitlines() if name in line)


def _asked(client: TestClient, address: str, *accepts: str, **headers: str) -> tuple[list[Response], float]:
    """Return the answers to several Accept headers in turn, and how many of them were kept."""
    before = _given_as_kept(client)
    answers = [client.get(address, headers={"Accept": accept} | headers) for accept in accepts]
    return answers, _given_as_kept(client) - before


ALIKE = {
    "text/html": (BROWSER["Accept"], "text/html", "*/*"),
    "text/turtle": ("text/turtle", "text/turtle;q=0.9, text/html;q=0.1", "TEXT/TURTLE"),
    "application/ld+json": ("application/json", "application/ld+json", "application/ld+json, image/png"),
}


@pytest.mark.parametrize("kind", ALIKE)
def test_what_is_kept_of_a_document_is_for_all_who_get_the_same(client: TestClient, kind: str) -> None:
    answers, kept = _asked(client, f"{DOCUMENT}?alike={kind}", *ALIKE[kind])
    assert [answer.headers["content-type"].partition(";")[0] for answer in answers] == [kind] * 3
    assert len({answer.content for answer in answers}) == len({answer.headers["etag"] for answer in answers}) == 1
    assert kept == 2


def test_a_suffix_leaves_nothing_to_choose(client: TestClient) -> None:
    answers, kept = _asked(client, f"{DOCUMENT}.ttl?alike", "text/html", "image/png", "text/turtle")
    assert {answer.headers["content-type"] for answer in answers} == {"text/turtle; charset=utf-8"}
    assert kept == 2


def test_codings_are_kept_apart(client: TestClient) -> None:
    answers = [
        _asked(client, f"{DOCUMENT}?codings", "text/html", "*/*", **{"Accept-Encoding": coding})
        for coding in ("br", "gzip", "identity")
    ]
    assert [kept for _, kept in answers] == [1, 1, 1]
    codings = [[answer.headers.get("content-encoding") for answer in some] for some, _ in answers]
    assert codings == [["br"] * 2, ["gzip"] * 2, [None] * 2]


def test_headers_sent_twice_are_kept_as_they_are_answered(client: TestClient) -> None:
    """Else whoever sends two could leave Turtle for browsers."""
    twice = client.get(f"{DOCUMENT}?twice", headers=[("Accept", "image/png"), ("Accept", "text/turtle")])
    assert twice.headers["content-type"].startswith("text/turtle")
    (page, turtle), kept = _asked(client, f"{DOCUMENT}?twice", BROWSER["Accept"], "text/turtle")
    assert page.headers["content-type"].startswith("text/html")
    assert (turtle.content, kept) == (twice.content, 1)


@pytest.mark.parametrize("address", [f"{DOCUMENT}.docx?none", "/doc/organization/nobody?none"])
def test_errors_at_documents_are_not_kept(client: TestClient, address: str) -> None:
    answers, kept = _asked(client, address, *["text/turtle"] * 3)
    assert {answer.status_code for answer in answers} == {404}
    assert kept == 0


def test_a_document_is_kept_for_each_release_by_itself(client: TestClient, released: Release) -> None:
    address = f"/release/{released.version}{DOCUMENT}"
    asked = [client.get(path, headers=BROWSER) for path in (DOCUMENT, address) * 2]
    assert ["at the address that lasts" in answer.text for answer in asked] == [False, True] * 2


def test_pages_and_pages_of_copies_are_kept_apart(releases: Path) -> None:
    app = create_app(Settings(root=ROOT, releases=releases))

    async def without_copy(scope: Scope, receive: Receive, send: Send) -> None:
        del scope["cfit.copy"]
        await app(scope, receive, send)

    async def asked() -> list[bytes]:
        return [(await ask(to, DOCUMENT, "text/html")).body for to in (without_copy, app, without_copy, app)]

    try:
        assert [b"A copy without a server" in body for body in asyncio.run(asked())] == [False, True] * 2
    finally:
        app.close()
