"""What ``--watch`` does: after every edit, the session says what a judgement from scratch says, in the same places."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from cfit_graph import cli, errors, release
from cfit_graph.validation import Report, views
from cfit_graph.validation.changes import Session
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

Judged = Callable[..., Report]

MEMBER = """@prefix ex: <https://example.org/> .
@prefix cfit: <https://w3id.org/cfit/ns#> .
@prefix organization: <https://w3id.org/cfit/id/organization/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
organization:example-office a org:Organization ; skos:prefLabel "Example Office"@en ; skos:altLabel [] .
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def judged(root: Path) -> Judged:
    """Judge by one session, from scratch as well, and see that both say the same."""
    session = Session()

    def judged(*paths: Path) -> Report:
        again, scratch = release.validate(root, paths, session), release.validate(root, paths)
        assert views.as_json(again) == views.as_json(scratch)
        assert again.rules == scratch.rules
        return again

    return judged


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_edits_of_all_kinds_are_judged_as_from_scratch(root: Path, judged: Judged) -> None:
    organizations, new = root / "data" / "organizations.ttl", root / "data" / "new.ttl"
    before = judged()
    _edit(organizations, "\n\n", "\n\n\n\n# a comment\n")
    moved = {found.fingerprint: found.line for found in judged().findings}
    assert [moved[found.fingerprint] - found.line for found in before.findings if "organ" in found.file] == [3]
    new.write_text(MEMBER, "utf-8")
    added = {found.fingerprint for found in judged().findings if found.file == "data/new.ttl"}
    assert len(added) > 2
    new.rename(new.with_name("other.ttl"))
    assert added == {found.fingerprint for found in judged().findings if found.file == "data/other.ttl"}
    new.with_name("other.ttl").unlink()
    assert {found.fingerprint for found in judged().findings} == set(moved)
    _edit(organizations, "skos:prefLabel", "skos:prefLable")
    assert any("prefLable" in found.value for found in judged().findings)
    _edit(organizations, "skos:prefLable", "skos:prefLabel")
    assert judged().conforms


def test_a_file_that_cannot_be_read_leaves_the_session_as_it_is(
    root: Path, judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    organizations = root / "data" / "organizations.ttl"
    text = organizations.read_text("utf-8")
    before = judged()
    monkeypatch.setattr(Session, "_from_scratch", lambda *_: pytest.fail("all was judged again"))
    for wrong in ("this is no Turtle", f"{text} <javascript:a> a <b:b> ."):
        organizations.write_text(wrong, "utf-8")
        for _ in range(2):
            with pytest.raises(errors.SourceError, match=r"organizations\.ttl"):
                judged()
    organizations.write_text(text.replace('"@en', '"', 1), "utf-8")
    assert len(judged().findings) > len(before.findings)


def test_other_rules_and_another_ontology_are_judged_by(root: Path, judged: Judged) -> None:
    judged()
    _edit(root / "shapes" / "general.ttl", "sh:severity sh:Warning", "sh:severity sh:Violation")
    assert not judged().conforms
    _edit(root / "ontology" / "cfit.ttl", "rdfs:subClassOf", "rdfs:seeAlso")
    judged()


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("draft.ttl", (MEMBER, MEMBER.replace("example-office", "electronics-watch"))),
        ("organizations.csv", ("id,name (en)\nexample,A\n", "id,name (en)\nexample,A\n\nelectronics-watch,=1+1\n")),
    ],
)
def test_a_draft_is_judged_as_from_scratch(root: Path, judged: Judged, name: str, texts: tuple[str, ...]) -> None:
    draft = root / name
    for text in texts:
        draft.write_text(text, "utf-8")
        assert judged(draft).findings


def test_the_command_watches_with_one_session(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each wait for a change of a file makes one; the third is Ctrl-C."""
    monkeypatch.chdir(root)
    draft = root / "draft.ttl"
    draft.write_text(MEMBER, "utf-8")
    sessions: list[object] = []
    examine, edits = Session.examine, iter((lambda: draft.write_text(f"\n{MEMBER}", "utf-8"), draft.unlink))

    def noted(session: Session, *arguments: object) -> object:
        sessions.append(session)
        return examine(session, *arguments)  # type: ignore[arg-type]

    def wait(_: float) -> None:
        edit = next(edits, None)
        if edit is None:
            raise KeyboardInterrupt
        edit()

    monkeypatch.setattr(Session, "examine", noted)
    monkeypatch.setattr("time.sleep", wait)
    assert cli.main(["validate", "draft.ttl", "--watch"]) == 2
    shown = capsys.readouterr()
    assert len(sessions) == 4  # twice what is there without the draft, and with it
    assert len({id(session) for session in sessions}) == 1
    assert ["draft.ttl:6:" in shown.out, "draft.ttl:7:" in shown.out] == [True, True]
    assert "draft.ttl" in shown.err
