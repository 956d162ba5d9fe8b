"""Parsed queries that are kept from run to run: the same as parsed anew, and harmless whatever lies there."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING

import pytest
from rdflib import SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from cfit_graph import source
from cfit_graph.validation.facts import Facts, Files
from cfit_graph.validation.screens import Screens
from cfit_graph.validation.shapes import Shapes, kept, queries
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ASKED = 'SELECT $this WHERE { $this ex:of/ex:in* ?where FILTER (?where != "x"@en) }'
PREFIXES = (("ex", "https://example.org/"),)


class Parser:
    """Parses ``ASKED`` and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> CompValue:
        self.times += 1
        return prepareQuery(ASKED, initNs=dict(PREFIXES)).algebra


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "cfit-graph" / "queries"


def _ask(parse: Parser) -> CompValue:
    return kept.query(ASKED, PREFIXES, parse)


def test_a_query_is_parsed_once(folder: Path) -> None:
    parse = Parser()
    made, again = _ask(parse), _ask(parse)
    assert parse.times == 1
    assert (made, made.name, made.p.p.name) == (again, again.name, again.p.p.name)
    assert len(list(folder.iterdir())) == 1


def _plain(part: object) -> object:
    """Return a part of a query with all that compilers read of it, order of sets aside."""
    if isinstance(part, CompValue):
        attributes = {name: _plain(value) for name, value in vars(part).items() if not callable(value)}
        return attributes, {name: _plain(value) for name, value in dict.items(part)}
    return [_plain(it) for it in part] if isinstance(part, (list, tuple)) else part


def test_our_queries_are_the_same_when_they_were_kept(folder: Path) -> None:
    texts = {str(text) for text in source.read_all(source.files(ROOT / "shapes")).objects(None, SH.select)}
    prefixes = tuple(sorted(queries.prefixes(source.read_all(source.files(ROOT / "shapes"))).items()))
    for text in texts:
        made = prepareQuery(text, initNs=dict(prefixes)).algebra
        assert _plain(kept.query(text, prefixes, lambda made=made: made)) == _plain(made)  # type: ignore[misc]
        assert _plain(kept.query(text, prefixes, lambda: pytest.fail("it was not kept"))) == _plain(made)
    assert len(list(folder.iterdir())) == len(texts) > 10


def test_screens_of_our_shapes_are_the_same_from_what_is_kept(folder: Path) -> None:
    shapes, facts = Shapes(source.read_all(source.files(ROOT / "shapes")), ROOT / "shapes"), Facts()
    facts.read(Files(source.files(ROOT / "ontology")))
    told = []
    for _ in range(2):
        queries._prepared.cache_clear()
        screens = Screens(shapes, facts)
        told.append({it.shape.node: (it.condition, it.scans, it.selects, it.sight, it.reasons) for it in screens.all})
    assert len(list(folder.iterdir())) > 10
    assert told[0] == told[1]


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch called",)


@pytest.mark.parametrize(
    "content",
    [b"", b"no pickle", pickle.dumps("no query"), pickle.dumps(_Evil()), b"cos\nsystem\n(S'touch called'\ntR."],
)
def test_what_is_no_query_is_as_good_as_nothing_and_never_called(
    folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent.parent)
    expected = _ask(Parser())
    (file,) = folder.iterdir()
    file.write_bytes(content)
    parse = Parser()
    assert _ask(parse) == expected
    assert parse.times == 1
    assert not list(folder.parent.parent.glob("called"))
    _ask(parse)
    assert parse.times == 1  # it was mended


def test_where_nothing_can_be_kept_queries_are_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    parse = Parser()
    assert _ask(parse) == _ask(parse)
    assert parse.times == 2


def test_the_oldest_go_when_there_are_many(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST", 3)
    for number in range(5):
        kept.query(f"{number}", PREFIXES, Parser())
    assert len(list(folder.iterdir())) == 3
