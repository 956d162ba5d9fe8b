"""RDF in the formats of documents: from N-Triples, and JSON-LD in the words of our context."""

from __future__ import annotations

import io
import json
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from rdflib import RDF

from cfit_graph import nquads, statements
from cfit_graph.collection.jsonld import MEDIA_TYPES
from cfit_graph.namespaces import KINDS, SCHEMES, VOCABULARIES
from cfit_graph.store import engine
from cfit_graph.store.formats import GRAPHS

if TYPE_CHECKING:
    from cfit_graph.collection.jsonld import Context


_TYPE: Final = f" <{RDF.type}> ".encode()
_HEAD: Final = re.compile(rb"(?:@prefix [^\n]*\n)*")


def serialize(triples: bytes, media_type: str, root: str, context: Context) -> bytes:
    """Return ``triples``, in N-Triples, in a format; what is said of the IRI ``root`` comes first, but in N-Triples.

    Raises:
        NotAcceptable: if there is no such media type for documents.
        UsageError: if the format cannot hold them.
    """
    if media_type == "application/n-triples":
        return triples
    if media_type in MEDIA_TYPES.values():
        return _json_ld(triples, root, context)
    written = io.BytesIO()
    parsed = nquads.parse([_in_order(triples, root).decode()])
    engine.write(parsed, engine.choose(GRAPHS, media_type), written, _prefixes(triples, root))
    return _tidy(written.getvalue()) if media_type == "text/turtle" else written.getvalue()


def _in_order(triples: bytes, root: str) -> bytes:
    """Return the lines as people want to read them: those on ``root`` first, and of each subject its types."""
    start = f"<{root}> ".encode()
    lines = sorted(triples.splitlines(keepends=True), key=lambda line: line.replace(_TYPE, b"  ", 1))
    lines.sort(key=lambda line: not line.startswith(start))
    return b"".join(lines)


def _prefixes(triples: bytes, root: str) -> dict[str, str]:
    """Return the prefixes that are used; those of things are for things of the same base as the root."""
    base, ours, _ = root.partition("/id/")
    known = VOCABULARIES | {kind: f"{base}{ours}{kind}/" for kind in (*KINDS, *SCHEMES) if ours}
    written = sorted(set(triples.decode().split("<")))
    return {name: namespace for name, namespace in known.items() if _begins(namespace, written)}


def _begins(start: str, words: list[str]) -> bool:
    """Tell whether any of some words, which are sorted, begins so."""
    at = bisect_left(words, start)
    return at < len(words) and words[at].startswith(start)


def _tidy(turtle: bytes) -> bytes:
    """Return Turtle of the engine's with its prefixes in order, and a blank line between subjects."""
    head = _HEAD.match(turtle)
    assert head  # noqa: S101 - it matches nothing, too
    prefixes = b"".join(sorted(head[0].splitlines(keepends=True)))
    return b"\n".join([prefixes, turtle[head.end() :].replace(b" .\n", b" .\n\n").removesuffix(b"\n")])


def _json_ld(triples: bytes, root: str, context: Context) -> bytes:
    """Return JSON-LD that brings its context along, so that whoever reads it need not fetch one."""
    said = statements.by_subject(statements.read(triples))
    first = context.node(root, said.pop(root, {}))
    others = [context.node(name, said[name]) for name in sorted(said)]
    document = first | ({"@included": others} if others else {})
    members = json.dumps(document, ensure_ascii=False, separators=(",", ":")).removeprefix("{")
    return f'{{"@context":{context.text},{members}'.encode()
