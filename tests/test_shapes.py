"""The shapes, by fixtures: ``shapes/<shape file>/<verdict>.<why>.ttl``, each but the valid ones with its report.

The reports are the table of mutations: one seeded error each, with severity, rule, node, path and value of what is
found, which stands on the line of the error; ``pytest -n 0 -s -k mutations`` prints the table by rule. Shapes on the
ontology itself judge the fixtures of their own folder only: no other fixture holds terms or concepts, and judging ours
200 times over would take minutes.

``CFIT_APPROVE=1`` rewrites the reports instead of comparing them; review the difference before committing it.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from cfit_graph import source, validation
from cfit_graph.namespaces import NS, SHAPES, shorten
from cfit_graph.validation import Finding, Severity
from cfit_graph.validation.checks import CHECK, GRAPH_CHECKS, VALUE_CHECKS
from cfit_graph.validation.lint import focus_nodes
from cfit_graph.validation.messages import MESSAGE
from tests.lines import MISSED, expected

if TYPE_CHECKING:
    from rdflib.term import Node

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "shapes"
FIXTURES = sorted(CASES.glob("*/*.ttl"))
WORST = {"valid": None, "invalid": Severity.VIOLATION, "warning": Severity.WARNING, "info": Severity.INFO}
OWN_CONSTRAINTS = {
    SH.hasValue, SH["in"], SH["class"], SH.datatype, SH.nodeKind, SH.pattern, SH.languageIn,
    SH["not"], SH["or"], SH.xone, SH["and"], SH.node,
}  # fmt: skip


SEVERAL = {
    "affiliation/invalid.both-participation-and-support": "the role of the one type is wrong for the other",
    "affiliation/invalid.same-role-twice-without-dates": "the missing dates, which hide the overlap, are hints",
    "retirement/invalid.replaced-in-a-circle": "each of the two is replaced by the other",
    "membership/invalid.affiliation-as-well": "a role for groups is none for affiliations",
}
"""Fixtures whose one mistake cannot but have two findings, with the reason."""


@cache
def _folder(name: str) -> Graph:
    return source.merge(map(source.read, source.files(ROOT / name)))


@cache
def _shapes_for(folder: str) -> Graph:
    paths = source.files(ROOT / "shapes")
    return source.merge(source.read(path) for path in paths if folder == "vocabulary" or path.stem != "vocabulary")


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.ttl').removesuffix('.report.txt')}"


def _of_type(kind: URIRef) -> set[URIRef]:
    return {shape for shape in _folder("shapes").subjects(RDF.type, kind) if isinstance(shape, URIRef)}


def _silent() -> set[URIRef]:
    """Return the shapes that judge nothing: they say what is in a column of a table."""
    return {shape for shape in _of_type(SH.PropertyShape) if (shape, SH.deactivated, None) in _folder("shapes")}


def _report(fixture: Path) -> Path:
    return fixture.with_suffix(".report.txt")


def _line(finding: Finding) -> str:
    parts = shorten(finding.rule), shorten(finding.focus), finding.path, shorten(finding.value)
    return "\t".join((finding.severity.value, *parts))


@pytest.mark.parametrize("fixture", FIXTURES, ids=_name)
def test_fixture(fixture: Path) -> None:
    data = source.merge([_folder("ontology"), source.read(fixture)])
    found = validation.validate(data, _shapes_for(fixture.parent.name), ROOT / "shapes").findings
    worst = found[0].severity if found else None
    assert worst == WORST[fixture.name.partition(".")[0]], [_line(finding) for finding in found]
    lines = "".join(f"{line}\n" for line in sorted(map(_line, found)))
    if os.environ.get("CFIT_APPROVE") and lines:
        _report(fixture).write_text(lines, "utf-8", newline="\n")
    assert lines == (_report(fixture).read_text("utf-8") if lines else "")
    place = fixture.relative_to(ROOT).as_posix()
    missed = [finding for finding in found if (finding.file, finding.line) != (place, expected(fixture, finding))]
    assert bool(missed) == (f"{fixture.parent.name}/{fixture.stem}" in MISSED), missed


def test_at_most_one_in_a_hundred_is_missed() -> None:
    found = len(_report_lines())
    assert found >= 250
    assert len(MISSED) <= found / 100


def test_each_broken_fixture_gives_its_one_finding_and_no_other() -> None:
    several = {_name(path) for path in CASES.glob("*/*.report.txt") if len(path.read_text("utf-8").splitlines()) > 1}
    assert several == set(SEVERAL)


def test_mutations_are_found_by_every_rule_at_the_right_node_with_the_right_severity() -> None:
    table = sorted((*line.split("\t")[:3], _name(path)) for path, line in _report_lines())
    print("\nseverity, rule, node, fixture", *map("\t".join, table), sep="\n")  # noqa: T201
    for severity, rule, node, name in table:
        mentioned = {shorten(str(term)) for term in source.read(CASES / f"{name}.ttl").all_nodes()}
        assert node in mentioned | {"(blank node)"}, (rule, node)
        assert severity == _severity(URIRef(SHAPES + rule.removeprefix("shapes:"))), rule
    assert {shorten(rule) for rule in _rules()} - {rule for _, rule, _, _ in table} == set()


def _report_lines() -> list[tuple[Path, str]]:
    return [(path, line) for path in CASES.glob("*/*.report.txt") for line in path.read_text("utf-8").splitlines()]


def test_every_report_belongs_to_a_fixture_that_is_not_valid() -> None:
    expected = {_report(fixture) for fixture in FIXTURES if not fixture.name.startswith("valid.")}
    assert set(CASES.glob("*/*.report.txt")) == expected


def test_every_shape_file_has_valid_and_failing_fixtures() -> None:
    stems = {path.stem for path in source.files(ROOT / "shapes")} - {"shapes"}
    assert {path.parent.name for path in CASES.glob("*/valid.*.ttl")} == stems
    assert {path.parent.name for path in CASES.glob("*/*.report.txt")} == stems


def _rules() -> set[URIRef]:
    """Return what can be the rule of a finding: what shapes with targets say, and the property shapes they use."""
    shapes = _folder("shapes")
    targeted = {shape for shape in _of_type(SH.NodeShape) if any(_targets(shape))}
    used = {part for shape in targeted for link in (SH.property, SH.sparql) for part in shapes.objects(shape, link)}
    judging = {shape for shape in targeted if OWN_CONSTRAINTS & set(shapes.predicates(shape))}
    checks = set(shapes.subjects(CHECK))
    return {rule for rule in used | judging | checks if isinstance(rule, URIRef)} - _silent()


def _targets(shape: URIRef) -> list[object]:
    links = SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf
    return [target for link in links for target in _folder("shapes").objects(shape, link)]


def _severity(rule: URIRef) -> str:
    shapes = _folder("shapes")
    shape = shapes.value(predicate=SH.sparql, object=rule) or rule
    return str(shapes.value(shape, SH.severity)).removeprefix(str(SH))


def test_every_shape_and_constraint_has_an_address_a_name_and_messages() -> None:
    shapes = _folder("shapes")
    nodes, properties, queries = (_of_type(kind) for kind in (SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint))
    assert len(nodes | properties | queries) == sum(
        1 for kind in (SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint) for _ in shapes.subjects(RDF.type, kind)
    ), "one of them is a blank node or has two types"
    for shape in nodes | properties | queries:
        assert shape.startswith(SHAPES)
        assert sorted(_languages(shape, SH.name)) == ["en", "nl"], shape
    for shape in (properties - _silent()) | queries | (_rules() & nodes):
        assert sorted(_languages(shape, SH.message) + _languages(shape, MESSAGE)) == ["en", "nl"], shape
    for described in shapes.subjects(SH.description):
        assert sorted(_languages(described, SH.description)) == ["en", "nl"], described
    for shape in nodes | _silent():
        assert _languages(shape, SH.description), shape
        assert shape in _silent() or shapes.value(shape, RDFS.isDefinedBy) == URIRef(SHAPES.rstrip("#")), shape


def _languages(shape: Node, link: URIRef) -> list[str]:
    return [text.language or "" for text in _folder("shapes").objects(shape, link) if isinstance(text, Literal)]


def test_every_shape_says_its_severity_and_no_query_does() -> None:
    shapes = _folder("shapes")
    for shape in _of_type(SH.NodeShape) | _of_type(SH.PropertyShape):
        assert len(list(shapes.objects(shape, SH.severity))) == int(shape not in _silent()), shape
    for query in _of_type(SH.SPARQLConstraint):
        assert (query, SH.severity, None) not in shapes, query


def test_every_part_is_described() -> None:
    shapes = _folder("shapes")
    known = _of_type(SH.NodeShape) | _of_type(SH.PropertyShape) | _of_type(SH.SPARQLConstraint)
    for link in (SH.property, SH.sparql, SH.node, SH["not"], SH.qualifiedValueShape):
        assert set(shapes.objects(predicate=link)) <= known, link
    for link in (SH["or"], SH.xone, SH["and"]):
        for members in shapes.objects(predicate=link):
            assert set(shapes.items(members)) <= known, link


def test_every_property_shape_is_named_after_the_shape_that_uses_it() -> None:
    shapes = _folder("shapes")
    for link in (SH.property, SH.sparql):
        for owner, part in shapes.subject_objects(link):
            assert str(part).startswith(f"{owner}-"), part
    used = set(shapes.objects(predicate=SH.property)) | set(shapes.objects(predicate=SH.sparql))
    assert _of_type(SH.PropertyShape) | _of_type(SH.SPARQLConstraint) == used


def test_terms_of_shacl_exist() -> None:
    """A misspelt term such as ``sh:mincount`` would be ignored in silence (SH-07)."""
    used = {str(term) for triple in _folder("shapes") for term in triple if str(term).startswith(str(SH))}
    known = {str(SH) + name for name in SH._extras} | {str(term) for term in dir(SH)}
    assert used - known == set()


def test_messages_are_filled_only_with_what_their_query_selects() -> None:
    shapes = _folder("shapes")
    for shape, message in shapes.subject_objects(SH.message):
        names = set(re.findall(r"\{[?$](\w+)\}", str(message)))
        head = str(shapes.value(shape, SH.select) or "").partition("WHERE")[0]
        assert names <= set(re.findall(r"[?$](\w+)", head)), message


def test_checks_named_in_shapes_exist() -> None:
    shapes = _folder("shapes")
    for shape, name in shapes.subject_objects(CHECK):
        known = VALUE_CHECKS if shape in _of_type(SH.PropertyShape) else GRAPH_CHECKS
        assert str(name) in known, shape


# Two periods overlap unless one is known to end before the other starts, to the precision that both dates have.
PERIODS = [
    ("2021-06-14", "2022", "2022-09", "", False),
    ("2021-06-14", "2022", "2021", "", True),
    ("2021", "2022-03", "2022", "", False),
    ("2021", "2022-03", "2022-02-28", "", True),
    ("2021", "2022-03", "2022-03-01", "", False),
    ("2021", "2022-03", "2022-04", "", False),
    ("2021", "2022-03-31", "2022-03", "", False),
    ("2021", "2022-03-31", "2022-03-30", "", True),
    ("2021", "2021", "2021", "2021", False),
    ("2021", "", "2022", "", True),
    ("", "", "", "", True),
    ("", "2022", "", "", True),
    ("", "2022", "2023", "", False),
    ("2024", "", "2021", "2023-12-31", False),
    ("2024", "", "2021", "2024-01-01", False),
    ("2024-01", "", "2021", "2024-02", True),
]
"""Start and end of a support and of a participation, and whether they overlap."""


def test_periods_of_mixed_precision_overlap_or_not() -> None:
    lines = [_affiliations(number, *period[:4]) for number, period in enumerate(PERIODS)]
    data = Graph().parse(data="".join(lines), format="turtle")
    shapes = source.merge(source.read(ROOT / "shapes" / f"{name}.ttl") for name in ("affiliation", "shapes", "general"))
    found = validation.validate(data, shapes, ROOT / "shapes").findings
    overlapping = {finding.focus for finding in found if finding.rule == SHAPES + "Support-only"}
    assert overlapping == {f"urn:s{number}" for number, period in enumerate(PERIODS) if period[4]}


def _affiliations(number: int, start: str, end: str, other_start: str, other_end: str) -> str:
    prefixes = "@prefix cfit: <https://w3id.org/cfit/ns#> . @prefix org: <http://www.w3.org/ns/org#> .\n"
    for kind, node, dates in (("Support", "s", (start, end)), ("Participation", "p", (other_start, other_end))):
        given = zip(("startDate", "endDate"), dates, strict=True)
        known = "".join(f' ; <https://schema.org/{name}> "{day}"' for name, day in given if day)
        prefixes += (
            f"<urn:{node}{number}> a cfit:{kind} ; org:member <urn:o{number}> ; org:organization <urn:x>{known} .\n"
        )
    return prefixes


WORDS = {
    "Text-letters": [
        "Stiftung fÃ¼r", "Ã\u2013ffentliche Hand", "Ãœber", "Organisationâ€™s", "5 â\u201a¬", "Â© 2021", "Âµ",
        "Å\u0081Ã³dÅº", "S\u00c5\u201aupsk", "f\ufffdr", "don\x92t", "\u00ef\u00bb\u00bfName", "caf\u00c3\u00a9",
    ],
    "Named-words": [
        "#REF!", "#VALUE!", "#N/A", "#N/B", "#NAME?", "#NAAM?", "#DIV/0!", "#DEEL/0!", "TODO", "todo:",
        "TBD", "n/a", "N/A", "n.v.t.", "nvt", ".", "-", "\u2013", "?", "???", "…", "null", "NaN",
    ],
    "Named-letters": ["123", "2021-06-14", "62.721.445", "1 / 2", "+31 70 1234"],
    "Named-address": ["https://www.example.org", "http://x", "HTTPS://example.org"],
    "Named-markup": ["<b>Y</b>", "A<br/>B", "&quot;X&quot;", "A &amp; B", "caf&eacute;", "&Uuml;ber", "&#39;t"],
    "Named-edges": ["", " ", "\u00a0", " A", "A ", "A\n", "\tA", "A\u00a0"],
    "": [
        "Stichting", "3M", "C&A", "R&D; AT&T;", "1&1 AG", "Å", "«ROMÃ»", "“MAÇÃ”", "ÂNGELA", "Château d\u2019Ô", "Łódź",
        "A < B > C", "#MeToo", "TODO Group", "NVT", "N.V. Test", "Null Island", "HTTP Archive", "C# & .NET",
        "东京", "Ελλάδα",
    ],
}  # fmt: skip
"""Names by the rule that finds them, and those that are right."""

HOSTS = {
    "https://www.example.org": True, "http://example.org:8080/a?b#c": True, "https://müller.example/": True,
    "https://xn--mller-kva.example": True, "https://a_b.example.org/": True, "https://example.org?q=1": True,
    "https://web.archive.org/web/2021/https://example.org/": True, "http://192.0.2.1/": True,
    "https://https://x.example": False, "http://https://x.example/": False, "https:///x.nl/": False,
    "https://x..example/": False, "https://.x.example/": False, "https://test-stichting,nl/": False,
    "https://localhost/test": False, "https://test-stichting/": False,
    "https://user@x.example/": False, "https://": False, "ftp://x.example/": False,
}  # fmt: skip
"""Web addresses, and whether they are right."""


def test_names_that_are_none_are_found_and_no_others() -> None:
    listed = [(rule, word) for rule, words in WORDS.items() for word in words]
    named = "http://www.w3.org/2004/02/skos/core#prefLabel"
    data = Graph()
    for number, (_, word) in enumerate(listed):
        data.add((URIRef(f"urn:n{number}"), URIRef(named), Literal(word, lang="en")))
    found = _found(data, "Text-", "Named-")
    assert [(rule, word) for n, (rule, word) in enumerate(listed) if found.get(f"urn:n{n}", "") != rule] == []


def test_addresses_that_lead_nowhere_are_found_and_no_others() -> None:
    data = Graph()
    for number, address in enumerate(HOSTS):
        data.add((URIRef(f"urn:a{number}"), URIRef("http://xmlns.com/foaf/0.1/homepage"), URIRef(address)))
    found = _found(data, "WebAddress-form")
    assert {address: f"urn:a{number}" not in found for number, address in enumerate(HOSTS)} == HOSTS


def _found(data: Graph, *rules: str) -> dict[str, str]:
    """Return the rule that finds something wrong with each node, of the rules that begin so in the general shapes."""
    shapes = source.merge(source.read(ROOT / "shapes" / f"{name}.ttl") for name in ("general", "shapes"))
    found = validation.validate(data, shapes, ROOT / "shapes").findings
    named = ((finding.focus, finding.rule.removeprefix(SHAPES)) for finding in found)
    return {focus: rule for focus, rule in named if rule.startswith(rules)}


def test_claims_that_contradict_survive_a_round_trip(tmp_path: Path) -> None:
    data = source.read(CASES / "claim" / "valid.claims-that-contradict.ttl")
    for suffix, name in ((".ttl", "turtle"), (".nt", "nt")):
        path = tmp_path / f"copy{suffix}"
        data.serialize(path, format=name, encoding="utf-8")
        copy = source.read(path)
        assert isomorphic(copy, data)
        values = {str(value) for value in copy.objects(predicate=URIRef(NS + "claimedValue"))}
        assert values == {"signed", "in talks"}


def test_queries_use_nothing_that_shacl_forbids() -> None:
    for query in _folder("shapes").objects(predicate=SH.select):
        assert not re.search(r"\b(MINUS|VALUES|SERVICE)\b|AS\s+[?$]this\b", str(query)), query


def test_every_shape_passes_somewhere() -> None:
    """A shape is judged by a valid fixture too: a rule that refuses everything would hit every broken one."""
    passing = {"vocabulary": _folder("ontology")}
    for fixture in FIXTURES:
        if fixture.name.startswith("valid."):
            name = fixture.parent.name
            passing[name] = source.merge([source.read(fixture), passing.get(name, Graph())])
    data = source.merge([_folder("ontology"), *passing.values()])
    shapes = _folder("shapes")
    targeted = {shape for link in TARGETS for shape in shapes.subjects(link)}
    assert {shorten(str(s)) for s in targeted if not any(True for _ in focus_nodes(s, shapes, data))} == set(
        NEVER_SILENT
    )


TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
NEVER_SILENT = {
    "shapes:SchemaOrg": "it is aimed at mistakes only, so that nothing can pass it",
    "shapes:Row": "it is aimed at cells that hold no value",
    "shapes:Exception": "it shows every exception to a rule as a warning",
    "shapes:IdleException": "where it is content, shapes:Exception shows the exception",
}
"""Shapes that no valid fixture can meet, each with the reason."""
