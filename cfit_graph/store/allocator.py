"""The allocator of the store process: mimalloc, where the machine has it (Debian: ``libmimalloc2.0``).

The engine allocates for every term and row, which takes glibc 5 to 20 percent of a query's time more than mimalloc
(docs/performance-attempts.md). It is loaded before all else (``LD_PRELOAD``), so only a new process can have
it. Who sets that variable has chosen; if it is empty, the C library's stays.
"""

from __future__ import annotations

import ctypes
import os
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHOICE: Final = "LD_PRELOAD"
_MULTIARCH: Final = sysconfig.get_config_var("MULTIARCH") or ""
PLACES: Final = tuple(Path(place) for place in (f"/usr/lib/{_MULTIARCH}", "/usr/lib64", "/usr/lib", "/usr/local/lib"))
"""Where Linux distributions put libraries; Debian's place comes first, for it has others for other processors."""
_OPTIONS: Final = {
    # A thread that gave way ends, and what it freed is to go back to the system; in 2.0 and in later versions.
    "MIMALLOC_ABANDONED_PAGE_DECOMMIT": "1",
    "MIMALLOC_ABANDONED_PAGE_PURGE": "1",
    # Versions from 2.1 on take a gigabyte in advance, which the limit of a query's memory could not tell from use.
    "MIMALLOC_DISALLOW_ARENA_ALLOC": "1",
}


def environment(places: Iterable[Path] = PLACES) -> dict[str, str]:
    """Return the environment for a process that is to allocate well: ours, and where the machine has it, mimalloc."""
    ours = dict(os.environ)
    if _CHOICE in ours or sys.platform != "linux":
        return ours
    found = (library for place in places for library in sorted(place.glob("libmimalloc.so.*")))
    first = next(found, None)
    return {**_OPTIONS, **ours, _CHOICE: str(first)} if first else ours


def give_back() -> None:
    """Give memory that is free back to the system, where the allocator has a way to: mimalloc and glibc do."""
    library = ctypes.CDLL(None)
    for name, argument in (("mi_collect", 1), ("malloc_trim", 0)):
        if collect := getattr(library, name, None):
            collect(argument)
