"""What meets a request first: pages that are kept, tagged and compressed, and those that must not be."""

from __future__ import annotations

import gzip
from itertools import permutations
from typing import TYPE_CHECKING

import brotli
import pytest

from cfit_graph.web.front import compress
from tests.web import BROWSER, PAGES, problem

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

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
    fresh = client.get(f"{DOCUMENT}?{headers}", headers={"Accept": "text/turtle", **{k.replace("_", "-"): v for k, v in headers.items()}})  # fmt: skip  # noqa: E501
    assert b"evil.example" not in fresh.content
    assert "evil.example" not in str(fresh.headers)


@pytest.mark.parametrize("size", [0, 1, 999, 100_000])
def test_compression_keeps_every_byte(size: int) -> None:
    body = bytes(number % 251 for number in range(size))
    assert gzip.decompress(compress(body, "gzip")) == body
    assert brotli.decompress(compress(body, "br")) == body
    assert compress(body, "gzip") == compress(body, "gzip")  # no time in it, or tags would differ
