"""What every page and answer is made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cfit_graph import entities, queries, rules, search, texts, vocabulary
from cfit_graph.collection.jsonld import Context
from cfit_graph.collection.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request

    from cfit_graph.release import Release
    from cfit_graph.rules import Rulebook
    from cfit_graph.search import Index
    from cfit_graph.settings import Settings
    from cfit_graph.store import Limits, Store
    from cfit_graph.store.asking import Asker
    from cfit_graph.vocabulary import Vocabulary


@dataclass(frozen=True)
class Site:
    """Settings, what is served (a release, or else files as they are, or else an endpoint elsewhere), and how to ask.

    Our own pages ask ``store``; queries of strangers go to ``asker``. ``version`` names what is served, and how it is
    written: the same version gives the same answer, byte for byte. Empty, if what is served may change. ``prefix`` is
    the path that all addresses of the site begin with; empty for what is served now.
    """

    settings: Settings
    store: Store
    asker: Asker
    limits: Limits
    version: str
    release: Release | None
    files: tuple[Path, ...] = ()
    close: Callable[[], None] = lambda: None
    prefix: str = ""

    @property
    def root(self) -> Path:
        """The folder with the ontology and the shapes that belong to what is served: the release, if it is one."""
        return self.release.path if self.release else self.settings.root

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of every vocabulary term, by IRI."""
        return texts.PROPERTIES | entities.term_names(self.store)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The ontology with its schemes; without terms where the store holds other files."""
        return vocabulary.read(self.store)

    @cached_property
    def rulebook(self) -> Rulebook:
        """The rules of the release, or else those in ``shapes/``."""
        return rules.read(self.root / "shapes")

    @cached_property
    def questions(self) -> list[queries.Question]:
        """The public question library; empty where other files than a release are served."""
        return queries.questions(self.root / "ontology" / "questions") if self.release else []

    @cached_property
    def index(self) -> Index:
        """The names of everything, to be searched."""
        return search.read(self.store)

    @cached_property
    def collections(self) -> Reader:
        """The collections of the API."""
        context = Context(self.settings.root / "ontology" / "context.jsonld")
        index = (lambda: self.index) if self.version else (lambda: search.read(self.store))
        return Reader(self.store, context, index, is_fixed=bool(self.version))


def site_of(request: Request) -> Site:
    """Return the site that a request came to."""
    site: Any = request.app.state.site
    assert isinstance(site, Site)  # noqa: S101 - set by create_app
    return site


def address_of(request: Request, path: str) -> str:
    """Return the absolute address of a path of the site: as configured, or else of the socket.

    No Host header decides: whoever shares a cache with the client would get its choice.
    """
    site, (host, port) = site_of(request), request.scope.get("server") or ("localhost", 80)
    name = f"[{host}]" if ":" in host else host
    return (site.settings.public_url or f"http://{name}:{port}") + site.prefix + path
