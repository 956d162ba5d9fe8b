"""The web door: one application over one store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

import cfit_graph
from cfit_graph import release
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.web import pages, problems
from cfit_graph.web.headers import SecurityHeaders
from cfit_graph.web.routes import entities, health, home, sparql, vocabulary
from cfit_graph.web.site import Site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cfit_graph.settings import Settings

ROUTERS = (home.router, sparql.router, entities.router, vocabulary.router, health.router)
"""All there is to ask for; docs/reference.md lists the same addresses."""

_EXPOSED = ["Allow", "Content-Location", "Link", "Location", "Retry-After"]


def create_app(settings: Settings, files: Sequence[Path] = ()) -> FastAPI:
    """Build the application: over ``files`` as they are, or else over the current release (built first if none is).

    Raises:
        SourceError: if a file cannot be read.
        ReleaseError: if the current release is damaged.
        DoesNotConform: if there is no release and the sources break a rule that blocks publishing.
    """
    published = None if files else release.current(settings.releases) or release.build(settings.root, settings.releases)
    store = EmbeddedStore([published.graph] if published else files)
    app = FastAPI(
        title="cfit-graph",
        version=cfit_graph.__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=problems.HANDLERS,
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"], expose_headers=_EXPOSED),
            Middleware(SecurityHeaders),
        ],
    )
    app.state.site = Site(settings, store, published, tuple(files))
    for router in ROUTERS:
        app.include_router(router)
    app.router.routes.append(Mount("/static", StaticFiles(directory=pages.STATIC), name="static"))
    return app
