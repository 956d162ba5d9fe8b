"""What a worker process uses of memory, and the most that it may."""

from __future__ import annotations

import resource
from pathlib import Path


def limit_memory(memory: int) -> None:
    """Limit what this process may use beyond what it has: private writable memory in bytes, as Linux counts it.

    It leaves no core dump either, which would hold what it was working on.
    """
    if data := _data():
        resource.setrlimit(resource.RLIMIT_DATA, (data + memory, data + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def in_memory() -> int:
    """Return how many bytes of private writable memory are in memory, shared with the parent process or not."""
    _, resident, of_files, *_ = _pages()
    return (resident - of_files) * resource.getpagesize()


def _data() -> int:
    """Return how many bytes of private writable memory this process has; 0 where the system does not tell.

    Pages shared with the parent process count from the start, so those that are copied later change nothing.
    """
    return _pages()[5] * resource.getpagesize()


def _pages() -> list[int]:
    try:
        return [int(number) for number in Path("/proc/self/statm").read_text("ascii").split()]
    except OSError:
        return [0] * 7
