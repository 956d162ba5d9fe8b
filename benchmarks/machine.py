"""What a measurement was made on and with: machine, versions, commit. No paths, no names of hosts."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sysconfig
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from cfit_graph.store import allocator

PACKAGES: Final = ("pyoxigraph", "oxigraph", "rdflib", "rdflib-endpoint", "fastapi", "starlette", "uvicorn")


def facts() -> dict[str, Any]:
    """Return date, commit, machine and versions."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _output("git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"),
        "changed": bool(_output("git", "-C", str(Path(__file__).parent.parent), "status", "--porcelain", "cfit_graph")),
        "machine": {"cores": os.cpu_count(), "cpu": _cpu(), "memory_gb": _memory(), "load": os.getloadavg()[0]},
        "versions": {"python": _python(), "mimalloc": _mimalloc(), **_versions()},
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _python() -> str:
    if "deb_system" in sysconfig.get_scheme_names():
        return f"{platform.python_version()} of Debian"  # optimized by profile, of which its configuration says nothing
    is_optimized = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return platform.python_version() + ("" if is_optimized else " built without optimizations")


def _mimalloc() -> str:
    """Return the version of the allocator that our store process has; of that, the first numbers."""
    library = allocator.environment().get("LD_PRELOAD", "")
    return Path(library).resolve().name.partition("libmimalloc.so.")[2] or "missing"


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "missing"
    return found


def _output(program: str, *arguments: str) -> str:
    path = shutil.which(program)
    if path is None:
        return ""
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return done.stdout.strip()
