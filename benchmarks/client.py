"""An HTTP client as researchers' programs are: one connection kept open, GET for short queries, POST for long ones."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlencode

if TYPE_CHECKING:
    from types import TracebackType

HOST: Final = "127.0.0.1"
LONGEST_GET: Final = 4_096
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Reply:
    """What came back: status, body, and the seconds from sending to the last byte."""

    status: int
    body: bytes
    seconds: float


class Client:
    """One connection to a server on this machine, opened again when the server has closed it."""

    def __init__(self, port: int, timeout: float) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Drop the connection."""
        self._connection.close()

    def get(self, path: str, accept: str = "*/*") -> Reply:
        """Ask for an address.

        Raises:
            TimeoutError: if no byte comes within the time limit.
            OSError, http.client.HTTPException: if the connection breaks.
        """
        return self._send("GET", path, None, {"Accept": accept})

    def query(self, path: str, sparql: str, media_type: str, **parameters: str) -> Reply:
        """Ask a query; errors are those of :meth:`get`."""
        form = urlencode({"query": sparql, **parameters})
        if len(form) <= LONGEST_GET:
            return self.get(f"{path}?{form}", media_type)
        return self._send("POST", path, form, {"Accept": media_type, **_FORM})

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Reply:
        start = time.perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()  # half an answer may be left on it
            raise
        return Reply(answer.status, content, time.perf_counter() - start)
