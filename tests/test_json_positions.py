"""The places of statements in JSON-LD: the statements of Oxigraph in its order, and where each part is written."""

from __future__ import annotations

import itertools
import json
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph import jsonld, positions, source
from cfit_graph.errors import SourceError
from cfit_graph.positions import jsonld as json_positions
from cfit_graph.positions import values
from cfit_graph.validation.written import Blanks
from tests.conftest import ROOT

CONTEXT = {
    "ex": "http://example.org/",
    "id": "@id",
    "type": "@type",
    "p": {"@id": "ex:p"},
    "link": {"@id": "ex:link", "@type": "@id"},
    "set": {"@id": "ex:set", "@container": "@set"},
    "list": {"@id": "ex:list", "@container": "@list"},
    "named": {"@id": "ex:named", "@container": ["@language", "@set"]},
    "back": {"@reverse": "ex:back"},
    "day": {"@id": "ex:day", "@type": "ex:date"},
    "term": {"@id": "ex:term", "@type": "@vocab"},
    "german": {"@id": "ex:german", "@language": "de"},
    "nothing": None,
}


def _agree(path: Path) -> list[positions.Statement]:
    """Read a file by both readers, compare every statement, and return ours; what says nothing is passed over."""
    text, contexts = path.read_text("utf-8-sig"), jsonld.contexts(ROOT)
    ours = list(json_positions.statements(text, contexts))
    strict = source.triples(path, ox.parse(jsonld.complete(path, text, contexts), format=ox.RdfFormat.JSON_LD))
    blanks = Blanks()
    for statement, triple in zip(ours, strict, strict=True):
        blanks.compare(statement[:3], triple)
    return ours


def _parts(tmp_path: Path, text: str) -> list[tuple[str, ...]]:
    """Return, for each statement, the text found at the places of subject, predicate and object."""
    path = tmp_path / "x.jsonld"
    path.write_text(text, "utf-8")
    return [tuple(text[at : at + 4] for at in found[3:]) for found in _agree(path)]


def test_the_three_parts_are_found_where_they_stand(tmp_path: Path) -> None:
    text = f'{{"@context": {json.dumps(CONTEXT)}, "p": ["1", {{"day": "2"}}], "id": "ex:a", "type": "ex:T"}}'
    assert _parts(tmp_path, text) == [
        ('"ex:', '"typ', '"ex:'),  # the type comes first, as Oxigraph has it
        ('"ex:', '"p":', '"1",'),
        ('"ex:', '"p":', '{"da'),
        ('{"da', '"day', '"2"}'),
    ]


def test_languages_lists_and_what_leads_backwards_have_places(tmp_path: Path) -> None:
    text = (
        f'{{"@context": {json.dumps(CONTEXT)}, "id": "ex:a", "named": {{"en": ["x"], "@none": "y"}}, '
        '"back": {"id": "ex:b"}, "list": ["z"]}'
    )
    assert _parts(tmp_path, text) == [
        ('"ex:', '"nam', '"x"]'),
        ('"ex:', '"nam', '"y"}'),
        ('{"id', '"bac', '"ex:'),
        ('"ex:', '"lis', '["z"'),
        ('"z"]', '"z"]', '"z"]'),
        ('"z"]', '"z"]', '"z"]'),
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('"@reverse": {"back": {"id": "ex:b"}}', ("<http://example.org/a>", "<http://example.org/back>")),
        ('"@reverse": {"p": {"id": "ex:b"}}', ("<http://example.org/b>", "<http://example.org/p>")),
        ('"back": {"id": "ex:b"}', ("<http://example.org/b>", "<http://example.org/back>")),
        ('"http://example.org/q": 1', ("<http://example.org/a>", "<http://example.org/q>")),
        ('"http:q": 1', ("<http://example.org/a>", "<http://elsewhere.example/q>")),
        ('"p": 18446744073709551616', ("<http://example.org/a>", "<http://example.org/p>")),
        ('"p": -99999999999999999999', ("<http://example.org/a>", "<http://example.org/p>")),
        ('"p": 100000000000000000000', ("<http://example.org/a>", "<http://example.org/p>")),
        ('"p": 1e19', ("<http://example.org/a>", "<http://example.org/p>")),
    ],
)
def test_what_is_reversed_twice_what_looks_like_a_prefix_and_large_numbers(
    tmp_path: Path, said: str, expected: tuple[str, str]
) -> None:
    path = tmp_path / "x.jsonld"
    context = CONTEXT | {"http": "http://elsewhere.example/"}
    path.write_text(f'{{"@context": {json.dumps(context)}, "id": "ex:a", {said}}}', "utf-8")
    (found,) = _agree(path)
    assert found[:2] == expected


@pytest.mark.parametrize("path", source.files(ROOT / "data"), ids=lambda path: path.name)
def test_our_data_written_by_another_program_are_followed(tmp_path: Path, path: Path) -> None:
    graph = source.read(path)
    copy = tmp_path / "x.jsonld"
    copy.write_text(graph.serialize(format="json-ld", auto_compact=path.stem < "e"), "utf-8")
    assert len(_agree(copy)) == len(graph)


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": {"t": {"@id": "http://example.org/t", "@container": "@index"}}, "t": {"k": "v"}}',
        '{"@context": {"T": {"@id": "http://example.org/T", "@context": {}}}, "@type": "T"}',
        '{"@context": {"@propagate": false}, "http://example.org/p": 1}',
        '{"@id": "http://example.org/a", "@nest": {"http://example.org/p": 1}}',
        '{"@id": "http://example.org/a", "@included": [{"http://example.org/p": 1}]}',
        '{"http://example.org/p": {"@type": "@json", "@value": {}}}',
        '{"http://example.org/p": {"@value": "x", "@direction": "ltr"}}',
        '{"@context": {"a": {"@id": "b:x"}, "b": {"@id": "a:x"}}}',
    ],
)
def test_what_cannot_be_followed_has_no_places(text: str) -> None:
    with pytest.raises(positions.Lost):
        list(json_positions.statements(text, {}))


_scalars = st.sampled_from(["x", 'é😀"\\', "", 7, -1.5, 1e30, 100.0, True, False, None])
_names = st.sampled_from(["ex:a", "ex:b", "_:x", "http://example.org/c"])
_types = st.sampled_from(["ex:T", ["ex:U", "p", "Nope", "ex:A"], []])
_literals = st.fixed_dictionaries(
    {"@value": st.sampled_from(["v", "w"])}, optional={"@language": st.sampled_from(["en", "EN-gb"])}
)
_typed = st.fixed_dictionaries({"@value": st.sampled_from(["v", 5, True]), "@type": st.just("ex:t")})
_by_language = st.dictionaries(
    st.sampled_from(["en", "NL", "@none", "fr-BE"]), st.sampled_from(["w", ["a", "b"], []]), max_size=3
)
_links = st.sampled_from(["ex:a", "http://example.org/c", ["ex:b", "_:x"]])


def _node(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with any keys in any order."""
    anything = st.one_of(_scalars, _literals, _typed, inner, st.lists(inner, max_size=2))
    fields: dict[str, st.SearchStrategy[Any]] = {
        "id": _names, "type": _types, "p": anything, "set": anything, "ex:k": anything, "day": _scalars,
        "http://example.org/full": anything, "german": _scalars, "term": st.sampled_from(["p", "ex:L"]), "link": _links,
        "named": _by_language, "list": st.lists(st.sampled_from(["1", "2"]), max_size=2), "back": inner,
        "unknown": _scalars, "nothing": _scalars, "@graph": st.lists(inner, max_size=2),
        "@reverse": st.fixed_dictionaries({"ex:of": inner}),
        "@context": st.sampled_from([{"p": "ex:other"}, {"@language": "nl"}, {"@vocab": "http://voc.example/"}]),
    }  # fmt: skip
    shuffled = st.permutations(sorted(fields)).flatmap(
        lambda keys: st.fixed_dictionaries({}, optional={key: fields[key] for key in keys})
    )
    return shuffled.flatmap(lambda node: st.permutations(list(node.items())).map(dict))


_documents = st.recursive(st.fixed_dictionaries({"id": _names}), _node, max_leaves=6)
_numbers = itertools.count()


@given(_documents, st.sampled_from([None, 1]))
@settings(max_examples=300, deadline=None)
def test_generated_documents_are_read_as_oxigraph_reads_them(document: dict[str, Any], indent: int | None) -> None:
    document = {"@context": CONTEXT, **{key: value for key, value in document.items() if key != "@context"}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{next(_numbers)}.jsonld"
        path.write_text(json.dumps(document, ensure_ascii=False, indent=indent), "utf-8")
        text = path.read_text("utf-8")
        for found in _agree(path):
            begins = '"{[' if found.object[0] in "<_" else '"0123456789-tf['
            assert text[found.object_at] in begins
            assert text[found.subject_at] in '"{['
        unsaid = [values.read_from(text, it.at).content for it in json_positions.unsaid(text, {})]
        assert set(map(str, unsaid)) <= {"unknown", "Nope", "p"}
        with pytest.raises(SourceError, match="says nothing here") if unsaid else nullcontext():
            source.read(path)


@pytest.mark.parametrize(
    "text", ["", "{", '{"a" 1}', "[1,]", '{"a": 1,}', "01", '"\t"', "nul", "1 2", "[1 2]", "{1: 2}"]
)
def test_what_is_no_json_is_no_value(text: str) -> None:
    with pytest.raises(positions.Lost):
        values.read(text)


_json = st.recursive(
    _scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=8
)


@given(_json, st.sampled_from([None, 2]))
def test_json_is_read_as_the_standard_library_reads_it(content: object, indent: int | None) -> None:
    text = json.dumps(content, indent=indent)
    value = values.read(text)
    assert values.plain(value) == content
    assert json.loads(text[value.at : value.end]) == content
