"""``/sparql`` for programs: the SPARQL 1.1 Protocol's query operation, without waiting in a thread.

And ``/question/…``, which is asked the query of a question of the library.

Order of things: is it asked well (or 4xx), does the client have the answer (304), is it kept ready, else ask a worker.
Pages and the description of the service are not made here: such requests go on to the pages.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from cfit_graph.errors import CfitError, QueryTooLarge, UnsupportedMediaType
from cfit_graph.store.threads import aside
from cfit_graph.web import asking, library, problems, protocol
from cfit_graph.web.cache import Entry
from cfit_graph.web.giving import ClientGone, EndingWithClient, Remembered, give, give_in_pieces, take_all
from cfit_graph.web.headers import CACHEABLE, OF_DATA, OF_PAGES, VARY, Wanted

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from cfit_graph.store import Limits
    from cfit_graph.store.asking import Answer, Question
    from cfit_graph.store.run import Run
    from cfit_graph.web.cache import Cache, Header, Key
    from cfit_graph.web.direct import Begun
    from cfit_graph.web.observing import Observation, Observer
    from cfit_graph.web.protocol import QueryRequest
    from cfit_graph.web.site import Site

_LOG = logging.getLogger(__name__)

MAX_BODY: Final = 2 << 20
"""Bytes of a request's body: enough for the longest query there may be, each character four bytes and encoded."""
_READ: Final = {"GET", "HEAD"}
_ANY: Final = b"*"
"""Any answer will do, but there must be one (RFC 9110, 13.1.2): only asking tells."""
_CHARSET: Final = {"text/csv", "text/tab-separated-values", "text/turtle"}  # the others state their encoding themselves


class Exchange:
    """A request, where its answer goes, and what is noted of it."""

    __slots__ = ("_send", "has_begun", "receive", "run", "scope", "seen", "site", "wanted")

    def __init__(self, scope: Scope, receive: Receive, send: Send, seen: Observation, run: Run | None) -> None:
        self.scope, self.receive, self.seen, self.run = scope, receive, seen, run
        self.site: Site = scope["cfit.site"]
        self.wanted = Wanted.of(scope)
        if scope["method"] == "POST":
            self.wanted = self.wanted._replace(if_none_match=b"")  # 304 is for GET and HEAD (RFC 9110, 13.1.2)
        self.has_begun = False
        """Whether anything was sent."""
        self._send = send

    @property
    def key(self) -> Key:
        """What the answer is found by before a request is read; nothing if it is not to be."""
        key: Key = self.scope.get("cfit.key", ())
        return key

    def send(self, message: Message) -> Awaitable[None]:
        """Send a message."""
        self.has_begun = True
        return self._send(message)


class SparqlEndpoint:
    """Answers queries over HTTP; everything else at its address it passes on to ``pages``."""

    def __init__(self, limits: Limits, pages: ASGIApp, cache: Cache, observer: Observer) -> None:
        """Answer from the asker of the site that a request is for, keeping whole answers in ``cache``."""
        self._pages, self._cache, self._observer = pages, cache, observer
        stated = f"seconds={limits.seconds:g}, result-mb={limits.result >> 20}, memory-mb={limits.memory >> 20}"
        self._headers = (*OF_DATA, (b"vary", VARY), (b"query-limits", stated.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not _asks(scope):
            await self._pages(scope, receive, send)
            return
        begun: Begun | None = scope.get("cfit.begun")
        run = begun.take(scope["cfit.site"]) if begun else None
        seen = begun.seen if begun and run else self._observer.begin()
        exchange = Exchange(scope, receive, send, seen, run)
        try:
            await self._exchange(exchange)
        except CfitError as error:
            await self._fail(exchange, error)
        except ClientGone:
            seen.outcome = "abandoned"
        except Exception:  # noqa: BLE001 - logged where it is answered
            seen.outcome = "internal"
            _LOG.exception("unforeseen error at a query")
            await self._refuse(exchange, problems.unforeseen(Request(scope)))
        except BaseException:
            seen.outcome = "internal"  # the server stops
            raise
        finally:
            self._observer.end(seen)
            if begun:
                begun.end()

    async def _exchange(self, exchange: Exchange) -> None:
        scope = exchange.scope
        body = await _body(scope, exchange.receive) if scope["method"] == "POST" else b""
        asked = await _asked(scope, body)
        exchange.seen.sparql = asked.sparql
        if asked.sha256:
            await self._give_if_same(exchange, asked)
        elif not asked.formats and await asking.is_for_page(asked.sparql, exchange.wanted.accepted):
            exchange.seen.outcome = "page"
            scope["cfit.asked"] = asked
            await self._pages(scope, exchange.receive, exchange.send)
        else:
            await self._answer(exchange, await asking.question(exchange.site, asked, exchange.wanted))

    async def _give_if_same(self, exchange: Exchange, asked: QueryRequest) -> None:
        """Give an answer that was cited: as it is, without a coding, and only if its hash is the one that was cited."""
        wanted = exchange.wanted._replace(encoding=b"")
        exchange.seen.question = cited = await asking.question(exchange.site, asked, wanted)
        headers = self._head(cited, "", asking.etag(exchange.site, cited))
        with EndingWithClient(exchange.receive):
            answer = await exchange.site.asker.ask(cited)
            try:
                exchange.seen.size = await give_in_pieces(
                    answer.first, answer.pieces(), headers, exchange.scope, exchange.send, asked.sha256
                )
            finally:
                answer.stop()

    async def _answer(self, exchange: Exchange, asked: Question) -> None:
        seen, wanted = exchange.seen, exchange.wanted
        seen.question = asked
        etag = asking.etag(exchange.site, asked)
        if wanted.if_none_match not in {b"", _ANY}:
            known = Entry(self._head(asked, "", etag), b"", etag)
            if known.is_known_to(wanted.if_none_match):
                seen.outcome = "not_modified"
                await give(known, wanted, exchange.scope, exchange.send)
                return
        if etag and (kept := self._cache.get((etag,))):
            seen.outcome = "cached"
            await give(kept, wanted, exchange.scope, exchange.send)
        else:
            await self._ask(exchange, asked, etag)

    async def _ask(self, exchange: Exchange, asked: Question, etag: bytes) -> None:
        with EndingWithClient(exchange.receive):
            run = exchange.run
            answer = await (run.answer() if run else exchange.site.asker.ask(asked))
            try:
                headers = self._head(asked, answer.encoding, etag)
                if answer.rest is None:
                    exchange.seen.size = len(answer.first)
                    entry = self._keep(answer.first, headers, etag, exchange.key)
                    await give(entry, exchange.wanted, exchange.scope, exchange.send)
                else:
                    await self._give_in_pieces(exchange, Remembered(answer.first, answer.rest), headers, etag)
            finally:
                answer.stop()

    def whole(self, asked: Question, answer: Answer, etag: bytes) -> Entry:
        """Return the whole answer to a question, with its headers; it is kept if it has a tag."""
        return self._keep(answer.first, self._head(asked, answer.encoding, etag), etag)

    def _keep(self, body: bytes, headers: tuple[Header, ...], etag: bytes, key: Key = ()) -> Entry:
        """Return a whole answer as an entry of the cache, and keep it there by its tag, if it has one, and a key."""
        entry = Entry((*headers, (b"content-length", str(len(body)).encode())), body, etag)
        if etag:
            self._cache.put((etag,), entry)
        if etag and key:
            self._cache.put(key, entry)
        return entry

    async def _give_in_pieces(
        self, exchange: Exchange, pieces: Remembered, headers: tuple[Header, ...], etag: bytes
    ) -> None:
        known = Entry(headers, b"", etag)
        if exchange.scope["method"] == "HEAD" or known.is_known_to(exchange.wanted.if_none_match):
            await give(known, exchange.wanted, exchange.scope, exchange.send)
            return
        exchange.seen.size = await give_in_pieces(pieces.first, pieces, headers, exchange.scope, exchange.send)
        if body := pieces.whole():
            self._keep(body, headers, etag, exchange.key)

    def _head(self, asked: Question, encoding: str, etag: bytes) -> tuple[Header, ...]:
        head = _head(self._headers, asked.media_type, encoding, CACHEABLE if etag else b"no-cache")
        return (*head, (b"etag", etag)) if etag else head

    async def _fail(self, exchange: Exchange, error: CfitError) -> None:
        exchange.seen.failed(error, is_broken=exchange.has_begun)
        await self._refuse(exchange, problems.of_error(Request(exchange.scope), error))

    async def _refuse(self, exchange: Exchange, response: Response) -> None:
        if exchange.has_begun:
            return  # and no end is sent: see give_in_pieces
        response.raw_headers.extend(header for header in self._headers if header[0] != b"vary")
        if response.status_code == HTTPStatus.NOT_FOUND:  # of a question: else a cache guesses how long to keep that
            response.headers["cache-control"] = CACHEABLE.decode()
        await response(exchange.scope, exchange.receive, exchange.send)


@lru_cache(256)
def _head(common: tuple[Header, ...], media_type: str, encoding: str, kept: bytes) -> tuple[Header, ...]:
    """Return the headers that answers share, whatever is asked."""
    charset = "; charset=utf-8" if media_type in _CHARSET else ""
    coded = ((b"content-encoding", encoding.encode()),) if encoding else ()
    shown = OF_PAGES if media_type.endswith("xml") else ()
    return (*common, (b"content-type", (media_type + charset).encode()), (b"cache-control", kept), *coded, *shown)


def _asks(scope: Scope) -> bool:
    if library.asks(scope["path"]):
        return scope["method"] in _READ
    if scope["method"] == "POST":
        return True
    return scope["method"] in _READ and protocol.has_query(_query_string(scope))


def _query_string(scope: Scope) -> str:
    text: str = scope["query_string"].decode("utf-8", "replace")
    return text


async def _asked(scope: Scope, body: bytes) -> QueryRequest:
    if library.asks(scope["path"]):
        asked = library.read(scope["cfit.site"], scope["path"], _query_string(scope))
        return await run_in_threadpool(library.request, scope["cfit.site"], asked)  # it may ask which values there are
    return await aside(len(body) + len(scope["query_string"]), _read, scope, body)


def _read(scope: Scope, body: bytes) -> QueryRequest:
    query_string = _query_string(scope)
    if scope["method"] != "POST":
        return protocol.from_get(query_string)
    headers = dict(reversed(scope["headers"]))  # the first of a name counts
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedMediaType("Send the query without a content coding.")
    return protocol.from_post(query_string, headers.get(b"content-type", b"").decode("latin-1"), body)


async def _body(scope: Scope, receive: Receive) -> bytes:
    too_large = QueryTooLarge(f"The request has more than {MAX_BODY} bytes. Split the query.")
    return await take_all(scope, receive, MAX_BODY, too_large)
