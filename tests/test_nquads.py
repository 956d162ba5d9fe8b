"""Canonical lines and the hash of a dataset (RDFC-1.0); PyLD computes the same in its own way."""

from __future__ import annotations

import hashlib

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld  # type: ignore[import-untyped]

from cfit_graph import nquads
from cfit_graph.namespaces import BASE

G = "<http://example.org/g>"
SAMPLES = {
    "literals": f"""<http://example.org/a> <http://example.org/p> "x" {G} .
<http://example.org/a> <http://example.org/p> "x"@en {G} .
<http://example.org/a> <http://example.org/p> "01"^^<http://www.w3.org/2001/XMLSchema#integer> {G} .
<http://example.org/a> <http://example.org/p> "say \\"é\\" \\\\ 😀\\n" {G} .
""",
    "order": f"""<http://example.org/b> <http://example.org/p> "😀" {G} .
<http://example.org/b> <http://example.org/p> "\uffe0" {G} .
<http://example.org/a/b> <http://example.org/p> "2" {G} .
<http://example.org/a> <http://example.org/p> "1" {G} .
<http://example.org/a> <http://example.org/p> "1" .
<http://example.org/a> <http://example.org/p> "1" .
""",
    "blank nodes": f"""_:x <http://example.org/name> "X" {G} .
_:x <http://example.org/knows> _:y {G} .
_:y <http://example.org/knows> _:x {G} .
<http://example.org/a> <http://example.org/knows> _:y .
""",
    "a ring of blank nodes": """_:a <http://example.org/next> _:b .
_:b <http://example.org/next> _:c .
_:c <http://example.org/next> _:a .
_:c <http://example.org/other> _:d .
_:d <http://example.org/other> _:c .
""",
    "nothing": "",
}
IRIS = st.sampled_from([f"http://example.org/{name}" for name in ("a", "a/b", "b", "a#b")]).map(ox.NamedNode)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
LITERALS = st.one_of(
    TEXTS.map(ox.Literal),
    TEXTS.map(lambda text: ox.Literal(text, language="en")),
    TEXTS.map(lambda text: ox.Literal(text, datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))),
)
QUADS = st.builds(ox.Quad, IRIS, IRIS, st.one_of(IRIS, LITERALS), IRIS)


def quads(text: str) -> list[ox.Quad]:
    return list(ox.parse(text, format=ox.RdfFormat.N_QUADS))


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_second_implementation_finds_the_same_form(text: str) -> None:
    options = {"algorithm": "URDNA2015", "inputFormat": "application/n-quads", "format": "application/n-quads"}
    expected: str = jsonld.normalize(text, options)
    lines = nquads.canonical(quads(text))
    assert "".join(lines) == expected
    assert nquads.digest(lines) == hashlib.sha256(expected.encode()).hexdigest()


NODES = st.sampled_from([*(f"_:b{number}" for number in range(5)), "<http://example.org/x>", "<http://example.org/y>"])
LINKS = st.tuples(NODES, st.sampled_from("pq"), NODES, st.sampled_from("gh")).filter(lambda link: link[0] != link[2])


@given(st.lists(LINKS, max_size=9))
def test_a_second_implementation_finds_the_same_form_of_any_links(links: list[tuple[str, str, str, str]]) -> None:
    test_a_second_implementation_finds_the_same_form(
        "".join(f"{a} <http://example.org/{p}> {b} <http://example.org/{g}> .\n" for a, p, b, g in links)
    )


def test_control_characters_are_written_as_canonical_n_quads_has_it() -> None:
    value = ox.Literal("\b\t\n\f\r\x00\x0b\x1f\x7f\"\\'é")
    (line,) = nquads.canonical([ox.Quad(ox.NamedNode("http://a"), ox.NamedNode("http://p"), value)])
    assert line == '<http://a> <http://p> "\\b\\t\\n\\f\\r\\u0000\\u000B\\u001F\\u007F\\"\\\\\'é" .\n'


@given(st.lists(QUADS), st.data())
def test_order_and_repetition_make_no_difference(statements: list[ox.Quad], data: st.DataObject) -> None:
    again = data.draw(st.permutations(statements * 2))
    assert nquads.canonical(again) == nquads.canonical(statements)


@given(st.lists(QUADS))
def test_lines_hold_the_statements(statements: list[ox.Quad]) -> None:
    lines = nquads.canonical(statements)
    assert set(nquads.parse(lines)) == set(statements)
    assert nquads.canonical(nquads.parse(lines)) == lines
    assert all(line.count("\n") == 1 for line in lines)


def test_more_lines_than_are_parsed_at_once() -> None:
    lines = [f'<http://example.org/a> <http://example.org/p> "{number}" .\n' for number in range(25_001)]
    assert [quad.object.value for quad in nquads.parse(lines)] == [str(number) for number in range(25_001)]  # type: ignore[union-attr]


def test_labels_of_blank_nodes_make_no_difference() -> None:
    text = SAMPLES["blank nodes"]
    assert nquads.canonical(quads(text)) == nquads.canonical(quads(text.replace("_:x", "_:z")))


def test_blank_nodes_get_addresses() -> None:
    lines = nquads.addressed(quads(SAMPLES["blank nodes"] + "_:o <http://example.org/p> _:o _:g .\n"))
    assert "_:" not in "".join(lines)
    addresses = {word for line in lines for word in line.split() if BASE + nquads.GENID in word}
    assert len(addresses) == 4
    assert lines == sorted(lines)


def test_words_that_look_like_blank_nodes_stay() -> None:
    statement = ox.Quad(ox.NamedNode("http://a"), ox.NamedNode("http://p"), ox.Literal("_:x"), ox.NamedNode("http://g"))
    assert nquads.addressed([statement]) == ['<http://a> <http://p> "_:x" <http://g> .\n']


@given(QUADS)
def test_the_graph_of_a_line(quad: ox.Quad) -> None:
    (line,) = nquads.canonical([quad])
    assert nquads.graph_of(line) == str(quad.graph_name)


def test_the_text_of_terms() -> None:
    literal = ox.Literal("x", language="en")
    assert [nquads.text(ox.NamedNode("http://a")), nquads.text(ox.BlankNode("b")), nquads.text(literal)] == [
        "http://a",
        "b",
        "x",
    ]
    assert [nquads.language(ox.NamedNode("http://a")), nquads.language(literal)] == ["", "en"]
