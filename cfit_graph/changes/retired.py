"""What is retired: things that the data call deprecated or replaced, and things that are no longer there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cfit_graph import nquads
from cfit_graph.namespaces import VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set
    from pathlib import Path

_REPLACED = f"<{VOCABULARIES['dcterms']}isReplacedBy>"
_DEPRECATED = f"<{VOCABULARIES['owl']}deprecated>"


@dataclass(frozen=True)
class Retired:
    """A retired thing: the last release that had it, ``None`` while it is still there; and what takes its place."""

    release: str | None
    replaced_by: tuple[str, ...] = ()


def carry(
    earlier: Mapping[str, Retired], gone: Iterable[str], new: Set[str], lines: Iterable[str], before: str
) -> dict[str, Retired]:
    """Return what is retired now, by IRI.

    ``earlier`` was retired in the release ``before``; since then some things are ``gone``, and some ``new`` or
    back. ``lines`` are the graph now.
    """
    away = {iri: retired for iri, retired in earlier.items() if retired.release and iri not in new}
    away |= {iri: Retired(before, earlier[iri].replaced_by if iri in earlier else ()) for iri in gone}
    return away | _still_there(lines)


def as_json(retired: Mapping[str, Retired]) -> str:
    """Return ``{IRI: {"release": …, "replacedBy": […]}}``, in order."""
    told = {iri: {"release": it.release, "replacedBy": it.replaced_by} for iri, it in sorted(retired.items())}
    return json.dumps(told, indent=1) + "\n"


def read(path: Path) -> dict[str, Retired]:
    """Return what :func:`as_json` has written to a file."""
    told = json.loads(path.read_text("utf-8"))
    return {iri: Retired(it["release"], tuple(it["replacedBy"])) for iri, it in told.items()}


def _still_there(lines: Iterable[str]) -> dict[str, Retired]:
    """Return what a graph calls deprecated or replaced."""
    found: dict[str, Retired] = {}
    for quad in nquads.parse(line for line in lines if line.split(" ", 2)[1] in (_REPLACED, _DEPRECATED)):
        iri, value = nquads.text(quad.subject), nquads.text(quad.object)
        known = found[iri].replaced_by if iri in found else ()
        if str(quad.predicate) == _REPLACED:
            found[iri] = Retired(None, (*known, value))
        elif value in {"true", "1"}:
            found[iri] = Retired(None, known)
    return found
