"""``cfit validate --fix`` with the shapes of another pact: what is certain is mended, and nothing else is touched."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
from argparse import Namespace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from rdflib import Graph, URIRef

from cfit_graph import cli, release
from cfit_graph.cli import validating
from cfit_graph.errors import SourceError
from cfit_graph.settings import Settings
from cfit_graph.validation import Edit, Finding, Report, Severity, Suggestion, Told
from cfit_graph.validation.mending import fixing
from tests.conftest import ROOT
from tests.tables import workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SHAPES = """@prefix ex: <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Member-shape a sh:NodeShape ; sh:targetClass ex:Member ; sh:property ex:colour-shape , ex:since-shape , ex:of-shape .
ex:colour-shape a sh:PropertyShape ; sh:path ex:colour ; sh:in ( ex:orange ex:violet ) ; sh:message "Take one."@en .
ex:since-shape a sh:PropertyShape ; sh:path ex:since ; sh:datatype xsd:date ; sh:message "Write a day."@en .
ex:of-shape a sh:PropertyShape ; sh:path ex:of ; sh:class ex:Pact ; sh:message "A member is of a pact."@en .
"""
DATA = """@prefix ex: <https://example.org/> .
# Members, by hand
ex:green-deal a ex:Pact .
ex:anna a ex:Member ;   # the first
    ex:of ex:green-dael ; ex:since "14/06/2021" ;
    ex:colour ex:orangge .
ex:bert a ex:Member ; ex:colour ex:black ; ex:since "05/06/2021" .
"""
MENDED = DATA.replace("ex:orangge", "ex:orange").replace(
    '"14/06/2021"', '"2021-06-14"^^<http://www.w3.org/2001/XMLSchema#date>'
)
"""What is certain: of the pact, there may be one of that name that has not been described yet."""


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("shapes.ttl").write_text(SHAPES, "utf-8")
    Path("draft.ttl").write_text(DATA, "utf-8")
    return tmp_path / "draft.ttl"


FIX = ["validate", "draft.ttl", "--shapes", "shapes.ttl", "--fix"]


def test_what_is_certain_is_mended_and_the_rest_reported(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft.chmod(0o640)
    assert cli.main([*FIX, "--yes"]) == 1
    out = capsys.readouterr().out
    assert draft.read_text("utf-8") == MENDED
    assert draft.stat().st_mode & 0o777 == 0o640
    assert "\n-    ex:colour ex:orangge .\n" in out
    assert "\n+    ex:colour ex:orange .\n" in out
    assert out.endswith("Does not conform: 3 violations, 0 warnings, 0 hints\n")
    assert "    → write ex:green-deal\n" in out
    assert '    → write "2021-06-05"^^<http://www.w3.org/2001/XMLSchema#date>' in out  # or the sixth of May
    assert cli.main([*FIX, "--yes"]) == 1
    assert capsys.readouterr().out.startswith("Nothing can be mended safely.")


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_line_ends_and_byte_order_mark_stay(draft: Path, end: str, mark: str) -> None:
    draft.write_bytes((mark + DATA.replace("\n", end)).encode())
    cli.main([*FIX, "--yes"])
    assert draft.read_bytes() == (mark + MENDED.replace("\n", end)).encode()


def test_where_nobody_can_be_asked_nothing_is_written(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(FIX) == 1
    assert draft.read_text("utf-8") == DATA
    out = capsys.readouterr().out
    assert "+    ex:colour ex:orange ." in out
    assert out.endswith("Nothing was written; --yes writes without asking.\n")


@pytest.mark.parametrize(("answer", "written"), [(b"y\n", True), (b"n\n", False), (b"\n", False), (b"\x04", False)])
def test_on_a_terminal_one_is_asked(draft: Path, answer: bytes, written: bool) -> None:
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "cfit_graph", *FIX]
    done = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, cwd=draft.parent)
    os.write(main, answer)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(main, 4096):
            shown += piece
    except OSError:  # the other end is closed
        pass
    assert done.wait(60) == 1
    os.close(main)
    assert b"Write these changes? [y/N]" in shown
    assert b"\x1b[31m-" in shown
    assert (draft.read_text("utf-8") == MENDED) is written


def test_a_draft_that_conforms_when_mended_exits_with_0(draft: Path) -> None:
    draft.write_text(DATA.partition("ex:bert")[0].replace("ex:green-dael", "ex:green-deal"), "utf-8")
    assert cli.main([*FIX, "--yes"]) == 0


def test_in_a_graph_too_large_to_be_written_by_hand_nothing_is_proposed(
    draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = "".join(f"ex:n{number} a ex:Member .\n" for number in range(50_000))
    draft.write_text(DATA + more, "utf-8")
    assert cli.main([*FIX[:-1], "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert len(findings) == 5
    assert not any(found["suggestion"] for found in findings)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ex:colour ex:orangge", "ex:colour ex:antiorange"),
        ("ex:colour ex:orangge", "ex:colour ex:orange-2024"),
        ("ex:colour ex:orangge", "ex:colour ex:oranges"),
        ("ex:colour ex:orangge", "ex:colour ex:oranje"),
        ("ex:green-dael", "ex:green-deal-nl"),
        ("ex:green-dael", "ex:green-dea"),
        ('"14/06/2021"', '"maybe 2023"'),
        ('"14/06/2021"', '"decided 2021"'),
        ('"14/06/2021"', "2023.5"),
        ('"14/06/2021"', '"05/06/2021"'),
    ],
)
def test_what_may_mean_something_else_is_not_mended_by_itself(draft: Path, before: str, after: str) -> None:
    text = DATA.partition("ex:bert")[0].replace(before, after)
    text = text.replace("ex:orangge", "ex:orange").replace("ex:green-dael", "ex:green-deal")
    draft.write_text(text.replace('"14/06/2021"', '"2021-06-14"^^<http://www.w3.org/2001/XMLSchema#date>'), "utf-8")
    before = draft.read_text("utf-8")
    assert cli.main([*FIX, "--yes"]) == 1
    assert draft.read_text("utf-8") == before


@pytest.mark.parametrize(
    "day", ["2023\u201307\u201326", "2023\u201107\u201126", "20230726", "26 juli 2023", "July 26, 2023"]
)
def test_a_day_is_known_in_each_way_it_is_written(draft: Path, day: str) -> None:
    text = DATA.partition("ex:bert")[0].replace("ex:green-dael", "ex:green-deal").replace("14/06/2021", day)
    draft.write_text(text, "utf-8")
    assert cli.main([*FIX, "--yes"]) == 0
    assert '"2023-07-26"^^<http://www.w3.org/2001/XMLSchema#date>' in draft.read_text("utf-8")


def test_only_the_files_given_are_written(draft: Path) -> None:
    Path("other.ttl").write_text(DATA, "utf-8")
    cli.main(["validate", "draft.ttl", "--shapes", "shapes.ttl", "--fix", "--yes"])
    assert Path("other.ttl").read_text("utf-8") == DATA


def test_what_cannot_be_written_stays_whole(
    draft: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(path: Path, _: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", fail)
    assert cli.main([*FIX, "--yes"]) == 2
    assert draft.read_text("utf-8") == DATA
    assert list(draft.parent.glob(".*")) == []
    assert "No space left on device" in capsys.readouterr().err


def test_where_nothing_may_be_written_one_is_told(
    draft: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    assert cli.main([*FIX, "--yes"]) == 2
    assert "draft.ttl: Read-only file system\n" in capsys.readouterr().err


def test_fix_goes_with_text_only(draft: Path) -> None:
    assert cli.main([*FIX, "--format", "json"]) == 2
    assert cli.main(["validate", "--lint", "--fix"]) == 2
    assert cli.main(["validate", "draft.ttl", "--yes"]) == 2


@pytest.mark.parametrize("more", [["--fix"], ["--marked", "copy.xlsx"]])
def test_watch_only_judges(draft: Path, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "draft.ttl", "--watch", *more]) == 2
    assert "--watch only judges" in capsys.readouterr().err
    assert draft.read_text("utf-8") == DATA


def test_json_has_the_edits(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["validate", "draft.ttl", "--shapes", "shapes.ttl", "--format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    (colour,) = (finding["suggestion"] for finding in found if finding["value"].endswith("orangge"))
    assert (colour["words"], colour["safe"]) == ("write ex:orange", True)
    assert colour["edits"] == [
        {"line": 6, "column": 15, "sheet": "", "cell": "", "old": "ex:orangge", "new": "ex:orange"}
    ]


def _report(edits: Iterable[tuple[Edit, ...]]) -> Report:
    findings = (
        Finding("r", "f", "", str(n), "", "", file="x.ttl", suggestion=Suggestion("w", edits=those, safe=True))
        for n, those in enumerate(edits)
    )
    return Report(Graph(), lambda: Told(tuple(findings)))


def _safe_edits(report: Report) -> dict[Path, list[Edit]]:
    return {path: fixing.edits(suggestions) for path, suggestions in fixing.safe(report).items()}


def test_of_two_proposals_for_one_place_the_first_is_taken_and_none_by_halves() -> None:
    first, second = Edit(1, 1, old="ab", new="c"), Edit(1, 2, old="b", new="d")
    third, apart = Edit(2, 1, old="x\ny", new="z"), Edit(3, 1, old="y", new="")
    report = _report([(first,), (second, Edit(9, 1, old="q", new="r")), (first,), (third,), (apart,)])
    assert _safe_edits(report) == {Path("x.ttl"): [first, third]}


def test_cells_of_a_workbook_are_in_the_order_of_its_columns_and_rows() -> None:
    cells = ["G5", "G10", "AA1", "B2"]
    made = [Suggestion("w", "", (Edit(sheet="s", cell=cell, old="a", new="b"),)) for cell in cells]
    lines = list(fixing.difference(Path("x.xlsx"), made))
    assert [line for line in lines if line.startswith("@@")] == [f"@@ s!{it} @@" for it in ("B2", "G5", "G10", "AA1")]


def test_cells_meet_by_name() -> None:
    one, same, other = (
        Edit(sheet="s", cell=cell, old="a", new=new) for cell, new in (("A1", "b"), ("A1", "c"), ("A2", "b"))
    )
    assert _safe_edits(_report([(one,), (same,), (other,)])) == {Path("x.ttl"): [one, other]}


WATCH = """
import signal, sys, threading, time, _thread
from pathlib import Path
from cfit_graph import cli
signal.signal(signal.SIGINT, signal.default_int_handler)  # which is ignored by what runs in the background of a script
draft = Path("draft.ttl")
def write(text: str) -> None:  # at once, so that no half of it is judged
    Path("new").write_text(text)
    Path("new").replace(draft)
def change() -> None:
    while "Does not conform" not in Path("out").read_text(): time.sleep(0.1)
    write("this is no Turtle")
    while "draft.ttl:1:" not in Path("err").read_text(): time.sleep(0.1)
    write("@prefix ex: <https://example.org/> . ex:a a ex:Pact .")
    while "Conforms" not in Path("out").read_text(): time.sleep(0.1)
    _thread.interrupt_main()
threading.Thread(target=change, daemon=True).start()
sys.exit(cli.main(["validate", "draft.ttl", "--shapes", "shapes.ttl", "--watch"]))
"""


def test_watch_judges_again_until_it_is_interrupted(draft: Path) -> None:
    with Path("out").open("w") as out, Path("err").open("w") as err:
        done = subprocess.run([sys.executable, "-c", WATCH], stdout=out, stderr=err, cwd=draft.parent, timeout=60)
    assert done.returncode == 0, Path("err").read_text("utf-8")
    assert "\x1b" not in Path("out").read_text("utf-8")


def test_watch_sees_each_change_of_what_is_judged(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    draft, known = tmp_path / "draft.ttl", tmp_path / "known.json"
    arguments, settings = Namespace(paths=[draft], shapes=None, baseline=known), Settings(root=tmp_path)
    states = [validating._state(arguments, settings)]
    changes: list[Callable[[], object]] = [
        lambda: draft.write_text("a"),
        lambda: known.write_text("{}"),
        lambda: draft.chmod(0),
        lambda: (tmp_path / "data" / "a.ttl").write_text("a"),
        lambda: (tmp_path / "data" / "a.ttl").rename(tmp_path / "data" / "b.ttl"),
        lambda: (tmp_path / "data").rename(tmp_path / "other"),
        draft.unlink,
    ]
    for change in changes:
        change()
        states.append(validating._state(arguments, settings))
    assert all(one != next_one for one, next_one in pairwise(states))


def test_a_report_on_a_terminal_is_coloured_and_harmless(draft: Path) -> None:
    draft.write_text(DATA.replace("ex:black", '"\\u001b[2J"'), "utf-8")
    command = [sys.executable, "-m", "cfit_graph", "validate", "draft.ttl", "--shapes", "shapes.ttl"]
    shown = {}
    for name, more in (("plain", {"NO_COLOR": "1"}), ("coloured", {"TERM": "xterm-256color"})):
        main, terminal = pty.openpty()
        environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | more
        with subprocess.Popen(command, stdout=terminal, cwd=draft.parent, env=environment) as process:
            os.close(terminal)
            shown[name] = _read_all(main)
        assert process.returncode == 1
    assert "\x1b[1;31mViolation: " in shown["coloured"]
    assert set(re.findall(r"\x1b\[[0-9;]*m", shown["plain"])) <= {"\x1b[1m", "\x1b[0m"}
    assert "\x1b[2J" not in shown["coloured"]


def _read_all(descriptor: int) -> str:
    shown = io.BytesIO()
    try:
        while piece := os.read(descriptor, 4096):
            shown.write(piece)
    except OSError:  # the other end is closed
        pass
    os.close(descriptor)
    return shown.getvalue().decode()


STATUS = """@prefix ex: <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix status: <https://example.org/status/> .
ex:Member-shape a sh:NodeShape ; sh:targetClass ex:Member ; sh:property ex:status-shape .
ex:status-shape a sh:PropertyShape ; sh:path ex:status ; sh:in ( status:active status:former ) ; sh:message "No."@en .
"""
DECLARED = "@prefix ex: <https://example.org/> .\n"
WRITTEN = {
    "declared later": (
        "ex:a a ex:Member ; ex:status <https://example.org/status/actve> .\n"
        "@prefix st: <https://example.org/status/> .\nex:b a ex:Member ; ex:status st:former .\n",
        "<https://example.org/status/active>",
    ),
    "declared anew": (
        "@prefix st: <https://example.org/status/> .\nex:b a ex:Member ; ex:status st:former .\n"
        "@prefix st: <https://example.org/other/> .\n"
        "ex:a a ex:Member ; ex:status <https://example.org/status/actve> ; ex:k st:x .\n",
        "<https://example.org/status/active>",
    ),
    "in a text": (
        'ex:a a ex:Member ; ex:note """So:\n@prefix st: <https://example.org/status/> .\n""" ;\n'
        "  ex:status <https://example.org/status/actve> .\n",
        "<https://example.org/status/active>",
    ),
    "second in its line": (
        "@prefix a: <https://example.org/a/> . @prefix st: <https://example.org/status/> .\n"
        "ex:a a ex:Member ; ex:status st:actve .\n",
        "st:active",
    ),
    "below a base": (
        "@base <https://example.org/> .\nprefix st.a: <status/>\nex:a a ex:Member ; ex:status st.a:actve .\n",
        "st.a:active",
    ),
    "twice": (
        "prefix st: <https://example.org/status/>\nex:a a ex:Member ; ex:status st:actve .\n"
        "ex:a ex:status st:actve .\n",
        "st:active",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_term_is_written_as_its_place_in_the_file_allows(draft: Path, name: str) -> None:
    text, right = WRITTEN[name]
    Path("shapes.ttl").write_text(STATUS, "utf-8")
    draft.write_text(DECLARED + text, "utf-8")
    assert cli.main([*FIX, "--yes"]) == 0
    wrong = "st.a:actve" if "st.a:actve" in text else "st:actve" if "st:actve" in text else right.replace("ive", "ve")
    assert draft.read_text("utf-8") == DECLARED + text.replace(wrong, right)


@pytest.mark.parametrize(("new", "word"), [("st:active", "not be read"), ("ex:active", "something else")])
def test_what_would_not_say_what_is_meant_is_not_written(tmp_path: Path, new: str, word: str) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(DECLARED + "ex:a ex:status ex:activ .\n", "utf-8")
    a, status, old, right = (
        URIRef(f"https://example.org/{name}") for name in ("a", "status", "activ", "status/active")
    )
    suggestion = Suggestion(
        "w", "", (Edit(2, 16, old="ex:activ", new=new),), True, (((a, status, old), (a, status, right)),)
    )
    with pytest.raises(SourceError, match=rf"x\.ttl: with these changes it .*{word}.*it stays as it is"):
        fixing.edited(path, [suggestion])


@pytest.mark.parametrize(
    ("old", "new", "is_meant"),
    [
        ("ex:activ", "<https://example.org/status/active>", True),
        ("ex:activ", "ex:activ , <https://example.org/status/active>", False),
        ("ex:activ , ", "", False),
        ("ex:activ , ex:other", "<https://example.org/status/active>", False),
        ("ex:activ", "<https://example.org/status/active> , ex:another", False),
    ],
    ids=["as meant", "the old one stays", "the new one is not there", "another one goes", "another one comes"],
)
def test_just_what_is_meant_may_change(tmp_path: Path, old: str, new: str, is_meant: bool) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(DECLARED + "ex:a ex:status ex:activ , ex:other .\n", "utf-8")
    a, status, before, after = (
        URIRef(f"https://example.org/{name}") for name in ("a", "status", "activ", "status/active")
    )
    change = (a, status, before), (a, status, after)
    suggestion = Suggestion("w", "", (Edit(2, 16, old=old, new=new),), True, (change,))
    with contextlib.nullcontext() if is_meant else pytest.raises(SourceError, match="something else"):
        assert new.encode() in fixing.edited(path, [suggestion])


def test_a_namespace_of_schema_org_is_mended_where_it_is_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    draft = tmp_path / "affiliations.ttl"
    right = (ROOT / "data" / "affiliations.ttl").read_text("utf-8")
    draft.write_text(right.replace("<https://schema.org/>", "<http://schema.org/>"), "utf-8")
    safe = fixing.safe(release.validate(ROOT, [draft]).seen_from(tmp_path, ROOT))
    ((path, suggestions),) = safe.items()
    assert len(fixing.edits(suggestions)) == 1
    assert fixing.edited(path, suggestions).decode() == right
    assert fixing.edited(path, suggestions[:1]).decode() == right  # as each finding proposes it


def test_names_and_addresses_of_one_namespace_are_mended_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    draft = Path("draft.ttl")
    text = DECLARED + "@prefix s: <http://schema.org/> .\nex:a s:startDate 2023 ; <http://schema.org/endDate> 2024 .\n"
    draft.write_text(text, "utf-8")
    cli.main(["validate", "draft.ttl", "--fix", "--yes"])
    assert draft.read_text("utf-8") == text.replace("http://schema.org", "https://schema.org")


STAFF = """@prefix cfit: <https://w3id.org/cfit/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix organization: <https://w3id.org/cfit/id/organization/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix place: <https://w3id.org/cfit/id/place/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <https://w3id.org/cfit/id/source/> .
@prefix stakeholder-type: <https://w3id.org/cfit/id/stakeholder-type/> .

organization:example-office a org:Organization ; # from the form
    skos:prefLabel "Example Office" ;
    cfit:stakeholderType stakeholder-type:goverment-agency ;
    dcterms:spatial place:nl ;
    owl:sameAs <https://www.wikidata.org/wiki/Q1> ;
    org:identifier "1234567"^^cfit:KvkNumber ;
    dcterms:source source:cfit-partcipants .
"""


def test_five_mistakes_of_a_beginner_are_mended_in_two_rounds(tmp_path: Path) -> None:
    draft = tmp_path / "staff.ttl"
    draft.write_text(STAFF, "utf-8")
    first = release.validate(ROOT, [draft])
    assert first.count(Severity.VIOLATION) == 5
    safe = _safe_edits(first.seen_from(tmp_path, ROOT))
    assert {edit.new for edits in safe.values() for edit in edits} == {
        "stakeholder-type:government-agency", "<http://www.wikidata.org/entity/Q1>",
    }  # fmt: skip
    proposed = [found.suggestion for found in first.findings if found.suggestion]
    draft.write_bytes(fixing.edited(draft, proposed))
    second = release.validate(ROOT, [draft])
    assert second.findings == ()
    assert "# from the form" in draft.read_text("utf-8")
    assert '"01234567"^^cfit:KvkNumber' in draft.read_text("utf-8")


@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_workbook_is_mended_in_a_copy_and_that_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_absolute: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    rows: list[list[object]] = [
        ["id", "name (en)", "stakeholder type", "place", "source"],
        ["example-office", "Example Office", "goverment agency", "Netherlands", "cfit-participants | cfit-hme"],
    ]
    before = workbook(tmp_path / "x.xlsx", organizations=rows).read_bytes()
    given = str(tmp_path / "x.xlsx") if is_absolute else "x.xlsx"
    assert cli.main(["validate", given, "--fix", "--yes"]) == 1
    copy = openpyxl.load_workbook("x.fixed.xlsx")["organizations"]
    assert [cell.value for cell in copy[2]][2:] == ["government agency", "Netherlands", "cfit-participants | cfit-hme"]
    assert Path("x.xlsx").read_bytes() == before
    out = capsys.readouterr().out
    assert "@@ organizations!C2 @@\n-goverment agency\n+government agency\n" in out
    assert "x.fixed.xlsx: written; x.xlsx stays as it is" in out
    assert "goverment" not in out.partition("x.xlsx stays as it is")[2]
