"""A worker for each draft: it has limits, no network and no disk, ends with its client, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from cfit_graph.checking import Asked, Checker, Limits, messages, process
from cfit_graph.checking.process import _refuse
from cfit_graph.checking.standing import Standing
from cfit_graph.errors import DraftTooCostly, Overloaded, StoreUnavailable
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cfit_graph.release import Release

TRIPLE = b'<http://example.org/a> <http://example.org/b> "c" .\n'
LARGE = b"".join(
    b"<http://example.org/%d> <http://example.org/b> <http://example.org/%d> .\n" % (n, n) for n in range(60_000)
)
NAME = "secret-of-the-sender.ttl"
NT = Asked("text", NAME.replace(".ttl", ".nt"), alone=True)


@pytest.fixture
def checker_with(released: Release) -> Iterator[Callable[[Limits], Checker]]:
    with contextlib.ExitStack() as opened:

        def checker_with(limits: Limits) -> Checker:
            checker = Checker(released.path, limits)
            opened.callback(checker.close)
            return checker

        yield checker_with


def _workers(checker: Checker) -> list[int]:
    assert checker._process
    children = Path(f"/proc/{checker._process.pid}/task/{checker._process.pid}/children").read_text("ascii")
    return [int(child) for child in children.split()]


def _wait_until(check: Callable[[], Any]) -> None:
    for _ in range(600):
        if check():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that within 30 s")


def test_what_takes_too_long_is_stopped_and_the_next_is_judged(checker_with: Callable[[Limits], Checker]) -> None:
    checker = checker_with(Limits(seconds=5, memory=4 << 30))

    async def ask() -> bytes:
        with pytest.raises(DraftTooCostly, match="more than 5 s"):
            await checker.ask(NT, b"".join(LARGE.replace(b"/b>", b"/b%d>" % number) for number in range(12)))
        return await checker.ask(NT, TRIPLE)

    assert b"Conforms" in asyncio.run(ask())
    _wait_until(lambda: not _workers(checker))


def test_what_takes_too_much_memory_is_stopped(checker_with: Callable[[Limits], Checker]) -> None:
    checker = checker_with(Limits(memory=8 << 20))
    with pytest.raises(DraftTooCostly, match="more than 8 MB of memory"):
        asyncio.run(checker.ask(NT, LARGE))


def test_a_fault_before_judging_is_told_as_one(checker: Checker, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RuntimeError, match="a draft could not be judged"):  # the web refuses such a name
        asyncio.run(checker.ask(Asked("text", "図" * 96 + ".nt", alone=True), TRIPLE))
    assert "File name too long" in caplog.text


def test_a_client_that_goes_ends_its_worker(checker: Checker) -> None:
    async def go() -> None:
        checker._places = None
        task = asyncio.create_task(checker.ask(NT, LARGE))
        while not await asyncio.to_thread(_workers, checker):
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())
    _wait_until(lambda: not _workers(checker))


def test_one_draft_too_many_is_refused_at_once(checker_with: Callable[[Limits], Checker]) -> None:
    checker = checker_with(Limits(at_once=1, waiting=1))

    async def ask() -> list[Any]:
        return await asyncio.gather(*(checker.ask(NT, TRIPLE) for _ in range(3)), return_exceptions=True)

    *judged, refused = sorted(asyncio.run(ask()), key=lambda answer: isinstance(answer, Exception))
    assert isinstance(refused, Overloaded)
    assert all(b"Conforms" in answer for answer in judged)


def test_nothing_of_a_draft_is_on_the_disk_even_after_a_kill(checker_with: Callable[[Limits], Checker]) -> None:
    checker = checker_with(Limits())

    async def kill() -> None:
        task = asyncio.create_task(checker.ask(NT, LARGE + b"# the secret"))
        while not checker._process or not await asyncio.to_thread(_workers, checker):
            await asyncio.sleep(0.02)
        held = Path(checker._address).parent
        while not list(held.glob("*/secret*")):
            await asyncio.sleep(0.02)
        for worker in _workers(checker):
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(DraftTooCostly):
            await task
        assert [path.readlink().parent for path in held.rglob("secret*")] in ([], [Path("/proc/self/fd")])
        _wait_until(lambda: not list(held.rglob("secret*")))

    asyncio.run(kill())
    folder = Path(checker._address).parent
    checker.close()
    assert not folder.exists()


def test_a_process_that_died_is_started_again(checker_with: Callable[[Limits], Checker]) -> None:
    checker = checker_with(Limits())
    checker.begin()
    assert checker._process
    os.kill(checker._process.pid, signal.SIGKILL)
    checker._process.wait()
    assert b"Conforms" in asyncio.run(checker.ask(NT, TRIPLE))


def test_without_a_release_that_can_be_read_nothing_is_judged(tmp_path: Path) -> None:
    checker = Checker(tmp_path, Limits())
    try:
        with pytest.raises(StoreUnavailable):
            asyncio.run(checker.ask(NT, TRIPLE))
    finally:
        checker.close()


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", ()),
        ("socket.getaddrinfo", ("example.org", 80)),
        ("subprocess.Popen", ()),
        ("os.system", ("true",)),
        ("open", ("/tmp/x", "w", os.O_WRONLY | os.O_CREAT)),
    ],
)
def test_network_programs_and_writing_are_refused(event: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(PermissionError):
        _refuse(event, arguments)


def test_reading_is_not_refused() -> None:
    _refuse("open", ("/tmp/x", "r", os.O_RDONLY | os.O_CLOEXEC))


@pytest.mark.parametrize("length", [0, 5, 20, -1])
def test_a_message_that_breaks_off_is_none(length: int) -> None:
    whole = messages.packed({"name": "draft.ttl"}, b"the body")
    for sent in (whole, whole[:length]):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(sent)
            theirs.shutdown(socket.SHUT_WR)
            with pytest.raises(ConnectionError) if sent != whole else contextlib.nullcontext():
                assert messages.receive(ours) == ({"name": "draft.ttl"}, b"the body")


class Doing(Standing):
    """Does something else instead of judging."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self.root, self._deed = ROOT, deed

    def judge(self, *_: Any, **__: Any) -> Any:
        self._deed()


@contextlib.contextmanager
def _working(folder: Path, deed: Callable[[], object]) -> Iterator[tuple[int, socket.socket]]:
    """A worker that has been asked and does something else: its number, and the connection to it."""
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.socket(socket.AF_UNIX) as listener:
        worker = os.fork()
        if worker == 0:
            ours.close()
            process._work(listener, theirs, Doing(deed), folder, 64 << 20, 120)
        theirs.close()
        assert messages.receive(ours) == ({}, b"")
        messages.send(ours, NT._asdict(), TRIPLE)
        yield worker, ours
    _wait_until(lambda: os.waitpid(worker, os.WNOHANG) != (0, 0))


def test_a_worker_that_calls_out_is_stopped(tmp_path: Path) -> None:
    with _working(tmp_path, lambda: socket.create_connection(("127.0.0.1", 9), timeout=1)) as (_, ours):
        head, _ = messages.receive(ours)
    assert "PermissionError: socket." in head["fault"]


def test_not_even_a_library_writes_a_file_in_a_worker(tmp_path: Path) -> None:
    """What is not written in Python is not seen by the audit hook."""
    node = ox.NamedNode("http://example.org/a")
    path = tmp_path / "x.nt"

    def write() -> None:
        ox.serialize([ox.Triple(node, node, node)], path, format=ox.RdfFormat.N_TRIPLES)

    with _working(tmp_path, write) as (_, ours):
        head, _ = messages.receive(ours)
    assert "File too large" in head["fault"]
    assert path.read_bytes() == b""


def test_a_worker_ends_when_its_client_hangs_up_whatever_it_is_at(tmp_path: Path) -> None:
    with _working(tmp_path, lambda: time.sleep(100)) as (worker, _):
        assert os.waitpid(worker, os.WNOHANG) == (0, 0)
