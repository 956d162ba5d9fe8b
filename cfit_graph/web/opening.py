"""Opening what is served: a release, files as they are, or an endpoint elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING

import cfit_graph
from cfit_graph import queries, release
from cfit_graph.errors import ReleaseError, SourceError
from cfit_graph.store import Limits
from cfit_graph.store.pool import WorkerPool
from cfit_graph.store.rows import values
from cfit_graph.store.threads import ThreadAsker
from cfit_graph.store.workers import StoreProcess, WorkerStore
from cfit_graph.web.site import Site

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from cfit_graph.release import Release
    from cfit_graph.settings import Settings


def over_release(settings: Settings, served: Release, prefix: str = "", stopped: Counter[str] | None = None) -> Site:
    """Return the site of a whole release, with addresses that begin with ``prefix``; its store process runs.

    ``stopped`` is where its pool counts; by default a counter of its own.

    Raises:
        ReleaseError: if its IRIs do not begin as is set.
        SourceError, StoreUnavailable: if the store process does not start.
    """
    if served.base != settings.base_iri:
        told = f"its IRIs begin with {served.base}, but IRIs are to begin with {settings.base_iri}"
        raise ReleaseError(f"{served.path}: {told}; set CFIT_BASE_IRI as it was built, or run `cfit build`")
    version = f"{served.version}-{_digest(served.manifest['files'][release.GRAPH]['sha256'])}"
    return _over(settings, [served.graph], version, served, prefix=prefix, stopped=stopped)


def over_files(settings: Settings, files: Sequence[Path]) -> Site:
    """Return the site of files as they are.

    Their blank nodes are named anew each time that they are loaded, and answers name them: so the name of one is part
    of the version.

    Raises:
        SourceError: if a file cannot be read.
        StoreUnavailable: if the store process does not start.
    """
    hashes = [_hash(path) for path in files]
    site = _over(settings, files, _digest(*hashes), None)
    assert isinstance(site.store, WorkerStore)  # noqa: S101 - it is ours
    nodes = [row["node"] for row in values(site.store, queries.load("first-blank-node"))]
    site.store.close()  # its worker has looked through all, and so copied all that others share
    return replace(site, version=_digest(*hashes, *nodes))


def over_endpoint(settings: Settings) -> Site:
    """Return the site of an endpoint elsewhere."""
    from cfit_graph.store.remote import RemoteStore  # noqa: PLC0415 - its client is slow to import, and seldom wanted

    store = RemoteStore(settings.endpoint)
    asker = ThreadAsker(store, settings.workers, settings.queue)
    return Site(settings, store, asker, _limits(settings), "", None)


def _over(
    settings: Settings,
    paths: Sequence[Path],
    version: str,
    served: Release | None,
    *,
    prefix: str = "",
    stopped: Counter[str] | None = None,
) -> Site:
    limits = _limits(settings)
    # Whoever shares a store process serves the same: another release, or another limit, has another socket.
    address = f"{settings.store}-{version}-{settings.query_mb}" if settings.store else ""
    process = StoreProcess(paths, limits.memory, address)
    process.connect().close()  # what cannot be read is said now
    asker = WorkerPool(process, settings.workers, settings.queue, stopped)
    store = WorkerStore(process)

    def close() -> None:
        store.close()
        process.close()

    files = () if served else tuple(paths)
    return Site(settings, store, asker, limits, version, served, files, close, prefix)


def _limits(settings: Settings) -> Limits:
    return Limits(settings.query_seconds, settings.query_mb << 20, settings.result_mb << 20)


def _digest(*hashes: str) -> str:
    """Return a name for what is served, and for what writes it: of this program and its engine the versions count."""
    named = (cfit_graph.__version__, metadata.version("pyoxigraph"), *hashes)
    return hashlib.blake2b(" ".join(named).encode(), digest_size=8).hexdigest()


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()
    except OSError as error:
        raise SourceError.from_system(path, error) from None
