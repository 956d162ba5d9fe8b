"""The log as a Linked Data Event Stream: a root node that leads to all pages, and pages that never change.

Rules: LDES and its server primer (SEMICeu/LinkedDataEventStreams at 10efe797), TREE. Members are the activities; each
page holds those of one moment, so its relations have that moment as lower and upper bound. The stream is named by the
IRI of the feed, which lasts; nodes by their addresses here, which a client follows. Members are written in the order of
the log.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rdflib import RDF, XSD, Literal, URIRef

from cfit_graph import nquads, source
from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.store import engine, formats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib.term import Identifier

    from cfit_graph.feed import Event, Log, Page

    Statement = tuple[Identifier, Identifier, Identifier]
    Address = Callable[[str], str]

MEDIA_TYPES: Final = {each.name: each.media_type for each in formats.TRIPLES if each.name != "rdf"}
"""Media types by suffix: the formats that LDES names."""

POLLING: Final = 3600
"""Seconds after which it is worth looking again."""

_TERMS: Final = Path(__file__).with_name("terms.ttl")


def _term(prefix: str, name: str) -> URIRef:
    return URIRef(VOCABULARIES[prefix] + name)


_PUBLISHED: Final = _term("as", "published")


def root(log: Log, address: Address, media_type: str) -> bytes:
    """Return the root node: what the stream is, and where its pages are.

    Raises:
        NotAcceptable: if there is no such media type.
    """
    terms = nquads.canonical(source.quads(_TERMS))  # the same labels of blank nodes each time
    return _written([*_lines(_root(log, address)), *terms], media_type)


def page(shown: Page, address: Address, media_type: str) -> bytes:
    """Return a page with its members.

    Raises:
        NotAcceptable: if there is no such media type.
    """
    return _written(_lines(_page(shown, address)), media_type)


def _written(lines: Iterable[str], media_type: str) -> bytes:
    output = io.BytesIO()
    engine.write(nquads.parse(lines), engine.choose(formats.TRIPLES, media_type), output)
    return output.getvalue()


def _lines(statements: Iterable[Statement]) -> Iterator[str]:
    return (f"{' '.join(term.n3() for term in statement)} .\n" for statement in statements)


def _root(log: Log, address: Address) -> Iterator[Statement]:
    node, stream = URIRef(address("/feed/ldes")), _stream(log.base)
    yield stream, RDF.type, _term("ldes", "EventStream")
    yield stream, _term("tree", "view"), node
    yield stream, _term("ldes", "timestampPath"), _PUBLISHED
    yield stream, _term("ldes", "sequencePath"), _term("feed", "place")
    yield stream, _term("ldes", "versionOfPath"), _term("as", "object")
    for kind in ("Create", "Update", "Delete"):
        yield stream, _term("ldes", f"version{kind}Object"), _term("as", kind)
    yield stream, _term("ldes", "pollingInterval"), Literal(POLLING)
    yield stream, _term("tree", "shape"), _term("feed", "Shape")
    yield node, RDF.type, _term("tree", "Node")
    for shown in log.pages:
        yield from _relation(node, shown, "GreaterThanOrEqualTo", address)
        yield from _relation(node, shown, "LessThanOrEqualTo", address)


def _stream(base: str) -> URIRef:
    return URIRef(f"{base}feed")


def _relation(node: URIRef, shown: Page, comparison: str, address: Address) -> Iterator[Statement]:
    relation = URIRef(f"{node}#{shown.number}-{comparison}")
    yield node, _term("tree", "relation"), relation
    yield relation, RDF.type, _term("tree", f"{comparison}Relation")
    yield relation, _term("tree", "node"), _node(shown, address)
    yield relation, _term("tree", "path"), _PUBLISHED
    yield relation, _term("tree", "value"), _time(shown.release.manifest["published"])


def _page(shown: Page, address: Address) -> Iterator[Statement]:
    node = _node(shown, address)
    yield node, RDF.type, _term("tree", "Node")
    yield node, _term("ldes", "immutable"), Literal(True)
    for event in shown.events():
        yield _stream(shown.base), _term("tree", "member"), URIRef(event.iri)
        yield from _member(event)


def _member(event: Event) -> Iterator[Statement]:
    member, activity = URIRef(event.iri), event.activity
    yield member, RDF.type, _term("as", activity.type)
    yield member, _term("as", "object"), URIRef(activity.object)
    yield member, _PUBLISHED, _time(event.published)
    yield member, _term("as", "endTime"), _time(event.published)
    yield member, _term("as", "context"), URIRef(event.release_iri)
    yield member, _term("feed", "place"), Literal(event.place)
    yield member, _term("as", "summary"), Literal(activity.summary, lang="en")
    for name, lines in (("added", activity.added), ("removed", activity.removed)):
        for line in lines:
            yield member, _term("feed", name), Literal(line)
    for kind in activity.object_types:
        yield URIRef(activity.object), RDF.type, URIRef(kind)


def _node(shown: Page, address: Address) -> URIRef:
    return URIRef(address(f"/feed/ldes/page/{shown.number}"))


def _time(published: str) -> Literal:
    return Literal(published, datatype=XSD.dateTime, normalize=False)
