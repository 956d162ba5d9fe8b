"""What the readers of files agree on: where the graph lies, which files are read, and where their text begins."""

from __future__ import annotations

import codecs
import mmap
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from cfit_graph.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PACKAGE: Final = Path(__file__).parent

SUFFIXES: Final = (".ttl", ".nt", ".trig", ".nq")
"""Suffixes of the RDF files that a folder is searched for: Turtle, N-Triples, TriG and N-Quads."""

JSONLD: Final = (".jsonld", ".json")
"""Suffixes of JSON-LD files."""

TABLES: Final = (".xlsx", ".csv")
"""Suffixes of spreadsheets."""

_SAVE: Final = "save it as .xlsx, without a password"
_OTHERS: Final = {
    ".xls": f"an old Excel file; {_SAVE}",
    ".xlsm": f"an Excel file with macros; {_SAVE}",
    ".xlsb": f"a binary Excel file; {_SAVE}",
    ".ods": f"an OpenDocument spreadsheet; {_SAVE}",
    ".rdf": "RDF/XML is not read; write Turtle (.ttl)",
    ".xml": "RDF/XML is not read; write Turtle (.ttl)",
    ".owl": "RDF/XML is not read; write Turtle (.ttl)",
}
_SIGNS: Final = (
    (b"PK\x03\x04", "a ZIP archive, as Excel workbooks (.xlsx) are"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls) or a workbook with a password"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"%PDF", "a PDF"),
    (b"<?xml", "XML; RDF/XML is not read"),
    (b"<!DOCTYPE", "a web page"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
    (b"\0", "no text"),
)


def home() -> Path:
    """Return the checkout that holds ontology/, data/ and shapes/, else the copy inside the installed package."""
    return _PACKAGE.parent if (_PACKAGE.parent / "ontology").is_dir() else _PACKAGE / "_graph"


def refuse_folder(path: Path) -> None:
    """Refuse a folder where a file is to be read.

    Raises:
        SourceError: if it is one, or it cannot be told, as with a name that no file can have.
    """
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise SourceError(path, error.strerror or "cannot be read") from None
    if is_folder:
        raise SourceError(path, f"a folder; name the files in it, for instance {path}/*.csv")


def listed(folder: Path) -> list[Path]:
    """Return the RDF files directly in a folder, sorted by name; not hidden ones, which editors keep beside them.

    Raises:
        SourceError: if there is no such folder, or it may not be read.
    """
    if not folder.is_dir():
        raise SourceError(folder, "no such folder")
    try:
        return sorted(it for it in folder.iterdir() if it.suffix.lower() in SUFFIXES and not it.name.startswith("."))
    except OSError as error:
        raise SourceError(folder, error.strerror or "cannot be read") from None


def suffix_of(path: Path, known: tuple[str, ...] = SUFFIXES) -> str:
    """Return the suffix of a file without its dot.

    Raises:
        SourceError: if it is none of the ``known`` ones.
    """
    suffix = path.suffix.lower()
    if suffix not in known:
        reason = _OTHERS.get(suffix, f"not an RDF file; its name should end in one of {', '.join(known)}")
        raise SourceError(path, reason)
    return suffix.removeprefix(".")


def refuse_other_content(path: Path) -> None:
    """Refuse a file that by its first bytes is something else than the text its name promises.

    Raises:
        SourceError: that says what it is.
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    found = next((name for sign, name in _SIGNS if head.startswith(sign) or sign == b"\0" in head), None)
    if found is not None:
        advice = "; save it as UTF-8" if found == "UTF-16" else ""
        raise SourceError(path, f"by its content it is {found}, not what its name says{advice}", 1, 1)


def holds_any(file: BinaryIO, marks: Iterable[bytes]) -> bool:
    """Tell whether a file holds one of some bytes; of one that cannot be looked into, that it may."""
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return any(content.find(mark) >= 0 for mark in marks)
    except (ValueError, OSError):  # it is empty, or no file that can be mapped
        return True


def skip_byte_order_mark(file: BinaryIO) -> None:
    """Move past the mark that some editors put before UTF-8 text."""
    if file.read(3) != codecs.BOM_UTF8:
        file.seek(0)


def make_folder(path: Path) -> None:
    """Make a folder, if there is none yet.

    Raises:
        SourceError: if it cannot be made, or if its name is that of a file.
    """
    if path.suffix and not path.is_dir():
        raise SourceError(path, "neither a workbook (.xlsx) nor a folder; a folder has no dot in its name")
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise SourceError(path, error.strerror or "cannot be made") from None


def create(contents: Mapping[Path, bytes]) -> None:
    """Write files that do not exist yet, all of them or none; a crash leaves no half of one.

    Raises:
        SourceError: if one exists already, or cannot be written.
    """
    beside = {path: path.with_name(f".{path.name}.new") for path in contents}
    try:
        for path in contents:
            if path.exists():
                raise SourceError(path, "exists already; nothing is overwritten, so choose another name")
        for path, content in contents.items():
            beside[path].write_bytes(content)
        for path, written in beside.items():
            written.rename(path)
    except OSError as error:
        for written in beside.values():
            _remove(written)
        raise SourceError(path, error.strerror or "cannot be written") from None


def replace(path: Path, content: bytes) -> None:
    """Put other content into a file in one step, so that a crash leaves the old one whole; its permissions stay.

    Of a link to a file, it is the file that gets it.

    Raises:
        SourceError: if it cannot be written.
    """
    path = path.resolve()
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(content)
        shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        _remove(beside)
        raise SourceError(path, error.strerror or "cannot be written") from None


def _remove(path: Path) -> None:
    with suppress(OSError):  # it is not there, or nothing can be written, which is said anyhow
        path.unlink()
