"""CSV: read as the standard library reads it, with every cell in its place, whatever program wrote it."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph.errors import SourceError
from cfit_graph.tables import delimited

if TYPE_CHECKING:
    from cfit_graph.tables.grid import Grid


def _read(folder: Path, content: str | bytes) -> Grid:
    path = folder / "sources.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return delimited.read(path, lambda header: header in {"id", "name"})


def _texts(grid: Grid) -> list[list[str]]:
    return [[cell.fault or cell.text for cell in row] for row in grid.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_delimiters_line_ends_and_marks_of_other_programs_are_known(
    tmp_path: Path, delimiter: str, ends: str, encoding: str
) -> None:
    text = delimiter.join(["id", "name"]) + ends + delimiter.join(["a", '"é,;\tx"']) + ends
    assert _texts(_read(tmp_path, text.encode(encoding))) == [["id", "name"], ["a", "é,;\tx"]]


def test_line_ends_may_be_mixed_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    grid = _read(tmp_path, "id,name\r\na,1\rb,2\n\n  \nc,3")
    assert _texts(grid) == [["id", "name"], ["a", "1"], ["b", "2"], ["c", "3"]]
    assert [(row[1].name, row[1].line, row[1].line_column) for row in grid.rows] == [
        ("B1", 1, 4),
        ("B2", 2, 3),
        ("B3", 3, 3),
        ("B6", 6, 3),
    ]


def test_quoted_cells_may_have_lines_quotes_and_delimiters(tmp_path: Path) -> None:
    grid = _read(tmp_path, 'id,name\r\na,"one\r\ntwo ""x"", three"\r\nb,plain "q"\r\n')
    assert _texts(grid)[1:] == [["a", 'one\r\ntwo "x", three'], ["b", 'plain "q"']]
    assert [(cell.line, cell.line_column, cell.name) for cell in grid.rows[2]] == [(4, 1, "A3"), (4, 3, "B3")]


@pytest.mark.parametrize(
    ("content", "line", "column", "cell", "reason"),
    [
        ("", 1, 1, "", "the file is empty"),
        ("\n\n", 1, 1, "", "the file is empty"),
        ('id,name\na,"open\nb,c', 2, 3, "", "the quotation mark that opens the cell is not closed"),
        ('id,name\na,"x"y\n', 2, 6, "", "text behind the quotation mark that closes the cell"),
        (
            "id,name\na,b\nc\nd,e,f\n",
            3,
            1,
            "A3",
            "row 3 does not have as many cells as the header: 1, not 2; C4: row 4 ",
        ),
        ("id,name\na,caf\xe9 noir\n", 2, 6, "", "not UTF-8 but, it seems, Windows-1252 (from here on “é”)"),
        ("id,name\na,\x81\n", 2, 3, "", "not UTF-8 from here on"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_with_its_place(
    tmp_path: Path, content: str, line: int, column: int, cell: str, reason: str
) -> None:
    with pytest.raises(SourceError) as caught:
        _read(tmp_path, content.encode("latin-1"))
    error = caught.value
    assert (error.line, error.column, error.cell) == (line, column, cell)
    assert reason in error.reason


@pytest.mark.parametrize("above", ["sep=;\r\n", "Our members 2026\n", "Our members;\n;\n", "Our members by\nname\n"])
def test_headers_below_the_first_line_are_told_once(tmp_path: Path, above: str) -> None:
    with pytest.raises(SourceError, match="the headers are in this line, and belong in the first") as caught:
        _read(tmp_path, f"{above}id;name\na;b\n")
    assert (caught.value.line, caught.value.column) == (above.count("\n") + 1, 1)


def test_rows_of_which_only_the_delimiters_are_left_are_blank(tmp_path: Path) -> None:
    assert len([row for row in _read(tmp_path, "id,name,note\na,b,c\n,\n").rows if not row[0].empty]) == 2


def test_a_great_many_problems_are_counted(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        _read(tmp_path, "id,name\n" + "x\n" * 500)
    assert caught.value.reason.count("cells as the header: ") == 51
    assert caught.value.reason.endswith("; and 449 more")


def test_as_many_problems_as_are_told_are_all(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        _read(tmp_path, "id,name\n" + "x\n" * 51)
    assert caught.value.reason.count("cells as the header: ") == 51
    assert "more" not in caught.value.reason


def test_windows_1252_is_told_by_its_word(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="“\u2019s”"):
        _read(tmp_path, "id,name\na,Watch\u2019s list\n".encode("cp1252"))


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [("ROWS", 2, "more than 2 rows"), ("COLUMNS", 1, "more than 1 columns"), ("LONGEST", 4, "more than 4 characters")],
)
def test_limits_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, reason: str) -> None:
    monkeypatch.setattr(f"cfit_graph.tables.grid.{limit}", value)
    with pytest.raises(SourceError, match=reason):
        _read(tmp_path, "id,name\na,bcdef\ng,h\n")


def test_what_just_keeps_to_the_limits_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, value in (("ROWS", 3), ("COLUMNS", 2), ("LONGEST", 5)):
        monkeypatch.setattr(f"cfit_graph.tables.grid.{limit}", value)
        if limit != "LONGEST":
            monkeypatch.setattr(f"cfit_graph.tables.delimited.{limit}", value)
    assert _texts(_read(tmp_path, "id,name\na,bcdef\ng,h\n")) == [["id", "name"], ["a", "bcdef"], ["g", "h"]]


def test_a_file_too_large_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfit_graph.tables.delimited.LARGEST", 5)
    with pytest.raises(SourceError, match="larger than 0 MB"):
        _read(tmp_path, "id,name\n")


@pytest.mark.parametrize(
    ("written", "text", "fault"),
    [
        ("=A1+B1", "", "=A1+B1"),
        ("'=A1", "=A1", ""),
        ("''=A1", "'=A1", ""),
        ("'+31 20", "+31 20", ""),
        ("'-x", "-x", ""),
        ("'@x", "@x", ""),
        ("-x", "-x", ""),
        ("+31", "+31", ""),
        ("'tis", "'tis", ""),
        ("'", "'", ""),
    ],
)
def test_formulas_are_no_values_and_guards_are_taken_off(tmp_path: Path, written: str, text: str, fault: str) -> None:
    cell = _read(tmp_path, f"id,name\na,{written}\n").rows[1][1]
    assert (cell.text, cell.fault) == (text, fault)


_cells = st.text(st.sampled_from("ab ,;\t\"'\r\né=|"), max_size=6)


@given(st.lists(st.lists(_cells, min_size=3, max_size=3), max_size=4), st.sampled_from([",", ";", "\t"]),
       st.sampled_from(["\n", "\r\n", "\r"]))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_what_the_standard_library_writes_is_read(rows: list[list[str]], delimiter: str, ends: str) -> None:
    table = io.StringIO()
    csv.writer(table, delimiter=delimiter, lineterminator=ends, quoting=csv.QUOTE_ALL).writerows(
        [["id", "name", "x"], *rows]
    )
    with tempfile.TemporaryDirectory() as folder:
        grid = _read(Path(folder), table.getvalue())
    text = table.getvalue()
    for row, cells in zip(rows, grid.rows[1:], strict=True):
        for content, cell in zip(row, cells, strict=True):
            formula = content.startswith("=")
            plain = content[1:] if re.match(r"'+[=+\-@\t\r]", content) else content
            assert (cell.text, cell.fault) == (("", content) if formula else (plain, ""))
    lines = io.StringIO(text, newline="").readlines()
    for cell in (cell for row in grid.rows for cell in row):
        assert lines[cell.line - 1][cell.line_column - 1] == '"'
