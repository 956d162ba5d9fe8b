"""What the store keeps, what screens read from texts, and the lines that are picked from a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import XSD, Literal, URIRef

from cfit_graph.queries import algebra
from cfit_graph.validation import keeping, lines
from cfit_graph.validation.facts import Facts, Files
from cfit_graph.validation.screens import regexes
from cfit_graph.validation.shapes import paths
from tests.validation.drawn import LITERALS

if TYPE_CHECKING:
    from pathlib import Path

TYPED = st.builds(
    lambda text, name: ox.Literal(text, datatype=ox.NamedNode(str(XSD[name]))),
    st.from_regex(
        r"[-+]?[0-9]{1,4}(\.[0-9]{1,3})?|[0-9]{4}-[0-9]{2}(-[0-9]{2}(T[0-9:]{8}(Z|\+0[01]:00)?)?)?", fullmatch=True
    )
    | st.sampled_from([str(literal) for literal in LITERALS]),
    st.sampled_from(sorted(XSD.__annotations__)),
)
PATTERNS = [
    "^a", "b$", "^[^@]*$", r"^[^\s]+$", "a.b", "(?:a|b)+", r"\d", r"^\w+$", "[.]$", "[\x80-ÿ]", "^[^a-zà-\U0010ffff]+$",
]  # fmt: skip
ALPHABET = st.sampled_from("aAb1 .-@é\n\t\x1c\u00a0")


@given(TYPED)
def test_a_literal_comes_back_from_the_store_as_it_was_written(literal: ox.Literal) -> None:
    store, node = ox.Store(), ox.NamedNode("http://example.org/a")
    store.add(ox.Quad(node, node, keeping.kept(literal)))
    (quad,) = store
    assert keeping.written(keeping.ends(quad)[1]) == literal


@pytest.mark.parametrize(
    ("text", "datatype", "odd"),
    [
        ("1", XSD.integer, False), ("01", XSD.integer, True), ("1", XSD.byte, True), ("2021-02-30", XSD.date, True),
        ("2021-02-28", XSD.date, False), ("1.0", XSD.decimal, True), ("true", XSD.boolean, False),
        ("1", XSD.boolean, True), ("x y", URIRef("http://example.org/type"), False), ("NaN", XSD.double, True),
    ],
)  # fmt: skip
def test_what_the_store_would_change_is_kept_under_another_datatype(text: str, datatype: URIRef, odd: bool) -> None:
    assert keeping.is_odd(keeping.kept(ox.Literal(text, datatype=ox.NamedNode(str(datatype))))) is odd


@given(st.sampled_from(PATTERNS), st.text(ALPHABET))
def test_a_pattern_is_found_where_python_finds_it(pattern: str, text: str) -> None:
    functions = regexes.Functions()
    condition = regexes.found(pattern, "", "?x", functions)
    asked = algebra.ask(algebra.filtered(algebra.values("?x", [str(ox.Literal(text))]), condition))
    answer = ox.Store().query(asked, custom_functions=functions.by_name)
    assert bool(answer) == (re.search(pattern, text) is not None)


@pytest.mark.parametrize("name", ["?v", "?v1", "?v41", "?v410", "?value", "?aaaaaaaaa"])
def test_python_is_asked_about_texts_with_control_characters_only(name: str) -> None:
    """The store turns the operands of && and || round as it likes, by the names of variables among others."""
    functions, asked = regexes.Functions(), list[str]()
    condition = regexes.found("^[^@]*$", "", name, functions)

    def spy(term: ox.Literal) -> ox.Literal:
        asked.append(term.value)
        return ox.Literal(value=False)

    given = algebra.values(name, [str(ox.Literal(text)) for text in ("a@b", "a@b\n")])
    ox.Store().query(
        algebra.ask(algebra.filtered(given, condition)), custom_functions=dict.fromkeys(functions.by_name, spy)
    )
    assert asked == ["a@b\n"]


@pytest.mark.parametrize(
    ("given_conditions", "expected"),
    [((), "true"), (("true", "?a"), "?a"), (("?a", "false"), "false"), (("?a", "?b", "?a"), "(?a && ?b)")],
)
def test_conditions_that_are_known_fall_away(given_conditions: tuple[str, ...], expected: str) -> None:
    assert algebra.both(*given_conditions) == expected
    swapped = [{"true": "false", "false": "true"}.get(it, it) for it in given_conditions]
    assert algebra.either(*swapped) == {"true": "false", "false": "true"}.get(expected, expected.replace("&&", "||"))


@given(st.recursive(
    st.builds(paths.Step, st.sampled_from(["a:a", "a:b"]), st.booleans()),
    lambda part: st.builds(lambda x, y: paths.Sequence((x, y)), part, part)
    | st.builds(lambda x, y: paths.Alternative((x, y)), part, part)
    | st.builds(paths.Repeat, part, st.booleans(), st.booleans()),
    max_leaves=5,
))  # fmt: skip
def test_a_path_turned_twice_is_the_same_path(path: paths.Path) -> None:
    assert paths.turned(paths.turned(path)) == path


def _file(folder: Path, text: str) -> Path:
    path = folder / "some.nt"
    path.write_text(text, "utf-8")
    return path


A, B, P = "http://example.org/a", "http://example.org/b", "http://example.org/p"


def test_lines_are_picked_by_subject_and_value(tmp_path: Path) -> None:
    path = _file(tmp_path, f'# <{A}>\n<{A}> <{P}> "x" .\n  <{B}> <{P}> <{A}> .\n<{B}><{P}>"x"@en.\n<{B}> <{P}> "y" .\n')
    assert [number for number, _ in lines.about(path, [A]) or ()] == [1, 2]
    assert [number for number, _ in lines.about(path, [], [A], ["x"]) or ()] == [2, 3, 4]


@pytest.mark.parametrize("line", ["_:b <{p}> <{a}> .", '<{a}> <{p}> "\\u0041" .', '<{a}> <{p}> "\\\'" .', ""])
def test_files_in_which_letters_do_not_tell_are_read_as_a_whole(tmp_path: Path, line: str) -> None:
    path = _file(tmp_path, line.format(a=A, p=P) + ("\n" if line else ""))
    assert lines.about(path, [A]) is None


def test_the_store_has_each_statement_once_and_knows_what_is_faulty(tmp_path: Path) -> None:
    text = f'<{A}> <{P}> "1"^^<{XSD.integer}> , "2021-02-30"^^<{XSD.date}> .\n<{A}> <{P}> 1 , "x"@EN .'
    path = tmp_path / "some.ttl"
    path.write_text(text, "utf-8")
    facts = Facts()
    facts.read(Files([path]))
    assert len(facts.store) == 3
    assert facts.faulty == {ox.NamedNode(A)}


def test_a_term_of_the_shapes_is_kept_as_those_of_the_data() -> None:
    assert keeping.term(Literal("01", datatype=XSD.integer, normalize=False)) == f'"01"^^<{keeping.WELL}{XSD.integer}>'
    assert keeping.term(Literal("x", datatype=XSD.integer, normalize=False)) == f'"x"^^<{keeping.ILL}{XSD.integer}>'
    assert keeping.term(URIRef(A)) == f"<{A}>"
