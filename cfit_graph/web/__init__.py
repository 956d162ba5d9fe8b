"""The web door: one application over what is served."""

from __future__ import annotations

import gc
import hashlib
from contextlib import asynccontextmanager
from importlib import metadata
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

import cfit_graph
from cfit_graph import checking, release
from cfit_graph.errors import SourceError
from cfit_graph.store import Limits
from cfit_graph.store.pool import WorkerPool
from cfit_graph.store.threads import ThreadAsker
from cfit_graph.store.workers import StoreProcess, WorkerStore
from cfit_graph.web import pages, problems
from cfit_graph.web.cache import Cache
from cfit_graph.web.endpoint import SparqlEndpoint
from cfit_graph.web.front import Front, Pages
from cfit_graph.web.observing import Observer
from cfit_graph.web.routes import api, entities, health, home, sparql, validate, vocabulary
from cfit_graph.web.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from cfit_graph.settings import Settings

ROUTERS = (home.router, sparql.router, api.router, entities.router, vocabulary.router, validate.router, health.router)
"""All there is to ask for; docs/reference.md lists the same addresses."""


def create_app(settings: Settings, files: Sequence[Path] = ()) -> Front:
    """Build the application: over ``files`` as they are, an endpoint, or else the current release, built if none is.

    Raises:
        SourceError: if a file cannot be read.
        ReleaseError: if there are releases, and all are damaged.
        DoesNotConform: if there is no release and the sources break a rule that blocks publishing.
        StoreUnavailable: if the store process does not start.
    """
    site = _over_endpoint(settings) if settings.endpoint else _over_files(settings, files)
    cache = Cache(settings.cache_mb << 20 if site.version else 0)
    observer = Observer(site.asker, cache)
    app = FastAPI(
        title="cfit-graph",
        version=cfit_graph.__version__,
        docs_url=None,
        openapi_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=problems.HANDLERS,
        middleware=[Middleware(Pages, cache=cache)],
        lifespan=_lifespan,
    )
    app.state.site, app.state.observer = site, observer
    app.state.checker = checking.Checker(site.root, _check_limits(settings))
    for router in ROUTERS:
        app.include_router(router)
    app.router.routes.append(Mount("/static", StaticFiles(directory=pages.STATIC), name="static"))
    return Front(app, SparqlEndpoint(site, app, cache, observer), cache, observer)


def _limits(settings: Settings) -> Limits:
    return Limits(settings.query_seconds, settings.query_mb << 20, settings.result_mb << 20)


def _check_limits(settings: Settings) -> checking.Limits:
    size, memory, waiting = settings.draft_mb << 20, settings.check_mb << 20, 8 * settings.checks
    return checking.Limits(size, settings.check_seconds, memory, settings.checks, waiting)


def _over_files(settings: Settings, files: Sequence[Path]) -> Site:
    published = None if files else release.ensure(settings.root, settings.releases, settings.clock)
    served = [published.graph] if published else list(files)
    limits = _limits(settings)
    version = _version(served)
    # Whoever shares a store process serves the same: another release, or another limit, has another socket.
    address = f"{settings.store}-{version}-{settings.query_mb}" if settings.store else ""
    process = StoreProcess(served, limits.memory, address)
    process.connect().close()  # what cannot be read is said now
    asker = WorkerPool(process, settings.workers, settings.queue)
    store = WorkerStore(process)

    def close() -> None:
        asker.close()
        store.close()
        process.close()

    return Site(settings, store, asker, limits, version, published, tuple(files), close)


def _over_endpoint(settings: Settings) -> Site:
    from cfit_graph.store.remote import RemoteStore  # noqa: PLC0415 - its client is slow to import, and seldom wanted

    store = RemoteStore(settings.endpoint)
    asker = ThreadAsker(store, settings.workers, settings.queue)
    return Site(settings, store, asker, _limits(settings), "", None, close=asker.close)


def _version(served: Sequence[Path]) -> str:
    """Return a name for what is served, and for what writes it: of this program and its engine the versions count."""
    writers = f"{cfit_graph.__version__} {metadata.version('pyoxigraph')}"
    digest = hashlib.blake2b(writers.encode(), digest_size=8)
    for path in served:
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "blake2b").digest())
        except OSError as error:
            raise SourceError(path, error.strerror or str(error)) from None
    return digest.hexdigest()


@asynccontextmanager
async def _lifespan(app: Any) -> AsyncIterator[None]:
    gc.collect()
    gc.freeze()  # what is here now stays; no request should wait until all of it has been looked through
    yield
    app.state.checker.close()
    app.state.site.close()
