"""Documents in Turtle: nothing lost, and in an order for people."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from cfit_graph.collection.jsonld import Context
from cfit_graph.namespaces import ID, NS, PREFIXES
from cfit_graph.serialization import serialize
from tests.conftest import ROOT

IT = URIRef(f"{ID}pact/cfit")
CONTEXT = Context(ROOT / "ontology" / "context.jsonld")
PROPERTIES = [RDF.type, *(URIRef(NS + name) for name in ("a", "theme", "zz"))]
NODES = [IT, URIRef(f"{ID}organization/a.b"), URIRef(f"{ID}organization/z"), URIRef("http://example.org/a")]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
values = (
    st.sampled_from(NODES) | texts.map(lambda it: Literal(it, lang="en")) | texts.map(lambda it: Literal(f" .\n{it}"))
)


def _turtle(graph: Graph) -> str:
    triples = graph.serialize(format="nt11", encoding="utf-8")
    return serialize(triples, "text/turtle", str(IT), CONTEXT).decode()


@given(st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(PROPERTIES), values), max_size=20))
def test_turtle_says_the_same_in_an_order_for_people(triples: list[tuple[URIRef, URIRef, URIRef | Literal]]) -> None:
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    turtle = _turtle(graph)
    assert isomorphic(Graph().parse(data=turtle, format="turtle"), graph)
    head, *blocks = [block for block in turtle.split("\n\n") if block.strip()] or [""]
    declared = re.findall(r"^@prefix ([\w-]*): <(.*)> \.$", head, re.MULTILINE)
    assert declared == sorted(declared)
    assert all(any(str(term).startswith(iri) for triple in triples for term in triple) for _, iri in declared)
    assert len(blocks) == len(set(graph.subjects()))
    assert all(
        block.startswith("pact:cfit ") is (number == 0) for number, block in enumerate(blocks) if IT in graph.subjects()
    )
    for block in blocks:
        if " a " in block.partition("\n")[0].partition('"')[0]:
            assert re.match(r"\S+ a ", block)


def test_the_prefixes_of_things_are_used() -> None:
    graph = Graph().add((IT, URIRef(f"{NS}theme"), URIRef(f"{ID}theme/circularity")))
    assert _turtle(graph).endswith("\n\npact:cfit cfit:theme theme:circularity .\n")
    assert PREFIXES["pact"] in _turtle(graph)
