"""What to do about a finding: the cause of it, looked for in its shape, and the edits that mend it in its file.

A proposal is safe only if nothing else can be meant. Everything else is for a person to decide, facts above all: what
is not in the graph already, or follows from it, is never made up.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final

from rdflib import RDF

from cfit_graph import source, texts
from cfit_graph.validation.mending.causes import CAUSES
from cfit_graph.validation.mending.faults import Fault
from cfit_graph.validation.mending.writing import Writer
from cfit_graph.validation.suggestions import Suggestion

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

    from cfit_graph.validation.mending.faults import Proposal
    from cfit_graph.validation.places import Places
    from cfit_graph.validation.written import Place

_MOST: Final = 1000
"""Findings of one report that something is proposed for; nobody mends more in one round."""

_LARGEST: Final = 50_000
"""Statements of a graph that people write; in larger ones, where looking takes long, nothing is proposed."""

_LISTED: Final = 8


class Mender:
    """Looks for what to do about the findings of one report."""

    def __init__(
        self, report: Graph, data: Graph, shapes: Graph, places: Places, language: str = texts.ENGLISH
    ) -> None:
        """``data`` is the whole graph, in which what may be meant is looked for; ``language`` is that of proposals."""
        self.language = language
        self._report, self._data, self._shapes, self._places = report, data, shapes, places
        self._writers: dict[str, Writer] = {}
        self._of_kind = cache(lambda kind: list(data.subjects(RDF.type, kind)))
        self._left = _MOST if len(data) <= _LARGEST else 0
        self._model = cache(partial(source.model, places.root))  # which looks at each file before it takes what it has
        self._own = cache(lambda: self._model().in_language(language))

    def share(self, number: int) -> None:
        """Let this many processes go on with a copy each, which together propose no more than one would."""
        self._left //= number

    def suggest(self, result: Node, place: Place) -> Suggestion | None:
        """Return what to do about a result that was found at a place."""
        if not self._left or (path := self._places.paths.get(place.file)) is None:
            return None
        self._left -= 1
        fault = Fault(self._report, result, self._data, self._shapes, self._of_kind)
        fault.surplus, fault.column = self._places.surplus(result), self._places.column(place)
        found = next((proposal for find in CAUSES if (proposal := find(fault))), None)
        has_lists = path.suffix.lower() == ".xlsx"  # to choose from, in English
        model = self._model if has_lists else self._own
        writer = self._writers.setdefault(place.file, Writer(path, self._places.root, model))
        return self._suggestion(found, writer, place, fault) if found else None

    def _suggestion(self, found: Proposal, writer: Writer, place: Place, fault: Fault) -> Suggestion:
        subjects = {(change.old or change.new or (None,))[0] for change in found.changes}
        said = [
            written
            for subject in subjects
            if subject is not None
            for written in self._places.written(subject)
            if written.object.file == place.file
        ]
        edits = writer.edits(found.changes, said)
        terms = [writer.term(term, place, fault.value if found.name == "write" else None) for term in found.terms]
        remedies = texts.SUGGESTIONS[self.language]
        words = remedies[found.name].format(*terms)
        others = terms[2 if found.name == "add" else 1 :] if found.name in {"add", "choose", "open"} else []
        if others:
            name = "others" if len(others) > 1 else "other"
            words += remedies[name].format(", ".join(others[:_LISTED] + ["…"] * (len(others) > _LISTED)))
        examples = () if found.name == "rounded" else fault.examples()  # of a number that only its register knows
        example = next((writer.term(node, place) for node in examples), "")
        return Suggestion(words, example, edits, found.safe and bool(edits), found.changes)
