"""Where the statements of a JSON-LD text were written.

This is the part of JSON-LD 1.1 that data are written in: contexts, aliases, prefixes, types, languages, lists, sets,
reverse properties and graphs. Indexes, nests, scoped contexts and the like are not followed.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cfit_graph.positions import Lost, Statement, values
from cfit_graph.positions.contexts import ABSOLUTE, Context, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cfit_graph.positions.values import Member, Value

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE, _FIRST, _REST, _NIL = (f"<{_RDF}{name}>" for name in ("type", "first", "rest", "nil"))
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_DOUBLE: Final = 10**20  # from here on Oxigraph makes a double of a whole number; JSON-LD has 10**21


def statements(text: str, contexts: Mapping[str, Any]) -> Iterator[Statement]:
    """Yield the statements of ``text`` in Oxigraph's order; ``contexts`` are the known ones by their addresses.

    Raises:
        Lost: if the text cannot be followed.
    """
    walk = _Walk(text, contexts)
    walk.graph(values.read(text), Context())
    yield from walk.found


class Unsaid(NamedTuple):
    """A key or name that means nothing, or a value of which nothing is said: where it is, and what may be meant."""

    at: int
    known: tuple[str, ...] = ()
    is_loose: bool = False
    """Whether it is the value of nothing."""


def unsaid(text: str, contexts: Mapping[str, Any]) -> list[Unsaid]:
    """Return what is written in ``text`` and says nothing, in order, as far as the text can be followed."""
    walk = _Walk(text, contexts)
    with contextlib.suppress(Lost):
        walk.graph(values.read(text), Context())
    return sorted(walk.unsaid)


class _Walk:
    """One way through the values of a text, and the statements found on it."""

    def __init__(self, text: str, contexts: Mapping[str, Any]) -> None:
        self._text, self._contexts = text, contexts
        self._blanks = 0
        self.found: list[Statement] = []
        self.unsaid: list[Unsaid] = []

    def graph(self, value: Value, context: Context) -> None:
        """Follow nodes that are the value of nothing."""
        for item in value.items():
            if isinstance(item.content, values.Members):
                context_here = self._context_of(item.content, context)
                keys = {context_here.expand(member.key) for member in item.content}
                if "@value" not in keys and "@list" not in keys:
                    self._node(item, context)
            else:
                self.unsaid.append(Unsaid(item.at, is_loose=True))

    def _miss(self, at: int, known: Iterable[str] = ()) -> None:
        self.unsaid.append(Unsaid(at, tuple(known)))

    def _context_of(self, members: values.Members, context: Context) -> Context:
        for member in members:
            if member.key == "@context":
                context = self._enter(values.plain(member.value), context)
        return context

    def _enter(self, given: object, context: Context) -> Context:
        for part in given if isinstance(given, list) else [given]:
            if isinstance(part, str) and part in self._contexts:
                context = self._enter(self._contexts[part]["@context"], context)
            elif part is None:
                context = Context()
            elif isinstance(part, dict) and "@import" not in part and "@propagate" not in part:
                context = context.with_settings(part).with_terms(part)
            else:
                raise Lost("a context")
        return context

    def _node(self, value: Value, context: Context, link: _Link | None = None) -> None:
        """Follow a node: what leads to it, its types, its properties in order, and last its graphs."""
        assert isinstance(value.content, values.Members)  # noqa: S101 - whoever calls has looked
        context = self._context_of(value.content, context)
        known = [(context.expand(member.key), member) for member in value.content if member.key != "@context"]
        node, at = self._name(known, value, context)
        if link is not None:
            self._say(link, node, value.at)
        self._types(node, at, [member for name, member in known if name == "@type"], context)
        for name, member in known:
            if name is None and member.key not in context.terms:
                self._miss(member.at, context.terms)
            elif name == "@reverse":
                self._reversed(node, at, member, context)
            elif name is not None and not name.startswith("@"):
                self._property(node, at, name, member, context)
            elif name not in {None, "@id", "@type", "@graph", "@index"}:
                raise Lost(member.at)
        for _, member in (pair for pair in known if pair[0] == "@graph"):
            self.graph(member.value, context)

    def _name(self, known: list[tuple[str | None, Member]], value: Value, context: Context) -> tuple[str | None, int]:
        """Return a node's name, none if it has one that means nothing, and where it begins."""
        for name, member in known:
            if name == "@id":
                if not isinstance(member.value.content, str):
                    raise Lost(member.at)
                form = _node_form(context.expand(member.value.content, term=False))
                if form is None:
                    self._miss(member.value.at)
                return form, member.value.at
        self._blanks += 1
        return f"_:[{self._blanks}]", value.at

    def _types(self, node: str | None, at: int, members: list[Member], context: Context) -> None:
        """Follow the types of a node, which are taken in the order of their names."""
        items = [(str(item.content), member.at, item.at) for member in members for item in member.value.items()]
        if not all(isinstance(item.content, str) for member in members for item in member.value.items()):
            raise Lost(at)
        for name, predicate_at, object_at in sorted(items):
            form = _node_form(context.expand(name))
            if form is None:
                self._miss(object_at, context.terms)
            self._say(_Link(node, _TYPE, at, predicate_at), form, object_at)

    def _reversed(self, node: str | None, at: int, member: Member, context: Context) -> None:
        if not isinstance(member.value.content, values.Members):
            raise Lost(member.at)
        for inner in member.value.content:
            name = context.expand(inner.key)
            if name is None or name.startswith("@"):
                raise Lost(inner.at)
            self._property(node, at, name, inner, context, backwards=True)

    def _property(
        self, node: str | None, at: int, name: str, member: Member, context: Context, *, backwards: bool = False
    ) -> None:
        term = context.terms.get(member.key, Term(name))
        predicate = _node_form(name)
        if predicate is None or predicate.startswith("_:"):
            raise Lost(member.at)
        link = _Link(node, predicate, at, member.at, backwards=backwards != term.reverse)
        if "@list" in term.container:
            self._list(list(member.value.items()), member.value.at, term, context, link)
        elif "@language" in term.container and isinstance(member.value.content, values.Members):
            self._by_language(member.value.content, context, link)
        else:
            for item in member.value.items():
                self._value(item, term, context, link)

    def _by_language(self, members: values.Members, context: Context, link: _Link) -> None:
        for member in members:
            none = context.expand(member.key) == "@none"
            for item in member.value.items():
                if isinstance(item.content, str):
                    self._say(link, _text(item.content, None if none else member.key), item.at)

    def _value(self, value: Value, term: Term, context: Context, link: _Link) -> None:
        content = value.content
        if isinstance(content, values.Members):
            self._object(value, term, context, link)
        elif content is not None:
            self._say(link, self._scalar(value, term, context), value.at)

    def _scalar(self, value: Value, term: Term, context: Context) -> str | None:
        content, kind = value.content, term.type
        if kind == "@json":
            raise Lost(value.at)
        if isinstance(content, str) and kind in {"@id", "@vocab"}:
            form = _node_form(context.expand(content, term=kind == "@vocab"))
            if form is None:
                self._miss(value.at, context.terms if kind == "@vocab" else ())
            return form
        if isinstance(content, str) and kind in {None, "@none"}:
            return _text(content, term.language if term.speaks else context.language)
        return self._typed(value, None if kind is None or kind.startswith("@") else kind)

    def _typed(self, value: Value, datatype: str | None) -> str:
        text, native = str(value.content), "string"
        if isinstance(value.content, bool):
            text, native = text.lower(), "boolean"
        elif isinstance(value.content, (int, float)):
            text, native = _number(self._text[value.at : value.end], datatype == _XSD + "double")
        kind = datatype or _XSD + native
        return f'"{text}"' + ("" if kind == _XSD + "string" else f"^^<{kind}>")

    def _object(self, value: Value, term: Term, context: Context, link: _Link) -> None:
        assert isinstance(value.content, values.Members)  # noqa: S101 - whoever calls has looked
        inner = self._context_of(value.content, context)
        known = {inner.expand(member.key): member for member in value.content if member.key != "@context"}
        if "@value" in known:
            if None in known and known[None].key not in inner.terms:
                self._miss(known[None].at, inner.terms)
            self._literal(known, inner, link)
        elif "@list" in known:
            self._list(list(known["@list"].value.items()), value.at, term, inner, link)
        elif "@set" in known:
            for item in known["@set"].value.items():
                self._value(item, term, inner, link)
        else:
            self._node(value, context, link)

    def _literal(self, known: dict[str | None, Member], context: Context, link: _Link) -> None:
        value = known["@value"].value
        if value.content is None:
            return
        kind, language = (known[name].value.content if name in known else None for name in ("@type", "@language"))
        if isinstance(value.content, (list, values.Members)) or "@direction" in known or kind == "@json":
            raise Lost(value.at)
        if isinstance(language, str):
            form = _text(str(value.content), language)
        else:
            form = self._typed(value, context.expand(kind) if isinstance(kind, str) else None)
        self._say(link, form, value.at)

    def _list(self, items: list[Value], at: int, term: Term, context: Context, link: _Link) -> None:
        for item in items:
            if item.content is not None:
                self._blanks += 1
                cell = f"_:[{self._blanks}]"
                self._say(link, cell, at)
                self._value(item, replace(term, container=frozenset()), context, _Link(cell, _FIRST, item.at, item.at))
                link, at = _Link(cell, _REST, item.at, item.at), item.at
        self._say(link, _NIL, at)

    def _say(self, link: _Link, value: str | None, at: int) -> None:
        """Keep a statement, unless one of its ends has a name that means nothing."""
        if value is None or link.node is None:
            return
        ends = (link.node, link.node_at), (value, at)
        (subject, subject_at), (other, other_at) = reversed(ends) if link.backwards else ends
        self.found.append(Statement(subject, link.predicate, other, subject_at, link.predicate_at, other_at))


@dataclass(frozen=True)
class _Link:
    """The way from a node to a value, or backwards, before the value is known."""

    node: str | None
    predicate: str
    node_at: int
    predicate_at: int
    backwards: bool = False


def _node_form(iri: str | None) -> str | None:
    if iri is None or iri.startswith("_:"):
        return iri
    return f"<{iri}>" if ABSOLUTE.fullmatch(iri) else None


def _text(content: str, language: str | None) -> str:
    return f'"{content}"' + (f"@{language.lower()}" if language else "")


def _number(written: str, double: bool) -> tuple[str, str]:
    """Return a number in the form that Oxigraph gives it, and its datatype (JSON-LD 1.1 API, section 10.7).

    >>> _number("150.50", False)
    ('1.505E2', 'double')
    """
    number = Decimal(written)
    if number == number.to_integral_value() and abs(number) < _DOUBLE and not double:
        return str(int(number)), "integer"
    sign, digits, _ = number.as_tuple()
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{number.adjusted()}", "double"
