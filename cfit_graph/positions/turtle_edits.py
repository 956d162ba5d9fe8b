"""Changes to a Turtle, TriG, N-Triples or N-Quads text that touch nothing but the tokens concerned."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from cfit_graph.positions import Span
from cfit_graph.positions.turtle import TOKEN, absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL: Final = re.compile(r"[A-Za-z0-9_]([\w-]*\w)?", re.ASCII)
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_BARE: Final = {
    _XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    _XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    _XSD + "boolean": re.compile("true|false"),
}
"""What Turtle lets stand without quotes, by datatype."""

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class _Declaration(NamedTuple):
    """What a prefix stands for from a place on, and where that is written."""

    prefix: str
    namespace: str
    start: int
    end: int


class TurtleText:
    """A text that a strict parser has read, with its tokens; ``lines`` if each statement is a line of its own."""

    def __init__(self, text: str, *, lines: bool = False) -> None:
        self._text, self._lines = text, lines
        self.has_short_forms = not lines
        found = (_Token(found.lastgroup or "", found[0], *found.span()) for found in TOKEN.finditer(text))
        self._tokens = [token for token in found if token.kind != "skip"]
        self._starts = [token.start for token in self._tokens]
        self._declared = [] if lines else list(_declarations(self._tokens))

    def replace(self, at: int, new: str) -> Span | None:
        """Put another term in the place of the one that begins at a character."""
        term = self._term(at)
        if term is None:
            return None
        start = self._tokens[term[0]].start
        is_glued = new[0] not in '<"' and self._text[start - 1 : start].strip("\t\r\n ,;[(")  # ex:age"5"
        return Span(start, self._tokens[term[1]].end, f" {new}" if is_glued else new)

    def remove(self, subject_at: int, object_at: int) -> Span | None:
        """Take a statement out, with the signs that are of no use without it; none if a comment would go as well."""
        term = self._term(object_at)
        if term is None:
            return None
        span = self._whole_line(subject_at, term) if self._lines else self._part(*term)
        return None if span is None or self._comment(span) else span

    def rename(self, predicate_at: int, object_at: int, new: str) -> Span | None:
        """Put another property before a value; none if it stands before other values as well."""
        term = self._term(object_at)
        alone = term is not None and self._starts[term[0] - 1] == predicate_at and self._mark(term[1] + 1) != ","
        return Span(predicate_at, self._tokens[term[0] - 1].end, new) if term and alone else None

    def add(self, last_object_at: int, terms: tuple[str, str, str]) -> Span | None:
        """Add a statement behind another on the same subject, given where the object of that one begins."""
        term = self._term(last_object_at)
        if term is None:
            return None
        if self._lines:
            dot = next(number for number in range(term[1], len(self._tokens)) if self._mark(number) == ".")
            end = self._tokens[dot].end
            return Span(end, end, f"{self._line_end()}{' '.join(terms)} .")
        end = self._tokens[term[1]].end
        return Span(end, end, f" ;{self._line_end()}    {terms[1]} {terms[2]}") if self._ends_list(term[1]) else None

    def redeclare(self, at: int, old: str, new: str) -> Span | None:
        """Let the prefix of the name at a character, which is an IRI, stand for what makes another IRI of it."""
        number = bisect_left(self._starts, at)
        text = self._tokens[number].text if self._starts[number : number + 1] == [at] else ""
        found = self._in_force(at).get(text.partition(":")[0]) if not text.startswith("<") else None
        local = old.removeprefix(found.namespace) if found else ""
        if found is None or not new.endswith(local) or found.namespace + local != old:
            return None
        return Span(found.start, found.end, f"<{new.removesuffix(local)}>")

    def iri(self, iri: str, at: int) -> str:
        """Return an IRI as this text would write it at a character: with a prefix if there is one for it by then."""
        for prefix, declared in self._in_force(at).items():
            local = iri.removeprefix(declared.namespace)
            if declared.namespace + local == iri and _LOCAL.fullmatch(local):
                return f"{prefix}:{local}"
        return f"<{iri}>"

    def literal(self, text: str, language: str | None, datatype: str | None, at: int) -> str:
        """Return a literal as this text would write it at a character."""
        written = '"' + "".join(_ESCAPES.get(sign, sign) for sign in text) + '"'
        if language:
            return f"{written}@{language}"
        if not self._lines and datatype in _BARE and _BARE[datatype].fullmatch(text):
            return text
        return f"{written}^^{self.iri(datatype, at)}" if datatype else written

    def _in_force(self, at: int) -> dict[str, _Declaration]:
        return {declared.prefix: declared for declared in self._declared if declared.end <= at}

    def _term(self, at: int) -> tuple[int, int] | None:
        """Return the numbers of the first and the last token of the term at a character; none of brackets."""
        first = bisect_left(self._starts, at)
        if first == len(self._tokens) or self._starts[first] != at or self._tokens[first].kind == "mark":
            return None
        last = first
        if self._tokens[first].kind == "string":
            following = self._tokens[first + 1 : first + 2]
            last += 1 if following and following[0].kind == "at" else 2 * (self._mark(first + 1) == "^^")
        return first, last

    def _mark(self, number: int) -> str:
        known = 0 <= number < len(self._tokens) and self._tokens[number].kind == "mark"
        return self._tokens[number].text if known else ""

    def _ends_list(self, last: int) -> bool:
        return self._mark(last + 1) in {".", ";", "}", "]"}

    def _part(self, first: int, last: int) -> Span | None:
        """Return what to take out: a value of several, or a property with its only value."""
        if self._mark(first - 1) == ",":
            return Span(self._tokens[first - 2].end, self._tokens[last].end, "")
        if self._mark(last + 1) == ",":
            return Span(self._tokens[first].start, self._tokens[last + 2].start, "")
        if self._mark(first - 2) == ";":
            return Span(self._tokens[first - 3].end, self._tokens[last].end, "")
        if self._mark(last + 1) == ";" and not self._mark(last + 2):
            return Span(self._tokens[first - 1].start, self._tokens[last + 2].start, "")
        return None

    def _whole_line(self, subject_at: int, term: tuple[int, int]) -> Span | None:
        dot = next(number for number in range(term[1], len(self._tokens)) if self._mark(number) == ".")
        end = self._tokens[dot].end
        line_end = re.compile(r"[ \t]*(\r\n|\n|\r|$)").match(self._text, end)
        return Span(subject_at, line_end.end(), "") if line_end else None

    def _comment(self, span: Span) -> bool:
        """Tell whether there is a comment between the tokens of a span."""
        return "#" in self._gaps(span)

    def _gaps(self, span: Span) -> str:
        numbers = range(bisect_left(self._starts, span.start), bisect_left(self._starts, span.end))
        gaps, at = "", span.start
        for number in numbers:
            gaps, at = gaps + self._text[at : self._starts[number]], self._tokens[number].end
        return gaps + self._text[at : span.end]

    def _line_end(self) -> str:
        return "\r\n" if "\r\n" in self._text else "\n"


def _declarations(tokens: list[_Token]) -> Iterator[_Declaration]:
    base = ""
    for number, token in enumerate(tokens):
        word = token.text.lower() if token.kind in {"at", "word"} else ""
        name, iri = (*tokens[number + 1 : number + 3], token, token)[:2]
        if word in {"@base", "base"} and name.kind == "iri":
            base = absolute(name.text, base)
        elif word in {"@prefix", "prefix"} and (name.kind, iri.kind) == ("name", "iri"):
            yield _Declaration(name.text[:-1], absolute(iri.text, base), iri.start, iri.end)
