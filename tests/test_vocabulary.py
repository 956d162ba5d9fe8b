from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef

from cfit_graph import source, vocabulary
from cfit_graph.namespaces import NS, shorten
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.texts import RELATIONS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib.term import Node

    from cfit_graph.release import Release
    from cfit_graph.vocabulary import Term, Vocabulary

KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, RDFS.Datatype, SKOS.Concept)


@pytest.fixture(scope="module")
def read(store: EmbeddedStore) -> Vocabulary:
    return vocabulary.read(store)


@pytest.fixture(scope="module")
def graph(released: Release) -> Graph:
    return source.read(released.graph)


def _terms(read: Vocabulary) -> dict[str, Term]:
    return {term.iri: term for section in read.sections for term in section.terms}


def _uses(graph: Graph, term: Term) -> int:
    """Count the uses of a term without SPARQL."""
    node = URIRef(term.iri)
    if (node, RDF.type, OWL.Class) in graph:
        kinds = set(graph.transitive_subjects(RDFS.subClassOf, node))
        return len({thing for kind in kinds for thing in graph.subjects(RDF.type, kind)})
    if (node, RDF.type, RDFS.Datatype) in graph:
        return sum(isinstance(value, Literal) and value.datatype == node for _, _, value in graph)
    if (node, RDF.type, SKOS.Concept) in graph:
        return sum((subject, RDFS.isDefinedBy, None) not in graph for subject, _ in graph.subject_predicates(node))
    return sum(1 for _ in graph.subject_objects(node))


def test_every_term_of_the_ontology_is_read(read: Vocabulary) -> None:
    ontology = source.merge(map(source.read, source.files(ROOT / "ontology")))
    assert _terms(read).keys() == {str(term) for kind in KINDS for term in ontology.subjects(RDF.type, kind)}
    schemes = {section.iri for section in read.sections if section.iri}
    assert schemes == {str(scheme) for scheme in ontology.subjects(RDF.type, SKOS.ConceptScheme)}


def test_anchors_are_unique_and_terms_have_their_local_name(read: Vocabulary) -> None:
    anchors = [term.anchor for term in _terms(read).values()] + [section.anchor for section in read.sections]
    assert len(set(anchors)) == len(anchors)
    assert all(term.anchor == iri.removeprefix(NS) for iri, term in _terms(read).items() if iri.startswith(NS))


def test_terms_are_counted_right(read: Vocabulary, graph: Graph) -> None:
    wrong = {term.name: (term.uses, _uses(graph, term)) for term in _terms(read).values()}
    assert {name: counts for name, counts in wrong.items() if counts[0] != counts[1]} == {}


def test_every_used_class_property_and_datatype_has_an_example_from_the_graph(read: Vocabulary, graph: Graph) -> None:
    for term in _terms(read).values():
        if term.iri.startswith(NS):
            assert (term.example is not None) == (term.uses > 0), term.name
        if term.example is not None:
            subject, predicate = URIRef(term.example.subject.iri), URIRef(term.example.predicate.iri)
            values = {_written(value) for value in graph.objects(subject, predicate)}
            assert (term.example.value.iri or term.example.value.name) in values, term.name


def _written(value: Node) -> str:
    if not isinstance(value, Literal):
        return str(value)
    datatype = f"^^{shorten(str(value.datatype))}" if value.datatype else ""
    return Literal(str(value), lang=value.language).n3() + datatype


def test_examples_and_counts_are_the_same_each_time(read: Vocabulary, store: EmbeddedStore) -> None:
    again = vocabulary.read(store)
    assert (again.header, again.sections, again.reused) == (read.header, read.sections, read.reused)


def test_examples_are_of_what_is_described_best(read: Vocabulary) -> None:
    example = _terms(read)[NS + "Pact"].example
    assert example is not None
    assert (example.subject.name, example.predicate.name, example.value.name) == ("pact:cfit", "a", "cfit:Pact")


def test_labels_come_in_all_languages_english_first(read: Vocabulary) -> None:
    labels = _terms(read)[NS + "Participation"].labels
    assert [label.language for label in labels] == ["en", "de", "fr", "nl"]
    assert labels[1].text == "Teilnahme"


def test_links_go_both_ways(read: Vocabulary) -> None:
    terms = _terms(read)
    for iri, link, target in (
        ("Participation", "rdfs:subClassOf", "cfit:Affiliation"),
        ("Affiliation", "^rdfs:subClassOf", "cfit:Participation"),
        ("endorses", "schema:domainIncludes", "cfit:Endorsement"),
        ("Endorsement", "^schema:domainIncludes", "cfit:endorses"),
        ("Pact", "^schema:rangeIncludes", "cfit:endorses"),
    ):
        relations = {relation.name: relation.targets for relation in terms[NS + iri].relations}
        assert target in {found.name for found in relations[link]}, (iri, link)


def test_every_link_has_words(read: Vocabulary) -> None:
    assert {relation.name for term in _terms(read).values() for relation in term.relations} <= RELATIONS.keys()


def test_narrower_concepts_follow_their_broader_one(read: Vocabulary) -> None:
    (roles,) = (section for section in read.sections if section.iri.endswith("scheme/role"))
    names = [term.name for term in roles.terms]
    assert names.index("role:participant") < names.index("role:co-leading") < names.index("role:supporting")


def test_reused_terms_are_those_of_others(read: Vocabulary, graph: Graph) -> None:
    assert {reused.term.iri for reused in read.reused if reused.form == "property"} == {
        str(name) for name in set(graph.predicates()) if not str(name).startswith(NS)
    }
    assert read.datatypes[str(SKOS.prefLabel)] == ("rdf:langString",)


def test_other_data_have_no_vocabulary(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("<http://example.org/a> a <http://example.org/B> .\n", "utf-8")
    read = vocabulary.read(EmbeddedStore([path]))
    assert read.header == {}
    assert _terms(read) == {}


def test_a_scheme_that_is_not_finished_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    """It has neither name nor description, and each of two concepts stands above the other."""
    draft = tmp_path / "draft.ttl"
    draft.write_text(
        """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix role: <https://w3id.org/cfit/id/role/> .
        @prefix scheme: <https://w3id.org/cfit/id/scheme/> .
        scheme:role a skos:ConceptScheme ; rdfs:isDefinedBy <https://w3id.org/cfit/ns> .
        role:a skos:inScheme scheme:role ; skos:broader role:b ; rdfs:isDefinedBy <https://w3id.org/cfit/ns> .
        role:b skos:inScheme scheme:role ; skos:broader role:a ; rdfs:isDefinedBy <https://w3id.org/cfit/ns> .
        """,
        "utf-8",
    )
    *_, section = vocabulary.read(EmbeddedStore([draft])).sections
    assert (section.title, section.description) == ("scheme:role", "")
    assert [term.label for term in section.terms] == ["role:b", "role:a"]
