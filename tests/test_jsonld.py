"""JSON-LD as a source: the context we bring along, nothing fetched, and errors with their places."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from rdflib import Literal, URIRef
from rdflib.compare import isomorphic

from cfit_graph import cli, source
from cfit_graph.errors import SourceError
from cfit_graph.namespaces import CONTEXT
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

A, P = "http://example.org/a", "http://example.org/p"


def _file(tmp_path: Path, content: Any, name: str = "x.jsonld") -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), "utf-8")
    return path


def _error(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.read(path)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("context", [CONTEXT, [CONTEXT], [{"x": "http://example.org/"}, CONTEXT]])
@pytest.mark.parametrize("name", ["x.jsonld", "x.json"])
def test_our_context_needs_no_network(tmp_path: Path, context: object, name: str) -> None:
    document = {"@context": context, "id": A, "type": "Organization", "prefLabel": {"en": "A"}, "homepage": [P]}
    graph = source.read(_file(tmp_path, document, name))
    assert (URIRef(A), URIRef("http://www.w3.org/2004/02/skos/core#prefLabel"), Literal("A", lang="en")) in graph
    assert (URIRef(A), URIRef("http://xmlns.com/foaf/0.1/homepage"), URIRef(P)) in graph
    assert len(graph) == 3


def test_the_context_is_that_of_the_root(tmp_path: Path) -> None:
    (tmp_path / "ontology").mkdir()
    _file(tmp_path / "ontology", {"@context": {"p": P}}, "context.jsonld")
    path = _file(tmp_path, {"@context": CONTEXT, "@id": A, "p": "x"})
    assert set(source.read(path, tmp_path)) == {(URIRef(A), URIRef(P), Literal("x"))}


def test_a_root_without_a_context_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"ontology/context\.jsonld: No such file"):
        list(source.quads(_file(tmp_path, {}), tmp_path))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/context.jsonld",
        "http://127.0.0.1:1/context.jsonld",
        "file:///etc/passwd",
        "context.jsonld",
        "https://w3id.org/cfit/context/v2.jsonld",
        "",
    ],
)
@pytest.mark.parametrize(
    "around",
    [
        lambda address: {"@context": address},
        lambda address: {"@context": [{"x": P}, address]},
        lambda address: {"@context": [[address]]},
        lambda address: {"@context": {"@import": address}},
        lambda address: {"@context": {"t": {"@id": P, "@context": address}}},
        lambda address: {P: {"@context": address, "@id": A}},
        lambda address: {"@graph": [{"@context": address, "@id": A}]},
    ],
)
def test_no_other_context_is_fetched_and_its_place_is_told(tmp_path: Path, address: str, around: Any) -> None:
    path = _file(tmp_path, around(address))
    error = _error(path)
    assert f"the context {address!r} is not known here, and nothing is fetched" in error.reason
    line = path.read_text("utf-8").splitlines()[error.line - 1]
    assert line[error.column - 1 :].startswith(json.dumps(address))


def test_a_context_named_in_disguise_is_not_fetched_either(tmp_path: Path) -> None:
    path = _file(tmp_path, '{"\\u0040context": "https://example.org/", "@id": "http://example.org/a"}')
    assert "No LoadDocumentCallback" in _error(path).reason


def test_text_that_only_looks_like_a_context_is_text(tmp_path: Path) -> None:
    text = 'say "@context": "https://example.org/" aloud'
    (triple,) = source.read(_file(tmp_path, {"@id": A, P: text}))
    assert str(triple[2]) == text


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "not JSON: a value is missing here"),
        ('{"@id": "http://example.org/a",\n "http://example.org/p" 1}', 2, 25, "a colon is missing before this"),
        ('{"@id": "http://example.org/a",\n "http://example.org/p": "open', 2, 26, "its closing quote is missing"),
        ('{"@id": "http://example.org/a"} x', 1, 33, "the JSON has ended before this"),
        ('{\n "@id": 3, "http://example.org/p": 1}', 2, 9, "@id value must be a string"),
        ('{"@context": {"id": "@id"},\n "id": ["x"], "http://example.org/p": 1}', 2, 8, "@id value must be a string"),
        ('{"@id": "http://example.org/a",\n "@type": 7}', 2, 11, "@type value must be a string"),
        ('{"@id": "http://example.org/a", "http://example.org/p": NaN}', 0, 0, "NaN is no number of JSON"),
        ("@prefix ex: <http://example.org/> .", 1, 1, "not JSON: a value is missing here"),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, text: str, line: int, column: int, reason: str) -> None:
    error = _error(_file(tmp_path, text))
    assert (error.line, error.column) == (line, column)
    assert reason in error.reason


def test_the_place_of_an_error_is_that_in_the_file_though_a_context_was_put_in(tmp_path: Path) -> None:
    text = f'{{"@context": "{CONTEXT}", "id" "x"}}'
    error = _error(_file(tmp_path, text))
    assert (error.line, error.column) == (1, text.index('"x"') + 1)


@pytest.mark.parametrize("shape", ["[", '{"http://example.org/p": ', '{"@list": ['])
def test_what_is_nested_too_deeply_is_refused_at_once(tmp_path: Path, shape: str) -> None:
    error = _error(_file(tmp_path, shape * 20_000))  # Oxigraph alone would take minutes
    assert "nested more than 100 deep" in error.reason
    assert error.line == 1


def test_brackets_in_text_are_not_nesting(tmp_path: Path) -> None:
    assert len(source.read(_file(tmp_path, {"@id": A, P: "[{" * 500 + '\\"]'}))) == 1


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfit_graph.jsonld._LARGEST", 10)
    assert "larger than 0 MB" in _error(_file(tmp_path, {"@id": A, P: "x"})).reason


def test_other_encodings_are_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonld"
    path.write_bytes('{"@id": "http://example.org/a",\n "http://example.org/p": "é"}'.encode("latin-1"))
    error = _error(path)
    assert (error.line, error.column, error.reason) == (2, 27, "not UTF-8 from here on; save it as UTF-8")


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonld"
    path.write_text(json.dumps({"@id": A, P: "x"}), "utf-8-sig")
    assert len(source.read(path)) == 1


def test_addresses_that_run_something_are_refused_at_their_place(tmp_path: Path) -> None:
    error = _error(
        _file(tmp_path, '{"@id": "http://example.org/a",\n "http://example.org/p": {"@id": "javascript:x"}}')
    )
    assert (error.line, error.column) == (2, 34)


@pytest.mark.parametrize("name", ["organizations", "affiliations", "pacts"])
def test_our_data_say_the_same_in_json_ld(tmp_path: Path, name: str) -> None:
    graph = source.read(ROOT / "data" / f"{name}.ttl")
    path = _file(tmp_path, graph.serialize(format="json-ld"))
    assert isomorphic(source.read(path), graph)


def test_json_ld_is_validated_with_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = {
        "@context": CONTEXT,
        "id": "https://w3id.org/cfit/id/organization/example",
        "type": "Organization",
        "stakeholderType": ["https://w3id.org/cfit/id/stakeholder-type/none"],
    }
    _file(tmp_path, document, "draft.jsonld")
    assert cli.main(["validate", "draft.jsonld"]) == 1
    report = capsys.readouterr().out
    assert "draft.jsonld:6:3: organization:example has cfit:stakeholderType stakeholder-type:none" in report
    assert "draft.jsonld:3:8: organization:example at skos:prefLabel" in report


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ('"sameas": "http://example.org/b"', 1, "'sameas' says nothing here: .* perhaps 'sameAs' is meant"),
        ('"websit": "x"', 1, "'websit' says nothing"),
        ('"type": "Organisation"', 9, "'Organisation' says nothing here: .* perhaps 'Organization' is meant"),
        ('"stakeholderType": "ngo"', 20, "'ngo' says nothing"),
        ('"schema:url": {"@value": "A", "lang": "en"}', 31, "'lang' says nothing"),
        ('"source": {"id": "http://example.org/s", "tite": "A"}', 42, "'tite' says nothing here: .* perhaps 'title'"),
        ('"source": {"id": "s"}', 18, "'s' says nothing"),
    ],
)
def test_what_says_nothing_is_refused_with_its_place(tmp_path: Path, line: str, column: int, words: str) -> None:
    text = f'{{"@context": "{CONTEXT}", "id": "{A}",\n{line}}}'
    error = _error(_file(tmp_path, text))
    assert (error.line, error.column) == (2, column)
    assert re.search(words, error.reason), error.reason


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("null", 1, 1), ("5", 1, 1), ('\n "x"', 2, 2), ('[\n{"name": "x"}]', 2, 2),
        ('[{"@id": "http://a.b/"},\n7]', 2, 1),
        ('{"@graph": [\n"x"]}', 2, 1), ('{"@id": "a",\n "http://a.b/": 1}', 1, 9),
    ],
)  # fmt: skip
def test_what_is_no_object_or_has_no_context_is_refused(tmp_path: Path, text: str, line: int, column: int) -> None:
    for name in ("x.jsonld", "x.json"):
        error = _error(_file(tmp_path, text, name))
        assert (error.line, error.column) == (line, column)


@pytest.mark.parametrize(
    "members",
    [
        {"@context": {"skipped": None}, "skipped": "x"},
        {"@context": {"@vocab": "http://example.org/"}, "any": "x"},
        {"@context": {"@base": "http://example.org/"}, "@id": "b", "@reverse": {P: {"@id": "c"}}},
        {"http://example.org/q": None, "ex:p": "x"},
        {"@context": {"n": {"@id": P, "@container": "@index"}}, "n": {"one": "x"}, "odd": "not followed"},
    ],
)
def test_what_is_left_out_on_purpose_is_not(tmp_path: Path, members: dict[str, object]) -> None:
    source.read(_file(tmp_path, {"@id": A, P: "x"} | members))


def test_of_what_nobody_writes_by_hand_odd_keys_are_passed_over(tmp_path: Path) -> None:
    assert len(source.read(_file(tmp_path, {"@id": A, P: "x" * 1_000_000, "odd": 1}))) == 1
