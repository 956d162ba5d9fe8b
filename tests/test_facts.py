"""The data say what the domain files say, row by row; skipped where those files are not at hand, except in CI."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rdflib import DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, XSD, Literal, Namespace, URIRef

from cfit_graph import release, source
from cfit_graph.namespaces import ID, NS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import Graph
    from rdflib.term import Node

ROOT = Path(__file__).parent.parent
DOMAIN = ROOT.parent / "shared" / "domain"
PRESENT = DOMAIN.is_dir()
TERMS = Namespace(NS)
XL = Namespace("http://www.w3.org/2008/05/skos-xl#")
ROLES = {
    "co-lead": "co-leading",
    "coordinating": "coordinating",
    "procuring": "procuring",
    "participant": "participant",
    "supporting": "supporting",
    "intended-procuring": "procuring",
}
"""Roles that are affiliations: the word in the domain files, and the concept."""
DATES_DECIDED = {"at-bmluk": "2025"}
"""Start dates that differ from the row, which has 2021-06 for BMLUK: it did not exist then. Its affiliation carries on
the one of BMK since 2025; that it has been a member since June 2021 is a claim."""

EVENT_DATES = {
    "wcef-climate-2021": "2021-04-16",
    "programme-news-2021": "2021-06-01",
    "launch-2021": "2021-06-14",
    "nl-buyer-group-news-2021": "2021-10-04",
    "framework-publication-2022": "2022",  # month marked ?
    "webinar-framework-2023": "2023-02-07",
    "first-in-person-meeting-2023": "2023-06",
    "electronics-watch-announcement-2023": "2023-07-26",
    "community-of-practice-launch-2023": "2023-11",
    "slovenia-signature-2023": "2023-12-04",
    "paho-declaration-2023": "2023-12",
    "wcef-accelerator-2024": "2024-04-17",
    "antwerp-meeting": "",  # year marked ?
    "unops-announcement-2024": "2024",
    "ie-laptop-framework-launch-2024": "2024-06-17",
    "ireland-joins-2024": "2024",  # month marked ?
    "greentech-forum-session": "",  # weekday and date disagree
    "mini-guide-news-2025": "2025-08-25",
    "copenhagen-meeting-2025": "2025-09",
}
"""Section 4 of facts.md, less what is marked there as inferred."""
DOCUMENT_DATES = {
    "cfit-framework-v1": "2022",  # month marked ?
    "case-carbon-in-it-tender": "2023-11",  # the day is that of the news
    "case-fewer-accessories": "2023-11",
    "case-due-diligence-small-ict-hardware": "2023-11",
    "case-smartphone-lifetime": "2023-11",
    "case-private-and-work-use": "",
    "case-flemish-fairphone-projects": "",
    "case-remanufactured-laptops": "2024",  # the month is inferred
    "mini-guide-carbon-conscious-procurement": "",  # by 2025-08-25, the day of the news
    "manual-due-diligence": "",
    "ethics-final-report-2021": "",  # the year is that of the edition
    "ethics-final-report-2022": "",
    "ethics-portraits": "",
}
"""Section 3 of facts.md, less what is marked there as inferred."""
NEWS_DATES = {
    "public-buyers-framework": "2023-04-04",
    "public-buyers-cases": "2023-11-21",
    "electronics-watch-joins-cfit": "2023-07-26",
    "rijkswaterstaat-buyer-group": "2021-10-04",
    "igpn-news-2025-08": "2025-08-25",
}
PRECISION = {0: None, 4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}
PREFERENCES = {
    "austrian-membership": {"heute-ministry-split"},
    "circular-innovation-council-signature": {"cfit-wcef-climate-statement"},
}
"""Sources that only the note on the preference draws on, by matter."""
EVIDENCED = (
    *(TERMS[name] for name in ("Participation", "Support", "Contribution", "Endorsement", "GroupMembership")),
    *(TERMS[name] for name in ("Matter", "Claim", "LetterOfSupport", "PactSignature", "Pact", "BuyerGroup")),
    *(TERMS.WorkingGroup, ORG.OrganizationalCollaboration, ORG.Organization, ORG.ChangeEvent),
    *(XL.Label, SDO.Event, FOAF.Document),
)
"""Classes of which every node rests on a source."""


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
    names = {*graph.objects(node, XL.prefLabel), *graph.objects(node, XL.altLabel)}
    forms = {text for name in names for text in texts(graph, name, XL.literalForm)}
    return forms | texts(graph, node, SKOS.prefLabel, SKOS.altLabel)


def notes(graph: Graph, node: Node) -> str:
    return "\n".join(sorted(texts(graph, node, SKOS.editorialNote, SKOS.note)))


def source_words(graph: Graph, node: Node) -> set[str]:
    """Return the addresses, identifiers and names of the sources that a record is derived from."""
    found = graph.objects(node, DCTERMS.source)
    return {text for origin in found for text in texts(graph, origin, SDO.url, DCTERMS.identifier, RDFS.label)}


def missing_sources(row: dict[str, str], known: Iterable[str]) -> list[str]:
    lowered = {text.lower() for text in known}
    return [item for item in listed(row["source_urls"], "|") if not {item.lower(), bare(item).lower()} & lowered]


def affiliations(graph: Graph, row: dict[str, str]) -> set[Node]:
    of_cfit = set(graph.subjects(ORG.organization, URIRef(ID + "pact/cfit")))
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
    joined = DATES_DECIDED.get(row["key"], row["joined_date"])
    for node in held:
        assert all(joined.startswith(date) for date in texts(graph, node, SDO.startDate))
        assert bool(row["joined_date"]) == ((node, SDO.startDate, None) in graph)
    contributions = set(graph.subjects(RDF.type, TERMS.Contribution)) & set(
        graph.subjects(PROV.wasAssociatedWith, organization(row))
    )
    # A declared intention is not an affiliation, so PAHO may have attended a meeting all the same.
    counted = [node for node in held if "intended" not in "".join(texts(graph, node, TERMS.status))]
    assert bool(contributions) == (not counted)


def test_affiliations_per_role_agree(graph: Graph) -> None:
    if not PRESENT:
        pytest.skip(f"{DOMAIN} is not there")
    of_cfit = graph.subjects(ORG.organization, URIRef(ID + "pact/cfit"))
    found = Counter(str(role).rsplit("/", 1)[-1] for node in of_cfit for role in graph.objects(node, ORG.role))
    assert found == Counter(role for row in ORGANIZATIONS for role in roles(row))


@each_pact
def test_pact_is_there_with_its_sources(graph: Graph, row: dict[str, str]) -> None:
    kinds = ("pact", "collaboration", "buyer-group", "working-group")
    nodes = [node for kind in kinds if (node := URIRef(f"{ID}{kind}/{row['key']}"), RDF.type, None) in graph]
    assert len(nodes) == 1
    assert missing_sources(row, source_words(graph, nodes[0])) == []


@pytest.mark.parametrize(
    ("kind", "property_", "dates"),
    [
        ("event", DCTERMS.date, EVENT_DATES),
        ("document", DCTERMS.issued, DOCUMENT_DATES),
    ],
    ids=["events", "publications"],
)
def test_dates_are_told_as_precisely_as_they_are_known(
    graph: Graph, kind: str, property_: URIRef, dates: dict[str, str]
) -> None:
    type_ = {"event": SDO.Event, "document": FOAF.Document}[kind]
    told = {str(node).rsplit("/", 1)[-1]: graph.value(node, property_) for node in graph.subjects(RDF.type, type_)}
    assert {slug: str(date or "") for slug, date in told.items()} == dates
    assert {slug: getattr(date, "datatype", None) for slug, date in told.items()} == {
        slug: PRECISION[len(date)] for slug, date in dates.items()
    }


def test_news_has_the_date_it_shows(graph: Graph) -> None:
    told = {slug: str(graph.value(URIRef(f"{ID}source/{slug}"), DCTERMS.issued)) for slug in NEWS_DATES}
    assert told == NEWS_DATES


@pytest.mark.parametrize("type_", EVIDENCED, ids=lambda type_: re.split("[/#]", type_)[-1])
def test_every_node_rests_on_a_source(graph: Graph, type_: URIRef) -> None:
    nodes = set(graph.subjects(RDF.type, type_))
    sources = set(graph.subjects(RDF.type, TERMS.Source))
    assert nodes
    assert [node for node in nodes if not sources.intersection(graph.objects(node, DCTERMS.source))] == []


def test_every_source_has_a_date(graph: Graph) -> None:
    dated = (DCTERMS.issued, TERMS.accessedOn, TERMS.accessedBefore)
    sources = set(graph.subjects(RDF.type, TERMS.Source))
    assert sources
    assert [node for node in sources if not texts(graph, node, *dated)] == []


def test_every_matter_prefers_one_of_its_claims(graph: Graph) -> None:
    matters = set(graph.subjects(RDF.type, TERMS.Matter))
    assert matters == set(graph.objects(None, TERMS.answers))
    for matter in matters:
        (preferred,) = graph.objects(matter, TERMS.preferredClaim)
        assert (preferred, TERMS.answers, matter) in graph
        assert texts(graph, matter, TERMS.preferenceNote)
        claims = set(graph.subjects(TERMS.answers, matter))
        origins = {origin for claim in claims for origin in graph.objects(claim, DCTERMS.source)}
        weighed = PREFERENCES.get(str(matter).rsplit("/", 1)[-1], set())
        told = set(graph.objects(matter, DCTERMS.source))
        assert told == origins | {URIRef(f"{ID}source/{slug}") for slug in weighed}


def test_former_names_are_borne_with_a_status(graph: Graph) -> None:
    names = set(graph.subjects(RDF.type, XL.Label))
    assert names == {*graph.objects(None, XL.prefLabel), *graph.objects(None, XL.altLabel)}
    for name in names:
        assert len(set(graph.objects(name, TERMS.status))) == 1
        (form,) = graph.objects(name, XL.literalForm)
        assert isinstance(form, Literal)
        assert form.language
    for organization_, name in graph.subject_objects(XL.prefLabel):
        assert (organization_, SKOS.prefLabel, graph.value(name, XL.literalForm)) in graph
    assert (None, TERMS.formerName, None) not in graph


def test_all_that_is_referred_to_is_there(graph: Graph) -> None:
    minted = {node for triple in graph for node in triple if isinstance(node, URIRef) and node.startswith(ID)}
    assert sorted(node for node in minted if (node, None, None) not in graph) == []


def test_no_email_address_is_told(graph: Graph) -> None:
    told = [value for value in graph.objects() if isinstance(value, Literal | URIRef)]
    assert [value for value in told if re.search(r"[\w.+-]+@[\w-]+\.\w|^mailto:", str(value))] == []


def test_alignment_holds_only_what_the_domain_lists() -> None:
    """Section 7 of facts.md: each code stands in the row of its type, and only four types are near enough to match."""
    if not PRESENT:
        pytest.skip(f"{DOMAIN} is not there")
    table = (DOMAIN / "facts.md").read_text("utf-8").partition("### Mappings to vocabularies")[2]
    close = set()
    for subject, predicate, value in source.read(ROOT / "ontology" / "alignment.ttl"):
        name, code = str(subject).rpartition("/")[2], str(value).rpartition("/")[2]
        if predicate != SKOS.editorialNote:
            assert code.removeprefix("body-pl") in _row(table, name), (name, code)
        if predicate == SKOS.closeMatch:
            close.add(name)
    assert close == {"national-government", "regional-government", "local-government", "ngo"}


def _row(table: str, name: str) -> str:
    """Return the row of a stakeholder type; three kinds of body share one."""
    shared = name in {"certification-body", "labelling-body", "monitoring-body"}
    start = "| certification-/labelling-/monitoring-body " if shared else f"| {name} "
    return next(line for line in table.splitlines() if line.startswith(start))
