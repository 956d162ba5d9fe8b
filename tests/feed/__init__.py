"""Clients that follow the feed over HTTP by nothing but the standards: they know one address, and go on from there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyld import jsonld  # type: ignore[import-untyped]
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from cfit_graph.namespaces import FEED
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node
    from starlette.testclient import TestClient

    from tests.release import Change

AS = Namespace("https://www.w3.org/ns/activitystreams#")
LDES = Namespace("https://w3id.org/ldes#")
TREE = Namespace("https://w3id.org/tree#")
OURS = Namespace(f"{FEED}#")

_CONTEXT = json.loads((ROOT / "tests/feed/activitystreams.jsonld").read_text("utf-8"))


def by_activitystreams(client: TestClient, since: str = "") -> list[dict[str, Any]]:
    """Return activities in order, found as Change Discovery has it: backwards from the last page, up to a time."""
    collection = client.get("/feed", headers={"Accept": "application/activity+json"}).json()
    found: list[dict[str, Any]] = []
    address = collection["last"]["id"]
    while address:
        page = client.get(address, headers={"Accept": "application/activity+json"}).json()
        for activity in reversed(page["orderedItems"]):
            if activity["endTime"] <= since:
                return found[::-1]
            found.append(activity)
        address = page.get("prev", {}).get("id")
    return found[::-1]


def by_ldes(client: TestClient, media_type: str, since: str = "", name: str = FEED) -> Iterator[Change]:
    """Yield changes in order, found as TREE has it: from the view on, along relations that may hold what is later."""
    stream = URIRef(name)
    root = graph(client, "/feed/ldes", media_type)
    (view,) = root.objects(stream, TREE.view)
    nodes = {node for relation in root.objects(view, TREE.relation) for node in root.objects(relation, TREE.node)}
    everything = Graph()
    for node in nodes:
        if _may_be_later(root, node, since):
            everything += graph(client, str(node), media_type)
    members = [m for m in everything.objects(stream, TREE.member) if str(everything.value(m, AS.published)) > since]
    for member in sorted(members, key=lambda member: _place(everything, member)):
        yield _texts(everything, member, OURS.removed), _texts(everything, member, OURS.added)


def graph(client: TestClient, address: str, media_type: str) -> Graph:
    """Return an RDF document; it may have no named graphs."""
    answer = client.get(address, headers={"Accept": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == media_type
    if media_type in {"application/trig", "application/n-quads"}:
        media_type = {"application/trig": "text/turtle", "application/n-quads": "application/n-triples"}[media_type]
    return Graph().parse(data=answer.text, format=media_type)


def statements(document: dict[str, Any]) -> Graph:
    """Return what an ActivityStreams document says, by the reference processor of JSON-LD and the terms we use."""

    def load(url: str, _: Any) -> dict[str, Any]:
        assert url == "https://www.w3.org/ns/activitystreams"
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": _CONTEXT}

    quads = jsonld.to_rdf(document, {"documentLoader": load, "format": "application/n-quads"})
    return Graph().parse(data=quads, format="nt")


def activities(found: Graph) -> Graph:
    """Return what a graph says of activities, and of which type their objects are."""
    kept = Graph()
    for kind in (AS.Create, AS.Update, AS.Delete):
        for activity in found.subjects(RDF.type, kind):
            kept += found.triples((activity, None, None))
            for thing in found.objects(activity, AS.object):
                kept += found.triples((thing, RDF.type, None))
    return kept


def _may_be_later(root: Graph, node: Node, since: str) -> bool:
    bounds = [r for r in root.subjects(TREE.node, node) if (r, RDF.type, TREE.LessThanOrEqualToRelation) in root]
    return all(str(root.value(relation, TREE.value)) > since for relation in bounds)


def _place(found: Graph, member: Node) -> int:
    place = found.value(member, OURS.place)
    assert isinstance(place, Literal)
    return int(place)


def _texts(found: Graph, member: Node, name: URIRef) -> set[str]:
    return {str(line) for line in found.objects(member, name)}
