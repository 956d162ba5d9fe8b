"""From rows to statements: what a row says, what it has the say on, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from cfit_graph import source, tables
from cfit_graph.errors import SourceError
from tests.conftest import ROOT
from tests.tables import iri, said, workbook

if TYPE_CHECKING:
    from pathlib import Path

TYPE = ("rdf:type", "org:Organization")


def _csv(folder: Path, text: str, name: str = "organizations.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_an_empty_cell_says_nothing(tmp_path: Path) -> None:
    assert said(_csv(tmp_path, "id,name (en),place,note\nx,,  ,\n")) == {"x": {TYPE}}


def test_a_row_without_any_content_is_none(tmp_path: Path) -> None:
    assert said(_csv(tmp_path, "id,name (en)\n,\nx,X\n ,\n")) == {"x": {TYPE, ("skos:prefLabel", '"X"@en')}}


def test_a_table_may_have_no_rows(tmp_path: Path) -> None:
    assert said(_csv(tmp_path, "id,name (en)\n")) == {}


@pytest.mark.parametrize(
    ("table", "kind", "types"),
    [
        ("organizations", "", {"org:Organization"}),
        ("organizations", "body with standing in law", {"org:Organization", "org:FormalOrganization"}),
        ("affiliations", "", {"cfit:Affiliation"}),
        ("affiliations", "participation", {"cfit:Participation"}),
        ("affiliations", "participation | support", {"cfit:Participation", "cfit:Support"}),
    ],
)
def test_a_thing_is_of_the_class_of_its_table_or_of_one_narrower(
    tmp_path: Path, table: str, kind: str, types: set[str]
) -> None:
    ((about),) = said(_csv(tmp_path, f"id,kind\nx,{kind}\n", f"{table}.csv")).values()
    assert {value for name, value in about if name == "rdf:type"} == types


def test_things_of_the_same_file_may_be_called_by_name_wherever_they_stand(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "x.xlsx",
        affiliations=[["id", "organization"], ["a", "Brand New"]],
        organizations=[["id", "name (en)", "name (nl)"], ["brand-new", "Brand New", "Gloednieuw"]],
    )
    assert ("org:member", "organization:brand-new") in said(path)["a"]


def test_what_cannot_be_read_is_stated_for_the_rules_to_report(tmp_path: Path) -> None:
    path = _csv(tmp_path, "id,kind,note\nx,ship,=A1\nx,,y\nBad Id,,z\n,,w\n=A9,,v\n")
    found = said(path)
    assert found["x"] == {TYPE, ("shapes:unknownKind", '"ship"'), ("shapes:unreadable", '"=A1"')}
    others = [about for name, about in found.items() if name != "x"]
    assert [about - {TYPE} for about in others] == [
        {("shapes:repeated", '"x"'), ("skos:editorialNote", '"y"')},
        {("shapes:unnamed", '"Bad Id"'), ("skos:editorialNote", '"z"')},
        {("shapes:unnamed", '"row 5"'), ("skos:editorialNote", '"w"')},
        {("shapes:unnamed", '"=A9"'), ("skos:editorialNote", '"v"')},
    ]


@pytest.mark.parametrize(
    ("text", "places", "reason"),
    [
        ("name (en)\nx\n", "A1", "there is no column “id”"),
        ("id,nmae (en)\nx,y\n", "B1", "perhaps “name (en)” is meant"),
        ("id,statsu\nx,y\n", "B1", "there is no column “statsu” in organizations"),
        ("id,zzz\nx,y\n", "B1", "there are id, kind, name (en), "),
        ("id,name (en), NAME  (EN)\nx,y,z\n", "C1", "a second column “NAME (EN)”; put both into one"),
        ("id,name (en),\nx,y,z\n", "C2", "this column has no header"),
        ("id,name (Dutch)\nx,y\n", "B1", "a language is called by its code, as in “name (nl)”"),
        ("id,=B9\nx,y\n", "B1", "=B9 is a formula or an error; write the header itself"),
        ("id,a,b\nx,y,z\n", "B1", "there is no column “a” in organizations; there are"),
    ],
)
def test_headers_that_are_unknown_missing_or_there_twice_are_refused(
    tmp_path: Path, text: str, places: str, reason: str
) -> None:
    with pytest.raises(SourceError) as caught:
        said(_csv(tmp_path, text))
    assert caught.value.cell == places
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    "text",
    ["electronics-watch,Electronics Watch,NL\nb,B,C\n", "electronics-watch;E, W;NL\nb;B, C;D\n", "Naam,Plaats\nx,y\n"],
)
def test_a_first_row_without_any_name_of_a_column_is_told_once(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError) as caught:
        said(_csv(tmp_path, text))
    assert (caught.value.line, caught.value.column, caught.value.cell) == (1, 1, "A1")
    told = caught.value.reason
    assert told.startswith(
        "the first row has none of the names of the columns, which belong there: id, kind, name (en), "
    )
    assert told.count("KVK number") == 1


def test_headers_below_a_title_are_told_once(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", organizations=[["Our members"], [], ["id", "kind"], ["x", "y"]])
    with pytest.raises(SourceError) as caught:
        said(path)
    assert caught.value.cell == "organizations!A3"
    assert caught.value.reason == "the headers are in this row, and belong in the first; take out what is above"


def test_all_that_is_wrong_with_headers_is_said_at_once(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", organizations=[["id", "a"], ["x"]], sources=[["title"], ["y", "z"]])
    with pytest.raises(SourceError) as caught:
        said(path)
    text = str(caught.value)
    for part in ("(organizations!B1): there is no column “a”", "; sources!A1: there is no column “id”",
                 "; sources!B2: this column has no header"):  # fmt: skip
        assert part in text


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("organisations.csv", "perhaps organizations.csv is meant"),
        ("organizations (1).csv", "perhaps organizations.csv is meant"),
        ("x.csv", "there are organizations, affiliations, endorsements, documents, buyer-groups, sources"),
    ],
)
def test_a_csv_file_is_named_after_its_table(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(SourceError, match="a CSV file is named after its table") as caught:
        said(_csv(tmp_path, "id\n", name))
    assert reason in caught.value.reason


def test_names_of_files_and_sheets_may_be_in_capitals(tmp_path: Path) -> None:
    assert said(_csv(tmp_path, "ID\nx\n", "Organizations.CSV")) == {"x": {TYPE}}
    assert said(workbook(tmp_path / "x.xlsx", Organizations=[["ID"], ["x"]])) == {"x": {TYPE}}


@pytest.mark.parametrize(
    ("predicate", "value", "spoken"),
    [
        ("skos:prefLabel", ox.Literal("Old", language="en"), True),
        ("skos:prefLabel", ox.Literal("Oud", language="nl"), False),
        ("skos:altLabel", ox.Literal("X"), False),
        ("dcterms:spatial", ox.NamedNode("https://example.org/old"), True),
        ("dcterms:spatial", ox.NamedNode("urn:old"), False),
        ("dcterms:spatial", ox.BlankNode(), False),
        ("skos:prefLabel", ox.Literal("Two  spaces", language="en"), False),
        ("cfit:confidence", ox.NamedNode("urn:old"), False),
        ("org:identifier", ox.Literal("1", datatype=ox.NamedNode(iri("cfit:KvkNumber"))), True),
        ("org:identifier", ox.Literal("1", datatype=ox.NamedNode(iri("cfit:CrossrefFunderId"))), False),
        ("rdf:type", ox.NamedNode("urn:old"), False),
    ],
)
def test_a_row_has_the_say_on_what_it_has_columns_for(
    tmp_path: Path, predicate: str, value: ox.Literal | ox.NamedNode | ox.BlankNode, spoken: bool
) -> None:
    path = _csv(tmp_path, "id,name (en),place,KVK number\nx,,,\n")
    rows = source.rows(path, ROOT)
    old = ox.Quad(ox.NamedNode(iri("organization:x")), ox.NamedNode(iri(predicate)), value)
    other = ox.Quad(ox.NamedNode(iri("organization:y")), ox.NamedNode(iri(predicate)), value)
    assert list(tables.without([old, other], rows)) == ([other] if spoken else [old, other])


def test_a_row_does_not_deny_that_a_thing_is_of_the_class_of_its_table(tmp_path: Path) -> None:
    rows = source.rows(_csv(tmp_path, "id,kind\nx,participation\n", "affiliations.csv"), ROOT)
    thing, kind = ox.NamedNode(iri("affiliation:x")), ox.NamedNode(iri("rdf:type"))
    old = [ox.Quad(thing, kind, ox.NamedNode(iri(name))) for name in ("cfit:Affiliation", "cfit:Support")]
    assert list(tables.without(old, rows)) == old[:1]


def test_statements_know_their_cells(tmp_path: Path) -> None:
    path = _csv(tmp_path, 'id;name (en);source\n"x";"X";cfit-home|pace-cfit\n')
    (row,) = source.rows(path, ROOT)
    places = {
        (item.fact.predicate.value.rpartition("/")[2], item.cell.name, item.cell.line_column) for item in row.said
    }
    assert places == {("22-rdf-syntax-ns#type", "A2", 1), ("core#prefLabel", "B2", 5), ("source", "C2", 9)}
