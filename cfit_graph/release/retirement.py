"""What releases said of things that are retired: what they were, what replaced them, and that none is another now."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.changes import retired
from cfit_graph.changes.records import Record, names
from cfit_graph.errors import ReleaseError
from cfit_graph.labels import NAMING
from cfit_graph.namespaces import NS, VOCABULARIES, shorten, things
from cfit_graph.nquads import graph_of
from cfit_graph.release import archive

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from cfit_graph.changes.retired import Retired
    from cfit_graph.release.archive import Release

_NAMES: Final = (*map(str, NAMING), VOCABULARIES["skos"] + "altLabel", NS + "formerName")


class Former(NamedTuple):
    """What a thing was: the last release that said so, and all that it said."""

    release: str
    record: Record


def former(before: Release | None, earlier: Mapping[str, Retired], lines: Iterable[str]) -> dict[str, Former]:
    """Return what things were that a graph tells of again, or of which it only says that they are retired."""
    if before is None:
        return {}
    away = {iri: it.release for iri, it in earlier.items() if it.release}
    only_retired = {iri for iri, record in retired.called(lines).items() if not record.says_what}
    releases = {iri: away.get(iri, before.version) for iri in only_retired | retired.subjects(lines, away)}
    found = {iri: Former(version, Record(_said(before, version, iri))) for iri, version in releases.items()}
    return {iri: it for iri, it in found.items() if it.record.says_what}


def _said(before: Release, version: str, iri: str) -> list[str]:
    with suppress(ReleaseError, OSError):  # that release is missing or damaged: then nobody knows
        return archive.read(before.path.parent / version).said_of(iri)
    return []


def replaced(before: Release | None) -> dict[str, tuple[str, ...]]:
    """Return what was said to replace things before a rollback took that back, as far as the releases are there."""
    found: dict[str, tuple[str, ...]] = {}
    with suppress(ReleaseError, OSError):
        for release in archive.history(before) if before else ():
            if release.restores and release.previous:
                left = archive.read(release.path.parent / release.previous).retired()
                found |= {iri: it.replaced_by for iri, it in left.items() if it.replaced_by}
    return found


def refuse_others(found: Mapping[str, Former], lines: Iterable[str], base: str) -> None:
    """Do nothing unless the address of a thing that is gone is given to another: of other types, or other names.

    Raises:
        ReleaseError: if it is; says which, where, and what to do.
    """
    ours = {iri: it for iri, it in found.items() if iri.startswith(things(base))}
    now: dict[str, list[str]] = {iri: [] for iri in ours}
    for line in lines if ours else ():
        iri = line.partition(" ")[0].strip("<>")
        if iri in now:
            now[iri].append(line)
    if told := [*_others(ours, now, base)]:
        raise ReleaseError("; ".join(told))


def _others(found: Mapping[str, Former], now: Mapping[str, list[str]], base: str) -> Iterator[str]:
    for iri, (version, was) in found.items():
        record = Record(now[iri])
        if _differ(was.types(), record.types()) or _differ(_names(was), _names(record)):
            where = min(map(graph_of, now[iri])).strip("<>").removeprefix(f"{base}graph/")
            told = (
                f"{where}: {shorten(iri)} was {_called(iri, was)!r} in release {version}, and no address is used again"
            )
            yield f"{told} for anything else. Give what has it now another slug, or the name that it had"


def _names(record: Record) -> set[str]:
    return {name.casefold() for property_ in _NAMES for name in record.values(property_)}


def _called(iri: str, record: Record) -> str:
    return names(record.lines).get(iri) or ", ".join(map(shorten, record.types()))


def _differ(before: Collection[str], after: Collection[str]) -> bool:
    """Tell whether there is nothing in common, though both have something."""
    return bool(before and after) and set(before).isdisjoint(after)
