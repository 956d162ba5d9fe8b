"""Spreadsheets into data/: what changes is said in the words of the sheet, and nothing else changes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import openpyxl
import pyoxigraph as ox
import pytest

from cfit_graph import cli, source
from tests.conftest import ROOT
from tests.tables import workbook

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the graph without the rules for the vocabulary, and a working directory beside it."""
    for folder in ("ontology", "shapes", "data"):
        shutil.copytree(ROOT / folder, tmp_path / "root" / folder)
    (tmp_path / "root" / "shapes" / "vocabulary.ttl").unlink()
    monkeypatch.setenv("CFIT_ROOT", str(tmp_path / "root"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "root"


def _texts(root: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in source.files(root / "data")}


def _draft(root: Path, **tables: dict[str, object]) -> None:
    """Write ``x.xlsx`` with one row in each of the tables."""
    pages: dict[str, list[list[object]]] = {name: [[*row], [*row.values()]] for name, row in tables.items()}
    workbook(root.parent / "here" / "x.xlsx", None, **pages)


def test_an_untouched_export_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _texts(root)
    assert cli.main(["export", "members.xlsx"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "members.xlsx"
    assert cli.main(["import", "members.xlsx", "--write"]) == 0
    assert capsys.readouterr().out == "Nothing changes.\n"
    assert _texts(root) == before


def test_a_change_is_said_first_and_written_when_asked(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _texts(root)
    _draft(root, organizations={"id": "tco-development", "website": "https://example.org/tco", "place": "Sweden"})
    assert cli.main(["import", "x.xlsx"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("organizations tco-development\n  website: ")
    assert " → https://example.org/tco\n" in out
    assert "place" not in out
    assert out.endswith("organizations.ttl: would change; write with --write\n")
    assert _texts(root) == before
    assert cli.main(["import", "x.xlsx", "--write"]) == 0
    after = _texts(root)
    assert [name for name in after if after[name] != before[name]] == ["organizations.ttl"]
    lines = set(after["organizations.ttl"].splitlines()) ^ set(before["organizations.ttl"].splitlines())
    assert all("homepage" in line for line in lines)
    assert cli.main(["fmt", "--check", *map(str, source.files(root / "data"))]) == 0


@pytest.mark.parametrize("sheet", ["organizations", "affiliations", "documents"])
def test_a_column_that_is_deleted_leaves_the_data_as_they_are(
    root: Path, capsys: pytest.CaptureFixture[str], sheet: str
) -> None:
    before = _texts(root)
    assert cli.main(["export", "members.xlsx"]) == 0
    book = openpyxl.load_workbook("members.xlsx")
    (kind,) = (cell.column for cell in book[sheet][1] if cell.value == "kind")
    book[sheet].delete_cols(kind)
    book.save("changed.xlsx")
    capsys.readouterr()
    assert cli.main(["import", "changed.xlsx", "--write"]) == 0
    assert capsys.readouterr().out == "Nothing changes.\n"
    assert _texts(root) == before


NEW: dict[str, dict[str, object]] = {
    "organizations": {
        "id": "example-watch", "name (en)": "Example Watch", "stakeholder type": "NGO", "source": "example",
    },
    "affiliations": {
        "id": "example-watch-supporting", "kind": "support", "organization": "example-watch", "pact": "cfit",
        "role": "supporting organization", "status": "active", "start date": "2026-01",
        "kind of start date": "announced", "endorsement": "example-watch", "source": "example",
    },
    "endorsements": {
        "id": "example-watch", "organization": "Example Watch", "pact": "cfit", "document": "letter:example-watch",
        "signed on": "2026-01-05", "source": "example",
    },
    "documents": {
        "id": "letter:example-watch", "kind": "letter of support", "title (en)": "A letter", "source": "example",
    },
    "sources": {"id": "example", "title": "example.org", "address": "https://example.org/", "read on": "2026-01-06"},
}  # fmt: skip
"""What it takes to add a supporter."""


def test_a_new_supporter_goes_into_the_files_of_its_kinds(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _texts(root)
    _draft(root, **NEW)
    assert cli.main(["import", "x.xlsx", "--write"]) == 0
    assert "organizations example-watch (new)\n  name (en): Example Watch\n" in capsys.readouterr().out
    after = _texts(root)
    assert {name for name in after if after[name] != before[name]} == {
        "organizations.ttl", "affiliations.ttl", "endorsements.ttl", "sources.ttl",
    }  # fmt: skip
    assert "letter:example-watch a cfit:LetterOfSupport" in after["endorsements.ttl"]
    assert cli.main(["import", "x.xlsx"]) == 0  # judged again, now with what was written
    assert capsys.readouterr().out.endswith("Nothing changes.\n")


def test_rows_of_several_files_on_one_thing_have_the_say_each_on_its_columns(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, column, value in (("one", "website", "https://example.org/"), ("two", "place", "Norway")):
        (root.parent / "here" / folder).mkdir()
        text = f"id,{column}\ntco-development,{value}\n"
        (root.parent / "here" / folder / "organizations.csv").write_text(text, "utf-8")
    assert cli.main(["import", "one/organizations.csv", "two/organizations.csv", "--write"]) == 0
    assert " → https://example.org/\n  place: Sweden → Norway\n" in capsys.readouterr().out
    block = _texts(root)["organizations.ttl"].partition("organization:tco-development ")[2].partition("\n\n")[0]
    assert "    foaf:homepage <https://example.org/> ;\n" in block
    assert "    dcterms:spatial place:no ;\n" in block


def _two_files(root: Path, first: str, second: str) -> list[str]:
    """Write two files of affiliations with a row each, and return their names."""
    texts = {"one/affiliations.csv": first, "two/affiliations.csv": second}
    for name, text in texts.items():
        path = root.parent / "here" / name
        path.parent.mkdir()
        path.write_text(f"id,listed name (de)\nat-bmk-coordinating,{text}\n", "utf-8")
    return [*texts]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (("", "BMNT"), "is “BMNT”, and in one/affiliations.csv (B2) it is empty; "),
        (("BMNT", ""), "is empty, and in one/affiliations.csv (B2) it is “BMNT”; "),
        (("A", "B" * 80), "is “…”, and in one/affiliations.csv (B2) it is “A”; "),
        (("A", "=A1"), "is “=A1”, and in one/affiliations.csv (B2) it is “A”; "),
    ],
)
def test_files_that_contradict_each_other_are_refused_with_both_cells(
    root: Path, capsys: pytest.CaptureFixture[str], texts: tuple[str, str], said: str
) -> None:
    before = _texts(root)
    paths = _two_files(root, *texts)
    for command in (["import", *paths, "--write"], ["validate", *paths]):
        assert cli.main(command) == 2
        told = capsys.readouterr()
        place = "two/affiliations.csv:2:21 (B2): here “listed name (de)” of at-bmk-coordinating "
        assert place + said in told.err
        assert told.out == ""
    assert _texts(root) == before


def test_sheets_of_one_name_that_contradict_each_other_are_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["id", "place"], ["tco-development", "Norway"]]
    others = [["id", "website", "place"], ["tco-development", "https://example.org/", "Sweden"]]
    workbook(root.parent / "here" / "x.xlsx", None, **{"organizations": rows, "organizations ": others})  # type: ignore[arg-type]
    assert cli.main(["import", "x.xlsx"]) == 2
    said = (
        "x.xlsx (organizations !C2): here “place” of tco-development is “Sweden”, and in x.xlsx (organizations!B2) it"
    )
    assert said in capsys.readouterr().err


def test_what_two_files_say_alike_changes_once(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = _two_files(root, "Ministerium", "Ministerium ")
    assert cli.main(["import", *paths, "--write"]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first == "affiliations at-bmk-coordinating"
    assert others == [
        "  listed name (de): BMNT → Ministerium", f"{root / 'data' / 'affiliations.ttl'}: written",
    ]  # fmt: skip
    assert '"Ministerium"@de' in _texts(root)["affiliations.ttl"]


def test_a_column_for_kinds_in_another_file_has_the_say_on_a_new_thing(root: Path) -> None:
    _draft(root, **NEW)
    (root.parent / "here" / "affiliations.csv").write_text("id,place represented\nexample-watch-supporting,\n", "utf-8")
    assert cli.main(["import", "x.xlsx", "affiliations.csv", "--write"]) == 0
    assert "affiliation:example-watch-supporting a cfit:Support ;\n" in _texts(root)["affiliations.ttl"]


def test_what_no_cell_can_hold_stays_in_the_data(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, note = root / "data" / "organizations.ttl", "skos:editorialNote"
    head, thing, rest = path.read_text("utf-8").partition("organization:tco-development ")
    path.write_text(head + thing + rest.replace(note, f'{note} "A | B"@en , "A  B"@en ,', 1), "utf-8")
    assert cli.main(["fmt", str(path)]) == 0
    before = _texts(root)
    assert cli.main(["export", "members.xlsx"]) == 0
    assert "note 2 times" in capsys.readouterr().out
    assert cli.main(["import", "members.xlsx", "--write"]) == 0
    assert capsys.readouterr().out == "Nothing changes.\n"
    assert _texts(root) == before


def test_a_file_that_is_not_turtle_is_not_written_as_if_it_were(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "data" / "organizations.ttl"
    other = path.with_suffix(".nt")
    lines = source.written(source.read(path), ox.RdfFormat.N_TRIPLES, {})
    other.write_text(lines, "utf-8")
    path.unlink()
    _draft(root, organizations={"id": "tco-development", "place": "Norway"})
    assert cli.main(["import", "x.xlsx", "--write"]) == 2
    assert "organizations.nt: not Turtle (.ttl)" in capsys.readouterr().err
    assert other.read_text("utf-8") == lines


def test_what_breaks_a_rule_is_not_taken_in(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _texts(root)
    _draft(root, organizations={"id": "tco-development", "stakeholder type": "shipyard"})
    assert cli.main(["import", "x.xlsx", "--write"]) == 1
    found = "x.xlsx (organizations!B2): TCO Development (organization:tco-development) has “stakeholder type” "
    assert found + "stakeholder-type:shipyard\n" in capsys.readouterr().out
    assert _texts(root) == before


def test_an_emptied_cell_takes_a_value_out_and_other_languages_stay(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _draft(root, organizations={"id": "be-fido", "name (en)": "FIDO", "website": None})
    assert cli.main(["import", "x.xlsx", "--write"]) == 0
    assert "  website: https://www.duurzameontwikkeling.be → (empty)\n" in capsys.readouterr().out
    block = _texts(root)["organizations.ttl"].partition("organization:be-fido ")[2].partition("\n\n")[0]
    assert '"FIDO"@en' in block
    assert '"Federaal Instituut voor Duurzame Ontwikkeling"@nl' in block
    assert "homepage" not in block


def test_a_draft_is_judged_in_the_place_of_what_it_replaces(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", "members.xlsx"]) == 0
    book = openpyxl.load_workbook("members.xlsx")
    page = book["affiliations"]
    headers = {cell.value: cell.column for cell in page[1]}
    (row,) = (cell.row for cell in page["A"] if cell.value == "be-engis-participant")
    page.cell(row, headers["status"]).value = "former"  # it may have one status only
    page.cell(row, headers["end date"]).value = "2026"
    book.save("changed.xlsx")
    capsys.readouterr()
    assert cli.main(["validate", "changed.xlsx", "--format", "json"]) == 0
    assert '"violation": 0' in capsys.readouterr().out


def test_csv_files_can_be_exported_and_validated(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", "csv"]) == 0
    paths = [line for line in capsys.readouterr().out.splitlines() if line.endswith(".csv")]
    assert len(paths) == 6
    assert cli.main(["validate", *paths]) == 0


def test_other_files_are_not_imported(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["import", "x.ttl", "x.csv"]) == 2
    assert capsys.readouterr().err == "cfit: workbooks (.xlsx) and CSV files can be imported, not x.ttl\n"


@pytest.mark.parametrize("target", ["members.csv", "none/csv", "here.txt"])
def test_an_export_goes_into_a_workbook_or_a_folder(
    root: Path, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    assert cli.main(["export", target]) == 2
    assert capsys.readouterr().err.startswith(f"cfit: {target}: ")
    assert not (root.parent / "here" / target).exists()


def test_an_empty_workbook_has_nothing_wrong(root: Path) -> None:
    assert cli.main(["export", "empty.xlsx", "--empty"]) == 0
    assert cli.main(["validate", "empty.xlsx"]) == 0
