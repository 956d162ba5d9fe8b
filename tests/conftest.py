"""Fixtures: the real graph in one store and one application per worker; nothing may reach beyond this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rdflib import Graph
from starlette.testclient import TestClient

from cfit_graph import release, validation, web
from cfit_graph.settings import Settings
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.web import create_app
from tests.release import START, STATEMENT, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Publish = Callable[[str], release.Release]

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test in which this process connects to another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a connection to {address} was tried")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for what is kept from run to run, apart from the developer's."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take settings of the developer's shell out of the way; CFIT_APPROVE is for the tests themselves."""
    for name in [name for name in os.environ if name.startswith("CFIT_") and name != "CFIT_APPROVE"]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one release of the real graph."""
    folder = tmp_path_factory.mktemp("releases")
    release.build(ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def released(releases: Path) -> release.Release:
    """The release of the real graph."""
    current = release.current(releases)
    assert current is not None
    return current


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with one file of each sort, for tests of what is done with data that were found right: none are judged."""
    return make_tiny(tmp_path, monkeypatch)


def make_tiny(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder such a root."""
    for name in ("ontology/cfit.ttl", "ontology/context.jsonld", "ontology/questions/001-who-supports.rq"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for folder in ("shapes", "data"):
        (root / folder).mkdir()
    shutil.copy(ROOT / "shapes" / "shapes.ttl", root / "shapes")
    write(root, STATEMENT.format("a", "A"))
    monkeypatch.setattr("cfit_graph.release.builder.validate", lambda _: validation.Report(Graph()))
    return root


@pytest.fixture
def publish(tiny: Path) -> Publish:
    """What publishes the tiny root with other data, an hour later each time."""
    hours = iter(range(1000))

    def publish(data: str) -> release.Release:
        write(tiny, data)
        moment = START + timedelta(hours=next(hours))
        return release.build(tiny, tiny / "releases", clock=lambda: moment)

    return publish


@pytest.fixture(scope="session")
def store(released: release.Release) -> EmbeddedStore:
    """The real graph as released."""
    return EmbeddedStore([released.graph])


@pytest.fixture(scope="session")
def client(releases: Path) -> Iterator[TestClient]:
    """A client of the application over the real release; redirects are not followed.

    It makes no documents ready: that would open connections while other tests count what is open.
    """

    async def keep_nothing_ready(_: object) -> None:
        pass

    app = create_app(Settings(root=ROOT, releases=releases))
    with contextlib.ExitStack() as opened:
        with pytest.MonkeyPatch.context() as patch:  # as it starts; others make theirs ready
            patch.setattr(web, "keep_ready", keep_nothing_ready)
            client = TestClient(app, base_url="http://testserver", follow_redirects=False)
            opened.enter_context(client)
        yield client


@pytest.fixture
def open_client() -> Iterator[Callable[..., TestClient]]:
    """Return what opens a client of an application with settings, and files or none; closed after the test."""
    with contextlib.ExitStack() as opened:

        def open_client(settings: Settings, files: Sequence[Path] = ()) -> TestClient:
            return opened.enter_context(TestClient(create_app(settings, files), follow_redirects=False))

        yield open_client


@pytest.fixture(scope="session")
def server(releases: Path) -> Iterator[str]:
    """The address of a real server: plain ``uvicorn server:app``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "server:app", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"CFIT_RELEASES": str(releases)})
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server stopped"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("the server did not start within 30 s")
