"""Texts that came through other programs: what is proposed is the text as it was meant, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph import release
from cfit_graph.namespaces import ID
from cfit_graph.validation.mending.wording import ungarbled
from tests.conftest import ROOT
from tests.tables import judged

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.validation import Suggestion

LETTERS = "éüñßÅøłŁčşğ’“–…€ΩЖ漢 abc"  # noqa: RUF001


def _proposed(path: Path, name: str, rule: str, language: str = "") -> Suggestion | None:
    """Return what is proposed for a name of an organization in a draft."""
    record = f"<{ID}organization/x> a <http://www.w3.org/ns/org#Organization> ;"
    path.write_text(f'{record} <http://www.w3.org/2004/02/skos/core#altLabel> "{name}"{language} .\n', "utf-8")
    (found,) = (it.suggestion for it in release.validate(ROOT, [path]).findings if it.rule.endswith(f"#{rule}"))
    return found


@pytest.mark.parametrize(
    ("name", "rule", "meant", "is_safe"),
    [
        ("Bundesamt fÃ¼r Umwelt", "Text-letters", "Bundesamt für Umwelt", True),
        ("lâ€™Ã‰tat", "Text-letters", "l’État", True),  # noqa: RUF001
        ("fÃƒÂ¼r", "Text-letters", "für", True),
        ("für â€“ fÃ¼r", "Text-letters", "für – für", False),  # noqa: RUF001
        ("PresidÃªncia, Ãšltima", "Text-letters", "Presidência, Última", False),  # in Latin-9, è
        (" Electronics  Watch\\n", "Named-edges", "Electronics Watch", True),
        ("R &amp; D", "Named-markup", "R & D", True),
        ("K&ouml;ln", "Named-markup", "Köln", True),
        ("R &amp;amp; D", "Named-markup", "R & D", False),
        ("The <b>Pact</b>", "Named-markup", "The Pact", False),
    ],
)
def test_the_text_that_was_meant_is_proposed(tmp_path: Path, name: str, rule: str, meant: str, is_safe: bool) -> None:
    found = _proposed(tmp_path / "draft.ttl", name, rule, "@en")
    assert found is not None
    assert (found.words, found.safe) == (f'write "{meant}"@en', is_safe)


@pytest.mark.parametrize("name", ["f�r Umwelt", "fÃ¼r f�r", "MalmÃ och fÃ¼r"])
def test_of_letters_that_are_lost_nothing_is_made_up_and_nothing_taken_out(tmp_path: Path, name: str) -> None:
    assert _proposed(tmp_path / "draft.ttl", name, "Text-letters") is None


def test_a_name_without_a_word_in_it_is_taken_out(tmp_path: Path) -> None:
    found = _proposed(tmp_path / "draft.ttl", "  ", "Named-edges")
    assert found is not None
    assert found.words.startswith("take")


def test_a_cell_is_mended_where_it_is(tmp_path: Path) -> None:
    findings = judged(
        tmp_path / "organizations.csv",
        "id,name (en),other name (nl),stakeholder type,place,source",
        "a,R &amp; D,Onderzoek | BÃ¼ro,NGO,Netherlands,cfit-home",
    )
    found = {it.cell: it.suggestion for it in findings}
    assert {cell: [edit.new for edit in it.edits] for cell, it in found.items() if it} == {
        "B2": ["R & D"],
        "C2": ["Onderzoek | Büro"],
    }


@given(st.text(alphabet=LETTERS, min_size=1), st.sampled_from(["latin-1", "cp1252"]))
def test_whatever_text_was_read_as_other_letters_is_read_back(text: str, encoding: str) -> None:
    content = text.encode()
    if encoding == "cp1252" and set(content) & {0x81, 0x8D, 0x8F, 0x90, 0x9D}:
        return
    garbled = content.decode(encoding)
    if garbled != text:
        assert next(ungarbled(garbled), (text, False))[0] == text
    assert [it for it, sure in ungarbled(text) if sure and it != text] == []
