"""The graph behind any SPARQL 1.1 endpoint, asked with SPARQLWrapper.

Endpoints send parts of answers with status 200: up to a number of rows or seconds of their own, or until they die. So
an answer is asked for in a format that shows a break (JSON for rows, N-Triples for graphs), whatever the client wants;
it is taken in full, parsed, and written anew in the client's format: into memory, and from ``KEPT`` bytes on into a
temporary file. What is wrong is known before the first piece is given.

What cannot be made equal to a store of our own:

- The union of all graphs is asked for in Oxigraph's way, ``union-default-graph``. Other engines pass over it and must
  be set up so. Oxigraph must not be started with ``--union-default-graph``: it would then pass over ``FROM``.
- DESCRIBE answers what the endpoint takes a description to be, and in its order.
- Virtuoso cuts graphs at 10,000 solutions and says nothing. From 10,000 statements on its graphs are refused; where
  many solutions give few statements the cut cannot be seen.
- No redirect is followed and no proxy of the environment is used: queries go to the address given, or nowhere.
- The deadline does not cover the look-up of the host's name; each address of the host may take all of it to connect.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import tempfile
import urllib.error
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pyoxigraph as ox

from cfit_graph.errors import (
    CfitError,
    Overloaded,
    QueryForbidden,
    QuerySyntaxError,
    QueryTimedOut,
    QueryTooLarge,
    ResultTooLarge,
    StoreUnavailable,
    UsageError,
)
from cfit_graph.namespaces import BASE
from cfit_graph.store import EVERYTHING, LIMITS, GraphSelection, Limits, engine, stuck, syntax, transport
from cfit_graph.store.formats import ANSWERS, Format
from cfit_graph.store.lexer import Outline, outline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ask = Callable[[str, str, list[tuple[str, str]]], contextlib.AbstractContextManager[transport.Body]]

KEPT: Final = 1 << 20
"""Bytes of an answer that are kept in memory."""
PIECE: Final = 1 << 16
"""Bytes given at once."""

_PREFACE: Final = f"BASE <{BASE}>\n"  # relative IRIs mean the same as here; on a line of its own, so columns stay
_GRAPHS: Final = Path(__file__).with_name("graphs.rq")
_BUSY: Final = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_KINDS: Final = {"bad-request": UsageError, "query-forbidden": QueryForbidden, "query-too-large": QueryTooLarge}
"""What the types of problems mean that servers like ours tell of."""
_SHOWN: Final = 300
_READ: Final = 4096
_OXIGRAPHS = re.compile(r"error at (\d{1,6})(:\d{1,6}: .*)", re.DOTALL)
_PLACE = re.compile(r"line (\d{1,6}),? col(?:umn)?\.? (\d{1,6})", re.IGNORECASE)
_OWN_PLACE = re.compile(r"line \d+, column \d+: ")
_OF_SYNTAX = re.compile(r"syntax|pars(?:e|ing)|malformed|lexical|prefix", re.IGNORECASE)


class RemoteStore:
    """Answers questions by asking a SPARQL endpoint; it sends queries only, and those alone that are taken here."""

    def __init__(self, endpoint: str) -> None:
        """Take the address of an endpoint; nothing is sent yet.

        Raises:
            UsageError: if it is no http or https address, or holds a user name, which messages would show.
        """
        self._endpoint, self._address = endpoint, _shown(endpoint)

    def query(
        self, sparql: str, media_type: str, *, dataset: GraphSelection = EVERYTHING, limits: Limits = LIMITS
    ) -> Iterator[bytes]:
        """Answer a query; see :class:`cfit_graph.store.Store`. Every error comes before the first piece.

        Of the limits it keeps time and result: neither the result nor what the endpoint sends for it may be larger.

        Raises:
            Overloaded: if the endpoint says it is; and what the protocol lists.
        """
        seen = outline(sparql)
        chosen = engine.choose(ANSWERS[seen.form], media_type)
        deadline = transport.Deadline(limits.seconds)
        ask = partial(transport.ask, self._endpoint, deadline=deadline, limit=limits.result)
        with contextlib.ExitStack() as on_error:
            spool = on_error.enter_context(_Spool(limits.result))
            with self._in_our_words(sparql, seen, limits.seconds):
                self._check(dataset, ask)
                self._fill(spool, seen, chosen, dataset, ask)
            on_error.pop_all()
        return spool.pieces()

    def _check(self, dataset: GraphSelection, ask: Ask) -> None:
        """Refuse a dataset that names a graph not there: an empty answer to a slip of the pen would look complete."""
        wanted = sorted({node.value for node in engine.nodes(dataset.default + dataset.named)})
        if not wanted:
            return
        with ask(_GRAPHS.read_text("utf-8"), "SELECT", [("named-graph-uri", iri) for iri in wanted]) as body:
            there = {term.value for row in _results(body, "SELECT") for term in row if isinstance(term, ox.NamedNode)}
        for iri in wanted:
            if iri not in there:
                raise UsageError(f"There is no graph <{iri}> at {self._address}.")

    def _fill(self, spool: _Spool, seen: Outline, chosen: Format, dataset: GraphSelection, ask: Ask) -> None:
        named = [("default-graph-uri", iri) for iri in dataset.default]
        named += [("named-graph-uri", iri) for iri in dataset.named]
        union = [] if dataset or seen.names_dataset else [("union-default-graph", "true")]
        with ask(_PREFACE + seen.text, seen.form, named + union) as body:
            if body.virtuoso and dataset and seen.names_dataset:
                raise UsageError(f"{self._address} puts FROM before the dataset of the request; give one of the two.")
            _convert(body, seen.form, chosen, spool)

    @contextlib.contextmanager
    def _in_our_words(self, sparql: str, seen: Outline, seconds: float) -> Iterator[None]:
        try:
            yield
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error, sparql, seen.text) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._broken(error, seconds) from None
        except UnicodeEncodeError:
            raise QuerySyntaxError("half a character stands in it: a surrogate without its other half") from None
        except MemoryError:
            raise self._not_taken("a term in it is too large to be read") from None
        except ValueError as error:
            raise self._not_taken(str(error)) from None

    def _broken(self, error: Exception, seconds: float) -> CfitError:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            return QueryTimedOut(seconds)
        if isinstance(reason, http.client.IncompleteRead):
            return self._not_taken(transport.CUT)
        return StoreUnavailable(f"There is no answer from {self._address}: {_line(str(reason))}.")

    def _not_taken(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(f"The answer of {self._address} is not taken: {_line(reason)}.")

    def _refused(self, error: urllib.error.HTTPError, sparql: str, sent: str) -> CfitError:
        """Return what an answer means that has another status than success."""
        text = _said(error)
        problem = _problem(error, text)
        said = problem.get("detail") or problem.get("title") or text
        kind = problem.get("type", "").rpartition("/")[2]
        if kind in _KINDS:
            return _KINDS[kind](f"{_line(said)}.")
        if error.code == HTTPStatus.BAD_REQUEST:
            return _misplaced(problem, sparql, sent) or _fault(said, sparql, sent)
        if error.code in _BUSY and kind in {"", "overloaded", "about:blank"}:
            after = error.headers.get("Retry-After", "")
            wait = f"; try again in {after} s" if re.fullmatch(r"\d{1,6}", after) else ""
            return Overloaded(f"{self._address} has too much to do{wait}.")
        answers = f"{self._address} answers with status {error.code}"
        if HTTPStatus.MULTIPLE_CHOICES <= error.code < HTTPStatus.BAD_REQUEST:
            place = _line(error.headers.get("Location", "another address"))
            return StoreUnavailable(f"{answers}, a redirect to {place}. Redirects are not followed.")
        return StoreUnavailable(f"{answers}: {_line(said) or error.reason}.")


def _shown(endpoint: str) -> str:
    """Return the address as messages show it: what follows a ``?`` may be a secret."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(endpoint)
        known = re.fullmatch(r"https?://[!-~]+", endpoint, re.IGNORECASE) and parts.hostname
        if known and "@" not in parts.netloc and parts.port != 0:
            return f"{parts.scheme}://{parts.netloc}{parts.path}"
    raise UsageError("An endpoint is given by an address with http:// or https:// and a host, without a user name.")


def _convert(body: transport.Body, form: str, chosen: Format, spool: _Spool) -> None:
    """Write an answer in the format chosen while it comes in; a few KB of it are in memory at a time."""
    if transport.KIND[form] == transport.N_TRIPLES:
        triples = (quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES))  # type: ignore[arg-type]
        engine.write(triples, chosen, spool)
    else:
        engine.write(_results(body, form), chosen, spool)


def _results(body: transport.Body, form: str) -> Any:
    answer = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)  # type: ignore[arg-type]
    if isinstance(answer, ox.QueryBoolean) != (form == "ASK"):
        del answer  # it must end in the thread it came from, and errors keep what a frame holds
        raise transport.Incomplete(f"it is no answer to {form}")
    return answer


class _Spool:
    """An answer before it is given."""

    def __init__(self, limit: int) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=KEPT)  # noqa: SIM115 - closed by whoever takes the pieces
        self._limit, self._size = limit, 0

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, piece: bytes) -> int:
        self._size += len(piece)
        if self._size > self._limit:
            raise ResultTooLarge(self._limit >> 20)
        return self._file.write(piece)

    def flush(self) -> None:
        """Do nothing: the engine asks for it, and there is nobody yet to flush to."""

    def pieces(self) -> Iterator[bytes]:
        """Return the pieces; the file is closed with the last, and if no more are wanted."""
        pieces = self._pieces()
        next(pieces)  # a generator that was never started would not close it
        return pieces

    def _pieces(self) -> Iterator[bytes]:
        with self._file:
            yield b""
            self._file.seek(0)
            yield self._file.read(PIECE)
            while piece := self._file.read(PIECE):
                yield piece


def _fault(said: str, sparql: str, sent: str) -> CfitError:
    """Return what an endpoint says of a query that it does not take."""
    lines = range(2, sparql.count("\n") + 3)  # the preface is the first
    oxigraphs, place = _OXIGRAPHS.match(said), _PLACE.search(said)
    if oxigraphs and int(oxigraphs[1]) in lines:
        told = stuck.located(f"error at {int(oxigraphs[1]) - 1}{oxigraphs[2]}", sent, BASE)
        found = syntax.error(told, sparql, sent)
        return QuerySyntaxError(_line(found.reason), found.line, found.column, found.token)
    if place and int(place[1]) in lines:
        found_at = syntax.place(sparql, sent, int(place[1]) - 1, int(place[2]))
        return QuerySyntaxError(_line(_around(said, place)), *found_at)
    reason = f"the endpoint does not take the query: {_line(said)}"
    return QuerySyntaxError(reason) if _OF_SYNTAX.search(said) else UsageError(reason[0].upper() + reason[1:])


def _problem(error: urllib.error.HTTPError, text: str) -> dict[str, Any]:
    """Return the members of the problem (RFC 9457) that an error comes with that are as they should be."""
    problem: Any = None
    if error.headers.get_content_type() == "application/problem+json":
        with contextlib.suppress(ValueError, RecursionError):
            problem = json.loads(text)
    members = {"type": str, "title": str, "detail": str, "token": str, "line": int, "column": int}
    given = problem.items() if isinstance(problem, dict) else ()
    return {name: value for name, value in given if name in members and type(value) is members[name]}


def _misplaced(problem: dict[str, Any], sparql: str, sent: str) -> QuerySyntaxError | None:
    """Return the error at the place in the query that a problem tells of; the preface is the first line."""
    line, column = problem.get("line", 0) - 1, problem.get("column", 0)
    if "detail" not in problem or column < 1 or line not in range(1, sparql.count("\n") + 2):
        return None
    reason = _line(_OWN_PLACE.sub("", problem["detail"]))
    return QuerySyntaxError(reason, *syntax.place(sparql, sent, line, column), _line(problem.get("token", "")))


def _around(said: str, place: re.Match[str]) -> str:
    """Return the line that names a place; what comes before it may be the query."""
    return said[said.rfind("\n", 0, place.start()) + 1 :]


def _said(error: urllib.error.HTTPError) -> str:
    """Return the beginning of the text that comes with an error, which may be long, or a page."""
    if error.headers.get_content_type() == "text/html":
        return ""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return error.read(_READ).decode("utf-8", "replace").strip()
    return ""


def _line(text: str) -> str:
    """Return the first line of a text from elsewhere, as may be shown."""
    first = text.strip().partition("\n")[0][:_SHOWN]
    return "".join(character if character.isprintable() else " " for character in first).strip().rstrip(".")
