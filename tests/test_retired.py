"""Things that are retired: deprecated, replaced, or no longer there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cfit_graph.changes import between, retired
from cfit_graph.changes.retired import Retired
from cfit_graph.namespaces import BASE
from tests.test_changes import graph

if TYPE_CHECKING:
    from pathlib import Path

A, B = "https://w3id.org/cfit/id/organization/a", "https://w3id.org/cfit/id/organization/b"
BOTH = "organization:a a org:Organization . organization:b a org:Organization .\n"
ONE = "organization:b a org:Organization .\n"
REPLACED = "organization:a dcterms:isReplacedBy organization:b ; owl:deprecated true .\n"


def history(
    *graphs: str, last: dict[str, str] | None = None, known: dict[str, tuple[str, ...]] | None = None
) -> dict[str, Retired]:
    """Return what is retired after releases 1, 2, … of these graphs; ``last`` and ``known`` are given to each."""
    found: dict[str, Retired] = {}
    before: list[str] = []
    for number, turtle in enumerate(graphs):
        after = graph(turtle)
        changed = {activity.object for activity in between(before, after, BASE)}
        found, before = retired.carry(found, changed, after, str(number), last or {}, known or {}), after
    return found


def test_nothing_is_retired_at_first() -> None:
    assert history(BOTH) == {}


def test_what_is_gone_was_last_in_the_release_before() -> None:
    assert history(BOTH, BOTH, ONE) == {A: Retired("2")}


def test_what_is_gone_is_carried_along() -> None:
    assert history(BOTH, ONE, ONE + "organization:c a org:Organization .", ONE)[A] == Retired("1")


def test_what_is_back_is_not_retired() -> None:
    assert history(BOTH, ONE, BOTH) == {}


def test_what_goes_again_was_last_in_the_later_release() -> None:
    assert history(BOTH, ONE, BOTH, ONE) == {A: Retired("3")}


def test_what_is_replaced_is_retired_while_it_is_still_there() -> None:
    assert history(BOTH, BOTH + REPLACED) == {A: Retired(None, (B,))}


def test_what_was_replaced_is_known_after_it_is_gone() -> None:
    assert history(BOTH + REPLACED, ONE, ONE) == {A: Retired("1", (B,))}


def test_what_is_no_longer_called_replaced_is_not_retired() -> None:
    assert history(BOTH + REPLACED, BOTH) == {}


def test_it_is_deprecated_only_if_that_is_true() -> None:
    assert history(BOTH + "organization:a owl:deprecated false .") == {}
    for true in ("true", '"1"^^xsd:boolean'):
        retires = history(BOTH + f"organization:a owl:deprecated {true} .")
        assert retires == {A: Retired(None)}


@pytest.mark.parametrize("value", ['"text"', "organization:a", '"https://w3id.org/cfit/id/organization/b"'])
def test_neither_a_text_nor_the_thing_itself_replaces_it(value: str) -> None:
    said = BOTH + f"organization:a dcterms:isReplacedBy {value} .\n"
    assert history(said) == {}
    assert history(said + "organization:a owl:deprecated true .", ONE) == {A: Retired("1")}


def test_a_text_that_an_older_release_took_for_a_replacement_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "retired.json"
    path.write_text(retired.as_json({A: Retired("1", ("text", "see https://example.org", B))}), "utf-8")
    assert retired.read(path) == {A: Retired("1", (B,))}


def test_what_is_called_replaced_after_it_is_gone_is_still_gone() -> None:
    only = ONE + REPLACED
    assert history(BOTH, ONE, only) == history(BOTH, ONE, only, only) == {A: Retired("1", (B,))}
    assert history(BOTH, ONE, only, ONE) == {A: Retired("1", (B,))}
    assert history(BOTH, only, last={A: "1"}) == {A: Retired("1", (B,))}
    assert history(BOTH, ONE, only, BOTH) == {}


def test_what_was_known_to_replace_it_counts_if_nothing_else_was_said() -> None:
    assert history(BOTH, ONE, known={A: (B,)}) == {A: Retired("1", (B,))}
    other = BOTH + "organization:a dcterms:isReplacedBy organization:c .\n"
    assert history(other, ONE, known={A: (B,)}) == {A: Retired("1", (B[:-1] + "c",))}


def test_it_is_written_and_read(tmp_path: Path) -> None:
    found = history(BOTH + REPLACED, ONE)
    path = tmp_path / "retired.json"
    path.write_text(retired.as_json(found), "utf-8")
    assert json.loads(path.read_text("utf-8")) == {A: {"release": "1", "replacedBy": [B]}}
    assert retired.read(path) == found
