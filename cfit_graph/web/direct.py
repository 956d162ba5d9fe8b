"""Plain questions, asked of a worker before anything else is made of a request.

A query that is sent by GET, with nothing beside it, is asked of an idle worker as soon as its bytes are here, and a
whole answer that comes soon is written at once. There is no scope, no task and no message between, which take a web
process several times as long as the rest (docs/performance-attempts.md). Whatever is out of the ordinary goes the way
of all requests, through :class:`cfit_graph.web.endpoint.SparqlEndpoint`, and takes the worker along that was asked:
errors, answers that are large or late, and whatever arrives meanwhile.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cfit_graph.errors import CfitError
from cfit_graph.store.lexer import outline
from cfit_graph.store.pool import WorkerPool
from cfit_graph.web import asking, negotiation, protocol
from cfit_graph.web.headers import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph.store.asking import Answer, Question
    from cfit_graph.store.run import Run
    from cfit_graph.web.cache import Cache, Entry
    from cfit_graph.web.endpoint import SparqlEndpoint
    from cfit_graph.web.observing import Observation, Observer
    from cfit_graph.web.site import Site
    from cfit_graph.web.sites import Held, Sites

START: Final = b"GET /sparql?query="
_BEFORE: Final = START.removesuffix(b"query=")
_BEHIND: Final = b" HTTP/1.1"
_PLAIN: Final = bytes(set(range(0x21, 0x7F)) - set(b"#&"))
"""What may stand in the address of one query and nothing else."""
_HEADERS: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)+\r\n")
_HEADER: Final = re.compile(rb"([^:\r\n]+):[\t ]*([^\r\n]*?)[\t ]*\r\n")
_OTHERS: Final = {
    *(b"accept-datetime", b"connection", b"content-length", b"expect", b"if-modified-since", b"if-none-match"),
    *(b"proxy-connection", b"transfer-encoding", b"upgrade"),
}
"""Headers that ask for more than an answer, or may not let the request end with its head, or the connection stay."""
_KEPT_OPEN: Final = (b"connection", b"keep-alive")
_SEEN: Final = 256  # a client sends the same headers over and over


class Begun:
    """A question that a worker was asked directly, until it is answered, given up, or taken the way of all requests."""

    def __init__(self, request: bytes, run: Run, held: Held, seen: Observation, observer: Observer) -> None:
        """Be one of the requests at a site."""
        self.request, self.seen = request, seen
        self.is_handed_over = self.is_taken = False
        """Whether the application is to go on, and whether it does."""
        self._run, self._held, self._observer = run, held, observer
        self._has_ended = False
        held.users += 1

    @property
    def is_waited_for(self) -> bool:
        """Whether the answer is to be given directly."""
        return not (self.is_handed_over or self._has_ended)

    @property
    def was_quick(self) -> bool:
        """Whether the answer took the worker but a moment."""
        return self._run.was_quick

    def answer(self) -> Answer | None:
        """Return the answer if all of it is here, which ends this."""
        answer = self._run.whole()
        if answer:
            self.end()
        return answer

    def take(self, site: Site) -> Run | None:
        """Take over what runs, and the duty to end it; ``None`` if it has ended: of another site, it does now."""
        if self._held.site is not site:
            self.end()
        if self._has_ended:
            return None
        self.is_taken = True
        return self._run

    def abandon(self) -> None:
        """End it, for nobody waits for the answer."""
        self.seen.outcome = "abandoned"
        self._observer.end(self.seen)
        self.end()

    def end(self) -> None:
        """End what still runs."""
        if not self._has_ended:
            self._has_ended = True
            self._run.stop()
            self._held.leave()


class Direct:
    """Asks plain questions of the current site."""

    def __init__(self, sites: Sites, endpoint: SparqlEndpoint, cache: Cache, observer: Observer) -> None:
        """Give the answers that ``endpoint`` would give."""
        self._sites, self._endpoint, self._cache, self._observer = sites, endpoint, cache, observer

    def ask(self, request: bytes, give: Callable[[Entry | None], None], *, is_quick: bool) -> Entry | Begun | None:
        """Return the answer to a request if it is kept; else ask a worker, to ``give`` the answer once it is here.

        ``is_quick`` says that this should take the worker but a moment. ``None`` is given if what comes is not a whole
        answer, and returned if the request is not a plain question or no worker is to be had.
        """
        held, seen = self._sites.present, self._observer.begin()
        site, pool = self._sites.site, self._sites.site.asker
        if not isinstance(pool, WorkerPool) or not (asked := _question(site, request)):
            return None
        seen.sparql, seen.question, etag = asked.sparql, asked, asking.etag(site, asked)
        if etag and (kept := self._cache.get((etag,))):
            return kept

        def arrived() -> None:
            if not begun.is_waited_for:
                return
            if answer := begun.answer():
                give(self._endpoint.whole(asked, answer, etag))
                seen.size = len(answer.first)
                self._observer.end(seen)  # while the client reads
            else:
                give(None)

        run = pool.begin(asked, arrived, is_quick=is_quick)
        if run is None:
            return None
        begun = Begun(request, run, held, seen, self._observer)
        return begun


def _question(site: Site, request: bytes) -> Question | None:
    """Return what a request asks if that is a plain question."""
    line, _, headers = request.partition(b"\r\n")
    target, wanted = line[len(_BEFORE) : -len(_BEHIND)], _wanted(headers)
    if wanted is None or not line.endswith(_BEHIND) or target.translate(None, _PLAIN):
        return None
    try:
        asked = protocol.from_get(target.decode("ascii"))
        return asking.question_of(site, asked, wanted, outline(asked.sparql))
    except CfitError:  # what is wrong is said in the way of all requests
        return None


@lru_cache(_SEEN)
def _wanted(lines: bytes) -> Wanted | None:
    """Return what headers want, if that is an answer for a program and nothing else, on a connection that stays."""
    headers = [(name.lower(), value) for name, value in _HEADER.findall(lines)] if _HEADERS.fullmatch(lines) else []
    names = [name for name, value in headers if (name, value.lower()) != _KEPT_OPEN]
    wanted = Wanted.of({"headers": headers})
    is_plain = names.count(b"host") == 1 and _OTHERS.isdisjoint(names)
    return wanted if is_plain and not negotiation.prefers_html(wanted.accepted) else None
