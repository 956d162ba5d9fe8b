"""What a draft stands for, and what is found in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cfit_graph import release
from cfit_graph.checking import DRAFT, PAGE, VIEWS
from cfit_graph.errors import UnknownEntity, UnreadableDraft
from cfit_graph.validation import views
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.checking.conftest import Ask

PREFIXES = """@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix organization: <https://w3id.org/cfit/id/organization/> .
"""
NAME = '"Federal Ministry for Climate Action, Environment, Energy, Mobility, Innovation and Technology"@en'
WATCH = "https://w3id.org/cfit/id/organization/electronics-watch"


def _findings(report: bytes) -> list[dict[str, Any]]:
    return json.loads(report)["findings"]  # type: ignore[no-any-return]


def test_a_thing_as_it_is_described_now_is_found_as_the_whole_data_are(ask: Ask) -> None:
    draft = ask(DRAFT, about=WATCH)
    now = [found for found in json.loads(views.as_json(release.validate(ROOT)))["findings"] if found["focus"] == WATCH]
    found = _findings(ask("json", draft))
    assert [entry["fingerprint"] for entry in found] == [entry["fingerprint"] for entry in now]


def test_a_thing_with_a_type_is_described_anew(ask: Ask) -> None:
    draft = ask(DRAFT, about=WATCH).decode()
    without_type = [line for line in draft.splitlines(keepends=True) if "cfit:stakeholderType" not in line]
    found = _findings(ask("json", "".join(without_type)))
    assert {entry["rule"].rpartition("#")[2] for entry in found} == {"Organization-stakeholderType"}
    assert all(entry["file"] == "draft.ttl" for entry in found)
    assert without_type[found[0]["line"] - 1].startswith("organization:electronics-watch a ")


def test_of_a_thing_without_a_type_the_draft_only_says_more(ask: Ask) -> None:
    more = f'<{WATCH}> <http://www.w3.org/2004/02/skos/core#altLabel> "Watch of electronics"@en .'
    assert _findings(ask("json", more)) == []
    twice = f'<{WATCH}> <http://www.w3.org/2004/02/skos/core#prefLabel> "Another name"@en .'
    (found,) = _findings(ask("json", twice))
    assert found["rule"].endswith("#Name-prefLabel")
    assert (found["line"], found["focus"]) == (1, WATCH)


def test_a_draft_with_the_name_of_a_file_stands_for_it(ask: Ask) -> None:
    text = (ROOT / "data" / "organizations.ttl").read_text("utf-8")
    path = ROOT / "data" / "organizations.ttl"
    on_the_command_line = {found.fingerprint for found in release.validate(ROOT, [path]).findings}
    assert {found["fingerprint"] for found in _findings(ask("json", text, "organizations.ttl"))} == on_the_command_line


def test_what_a_draft_breaks_elsewhere_is_told(ask: Ask) -> None:
    text = (ROOT / "data" / "organizations.ttl").read_text("utf-8")
    header, *blocks = text.split("\n\n")
    gone = "\n\n".join([header, *(block for block in blocks if "electronics-watch a " not in block)])
    before = {found["fingerprint"] for found in _findings(ask("json", text, "organizations.ttl"))}
    new = [found for found in _findings(ask("json", gone, "organizations.ttl")) if found["fingerprint"] not in before]
    assert {(found["severity"], found["value"]) for found in new} == {("Violation", WATCH)}
    assert {found["focus"].rpartition("/")[0].rpartition("/")[2] for found in new} >= {"affiliation"}


@pytest.mark.parametrize("name", ["aa-first", "zz-last"])
def test_a_duplicate_is_found_whatever_it_is_called(ask: Ask, name: str) -> None:
    draft = f"""{PREFIXES}organization:{name} a org:Organization ; skos:prefLabel {NAME} ;
  owl:sameAs <https://ror.org/04marky29> ."""
    (found,) = (it for it in _findings(ask("json", draft)) if it["rule"].endswith("#OutsideIdentifier-shared"))
    both = {f"https://w3id.org/cfit/id/organization/{which}" for which in (name, "at-bmk")}
    assert {found["focus"], found["value"]} == both
    assert (found["file"], found["line"], found["column"]) == ("draft.ttl", 6, 14)  # and not at the name


def test_alone_nothing_of_the_data_counts(ask: Ask) -> None:
    draft = ask(DRAFT, about=WATCH)
    rules = {found["rule"].rpartition("#")[2] for found in _findings(ask("json", draft, alone=True))}
    assert "Evidence-source" in rules  # no source is described there
    assert "Term-defined" not in rules  # but the vocabulary is known


def test_a_row_stands_for_what_its_columns_say(ask: Ask) -> None:
    table = "id,name (en)\nelectronics-watch,\n"
    (found,) = _findings(ask("json", table, "organizations.csv"))
    assert (found["focus"], found["cell"], found["header"]) == (WATCH, "B2", "name (en)")
    assert _findings(ask("json", "id,name (en)\nelectronics-watch,Electronics Watch\n", "organizations.csv")) == []


def test_blank_nodes_are_judged_as_well(ask: Ask) -> None:
    found = _findings(ask("json", "[] a <http://www.w3.org/ns/org#Organization> ."))
    assert "Organization-stakeholderType" in {entry["rule"].rpartition("#")[2] for entry in found}
    assert {(entry["focus"], entry["line"]) for entry in found} == {("(blank node)", 1)}


def test_a_draft_of_nothing_is_not_made(ask: Ask) -> None:
    with pytest.raises(UnknownEntity, match="Nothing is said of"):
        ask(DRAFT, about="http://example.org/nothing")


def test_what_cannot_be_read_is_told_with_its_place(ask: Ask) -> None:
    with pytest.raises(UnreadableDraft) as refused:
        ask(PAGE, "\n<http://example.org/a> <javascript:alert(1)> 1 .")
    assert (refused.value.line, refused.value.column) == (2, 24)
    with pytest.raises(UnreadableDraft) as refused:
        ask(PAGE, "id,nmae\n", "organizations.csv")
    assert refused.value.cell == "B1"


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_that_of_the_command_line(ask: Ask, tmp_path: Path, view: str) -> None:
    draft = f'<{WATCH}> <http://www.w3.org/2004/02/skos/core#prefLabel> "<b>Another</b>"@en .'
    made = ask(view, draft).decode()
    assert "Name-prefLabel" in made
    assert str(tmp_path.parent) not in made


def test_a_page_shows_the_cells(ask: Ask) -> None:
    page = json.loads(ask(PAGE, "id,name (en)\nelectronics-watch,=1+1\n", "organizations.csv"))
    (table,) = page["tables"]
    assert table["rows"][1]["cells"] == [["A2", "electronics-watch"], ["B2", "=1+1"]]
    assert {finding["cell"] for group in page["groups"] for finding in group["findings"]} == {"B2"}
    assert not page["conforms"]


def test_long_tables_show_their_first_rows_and_those_with_findings(ask: Ask) -> None:
    rows = "".join(f"new-{number},Name {number}\n" for number in range(999))
    page = json.loads(ask(PAGE, f"id,name (en)\n{rows}electronics-watch,=1+1\n", "organizations.csv", alone=True))
    (table,) = page["tables"]
    assert len(table["rows"]) + table["left"] == 1001
    assert page["left"] > 0
