"""The ontology as a whole: no contradiction, by a reasoner; its own shapes; and what no shape can say of it."""

from __future__ import annotations

import io
import os
import re
import shutil
from functools import cache

import owlready2  # type: ignore[import-untyped]
import pytest
from rdflib import FOAF, OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import ORG

from cfit_graph import source, validation
from cfit_graph.namespaces import ID, NS
from tests.conftest import ROOT

AXIOMS = ROOT / "tests" / "ontology" / "external-axioms.ttl"
CONTRADICTIONS = {
    "participation and support": "<urn:x> a cfit:Participation , cfit:Support .",
    "affiliation and group membership": "<urn:x> a cfit:Participation , cfit:GroupMembership .",
    "endorsement and its letter": "<urn:x> a cfit:Endorsement ; cfit:producesInstrument <urn:x> .",
    "letter and pact signature": "<urn:x> a cfit:LetterOfSupport , cfit:PactSignature .",
    "matter and claim": "<urn:x> a cfit:Matter , cfit:Claim .",
    "two members of one membership": "<urn:x> org:member <urn:a> , <urn:b> . <urn:a> owl:differentFrom <urn:b> .",
    "two groups of one membership": "<urn:x> org:organization <urn:a> , <urn:b> . <urn:a> owl:differentFrom <urn:b> .",
    "organization and role": "<urn:x> a org:Organization , org:Role .",
    "concept as scheme": "<urn:x> a skos:Concept . <urn:y> skos:inScheme <urn:x> .",
    "change event as source": "<urn:x> a org:ChangeEvent , cfit:Source .",
    "activity derived from a source": "<urn:x> a cfit:Endorsement ; prov:wasDerivedFrom <urn:y> .",
    "pact established by a document": "<urn:x> cfit:establishedBy <urn:y> . <urn:y> a cfit:LetterOfSupport .",
}
PREFIXES = """
@prefix cfit: <https://w3id.org/cfit/ns#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@pytest.fixture(autouse=True)
def java() -> None:
    """HermiT runs on Java. Without it there is nothing to prove, but continuous integration must prove it."""
    if shutil.which("java") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Java; .ci/run should have installed it")
        pytest.skip("no Java on this machine, which the reasoner HermiT needs")


@cache
def _ontology() -> Graph:
    return source.merge(map(source.read, source.files(ROOT / "ontology")))


@cache
def _terms() -> Graph:
    return source.read(ROOT / "ontology" / "cfit.ttl")


@cache
def _everything() -> Graph:
    return source.merge([_ontology(), *map(source.read, source.files(ROOT / "data"))])


def _consistent(*graphs: Graph) -> bool:
    """Tell whether HermiT finds the union of ``graphs`` and of the external axioms free of contradiction.

    Literals lose their datatypes first: HermiT refuses xsd:date, xsd:gYear and datatypes it has never heard of, and no
    axiom speaks of values anyway; shapes judge those.
    """
    plain = Graph()
    for subject, predicate, value in source.merge([source.read(AXIOMS), *graphs]):
        plain.add((subject, predicate, Literal(str(value)) if isinstance(value, Literal) else value))
    world = owlready2.World()
    content = io.BytesIO(plain.serialize(format="nt", encoding="utf-8"))
    ontology = world.get_ontology("http://example.org/all#").load(fileobj=content)
    try:
        with ontology:
            owlready2.sync_reasoner_hermit(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return False
    return not list(world.inconsistent_classes())


def _apart(data: Graph) -> Graph:
    """Return the statement that no two organizations are the same one, so that functional properties bite."""
    kinds = ORG.Organization, ORG.OrganizationalCollaboration, URIRef(NS + "Pact")
    members = sorted({node for kind in kinds for node in data.subjects(RDF.type, kind)}, key=str)
    result, node, listed = Graph(), BNode(), BNode()
    Collection(result, listed, list(members))
    result.add((node, RDF.type, OWL.AllDifferent))
    result.add((node, OWL.distinctMembers, listed))
    return result


def test_ontology_and_data_are_consistent() -> None:
    assert _consistent(_everything(), _apart(_everything()))


@pytest.mark.parametrize("text", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_seeded_contradictions_are_found(text: str) -> None:
    assert not _consistent(_terms(), Graph().parse(data=PREFIXES + text, format="turtle"))


def test_what_makes_contradictions_is_no_contradiction_by_itself() -> None:
    text = "<urn:x> a cfit:Participation ; org:member <urn:a> . <urn:y> a cfit:Support ; org:member <urn:b> ."
    assert _consistent(_terms(), Graph().parse(data=PREFIXES + text, format="turtle"))


def test_homepages_belong_to_one_thing() -> None:
    """FOAF has foaf:homepage inverse functional: two things with one homepage would be one thing."""
    inverse = Graph().add((FOAF.homepage, RDF.type, OWL.InverseFunctionalProperty))
    assert _consistent(_everything(), _apart(_everything()), inverse)


def test_the_ontology_alone_breaks_no_rule() -> None:
    shapes = source.merge(map(source.read, source.files(ROOT / "shapes")))
    assert validation.validate(_ontology(), shapes, ROOT / "shapes").findings == ()


def test_versions_agree() -> None:
    for folder, name in (("ontology", "ns"), ("shapes", "shapes")):
        graph = source.merge(map(source.read, source.files(ROOT / folder)))
        header = URIRef(f"https://w3id.org/cfit/{name}")
        version = str(graph.value(header, OWL.versionInfo))
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert graph.value(header, OWL.versionIRI) == URIRef(f"{header}/{version}")


def test_no_inverses_domains_ranges_or_imports() -> None:
    for term in (OWL.inverseOf, RDFS.domain, RDFS.range, OWL.imports, OWL.equivalentClass, OWL.equivalentProperty):
        assert (None, term, None) not in _ontology(), term


def test_what_a_property_is_for_is_defined() -> None:
    includes = [URIRef(f"https://schema.org/{name}Includes") for name in ("domain", "range")]
    for link in includes:
        for term, kind in _ontology().subject_objects(link):
            assert not str(kind).startswith(NS) or (kind, RDF.type, OWL.Class) in _ontology(), (term, kind)


def test_concepts_live_at_the_address_of_their_scheme() -> None:
    for concept, scheme in _ontology().subject_objects(SKOS.inScheme):
        name = str(scheme).removeprefix(f"{ID}scheme/")
        assert re.fullmatch(rf"{re.escape(ID + name)}/[a-z0-9-]+", str(concept)), concept
