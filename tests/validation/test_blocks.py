"""Files that are read in blocks: the same is known of them as if each statement had been looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import SKOS, XSD

from cfit_graph.errors import SourceError
from cfit_graph.validation import blocks, terms
from cfit_graph.validation.facts import Facts, Files

if TYPE_CHECKING:
    from pathlib import Path

A, B, P = "<http://example.org/a>", "<http://example.org/b>", "<http://example.org/p>"
LINES = (
    f"{A} {P} {B} .",
    f"{B}{P}{A}.",
    f'  {A}\t{P} "text" . # <http://example.org/comment> said "of it"^^<{XSD.date}>',
    "",
    f'{A} <{SKOS}prefLabel> "x"@EN .',
    f'{A} <{SKOS}prefLable> "no such term" .',
    f'<{SKOS}invented> {P} "a term as subject" .',
    f"{A} {P} <{XSD}nosuch> .",
    f'{A} {P} "a <{SKOS}said> < b > c, <javascript:alert(1)>" .',
    f'{A} {P} "1"^^<{XSD.integer}> .',
    f'{A} {P} "01"^^<{XSD.integer}> .',
    f'{B} {P} "2021-02-30"^^<{XSD.date}> .',
    f'{B} {P} "2021-02-28"^^<{XSD.date}> .',
    f'{B} {P} "not a place"^^<{XSD.anyURI}> .',
    f'{B} {P} "http://example.org/"^^<{XSD.anyURI}> .',
    f'{B} {P} "of my own"^^<http://example.org/type> .',
    f'{A} {P} "1\\t"^^<{XSD.integer}> .',
    f'{A} {P} "\\"^^<{XSD.integer}>" .',
    f'{A} {P} "^^<{XSD.integer}>"^^<{XSD.date}> .',
    f'{A} {P} "caf\\u00E9" .',
    f'{A} {P} "a\x01b" .',
    f'{B} {P} "a\\u0001b"@en .',
    f'{B} {P} "a\\bb" .',
    f'{A} {P} "a\ufffeb" .',
    f'{A} {P} "a\\U0000FFFFb" .',
    f'{A} {P} "a\\ufFfEb" .',
    f'{A} {P} "a\\tb\\u00A0c\u200b" .',
    f"{A} {P} <http://example.org/caf\\u00E9> .",
    f"<http://example.org/\\u0061> {P} <{SKOS}\\u0078yz> .",
)
FAULTS = (
    f"{A} {P} <javascript:alert(1)> .",
    f"<DATA:text/html,x> {P} {A} .",
    f"{A} {P} .",
    f"{A} {P} <no scheme> .",
    f'{A} {P} "x"^^<{XSD.date} .',
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(LINES), min_size=1), st.sampled_from([50, 300, 1 << 22]), st.sampled_from(["\n", "\r\n"])
)
def test_the_same_is_known(tmp_path: Path, lines: list[str], size: int, end: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_SIZE", size)
        assert _known(tmp_path, lines, "nt", end) == _known(tmp_path, lines, "ttl", end)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, fault: str) -> None:
    with pytest.raises(SourceError) as told:
        _known(tmp_path, [LINES[0], fault, LINES[1]], "nt")
    assert told.value.line == 2


def test_text_with_a_direction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="base direction"):
        _known(tmp_path, [LINES[0], f'{A} {P} "x"@en--ltr .'], "nt")


def test_most_lines_are_read_by_the_store(tmp_path: Path) -> None:
    lines = [LINES[0], LINES[4], LINES[9], LINES[10]]
    (block,) = blocks.read(_file(tmp_path, lines, "nt"), lambda text, _: text == "01")
    assert block.plain.decode().splitlines() == lines[:3]
    assert block.odd.decode().splitlines() == lines[3:]


@pytest.mark.parametrize("line", [f"_:b {P} {A} .", f"{A} {P} <<( {A} {P} {B} )>> ."])
def test_blank_nodes_and_triple_terms_are_not_read_in_blocks(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match="not only IRIs"):
        next(blocks.read(_file(tmp_path, [LINES[0], line], "nt"), lambda *_: False))


def test_a_line_without_end_is_not_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_SIZE", 50)
    with pytest.raises(ValueError, match="without end"):
        next(blocks.read(_file(tmp_path, [f'{A} {P} "{"x" * 200}" .'], "nt"), lambda *_: False))


def _known(folder: Path, lines: list[str], suffix: str, end: str = "\n") -> tuple[object, ...]:
    """Return what is known of a file; as Turtle it is read statement by statement."""
    facts = Facts()
    facts.read(Files([_file(folder, lines, suffix, end)]))
    wrong = {iri: facts.mentions(iri) for iri in terms.undefined(facts.unknown, facts.own_terms())}
    return set(facts.store), facts.faulty, {iri: nodes for iri, nodes in wrong.items() if nodes}


def _file(folder: Path, lines: list[str], suffix: str, end: str = "\n") -> Path:
    path = folder / f"some.{suffix}"
    path.write_bytes(end.join([*lines, ""]).encode())
    return path
