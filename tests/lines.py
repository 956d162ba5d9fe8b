"""Where the mistake of a fixture of the shapes stands, found by its text alone: the second corpus of seeded errors."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rdflib import URIRef

from cfit_graph import source
from cfit_graph.namespaces import SHAPES, shorten
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.validation import Finding

BY_HAND = {
    "affiliation/invalid.endorsement-of-another-organization": 28,  # the endorsement, not the member
    "affiliation/invalid.endorsement-of-another-pact": 28,
    "affiliation/invalid.participant-and-supporter-at-once": 21,
    "affiliation/invalid.same-role-twice-at-once": 18,
    "affiliation/invalid.same-role-twice-without-dates": 18,
    "affiliation/invalid.succession-in-another-role": 36,
    "affiliation/invalid.succession-of-active": 23,  # the status of what is carried on
    "affiliation/invalid.succession-of-another-pact": 36,
    "endorsement/invalid.instrument-of-two-endorsements": 29,  # the second of them
    "event/invalid.date-of-schema-org": 15,
    "general/invalid.control-character": 8,  # where it is escaped
    "general/invalid.mailbox": 15,
    "general/invalid.schema-org-with-http": 16,
    "general/invalid.undefined-datatype": 10,
    "general/warning.blank-node": 11,
    "membership/invalid.same-role-twice-at-once": 18,
    "name/invalid.empty": 17,
    "name/invalid.of-a-source": 31,
    "name/invalid.of-two-organizations": 32,
    "organization/invalid.shared-kvk-number": 21,
    "organization/invalid.shared-lei": 21,
    "organization/invalid.shared-wikidata-entity": 22,
    "organization/invalid.withdrawn-identifier-in-use": 22,
    "organization/warning.namesake": 13,  # the name that both have
    "vocabulary/invalid.concept-under-one-of-another-scheme": 40,
    "vocabulary/invalid.related-to-broader": 40,
    "vocabulary/invalid.term-of-two-kinds": 24,
    "vocabulary/invalid.top-concept-stated-one-way": 39,
    "vocabulary/invalid.two-concepts-with-one-name": 37,
    "vocabulary/invalid.two-terms-with-one-label": 31,
}
"""Line of the error in fixtures from whose text alone it does not follow, read by a person."""

MISSED = {
    "vocabulary/invalid.two-concepts-with-one-name": "the finding names the concept, not its name: one line above",
    "vocabulary/invalid.two-terms-with-one-label": "the finding names the term, not its label: one line above",
}
"""Fixtures whose finding does not stand on the line of the error, with the reason; fewer than one in a hundred."""


def _block(lines: list[str], subject: str) -> range:
    """Return the numbers of the lines that describe a subject."""
    names = (shorten(subject) + " ", f"<{subject}> ")
    first = next((number for number, line in enumerate(lines, 1) if line.startswith(names)), 0)
    last = next((number for number in range(first, len(lines) + 1) if lines[number - 1].endswith(" .")), first)
    return range(first, last + 1 if first else 0)


def expected(fixture: Path, finding: Finding) -> int:
    """Find the line by the text alone: where the value stands, the last of what is too much, else the subject."""
    name = f"{fixture.parent.name}/{fixture.stem}"
    if name in BY_HAND:
        return BY_HAND[name]
    lines = fixture.read_text("utf-8").splitlines()
    block = _block(lines, finding.focus)
    if not finding.value and "two-" in fixture.stem:
        return max((number for number in block if f"{finding.path} " in lines[number - 1]), default=block.start)
    if finding.value in {"", finding.focus}:
        mended = _mended().get(finding.rule, "")
        return next((number for number in block if mended and _says(lines, number, mended, None)), block.start)
    step = (re.findall(r"[\w-]+:\w+", finding.path) or [""])[-1]
    if finding.path.startswith("^"):
        return next(number for number in _block(lines, finding.value) if _says(lines, number, step, finding.focus))
    everywhere = range(1, len(lines) + 1)
    choices = (
        [number for number in block if _says(lines, number, step, finding.value)],
        [number for number in block if _says(lines, number, "", finding.value)],
        [number for number in everywhere if _says(lines, number, step, finding.value)],
    )
    found = next(choice for choice in choices if choice)
    assert len(found) == 1, "more than one line could be meant; read it, and put it into BY_HAND"
    return found[0]


@cache
def _mended() -> dict[str, str]:
    """Return the property at which a rule without a path says that it is mended, by the IRI of the rule."""
    mends = source.read_all(source.files(ROOT / "shapes")).subject_objects(URIRef(SHAPES + "mend"))
    return {str(rule): shorten(str(name)) for rule, name in mends if isinstance(name, URIRef)}


def _says(lines: list[str], number: int, step: str, value: str | None) -> bool:
    """Tell whether a line has a value, behind the name of a property if one is given; ``None``: any value."""
    words = re.split(r"\s+", lines[number - 1])
    if value is None:
        return step in words
    return step in {"", *words} and (
        bool({shorten(value), f"<{value}>"} & {*words}) or f'"{value}"' in lines[number - 1]
    )
