"""The REST API over HTTP (AP-01 to AP-10): what it answers is in the graph, complete, and refused with all reasons."""

from __future__ import annotations

import gzip
import json
import re
import string
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, Graph, URIRef
from rdflib.namespace import FOAF
from starlette.testclient import TestClient

from cfit_graph.collection import COLLECTIONS, FILTERS
from cfit_graph.namespaces import ID
from cfit_graph.settings import Settings
from cfit_graph.texts import API
from tests import csvw
from tests.conftest import ROOT
from tests.jsonld import statements
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from httpx2 import Response

    from cfit_graph.store.embedded import EmbeddedStore

V1 = "/api/v1"
EVERY = pytest.mark.parametrize("name", COLLECTIONS)
ANSWERS = [
    f"{V1}/organizations",
    f"{V1}/organizations.csv",
    f"{V1}/organizations.csv-metadata.json",
    f"{V1}/organizations?country=be&limit=2",
    f"{V1}/affiliations.csv?limit=3",
    f"{V1}/organizations/electronics-watch",
    f"{V1}/roles/supporting.jsonld",
    f"{V1}/search?q=pact",
    "/openapi.json",
]


@pytest.fixture(scope="module")
def graph(store: EmbeddedStore) -> Graph:
    triples = b"".join(store.query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "application/n-triples"))
    return Graph().parse(data=triples, format="nt")


def _get(client: TestClient, address: str, **headers: str) -> Response:
    """Get an address that an answer gave, or a path."""
    parts = urlsplit(address)
    response: Response = client.get(f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=headers)
    return response


def _walk(client: TestClient, address: str) -> list[dict[str, Any]]:
    """Return all pages from an address on."""
    pages, following = [], address
    while following:
        response = _get(client, following)
        assert response.status_code == 200, response.text
        pages.append(response.json())
        following = pages[-1]["next"]
    return pages


def _ids(client: TestClient, address: str) -> list[str]:
    return [entry["id"] for page in _walk(client, address) for entry in page["items"]]


def _links(response: Response) -> dict[str, str]:
    """Return the addresses in the Link header, by relation."""
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', response.headers.get("link", ""))
    return {relation: address for address, relation in found}


def _unknown(said: Graph, graph: Graph) -> set[Any]:
    return {triple for triple in said if triple not in graph}


@EVERY
def test_every_page_says_only_what_is_in_the_graph(client: TestClient, graph: Graph, name: str) -> None:
    for page in _walk(client, f"{V1}/{name}?limit=30"):
        said = statements(page)
        assert _unknown(said, graph) == {(URIRef(page["id"]), RDF.type, FOAF.Document)}
        for entry in page["items"]:
            assert (URIRef(entry["id"]), None, None) in said


@EVERY
def test_every_item_says_all_that_the_graph_says_of_it_and_nothing_else(
    client: TestClient, graph: Graph, name: str
) -> None:
    for iri in _ids(client, f"{V1}/{name}?limit=500"):
        document = client.get(f"{V1}/{name}/{iri.rpartition('/')[2]}").json()
        assert list(document)[:3] == ["@context", "id", "type"]
        said = statements(document)
        assert _unknown(said, graph) == set()
        assert set(graph.triples((URIRef(iri), None, None))) <= set(said)


def test_what_is_found_by_name_is_in_the_graph(client: TestClient, graph: Graph) -> None:
    for page in _walk(client, f"{V1}/search?q=pact&limit=20"):
        assert _unknown(statements(page), graph) == {(URIRef(page["id"]), RDF.type, FOAF.Document)}


def test_the_context_is_ours_by_its_address(client: TestClient) -> None:
    page = client.get(f"{V1}/pacts").json()
    address, more = page["@context"]
    assert address == client.get(f"{V1}/pacts/cfit").json()["@context"] == "https://w3id.org/cfit/context/v1.jsonld"
    frozen = json.loads((ROOT / "ontology/context.jsonld").read_text("utf-8"))["@context"]
    assert not more.keys() & frozen.keys()


@EVERY
def test_pages_lead_through_the_whole_collection(client: TestClient, name: str) -> None:
    whole = _ids(client, f"{V1}/{name}?limit=500")
    assert _ids(client, f"{V1}/{name}?limit=7") == whole
    assert whole == sorted(set(whole))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(list(COLLECTIONS)),
    st.lists(
        st.sampled_from(
            [*((name, API["filters"][name]["example"]) for name in (*FILTERS, "asOf")), ("q", "a"), ("country", "nl")]
        ),
        max_size=3,
    ),
    st.integers(1, 20),
)
def test_walking_with_any_filters_gives_every_item_once(
    client: TestClient, name: str, filters: list[tuple[str, str]], limit: int
) -> None:
    taken = [pair for pair in dict(filters).items() if pair[0] in COLLECTIONS[name].filters]
    query = "&".join(f"{key}={value}" for key, value in taken)
    whole = _ids(client, f"{V1}/{name}?limit=500&{query}")
    assert _ids(client, f"{V1}/{name}?{query}&limit={limit}") == whole
    assert len(set(whole)) == len(whole)
    table = client.get(f"{V1}/{name}.csv?{query}").text
    metadata = client.get(f"{V1}/{name}.csv-metadata.json?{query}").json()
    assert [row["id"] for row in csvw.rows(table, metadata)] == whole


def test_the_link_to_the_next_page_is_in_the_header_too(client: TestClient) -> None:
    response = client.get(f"{V1}/sources?limit=100")
    assert response.headers["link"] == f'<{response.json()["next"]}>; rel="next"'
    last = _get(client, response.json()["next"])
    assert last.json()["next"] is None
    assert "link" not in last.headers
    assert parse_qsl(urlsplit(last.json()["id"]).query)[0] == ("limit", "100")
    assert _get(client, last.json()["id"]).json() == last.json()


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ('application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ],
)
def test_formats_by_accept(client: TestClient, accept: str, media_type: str) -> None:
    response = client.get(f"{V1}/pacts?limit=2", headers={"Accept": accept})
    assert response.headers["content-type"].partition(";")[0] == media_type
    assert response.headers["vary"].startswith("Accept")
    suffix = {"application/json": "json", "application/ld+json": "jsonld", "text/csv": "csv"}[media_type]
    assert response.headers["content-location"] == f"{V1}/pacts.{suffix}?limit=2"
    assert client.get(response.headers["content-location"]).content == response.content


@pytest.mark.parametrize("path", [f"{V1}/pacts", f"{V1}/pacts/cfit", f"{V1}/search?q=cfit"])
def test_json_and_json_ld_are_the_same_bytes(client: TestClient, path: str) -> None:
    one, other = (client.get(path, headers={"Accept": kind}) for kind in ("application/json", "application/ld+json"))
    assert one.content == other.content


@pytest.mark.parametrize("path", [f"{V1}/pacts", f"{V1}/pacts/cfit", f"{V1}/search?q=cfit"])
def test_other_formats_are_not_to_be_had(client: TestClient, path: str) -> None:
    offers = problem(client.get(path, headers={"Accept": "text/turtle"}), 406, "not-acceptable")["offers"]
    assert offers[:2] == ["application/json", "application/ld+json"]
    assert ("text/csv" in offers) == (path == f"{V1}/pacts")


@pytest.mark.parametrize("path", ["pacts.ttl", "pacts.", "pacts/cfit.csv", "pacts/cfit.html", "search.json"])
def test_other_suffixes_are_nowhere(client: TestClient, path: str) -> None:
    problem(client.get(f"{V1}/{path}"), 404, "not-found")


@EVERY
def test_a_table_is_whole_and_says_what_its_columns_mean(client: TestClient, graph: Graph, name: str) -> None:
    response = client.get(f"{V1}/{name}", headers={"Accept": "text/csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["link"].endswith('; rel="describedby"; type="application/csvm+json"')
    described = _get(client, _links(response)["describedby"])
    assert described.headers["content-type"] == "application/csvm+json"
    assert described.json()["url"] == f"{name}.csv"
    assert [row["id"] for row in csvw.rows(response.text, described.json())] == _ids(client, f"{V1}/{name}?limit=500")
    assert _unknown(csvw.statements(response.text, described.json()), graph) == set()


def test_a_table_with_a_limit_is_a_page_with_a_link_to_the_next(client: TestClient) -> None:
    whole = client.get(f"{V1}/sources.csv").text.splitlines()
    lines, following = whole[:1], f"{V1}/sources.csv?limit=50"
    while following:
        response = _get(client, following)
        lines += response.text.splitlines()[1:]
        following = _links(response).get("next", "")
        assert len(lines) <= len(whole)
    assert lines == whole


def test_metadata_of_a_part_are_found_from_the_part(client: TestClient) -> None:
    response = client.get(f"{V1}/organizations.csv?country=nl&q=ministry")
    assert _get(client, _links(response)["describedby"]).json()["url"] == "organizations.csv?q=ministry&country=nl"
    problem(client.get(f"{V1}/organizations.csv-metadata.json?country=xx"), 400, "bad-parameters")


def test_the_licence_is_stated_for_the_release_only(
    client: TestClient, tmp_path: Path, open_client: Callable[..., TestClient]
) -> None:
    path = f"{V1}/pacts.csv-metadata.json"
    assert client.get(path).json()["dc:license"] == {"@id": "https://creativecommons.org/publicdomain/zero/1.0/"}
    (tmp_path / "x.ttl").write_text("", "utf-8")
    assert "dc:license" not in open_client(Settings(), [tmp_path / "x.ttl"]).get(path).json()


def test_everything_wrong_is_said_at_once(client: TestClient) -> None:
    response = client.get(f"{V1}/affiliations?role=suporting&limit=0&asOf=2023&since=2020&cursor=x&pact=cfti")
    body = problem(response, 400, "bad-parameters")
    assert [error["parameter"] for error in body["errors"]] == ["asOf", "cursor", "limit", "pact", "role", "since"]
    details = {error["parameter"]: error["detail"] for error in body["errors"]}
    assert details["role"].startswith("There is no role 'suporting'. Nearest: supporting (supporting organization), ")
    assert details["pact"].startswith("There is no pact 'cfti'. Nearest: cfit, ")
    assert all(f"{name}: {detail}" in body["detail"] for name, detail in details.items())
    page = client.get(f"{V1}/affiliations?role=suporting", headers=BROWSER)
    assert "There is no role &#39;suporting&#39;. Nearest: supporting" in page.text


@pytest.mark.parametrize(
    "path", ["nothing", "organization", "organizations/", "Organizations", "nothing/x", "pacts/x/y"]
)
def test_what_is_not_there(client: TestClient, path: str) -> None:
    problem(client.get(f"{V1}/{path}"), 404, "not-found")


def test_an_unknown_item_has_neighbours(client: TestClient) -> None:
    detail = problem(client.get(f"{V1}/organizations/electronic-watch"), 404, "not-found")["detail"]
    assert "Nearest: electronics-watch, " in detail
    problem(client.get(f"{V1}/organizations/cfit"), 404, "not-found")
    problem(client.get(f"{V1}/organizations/organization:electronics-watch"), 404, "not-found")


def test_a_cursor_of_another_release_is_refused(
    client: TestClient, tmp_path: Path, released: Any, open_client: Callable[..., TestClient]
) -> None:
    (tmp_path / "more.ttl").write_text("<http://example.org/x> a <http://example.org/C> .", "utf-8")
    other = open_client(Settings(root=ROOT), [released.graph, tmp_path / "more.ttl"])
    following = client.get(f"{V1}/organizations?limit=5").json()["next"]
    assert _get(client, following).status_code == 200
    (error,) = problem(_get(other, following), 400, "bad-parameters")["errors"]
    assert error["parameter"] == "cursor"
    assert "another release" in error["detail"]
    (error,) = problem(_get(client, f"{following}&country=nl"), 400, "bad-parameters")["errors"]
    assert "another question" in error["detail"]


def test_addresses_are_the_configured_ones_and_never_the_clients(
    client: TestClient, releases: Path, open_client: Callable[..., TestClient]
) -> None:
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    response = client.get(f"{V1}/sources?limit=1&q=evil%20news", headers=evil)
    assert "evil.example" not in response.text + str(response.headers)
    public = open_client(Settings(root=ROOT, releases=releases, public_url="https://data.example.org"))
    for headers in ({}, evil):
        response = public.get(f"{V1}/sources?limit=1", headers=headers)
        assert response.json()["next"].startswith("https://data.example.org/api/v1/sources?limit=1&cursor=")
        assert response.json()["id"] == "https://data.example.org/api/v1/sources?limit=1"
        assert f'<{response.json()["next"]}>; rel="next"' == response.headers["link"]
    assert public.get("/openapi.json").json()["servers"] == [{"url": "https://data.example.org/api/v1"}]


def test_who_reaches_the_server_elsewhere_gets_addresses_there(client: TestClient) -> None:
    for base in ("http://one.example:81", "http://two.example:82"):
        elsewhere = TestClient(client.app, base_url=base)
        assert elsewhere.get(f"{V1}/sources?limit=1").json()["next"].startswith(f"{base}{V1}/sources?")


@pytest.mark.parametrize("path", ANSWERS)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_answers_have_tags_and_are_compressed(client: TestClient, path: str, coding: str) -> None:
    headers = {"Accept-Encoding": coding}
    first = client.get(path, headers=headers)
    assert first.status_code == 200
    assert first.headers["api-version"] == client.get("/openapi.json").json()["info"]["version"]
    assert first.headers["access-control-allow-origin"] == "*"
    assert "API-Version" in first.headers["access-control-expose-headers"]
    assert first.headers.get("content-encoding", "identity") in {coding, "identity"}
    head = client.head(path, headers=headers)
    assert (head.content, head.headers) == (b"", first.headers)
    for method in ("GET", "HEAD"):
        again = client.request(method, path, headers=headers | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_large_answers_do_come_compressed(client: TestClient) -> None:
    for path in (f"{V1}/organizations", f"{V1}/organizations.csv", f"{V1}/organizations.csv-metadata.json"):
        with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as response:
            body = b"".join(response.iter_raw())
        assert response.headers["content-encoding"] == "gzip"
        assert gzip.decompress(body) == client.get(path, headers={"Accept-Encoding": "identity"}).content


@pytest.mark.parametrize("path", [f"{V1}/organizations", f"{V1}/pacts/cfit", f"{V1}/search", "/api", "/openapi.json"])
def test_methods(client: TestClient, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        response = client.request(method, path)
        problem(response, 405, "method-not-allowed")
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    options = client.options(path)
    assert options.status_code == 204
    assert "GET" in options.headers["allow"]
    asked = {"Origin": "https://x.example", "Access-Control-Request-Method": "GET"}
    assert client.options(path, headers=asked).headers["access-control-allow-origin"] == "*"


def test_a_search_tells_by_which_name(client: TestClient) -> None:
    items = client.get(f"{V1}/search?q=bmnt").json()["items"]
    found = {item["id"]: item["match"] for item in items}
    assert found[f"{ID}organization/at-bmk"] == {"name": "BMNT", "language": "de", "how": "exact"}
    (error,) = problem(client.get(f"{V1}/search"), 400, "bad-parameters")["errors"]
    assert error == {"parameter": "q", "detail": "It is missing."}


@pytest.mark.parametrize("text", ["https://ror.org/04marky29", "04marky29", "Q871765"])
def test_an_organization_is_found_by_its_identifier(client: TestClient, text: str) -> None:
    for path in ("search", "organizations"):
        found = client.get(f"{V1}/{path}", params={"q": text}).json()["items"]
        assert found[0]["id"] == f"{ID}organization/at-bmk"
    assert "1 organization found" in client.get("/organizations", params={"q": text}).text


@pytest.mark.parametrize(
    ("name", "query"),
    [
        (name, query)
        for name, of in {**API["collections"], "search": API["search"]}.items()
        for query in of["examples"].values()
    ],
)
def test_the_examples_for_people_find_something(client: TestClient, name: str, query: str) -> None:
    assert client.get(f"{V1}/{name}?{query}").json()["items"]


FOREIGN = """@prefix cfit: <https://w3id.org/cfit/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix x: <https://pact.example.org/> .
x:o a org:Organization ; skos:prefLabel "Œuvre"@fr ; dcterms:spatial x:be ; x:own "value" .
x:a a cfit:Support ; org:member x:o ; org:organization x:p ; org:role x:friend .
x:p a cfit:Pact ; skos:prefLabel "Autre pacte"@fr .
"""


def test_files_of_others_have_collections_too(tmp_path: Path, open_client: Callable[..., TestClient]) -> None:
    (tmp_path / "x.ttl").write_text(FOREIGN, "utf-8")
    client = open_client(Settings(), [tmp_path / "x.ttl"])
    (organization,) = client.get(f"{V1}/organizations?country=https://pact.example.org/be").json()["items"]
    assert organization["prefLabel"] == {"fr": "Œuvre"}
    assert _ids(client, f"{V1}/affiliations?role=https://pact.example.org/friend") == ["https://pact.example.org/a"]
    assert _ids(client, f"{V1}/organizations?pact=https://pact.example.org/p&q=oeuvre") == [
        "https://pact.example.org/o"
    ]
    assert client.get(f"{V1}/events").json()["items"] == []
    (error,) = problem(client.get(f"{V1}/organizations?type=ngo"), 400, "bad-parameters")["errors"]
    assert error["detail"] == "There is no stakeholder-type 'ngo'. Nearest: none."
    problem(client.get(f"{V1}/organizations/o"), 404, "not-found")
    for page in (client.get("/api"), client.get("/openapi.json")):
        assert page.status_code == 200
        assert "electronics-watch" not in page.text


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        ["/search", *(f"/{name}" for name in COLLECTIONS), "/organizations.csv", "/pacts.csv-metadata.json", "/roles/x"]
    ),
    st.lists(
        st.tuples(
            st.one_of(st.sampled_from([*API["filters"]]), st.text(max_size=8)),
            st.one_of(
                st.text(max_size=20),
                st.sampled_from(["be", "cfit", "ngo", "2023-12-31", "1", "role:supporting", f"{ID}place/nl", "a b"]),
            ),
        ),
        max_size=5,
    ),
    st.sampled_from(["*/*", "text/csv", "application/ld+json", "text/html", "image/png", ";;", "a/b;q=x"]),
)
def test_no_query_string_is_too_much(
    client: TestClient, path: str, parameters: list[tuple[str, str]], accept: str
) -> None:
    response = client.get(f"{V1}{path}?{urlencode(parameters)}", headers={"Accept": accept})
    assert response.status_code in {200, 400, 404, 406}, response.text
    if response.status_code != 200 and accept != "text/html":
        problem(response, response.status_code, response.json()["type"].rpartition("/")[2])


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["/organizations?", "/search?q=", "/affiliations?role=", "/", "/pacts/"]), st.binary(max_size=30)
)
def test_no_bytes_are_too_much(client: TestClient, path: str, noise: bytes) -> None:
    plain = string.ascii_letters.encode() + b"%&=+"
    response = client.get(V1 + path + "".join(chr(byte) if byte in plain else f"%{byte:02x}" for byte in noise))
    assert response.status_code in {200, 400, 404}, response.text
