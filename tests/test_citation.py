"""Citations are facts of the release, in forms that other programs read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string
from rdflib import DCTERMS, SKOS, Graph, URIRef

from cfit_graph import citation
from cfit_graph.citation import Citation, Dataset
from cfit_graph.errors import UnknownEntity
from cfit_graph.namespaces import BASE
from cfit_graph.store.embedded import EmbeddedStore
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
HASH = "0123456789abcdef" * 4
CFF: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["authors", "cff-version", "message", "title"],
    "properties": {
        "authors": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {"name": {"type": "string", "minLength": 1}},
            },
        },
        "cff-version": {"const": "1.2.0"},
        "date-released": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "identifiers": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type", "value"],
                "properties": {
                    "type": {"enum": ["doi", "url", "swh", "other"]},
                    "value": {"type": "string", "minLength": 1},
                    "description": {"type": "string", "minLength": 1},
                },
            },
        },
        "license": {"type": "string"},
        "license-url": {"type": "string", "format": "uri", "pattern": "^(https?|sftp|ftp)://.+"},
        "message": {"type": "string", "minLength": 1},
        "title": {"type": "string", "minLength": 1},
        "type": {"enum": ["dataset", "software"]},
        "url": {"type": "string", "format": "uri", "pattern": "^(https?|sftp|ftp)://.+"},
        "version": {"type": ["string", "number"]},
    },
}
"""What we use of the Citation File Format 1.2.0: entities as authors, and the keys that may be there."""

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=30
).map(str.strip)


def _cited(title: str = "T", author: str = "A", part: str = "P", sha256: str = HASH) -> Citation:
    about = Dataset(title, (author, "Second"), "https://example.org/licence")
    return Citation(about, part, "2026-03-04.1", MOMENT, "https://example.org/release/x?q=%7B", "of it", sha256)


def _cff(cited: Citation) -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(cited.cff())
    jsonschema.validate(said, CFF, format_checker=jsonschema.FormatChecker())
    return said


@settings(deadline=None)
@given(TEXTS.filter(bool), TEXTS.filter(bool), TEXTS)
def test_cff_is_valid_and_says_what_is_cited(title: str, author: str, part: str) -> None:
    cited = _cited(title, author, part)
    said = _cff(cited)
    assert (said["title"], said["version"], said["date-released"]) == (cited.title, "2026-03-04.1", "2026-03-04")
    assert said["authors"] == [{"name": author}, {"name": "Second"}]
    assert said["url"] == cited.address
    assert said["identifiers"][0]["value"] == f"sha256:{HASH}"
    assert "identifiers" not in _cff(_cited(sha256=""))


@settings(deadline=None)
@given(st.text("ab{}\\%$#_&~^é \"'@,=", min_size=1, max_size=12), st.text("ab{}\\%$#_&~^é ", min_size=1, max_size=12))
def test_bibtex_is_read_by_a_parser(title: str, author: str) -> None:
    read = parse_string(_cited(title, author).bibtex(), "bibtex")
    ((key, entry),) = read.entries.items()
    assert (key, entry.type) == ("cfit-2026-03-04.1-01234567", "misc")
    fields = entry.fields
    assert (fields["year"], fields["month"], fields["version"]) == ("2026", "March", "2026-03-04.1")
    assert fields["url"] == "https://example.org/release/x?q=%7B"
    assert HASH in fields["note"]
    assert len(entry.persons["author"]) == 2
    assert "Second" in str(entry.persons["author"][1])


def test_bibtex_escapes_what_means_something_to_tex() -> None:
    entry = parse_string(_cited("50% & {more}_#$~^\\", part="").bibtex(), "bibtex").entries["cfit-2026-03-04.1"]
    escaped = (
        r"{50\% \& \textbraceleft{}more\textbraceright{}\_\#\$\textasciitilde{}\textasciicircum{}\textbackslash{}}"
    )
    assert entry.fields["title"] == escaped


def test_text_and_json_say_the_same() -> None:
    cited = _cited("Graph", "Project", "answer")
    told = cited.text()
    assert told == (
        "Project; Second (2026). Graph: answer. Release 2026-03-04.1. https://example.org/release/x?q=%7B "
        f"SHA-256 of it: {HASH}.\n"
    )
    assert "Graph: Who?" in _cited("Graph", "Project", "Who?").text()
    assert "Who?." not in _cited("Graph", "Project", "Who?").text()
    said = json.loads(cited.as_json())
    assert said["text"] + "\n" == told
    assert said["bibtex"] == cited.bibtex()
    assert said["sha256"] == HASH
    assert json.loads(_cited(sha256="").as_json())["sha256"] is None


def test_the_facts_are_those_of_the_data_and_of_the_file_for_citations(store: EmbeddedStore) -> None:
    read, file = citation.dataset(store, BASE), yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    graph = Graph().parse(ROOT / "data" / "dataset.ttl")
    about = URIRef(f"{BASE}dataset")
    assert read.title == str(graph.value(about, DCTERMS.title))
    assert file["title"].startswith(read.title)
    assert read.authors == tuple(author["name"] for author in file["authors"])
    creator = graph.value(about, DCTERMS.creator)
    assert read.authors == (str(graph.value(creator, SKOS.prefLabel)),)
    assert read.licence == str(graph.value(about, DCTERMS.license))
    jsonschema.validate(file, CFF)


def test_a_graph_that_says_nothing_of_itself_is_not_cited(tmp_path: Path) -> None:
    (tmp_path / "x.nt").write_text("<x:a> <x:b> <x:c> .\n")
    with pytest.raises(UnknownEntity, match="does not say what it is called"):
        citation.dataset(EmbeddedStore([tmp_path / "x.nt"]), BASE)
