"""One request and the whole of its answer, or what is wrong in the words of the server."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from cfit_graph import __version__

if TYPE_CHECKING:
    from http.client import HTTPResponse

JSON: Final = "application/json"
ROWS: Final = "application/sparql-results+json"
STATEMENTS: Final = "application/n-triples"
_PROBLEM: Final = "application/problem+json"
_HEADERS: Final = {"Accept-Encoding": "gzip", "User-Agent": f"cfit-graph/{__version__}"}
_TRIES: Final = 3
_SHOWN: Final = 500
_LONGEST_WAIT: Final = 60


class AskingFailed(Exception):
    """Why there is no answer: the message is what the server says, if it says anything.

    ``status`` is that of HTTP, 0 without one; ``problem`` holds the members of RFC 9457, of which ``line``, ``column``
    and ``token`` are the place of a mistake in a query.
    """

    def __init__(self, message: str, status: int = 0, problem: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.problem = status, problem or {}


class _Busy(AskingFailed):
    """The server asks to come again later."""

    seconds = 0.0


def ask(endpoint: str, query: str, media_type: str, seconds: float) -> bytes:
    """Send a query by POST, which takes long ones, and return the whole answer; raises as :func:`read` does."""
    return read(endpoint, media_type, seconds, urlencode({"query": query}).encode())


def read(address: str, media_type: str, seconds: float, form: bytes | None = None) -> bytes:
    """Return all that is at an address; a server that is busy is asked again, when it says.

    Raises:
        AskingFailed: if there is no answer, it is an error or of another media type, or it breaks off.
    """
    if not address.startswith(("http://", "https://")):
        raise AskingFailed(f"{address} is no address of a server; it begins with https:// or http://.")
    request = Request(address, form, {"Accept": media_type, **_HEADERS})  # noqa: S310 - http, as just seen
    for _ in range(_TRIES - 1):
        try:
            return _read(request, media_type, seconds)
        except _Busy as busy:
            time.sleep(busy.seconds)
    return _read(request, media_type, seconds)


def parsed(answer: bytes) -> dict[str, Any]:
    """Return an answer in JSON.

    Raises:
        AskingFailed: if it is none.
    """
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError as error:
        raise AskingFailed(f"What came is not JSON: {error}.") from None
    return found


def _read(request: Request, media_type: str, seconds: float) -> bytes:
    where = request.full_url.partition("?")[0]
    try:
        with urlopen(request, timeout=seconds) as response:  # noqa: S310 - as above
            return _whole(response, media_type, where)
    except HTTPError as error:
        raise _failure(error) from None
    except (HTTPException, EOFError, zlib.error):
        raise AskingFailed(f"The answer of {where} breaks off before its end; nothing of it is used.") from None
    except OSError as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise AskingFailed(f"{where} does not answer: {reason}.") from None


def _whole(response: HTTPResponse, media_type: str, where: str) -> bytes:
    given = response.headers.get_content_type()
    if given != media_type:
        raise AskingFailed(f"{where} answers with {given}, not {media_type}: is that the address?", response.status)
    if response.length is None and not response.chunked:
        raise AskingFailed(f"{where} does not say how long its answer is, so that a part would pass for the whole.")
    body = response.read()
    return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body


def _failure(error: HTTPError) -> AskingFailed:
    """Return what an answer says that is an error."""
    with error:
        said = error.read()
    if error.headers.get("Content-Encoding") == "gzip":
        said = gzip.decompress(said)
    problem: dict[str, Any] = json.loads(said) if error.headers.get_content_type() == _PROBLEM else {}
    message = problem.get("detail") or " ".join(said.decode("utf-8", "replace").split())[:_SHOWN] or error.reason
    wait = error.headers.get("Retry-After", "")
    is_busy = error.code == HTTPStatus.TOO_MANY_REQUESTS or problem.get("type", "").endswith("/overloaded")
    if not (is_busy and wait.isdecimal()):
        return AskingFailed(message, error.code, problem)
    busy = _Busy(message, error.code, problem)
    busy.seconds = min(int(wait), _LONGEST_WAIT)
    return busy
