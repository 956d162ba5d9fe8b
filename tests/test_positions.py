"""The places of statements: the same statements as Oxigraph reads, in its order, and the right line and column."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph import positions, source
from cfit_graph.positions import turtle
from cfit_graph.validation.written import Blanks
from tests.conftest import ROOT

FILES = sorted(
    path for folder in ("data", "ontology", "shapes", "tests/shapes") for path in (ROOT / folder).rglob("*.ttl")
)
HEAD = "@prefix ex: <http://example.org/> .\n@prefix : <http://example.org/#> .\n"


def _agree(path: Path) -> list[positions.Statement]:
    """Read a file by both readers, compare every statement, and return ours."""
    text = path.read_bytes().decode("utf-8-sig")
    ours = list(turtle.statements(text, line_based=path.suffix in {".nt", ".nq"}))
    blanks = Blanks()
    for statement, triple in zip(ours, source.statements(path), strict=True):
        blanks.compare(statement[:3], triple)
    return ours


def _written(tmp_path: Path, text: str, suffix: str = ".ttl") -> list[tuple[str, ...]]:
    """Return, for each statement, the text found at the places of subject, predicate and object."""
    path = tmp_path / f"x{suffix}"
    path.write_bytes(text.encode())
    return [tuple(text[at:].split(maxsplit=1)[0] for at in found[3:]) for found in _agree(path)]


@pytest.mark.parametrize("folder", ["data", "ontology", "shapes", "tests/shapes"])
def test_every_file_of_ours_is_read_as_oxigraph_reads_it(folder: str) -> None:
    paths = [path for path in FILES if path.is_relative_to(ROOT / folder)]
    read = sum(len(_agree(path)) for path in paths)
    print(f"\n{folder}: {read} statements in {len(paths)} files, all placed")  # noqa: T201
    assert read > 1000


@pytest.mark.parametrize(
    "text",
    [
        "ex:a ex:b '' , \"\"\"\"\"\" .",
        "ex:a ex:b 'x' , \"\"\"two\nlines \\\"quoted\\\" \"\" \"\"\" , '''it's''' , \"\\u00e9\\t\\\\\"@EN-gb .",
        'ex:a ex:b 1 , -2 , 1.5 , .5 , 1e3 , +1.0E-3 , true , false , "01"^^<http://e/x> , "1"^^ex:y.',
        "ex:a.b ex:c\\,d ex:%41 . ex:a: ex:b ex:c\\-\\. . ex: a : . :a ex:1 ex:_x .",
        r"ex:a ex:b '\b\f\n\r\t\'\"\\' .",
        "<http://e/\\u00e9> a <http://e/x#y> . # <http://e/no> a ex:comment .\n#\nex:a ex:b '#no comment' .",
        "_:x ex:p _:y.z , _:x . [] ex:p [] . [ ex:a 1 ; ex:b [ ex:c 2 ] , 3 ] ex:d 4 . [ ex:e 'x' ] .",
        "( 1 'x' ex:a ) ex:p () , ( ( 'a' ) [ ex:b 'y' ] 'z'@en 'z'^^ex:t _:q ) .",
        "( [] (2) ) ex:p ( ([ ex:c (1) ]) 3 ) .",
        "ex:a ex:b 1 ;; ex:c 2 ; . ex:a a ex:b ; ex:c 'x' ; ex:d ( 'x' ) ; .",
        "PREFIX e: <http://e/> base <http://e/a/b> e:x e:y <c> , <#d> , <../e> . @base <f/> . <g> e:y <> .",
        "ex:é ex:ü.b ex:日本 .",
        "",
        "# nothing\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_way_to_write_a_statement_is_followed(tmp_path: Path, text: str, ends: str) -> None:
    path = tmp_path / "x.ttl"
    path.write_bytes((HEAD + text).replace("\n", ends).encode("utf-8-sig"))
    _agree(path)


def test_the_three_parts_are_found_where_they_stand(tmp_path: Path) -> None:
    text = HEAD + 'ex:a ex:b ex:c , "d" ;\n  a ex:e .\n[ ex:f ( 7 ) ] ex:g true .'
    assert _written(tmp_path, text) == [
        ("ex:a", "ex:b", "ex:c"),
        ("ex:a", "ex:b", '"d"'),
        ("ex:a", "a", "ex:e"),
        ("7", "7", "7"),
        ("[", "ex:f", "("),
        ("(", ")", ")"),
        ("[", "ex:g", "true"),
    ]


def test_line_and_column_are_counted_in_characters_from_1(tmp_path: Path) -> None:
    text = '@prefix ex: <http://e/> .\r\nex:a\tex:b\r\n  "é😀" ,\n  "z" .'
    path = tmp_path / "x.ttl"
    path.write_bytes(text.encode("utf-8-sig"))
    lines = positions.Lines(text)
    assert [lines.place(found.object_at) for found in _agree(path)] == [(3, 3), (4, 3)]


@pytest.mark.parametrize(
    ("suffix", "text", "parts"),
    [
        (".nt", '<x:a> <x:b> "c"@en .\n_:x <x:b> _:y . # end', [("<x:a>", "<x:b>", '"c"@en'), ("_:x", "<x:b>", "_:y")]),
        (".nq", '<x:a> <x:b> "c" <x:g> .\n<x:a> <x:b> _:c .', [("<x:a>", "<x:b>", '"c"'), ("<x:a>", "<x:b>", "_:c")]),
        (
            ".trig",
            "PREFIX : <x:> :g { :s :p 1 . [] :q 2 } :s :p 3 . "
            "GRAPH :h { :a :b ( 'x' ) ; } { [ :x :y ] . } [] { :a a :c . }",
            [(":s", ":p", "1"), ("[]", ":q", "2"), (":s", ":p", "3"), (":a", ":b", "("), ("'x'", "'x'", "'x'"),
             ("(", ")", ")"), ("[", ":x", ":y"), (":a", "a", ":c")],
        ),
    ],
)  # fmt: skip
def test_the_other_formats_are_followed(tmp_path: Path, suffix: str, text: str, parts: list[tuple[str, ...]]) -> None:
    assert sorted(_written(tmp_path, text, suffix)) == sorted(parts)


@pytest.mark.parametrize(
    "text",
    ["ex:a ex:b <<( ex:a ex:b ex:c )>> .", "ex:a ex:b 'x'@en--ltr .", "no:a no:b no:c .", "a b c", "ex:a { ex:b", "?"],
)
def test_what_cannot_be_followed_has_no_places(text: str) -> None:
    with pytest.raises(positions.Lost):
        list(turtle.statements(HEAD + text))


_BEGINS = {'"': "\"'0123456789+-.tf"}
"""The signs with which a literal may begin."""

_numbers = itertools.count()
_gap = st.sampled_from([" ", "\n", "\t\r\n", " # a comment . ; \" '\n", "\n\n   "])
_signs = st.text(st.sampled_from("aé\"'\\\n\r\t#.;<@😀 "), max_size=6)
_iri = st.sampled_from(
    ["ex:a", "ex:b.c", ":", "ex:", ":x\\,y", "ex:%20", "<http://e/a>", "<http://e/\\u00E9>", "ex:a:b", "<#r>"]
)
_blank = st.sampled_from(["_:a", "_:b.c", "_:9"])


def _short(text: str, quote: str) -> str:
    for sign, escaped in (("\\", "\\\\"), (quote, "\\" + quote), ("\n", "\\n"), ("\r", "\\u000D")):
        text = text.replace(sign, escaped)
    return quote + text + quote


def _long(text: str, quote: str) -> str:
    return quote * 3 + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote * 3


_string = st.builds(lambda write, text, quote: write(text, quote), st.sampled_from([_short, _long]), _signs,
                    st.sampled_from("\"'"))  # fmt: skip
_suffix = st.sampled_from(["", "@en", "@nl-BE", "^^ex:t", "^^<http://www.w3.org/2001/XMLSchema#string>"])
_plain = st.sampled_from(["1", "-1.5", ".5", "2e-1", "true", "false"])
_simple = st.one_of(_iri, _blank, _plain, st.builds(str.__add__, _string, _suffix))


def _pairs(objects: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Write what is said of one subject, with gaps anywhere and semicolons to spare."""
    values = st.lists(objects, min_size=1, max_size=3)
    pair = st.tuples(st.one_of(_iri, st.just("a")), _gap, values, _gap).map(
        lambda p: p[0] + p[1] + f" ,{p[3]}".join(p[2]) + p[3]
    )
    ends = st.sampled_from(["", " ;", ";\n;"])
    return st.tuples(st.lists(pair, min_size=1, max_size=3), ends).map(lambda p: " ; ".join(p[0]) + p[1])


_object = st.recursive(
    _simple,
    lambda inner: st.one_of(
        _pairs(inner).map(lambda text: f"[ {text} ]"),
        st.lists(inner, max_size=3).map(lambda members: f"({' '.join(members)} )"),
        st.just("[]"),
    ),
    max_leaves=6,
)
_nested = _object.filter(lambda text: text.startswith(("[ ", "(")))
_statement = st.one_of(
    st.tuples(st.one_of(_iri, _blank, _nested), _gap, _pairs(_object), _gap).map(lambda p: "".join(p) + "."),
    _pairs(_object).map(lambda text: f"[ {text} ]."),
    st.sampled_from(["PREFIX ex: <http://other/>", "@base <http://base/x/> .", "BASE <y>"]),
)
_turtle = st.lists(_statement, max_size=6).map(lambda parts: HEAD + "@base <http://e/> .\n" + "\n".join(parts))


@given(_turtle)
@settings(max_examples=300, deadline=None)
def test_generated_turtle_is_read_as_oxigraph_reads_it(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{next(_numbers)}.ttl"
        path.write_bytes(text.encode())
        for found in _agree(path):
            first = text[found.object_at]
            assert first in _BEGINS.get(found.object[0], first)
