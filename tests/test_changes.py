"""What changed between two graphs: in sentences, and as exact lines that replay to the graph (CF-01 to CF-05)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfit_graph import changes, nquads
from cfit_graph.changes.records import Record
from cfit_graph.namespaces import BASE, PREFIXES
from cfit_graph.texts import CHANGES, DIFFERENCES
from tests.release import replay
from tests.test_nquads import QUADS

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.changes import Activity

NAMED = """
organization:watch a org:Organization ; skos:prefLabel "Example Watch"@en , "Voorbeeld"@nl .
pact:green a cfit:Pact ; skos:prefLabel "Green Pact"@en .
role:supporting a org:Role ; skos:prefLabel "supporting organization"@en .
cfit:startDateKind a owl:DatatypeProperty ; rdfs:label "start date kind"@en .
"""
SUPPORT = """
affiliation:watch a cfit:Support ; org:member organization:watch ; org:organization pact:green ;
    org:role role:supporting ; cfit:status status:active ; dcterms:source source:page .
"""
SOURCE = 'source:page a cfit:Source ; dcterms:title "A page"@en ; schema:url <https://example.org/page> .\n'
LABEL = "Example Watch as supporting organization of Green Pact"


def graph(turtle: str, name: str = "data/records") -> list[str]:
    """Return the canonical lines of Turtle with the prefixes of the project, in one named graph."""
    prefixes = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
    triples = ox.parse(prefixes + turtle, format=ox.RdfFormat.TURTLE)
    graph_name = ox.NamedNode(f"{BASE}graph/{name}")
    return nquads.canonical(ox.Quad(quad.subject, quad.predicate, quad.object, graph_name) for quad in triples)


def between(before: str, after: str) -> list[Activity]:
    return list(changes.between(graph(NAMED + before), graph(NAMED + after), BASE))


def told(before: str, after: str) -> list[str]:
    return [activity.summary for activity in changes.in_order_of_news(between(before, after))]


@pytest.mark.parametrize(
    ("before", "after", "sentence", "summary"),
    [
        ("", SUPPORT, "joined", "Example Watch joined the Green Pact as supporting organization"),
        (
            SUPPORT.replace("active", "intended"),
            SUPPORT,
            "joined",
            "Example Watch joined the Green Pact as supporting organization",
        ),
        (
            SUPPORT,
            SUPPORT.replace("active", "former"),
            "left",
            "Example Watch left the Green Pact, where it was supporting organization",
        ),
        (
            SUPPORT.replace("active", "former"),
            SUPPORT,
            "returned",
            "Example Watch is supporting organization of the Green Pact again",
        ),
        (
            "",
            SUPPORT.replace("active", "intended"),
            "intended",
            "Example Watch intends to join the Green Pact as supporting organization",
        ),
        (
            "",
            SUPPORT.replace("active", "former"),
            "former",
            "Example Watch was supporting organization of the Green Pact",
        ),
        ("", SUPPORT.replace("active", "unverified"), "created", f"New affiliation: {LABEL}"),
        (SUPPORT, "", "removed", f"Removed affiliation: {LABEL}"),
        (
            SUPPORT,
            SUPPORT + 'affiliation:watch schema:startDate "2024"^^xsd:gYear .',
            "updated",
            f"{LABEL}: start date added",
        ),
        (
            SUPPORT + 'affiliation:watch schema:startDate "2024"^^xsd:gYear ; cfit:startDateKind date-kind:signed .',
            SUPPORT + 'affiliation:watch schema:startDate "2023"^^xsd:gYear .',
            "updated",
            f"{LABEL}: start date changed, start date kind removed",
        ),
        (
            SUPPORT,
            SUPPORT.replace("source:page", "source:other"),
            "evidence",
            f"The evidence for “{LABEL}” changed",
        ),
        (
            SUPPORT,
            SUPPORT.replace("source:page", "source:other") + 'affiliation:watch schema:startDate "2024"^^xsd:gYear .',
            "updated",
            f"{LABEL}: source changed, start date added",
        ),
        ("", SOURCE, "created", "New source: A page"),
        (
            SOURCE,
            SOURCE.replace("A page", "The page").replace("org/page", "org/new"),
            "corrected",
            "The source “The page” was corrected: address, title",
        ),
        ("", 'place:x a skos:Concept ; skos:prefLabel "X"@de .', "created", "New place: X"),
        ("", 'cfit:X a owl:Class ; rdfs:label "X"@en .', "created", "New class: X"),
        ("", "<https://example.org/x> <https://example.org/p> 1 .", "created", "New thing: https://example.org/x"),
        (
            "",
            "endorsement:e a cfit:Endorsement ; prov:wasAssociatedWith organization:watch ; cfit:endorses pact:green .",
            "created",
            "New endorsement: Endorsement of Green Pact by Example Watch",
        ),
        ("", "endorsement:e a cfit:Endorsement .", "created", "New endorsement: endorsement:e"),
        ("", 'name:n a skosxl:Label ; skosxl:literalForm " A\\n  name"@en .', "created", "New name: A name"),
    ],
)
def test_a_sentence_for_each_change(before: str, after: str, sentence: str, summary: str) -> None:
    (activity,) = between(before, after)
    assert (activity.sentence, activity.summary) == (sentence, summary)


@pytest.mark.parametrize(
    ("old", "new", "summary"),
    [
        ('"Example Watch"@en', '"Example Guard"@en', "Example Watch is now called Example Guard"),
        ('"Voorbeeld"@nl', '"Ander"@nl', "Voorbeeld is now called Ander"),
        ('"Example Watch"@en , "Voorbeeld"@nl', '"Guard"@en , "Ander"@nl', "Example Watch is now called Guard"),
        ('"Voorbeeld"@nl', '"Voorbeeld"@nl , "Exemple"@fr', "Example Watch: name added"),
        ('"Example Watch"@en , ', "", "Voorbeeld: name removed"),
        ('"Example Watch"@en , "Voorbeeld"@nl', '"Example Watch"@nl , "Voorbeeld"@en', "Voorbeeld: name changed"),
        ('"Example Watch"@en', '"Example Watch"@fr , "Exact"@en', "Exact: name changed"),
        ('"Example Watch"@en', '"Guard"@en , "Guards"@en', "Guard: name changed"),
    ],
)
def test_another_name_in_the_same_language_is_a_renaming(old: str, new: str, summary: str) -> None:
    (activity,) = changes.between(graph(NAMED), graph(NAMED.replace(old, new)), BASE)
    assert activity.summary == summary


def test_a_name_in_two_files_is_one_name() -> None:
    before, after = (
        sorted([*graph(turtle, "data/one"), *graph(turtle, "data/two")])
        for turtle in ('organization:a skos:prefLabel "Old"@en .', 'organization:a skos:prefLabel "New"@en .')
    )
    assert [activity.summary for activity in changes.between(before, after, BASE)] == ["Old is now called New"]


def test_a_translation_renames_nobody() -> None:
    german = 'organization:a a org:Organization ; skos:prefLabel "Amt"@de .'
    english = german.replace('"Amt"@de', '"Amt"@de , "Office"@en')
    assert told(german, english) == ["Office: name added"]


def test_who_is_replaced_and_who_is_retired() -> None:
    replaced = "organization:watch dcterms:isReplacedBy pact:green ; owl:deprecated true ."
    assert told("", replaced) == ["Example Watch was replaced by Green Pact"]
    assert told("", "organization:watch owl:deprecated true .") == ["Example Watch was retired"]
    assert told("", 'organization:watch owl:deprecated "1"^^xsd:boolean .') == ["Example Watch was retired"]
    assert told("", "organization:watch owl:deprecated false .") == ["Example Watch: mark as deprecated added"]
    assert told("organization:watch owl:deprecated true .", "") == ["Example Watch: mark as deprecated removed"]


def test_what_is_retired_is_not_there_any_more_and_is_there_again() -> None:
    """CF-05: only what a Delete names need not be available."""
    retired = "organization:watch owl:deprecated true .\n"
    more = retired + 'organization:watch skos:altLabel "EW"@en .\n'
    types = [[activity.type for activity in between(*pair)] for pair in (("", retired), (retired, more), (more, ""))]
    assert types == [["Delete"], ["Delete"], ["Create"]]
    last = changes.between(graph(retired), [], BASE)
    assert [activity.type for activity in last] == ["Delete"]


@pytest.mark.parametrize("thing", ["cfit:startDateKind", "<https://example.org/x>"])
def test_a_deprecated_term_is_still_there(thing: str) -> None:
    said, deprecated = f'{thing} rdfs:comment "x"@en .\n', f"{thing} owl:deprecated true .\n"
    assert [activity.type for activity in between(said, said + deprecated)] == ["Update"]


def test_what_is_called_replaced_after_it_is_gone_is_told_by_the_name_that_it_had() -> None:
    was = graph('organization:gone a org:Organization ; skos:prefLabel "Gone"@en .')
    iri = "https://w3id.org/cfit/id/organization/gone"
    after = graph(NAMED + "organization:gone owl:deprecated true ; dcterms:isReplacedBy organization:watch .")
    (activity,) = changes.between(graph(NAMED), after, BASE, {iri: Record(was)})
    assert activity.summary == "Gone was replaced by Example Watch"
    assert (activity.type, activity.object_types) == ("Delete", ("http://www.w3.org/ns/org#Organization",))


@pytest.mark.parametrize("meanwhile", ["", "organization:watch owl:deprecated true ."])
def test_what_was_gone_and_is_back_is_not_new(meanwhile: str) -> None:
    watch = NAMED.splitlines()[1]
    others = NAMED.replace(watch, "")
    was = Record(graph(watch))
    iri = "https://w3id.org/cfit/id/organization/watch"
    (activity,) = changes.between(graph(others + meanwhile), graph(NAMED), BASE, {iri: was})
    assert (activity.type, activity.summary) == ("Create", "Example Watch is on record again")


def test_what_an_older_graph_says_again_is_no_news() -> None:
    other = NAMED.replace('"Example Watch"@en', '"Example Guard"@en') + SOURCE
    back = list(changes.between(graph(other), graph(NAMED + SUPPORT), BASE, restores=True))
    assert [activity.summary for activity in changes.in_order_of_news(back)] == [
        "Example Guard is now called Example Watch",
        f"{LABEL} is on record again",
        "Removed source: A page",
    ]
    former = graph(NAMED + SUPPORT.replace("active", "former"))
    (activity,) = changes.between(graph(NAMED + SUPPORT), former, BASE, restores=True)
    assert activity.sentence == "updated"


def test_a_group_is_joined_like_a_pact_and_has_one_article() -> None:
    group = 'buyer-group:b skos:prefLabel "The Buyers"@en . group-role:member skos:prefLabel "member"@en .'
    member = """membership:m a cfit:GroupMembership ; org:member organization:watch ;
        org:organization buyer-group:b ; org:role group-role:member ; cfit:status status:active ."""
    assert told(group, group + member) == ["Example Watch joined the Buyers as member"]


def test_a_name_of_one_word_has_no_article() -> None:
    group = NAMED.replace('"Green Pact"', '"Procure4Circular"')
    (activity,) = changes.between(graph(group), graph(group + SUPPORT), BASE)
    assert activity.summary == "Example Watch joined Procure4Circular as supporting organization"


def test_who_changes_roles_neither_joins_nor_leaves() -> None:
    role = 'role:leading a org:Role ; skos:prefLabel "leader"@en .'
    leading = SUPPORT.replace("affiliation:watch", "affiliation:lead").replace("role:supporting", "role:leading") + role
    former = SUPPORT.replace("active", "former")
    became, ended = (
        "Example Watch became leader of the Green Pact",
        "Example Watch is no longer supporting organization of the Green Pact",
    )
    assert told(SUPPORT + role, SUPPORT + leading) == [became]
    assert told(SUPPORT + role, former + leading) == [became, ended]
    assert told(SUPPORT + leading, former + leading) == [ended]
    elsewhere = leading.replace("pact:green", "pact:other") + 'pact:other skos:prefLabel "Other Pact" .'
    assert told(SUPPORT + role, former + elsewhere)[:2] == [
        "Example Watch joined the Other Pact as leader",
        "Example Watch left the Green Pact, where it was supporting organization",
    ]


def test_who_leaves_is_told_in_the_role_that_it_had() -> None:
    role = 'role:leading a org:Role ; skos:prefLabel "leader"@en .'
    after = SUPPORT.replace("active", "former").replace("role:supporting", "role:leading")
    assert told(SUPPORT + role, after + role) == [
        "Example Watch left the Green Pact, where it was supporting organization"
    ]


def test_who_continues_for_another_has_not_joined() -> None:
    later = SUPPORT.replace("affiliation:watch", "affiliation:later cfit:continues affiliation:watch ;")
    earlier = SUPPORT + f'affiliation:watch rdfs:label "{LABEL}"@en .'
    (activity,) = between(earlier, earlier + later)
    assert activity.sentence == "succeeded"
    assert activity.summary == f"Example Watch is supporting organization of the Green Pact now, continuing “{LABEL}”"


def test_statements_that_move_to_another_file_are_no_news() -> None:
    before, after = (sorted([*graph(NAMED), *graph(SUPPORT, name)]) for name in ("data/one", "data/two"))
    (activity,) = changes.between(before, after, BASE)
    assert activity.summary == f"{LABEL} stands in another file"
    assert len(activity.added) == len(activity.removed) == 6


def test_what_is_derived_is_told_apart() -> None:
    derived = "organization:watch cfit:supports pact:green ."
    (activity,) = changes.between(graph(NAMED), sorted([*graph(NAMED), *graph(derived, "derived")]), BASE)
    assert activity.summary == "What is derived for “Example Watch” changed: support added"


def test_great_news_comes_first() -> None:
    before = SUPPORT.replace(":watch", ":other") + 'organization:other skos:prefLabel "Example Other"@en .'
    assert told(before, SUPPORT + before.replace("active", "former") + SOURCE)[:2] == [
        "Example Watch joined the Green Pact as supporting organization",
        "Example Other left the Green Pact, where it was supporting organization",
    ]


def test_an_activity_has_the_thing_its_types_and_the_exact_lines() -> None:
    start = "affiliation:watch schema:endDate"
    (activity,) = between(f'{SUPPORT} {start} "2024"^^xsd:gYear .', f'{SUPPORT} {start} "2025"^^xsd:gYear .')
    affiliation = "https://w3id.org/cfit/id/affiliation/watch"
    line = f'<{affiliation}> <https://schema.org/endDate> "%s"^^<http://www.w3.org/2001/XMLSchema#gYear> '
    line += "<https://w3id.org/cfit/graph/data/records> ."
    assert activity.as_json() == {
        "number": 1,
        "type": "Update",
        "object": {"id": affiliation, "type": ("https://w3id.org/cfit/ns#Support",)},
        "sentence": "updated",
        "summary": f"{LABEL}: end date changed",
        "added": (line % "2025",),
        "removed": (line % "2024",),
    }


def test_a_removed_thing_keeps_its_types() -> None:
    (activity,) = between(SUPPORT, "")
    assert (activity.type, activity.object_types) == ("Delete", ("https://w3id.org/cfit/ns#Support",))
    assert len(activity.removed) == 6
    assert activity.added == ()


def test_equal_graphs_have_no_changes() -> None:
    assert told(SUPPORT + SOURCE, SOURCE + SUPPORT) == []


def test_numbers_count_on_in_the_order_of_things() -> None:
    activities = between("", SUPPORT + SOURCE)
    assert [activity.number for activity in activities] == [1, 2]
    assert [activity.object for activity in activities] == sorted(activity.object for activity in activities)


def test_one_iri_may_begin_like_another() -> None:
    before = graph("<http://e/a> <http://e/p> 1 . <http://e/a/b> <http://e/p> 1 . <http://e/a-b> <http://e/p> 1 .")
    after = graph("<http://e/a> <http://e/p> 2 . <http://e/a/b> <http://e/p> 1 . <http://e/a.b> <http://e/p> 1 .")
    found = {(activity.type, activity.object) for activity in changes.between(before, after, BASE)}
    assert found == {("Update", "http://e/a"), ("Delete", "http://e/a-b"), ("Create", "http://e/a.b")}


def test_pages_are_full_but_the_last_and_read_back(tmp_path: Path) -> None:
    things = "".join(f"<https://example.org/{number}> <https://example.org/p> {number} .\n" for number in range(250))
    activities = list(changes.between([], graph(things), BASE))
    pages = list(changes.pages(activities))
    assert [len(page) for page in pages] == [100, 100, 50]
    path = tmp_path / "0002.json"
    path.write_text(changes.as_json(pages[1]), "utf-8")
    assert changes.read(path) == activities[100:200]
    content: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    assert [told["number"] for told in content] == list(range(101, 201))


def test_nothing_has_no_pages() -> None:
    assert list(changes.pages([])) == []


def test_every_sentence_can_be_told() -> None:
    assert set(changes.HEADLINES) < CHANGES.keys()
    assert list(CHANGES)[: len(changes.HEADLINES)] == list(changes.HEADLINES)
    assert DIFFERENCES.keys() == {"added", "changed", "removed"}


GRAPHS = st.lists(QUADS, max_size=12).map(nquads.canonical)


@settings(max_examples=200, deadline=None)
@given(st.lists(GRAPHS, min_size=1, max_size=6), st.data())
def test_any_history_replays_to_each_of_its_graphs(graphs: list[list[str]], data: st.DataObject) -> None:
    """Graphs follow on each other, some of them restored from before; what is replayed is the graph, hash for hash."""
    history: list[list[str]] = []
    log: list[Activity] = []
    for new in graphs:
        older = data.draw(st.sampled_from([new, *history]))
        log += changes.between(history[-1] if history else [], older, BASE)
        history.append(older)
        replayed = replay(set(), ((set(activity.removed), set(activity.added)) for activity in log))
        assert replayed == older
        assert nquads.digest(replayed) == nquads.digest(nquads.canonical(nquads.parse(older)))


@settings(max_examples=200, deadline=None)
@given(GRAPHS, GRAPHS)
def test_the_changes_back_are_the_changes_turned_round(one: list[str], other: list[str]) -> None:
    there, back = list(changes.between(one, other, BASE)), list(changes.between(other, one, BASE))
    turned = {"Create": "Delete", "Update": "Update", "Delete": "Create"}
    assert [(turned[activity.type], activity.object, activity.added, activity.removed) for activity in there] == [
        (activity.type, activity.object, activity.removed, activity.added) for activity in back
    ]
