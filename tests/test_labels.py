"""What nodes are called for people."""

from __future__ import annotations

from rdflib import Graph, URIRef

from cfit_graph.labels import label
from cfit_graph.namespaces import PREFIXES

NAMED = """
affiliation:x a cfit:Support ; org:member organization:x ; org:role role:supporting ; org:organization {} .
organization:x skos:prefLabel "Example Watch"@en .
"""


def _label(turtle: str, name: str) -> str:
    declared = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
    graph = Graph().parse(data=declared + turtle, format="turtle")
    return label(graph, URIRef(PREFIXES["affiliation"] + name), {PREFIXES["role"] + "supporting": "supporter"})


def test_a_record_is_named_by_its_parts_as_far_as_they_have_names() -> None:
    assert _label(NAMED.format("pact:green"), "x") == "Example Watch as supporter of pact:green"


def test_a_record_that_is_part_of_itself_has_a_name_with_an_end() -> None:
    assert _label(NAMED.format("affiliation:x"), "x") == "Example Watch as supporter of affiliation:x"
