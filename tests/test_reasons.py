"""Why files cannot be used is told in each language, wherever it is told."""

from __future__ import annotations

import errno
import json
import pickle
import re
import string
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from cfit_graph import files, reasons, slips, source
from cfit_graph.cli import main
from cfit_graph.errors import SourceError
from cfit_graph.positions import jsonld as positions
from cfit_graph.reasons import Reason
from cfit_graph.texts import ENGLISH, LANGUAGES, REASONS

if TYPE_CHECKING:
    from starlette.testclient import TestClient

CODE = Path(__file__).parent.parent / "cfit_graph"
UNENDED = "<http://x.org/a> <http://x.org/p> 1\n<http://x.org/b> <http://x.org/p> 1 .\n"
DUTCH = "wat voor deze plaats staat, is niet afgesloten"


def _values(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_each_reason_with_the_same_values(language: str) -> None:
    assert REASONS[language].keys() == REASONS[ENGLISH].keys()
    for name, text in REASONS[language].items():
        assert _values(text) == _values(REASONS[ENGLISH][name]), name


def test_each_reason_is_given_somewhere() -> None:
    code = "".join(path.read_text("utf-8") for path in CODE.rglob("*.py"))
    given = set(re.findall(r'Reason\("([^"]+)"', code)) | slips._SLIPS.keys() | slips._AROUND.keys()
    given |= set(get_args(positions.Kind))
    given |= set(files._OTHERS.values()) | {name for _, name in files._SIGNS if name}
    assert given <= REASONS[ENGLISH].keys()
    assert REASONS[ENGLISH].keys() - given <= set(errno.errorcode.values())


def test_what_a_reason_holds_is_told_in_the_language_too() -> None:
    said = reasons.all_of([Reason("content", Reason("is-pdf")), Reason("at", "t!A1", Reason("headless")), "odd"])
    assert said == "by its content it is a PDF, not what its name says; t!A1: this column has no header; odd"
    assert reasons.tell(said, "nl") == (
        "naar zijn inhoud is het een pdf, niet wat de naam zegt; t!A1: deze kolom heeft geen koptekst; odd"
    )


def test_a_reason_is_the_same_in_another_process() -> None:
    said = pickle.loads(pickle.dumps(Reason("prefix", "ex:")))
    assert said.told("nl") == Reason("prefix", "ex:").told("nl")


def test_what_the_system_says_has_words_where_it_is_common(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        source.read(tmp_path / "gone.ttl")
    assert caught.value.told("nl").endswith("gone.ttl: dit bestand of deze map bestaat niet")
    assert reasons.of_system(OSError(errno.EMFILE, "Too many open files")) == "Too many open files"


@pytest.mark.parametrize(("view", "there"), [("text", "err"), ("json", "out")])
def test_the_command_says_in_dutch_why_a_file_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], view: str, there: str
) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(UNENDED, "utf-8")
    assert main(["validate", str(path), "--language", "nl", "--format", view]) == 2
    assert DUTCH in getattr(capsys.readouterr(), there)


def test_programs_are_told_in_the_language_they_ask_for(client: TestClient) -> None:
    def told(language: str) -> str:
        headers = {"Content-Type": "text/turtle", "Accept": "application/json", "Accept-Language": language}
        problem = json.loads(client.post("/validate", content=UNENDED, headers=headers).content)
        return f"{problem['title']}: {problem['detail']}"

    assert told("nl").startswith(f"Het concept kan niet worden gelezen: regel 2, kolom 1: {DUTCH}")
    assert told("fr").startswith("The draft cannot be read: line 2, column 1: what stands before this place has not")


def test_the_page_tells_in_dutch_why_a_draft_cannot_be_read(client: TestClient) -> None:
    headers = {"Accept": "text/html", "Accept-Language": "nl"}
    answer = client.post("/validate", files={"file": ("x.ttl", UNENDED)}, headers=headers)
    assert f'<p class="problem">regel 2, kolom 1: {DUTCH}' in answer.text
    assert "what stands before" not in answer.text
