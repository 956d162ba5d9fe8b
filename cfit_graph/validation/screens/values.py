"""Constraints of SHACL Core on each value node: the proposition that a value breaks one (SHACL, 4.1 and 4.3 to 4.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rdflib import RDF, RDFS, SH, XSD, Literal, URIRef

from cfit_graph.queries.algebra import TRUE, among, both, call, either, exists, negate, triple
from cfit_graph.validation import keeping
from cfit_graph.validation.checks import CHECK, VALUE_CHECKS
from cfit_graph.validation.screens import regexes
from cfit_graph.validation.screens.propositions import (
    NEVER,
    Proposition,
    all_of,
    any_of,
    compared,
    has_datatype,
    is_literal,
    one_of,
)
from cfit_graph.validation.shapes import is_true
from cfit_graph.validation.shapes.ill_formed import members

if TYPE_CHECKING:
    from collections.abc import Callable

    from rdflib.term import Node

    from cfit_graph.validation.screens.core import Compiler
    from cfit_graph.validation.shapes import Shape

    Rule = Callable[[Compiler, Shape, str], Proposition]

_TYPE: Final = f"<{RDF.type}>"
_KINDS: Final = {
    SH.IRI: ("isIRI",),
    SH.BlankNode: ("isBlank",),
    SH.Literal: ("isLiteral",),
    SH.BlankNodeOrIRI: ("isBlank", "isIRI"),
    SH.BlankNodeOrLiteral: ("isBlank", "isLiteral"),
    SH.IRIOrLiteral: ("isIRI", "isLiteral"),
}
_SIGNS: Final = {SH.minInclusive: ">=", SH.minExclusive: ">", SH.maxInclusive: "<=", SH.maxExclusive: "<"}


def number(shape: Shape, name: URIRef) -> int:
    """Return the number that a parameter gives; 0 if it is not given."""
    return max((int(getattr(value, "value", 0)) for value in shape.all(name)), default=0)


def is_set(shape: Shape, name: URIRef) -> bool:
    """Tell whether a parameter is given as true."""
    return any(map(is_true, shape.all(name)))


def _class(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    def lacking(kind: Node) -> Proposition:
        (path, kinds), variable = compiler.instances(kind), compiler.variables.new()
        if len(kinds) == 1:
            return Proposition.exactly(negate(exists(triple(value, path, kinds[0]))))
        return Proposition.exactly(negate(exists(triple(value, path, variable), among(variable, kinds))))

    return any_of(*map(lacking, shape.all(SH["class"])))


def _datatype(_: Compiler, shape: Shape, value: str) -> Proposition:
    datatype = shape.all(SH.datatype)[0]
    if datatype == RDFS.Literal:  # pySHACL takes every literal for one
        return Proposition.exactly(negate(is_literal(value)))
    if datatype == RDFS.Datatype:
        plain = has_datatype(value, f"<{XSD.string}>", f"<{RDF.langString}>")
        return Proposition.exactly(either(negate(is_literal(value)), plain))
    return Proposition.exactly(negate(has_datatype(value, f"<{datatype}>", f"<{keeping.WELL}{datatype}>")))


def _node_kind(_: Compiler, shape: Shape, value: str) -> Proposition:
    tests = (call(test, value) for test in _KINDS[URIRef(str(shape.all(SH.nodeKind)[0]))])
    return Proposition.exactly(negate(either(*tests)))


def _bounds(_: Compiler, shape: Shape, value: str) -> Proposition:
    literal = Proposition.exactly(is_literal(value))
    bounds = ((sign, keeping.term(bound)) for name, sign in _SIGNS.items() for bound in shape.all(name))
    return any_of(*(~(literal & compared(value, sign, bound)) for sign, bound in bounds))


def _lengths(_: Compiler, shape: Shape, value: str) -> Proposition:
    length, least, most = f"STRLEN(STR({value}))", number(shape, SH.minLength), number(shape, SH.maxLength)
    short = _wrong_text(value, f"({length} < {least})") if least else NEVER
    return short | (_wrong_text(value, f"({length} > {most})") if shape.all(SH.maxLength) else NEVER)


def _pattern(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    flags = "".join(str(flag).lower() for flag in shape.all(SH.flags))
    found = (regexes.found(str(pattern), flags, value, compiler.functions) for pattern in shape.all(SH.pattern))
    return any_of(*(_wrong_text(value, negate(condition)) for condition in found))


def _wrong_text(value: str, wrong: str) -> Proposition:
    """Return the proposition that the text of a value is wrong; a blank node has none, which is wrong as well."""
    return Proposition.exactly(either(call("isBlank", value), wrong))


def _language_in(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    listed = members(compiler.shapes.graph, shape.all(SH.languageIn)[0])
    languages = [keeping.term(Literal(str(language).lower())) for language in listed]
    tag = f"LCASE(LANG({value}))"
    chosen = either(among(tag, languages), among(f'STRBEFORE(CONCAT({tag}, "-"), "-")', languages))
    suits = TRUE if '"*"' in languages else chosen
    return Proposition.exactly(negate(both(is_literal(value), f'(LANG({value}) != "")', suits)))


def _in(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    return ~compiler.among(value, members(compiler.shapes.graph, shape.all(SH["in"])[0]))


def _closed(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    if not is_set(shape, SH.closed):
        return NEVER
    heads = shape.all(SH.ignoredProperties)
    listed = [name for head in heads for name in members(compiler.shapes.graph, head)]
    own = [path for part in compiler.shapes.named(shape, SH.property) for path in part.all(SH.path)]
    allowed = [f"<{name}>" for name in (*listed, *own) if isinstance(name, URIRef)]
    name, other = compiler.variables.new(), compiler.variables.new()
    resource = both(f"({name} = {_TYPE})", f"({other} = <{RDFS.Resource}>)")
    return Proposition.exactly(exists(triple(value, name, other), negate(either(among(name, allowed), resource))))


def _check(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    tests = (VALUE_CHECKS[str(name)] for name in shape.all(CHECK) if str(name) in VALUE_CHECKS)
    passed = (compiler.functions.called(test, value) for test in tests)
    return any_of(*(Proposition.exactly(either(call("isBlank", value), negate(it))) for it in passed))


def _not(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    return any_of(*(~compiler.inner(part, value) for part in compiler.shapes.named(shape, SH["not"])))


def _and(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    lists = compiler.shapes.listed(shape, SH["and"])
    return any_of(*(compiler.inner(part, value) for listed in lists for part in listed))


def _or(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    lists = compiler.shapes.listed(shape, SH["or"])
    return any_of(*(all_of(*(compiler.inner(part, value) for part in listed)) for listed in lists))


def _xone(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    lists = compiler.shapes.listed(shape, SH.xone)
    return any_of(*(~one_of([~compiler.inner(part, value) for part in listed]) for listed in lists))


def _node(compiler: Compiler, shape: Shape, value: str) -> Proposition:
    return any_of(*(compiler.inner(part, value) for part in compiler.shapes.named(shape, SH.node)))


RULES: Final[tuple[tuple[tuple[URIRef, ...], Rule], ...]] = (
    ((SH["class"],), _class),
    ((SH.datatype,), _datatype),
    ((SH.nodeKind,), _node_kind),
    (tuple(_SIGNS), _bounds),
    ((SH.minLength, SH.maxLength), _lengths),
    ((SH.pattern,), _pattern),
    ((SH.languageIn,), _language_in),
    ((SH["in"],), _in),
    ((SH.closed,), _closed),
    ((CHECK,), _check),
    ((SH["not"],), _not),
    ((SH["and"],), _and),
    ((SH["or"],), _or),
    ((SH.xone,), _xone),
    ((SH.node,), _node),
)
"""The parameters of each constraint, and what it means to break it."""
