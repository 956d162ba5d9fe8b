"""What every page and answer is made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from cfit_graph import entities, queries, release, rules, search, statistics, texts, vocabulary
from cfit_graph.collection.jsonld import Context
from cfit_graph.collection.reader import Reader
from cfit_graph.entities import Edition
from cfit_graph.errors import ReleaseError, UnknownEntity
from cfit_graph.feed import Log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request

    from cfit_graph.changes.retired import Retired
    from cfit_graph.feed import Event
    from cfit_graph.release import Release
    from cfit_graph.rules import Rulebook
    from cfit_graph.search import Index
    from cfit_graph.settings import Settings
    from cfit_graph.store import Limits, Store
    from cfit_graph.store.asking import Asker
    from cfit_graph.vocabulary import Vocabulary


_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


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
    def edition(self) -> Edition:
        """What is described: the release, or else files, whose IRIs begin as is set."""
        base, release = self.settings.base_iri, self.release
        return Edition(base, release.version, f"{release.published:{_TIME}}") if release else Edition(base)

    @cached_property
    def counts(self) -> dict[str, Any]:
        """How much there is, as :mod:`cfit_graph.statistics` counts: when the release was built, or else now."""
        if self.release:
            counts: dict[str, Any] = json.loads((self.root / "statistics.json").read_text("utf-8"))
            return counts
        return statistics.count(self.store)

    @cached_property
    def retired(self) -> dict[str, Retired]:
        """What is retired, by IRI, as far as the releases tell."""
        return self.release.retired() if self.release else {}

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
        index = (lambda: self.index) if self.version else (lambda: search.read(self.store))
        return Reader(self.store, self.context, index, is_fixed=bool(self.version), changed=self.changed_after)

    @cached_property
    def log(self) -> Log:
        """The log of all that changed up to what is served.

        Raises:
            UnknownEntity: if no release is served.
            ReleaseError: if a release before it is not there any more.
        """
        if self.release is None:
            raise UnknownEntity("Other files than a release are served here, so nothing is known of changes.")
        return Log(release.history(self.release))

    def place_since(self, text: str) -> int:
        """Return the place in the log for a day, a time or a release.

        Raises:
            ValueError: if the text is none of these, or what is served is no release.
        """
        if self.release is None:
            raise ValueError("Nothing is known of changes, since what is served here is no release.")
        return self.log.since(text)

    def changed_after(self, place: int) -> frozenset[str]:
        """Return the IRIs of what changed after a place in the log."""
        return self.log.changed(place)

    def last_change(self, iri: str) -> Event | None:
        """Return what became of a thing last, as far as that is known."""
        try:
            return self.log.last(iri) if self.release else None
        except ReleaseError:  # an older release is gone: the present one is whole nevertheless
            return None

    @cached_property
    def context(self) -> Context:
        """The JSON-LD context."""
        return Context(self.settings.root / "ontology" / "context.jsonld")


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


def place_of(request: Request, path: str) -> str:
    """Return where to go for a path of the site: its absolute address if one is configured, else the path.

    Who got here by another port or name than the socket's gets on that way.
    """
    site = site_of(request)
    return site.settings.public_url + site.prefix + path
