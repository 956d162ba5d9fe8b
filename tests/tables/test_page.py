"""The page on spreadsheets is true: its commands run in their order, and it names the sheets that there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cfit_graph import cli
from tests.conftest import ROOT
from tests.tables import model

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PAGE = (ROOT / "docs" / "spreadsheets.md").read_text("utf-8")


def test_the_commands_of_the_page_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    for command in commands:
        words = command.replace("YOUR-FILE", "mine").split()
        assert words[0] == "cfit"
        if "--write" not in words:  # our own data are not to be written
            assert cli.main(words[1:]) == 0, command
    assert len(commands) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine-marked.xlsx", "mine.xlsx", "mineS"]


def test_the_sheets_of_the_page_are_those_there_are() -> None:
    assert re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE) == [table.name for table in model().tables]


def test_the_page_speaks_no_rdf() -> None:
    assert not re.search(r"\b(RDF|IRI|URI|SHACL|Turtle|SPARQL|triple|literal|blank node|property)\b", PAGE)
