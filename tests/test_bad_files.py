"""Files that are not what they should be: one clear message with the place, exit code 2, within limits.

The files are made here, each with the message that it must lead to.
"""

from __future__ import annotations

import gzip
import io
import os
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from cfit_graph import cli
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

TTL = '@prefix ex: <http://example.org/> .\nex:a ex:b "café" .\n'.encode()
NT = '<http://example.org/a> <http://example.org/b> "café" .\n'.encode()
JSON = '{"@id": "http://example.org/a",\n "http://example.org/b": "café"}'.encode()
CSV = 'id,name (en)\na,"café"\n'.encode()
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
XML = b'<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'


def _xlsx(change: Callable[[openpyxl.Workbook], Any] = lambda _: None) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "organizations"
    book.active.append(["id", "name (en)"])
    book.active.append(["a", "Café"])
    change(book)
    book.save(content)
    return content.getvalue()


def _zip(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def _with_sheet(comment: bytes, padding: bytes) -> bytes:
    """Return a workbook with a comment in its sheet, and a part that cannot be packed."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_xlsx())) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part)
            text = text.replace(b"<sheetData>", comment + b"<sheetData>") if "sheet1" in part else text
            new.writestr(part, text)
        new.writestr("padding.bin", padding)
    return content.getvalue()


XLSX = _xlsx()
BAD: list[tuple[str, bytes, str]] = [
    ("truncated.ttl", TTL[:-6], "truncated.ttl:2:11: the file ends before what begins here"),
    ("latin.ttl", TTL.decode().encode("latin-1"), "latin.ttl:2:15: from here on it is not UTF-8"),
    ("utf16.ttl", TTL.decode().encode("utf-16"), "utf16.ttl:1:1: by its content it is UTF-16"),
    ("binary.ttl", bytes(range(128, 256)), "binary.ttl:1:1: from here on it is not UTF-8"),
    ("image.ttl", PNG, "image.ttl:1:1: by its content it is no text"),
    ("packed.ttl", gzip.compress(TTL), "packed.ttl:1:1: by its content it is compressed by gzip"),
    ("json.ttl", JSON, "json.ttl:1:1: { stands where a thing should be named; if this is JSON-LD"),
    ("table.ttl", CSV, "table.ttl:1:1: id stands where a thing should be named"),
    ("xml.ttl", XML, "xml.ttl:1:1: by its content it is XML; RDF/XML is not read"),
    ("book.ttl", XLSX, "book.ttl:1:1: by its content it is a ZIP archive, as Excel workbooks (.xlsx) are"),
    ("deep.ttl", TTL + b"ex:a ex:b " + b"[" * 99_999, "deep.ttl:3:12: [ stands where a property should be named"),
    ("turtle.nt", TTL, "turtle.nt:1:1: The subject of a triple must be an IRI or a blank node"),
    ("truncated.nt", NT[:-4], "truncated.nt:1:47: "),
    ("truncated.trig", b"<http://example.org/g> {\n", "truncated.trig:2:1: "),
    ("truncated.nq", NT + NT[:30], "truncated.nq:2:"),
    ("mixed.ttl", TTL.replace(b"\n", b"\r\n") + b"ex:c\rex:d\n", "mixed.ttl:5:1: the file ends"),
    ("marked.ttl", b"\xef\xbb\xbf" + TTL + b"x", "marked.ttl:3:1: "),
    ("truncated.jsonld", JSON[:-2], "truncated.jsonld:2:26: not JSON: the text that begins here does not end"),
    ("latin.json", JSON.decode().encode("latin-1"), "latin.json:2:30: not UTF-8 from here on"),
    ("utf16.json", JSON.decode().encode("utf-16"), "utf16.json:1:1: by its content it is UTF-16"),
    ("image.jsonld", PNG, "image.jsonld:1:1: by its content it is no text"),
    ("turtle.jsonld", TTL, "turtle.jsonld:1:1: not JSON: a value is missing here"),
    ("empty.jsonld", b"", "empty.jsonld:1:1: not JSON: a value is missing here"),
    ("deep.jsonld", b'{"http://example.org/b":\n' * 9_999, "deep.jsonld:101:1: nested more than 100 deep"),
    ("flat.jsonld", b"[" * 101, "flat.jsonld:1:101: nested more than 100 deep"),
    ("mixed.jsonld", b'{\r\n"a":\r1\n,}', "mixed.jsonld:"),
    ("remote.jsonld", b'{\n"@context": "https://example.org/c"}', "remote.jsonld:2:13: the context"),
    ("organizations.csv", b"", "organizations.csv:1:1: the file is empty"),
    ("organizations.csv", CSV.decode().encode("cp1252"), ":2:7: not UTF-8 but, it seems, Windows-1252"),
    ("organizations.csv", CSV.decode().encode("utf-16"), "organizations.csv:1:1: by its content it is UTF-16"),
    ("organizations.csv", PNG, "organizations.csv:1:1: by its content it is no text"),
    ("organizations.csv", XLSX, "organizations.csv:1:1: by its content it is a ZIP archive"),
    ("organizations.csv", TTL, "organizations.csv:1:1 (A1): the first row has none of the names of the columns"),
    ("organizations.csv", JSON, "organizations.csv:1:1 (A1): the first row has none of the names of the columns"),
    ("organizations.csv", b'id\n"a\nb\n', ":2:1: the quotation mark that opens the cell is not closed"),
    ("organizations.csv", b"id,kind\r\na\rb,\n", ":2:1 (A2): row 2 does not have as many cells as the header: 1, not"),
    ("organizations.csv", b"id,nmae (en)\n", "organizations.csv:1:4 (B1): there is no column “nmae (en)”"),
    ("members.csv", CSV, "members.csv: a CSV file is named after its table, and there is no table “members”"),
    ("truncated.xlsx", XLSX[:-300], "truncated.xlsx: not a whole workbook"),
    ("empty.xlsx", b"", "empty.xlsx: the file is empty; save the workbook anew"),
    ("table.xlsx", CSV, "table.xlsx: not a whole workbook"),
    ("image.xlsx", PNG, "image.xlsx: not a whole workbook"),
    ("old.xlsx", b"\xd0\xcf\x11\xe0" + bytes(512), "old.xlsx: by its content it is an old Excel file (.xls)"),
    ("locked.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "a workbook with a password"),
    ("letter.xlsx", _zip(document=b"x"), "letter.xlsx: an archive, but not of a workbook"),
    ("other.xlsx", _xlsx(lambda book: book.create_sheet("Leden").append(["x"])), " (Leden): no table has this name"),
    ("merged.xlsx", _xlsx(lambda book: book.active.merge_cells("A2:B2")), "merged.xlsx (organizations!A2:B2): merged"),
    ("header.xlsx", _xlsx(lambda book: book.active.append(["b", "B", "?"])), " (organizations!C3): this column has no"),
    ("old.xls", b"\xd0\xcf\x11\xe0", "old.xls: an old Excel file; save it as .xlsx"),
    ("open.ods", b"PK\x03\x04", "open.ods: an OpenDocument spreadsheet; save it as .xlsx"),
    ("macros.xlsm", XLSX, "macros.xlsm: an Excel file with macros"),
    ("data.rdf", XML, "data.rdf: RDF/XML is not read; write Turtle (.ttl)"),
    ("data.docx", b"", "should end in one of .ttl, .nt, .trig, .nq, .jsonld, .json, .xlsx, .csv"),
    ("data", b"", "data: not an RDF file"),
]  # fmt: skip
"""Name, content, and what the message begins with or holds."""

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.xlsx": (lambda: _zip(**{"[Content_Types].xml": b"0" * 60_000_000}), "unpacks to more than"),
    "parts.xlsx": (lambda: _zip(**{f"p{number}": b"" for number in range(2_001)}), "unpacks to more than 2000 parts"),
    "far.xlsx": (lambda: _xlsx(lambda book: book.active.cell(1_048_576, 1, "x")), "(organizations!A1048576): beyond"),
    "wide.xlsx": (
        lambda: _xlsx(lambda book: [book.active.cell(row, 16_384, "x") for row in range(1, 3_000)]),
        "(organizations!XFD1): beyond",
    ),
    "deep.json": (lambda: b"[" * 5_000_000, "nested more than 100 deep"),
    "string.json": (lambda: b'{"a":\n"' + b'x\\"' * 20_000_000, "a term in it is too large to be read"),
    "large.json": (lambda: b"[" + b"1," * 51_000_000, "larger than 100 MB"),
    "tags.xlsx": (
        lambda: _with_sheet(b"<!--" + b"<c <mergeCell " * 3_000_000 + b"-->", os.urandom(400_000)),
        "its part xl/worksheets/sheet1.xml is none that a spreadsheet program writes",
    ),
    "asides.xlsx": (
        lambda: _with_sheet(b"<?x " + b"<? >" * 9_000_000 + b"?>", os.urandom(400_000)),
        "sheet1.xml is none",
    ),
    "tag.xlsx": (
        lambda: _with_sheet(b'<x y="' + b"> " * 9_000_000 + b'"/>', os.urandom(400_000)),
        "sheet1.xml is none",
    ),
    "objects.xlsx": (
        lambda: _with_sheet(b"<cols>" + b"<col/>" * 5_000_000 + b"</cols>", os.urandom(400_000)),
        "sheet1.xml is none that a spreadsheet program writes",
    ),
    "organizations.csv": (lambda: b"id\n" + b"a\n" * 10_000_000, "larger than 20 MB"),
    "sources.csv": (lambda: b"id\n" + b"a\n" * 1_000_000, "more than 50000 rows"),
    "affiliations.csv": (lambda: b'id\n"' + b'""' * 9_000_000, "the quotation mark that opens the cell is not closed"),
    "endorsements.csv": (lambda: b"id" + b",x" * 4_000_000, "more than 200 columns"),
    "term.nt": (lambda: NT.replace(b"caf", b"a" * 40_000_000), "a term in it is too large to be read"),
}
"""Files that would take much time or memory if they were read as they come, and what is said instead."""


@pytest.mark.parametrize(("name", "content", "message"), BAD, ids=[f"{name}-{text[:40]}" for name, _, text in BAD])
def test_a_bad_file_has_one_clear_message_with_the_place(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)
    assert cli.main(["validate", name]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"cfit: {name}")
    assert message in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    "said", ["ex:s ex:p ex:o {| ex:q ex:r |} .", "ex:s ex:p ex:o ~ ex:r .", 'ex:s ex:p "x"@en--ltr .']
)
def test_what_rdf_1_1_does_not_have_is_refused_by_shapes_of_others_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.ttl").write_text(f"@prefix ex: <http://example.org/> .\n{said}\n", "utf-8")
    Path("s.ttl").write_text("@prefix sh: <http://www.w3.org/ns/shacl#> .\n", "utf-8")
    assert cli.main(["validate", "--shapes", "s.ttl", "a.ttl"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("cfit: a.ttl")
    assert "of RDF 1.2" in error or "(RDF 1.2)" in error


def test_a_folder_and_a_missing_file_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.xlsx").mkdir()
    for name, reason in (
        ("x.xlsx", "Is a directory"),
        ("gone.csv", "a CSV file is named"),
        ("gone.json", "No such file"),
    ):
        assert cli.main(["validate", name]) == 2
        assert f"cfit: {name}: {reason}" in capsys.readouterr().err


def _limit() -> None:
    """Allow one gigabyte of memory and a minute of work, so that what goes beyond is killed."""
    resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_within_limits(tmp_path: Path, name: str) -> None:
    make, message = HOSTILE[name]
    (tmp_path / name).write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-m", "cfit_graph", "validate", name],
        cwd=tmp_path, env=os.environ | {"CFIT_ROOT": str(ROOT)}, preexec_fn=_limit, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"cfit: {name}")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
