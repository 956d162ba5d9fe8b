"""The commands about releases: ``cfit release list | show | diff | verify`` and ``cfit rollback``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cfit_graph.cli.commands import add
from cfit_graph.errors import ReleaseError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from cfit_graph.changes import Activity
    from cfit_graph.cli.commands import Command, Commands
    from cfit_graph.release import Release
    from cfit_graph.settings import Settings

_FORMATS: Final = ("text", "json")


def add_to(commands: Commands) -> None:
    """Add the commands to the parser of the command line."""
    about = "List releases, show one, compare two, or check whether they are whole."
    release = commands.add_parser("release", help=about, description=about)
    parts = release.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(parts, list_releases, "list")
    _add(parts, show).add_argument("version", metavar="VERSION", nargs="?", help="default: the current one")
    command = _add(parts, diff)
    command.add_argument("before", metavar="VERSION")
    command.add_argument("after", metavar="VERSION")
    _add(parts, verify).add_argument("versions", metavar="VERSION", nargs="*", help="default: all")

    command = add(commands, rollback)
    command.add_argument("version", metavar="VERSION", nargs="?", help="default: the one before the present content")


def _add(parts: Commands, run: Command, name: str = "") -> ArgumentParser:
    command = add(parts, run, name)
    command.add_argument("--format", choices=_FORMATS, default="text", help="default: text")
    return command


def list_releases(arguments: Namespace, settings: Settings) -> int:
    """List all releases, the newest first."""
    from cfit_graph import release

    try:
        present = release.current(settings.releases)
    except ReleaseError:
        present = None  # all are damaged, and the list says so
    found = [_listed(settings, version, present) for version in reversed(release.versions(settings.releases))]
    _print(arguments, found, map(_line, found) if found else ["There is no release yet; run `cfit build`."])
    return 0


def show(arguments: Namespace, settings: Settings) -> int:
    """Tell of one release, and what was new in it."""
    found = _release(settings, arguments.version)
    activities = list(found.changes())
    told = {**found.manifest, "activities": [activity.as_json() for activity in activities]}
    _print(arguments, told, [*_about(found), "", *_news(found, activities)])
    return 0


def diff(arguments: Namespace, settings: Settings) -> int:
    """Tell what changed from one release to another: each thing in a sentence, the greatest news first."""
    from cfit_graph import changes, release

    before, after = (release.find(settings.releases, version) for version in (arguments.before, arguments.after))
    found = changes.in_order_of_news(release.difference(before, after, settings.base_iri))
    gaps = release.missing(settings.releases, release.between(settings.releases, before.version, after.version))
    told = {
        "from": before.version,
        "to": after.version,
        "missing": gaps,
        "activities": [activity.as_json() for activity in sorted(found, key=lambda activity: activity.number)],
    }
    _print(arguments, told, [*([activity.summary for activity in found] or ["Nothing changed."]), *map(_gap, gaps)])
    return 0


def _gap(version: str) -> str:
    return f"Release {version} in between is missing; what only it had is not told."


def verify(arguments: Namespace, settings: Settings) -> int:
    """Check each file of releases by the manifest, and name those that are missing, changed or too many."""
    from cfit_graph import release

    versions = arguments.versions or release.versions(settings.releases)
    if not versions:
        raise ReleaseError(f"{settings.releases}: there is no release to verify; run `cfit build`")
    found = {version: release.verify(release.folder(settings.releases, version)) for version in versions}
    for version, after in release.missing(settings.releases, versions).items():
        found[version] = [f"missing, but release {after} follows it"]
    _print(arguments, found, (f"{version}: {line}" for version in found for line in found[version] or ["whole"]))
    damaged = [version for version, problems in found.items() if problems]
    if damaged:
        raise ReleaseError(f"not whole: {', '.join(damaged)}")
    return 0


def rollback(arguments: Namespace, settings: Settings) -> int:
    """Publish a new release that holds what an older one held."""
    from cfit_graph import release

    made = release.rollback(settings.releases, arguments.version, settings.clock, settings.base_iri)
    print(f"Release {made.version} is current: it holds what {made.restores} held")
    return 0


def _release(settings: Settings, version: str | None) -> Release:
    from cfit_graph import release

    found = release.find(settings.releases, version) if version else release.current(settings.releases)
    if found is None:
        raise ReleaseError(f"{settings.releases}: there is no release yet; run `cfit build`")
    return found


def _listed(settings: Settings, version: str, present: Release | None) -> dict[str, Any]:
    """Return what the list tells of a version: of those newer than the current one, that they are damaged."""
    from cfit_graph import release

    if present is None or release.order(version) > release.order(present.version):
        return {"version": version, "state": "damaged"}
    try:
        manifest = release.read(settings.releases / version).manifest
    except ReleaseError:
        return {"version": version, "state": "damaged"}
    told = {name: manifest[name] for name in ("version", "published", "previous", "statements", "findings")}
    state = "current" if version == present.version else "kept"
    return told | {"changes": manifest["changes"]["activities"], "restores": manifest.get("restores"), "state": state}


def _line(listed: dict[str, Any]) -> str:
    if listed["state"] == "damaged":
        return f"{listed['version']:14} damaged; `cfit release verify` says what"
    told = f"{listed['version']:14} {_when(listed['published'])} {listed['statements']:>9} statements"
    notes = [f"restores {listed['restores']}"] * bool(listed["restores"]) + ["current"] * (listed["state"] == "current")
    return f"{told} {listed['changes']:>7} changes  {', '.join(notes)}".rstrip()


def _about(release: Release) -> Iterator[str]:
    manifest = release.manifest
    yield f"Release {release.version}, published {_when(manifest['published'])}"
    before = f"It follows {release.previous}" if release.previous else "It is the first"
    yield before + (f", and holds what {release.restores} held." if release.restores else ".")
    findings = ", ".join(f"{severity} {number}" for severity, number in manifest["findings"].items())
    yield f"{manifest['statements']} statements; findings by severity: {findings}."
    yield f"Ontology {manifest['ontology']['version']}, shapes {manifest['shapes']['version']}."
    yield f"Hash of the dataset (RDFC-1.0, SHA-256): {manifest['dataset']}"


def _news(release: Release, activities: Iterable[Activity]) -> Iterator[str]:
    """Tell the headlines, and how many other changes there are."""
    from cfit_graph import changes

    ordered = changes.in_order_of_news(activities)
    headlines = [activity.summary for activity in ordered if activity.sentence in changes.HEADLINES]
    yield from headlines
    others = len(ordered) - len(headlines)
    where = f"`cfit release diff {release.previous} {release.version}`" if release.previous else "--format json"
    yield f"{others} other changes; {where} tells them." if others or not headlines else "Nothing else changed."


def _when(published: str) -> str:
    return published.replace("T", " ").replace("Z", " UTC")


def _print(arguments: Namespace, told: Any, lines: Iterable[str]) -> None:
    from cfit_graph.texts import printable

    if arguments.format == "json":
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for line in lines:
        print(printable(line))
