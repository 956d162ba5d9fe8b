"""Spreadsheets: what tests of them share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import openpyxl
import pyoxigraph as ox

from cfit_graph import release, source
from cfit_graph.namespaces import PREFIXES, shorten
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cfit_graph.tables import Model
    from cfit_graph.validation import Finding


@cache
def model() -> Model:
    """Return the tables of our own shapes, with the names in our own data."""
    return source.model(ROOT)


def iri(name: str) -> str:
    """Return the IRI of a prefixed name."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def said(path: Path) -> dict[str, set[tuple[str, str]]]:
    """Return what a spreadsheet says, by the slug of the thing: property and value as prefixed names or N-Triples."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in source.rows(path, ROOT):
        about = found.setdefault(row.thing.rpartition("/")[2], set())
        about |= {(short(item.fact.predicate), short(item.fact.value)) for item in row.said}
    return found


def judged(path: Path, *lines: str) -> tuple[Finding, ...]:
    """Write a table and return what is found in it."""
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return release.validate(ROOT, [path]).findings


def short(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
    """Return a term as a prefixed name where one fits, else in N-Triples."""
    return shorten(term.value) if isinstance(term, ox.NamedNode) else str(term)


def workbook(
    path: Path, change: Callable[[openpyxl.Workbook], None] | None = None, **pages: list[list[object]]
) -> Path:
    """Write a workbook with a sheet for each of ``pages`` (``_`` for ``-`` in their names), changed at will."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in pages.items():
        page = book.create_sheet(name.replace("_", "-"))
        for row in rows:
            page.append(row)
    if change is not None:
        change(book)
    book.save(path)
    return path
