"""The IRIs of the project and of the vocabularies it reuses, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE: Final = "https://w3id.org/cfit/"
ID: Final = BASE + "id/"
NS: Final = BASE + "ns#"
SHAPES: Final = BASE + "shapes#"
QUALITY: Final = BASE + "quality#"
CONTEXT: Final = BASE + "context/v1.jsonld"
"""The address of our JSON-LD context, which the program brings along."""
FEED: Final = BASE + "feed"
LICENCE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
"""The licence of our data; nothing is said of that of other files."""
LICENCE_ID: Final = "CC0-1.0"
"""Its identifier in the list of SPDX."""

KINDS: Final = (
    "affiliation",
    "agent",
    "buyer-group",
    "change",
    "claim",
    "collaboration",
    "contribution",
    "document",
    "endorsement",
    "event",
    "letter",
    "matter",
    "membership",
    "name",
    "organization",
    "pact",
    "period",
    "signature",
    "source",
    "working-group",
)
"""Kinds of thing: the first path segment after ``/id/``."""

SCHEMES: Final = (
    "collaboration-type",
    "commitment",
    "confidence",
    "date-kind",
    "group-role",
    "place",
    "role",
    "stakeholder-type",
    "status",
    "strategy",
    "theme",
)
"""Concept schemes: concepts live at ``/id/{scheme}/{slug}``, the schemes themselves at ``/id/scheme/{scheme}``."""

VOCABULARIES: Final = {
    "as": "https://www.w3.org/ns/activitystreams#",
    "bibo": "http://purl.org/ontology/bibo/",
    "buyer": "http://publications.europa.eu/resource/authority/buyer-legal-type/",
    "cfit": NS,
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "feed": FEED + "#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "ldes": "https://w3id.org/ldes#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "publisher": "http://purl.org/adms/publishertype/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "shapes": SHAPES,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "time": "http://www.w3.org/2006/time#",
    "tree": "https://w3id.org/tree#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes of the vocabularies in use; the same prefix means the same IRI in every file, query and page."""

PREFIXES: Final = VOCABULARIES | {segment: f"{ID}{segment}/" for segment in (*KINDS, *SCHEMES, "scheme")}
"""All prefixes: vocabularies, and one per kind and scheme so that no local name needs a slash (SPARQL 1.1, 4.1.1)."""


def things(base: str) -> str:
    """Return what the IRIs of things begin with, where all IRIs begin with ``base``."""
    return f"{base}id/"


def graph(name: str, base: str = BASE) -> str:
    """Return the IRI of a named graph: that of a file (``data/pacts``), or the one of derived statements."""
    return f"{base}graph/{name}"


def shorten(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return ``iri`` as a prefixed name where one of the prefixes fits, else unchanged.

    >>> shorten("https://w3id.org/cfit/id/role/co-leading")
    'role:co-leading'
    >>> shorten("https://example.org/x")
    'https://example.org/x'
    """
    for prefix, namespace in prefixes.items():
        local = iri.removeprefix(namespace)
        if local != iri and local and not set(local) & set("/#?"):
            return f"{prefix}:{local}"
    return iri


def expand(name: str) -> str:
    """Return the IRI of a prefixed name; anything else unchanged.

    >>> expand("role:co-leading"), expand("https://example.org/x")
    ('https://w3id.org/cfit/id/role/co-leading', 'https://example.org/x')
    """
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else name
