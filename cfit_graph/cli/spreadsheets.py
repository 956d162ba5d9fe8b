"""The commands about spreadsheets: ``cfit export | import``."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from cfit_graph import errors
from cfit_graph.cli.commands import add
from cfit_graph.cli.terminal import progress
from cfit_graph.files import TABLES, replace

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Sequence

    from cfit_graph.cli.commands import Commands
    from cfit_graph.intake import Change
    from cfit_graph.settings import Settings
    from cfit_graph.validation import Report


def add_to(commands: Commands) -> None:
    """Add the commands to the parser of the command line."""
    command = add(commands, export)
    command.add_argument("target", metavar="FILE|FOLDER", type=Path, help="workbook (.xlsx), or folder for CSV files")
    command.add_argument("--empty", action="store_true", help="without rows, to be filled in")

    command = add(commands, import_)
    command.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="workbooks and CSV files")
    command.add_argument("--write", action="store_true", help="write the changes into data/")


def export(arguments: Namespace, settings: Settings) -> int:
    """Write the data as a workbook (FILE.xlsx) or as CSV files into a folder; with --empty without rows, to fill in."""
    from cfit_graph import files, source, tables

    if arguments.target.suffix.lower() != ".xlsx":
        files.make_folder(arguments.target)
    model = source.model(settings.root)
    graph = tables.Facts([]) if arguments.empty else source.facts(settings.root / "data")
    filled = tables.fill(graph, model)
    contents = tables.write(filled, model, arguments.target)
    files.create(contents)
    print(*(str(path) for path in contents), *filled.summary(), sep="\n")
    return 0


def import_(arguments: Namespace, settings: Settings) -> int:
    """Say what spreadsheets change in data/, if the rules allow it; with --write change the files."""
    from cfit_graph import intake, release, source
    from cfit_graph.validation import views

    if others := [str(path) for path in arguments.paths if path.suffix.lower() not in TABLES]:
        folder = "; of a folder, name the files" if any(path.is_dir() for path in arguments.paths) else ""
        raise errors.UsageError(f"workbooks (.xlsx) and CSV files can be imported, not {', '.join(others)}{folder}")
    with progress("Validating"):
        report = release.validate(settings.root, arguments.paths)
    if not report.conforms:
        print(views.text(report.seen_from(Path.cwd(), settings.root)), end="")
        return 1
    rows = [row for path in arguments.paths for row in source.rows(path, settings.root)]
    taken = intake.take_in(rows, settings.root)
    files = taken.files()
    _print_changes(intake.changes(rows, taken, source.model(settings.root)))
    if not files:
        print("Nothing changes.")
    for path, text in files.items():
        if arguments.write:
            replace(path, text.encode())
        print(f"{path}: {'written' if arguments.write else 'would change; write with --write'}")
    return 0


def _print_changes(changes: Iterable[Change]) -> None:
    for (table, identifier, new), group in groupby(changes, lambda change: change[:3]):
        print(f"{table} {identifier}{' (new)' if new else ''}")
        for change in group:
            print(f"  {change.header}: {f'{change.before} → ' if change.before else ''}{change.after or '(empty)'}")


def to_mark(paths: Sequence[Path], target: Path | None) -> Path | None:
    """Return the one workbook among ``paths``, if ``target`` is to be a marked copy of it.

    Raises:
        UsageError: if there is not exactly one, or the copy would be no workbook.
    """
    workbooks = [path for path in paths if path.suffix.lower() == ".xlsx"]
    if target is not None and (len(workbooks) != 1 or target.suffix.lower() != ".xlsx"):
        raise errors.UsageError("--marked makes a copy (.xlsx) of one workbook; for CSV, take --format csv or html")
    return None if target is None else workbooks[0]


def mark(workbook: Path, report: Report, target: Path) -> None:
    """Write a copy of a workbook with the findings of a report marked in its cells.

    Raises:
        SourceError: if there is a file of that name already.
    """
    from cfit_graph import files
    from cfit_graph.validation import marks

    files.create({target: marks.marked(workbook, report)})
