"""JSON-LD as a source: the context we bring along, nothing fetched, and errors with their places."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rdflib import Literal, URIRef
from rdflib.compare import isomorphic

from cfit_graph import cli, source
from cfit_graph.errors import SourceError
from cfit_graph.namespaces import CONTEXT, PREFIXES
from cfit_graph.positions import contexts
from cfit_graph.positions import jsonld as jsonld_positions
from cfit_graph.positions.contexts import TAG
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
        ('{"http://a.b/": {"@value": "x",\n"@language": 5}}', 2, 14, "@language value must be a string"),
        ('{"http://a.b/": {"@value":\n["x"]}}', 2, 1, "@value stands before one text"),
        ('{"http://a.b/": {"@set": ["x"], "@id": "http://a.b/"}}', 0, 0, "beside @list or @set stands nothing else"),
        ('{"@reverse": {"http://a.b/": "x"}}', 0, 0, "within @reverse stand things"),
        ('{"@context": {"n": {"@id": "http://a.b/", "@type": "date"}}}', 0, 0, "the @type date in @context is no"),
        ('{"@context": {"n": {"@type": "@id"}}, "n": "x"}', 1, 14, "@context does not say what n stands for"),
        ('{"@id": "http://example.org/a",\n "@type": 7}', 2, 11, "@type value must be a string"),
        ('{"@id": "http://example.org/a", "http://example.org/p": NaN}', 0, 0, "NaN is no number of JSON"),
        ("@prefix ex: <http://example.org/> .", 1, 1, "not JSON: a value is missing here"),
        ('{\n“@id”: "x"}', 2, 1, "not JSON: “ is a curly quote; write a straight one"),
        ('{"@id": “x”}', 1, 9, "not JSON: “ is a curly quote; write a straight one"),
        ('{"a": 1,\n\u00a0"b": 2}', 2, 1, "cannot be seen stands here, NO-BREAK SPACE (U+00A0)"),
        ('{"a": 1\u200b,}', 1, 8, "ZERO WIDTH SPACE (U+200B)"),
        ('{"a": "the "b" of"}', 1, 13, r'the text before this ends at a "; within a text write \"'),
        ('{"a": "x" "b": 1}', 1, 11, "a comma is missing before this"),
        ('{"a": 2026-01-05}', 1, 11, "2026-01-05 is written without quotes"),
        ('{"a": https://a.b/}', 1, 7, "https://a.b/ lacks the signs around it"),
        ('{"a": "C:\\Users"}', 1, 10, "for a backslash write two"),
        ('{"a": 1\n<<<<<<< HEAD\n,"b": 2\n=======\n}', 2, 1, "git could not merge two versions here"),
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


def test_a_name_that_stands_as_text_is_proposed_as_the_thing_of_that_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    thing = {"@id": "https://w3id.org/cfit/id/organization/example", "@type": "org:Organization"}
    for text in ("place:nl", " place:be ", "place:nowhere", "https://example.org/"):
        said = {"dcterms:spatial": text} if "place" in text else {"foaf:homepage": text}
        path = _file(tmp_path, {"@context": CONTEXT} | thing | said, "draft.jsonld")
        assert cli.main(["validate", "draft.jsonld"]) == 1
        proposed = f'→ write {{"@id": "{text.strip()}"}}' in capsys.readouterr().out
        assert proposed is (text != "place:nowhere")
        cli.main(["validate", "--fix", "--yes", "draft.jsonld"])
        in_full = text.strip().replace("place:", "https://w3id.org/cfit/id/place/")
        assert (f'{{"@id": "{in_full}"}}' in path.read_text("utf-8")) is proposed
        capsys.readouterr()


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
        ('"foaf:homepage ": {"id": "http://a.b/"}', 1, r"SPACE \(U\+0020\) in .* perhaps 'foaf:homepage' is meant"),
        ('"foaf: homepage": {"id": "http://a.b/"}', 1, r"SPACE \(U\+0020\) in .* perhaps 'foaf:homepage' is meant"),
        ('"foaf:homepage\u00a0": "x"', 1, "NO-BREAK SPACE .* perhaps 'foaf:homepage' is meant"),
        ('"foaf:homepage\u200b": "x"', 1, "ZERO WIDTH SPACE .* perhaps 'foaf:homepage' is meant"),
        ('"prefLabel ": {"en": "x"}', 1, "SPACE .* perhaps 'prefLabel' is meant"),
        ('"homepage": "http://a.b/c d"', 13, "SPACE .* in 'http://a.b/c d', where none can be$"),
        ('"@reverse": {"foaf:member ": {"id": "http://a.b/"}}', 14, "perhaps 'foaf:member' is meant"),
        ('"_:b": "x"', 1, "'_:b' says nothing"),
        ('"@Type": "Organization"', 1, "'@Type' says nothing here: .* perhaps '@type' is meant"),
        ('"@language": "nl"', 1, "'@language' says nothing here"),
        ('"label": {"en": "x"}, "source": {"id": "http://a.b/", "labl": "x"}', 55, "perhaps 'label' is meant"),
        ('"source": {"id": "http://a.b/", "lable title": "x"}', 33, "in 'lable title', where none can be$"),
        ('"schema:url": {"@value": "A", "language": "en"}', 31, "beside @value; perhaps '@language' is meant"),
        ('"schema:url": {"@value": "A", "@lang": "en"}', 31, "'@lang' says nothing beside @value"),
        ('"schema:url": {"@value": "A", "@type": "@id"}', 40, "'@id' is no datatype"),
        ('"schema:url": {"@value": "A", "@type": "xsd:date "}', 40, "'xsd:date ' is no datatype"),
        ('"skos:prefLabel": {"@value": "A", "@language": "nl_NL"}', 48, "'nl_NL' is no .* perhaps 'nl-NL' is meant"),
        ('"skos:prefLabel": {"@value": "A", "@language": "nl "}', 48, "perhaps 'nl' is meant"),
        ('"skos:prefLabel": {"@value": "A", "@language": ""}', 48, "'' is no language tag, .* as en or nl-BE$"),
        ('"prefLabel": {"en": "A", "nl_NL": "B", "nl ": "C"}', 26, "perhaps 'nl-NL' is meant"),
        ('"altLabel": {"": ["A"]}', 14, "'' is no language tag"),
        ('"prefLabel": {"@value": "A", "@language": "nl"}', 15, "behind its language"),
        ('"prefLabel": {"nl": {"@value": "A"}}', 15, "behind its language"),
        ('"source": {"@context": {"@language": "nl_BE"}, "rdfs:label": "A"}', 62, "perhaps 'nl-BE' is meant"),
        ('"foaff:homepage": {"id": "http://a.b/"}', 1, "prefix foaff: is not .* perhaps 'foaf:homepage' is meant"),
        ('"@id": "http://a.b/"', 1, "'@id' stands here for a second time; leave one$"),
        ('"@context": {}, "@context": {}', 1, "'@context' stands here for a second time"),
        ('"schema:url": {"@value": "A", "@value": "B"}', 31, "'@value' stands here for a second time"),
        ('"schema:url": {"@value": "A", "@language": "nl", "@type": "xsd:date"}', 31, "and not both"),
        ('"schema:url": {"@value": "A", "@id": "http://a.b/"}', 31, "'@id' says nothing beside @value$"),
        ('"placee": 1, "stakeholderType": "organisation:x"', 1, "'placee' says nothing"),
        ('"stakeholderType": "organisation:x"', 20, "perhaps 'organization:x' is meant"),
        ('"source": "source:a"', 11, "perhaps 'https://w3id.org/cfit/id/source/a' is meant"),
        ('"stakeholderType": "kvk:x"', 20, "the prefix kvk: is not declared in @context$"),
        ('"@type": "foo:T"', 10, "the prefix foo: is not declared in @context$"),
        ('"schema:url": {"@value": "A", "@type": "xds:date"}', 40, "perhaps 'xsd:date' is meant"),
        ('"source": {"@context": {"n": "foaff:name"}, "n": "x"}', 45, "perhaps 'foaf:name' is meant"),
        (
            '"source": {"@context": {"n": {"@id": "http://a.b/", "@type": "xds:date"}}, "n": "x"}',
            81,
            "perhaps 'xsd:date' is",
        ),
        ('"source": {"@context": {"n": "http://a.b"}, "n:p": "x"}', 45, "the prefix n: is not declared in @context$"),
        (
            '"spatial": "place:nl", "source": "source:a", "@type": "matter:nl"',
            12,
            'prefix place: .*; add there "place": "https://[^,]*/place/", "matter": "https://[^,]*/matter/"$',
        ),
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
        {"http://example.org/q": None},
        {"@context": {"n": {"@id": P, "@container": "@index"}}, "n": {"one": "x"}, "odd": "not followed"},
    ],
)
def test_what_is_left_out_on_purpose_is_not(tmp_path: Path, members: dict[str, object]) -> None:
    source.read(_file(tmp_path, {"@id": A, P: "x"} | members))


@pytest.mark.parametrize(
    "iri", ["urn:isbn:1", "mailto:a@b.c", "tel:+31", "https://a.b/", "ftp://a.b/", "doi:10.1/a", "DOI:10.1/a", "info:x"]
)
def test_an_address_in_full_is_no_name_with_a_prefix(tmp_path: Path, iri: str) -> None:
    assert len(source.read(_file(tmp_path, {"@id": iri, "@type": iri, iri: {"@id": iri}}))) == 2


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ('{"@id": "organization:x", "skos:prefLabel": "x"}', 9,
         '{ write "@context": {"organization": "https://w3id.org/cfit/id/organization/", '
         '"skos": "http://www.w3.org/2004/02/skos/core#"},'),
        ('{"@id": "organization:x", "prefLabel": "x", "skos:note": "source:a"}', 9,
         '{ write "@context": ["https://w3id.org/cfit/context/v1.jsonld", '
         '{"organization": "https://w3id.org/cfit/id/organization/"}],'),
        ('{"@id": "http://a.b/", "prefLabel": "x"}', 24, 'write "@context": "https://w3id.org/cfit/context/v1.jsonld",'),
        ('{"@id": "http://a.b/", "@type": "Organization"}', 33, "there is no @context"),
        ('{"id": "http://a.b/", "prefLabel": "x"}', 2, "there is no @context"),
        ('{"@context": {}, "id": "http://a.b/"}', 18, "'id' says nothing here: it is no term of the context, and no "
         "address in full; perhaps '@id' is meant"),
        ('{"@id": "organization:x", "@Context": {"organization": "http://a.b/"}}', 27, "perhaps '@context' is meant"),
        ('{"context": {}, "@id": "organization:x", "a:p": 1}', 2, "perhaps '@context' is meant"),
        ('{"@id": "x", "http://a.b/": 1}', 9, "'x' says nothing here: it is no address in full"),
    ],
)  # fmt: skip
def test_names_without_a_context_lead_to_the_line_to_add(tmp_path: Path, text: str, column: int, words: str) -> None:
    error = _error(_file(tmp_path, text))
    assert (error.line, error.column) == (1, column)
    assert words in error.reason


@given(st.from_regex(r"\A[a-z0-9]{0,9}(?:-[a-z0-9]{0,9}){0,4}\Z") | st.text(max_size=4))
@example("nl-Latn-NL-1996-x-a")
@example("zh-min-nan")
@example("i-klingon")
@example("i-0")
@example("en-a-bb-u-co")
def test_a_language_tag_is_what_the_parser_keeps(tag: str) -> None:
    text = json.dumps({"@id": A, P: {"@value": "x", "@language": tag}})
    kept = bool(list(ox.parse(text, format=ox.RdfFormat.JSON_LD)))
    assert bool(TAG.fullmatch(tag)) or not kept, "it is refused, though the parser keeps it"
    assert kept or bool(jsonld_positions.unsaid(text, {})), "it is lost"


def test_our_prefixes_are_no_schemes_of_addresses() -> None:
    assert all(contexts.undeclared(f"{prefix}:x") for prefix in PREFIXES)


def test_of_what_nobody_writes_by_hand_odd_keys_are_passed_over(tmp_path: Path) -> None:
    assert len(source.read(_file(tmp_path, {"@id": A, P: "x" * 1_000_000, "odd": 1}))) == 1
