"""The kinds of mistake, each as people make it: what it does to a record, what is to be found, and the right value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from cfit_graph.namespaces import ID, PREFIXES
from cfit_graph.tables.facts import Fact

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator

Term = ox.NamedNode | ox.Literal

TEXT: Final = ("ttl", "trig", "nt", "jsonld")
"""Formats of RDF."""

TABLES: Final = ("csv", "xlsx")
"""Formats of spreadsheets."""


@dataclass(frozen=True)
class Seed:
    """A record with a mistake in it.

    The mistake is one statement (``wrong``; ``text`` is what a cell has for it), or that one is missing (``missing`` is
    its property). ``right`` is what belongs there: the values of the property in the record as it was.
    """

    facts: tuple[Fact, ...]
    right: tuple[ox.NamedNode | ox.BlankNode | ox.Literal, ...]
    wrong: Fact | None = None
    text: str = ""
    missing: str = ""
    identifier: str = ""
    """What the cell of the identifier has, where that is the mistake."""


Record = tuple[Fact, ...]

if TYPE_CHECKING:
    Mutate = Callable[[Record, random.Random], Seed | None]
    Change = Callable[[str, random.Random], Term | None]
    Make = Callable[[Record, random.Random], Term | None]


@dataclass(frozen=True)
class Kind:
    """A kind of mistake in records of a table: its name, the rule that finds it, and how it is made."""

    name: str
    table: str
    rule: str
    mutate: Mutate
    formats: tuple[str, ...]


def iri(name: str) -> str:
    """Return the IRI of a prefixed name."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def _node(name: str) -> ox.NamedNode:
    return ox.NamedNode(iri(name))


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=_node(datatype))


def _values(record: Record, name: str) -> tuple[ox.NamedNode | ox.BlankNode | ox.Literal, ...]:
    return tuple(fact.value for fact in record if fact.predicate.value == iri(name))


def replaced(name: str, change: Change, cell: Callable[[str], str] = str) -> Mutate:
    """Change one value of a property; ``cell`` makes what a spreadsheet has from the new one."""

    def mutate(record: Record, chance: random.Random) -> Seed | None:
        found = [fact for fact in record if fact.predicate.value == iri(name)]
        if not found:
            return None
        old = chance.choice(found)
        value = change(old.value.value, chance)
        if value is None:
            return None
        wrong = old._replace(value=value)
        facts = tuple(wrong if fact == old else fact for fact in record)
        return Seed(facts, _values(record, name), wrong, cell(value.value))

    return mutate


def added(name: str, value: Make, cell: Callable[[str], str] = str) -> Mutate:
    """Add a value for a property, in the place of none or beside others."""

    def mutate(record: Record, chance: random.Random) -> Seed | None:
        new = value(record, chance)
        if new is None:
            return None
        wrong = Fact(record[0].subject, _node(name), new)
        return Seed((*record, wrong), _values(record, name), wrong, cell(new.value))

    return mutate


def removed(*names: str) -> Mutate:
    """Take all values of properties out; the first is the one that is missed."""

    def mutate(record: Record, _: random.Random) -> Seed | None:
        gone = {iri(name) for name in names}
        if not any(_values(record, name) for name in names):
            return None
        left = tuple(fact for fact in record if fact.predicate.value not in gone)
        return Seed(left, _values(record, names[0]), missing=iri(names[0]))

    return mutate


def with_cell(name: str, text: str) -> Mutate:
    """Put something into the cell of a property that is no value."""

    def mutate(record: Record, _: random.Random) -> Seed | None:
        found = _values(record, name)
        if not found:
            return None
        left = tuple(fact for fact in record if fact.predicate.value != iri(name))
        return Seed(left, found, Fact(record[0].subject, _node(name), ox.Literal(text)), text)

    return mutate


def with_identifier(text: str) -> Mutate:
    """Give the row another identifier; two rows do not get the same one."""

    def mutate(record: Record, chance: random.Random) -> Seed | None:
        number = f" {chance.randrange(10**6)}" if text.strip() else ""
        return Seed(record, (record[0].subject,), identifier=text + number)

    return mutate


def _misspelt(value: str, chance: random.Random) -> ox.NamedNode | None:
    """Return an address of ours with a letter of the slug left out."""
    head, _, slug = value.rpartition("/")
    place = chance.randrange(1, len(slug)) if len(slug) > 3 else 0
    return ox.NamedNode(f"{head}/{slug[:place]}{slug[place + 1 :]}x") if place else None


def _slug(value: str) -> str:
    return value.rpartition("/")[2]


def _called(value: str) -> str:
    """Return a thing of ours as a cell of a column for several kinds calls it."""
    return value.removeprefix(ID).replace("/", ":", 1)


def _fixed(term: Term) -> Change:
    return lambda _, __: term


def _given(term: Term) -> Make:
    return lambda _, __: term


def _wrong_digits(value: str, _: random.Random) -> ox.NamedNode | None:
    """Return a ROR address with its check digits the wrong way round."""
    if not value.startswith("https://ror.org/") or value[-1] == value[-2]:
        return None
    return ox.NamedNode(value[:-2] + value[-1] + value[-2])


def _page_of_entity(value: str, _: random.Random) -> ox.NamedNode | None:
    if "wikidata.org/entity/" not in value:
        return None
    return ox.NamedNode(value.replace("http://www.wikidata.org/entity/", "https://www.wikidata.org/wiki/"))


def _without_scheme(value: str, _: random.Random) -> ox.Literal:
    return ox.Literal(value.partition("//")[2])


def _european(value: str, _: random.Random) -> ox.Literal | None:
    """Return a day as it is written by hand in much of Europe."""
    return ox.Literal("/".join(reversed(value.split("-")))) if len(value) == 10 else None


def _no_such_day(value: str, _: random.Random) -> ox.Literal | None:
    return _typed(f"{value[:4]}-02-30", "xsd:date") if len(value) == 10 else None


def _day_of_month(value: str, _: random.Random) -> ox.Literal | None:
    """Return a month with the datatype of a day."""
    return _typed(value[:7], "xsd:date") if len(value) == 10 else None


def _before_start(record: Record, _: random.Random) -> ox.Literal | None:
    starts = [value.value for value in _values(record, "schema:startDate")]
    ended = _values(record, "schema:endDate")
    return None if not starts or ended else _typed(str(int(starts[0][:4]) - 1), "xsd:gYear")


def _end_of_active(record: Record, _: random.Random) -> ox.Literal | None:
    active = _node("status:active") in _values(record, "cfit:status")
    return _typed("2030", "xsd:gYear") if active and not _values(record, "schema:endDate") else None


def _second(name: str, term: Term) -> Make:
    return lambda record, _: term if _values(record, name) and term not in _values(record, name) else None


def _same_name(record: Record, _: random.Random) -> ox.Literal | None:
    english = [value for value in _values(record, "skos:prefLabel") if getattr(value, "language", "") == "en"]
    return ox.Literal(f"The {english[0].value}", language="en") if english else None


def _mail(value: str, _: random.Random) -> ox.Literal:
    return ox.Literal(f"{value} Write to info@example.org.", language="en")


def _seven_digits(_: Record, chance: random.Random) -> ox.Literal:
    """Return a number without the zero that it began with."""
    return _typed(str(chance.randrange(10**6, 10**7)), "cfit:KvkNumber")


def _unwrapped(value: str, _: random.Random) -> ox.Literal:
    return ox.Literal(value)


_NOBODY, _INTENDED = _node("organization:no-such-body"), _node("status:intended")
_WORD = ox.Literal("signature")
_EARLY, _LATE = _typed("2020-06-14", "xsd:date"), _typed("2021-06-15", "xsd:date")


def _kinds(table: str, *found: tuple[str, str, Mutate], formats: tuple[str, ...] = (*TEXT, *TABLES)) -> Iterator[Kind]:
    for name, rule, mutate in found:
        yield Kind(name, table, rule, mutate, formats)


KINDS: Final[tuple[Kind, ...]] = (
    *_kinds(
        "organizations",
        ("misspelt concept", "Organization-stakeholderType", replaced("cfit:stakeholderType", _misspelt, _slug)),
        ("unknown place", "Organization-spatial", replaced("dcterms:spatial", _fixed(_node("place:atlantis")), _slug)),
        ("missing type", "Organization-stakeholderType", removed("cfit:stakeholderType")),
        ("missing evidence", "Evidence-source", removed("dcterms:source")),
        ("missing names", "Name-prefLabel", removed("skos:prefLabel")),
        ("check digits", "Organization-ror", replaced("owl:sameAs", _wrong_digits)),
        ("page instead of entity", "Organization-sameAs", replaced("owl:sameAs", _page_of_entity)),
        ("address without scheme", "WebAddress-form", replaced("foaf:homepage", _without_scheme)),
        ("dangling source", "Evidence-source", replaced("dcterms:source", _misspelt, _slug)),
        ("dangling part", "Organization-subOrganizationOf", added("org:subOrganizationOf", _given(_NOBODY), _slug)),
        ("mail address", "Privacy-text", replaced("skos:editorialNote", _mail)),
        ("misspelt confidence", "Organization-confidence", replaced("cfit:confidence", _misspelt, _slug)),
        ("seven digits", "Organization-identifier", added("org:identifier", _seven_digits)),
    ),
    *_kinds(
        "affiliations",
        ("misspelt role", "Affiliation-role", replaced("org:role", _misspelt, _slug)),
        ("misspelt status", "Affiliation-status", replaced("cfit:status", _misspelt, _slug)),
        ("date by hand", "Affiliation-startDate", replaced("schema:startDate", _european)),
        ("day that does not exist", "Affiliation-startDate", replaced("schema:startDate", _no_such_day)),
        ("end before start", "Period-order", added("schema:endDate", _before_start)),
        ("end of what is active", "Ended", added("schema:endDate", _end_of_active)),
        ("missing organization", "Affiliation-member", removed("org:member")),
        ("missing role", "Affiliation-role", removed("org:role")),
        ("missing status", "Affiliation-status", removed("cfit:status")),
        ("missing kind of date", "Affiliation-startDateKind", removed("cfit:startDateKind")),
        ("dangling organization", "Affiliation-member", replaced("org:member", _misspelt, _slug)),
        ("unknown kind of date", "Affiliation-startDateKind", replaced("cfit:startDateKind", _fixed(_WORD))),
    ),
    *_kinds(
        "endorsements",
        ("missing pact", "Endorsement-pact", removed("cfit:endorses")),
        ("missing document", "Endorsement-instrument", removed("cfit:producesInstrument")),
        ("dangling document", "Endorsement-instrument", replaced("cfit:producesInstrument", _misspelt, _called)),
        ("signed before the pact", "CfitSignature-launch", replaced("cfit:signedOn", _fixed(_EARLY))),
    ),
    *_kinds(
        "sources",
        ("missing title", "Source-label", removed("rdfs:label")),
        ("undated source", "Source-dated", removed("dcterms:issued", "cfit:accessedOn", "cfit:accessedBefore")),
        ("no address", "Source-location", removed("schema:url", "dcterms:identifier", "skos:editorialNote")),
        ("address in words", "WebAddress-form", replaced("schema:url", _without_scheme)),
        ("date of reading by hand", "Source-accessedBefore", replaced("cfit:accessedBefore", _european)),
    ),
    *_kinds(
        "organizations",
        ("name without language", "Name-prefLabel", replaced("skos:prefLabel", _unwrapped)),
        ("second name in a language", "Name-prefLabel", added("skos:prefLabel", _same_name)),
        ("undefined property", "Term-defined", added("cfit:confidense", _given(_node("confidence:high")))),
        formats=TEXT,
    ),
    *_kinds(
        "affiliations",
        ("month as a day", "Affiliation-startDate", replaced("schema:startDate", _day_of_month)),
        ("two statuses", "Affiliation-status", added("cfit:status", _second("cfit:status", _INTENDED))),
        formats=TEXT,
    ),
    *_kinds(
        "endorsements",
        ("two days of signature", "Endorsement-signedOn", added("cfit:signedOn", _second("cfit:signedOn", _LATE))),
        formats=TEXT,
    ),
    *_kinds("organizations", ("formula", "Row-unreadable", with_cell("dcterms:spatial", "=A1")), formats=TABLES),
    *_kinds(
        "affiliations",
        ("name of nobody", "Affiliation-member", with_cell("org:member", "The Ministry of Ships")),
        ("name of no role", "Affiliation-role", with_cell("org:role", "head of everything")),
        formats=TABLES,
    ),
    *_kinds(
        "sources",
        ("formula for a date", "Row-unreadable", with_cell("cfit:accessedBefore", "=TODAY()")),
        ("identifier with capitals", "Row-unnamed", with_identifier("My Source")),
        ("no identifier", "Row-unnamed", with_identifier(" ")),
        formats=TABLES,
    ),
)
"""Every kind of mistake; what no spreadsheet can express, or no file of RDF, is left out there."""


def records(about: Iterable[tuple[object, list[Fact]]], kinds: frozenset[str]) -> list[Record]:
    """Return the records of which the type is one of ``kinds``, in the order of their IRIs."""
    found = (tuple(facts) for _, facts in about if {value.value for value in _values(tuple(facts), "rdf:type")} & kinds)
    return sorted(found, key=lambda record: record[0].subject.value)
