"""SPARQL constraints (SHACL, 5), compiled: a pattern that finds at least the focus nodes for which the query has a row.

The query is asked of all focus nodes at once. That comes to the same as asking it of each, with ``$this`` bound
beforehand, only if each part says of ``$this`` itself what it needs; any other query is Unsupported. Patterns in
``EXISTS`` are nested one in the other, from what is known to what is not.
"""

from __future__ import annotations

import itertools
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rdflib import BNode, Literal, URIRef, Variable
from rdflib import paths as rdflib_paths

from cfit_graph.queries import algebra
from cfit_graph.queries.algebra import call, exists, filtered
from cfit_graph.validation import keeping
from cfit_graph.validation.screens.expressions import NODE, TERM, Unsupported, Value, truth, value
from cfit_graph.validation.screens.propositions import NEVER, Proposition, Variables, all_of, any_of, some
from cfit_graph.validation.shapes import paths, queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib import Graph
    from rdflib.plugins.sparql.parserutils import CompValue
    from rdflib.term import Node

    from cfit_graph.validation.screens.regexes import Functions
    from cfit_graph.validation.shapes import Shape

    Triple = tuple[Any, Any, Any]

_THIS: Final = "this"
_IDLE: Final = frozenset({"Project", "Distinct", "Reduced", "OrderBy"})
_GROUPS: Final = frozenset({"Filter", "Extend", "LeftJoin"})


@dataclass
class Group:
    """The triples of a group, those of which only one branch holds, those that may be missing, and those in EXISTS."""

    triples: list[Triple] = field(default_factory=list)
    unions: list[list[Group]] = field(default_factory=list)
    optional: list[Group] = field(default_factory=list)
    inner: list[Group] = field(default_factory=list)

    def all(self) -> Iterator[Triple]:
        """Yield all triples in it."""
        yield from self.triples
        for group in [*(it for union in self.unions for it in union), *self.optional, *self.inner]:
            yield from group.all()


@dataclass
class Select:
    """A compiled constraint: the pattern to be joined with the targets, its triples, and what of it is not known."""

    pattern: str = ""
    group: Group = field(default_factory=Group)
    reasons: list[str] = field(default_factory=list)

    def repeated(self) -> set[str]:
        """Return all properties that the query goes by, if it follows a path again and again."""
        ways = [path_of(it[1]) for it in self.group.all() if not isinstance(it[1], Variable)]
        return set().union(*map(paths.predicates, ways)) if any(map(paths.repeats, ways)) else set()


def read(shape: Shape, constraint: Node, graph: Graph, functions: Functions, variables: Variables) -> Select:
    """Compile the constraint of a shape; ``reasons`` say why it cannot be, if it cannot.

    Raises:
        IllFormed: if its query is no SELECT query of SPARQL 1.1.
    """
    parsed = queries.parsed(shape, constraint, graph)
    result = Select()
    reading = _Reading(functions, variables, result)
    if queries.is_doubtful(constraint, graph):
        result.reasons.append("a SPARQL constraint has a part that screens leave to pySHACL")
        return result
    try:
        result.pattern = reading.whole(parsed)
    except Unsupported as error:
        result.reasons.append(f"a SPARQL constraint has {error}")
    return result


class _Reading:
    """One query being compiled: which variables are bound for certain, and which are known to be no literals."""

    def __init__(self, functions: Functions, variables: Variables, result: Select) -> None:
        self.functions, self._variables, self._result = functions, variables, result
        self._bound, self._nodes = {_THIS}, set[str]()
        self._perhaps: set[str] = set()
        self._values: dict[str, Value | None] = {}
        self._only_exact = False
        self._here = result.group

    def whole(self, query: CompValue) -> str:
        """Return the pattern of a whole query."""
        if query.datasetClause:
            raise Unsupported("a dataset of its own")
        part = query.p
        while part.name in _IDLE:
            part = part.p
        while part.name == "Extend" and part.var in query.PV:  # (expression AS ?name) among what is selected
            part = part.p
        pattern = self._group(part, top=True)
        properties = {name for triple in self._result.group.all() for name in _names(triple[1])}
        if properties & {name for triple in self._result.group.all() for name in _names(triple[0], triple[2])}:
            raise Unsupported("a variable that is a property in one place and a node in another")
        used = {name for triple in self._result.group.all() for name in _names(*triple)}
        if used & self._values.keys():
            raise Unsupported("a pattern with a variable that BIND gives a value")
        return pattern

    # What the expressions ask

    def variable(self, name: str) -> Value:
        """Return what a variable stands for."""
        if name in self._values:
            found = self._values[name]
            if found is None:
                raise Unsupported("a variable with a value that screens do not know")
            return found
        text = _name(name)
        sure = algebra.TRUE if name in self._bound else call("BOUND", text)
        return Value(text, NODE if name in self._nodes and name in self._bound else TERM, sure)

    def found(self, pattern: CompValue) -> Proposition:
        """Return the proposition that a pattern in EXISTS is found."""
        found = []
        for triples, filters in _alternatives(pattern, top=True):
            with self._apart(self._here.inner):
                found.append(self._exists(triples, filters))
        return any_of(*found)

    def note(self, reason: str) -> None:
        """Keep a reason."""
        if reason not in self._result.reasons:
            self._result.reasons.append(reason)

    # Groups, as they are printed

    def _group(self, part: CompValue, *, top: bool = False) -> str:
        rule = {
            "BGP": self._bgp,
            "Join": self._join,
            "Filter": self._filter,
            "Extend": self._extend,
            "Union": self._union,
            "LeftJoin": self._optional,
        }.get(part.name)
        if rule is None:
            raise Unsupported(f"a part that screens do not know, {part.name}")
        if not top and part.name in _GROUPS and not _stands_alone(part):
            raise Unsupported("a group with a filter on what is bound outside of it")
        return rule(part, top)

    def _bgp(self, part: CompValue, _: bool) -> str:
        self._here.triples += part.triples
        steady = {str(it) for s, p, o in part.triples if not _can_be_idle(p) for it in (s, o)} | self._bound
        for subject, predicate, end in part.triples:
            if _can_be_idle(predicate) and not {str(subject), str(end)} & steady:
                raise Unsupported("a path that may stand still on a node that nothing else is said of")
            self._bound |= _names(subject, predicate, end)
            self._nodes |= _names(subject, predicate)
        return " ".join(_pattern(*triple) for triple in part.triples)

    def _join(self, part: CompValue, top: bool) -> str:
        first = self._group(part.p1, top=top)
        second = self._group(part.p2)
        return f"{first} {second if part.p2.name == 'BGP' else '{ ' + second + ' }'}"

    def _filter(self, part: CompValue, top: bool) -> str:
        pattern, condition = self._group(part.p, top=top), truth(part.expr, self)
        if self._only_exact and condition.may != condition.must:
            raise Unsupported("a filter in OPTIONAL that screens do not know exactly")
        return filtered(pattern, condition.may)

    def _extend(self, part: CompValue, top: bool) -> str:
        if not top:
            raise Unsupported("a BIND inside a group")
        pattern = self._group(part.p, top=top)
        try:
            self._values[str(part.var)] = value(part.expr, self)
        except Unsupported:
            self._values[str(part.var)] = None
        return pattern

    def _union(self, part: CompValue, _: bool) -> str:
        patterns, known, branches = [], [], list[Group]()
        self._here.unions.append(branches)
        for branch in (part.p1, part.p2):
            with self._apart(branches):
                patterns.append(self._group(branch))
                known.append((set(self._bound), set(self._nodes)))
        self._perhaps |= known[0][0] ^ known[1][0]
        self._bound |= known[0][0] & known[1][0]
        self._nodes |= known[0][1] & known[1][1]
        return algebra.union(*patterns)

    def _optional(self, part: CompValue, top: bool) -> str:
        pattern, was = self._group(part.p1, top=top), self._only_exact
        with self._apart(self._here.optional):
            self._only_exact = True
            inner = self._group(part.p2)
            condition = Proposition.exactly(algebra.TRUE)
            if part.expr.name != "TrueFilter":
                condition = truth(part.expr, self)
            self._only_exact, new = was, set(self._bound)
        self._perhaps |= new - self._bound
        if condition.may != condition.must:
            raise Unsupported("a filter in OPTIONAL that screens do not know exactly")
        return f"{pattern} {algebra.optional(filtered(inner, condition.may))}"

    # Patterns in EXISTS, as nested conditions

    def _exists(self, triples: list[Triple], filters: list[Any]) -> Proposition:
        self._here.triples += triples
        if {name for triple in triples for name in _names(*triple)} & (self._perhaps | self._values.keys()):
            raise Unsupported("a pattern in EXISTS with a variable that may have no value")
        return self._chain(triples, lambda: all_of(*(truth(expression, self) for expression in filters)))

    def _chain(self, triples: list[Triple], rest: Callable[[], Proposition]) -> Proposition:
        """Return the proposition that all triples are found with one another, and ``rest`` with them."""
        if not triples:
            return rest()
        first = next((it for it in triples if self._is_known(it[0]) or self._is_known(it[2])), triples[0])
        others = [it for it in triples if it is not first]
        subject, predicate, value = first
        path = None if isinstance(predicate, Variable) else path_of(predicate)
        if path is None or isinstance(path, paths.Step) or not (self._is_known(subject) or self._is_known(value)):
            return self._plain(first, others, rest)
        if self._is_known(subject):
            return self._along(path, subject, value, others, rest)
        return self._along(paths.turned(path), value, subject, others, rest)

    def _plain(self, triple: Triple, others: list[Triple], rest: Callable[[], Proposition]) -> Proposition:
        pattern = _pattern(*(self._term(it) for it in triple))
        with self._apart():
            self._bound |= _names(*triple)
            self._nodes |= _names(*triple[:2])
            inner = self._chain(others, rest)
        return Proposition(exists(pattern, inner.may), exists(pattern, inner.must))

    def _along(
        self, path: paths.Path, start: Any, end: Any, others: list[Triple], rest: Callable[[], Proposition]
    ) -> Proposition:
        def arrived(value: str) -> Proposition:
            if self._is_known(end):
                same = Proposition.exactly(call("sameTerm", value, _term_text(self._term(end))))
                return NEVER if same == NEVER else same & self._chain(others, rest)
            with self._apart():
                self._values[str(end)] = Value(value, TERM)
                self._bound.add(str(end))
                return self._chain(others, rest)

        return some(path, _term_text(self._term(start)), arrived, self._variables)

    def _is_known(self, term: Any) -> bool:
        return str(term) in self._bound if isinstance(term, Variable | BNode) else True

    def _term(self, term: Any) -> Any:
        given = self._values.get(str(term)) if isinstance(term, Variable) else None
        return given.text if given else term

    @contextmanager
    def _apart(self, groups: list[Group] | None = None) -> Iterator[None]:
        """Forget afterwards what is bound inside; with ``groups``, inside is a new group among them."""
        before = set(self._bound), set(self._nodes), dict(self._values), self._here
        if groups is not None:
            self._here = Group()
            groups.append(self._here)
        try:
            yield
        finally:
            self._bound, self._nodes, self._values, self._here = before


def _alternatives(part: CompValue, *, top: bool = False) -> list[tuple[list[Triple], list[Any]]]:
    """Return the triples and filters of a pattern in EXISTS, for each choice of branches of its unions."""
    if part.name == "BGP":
        return [(list(part.triples), [])]
    if part.name == "Union":
        return _alternatives(part.p1) + _alternatives(part.p2)
    if part.name == "Join":
        pairs = itertools.product(_alternatives(part.p1), _alternatives(part.p2))
        return [(triples + others, filters + more) for (triples, filters), (others, more) in pairs]
    if part.name == "Filter" and (top or _stands_alone(part)):
        return [(triples, [*filters, part.expr]) for triples, filters in _alternatives(part.p)]
    raise Unsupported(f"a part in EXISTS that screens do not know, {part.name}")


def _stands_alone(part: CompValue) -> bool:
    """Tell whether a group binds all that its filters ask about."""
    triples = [triple for bgp in _bgps(part) for triple in bgp.triples]
    bound = {name for triple in triples for name in _names(*triple)}
    return {str(name) for name in part._vars} <= bound  # noqa: SLF001 - the library has no other way to tell


def _bgps(part: Any) -> Iterator[CompValue]:
    if getattr(part, "name", "") == "BGP":
        yield part
    for name in ("p", "p1", "p2"):
        if getattr(part, "name", "") and name in part:
            yield from _bgps(part[name])


def _names(*terms: Any) -> set[str]:
    return {str(term) for term in terms if isinstance(term, Variable | BNode)}


def _name(name: str) -> str:
    return f"?{name}" if name == _THIS else f"?u_{name}"


def _pattern(subject: Any, predicate: Any, value: Any) -> str:
    way = _term_text(predicate) if isinstance(predicate, Variable | str) else paths.text(path_of(predicate))
    return algebra.triple(_term_text(subject), way, _term_text(value))


def _term_text(term: Any) -> str:
    if isinstance(term, Variable):
        return _name(str(term))
    if isinstance(term, BNode):
        return f"?b_{re.sub('[^A-Za-z0-9]', '_', str(term))}"
    return keeping.term(term) if isinstance(term, URIRef | Literal) else str(term)


def _can_be_idle(predicate: Any) -> bool:
    return isinstance(predicate, rdflib_paths.Path) and paths.can_be_idle(path_of(predicate))


def path_of(path: Any) -> paths.Path:
    """Return a path of rdflib's algebra as one of ours.

    Raises:
        Unsupported: if it excludes properties.
    """
    if isinstance(path, URIRef):
        return paths.Step(str(path))
    if isinstance(path, rdflib_paths.InvPath):
        return paths.turned(path_of(path.arg))
    if isinstance(path, rdflib_paths.SequencePath):
        return paths.Sequence(tuple(map(path_of, path.args)))
    if isinstance(path, rdflib_paths.AlternativePath):
        return paths.Alternative(tuple(map(path_of, path.args)))
    if isinstance(path, rdflib_paths.MulPath):
        return paths.Repeat(path_of(path.path), idle=path.mod in "*?", many=path.mod in "*+")
    raise Unsupported("a path that screens do not know")
