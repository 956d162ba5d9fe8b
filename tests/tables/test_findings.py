"""Findings in tables: every view names the cell, and speaks as the sheet does."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from cfit_graph import cli, release, source, tables, validation
from cfit_graph.validation import views
from tests.conftest import ROOT
from tests.tables import workbook

if TYPE_CHECKING:
    from cfit_graph.validation import Report

SHAPES = """@prefix cfit: <https://w3id.org/cfit/ns#> . @prefix org: <http://www.w3.org/ns/org#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix shapes: <https://w3id.org/cfit/shapes#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:S a sh:NodeShape ; sh:targetClass org:Organization ; sh:property ex:S-place , ex:S-source , ex:S-note .
ex:S-place sh:path dcterms:spatial ; sh:class cfit:Nowhere ;
    sh:message "Name a place with dcterms:spatial, as http://example.org/ says, not with ex:no or dcterms:date."@en .
ex:S-source sh:path dcterms:source ; sh:minCount 1 ; sh:message "Add dcterms:source."@en .
ex:S-note sh:path ( org:subOrganizationOf skos:editorialNote ) ; sh:minCount 1 ; sh:severity sh:Warning ;
    sh:message "The parent has no note."@en .
ex:T a sh:NodeShape ; sh:targetClass org:Organization ; sh:not ex:U ; shapes:mend cfit:confidence ;
    sh:message "Say how sure you are."@en .
ex:U a sh:NodeShape ; sh:nodeKind sh:IRI .
"""
HEADER: list[object] = ["note (nl)", "id", "place", "name (nl)", "source", "part of", "confidence", "note (en)"]
ROWS: list[list[object]] = [
    [None, "a", "Netherlands", "A, bv", "cfit-home", "b", "high", None],
    [None, "b", None, "B", None, None, None, None],
]


def _report(path: Path) -> Report:
    shapes = path.with_name("shapes.ttl")
    shapes.write_text(SHAPES, "utf-8")
    report = validation.validate(source.read(path, ROOT), source.read(shapes), shapes)
    return report.seen_from(path.parent, path.parent)


@pytest.fixture
def in_csv(tmp_path: Path) -> Report:
    """Findings in a CSV file with a semicolon between cells and a blank line."""
    table = io.StringIO()
    csv.writer(table, delimiter=";", lineterminator="\n").writerows([HEADER, [], *ROWS])
    (tmp_path / "organizations.csv").write_text(table.getvalue(), "utf-8-sig")
    return _report(tmp_path / "organizations.csv")


@pytest.fixture
def in_workbook(tmp_path: Path) -> Report:
    """The same findings in a workbook."""
    return _report(workbook(tmp_path / "x.xlsx", organizations=[HEADER, [], *ROWS]))


def _places(report: Report) -> set[tuple[str, int, int, str, str, str]]:
    return {(f.rule.rpartition("/")[2], f.line, f.column, f.sheet, f.cell, f.header) for f in report.findings}


def test_values_and_missing_values_have_their_cells(in_csv: Report, in_workbook: Report) -> None:
    assert _places(in_csv) == {
        ("S-place", 3, 4, "", "C3", "place"),
        ("S-source", 4, 7, "", "E4", "source"),
        ("S-note", 4, 10, "", "H4", "note (en)"),  # of the parent, and in English before Dutch
        ("S-note", 4, 8, "", "F4", "part of"),  # nothing leads to a parent
        ("T", 3, 34, "", "G3", "confidence"),  # the value that is to be mended
        ("T", 4, 9, "", "G4", "confidence"),
    }
    assert {(rule, cell) for rule, _, _, _, cell, _ in _places(in_csv)} == {
        (rule, cell) for rule, _, _, _, cell, _ in _places(in_workbook)
    }
    assert {(line, column, sheet) for _, line, column, sheet, _, _ in _places(in_workbook)} == {(0, 0, "organizations")}


def test_messages_and_properties_are_called_as_in_the_sheet(in_csv: Report) -> None:
    (found,) = (found for found in in_csv.findings if found.rule.endswith("S-place"))
    assert found.message == "Name a place with “place”, as http://example.org/ says, not with ex:no or “date”."
    assert found.path == "dcterms:spatial"
    assert "A, bv (organization:a) has “place” place:nl\n" in views.text(in_csv)


def test_text_leads_to_line_and_cell(in_csv: Report, in_workbook: Report) -> None:
    assert "\norganizations.csv:4:7 (E4): B (organization:b) at “source”\n" in views.text(in_csv)
    assert "\nx.xlsx (organizations!E4): B (organization:b) at “source”\n" in views.text(in_workbook)


def test_json_and_csv_have_fields_for_sheet_cell_and_header(in_workbook: Report) -> None:
    (found,) = (f for f in json.loads(views.as_json(in_workbook))["findings"] if f["rule"].endswith("S-source"))
    assert {name: found[name] for name in ("file", "line", "column", "sheet", "cell", "header")} == {
        "file": "x.xlsx", "line": 0, "column": 0, "sheet": "organizations", "cell": "E4", "header": "source",
    }  # fmt: skip
    header, *rows = csv.reader(io.StringIO(views.as_csv(in_workbook)))
    assert "E4" in {row[header.index("cell")] for row in rows}


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_pages_name_the_cell(in_csv: Report, in_workbook: Report, name: str) -> None:
    assert "organizations.csv:4:7 (E4)" in views.VIEWS[name](in_csv)
    assert "x.xlsx (organizations!E4)" in views.VIEWS[name](in_workbook)


def _location(report: Report) -> dict[str, Any]:
    (run,) = json.loads(views.VIEWS["sarif"](report))["runs"]
    (found,) = (result for result in run["results"] if result["ruleId"].endswith("S-source"))
    location: dict[str, Any] = found["locations"][0]
    return location


def test_sarif_has_a_region_for_lines_and_a_logical_location_for_cells(in_csv: Report, in_workbook: Report) -> None:
    lines, cells = _location(in_csv), _location(in_workbook)
    assert lines["physicalLocation"]["region"] == {"startLine": 4, "startColumn": 7}
    assert cells["physicalLocation"] == {"artifactLocation": {"uri": "x.xlsx"}}
    assert [place["fullyQualifiedName"] for place in lines["logicalLocations"]] == [
        "https://w3id.org/cfit/id/organization/b", "E4",
    ]  # fmt: skip
    assert cells["logicalLocations"][1] == {"name": "E4", "fullyQualifiedName": "organizations!E4", "kind": "cell"}


def test_junit_names_the_file_and_in_text_the_cell(in_csv: Report, in_workbook: Report) -> None:
    for report, where, line in (
        (in_csv, "organizations.csv:4:7 (E4)", "4"),
        (in_workbook, "x.xlsx (organizations!E4)", None),
    ):
        cases = ET.fromstring(views.VIEWS["junit"](report)).iter("testcase")
        (case,) = (case for case in cases if str(case.get("name")).endswith("S-source"))
        assert where in str(case.findtext("failure"))
        assert case.get("line") == line
        assert case.get("file") == where.partition(":")[0].partition(" ")[0]


def test_the_fingerprint_is_the_same_in_every_file(in_csv: Report, in_workbook: Report) -> None:
    first, second = ({found.fingerprint for found in report.findings} for report in (in_csv, in_workbook))
    assert first == second


def test_a_row_without_an_identifier_is_called_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text("id,name (en),source\n,Nameless,\n", "utf-8")
    (found,) = (found for found in _report(path).findings if found.rule.endswith("S-source"))
    assert "\norganizations.csv:2:11 (C2): Nameless (row 2) at “source”\n" in views.text(_report(path))
    assert found.focus == "https://w3id.org/cfit/id/organization/#organizations.csv:2"


@pytest.mark.parametrize("identifier", ["Groen P", "tco-development"])
def test_a_row_without_an_identifier_of_its_own_is_told_so_once(tmp_path: Path, identifier: str) -> None:
    path = tmp_path / "organizations.csv"
    row = ",A,NGO,Netherlands,cfit-home\n"
    path.write_text(f"id,name (en),stakeholder type,place,source\ntco-development{row}{identifier}{row}", "utf-8")
    at_identifier = [it.rule for it in release.validate(ROOT, [path]).findings if it.cell == "A3"]
    assert [rule.partition("#")[2][:4] for rule in at_identifier] == ["Row-"]


def test_a_note_below_the_rows_is_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text("id,name (en),stakeholder type,place,source\nLet op: nog doen,,,,\nB 1,B,,,\n", "utf-8")
    found = {it.cell: it.suggestion for it in release.validate(ROOT, [path]).findings if it.cell[0] == "A"}
    assert {cell: it.words for cell, it in found.items() if it} == {
        "A2": "if this is a note and no row, delete it; else give the row an identifier, such as let-op-nog-doen",
        "A3": "write b-1",
    }
    assert not any(it.edits for cell, it in found.items() if it and cell == "A2")


def test_an_empty_identifier_has_no_value_that_could_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("organizations.csv").write_text("id,name (nl)\n,Stichting X\n", "utf-8")
    assert cli.main(["validate", "organizations.csv", "--language", "nl"]) == 1
    assert "organizations.csv:2:1 (A2): Stichting X (rij 2) bij “id”\n" in capsys.readouterr().out


def test_a_record_is_called_by_its_name_in_a_column_of_addresses(tmp_path: Path) -> None:
    path = tmp_path / "organizations.csv"
    head, row = "id,name (en),stakeholder type,place,source,Wikidata or ROR\n", "NGO,Belgium,cfit-home"
    path.write_text(f"{head}a,A,{row},http://www.wikidata.org/entity/Q871765\n", "utf-8")
    told = [it.suggestion.words for it in release.validate(ROOT, [path]).findings if it.suggestion]
    assert len(told) == 1
    assert told[0].startswith("if both are one, keep ")
    assert "https://" not in told[0]


def test_what_is_missing_is_called_as_its_column_is(tmp_path: Path) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text("id,name (en),stakeholder type,place,source\na,A,,Netherlands,cfit-home\n", "utf-8")
    (found,) = (it.suggestion for it in release.validate(ROOT, [path]).findings if it.cell == "C2")
    assert found is not None
    assert found.words.startswith("add stakeholder type ")


def test_each_cell_of_a_row_with_the_same_error_is_told_and_mended_apart(tmp_path: Path) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text(
        "id,name (en),stakeholder type,place,source,note (en)\na,A,=#REF!,=#REF!,cfit-home,=#REF!\n", "utf-8"
    )
    found = [it for it in release.validate(ROOT, [path]).findings if it.rule.endswith("Row-unreadable")]
    assert {it.cell: it.value for it in found} == {"C2": "=#REF!", "D2": "=#REF! (D2)", "F2": "=#REF! (F2)"}
    edits = [(edit.cell, edit.old) for it in found if it.suggestion for edit in it.suggestion.edits]
    assert set(edits) == {(cell, "=#REF!") for cell in ("C2", "D2", "F2")}


def test_other_shapes_do_not_hide_what_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shapes.ttl").write_text("<http://example.org/S> a <http://www.w3.org/ns/shacl#NodeShape> .")
    (tmp_path / "organizations.csv").write_text("id,note (en)\nx,=A1\n", "utf-8")
    assert cli.main(["validate", "organizations.csv", "--shapes", "shapes.ttl"]) == 1
    assert "organizations.csv:2:3 (B2): organization:x has “note (en)” =A1" in capsys.readouterr().out


def test_turtle_is_validated_without_the_library_for_workbooks() -> None:
    code = (
        "import sys; from cfit_graph import cli; "
        "assert cli.main(['validate', 'data/contributions.ttl', '--shapes', 'shapes/contribution.ttl']) < 2; "
        "sys.exit('openpyxl' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["x.xlsx", "organizations.csv", "x.jsonld", "x.nt"])
def test_only_turtle_has_one_form(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff")
    assert cli.main(["fmt", str(tmp_path / name)]) == 2
    assert f"{name}: not Turtle (.ttl); no other format has one form" in capsys.readouterr().err


def test_a_column_that_is_not_there_leads_to_the_row(tmp_path: Path) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text("name (en),id\nX,x\n", "utf-8")
    assert {(found.cell, found.header) for found in _report(path).findings} == {("B2", "id")}


def test_an_emptied_kind_is_marked_in_its_cell(tmp_path: Path) -> None:
    rows: list[list[object]] = [["id", "kind"], ["electronics-watch-supporting", None]]
    found = release.validate(ROOT, [workbook(tmp_path / "x.xlsx", affiliations=rows)]).findings
    (kind,) = (it for it in found if it.rule.endswith("#AffiliationFamily"))
    assert (kind.sheet, kind.cell, kind.header) == ("affiliations", "B2", "kind")
    assert kind.message.endswith("Give it exactly one of these types.")


def _exported(path: Path, sheet: str, old: str, new: str) -> Path:
    """Write a workbook with all data, but for one identifier."""
    model = source.model(ROOT)
    for target, content in tables.write(tables.fill(source.facts(ROOT / "data"), model), model, path).items():
        target.write_bytes(content)
    book = openpyxl.load_workbook(path)
    (cell,) = (cell for cell in book[sheet]["A"] if cell.value == old)
    cell.value = new
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("sheet", "identifier", "rule", "header", "word"),
    [
        ("endorsements", "electronics-watch", "Instrument-endorsement", "document", "Name it there with “document”"),
        ("buyer-groups", "be-buyer-group-ict", "Homepage-shared", "website", "has the same homepage"),
        ("organizations", "electronics-watch", "Homepage-shared", "website", "has the same homepage"),
    ],
)
def test_what_a_row_causes_elsewhere_is_marked_in_its_cell(
    tmp_path: Path, sheet: str, identifier: str, rule: str, header: str, word: str
) -> None:
    path = _exported(tmp_path / "x.xlsx", sheet, identifier, f"{identifier}2")
    (found,) = (it for it in release.validate(ROOT, [path]).findings if it.rule.endswith(f"#{rule}"))
    assert (found.file, found.sheet, found.header) == (str(path), sheet, header)
    assert (
        openpyxl.load_workbook(path)[sheet][f"A{found.cell.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}"].value
        == f"{identifier}2"
    )
    assert word in found.message


@pytest.mark.parametrize("language", ["en", "nl"])
def test_columns_that_are_not_there_are_called_as_they_would_be(tmp_path: Path, language: str) -> None:
    path = tmp_path / "sources.csv"
    path.write_text("id,title,address\nnew,New,https://example.org/new\n", "utf-8")
    findings = release.validate(ROOT, [path], language=language).findings
    (found,) = (it for it in findings if it.rule.endswith("#Source-dated"))
    for header in ("published on", "read on", "read before"):
        assert f"“{header}”" in found.message


NAME = "Federal Ministry for Climate Action, Environment, Energy, Mobility, Innovation and Technology"


@pytest.mark.parametrize("name", ["aa-first", "zz-last"])
def test_a_duplicate_is_marked_at_what_the_rule_is_about(tmp_path: Path, name: str) -> None:
    organizations: list[list[object]] = [
        ["id", "name (en)", "place", "Wikidata or ROR"],
        [name, NAME, "at", "https://ror.org/04marky29"],
    ]
    rows: list[list[object]] = [
        ["id", "kind", "listed name (en)", "status", "role", "organization", "pact"],
        [name, "Support", "Electronics Watch", "active", "supporting", "electronics-watch", "cfit"],
    ]
    path = workbook(tmp_path / "x.xlsx", organizations=organizations, affiliations=rows)
    found = release.validate(ROOT, [path]).findings
    marked = {(it.rule.rpartition("#")[2], it.file, it.sheet, it.cell, it.header) for it in found}
    assert ("OutsideIdentifier-shared", str(path), "organizations", "D2", "Wikidata or ROR") in marked
    assert ("Affiliation-once", str(path), "affiliations", "A2", "id") in marked
