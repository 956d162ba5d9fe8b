"""The command ``cfit validate``: judge, print what was found, mend what is safe, and look again when files change."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cfit_graph import errors
from cfit_graph.cli import spreadsheets
from cfit_graph.cli.commands import add
from cfit_graph.cli.terminal import agreed, clear, print_report, progress
from cfit_graph.files import TABLES
from cfit_graph.namespaces import shorten
from cfit_graph.reasons import Reason
from cfit_graph.texts import ENGLISH, FINDINGS, LANGUAGES

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from cfit_graph.cli.commands import Commands
    from cfit_graph.settings import Settings
    from cfit_graph.validation import Report, Suggestion
    from cfit_graph.validation.changes import Session

_VIEWS: Final = ("text", "json", "csv", "markdown", "html", "sarif", "junit", "turtle", "jsonld")
_SEVERITIES: Final = ("violation", "warning", "info")
_LOOK_AGAIN: Final = 0.3
"""Seconds from one look at the files to the next."""
_OF_DATA: Final = ("text", "turtle", "jsonld")
"""Formats that have no place for what is no finding on data; the first is read by people, who see the error."""


def add_to(commands: Commands) -> None:
    """Add the command to the parser of the command line."""
    command = add(commands, validate)
    command.add_argument(
        "paths", metavar="PATH", nargs="*", type=Path, help="RDF files or spreadsheets (default: all of data/)"
    )
    command.add_argument(
        "--shapes", metavar="FILE", type=Path, action="append", help="judge by these shapes and by nothing of ours"
    )
    command.add_argument("--lint", action="store_true", help="look for mistakes in the shapes, not in the data")
    command.add_argument("--format", choices=_VIEWS, default="text", help="default: text")
    command.add_argument("--language", choices=LANGUAGES, default=ENGLISH, help="of findings; default: English")
    command.add_argument("--verbose", action="store_true", help="text with all findings, explanations and fingerprints")
    command.add_argument("--fail-on", choices=_SEVERITIES, default="violation", help="least severity that exits with 1")
    command.add_argument("--baseline", metavar="FILE", type=Path, help="JSON report; what is in it is known and passes")
    command.add_argument("--marked", metavar="FILE", type=Path, help="write a copy of the workbook with marked cells")
    command.add_argument("--fix", action="store_true", help="show what can be mended safely, and mend it if you agree")
    command.add_argument("--yes", action="store_true", help="agree to --fix beforehand")
    command.add_argument("--watch", action="store_true", help="judge again whenever a file changes, until Ctrl-C")


def validate(arguments: Namespace, settings: Settings) -> int:
    """Judge the graph, or the files given, and print what was found; with --lint judge the shapes themselves."""
    if arguments.yes and not arguments.fix:
        raise errors.UsageError("--yes agrees to --fix; give both")
    if arguments.watch and (arguments.fix or arguments.marked):
        raise errors.UsageError("--watch only judges; mend with --fix, or mark with --marked, in a run without it")
    if arguments.watch:
        return _watch(arguments, settings)
    if arguments.fix and (arguments.lint or arguments.format != "text"):
        raise errors.UsageError("--fix mends data and tells of it in text; leave --lint and --format out")
    workbook = spreadsheets.to_mark(arguments.paths, arguments.marked)
    with _telling_of_unreadable(arguments):
        report = _report(arguments, settings)
    if workbook is not None:
        spreadsheets.mark(workbook, report, arguments.marked)
    return _fix(report, arguments, settings) if arguments.fix else _print(report, arguments)


@contextmanager
def _telling_of_unreadable(arguments: Namespace) -> Iterator[None]:
    """Print a report of a file that cannot be read for programs that wait for one; the error goes on its way."""
    try:
        yield
    except errors.SourceError as error:
        if arguments.format not in _OF_DATA:
            from cfit_graph.validation import Report

            _print(Report.unreadable(error, arguments.language), arguments)
        raise


def _report(arguments: Namespace, settings: Settings, session: Session | None = None) -> Report:
    """Return what was found and is not known, with files named from the working directory."""
    from cfit_graph.validation import Severity

    known = _known(arguments.baseline) if arguments.baseline else Counter[str]()
    with progress("Validating"):
        root, report = _judge(arguments, settings, session)
    report = replace(report, fail_on=Severity(arguments.fail_on.capitalize())).without(known)
    return report.seen_from(Path.cwd(), root)


def _print(report: Report, arguments: Namespace) -> int:
    """Print a report in the format asked for, and return the exit code."""
    from cfit_graph.validation import uncollected, views

    all_views = views.VIEWS | {"text": partial(views.text, verbose=arguments.verbose)}
    with progress("Validating"), uncollected():
        text = all_views[arguments.format](report)
    if arguments.format == "text":
        print_report(text)
    else:
        sys.stdout.write(text)
    return 1 if report.fails else 0


def _fix(report: Report, arguments: Namespace, settings: Settings) -> int:
    """Show what can be mended safely; if that is agreed to, mend it and print what is left."""
    from cfit_graph.validation.mending import fixing

    said = FINDINGS[arguments.language]
    asked = {path.resolve() for path in arguments.paths}
    safe = {path: these for path, these in fixing.safe(report).items() if not asked or path.resolve() in asked}
    if not safe:
        print(f"{said['nothing safe']}\n")
        return _print(report, arguments)
    for path, suggestions in safe.items():
        print_report("\n".join(fixing.difference(path, suggestions)) + "\n")
    if not (arguments.yes or agreed(said["agree"])):
        print(said["not written"])
        return 1
    written = _write(safe, arguments.language)
    arguments.paths = [written.get(path.resolve(), path) for path in arguments.paths]  # however a path was given
    print()
    return _print(_report(arguments, settings), arguments)


def _write(safe: dict[Path, list[Suggestion]], language: str) -> dict[Path, Path]:
    """Write files with what is safe: text in its place, a workbook as a copy beside it; return the copies.

    They are returned by the workbooks, as paths that are resolved.

    Raises:
        SourceError: if a file has changed meanwhile, or cannot be written; of that file nothing is.
    """
    from cfit_graph import files
    from cfit_graph.validation.mending import fixing
    from cfit_graph.validation.words import plural

    said = FINDINGS[language]
    contents = {path: fixing.edited(path, suggestions) for path, suggestions in safe.items()}
    copies: dict[Path, Path] = {}
    for path, content in contents.items():
        if path.suffix.lower() == ".xlsx":
            copy = copies[path.resolve()] = path.with_name(f"{path.stem}.fixed.xlsx")
            files.create({copy: content})
            print(said["copy"].format(copy, path))
        else:
            files.replace(path, content)
            print(said["mended"].format(path, plural("place", len(fixing.edits(safe[path])), language)))
    return copies


def _watch(arguments: Namespace, settings: Settings) -> int:
    """Judge again and again, when a file is another than before; return the last exit code."""
    from cfit_graph.validation.changes import Session

    code, seen, session = 0, None, Session()
    try:
        while True:
            now = _state(arguments, settings)
            if now != seen:
                seen = now
                clear()
                code = _print_or_complain(arguments, settings, session)
            time.sleep(_LOOK_AGAIN)
    except KeyboardInterrupt:
        return code


def _print_or_complain(arguments: Namespace, settings: Settings, session: Session) -> int:
    try:
        code = _print(_report(arguments, settings, session), arguments)
    except errors.SourceError as error:
        print(f"cfit: {error.told(arguments.language)}", file=sys.stderr)
        code = 2
    sys.stdout.flush()
    return code


def _state(arguments: Namespace, settings: Settings) -> list[tuple[Path, int, int, int]]:
    """Return what tells that one of the files was written or may be read no more: times and size of each."""
    folders = [settings.root / name for name in ("ontology", "data", "shapes")]
    found = [*arguments.paths, *(arguments.shapes or []), *filter(None, [arguments.baseline]), *folders]
    found += [path for folder in folders for path in _listed(folder)]
    return [state for path in sorted(found) for state in _state_of(path)]


def _listed(folder: Path) -> list[Path]:
    with suppress(OSError):  # it is gone, or may not be read: to judge says so
        return list(folder.iterdir())
    return []


def _state_of(path: Path) -> Iterator[tuple[Path, int, int, int]]:
    with suppress(OSError):  # an editor puts a new file in the place of the old one
        stat = path.stat()
        yield path, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size


def _judge(arguments: Namespace, settings: Settings, session: Session | None) -> tuple[Path, Report]:
    """Return the report, and the folder that its files are named from."""
    from cfit_graph import release, source, validation

    if arguments.lint:
        return settings.root, _lint(arguments, settings)
    if arguments.shapes:
        paths = arguments.paths or release.sources(settings.root)
        source.refuse_empty(paths, settings.root)
        rows = [settings.root / "shapes" / "table.ttl"] if any(path.suffix.lower() in TABLES for path in paths) else []
        shapes = source.read_all([*arguments.shapes, *rows])
        said = FINDINGS[arguments.language]
        for address in validation.imports(shapes):
            print(f"cfit: {said['not loaded'].format(address)}", file=sys.stderr)
        for name in validation.unfollowed(shapes):
            print(f"cfit: {said['not followed'].format(shorten(name))}", file=sys.stderr)
        data = validation.Files(paths, root=settings.root)
        return arguments.shapes[0].parent, validation.validate(
            data, shapes, arguments.shapes[0], session=session, language=arguments.language
        )
    return settings.root, release.validate(settings.root, arguments.paths, session, arguments.language)


def _known(path: Path) -> Counter[str]:
    """Return the fingerprints in a JSON report, each with the number of findings that have it."""
    import json

    try:
        report = json.loads(path.read_bytes())  # in whatever Unicode a shell has written it
        return Counter(found["fingerprint"] for found in report["findings"])
    except OSError as error:
        raise errors.SourceError.from_system(path, error) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise errors.SourceError(path, Reason("no-baseline")) from None


def _lint(arguments: Namespace, settings: Settings) -> Report:
    """Return the mistakes in shapes; those by which nothing can be judged are refused, as when data are judged."""
    from cfit_graph import source, validation
    from cfit_graph.validation.shapes import Shapes

    folders = settings.root / "ontology", settings.root / "data"
    data = [*source.files(folders[0]), *(arguments.paths or source.files(folders[1]))]
    shapes = arguments.shapes or source.files(settings.root / "shapes")
    judged, known = map(source.read_all, (shapes, data))
    Shapes(judged, shapes[0])
    return validation.lint_shapes(judged, known, settings.root)
