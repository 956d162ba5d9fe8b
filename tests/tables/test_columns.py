"""Tables and columns follow from the shapes, and cells mean what their columns are for."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import SH, URIRef

from cfit_graph import source
from cfit_graph.namespaces import SHAPES
from cfit_graph.tables import Facts, Model, Table, shapes
from cfit_graph.tables.columns import Address, Known, Text
from cfit_graph.tables.grid import letters
from cfit_graph.tables.names import Names, clean
from tests.conftest import ROOT
from tests.tables import iri, model, short

COLUMN = URIRef(SHAPES + "column")


def _table(name: str) -> Table:
    table = model().table(name)
    assert table is not None
    return table


def _read(table: str, header: str, text: str) -> list[str]:
    column = _table(table).column(header)
    assert column is not None
    return [short(column.reading.read(value, model().names)) for value in column.values(text)]


def test_the_tables_are_those_of_the_shapes_in_their_order() -> None:
    names = ["organizations", "affiliations", "endorsements", "documents", "buyer-groups", "sources"]
    assert [table.name for table in model().tables] == names


def test_every_column_of_the_shapes_is_in_a_table_and_described() -> None:
    graph = source.merge(map(source.read, source.files(ROOT / "shapes")))
    headers = {str(header) for header in graph.objects(predicate=COLUMN)}
    assert headers == {column.header for table in model().tables for column in table.columns}
    for shape in graph.subjects(COLUMN):
        assert graph.value(shape, SH.order) is not None, shape
        descriptions = list(graph.objects(shape, SH.description))
        assert descriptions, shape
        assert all(str(text).endswith(".") for text in descriptions), shape


def test_signs_that_nobody_sees_are_no_part_of_a_text() -> None:
    assert clean("\u200b \ufeffElectronics\u00a0 Watch\u200e \u2069") == "Electronics Watch"
    assert _read("organizations", "place", "\u200bSweden\u200e") == ["place:se"]


@pytest.mark.parametrize(
    ("table", "header", "text", "read"),
    [
        ("organizations", "place", "Oostenrijk", "place:at"),
        ("organizations", "place", "Royaume-Uni", "place:gb"),
        ("organizations", "confidence", "Hoog", "confidence:high"),
        ("affiliations", "status", "ehemalig", "status:former"),
    ],
)
def test_a_concept_is_known_by_its_name_in_any_language(table: str, header: str, text: str, read: str) -> None:
    assert _read(table, header, text) == [read]


def test_headers_of_a_table_differ() -> None:
    for table in model().tables:
        headers = [header.casefold() for header in table.headers()]
        assert len(headers) == len(set(headers)), table.name


def test_a_new_column_is_a_matter_of_shapes_alone() -> None:
    text = f"""
        @prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix shapes: <{SHAPES}> .
        ex:S a sh:NodeShape ; sh:targetClass ex:Ship ; shapes:table "ships" ; shapes:kind "event" ;
            sh:property ex:S-a , ex:S-b .
        ex:S-b sh:path ex:b ; sh:order 2 ; shapes:column "flag"@en ; sh:nodeKind sh:IRI ; sh:maxCount 1 .
        ex:S-a sh:path ex:a ; sh:order 1 ; shapes:column "crew"@en ; sh:datatype ex:Count ; sh:minCount 1 .
    """
    (table,) = shapes.model(Facts(ox.parse(text, format=ox.RdfFormat.TURTLE)), Facts([])).tables
    assert (table.name, table.kinds, list(table.headers())) == ("ships", ("event",), ["id", "crew", "flag"])
    crew, flag = table.columns
    assert (crew.reading, crew.required, crew.several) == (Text(datatype="http://example.org/Count"), True, True)
    assert (flag.reading, flag.required, flag.several) == (Address(), False, False)


@pytest.mark.parametrize(
    ("table", "header", "text", "terms"),
    [
        ("affiliations", "role", "co-leading", ["role:co-leading"]),
        ("affiliations", "ROLE", " Co-leading   Participant ", ["role:co-leading"]),
        ("affiliations", "role", "medeleidende deelnemer", ["role:co-leading"]),
        ("affiliations", "role", "co-leeding", ["role:co-leeding"]),
        ("affiliations", "role", "chief", ["role:chief"]),
        ("affiliations", "role", "Chief of all", ['"Chief of all"']),
        ("affiliations", "organization", "tco-development", ["organization:tco-development"]),
        ("affiliations", "organization", "TCO Development", ["organization:tco-development"]),
        ("affiliations", "organization", "organization:new", ["organization:new"]),
        ("affiliations", "organization", "https://w3id.org/cfit/id/organization/x", ["organization:x"]),
        ("affiliations", "pact", "cfit", ["pact:cfit"]),
        ("affiliations", "pact", "Circular and Fair ICT Pact", ["pact:cfit"]),
        ("affiliations", "pact", "nl-buyer-group-ict", ["buyer-group:nl-buyer-group-ict"]),
        ("affiliations", "pact", "no-such-pact", ['"no-such-pact"']),
        ("affiliations", "kind", "Participation", ["cfit:Participation"]),
        ("affiliations", "kind", "Membership", ['"Membership"']),
        ("affiliations", "start date", "2021-06-14", ['"2021-06-14"^^<http://www.w3.org/2001/XMLSchema#date>']),
        ("affiliations", "start date", "2021-06", ['"2021-06"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>']),
        ("affiliations", "start date", "2021", ['"2021"^^<http://www.w3.org/2001/XMLSchema#gYear>']),
        ("affiliations", "start date", "2021-02-30", ['"2021-02-30"^^<http://www.w3.org/2001/XMLSchema#date>']),
        ("affiliations", "start date", "14/06/2021", ['"14/06/2021"']),
        ("affiliations", "source", "cfit-home | pace-cfit||", ["source:cfit-home", "source:pace-cfit"]),
        ("affiliations", "note (NL)", "a | b", ['"a"@nl', '"b"@nl']),
        ("affiliations", "note", "a", ['"a"']),
        ("organizations", "name (en-GB)", "a | b", ['"a | b"@en-gb']),
        ("organizations", "kind", "body with standing in law", ["org:FormalOrganization"]),
        ("organizations", "place", "Netherlands", ["place:nl"]),
        ("organizations", "website", "https://example.org/a?b#c", ["https://example.org/a?b#c"]),
        ("organizations", "website", "www.example.org", ['"www.example.org"']),
        ("organizations", "website", "javascript:alert(1)", ['"javascript:alert(1)"']),
        ("organizations", "website", "https://[", ['"https://["']),
        ("organizations", "KVK number", "12345678", [f'"12345678"^^<{iri("cfit:KvkNumber")}>']),
        ("organizations", "LEI", "X|Y", ['"X|Y"']),
        ("endorsements", "document", "letter:tco-development", ["letter:tco-development"]),
        ("endorsements", "document", "letter:new-letter", ["letter:new-letter"]),
        ("endorsements", "document", "no-such-letter", ['"no-such-letter"']),
        ("sources", "identifier", "x", ['"x"']),
    ],
)
def test_a_cell_means_what_its_column_is_for(table: str, header: str, text: str, terms: list[str]) -> None:
    assert _read(table, header, text) == terms


@pytest.mark.parametrize("header", ["name", "name ()", "name (x)", "name (e_n)", "nam (en)", "KVK number (en)", ""])
def test_other_headers_are_unknown(header: str) -> None:
    assert _table("organizations").column(header) is None


@pytest.mark.parametrize(
    ("table", "text", "thing"),
    [
        ("organizations", "tco-development", "organization:tco-development"),
        ("organizations", "organization:tco-development", "organization:tco-development"),
        ("documents", "letter:tco-development", "letter:tco-development"),
        ("documents", "signature:x", "signature:x"),
    ],
)
def test_an_identifier_names_a_thing(table: str, text: str, thing: str) -> None:
    assert _table(table).thing(text) == iri(thing)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("organizations", "TCO Development"),
        ("organizations", "tco_development"),
        ("organizations", "-tco"),
        ("organizations", "café"),
        ("organizations", "letter:tco-development"),
        ("documents", "tco-development"),
        ("documents", "organization:x"),
        ("sources", ""),
    ],
)
def test_what_is_no_identifier_names_nothing(table: str, text: str) -> None:
    assert _table(table).thing(text) is None


def test_a_name_of_two_things_is_the_name_of_neither() -> None:
    names = Names()
    for thing in ("urn:x/a", "urn:x/b"):
        names.add(thing, ["urn:g"], ["Same"])
    assert names.find(["urn:g"], "same") is None
    assert names.find(["urn:g"], "A") == "urn:x/a"
    assert names.find(["urn:other"], "a") is None


def test_a_slug_comes_before_a_name() -> None:
    names = Names()
    names.add("urn:x/a", ["urn:g"], ["b"])
    names.add("urn:x/b", ["urn:g"], [])
    assert names.find(["urn:g"], "b") == "urn:x/b"


def test_a_concept_is_called_by_its_name_and_a_thing_by_its_slug() -> None:
    role, organization = (_table("affiliations").column(name) for name in ("role", "organization"))
    assert role is not None
    assert organization is not None
    assert role.write(ox.NamedNode(iri("role:co-leading")), model().names) == "co-leading participant"
    assert organization.write(ox.NamedNode(iri("organization:nl-ienw")), model().names) == "nl-ienw"
    assert role.write(ox.NamedNode("https://example.org/x"), model().names) == "https://example.org/x"


@pytest.mark.parametrize(
    ("header", "term"),
    [
        ("note (en)", ox.Literal("two  spaces", language="en")),
        ("note (en)", ox.Literal("a | b", language="en")),
        ("note (en)", ox.Literal("bell\x07", language="en")),
        ("note (en)", ox.Literal("e\u0301", language="en")),
        ("note (en)", ox.Literal("x", language="nl")),
        ("note (en)", ox.NamedNode("https://example.org/")),
        ("note (en)", ox.BlankNode("b")),
        ("start date", ox.Literal("2021", datatype=ox.NamedNode(iri("xsd:date")))),
        ("start date", ox.Literal("2021")),
        ("confidence", ox.NamedNode("urn:x")),
    ],
)
def test_what_a_cell_cannot_hold_is_not_written(header: str, term: ox.NamedNode) -> None:
    column = _table("affiliations").column(header)
    assert column is not None
    assert column.write(term, model().names) is None


@given(st.text(max_size=30))
def test_what_is_written_is_read_again(text: str) -> None:
    column = _table("affiliations").column("note (en)")
    assert column is not None
    term = ox.Literal(text, language="en")
    written = column.write(term, model().names)
    held = [clean(part) for part in text.split("|")] == [text] and not re.search(
        r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]", text
    )
    assert (written is not None) == (held and bool(text))
    if written is not None:
        assert [column.reading.read(value, model().names) for value in column.values(written)] == [term]


def test_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [letters(column) for column in (1, 26, 27, 52, 53, 702, 703, 16384)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD",
    ]  # fmt: skip


def test_a_model_without_tables_has_none() -> None:
    empty = shapes.model(Facts([]), Facts([]))
    assert empty == Model((), empty.names)
    assert empty.table("organizations") is None


def test_what_is_known_by_name_says_so() -> None:
    column = _table("affiliations").column("role")
    assert column is not None
    assert column.reading == Known((iri("scheme:role"),), (iri("role:"),), by_name=True)


def test_classes_in_a_circle_are_followed_once() -> None:
    table = '<urn:s> shapes:table "t" ; sh:targetClass <urn:a> .'
    circle = "<urn:a> rdfs:subClassOf <urn:b> . <urn:b> rdfs:subClassOf <urn:a> ."
    (found,) = shapes.model(*map(_facts, (table, circle))).tables
    assert found.broader == found.narrower == {"urn:a", "urn:b"}


def _facts(turtle: str) -> Facts:
    declared = "".join(f"@prefix {prefix}: <{iri(f'{prefix}:')}> .\n" for prefix in ("rdfs", "sh", "shapes"))
    return Facts(ox.parse(declared + turtle, format=ox.RdfFormat.TURTLE))
