"""What both readers of files, parser and store, agree on: which files are RDF, and where their text begins."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, BinaryIO, Final

from cfit_graph.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES: Final = (".ttl", ".nt", ".trig", ".nq")
"""Suffixes of the RDF files that are read: Turtle, N-Triples, TriG and N-Quads."""


def suffix_of(path: Path) -> str:
    """Return the suffix of an RDF file without its dot.

    Raises:
        SourceError: if it is none of ``SUFFIXES``.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise SourceError(path, f"not an RDF file; its name should end in one of {', '.join(SUFFIXES)}")
    return path.suffix.lower().removeprefix(".")


def skip_byte_order_mark(file: BinaryIO) -> None:
    """Move past the mark that some editors put before UTF-8 text."""
    if file.read(3) != codecs.BOM_UTF8:
        file.seek(0)
