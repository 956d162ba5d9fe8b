"""What is retired: things that the data call deprecated or replaced, and things that are no longer there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from cfit_graph.changes.records import DEPRECATED, REPLACED, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set
    from pathlib import Path

_RETIRING: Final = (f"<{REPLACED}>", f"<{DEPRECATED}>")
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")
_NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True)
class Retired:
    """A retired thing: the last release that said what it is, ``None`` if the present one does; what replaces it."""

    release: str | None
    replaced_by: tuple[str, ...] = ()


def carry(
    earlier: Mapping[str, Retired],
    changed: Set[str],
    lines: Iterable[str],
    before: str,
    last: Mapping[str, str],
    known: Mapping[str, tuple[str, ...]] = _NOTHING,
) -> dict[str, Retired]:
    """Return what is retired now, by IRI.

    ``earlier`` was retired in the release ``before``, since when some things have ``changed``; ``lines`` are the graph
    now. ``last`` has the release that said last what a thing is of which the graph only says that it is retired. What
    replaces a thing that is gone was said while it was there; ``known`` is what else may be known of it.
    """
    replaced = {**known, **{iri: it.replaced_by for iri, it in earlier.items() if it.replaced_by}}
    away = {iri: it.release for iri, it in earlier.items() if it.release}
    there = subjects(lines, changed | away.keys())
    gone = {**dict.fromkeys(changed, before), **away}
    found = {iri: Retired(release, replaced.get(iri, ())) for iri, release in gone.items() if iri not in there}
    for iri, record in called(lines).items():
        if record.says_what:
            found[iri] = Retired(None, record.replacements)
        else:
            found[iri] = Retired(last.get(iri) or away.get(iri), record.replacements or replaced.get(iri, ()))
    return found


def called(lines: Iterable[str]) -> dict[str, Record]:
    """Return all that a graph says of the things that it calls deprecated or replaced, by IRI."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if any(name in line for name in _RETIRING):
            found[line.partition(" ")[0]] = []
    for line in lines if found else ():
        subject = line.partition(" ")[0]
        if subject in found:
            found[subject].append(line)
    records = {subject.strip("<>"): Record(said) for subject, said in found.items()}
    return {iri: record for iri, record in records.items() if record.is_retired}


def subjects(lines: Iterable[str], among: Iterable[str]) -> set[str]:
    """Return which of some things a graph says anything of."""
    wanted = {f"<{iri}>" for iri in among}
    there = {line.partition(" ")[0] for line in lines} & wanted if wanted else set()
    return {subject.strip("<>") for subject in there}


def as_json(retired: Mapping[str, Retired]) -> str:
    """Return ``{IRI: {"release": …, "replacedBy": […]}}``, in order."""
    told = {iri: {"release": it.release, "replacedBy": it.replaced_by} for iri, it in sorted(retired.items())}
    return json.dumps(told, indent=1) + "\n"


def read(path: Path) -> dict[str, Retired]:
    """Return what :func:`as_json` has written to a file; a text that was taken for a replacement once is left out."""
    told = json.loads(path.read_text("utf-8"))
    return {iri: Retired(it["release"], tuple(filter(_IRI.fullmatch, it["replacedBy"]))) for iri, it in told.items()}
