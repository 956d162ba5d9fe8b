"""A validation result as those see it who look for a remedy, and the remedy in terms of RDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rdflib import RDF, SH, XSD, BNode, Graph, URIRef

from cfit_graph.validation.mending.fitting import fits, suits
from cfit_graph.validation.shapes import paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]

_ASKED = 20


class Change(NamedTuple):
    """One statement to become another, to be added (``old`` is none) or to be taken out (``new`` is none)."""

    old: Triple | None
    new: Triple | None


@dataclass(frozen=True)
class Proposal:
    """What to do, by the name that its words have in texts, and the terms that fill these; ``safe``: nothing else."""

    name: str
    changes: tuple[Change, ...] = ()
    terms: tuple[Node, ...] = ()
    safe: bool = False


class Fault:
    """A validation result: what it is about, by which constraint, and the statement that is at fault, if one is."""

    def __init__(
        self, report: Graph, result: Node, data: Graph, shapes: Graph, of_kind: Callable[[Node], list[Node]]
    ) -> None:
        """``of_kind`` returns the things in ``data`` that have a type."""
        self.data, self.shapes, self._of_kind = data, shapes, of_kind
        self.focus, self.path, self.value, shape, self.component, self.constraint = (
            report.value(result, name)
            for name in (
                *(SH.focusNode, SH.resultPath, SH.value, SH.sourceShape),
                *(SH.sourceConstraintComponent, SH.sourceConstraint),
            )
        )
        self.shape: Node = shape if shape is not None else BNode()
        self.rule = str(self.constraint or shape)
        ways = list(paths.ways(report, shapes, self.path))
        self.predicates = tuple(way[-1] for way in ways)
        """The properties at which the path ends: one, or the choice there is."""
        self.way = ways[0][:-1] if len(ways) == 1 and all(isinstance(it, URIRef) for it in ways[0]) else []
        self.statement = self._statement()
        self.surplus: Triple | None = None
        """The statement that is one too many, where that is what is wrong."""
        self.column: Node | None = None
        """The property for which the cell at fault is, in a spreadsheet."""

    def _statement(self) -> Triple | None:
        """Return the statement with the value at fault: of the focus node, else of what it leads to."""
        if self.focus is None or self.value is None or self.value == self.focus:
            return None
        for subject in paths.following(self.data, self.focus, self.way) if self.way else self._near():
            for name in self.predicates or self.data.predicates(subject, self.value):
                if (subject, name, self.value) in self.data:
                    return subject, name, self.value
        return None

    def _near(self) -> list[Node]:
        return [self.focus, *self.data.objects(self.focus)] if self.focus is not None else []

    def to(self, new: Node) -> tuple[Change, ...]:
        """Return the change of the value at fault to another; nothing if no statement has it."""
        said = self.statement
        return (Change(said, (said[0], said[1], new)),) if said else ()

    def takes(self, value: Node) -> bool:
        """Tell whether the shape at fault would let a value pass, as far as that can be told without the judge."""
        beside = self.focus is None or suits(value, self.focus, self.shape, self.shapes, self.data)
        return beside and fits(value, self.shape, self.shapes, self.data)

    def out(self) -> tuple[Change, ...]:
        """Return the change that takes the statement at fault out."""
        return (Change(self.statement, None),) if self.statement else ()

    def peers(self) -> list[Node]:
        """Return the things that have a type with the focus node in common."""
        kinds = set(self.data.objects(self.focus, RDF.type))
        return [node for kind in sorted(kinds, key=str) for node in self._of_kind(kind) if node != self.focus]

    def examples(self) -> Iterator[Node]:
        """Yield values that other things of the type have for the property, and that the shape lets pass."""
        names = [self.statement[1]] if self.statement else () if self.way else self.predicates
        found = (value for peer in self.peers()[:_ASKED] for name in names for value in self.data.objects(peer, name))
        kind = getattr(self.value, "datatype", None)
        if kind is not None and not str(kind).startswith(str(XSD)):  # as of one register: other numbers look otherwise
            found = (value for value in found if getattr(value, "datatype", None) == kind)
        return (value for value in found if fits(value, self.shape, self.shapes, self.data))

    def required(self) -> bool:
        """Tell whether a shape asks for a value of this property, and the focus node has no other."""
        said = self.statement
        others = len(set(self.data.objects(said[0], said[1]))) - 1 if said else 0
        names = [said[1]] if said else self.predicates  # of a choice of properties, the one that has the value
        asking = [shape for name in names for shape in self.shapes.subjects(SH.path, name)]
        least = [
            int(str(count)) for shape in {self.shape, *asking} for count in self.shapes.objects(shape, SH.minCount)
        ]
        return others < max(least, default=0)
