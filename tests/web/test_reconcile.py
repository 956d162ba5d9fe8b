"""``/reconcile`` over HTTP, as OpenRefine asks it (RC-01 to RC-13 of our requirements)."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from jsonschema import Draft202012Validator
from rdflib import DCTERMS

from cfit_graph.namespaces import ID
from cfit_graph.reconcile import BATCH, TYPES
from cfit_graph.reconcile.catalogue import Catalogue
from cfit_graph.settings import Settings
from cfit_graph.texts import RETIREMENT
from cfit_graph.web.routes import reconcile
from tests import reconcile as schemas
from tests.conftest import ROOT
from tests.release import STATEMENT
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from httpx2 import Response
    from starlette.testclient import TestClient

    from tests.conftest import Publish

WATCH = "organization/electronics-watch"
GOLDEN = json.loads((ROOT / "tests" / "reconcile" / "openrefine.json").read_text("utf-8"))
"""Requests as OpenRefine builds them: of names, of names with properties, and of what is known of them."""


def _post(client: TestClient, address: str = reconcile.ROOT, **sent: Any) -> Response:
    """Send parameters as a form, JSON written as OpenRefine writes it."""
    form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()}
    response: Response = client.post(address, data=form)
    return response


def _ask(client: TestClient, queries: Any, address: str = reconcile.ROOT) -> dict[str, Any]:
    response = _post(client, address, queries=queries)
    assert response.status_code == 200, response.text
    return _valid(response.json(), schemas.RESULTS)


def _valid(answer: Any, schema: schemas.Schema) -> dict[str, Any]:
    Draft202012Validator(schema).validate(answer)
    assert isinstance(answer, dict)
    return answer


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _manifest(client: TestClient, address: str = reconcile.ROOT) -> dict[str, Any]:
    return _valid(client.get(address).json(), schemas.MANIFEST)


# RC-01


def test_without_parameters_it_tells_of_itself(client: TestClient) -> None:
    manifest = _manifest(client)
    assert manifest["identifierSpace"] == "https://w3id.org/cfit/id/"
    assert [it["id"] for it in manifest["defaultTypes"]] == list(TYPES)
    assert manifest["batchSize"] == BATCH


def test_it_tells_of_itself_without_waiting_for_the_names(
    releases: Path, open_client: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Catalogue, "__init__", lambda *_: pytest.fail("the names were read"))
    monkeypatch.setattr("cfit_graph.search.read", lambda _: pytest.fail("the names were read"))
    client = open_client(Settings(root=ROOT, releases=releases))
    started = time.perf_counter()
    _manifest(client)
    assert time.perf_counter() - started < 1


def test_an_id_behind_the_view_leads_to_the_thing(client: TestClient) -> None:
    for name in (WATCH, "pact/cfit", "stakeholder-type/ngo"):
        address = _manifest(client)["view"]["url"].replace("{{id}}", quote(name, safe=""))
        leads = client.get(_path(address))
        assert (leads.status_code, leads.headers["location"]) == (303, f"/doc/{name}")


def test_all_that_it_names_is_there(client: TestClient) -> None:
    manifest = _manifest(client)
    assert client.get(_path(manifest["logo"])).status_code == 200
    page = client.get(_path(manifest["documentation"].partition("#")[0]), headers=BROWSER)
    assert 'id="reconcile"' in page.text
    assert "http://testserver:80/reconcile" in page.text


# RC-02, RC-03, RC-04


@pytest.mark.parametrize("name", GOLDEN["queries"])
def test_what_openrefine_sends_is_answered_key_by_key(client: TestClient, name: str) -> None:
    queries = GOLDEN["queries"][name]
    answer = _ask(client, queries)
    assert list(answer) == list(queries)
    for found in answer.values():
        scores = [each["score"] for each in found["result"]]
        assert scores == sorted(scores, reverse=True)
    got = client.get(f"{reconcile.ROOT}?{urlencode({'queries': json.dumps(queries)})}")
    assert got.json() == answer


def test_what_openrefine_sends_finds_who_is_meant(client: TestClient) -> None:
    found = {
        key: [each["id"] for each in answer["result"] if each["match"]]
        for name in GOLDEN["queries"]
        for key, answer in _ask(client, GOLDEN["queries"][name]).items()
    }
    assert found == GOLDEN["matched"]


def test_a_type_is_a_string_or_an_array(client: TestClient) -> None:
    one, several = ({"query": "Electronics Watch", "type": kind} for kind in ("organization", ["organization"]))
    answer = _ask(client, {"a": one, "b": several})
    assert answer["a"] == answer["b"]
    (best, *_) = answer["a"]["result"]
    assert best == {
        "id": WATCH,
        "name": "Electronics Watch",
        "description": "NGO, monitoring body, Netherlands",
        "type": [{"id": "organization", "name": "organization"}],
        "score": 100,
        "features": [{"id": "name", "value": 100}],
        "match": True,
    }


def test_a_query_without_hit_has_an_empty_result(client: TestClient) -> None:
    assert _ask(client, {"q0": {"query": "Xyzzy Plugh"}, "q1": {"query": ""}}) == {
        "q0": {"result": []},
        "q1": {"result": []},
    }


# RC-06


def test_a_batch_may_be_as_large_as_it_says_and_no_larger(client: TestClient) -> None:
    size = _manifest(client)["batchSize"]
    names = {f"q{number}": {"query": f"Electronics {number}"} for number in range(size)}
    assert len(_ask(client, names)) == size
    body = problem(_post(client, queries=names | {"more": {"query": "x"}}), 413, "batch-too-large")
    assert f"may have {size}" in body["detail"]


# RC-08


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/suggest/entity?prefix=a",
        "/suggest/type?prefix=a",
        "/suggest/property?prefix=a",
        "/properties?type=pact",
        f"/preview?id={WATCH}",
        "/suggest/entity",
        "?queries=x",
    ],
)
def test_any_site_may_ask_and_read_every_answer(client: TestClient, path: str) -> None:
    address = reconcile.ROOT + path
    assert client.get(address, headers={"Origin": "http://example.org"}).headers["access-control-allow-origin"] == "*"
    preflight = client.options(
        address, headers={"Origin": "http://example.org", "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["access-control-allow-methods"]


# RC-09


def test_things_types_and_properties_are_suggested(client: TestClient) -> None:
    found = {}
    for kind, prefix, schema in (
        ("entity", "electronics w", schemas.SUGGESTED_ENTITIES),
        ("type", "stake", schemas.SUGGESTED),
        ("property", "country", schemas.SUGGESTED),
    ):
        place = _manifest(client)["suggest"][kind]
        address = _path(place["service_url"] + place["service_path"])
        found[kind] = _valid(client.get(address, params={"prefix": prefix}).json(), schema)["result"]
        skipped = client.get(address, params={"prefix": prefix, "cursor": "1"}).json()["result"]
        assert skipped[:3] == found[kind][1:4]
        for wrong in ({}, {"prefix": "a", "cursor": "-1"}, {"prefix": "x" * 1000}):
            problem(client.get(address, params=wrong), 400, "bad-parameters")
    assert found["entity"][0]["id"] == WATCH
    assert found["entity"][0]["notable"] == [{"id": "organization", "name": "organization"}]
    assert [it["id"] for it in found["type"]] == ["stakeholder-type"]
    assert [it["id"] for it in found["property"]] == ["country"]


def test_suggestions_are_of_a_type_if_one_is_given(client: TestClient) -> None:
    address = f"{reconcile.ROOT}/suggest/entity"
    kinds = [it["id"].partition("/")[0] for it in client.get(f"{address}?prefix=cfit&type=pact").json()["result"]]
    assert set(kinds) == {"pact"}
    problem(client.get(f"{address}?prefix=cfit&type=cat"), 400, "bad-parameters")


# RC-10


def test_a_preview_may_be_framed_by_anybody_and_nothing_else_may(client: TestClient) -> None:
    manifest = _manifest(client)
    page = client.get(_path(manifest["preview"]["url"].replace("{{id}}", quote(WATCH, safe=""))))
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policies = page.headers.get_list("content-security-policy")
    assert len(policies) == 1
    assert "frame-ancestors *" in policies[0]
    assert "script-src" not in policies[0]
    assert "default-src 'none'" in policies[0]
    assert "Electronics Watch" in page.text
    assert f'href="/doc/{WATCH}"' in page.text
    for path in ("/", f"/doc/{WATCH}", reconcile.ROOT, f"{reconcile.ROOT}/preview?id=nowhere/x"):
        (policy,) = client.get(path, headers=BROWSER).headers.get_list("content-security-policy")
        assert "frame-ancestors 'none'" in policy, path


@pytest.mark.parametrize("name", [WATCH, "organization:electronics-watch", f"https://w3id.org/cfit/id/{WATCH}"])
def test_a_preview_takes_any_spelling_of_an_id(client: TestClient, name: str) -> None:
    page = client.get(f"{reconcile.ROOT}/preview", params={"id": name})
    assert "<title>Electronics Watch</title>" in page.text


def test_a_long_preview_says_how_much_there_is_more(client: TestClient) -> None:
    page = client.get(f"{reconcile.ROOT}/preview?id=pact/cfit").text
    assert re.search(r"and \d+ more", page)


def test_a_preview_of_what_is_retired_says_so(
    publish: Publish, tiny: Path, open_client: Callable[..., TestClient]
) -> None:
    old, new = STATEMENT.format("old", "The old one"), STATEMENT.format("new", "The new one")
    publish(f"{old}{new}<{ID}organization/old> <{DCTERMS.isReplacedBy}> <{ID}organization/new> .\n")
    publish(new)
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    page = client.get(f"{reconcile.ROOT}/preview?id=organization/old")
    assert page.status_code == 410
    assert RETIREMENT["here"] in page.text
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    assert _post(client, extend={"ids": ["organization/old"], "properties": []}).json()["rows"] == {
        "organization/old": {}
    }


@pytest.mark.parametrize(
    "name", ["", "x", "nowhere/x", "a b/c", "../../etc", "https://example.org/x", "organization/%"]
)
def test_a_preview_of_nothing_is_404(client: TestClient, name: str) -> None:
    problem(client.get(f"{reconcile.ROOT}/preview", params={"id": name}), 404, "not-found")


# RC-11


def test_values_of_properties_are_fetched(client: TestClient) -> None:
    answer = _post(client, extend=GOLDEN["extend"])
    assert answer.status_code == 200, answer.text
    body = _valid(answer.json(), schemas.EXTENSION)
    assert list(body["rows"]) == GOLDEN["extend"]["ids"]
    pids = [each["id"] for each in GOLDEN["extend"]["properties"]]
    assert [each["id"] for each in body["meta"]] == pids
    assert all(list(row) == pids for row in body["rows"].values())
    assert body["rows"][WATCH]["country"] == [{"id": "place/nl", "name": "Netherlands"}]
    got = client.get(f"{reconcile.ROOT}?{urlencode({'extend': json.dumps(GOLDEN['extend'])})}")
    assert got.json() == body


def test_properties_are_proposed_that_can_be_fetched(client: TestClient) -> None:
    place = _manifest(client)["extend"]["propose_properties"]
    address = _path(place["service_url"] + place["service_path"])
    for kind in TYPES:
        body = _valid(client.get(address, params={"type": kind}).json(), schemas.PROPOSAL)
        assert body["type"] == kind
        asked = {"ids": [], "properties": [{"id": it["id"]} for it in body["properties"]]}
        assert _post(client, extend=asked).json() == {"meta": body["properties"], "rows": {}}
    few = _valid(client.get(address, params={"type": "pact", "limit": 2}).json(), schemas.PROPOSAL)
    assert (few["limit"], len(few["properties"])) == (2, 2)
    assert _valid(client.get(address).json(), schemas.PROPOSAL).keys() == {"properties"}
    for wrong in ({"type": "cat"}, {"type": "pact", "limit": "many"}):
        problem(client.get(address, params=wrong), 400, "bad-parameters")
    body = problem(client.get(address, params={"limit": "9" * 19}), 400, "bad-parameters")
    assert "1 to 18 digits" in body["detail"]


# RC-12


@pytest.mark.parametrize(
    ("sent", "kind", "said"),
    [
        ({"queries": "{}", "extend": "{}"}, "bad-request", "one of them and once"),
        ({"queries": "{"}, "bad-parameters", "not JSON"),
        ({"queries": '{"q0": {"limit": 3}}'}, "bad-parameters", 'neither "query"'),
        ({"queries": '{"q0": {"query": "x", "limit": 0}}'}, "bad-parameters", "from 1 to 50"),
        ({"queries": '{"q0": {"query": "x", "type": "cat"}}'}, "bad-parameters", "There is organization"),
        ({"extend": '{"ids": [], "properties": [{"id": "cat"}]}'}, "bad-parameters", "Nearest"),
        ({"query": "x"}, "bad-parameters", "no such parameter"),
        ({"queries": "{}", "callback": "x"}, "bad-parameters", "no such parameter"),
    ],
)
def test_what_is_wrong_is_told_in_words(client: TestClient, sent: dict[str, str], kind: str, said: str) -> None:
    assert said in problem(_post(client, **sent), 400, kind)["detail"]
    assert said in problem(client.get(reconcile.ROOT, params=sent), 400, kind)["detail"]


def test_a_body_that_is_no_form_is_refused(client: TestClient) -> None:
    problem(client.post(reconcile.ROOT, json={"queries": {}}), 415, "unsupported-media-type")
    problem(client.post(reconcile.ROOT, content=b"queries={}"), 415, "unsupported-media-type")
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=latin-1"}
    problem(client.post(reconcile.ROOT, content=b"queries={}", headers=form), 415, "unsupported-media-type")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"", b"queries=%ff"):
        problem(client.post(reconcile.ROOT, content=body, headers=form), 400, "bad-request")
    assert client.put(reconcile.ROOT).status_code == 405


HOSTILE = {
    "fifty names of a hundred kilobytes": ({f"q{number}": {"query": "x" * 100_000} for number in range(50)}, 413),
    "one name of a megabyte": ({"q0": {"query": "x" * 1_000_000}}, 400),
    "names of combining characters": ({f"q{number}": {"query": "a" + "\u0301" * 499} for number in range(50)}, 200),
    "names of letters that grow": ({f"q{number}": {"query": "\ufdfa" * 500} for number in range(50)}, 200),
    "names of one letter": ({f"q{number}": {"query": "e" * 500} for number in range(50)}, 200),
    "names of single letters": ({f"q{number}": {"query": " e" * 250} for number in range(50)}, 200),
    "names of all pairs of letters": (
        {f"q{number}": {"query": " ".join(map(chr, range(97, 123))) * 9} for number in range(50)},
        200,
    ),
    "deep JSON": ("[" * 400_000, 400),
    "deep JSON in a value": ('{"q0": {"query": ' + "[" * 900 + "]" * 900 + "}}", 400),
    "many properties": (
        {
            f"q{number}": {"query": "e", "properties": [{"pid": "country", "v": ["e" * 90] * 20}] * 20}
            for number in range(15)
        },
        200,
    ),
    "many fields": ("&".join(["{}"] * 5_000), 400),
    "a null character": ({"q0": {"query": "\0", "properties": [{"pid": "role", "v": "\0"}]}}, 200),
    "SPARQL": ({"q0": {"query": 'x" } . ?s ?p ?o } #', "properties": [{"pid": "role", "v": "<x> } #"}]}}, 200),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_batch_ends_soon_with_a_clear_answer(client: TestClient, name: str) -> None:
    _ask(client, {"q0": {"query": "warm"}})
    sent, status = HOSTILE[name]
    started = time.perf_counter()
    answer = _post(client, queries=sent)
    assert time.perf_counter() - started < 3
    assert answer.status_code == status, answer.text[:500]
    if status != 200:
        assert answer.json()["detail"]
        assert len(answer.content) < 20_000


def test_too_many_that_wait_are_told_to_come_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "_PLACES", 0)
    answer = _post(client, queries={"q0": {"query": "x"}})
    problem(answer, 503, "overloaded")
    assert answer.headers["retry-after"]


# RC-13


def test_a_match_is_the_first_and_the_only_one(client: TestClient) -> None:
    names = ["Electronics Watch", "Elektronics Watch", "Flanders", "Environment", "CFIT", "Ministry", "EW"]
    for found in _ask(client, {name: {"query": name, "limit": 50} for name in names}).values():
        matched = [place for place, each in enumerate(found["result"]) if each["match"]]
        assert matched in ([], [0])
        if matched:
            first, *others = (each["score"] for each in found["result"])
            assert first >= 95
            assert all(other <= first - 5 for other in others)


# what else there is


def test_fifty_names_take_well_under_a_second(client: TestClient) -> None:
    slugs = [it["id"].rpartition("/")[2] for it in client.get("/api/v1/organizations").json()["items"]]
    queries = {slug: {"query": f"{slug} ministry of the environment"} for slug in slugs[:BATCH]}
    _ask(client, queries)
    started = time.perf_counter()
    assert len(_ask(client, queries)) > 30
    assert time.perf_counter() - started < 1


def test_each_release_has_its_own(publish: Publish, tiny: Path, open_client: Callable[..., TestClient]) -> None:
    named = "@prefix org: <http://www.w3.org/ns/org#> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    named += '<https://w3id.org/cfit/id/organization/a> a org:Organization ; skos:prefLabel "{}"@en .\n'
    old, new = (publish(named.format(name)) for name in ("Old Name", "New Name"))
    client = open_client(Settings(root=tiny, releases=tiny / "releases"))
    queries = {"q0": {"query": "Old Name"}, "q1": {"query": "New Name"}}
    for release, address, hit in (
        (old, f"/release/{old.version}/reconcile", "q0"),
        (old, f"/reconcile?release={old.version}", "q0"),
        (new, "/reconcile", "q1"),
    ):
        answer = _ask(client, queries, address)
        assert [key for key, found in answer.items() if found["result"] and found["result"][0]["match"]] == [hit]
        manifest = _manifest(client, address)
        prefix = "" if address == "/reconcile" else f"/release/{release.version}"
        assert urlsplit(manifest["view"]["url"]).path == f"{prefix}/id/{{{{id}}}}"
        assert (release.version in manifest["name"]) is bool(prefix)
        shown = client.get(_path(manifest["preview"]["url"].replace("{{id}}", "organization%2Fa"))).text
        assert f'href="{prefix}/doc/organization/a"' in shown
        suggest = manifest["suggest"]["entity"]
        found = client.get(_path(suggest["service_url"] + suggest["service_path"]), params={"prefix": "name"}).json()
        assert [it["name"] for it in found["result"]] == [f"{'Old' if prefix else 'New'} Name"]


def test_files_are_matched_as_they_are(tmp_path: Path, open_client: Callable[..., TestClient]) -> None:
    (tmp_path / "own.ttl").write_text(
        "@prefix org: <http://www.w3.org/ns/org#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
        ' <https://w3id.org/cfit/id/organization/own> a org:Organization ; skos:prefLabel "Our Own" .',
        "utf-8",
    )
    client = open_client(Settings(root=ROOT, releases=tmp_path), [tmp_path / "own.ttl"])
    (found,) = _ask(client, {"q0": {"query": "our own"}})["q0"]["result"]
    assert (found["id"], found["match"]) == ("organization/own", True)


def test_the_catalog_of_the_server_names_it(client: TestClient) -> None:
    contexts = client.get("/.well-known/api-catalog").json()["linkset"]
    (own,) = (context for context in contexts if context["anchor"].endswith("/reconcile"))
    assert own["service-meta"] == [{"href": own["anchor"], "type": "application/json"}]
    assert {"href": own["anchor"], "type": "application/json"} in contexts[0]["item"]
