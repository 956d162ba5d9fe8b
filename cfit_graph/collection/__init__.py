"""The collections of the API: what belongs to each, what narrows it, and what an entry tells.

One table is read by all that follows: how a request is understood, which query is asked, how JSON and CSV are written,
and how the API describes itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cfit_graph.namespaces import NS, VOCABULARIES

_ORG, _SCHEMA, _SKOS = (VOCABULARIES[prefix] for prefix in ("org", "schema", "skos"))

AFFILIATIONS: Final = tuple(NS + name for name in ("Affiliation", "Participation", "Support"))
"""The classes of affiliations."""

DAY: Final = "asOf"
"""The filter that takes a day: what was in force on it, as far as dates are known."""
WORDS: Final = "q"
"""The filter that takes words of a name, in any language."""

SINCE: Final = "since"
"""The parameter that takes a day, a time or a release: what changed since."""
RELEASE: Final = "release"
"""The parameter that takes a release: what is asked is asked of that one."""


@dataclass(frozen=True)
class Filter:
    """A parameter that takes values from a list; an item passes if it has one of those given, or a narrower one.

    A value is an IRI, a prefixed name, or a slug, which stands for the thing of this ``kind``. The list is the items of
    a ``collection``, or else the concepts of the scheme of that kind and what else stands with ``property`` in the data
    (on things of these ``classes``, if any are named).
    """

    name: str
    kind: str
    collection: str = ""
    property: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collection:
    """A collection: its name in addresses, the kind and the classes of its items, its filters, and its fields.

    Which things are its items, and which pass a filter, says the query of its name in ``queries/collections/``. Fields
    are terms of the JSON-LD context, in the order in which they are shown. Some filters may be required.
    """

    name: str
    kind: str
    classes: tuple[str, ...]
    filters: tuple[str, ...]
    fields: tuple[str, ...]
    required: tuple[str, ...] = ()


# A parameter that narrows a collection is a row here or a name above, a part of that name in the queries, and its words
# in texts/en.json.
FILTERS: Final = {
    each.name: each
    for each in (
        Filter("type", "stakeholder-type", property=NS + "stakeholderType"),
        Filter("country", "place", property=VOCABULARIES["dcterms"] + "spatial"),
        Filter("role", "role", property=_ORG + "role", classes=AFFILIATIONS),
        Filter("pact", "pact", collection="pacts"),
        Filter("organization", "organization", collection="organizations"),
        Filter("status", "status", property=NS + "status"),
        Filter("theme", "theme", property=NS + "theme"),
    )
}
"""Every filter that takes values from a list, by name."""

COLLECTIONS: Final = {
    each.name: each
    for each in (
        Collection(
            "organizations",
            "organization",
            (_ORG + "Organization",),
            ("q", "type", "country", "role", "pact", "status", "asOf"),
            (
                *("label", "prefLabel", "altLabel", "formerName", "stakeholderType", "spatial", "participantIn"),
                *("supports", "homepage", "sameAs", "orgIdentifier", "subOrganizationOf", "unitOf", "confidence"),
                *("source", "isReplacedBy"),
            ),
        ),
        Collection(
            "pacts",
            "pact",
            (NS + "Pact",),
            ("q", "status", "theme", "country", "organization"),
            (
                *("prefLabel", "altLabel", "description", "collaborationType", "status", "startDate", "endDate"),
                *("theme", "strategy", "commitment", "spatial", "homepage", "isPartOf", "source"),
            ),
        ),
        Collection(
            "affiliations",
            "affiliation",
            AFFILIATIONS,
            ("q", "role", "pact", "organization", "status", "type", "country", "asOf"),
            (
                *("label", "member", "role", "pact", "status", "startDate", "startDateKind", "endDate", "represents"),
                *("listedName", "coordinates", "continues", "establishedBy", "confidence", "source"),
            ),
        ),
        Collection(
            "endorsements",
            "endorsement",
            (NS + "Endorsement",),
            ("pact", "organization", "type", "country", "asOf"),
            (
                *("wasAssociatedWith", "endorses", "signedOn", "announcedOn", "handedOverOn", "withdrawnOn"),
                *("signatory", "producesInstrument", "source"),
            ),
        ),
        Collection("roles", "role", (_ORG + "Role",), ("q",), ("prefLabel", "definition", "broader", "eligibleType")),
        Collection(
            "stakeholder-types",
            "stakeholder-type",
            (_SKOS + "Concept",),
            ("q",),
            ("prefLabel", "altLabel", "definition", "broader", "closeMatch", "relatedMatch"),
        ),
        Collection(
            "sources",
            "source",
            (NS + "Source",),
            ("q", "organization"),
            ("label", "url", "identifier", "issued", "accessedOn", "accessedBefore"),
        ),
        Collection(
            "events",
            "event",
            (_SCHEMA + "Event",),
            ("q", "pact", "country"),
            ("prefLabel", "date", "spatial", "schemaAbout", "source"),
        ),
        Collection(
            "buyer-groups",
            "buyer-group",
            (NS + "BuyerGroup",),
            ("q", "pact", "country", "status", "organization"),
            ("prefLabel", "description", "status", "spatial", "isPartOf", "linkedTo", "homepage", "source"),
        ),
    )
}
"""Every collection, by name."""

SEARCH: Final = Collection(
    "search", "", (), (WORDS,), ("label", "prefLabel", "title", "literalForm"), required=(WORDS,)
)
"""Everything that has a name: asked for like a collection, but by its name only."""
