"""Shapes and data drawn by lot: every construct that screens know, nested, over data with the awkward cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from cfit_graph import source

if TYPE_CHECKING:
    from rdflib.term import Node

    Draw = Any

EX = Namespace("http://example.org/")
NODES: list[Node] = [EX[name] for name in "abcde"] + [BNode(f"b{number}") for number in range(3)]
CLASSES = [EX.C, EX.D, EX.E]
TYPES = [*CLASSES, BNode("class")]
PREDICATES = [EX.p, EX.q, EX.r]


def _typed(text: str, datatype: URIRef) -> Literal:
    return Literal(text, datatype=datatype, normalize=False)


LITERALS: list[Node] = [
    *(_typed(text, XSD.integer) for text in ("1", "01", "+1", "2", "-3", "x", "12345678901234567890")),
    *(_typed(text, XSD.decimal) for text in ("1.0", "1.5", "01.5", "2")),
    *(_typed(text, XSD.double) for text in ("1", "1.0E0", "NaN", "INF", "1.5")),
    *(_typed(text, XSD.boolean) for text in ("true", "1", "0", "false", "yes")),
    *(_typed(text, XSD.date) for text in ("2021-02-28", "2021-02-30", "2020-06-14", "2021-02-28Z", "12021-01-01")),
    *(_typed(text, XSD.dateTime) for text in ("2021-02-28T00:00:00", "2021-02-28T00:00:00Z", "2021-02-28T24:00:00")),
    *(
        _typed(text, XSD.dateTime)
        for text in ("2021-02-28T01:00:00+01:00", "2020-06-14T00:00:00", "2021-02-28T00:00:00.50")
    ),
    *(_typed(text, XSD.gYear) for text in ("2021", "2020", "2021Z", "0000")),
    *(_typed(text, XSD.gYearMonth) for text in ("2021-02", "2021-13")),
    *(_typed(text, datatype) for text, datatype in (("1", XSD.byte), ("300", XSD.byte), ("P1Y", XSD.duration))),
    *(_typed(text, datatype) for text, datatype in ((" a  b ", XSD.token), ("a b", XSD.token), ("a b", EX.type))),
    *(_typed(text, datatype) for text, datatype in (("a b", XSD.anyURI), ("en", XSD.language), ("10:00:00", XSD.time))),
    *(Literal(text) for text in ("", "a", "abc", "1", "2021-02-28", "a\nb", "é", "http://example.org/a", 'a\\.b"')),
    *(Literal(text, lang=lang) for text, lang in (("a", "en"), ("a", "EN"), ("b", "en-GB"), ("a", "nl"), ("c", "en"))),
]
DATATYPES = sorted({it.datatype for it in LITERALS if isinstance(it, Literal) and it.datatype})
PATTERNS = ["^a", "[a-z]+$", "^[^@]*$", r"\d", "a.b", "^(a|abc)$", r"^\S+$", "^$", "(?i)A", r"\w{2}", "b$"]

QUERIES = [
    "SELECT $this ?value { $this ex:p ?value . FILTER (STR(?value) < 'b') }",
    "SELECT $this ?value { $this ex:p ?value . FILTER (?value > 1) }",
    "SELECT $this ?value { $this ex:p ?value ; ex:q ?other . FILTER (?value < ?other) }",
    "SELECT $this ?value { $this ex:p ?value ; ex:q ?other . FILTER (!(?value <= ?other)) }",
    "SELECT $this ?value { $this ex:p ?value . FILTER (?value != $this) }",
    "SELECT $this ?value { ?value ex:p/ex:q $this . FILTER NOT EXISTS { ?value ex:r ?it . ?it ex:p ?more } }",
    "SELECT $this ?value { $this ex:p ?value . ?other ex:p ?value . FILTER (STR($this) < STR(?other)) }",
    "SELECT $this { $this ex:p ?v . FILTER NOT EXISTS { ?w ex:q ?v . FILTER (LANG(?v) = 'en') } }",
    "SELECT $this { FILTER NOT EXISTS { $this ex:p/ex:q* ?v . ?v a ex:C } }",
    "SELECT $this (ex:p AS ?path) ?value { { $this ex:p ?value } UNION { ?value ex:q $this } "
    "BIND (STR(?value) AS ?text) FILTER (STRLEN(?text) > 1 || CONTAINS(?text, 'b')) }",
    "SELECT $this ?value { $this ex:p ?value . OPTIONAL { ?value ex:q ?q } FILTER (!BOUND(?q)) }",
    "SELECT $this ?value { $this (ex:p|^ex:q)+ ?value . FILTER (isLITERAL(?value) && ?value NOT IN (1, 'a', ex:b)) }",
    "SELECT $this ?value { $this ex:p ?value . FILTER (LANGMATCHES(LANG(?value), 'en')) }",
    "SELECT $this ?value { $this ex:p ?value . FILTER (!(LANG(?value) = 'en')) }",
    "SELECT $this ?value { $this ex:p ?value . FILTER NOT EXISTS { $this ex:q ?q . FILTER (LANG(?q) != 'en') } }",
    "SELECT $this ?value { $this ex:p ?value . FILTER NOT EXISTS { $this ex:q ?q . FILTER (STR(?q) > STR(?value)) } }",
    "SELECT $this ?value { $this ex:p ?value . FILTER (?value = 1 || sameTerm(?value, 'a')) }",
    "SELECT $this ?value { $this ex:p ?value . FILTER (REGEX(STR(?value), 'B', 'i')) }",
    "SELECT $this ?value { $this ex:p ?value . FILTER (SUBSTR(STR(?value), 1, STRLEN(STR($this))) < STR($this)) }",
    "SELECT $this ?value { $this ?value ?any . FILTER (?value != ex:p) }",
    "SELECT $this ?value { $this ex:p ?value . FILTER (UCASE(STR(?value)) = 'A') }",
    "SELECT $this (COUNT(?v) AS ?value) { $this ex:p ?v } GROUP BY $this",
    "SELECT DISTINCT $this ?value { ?value ex:p ex:a . ?value ex:q ?x . ?x ex:r $this }",
    "SELECT $this ?value { $this ex:p ?value . FILTER NOT EXISTS { { ?value ex:q ?x } UNION { ?x ex:r ?value } } }",
    "SELECT $this ?value { $this ex:p ?value . FILTER EXISTS { $this ex:q ?x . FILTER NOT EXISTS { ?x ex:r ?value }}}",
]


@st.composite
def data(draw: Draw) -> Graph:
    """Draw a data graph, in which tags of languages are as the parser has them."""
    graph = Graph()
    values = st.sampled_from(LITERALS) | st.sampled_from(NODES)
    triples = st.tuples(st.sampled_from(NODES), st.sampled_from(PREDICATES), values)
    typed = st.tuples(st.sampled_from(NODES), st.just(RDF.type), st.sampled_from(TYPES))
    below = st.tuples(st.sampled_from(TYPES), st.just(RDFS.subClassOf), st.sampled_from([*TYPES, EX.F]))
    for triple in draw(st.lists(triples, min_size=1, max_size=16)):
        graph.add(triple)
    for triple in [*draw(st.lists(typed, max_size=6)), *draw(st.lists(below, max_size=3))]:
        graph.add(triple)
    return source.collected(source.triple(source.parser_quad(triple)) for triple in graph)


@st.composite
def shapes(draw: Draw) -> Graph:
    """Draw a shapes graph with one to three shapes that have targets."""
    artist = _Artist(draw)
    artist.graph.add((EX.ontology, RDF.type, OWL.Ontology))
    declared = BNode("declared")
    artist.graph.add((EX.ontology, SH.declare, declared))
    artist.graph.add((declared, SH.prefix, Literal("ex")))
    artist.graph.add((declared, SH.namespace, Literal(str(EX), datatype=XSD.anyURI)))
    for _ in range(draw(st.integers(1, 3))):
        artist.target(artist.shape(3, EX[f"S{len(artist.made)}"]))
    return artist.graph


class _Artist:
    def __init__(self, draw: Draw) -> None:
        self.draw, self.graph = draw, Graph()
        self.made: list[Node] = []
        self.count = 0

    def new(self) -> Node:
        self.count += 1
        return EX[f"N{self.count}"] if self.draw(st.booleans()) else BNode(f"s{self.count}")

    def one(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def node(self, *choices: Node) -> Node:
        chosen: Node = self.one(*choices)
        return chosen

    def add(self, shape: Node, name: URIRef, value: Node) -> None:
        self.graph.add((shape, name, value))

    def target(self, shape: Node) -> None:
        for _ in range(self.draw(st.integers(1, 2))):
            kind = self.one(SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, RDF.type)
            if kind == RDF.type:
                self.add(shape, kind, RDFS.Class)
            elif kind == SH.targetClass:
                self.add(shape, kind, self.one(*CLASSES))
            elif kind == SH.targetNode:
                named = (node for node in NODES if not isinstance(node, BNode))  # SHACL has no blank target nodes
                self.add(shape, kind, self.one(*named, EX.nowhere, *LITERALS[:5]))
            else:
                self.add(shape, kind, self.one(*PREDICATES, RDF.type))

    def shape(self, depth: int, node: Node | None = None) -> Node:
        if node is None and self.made and self.one(0, 0, 0, 1):
            return self.node(*self.made)
        shape = self.new() if node is None else node
        self.add(shape, RDF.type, SH.NodeShape)
        self.add(shape, SH.name, Literal("shape", lang="en"))
        self.value_constraints(shape, depth)
        for _ in range(self.draw(st.integers(0, 2)) if depth else 0):
            self.add(shape, SH.property, self.property(depth - 1))
        if self.one(*[0] * 9, 1) and depth == 3:
            self.query(shape)
        if self.one(*[0] * 14, 1):
            self.add(shape, SH.deactivated, Literal(True))
        if self.one(0, 0, 1):
            self.add(shape, SH.message, Literal("Give {$this} another."))
        self.made.append(shape)
        return shape

    def property(self, depth: int) -> Node:
        shape = self.new()
        self.add(shape, RDF.type, SH.PropertyShape)
        self.add(shape, SH.description, Literal("Says why.", lang="en"))
        self.add(shape, SH.path, self.path(2))
        for _ in range(self.draw(st.integers(1, 2))):
            self.one(self.set_constraint, self.value_constraints)(shape, depth)
        if self.one(*[0] * 9, 1):
            self.query(shape)
        if depth and self.one(0, 0, 1):
            self.add(shape, SH.property, self.property(depth - 1))
        return shape

    def path(self, depth: int) -> Node:
        kind = self.one("step", "step", "inverse", "sequence", "choice", "repeat") if depth else "step"
        if kind == "step":
            return self.node(*PREDICATES)
        self.count += 1
        node = BNode(f"path{self.count}")
        if kind in {"sequence", "choice"}:
            head = self.listed([self.path(depth - 1) for _ in range(2)])
            if kind == "sequence":
                return head
            self.add(node, SH.alternativePath, head)
        elif kind == "inverse":
            self.add(node, SH.inversePath, self.path(depth - 1))
        else:
            self.add(node, self.one(SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath), self.path(depth - 1))
        return node

    def query(self, shape: Node) -> None:
        constraint = self.new()
        self.add(shape, SH.sparql, constraint)
        self.add(constraint, SH.select, Literal(self.one(*QUERIES)))
        self.add(constraint, SH.prefixes, EX.ontology)
        self.add(constraint, SH.message, Literal("Wrong: {?value}"))

    def listed(self, members: list[Node]) -> Node:
        self.count += 1
        head = BNode(f"list{self.count}")
        Collection(self.graph, head, members)
        return head

    def number(self, low: int, high: int) -> Literal:
        return _typed(str(self.draw(st.integers(low, high))), XSD.integer)

    def value_constraints(self, shape: Node, depth: int) -> None:
        for _ in range(self.draw(st.integers(0, 2))):
            self.value_constraint(shape, depth)

    def value_constraint(self, shape: Node, depth: int) -> None:
        simple = [
            lambda: self.add(shape, SH["class"], self.one(*CLASSES, EX.F)),
            lambda: self.once(shape, SH.datatype, self.one(*DATATYPES, XSD.string, RDF.langString, RDFS.Literal)),
            lambda: self.once(shape, SH.nodeKind, SH[self.one(*KINDS)]),
            lambda: self.graph.set(  # there is one of each at most
                (shape, self.one(*BOUNDS), self.one(*LITERALS[:2], *LITERALS[7:9], *PLAIN_BOUNDS))
            ),
            lambda: self.once(shape, self.one(SH.minLength, SH.maxLength), self.number(0, 4)),
            lambda: self.pattern(shape),
            lambda: self.once_list(shape, SH.languageIn, [Literal(it) for it in self.some("en", "nl", "*", "en-GB")]),
            lambda: self.once_list(shape, SH["in"], self.some(*NODES, *LITERALS)),
            lambda: self.closed(shape),
        ]
        nested = [
            lambda: self.add(shape, SH["not"], self.shape(depth - 1)),
            lambda: self.add(shape, SH.node, self.shape(depth - 1)),
            lambda: self.add(shape, self.one(SH["and"], SH["or"], SH.xone), self.listed(self.several(depth))),
        ]
        self.one(*simple, *(nested if depth else ()))()

    def several(self, depth: int) -> list[Node]:
        kinds = [self.one(self.shape, self.shape, self.property) for _ in range(self.draw(st.integers(1, 3)))]
        return [kind(depth - 1) for kind in kinds]

    def some(self, *choices: Any) -> list[Any]:
        chosen: list[Any] = self.draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4, unique=True))
        return chosen

    def once(self, shape: Node, name: URIRef, value: Node) -> None:
        if (shape, name, None) not in self.graph:
            self.add(shape, name, value)

    def once_list(self, shape: Node, name: URIRef, members: list[Node]) -> None:
        if (shape, name, None) not in self.graph:
            self.add(shape, name, self.listed(members))

    def pattern(self, shape: Node) -> None:
        self.add(shape, SH.pattern, Literal(self.one(*PATTERNS)))
        if self.one(0, 0, 1):
            self.once(shape, SH.flags, Literal("i"))

    def closed(self, shape: Node) -> None:
        if (shape, SH.closed, None) not in self.graph:
            self.add(shape, SH.closed, Literal(self.one(True, True, False)))
            if self.draw(st.booleans()):
                self.add(shape, SH.ignoredProperties, self.listed([RDF.type, EX.p]))

    def set_constraint(self, shape: Node, depth: int) -> None:
        self.one(
            lambda: self.once(shape, SH.minCount, self.number(0, 6)),
            lambda: self.once(shape, SH.maxCount, self.number(0, 5)),
            lambda: self.once(shape, SH.uniqueLang, Literal(self.one(True, True, False))),
            lambda: self.add(shape, SH.hasValue, self.one(*NODES, *LITERALS)),
            lambda: self.add(shape, self.one(*PAIRS), self.one(*PREDICATES)),
            lambda: self.qualified(shape, depth),
        )()

    def qualified(self, shape: Node, depth: int) -> None:
        if depth and (shape, SH.qualifiedValueShape, None) not in self.graph:
            self.add(shape, SH.qualifiedValueShape, self.shape(depth - 1))
            self.add(shape, self.one(SH.qualifiedMinCount, SH.qualifiedMaxCount), self.number(0, 3))
            if self.draw(st.booleans()):
                self.add(shape, SH.qualifiedValueShapesDisjoint, Literal(True))


KINDS = ["IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"]
BOUNDS = [SH.minInclusive, SH.maxInclusive, SH.minExclusive, SH.maxExclusive]
PLAIN_BOUNDS = [_typed("2021-01-01", XSD.date), _typed("2021-01-01T00:00:00", XSD.dateTime), Literal("b")]
PAIRS = [SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals]
