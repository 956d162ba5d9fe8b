"""The two stages put together: screens find candidates, the judge judges them with what their shapes can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import RDF, SH, BNode, Graph, Literal

from cfit_graph import cores, source
from cfit_graph.validation import checks, keeping, stored, terms
from cfit_graph.validation.facts import Facts
from cfit_graph.validation.screens import Screens
from cfit_graph.validation.screens.sight import Seen
from cfit_graph.validation.shapes import queries
from cfit_graph.validation.shapes.ill_formed import IllFormed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    from cfit_graph.validation.facts import Sources
    from cfit_graph.validation.judge import Result
    from cfit_graph.validation.screens import Fallback
    from cfit_graph.validation.shapes import Shapes

    Candidates = dict[Node, set[source.Term]]
    Cases = list[tuple[Node, list[Node]]]


@dataclass(frozen=True)
class Verdict:
    """A W3C validation report, all statements that were judged, and what could not be screened."""

    report: Graph
    data: source.Read
    fallbacks: tuple[Fallback, ...]


def examine(sources: Sources, shapes: Shapes) -> Verdict:
    """Judge what sources say by shapes.

    Raises:
        SourceError: if the sources cannot be read, or the shapes cannot be used.
    """
    facts = Facts(with_terms=checks.TERM in checks.names(shapes.graph))
    facts.read(sources)
    screens = Screens(shapes, facts)
    check_shapes(shapes)
    candidates = screens.candidates([(screen, None) for screen in screens.all])
    seen = Seen(facts.store)
    look(seen, screens, candidates)
    faulty = look_for_checks(seen, facts)
    data = picked(sources, seen)
    report = judged(shapes, data, candidates)
    checks.add_results(report, data, shapes.graph, facts.own_terms(), faulty)
    return Verdict(report, stored.graph(facts.store, data), screens.fallbacks)


def check_shapes(shapes: Shapes) -> None:
    """Refuse shapes that judge nothing, and let pySHACL say whether it takes queries of a kind that it may refuse.

    It would say so only where the data lead it to them; shapes that cannot be used are refused whatever the data.

    Raises:
        SourceError: if there is no target in them, or pySHACL does not take one.
    """
    if checks.names(shapes.graph).isdisjoint(checks.GRAPH_CHECKS):
        shapes.refuse_aimless()
    for shape, constraint in shapes.queries():
        try:
            queries.parsed(shape, constraint, shapes.graph)
        except IllFormed as error:
            raise shapes.refused(shape.node, str(error)) from None
    doubtful = sorted({it for _, it in shapes.queries() if queries.is_doubtful(it, shapes.graph)}, key=str)
    if doubtful:
        from cfit_graph.validation.judge import check_query  # noqa: PLC0415 - as in judged

        for constraint in doubtful:
            check_query(str(shapes.graph.value(constraint, SH.select)), shapes.path)


def look(seen: Seen, screens: Screens, candidates: Candidates) -> None:
    """Add what the shapes of candidates can see."""
    for screen in screens.all:
        seen.look(screen.sight, candidates.get(screen.shape.node, set()))


def look_for_checks(seen: Seen, facts: Facts) -> list[Node]:
    """Add the statements that checks on every statement find fault with, and return their subjects."""
    wrong = terms.undefined(facts.unknown, facts.own_terms())
    nodes = facts.faulty.union(*map(facts.mentions, wrong))
    seen.describe(nodes)
    return nodes_of(nodes)


def picked(sources: Sources, seen: Seen) -> source.Read:
    """Return what is seen and nothing else, as it stands in the sources, with their files and prefixes."""
    return sources.graph(map(stored.triple, sorted(seen.statements(), key=str)))  # the store has an order by lot


def judged(shapes: Shapes, data: Graph, candidates: Candidates) -> Graph:
    """Return the validation report on candidates.

    Raises:
        SourceError: if the shapes cannot be used.
    """
    cases = [(shape, nodes_of(nodes)) for shape, nodes in candidates.items() if nodes]
    if not cases:
        return empty_report(shapes)
    from cfit_graph.validation.judge import Judge  # noqa: PLC0415 - pySHACL takes a third of a second to import

    judge = Judge(shapes)

    def results(some: Cases) -> list[Result]:
        return [it for found in judge.judge(data, some) for it in found]

    return judge.report(data, [it for found in cores.shared(results, _parts(cases)) for it in found])


def _parts(cases: Cases) -> list[Cases]:
    """Return the cases in as many parts as there are cores, if there is much to do."""
    number = cores.number(sum(len(nodes) for _, nodes in cases))
    return [[(shape, some) for shape, nodes in cases if (some := nodes[part::number])] for part in range(number)]


def nodes_of(terms: Iterable[source.Term]) -> list[Node]:
    """Return the nodes that terms in the store stand for."""
    return [source.node(keeping.written(term)) for term in terms]


def empty_report(shapes: Shapes) -> Graph:
    """Return the report on data that conform."""
    report, node = Graph(namespace_manager=shapes.graph.namespace_manager), BNode()
    report.add((node, RDF.type, SH.ValidationReport))
    report.add((node, SH.conforms, Literal(True)))
    return report
