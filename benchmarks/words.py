"""What generated coalitions are made of: words, concepts of our schemes, and how often each occurs."""

from __future__ import annotations

from typing import Final

ADJECTIVES: Final = (
    "Alpine", "Baltic", "Blue", "Central", "Circular", "Civic", "Clean", "Coastal", "Delta", "Digital", "Fair",
    "Future", "Global", "Green", "Metro", "Nordic", "North", "Open", "Prime", "Royal", "South", "Terra", "Urban",
)  # fmt: skip
SUBJECTS: Final = (
    "Cities", "Computing", "Data", "Devices", "Electronics", "Energy", "Health", "Labels", "Learning", "Materials",
    "Minerals", "Mobility", "Networks", "Policy", "Procurement", "Research", "Standards", "Systems", "Trade", "Water",
)  # fmt: skip
BODIES: Final = {
    "en": ("Agency", "Alliance", "Association", "Company", "Council", "Foundation", "Institute", "Ministry"),
    "nl": ("Agentschap", "Alliantie", "Vereniging", "Bedrijf", "Raad", "Stichting", "Instituut", "Ministerie"),
    "de": ("Agentur", "Allianz", "Verein", "Unternehmen", "Rat", "Stiftung", "Institut", "Ministerium"),
    "fr": ("Agence", "Alliance", "Association", "Société", "Conseil", "Fondation", "Institut", "Ministère"),
}
"""The last word of a name by language; every organization has an English name."""

OFFICES: Final = ("Chair of the board", "Director general", "Head of procurement", "Minister", "Secretary general")

LANGUAGES: Final = {"nl": 0.4, "de": 0.25, "fr": 0.2}
"""How likely an organization has a name in a language besides English."""

PLACES: Final = {
    "nl": 30, "de": 14, "be": 9, "se": 8, "no": 7, "gb": 7, "at": 5, "ch": 5, "ie": 4, "us": 4, "ca": 2, "au": 1,
    "si": 1, "be-vlg": 2, "be-wlg": 1,
}  # fmt: skip
"""Places and their weights."""

PUBLIC: Final = {
    "national-government": 5, "regional-government": 6, "local-government": 14, "government-agency": 8,
    "central-purchasing-body": 4,
}  # fmt: skip
BUYERS: Final = {"joint-purchasing-association": 3, "intergovernmental-organization": 2, "private-procurer": 6}
SUPPORTERS: Final = {
    "ngo": 12, "certification-body": 3, "labelling-body": 3, "monitoring-body": 2, "knowledge-institute": 9,
    "network-organization": 6, "supplier": 8, "oem": 2, "manufacturer": 3, "brand-owner": 2, "recycler": 2,
}  # fmt: skip
TYPES: Final = PUBLIC | BUYERS | SUPPORTERS
"""Stakeholder types and their weights; who may hold which role follows from the rules of the pact."""

PUBLIC_ROLES: Final = {"procuring": 12, "participant": 4, "coordinating": 3, "co-leading": 1}
BUYER_ROLES: Final = {"procuring": 3, "participant": 1}
SUPPORTER_ROLES: Final = {"supporting": 1}

ROLE_NAMES: Final = {
    "procuring": "procuring participant",
    "participant": "participant",
    "coordinating": "coordinating participant",
    "co-leading": "co-leading participant",
    "supporting": "supporting organization",
}
STATUSES: Final = {"active": 16, "former": 3, "intended": 1}
DATE_KINDS: Final = {"signed": 15, "announced": 4, "unknown": 1}
CONFIDENCES: Final = {"high": 6, "medium": 3, "low": 1}
PRECISIONS: Final = {"date": 16, "gYearMonth": 3, "gYear": 1}
AFFILIATIONS: Final = {1: 14, 2: 4, 4: 2}
"""How many affiliations an organization has."""
THEMES: Final = ("circularity", "fairness", "climate-and-energy", "chemicals")
