"""Derived statements agree with the records they are made from, and stand apart from them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from cfit_graph import derivation, queries
from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from cfit_graph.release import Release

TYPE = f"<{VOCABULARIES['rdf']}type>"
PREFIXES = """PREFIX cfit: <https://w3id.org/cfit/ns#> PREFIX org: <http://www.w3.org/ns/org#>
PREFIX schema: <https://schema.org/> PREFIX time: <http://www.w3.org/2006/time#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX status: <https://w3id.org/cfit/id/status/>
PREFIX organization: <https://w3id.org/cfit/id/organization/>
"""


def _rows(store: EmbeddedStore, sparql: str) -> list[list[str]]:
    answer = b"".join(store.query(PREFIXES + sparql, "text/csv")).decode()
    return list(csv.reader(io.StringIO(answer)))[1:]


@pytest.mark.parametrize(
    ("shortcut", "kind"), [("cfit:participantIn", "cfit:Participation"), ("cfit:supports", "cfit:Support")]
)
def test_shortcuts_are_the_active_affiliations(store: EmbeddedStore, shortcut: str, kind: str) -> None:
    derived = _rows(store, f"SELECT ?o ?p {{ ?o {shortcut} ?p }} ORDER BY ?o ?p")
    recorded = (
        f"SELECT DISTINCT ?o ?p {{ ?a a {kind} ; org:member ?o ; org:organization ?p ; cfit:status status:active }}"
    )
    assert derived == _rows(store, recorded + " ORDER BY ?o ?p") != []


def test_an_intention_and_a_past_affiliation_give_no_shortcut(store: EmbeddedStore) -> None:
    organizations = {row[0].rpartition("/")[2] for row in _rows(store, "SELECT ?o { ?o cfit:participantIn ?p }")}
    assert {"nl-ienw", "at-bmluk"} <= organizations
    assert not {"int-paho", "at-bmk", "electronics-watch", "nl-rws"} & organizations


def test_every_start_and_end_is_an_instant_with_its_precision(store: EmbeddedStore) -> None:
    derived = _rows(
        store,
        """SELECT ?a ?date ?in { ?a org:memberDuring/time:hasBeginning ?i . ?i ?in ?date
        FILTER(?in IN (time:inXSDDate, time:inXSDgYearMonth, time:inXSDgYear)) } ORDER BY ?a""",
    )
    recorded = _rows(store, "SELECT ?a ?date { ?a org:member ?o ; schema:startDate ?date } ORDER BY ?a")
    assert [row[:2] for row in derived] == recorded
    assert {len(date): name.rpartition("inXSD")[2] for _, date, name in derived} == {
        10: "Date",
        7: "gYearMonth",
        4: "gYear",
    }


def test_public_bodies_have_the_class_of_the_core_vocabulary(store: EmbeddedStore) -> None:
    public = "SELECT ?o { ?o a <http://data.europa.eu/m8g/PublicOrganisation> }"
    found = {row[0].rpartition("/")[2] for row in _rows(store, public)}
    assert {"nl-ienw", "be-fido", "be-engis", "ie-ogp", "be-hfb"} <= found
    assert not {"electronics-watch", "un-unops", "ch-pair", "ca-cic", "tu-delft"} & found


def test_every_organization_has_one_name(store: EmbeddedStore) -> None:
    several = "SELECT ?o (COUNT(DISTINCT ?n) AS ?c) { ?o a org:Organization OPTIONAL { ?o rdfs:label ?n } } GROUP BY ?o"
    assert {row[1] for row in _rows(store, several)} == {"1"}


def test_derived_statements_stand_in_a_graph_of_their_own(store: EmbeddedStore, released: Release) -> None:
    lines = released.graph.read_text("utf-8").splitlines()
    derived = [line for line in lines if line.endswith(f"<{derivation.GRAPH}> .")]
    assert len(derived) > 100
    for predicate in ("ns#participantIn>", "ns#supports>", "ns#formerName>", "org#memberDuring>"):
        holding = [line for line in lines if predicate + " " in line.split('"')[0].partition("> ")[2]]
        assert [line for line in holding if line not in derived and "/ns#" not in line.split()[0]] == []
        assert any(line in derived for line in holding), predicate


def test_deriving_again_adds_nothing(store: EmbeddedStore, released: Release) -> None:
    lines = {*released.graph.read_text("utf-8").splitlines(keepends=True)}
    assert set(derivation.derive(store)) <= lines


@pytest.mark.parametrize("name", [path.stem for path in queries.paths("derive")])
def test_every_derivation_derives_something(store: EmbeddedStore, name: str) -> None:
    assert b"".join(store.query(queries.load(f"derive/{name}"), "application/n-triples"))


def test_graphs_of_derived_statements_are_known_whatever_their_base() -> None:
    assert all(map(derivation.is_derived, (derivation.GRAPH, "https://example.org/pact/graph/derived")))
    stated = ("https://w3id.org/cfit/graph/data/derived", "https://w3id.org/cfit/graph/data/pacts", "")
    assert not any(map(derivation.is_derived, stated))


def test_what_is_done_is_named_by_who_did_it_and_what_for(store: EmbeddedStore) -> None:
    acts = _rows(
        store, "SELECT ?act { ?act a ?kind FILTER(?kind IN (cfit:Endorsement, cfit:Contribution)) } ORDER BY ?act"
    )
    named = dict(
        _rows(store, "SELECT ?act ?name { GRAPH <https://w3id.org/cfit/graph/derived> { ?act rdfs:label ?name } }")
    )
    assert [act for (act,) in acts if act not in named] == []
    of_watch = named["https://w3id.org/cfit/id/endorsement/electronics-watch"]
    assert of_watch == "Endorsement of Circular and Fair ICT Pact by Electronics Watch"
    assert "Contribution to Circular and Fair ICT Pact by Rijkswaterstaat" in named.values()


def test_periods_and_their_bounds_are_named_by_their_dates(store: EmbeddedStore) -> None:
    named = _rows(
        store,
        """SELECT ?start ?end ?period ?first ?last {
          ?a org:memberDuring ?p . ?p rdfs:label ?period
          OPTIONAL { ?a schema:startDate ?start . ?p time:hasBeginning/rdfs:label ?first }
          OPTIONAL { ?a schema:endDate ?end . ?p time:hasEnd/rdfs:label ?last } }""",
    )
    assert len(named) == int(_rows(store, "SELECT (COUNT(*) AS ?n) { ?a org:memberDuring ?p }")[0][0])
    for start, end, period, first, last in named:
        assert period == " ".join([f"from {start}"] * bool(start) + [f"until {end}"] * bool(end))
        assert (first, last) == (start, end)
    assert {(bool(start), bool(end)) for start, end, *_ in named} >= {(True, False), (True, True)}


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029"])
def test_a_name_may_have_signs_that_end_a_line_elsewhere(sign: str) -> None:
    name = f'"One{sign}two"@en'
    said = (f"{TYPE} <{VOCABULARIES['org']}Organization>", f"<{VOCABULARIES['skos']}prefLabel> {name}")
    store = EmbeddedStore(())
    store.add(f"<https://example.org/o> {each} <https://example.org/g> .\n" for each in said)
    label = f"<{VOCABULARIES['rdfs']}label>"
    assert derivation.derive(store) == [f"<https://example.org/o> {label} {name} <{derivation.GRAPH}> .\n"]
