"""What a JSON-LD document says, read by the reference processor with our context and no other."""

from __future__ import annotations

import json
from typing import Any

from pyld import jsonld  # type: ignore[import-untyped]
from rdflib import Graph

from cfit_graph.namespaces import CONTEXT
from tests.conftest import ROOT

_DOCUMENT = json.loads((ROOT / "ontology" / "context.jsonld").read_text("utf-8"))


def _load(url: str, _: Any) -> dict[str, Any]:
    assert url == CONTEXT, f"{url} is no context of ours"
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": _DOCUMENT}


def statements(document: dict[str, Any]) -> Graph:
    """Return what a document says; it may say nothing in a graph of its own, which would not be N-Triples."""
    quads = jsonld.to_rdf(document, {"documentLoader": _load, "format": "application/n-quads"})
    return Graph().parse(data=quads, format="nt")
