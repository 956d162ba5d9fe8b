"""One request and the whole of its answer, or what is wrong in the words of the server."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPException, InvalidURL
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from cfit_graph import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from http.client import HTTPResponse

JSON: Final = "application/json"
ROWS: Final = "application/sparql-results+json"
STATEMENTS: Final = "application/n-triples"
TABLE: Final = "text/csv"
QUERY: Final = "application/sparql-query"
_PROBLEM: Final = "application/problem+json"
_HEADERS: Final = {"Accept-Encoding": "gzip", "User-Agent": f"cfit-graph/{__version__}"}
_PARTIAL: Final = ("X-SPARQL-MaxRows", "X-SQL-State", "X-SQL-Message")  # Virtuoso's signs, beside status 200
_ELSEWHERE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_TRIES: Final = 3
_SHOWN: Final = 500
_LONGEST_WAIT: Final = 60


class AskingFailed(Exception):
    """Why there is no answer: the message is what the server says, if it says anything.

    ``status`` is that of HTTP, 0 without one; ``problem`` holds the members of RFC 9457, of which ``line``, ``column``
    and ``token`` are the place of a mistake in a query; ``wait`` is in how many seconds to ask again, 0 if that is of
    no use.
    """

    def __init__(
        self, message: str, status: int = 0, problem: dict[str, Any] | None = None, *, wait: float = 0.0
    ) -> None:
        super().__init__(message)
        self.status, self.problem, self.wait = status, problem or {}, wait


class _Stay(HTTPRedirectHandler):
    """Goes nowhere else: on the way to another address, a query that is posted is lost."""

    def redirect_request(self, *_: Any) -> None:
        """Take what leads elsewhere for the answer."""


_OPENER: Final = build_opener(_Stay)


def ask(endpoint: str, query: str, media_type: str, seconds: float) -> bytes:
    """Send a query by POST, which takes long ones, and return the whole answer; raises as :func:`read` does."""
    return read(endpoint, media_type, seconds, encoded({"query": query}).encode())


def encoded(sent: str | Mapping[str, str | Sequence[str]]) -> str:
    """Return a part of a path, or parameters, as they stand in an address.

    Raises:
        AskingFailed: if there is half a character in it.
    """
    try:
        return quote(sent, safe="") if isinstance(sent, str) else urlencode(sent, doseq=True)
    except UnicodeError:
        raise AskingFailed(
            "There is half a character in what is sent, a surrogate; write the character whole."
        ) from None


def read(address: str, media_type: str, seconds: float, form: bytes | None = None) -> bytes:
    """Return all that is at an address; a server that is busy is asked again, when it says.

    Raises:
        AskingFailed: if there is no answer, it is an error or of another media type, or it breaks off.
    """
    if not address.lower().startswith(("http://", "https://")):
        raise AskingFailed(f"{address} is no address of a server; it begins with https:// or http://.")
    for _ in range(_TRIES - 1):
        try:
            return _read(address, media_type, seconds, form)
        except AskingFailed as failed:
            if not failed.wait:
                raise
            time.sleep(failed.wait)
    return _read(address, media_type, seconds, form)


def _read(address: str, media_type: str, seconds: float, form: bytes | None) -> bytes:
    where = address.partition("?")[0]
    try:
        request = Request(address, form, {"Accept": media_type, **_HEADERS})  # noqa: S310 - http, as was seen
        try:
            with _OPENER.open(request, timeout=seconds) as response:
                return _whole(response, media_type, where)
        except HTTPError as error:
            raise _failure(error, where) from None
    except (InvalidURL, ValueError) as error:
        raise AskingFailed(f"{where} is no address of a server: {error}.") from None
    except (HTTPException, EOFError, zlib.error, gzip.BadGzipFile):
        raise AskingFailed(
            f"The answer of {where} breaks off before its end; nothing of it is used. If it does so again, it is more "
            "than the server gives: ask for less."
        ) from None
    except OSError as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise AskingFailed(f"{where} does not answer: {reason}.") from None


def _whole(response: HTTPResponse, media_type: str, where: str) -> bytes:
    part = next((f"{name}: {response.headers[name]}" for name in _PARTIAL if name in response.headers), "")
    if part or response.status != HTTPStatus.OK:
        raise AskingFailed(
            f"What {where} gives is a part of an answer, or none ({part or response.status}).", response.status
        )
    given = response.headers.get_content_type()
    if given != media_type:
        raise AskingFailed(f"{where} answers with {given}, not {media_type}: is that the address?", response.status)
    if response.length is None and not response.chunked:
        raise AskingFailed(f"{where} does not say how long its answer is, so that a part would pass for the whole.")
    return _decoded(response)


def _decoded(response: HTTPResponse | HTTPError) -> bytes:
    body: bytes = response.read()
    return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body


def _failure(error: HTTPError, where: str) -> AskingFailed:
    """Return what an answer says that is an error."""
    with error:
        said, headers = _decoded(error), error.headers
    problem: Any = {}
    if headers.get_content_type() == _PROBLEM:
        with suppress(ValueError, RecursionError):  # then it is told as it is
            problem = json.loads(said)
    problem = problem if isinstance(problem, dict) else {}
    text = str(problem.get("detail") or " ".join(said.decode("utf-8", "replace").split())[:_SHOWN] or error.reason)
    message = text if problem else f"{where} answers with status {error.code}: {text}"
    if "Location" in headers:
        message = f"{where} leads to {headers['Location']}; ask there."
    elif error.code in _ELSEWHERE and "title" in problem:
        message = f"{problem['title']} ({where}). {text}"
    return AskingFailed(message, error.code, problem, wait=_wait(error, problem))


def _wait(error: HTTPError, problem: dict[str, Any]) -> float:
    """Return in how many seconds a server that is busy wants to be asked again."""
    is_busy = (
        error.code == HTTPStatus.TOO_MANY_REQUESTS
        or (error.code == HTTPStatus.SERVICE_UNAVAILABLE and not problem)
        or str(problem.get("type")).endswith("/overloaded")
    )
    said = error.headers.get("Retry-After", "")
    return min(int(said), _LONGEST_WAIT) if is_busy and said.isdecimal() else 0.0
