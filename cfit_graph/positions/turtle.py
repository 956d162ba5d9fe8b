"""Where the statements of a Turtle, TriG, N-Triples or N-Quads text were written."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from cfit_graph.positions import Lost, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE, _FIRST, _REST, _NIL = (f"<{_RDF}{name}>" for name in ("type", "first", "rest", "nil"))
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"

_SIGN: Final = r"[^\s;,()\[\]{}<>\"'#\\^@|`!$&*+=/?~%.:]"  # of a name; the strict parser has refused what is none
_LOCAL: Final = rf"(?:{_SIGN}|:|%[0-9A-Fa-f]{{2}}|\\.|\.+(?={_SIGN}|[:%\\.]))*"
TOKEN: Final = re.compile(
    rf"""
    (?P<skip>(?:[\ \t\r\n]+|\#[^\r\n]*)+)
    | (?P<iri><[^<>"\s]*>)
    | (?P<string>
        \"{{3}}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"{{3}} | '{{3}}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{{3}}
        | "[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*" | '[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*' )
    | (?P<at>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<blank>_:{_SIGN}(?:{_SIGN}|\.+(?={_SIGN}|\.))*)
    | (?P<number>[+-]?(?:[0-9]+\.[0-9]*[eE][+-]?[0-9]+|\.?[0-9]+[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+))
    | (?P<name>(?:{_SIGN}(?:(?:{_SIGN}|\.)*{_SIGN})?)?:{_LOCAL})
    | (?P<word>[A-Za-z]+)
    | (?P<mark>\^\^|[.;,\[\](){{}}])
    """,
    re.VERBOSE | re.DOTALL,
)
"""A token of the Turtle family, by its kind, or what stands between two (``skip``)."""

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ENDS: Final = frozenset([".", "]", "}", ""])


def statements(text: str, *, line_based: bool = False) -> Iterator[Statement]:
    """Yield the statements of ``text`` in Oxigraph's order; ``line_based`` for N-Triples and N-Quads.

    Raises:
        Lost: if the text cannot be followed.
    """
    walk = _Walk(text, line_based)
    while walk.kind != "end":
        walk.statement()
        yield from walk.take()


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    for found in TOKEN.finditer(text):
        if found.start() != at:
            break
        at = found.end()
        if found.lastgroup != "skip":
            yield found.lastgroup or "", found[0], found.start()
    if at != len(text):
        raise Lost(at)
    while True:
        yield "end", "", at


class _Walk:
    """One way through a text: the token ahead, and the statements found but not yet taken.

    Oxigraph gives what one token completes in reverse, so each statement is kept with the number of that token.
    """

    def __init__(self, text: str, line_based: bool) -> None:
        self._tokens = _tokens(text)
        self._line_based = line_based
        self._prefixes: dict[str, str] = {}
        self._base = ""
        self._found: list[tuple[int, Statement]] = []
        self._blanks = 0
        self._number = 0
        self.kind, self.text, self.at = next(self._tokens)

    def next(self) -> tuple[str, int]:
        """Go one token on; return the one passed, and where it began."""
        passed = self.text, self.at
        self.kind, self.text, self.at = next(self._tokens)
        self._number += 1
        return passed

    def take(self) -> Iterator[Statement]:
        for _, together in groupby(self._found, lambda found: found[0]):
            yield from (statement for _, statement in reversed(list(together)))
        self._found = []

    def statement(self) -> None:
        word = self.text.lower()
        if word in {"@prefix", "prefix", "@base", "base"}:
            self._directive(word)
        elif word == "graph":
            self.next()
            self._subject()
            self._block()
        elif word == "{":
            self._block()
        else:
            self._triples(may_be_graph=True)

    def _expect(self, text: str) -> None:
        if self.text != text:
            raise Lost(self.at)
        self.next()

    def _directive(self, word: str) -> None:
        self.next()
        name = self.next()[0] if word.endswith("prefix") else ""
        if self.kind != "iri":
            raise Lost(self.at)
        iri = self._iri(self.next()[0])
        if name:
            self._prefixes[name[:-1]] = iri
        else:
            self._base = iri
        if word.startswith("@"):
            self._expect(".")

    def _block(self) -> None:
        self._expect("{")
        while self.text != "}":
            self._triples()
            if self.text == ".":
                self.next()
            elif self.text != "}":
                raise Lost(self.at)
        self.next()

    def _triples(self, *, may_be_graph: bool = False) -> None:
        at = self.at
        subject, described = self._subject()
        if may_be_graph and self.text == "{":
            self._block()
            return
        if not (described and self.text in _ENDS):
            self._predicates(subject, at)
        if self._line_based and self.text != ".":
            self._term()
        if may_be_graph:
            self._expect(".")

    def _subject(self) -> tuple[str, bool]:
        """Return the subject, and whether it is described already, as ``[ ex:a 1 ]`` is."""
        if self.text == "[":
            return self._properties()
        if self.text == "(":
            return self._list(None), False
        return self._term(), False

    def _predicates(self, subject: str, subject_at: int) -> None:
        while True:
            at = self.at
            predicate = self._predicate()
            self._objects(subject, predicate, subject_at, at)
            if self.text != ";":
                return
            while self.text == ";":
                self.next()
            if self.text in _ENDS:
                return

    def _predicate(self) -> str:
        if self.text != "a":
            return self._term()
        self.next()
        return _TYPE

    def _objects(self, subject: str, predicate: str, subject_at: int, predicate_at: int) -> None:
        self._object(subject, predicate, subject_at, predicate_at)
        while self.text == ",":
            self.next()
            self._object(subject, predicate, subject_at, predicate_at)

    def _object(self, subject: str, predicate: str, subject_at: int, predicate_at: int) -> None:
        at, ahead = self.at, False
        if self.text == "(":
            self._list((subject, predicate, subject_at, predicate_at))
            return
        if self.text == "[":
            value, _ = self._properties()
        elif self.kind == "string":
            value, ahead = self._literal()
        else:
            value = self._term()
        self._add(Statement(subject, predicate, value, subject_at, predicate_at, at), ahead=ahead)

    def _add(self, statement: Statement, *, ahead: bool = False) -> None:
        """Keep a statement that the token just passed completes, or the one ahead."""
        self._found.append((self._number - (not ahead), statement))

    def _properties(self) -> tuple[str, bool]:
        blank, at = self._fresh(), self.next()[1]
        described = self.text != "]"
        if described:
            self._predicates(blank, at)
        self._expect("]")
        return blank, described

    def _list(self, owner: tuple[str, str, int, int] | None) -> str:
        at = self.next()[1]
        empty = self.text == ")"
        head = node = _NIL if empty else self._fresh()
        if owner:
            self._add(Statement(*owner[:2], head, *owner[2:], at), ahead=True)
        while self.text != ")":
            self._object(node, _FIRST, self.at, self.at)
            following = _NIL if self.text == ")" else self._fresh()
            self._add(Statement(node, _REST, following, at, self.at, self.at), ahead=True)
            node, at = following, self.at
        self.next()
        return head

    def _fresh(self) -> str:
        self._blanks += 1
        return f"_:[{self._blanks}]"

    def _literal(self) -> tuple[str, bool]:
        """Return a literal, and whether the token ahead had to be seen to know where it ends."""
        written = self.next()[0]
        quotes = 3 if written[:3] in {'"""', "'''"} else 1
        text = f'"{_unescape(written[quotes:-quotes])}"'
        if self.kind == "at":
            return text + self.next()[0].lower(), False
        if self.text == "^^":
            self.next()
            datatype = self._term()
            return (text if datatype == f"<{_XSD}string>" else f"{text}^^{datatype}"), False
        return text, True

    def _term(self) -> str:
        kind, (text, at) = self.kind, self.next()
        if kind == "iri":
            return f"<{self._iri(text)}>"
        if kind == "name":
            prefix, _, local = text.partition(":")
            if prefix in self._prefixes:
                return f"<{self._prefixes[prefix]}{_unescape(local)}>"
        if kind == "blank":
            return text
        if kind == "number" or text in {"true", "false"}:
            return f'"{text}"^^<{_XSD}{_datatype(text)}>'
        raise Lost(at)

    def _iri(self, written: str) -> str:
        return absolute(written, self._base)


def absolute(written: str, base: str) -> str:
    """Return the IRI that stands in angle brackets, given the base in force, which may be none."""
    iri = _unescape(written[1:-1])
    return iri if _ABSOLUTE.match(iri) or not base else urljoin(base, iri)


def _datatype(written: str) -> str:
    if written in {"true", "false"}:
        return "boolean"
    if "e" in written.lower():
        return "double"
    return "decimal" if "." in written else "integer"


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_sign, text) if "\\" in text else text


def _sign(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(found[3], found[3])
