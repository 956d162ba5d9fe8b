"""RDF in the formats of documents: from N-Triples, and JSON-LD in the words of our context."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from cfit_graph import nquads, statements
from cfit_graph.collection.jsonld import MEDIA_TYPES
from cfit_graph.store import engine
from cfit_graph.store.formats import GRAPHS

if TYPE_CHECKING:
    from cfit_graph.collection.jsonld import Context


def serialize(triples: bytes, media_type: str, root: str, context: Context) -> bytes:
    """Return ``triples``, in N-Triples, in a format; in JSON-LD what is said of the IRI ``root`` comes first.

    Raises:
        NotAcceptable: if there is no such media type for documents.
        UsageError: if the format cannot hold them.
    """
    if media_type == "application/n-triples":
        return triples
    if media_type in MEDIA_TYPES.values():
        return _json_ld(triples, root, context)
    written = io.BytesIO()
    parsed = (quad.triple for quad in nquads.parse([triples.decode()]))
    engine.write(parsed, engine.choose(GRAPHS, media_type), written)
    return written.getvalue()


def _json_ld(triples: bytes, root: str, context: Context) -> bytes:
    """Return JSON-LD that brings its context along, so that whoever reads it need not fetch one."""
    said = statements.by_subject(statements.read(triples))
    first = context.node(root, said.pop(root, {}))
    others = [context.node(name, said[name]) for name in sorted(said)]
    document = first | ({"@included": others} if others else {})
    members = json.dumps(document, ensure_ascii=False, separators=(",", ":")).removeprefix("{")
    return f'{{"@context":{context.text},{members}'.encode()
