"""What commands show on a terminal: that work goes on, a report, a table."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cfit_graph import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.text import Text

    from cfit_graph.store import Store


@contextmanager
def progress(doing: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner while something runs, on a terminal only; yields what changes its words."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(doing) as status:
        yield status.update


@contextmanager
def report_on_failure() -> Iterator[None]:
    """Print the findings when data do not conform, and pass the error on."""
    from cfit_graph.validation.views import text

    try:
        yield
    except errors.DoesNotConform as error:
        print_report(text(error.report))
        raise


def print_report(text: str) -> None:
    """Print a report or difference; on a terminal with nothing that steers it, in colours unless NO_COLOR is set."""
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    from rich.console import Console
    from rich.text import Text

    from cfit_graph.texts import printable

    console = Console(highlight=False, soft_wrap=True)
    for line in text.splitlines():
        console.print(Text(printable(line), next((style for sign, style in _STYLES if line.startswith(sign)), "")))


_STYLES: Final = (
    *(("Violation: ", "bold red"), ("Warning: ", "bold yellow"), ("Info: ", "bold cyan"), ("    →", "green")),
    *(("Conforms", "bold green"), ("Does not conform", "bold red"), ("+", "green"), ("-", "red"), ("@@", "cyan")),
)
"""Style of a line by how it begins."""


def clear() -> None:
    """Clear the terminal, if there is one."""
    if sys.stdout.isatty():
        from rich.console import Console

        Console().clear()


def agreed(question: str) -> bool:
    """Ask on a terminal, and tell whether the answer is yes; where nobody can be asked, it is no."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def print_table(store: Store, sparql: str) -> None:
    """Ask a store, and show the answer as a table."""
    import json

    from rich.console import Console
    from rich.table import Table

    answer = json.loads(b"".join(store.query(sparql, "application/sparql-results+json")))
    columns = answer["head"]["vars"]
    table = Table()
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in answer["results"]["bindings"]:
        table.add_row(*(_cell(row.get(name)) for name in columns))
    Console().print(table)


def _cell(binding: dict[str, str] | None) -> Text:
    """Return a value as it is, but IRIs short, and nothing that steers the terminal."""
    from rich.text import Text

    from cfit_graph.namespaces import shorten
    from cfit_graph.texts import printable

    value = binding["value"] if binding else ""
    shown = shorten(value) if binding and binding["type"] == "uri" else value
    return Text(printable(shown))
