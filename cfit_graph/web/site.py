"""What every page and answer is made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cfit_graph import entities, queries, rules, vocabulary
from cfit_graph.web import texts

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from cfit_graph.release import Release
    from cfit_graph.rules import Rulebook
    from cfit_graph.settings import Settings
    from cfit_graph.store import Store
    from cfit_graph.vocabulary import Vocabulary


@dataclass(frozen=True)
class Site:
    """Settings, the store, and what is in it: a release, or files served as they are."""

    settings: Settings
    store: Store
    release: Release | None
    files: tuple[Path, ...] = ()

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
        """The rules in ``shapes/``."""
        return rules.read(self.settings.root / "shapes")

    @cached_property
    def questions(self) -> list[queries.Question]:
        """The public question library; empty where other files than a release are served."""
        return queries.questions(self.settings.root / "ontology" / "questions") if self.release else []


def site_of(request: Request) -> Site:
    """Return the site that a request came to."""
    site: Any = request.app.state.site
    assert isinstance(site, Site)  # noqa: S101 - set by create_app
    return site
