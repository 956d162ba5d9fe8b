"""Workbooks: what cells say, whatever their type, and what no table may be."""

from __future__ import annotations

import contextlib
import zipfile
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import pytest

from cfit_graph.errors import SourceError
from cfit_graph.tables import workbook
from tests.tables import workbook as write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import openpyxl

    from cfit_graph.tables.grid import Grid


def _read(path: Path) -> list[Grid]:
    return workbook.read(path, ["t", "u"], frozenset({"help"}))


def _cell(tmp_path: Path, value: object, number_format: str = "General") -> tuple[str, str]:
    def change(book: openpyxl.Workbook) -> None:
        book["t"]["B2"].value = value
        book["t"]["B2"].number_format = number_format

    (grid,) = _read(write(tmp_path / "x.xlsx", change, t=[["id", "x"], ["a", None]]))
    found = grid.rows[1][1]
    return found.text, found.fault


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("2023-07", "@", "2023-07"),
        (date(2021, 6, 14), "yyyy-mm-dd", "2021-06-14"),
        (datetime(2021, 6, 14), "d/m/yyyy", "2021-06-14"),
        (date(2023, 7, 1), "mmm-yy", "2023-07"),
        (date(2023, 7, 1), '[$-413]mmmm yyyy;@', "2023-07"),
        (date(2023, 1, 1), "yyyy", "2023"),
        (date(2023, 1, 1), '"day" yyyy', "2023"),
        (datetime(2021, 6, 14, 10, 30), "yyyy-mm-dd hh:mm", "2021-06-14T10:30:00"),
        (time(10, 30), "hh:mm", "10:30:00"),
        (2021, "General", "2021"),
        (2021.0, "General", "2021"),
        (1e20, "General", "1e+20"),
        (12345678, "0", "12345678"),
        (0.5, "0%", "0.5"),
        (True, "General", "TRUE"),
        ("  x ", "General", "  x "),
        (datetime(2021, 6, 14), "h:mm", "2021-06-14"),
        ("a_x000D_\nb _x005F_x000D_", "General", "a \nb _x000D_"),
    ],
)  # fmt: skip
def test_a_cell_says_what_it_shows(tmp_path: Path, value: object, number_format: str, text: str) -> None:
    assert _cell(tmp_path, value, number_format) == (text, "")


@pytest.mark.parametrize("formula", ["=A1+1", '=HYPERLINK("x")', "#REF!", "#N/A"])
def test_formulas_and_errors_are_no_values(tmp_path: Path, formula: str) -> None:
    assert _cell(tmp_path, formula) == ("", formula)


def test_text_that_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["t"]["B2"].value = "=x"
        book["t"]["B2"].data_type = "s"

    (grid,) = _read(write(tmp_path / "x.xlsx", change, t=[["id", "x"], ["a", None]]))
    assert (grid.rows[1][1].text, grid.rows[1][1].fault) == ("=x", "")


def test_places_are_those_of_the_sheet_and_blank_rows_are_left_out(tmp_path: Path) -> None:
    (grid,) = _read(write(tmp_path / "x.xlsx", t=[["id", "x"], [], ["a", None, None], [None, "y"]]))
    assert [[cell.name for cell in row] for row in grid.rows] == [["A1", "B1"], ["A3"], ["A4", "B4"]]


def test_every_table_is_read_and_sheets_of_ours_and_empty_ones_are_not(tmp_path: Path) -> None:
    grids = _read(write(tmp_path / "x.xlsx", u=[["id"]], help=[["id"]], Sheet1=[], t=[["id"]]))
    assert [grid.sheet for grid in grids] == ["u", "t"]


def _merge(book: openpyxl.Workbook) -> None:
    book["t"].merge_cells("A2:B3")
    book["t"].merge_cells("A5:B5")


@pytest.mark.parametrize(
    ("change", "pages", "reason"),
    [
        (None, {"Members": [["id"]]}, "x.xlsx (Members): no table has this name"),
        (None, {"Members": [["id"]], "More": [["x"]]}, "name; there are t, u; More: no table has this name; there"),
        (None, {"t": [["id"]], "tt": [["id"]]}, "(tt): no table has this name, and “t” is there already; if this is a"),
        (None, {"tt": [["id"]]}, "(tt): no table has this name; perhaps “t” is meant"),
        (None, {"t": []}, "x.xlsx: none of its sheets is a table with content"),
        (_merge, {"t": [["id", "x"]]}, "x.xlsx (t!A2:B3): merged cells; undo the merge; t!A5:B5: merged cells"),
        (None, {"t": [["id"], [None] * 200 + ["x"]]}, "(t!GS2): more than 200 columns"),
        (None, {"t": [["id"], [None] * 16_000 + ["x"]]}, "(t!WQK2): beyond the 200 columns and 50000 rows"),
        (None, {"t": [["id"], ["x" * 32_767 + "y"]]}, "(t!A2): more than 32767 characters in a cell"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_all_its_places(
    tmp_path: Path,
    change: Callable[[openpyxl.Workbook], None] | None,
    pages: dict[str, list[list[object]]],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openpyxl.cell.cell.Cell.check_string", lambda _, value: value)  # it would cut long text
    with pytest.raises(SourceError) as caught:
        _read(write(tmp_path / "x.xlsx", change, **pages))
    assert reason in str(caught.value)


def test_a_row_far_down_is_refused_without_going_there(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["t"]["A1048576"].value = "x"

    with pytest.raises(SourceError, match=r"\(t!A1048576\): beyond the 200 columns and 50000 rows"):
        _read(write(tmp_path / "x.xlsx", change, t=[["id"]]))


def test_cells_far_away_that_are_only_formatted_are_no_matter(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        for name in ("XFD1", "A1048576"):
            book["t"][name].number_format = "@"

    assert len(_read(write(tmp_path / "x.xlsx", change, t=[["id"], ["a"]]))) == 1


def test_merged_cells_elsewhere_are_no_matter(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["help"].merge_cells("A2:B3")

    assert len(_read(write(tmp_path / "x.xlsx", change, help=[["x"]], t=[["id"]]))) == 1


def _with(path: Path, name: str, content: bytes) -> Path:
    """Return a copy of a workbook with one part replaced or added."""
    copy = path.with_name("copy.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, content)
    return copy


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (
            "xl/worksheets/sheet1.xml",
            ENTITIES + b"<worksheet>&a;</worksheet>",
            "its part xl/w",
        ),
        ("xl/workbook.xml", ENTITIES + b"<workbook>&a;</workbook>", "its part xl/w"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row", "not a whole workbook (unclosed token"),
        ("xl/workbook.xml", b"", "not a whole workbook ("),
        ("[Content_Types].xml", b"<x/>", "not a whole workbook"),
        ("xl/workbook.xml", (ENTITIES.decode() + "<workbook>&a;</workbook>").encode("utf-16"), "its part xl/w"),
        ("bomb", b"0" * 30_000_000, "unpacks to more than 2000 parts, 64 MB or 200 times its size"),
    ],
)
def test_damaged_and_hostile_workbooks_are_refused(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = _with(write(tmp_path / "x.xlsx", t=[["id"], ["a"]]), name, content)
    with pytest.raises(SourceError) as caught:
        _read(path)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("part", "is_refused"),
    [
        (b"<!--%b-->" % (b"a" * 9_990), False),
        (b"<!--%b-->" % (b"a" * 10_000), True),
        (b"<?x %b?>" % (b"a" * 10_000), True),
        (b"<a/>" * 99_990, False),
        (b"<a/>" * 100_001, True),
        (b'<a b="%b"/>' % (b"a" * 20_000), True),
    ],
)
def test_parts_of_which_parsers_make_too_much_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: bytes, is_refused: bool
) -> None:
    monkeypatch.setattr("cfit_graph.tables.workbook._TAG", 20_000)
    path = _with(write(tmp_path / "x.xlsx", t=[["id"], ["a"]]), "xl/more.xml", b"<more>%b</more>" % part)
    with pytest.raises(SourceError, match=r"its part xl/more.xml") if is_refused else contextlib.nullcontext():
        _read(path)


def test_an_archive_of_too_many_parts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.xlsx", t=[["id"], ["a"]])
    with zipfile.ZipFile(path) as archive:
        count = len(archive.namelist())
    monkeypatch.setattr("cfit_graph.tables.workbook._PARTS", count)
    assert len(_read(path)) == 1
    monkeypatch.setattr("cfit_graph.tables.workbook._PARTS", count - 1)
    with pytest.raises(SourceError, match="unpacks to more than"):
        _read(path)


def test_a_sheet_of_ours_that_is_a_table_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xlsx", help=[["id"]], t=[["id"]])
    assert [grid.sheet for grid in workbook.read(path, ["help", "t"], frozenset({"help"}))] == ["help", "t"]


def test_an_archive_that_is_no_workbook_is_named_so(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(SourceError, match="an archive, but not of a workbook"):
        _read(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty; save the workbook anew"),
        (b"id,name\n", "not a whole workbook (File is not a zip file)"),
        (b"PK\x03\x04", "not a whole workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel file (.xls); save it as .xlsx"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "a workbook with a password"),
    ],
)
def test_what_is_no_workbook_says_what_it_is(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        _read(path)
    assert reason in str(caught.value)


def test_a_workbook_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xlsx", t=[["id"], ["a"]])
    content = path.read_bytes()
    for length in range(0, len(content), 97):
        path.write_bytes(content[:length])
        with pytest.raises(SourceError):
            _read(path)


def test_a_workbook_with_a_byte_changed_is_read_or_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xlsx", t=[["id"], ["a"]])
    content = path.read_bytes()
    for place in range(0, len(content), 61):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        texts: list[list[str]] | None = None
        with contextlib.suppress(SourceError):
            texts = [[cell.text for cell in row] for row in _read(path)[0].rows]
        assert texts in (None, [["id"], ["a"]])


def test_a_file_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfit_graph.tables.workbook.LARGEST", 100)
    monkeypatch.setattr("openpyxl.load_workbook", lambda *_: pytest.fail("opened"))
    with pytest.raises(SourceError, match="larger than 0 MB"):
        _read(write(tmp_path / "x.xlsx", t=[["id"]]))


def test_what_openpyxl_warns_of_is_no_matter(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["t"]["B2"].value = 10**12
        book["t"]["B2"].number_format = "yyyy-mm-dd"  # no such day: openpyxl warns, and makes an error of it

    (grid,) = _read(write(tmp_path / "x.xlsx", change, t=[["id", "x"], ["a", None]]))
    assert grid.rows[1][1].fault == "#VALUE!"
