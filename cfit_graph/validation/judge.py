"""The second stage: pySHACL, the reference, judges candidates.

Its shapes are asked one by one about the nodes they are given, since its option for focus nodes knows no blank nodes
and literals, and drops what ``sh:node`` finds. All else is as in ``pyshacl.validate`` without inference or imports.
"""

from __future__ import annotations

import functools
import re
import warnings
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyshacl.rdfutil.clone
import pyshacl.shape
import rdflib
from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.graph_abstraction import DataGraph
from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper
from pyshacl.monkey import rdflib_bool_patch, rdflib_bool_unpatch
from pyshacl.rdfutil.clone import clone_blank_node
from pyshacl.rdfutil.stringify import stringify_blank_node
from pyshacl.validator import Validator
from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.plugins.sparql import prepareQuery

from cfit_graph.errors import SourceError
from cfit_graph.single import Single
from cfit_graph.validation.shapes import queries

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from pathlib import Path

    from rdflib.namespace import NamespaceManager
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result as Rows
    from rdflib.term import Node

    from cfit_graph.validation.shapes import Shapes

_ASIDE: Final = {SH.name, SH.description}
"""What SHACL has for people only (section 2.3.2)."""
_NEVER: Final = re.compile(r"(?!)")
"""In place of what pySHACL looks for in texts and finds in names such as ex:inService; the parsed query tells."""


# as pySHACL sets it when it judges for the first time
pyshacl.shape.CONSTRAINT_PARAMS = (ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP)  # type: ignore[attr-defined]


class _Ended(Collection):
    """A list that remembers where it ends; rdflib goes all along it for every member that pySHACL copies."""

    _last: Node | None = None

    def _end(self) -> Node:
        end = self._last or self.uri
        while (rest := self.graph.value(end, RDF.rest)) not in {None, RDF.nil}:
            end = rest
        self._last = end
        return end


pyshacl.rdfutil.clone.Collection = _Ended  # type: ignore[attr-defined]


class _Prepared(Graph):
    """A graph that parses each query once: pySHACL asks the same one for every focus node."""

    prefixes: Mapping[str, str] = MappingProxyType({})

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Rows:
        prepared = _query(query_object, tuple(sorted(self.prefixes.items())))
        return super().query(prepared, *args, **kwargs)


class _Listed(Graph):
    """A graph of which each list is read once: pySHACL reads those of a shape anew at every focus node."""

    def __init__(self, namespace_manager: NamespaceManager) -> None:
        super().__init__(Single(), namespace_manager=namespace_manager)
        self._read: dict[Node, tuple[Node, ...]] = {}

    def items(self, list: Node) -> Generator[Node, None, None]:  # noqa: A002 - rdflib calls it so
        if list not in self._read:
            self._read[list] = tuple(super().items(list))
        yield from self._read[list]


def _components() -> tuple[frozenset[Any], dict[Any, Any]]:
    """Return the parameters of SHACL, and what makes the component of each, once for each shape.

    pySHACL makes all components of a shape anew at every node, and looks for their parameters in a list.
    """
    once = {kind: functools.cache(kind) for kind in CONSTRAINT_PARAMETERS_MAP.values()}
    return frozenset(ALL_CONSTRAINT_PARAMETERS), {name: once[kind] for name, kind in CONSTRAINT_PARAMETERS_MAP.items()}


@functools.lru_cache(maxsize=256)
def _query(text: str, prefixes: tuple[tuple[str, str], ...]) -> Query:
    prepared = prepareQuery(text, initNs=dict(prefixes))
    queries.refuse_forbidden(prepared.algebra)
    return prepared


class Judge:
    """pySHACL with the shapes of one shapes graph."""

    def __init__(self, shapes: Shapes) -> None:
        with _as_source_error(shapes.path):
            self._path, self._shapes = shapes.path, copied(shapes.graph)

    def judge(self, data: Graph, cases: Iterable[tuple[Node, Iterable[Node]]]) -> Iterator[list[Result]]:
        """Yield the results of each case: of a shape for some nodes of a graph.

        Raises:
            SourceError: if the shapes turn out to be such that nothing can be judged by them.
        """
        stringify_blank_node.dict_cache.clear()  # it goes by the addresses of graphs, which are used again
        graph = DataGraph.from_rdflib(prepared(data, self._shapes))
        with _as_source_error(self._path):
            validator = Validator(graph, shacl_graph=self._shapes)
            shapes = {shape.node: shape for shape in validator.shacl_graph.shapes}
        components = _components()
        for shape, nodes in cases:
            with _as_source_error(self._path), _set(pyshacl.shape, CONSTRAINT_PARAMS=components):
                _, found = shapes[shape].validate(validator.make_executor(), graph, focus=list(nodes))
            yield [Result(node, [self._loose(triple) for triple in triples]) for _, node, triples in found]

    def report(self, data: Graph, results: list[Result]) -> Graph:
        """Return results as a report; ``data`` has the blank nodes in them.

        Raises:
            SourceError: if one of them is nowhere in the data.
        """
        report, head = Graph(Single(), namespace_manager=self._shapes.namespace_manager), BNode()
        report.add((head, RDF.type, SH.ValidationReport))
        report.add((head, SH.conforms, Literal(not results)))
        graphs = {True: self._shapes, False: DataGraph.from_rdflib(data)}

        @functools.cache  # a blank node is copied once, however many results name it
        def own(of_shapes: bool, node: BNode) -> Node:
            return clone_blank_node(graphs[of_shapes], node, report, keepid=True)

        with _as_source_error(self._path):
            for result, triples in results:
                report.add((head, SH.result, result))
                for subject, name, value in triples:
                    report.add((subject, name, own(*value) if isinstance(value, tuple) else value))
        return report

    def _loose(self, triple: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        """Return a statement of a result that says of a blank node whether it is of the shapes, not of which graph."""
        subject, name, value = triple
        if isinstance(value, tuple):
            graph, node = value
            value = (graph is self._shapes, node) if isinstance(node, BNode) else node
        return subject, name, value


class Result(NamedTuple):
    """A result of pySHACL: its node, and the statements about it and what is in it."""

    node: Node
    triples: list[tuple[Any, Any, Any]]


def check_query(select: str, path: Path) -> None:
    """Refuse a query that pySHACL refuses as constraint.

    Raises:
        SourceError: with the reason that pySHACL gives.
    """
    with _as_source_error(path):
        SPARQLQueryHelper(None, None, select).check_invalid_sparql(select)  # type: ignore[no-untyped-call]


def prepared(data: Graph, shapes: Graph) -> Graph:
    """Return a graph with the statements and prefixes of another, which parses each query of ``shapes`` once."""
    graph = _Prepared(data.store, data.identifier, bind_namespaces="none")
    graph.prefixes = queries.prefixes(shapes)
    graph.namespace_manager = data.namespace_manager
    return graph


def copied(graph: Graph) -> Graph:
    """Return a copy, to which pySHACL may add what it adds, with booleans as strict as when it reads shapes itself.

    What shapes with an address are called, and why they are there, is left out: it takes its time, and no judge asks.
    """
    copy = _Listed(graph.namespace_manager)
    rdflib_bool_patch()  # type: ignore[no-untyped-call]
    try:
        for subject, predicate, value in graph:
            if predicate in _ASIDE and isinstance(subject, URIRef):
                continue
            is_boolean = isinstance(value, Literal) and value.datatype == XSD.boolean
            copy.add((subject, predicate, Literal(str(value), datatype=XSD.boolean) if is_boolean else value))
    finally:
        rdflib_bool_unpatch()  # type: ignore[no-untyped-call]
    return copy


@contextmanager
def _as_source_error(path: Path) -> Iterator[None]:
    """Turn what pySHACL raises into an error of ours, with literals normalised meanwhile, as it has them.

    Nor does it write its report in words meanwhile, which nobody reads, and which takes a fourth of its time.
    """
    try:
        with (
            _set(rdflib, NORMALIZE_LITERALS=True),
            _set(ConstraintComponent, make_v_result_description=_no_words),
            _set(SPARQLQueryHelper, has_minus_regex=_NEVER, has_service_regex=_NEVER),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")  # where it gives up on shapes that refer to themselves, --verbose says so
            yield
    except RecursionError as error:  # rdflib calls itself for each step of a path, and for each class above another
        raise SourceError(path, "the data are nested too deep for these shapes: a chain has too many links") from error
    except ArithmeticError as error:  # rdflib asks Python to compare a decimal with what is not a number
        raise SourceError(
            path, "the data have a number that cannot be compared with what these shapes ask for"
        ) from error
    except MemoryError:
        raise  # no shape is to blame for it
    except Exception as error:  # pySHACL, and rdflib below it, raise errors of any kind where they cannot go on
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(path, f"these shapes cannot be used: {reason}") from error


@contextmanager
def _set(owner: object, **values: object) -> Iterator[None]:
    """Give attributes of a library other values meanwhile."""
    before = {name: getattr(owner, name) for name in values}
    try:
        for name, value in values.items():
            setattr(owner, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)


def _no_words(*_: object, **__: object) -> str:
    return ""
