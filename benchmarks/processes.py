"""Processes under test: started in a group of their own, ended by their own number, looked at through ``/proc``."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROC: Final = Path("/proc")
BESIDE: Final = Path(sys.executable).parent
"""Where the programs of this Python environment are."""
_PATH = re.compile(r"(?:/[\w.@-]+){2,}/?")


class Server:
    """A server process; what it prints goes to a log file."""

    def __init__(self, command: Sequence[object], log: Path, environment: Mapping[str, str] | None = None) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - commands are ours
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | (environment or {}),
                cwd=log.parent,
            )

    @property
    def pid(self) -> int:
        """The process that was started; its workers are among ``tree(pid)``."""
        return self._process.pid

    def is_running(self) -> bool:
        """Tell whether it has not ended."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Ask it to end; after ten seconds end it and everything that it started."""
        if self.is_running():
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self) -> str:
        """Return the last line of its log, without paths of this machine."""
        lines = self.log.read_text("utf-8", "replace").strip().splitlines()
        return _PATH.sub("…", lines[-1])[:200] if lines else "it said nothing"


def run(command: Sequence[object], log: Path, seconds: float = 1800) -> None:
    """Run a command to its end, output to a log file.

    Raises:
        RuntimeError: if it fails or takes too long; says the last line of its output.
    """
    server = Server(command, log)
    try:
        code = server._process.wait(seconds)  # noqa: SLF001 - of this module
    except subprocess.TimeoutExpired:
        code = -1
    finally:
        server.stop()
    if code:
        raise RuntimeError(f"{Path(str(command[0])).name} failed: {server.last_words()}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants that still run."""
    return [pid, *(below for child in children(pid) for below in tree(child))]


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    found: list[int] = []
    with contextlib.suppress(OSError):  # it ends meanwhile
        for thread in (PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (thread / "children").read_text("ascii").split())
    return found


def command_line(pid: int) -> str:
    """Return the command line of a process, or nothing if it has ended."""
    try:
        return (PROC / str(pid) / "cmdline").read_text("utf-8", "replace").replace("\0", " ").strip()
    except OSError:
        return ""


def open_files(pids: Sequence[int]) -> int:
    """Return how many file handles processes hold."""
    count = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            count += len(os.listdir(PROC / str(pid) / "fd"))  # noqa: PTH208 - names are not needed as paths
    return count


def memory(pids: Sequence[int]) -> float:
    """Return the megabytes of memory of processes; pages they share count once (PSS)."""
    return round(sum(_figure(pid, "smaps_rollup", "Pss:") for pid in pids) / 1024, 1)


def resident(pid: int) -> float:
    """Return the megabytes of a process that are in memory (RSS)."""
    return round(_figure(pid, "status", "VmRSS:") / 1024, 1)


def _figure(pid: int, file: str, name: str) -> int:
    try:
        lines = (PROC / str(pid) / file).read_text("ascii").splitlines()
    except OSError:
        return 0  # it has ended meanwhile
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
