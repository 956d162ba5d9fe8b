"""Proposals and their edits: what is proposed would pass, what is sure is, and exactly what edits say is replaced."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import SKOS, XSD, Graph, Literal, URIRef

from cfit_graph import release, source, validation
from cfit_graph.checking.standing import Standing
from cfit_graph.errors import SourceError
from cfit_graph.ids import is_lei
from cfit_graph.namespaces import ID, PREFIXES
from cfit_graph.positions import Lines
from cfit_graph.validation import Edit, Severity, apply, mending, words
from cfit_graph.validation.mending import cells, fixing, values
from cfit_graph.validation.mending.near import nearest
from tests.conftest import ROOT
from tests.tables import judged

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.validation import Finding
    from cfit_graph.validation.mending.faults import Fault

CONTINUED = """
affiliation:new a cfit:Participation ;
    org:member organization:de-uba ; org:organization pact:cfit ; org:role role:coordinating ;
    cfit:status status:active ; schema:startDate "2025-05-05"^^<http://www.w3.org/2001/XMLSchema#date> ;
    cfit:startDateKind date-kind:succeeded ; cfit:continues affiliation:de-bmukn-coordinating ;
    dcterms:source source:cfit-home .
"""
"""An affiliation said to carry on one that has not ended."""

TEXTS = st.text(alphabet="ab é\r\n", max_size=40)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5), st.sampled_from(["", "x", "\n"])), max_size=4))
def test_all_but_what_is_replaced_stays(text: str, drawn: list[tuple[int, int, str]]) -> None:
    spans: list[tuple[int, int, str]] = []
    done = 0
    for start, length, new in sorted(drawn):
        if done <= start <= len(text) and not (length == 0 and start == done):
            done = min(start + length, len(text))
            spans.append((start, done, new))
    spans = list(dict.fromkeys(spans))  # the same edit of two findings is one
    edits = [Edit(*Lines(text).place(start), old=text[start:end], new=new) for start, end, new in spans]
    expected = text
    for start, end, new in reversed(spans):
        expected = expected[:start] + new + expected[end:]
    assert apply(text, reversed(edits)) == expected


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(2, 1, old="b", new="c")],
        [Edit(9, 1, old="", new="c")],
        [Edit(0, 0, old="", new="c")],
        [Edit(1, 1, old="ab", new="c"), Edit(1, 2, old="b", new="d")],
    ],
)
def test_what_does_not_fit_the_text_is_refused(edits: list[Edit]) -> None:
    with pytest.raises(SourceError, match=r"draft.ttl.* validate the file again"):
        apply("ab\ncd\n", edits, "draft.ttl")


def test_the_same_edit_of_two_findings_is_made_once() -> None:
    edit = Edit(1, 1, old="a", new="b")
    assert apply("aa", [edit, edit]) == "ba"


EX = "https://example.org/"
LIST = (
    "active",
    "supporting",
    "at-bmluk",
    "ror-00br86003",
    "government-agency",
    "electronics-watch",
    "gb",
    "no",
    "ngo",
)
NAMES = Graph().parse(
    data=f"""@prefix ex: <{EX}> . @prefix skos: <{SKOS}> .
    ex:gb skos:prefLabel "United Kingdom"@en . ex:no skos:prefLabel "Norway"@en .""",
    format="turtle",
)


@pytest.mark.parametrize(
    ("written", "meant", "why"),
    [
        *((text, "supporting", "slip") for text in ("supportng", "suporting", "supporitng")),
        *((text, "active", "slip") for text in ("actve", "activ", "acctive")),
        ("goverment-agency", "government-agency", "slip"),
        ("Supporting", "supporting", "same"),
        ("inactive", "active", ""),
        ("upporting", "supporting", ""),
        ("supporting-2024", "supporting", ""),
        ("supportings", "supporting", ""),
        ("at-bmluv", "at-bmluk", ""),
        ("at-bmlu", "at-bmluk", ""),
        ("ror-00br86005", "ror-00br86003", ""),
        ("electronics-watch-nl", "electronics-watch", ""),
        ("electronics", "electronics-watch", ""),
        ("ngoo", "ngo", ""),
        ("nor", "", ""),
        ("uk", "gb", ""),
    ],
)
def test_only_a_slip_of_one_letter_is_sure(written: str, meant: str, why: str) -> None:
    known = [URIRef(EX + name) for name in LIST]
    found = nearest(URIRef(EX + written), known, NAMES)
    told = found and (found.node, "same" if found.same else "slip" if found.slip else "")
    assert told == ((URIRef(EX + meant), why) if meant else None)


def test_text_with_a_slash_is_called_by_all_of_it() -> None:
    found = nearest(Literal("kmm/h"), [Literal("km/h"), Literal("m/h")], Graph())
    assert found is not None
    assert found.node == Literal("km/h")


@pytest.mark.parametrize("text", ["x" + " " * 60_000 + "y", "x@y " + "z" * 60_000])
def test_long_text_is_not_gone_through_for_each_of_its_letters(text: str) -> None:
    began = time.thread_time()
    assert cells.several(cast("Fault", SimpleNamespace(statement=(), column=SKOS.note, value=text))) is None
    assert "@" not in values.without_mail(text)
    assert time.thread_time() - began < 1, "it takes minutes to try each pair"


def test_initials_of_two_are_of_neither() -> None:
    names, nodes = Graph(), [URIRef(EX + name) for name in ("kingdom", "karelia")]
    names.add((nodes[0], SKOS.prefLabel, Literal("United Kingdom")))
    one = nearest(Literal("uk"), nodes, names)
    assert one is not None
    assert one.node == nodes[0]
    names.add((nodes[1], SKOS.prefLabel, Literal("Upper Karelia")))
    assert nearest(Literal("uk"), nodes, names) is None


def test_a_slip_that_may_be_of_two_words_is_not_sure() -> None:
    known = [URIRef(EX + name) for name in ("planned", "planted")]
    found = nearest(URIRef(EX + "planed"), known, Graph())
    assert found is not None
    assert (found.same, found.slip) == (False, False)
    elsewhere = nearest(URIRef("https://example.org/other/plannned"), known, Graph())
    assert elsewhere is None or not elsewhere.slip


def test_no_word_and_no_number_is_taken_for_a_month() -> None:
    for text in ("maybe 2023", "decided 2021", "marketed 2022", "augmented 2021", "2023.5"):
        assert [(day.datatype, sure) for day, sure in values.dates(text)] == [(XSD.gYear, False)]
    assert list(values.dates("20231345")) == []
    read = {
        text: [str(day) for day, sure in values.dates(text) if sure]
        for text in ("3 mei 2023", "maart 2023", "May 2023")
    }
    assert read == {"3 mei 2023": ["2023-05-03"], "maart 2023": ["2023-03"], "May 2023": ["2023-05"]}
    assert [str(day) for day, _ in values.dates("2023-07-26Z")] == ["2023-07-26"]
    assert [sure for _, sure in values.dates("05.2023")] == [False]


def test_a_day_that_americans_read_otherwise_is_not_sure() -> None:
    assert [(str(day), sure) for day, sure in values.dates("06/05/2021")] == [
        ("2021-05-06", False),
        ("2021-06-05", False),
    ]
    assert {(str(day), sure) for day, sure in values.dates("06/06/2021")} == {("2021-06-06", True)}
    assert {(str(day), sure) for day, sure in values.dates("13/06/2021")} == {("2021-06-13", True)}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("45133", ["2023-07-26"]),  # what a spreadsheet shows of a day in a cell without a format
        ("44362.604", ["2021-06-15"]),
        ("ca. 2021", ["2021"]),
        ("Q2 2021", ["2021"]),
        ("2021 or 2022", []),
        ("1234567", []),
    ],
)
def test_what_is_likely_only_is_not_sure(text: str, days: list[str]) -> None:
    assert [(str(day), sure) for day, sure in values.dates(text)] == [(day, False) for day in days]


@pytest.mark.parametrize("text", ["https://www.my org.example/", "https://a.example.org/my file.pdf"])
def test_of_an_address_with_a_space_in_it_the_beginning_is_not_taken_for_the_whole(text: str) -> None:
    assert list(values.addresses(Literal(text))) == []


@pytest.mark.parametrize(
    ("text", "day", "is_sure"),
    [
        ("1er octobre 2024", "2024-10-01", True),
        ("1. März 2024", "2024-03-01", True),
        ("1-10-2024 (tbc)", "2024-10-01", False),
        ("since 1 October 2024", "2024-10-01", False),
        ("oktober 2024?", "2024-10", False),
        ("oktober '24", "2024-10", False),
        ("31-09-2024", "2024-09", False),  # no such day
    ],
)
def test_a_date_is_read_in_four_languages_and_among_other_words(text: str, day: str, is_sure: bool) -> None:
    found, sure = next(values.dates(text))
    assert (str(found), sure) == (day, is_sure)


@pytest.mark.parametrize("text", ["2024-10-01 to 2025-01-01", "12 Oct 2024 - 3 Nov 2024", "2024-2025"])
def test_of_two_dates_none_is_chosen(text: str) -> None:
    assert list(values.dates(text)) == []


@pytest.mark.parametrize("text", ["\u200b2021-06-15\u200e", "“2021-06-15”", "'2021-06-15", "２０２１-06-15"])  # noqa: RUF001
def test_signs_around_a_date_are_no_part_of_it(text: str) -> None:
    assert ("2021-06-15", True) in [(str(day), sure) for day, sure in values.dates(text)]


@pytest.mark.parametrize(
    ("written", "meant", "is_sure"),
    [
        ("https://https://www.example.org/a", "https://www.example.org/a", True),
        ("http://https://example.org", "https://example.org", False),
        ("https://http://https://example.org", "https://example.org", False),
        ("https://https//example.org", "https://example.org", False),
        ("https://example.org/https://example.net", "https://example.org/https://example.net", True),
    ],
)
def test_of_an_address_pasted_behind_the_beginning_of_one_the_whole_is_meant(
    written: str, meant: str, is_sure: bool
) -> None:
    assert next(values.addresses(Literal(written))) == (URIRef(meant), is_sure)


def test_an_address_with_two_beginnings_is_mended_in_its_cell(tmp_path: Path) -> None:
    findings = judged(
        tmp_path / "organizations.csv",
        "id,name (en),stakeholder type,place,source,website",
        "a,A,NGO,Netherlands,cfit-home,https://https://www.example.org",
    )
    (found,) = (it.suggestion for it in findings if it.cell == "F2")
    assert found is not None
    assert ([edit.new for edit in found.edits], found.safe) == (["https://www.example.org"], True)


@pytest.mark.parametrize(("language", "place"), [("nl", "Nederland"), ("en", "Netherlands")])
def test_a_concept_is_called_in_the_language_of_the_finding_as_its_cell_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "organizations.csv"
    text = "id,name (en),stakeholder type,place,source\na,A,NGO,{},cfit-home\n"
    path.write_text(text.format(f"{place}s"), "utf-8")
    (found,) = release.validate(ROOT, [path], language=language).findings
    assert found.suggestion is not None
    assert found.suggestion.words.split()[-1] == place
    assert [edit.new for edit in found.suggestion.edits] == [place]
    path.write_text(text.format(place), "utf-8")
    assert release.validate(ROOT, [path], language=language).findings == ()


def test_what_staff_write_into_cells_is_proposed_as_it_was_meant(tmp_path: Path) -> None:
    findings = judged(
        tmp_path / "organizations.csv",
        "id,name (en),stakeholder type,place,source,website,Wikidata or ROR,LEI",
        "a,A,Non-governmental organisation,Netherlands,cfit-home,https://a.example.org (Dutch only),"
        "https://www.wikidata.org/wiki/Q1234#sitelinks,7245 00IY 7OAB 0J3B P438",
        "b,B,non-governmental organization,Belgique/Belgium,cfit-home,,,",
        "c,C,NGO,Netherlands,http://cep2030.org?fbclid=IwAR0&utm_source=letter,,,",
    )
    found = {it.cell: it.suggestion for it in findings if it.suggestion}
    assert {cell: (it.words, it.safe) for cell, it in found.items() if it} == {
        "C2": ("write NGO", False),
        "F2": ("write https://a.example.org", False),
        "G2": ("write http://www.wikidata.org/entity/Q1234", True),
        "H2": ("write 724500IY7OAB0J3BP438", False),
        "C3": ("write NGO", False),
        "D3": ("write Belgium", False),
        "E4": ("write cep-home", True),
    }


def test_both_days_are_proposed_of_a_date_that_americans_read_otherwise(tmp_path: Path) -> None:
    row = "a,A,https://a.example.org,10/1/2024"
    findings = judged(tmp_path / "sources.csv", "id,title,address,read on", row)
    found = [it.suggestion for it in findings if it.cell == "D2"]
    assert [(it.words, it.safe) for it in found if it] == [("write 2024-01-10, or 2024-10-01", False)]
    assert len(found) == 1  # nor is it compared with other dates


def test_what_is_to_be_written_into_a_cell_is_told_as_it_is_to_stand_there(tmp_path: Path) -> None:
    findings = judged(
        tmp_path / "organizations.csv",
        "id,name (en),stakeholder type,place,source,Wikidata or ROR",
        "a,A,NGO,Netherlands,cfit-home,https://www.wikidata.org/wiki/Q1234",
        "b,B,NGO,Netherlands,cfit-home,Q1234",
    )
    found = [it.suggestion for it in findings if it.rule.endswith("-sameAs")]
    told = {(it.words, it.safe) for it in found if it}
    assert told == {("write http://www.wikidata.org/entity/Q1234", safe) for safe in (True, False)}


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ("organization/new> <{skos}prefLabel> 'New'@en", "org#Organization"),
        ("organization/new> a <https://schema.org/Organization> ; <{skos}prefLabel> 'New'@en", "org#Organization"),
        (
            "affiliation/new> <http://www.w3.org/ns/org#member> <https://w3id.org/cfit/id/organization/smk>",
            "Participation",
        ),
    ],
)
def test_a_record_without_a_type_is_found_and_the_type_of_its_like_is_proposed(
    tmp_path: Path, record: str, kind: str
) -> None:
    path = tmp_path / "draft.ttl"
    path.write_text(f"<https://w3id.org/cfit/id/{record.format(skos=SKOS)} .\n", "utf-8")
    (found,) = (it for it in release.validate(ROOT, [path]).findings if it.rule.endswith("Record-type"))
    assert found.severity.value == "Violation"
    assert found.suggestion
    assert f"{kind}>" in found.suggestion.words.partition(", or one of")[0]


def _prefixed() -> str:
    terms = ("affiliation", "organization", "pact", "role", "status", "date-kind", "source")
    prefixes = [f"@prefix {name}: <{ID}{name}/> ." for name in terms]
    return "\n".join(
        [*prefixes, *(f"@prefix {name}: <{PREFIXES[name]}> ." for name in ("cfit", "org", "dcterms", "schema"))]
    )


def test_what_a_path_ends_at_is_found_and_mended_there(tmp_path: Path) -> None:
    path = tmp_path / "draft.ttl"
    path.write_text(_prefixed() + CONTINUED, "utf-8")
    (found,) = (it for it in release.validate(ROOT, [path]).findings if it.rule.endswith("Continuation-ended"))
    line = (ROOT / found.file).read_text("utf-8").splitlines()[found.line - 1]
    assert (found.file, line.strip()) == ("data/affiliations.ttl", "cfit:status status:active ;")
    assert found.suggestion
    changed = {str(old[0]) for old, _ in found.suggestion.changes if old}
    assert changed == {f"{ID}affiliation/de-bmukn-coordinating"}


def test_where_a_path_leads_out_of_a_draft_it_is_marked_where_it_sets_out(tmp_path: Path) -> None:
    path = tmp_path / "draft.ttl"
    path.write_text(_prefixed() + CONTINUED, "utf-8")
    report = Standing(ROOT).judge(path)
    (found,) = (it for it in report.findings if it.rule.endswith("Continuation-ended"))
    assert "cfit:continues affiliation:de-bmukn-coordinating" in path.read_text("utf-8").splitlines()[found.line - 1]
    assert found.suggestion
    assert not found.suggestion.edits


def test_an_organization_recorded_twice_is_told_by_its_short_name(tmp_path: Path) -> None:
    path = tmp_path / "draft.ttl"
    record = "organization:planet-ark a org:Organization ; skos:prefLabel 'Planet Ark'@en ."
    path.write_text(f"{_prefixed()}\n@prefix skos: <{SKOS}> .\n{record}\n", "utf-8")
    (found,) = (it for it in release.validate(ROOT, [path]).findings if it.rule.endswith("Namesake-different"))
    assert found.file == path.as_posix()
    assert found.message.startswith("Another record, organization:planet-ark, has this name. ")


def test_which_of_two_values_is_too_much_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "draft.ttl"
    path.write_text(_prefixed() + CONTINUED.replace("role:coordinating", "role:coordinating , role:procuring"), "utf-8")
    (found,) = (it for it in release.validate(ROOT, [path]).findings if it.rule.endswith("Affiliation-role"))
    assert found.suggestion
    assert found.suggestion.words == "take out what is too much, perhaps role:procuring"
    assert not found.suggestion.safe


def test_check_digits_are_mended_before_other_letters_are() -> None:
    body = "724500ABCDEFGHIJKL"
    right = next(f"{body}{digits:02}" for digits in range(100) if is_lei(f"{body}{digits:02}"))
    wrong = f"{body}{(int(right[-2:]) + 31) % 97:02}"
    assert next(str(found) for found in values.checked(Literal(wrong))) == right


RULES = """@prefix ex: <https://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:S a sh:NodeShape ; sh:targetClass ex:M ;
    sh:property ex:not , ex:disjoint , ex:equals , ex:since , ex:count , ex:status , ex:either .
ex:either sh:path ex:either ; sh:or ( [ sh:datatype xsd:integer ] [ sh:datatype xsd:decimal ] ) .
ex:status sh:path ex:status ; sh:in ( ex:active ex:intended ) .
ex:not sh:path ex:n ; sh:not [ sh:hasValue 5 ] .
ex:disjoint sh:path ex:m ; sh:disjoint ex:n .
ex:equals sh:path ex:e ; sh:equals ex:f .
ex:since sh:path ex:since ; sh:datatype xsd:date ; sh:minInclusive "2000-01-01"^^xsd:date .
ex:count sh:path ex:count ; sh:datatype xsd:integer ; sh:not [ sh:hasValue 7 ] .
"""


def _found(tmp_path: Path, data: str) -> tuple[Finding, ...]:
    """Return what ``RULES`` find in data."""
    (tmp_path / "shapes.ttl").write_text(RULES, "utf-8")
    (tmp_path / "x.ttl").write_text(f"@prefix ex: <{EX}> . {data}\n", "utf-8")
    shapes = source.read(tmp_path / "shapes.ttl")
    return validation.validate(source.read(tmp_path / "x.ttl"), shapes, tmp_path / "shapes.ttl").findings


def test_a_node_of_its_own_is_no_slip_to_be_taken_out(tmp_path: Path) -> None:
    (found,) = _found(tmp_path, "ex:a a ex:M ; ex:count [ ex:q 1 ] .")
    assert found.suggestion is None


@pytest.mark.parametrize(
    ("said", "words", "is_safe"),
    [
        ('ex:count "8"', "write ", True),
        ('ex:either "8"', "write ", False),  # two datatypes fit
        ("ex:status ex:intnded", "write ex:intended", True),
        ("ex:status ex:intnded . ex:intnded a ex:Status", "write ex:intended", False),  # that exists, too
    ],
)
def test_what_is_proposed_is_safe_if_nothing_else_can_be_meant(
    tmp_path: Path, said: str, words: str, is_safe: bool
) -> None:
    (found,) = _found(tmp_path, f"ex:a a ex:M ; {said} .")
    assert found.suggestion is not None
    assert found.suggestion.words.startswith(words)
    assert found.suggestion.safe is is_safe


@pytest.mark.parametrize(("limit", "most", "proposed"), [("_MOST", 3, 3), ("_LARGEST", 9, 0), ("_LARGEST", 10, 5)])
def test_so_much_is_proposed_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, proposed: int
) -> None:
    monkeypatch.setattr(mending, limit, most)
    found = _found(tmp_path, " ".join(f"ex:a{number} a ex:M ; ex:n 5 ." for number in range(5)))
    assert [finding.suggestion is not None for finding in found].count(True) == proposed
    assert len(found) == 5


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("ex:n 5", "take"),
        ("ex:m 1 ; ex:n 1", "take"),
        ('ex:e "01" ; ex:f "1"', "take"),
        ('ex:since "14/06/2021"', "write"),
        ('ex:since "14/06/1921"', "take"),
        ('ex:count "8"', "write"),
        ('ex:count "7"', "take"),
    ],
)
def test_what_would_not_pass_either_is_not_proposed(tmp_path: Path, said: str, words: str) -> None:
    found = _found(tmp_path, f"ex:a a ex:M ; {said} .")
    assert found
    assert {finding.suggestion.words.split()[0] for finding in found if finding.suggestion} == {words}


def test_of_several_values_in_a_cell_none_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text(
        "id,name (en),stakeholder type,place,source,website\n"
        "a,A,government agency,Netherlands,cfit-participants; cfit-home,https://example.org\n"
        'b,B,government agency,UK,"cfit-participants, cfit-nothing",https://example.org/b; https://example.net\n'
        "c,C,NGO/government agency,Netherlands,cfit-home,https://example.com\n",
        "utf-8",
    )
    found = release.validate(ROOT, [path]).findings
    proposed = {finding.cell: finding.suggestion for finding in found if finding.suggestion}
    edits = {cell: [edit.new for edit in suggestion.edits] for cell, suggestion in proposed.items()}
    assert edits == {
        "E2": ["cfit-participants | cfit-home"],
        "D3": ["United Kingdom"],
        "E3": [],
        "F3": ["https://example.org/b | https://example.net"],
        "C4": ["NGO | government agency"],
    }
    assert not any(suggestion.safe for suggestion in proposed.values())
    assert proposed["E3"].words == "put | between the values of the cell"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ('"Example Watch"@en', "organization/example-watch>"),
        ('"Ökobüro Ærø"@de', "organization/okoburo-aero>"),
        ('"循環機構"@ja', "organization/…>"),
    ],
)
def test_an_address_is_made_of_the_name_if_that_has_letters_for_it(tmp_path: Path, name: str, address: str) -> None:
    draft = tmp_path / "draft.ttl"
    draft.write_text(f"[] a <http://www.w3.org/ns/org#Organization> ; <{SKOS.prefLabel}> {name} .\n", "utf-8")
    (found,) = (it for it in release.validate(ROOT, [draft]).findings if it.rule.endswith("#Node"))
    assert found.suggestion is not None
    assert found.suggestion.words.endswith(address)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('ex:count "-5"', "write -5"),
        ('ex:count "05"', "write 05"),
        ('ex:either "-.5"', "write -.5"),
    ],
)
def test_numbers_are_written_as_people_write_them(tmp_path: Path, said: str, told: str) -> None:
    (found,) = _found(tmp_path, f"ex:a a ex:M ; {said} .")
    assert found.suggestion is not None
    assert found.suggestion.words == told


def test_what_stands_close_together_is_kept_apart(tmp_path: Path) -> None:
    (found,) = _found(tmp_path, 'ex:a a ex:M ; ex:count"-5" .')
    assert found.suggestion is not None
    assert [edit.new for edit in found.suggestion.edits] == [" -5"]


@pytest.mark.parametrize("written", ["Elec\x01tronics", r"Elec\u0001tronics", r"Elec\btronics", "Elec\ufffetronics"])
def test_a_control_character_is_found_and_taken_out(tmp_path: Path, written: str) -> None:
    draft = tmp_path / "organizations.ttl"
    text = (ROOT / "data" / "organizations.ttl").read_text("utf-8")
    draft.write_text(text.replace('"Electronics Watch"@en', f'"{written} Watch"@en'), "utf-8")
    report = release.validate(ROOT, [draft])
    (found,) = (it for it in report.findings if it.rule.endswith("Literal-form"))
    assert found.line == text[: text.index('"Electronics Watch"@en')].count("\n") + 1
    assert found.suggestion is not None
    assert found.suggestion.safe
    assert fixing.edited(draft, [found.suggestion]).decode() == text


PREFIXED = """@prefix o: <https://w3id.org/cfit/id/organization/> . @prefix c: <https://w3id.org/cfit/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix t: <https://w3id.org/cfit/id/stakeholder-type/> .
o:new a <http://www.w3.org/ns/org#Organization> ; skos:prefLabel "New"@en ; c:stakeholderType t:nggo .
"""


def test_a_finding_has_names_as_its_file_writes_them(tmp_path: Path) -> None:
    draft = tmp_path / "draft.ttl"
    draft.write_text(PREFIXED, "utf-8")
    report = release.validate(ROOT, [draft])
    (found,) = (it for it in report.findings if it.rule.endswith("stakeholderType"))
    assert "(o:new) has c:stakeholderType t:nggo" in words.about(found, "en")
    assert found.path == "cfit:stakeholderType"  # by which its fingerprint is made
    assert found.short(f"{ID}role/supporting") == "role:supporting"


AFFILIATIONS = """id;kind;organization;pact;role;status;start date;kind of start date;endorsement;source
electronics-watch-supporting;suport;electronics-watch;cfit;supporting;active;26-7-23;announced;;cfit-participants
gb-defra-participant;participation;gb-deffra;cfit;participant;active;jun-21;signed;gb-defra;cfit-participants
"""
ORGANIZATIONS = """id;name (en);place;website;KVK number;Wikidata or ROR;stakeholder type;source
a;A;Netherlands;htps://example.org;62.721.445;“ror.org/0329ynx05”;NGO;cfit-home
b;B;Netherlands;https:/example.net;6,2721445E+07;;NGO;cfit-home
c;C;Netherlands;http//:example.com;62721445,0;;NGO;cfit-home
d;D;Netherlands;;62721445.0;;NGO;https://circularandfairictpact.com/news/tco-development-joins-cfit-supporting-organization
e;E;Netherlands;;KvK 62721445;;NGO;https://electronicswatch.org/ca/qui-som_783
f;F;Netherlands;;NL62721445;;NGO;"cfit-home;https://electronicswatch.org/ca/qui-som_783"
g;G;Netherlands;"https://x.example/a;https://x.example/b";62721445B01;;NGO;cfit-home
h;H;Netherlands;;'01234567;;NGO;cfit-home
"""


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("affiliations", AFFILIATIONS, {"B2": "support", "G2": "2023-07-26", "G3": "2021-06", "C3": "gb-defra"}),
        (
            "organizations",
            ORGANIZATIONS,
            {
                "D2": "https://example.org", "D3": "https://example.net", "D4": "http://example.com",
                "E2": "62721445", "E3": "62721445", "E4": "62721445", "F2": "https://ror.org/0329ynx05",
                "E5": "62721445", "E6": "62721445", "E7": "62721445", "E8": "62721445", "E9": "01234567",
                "H5": "cfit-tco-joins", "H6": "electronics-watch-about-ca",
                "H7": '"cfit-home | electronics-watch-about-ca"', "D8": '"https://x.example/a | https://x.example/b"',
            },
        ),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_shows_otherwise_is_understood(
    tmp_path: Path, name: str, text: str, told: dict[str, str]
) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(text, "utf-8")
    found = [finding for finding in release.validate(ROOT, [path]).findings if finding.severity is Severity.VIOLATION]
    proposed = {(f.cell, edit.new) for f in found if f.suggestion for edit in f.suggestion.edits}
    assert proposed >= set(told.items()), found
    assert {cell for cell, _ in proposed} <= told.keys()


ROUNDED = """id;name (en);KVK number;Crossref funder ID;source
a;A;6,27E+07;1,00019E+08;cfit-home
b;B;62721445 or 62721446;;cfit-home
"""


@pytest.mark.parametrize(("language", "word"), [("en", "rounded the number"), ("nl", "heeft het getal afgerond")])
def test_of_a_number_whose_digits_are_gone_or_of_two_none_is_proposed(tmp_path: Path, language: str, word: str) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text(ROUNDED, "utf-8")
    findings = release.validate(ROOT, [path], language=language).findings
    told = {found.cell: found.suggestion for found in findings if found.rule.endswith("Organization-identifier")}
    assert told.keys() == {"C2", "D2", "C3"}
    for cell in ("C2", "D2"):
        suggestion = told[cell]
        assert suggestion is not None
        assert word in suggestion.words
        assert (suggestion.example, suggestion.edits) == ("", ())
    assert told["C3"] is not None
    assert told["C3"].words.endswith("62721445 or 62721446 out" if language == "en" else "62721445 or 62721446 weg")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("a;A;note\na;A;note\n", "delete this row; a says all of it already"),
        ("a;A;note\na;A;\n", "delete this row; a says all of it already"),
        ("a;A;note\na;A;another\n", "keep one of the two rows with what both say, if both are a"),
        ("a;A;note\n;A;note\n", "delete this row; a says all of it already"),
        ("a;A;note\n;A;another\n", "write a"),
    ],
)
def test_of_two_rows_that_say_the_same_one_is_to_be_deleted(tmp_path: Path, rows: str, words: str) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text(f"id;name (en);note (en)\n{rows}", "utf-8")
    found = [it for it in release.validate(ROOT, [path]).findings if it.cell == "A3" and "#Row-" in it.rule]
    assert [it.suggestion.words for it in found if it.suggestion] == [words]


def test_of_two_rows_of_other_kinds_none_says_all_that_the_other_says(tmp_path: Path) -> None:
    path = tmp_path / "affiliations.csv"
    path.write_text("id;kind\nx;support\nx;participation\nx;support\n", "utf-8")
    found = [it for it in release.validate(ROOT, [path]).findings if it.rule.endswith("#Row-repeated")]
    words = {it.cell: it.suggestion.words.partition(" ")[0] for it in found if it.suggestion}
    assert words == {"A3": "keep", "A4": "delete"}


@pytest.mark.parametrize(
    ("suffix", "verb"), [("ttl", "a"), ("nt", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>")]
)
def test_a_type_is_added_as_people_write_it(tmp_path: Path, suffix: str, verb: str) -> None:
    draft, new = tmp_path / f"draft.{suffix}", f"<{ID}organization/new>"
    draft.write_text(f'{new} <{SKOS.prefLabel}> "New"@en .\n', "utf-8")
    found = [it for it in release.validate(ROOT, [draft]).findings if it.rule.endswith("Record-type")]
    assert found[0].suggestion is not None
    assert found[0].suggestion.words.startswith(f"add {verb} <http://www.w3.org/ns/org#Organization>")
    assert f"{verb} <http://www.w3.org/ns/org#Organization> ." in fixing.edited(draft, [found[0].suggestion]).decode()
