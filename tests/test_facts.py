"""The data say what the domain files say, row by row; skipped where those files are not at hand, except in CI."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rdflib import DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, Literal, Namespace, URIRef

from cfit_graph import release, source
from cfit_graph.namespaces import CFIT, ID, NS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import Graph
    from rdflib.term import Node

ROOT = Path(__file__).parent.parent
DOMAIN = ROOT.parent / "shared" / "domain"
PRESENT = DOMAIN.is_dir()
TERMS = Namespace(NS)
ROLES = {
    "co-lead": "co-leading",
    "coordinating": "coordinating",
    "procuring": "procuring",
    "participant": "participant",
    "supporting": "supporting",
    "intended-procuring": "procuring",
}
"""Roles that are affiliations: the word in the domain files, and the concept."""


def test_domain_files_are_at_hand() -> None:
    if not PRESENT and os.environ.get("CI") != "true":
        pytest.skip(f"{DOMAIN} is not there")
    assert PRESENT


def rows(name: str) -> list[dict[str, str]]:
    if not PRESENT:
        return []
    with (DOMAIN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ORGANIZATIONS = rows("organizations.csv")
PACTS = rows("pacts.csv")

each_organization = pytest.mark.parametrize("row", ORGANIZATIONS, ids=lambda row: row["key"])
each_pact = pytest.mark.parametrize("row", PACTS, ids=lambda row: row["key"])


@pytest.fixture(scope="module")
def graph() -> Graph:
    return source.merge(map(source.read, release.sources(ROOT)))


def organization(row: dict[str, str]) -> URIRef:
    return URIRef(f"{ID}organization/{row['key']}")


def bare(text: str) -> str:
    """Return text without remarks in parentheses."""
    return re.sub(r" ?\([^)]*\)", "", text).strip()


def listed(cell: str, separator: str = ";") -> list[str]:
    """Return the items of a cell; separators within parentheses do not separate."""
    items = re.findall(rf"(?:\([^)]*\)|[^{separator}(])+", cell)
    return [item.strip() for item in items if item.strip()]


def texts(graph: Graph, node: Node, *properties: URIRef) -> set[str]:
    return {str(value) for property_ in properties for value in graph.objects(node, property_)}


def labels(graph: Graph, node: Node) -> set[str]:
    return texts(graph, node, SKOS.prefLabel, SKOS.altLabel, TERMS.formerName)


def notes(graph: Graph, node: Node) -> str:
    return "\n".join(sorted(texts(graph, node, SKOS.editorialNote, SKOS.note)))


def source_words(graph: Graph, node: Node) -> set[str]:
    """Return the addresses, identifiers and names of the sources that a record is derived from."""
    found = graph.objects(node, PROV.wasDerivedFrom)
    return {text for origin in found for text in texts(graph, origin, SDO.url, DCTERMS.identifier, RDFS.label)}


def missing_sources(row: dict[str, str], known: Iterable[str]) -> list[str]:
    lowered = {text.lower() for text in known}
    return [item for item in listed(row["source_urls"], "|") if not {item.lower(), bare(item).lower()} & lowered]


def affiliations(graph: Graph, row: dict[str, str]) -> set[Node]:
    of_cfit = set(graph.subjects(ORG.organization, URIRef(CFIT)))
    return of_cfit.intersection(graph.subjects(ORG.member, organization(row)))


def roles(row: dict[str, str]) -> list[str]:
    return [ROLES[word] for item in listed(row["role"]) if (word := bare(item)) in ROLES]


@each_organization
def test_organization_is_there_under_its_names(graph: Graph, row: dict[str, str]) -> None:
    node = organization(row)
    assert (node, RDF.type, ORG.Organization) in graph
    assert {row["name_en"], bare(row["name_en"])} & labels(graph, node)


@each_organization
def test_other_names_and_acronyms_are_labels_or_explained(graph: Graph, row: dict[str, str]) -> None:
    node = organization(row)
    names = [bare(item)[3:] for item in listed(row["names_other"])] + [bare(item) for item in listed(row["acronym"])]
    assert [name for name in names if name not in labels(graph, node) and name not in notes(graph, node)] == []


@each_organization
def test_organization_has_its_sources(graph: Graph, row: dict[str, str]) -> None:
    assert missing_sources(row, source_words(graph, organization(row))) == []


@each_organization
def test_organization_has_its_external_ids(graph: Graph, row: dict[str, str]) -> None:
    node = organization(row)
    said = texts(graph, node, OWL.sameAs, RDFS.seeAlso, ORG.identifier) | {notes(graph, node)}
    ids = [bare(item).partition(":")[2] for item in listed(row["external_ids"])]
    assert [id_ for id_ in ids if not any(re.search(rf"(?<!\w){re.escape(id_)}(?!\w)", text) for text in said)] == []


@each_organization
def test_organization_has_its_types_place_and_home(graph: Graph, row: dict[str, str]) -> None:
    node = organization(row)
    types = {f"{ID}stakeholder-type/{item}" for item in listed(row["stakeholder_type"])}
    assert texts(graph, node, TERMS.stakeholderType) == types
    codes = graph.objects(node, DCTERMS.spatial / SKOS.notation)
    assert {str(code)[:2] for code in codes} == {row["country_iso2"]} - {""}
    home = row["website"].removeprefix("https://")
    assert not home or home in notes(graph, node) or row["website"] in texts(graph, node, FOAF.homepage)


@each_organization
def test_affiliations_have_the_roles_and_dates_of_the_row(graph: Graph, row: dict[str, str]) -> None:
    held = affiliations(graph, row)
    assert Counter(str(role) for node in held for role in graph.objects(node, ORG.role)) == Counter(
        f"{ID}role/{role}" for role in roles(row)
    )
    # A year is stored where the month is an inference; no more than the row says is ever stored.
    for node in held:
        assert all(row["joined_date"].startswith(date) for date in texts(graph, node, SDO.startDate))
        assert bool(row["joined_date"]) == ((node, SDO.startDate, None) in graph)
    contributions = set(graph.subjects(RDF.type, TERMS.Contribution)) & set(
        graph.subjects(PROV.wasAssociatedWith, organization(row))
    )
    assert bool(contributions) == (not held)


def test_affiliations_per_role_agree(graph: Graph) -> None:
    if not PRESENT:
        pytest.skip(f"{DOMAIN} is not there")
    of_cfit = graph.subjects(ORG.organization, URIRef(CFIT))
    found = Counter(str(role).rsplit("/", 1)[-1] for node in of_cfit for role in graph.objects(node, ORG.role))
    assert found == Counter(role for row in ORGANIZATIONS for role in roles(row))


@each_pact
def test_pact_is_there_with_its_sources(graph: Graph, row: dict[str, str]) -> None:
    kinds = ("pact", "collaboration", "buyer-group", "working-group")
    nodes = [node for kind in kinds if (node := URIRef(f"{ID}{kind}/{row['key']}"), RDF.type, None) in graph]
    assert len(nodes) == 1
    assert missing_sources(row, source_words(graph, nodes[0])) == []


def test_no_email_address_is_told(graph: Graph) -> None:
    told = [value for value in graph.objects() if isinstance(value, Literal | URIRef)]
    assert [value for value in told if re.search(r"[\w.+-]+@[\w-]+\.\w|^mailto:", str(value))] == []
