"""The marked copy of a workbook: what was found, in the cell where it is to be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from cfit_graph import cli, source, tables
from tests.conftest import ROOT
from tests.tables import workbook

if TYPE_CHECKING:
    from pathlib import Path

ROWS: list[list[object]] = [["id", "name (en)", "stakeholder type", "source"], ["a", "A", "ngo", None]]


def _mark(cell: str, severity: str = "Violation", message: str = "Wrong.", sheet: str = "organizations") -> tables.Mark:
    return tables.Mark(sheet, cell, f"x.xlsx ({sheet}!{cell})", severity, severity, message, "A at “x”")


def _marked(path: Path, marks: list[tables.Mark]) -> openpyxl.Workbook:
    copy = path.with_name("copy.xlsx")
    copy.write_bytes(tables.mark(path, marks, ["where", "severity", "what", "about"]))
    return openpyxl.load_workbook(copy)


def test_cells_are_coloured_by_the_worst_and_say_all_that_is_wrong(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", organizations=ROWS)
    before = path.read_bytes()
    page = _marked(path, [_mark("D2", "Info", "First."), _mark("D2", "Warning", "Second."), _mark("B2")])[
        "organizations"
    ]
    assert page["D2"].comment.text == "Info: First.\n\nWarning: Second."
    assert page["B2"].comment.text == "Violation: Wrong."
    colours = {name: page[name].fill.fgColor.rgb for name in ("A2", "B2", "D2")}
    assert len(set(colours.values())) == 3
    assert [cell.value for cell in page[2]] == ["a", "A", "ngo", None]
    assert path.read_bytes() == before


def test_a_sheet_lists_everything_with_links(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", organizations=ROWS)
    elsewhere = tables.Mark("", "", "data/claims.ttl:7:1", "Warning", "Warning", "Other.", "B")
    book = _marked(path, [_mark("D2"), elsewhere])
    assert book.sheetnames == ["findings", "organizations"]
    assert book.active.title == "findings"
    rows = [[cell.value for cell in row] for row in book["findings"].iter_rows(min_row=2)]
    assert rows == [
        ["x.xlsx (organizations!D2)", "Violation", "Wrong.", "A at “x”"],
        ["data/claims.ttl:7:1", "Warning", "Other.", "B"],
    ]
    assert book["findings"]["A2"].hyperlink.location == "'organizations'!D2"
    assert book["findings"]["A3"].hyperlink is None


def test_the_marks_of_an_earlier_copy_are_taken_out_and_comments_of_others_stay(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["organizations"]["C2"].comment = Comment("Ask them.", "Staff")
        book["organizations"]["A2"].fill = PatternFill("solid", fgColor="00FF00")

    path = workbook(tmp_path / "x.xlsx", change, organizations=ROWS)
    _marked(path, [_mark("B2"), _mark("C2")])
    (tmp_path / "copy.xlsx").rename(tmp_path / "second.xlsx")
    page = _marked(tmp_path / "second.xlsx", [_mark("D2")])["organizations"]
    assert page["C2"].comment.text == "Ask them."
    assert [page[name].comment is None for name in ("B2", "D2")] == [True, False]
    assert page["B2"].fill.fill_type is None
    assert page["A2"].fill.fgColor.rgb == "0000FF00"
    again = _marked(path, [_mark("C2", message="Wrong type.")])["organizations"]
    assert again["C2"].comment.text == "Ask them.\n\nViolation: Wrong type."


def test_marks_are_known_after_another_program_has_saved_the_copy(tmp_path: Path) -> None:
    def save(book: openpyxl.Workbook) -> None:
        for name, author in (("B2", ""), ("D2", "Somebody")):
            cell = book["organizations"][name]
            cell.fill = PatternFill("solid", fgColor=f"FF{cell.fill.fgColor.rgb[2:]}")  # opaque
            cell.comment = Comment(cell.comment.text, author)

    path = workbook(tmp_path / "x.xlsx", organizations=ROWS)
    book = _marked(path, [_mark("B2"), _mark("D2", "Info")])
    save(book)
    book.save(tmp_path / "saved.xlsx")
    page = _marked(tmp_path / "saved.xlsx", [_mark("D2", message="New.")])["organizations"]
    assert (page["B2"].fill.fill_type, page["B2"].comment) == (None, None)
    assert page["D2"].comment.text == "Violation: New."


def test_a_marked_copy_is_read_like_the_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", organizations=ROWS)
    _marked(path, [_mark("D2")])
    first, second = (
        [said.fact for row in source.rows(tmp_path / name, ROOT) for said in row.said]
        for name in ("x.xlsx", "copy.xlsx")
    )
    assert first == second


def test_drop_downs_hints_and_locks_survive(tmp_path: Path) -> None:
    model = source.model(ROOT)
    filled = tables.fill(source.facts(ROOT / "data"), model)
    path = tmp_path / "members.xlsx"
    path.write_bytes(tables.write(filled, model, path)[path])
    page = _marked(path, [_mark("D2")])["organizations"]
    original = openpyxl.load_workbook(path)["organizations"]
    assert len(page.data_validations.dataValidation) == len(original.data_validations.dataValidation) > 5
    assert page.freeze_panes == "B2"
    assert page.protection.sheet
    assert page["B1"].comment.text == original["B1"].comment.text


def test_the_command_marks_a_copy_and_leaves_the_workbook_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = workbook(tmp_path / "members.xlsx", organizations=ROWS)
    before = path.read_bytes()
    assert cli.main(["validate", "members.xlsx", "--marked", "marked.xlsx"]) == 1
    assert "members.xlsx (organizations!D2): A (organization:a) at “source”\n" in capsys.readouterr().out
    page = openpyxl.load_workbook("marked.xlsx")["organizations"]
    assert page["D2"].comment.text.startswith("Violation: The record names no source")
    assert path.read_bytes() == before


def test_the_copy_is_marked_in_the_language_of_the_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    workbook(tmp_path / "members.xlsx", organizations=ROWS)
    assert cli.main(["validate", "members.xlsx", "--language", "nl", "--marked", "marked.xlsx"]) == 1
    book = openpyxl.load_workbook("marked.xlsx")
    assert book["organizations"]["D2"].comment.text.startswith("Overtreding: ")
    assert book["organizations"]["D2"].fill.fill_type == "solid"
    heading, first = list(book["findings"].iter_rows(max_row=2, values_only=True))
    assert heading == ("waar", "ernst", "wat er mis is en wat te doen", "over")
    assert first[1] == "Overtreding"
    assert "Overtreding" in capsys.readouterr().out
    assert cli.main(["validate", "marked.xlsx", "--marked", "again.xlsx"]) == 1
    again = openpyxl.load_workbook("again.xlsx")["organizations"]["D2"].comment.text
    assert again.startswith("Violation: ")
    assert "Overtreding" not in again


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["members.xlsx", "--marked", "members.xlsx"], "members.xlsx: exists already; nothing is overwritten"),
        (["members.xlsx", "--marked", "marked.csv"], "--marked makes a copy (.xlsx) of one workbook"),
        (["organizations.csv", "--marked", "marked.xlsx"], "--marked makes a copy (.xlsx) of one workbook"),
        (["--marked", "marked.xlsx"], "--marked makes a copy (.xlsx) of one workbook"),
    ],
)
def test_a_copy_that_cannot_be_made_is_an_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    reason: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    workbook(tmp_path / "members.xlsx", organizations=ROWS)
    (tmp_path / "organizations.csv").write_text("id\na\n")
    assert cli.main(["validate", *arguments]) == 2
    assert reason in capsys.readouterr().err
