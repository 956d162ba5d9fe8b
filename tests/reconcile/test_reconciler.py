"""The service over the real graph: every name finds its thing, and a match is one that nothing comes near."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cfit_graph import search
from cfit_graph.collection import FILTERS
from cfit_graph.collection.asking import Asked
from cfit_graph.namespaces import ID, shorten
from cfit_graph.reconcile import BATCH, TYPES, asking
from cfit_graph.reconcile.things import Things

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cfit_graph.collection.reader import Reader
    from cfit_graph.reconcile.reconciler import Reconciler
    from cfit_graph.store.embedded import EmbeddedStore

WATCH = "organization/electronics-watch"


def _ask(reconciler: Reconciler, queries: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the candidates of queries, which may be more than fit in one batch."""
    found: dict[str, Any] = {}
    for start in range(0, len(queries), BATCH):
        some = dict(list(queries.items())[start : start + BATCH])
        found |= reconciler.candidates(asking.queries(json.dumps(some), reconciler.properties))
    return {key: answer["result"] for key, answer in found.items()}


def _one(reconciler: Reconciler, name: str = "", **more: Any) -> list[dict[str, Any]]:
    return _ask(reconciler, {"q": {"query": name} | more if name else more})["q"]


def _ids(found: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in found]


def _matched(found: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in found if each["match"]]


def _things(reader: Reader) -> Iterator[tuple[str, str]]:
    """Yield everything that can be found, with its type."""
    for kind, of in TYPES.items():
        yield from ((iri, kind) for iri in reader.iris(Asked(of)))


def test_every_name_of_every_language_finds_its_thing(
    reconciler: Reconciler, reader: Reader, store: EmbeddedStore
) -> None:
    types = dict(_things(reader))
    names = [(iri, name) for iri, name, _ in search.read(store).names if iri in types]
    assert len(names) > 300
    assert {iri for iri, _ in names} == types.keys()
    asked = {f"{iri} {name}": {"query": name, "type": types[iri], "limit": 10} for iri, name in names}
    found = _ask(reconciler, asked)
    for iri, name in names:
        best = {each["id"]: each["score"] for each in found[f"{iri} {name}"]}
        assert best[iri.removeprefix(ID)] == 100, name


def test_every_identifier_finds_its_thing(reconciler: Reconciler, reader: Reader) -> None:
    for iri, kind in _things(reader):
        slug = iri.rpartition("/")[2]
        spellings = (iri, iri.removeprefix(ID), shorten(iri), slug, slug.upper())
        found = _ask(reconciler, {each: {"query": each, "type": kind} for each in spellings})
        for text in spellings:
            assert iri.removeprefix(ID) in [each["id"] for each in found[text] if each["score"] == 100], text


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("https://ror.org/04marky29", "organization/at-bmk"),
        ("04marky29", "organization/at-bmk"),
        ("http://www.wikidata.org/entity/Q871765", "organization/at-bmk"),
        ("https://www.wikidata.org/wiki/Q871765", "organization/at-bmk"),
        ("q871765", "organization/at-bmk"),
        ("62721445", WATCH),
    ],
)
def test_an_outside_identifier_is_a_match(reconciler: Reconciler, text: str, thing: str) -> None:
    assert _matched(_one(reconciler, text)) == [thing]


def test_every_outside_identifier_finds_its_thing(reconciler: Reconciler, reader: Reader, store: EmbeddedStore) -> None:
    index, types = search.read(store), dict(_things(reader))
    identified = [(match.thing, match.name) for each in index._identified.values() for match in each]
    assert len(identified) > 50
    asked = {f"{iri} {text}": {"query": text} for iri, text in identified if iri in types}
    for key, found in _ask(reconciler, asked).items():
        iri, text = key.split(" ", 1)
        assert {each["id"]: each["score"] for each in found}[iri.removeprefix(ID)] == 100, text


def test_a_candidate_tells_by_which_name_it_was_found(reconciler: Reconciler) -> None:
    (found, *_) = _one(reconciler, "Umweltbundesamt")
    assert found["id"] == "organization/de-uba"
    assert found["name"] == "German Environment Agency"
    assert found["description"] == "found by “Umweltbundesamt” · government agency, Germany"
    assert "found by" not in _one(reconciler, "ELECTRONICS watch")[0]["description"]


@pytest.mark.parametrize("name", ["Elektronics Watch", "Watch Electronics", "Electronics Wach"])
def test_a_slip_of_the_pen_finds_the_thing_without_a_match(reconciler: Reconciler, name: str) -> None:
    found = _one(reconciler, name, type="organization")
    assert _ids(found)[0] == WATCH
    assert found[0]["score"] <= 90
    assert _matched(found) == []


@pytest.mark.parametrize(
    ("name", "thing", "certain"),
    [
        ("Umweltbundesamt GmbH", "organization/de-uba", False),  # is Austria's
        ("GEC plc", "organization/global-electronics-council", False),
        ("RWS AG", "organization/nl-rws", False),
        ("United Kingdom", "organization/gb-defra", False),  # is listed so in the pact
        ("Norway", "organization/no-dfo", False),
        ("Région wallonne", "organization/be-wal", True),  # calls itself so
        ("Flemish Region", "organization/be-vlg", True),
        ("Flanders Region", "organization/be-vlg", True),
        ("be-wal", "organization/be-wal", True),
        ("Electronics Watch Ltd", WATCH, True),
        ("TCO Development AB", "organization/tco-development", True),
        ("UNOPS", "organization/un-unops", True),
    ],
)
def test_what_is_another_name_as_well_is_no_match(reconciler: Reconciler, name: str, thing: str, certain: bool) -> None:
    """It is the first to choose from."""
    found = _one(reconciler, name, type="organization")
    assert _ids(found)[0] == thing
    assert _matched(found) == [thing] * certain


def test_candidates_come_with_falling_scores_and_no_more_than_asked_for(reconciler: Reconciler) -> None:
    found = _one(reconciler, "Ministry of the Environment", limit=20)
    scores = [each["score"] for each in found]
    assert len(scores) > 5
    assert scores == sorted(scores, reverse=True)
    assert _one(reconciler, "Ministry of the Environment", limit=3) == found[:3]
    assert len(_one(reconciler, "Ministry of the Environment")) == 5


NAMESAKES = """
organization:a a org:Organization ; skos:prefLabel "Green Web"@en ; dcterms:spatial place:nl .
organization:b a org:Organization ; skos:prefLabel "Green Web"@en ; dcterms:spatial place:be .
organization:c a org:Organization ; skos:prefLabel "Fair Web B.V."@nl .
organization:d a org:Organization ; skos:prefLabel "Fair Web GmbH"@de .
organization:e a org:Organization ; skos:prefLabel "Open Web Ltd"@en .
organization:f a org:Organization ; skos:prefLabel "Old"@en ; dcterms:isReplacedBy organization:e .
pact:p a cfit:Pact ; skos:prefLabel "Open Web"@en .
"""


@pytest.mark.parametrize("limit", [1, 5])
def test_a_match_is_one_that_nothing_comes_near(write_graph: Callable[..., Reconciler], limit: int) -> None:
    reconciler = write_graph(NAMESAKES)

    def matched(name: str, **more: Any) -> list[str]:
        return _matched(_one(reconciler, name, limit=limit, **more))

    assert matched("Green Web") == [], "two are called so"
    assert matched("Green Web", properties=[{"pid": "country", "v": "BE"}]) == ["organization/b"]
    assert matched("Green Web", properties=[{"pid": "country", "v": "NO"}]) == []
    both = [{"pid": "country", "v": "BE"}, {"pid": "country", "v": "NL"}]
    assert matched("Green Web", properties=both) == matched("Green Web", properties=both[::-1]) == []
    assert matched("Fair Web") == [], "two are called so but for their legal form"
    assert matched("Fair Web GmbH") == ["organization/d"]
    assert matched("Fair Web Inc.") == []
    assert matched("Open Web") == ["pact/p"]
    assert matched("Open Web", type="organization") == ["organization/e"]
    assert matched("organization/a") == ["organization/a"]


def test_what_was_replaced_says_so(write_graph: Callable[..., Reconciler]) -> None:
    (found,) = _one(write_graph(NAMESAKES), "Old", type="organization")
    assert found["description"] == "replaced by organization/e"


def test_things_of_another_base_have_ids_behind_it(write_graph: Callable[..., Reconciler]) -> None:
    base = "https://example.org/pact/"
    own = "<https://example.org/pact/id/organization/x>"
    reconciler = write_graph(f"{own} a org:Organization ; skos:prefLabel 'Own'@en ; dcterms:spatial place:nl .", base)
    wanted = [{"pid": "country", "v": "Netherlands"}]
    assert _matched(_one(reconciler, "Own", properties=wanted)) == ["organization/x"]
    assert _matched(_one(reconciler, "x", type="organization")) == ["organization/x"]
    (row,) = reconciler.extension(asking.Extension(("organization/x",), ("country",)))["rows"].values()
    assert row["country"] == [{"id": f"{ID}place/nl", "name": "Netherlands"}]
    assert _matched(_one(reconciler, "NGO")) == [f"{ID}stakeholder-type/ngo"]


def test_a_property_decides_between_namesakes(reconciler: Reconciler) -> None:
    name, belgium = "Flanders", {"pid": "country", "v": "Belgium"}
    found = _one(reconciler, name, properties=[belgium])
    assert _matched(found) == ["organization/be-vlg"]
    assert {"id": "country", "value": True} in found[0]["features"]
    other = _one(reconciler, name, properties=[{"pid": "country", "v": "Netherlands"}])
    assert (other[0]["id"], other[0]["score"], other[0]["match"]) == ("organization/be-vlg", 80, False)
    assert {"id": "country", "value": False} in other[0]["features"]


@pytest.mark.parametrize(
    "value",
    [
        *("Belgium", "België", "belgien", "BE", "be", "place/be", "place:be", f"{ID}place/be", "Vlaams Gewest"),
        *(["Germany", "Belgium"], {"id": "place/be", "name": "Belgium"}, {"id": "Q31", "name": "Belgium"}),
    ],
)
def test_a_value_has_many_spellings_and_stands_for_its_parts(reconciler: Reconciler, value: Any) -> None:
    assert _matched(_one(reconciler, "Flanders", properties=[{"pid": "country", "v": value}])) == [
        "organization/be-vlg"
    ]


@pytest.mark.parametrize(
    ("pid", "value"),
    [
        *(("type", "NGO"), ("role", "supporting"), ("role", "supporting organization"), ("pact", "CFIT")),
        *(("pact", "pact/cfit"), ("status", "active"), ("orgIdentifier", 62721445), ("altLabel", "ew")),
        ("homepage", "https://electronicswatch.org"),
    ],
)
def test_a_thing_is_known_by_its_properties(reconciler: Reconciler, pid: str, value: Any) -> None:
    assert _matched(_one(reconciler, "Electronics Watch", properties=[{"pid": pid, "v": value}])) == [WATCH]


@pytest.mark.parametrize(
    ("pid", "value"),
    [("type", "market party"), ("role", "participant"), ("pact", "x"), ("orgIdentifier", 1), ("theme", "circularity")],
)
def test_a_property_that_is_missed_costs_the_match(reconciler: Reconciler, pid: str, value: Any) -> None:
    found = _one(reconciler, "Electronics Watch", properties=[{"pid": pid, "v": value}])
    assert (found[0]["id"], found[0]["score"]) == (WATCH, 80)
    assert _matched(found) == []


def test_things_are_found_by_properties_only(reconciler: Reconciler) -> None:
    wanted = [{"pid": "country", "v": "Belgium"}, {"pid": "role", "v": "participant"}]
    found = _one(reconciler, properties=wanted, type="organization", limit=50)
    assert {"organization/be-vlg", "organization/be-engis"} <= set(_ids(found))
    assert _matched(found) == [], "what many have is nobody's name"
    assert _matched(_one(reconciler, properties=[{"pid": "sameAs", "v": "https://ror.org/04marky29"}])) == [
        "organization/at-bmk"
    ]
    assert _one(reconciler, properties=[{"pid": "country", "v": "Atlantis"}]) == []
    assert _one(reconciler, properties=[{"pid": "homepage", "v": ""}]) == []


def test_one_with_a_property_is_no_match_for_that(reconciler: Reconciler) -> None:
    for place in ("at", "ca", "si", "au"):
        found = _one(reconciler, properties=[{"pid": "country", "v": place}], type="organization")
        assert found
        assert _matched(found) == []


@pytest.mark.parametrize("name", ["—", " ", "!?", "\N{COMBINING ACUTE ACCENT}" * 500, "\0"])
def test_a_name_without_letters_finds_nothing(reconciler: Reconciler, name: str) -> None:
    assert _one(reconciler, name) == []


def test_queries_of_a_batch_do_not_know_of_each_other(reconciler: Reconciler) -> None:
    alone = {
        "a": {"query": "Flanders", "properties": [{"pid": "country", "v": "BE"}]},
        "b": {"query": "Flanders"},
        "c": {"query": "electronics", "limit": 2, "type": ["organization", "source"]},
        "d": {"properties": [{"pid": "role", "v": "supporting"}]},
    }
    together = _ask(reconciler, alone)
    assert list(together) == list(alone)
    for key, query in alone.items():
        assert _ask(reconciler, {key: query})[key] == together[key]


def test_ties_are_what_the_filters_of_collections_ask_for(reconciler: Reconciler, reader: Reader) -> None:
    for of in TYPES.values():
        iris = reader.iris(Asked(of))
        known = Things(reconciler._store, reader, reconciler._kept(), {}, "https://w3id.org/cfit/")
        known.read(iris)
        known.read_ties(iris)
        for name in (name for name in of.filters if name in FILTERS):
            narrower = reader.values(FILTERS[name]).narrower
            prop = reconciler.properties[name]
            for value, all_of_it in narrower.items():
                passing = set(reader.iris(Asked(of, values=((name, all_of_it),))))
                having = {iri for iri in iris if not set(all_of_it).isdisjoint(map(str, known.values(iri, prop)))}
                assert having == passing, (of.name, name, value)


def test_all_that_can_be_asked_for_can_be_fetched(reconciler: Reconciler, reader: Reader) -> None:
    pids = list(reconciler.properties)
    fetched = set()
    for iri, _ in _things(reader):
        asked = asking.Extension((iri.removeprefix(ID),), tuple(pids))
        (row,) = reconciler.extension(asked)["rows"].values()
        assert list(row) == pids
        fetched |= {pid for pid, cells in row.items() if cells}
    assert set(pids) - fetched <= {"accessedOn", "isReplacedBy"}, "of these the data say nothing"


def test_what_is_fetched_finds_the_thing_again(reconciler: Reconciler) -> None:
    pids = [pid for pid, prop in reconciler.properties.items() if "organization" in prop.kinds]
    (row,) = reconciler.extension(asking.Extension((WATCH,), tuple(pids)))["rows"].values()
    for pid, cells in row.items():
        for cell in cells:
            value = cell if "id" in cell else cell["str"]
            found = _one(reconciler, "Electronics Watch", properties=[{"pid": pid, "v": value}])
            assert _matched(found) == [WATCH], (pid, value)


def test_values_are_things_with_their_names_or_text(reconciler: Reconciler) -> None:
    asked = asking.Extension((WATCH, "nowhere/x"), ("country", "role", "orgIdentifier", "prefLabel"))
    assert reconciler.extension(asked) == {
        "meta": [
            {"id": "country", "name": "place"},
            {"id": "role", "name": "role"},
            {"id": "orgIdentifier", "name": "identifier"},
            {"id": "prefLabel", "name": "name"},
        ],
        "rows": {
            WATCH: {
                "country": [{"id": "place/nl", "name": "Netherlands"}],
                "role": [{"id": "role/supporting", "name": "supporting organization"}],
                "orgIdentifier": [{"str": "62721445"}],
                "prefLabel": [{"str": "Electronics Watch"}],
            },
            "nowhere/x": {"country": [], "role": [], "orgIdentifier": [], "prefLabel": []},
        },
    }


def test_suggestions_begin_so_and_can_be_skipped(reconciler: Reconciler) -> None:
    every = list(TYPES.values())
    first = reconciler.suggested_things("electr", 0, every)["result"]
    assert first[0]["id"] == WATCH
    assert reconciler.suggested_things("electr", 3, every)["result"][:7] == first[3:]
    assert reconciler.suggested_things(WATCH, 0, every)["result"][0]["id"] == WATCH
    assert [it["id"] for it in reconciler.suggested_things("electr", 0, [TYPES["pact"]])["result"]] == []
    assert [it["id"] for it in reconciler.suggested_types("BUY", 0)["result"]] == ["buyer-group"]
    assert [it["id"] for it in reconciler.suggested_types("group", 0)["result"]] == ["buyer-group"]
    assert len(reconciler.suggested_types("", 2)["result"]) == len(TYPES) - 2
    assert [it["id"] for it in reconciler.suggested_properties("country", 0)["result"]] == ["country"]
    assert "country" in [it["id"] for it in reconciler.suggested_properties("place", 0)["result"]]


def test_properties_of_a_type_are_proposed(reconciler: Reconciler) -> None:
    proposed = reconciler.proposed_properties(TYPES["organization"], None)
    pids = [it["id"] for it in proposed["properties"]]
    assert pids[:3] == ["type", "country", "role"]
    assert {"homepage", "sameAs", "orgIdentifier", "participantIn"} <= set(pids)
    assert "broader" not in pids
    assert reconciler.proposed_properties(TYPES["organization"], 2)["properties"] == proposed["properties"][:2]
    assert [it["id"] for it in reconciler.proposed_properties(None, None)["properties"]] == list(reconciler.properties)
