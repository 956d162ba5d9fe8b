"""One finding per validation result; every view is made from these."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import pyoxigraph as ox
from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.collection import Collection

from cfit_graph import cores, source
from cfit_graph.labels import label
from cfit_graph.namespaces import ID, PREFIXES, expand, shorten
from cfit_graph.texts import ENGLISH, PROPERTIES
from cfit_graph.validation import defaults
from cfit_graph.validation.mending import Mender
from cfit_graph.validation.messages import told
from cfit_graph.validation.places import Places

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from pathlib import Path

    from rdflib.term import Node

    from cfit_graph.validation.suggestions import Suggestion


class Severity(Enum):
    """How much a finding matters: a violation blocks publishing, a warning asks to be mended, info is a hint."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that SHACL found, in words: members are IRIs or text, empty where there is none."""

    rule: str
    focus: str
    path: str
    value: str
    message: str
    label: str
    severity: Severity = Severity.VIOLATION
    file: str = ""
    line: int = 0
    column: int = 0
    sheet: str = ""
    cell: str = ""
    header: str = ""
    """What the column of the cell is called."""
    component: str = ""
    """The constraint component of SHACL that judged: a rule may have several."""
    suggestion: Suggestion | None = field(default=None, compare=False)
    """What to do about it, where something can be proposed."""
    result: str = field(default="", compare=False, repr=False)
    """Name of the node in the validation report graph that says the same."""
    prefixes: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Those of the file that it is in, then ours, then those of other files that were judged and of their shapes."""

    @property
    def fingerprint(self) -> str:
        """What stays the same when lines move or words change: a digest of what judged, focus node, path and value."""
        parts = "\0".join((self.rule, self.component, self.focus, self.path, self.value))
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def short(self, iri: str) -> str:
        """Return an IRI as people know it: as the file would write it, else with a prefix of ours."""
        return shorten(iri, self.prefixes or PREFIXES)

    @property
    def short_path(self) -> str:
        """The path, with each IRI as people know it."""
        return _NAMES.sub(lambda found: self.short(expand(found[0])), self.path)


@dataclass(frozen=True)
class Rule:
    """What a rule is called, and what the shape says that it belongs to; empty where nothing is said."""

    name: str = ""
    explanation: str = ""


_THING = re.compile(re.escape(ID) + r"[a-z-]+/[a-z0-9-]+")
_IRI = re.compile(r"[a-z][a-z0-9+.-]*://(?:(?!/\^?[a-z][a-z0-9+.-]*:/)[^\s|()])*")
_PREFIXED = re.compile(r"\b([a-z][a-z-]*):([A-Za-z][\w-]*)")
_NAMES = re.compile(f"{_IRI.pattern}|{_PREFIXED.pattern}")
_WITH_PREFIXES = {".ttl", ".trig"}
_BY_IRI = {str(SH[severity.value]): severity for severity in Severity}
_WORST_FIRST = list(Severity)
TELLING = (
    *(SH.sourceConstraint, SH.sourceShape, SH.sourceConstraintComponent),
    *(SH.resultPath, SH.focusNode, SH.value),
)
"""What tells one result from another, the rule first."""


def from_report(
    report: Graph,
    data: Graph,
    shapes: Graph,
    root: Path | None = None,
    language: str = ENGLISH,
    about: Container[Node] | None = None,
) -> tuple[Finding, ...]:
    """Read the findings of a validation report graph, worst first, in a stable order; files are named from ``root``.

    ``data`` are all that was judged. Messages and proposals are in a ``language``, or in English where they have no
    other. Of two nodes the one that the report is ``about`` is marked.
    """
    places = Places(report, data, shapes, root, about)
    mender = Mender(report, data, shapes, places, language)

    prefixes = _prefixes([*source.paths(shapes), *source.paths(data)], places.paths)

    def findings(results: Sequence[Node]) -> list[Finding]:
        return [_finding(report, result, data, shapes, places, mender, prefixes) for result in results]

    results = list(report.objects(predicate=SH.result))
    number = cores.number(len(results))
    mender.share(number)
    parts = cores.shared(findings, cores.dealt(results, number))
    found = (finding for part in parts for finding in part)
    return tuple(sorted(found, key=lambda finding: (_WORST_FIRST.index(finding.severity), *_texts(finding))))


def _prefixes(paths: Iterable[Path], named: Mapping[str, Path]) -> dict[str, Mapping[str, str]]:
    """Return the prefixes to tell what is found in a file by, its own first, by the name of the file, or of none."""
    declared = {path: _declared(path) for path in paths}
    known: dict[str, str] = {}
    for prefixes in declared.values():
        known |= prefixes
    own: dict[str, dict[str, str]] = {name: declared.get(path, {}) for name, path in named.items()} | {"": {}}
    others = PREFIXES | {name: known[name] for name in known.keys() - PREFIXES.keys()}
    return {name: own[name] | {prefix: others[prefix] for prefix in others if prefix not in own[name]} for name in own}


def _declared(path: Path) -> dict[str, str]:
    """Return the prefixes that a file declares above its first statement."""
    if path.suffix.lower() not in _WITH_PREFIXES:
        return {}
    with suppress(SyntaxError, OSError):  # it may have changed since it was judged
        parsed = ox.parse(path=path, format=ox.RdfFormat.from_extension(path.suffix[1:].lower()))
        next(parsed, None)
        return parsed.prefixes
    return {}


def rules(findings: tuple[Finding, ...], shapes: Graph, language: str = ENGLISH) -> dict[str, Rule]:
    """Return what ``shapes`` say about each rule that findings name, by its IRI."""
    return {rule: _rule(URIRef(rule), shapes, language) for rule in sorted({finding.rule for finding in findings})}


def _rule(rule: URIRef, shapes: Graph, language: str) -> Rule:
    owners = [owner for link in (SH.property, SH.sparql) for owner in shapes.subjects(link, rule)]
    names = shapes.objects(rule, SH.name)
    explanations = (text for node in owners or [rule] for text in shapes.objects(node, SH.description))
    return Rule(told(names, language), told(explanations, language))


def _texts(finding: Finding) -> tuple[str | int, ...]:
    place = finding.file, finding.line, finding.column, finding.sheet, finding.cell
    return finding.rule, finding.component, finding.path, finding.focus, finding.value, finding.message, *place


def _finding(
    report: Graph,
    result: Node,
    data: Graph,
    shapes: Graph,
    places: Places,
    mender: Mender,
    known: Mapping[str, Mapping[str, str]],
) -> Finding:
    place = places.find(result)
    prefixes = known.get(place.file, known[""])
    focus = report.value(result, SH.focusNode)
    message = defaults.message(report, result, shapes, mender.language)
    message = _IRI.sub(lambda found: shorten(found[0], prefixes), message) or told(
        report.objects(result, SH.resultMessage), mender.language
    )
    message = _THING.sub(lambda found: shorten(found[0], prefixes), message)
    if place.cell and focus is not None:
        message = _in_words(message, places.headers(focus, place), data)
    rule = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)
    return Finding(
        rule=_named(rule, shapes),
        component=str(report.value(result, SH.sourceConstraintComponent) or ""),
        focus=_plain(focus),
        path=_path(report, shapes, report.value(result, SH.resultPath)),
        value=_plain(report.value(result, SH.value)),
        message=message,
        label=label(data, focus, {}) if isinstance(focus, URIRef) else _plain(focus),
        severity=severity_of(report.value(result, SH.resultSeverity)),
        **place._asdict(),
        suggestion=mender.suggest(result, place),
        result=str(result),
        prefixes=prefixes,
    )


def severity_of(node: Node | None) -> Severity:
    """Return the severity that a node stands for; one that we do not know fails."""
    return _BY_IRI.get(str(node), Severity.VIOLATION)


def _named(rule: Node | None, shapes: Graph) -> str:
    """Return the IRI of a rule; of one without, that of the shape it is part of, if that has one."""
    seen = set[BNode]()
    while isinstance(rule, BNode) and rule not in seen:
        seen.add(rule)
        rule = min(shapes.subjects(None, rule), key=lambda it: (isinstance(it, BNode), str(it)), default=rule)
    return str(rule)


def _in_words(message: str, headers: dict[str, str], data: Graph) -> str:
    """Return a message with the names that the sheet has for properties, and people for terms, instead of IRIs."""

    def word(found: re.Match[str]) -> str:
        if found[1] not in PREFIXES:
            return found[0]
        term = PREFIXES[found[1]] + found[2]
        name = headers.get(term) or label(data, URIRef(term), PROPERTIES)
        return found[0] if name == found[0] else f"“{name}”"

    return _PREFIXED.sub(word, message)


def _plain(node: Node | None) -> str:
    if node is None:
        return ""
    return "(blank node)" if isinstance(node, BNode) else str(node)


def _path(report: Graph, shapes: Graph, path: Node | None) -> str:
    """Return a property path in SPARQL's notation; repetitions are not written out."""
    if not isinstance(path, BNode):
        return shorten(str(path)) if path is not None else ""
    graph = report if (path, None, None) in report else shapes
    inverse = graph.value(path, SH.inversePath)
    if inverse is not None:
        return "^" + _path(report, shapes, inverse)
    choices = graph.value(path, SH.alternativePath)
    if choices is not None:
        return f"({'|'.join(_path(report, shapes, choice) for choice in Collection(graph, choices))})"
    if (path, RDF.first, None) in graph:
        return "/".join(_path(report, shapes, step) for step in Collection(graph, path))
    return "(path)"
