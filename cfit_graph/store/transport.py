"""One query to an endpoint and the body of its answer: sent with SPARQLWrapper, within a deadline, to nowhere else."""

from __future__ import annotations

import contextlib
import http.client
import io
import time
import urllib.request
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from SPARQLWrapper import POST, URLENCODED, SPARQLWrapper

from cfit_graph import __version__
from cfit_graph.errors import ResultTooLarge

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Iterator

JSON: Final = "application/sparql-results+json"
N_TRIPLES: Final = "application/n-triples"
KIND: Final = {"SELECT": JSON, "ASK": JSON, "CONSTRUCT": N_TRIPLES, "DESCRIBE": N_TRIPLES}
"""Media type that an endpoint is asked for, by form of query."""

_PARTIAL: Final = ("X-SPARQL-MaxRows", "X-SQL-State", "X-SQL-Message")  # Virtuoso's signs, beside status 200
_CANCELLED: Final = b"operation has been cancelled"  # Oxigraph's sign, after the last it sent
_SILENT_CAP: Final = 10_000  # Virtuoso's default of ResultSetMaxRows
CUT: Final = "it breaks off before its end; if it does so again, it is more than that endpoint gives, so ask for less"
"""Why an answer is not complete that ends too early; an endpoint that breaks it off at a limit looks the same."""
_PIECE: Final = 1 << 16
_TAIL: Final = 64


class Incomplete(ValueError):
    """An answer that is not what was asked for, or not all of it; says why, as the second half of a sentence."""


class Deadline:
    """A point in time, so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left.

        Raises:
            TimeoutError: if there are none.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


@contextlib.contextmanager
def ask(
    endpoint: str, text: str, form: str, parameters: Iterable[tuple[str, str]], deadline: Deadline, limit: int
) -> Iterator[Body]:
    """Send a query and give the body of the answer, once its head promises a complete one of the kind asked for.

    Raises:
        Incomplete: if the answer is not all there, or of another kind.
        ResultTooLarge: if its body has more bytes than the limit.
        OSError, http.client.HTTPException: as urllib does: HTTPError for any status but success.
    """
    client = _Client(endpoint, agent=f"cfit-graph/{__version__}")
    client.setMethod(POST)
    client.setRequestMethod(URLENCODED)  # Virtuoso hangs on a query that is posted as it is
    client.setOnlyConneg(True)
    client.addCustomHttpHeader("Accept", KIND[form])
    # Not by setQuery: its regular expressions take 8 s on 100,000 line breaks, and see an update in `prefix add: <…>`.
    client.queryString, client.queryType = text, form
    for name, value in parameters:
        client.addParameter(name, value)
    client.seconds = deadline.left()
    with contextlib.closing(client.query().response) as response:
        _check(response, KIND[form])
        body = Body(response, limit)
        try:
            yield body
        except SyntaxError as error:
            raise Incomplete(body.fault(error)) from None
        body.finish()


def _check(response: http.client.HTTPResponse, media_type: str) -> None:
    if response.status != http.HTTPStatus.OK:
        raise Incomplete(f"its status is {response.status}, not 200")
    for name in _PARTIAL:
        if name in response.headers:
            raise Incomplete(f"it is a part of one, by its header {name}: {response.headers[name]}")
    given = response.headers.get("Content-Type", "nothing said")
    if response.headers.get_content_type() != media_type:
        raise Incomplete(f"it is {given}, not {media_type}")
    if media_type == N_TRIPLES and response.length is None and not response.chunked:
        raise Incomplete("it has neither Content-Length nor chunks, so that its end cannot be told from a break")


class Body:
    """The body of an answer, as a file to be parsed; no more of it is read than may be."""

    def __init__(self, response: http.client.HTTPResponse, limit: int) -> None:
        self.virtuoso = "virtuoso" in response.headers.get("Server", "").lower()
        self._json = response.headers.get_content_type() == JSON
        self._response, self._limit = response, limit
        self._size = self._lines = 0
        self._tail = b""

    def read(self, size: int = _PIECE) -> bytes:
        """Return the next bytes, none at the end; raises what :func:`ask` lists."""
        piece = self._response.read(size)
        self._size += len(piece)
        if self._size > self._limit:
            raise ResultTooLarge(self._limit >> 20)
        if not piece and self._response.length:  # http.client raises IncompleteRead for chunks, not for lengths
            raise Incomplete(CUT)
        self._lines += piece.count(b"\n")
        self._tail = (self._tail + piece)[-_TAIL:]
        return piece

    def fault(self, error: SyntaxError) -> str:
        """Return why the parser could not go on; what Oxigraph says last may still be on its way."""
        with contextlib.suppress(OSError, http.client.HTTPException, Incomplete, ResultTooLarge):
            self.read()
        return "the endpoint stopped the query before its end" if _CANCELLED in self._tail else f"{error.msg}"

    def finish(self) -> None:
        """Take what the parser left, and see that this was the end; raises what :func:`ask` lists."""
        while self.read():
            pass
        if self._json and not self._tail.rstrip().endswith(b"}"):
            raise Incomplete(CUT)
        if self.virtuoso and not self._json and self._lines >= _SILENT_CAP:
            raise Incomplete(f"from {_SILENT_CAP} statements on, Virtuoso leaves some out without a word")


class _Client(SPARQLWrapper):
    """SPARQLWrapper without the opener of the whole process, and without reading whole whatever comes with an error."""

    seconds: float

    def _query(self) -> tuple[http.client.HTTPResponse, str]:
        return _OPENER.open(self._createRequest(), timeout=self.seconds), self.returnFormat


class _Connection(http.client.HTTPConnection):
    """A connection whose timeout is for all it does together, not for each wait: endpoints may send drop by drop."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline = Deadline(self.timeout or 0)
        self.response_class = partial(_Response, deadline=self._deadline)  # type: ignore[assignment]

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(self._deadline.left())

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.settimeout(self._deadline.left())
        super().send(data)


class _SecureConnection(http.client.HTTPSConnection, _Connection):
    """The same over TLS: it connects as above and then shakes hands, in the time left."""


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, deadline: Deadline, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Waits(self.fp.detach(), sock, deadline))


class _Waits(io.RawIOBase):
    """What comes from a socket, each wait no longer than the time left."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self._raw, self._socket, self._deadline = raw, sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._deadline.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, req)


def _opener() -> urllib.request.OpenerDirector:
    """Return what opens http and https addresses and does no more: follow redirects, ask proxies, read files."""
    opener = urllib.request.OpenerDirector()
    for handler in (_Http, _Https, urllib.request.HTTPErrorProcessor, urllib.request.HTTPDefaultErrorHandler):
        opener.add_handler(handler())
    return opener


_OPENER: Final = _opener()
