"""The values of filters: those of the scheme and those in use, with all that is narrower."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cfit_graph.collection import COLLECTIONS, FILTERS, values
from cfit_graph.namespaces import ID
from tests.collection import reader_of, reader_over

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.store.embedded import EmbeddedStore

PLACES = """
x:o a org:Organization ; dcterms:spatial x:village .
x:village skos:broader x:land . x:land skos:broader x:world . x:hamlet skos:broader x:village .
x:a skos:broader x:b ; skos:inScheme <https://w3id.org/cfit/id/scheme/place> .
x:b skos:broader x:a ; skos:inScheme <https://w3id.org/cfit/id/scheme/place> ; skos:prefLabel "Bee"@en , "Biene"@de .
x:p dcterms:spatial "no place" .
x:m a cfit:GroupMembership ; org:role x:seat-holder .
x:s a cfit:Support ; org:role x:friend .
"""


@pytest.mark.parametrize("name", [name for name, each in FILTERS.items() if not each.collection])
def test_every_concept_of_the_scheme_is_a_value(store: EmbeddedStore, name: str) -> None:
    takes = reader_of(store).values(FILTERS[name])
    assert len(takes.narrower) >= 4
    for iri in takes.narrower:
        assert takes.meant_by(iri) == takes.meant_by(iri.rpartition("/")[2])


def test_narrower_values_are_included(store: EmbeddedStore) -> None:
    reader = reader_of(store)
    belgium = reader.values(FILTERS["country"]).meant_by("be")
    assert {f"{ID}place/{slug}" for slug in ("be", "be-vlg", "be-wal", "be-wlg")} == set(belgium)
    assert f"{ID}role/co-leading" in reader.values(FILTERS["role"]).meant_by("participant")
    assert reader.values(FILTERS["role"]).meant_by("co-leading") == (f"{ID}role/co-leading",)


def test_what_is_in_use_is_a_value_without_any_scheme(tmp_path: Path) -> None:
    takes = reader_over(tmp_path, PLACES).values(FILTERS["country"])
    assert takes.meant_by("http://example.org/village") == ("http://example.org/village",)
    assert "http://example.org/hamlet" not in takes.narrower
    assert set(takes.meant_by("http://example.org/land")) == {f"http://example.org/{n}" for n in ("land", "village")}
    assert "no place" not in takes.narrower


def test_a_circle_of_broader_ones_ends(tmp_path: Path) -> None:
    takes = reader_over(tmp_path, PLACES).values(FILTERS["country"])
    assert set(takes.meant_by("http://example.org/a")) == {"http://example.org/a", "http://example.org/b"}


def test_roles_in_groups_are_no_roles_in_pacts(tmp_path: Path, store: EmbeddedStore) -> None:
    assert set(reader_over(tmp_path, PLACES).values(FILTERS["role"]).narrower) == {"http://example.org/friend"}
    assert not any("group-role" in iri for iri in reader_of(store).values(FILTERS["role"]).narrower)


def test_items_of_a_collection_are_values(store: EmbeddedStore) -> None:
    takes = reader_of(store).values(FILTERS["pact"])
    assert takes.meant_by("cfit") == (f"{ID}pact/cfit",)
    with pytest.raises(ValueError, match=r"There is no pact 'ctif'\. Nearest: cfit, "):
        takes.meant_by("ctif")


def test_a_slug_is_that_of_the_base_or_else_that_of_cfit(tmp_path: Path) -> None:
    theirs = "https://example.org/pact/id/"
    pacts = "".join(f"<{iri}> a cfit:Pact .\n" for iri in (f"{theirs}pact/a", f"{ID}pact/a", f"{ID}pact/b"))
    reader = reader_over(tmp_path, pacts, base="https://example.org/pact/")
    takes = reader.values(FILTERS["pact"])
    assert [takes.meant_by(text)[0] for text in ("a", "pact:a", "b", f"{theirs}pact/a")] == [
        *(f"{theirs}pact/a", f"{ID}pact/a"),
        *(f"{ID}pact/b", f"{theirs}pact/a"),
    ]
    assert [takes.meant_by(shown) for shown in takes.shown()] == [(iri,) for iri in sorted(takes.narrower)]
    assert [reader.find(COLLECTIONS["pacts"], slug) for slug in "ab"] == [f"{theirs}pact/a", f"{ID}pact/b"]


@pytest.mark.parametrize(
    ("name", "text", "first"),
    [
        ("country", "Belgium", "be (Belgium)"),
        ("country", "germany", "de (Germany)"),
        ("role", "supporter", "supporting (supporting organization)"),
        ("type", "ngos", "ngo (NGO)"),
        ("status", "status:aktive", "active (active)"),
    ],
)
def test_the_nearest_value_is_named_first(store: EmbeddedStore, name: str, text: str, first: str) -> None:
    with pytest.raises(ValueError, match="Nearest") as caught:
        reader_of(store).values(FILTERS[name]).meant_by(text)
    assert f"Nearest: {first}" in str(caught.value)


def test_where_there_is_nothing_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Nearest: none"):
        reader_over(tmp_path, "").values(FILTERS["theme"]).meant_by("x")


def test_what_was_sent_is_repeated_in_part_only(store: EmbeddedStore) -> None:
    with pytest.raises(ValueError, match="There is no") as caught:
        reader_of(store).values(FILTERS["type"]).meant_by("\n" + "x" * 10_000)
    assert len(str(caught.value)) < 1_000
    assert "\n" not in str(caught.value)


def test_a_dozen_names_at_most() -> None:
    names = [f"name-{number}" for number in range(1_000)]
    assert values.nearest("name-77", names)[0] == "name-77"
    assert len(values.nearest("name", names)) == 12
    assert values.nearest("x", []) == []
