from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef

from cfit_graph import cli, source, turtle
from cfit_graph.errors import SourceError
from tests.conftest import ROOT

UNTIDY = """# About this file.

@prefix org: <http://www.w3.org/ns/org#>.
@prefix unused: <http://unused.example/> .
@prefix o: <https://w3id.org/cfit/id/organization/> .
# B is well known.
o:b a org:Organization ; <http://www.w3.org/2004/02/skos/core#prefLabel> "B # no comment"@nl, "B"@en .
<https://w3id.org/cfit/id/organization/a> a org:Organization ; org:identifier "01"^^<https://w3id.org/cfit/ns#KvkNumber>.
"""
TIDY = """@prefix cfit: <https://w3id.org/cfit/ns#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix organization: <https://w3id.org/cfit/id/organization/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

# About this file.

organization:a a org:Organization ;
    org:identifier "01"^^cfit:KvkNumber .

# B is well known.
organization:b a org:Organization ;
    skos:prefLabel "B"@en , "B # no comment"@nl .
"""


def _layout(tmp_path: Path, text: str) -> str:
    path = tmp_path / "x.ttl"
    path.write_text(text, "utf-8")
    return turtle.layout(source.read(path), text, path)


def test_one_form_with_every_comment_kept(tmp_path: Path) -> None:
    assert _layout(tmp_path, UNTIDY) == TIDY
    assert _layout(tmp_path, TIDY) == TIDY


def test_long_lists_get_a_line_each(tmp_path: Path) -> None:
    values = " , ".join(f'"{letter * 30}"' for letter in "dcba")
    written = _layout(tmp_path, f"<http://x/a> <http://x/b> {values} .")
    assert written.splitlines() == [
        "<http://x/a> <http://x/b>",
        *(f'        "{letter * 30}" {end}' for letter, end in zip("abcd", ",,,.", strict=True)),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<http://x/a> <http://x/b> "c" . # why', ":1:1: a comment behind a statement would be lost"),
        ("<http://x/a> <http://x/b> [] .", "a blank node has no place of its own"),
    ],
)
def test_what_would_be_lost_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        _layout(tmp_path, text)
    assert message in str(caught.value)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
iris = st.from_regex(r"https://w3id\.org/cfit/id/organization/[a-z.~-]{1,6}", fullmatch=True).map(URIRef)
literals = st.one_of(
    st.builds(Literal, words, lang=st.sampled_from(["en", "nl", "pt-BR"])),
    st.builds(Literal, words, datatype=st.just(URIRef("https://w3id.org/cfit/ns#KvkNumber"))),
    st.builds(Literal, words),
)


@given(st.lists(st.tuples(iris, iris, st.one_of(iris, literals)), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_what_is_said_stays_the_same(
    tmp_path_factory: pytest.TempPathFactory, triples: list[tuple[URIRef, ...]]
) -> None:
    graph = Graph()
    for triple in triples:
        graph.add(triple)  # type: ignore[arg-type]
    path = tmp_path_factory.getbasetemp() / "random.ttl"
    written = turtle.layout(graph, "", path)
    path.write_text(written, "utf-8", newline="\n")
    assert set(source.read(path)) == set(graph)
    assert turtle.layout(source.read(path), written, path) == written


def test_signs_that_cannot_be_seen_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text('<https://example.org/a> <https://example.org/b> "\\u0000\\u001B\\u007F\\t" .\n', "utf-8")
    assert r'"\u0000\u001B\u007F\t"' in turtle.layout(source.read(path), "", path)


def test_the_command_writes_or_says_what_it_would_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(UNTIDY, "utf-8")
    assert cli.main(["fmt", "--check", str(path)]) == 1
    assert path.read_text("utf-8") == UNTIDY
    assert cli.main(["fmt", str(path)]) == 0
    assert path.read_text("utf-8") == TIDY
    capsys.readouterr()
    assert cli.main(["fmt", "--check", str(path)]) == 0
    assert capsys.readouterr().out == ""


def test_other_ends_of_lines_are_another_form(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_bytes(TIDY.replace("\n", "\r\n").encode())
    assert cli.main(["fmt", "--check", str(path)]) == 1
    assert cli.main(["fmt", str(path)]) == 0
    assert path.read_bytes() == TIDY.encode()


def test_a_file_keeps_its_permissions_and_stays_whole_if_it_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(UNTIDY, "utf-8")
    path.chmod(0o640)
    assert cli.main(["fmt", str(path)]) == 0
    assert path.stat().st_mode & 0o777 == 0o640

    def fail(path: Path, _: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    path.write_text(UNTIDY, "utf-8")
    capsys.readouterr()
    monkeypatch.setattr(Path, "write_bytes", fail)
    assert cli.main(["fmt", str(path)]) == 2
    assert capsys.readouterr() == ("", f"cfit: {path}: No space left on device\n")
    assert path.read_text("utf-8") == UNTIDY


def test_the_data_are_in_their_one_form() -> None:
    assert cli.main(["fmt", "--check", *map(str, source.files(ROOT / "data"))]) == 0
