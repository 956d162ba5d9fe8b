"""Tables hold what the graph says, and their metadata promise nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rdflib import ORG, Graph, Literal, URIRef

from cfit_graph.collection import COLLECTIONS, Collection, asking, table
from cfit_graph.errors import UsageError
from cfit_graph.namespaces import ID, NS
from cfit_graph.statements import Words
from tests import csvw
from tests.collection import CONTEXT, reader_of, reader_over

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.collection.reader import Reader
    from cfit_graph.store.embedded import EmbeddedStore

EVERY = pytest.mark.parametrize("of", COLLECTIONS.values(), ids=lambda of: of.name)
ORGANIZATIONS = COLLECTIONS["organizations"]


@pytest.fixture(scope="module")
def graph(store: EmbeddedStore) -> Graph:
    triples = b"".join(store.query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "application/n-triples"))
    return Graph().parse(data=triples, format="nt")


def _table(reader: Reader, of: Collection) -> tuple[str, dict[str, Any]]:
    shown = table.columns(of, reader.context, reader.literal_types(of))
    body = table.write(shown, reader.said(reader.iris(asking.Asked(of))))
    return body, table.metadata(f"{of.name}.csv", shown, {})


@EVERY
def test_a_table_says_only_what_the_graph_says(store: EmbeddedStore, graph: Graph, of: Collection) -> None:
    said = csvw.statements(*_table(reader_of(store), of))
    assert len(said) >= 5
    assert {triple for triple in said if triple not in graph} == set()


@EVERY
def test_a_table_has_every_item_and_every_value_of_its_fields(store: EmbeddedStore, of: Collection) -> None:
    reader = reader_of(store)
    iris = reader.iris(asking.Asked(of))
    cells = csvw.rows(*_table(reader, of))
    assert [row["id"] for row in cells] == list(iris)
    for row, (_, said) in zip(cells, reader.said(iris), strict=True):
        for name in of.fields:
            found = said.get(CONTEXT.terms[name].property, ())
            values = sorted(value.text if isinstance(value, Words) else value for value in found)
            assert sorted(_in_columns(row, name)) == values, (row["id"], name)


def _in_columns(row: csvw.Values, name: str) -> list[str]:
    cells = [cell for column, cell in row.items() if column == name or column.startswith(f"{name}_")]
    return [text for cell in cells for text in (cell if isinstance(cell, list) else [cell]) if text]


@EVERY
def test_the_metadata_are_whole(store: EmbeddedStore, of: Collection) -> None:
    _, metadata = _table(reader_of(store), of)
    schema = metadata["tableSchema"]
    assert metadata["@context"][0] == "http://www.w3.org/ns/csvw"
    assert metadata["url"] == f"{of.name}.csv"
    assert (schema["aboutUrl"], schema["primaryKey"]) == ("{+id}", "id")
    names = [column["name"] for column in schema["columns"]]
    assert len(set(names)) == len(names)
    for column in schema["columns"][1:]:
        assert column["propertyUrl"].startswith("http")
        assert column["name"].isidentifier()
        assert not ("valueUrl" in column and "separator" in column)  # a processor would make one IRI of several


def test_columns_are_the_same_whatever_is_asked_for(store: EmbeddedStore) -> None:
    reader = reader_of(store)
    titles = [column.title for column in table.columns(ORGANIZATIONS, CONTEXT, reader.literal_types(ORGANIZATIONS))]
    assert titles[:3] == ["type", "label", "prefLabel_en"]
    assert {"prefLabel_nl", "prefLabel_sl", "altLabel", "altLabel_fr", "stakeholderType", "source"} <= set(titles)
    nothing = [column.title for column in table.columns(ORGANIZATIONS, CONTEXT, {})]
    assert [title for title in titles if title in nothing] == nothing


def test_odd_texts_survive(tmp_path: Path) -> None:
    odd = ['a "quoted", one', "=1+1", "line\\nbreak", " spaced ", "tab\\t", "\\u00e9\\u4e2d"]
    names = ", ".join(f'"{text}"@en'.replace('"quoted"', '\\"quoted\\"') for text in odd)
    body, metadata = _table(reader_over(tmp_path, f"x:o a org:Organization ; skos:altLabel {names} ."), ORGANIZATIONS)
    (row,) = csvw.rows(body, metadata)
    assert set(row["altLabel_en"]) == {'a "quoted", one', "=1+1", "line\nbreak", " spaced ", "tab\t", "é中"}


def test_an_empty_table_has_its_header(tmp_path: Path) -> None:
    body, metadata = _table(reader_over(tmp_path, ""), ORGANIZATIONS)
    assert csvw.rows(body, metadata) == []
    assert body.startswith("id,type,label,prefLabel_en,")
    assert body.endswith("\r\n")


def test_tags_of_languages_are_in_titles(tmp_path: Path) -> None:
    turtle = 'x:o a org:Organization ; skos:prefLabel "A"@zh-Hant , "B" .'
    body, metadata = _table(reader_over(tmp_path, turtle), ORGANIZATIONS)
    described = {column["titles"]: column for column in metadata["tableSchema"]["columns"]}
    assert described["prefLabel_zh-hant"]["name"] == "prefLabel_zh_hant"
    assert described["prefLabel_zh-hant"]["lang"] == "zh-hant"
    assert "lang" not in described["prefLabel"]
    assert len(csvw.statements(body, metadata)) == 2


def test_identifiers_have_a_column_for_each_register(store: EmbeddedStore) -> None:
    body, metadata = _table(reader_of(store), ORGANIZATIONS)
    (row,) = (row for row in csvw.rows(body, metadata) if row["id"].endswith("/electronics-watch"))
    assert row["orgIdentifier_KvkNumber"] == ["62721445"]
    assert row["orgIdentifier_CrossrefFunderId"] == []
    kvk = Literal("62721445", datatype=f"{NS}KvkNumber")
    assert (URIRef(f"{ID}organization/electronics-watch"), ORG.identifier, kvk) in csvw.statements(body, metadata)


def test_identifiers_of_other_registers_and_of_none(tmp_path: Path) -> None:
    turtle = 'x:o a org:Organization ; org:identifier "1"^^x:Register , "2" , 3 .'
    body, metadata = _table(reader_over(tmp_path, turtle), ORGANIZATIONS)
    (row,) = csvw.rows(body, metadata)
    cells = {name: cell for name, cell in row.items() if name.startswith("orgIdentifier") and cell}
    assert sorted(cells.values()) == [["1"], ["2"], ["3"]]
    assert cells["orgIdentifier"] == ["2"]
    assert {str(value) for value in csvw.statements(body, metadata).objects(None, ORG.identifier)} == {"1", "2"}


UNFIT = [
    ("affiliations", "a cfit:Support ; org:role x:a , x:b", "org#role"),
    ("affiliations", 'a cfit:Support ; org:role "x"', "org#role"),
    ("organizations", 'a org:Organization ; skos:prefLabel "a"@en , "b"@en', "core#prefLabel"),
    ("organizations", 'a org:Organization ; skos:altLabel "a|b"@en', "core#altLabel"),
    ("organizations", "a org:Organization ; skos:altLabel 5", "core#altLabel"),
    ("sources", 'a cfit:Source ; dcterms:identifier "a" , "b"', "terms/identifier"),
    ("sources", "a cfit:Source ; dcterms:issued x:y", "terms/issued"),
]


@pytest.mark.parametrize(("name", "statement", "property_"), UNFIT, ids=str)
def test_what_a_cell_cannot_hold_is_refused(tmp_path: Path, name: str, statement: str, property_: str) -> None:
    reader = reader_over(tmp_path, f"x:o {statement} .")
    with pytest.raises(UsageError, match=rf"example\.org/o .*{property_}; take JSON"):
        _table(reader, COLLECTIONS[name])


def test_several_labels_show_the_english_one(tmp_path: Path) -> None:
    turtle = 'x:o a org:Organization ; rdfs:label "Aa"@de , "Zz"@en . x:p a org:Organization ; rdfs:label "B"@nl .'
    cells = csvw.rows(*_table(reader_over(tmp_path, turtle), ORGANIZATIONS))
    assert [row["label"] for row in cells] == ["Zz", "B"]
