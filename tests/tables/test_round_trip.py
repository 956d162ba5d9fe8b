"""From the graph to tables and back: the same statements, and what tables cannot hold said."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph import files, source, tables
from cfit_graph.errors import SourceError
from cfit_graph.tables import writing
from cfit_graph.tables.columns import Address, Form, Known
from cfit_graph.tables.facts import Fact, Facts
from tests.conftest import ROOT
from tests.tables import iri, model, short

if TYPE_CHECKING:
    from cfit_graph.tables import Column, Filled, Table

TARGETS = ["members.xlsx", "csv"]


def _filled() -> tuple[Facts, Filled]:
    graph = source.facts(ROOT / "data")
    return graph, tables.fill(graph, model())


def _written(filled: Filled, target: Path) -> list[Path]:
    if not target.suffix:
        target.mkdir()
    contents = tables.write(filled, model(), target)
    files.create(contents)
    return list(contents)


def _read(paths: list[Path]) -> set[Fact]:
    return {said.fact for path in paths for row in tables.read(path, model()) for said in row.said}


@pytest.mark.parametrize("target", TARGETS)
def test_our_data_come_back_as_they_went(tmp_path: Path, target: str) -> None:
    graph, filled = _filled()
    every = {fact for about in graph.about.values() for fact in about}
    left = {*filled.left, *(fact for thing in filled.others for fact in graph.about[thing])}
    assert _read(_written(filled, tmp_path / target)) == every - left


def test_only_dated_names_are_left_out_of_the_rows() -> None:
    _, filled = _filled()
    assert {short(fact.predicate) for fact in filled.left} == {"skosxl:altLabel", "skosxl:prefLabel"}
    first, second = filled.summary()
    assert first.startswith("Left out of the rows: name in time ")
    assert "claim 31" in second
    assert "organization" not in second


def test_everything_of_a_table_has_its_row() -> None:
    graph, filled = _filled()
    for sheet in filled.sheets:
        expected = {thing for kind in sheet.table.narrower for thing in graph.having("rdf:type", ox.NamedNode(kind))}
        assert len(sheet.rows) == len(expected) > 0, sheet.table.name


def test_languages_in_use_have_columns_and_english_always() -> None:
    _, filled = _filled()
    headers = {sheet.table.name: [column.header for column in sheet.columns] for sheet in filled.sheets}
    assert [name for name in headers["organizations"] if name.startswith("name")][:3] == [
        "name (en)",
        "name (de)",
        "name (es)",
    ]
    assert [name for name in headers["endorsements"] if name.startswith("sign")] == ["signed on", "signatory (en)"]
    assert headers["sources"][:2] == ["title", "title (en)"]


ODD = """
@prefix cfit: <https://w3id.org/cfit/ns#> . @prefix org: <http://www.w3.org/ns/org#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix organization: <https://w3id.org/cfit/id/organization/> .
organization:a a org:Organization ; skos:prefLabel "A"@en , "B"@en , "plain" ;
    skos:editorialNote "x | y"@en , "two  words"@en ; cfit:confidence "high" , [] ; skos:altLabel "A1" , "A2" .
organization:b a org:FormalOrganization ; skos:prefLabel "B"@en .
<https://example.org/c> a org:Organization ; skos:prefLabel "C"@en .
organization:Ding a org:Organization .
"""


def test_what_no_cell_can_hold_is_left_out_and_said() -> None:
    graph = Facts(ox.parse(ODD, format=ox.RdfFormat.TURTLE))
    filled = tables.fill(graph, model())
    (row,) = filled.sheets[0].rows
    cells = {column.header: text for column, text in zip(filled.sheets[0].columns, row[1:], strict=True) if text}
    assert cells == {"name (en)": "A", "other name": "A1 | A2"}
    left = {
        (short(fact.predicate), fact.value.value) for fact in filled.left if not isinstance(fact.value, ox.BlankNode)
    }
    assert left == {("skos:prefLabel", "B"), ("skos:prefLabel", "plain"), ("skos:editorialNote", "x | y"),
                    ("skos:editorialNote", "two  words"), ("cfit:confidence", "high")}  # fmt: skip
    assert {thing.value.rpartition("/")[2] for thing in filled.others} == {
        "b",
        "c",
        "Ding",
    }  # b: its row would say more


def test_a_cell_that_would_be_too_long_is_cut_by_whole_values() -> None:
    notes = " , ".join(f'"{letter * 20_000}"@en' for letter in "ab")
    text = f"<{iri('organization:a')}> a <{iri('org:Organization')}> ; <{iri('skos:editorialNote')}> {notes} ."
    filled = tables.fill(Facts(ox.parse(text, format=ox.RdfFormat.TURTLE)), model())
    assert max(len(cell) for cell in filled.sheets[0].rows[0]) == 20_000
    assert len(filled.left) == 1


def _known(reading: Known) -> st.SearchStrategy[ox.NamedNode]:
    things = sorted({thing for group in reading.groups for thing in model().names.of(group)})
    minted = [space + slug for space in reading.namespaces for slug in ("new-1", "x")]
    return st.sampled_from([ox.NamedNode(thing) for thing in [*things, *minted, "https://example.org/other"]])


_days = st.dates().map(lambda day: day.isoformat())
_words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)


def _terms(column: Column) -> st.SearchStrategy[Any]:
    """Return values of the sort that a column is for; some of them no cell can hold."""
    if isinstance(column.reading, Known):
        return _known(column.reading)
    if isinstance(column.reading, Form):
        return st.tuples(_days, st.sampled_from([(10, "date"), (7, "gYearMonth"), (4, "gYear")])).map(
            lambda p: ox.Literal(p[0][: p[1][0]], datatype=ox.NamedNode(iri(f"xsd:{p[1][1]}")))
        )
    if isinstance(column.reading, Address):
        return st.sampled_from(["https://example.org/a?b=c#d", "http://example.org/é"]).map(ox.NamedNode)
    datatype = getattr(column.reading, "datatype", "")
    texts = st.one_of(
        _words, st.sampled_from(["=A1", "+1", "-x", "@y", "'z", "'=q", '"', "TRUE", "#N/A", "1E5", "007"])
    )
    if datatype:
        return texts.map(lambda text: ox.Literal(text, datatype=ox.NamedNode(datatype)))
    languages = st.sampled_from(["", *(["en", "nl", "sr-latn"] if column.languages else [])])
    return st.tuples(texts, languages).map(lambda p: ox.Literal(p[0], language=p[1]) if p[1] else ox.Literal(p[0]))


@st.composite
def _things(draw: st.DrawFn, table: Table) -> set[Fact]:
    """Return statements about a thing of a table, in which any column may have any number of values."""
    kind = draw(st.sampled_from(table.kinds))
    thing = ox.NamedNode(f"{iri('organization:').replace('organization/', '')}{kind}/{draw(st.sampled_from('abc'))}")
    found = {Fact(thing, ox.NamedNode(iri("rdf:type")), ox.NamedNode(table.kind_of_thing))}
    for column in draw(st.lists(st.sampled_from(table.columns), max_size=5)):
        if column.property != iri("rdf:type"):
            value = draw(_terms(column))
            found.add(Fact(thing, ox.NamedNode(column.property), value))
    return found


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_random_things_come_back_as_they_went(data: st.DataObject) -> None:
    drawn = set[Fact]()
    for table in model().tables:
        drawn |= set[Fact]().union(*data.draw(st.lists(_things(table), max_size=2)))
    graph = Facts(ox.Quad(*fact) for fact in drawn)
    filled = tables.fill(graph, model())
    left = {*filled.left, *(fact for thing in filled.others for fact in graph.about[thing])}
    target = data.draw(st.sampled_from(TARGETS))
    with tempfile.TemporaryDirectory() as folder:
        paths = _written(filled, Path(folder) / target)
        again = _read(paths) if any(sheet.rows for sheet in filled.sheets) or target == "csv" else set()
    assert again == drawn - left
    for fact in filled.left:
        shown = [
            column for table in model().tables for column in table.columns if column.property == fact.predicate.value
        ]
        held = [column.write(fact.value, model().names) for column in shown if column.several]
        assert not any(held) or not isinstance(fact.value, ox.Literal) or fact.value.language, fact


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_overwritten(tmp_path: Path, target: str) -> None:
    _, filled = _filled()
    path, *_ = _written(filled, tmp_path / target)
    before = path.read_bytes()
    with pytest.raises(SourceError, match="exists already; nothing is overwritten"):
        files.create(tables.write(filled, model(), tmp_path / target))
    assert path.read_bytes() == before


def test_no_half_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        if "sources" in path.name:
            raise OSError(28, "No space left on device")
        return len(content)

    monkeypatch.setattr(Path, "write_bytes", full)
    (tmp_path / "csv").mkdir()
    _, filled = _filled()
    with pytest.raises(SourceError, match=r"sources\.csv: No space left on device"):
        files.create(tables.write(filled, model(), tmp_path / "csv"))
    assert list((tmp_path / "csv").iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    _, filled = _filled()
    with pytest.raises(SourceError, match=r"organizations\.csv: No such file or directory"):
        files.create(tables.write(filled, model(), tmp_path / "none"))


def test_no_cell_of_a_csv_file_is_a_formula() -> None:
    text = f"""<{iri("organization:a")}> a <{iri("org:Organization")}> ;
        <{iri("skos:editorialNote")}> "=1+1"@en ; <{iri("skos:altLabel")}> "+x"@en , "@y"@nl , "-z" , "'=w"@de ."""
    filled = tables.fill(Facts(ox.parse(text, format=ox.RdfFormat.TURTLE)), model())
    cells = [cell for row in csv.reader(io.StringIO(writing.csv_text(filled.sheets[0]))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert {"'=1+1", "'+x", "'@y", "'-z", "''=w"} <= {*cells}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    (path,) = _written(_filled()[1], tmp_path_factory.mktemp("book") / "members.xlsx")
    return openpyxl.load_workbook(path)


def test_the_workbook_has_a_sheet_for_each_table_help_and_hidden_lists(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [*(table.name for table in model().tables), "help", "lists"]
    assert book["lists"].sheet_state == "hidden"


def test_headers_are_frozen_and_explained_and_say_what_is_required(book: openpyxl.Workbook) -> None:
    for table in model().tables:
        page = book[table.name]
        assert page.freeze_panes == "B2"
        for cell in page[1]:
            column = table.column(str(cell.value))
            assert (column.description if column else table.description) in cell.comment.text
            assert ("Required." in cell.comment.text) == bool(column and column.required)
            assert ("put | between them" in cell.comment.text) == bool(column and column.several)


def test_identifiers_are_locked_and_everything_else_is_open(book: openpyxl.Workbook) -> None:
    for table in model().tables:
        page = book[table.name]
        assert page.protection.sheet
        assert page.protection.password is None
        assert {page.protection.insertRows, page.protection.formatColumns, page.protection.sort} == {False}
        assert all(cell.protection.locked == (cell.column == 1) for row in page.iter_rows(min_row=2) for cell in row)
        assert not page.column_dimensions["A"].protection.locked  # for new rows


def test_cells_are_text_so_that_dates_stay_as_typed(book: openpyxl.Workbook) -> None:
    page = book["affiliations"]
    assert {cell.number_format for row in page.iter_rows(min_row=2) for cell in row if cell.value} == {"@"}
    assert {page.column_dimensions[cell.column_letter].number_format for cell in page[1]} == {"@"}
    assert {type(cell.value) for row in page.iter_rows() for cell in row} == {str, type(None)}


def _choices(book: openpyxl.Workbook, sheet: str, header: str) -> list[str]:
    page = book[sheet]
    (letter,) = (cell.column_letter for cell in page[1] if cell.value == header)
    (found,) = (rule for rule in page.data_validations.dataValidation if str(rule.sqref).startswith(f"{letter}2:"))
    place, _, cells = found.formula1.replace("$", "").replace("'", "").partition("!")
    return [cell.value for row in book[place][cells] for cell in row if cell.value is not None]


def test_concepts_and_things_are_chosen_from_lists(book: openpyxl.Workbook) -> None:
    assert _choices(book, "affiliations", "role") == [
        "co-leading participant", "coordinating participant", "participant", "procuring participant",
        "supporting organization",
    ]  # fmt: skip
    assert _choices(book, "affiliations", "kind") == ["participation", "support"]
    assert "tco-development" in _choices(book, "affiliations", "organization")
    assert "letter:tco-development" in _choices(book, "endorsements", "document")
    assert "cfit" in _choices(book, "endorsements", "pact")


def test_what_is_to_choose_can_be_read(book: openpyxl.Workbook) -> None:
    for table in model().tables:
        for column in table.columns:
            if isinstance(column.reading, Known):
                for text in _choices(book, table.name, column.header):
                    assert isinstance(column.reading.read(text, model().names), ox.NamedNode), (column.header, text)


def test_an_empty_workbook_has_headers_and_choices(tmp_path: Path) -> None:
    filled = tables.fill(Facts([]), model())
    (path,) = _written(filled, tmp_path / "empty.xlsx")
    empty = openpyxl.load_workbook(path)
    assert [cell.value for cell in empty["affiliations"][1]][:4] == ["id", "kind", "organization", "pact"]
    assert "active" in _choices(empty, "affiliations", "status")
    assert source.rows(path, ROOT) == []


def test_the_help_sheet_explains_every_column(book: openpyxl.Workbook) -> None:
    rows = [[cell.value for cell in row] for row in book["help"].iter_rows()]
    explained = {(row[0], row[1]) for row in rows[1:]}
    assert explained == {(table.name, cell.value) for table in model().tables for cell in book[table.name][1]}
    assert all(row[4] for row in rows)
