"""What every request meets first: answers kept ready, then ``/sparql``, then the pages.

A release never changes, so each answer has an entity tag, an answer that was given once can be given again, and a
client that has it is told so. Nothing is measured or looked up for that but one key.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import zlib
from typing import TYPE_CHECKING, Any, Final

import brotli
from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from cfit_graph.errors import CfitError
from cfit_graph.web import direct, documents, library, memento, problems
from cfit_graph.web.cache import Cache, Entry
from cfit_graph.web.direct import Direct
from cfit_graph.web.giving import give
from cfit_graph.web.headers import CACHEABLE, COMMON, PREFLIGHT, Wanted
from cfit_graph.web.routes import entities

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from cfit_graph.release import Release
    from cfit_graph.web.cache import Key
    from cfit_graph.web.direct import Begun
    from cfit_graph.web.endpoint import SparqlEndpoint
    from cfit_graph.web.observing import Observer
    from cfit_graph.web.site import Site
    from cfit_graph.web.sites import Sites

_LOG = logging.getLogger(__name__)
_LARGEST: Final = 4 << 20
_WORTH_IT: Final = 1_000
_TEXT: Final = (
    "text/",
    "application/activity+json",
    "application/atom+xml",
    "application/csvm+json",
    "application/json",
    "application/ld+json",
    "application/linkset+json",
    "application/n-",
    "application/rdf+xml",
    "application/trig",
    "application/xml",
    "image/svg",
)
_QUERIES: Final = (direct.START, f"GET {library.START}".encode())
"""What requests for answers to queries begin with."""
_READ: Final = {"GET", "HEAD"}
_WITH_AGE: Final = {200, 206, 304, 404, 410}
"""Answers that say how long they may be kept: where one does not, a cache guesses by its last modification."""
_IN_TIME: Final = {200, 410}
"""Answers that say of which time they are, or where those of other times are: what is gone was there once."""


class Front:
    """The whole application."""

    def __init__(
        self, pages: FastAPI, endpoint: SparqlEndpoint, sites: Sites, cache: Cache, observer: Observer
    ) -> None:
        """Put the endpoint and the pages of all sites behind the cache."""
        self.pages, self._endpoint, self._documents = pages, endpoint, Pages(entities.answer, cache)
        self._sites, self._cache, self._observer = sites, cache, observer
        self._direct = Direct(sites, endpoint, cache, observer)
        self._replies = Cache(cache.limit // 8)  # most bodies in it are those of the cache

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request from the site that it is for, whichever is current when it ends."""
        if scope["type"] != "http":
            await self.pages(scope, receive, send)
            return
        scope["app"] = self.pages
        try:
            held = await self._sites.enter(scope)
        except CfitError as error:
            await self._refuse(error, scope, receive, send)
            return
        try:
            await self._answer(scope, receive, send)
        finally:
            held.leave()

    def at_once(
        self, server: object, request: bytes, give: Callable[[Entry | None], None], *, is_quick: bool
    ) -> Entry | Begun | None:
        """Return the answer to the bytes of a request if it is kept, or ask for it; see :meth:`Direct.ask`.

        An answer that these bytes were given before is theirs until a release is newer.
        """
        key = (self._sites.site.version, server, request)
        is_query = request.startswith(direct.START)
        found = self._replies.get(key) or (self._direct.ask(request, give, is_quick=is_quick) if is_query else None)
        if isinstance(found, Entry):
            self._observer.hit("/sparql" if request.startswith(_QUERIES) else "")
            self._replies.put(key, found)
        return found

    async def _refuse(self, error: CfitError, scope: Scope, receive: Receive, send: Send) -> None:
        scope["cfit.site"] = self._sites.site
        await Pages(problems.of_error(Request(scope), error), self._cache)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in _READ:
            await self._read(scope, receive, send)
        elif scope["method"] == "OPTIONS" and _is_preflight(scope):
            await send({"type": "http.response.start", "status": 204, "headers": list(PREFLIGHT)})
            await send({"type": "http.response.body"})
        else:
            await self._miss(scope, receive, send)

    def close(self) -> None:
        """Let go of what is held, where no server does at its end."""
        self._sites.close()

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = Wanted.of(scope)
        server = tuple(scope.get("server") or ())  # absolute addresses in answers begin with it, if none is configured
        site: Site = scope["cfit.site"]
        if wanted.datetime and not site.prefix and await self._lead(scope, receive, send, wanted.datetime):
            return
        of = (site.version, site.prefix, site.newer, "cfit.copy" in scope)
        path = scope["path"]
        key = (*of, server, path, scope["query_string"], *documents.variant(path, wanted))
        entry = self._cache.get(key)
        if entry is None:
            scope["cfit.key"] = key
            await self._miss(scope, receive, send)
            return
        self._observer.hit(scope["path"])
        is_asked_anew = not (wanted.if_none_match or wanted.if_modified_since or wanted.datetime)
        if "cfit.request" in scope and is_asked_anew and not site.prefix:
            self._replies.put((site.version, server, scope["cfit.request"]), entry)
        await give(entry, wanted, scope, send)

    async def _lead(self, scope: Scope, receive: Receive, send: Send, header: bytes) -> bool:
        """Lead to the release of a time, and tell whether there is one: else the answer is as ever."""
        try:
            moment = memento.parse(header.decode("latin-1")) if memento.is_original(scope["path"]) else None
        except CfitError as error:
            await self._refuse(error, scope, receive, send)
            return True
        having = await self._having(scope) if moment else []
        if moment and having:
            await Pages(memento.lead(Request(scope), having, moment), self._cache)(scope, receive, send)
        return bool(having)

    async def _having(self, scope: Scope) -> list[Release]:
        """Return the releases that have the document a request is for."""
        return await asyncio.to_thread(self._sites.history.of, scope["path"], scope["cfit.site"])

    async def _miss(self, scope: Scope, receive: Receive, send: Send) -> None:
        site: Site = scope["cfit.site"]
        if site.release and scope["method"] in _READ and memento.is_original(scope["path"]):
            having = await self._having(scope) if site.prefix else []
            scope["cfit.memento"] = memento.headers(Request(scope), having)
        await self._way(scope)(scope, receive, send)

    def _way(self, scope: Scope) -> ASGIApp:
        """Return what answers a request: FastAPI, but for what it takes longer for than the answer does."""
        if scope["path"] == "/sparql" or library.asks(scope["path"]):
            return self._endpoint
        is_document = scope["method"] in _READ and entities.DOCUMENT.fullmatch(scope["path"])
        return self._documents if is_document else self.pages


class Pages:
    """Middleware of the pages: common headers on every answer, tags on whole ones, faults turned into problems."""

    def __init__(self, app: ASGIApp, cache: Cache) -> None:
        """Keep what ``app`` answers in ``cache``."""
        self.app, self._cache = app, cache

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and its answer back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Whole(scope, send, self._cache)
        try:
            await self.app(scope, receive, answer.take)
        except Exception:
            if answer.has_begun:
                raise  # part of an answer has gone: the server breaks the connection, so nobody takes it for whole
            _LOG.exception("unforeseen error at %s", scope["path"])
            await problems.unforeseen(Request(scope))(scope, receive, answer.take)


class _Whole:
    """An answer on its way, held back until it is whole if it may be kept."""

    def __init__(self, scope: Scope, send: Send, cache: Cache) -> None:
        self.has_begun = False
        self._scope, self._send, self._cache = scope, send, cache
        self._start: Message | None = None
        self._body = b""

    async def take(self, message: Message) -> None:
        """Take one message of the application's."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            own = {name for name, _ in headers.raw}
            headers.raw.extend(header for header in COMMON if header[0] not in own)
            if message["status"] in _IN_TIME:
                _add(headers, self._scope.get("cfit.memento", {}))
            if message["status"] in _WITH_AGE and self._scope["method"] in _READ:
                headers.setdefault("cache-control", CACHEABLE.decode())
            self._start = message
            if not self._may_be_kept(message):
                await self._pass_on()
        elif self._start is None:
            await self._send(message)
        else:
            await self._gather(message)

    async def _gather(self, message: Message) -> None:
        self._body += message.get("body", b"")
        if message.get("more_body") and len(self._body) < _LARGEST:
            return
        if message.get("more_body"):
            await self._pass_on()
            await self._send({"type": "http.response.body", "body": self._body, "more_body": True})
            return
        await self._give()

    async def _pass_on(self) -> None:
        assert self._start  # noqa: S101 - there is one until it is passed on
        start, self._start, self.has_begun = self._start, None, True
        await self._send(start)

    async def _give(self) -> None:
        assert self._start  # noqa: S101 - there is one until it is passed on
        wanted = Wanted.of(self._scope)
        entry = _entry(MutableHeaders(scope=self._start), self._body, wanted.coding)
        self.has_begun, self._start = True, None
        if "cfit.key" in self._scope:
            key: Key = self._scope["cfit.key"]
            self._cache.put(key, entry)
        await give(entry, wanted, self._scope, self._send)

    def _may_be_kept(self, start: Message) -> bool:
        headers = MutableHeaders(scope=start)
        is_new = "etag" not in headers and headers.get("cache-control") != "no-store"
        return start["status"] == 200 and self._scope["method"] in _READ and is_new


def _add(headers: MutableHeaders, more: Mapping[str, str]) -> None:
    """Add headers whose values are lists; where there is one of the name already, to that."""
    for name, value in more.items():
        if name == "Vary":
            headers.add_vary_header(value)
        else:
            headers.append(name, value)


def _entry(headers: MutableHeaders, body: bytes, coding: str) -> Entry:
    """Return a page as it is kept: with its tag, compressed if that is worth it."""
    is_text = headers.get("content-type", "").startswith(_TEXT)
    if coding and is_text and len(body) >= _WORTH_IT:
        headers["content-encoding"] = coding
        body = compress(body, coding)
    if is_text:
        headers.add_vary_header("Accept-Encoding")
    headers["content-length"] = str(len(body))
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers["etag"] = etag
    return Entry(tuple(headers.raw), body, etag.encode())


def compress(body: bytes, coding: str) -> bytes:
    """Return ``body`` in a content coding, ``gzip`` or ``br``."""
    if coding == "br":
        compressed: bytes = brotli.compress(body, quality=5)
        return compressed
    packer: Any = zlib.compressobj(6, wbits=31)
    return bytes(packer.compress(body) + packer.flush())


def _is_preflight(scope: Scope) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])
