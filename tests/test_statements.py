"""What a page is made of, as plain text."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph.statements import STRING, Statements, Words, read

SAID = Statements(
    b'<http://a> <http://p> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    b"<http://a> <http://p> <http://b> .\n"
    b'<http://a> <http://q> "x\\n\\"y\\"\\u00e9"@nl .\n'
    b"_:c <http://q> <http://b> .\n"
)


def test_values_keep_their_order_and_literals_their_form() -> None:
    values = [Words("01", datatype="http://www.w3.org/2001/XMLSchema#integer"), "http://b"]
    assert SAID.of("http://a") == {"http://p": values, "http://q": [Words('x\n"y"é', "nl")]}
    assert SAID.values("http://a", "http://p") == values


def test_links_are_found_from_their_end() -> None:
    assert SAID.links_to("http://b") == [("http://a", "http://p"), ("_:c", "http://q")]


def test_of_other_nodes_nothing_is_said() -> None:
    assert not SAID.of("http://b")
    assert not SAID.values("http://a", "http://r")
    assert not SAID.links_to("http://a")


def test_what_are_no_statements_is_refused() -> None:
    with pytest.raises(SyntaxError):
        Statements(b"<http://a> <http://p> .\n")


TERMS = st.one_of(
    st.sampled_from([ox.NamedNode("http://x/é?a=1&b='c'"), ox.NamedNode("urn:x"), ox.BlankNode("b")]),
    st.builds(ox.Literal, st.text()),
    st.builds(lambda text, language: ox.Literal(text, language=language), st.text(), st.sampled_from(["en", "nl-BE"])),
    st.builds(lambda text, name: ox.Literal(text, datatype=ox.NamedNode(name)), st.text(), st.just("http://x/d")),
)


@given(st.lists(TERMS, max_size=4))
def test_a_pattern_reads_what_the_parser_does(values: list[ox.NamedNode | ox.BlankNode | ox.Literal]) -> None:
    """A backslash anywhere leaves all to the parser, so its answer to one statement more is what is compared."""
    lines = [f"{ox.Triple(ox.NamedNode('http://s'), ox.NamedNode('http://p'), value)} .\n" for value in values]
    escaped = '<http://s> <http://q> "\\u0041" .\n'
    parsed = read("".join([*lines, escaped]).encode())
    assert read("".join(lines).encode()) == parsed[:-1]
    assert parsed[-1] == ("http://s", "http://q", Words("A", datatype=STRING))


@pytest.mark.parametrize("wrong", [b"x", b"<a b> <http://p> <http://o> .\n", b'<http://s> <http://p> "a"b" .\n'])
def test_what_only_looks_like_statements_is_refused(wrong: bytes) -> None:
    with pytest.raises(SyntaxError):
        read(wrong)
