"""What every page and answer is made from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from cfit_graph import checking, citation, entities, queries, release, rules, search, statistics, texts, vocabulary
from cfit_graph.checking import Checker
from cfit_graph.collection.jsonld import Context
from cfit_graph.collection.reader import Reader
from cfit_graph.entities import Edition
from cfit_graph.errors import ReleaseError, UnknownEntity
from cfit_graph.feed import Log
from cfit_graph.reconcile.reconciler import Reconciler
from cfit_graph.web.ready import Ready

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
T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - it decorates, as property does
    """A property that is made once for all sites that are the same but for their addresses."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __get__(self, site: Site, _: object) -> T:
        made: dict[str, Any] = site.made
        name = self._make.__name__
        if name not in made:
            made[name] = self._make(site)
        value: T = made[name]
        return value


@dataclass(frozen=True)
class Site:
    """Settings, what is served (a release, or else files as they are, or else an endpoint elsewhere), and how to ask.

    Our own pages ask ``store``; queries of strangers go to ``asker``. ``version`` names what is served, and how it is
    written: the same version gives the same answer, byte for byte. Empty, if what is served may change. ``prefix`` is
    the path that all addresses of the site begin with; empty for what is served now. ``newer`` is the version of the
    current release, if that is newer than this one. ``close`` closes all but the asker, in any thread.
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
    newer: str = ""
    made: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def root(self) -> Path:
        """The folder with the ontology and the shapes that belong to what is served: the release, if it is one."""
        return self.release.path if self.release else self.settings.root

    @property
    def may_choose(self) -> bool:
        """Whether a request may name a release by a parameter: there are some, and its address names none."""
        return self.release is not None and not self.prefix

    @once
    def edition(self) -> Edition:
        """What is described: the release, or else files, whose IRIs begin as is set."""
        base, release = self.settings.base_iri, self.release
        return Edition(base, release.version, f"{release.published:{_TIME}}") if release else Edition(base)

    @once
    def counts(self) -> dict[str, Any]:
        """How much there is, as :mod:`cfit_graph.statistics` counts: when the release was built, or else now."""
        if self.release:
            counts: dict[str, Any] = json.loads((self.root / "statistics.json").read_text("utf-8"))
            return counts
        return statistics.count(self.store, self.edition.base)

    @once
    def retired(self) -> dict[str, Retired]:
        """What is retired, by IRI, as far as the releases tell."""
        return self.release.retired() if self.release else {}

    @once
    def names(self) -> dict[str, str]:
        """The name of every vocabulary term, by IRI."""
        return texts.PROPERTIES | entities.term_names(self.store)

    @once
    def vocabulary(self) -> Vocabulary:
        """The ontology with its schemes; without terms where the store holds other files."""
        return vocabulary.read(self.store)

    @once
    def rulebook(self) -> Rulebook:
        """The rules of the release, or else those in ``shapes/``."""
        return rules.read(self.root / "shapes")

    @once
    def questions(self) -> list[queries.Question]:
        """The public question library; empty where other files than a release are served."""
        return queries.questions(self.root / "ontology" / "questions") if self.release else []

    @once
    def index(self) -> Index:
        """The names of everything, to be searched."""
        return search.read(self.store)

    @once
    def collections(self) -> Reader:
        """The collections of the API."""
        told = (self.store, self.context, self._present_index, self.edition.base)
        return Reader(*told, is_fixed=bool(self.version), changed=self.changed_after, retired=self.retired)

    def _present_index(self) -> Index:
        """Return the names of everything, read anew if they may have changed."""
        return self.index if self.version else search.read(self.store)

    @once
    def reconciler(self) -> Reconciler:
        """What finds things by their names for others who have lists of them."""
        reader, names, base = self.collections, self.names, self.edition.base
        return Reconciler(self.store, reader, self._present_index, names, base, is_fixed=bool(self.version))

    @once
    def ready(self) -> Ready:
        """Documents that are made before they are asked for, in as much as half of the room for answers."""
        return Ready((self.settings.cache_mb << 20) // 2)

    @once
    def log(self) -> Log:
        """The log of all that changed up to what is served.

        Raises:
            UnknownEntity: if no release is served.
            ReleaseError: if a release before it is not there any more.
        """
        if self.release is None:
            raise UnknownEntity("Other files than a release are served here, so nothing is known of changes.")
        return Log(release.history(self.release), self.edition.base)

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

    @once
    def cited(self) -> citation.Dataset:
        """What citations say of the whole.

        Raises:
            UnknownEntity: if the graph does not say it.
        """
        return citation.dataset(self.store, self.edition.base)

    @once
    def context(self) -> Context:
        """The JSON-LD context of what is served."""
        return Context(self.root / "ontology" / "context.jsonld")

    @once
    def checker(self) -> Checker:
        """What judges drafts within what is served; its process starts when the first is asked for."""
        size, memory = self.settings.draft_mb << 20, self.settings.check_mb << 20
        at_once, seconds = self.settings.checks, self.settings.check_seconds
        return Checker(self.root, checking.Limits(size, seconds, memory, at_once, waiting=8 * at_once))

    def let_go(self) -> None:
        """Close all but the asker, in any thread."""
        if "checker" in self.made:
            self.checker.close()
        self.close()

    def read_all(self) -> None:
        """Read all that is read once, so that no request has to wait for it."""
        for name in _ONCE:
            getattr(self, name)


_LATER: Final = {"cited", "counts", "log"}
_ONCE: Final = [name for name, value in vars(Site).items() if isinstance(value, once) and name not in _LATER]
"""What is read before a site is served; the rest takes long without a release, or fails where something is missing."""


def site_of(request: Request) -> Site:
    """Return the site that a request is for, from its beginning to its end."""
    site: Any = request.scope["cfit.site"]
    assert isinstance(site, Site)  # noqa: S101 - set by Front
    return site


def address_of(request: Request, path: str) -> str:
    """Return the absolute address of a path of the site that a request is for."""
    return base_of(request) + site_of(request).prefix + path


def base_of(request: Request) -> str:
    """Return what absolute addresses begin with: as configured, or else the socket.

    No Host header decides: whoever shares a cache with the client would get its choice.
    """
    host, port = request.scope.get("server") or ("localhost", 80)
    name = f"[{host}]" if ":" in host else host
    return site_of(request).settings.public_url or f"http://{name}:{port}"


def place_of(request: Request, path: str) -> str:
    """Return where to go for a path of the site: its absolute address if one is configured, else the path.

    Who got here by another port or name than the socket's gets on that way.
    """
    site = site_of(request)
    return site.settings.public_url + site.prefix + path
