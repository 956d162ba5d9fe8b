"""What a handful of statements say, looked up from both ends: enough to make a page of, many times faster than a graph.

IRIs are plain text here, so are blank nodes (``_:label``), and literals are :class:`Words`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph import nquads
from cfit_graph.namespaces import VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STRING: Final = VOCABULARIES["xsd"] + "string"
"""The datatype of plain text."""
_IRI: Final = r"<(\S+)>"
_LITERAL: Final = rf'"([^"\n]*)"(?:@([a-z]+(?:-[a-z0-9]+)*)|\^\^{_IRI})?'
_PLAIN: Final = re.compile(rf"^(?:{_IRI}|(_:\w+)) {_IRI} (?:{_IRI}|(_:\w+)|{_LITERAL}) \.\n", re.MULTILINE)
"""A line as Oxigraph writes it, where nothing is escaped."""


class Words(NamedTuple):
    """A literal: its lexical form as it is written, and its language or else the IRI of its datatype."""

    text: str
    language: str = ""
    datatype: str = ""


Node = str | Words
"""An IRI or the label of a blank node, or else a literal."""


def read(triples: bytes) -> list[tuple[str, str, Node]]:
    """Return the subject, the property and the value of each statement of N-Triples, in order.

    Plain lines are read by a pattern, in half the time: the parser makes an object of each term.

    Raises:
        SyntaxError: if they are none.
    """
    text = triples.decode()
    found = _PLAIN.findall(text) if text.endswith("\n") and "\\" not in text else []
    if not found or len(found) != text.count("\n"):
        return [(nquads.name(it.subject), it.predicate.value, _node(it.object)) for it in nquads.parse([text])]
    return [
        (subject or blank, predicate, iri or label or Words(words, language, datatype or ("" if language else STRING)))
        for subject, blank, predicate, iri, label, words, language, datatype in found
    ]


def by_subject(found: Iterable[tuple[str, str, Node]]) -> dict[str, dict[str, list[Node]]]:
    """Return the values of each property of each subject, in order."""
    said: dict[str, dict[str, list[Node]]] = {}
    for subject, predicate, value in found:
        said.setdefault(subject, {}).setdefault(predicate, []).append(value)
    return said


class Statements:
    """An index of statements; what is said of a node keeps its order."""

    def __init__(self, triples: bytes) -> None:
        """Read N-Triples.

        Raises:
            SyntaxError: if they are none.
        """
        found = read(triples)
        self._said = by_subject(found)
        self._links: dict[str, list[tuple[str, str]]] = {}
        for subject, predicate, value in found:
            if isinstance(value, str):
                self._links.setdefault(value, []).append((subject, predicate))

    def of(self, node: str) -> Mapping[str, Sequence[Node]]:
        """Return what is said of a node: values by property."""
        return self._said.get(node, {})

    def values(self, node: str, predicate: str) -> Sequence[Node]:
        """Return the values that a property of a node has."""
        return self.of(node).get(predicate, ())

    def links_to(self, node: str) -> Iterable[tuple[str, str]]:
        """Return the subjects and properties of the statements whose value is a node."""
        return self._links.get(node, ())


def of_result(term: Mapping[str, str]) -> Node:
    """Return a term of an answer, in the form of SPARQL 1.1 Query Results JSON (3.2.2), as a node."""
    text, kind, language = term["value"], term["type"], term.get("xml:lang", "")
    if kind == "uri":
        return text
    if kind == "bnode":
        return f"_:{text}"
    return Words(text, language, "" if language else term.get("datatype", STRING))


def _node(term: nquads.Term) -> Node:
    if not isinstance(term, nquads.Literal):
        return nquads.name(term)
    language = term.language
    return Words(term.value, language) if language else Words(term.value, "", term.datatype.value)
