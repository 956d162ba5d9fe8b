from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rdflib import Graph, Literal, URIRef

from cfit_graph import nquads, source
from cfit_graph.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

TTL = "@prefix ex: <http://example.org/> .\n"


def _file(tmp_path: Path, text: str, name: str = "x.ttl") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        (TTL + "ex:a ex:b ex:c\nex:d ex:e ex:f .", 3, 1, "has not ended: close it with a full stop"),
        (TTL + 'ex:a ex:b "open .\n', 2, 11, "the file ends before what begins here"),
        (TTL + "ex:a no:b ex:c .", 2, 6, "the prefix no: is not declared"),
        ("<http://ex/ space> <http://p> 1 .", 1, 1, "SPACE (U+0020) in an IRI"),
        (TTL + "ex:a ex:b [ ex:c 1 .", 2, 20, "should end with a ']'"),
    ],
)
def test_a_broken_file_says_where_and_what_was_expected(
    tmp_path: Path, text: str, line: int, column: int, reason: str
) -> None:
    with pytest.raises(SourceError) as caught:
        source.read(_file(tmp_path, text))
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert reason in error.reason
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "written", ['"01"^^xsd:integer', '"2023-13-99"^^xsd:date', '"TRUE"^^xsd:boolean', '"1"^^xsd:byte']
)
def test_literals_stay_as_written(tmp_path: Path, written: str) -> None:
    prefix = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    graph = source.read(_file(tmp_path, TTL + prefix + f"ex:a ex:b {written} ."))
    (value,) = graph.objects()
    assert isinstance(value, Literal)
    assert str(value) == written.split('"')[1]
    assert str(value.datatype).endswith(written.partition("xsd:")[2])


def test_language_tags_and_blank_nodes_are_kept(tmp_path: Path) -> None:
    graph = source.read(_file(tmp_path, TTL + 'ex:a ex:b "x"@nl , [ ex:c ex:d ] .'))
    assert len(graph) == 3
    assert (None, None, Literal("x", lang="nl")) in graph


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    first = _file(tmp_path, TTL + "_:x ex:b 1 .", "1.ttl")
    second = _file(tmp_path, TTL + "_:x ex:b 2 .", "2.ttl")
    assert len(set(source.merge(map(source.read, [first, second])).subjects())) == 2


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"x\.docx: not an RDF file; its name should end in one of \.ttl"):
        source.read(_file(tmp_path, "", "x.docx"))


def test_a_file_counts_though_its_suffix_is_in_capitals(tmp_path: Path) -> None:
    path = tmp_path / "A.TTL"
    path.write_text("<http://example.org/a> a <http://example.org/b> .", "utf-8")
    assert source.files(tmp_path) == [path]
    assert len(source.read(path)) == 1


def test_what_editors_keep_beside_a_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".#a.ttl").symlink_to("somebody@host.123")
    (tmp_path / "._a.ttl").write_bytes(b"\0\5\x16\7")
    assert source.files(tmp_path) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.ttl: No such file"):
        source.read(tmp_path / "gone.ttl")


def test_a_file_that_is_not_utf8_is_an_error_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "latin.ttl"
    path.write_bytes(TTL.encode() + b'ex:a ex:b "\xe9" .')
    with pytest.raises(SourceError, match=r"latin\.ttl"):
        source.read(path)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (TTL + "ex:a ex:b ex:c .\nex:a ex:b\n   <javascript:alert(1)> .", 4, 4),
        (TTL + "ex:a <file:///etc/passwd> 1 .", 2, 6),
        ("@prefix j: <javascript:> .\nj:x j:y 1 .", 1, 12),
        (TTL + "ex:a ex:b <DATA:text/html,x> .", 2, 11),
    ],
)
def test_addresses_that_run_or_read_something_are_refused(tmp_path: Path, text: str, line: int, column: int) -> None:
    with pytest.raises(SourceError, match="use http or https") as caught:
        source.read(_file(tmp_path, text))
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(TTL + "ex:a ex:b ex:c .", "utf-8-sig")
    assert len(source.read(path)) == 1


@pytest.mark.parametrize("value", ['"x"@en--ltr', "<<( ex:a ex:b ex:c )>>"])
def test_what_rdf_1_1_does_not_have_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(SourceError, match="not supported"):
        source.read(_file(tmp_path, TTL + f"ex:a ex:b {value} ."))


def test_each_file_gets_a_graph_of_its_own(tmp_path: Path) -> None:
    path = _file(tmp_path, TTL + "ex:a ex:b ex:c .")
    (line,) = nquads.canonical(source.placed([path]))
    assert line == (
        "<http://example.org/a> <http://example.org/b> <http://example.org/c> "
        f"<https://w3id.org/cfit/graph/{tmp_path.name}/x> .\n"
    )


def test_the_digest_depends_on_content_and_name_only(tmp_path: Path) -> None:
    first = _file(tmp_path, TTL)
    before = source.digest([first])
    elsewhere = tmp_path / "elsewhere" / tmp_path.name
    elsewhere.mkdir(parents=True)
    assert source.digest([_file(elsewhere, TTL)]) == before
    assert source.digest([_file(tmp_path, TTL + " ")]) != before


def test_triples_of_named_graphs_are_put_together(tmp_path: Path) -> None:
    graph = source.read(_file(tmp_path, TTL + "ex:g { ex:a ex:b ex:c } ex:d ex:e ex:f .", "x.trig"))
    assert (URIRef("http://example.org/a"), None, None) in graph
    assert len(graph) == 2


def test_a_graph_knows_its_files_and_names_blank_nodes_the_same_each_time(tmp_path: Path) -> None:
    paths = [_file(tmp_path, TTL + "[] ex:b [ ex:c 1 ] .", name) for name in ("1.ttl", "2.ttl")]
    union = source.merge(map(source.read, paths))
    assert source.paths(union) == tuple(paths)
    assert source.paths(Graph()) == ()
    assert set(union) == {triple for path in paths for triple in source.statements(path)}
