"""A real ``cfit serve``, and clients of it that see what arrives: complete or not."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlencode

from prometheus_client.parser import text_string_to_metric_families

from tests.hostile import LIGHT, LIGHT_ANSWER

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAIN = "import sys; from cfit_graph.cli import main; sys.exit(main(['serve', *sys.argv[1:]]))"
SERVE = (sys.executable, "-c", _MAIN)
"""The command ``cfit serve``, of the package as it is here."""
_CEILING = 20.0


@dataclass(frozen=True)
class Reply:
    """What came back, and whether it came to its end."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_complete: bool = True

    @property
    def kind(self) -> str:
        """The problem that is told of; empty if none is."""
        is_problem = self.headers.get("content-type") == "application/problem+json"
        return self.body.partition(b"/problem/")[2].partition(b'"')[0].decode() if is_problem else ""


@dataclass
class Server:
    """A server that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """The process that was started; those that answer may be below it."""
        return self.process.pid

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """Ask on a connection of its own, and take all that comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_CEILING)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, told, *_read(response))
        finally:
            connection.close()

    def query(self, sparql: str, accept: str = "text/csv", **more: str) -> Reply:
        """Ask a query by GET; ``more`` are parameters."""
        return self.request("GET", address(sparql, **more), Accept=accept)

    def post(self, sparql: str, accept: str = "text/csv", **headers: str) -> Reply:
        """Ask a query by POST, as it is."""
        kind = {"Content_Type": "application/sparql-query", "Accept": accept}
        return self.request("POST", "/sparql", sparql.encode(), **kind, **headers)

    def is_well(self) -> None:
        """Check that a small query is answered, and rightly; it is no kept answer."""
        reply = self.query(f"{LIGHT} # {time.monotonic_ns()}")
        assert (reply.status, reply.body) == (200, LIGHT_ANSWER)

    def raw(self, request: str) -> socket.socket:
        """Send bytes, and return the connection."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=_CEILING)
        connection.sendall(request.replace("\n", "\r\n").encode())
        return connection

    def metrics(self) -> dict[str, float]:
        """Return every number of ``/metrics`` by its name and labels, as in ``cfit_queries_total{outcome=ok}``."""
        text = self.request("GET", "/metrics").body.decode()
        return dict(numbers(text))


def numbers(text: str) -> Iterator[tuple[str, float]]:
    """Yield what the text format of Prometheus holds."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            yield sample.name + (f"{{{labels}}}" if labels else ""), sample.value


def address(sparql: str, **more: str) -> str:
    """Return the path at which a query is asked."""
    return "/sparql?" + urlencode({"query": sparql} | more)


@contextmanager
def serve(*arguments: str | Path, **settings: object) -> Iterator[Server]:
    """Run ``cfit serve`` with settings, such as ``workers=2``."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        log = Path(folder) / "log"
        with log.open("wb") as errors, _started(port, arguments, settings, errors) as process:
            try:
                server = Server(port, process, log)
                _wait_for(server)
                yield server
            finally:
                process.terminate()


def _started(port: int, arguments: Any, settings: dict[str, object], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [*SERVE, *map(str, arguments), "--port", str(port)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CFIT_")}
    environ |= {f"CFIT_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=errors)


def _wait_for(server: Server) -> None:
    end = time.monotonic() + 30
    while True:
        assert server.process.poll() is None, server.log.read_text()
        with suppress(OSError, http.client.HTTPException):
            if server.request("GET", "/health").status == 200:
                return
        assert time.monotonic() < end, server.log.read_text()
        time.sleep(0.05)


def _read(response: http.client.HTTPResponse) -> tuple[bytes, bool]:
    try:
        return response.read(), True
    except http.client.IncompleteRead as error:
        return error.partial, False
    except ConnectionResetError:
        return b"", False
