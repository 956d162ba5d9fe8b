"""What a page is made of, as plain text."""

from __future__ import annotations

import pytest

from cfit_graph.statements import Statements, Words

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
