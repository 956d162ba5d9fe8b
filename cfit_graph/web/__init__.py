"""The web door: one application over what is served."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import cfit_graph
from cfit_graph import release
from cfit_graph.web import opening, pages, problems
from cfit_graph.web.cache import Cache
from cfit_graph.web.endpoint import SparqlEndpoint
from cfit_graph.web.front import Front, Pages
from cfit_graph.web.observing import Observer
from cfit_graph.web.preparing import keep_ready
from cfit_graph.web.routes import (
    api,
    changes,
    cite,
    crawlers,
    dataset,
    entities,
    feed,
    health,
    home,
    problem,
    question,
    reconcile,
    releases,
    sparql,
    timemap,
    validate,
    vocabulary,
)
from cfit_graph.web.sites import Sites

if TYPE_CHECKING:
    import re
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from cfit_graph.settings import Settings
    from cfit_graph.web.site import Site

ROUTERS = (
    *(home.router, sparql.router, changes.api, api.router, entities.router, vocabulary.router, health.router),
    *(dataset.router, feed.router, changes.router, releases.router, cite.router, timemap.router, validate.router),
    *(problem.router, crawlers.router, reconcile.router, question.router),
)
"""All there is to ask for; docs/reference.md lists the same addresses."""


def create_app(settings: Settings, files: Sequence[Path] = ()) -> Front:
    """Build the application: over ``files`` as they are, an endpoint, or else the current release, built if none is.

    Raises:
        SourceError: if a file cannot be read.
        ReleaseError: if there are releases, and all are damaged, or the current one has another base.
        DoesNotConform: if there is no release and the sources break a rule that blocks publishing.
        StoreUnavailable: if the store process does not start.
    """
    site = _site(settings, files)
    sites = Sites(site)
    cache = Cache(settings.cache_mb << 20 if site.version else 0)
    observer = Observer(sites.askers, cache)
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
    app.state.sites, app.state.observer = sites, observer
    for router in ROUTERS:
        app.include_router(router)
    app.router.routes.append(Mount("/static", StaticFiles(directory=pages.STATIC), name="static"))
    sites.own = tuple(_about_releases())
    return Front(app, SparqlEndpoint(site.limits, app, cache, observer), sites, cache, observer)


def _site(settings: Settings, files: Sequence[Path]) -> Site:
    if settings.endpoint:
        return opening.over_endpoint(settings)
    if files:
        return opening.over_files(settings, files)
    served = release.ensure(settings.root, settings.releases, settings.clock, settings.base_iri)
    return opening.over_release(settings, served)


def _about_releases() -> Iterator[re.Pattern[str]]:
    """Yield what the addresses look like that tell of a release: all others below it are within it."""
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, Route | APIRoute) and route.path.startswith("/release/{version}/"):
                yield route.path_regex


@asynccontextmanager
async def _lifespan(app: Any) -> AsyncIterator[None]:
    gc.collect()
    gc.freeze()  # what is here now stays; no request should wait until all of it has been looked through
    sites: Sites = app.state.sites
    ongoing = (sites.watch(), keep_ready(sites)) if sites.site.release else ()
    tasks = [asyncio.create_task(each) for each in ongoing]
    yield
    for task in tasks:
        task.cancel()
    sites.close()
