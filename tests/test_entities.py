from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rdflib import Graph, URIRef

from cfit_graph import entities, search, texts
from cfit_graph.entities import Edition
from cfit_graph.errors import UnknownEntity
from cfit_graph.namespaces import ID
from cfit_graph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from pathlib import Path

WATCH = "organization/electronics-watch"
EDITION = Edition(release="2026-01-01.1", published="2026-01-01T12:00:00Z")


@pytest.fixture(scope="module")
def names(store: EmbeddedStore) -> dict[str, str]:
    return texts.PROPERTIES | entities.term_names(store)


def _page(store: EmbeddedStore, name: str, names: dict[str, str]) -> entities.Entity:
    return entities.read(entities.describe(store, name, EDITION), names)


def test_every_property_and_class_has_a_name_on_pages(store: EmbeddedStore, names: dict[str, str]) -> None:
    """In the published data; a prefixed name is for programs."""
    start = EDITION.thing("")
    things = [thing.removeprefix(start) for thing in search.read(store).things if thing.startswith(start)]
    assert len(things) > 200
    pages = [_page(store, name, names) for name in things]
    shown = {each.name for page in pages for each in (*page.properties, *page.evidence, *page.mentions)}
    shown |= {each.name for page in pages for record in page.records for each in record.properties}
    shown |= {kind for page in pages for kind in page.types}
    assert not sorted({value.text for value in shown if re.search(r"\w:\w", value.text)})


def test_a_description_tells_of_affiliation_evidence_and_document(store: EmbeddedStore) -> None:
    graph = Graph().parse(data=entities.describe(store, WATCH, EDITION).triples, format="nt")
    answers = graph.query(
        """PREFIX org: <http://www.w3.org/ns/org#> PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        ASK { ?affiliation org:member ?o ; org:role ?role ; dcterms:source ?source . ?source rdfs:label ?title .
              ?document foaf:primaryTopic ?o }""",
        initBindings={"o": URIRef(ID + WATCH)},
    )
    assert answers.askAnswer


def test_a_page_shows_names_types_records_and_sources(store: EmbeddedStore, names: dict[str, str]) -> None:
    page = _page(store, WATCH, names)
    assert page.title.text == "Electronics Watch"
    shown = {prop.name.text: [value.text for value in prop.values] for prop in page.properties}
    assert shown["stakeholder type"] == ["NGO", "monitoring body"]
    titles = {record.title.text for record in page.records}
    assert "Electronics Watch as supporting organization of Circular and Fair ICT Pact" in titles
    assert "Endorsement of Circular and Fair ICT Pact by Electronics Watch" in titles
    for record in page.records:
        assert any(prop.name.text == "source" for prop in record.properties), record.title


def test_the_page_of_an_affiliation_shows_the_act_that_established_it(
    store: EmbeddedStore, names: dict[str, str]
) -> None:
    page = _page(store, "affiliation/electronics-watch-supporting", names)
    act = "Endorsement of Circular and Fair ICT Pact by Electronics Watch"
    shown = {prop.name.text: [value.text for value in prop.values] for prop in page.properties}
    assert shown["established by"] == [act]
    (record,) = (record for record in page.records if record.title.text == act)
    assert {"announced on", "source"} <= {prop.name.text for prop in record.properties}


def test_values_carry_language_and_datatype(store: EmbeddedStore, names: dict[str, str]) -> None:
    page = _page(store, "organization/nl-ienw", names)
    values = [value for prop in page.properties for value in prop.values]
    assert {"nl", "en"} <= {value.language for value in values}
    assert "TOOI identifier" in {value.datatype for value in values}


def test_an_organization_without_an_english_name_shows_the_one_it_has(
    store: EmbeddedStore, names: dict[str, str]
) -> None:
    page = _page(store, "organization/at-bmluk", names)
    assert (page.title.language, page.title.text[:16]) == ("de", "Bundesministeriu")


def test_unknown_things_are_errors(store: EmbeddedStore) -> None:
    with pytest.raises(UnknownEntity, match="Nothing is known of"):
        entities.describe(store, WATCH + "x", EDITION)


def test_an_iri_cannot_break_out_of_the_query(store: EmbeddedStore) -> None:
    with pytest.raises(UnknownEntity, match="is not an IRI"):
        entities.describe(store, "x> } SELECT * { ?s ?p ?o } #", EDITION)


def test_a_node_without_an_address_is_told_once(tmp_path: Path, names: dict[str, str]) -> None:
    file = tmp_path / "mine.ttl"
    org = "<http://www.w3.org/ns/org#"
    said = f"[] a {org}Membership> ; {org}member> {{0}} . {{0}} a {org}Organization> ."
    file.write_text(said.format(f"<{ID}organization/acme>"), "utf-8")
    (mention,) = _page(EmbeddedStore([file]), "organization/acme", names).mentions
    assert len(mention.values) == 1


def test_a_membership_is_of_a_group_and_an_affiliation_of_a_pact(store: EmbeddedStore, names: dict[str, str]) -> None:
    membership, affiliation = "membership/cep-pace", "affiliation/electronics-watch-supporting"
    pages = {name: _page(store, name, names) for name in (membership, affiliation)}
    found = {name: {prop.name.text for prop in page.properties} for name, page in pages.items()}
    assert "group" in found[membership]
    assert "pact" not in found[membership]
    assert "pact" in found[affiliation]
