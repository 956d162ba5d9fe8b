"""What the readers of files agree on: where the graph lies, which files are read, and where their text begins."""

from __future__ import annotations

import codecs
import mmap
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from cfit_graph.errors import SourceError
from cfit_graph.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PACKAGE: Final = Path(__file__).parent

SUFFIXES: Final = (".ttl", ".nt", ".trig", ".nq")
"""Suffixes of the RDF files that a folder is searched for: Turtle, N-Triples, TriG and N-Quads."""

JSONLD: Final = (".jsonld", ".json")
"""Suffixes of JSON-LD files."""

TABLES: Final = (".xlsx", ".csv")
"""Suffixes of spreadsheets."""

_NO_ADDRESS: Final = frozenset(' <>"{}|\\^`%#?')
"""What cannot stand in the address of the graph that is named after a file."""

_OTHERS: Final = {".xls": "xls", ".xlsm": "xlsm", ".xlsb": "xlsb", ".ods": "ods"} | dict.fromkeys(
    (".rdf", ".xml", ".owl"), "rdf-xml"
)
"""What is said of files that are not read, by suffix."""
_SIGNS: Final = (
    (b"PK\x03\x04", "is-zip"),
    (b"\xd0\xcf\x11\xe0", "is-xls"),
    (b"\x1f\x8b", "is-gzip"),
    (b"%PDF", "is-pdf"),
    (b"<?xml", "is-xml"),
    (b"<!DOCTYPE", "is-html"),
    (b"<!doctype", "is-html"),
    (b"<html", "is-html"),
    (codecs.BOM_UTF16_LE, ""),
    (codecs.BOM_UTF16_BE, ""),
    (b"\0", "is-binary"),
)
"""First bytes of what is no text in UTF-8, and what is said of it."""


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
        raise SourceError.from_system(path, error) from None
    if is_folder:
        raise SourceError(path, Reason("folder", path))


def listed(folder: Path) -> list[Path]:
    """Return the RDF files directly in a folder, sorted by name; not hidden ones, which editors keep beside them.

    Raises:
        SourceError: if there is no such folder, it may not be read, or a file in it has a name that no graph can have.
    """
    if not folder.is_dir():
        raise SourceError(folder, Reason("no-folder"))
    try:
        found = sorted(it for it in folder.iterdir() if it.suffix.lower() in SUFFIXES and not it.name.startswith("."))
    except OSError as error:
        raise SourceError.from_system(folder, error) from None
    odd = next((path for path in found if not path.name.isprintable() or _NO_ADDRESS.intersection(path.name)), None)
    if odd is not None:
        raise SourceError(odd, Reason("odd-name"))
    return found


def suffix_of(path: Path, known: tuple[str, ...] = SUFFIXES) -> str:
    """Return the suffix of a file without its dot.

    Raises:
        SourceError: if it is none of the ``known`` ones.
    """
    suffix = path.suffix.lower()
    if suffix not in known:
        other = _OTHERS.get(suffix)
        raise SourceError(path, Reason(other) if other else Reason("no-suffix", ", ".join(known)))
    return suffix.removeprefix(".")


def kind_of(head: bytes) -> str | None:
    """Return the name of the reason that says what a file is by its first bytes, if that is no text in UTF-8."""
    return next((name for sign, name in _SIGNS if head.startswith(sign) or sign == b"\0" in head), None)


def refuse_other_content(path: Path) -> None:
    """Refuse a file that by its first bytes is something else than the text its name promises.

    Raises:
        SourceError: that says what it is.
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    found = kind_of(head)
    if found is not None:
        raise SourceError(path, Reason("content", Reason(found)) if found else Reason("content-utf-16"), 1, 1)


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
        raise SourceError(path, Reason("no-target"))
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise SourceError.from_system(path, error) from None


def create(contents: Mapping[Path, bytes]) -> None:
    """Write files that do not exist yet, all of them or none; a crash leaves no half of one.

    Raises:
        SourceError: if one exists already, or cannot be written.
    """
    beside = {path: path.with_name(f".{path.name}.new") for path in contents}
    made: list[Path] = []
    try:
        for path in contents:
            if path.exists():
                raise SourceError(path, Reason("exists"))
        for path, content in contents.items():
            beside[path].write_bytes(content)
        for path, written in beside.items():
            written.rename(path)
            made.append(path)
    except OSError as error:
        for written in (*beside.values(), *made):
            _remove(written)
        raise SourceError.from_system(path, error) from None


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
        raise SourceError.from_system(path, error) from None


def _remove(path: Path) -> None:
    with suppress(OSError):  # it is not there, or nothing can be written, which is said anyhow
        path.unlink()
