"""The description of the API is valid, true of every answer, and its examples are answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from cfit_graph.collection import COLLECTIONS, FILTERS, asking
from cfit_graph.settings import Settings
from cfit_graph.web import openapi
from cfit_graph.web.headers import API_VERSION
from tests.web import problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from cfit_graph.release import Release

    Part = dict[str, Any]

V1 = "/api/v1"
EVERY = pytest.mark.parametrize("name", COLLECTIONS)
JSON = "application/json"


@pytest.fixture(scope="module")
def document(client: TestClient) -> Part:
    found: Part = client.get("/openapi.json").json()
    return found


def _responses(document: Part, path: str) -> Part:
    responses: Part = document["paths"][path]["get"]["responses"]
    return responses


def _check(document: Part, path: str, status: str, content: Any) -> None:
    """Check an answer against its schema in the description."""
    response = _responses(document, path)[status]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    (schema, *_) = [media["schema"] for media in response["content"].values()]
    Draft202012Validator(document | schema).validate(content)


def test_it_is_openapi_3_1(client: TestClient, document: Part) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0"
    assert client.get(f"{V1}/openapi.json").json() == document
    assert document["info"]["version"] == API_VERSION
    assert document["info"]["license"]["url"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert f"/v{API_VERSION.partition('.')[0]}" in document["servers"][0]["url"]


def test_every_path_is_there_and_described(client: TestClient, document: Part) -> None:
    expected = {f"/{name}{end}" for name in COLLECTIONS for end in ("", "/{slug}")} | {"/search", "/changes"}
    assert set(document["paths"]) == expected
    retired = {path for path in expected if "410" in document["paths"][path]["get"]["responses"]}
    assert retired == {path for path in expected if path.endswith("{slug}")}
    operations = [path["get"] for path in document["paths"].values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert len(operation["summary"]) < len(operation["description"])
        assert {"200", "400", "404", "406", "503"} == set(operation["responses"]) - {"410"}
    for path in expected:
        assert client.get(f"{V1}{path.replace('{slug}', 'x')}").status_code in {200, 400, 404}


@EVERY
def test_parameters_are_those_that_are_read(client: TestClient, document: Part, name: str) -> None:
    described = [
        document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter
        for parameter in document["paths"][f"/{name}"]["get"]["parameters"]
    ]
    assert [parameter["name"] for parameter in described] == [*asking.parameters(COLLECTIONS[name]), "release"]
    for parameter in described:
        assert len(parameter["description"]) > 4
        if "example" in parameter:
            Draft202012Validator(parameter["schema"]).validate(parameter["example"])
            answer = client.get(f"{V1}/{name}", params={parameter["name"]: parameter["example"]})
            assert answer.status_code == 200
            assert answer.json()["items"], f"{name}?{parameter['name']}={parameter['example']} finds nothing"
    assert all("example" in parameter for parameter in described if parameter["name"] in FILTERS)
    (refused,) = problem(client.get(f"{V1}/{name}?reelease=x"), 400, "bad-parameters")["errors"]
    assert "There is release, " in refused["detail"]


def test_a_release_takes_no_other(client: TestClient, released: Release) -> None:
    """Its addresses name it: the parameter is neither described nor proposed, since it would be refused."""
    under = f"/release/{released.version}"
    told = client.get(f"{under}/openapi.json").json()["paths"].values()
    assert not [each for path in told for each in path["get"]["parameters"] if each.get("name") == "release"]
    for path in (f"{V1}/organizations", f"{V1}/changes"):
        refused = client.get(f"{under}{path}?reelease=x").json()["errors"]
        assert "release, " not in refused[0]["detail"].replace("reelease", "")
    assert "parameter-release" not in client.get(f"{under}/api").text
    assert 'id="parameter-release"' in client.get("/api").text


@EVERY
def test_every_answer_fits_its_schema(client: TestClient, document: Part, name: str) -> None:
    page = client.get(f"{V1}/{name}?limit=500").json()
    _check(document, f"/{name}", "200", page)
    for entry in page["items"]:
        _check(document, f"/{name}/{{slug}}", "200", client.get(f"{V1}/{name}/{entry['id'].rpartition('/')[2]}").json())
    _check(document, f"/{name}", "400", client.get(f"{V1}/{name}?x=1").json())
    _check(document, f"/{name}/{{slug}}", "404", client.get(f"{V1}/{name}/x").json())
    _check(document, f"/{name}", "406", client.get(f"{V1}/{name}", headers={"Accept": "image/png"}).json())


def _schemas(part: Any) -> list[Part]:
    """Every part that has a type, however deep: schemas, and what looks like one."""
    parts = list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []
    own = [part] if isinstance(part, dict) and "type" in part else []
    return own + [schema for each in parts for schema in _schemas(each)]


def test_generators_of_clients_can_read_it(document: Part) -> None:
    """They drop an answer with an array of they know not what, and take what is not named for not there."""
    lists = [schema for schema in _schemas(document) if schema["type"] == "array"]
    assert len(lists) > 50
    assert all("items" in schema for schema in lists)
    for name in COLLECTIONS.values():
        assert document["components"]["schemas"][openapi.schema_name(name)]["additionalProperties"] is True
    assert document["security"] == []


def test_the_list_of_changes_is_described(client: TestClient, document: Part) -> None:
    described = document["paths"]["/changes"]["get"]["parameters"]
    names = [parameter.get("name") or parameter["$ref"].rpartition("/")[2] for parameter in described]
    (refused,) = client.get(f"{V1}/changes?x=1").json()["errors"]
    taken = refused["detail"].rpartition("There is ")[2].removesuffix(".").split(", ")
    assert sorted(names) == sorted(taken)
    _check(document, "/changes", "200", client.get(f"{V1}/changes?limit=500").json())
    _check(document, "/changes", "400", client.get(f"{V1}/changes?limit=0").json())
    empty = client.get(f"{V1}/changes?since=2100-01-01").json()
    assert (empty["items"], empty["next"]) == ([], None)


def test_answers_of_the_search_fit_their_schema(client: TestClient, document: Part) -> None:
    _check(document, "/search", "200", client.get(f"{V1}/search?q=pact").json())
    _check(document, "/search", "400", client.get(f"{V1}/search").json())


def test_a_schema_can_fail(document: Part) -> None:
    schema = document["components"]["schemas"]["Affiliation"]
    for wrong in ({}, {"id": "x", "role": ["x"]}, {"id": "x", "source": "x"}, {"id": "x", "startDate": 2023}):
        assert not Draft202012Validator(document | schema).is_valid(wrong)


@EVERY
def test_examples_are_answers(client: TestClient, document: Part, name: str) -> None:
    page = _responses(document, f"/{name}")["200"]["content"][JSON]["example"]
    assert page == client.get(f"{V1}/{name}?limit=1").json()
    item = _responses(document, f"/{name}/{{slug}}")["200"]["content"][JSON]["example"]
    assert item == client.get(f"{V1}/{name}/{item['id'].rpartition('/')[2]}").json()
    assert item["id"] == page["items"][0]["id"]
    slug = document["paths"][f"/{name}/{{slug}}"]["get"]["parameters"][0]
    assert slug["example"] == item["id"].rpartition("/")[2]


@EVERY
def test_members_have_names_and_properties(document: Part, name: str) -> None:
    title = "".join(word.capitalize() for word in COLLECTIONS[name].kind.split("-"))
    members = document["components"]["schemas"][title]["properties"]
    assert list(members) == ["id", "type", *COLLECTIONS[name].fields]
    for field in COLLECTIONS[name].fields:
        words, _, iri = members[field]["description"].partition(" <")
        assert words
        assert iri.startswith("http")


def test_no_description_of_what_is_not_served(tmp_path: Path, open_client: Callable[..., TestClient]) -> None:
    (tmp_path / "x.ttl").write_text("<http://example.org/x> a <http://example.org/C> .", "utf-8")
    client = open_client(Settings(), [tmp_path / "x.ttl"])
    document = client.get("/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    assert "example" not in _responses(document, "/organizations")["200"]["content"][JSON]
    (kind,) = [each for each in document["paths"]["/organizations"]["get"]["parameters"] if each.get("name") == "type"]
    assert "example" not in kind
    assert "license" not in document["info"]
    problem(client.get(f"{V1}/organizations?type=ngo"), 400, "bad-parameters")
