"""``/sparql`` for programs: the SPARQL 1.1 Protocol's query operation, without waiting in a thread.

Order of things: is it asked well (or 4xx), does the client have the answer (304), is it kept ready, else ask a worker.
Pages and the description of the service are not made here: such requests go on to the pages.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from starlette.requests import Request

from cfit_graph.errors import CfitError, NotAcceptable, QueryError, QueryTooLarge, UnsupportedMediaType, UsageError
from cfit_graph.store.asking import Question
from cfit_graph.store.formats import ANSWERS
from cfit_graph.store.lexer import outline
from cfit_graph.store.threads import aside
from cfit_graph.web import negotiation, problems, protocol
from cfit_graph.web.cache import Entry
from cfit_graph.web.giving import ClientGone, EndingWithClient, Remembered, give, give_in_pieces, take_all
from cfit_graph.web.headers import CACHEABLE, COMMON, VARY, Wanted

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from cfit_graph.store import Limits
    from cfit_graph.store.asking import Answer
    from cfit_graph.store.lexer import Outline
    from cfit_graph.web.cache import Cache, Header
    from cfit_graph.web.observing import Observation, Observer
    from cfit_graph.web.protocol import QueryRequest
    from cfit_graph.web.site import Site

_LOG = logging.getLogger(__name__)

MAX_BODY: Final = 2 << 20
"""Bytes of a request's body: enough for the longest query there may be, each character four bytes and encoded."""
_ANY: Final = b"*"
"""Any answer will do, but there must be one (RFC 9110, 13.1.2): only asking tells."""
_CHARSET: Final = {"text/csv", "text/tab-separated-values", "text/turtle"}  # the others state their encoding themselves
_NAMES: Final = {name for formats in ANSWERS.values() for it in formats for name in it.names}
_OFFERS: Final = {form: tuple(it.media_type for it in formats) for form, formats in ANSWERS.items()}


class Exchange:
    """A request, where its answer goes, and what is noted of it."""

    __slots__ = ("_send", "has_begun", "receive", "scope", "seen", "site", "wanted")

    def __init__(self, scope: Scope, receive: Receive, send: Send, seen: Observation) -> None:
        self.scope, self.receive, self.seen = scope, receive, seen
        self.site: Site = scope["cfit.site"]
        self.wanted = Wanted.of(scope)
        if scope["method"] == "POST":
            self.wanted = self.wanted._replace(if_none_match=b"")  # 304 is for GET and HEAD (RFC 9110, 13.1.2)
        self.has_begun = False
        """Whether anything was sent."""
        self._send = send

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
        self._headers = (*COMMON, (b"vary", VARY), (b"query-limits", stated.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not _asks(scope):
            await self._pages(scope, receive, send)
            return
        seen = self._observer.begin()
        exchange = Exchange(scope, receive, send, seen)
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

    async def _exchange(self, exchange: Exchange) -> None:
        scope = exchange.scope
        body = await _body(scope, exchange.receive) if scope["method"] == "POST" else b""
        asked = await aside(len(body) + len(scope["query_string"]), _read, scope, body)
        exchange.seen.sparql = asked.sparql
        if asked.sha256:
            await self._give_if_same(exchange, asked)
        elif not asked.formats and await _is_for_page(asked.sparql, exchange.wanted.accepted):
            exchange.seen.outcome = "page"
            scope["cfit.asked"] = asked
            await self._pages(scope, exchange.receive, exchange.send)
        else:
            await self._answer(exchange, await question(exchange.site, asked, exchange.wanted))

    async def _give_if_same(self, exchange: Exchange, asked: QueryRequest) -> None:
        """Give an answer that was cited: as it is, without a coding, and only if its hash is the one that was cited."""
        wanted = exchange.wanted._replace(encoding=b"")
        exchange.seen.question = cited = await question(exchange.site, asked, wanted)
        headers = self._head(cited, "", _etag(exchange.site, cited))
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
        etag = _etag(exchange.site, asked)
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
            answer = await exchange.site.asker.ask(asked)
            try:
                headers = self._head(asked, answer.encoding, etag)
                if answer.rest is None:
                    await self._give_whole(exchange, answer, headers, etag)
                else:
                    await self._give_in_pieces(exchange, Remembered(answer.first, answer.rest), headers, etag)
            finally:
                answer.stop()

    async def _give_whole(self, exchange: Exchange, answer: Answer, headers: tuple[Header, ...], etag: bytes) -> None:
        entry = self._keep(exchange, answer.first, headers, etag)
        exchange.seen.size = len(answer.first)
        await give(entry, exchange.wanted, exchange.scope, exchange.send)

    def _keep(self, exchange: Exchange, body: bytes, headers: tuple[Header, ...], etag: bytes) -> Entry:
        """Return a whole answer as an entry of the cache, and keep it there if it has a tag."""
        entry = Entry((*headers, (b"content-length", str(len(body)).encode())), body, etag)
        if etag:
            self._cache.put((etag,), entry)
        if etag and "cfit.key" in exchange.scope:
            self._cache.put(exchange.scope["cfit.key"], entry)
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
            self._keep(exchange, body, headers, etag)

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
        await response(exchange.scope, exchange.receive, exchange.send)


def _etag(site: Site, asked: Question) -> bytes:
    """Return the tag of an answer: the release, and the query with its dataset, format and coding.

    Empty for what may change: a query that asks for the time, and a store that is not ours.
    """
    if asked.seen.varies or not site.version:
        return b""
    dataset = repr(asked.dataset) if asked.dataset else ""
    parts = f"{asked.media_type} {asked.encoding} {dataset} {asked.sparql}".encode()
    return f'"{site.version}-{hashlib.blake2b(parts, digest_size=12).hexdigest()}"'.encode()


@lru_cache(256)
def _head(common: tuple[Header, ...], media_type: str, encoding: str, kept: bytes) -> tuple[Header, ...]:
    """Return the headers that answers share, whatever is asked."""
    charset = "; charset=utf-8" if media_type in _CHARSET else ""
    coded = ((b"content-encoding", encoding.encode()),) if encoding else ()
    return (*common, (b"content-type", (media_type + charset).encode()), (b"cache-control", kept), *coded)


async def outlined(sparql: str) -> Outline:
    """Return the outline of a query.

    Raises:
        QueryError: if there is something wrong with it.
    """
    return await aside(len(sparql), outline, sparql)


async def _is_for_page(sparql: str, accept: str) -> bool:
    """Tell whether a client likes the page best of what there is; of a query that is none it shows what is wrong."""
    if not negotiation.prefers_html(accept):
        return False
    try:
        offers = _OFFERS[(await outlined(sparql)).form]
    except QueryError:
        offers = (problems.MEDIA_TYPE,)
    return negotiation.prefers_html(accept, offers)


async def question(site: Site, asked: QueryRequest, wanted: Wanted, media_type: str = "") -> Question:
    """Return the question in a request, to be answered in ``media_type``, else as the request says.

    Raises:
        QueryError: if there is something wrong with the query.
        UsageError: if its format or time is not to be had.
        NotAcceptable: if it accepts none of the formats.
    """
    seen = await outlined(asked.sparql)
    media_type = media_type or _media_type(seen.form, asked.formats, wanted.accepted)
    limits = site.limits
    if asked.seconds > limits.seconds:
        raise UsageError(f"timeout is in seconds, and {limits.seconds:g} is the most; leave it out to have that.")
    if asked.seconds:
        limits = replace(limits, seconds=asked.seconds)
    return Question(asked.sparql, seen, media_type, asked.dataset, limits, wanted.coding)


def _media_type(form: str, names: tuple[str, ...], accept: str) -> str:
    """Return the media type for an answer; a ``format`` given by name wins over the header.

    SPARQLWrapper gives several names at once, of which one or the other is ours.
    """
    if not names:
        return negotiation.choose(accept, _OFFERS[form])
    found = {it.media_type for it in ANSWERS[form] if not set(names).isdisjoint(it.names)}
    if len(found) == 1:
        return found.pop()
    there_are = ", ".join(it.name for it in ANSWERS[form])
    if found:
        raise UsageError(f"Give one format, not {len(found)}; for {form} there are {there_are}.")
    if not _NAMES.isdisjoint(names):
        raise NotAcceptable(_OFFERS[form], f"The answer to {form} cannot be had as {names[0]}; there are {there_are}.")
    raise UsageError(f"There is no format {names[0][:50]!r}; for {form} there are {there_are}.")


def _asks(scope: Scope) -> bool:
    if scope["method"] == "POST":
        return True
    return scope["method"] in {"GET", "HEAD"} and protocol.has_query(_query_string(scope))


def _query_string(scope: Scope) -> str:
    text: str = scope["query_string"].decode("utf-8", "replace")
    return text


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
