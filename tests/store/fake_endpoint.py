"""An endpoint that misbehaves in the ways endpoints do; the path of the address says how."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import struct
import threading
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JSON = "application/sparql-results+json"
N_TRIPLES = "application/n-triples"
ROW = b'{"o":{"type":"literal","value":"x"}}'
ROWS = b'{"head":{"vars":["o"]},"results":{"bindings":[' + ROW + b"," + ROW + b"]}}"
TRIPLE = b'<http://x/a> <http://x/p> "x" .\n'
CANCELLED = b"The SPARQL operation has been cancelled"
PIECE = 1 << 16
PATIENCE = 20.0
"""Seconds after which a hanging answer ends, so that no test can hang for ever."""


class Request(NamedTuple):
    """What was sent: the first line, the headers with names in lower case, and the form."""

    line: str
    headers: dict[str, str]
    form: dict[str, list[str]]


def _head(*headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]).encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def complete(body: bytes, media_type: str = JSON, *headers: str, status: str = "200 OK") -> bytes:
    """Return an answer with the length it says."""
    return _head(f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers, status=status) + body


def chunked(body: bytes, media_type: str = JSON, *, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return an answer in one chunk."""
    return _head(f"Content-Type: {media_type}", "Transfer-Encoding: chunked") + _chunk(body) + end


def unframed(body: bytes, media_type: str = JSON) -> bytes:
    """Return an answer that ends where the connection does."""
    return _head(f"Content-Type: {media_type}") + body


def longer(body: bytes, media_type: str = JSON) -> bytes:
    """Return an answer whose length is said to be more than it is."""
    return _head(f"Content-Type: {media_type}", f"Content-Length: {len(body) + 100}") + body


def problem(status: int, kind: str, **more: object) -> bytes:
    """Return an error as our own server tells it, at a place in the third line that it was sent."""
    members: dict[str, object] = {
        "type": f"https://w3id.org/cfit/problem/{kind}",
        "title": "A title",
        "status": status,
        "detail": f"line 3, column 28: no {kind} \x1b[31m",
    }
    if kind == "query-syntax":
        members |= {"line": 3, "column": 28, "token": "?p"} | more
    return complete(json.dumps(members).encode(), "application/problem+json", status=f"{status} Error")


def _redirect(place: str, status: str = "302 Found") -> bytes:
    return complete(b"", "text/plain", f"Location: {place}", status=status)


_COMPILER = b"Virtuoso 37000 Error SP030: SPARQL compiler: syntax error at 'x'\x07\x1b[31m\n\nSPARQL query:\n"
_TYPED = b'{"type":"typed-literal","datatype":"http://www.w3.org/2001/XMLSchema#integer","value":"01"}'

ANSWERS: dict[str, bytes] = {
    "good": complete(ROWS),
    "good-parameters": complete(ROWS, f"{JSON}; charset=utf-8; version=1.2"),
    "good-chunked": chunked(ROWS),
    "good-unframed": unframed(ROWS),
    "good-ask": complete(b'{"head":{},"boolean":true}\n'),
    "good-graph": complete(TRIPLE, N_TRIPLES),
    "empty-graph": complete(b"", N_TRIPLES),
    "typed-literal": complete(b'{"head":{"link":[],"vars":["o"]},"results":{"bindings":[{"o":' + _TYPED + b"}]}}"),
    "partial-unframed": unframed(ROWS[:-30]),
    "partial-with-length": complete(ROWS[:-2]),
    "partial-ask": complete(b'{"head":{},"boolean":true'),
    "partial-chunks": chunked(ROWS, end=b""),
    "broken-chunk": _head(f"Content-Type: {JSON}", "Transfer-Encoding: chunked") + b"ffff\r\n" + ROWS,
    "longer": longer(ROWS),
    "longer-graph": longer(TRIPLE, N_TRIPLES),
    "unframed-graph": unframed(TRIPLE, N_TRIPLES),
    "partial-graph": complete(TRIPLE[:-3], N_TRIPLES),
    "partial-graph-chunks": chunked(TRIPLE, N_TRIPLES, end=b""),
    "cancelled": chunked(ROWS[:-3] + CANCELLED),
    "cancelled-at-once": chunked(CANCELLED),
    "cancelled-after-end": chunked(ROWS + CANCELLED),
    "cancelled-ask": chunked(b'{"head":{},"boolean":true}' + CANCELLED),
    "cancelled-graph": chunked(TRIPLE + CANCELLED, N_TRIPLES),
    "cancelled-csv": chunked(b"o\r\nx\r\n" + CANCELLED, "text/csv"),
    "max-rows": complete(ROWS, JSON, "X-SPARQL-MaxRows: 10000"),
    "sql-state": complete(ROWS, JSON, "X-SQL-State: S1TAT", "X-SQL-Message: Anytime query"),
    "virtuoso": complete(ROWS, JSON, "Server: Virtuoso/07.20.3237 (Linux)"),
    "virtuoso-dataset": complete(
        b'{"head":{"vars":["graph"]},"results":{"bindings":[{"graph":{"type":"uri","value":"http://x/1"}}]}}',
        JSON,
        "Server: Virtuoso/07.20.3237 (Linux)",
    ),
    "virtuoso-graph": complete(TRIPLE * 10_000, N_TRIPLES, "Server: Virtuoso/07.20.3237 (Linux)"),
    "login": complete(b"<html><body>Please log in</body></html>", "text/html; charset=utf-8"),
    "no-type": _head(f"Content-Length: {len(ROWS)}") + ROWS,
    "other-kind": complete(b'{"head":{},"boolean":true}'),
    "not-an-iri": complete(ROWS.replace(b"literal", b"uri")),
    "not-utf-8": complete(ROWS.replace(b'"x"', b'"\xff"')),
    "206": complete(ROWS, status="206 Partial Content"),
    "204": _head(status="204 No Content"),
    "302": _redirect("/good"),
    "302-file": _redirect("file:///etc/passwd"),
    "303-elsewhere": _redirect("http://example.org/sparql", "303 See Other"),
    "307": _redirect("/good", "307 Temporary Redirect"),
    "400": complete(_COMPILER + b"x" * 1_000_000, "text/plain", status="400 Bad Request"),
    "400-place": complete(
        b'Parse error:\nSELECT x\nEncountered "x" at line 3, column 5.\nWas expecting: <VAR>',
        "text/plain",
        status="400 Bad Request",
    ),
    "400-far": complete(b"error at 999999:1: expected \x1b", "text/plain", status="400 Bad Request"),
    **{f"400-{kind}": problem(400, kind) for kind in ("query-forbidden", "bad-request", "query-syntax", "else")},
    "400-no-place": problem(400, "query-syntax", line="3", column=[]),
    "400-no-problem": complete(b"[" * 3000, "application/problem+json", status="400 Bad Request"),
    "400-title": complete(b'{"title":"A title"}', "application/problem+json", status="400 Bad Request"),
    "413-query-too-large": problem(413, "query-too-large"),
    "503-query-too-costly": problem(503, "query-too-costly"),
    "503-overloaded": problem(503, "overloaded"),
    "400-other": complete(b"Too many arguments", "text/plain", status="400 Bad Request"),
    "401": complete(b"<p>who are you?</p>", "text/html", status="401 Unauthorized"),
    "403": complete(b"", "text/plain", status="403 Forbidden"),
    "404": complete(b"nothing here", "text/plain", status="404 Not Found"),
    "429": complete(b"", "text/plain", "Retry-After: 7", status="429 Too Many Requests"),
    "500": complete(b"SELECT x " * 111_111, "text/plain", status="500 Internal Server Error"),
    "500-endless": _head("Content-Type: text/plain", "Content-Length: 9", status="500 Internal Server Error") + b"why",
    "502": complete(b"", "text/html", status="502 Bad Gateway"),
    "503": complete(b"", "text/plain", "Retry-After: \x1b[31mnow", status="503 Service Unavailable"),
    "not-http": b"220 mail.example.org ESMTP\r\n",
    "nothing": b"",
}
"""What is sent at once, after which the connection ends."""


def _hang(connection: socket.socket, over: threading.Event) -> None:
    """Wait until the client hangs up: a client that leaves its sockets open is seen by the threads that wait here."""
    connection.settimeout(0.05)
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and not over.is_set():
        with contextlib.suppress(TimeoutError):
            if connection.recv(1) == b"":
                return


def _hang_inside(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(chunked(ROWS[:-10], end=b""))
    _hang(connection, over)


def _hang_in_graph(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(chunked(TRIPLE, N_TRIPLES, end=b""))
    _hang(connection, over)


def _hang_in_error(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(ANSWERS["500-endless"])
    _hang(connection, over)


def _drip_head(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    _drip(connection, over, b"X-Wait: " + b"." * 1000)


def _drip_body(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(_head(f"Content-Type: {JSON}", "Content-Length: 100000"))
    _drip(connection, over, ROWS[:-2] + b" " * 1000)


def _drip(connection: socket.socket, over: threading.Event, data: bytes) -> None:
    ends = time.monotonic() + PATIENCE
    for byte in data:
        if over.wait(0.05) or time.monotonic() > ends:
            return
        connection.sendall(bytes([byte]))


def _reset(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(chunked(ROWS[:-10], end=b""))
    time.sleep(0.1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _flood(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(_head(f"Content-Type: {JSON}", "Transfer-Encoding: chunked"))
    connection.sendall(_chunk(ROWS[: -len(ROW) - 3]))
    while not over.is_set():
        connection.sendall(_chunk((ROW + b",") * 1000))


def _flood_of_nothing(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(_head(f"Content-Type: {JSON}", "Transfer-Encoding: chunked"))
    while not over.is_set():
        connection.sendall(_chunk(b" " * PIECE))


BEHAVIOURS: dict[str, Callable[[socket.socket, threading.Event], None]] = {
    "hang": _hang,
    "hang-inside": _hang_inside,
    "hang-in-graph": _hang_in_graph,
    "hang-in-error": _hang_in_error,
    "drip-head": _drip_head,
    "drip-body": _drip_body,
    "reset": _reset,
    "flood": _flood,
    "flood-of-nothing": _flood_of_nothing,
}
"""What takes its time."""


class FakeEndpoint(socketserver.ThreadingTCPServer):
    """The server; ``requests`` holds what it was sent."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.over = threading.Event()

    def address(self, name: str) -> str:
        """Return the address at which it behaves in a way."""
        assert name in ANSWERS.keys() | BEHAVIOURS.keys()
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close without ceremony: a reset is not to be softened by a shutdown before."""
        self.close_request(request)


class _Handler(socketserver.StreamRequestHandler):
    server: FakeEndpoint

    def handle(self) -> None:
        with contextlib.suppress(OSError, UnicodeDecodeError):  # the second is TLS
            request = self._request()
            self.server.requests.append(request)
            name = request.line.split()[1].lstrip("/").partition("?")[0]
            if name in BEHAVIOURS:
                BEHAVIOURS[name](self.connection, self.server.over)
            else:
                self.connection.sendall(ANSWERS[name])

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def _request(self) -> Request:
        line = self.rfile.readline().decode()
        headers: dict[str, str] = {}
        while text := self.rfile.readline().decode().strip():
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0"))).decode()
        return Request(line, headers, parse_qs(body, keep_blank_values=True))


@contextlib.contextmanager
def fake_endpoint() -> Iterator[FakeEndpoint]:
    """Run the server; every thread of it has ended afterwards."""
    with FakeEndpoint() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
