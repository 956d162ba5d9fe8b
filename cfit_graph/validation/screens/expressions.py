"""Expressions of SPARQL constraints, as propositions: what rdflib makes of a filter, known from above and from below.

rdflib and the store agree on texts, whole numbers and addresses. Where a filter compares anything else, or ends in an
error, the proposition says only what both agree on; what is not listed here makes it UNKNOWN.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from rdflib import XSD, Literal, URIRef, Variable

from cfit_graph.queries.algebra import TRUE, both, call, either, negate
from cfit_graph.validation import keeping
from cfit_graph.validation.screens.propositions import UNKNOWN, Proposition, all_of, any_of, compared, is_literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from rdflib.plugins.sparql.parserutils import CompValue

    from cfit_graph.validation.screens.regexes import Functions

    Truth = Callable[[CompValue, "Scope"], Proposition]
    Valuing = Callable[[CompValue, "Scope"], "Value"]

NODE, TEXT, NUMBER, MOMENT, TERM = "node", "text", "number", "moment", "term"


class Unsupported(Exception):
    """A part of a query that screens do not know; says which."""


@dataclass(frozen=True)
class Value:
    """An expression in the notation of SPARQL, what it is known to be, and the condition that it is anything at all."""

    text: str
    kind: str
    sure: str = TRUE


class Scope(Protocol):
    """What an expression stands in: it knows the variables, and how to look for patterns."""

    functions: Functions

    def variable(self, name: str) -> Value:
        """Return what a variable stands for."""
        ...

    def found(self, pattern: CompValue) -> Proposition:
        """Return the proposition that a pattern is found."""
        ...

    def note(self, reason: str) -> None:
        """Keep the reason why something is not known."""
        ...


def truth(expression: Any, scope: Scope) -> Proposition:
    """Return the proposition that an expression of rdflib's algebra holds."""
    if isinstance(expression, Literal) and isinstance(expression.value, bool):
        return Proposition.exactly(str(expression.value).lower())
    try:
        return _TRUTHS.get(getattr(expression, "name", ""), _no_truth)(expression, scope)
    except Unsupported as error:
        scope.note(f"a filter has {error}")
        return UNKNOWN


def value(expression: Any, scope: Scope) -> Value:
    """Return an expression of rdflib's algebra as a value.

    Raises:
        Unsupported: if it is of a kind that is not known here.
    """
    if isinstance(expression, Variable):
        return scope.variable(str(expression))
    if isinstance(expression, Literal):
        return Value(keeping.term(expression), _kind(expression))
    if isinstance(expression, URIRef):
        return Value(keeping.term(expression), NODE)
    rule = _VALUES.get(getattr(expression, "name", ""))
    if rule is None:
        raise Unsupported(_called(expression))
    return rule(expression, scope)


def _kind(literal: Literal) -> str:
    if literal.datatype is None and not literal.language:
        return TEXT
    return NUMBER if keeping.term(literal).endswith(f"^^<{XSD.integer}>") else TERM


def _called(expression: Any) -> str:
    name = str(getattr(expression, "name", type(expression).__name__))
    return f"a part that screens do not know, {name.removeprefix('Builtin_').removeprefix('Aggregate_')}"


def _known(condition: str, *values: Value) -> Proposition:
    sure = both(*(value.sure for value in values))
    return Proposition(either(negate(sure), condition), both(sure, condition))


# Truths


def _no_truth(expression: CompValue, _: Scope) -> Proposition:
    raise Unsupported(_called(expression))


def _and(expression: CompValue, scope: Scope) -> Proposition:
    """Return the conjunction; where a part is in doubt it may be an error, which rdflib lets win over what is false."""
    parts = [truth(part, scope) for part in [expression.expr, *expression.other]]
    doubts = (both(part.may, negate(part.must)) for part in parts if part.may != part.must)
    whole = all_of(*parts)
    return Proposition(either(whole.may, *doubts), whole.must)


def _or(expression: CompValue, scope: Scope) -> Proposition:
    return any_of(*(truth(part, scope) for part in [expression.expr, *expression.other]))


def _not(expression: CompValue, scope: Scope) -> Proposition:
    return ~truth(expression.expr, scope)


def _exists(expression: CompValue, scope: Scope) -> Proposition:
    return scope.found(expression.graph)


def _not_exists(expression: CompValue, scope: Scope) -> Proposition:
    return ~scope.found(expression.graph)


def _bound(expression: CompValue, scope: Scope) -> Proposition:
    return Proposition.exactly(scope.variable(str(expression.arg)).sure)


def _relation(expression: CompValue, scope: Scope) -> Proposition:
    left, sign = value(expression.expr, scope), str(expression.op)
    if sign in {"IN", "NOT IN"}:
        same = any_of(*(_is_same(left, value(other, scope)) for other in expression.other))
        return same if sign == "IN" else ~same
    return _compared(left, sign, value(expression.other, scope))


def _is_same(left: Value, right: Value) -> Proposition:
    if {left.kind, right.kind} & {NUMBER, MOMENT}:
        return UNKNOWN
    return _known(call("sameTerm", left.text, right.text), left, right)


def _compared(left: Value, sign: str, right: Value) -> Proposition:
    kinds = {left.kind, right.kind}
    if NODE in kinds and sign in {"=", "!="}:
        same = _known(call("sameTerm", left.text, right.text), left, right)
        return same if sign == "=" else ~same
    if kinds in ({TEXT}, {NUMBER}):
        return _known(f"({left.text} {sign} {right.text})", left, right)
    return UNKNOWN if kinds & {NODE, MOMENT} else _of_terms(left, sign, right)


def _of_terms(left: Value, sign: str, right: Value) -> Proposition:
    ordered, sure = compared(left.text, sign, right.text), both(left.sure, right.sure)
    return Proposition(either(negate(sure), ordered.may), both(sure, ordered.must))


def _test(name: str) -> Truth:
    def test(expression: CompValue, scope: Scope) -> Proposition:
        found = value(expression.arg, scope)
        return _known(call(name, found.text), found)

    return test


def _text_test(name: str) -> Truth:
    def test(expression: CompValue, scope: Scope) -> Proposition:
        first, second = _text(expression.arg1, scope), _text(expression.arg2, scope)
        return _known(call(name, first.text, second.text), first, second)

    return test


def _lang_matches(expression: CompValue, scope: Scope) -> Proposition:
    tag, wanted = _text(expression.arg1, scope), str(expression.arg2)
    if not isinstance(expression.arg2, Literal) or not (wanted == "*" or wanted.isalpha()):
        raise Unsupported("a LANGMATCHES with a range of a kind that screens do not know")
    return _known(call("LANGMATCHES", tag.text, keeping.term(expression.arg2)), tag)


def _same_term(expression: CompValue, scope: Scope) -> Proposition:
    return _is_same(value(expression.arg1, scope), value(expression.arg2, scope))


def _regex(expression: CompValue, scope: Scope) -> Proposition:
    flags, text = str(expression.flags or ""), _text(expression.text, scope)
    if not isinstance(expression.pattern, Literal) or set(flags) - {"i"}:
        raise Unsupported("a REGEX with a pattern or flags of a kind that screens do not know")
    compiled = re.compile(str(expression.pattern), re.IGNORECASE if flags else 0)
    return _known(scope.functions.called(lambda it: compiled.search(it) is not None, text.text), text)


# Values


def _text(expression: Any, scope: Scope) -> Value:
    found = value(expression, scope)
    if found.kind != TEXT:
        raise Unsupported("a text function of what may be no plain text")
    return found


def _number(expression: Any, scope: Scope) -> Value:
    found = value(expression, scope)
    if found.kind != NUMBER:
        raise Unsupported("arithmetic with what may be no whole number")
    return found


def _str(expression: CompValue, scope: Scope) -> Value:
    found = value(expression.arg, scope)
    if found.kind not in {NODE, TERM}:
        return Value(call("STR", found.text), TEXT, found.sure)
    return Value(call("STR", found.text), TEXT, both(found.sure, negate(call("isBlank", found.text))))


def _of_texts(name: str) -> Valuing:
    def function(expression: CompValue, scope: Scope) -> Value:
        first, second = _text(expression.arg1, scope), _text(expression.arg2, scope)
        return Value(call(name, first.text, second.text), TEXT, both(first.sure, second.sure))

    return function


def _concat(expression: CompValue, scope: Scope) -> Value:
    parts = [_text(part, scope) for part in expression.arg]
    return Value(call("CONCAT", *(part.text for part in parts)), TEXT, both(*(part.sure for part in parts)))


def _substr(expression: CompValue, scope: Scope) -> Value:
    text, start, length = _text(expression.arg, scope), expression.start, expression.length
    if not _is_count(start, 1) or not (length is None or _is_count(length, 0) or length.name == "Builtin_STRLEN"):
        raise Unsupported("a SUBSTR with a start or length of a kind that screens do not know")
    last = [] if length is None else [_number(length, scope)]
    sure = both(text.sure, *(it.sure for it in last))
    return Value(call("SUBSTR", text.text, str(int(start)), *(it.text for it in last)), TEXT, sure)


def _is_count(number: Any, least: int) -> bool:
    return isinstance(number, Literal) and isinstance(number.value, int) and number.value >= least


def _strlen(expression: CompValue, scope: Scope) -> Value:
    text = _text(expression.arg, scope)
    return Value(call("STRLEN", text.text), NUMBER, text.sure)


def _lang(expression: CompValue, scope: Scope) -> Value:
    found = value(expression.arg, scope)
    return Value(call("LANG", found.text), TEXT, both(found.sure, is_literal(found.text)))


def _now(_: CompValue, __: Scope) -> Value:
    return Value("NOW()", MOMENT)


def _year(expression: CompValue, scope: Scope) -> Value:
    found = value(expression.arg, scope)
    if found.kind != MOMENT:
        raise Unsupported("a YEAR of something else than NOW()")
    return Value(call("YEAR", found.text), NUMBER, found.sure)


def _sum(expression: CompValue, scope: Scope) -> Value:
    first, *rest = (_number(part, scope) for part in [expression.expr, *expression.other])
    tail = "".join(f" {sign} {it.text}" for sign, it in zip(expression.op, rest, strict=True))
    return Value(f"({first.text}{tail})", NUMBER, both(first.sure, *(it.sure for it in rest)))


_TRUTHS: Final[dict[str, Truth]] = {
    "ConditionalAndExpression": _and,
    "ConditionalOrExpression": _or,
    "UnaryNot": _not,
    "RelationalExpression": _relation,
    "Builtin_EXISTS": _exists,
    "Builtin_NOTEXISTS": _not_exists,
    "Builtin_BOUND": _bound,
    "Builtin_isIRI": _test("isIRI"),
    "Builtin_isURI": _test("isIRI"),
    "Builtin_isBLANK": _test("isBlank"),
    "Builtin_isLITERAL": _test("isLiteral"),
    "Builtin_sameTerm": _same_term,
    "Builtin_CONTAINS": _text_test("CONTAINS"),
    "Builtin_STRSTARTS": _text_test("STRSTARTS"),
    "Builtin_STRENDS": _text_test("STRENDS"),
    "Builtin_LANGMATCHES": _lang_matches,
    "Builtin_REGEX": _regex,
}
_VALUES: Final[dict[str, Valuing]] = {
    "Builtin_STR": _str,
    "Builtin_CONCAT": _concat,
    "Builtin_SUBSTR": _substr,
    "Builtin_STRLEN": _strlen,
    "Builtin_STRBEFORE": _of_texts("STRBEFORE"),
    "Builtin_STRAFTER": _of_texts("STRAFTER"),
    "Builtin_LANG": _lang,
    "Builtin_NOW": _now,
    "Builtin_YEAR": _year,
    "AdditiveExpression": _sum,
}
