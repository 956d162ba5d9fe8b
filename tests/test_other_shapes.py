"""Other pacts' data and shapes, in words of their own: names by their prefixes, proposals by their shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cfit_graph.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:PersonShape a sh:NodeShape ; sh:targetClass ex:Person ;
  sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:datatype xsd:string ] ;
  sh:property [ sh:path ( ex:worksFor ex:name ) ; sh:minCount 1 ] ;
  sh:property [ sh:path ex:knows ; sh:class ex:Person ] ;
  sh:property [ sh:path ex:kind ; sh:in ( ex:A ex:B ) ] .
"""
DATA = """@prefix ex: <http://example.org/ns#> .
@prefix d: <http://example.org/data/> .
d:jan a ex:Person ; ex:name "Jan" ; ex:kind ex:C .
d:piet a ex:Person ; ex:name 3 ; ex:worksFor d:acme .
d:an a ex:Person ; ex:name "An" ; ex:worksFor d:other ; ex:knows d:acme .
d:other ex:name "Other" .
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.strip() for line in _told(tmp_path, monkeypatch, capsys, DATA).splitlines()]


def _told(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: str) -> str:
    """Return what the command says of data."""
    monkeypatch.chdir(folder)
    (folder / "shapes.ttl").write_text(SHAPES)
    (folder / "data.ttl").write_text(data)
    assert main(["validate", "data.ttl", "--shapes", "shapes.ttl", "--verbose"]) == 1
    return capsys.readouterr().out


def test_names_have_the_prefixes_of_the_files(told: list[str]) -> None:
    assert "Violation: The value is not of the class ex:Person. [ex:PersonShape]" in told
    assert "data.ttl:4:30: d:piet has ex:name 3" in told
    assert "data.ttl:3:1: d:jan at ex:worksFor/ex:name" in told
    whole = [line for line in told if "http://example.org" in line]
    assert all(line.startswith(("rule: <", "value: '")) for line in whole)


def test_what_is_missing_first_on_a_path_is_proposed_where_it_is_missing(told: list[str]) -> None:
    assert "→ add ex:worksFor to d:jan, with what a source says" in told
    assert "→ add ex:name to d:acme, with what a source says" in told


def test_of_a_list_in_the_shape_every_value_is_proposed(told: list[str]) -> None:
    assert "→ write ex:A, or ex:B" in told


def test_a_value_that_the_shape_refuses_is_no_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = "@prefix ex: <http://example.org/ns#> .\nex:jan a ex:Person .\nex:piet a ex:Person ; ex:name {} .\n"
    for value, has_example in (('"Piet"', True), ("3", False)):
        assert ("for instance:" in _told(tmp_path, monkeypatch, capsys, data.format(value))) is has_example
