"""The process that judges drafts: it reads a release once, and forks a worker for every connection.

``python -m cfit_graph.checking.process LISTENER FOLDER MEMORY SECONDS ROOT`` serves on the listening UNIX socket with
that file descriptor. FOLDER is its own, and goes when it ends: when its standard input does, that is with the process
that started it. ROOT is a release, or a folder that a release can be made from.

A worker judges one draft. It has no network, starts no program and writes no file: the draft is in memory only, so
that nothing of it is left, whatever ends the worker. The kernel ends it at its limits, and a thread of its own when its
client hangs up.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import shutil
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from cfit_graph.checking import answers, messages
from cfit_graph.checking.standing import Standing, lay_out
from cfit_graph.errors import SourceError, UnknownEntity
from cfit_graph.limits import limit_memory
from cfit_graph.reasons import tell
from cfit_graph.release.manifest import MANIFEST

_GIVES_WAY: Final = 10
_TIDYING: Final = 0.5  # seconds after which the folders of workers that have ended go
_REFUSED: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def main(arguments: list[str]) -> int:
    """Read the release and serve until the owner has gone."""
    descriptor, folder, memory, seconds, root = arguments
    try:
        with socket.socket(fileno=int(descriptor)) as listener:
            _serve(listener, _read(Path(root), Path(folder)), Path(folder), int(memory), float(seconds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _read(root: Path, folder: Path) -> Standing:
    if (root / MANIFEST).is_file():
        published, root = root, folder / "root"
        root.mkdir()
        lay_out(published, root)
    return Standing(root)


def _serve(listener: socket.socket, standing: Standing, folder: Path, memory: int, seconds: float) -> None:
    gc.collect()
    gc.freeze()  # what is here now is shared; a collection in a worker would copy it
    workers: set[int] = set()
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [], _TIDYING if workers else None)
        if sys.stdin in ready:
            return  # our owner has gone
        if listener in ready:
            connection, _ = listener.accept()
            with connection, suppress(OSError):  # if no process can be had, the client is told by its end
                worker = os.fork()
                if worker == 0:
                    _work(listener, connection, standing, folder, memory, seconds)
                workers.add(worker)
        workers -= {worker for worker in workers if _has_ended(worker, folder)}


def _has_ended(worker: int, folder: Path) -> bool:
    """Tell whether a worker has ended, and clear its folder away if so."""
    if os.waitpid(worker, os.WNOHANG) == (0, 0):
        return False
    shutil.rmtree(folder / str(worker), ignore_errors=True)
    return True


def _work(
    listener: socket.socket, connection: socket.socket, standing: Standing, folder: Path, memory: int, seconds: float
) -> NoReturn:
    try:
        listener.close()
        messages.send(connection, {})  # so that it is known to be there
        signal.setitimer(signal.ITIMER_REAL, seconds)  # the default action of its signal is to end the process
        threading.Thread(target=_end_with_client, args=(connection,), daemon=True).start()
        asked, content = messages.receive(connection)
        messages.send(connection, *_answer(standing, folder, memory, asked, content))
    finally:
        os._exit(0)


def _end_with_client(connection: socket.socket) -> None:
    hung_up = select.poll()
    hung_up.register(connection, getattr(select, "POLLRDHUP", 0) | select.POLLHUP)
    hung_up.poll()
    os._exit(0)


def _held(folder: Path, name: str, content: bytes) -> Path:
    """Return a path with the name of the draft, at which it can be read though it is in memory only."""
    held = folder / str(os.getpid())
    held.mkdir()
    path = held / name
    if sys.platform != "linux":
        path.write_bytes(content)
        return path
    descriptor = os.memfd_create("draft")
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    path.symlink_to(f"/proc/self/fd/{descriptor}")
    return path


def _confine(memory: int) -> None:
    """Take from this process what judging does not need; there is no way back."""
    limit_memory(memory)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(_GIVES_WAY)  # queries go first
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900")  # if memory ends, workers go before servers
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
    if writes or event.startswith(_REFUSED):
        raise PermissionError(f"{event} is refused where drafts are judged")


def _answer(
    standing: Standing, folder: Path, memory: int, asked: dict[str, Any], content: bytes
) -> tuple[dict[str, Any], bytes]:
    """Return what is told of the answer, and its bytes."""
    try:
        path = _held(folder, asked["name"], content)
        _confine(memory)
        return {}, answers.make(standing, path, asked)
    except SourceError as error:
        return {"unreadable": [tell(error.reason, asked["language"]), error.line, error.column, error.cell]}, b""
    except UnknownEntity as error:
        return {"unknown": str(error)}, b""
    except (MemoryError, RecursionError):
        return {"costly": True}, b""
    except Exception:  # noqa: BLE001 - every fault is told to the owner, who logs it
        return {"fault": traceback.format_exc()}, b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
