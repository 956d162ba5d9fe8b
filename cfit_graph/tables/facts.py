"""Statements, to be looked up by their parts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import pyoxigraph as ox

from cfit_graph.namespaces import VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal

_RDF: Final = VOCABULARIES["rdf"]


def iri(name: str) -> ox.NamedNode:
    """Return the IRI of a prefixed name.

    >>> iri("rdf:type")
    <NamedNode value=http://www.w3.org/1999/02/22-rdf-syntax-ns#type>
    """
    prefix, _, local = name.partition(":")
    return ox.NamedNode(VOCABULARIES[prefix] + local)


class Fact(NamedTuple):
    """A statement in RDF 1.1, without its graph."""

    subject: Node
    predicate: ox.NamedNode
    value: Term

    @property
    def quad(self) -> ox.Quad:
        """The statement as the parser has its own, in the default graph."""
        return ox.Quad(*self)


def facts(quads: Iterable[ox.Quad]) -> Iterator[Fact]:
    """Yield the statements of the parser, but for those on triples (RDF 1.2)."""
    for quad in quads:
        if not isinstance(quad.subject, ox.Triple) and not isinstance(quad.object, ox.Triple):
            yield Fact(quad.subject, quad.predicate, quad.object)


class Facts:
    """A set of statements; terms are those of the parser, and predicates are given as prefixed names.

    ``about`` has the statements by their subjects.
    """

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._objects: defaultdict[tuple[Term, str], list[Term]] = defaultdict(list)
        self._subjects: defaultdict[tuple[str, Term], list[Node]] = defaultdict(list)
        self.about: defaultdict[Node, list[Fact]] = defaultdict(list)
        for fact in dict.fromkeys(facts(quads)):
            self._objects[fact.subject, fact.predicate.value].append(fact.value)
            self._subjects[fact.predicate.value, fact.value].append(fact.subject)
            self.about[fact.subject].append(fact)

    def objects(self, subject: Term, *predicates: str) -> Iterator[Term]:
        """Yield the values that a subject has for any of these predicates."""
        for predicate in predicates:
            yield from self._objects.get((subject, iri(predicate).value), ())

    def object(self, subject: Term, predicate: str) -> Term | None:
        """Return a value that a subject has for a predicate, if it has one."""
        return next(self.objects(subject, predicate), None)

    def text(self, subject: Term, predicate: str) -> str:
        """Return the English text that a subject has for a predicate, or the one without a language; else none."""
        texts = [value for value in self.objects(subject, predicate) if isinstance(value, ox.Literal)]
        return min(texts, key=lambda text: (text.language != "en", text.language or "")).value if texts else ""

    def having(self, predicate: str, value: Term) -> Iterator[Node]:
        """Yield the subjects that have a value for a predicate."""
        yield from self._subjects.get((iri(predicate).value, value), ())

    def members(self, head: Term | None) -> Iterator[Term]:
        """Yield the members of an RDF list."""
        while head is not None and head != ox.NamedNode(_RDF + "nil"):
            yield from self.objects(head, "rdf:first")
            head = self.object(head, "rdf:rest")

    def closure(self, start: Term, predicate: str, *, backwards: bool = False) -> set[Term]:
        """Return ``start`` and what a predicate leads to from there, or ``backwards``, in any number of steps."""
        found, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            new = set[Term](self.having(predicate, here) if backwards else self.objects(here, predicate)) - found
            found |= new
            waiting += new
        return found
