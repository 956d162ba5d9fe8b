"""Says coalitions in our ontology and graph layout: N-Quads lines, one named graph per kind of record.

The derived graph holds what a release would derive, so that it need not be computed for millions of statements;
``tests/test_benchmarks.py`` compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import words
from cfit_graph.derivation import GRAPH as DERIVED
from cfit_graph.namespaces import BASE, ID, VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.draw import Affiliation, Moment, Organization

Pair = tuple[str, str]

ORGANIZATIONS: Final = BASE + "graph/data/organizations"
AFFILIATIONS: Final = BASE + "graph/data/affiliations"
ENDORSEMENTS: Final = BASE + "graph/data/endorsements"
NAMES: Final = BASE + "graph/data/names"
PACTS: Final = BASE + "graph/data/pacts"
SOURCES: Final = BASE + "graph/data/sources"

_DATES = {"date": "inXSDDate", "gYearMonth": "inXSDgYearMonth", "gYear": "inXSDgYear"}


def pact(number: int) -> Iterator[str]:
    """Say a pact and the page it was read on."""
    name = pact_name(number)
    pairs = [
        ("rdf:type", term("cfit:Pact")),
        ("skos:prefLabel", text(name, "en")),
        ("skos:prefLabel", text(name.replace("Pact", "Pakt"), "de")),
        ("cfit:status", thing("status", "active")),
        ("cfit:collaborationType", thing("collaboration-type", "pact")),
        ("cfit:theme", thing("theme", words.THEMES[number % len(words.THEMES)])),
        ("schema:startDate", f'"{2015 + number % 10}"^^{term("xsd:gYear")}'),
        ("foaf:homepage", f"<https://pact-{number}.example.org/>"),
        ("dcterms:source", thing("source", _pact_slug(number))),
    ]
    yield from statements(PACTS, thing("pact", _pact_slug(number)), pairs)
    yield from _source(_pact_slug(number), "2015-01-01")


def organization(it: Organization) -> Iterator[str]:
    """Say an organization, all that hangs on it, and what a release derives from it."""
    subject, source = thing("organization", it.slug), thing("source", it.slug)
    pairs = [
        ("rdf:type", term("org:Organization")),
        *(("skos:prefLabel", text(name, language)) for language, name in it.names.items()),
        ("cfit:stakeholderType", thing("stakeholder-type", it.type)),
        ("dcterms:spatial", thing("place", it.place)),
        ("dcterms:description", text(f"Works on {it.topic} and the procurement of ICT.", "en")),
        ("foaf:homepage", f"<https://www.{it.slug}.example.org/>"),
        ("dcterms:source", source),
        ("cfit:confidence", thing("confidence", it.confidence)),
        *_optional(it),
    ]
    yield from statements(ORGANIZATIONS, subject, pairs)
    yield from _source(it.slug, f"20{15 + it.number % 11}-03-01")
    yield from _former_name(it, source)
    for affiliation in it.affiliations:
        yield from _affiliation(affiliation, subject, source)
        yield from _endorsement(affiliation, subject, source, it.names["en"])
    yield from _derived(it, subject)


def _optional(it: Organization) -> Iterator[Pair]:
    if it.type not in words.SUPPORTERS:
        yield "rdf:type", term("org:FormalOrganization")
    if it.elsewhere:  # far above the numbers that Wikidata has given out
        yield "owl:sameAs", f"<http://www.wikidata.org/entity/Q{9_000_000_000 + it.number}>"
    if it.place == "nl":
        yield "org:identifier", f'"{10_000_000 + it.number}"^^{term("cfit:KvkNumber")}'
    if it.former:
        yield "skosxl:altLabel", thing("name", it.slug)


def _source(slug: str, issued: str) -> Iterator[str]:
    pairs = [
        ("rdf:type", term("cfit:Source")),
        ("rdfs:label", f'"news.example.org/{slug}"'),
        ("schema:url", f"<https://news.example.org/{slug}>"),
        ("dcterms:issued", f'"{issued}"^^{term("xsd:date")}'),
    ]
    return statements(SOURCES, thing("source", slug), pairs)


def _former_name(it: Organization, source: str) -> Iterator[str]:
    if it.former:
        pairs = [
            ("rdf:type", term("skosxl:Label")),
            ("skosxl:literalForm", text(it.former, "en")),
            ("cfit:status", thing("status", "former")),
            ("schema:endDate", f'"2014"^^{term("xsd:gYear")}'),
            ("dcterms:source", source),
        ]
        yield from statements(NAMES, thing("name", it.slug), pairs)


def _affiliation(it: Affiliation, member: str, source: str) -> Iterator[str]:
    pairs = [
        ("rdf:type", term("cfit:Support" if it.role == "supporting" else "cfit:Participation")),
        ("org:member", member),
        ("org:organization", thing("pact", _pact_slug(it.pact))),
        ("org:role", thing("role", it.role)),
        ("cfit:status", thing("status", it.status)),
        ("cfit:startDateKind", thing("date-kind", it.kind)),
        *([("schema:startDate", _date(it.start))] if it.start else []),
        *([("schema:endDate", _date(it.end))] if it.end else []),
        *([("cfit:establishedBy", thing("endorsement", it.slug))] if it.status != "intended" else []),
        ("dcterms:source", source),
    ]
    return statements(AFFILIATIONS, thing("affiliation", it.slug), pairs)


def _endorsement(it: Affiliation, member: str, source: str, name: str) -> Iterator[str]:
    """Say the endorsement behind an affiliation and the document that was signed; an intention has none yet."""
    if it.status == "intended":
        return
    letter = it.role == "supporting"
    instrument = thing("letter" if letter else "signature", it.slug)
    pairs = [
        ("rdf:type", term("cfit:Endorsement")),
        ("cfit:endorses", thing("pact", _pact_slug(it.pact))),
        ("cfit:producesInstrument", instrument),
        ("cfit:signatory", text(it.office, "en")),
        ("cfit:signedOn" if it.kind == "signed" else "cfit:announcedOn", _date(it.endorsed)),
        ("prov:wasAssociatedWith", member),
        ("dcterms:source", source),
    ]
    yield from statements(ENDORSEMENTS, thing("endorsement", it.slug), pairs)
    pairs = [
        ("rdf:type", term("cfit:LetterOfSupport" if letter else "cfit:PactSignature")),
        ("rdfs:label", text(f"{'Letter of support' if letter else 'Pact signature'} of {name}", "en")),
        ("dcterms:source", source),
    ]
    yield from statements(ENDORSEMENTS, instrument, pairs)


def _derived(it: Organization, subject: str) -> Iterator[str]:
    pairs = [("rdfs:label", text(it.names["en"], "en"))]
    if it.former:
        pairs.append(("cfit:formerName", text(it.former, "en")))
    if it.type in words.PUBLIC:
        pairs.append(("rdf:type", term("cv:PublicOrganisation")))
    for affiliation in it.affiliations:
        if affiliation.status == "active":
            shortcut = "cfit:supports" if affiliation.role == "supporting" else "cfit:participantIn"
            pairs.append((shortcut, thing("pact", _pact_slug(affiliation.pact))))
    yield from statements(DERIVED, subject, pairs)
    for affiliation in it.affiliations:
        yield from _derived_affiliation(affiliation, it.names["en"])


def _derived_affiliation(it: Affiliation, name: str) -> Iterator[str]:
    label = text(f"{name} as {words.ROLE_NAMES[it.role]} of {pact_name(it.pact)}", "en")
    pairs = [("rdfs:label", label)]
    bounds = [("hasBeginning", "begin", it.start), ("hasEnd", "end", it.end)]
    known = [(bound, suffix, moment) for bound, suffix, moment in bounds if moment]
    period = thing("period", it.slug)
    if known:
        pairs.append(("org:memberDuring", period))
        named = " ".join(f"{word} {moment.text}" for word, moment in (("from", it.start), ("until", it.end)) if moment)
        yield from statements(DERIVED, period, [("rdf:type", term("time:Interval")), ("rdfs:label", text(named, "en"))])
    yield from statements(DERIVED, thing("affiliation", it.slug), pairs)
    if it.status != "intended":
        act = text(f"Endorsement of {pact_name(it.pact)} by {name}", "en")
        yield from statements(DERIVED, thing("endorsement", it.slug), [("rdfs:label", act)])
    for bound, suffix, moment in known:
        instant = thing("period", f"{it.slug}-{suffix}")
        yield from statements(DERIVED, period, [(f"time:{bound}", instant)])
        dated = (f"time:{_DATES[moment.datatype]}", _date(moment))
        pairs = [("rdf:type", term("time:Instant")), dated, ("rdfs:label", f'"{moment.text}"')]
        yield from statements(DERIVED, instant, pairs)


def pact_name(number: int) -> str:
    """Return the English name of a pact."""
    adjective, subject = words.ADJECTIVES[number % 23], words.SUBJECTS[number % 20]
    return f"{adjective} {subject} Pact {number}"


def _pact_slug(number: int) -> str:
    return f"pact-{number:03d}"


def statements(graph: str, subject: str, pairs: list[Pair]) -> Iterator[str]:
    """Return one N-Quads line for each pair of predicate (a prefixed name) and object (a term)."""
    return (f"{subject} {term(predicate)} {value} <{graph}> .\n" for predicate, value in pairs)


def thing(kind: str, slug: str) -> str:
    """Return the address of a thing or concept as a term.

    >>> thing("pact", "cfit")
    '<https://w3id.org/cfit/id/pact/cfit>'
    """
    return f"<{ID}{kind}/{slug}>"


_TERMS: dict[str, str] = {}


def term(name: str) -> str:
    """Return a prefixed name as a term.

    >>> term("org:member")
    '<http://www.w3.org/ns/org#member>'
    """
    if name not in _TERMS:
        prefix, _, local = name.partition(":")
        _TERMS[name] = f"<{VOCABULARIES[prefix]}{local}>"
    return _TERMS[name]


def text(value: str, language: str) -> str:
    """Return a text as a term; words of ours need no escapes."""
    return f'"{value}"@{language}'


def _date(moment: Moment) -> str:
    return f'"{moment.text}"^^{term("xsd:" + moment.datatype)}'
