"""A change of one statement in a text changes this statement and no other, whatever the layout."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from rdflib import BNode, Literal, URIRef

from cfit_graph import source
from cfit_graph.positions import Span
from cfit_graph.positions.turtle_edits import TurtleText
from cfit_graph.validation import apply
from cfit_graph.validation.mending.faults import Change
from cfit_graph.validation.mending.writing import Writer
from cfit_graph.validation.written import Written, read
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]

TURTLE = """@prefix ex: <https://example.org/> . # prefixes
@prefix : <https://example.org/more/> .
ex:a a ex:C , ex:D ; ex:p "x" , \"\"\"long "quoted"
text\"\"\"@en , 'y'^^ex:t ; # between
    ex:q 1 , true ; .
ex:b ex:p ex:c .
ex:c ex:p "z;.," ; ex:q [ ex:r ex:a ; ex:s "in" ] .
<https://example.org/d> :p ( ex:a ) ; ex:p 2.5.
"""
TRIG = (
    """@prefix ex: <https://example.org/> .
GRAPH ex:g { ex:a ex:p "x" ; ex:q "y" , "z" . ex:b ex:p 1 ; ex:q 2 }
"""
    "ex:c ex:p ex:d ; ex:q ex:e .\n"
)
LINES = """<https://example.org/a> <https://example.org/p> "x" .
# a comment
<https://example.org/a>\t<https://example.org/q> "y"@en .\r
<https://example.org/b> <https://example.org/p> "z"^^<https://example.org/t> ."""
QUADS = LINES.replace(' "x" .', ' "x" <https://example.org/g> .')
JSON = """{"@context": {"ex": "https://example.org/", "link": {"@id": "ex:link", "@type": "@id"},
  "name": {"@id": "ex:name", "@container": "@language"}},
 "@graph": [{"@id": "ex:a", "@type": ["ex:C", "ex:D"], "ex:p": ["x", {"@value": "y", "@language": "en"}],
  "link": "ex:b"}, {"ex:q": {"@value": "1", "@type": "ex:t"}, "@id": "ex:b", "ex:r": [{"@id": "ex:a"}],
   "name": {"en": "n", "nl": ["m"]},
   "ex:in": {"@id": "ex:c", "ex:p": "deep"}}]}
"""
TEXTS = {"ttl": TURTLE, "trig": TRIG, "nt": LINES, "nq": QUADS, "jsonld": JSON}
NEW = (
    URIRef("https://example.org/new"),
    Literal('new "text"\n', lang="en"),
    Literal("7", datatype=URIRef("https://example.org/t")),
)


def _statements(path: Path) -> list[Written]:
    wanted = {node for triple in source.statements(path) for node in (triple[0], triple[2])}
    return read(path, None, wanted, path.name)[0]


def _changed(path: Path, change: Change, said: list[Written]) -> set[Triple] | None:
    """Return what a file says with a change made; none if it cannot be made."""
    edits = Writer(path, None, lambda: source.model(ROOT)).edits([change], said)
    if not edits:
        return None
    other = path.with_name(f"changed{path.suffix}")
    other.write_bytes(apply(path.read_bytes().decode(), edits).encode())
    return _known(other)


def _known(path: Path) -> set[Triple]:
    """Return what a file says without regard to the names of blank nodes."""
    return {tuple("_" if isinstance(node, BNode) else node for node in triple) for triple in source.statements(path)}  # type: ignore[misc]


def _changes(triple: Triple) -> list[Change]:
    subject, name, _ = triple
    changes = [Change(triple, None), Change(None, (subject, URIRef("https://example.org/new"), NEW[1]))]
    changes += [Change(triple, (subject, name, new)) for new in NEW]
    return [*changes, Change(triple, (subject, URIRef("https://example.org/new"), triple[2]))]


def _check(path: Path, statements: list[Written]) -> tuple[int, int]:
    """Make every change of the statements; return how many there are, and how many could be made."""
    before, tried, made = _known(path), 0, 0
    for found in statements:
        for change in _changes(found.triple) if BNode not in set(map(type, found.triple)) else ():
            after = _changed(path, change, [other for other in statements if other.triple[0] == found.triple[0]])
            old, new = ({triple} if triple else set() for triple in change)
            assert after is None or after == (before - old) | new, change
            tried, made = tried + 1, made + (after is not None)
    return tried, made


@pytest.mark.parametrize("suffix", TEXTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_change_is_that_change_and_no_other(tmp_path: Path, suffix: str, end: str) -> None:
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(TEXTS[suffix].replace("\r\n", "\n").replace("\n", end).encode())
    statements = _statements(path)
    assert len(statements) >= 3
    tried, made = _check(path, statements)
    assert made >= 0.7 * tried


def test_changes_of_the_real_data(tmp_path: Path) -> None:
    for name in ("organizations", "affiliations", "endorsements"):
        text = (ROOT / "data" / f"{name}.ttl").read_text("utf-8")
        head, *blocks = text.split("\n\n")
        chosen = random.Random(name).sample(blocks, 4)
        path = tmp_path / f"{name}.ttl"
        path.write_text("\n\n".join([head, *chosen]) + "\n", "utf-8")
        tried, made = _check(path, _statements(path)[:20])
        assert made >= 0.9 * tried


def test_a_comment_is_never_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text('@prefix ex: <https://example.org/> .\nex:a ex:p "x" ; # why\n  ex:q "y" .\n', "utf-8")
    second = _statements(path)[1]
    assert _changed(path, Change(second.triple, None), [second]) is None


def test_what_is_in_brackets_is_left_alone() -> None:
    text = "@prefix ex: <https://example.org/> .\nex:a ex:p [ ex:q 1 ] , ( 2 ) ."
    tokens = TurtleText(text)
    for sign in "[(":
        assert tokens.replace(text.index(sign), "ex:b") is None
        assert tokens.remove(text.index("ex:a"), text.index(sign)) is None


def test_a_prefix_is_declared_anew_only_if_that_makes_the_term_that_is_meant() -> None:
    text = "@prefix s: <http://schema.example/> .\ns:a s:b <http://schema.example/c> ."
    tokens, at = TurtleText(text), text.index("s:b")
    old, new = "http://schema.example/b", "https://schema.example/b"
    assert tokens.redeclare(at, old, new) == Span(text.index("<"), text.index(">") + 1, "<https://schema.example/>")
    assert tokens.redeclare(at, old, "https://schema.example/other") is None
    assert tokens.redeclare(at, "urn:b", "https://elsewhere.example/urn:b") is None  # it is not what stands there
    assert tokens.redeclare(text.index("<http", 40), "http://schema.example/c", "https://schema.example/c") is None


def test_terms_are_written_with_the_prefixes_that_a_text_declares() -> None:
    text = "@prefix ex: <https://example.org/> .\nPREFIX other: <https://example.org/other/>\n"
    tokens, end = TurtleText(text), len(text)
    assert tokens.iri("https://example.org/a-b", end) == "ex:a-b"
    assert tokens.iri("https://example.org/other/a", end) == "other:a"
    assert tokens.iri("https://example.org/a.b", end) == "<https://example.org/a.b>"
    assert tokens.literal('a"\n', None, "https://example.org/t", end) == '"a\\"\\n"^^ex:t'
    assert TurtleText("", lines=True).iri("https://example.org/a", 0) == "<https://example.org/a>"
    assert tokens.iri("https://example.org/other/a", 50) == "<https://example.org/other/a>"  # not yet
    assert tokens.replace(8, "<https://example.com/>") == Span(8, 11, "<https://example.com/>")
