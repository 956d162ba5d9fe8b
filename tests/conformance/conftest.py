"""Fixtures: one real server, ``cfit serve FILE…``, over a small dataset and the data of the W3C suite."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.conformance import suite

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = Path(__file__).parent / "small.trig"
"""The data of all tests but those of the W3C suite."""
_SERVE = "import sys; from cfit_graph.cli import main; sys.exit(main(['serve', *sys.argv[1:]]))"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a query by its form; the rest of it would fill the line."""
    return str(val).partition(" ")[0].lower() if argname == "query" else None


@pytest.fixture(scope="session")
def w3c_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of the W3C suite in one file; empty where the suite is not at hand."""
    path = tmp_path_factory.mktemp("w3c") / "suite.nq"
    suite.write_dataset(suite.cases(), path)
    return path


@pytest.fixture(scope="session")
def http(w3c_data: Path) -> Iterator[httpx2.Client]:
    """A client of the server; redirects are not followed, and it accepts anything."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", _SERVE, str(SMALL), str(w3c_data), "--port", str(port)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CFIT_")}
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
                yield client
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server stopped"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("the server did not start within 30 s")
