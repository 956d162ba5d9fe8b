"""JSON expands to the statements it was made from, whatever they are; ours are plain and in order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, BNode, Graph, Literal, URIRef

from cfit_graph.namespaces import CONTEXT as ADDRESS
from cfit_graph.namespaces import NS, VOCABULARIES
from cfit_graph.statements import of_result
from tests.collection import CONTEXT
from tests.conftest import ROOT
from tests.jsonld import statements

if TYPE_CHECKING:
    from rdflib.term import Identifier

    from cfit_graph.statements import Node

ITEM = "https://w3id.org/cfit/id/organization/x"
XSD = VOCABULARIES["xsd"]
SKOS = VOCABULARIES["skos"]
SCHEMA = VOCABULARIES["schema"]


def _said(*pairs: tuple[str, Identifier]) -> dict[str, list[Node]]:
    """Return what is said, read from the form of SPARQL results."""
    said: dict[str, list[Node]] = {}
    for prop, term in dict.fromkeys(pairs):
        said.setdefault(prop, []).append(of_result(_term(term)))
    return said


def _term(term: Identifier) -> dict[str, str]:
    if not isinstance(term, Literal):
        return {"type": "bnode" if isinstance(term, BNode) else "uri", "value": str(term)}
    more = {"xml:lang": term.language, "datatype": str(term.datatype) if term.datatype else None}
    return {"type": "literal", "value": str(term)} | {name: value for name, value in more.items() if value}


def _graph(*pairs: tuple[str, Identifier]) -> set[Any]:
    """Return statements as a graph parsed from text, as the expanded ones are."""
    text = "".join(f"<{ITEM}> <{prop}> {term.n3()} .\n" for prop, term in pairs)
    return set(Graph().parse(data=text, format="nt"))


def _expanded(*pairs: tuple[str, Identifier]) -> set[Any]:
    return set(statements({"@context": ADDRESS} | CONTEXT.node(ITEM, _said(*pairs))))


PLAIN: list[tuple[str, Identifier, str, Any]] = [
    (SKOS + "prefLabel", Literal("Grün", lang="de"), "prefLabel", {"de": "Grün"}),
    (SKOS + "altLabel", Literal("EW", lang="en"), "altLabel", {"en": ["EW"]}),
    (SKOS + "altLabel", Literal("EW"), "altLabel", {"@none": ["EW"]}),
    (NS + "stakeholderType", URIRef("http://x/t"), "stakeholderType", ["http://x/t"]),
    (VOCABULARIES["org"] + "role", URIRef("http://x/r"), "role", "http://x/r"),
    (VOCABULARIES["org"] + "organization", URIRef("http://x/p"), "pact", "http://x/p"),
    (SCHEMA + "startDate", Literal("2023-07-26", datatype=URIRef(XSD + "date")), "startDate", "2023-07-26"),
    (
        *(SCHEMA + "startDate", Literal("2023", datatype=URIRef(XSD + "gYear")), "startDate"),
        {"@value": "2023", "@type": "xsd:gYear"},
    ),
    (
        *(VOCABULARIES["org"] + "identifier", Literal("62721445", datatype=URIRef(NS + "KvkNumber")), "orgIdentifier"),
        [{"@value": "62721445", "@type": "KvkNumber"}],
    ),
    (VOCABULARIES["dcterms"] + "identifier", Literal("x"), "identifier", "x"),
    (str(RDF.type), URIRef(VOCABULARIES["org"] + "Organization"), "type", ["Organization"]),
    (str(RDF.type), URIRef("http://example.org/C"), "type", ["http://example.org/C"]),
]


@pytest.mark.parametrize(("prop", "term", "name", "value"), PLAIN)
def test_what_the_context_foresees_is_plain(prop: str, term: Identifier, name: str, value: Any) -> None:
    assert CONTEXT.node(ITEM, _said((prop, term))) == {"id": ITEM, name: value}
    assert _expanded((prop, term)) == _graph((prop, term))


ODD: list[tuple[tuple[str, Identifier], ...]] = [
    ((SKOS + "prefLabel", URIRef("http://x/l")),),
    (
        (SKOS + "prefLabel", Literal("5", datatype=URIRef(XSD + "integer"))),
        (SKOS + "prefLabel", Literal("a", lang="en")),
    ),
    ((SKOS + "prefLabel", Literal("a", lang="en")), (SKOS + "prefLabel", Literal("b", lang="en"))),
    ((NS + "stakeholderType", Literal("http://x/t")),),
    ((NS + "stakeholderType", Literal("ngo", lang="en")), (NS + "stakeholderType", URIRef("http://x/t"))),
    ((VOCABULARIES["org"] + "role", URIRef("http://x/r")), (VOCABULARIES["org"] + "role", URIRef("http://x/s"))),
    ((SCHEMA + "startDate", Literal("2023")), (SCHEMA + "startDate", Literal("2023", lang="en"))),
    ((VOCABULARIES["dcterms"] + "identifier", URIRef("http://x/i")),),
    ((str(RDF.type), Literal("x")), (str(RDF.type), URIRef("http://x/C"))),
    (("http://example.org/p", Literal("x", lang="nl")), ("http://example.org/p", URIRef("http://x/o"))),
    (("urn:x:p", Literal("1", datatype=URIRef("http://example.org/d"))),),
    ((NS + "//odd", Literal("x")),),
    ((NS, Literal("x")),),
]


@pytest.mark.parametrize("pairs", ODD)
def test_nothing_else_is_lost(pairs: tuple[tuple[str, Identifier], ...]) -> None:
    assert _expanded(*pairs) == _graph(*pairs)


PROPERTIES = st.sampled_from([term.property for term in CONTEXT.terms.values()] + ["http://example.org/p"])
LANGUAGES = st.sampled_from(["en", "de", "nl-be"])
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
TERMS: st.SearchStrategy[Identifier] = st.one_of(
    st.sampled_from(["http://example.org/a", NS + "Pact", ITEM]).map(URIRef),
    st.builds(Literal, TEXTS),
    st.builds(lambda text, language: Literal(text, lang=language), TEXTS, LANGUAGES),
    st.builds(
        lambda text, datatype: Literal(text, datatype=URIRef(datatype), normalize=False),
        TEXTS,
        st.sampled_from([XSD + "gYear", NS + "KvkNumber", "http://example.org/d"]),
    ),
)


@settings(max_examples=150)
@given(st.lists(st.tuples(PROPERTIES, TERMS), max_size=6))
def test_any_statements_come_back(pairs: list[tuple[str, Identifier]]) -> None:
    assert _expanded(*pairs) == _graph(*pairs)


def test_members_are_in_order_and_so_are_values() -> None:
    said = _said(
        (SKOS + "altLabel", Literal("b", lang="nl")),
        (SKOS + "altLabel", Literal("c", lang="en")),
        (SKOS + "altLabel", Literal("a", lang="en")),
        (VOCABULARIES["dcterms"] + "source", URIRef("http://x/2")),
        (VOCABULARIES["dcterms"] + "source", URIRef("http://x/1")),
        (NS + "confidence", URIRef("http://x/c")),
        (str(RDF.type), URIRef(VOCABULARIES["org"] + "Organization")),
    )
    node = CONTEXT.node(ITEM, said, ("source", "prefLabel"), affiliations=[])
    assert list(node) == ["id", "type", "source", "altLabel", "confidence", "affiliations"]
    assert node["source"] == ["http://x/1", "http://x/2"]
    assert json.dumps(node["altLabel"]) == '{"en": ["a", "c"], "nl": ["b"]}'


def test_what_is_nested_takes_the_place_of_its_iri() -> None:
    name = VOCABULARIES["skosxl"] + "altLabel"
    said = _said((name, URIRef("http://x/n")), (NS + "zz", Literal("x")))
    node = CONTEXT.node(ITEM, said, skosxlAltLabel=[{"id": "http://x/n"}])
    assert list(node) == ["id", "cfit:zz", "skosxlAltLabel"]
    assert node["skosxlAltLabel"] == [{"id": "http://x/n"}]


def test_every_term_of_the_context_is_read_as_it_is_written() -> None:
    written = json.loads((ROOT / "ontology" / "context.jsonld").read_text("utf-8"))["@context"]
    assert len(CONTEXT.terms) > 100
    for name, term in CONTEXT.terms.items():
        definition = written[name] if isinstance(written[name], dict) else {"@id": written[name]}
        assert term.property == CONTEXT.expand(definition["@id"])
        assert term.is_set == ("@set" in definition.get("@container", ""))
        assert term.is_by_language == ("@language" in definition.get("@container", ""))
        assert (term.coercion == "@id") == (definition.get("@type") == "@id")
