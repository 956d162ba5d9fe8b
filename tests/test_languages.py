"""Findings in the reader's language: every rule and every word has both, and nothing but the words hangs on it."""

from __future__ import annotations

import itertools
import json
import re
import string
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rdflib import SH, Graph, URIRef

from cfit_graph import cli, release, source, texts, validation
from cfit_graph.validation import Finding, Report, findings, views
from cfit_graph.validation.messages import MESSAGES, PLACEHOLDER, of
from tests.conftest import ROOT

NAME = re.compile(
    r"(?<![\w/])(?!https?:)[a-z][a-z-]*:[A-Za-z]\w+|[\w/-]+\.ttl|https?://\S+[\w/]|\b\d{4}-\d{2}(?:-\d{2})?\b"
)
"""What is not translated: prefixed names, files, addresses and dates."""

SAME = {"CFIT", "document", "homepage", "status", "term"}
"""Names that are the same words in English and Dutch."""

SHAPES = """@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shapes: <https://w3id.org/cfit/shapes#> .
ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:P , ex:Q , ex:R ; sh:sparql ex:T , ex:U .
ex:P a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:message "No p."@en , "Geen p."@nl-BE , "Pas de p."@fr .
ex:Q a sh:PropertyShape ; sh:path ex:q ; sh:minCount 1 ; sh:message "Pas de q."@fr , "No q."@en .
ex:R a sh:PropertyShape ; sh:path ex:r ; sh:minCount 1 ; sh:message "Pas de r."@fr .
ex:T sh:message "Of {?value}."@en , "Van {?value}."@nl ; sh:select "SELECT $this ?value { $this a ?value }" .
ex:U sh:message "{?kind}, {$this}: no."@en ; shapes:message "{$this}: nee, {?kind}."@nl ;
    sh:select "SELECT $this (<http://example.org/u> AS ?path) ?kind { $this a ?kind }" .
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("shapes.ttl").write_text(SHAPES, "utf-8")
    Path("data.ttl").write_text("@prefix ex: <http://example.org/> . ex:a a ex:C .", "utf-8")
    return tmp_path


def _report(language: str) -> Report:
    shapes = source.read(Path("shapes.ttl"))
    return validation.validate(source.read(Path("data.ttl")), shapes, Path("shapes.ttl"), language=language)


def _messages(*links: URIRef) -> dict[str, dict[str, str]]:
    """Return the messages of shapes by language, or what else they have."""
    shapes = source.read_all(source.files(ROOT / "shapes"))
    found: dict[str, dict[str, str]] = {}
    for shape in {shape for link in links or MESSAGES for shape in shapes.subjects(link)}:
        found[str(shape)] = {text.language or "": str(text) for text in of(shape, shapes, links or MESSAGES)}
    return found


def test_every_rule_has_a_message_in_every_language_with_the_same_names_in_it() -> None:
    messages = _messages()
    assert len(messages) > 200
    for shape, by_language in messages.items():
        assert set(by_language) == set(texts.LANGUAGES), shape
        for kind in (PLACEHOLDER, NAME):
            found = {language: sorted(kind.findall(text)) for language, text in by_language.items()}
            assert found["nl"] == found["en"], shape


@pytest.mark.parametrize("link", [SH.name, SH.description])
def test_names_and_descriptions_are_in_every_language_with_the_same_names_in_them(link: URIRef) -> None:
    said = _messages(link)
    assert len(said) > 150
    for shape, by_language in said.items():
        assert set(by_language) == set(texts.LANGUAGES), shape
        assert by_language["en"] != by_language["nl"] or by_language["en"] in SAME, shape
        assert NAME.findall(by_language["en"]) == NAME.findall(by_language["nl"]), shape
        assert by_language["en"].endswith(".") == by_language["nl"].endswith("."), shape


def test_what_is_called_alike_in_english_is_called_alike_in_dutch() -> None:
    pairs = {(by_language["en"], by_language["nl"]) for by_language in _messages(SH.name).values()}
    assert len({english for english, _ in pairs}) == len(pairs)


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_rule_is_named_and_explained_in_the_language(language: str) -> None:
    shapes = source.read_all(source.files(ROOT / "shapes"))
    found = tuple(Finding(rule, "", "", "", "", "") for rule in _messages())
    names, reasons = ({it[language] for it in _messages(link).values()} for link in (SH.name, SH.description))
    for iri, rule in findings.rules(found, shapes, language).items():
        assert rule.name in names, iri
        assert rule.explanation in reasons, iri


def test_the_same_english_has_the_same_dutch_and_the_other_way_round() -> None:
    pairs = {(by_language["en"], by_language["nl"]) for by_language in _messages().values()}
    for place in (0, 1):
        assert len({pair[place] for pair in pairs}) == len(pairs)


def _fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _same_form(english: Any, other: Any) -> None:
    assert type(english) is type(other)
    if isinstance(english, dict):
        assert list(english) == list(other)
        for name in english:
            _same_form(english[name], other[name])
    elif isinstance(english, list):
        assert len(english) == len(other)
    else:
        assert _fields(english) == _fields(other)


@pytest.mark.parametrize("language", texts.LANGUAGES[1:])
def test_words_of_validation_are_the_same_ones_in_every_language(language: str) -> None:
    folder = Path(texts.__file__).parent
    assert {path.stem for path in folder.glob("*.json")} == set(texts.LANGUAGES)
    english, other = (json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("en", language))
    for section, words in other.items():
        _same_form(english[section], words)


def test_a_message_is_in_the_language_or_a_kind_of_it_else_in_english_else_any(folder: Path) -> None:
    told = {language: {found.path: found.message for found in _report(language).findings} for language in ("en", "nl")}
    p, q, r = (f"http://example.org/{name}" for name in "pqr")
    assert {told["en"][name] for name in (p, q, r)} == {"No p.", "No q.", "Pas de r."}
    assert {told["nl"][name] for name in (p, q, r)} == {"Geen p.", "No q.", "Pas de r."}
    assert told["en"][""].startswith("Of ")
    assert told["nl"][""].startswith("Van ")
    assert told["nl"][""].removeprefix("Van ") == told["en"][""].removeprefix("Of ") == "http://example.org/C."


def test_a_constraint_has_its_values_in_the_message_that_is_no_message_of_shacl(folder: Path) -> None:
    told = {language: {found.message for found in _report(language).findings} for language in ("en", "nl")}
    assert "http://example.org/C, http://example.org/a: no." in told["en"]
    assert "http://example.org/a: nee, http://example.org/C." in told["nl"]


def test_no_constraint_of_ours_has_two_messages_for_apache_jena_refuses_those() -> None:
    shapes = source.read_all(source.files(ROOT / "shapes"))
    constraints = set(shapes.objects(predicate=SH.sparql))
    assert {len(list(shapes.objects(it, SH.message))) for it in constraints} == {1}


def test_only_words_hang_on_the_language(folder: Path) -> None:
    english, dutch = _report("en"), _report("nl")
    assert {found.fingerprint for found in english.findings} == {found.fingerprint for found in dutch.findings}
    for view, form in (("turtle", "turtle"), ("jsonld", "json-ld")):
        graphs = [Graph().parse(data=views.VIEWS[view](report), format=form) for report in (english, dutch)]
        messages = [{text.n3() for text in graph.objects(predicate=SH.resultMessage)} for graph in graphs]
        assert messages[0] == messages[1]
        assert {text.rpartition("@")[2] for text in messages[0]} == {"en", "nl", "nl-be", "fr"}


class _Page(HTMLParser):
    language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.language = dict(attrs)["lang"] or ""


@pytest.mark.parametrize("view", sorted(set(views.VIEWS) - {"turtle", "jsonld"}))
def test_every_view_tells_it_in_the_language(view: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["validate", "data.ttl", "--shapes", "shapes.ttl", "--format", view]
    shown = {}
    for language in texts.LANGUAGES:
        assert cli.main([*arguments, "--language", language]) == 1
        shown[language] = capsys.readouterr().out
    assert cli.main(arguments) == 1
    assert capsys.readouterr().out == shown["en"]
    has = [("No p" in shown[language], "Geen p" in shown[language]) for language in ("en", "nl")]
    assert has == [(True, False), (False, True)]
    if view not in {"json", "csv", "sarif"}:  # which count nothing in words
        assert "overtredingen" in shown["nl"]
        assert "violations" not in shown["nl"]
    if view == "html":
        page = _Page()
        page.feed(shown["nl"])
        assert page.language == "nl"


def test_a_baseline_holds_in_any_language(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["validate", "data.ttl", "--shapes", "shapes.ttl"]
    assert cli.main([*arguments, "--language", "nl", "--format", "json"]) == 1
    Path("known.json").write_text(capsys.readouterr().out, "utf-8")
    assert cli.main([*arguments, "--baseline", "known.json"]) == 0
    assert "5 known findings left out" in capsys.readouterr().out


def test_another_language_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_code:
        cli.main(["validate", "--language", "xx"])
    assert exit_code.value.code == 2
    told = capsys.readouterr().err.partition("'xx'")[2]
    assert all(language in told for language in texts.LANGUAGES)


@cache
def _published(language: str) -> Report:
    return release.validate(ROOT, language=language)


@pytest.mark.parametrize(("language", "other"), [*itertools.permutations(texts.LANGUAGES, 2)])
def test_no_view_has_a_name_or_reason_in_another_language(language: str, other: str) -> None:
    report, foreign = _published(language), _published(other)
    assert report.rules
    shown = {name: view(report) for name, view in views.VIEWS.items() if name not in {"turtle", "jsonld"}}
    shown["verbose"] = views.text(report, verbose=True)
    for iri, rule in report.rules.items():
        assert {name for name, text in shown.items() if rule.explanation in text} == {"verbose", "html", "sarif"}
        assert not any(foreign.rules[iri].explanation in text for text in shown.values())
        assert json.dumps(rule.name, ensure_ascii=False) in shown["sarif"]
        assert json.dumps(foreign.rules[iri].name, ensure_ascii=False) not in shown["sarif"]


def test_the_published_data_are_told_of_in_dutch_with_proposals() -> None:
    english, dutch = map(_published, texts.LANGUAGES)
    assert dutch.findings
    assert {it.fingerprint for it in english.findings} == {it.fingerprint for it in dutch.findings}
    assert {it.message for it in english.findings}.isdisjoint({it.message for it in dutch.findings})
    words = [{it.suggestion.words for it in report.findings if it.suggestion} for report in (english, dutch)]
    assert words[0]
    assert words[0].isdisjoint(words[1])
