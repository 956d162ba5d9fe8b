"""Where the statements of a JSON-LD text were written.

This is the part of JSON-LD 1.1 that data are written in: contexts, aliases, prefixes, types, languages, lists, sets,
reverse properties and graphs. Indexes, nests, scoped contexts and the like are not followed.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from cfit_graph.positions import Lost, Statement, values
from cfit_graph.positions.contexts import ABSOLUTE, TAG, Context, Term, undeclared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cfit_graph.positions.values import Member, Value

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE, _FIRST, _REST, _NIL = (f"<{_RDF}{name}>" for name in ("type", "first", "rest", "nil"))
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_KEYWORDS: Final = ("@context", "@id", "@type", "@value", "@language", "@graph", "@list", "@set", "@reverse")
_ONCE: Final = frozenset(["@context", "@id", "@value", "@language"])
_OF_VALUES: Final = frozenset(["@value", "@type", "@language", "@direction", "@index"])
_DOUBLE: Final = 10**20  # from here on Oxigraph makes a double of a whole number; JSON-LD has 10**21


def statements(text: str, contexts: Mapping[str, Any]) -> Iterator[Statement]:
    """Yield the statements of ``text`` in Oxigraph's order; ``contexts`` are the known ones by their addresses.

    Raises:
        Lost: if the text cannot be followed.
    """
    walk = _Walk(text, contexts)
    walk.graph(values.read(text), Context())
    yield from walk.found


Kind = Literal[
    "term",
    "address",
    "prefix-undeclared",
    "language",
    "language-map",
    "value-type",
    "beside",
    "both",
    "twice",
    "object",
]


class Unsaid(NamedTuple):
    """What is passed over by whoever reads: where it is, what it is, its name, and what may be meant.

    It is a ``term`` or an ``address`` that is none; a name with a prefix that is not declared (``prefix-undeclared``),
    which is taken for an address; a ``language`` or ``value-type`` that is none; in a ``language-map`` something else
    than a language with its texts; something ``beside`` a text; a text with ``both`` language and type; a keyword that
    stands ``twice``; or a value of which nothing is said (``object``).
    """

    at: int
    kind: Kind
    name: str = ""
    known: tuple[str, ...] = ()


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
                    continue
            self._miss(item.at, "object")

    def _miss(self, at: int, kind: Kind, name: str = "", known: Iterable[str] = ()) -> None:
        self.unsaid.append(Unsaid(at, kind, name, tuple(known)))

    def _form(self, iri: str | None, at: int, name: str, known: Iterable[str] | None = None) -> str | None:
        """Return an IRI as a term, none if it is none; keep what is odd with it. ``known`` are terms it might be."""
        if iri is not None and iri.startswith("_:"):
            return iri
        if iri is None or not ABSOLUTE.fullmatch(iri):
            self._miss(at, "address" if known is None else "term", name, known or ())
            return None
        if undeclared(iri):
            self._miss(at, "prefix-undeclared", iri)
        return f"<{iri}>"

    def _tagged(self, content: str, language: str | None, at: int) -> str | None:
        """Return a text in a language as a term, none if that is no language."""
        if language is not None and not TAG.fullmatch(language):
            self._miss(at, "language", language)
            return None
        return f'"{content}"' + (f"@{language.lower()}" if language else "")

    def _context_of(self, members: values.Members, context: Context) -> Context:
        for member in members:
            if member.key == "@context":
                context = self._enter(values.plain(member.value), context)
        named = [(context.expand(member.key), member) for member in members]
        for number, (name, member) in enumerate(named):
            if name in _ONCE and name in [other for other, _ in named[:number]]:
                self._miss(member.at, "twice", name or "")
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
            if name == "@reverse":
                self._reversed(node, at, member, context)
            elif name in {"@included", "@nest"}:
                raise Lost(member.at)
            elif name not in {"@id", "@type", "@graph", "@index"}:
                self._property(node, at, name, member, context)
        for _, member in (pair for pair in known if pair[0] == "@graph"):
            self.graph(member.value, context)

    def _name(self, known: list[tuple[str | None, Member]], value: Value, context: Context) -> tuple[str | None, int]:
        """Return a node's name, none if it has one that means nothing, and where it begins."""
        for name, member in known:
            if name == "@id":
                if not isinstance(member.value.content, str):
                    raise Lost(member.at)
                written, at = member.value.content, member.value.at
                return self._form(context.expand(written, term=False), at, written), at
        self._blanks += 1
        return f"_:[{self._blanks}]", value.at

    def _types(self, node: str | None, at: int, members: list[Member], context: Context) -> None:
        """Follow the types of a node, which are taken in the order of their names."""
        items = [(str(item.content), member.at, item.at) for member in members for item in member.value.items()]
        if not all(isinstance(item.content, str) for member in members for item in member.value.items()):
            raise Lost(at)
        for name, predicate_at, object_at in sorted(items):
            form = self._form(context.expand(name), object_at, name, context.terms)
            self._say(_Link(node, _TYPE, at, predicate_at), form, object_at)

    def _reversed(self, node: str | None, at: int, member: Member, context: Context) -> None:
        if not isinstance(member.value.content, values.Members):
            raise Lost(member.at)
        for inner in member.value.content:
            self._property(node, at, context.expand(inner.key), inner, context, backwards=True)

    def _property(
        self, node: str | None, at: int, name: str | None, member: Member, context: Context, *, backwards: bool = False
    ) -> None:
        term = context.terms.get(member.key, Term(name))
        if name is None and member.key in context.terms:
            return  # the context says that it means nothing
        is_blank = name is not None and name.startswith("_:")
        predicate = self._form(None if is_blank else name, member.at, member.key, (*_KEYWORDS, *context.terms))
        if predicate is None:
            return
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
            keyword = context.expand(member.key) or ""
            for item in member.value.items():
                if (keyword.startswith("@") and keyword != "@none") or not isinstance(item.content, (str, NoneType)):
                    self._miss(member.at, "language-map")
                elif isinstance(item.content, str):
                    form = self._tagged(item.content, member.key if keyword != "@none" else None, member.at)
                    self._say(link, form, item.at)

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
            name = context.expand(content, term=kind == "@vocab")
            return self._form(name, value.at, content, context.terms if kind == "@vocab" else None)
        if isinstance(content, str) and kind in {None, "@none"}:
            return self._tagged(content, term.language if term.speaks else context.language, value.at)
        is_datatype = kind is not None and not kind.startswith("@")
        return self._typed(value, kind if is_datatype and self._form(kind, value.at, kind or "") else None)

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
            for name, member in known.items():
                if name not in _OF_VALUES and (name is not None or member.key not in inner.terms):
                    self._miss(member.at, "beside", member.key, ("@language", "@type"))
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
        others = list, values.Members
        if isinstance(value.content, others) or isinstance(kind, others) or "@direction" in known or kind == "@json":
            raise Lost(value.at)
        datatype = context.expand(kind) if isinstance(kind, str) else None
        if isinstance(kind, str) and not ABSOLUTE.fullmatch(datatype or ""):
            self._miss(known["@type"].value.at, "value-type", kind)
        elif kind is not None and language is not None:
            self._miss(known["@language"].at, "both")
        elif isinstance(language, str):
            self._say(link, self._tagged(str(value.content), language, known["@language"].value.at), value.at)
        elif kind is None or self._form(datatype, known["@type"].value.at, str(kind)):
            self._say(link, self._typed(value, datatype), value.at)

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
