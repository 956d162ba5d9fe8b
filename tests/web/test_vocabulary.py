"""``/ns``, ``/shapes`` and ``/context``: pages with an anchor for every name, and the same as data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, URIRef
from rdflib.compare import isomorphic

from cfit_graph import diagrams, source
from cfit_graph.namespaces import BASE, ID, NS, SHAPES
from cfit_graph.settings import Settings
from cfit_graph.store.formats import GRAPHS
from cfit_graph.web.pages import href
from tests.conftest import ROOT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

SVG = "{http://www.w3.org/2000/svg}"
MEDIA_TYPES = {"html": "text/html"} | {graph.name: graph.media_type for graph in GRAPHS}
DOCUMENTS = {"/ns": URIRef(NS + "Participation"), "/shapes": URIRef(SHAPES + "Affiliation-role")}

each = pytest.mark.parametrize("path", DOCUMENTS)


@pytest.fixture(scope="module")
def pages(client: TestClient) -> dict[str, str]:
    return {path: client.get(path, headers=BROWSER).text for path in DOCUMENTS}


def _ids(page: str) -> list[str]:
    return re.findall(r' id="([^"]+)"', page)


def _subjects(folder: str, *kinds: URIRef) -> set[str]:
    graph = source.merge(map(source.read, source.files(ROOT / folder)))
    return {str(term) for kind in kinds for term in graph.subjects(RDF.type, kind)}


def _drawings(page: str) -> list[ET.Element]:
    return [ET.fromstring(text) for text in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]


@each
def test_every_name_has_one_anchor_and_every_link_on_the_page_finds_it(pages: dict[str, str], path: str) -> None:
    ids = _ids(pages[path])
    assert len(set(ids)) == len(ids)
    here = re.findall(rf'href="(?:{path})?#([^"]*)"', pages[path])
    assert len(here) > 100
    assert set(here) <= set(ids)


def test_every_term_has_an_anchor(pages: dict[str, str]) -> None:
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, RDFS.Datatype)
    assert {iri.removeprefix(NS) for iri in _subjects("ontology", *kinds)} <= set(_ids(pages["/ns"]))


def test_every_concept_is_shown_and_leads_to_its_document(pages: dict[str, str]) -> None:
    for iri in _subjects("ontology", SKOS.Concept, SKOS.ConceptScheme):
        assert f'href="/doc/{iri.removeprefix(ID)}"' in pages["/ns"], iri


def test_every_shape_and_rule_has_an_anchor(pages: dict[str, str]) -> None:
    iris = _subjects("shapes", SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint)
    assert {iri.removeprefix(SHAPES) for iri in iris} <= set(_ids(pages["/shapes"]))


@each
def test_every_link_to_a_document_works(client: TestClient, pages: dict[str, str], path: str) -> None:
    links = set(re.findall(r'href="(/[^"#]*)', pages[path]))
    assert [link for link in links if client.get(link, headers=BROWSER).status_code != 200] == []


def test_examples_lead_to_things_in_the_graph(client: TestClient, pages: dict[str, str]) -> None:
    examples = re.findall(r'<code class="statement"><a href="([^"]+)"', pages["/ns"])
    assert len(examples) > 40
    assert all(example.startswith("/doc/") for example in examples)


def test_counts_are_those_of_the_endpoint(client: TestClient, pages: dict[str, str]) -> None:
    shown = dict(
        re.findall(r'<article class="term" id="(\w+)">.*?<dt>used</dt><dd>(\d+) time', pages["/ns"], re.DOTALL)
    )
    for name in ("endorses", "status", "listedName"):
        query = f"SELECT (COUNT(*) AS ?n) {{ ?s <{NS}{name}> ?o }}"
        (row,) = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
        assert shown[name] == row["n"]["value"]


def test_labels_carry_their_language(pages: dict[str, str]) -> None:
    assert '<span lang="de">Teilnahme</span>' in pages["/ns"]
    assert '<span lang="nl">deelname</span>' in pages["/ns"]


def test_diagrams_are_well_formed_and_can_be_read_aloud(pages: dict[str, str]) -> None:
    drawings = _drawings(pages["/ns"])
    assert len(drawings) == 1 + len(diagrams.MAIN)
    for drawing in drawings:
        title, text = drawing.find(f"{SVG}title"), drawing.find(f"{SVG}desc")
        assert title is not None
        assert text is not None
        assert drawing.get("role") == "img"
        assert drawing.get("aria-labelledby") == f"{title.get('id')} {text.get('id')}"
        assert title.text
        assert text.text


def test_diagrams_mention_every_main_class_and_property_as_text(pages: dict[str, str]) -> None:
    overview, *others = _drawings(pages["/ns"])
    words = {text.text for text in overview.iter(f"{SVG}text")}
    assert {*diagrams.MAIN, "cfit:endorses", "cfit:establishedBy", "org:member", "dcterms:source"} <= words
    titles = " ".join(str(drawing.findtext(f"{SVG}title")) for drawing in others)
    assert all(f"The class {name} " in titles for name in diagrams.MAIN)


def test_diagrams_have_no_look_of_their_own(pages: dict[str, str]) -> None:
    for drawing in _drawings(pages["/ns"]):
        for element in drawing.iter():
            assert not {"style", "fill", "stroke", "font-size", "onclick"} & element.attrib.keys()


def test_rules_are_told_with_path_severity_and_message(pages: dict[str, str]) -> None:
    (row,) = re.findall(r'<tr id="Affiliation-role">.*?</tr>', pages["/shapes"], re.DOTALL)
    assert "<code>org:role</code>" in row
    assert ">Violation<" in row
    assert "An affiliation has exactly one role" in row
    assert 'href="/ns#Affiliation"' in pages["/shapes"]


def test_terms_and_rules_lead_to_their_anchors() -> None:
    assert href(SHAPES + "Affiliation-role", BASE) == "/shapes#Affiliation-role"
    assert href(NS + "Pact", BASE) == "/ns#Pact"
    assert (href(NS[:-1], BASE), href(SHAPES[:-1], BASE)) == ("/ns", "/shapes")
    assert href(NS[:-1] + "/1.0.0", BASE).startswith("https://")


@each
@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_each_format_by_header_and_by_suffix(client: TestClient, path: str, suffix: str) -> None:
    asked = client.get(path, headers={"Accept": MEDIA_TYPES[suffix]})
    named = client.get(f"{path}.{suffix}", headers={"Accept": "image/png"})
    for response in (asked, named):
        assert response.status_code == 200
        assert response.headers["content-type"].partition(";")[0] == MEDIA_TYPES[suffix]
        assert response.headers["content-location"] == f"{path}.{suffix}"
    assert "Accept" in asked.headers["vary"].split(", ")
    assert "Accept" not in named.headers.get("vary", "").split(", ")


@each
def test_every_format_says_the_same(client: TestClient, path: str) -> None:
    first, *others = [
        Graph().parse(data=client.get(f"{path}.{graph.name}").content, format=graph.media_type) for graph in GRAPHS
    ]
    assert (DOCUMENTS[path], None, None) in first
    assert all(isomorphic(first, other) for other in others)


@each
@pytest.mark.parametrize(("accept", "suffix"), [("", "html"), ("*/*", "html"), ("application/json", "jsonld")])
def test_what_is_meant_by_other_headers(client: TestClient, path: str, accept: str, suffix: str) -> None:
    assert client.get(path, headers={"Accept": accept}).headers["content-location"] == f"{path}.{suffix}"


@each
def test_what_is_not_there(client: TestClient, path: str) -> None:
    body = problem(client.get(path, headers={"Accept": "image/png"}), 406, "not-acceptable")
    assert body["offers"] == list(MEDIA_TYPES.values())
    assert ".docx" in problem(client.get(f"{path}.docx"), 404, "not-found")["detail"]
    problem(client.get(f"{path}."), 404, "not-found")
    problem(client.get(f"{path}/x"), 404, "not-found")


@pytest.mark.parametrize("path", [*DOCUMENTS, "/ns.ttl", "/shapes.ttl", "/context/v1.jsonld"])
def test_methods(client: TestClient, path: str) -> None:
    refused = client.post(path)
    problem(refused, 405, "method-not-allowed")
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    head, whole = client.head(path), client.get(path)
    assert head.status_code == 200
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.content == b""


@each
def test_the_version_iri_resolves_and_other_versions_do_not(client: TestClient, path: str) -> None:
    header = Graph().parse(data=client.get(f"{path}.ttl").content, format="turtle")
    version = str(next(header.objects(URIRef(f"https://w3id.org/cfit{path}"), OWL.versionIRI))).rpartition("/")[2]
    accept = {"Accept": "text/turtle"}
    assert client.get(f"{path}/{version}", headers=accept).content == client.get(path, headers=accept).content
    assert version in problem(client.get(f"{path}/0.0.9"), 404, "not-found")["detail"]


@each
def test_alternates_lead_to_the_formats(pages: dict[str, str], path: str) -> None:
    for graph in GRAPHS:
        assert f'<link rel="alternate" type="{graph.media_type}" href="{path}.{graph.name}">' in pages[path]


def test_the_context_is_served_for_good_and_to_everyone(client: TestClient) -> None:
    response = client.get("/context/v1.jsonld", headers={"Origin": "https://elsewhere.example", "Accept": "text/html"})
    assert response.headers["content-type"] == "application/ld+json"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.content == (ROOT / "ontology" / "context.jsonld").read_bytes()
    problem(client.get("/context/v2.jsonld"), 404, "not-found")


def test_beside_files_there_are_the_rules_but_no_terms(tmp_path: Path, open_client: Callable[..., TestClient]) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("<http://example.org/a> a <http://example.org/B> .\n", "utf-8")
    client = open_client(Settings(root=ROOT), [path])
    assert "hold no vocabulary" in client.get("/ns", headers=BROWSER).text
    assert len(Graph().parse(data=client.get("/ns.ttl").content, format="turtle")) == 0
    assert 'id="Affiliation-role"' in client.get("/shapes", headers=BROWSER).text


def test_without_shapes_the_page_says_so(tmp_path: Path, open_client: Callable[..., TestClient]) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("<http://example.org/a> a <http://example.org/B> .\n", "utf-8")
    client = open_client(Settings(root=tmp_path), [path])
    assert "There are no shapes" in client.get("/shapes", headers=BROWSER).text
    assert client.get("/shapes.ttl").status_code == 200
