"""What releases said of things that are retired, and addresses that are given to nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cfit_graph import release
from cfit_graph.changes.retired import Retired
from cfit_graph.errors import ReleaseError
from cfit_graph.namespaces import ID, VOCABULARIES
from tests.release import START, STATEMENT, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Publish

A, B = f"{ID}organization/a", f"{ID}organization/b"
ONE, OTHER = STATEMENT.format("a", "One"), STATEMENT.format("b", "Other")
ONLY_RETIRED = f"""<{A}> <{VOCABULARIES["owl"]}deprecated> true .
<{A}> <{VOCABULARIES["dcterms"]}isReplacedBy> <{B}> .
"""
TYPE = f"<{A}> a <https://w3id.org/cfit/ns#{{}}> .\n"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (ONE, STATEMENT.format("a", "Another")),
        (ONE + TYPE.format("Pact"), ONE + TYPE.format("BuyerGroup")),
        (TYPE.format("Pact"), TYPE.format("BuyerGroup")),
    ],
)
def test_the_address_of_what_is_gone_is_given_to_nothing_else(publish: Publish, was: str, now: str) -> None:
    publish(was + OTHER)
    publish(OTHER)
    with pytest.raises(
        ReleaseError, match=r"^data/x: organization:a was '.*' in release 2026-01-01\.1, .* another slug"
    ):
        publish(now + OTHER)


@pytest.mark.parametrize(
    "now",
    [
        ONE,
        ONE.replace("One", "ONE") + TYPE.format("Pact"),
        STATEMENT.format("a", "Another") + f'<{A}> <https://w3id.org/cfit/ns#formerName> "One" .\n',
        f'<{A}> <https://example.org/p> "x" .\n',
    ],
)
def test_what_is_gone_may_come_back(publish: Publish, now: str) -> None:
    publish(ONE + OTHER)
    publish(OTHER)
    back = publish(now + OTHER)
    assert next(iter(back.changes())).type == "Create"
    assert back.retired() == {}


def test_what_was_given_to_something_else_before_can_be_restored(publish: Publish, tiny: Path) -> None:
    first = publish(ONE)
    publish(OTHER)
    assert release.rollback(tiny / "releases", clock=lambda: START + timedelta(days=1)).restores == first.version


def test_what_is_called_replaced_later_is_told_by_what_it_was(publish: Publish) -> None:
    last = publish(ONE + TYPE.format("Pact") + OTHER)
    publish(OTHER)
    third = publish(OTHER + ONLY_RETIRED)
    (activity,) = third.changes()
    assert (activity.type, activity.summary) == ("Delete", "One was replaced by Other")
    assert activity.object_types == ("https://w3id.org/cfit/ns#Pact",)
    fourth = publish(STATEMENT.format("b", "Other again") + ONLY_RETIRED)
    fifth = publish(OTHER)
    assert third.retired() == fourth.retired() == fifth.retired() == {A: Retired(last.version, (B,))}


def test_what_only_says_that_it_is_retired_was_what_it_was_before(publish: Publish) -> None:
    last = publish(ONE + OTHER)
    assert publish(OTHER + ONLY_RETIRED).retired() == {A: Retired(last.version, (B,))}


def test_what_never_was_and_is_called_retired_has_no_last_release(publish: Publish, tiny: Path) -> None:
    publish(OTHER)
    made = publish(OTHER + ONLY_RETIRED)
    assert made.retired() == {A: Retired(None, (B,))}
    assert [activity.summary for activity in made.changes()] == ["organization:a was replaced by Other"]


def test_a_lost_release_is_named_on_though_nobody_knows_what_it_said(publish: Publish, tiny: Path) -> None:
    last = publish(ONE + OTHER)
    publish(OTHER)
    (last.path / "manifest.json").unlink()
    assert publish(OTHER + ONLY_RETIRED).retired() == {A: Retired(last.version, (B,))}
    write(tiny, STATEMENT.format("a", "Another"))
    assert publish(STATEMENT.format("a", "Another")).retired().keys() == {B}
