"""Turtle in one form, so that a difference between two versions of a file is a difference in what it says.

Prefixes in use come first, in order; then one block per subject, in order of IRI; in it the type, what names the
subject, everything else by name, and last notes and sources. Comments at the top stay there; other comments stay
above the subject they stand above.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rdflib import RDF, BNode, Literal, URIRef

from cfit_graph.errors import SourceError
from cfit_graph.namespaces import PREFIXES, shorten

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib import Graph
    from rdflib.term import Node

_NAMES: Final = ("a", "skos:prefLabel", "rdfs:label", "dcterms:title", "skos:altLabel")
_MEMBERSHIP: Final = ("org:member", "org:organization", "org:role", "cfit:status")
_PERIOD: Final = ("schema:startDate", "cfit:startDateKind", "schema:endDate")
_LAST: Final = ("skos:editorialNote", "dcterms:source", "cfit:confidence")
_WIDTH: Final = 120
_LOCAL: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9_]([\w-]*\w)?")
_STRING: Final = re.compile(
    r"\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}" r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>"
)
_ESCAPES: Final = {
    **{chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},  # text with these would be taken for another file
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def refuse_other(path: Path) -> None:
    """Refuse to lay out a file that is not Turtle.

    Raises:
        SourceError: if by its name it is none.
    """
    if path.suffix.lower() != ".ttl":
        raise SourceError(path, "not Turtle (.ttl); no other format has one form")


def layout(graph: Graph, text: str, path: Path) -> str:
    """Return ``graph`` as canonical Turtle, with the comments of ``text``, the file at ``path`` it was read from.

    Raises:
        SourceError: if there is something that would be lost: a comment behind a statement, or a blank node.
    """
    header, above = _comments(text, path)
    blocks = [
        above.pop(str(subject), "") + _block(graph, subject, path) for subject in sorted(set(graph.subjects()), key=str)
    ]
    if above:
        raise SourceError(path, f"the comment above {next(iter(above))} stands above nothing; move it to the top")
    body = "\n".join(blocks)
    prefixes = sorted(prefix for prefix in PREFIXES if re.search(rf"(?<![\w-]){prefix}:", _STRING.sub(" ", body)))
    written = "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in prefixes)
    return "\n".join(part for part in (written, header, body) if part)


def _block(graph: Graph, subject: Node, path: Path) -> str:
    predicates = {_name(predicate, path): predicate for predicate in set(graph.predicates(subject))}
    lines = []
    for name in sorted(predicates, key=_rank):
        objects = sorted(graph.objects(subject, predicates[name]), key=_object_rank)
        lines.append(_line(name, [_term(value, path) for value in objects]))
    return _term(subject, path) + " " + " ;\n    ".join(lines) + " .\n"


def _line(predicate: str, objects: list[str]) -> str:
    line = f"{predicate} {' , '.join(objects)}"
    if len(objects) == 1 or len(line) + 6 <= _WIDTH:
        return line
    return predicate + "\n        " + " ,\n        ".join(objects)


def _rank(name: str) -> tuple[int, str]:
    places = {name: place for place, name in enumerate((*_NAMES, *_MEMBERSHIP, *_PERIOD, "", *_LAST))}
    return places.get(name, places[""]), name


def _object_rank(node: Node) -> tuple[bool, str, str, str]:
    """Order values: English first, then by language, text and datatype."""
    if isinstance(node, Literal):
        language = node.language or ""
        return language not in {"", "en"}, language, str(node), str(node.datatype)
    return False, "", str(node), ""


def _name(predicate: Node, path: Path) -> str:
    return "a" if predicate == RDF.type else _term(predicate, path)


def _term(node: Node, path: Path) -> str:
    if isinstance(node, Literal):
        return _literal(node, path)
    if isinstance(node, BNode):
        raise SourceError(path, "a blank node has no place of its own in a sorted file; give it an IRI")
    short = shorten(str(node))
    return short if _LOCAL.fullmatch(short) else f"<{node}>"


def _literal(literal: Literal, path: Path) -> str:
    written = '"' + "".join(_ESCAPES.get(sign, sign) for sign in literal) + '"'
    if literal.language:
        return f"{written}@{literal.language.lower()}"
    return f"{written}^^{_term(URIRef(literal.datatype), path)}" if literal.datatype else written


def _comments(text: str, path: Path) -> tuple[str, dict[str, str]]:
    """Return the comments at the top, and those above subjects by IRI."""
    prefixes = dict(re.findall(r"(?im)^@?prefix\s+([\w-]*):\s+<([^>]*)>", text))
    bare = _STRING.sub(lambda found: re.sub(r"[^\n]", "_", found[0]), text)
    header, pending = "", ""
    above: dict[str, str] = {}
    for number, (line, seen) in enumerate(zip(text.split("\n"), bare.split("\n"), strict=True), 1):
        if seen.startswith("#"):
            pending += line + "\n"
        elif "#" in seen:
            raise SourceError(path, "a comment behind a statement would be lost; put it on a line above", number, 1)
        elif pending and not above and (not line.strip() or line.startswith("@prefix")):
            header, pending = header + pending, ""
        elif line.strip() and pending:
            above[_subject(line, prefixes)], pending = pending, ""
    return header + pending, above


def _subject(line: str, prefixes: dict[str, str]) -> str:
    token = line.split(maxsplit=1)[0]
    prefix, _, local = token.partition(":")
    return token.strip("<>") if token.startswith("<") else prefixes.get(prefix, "") + local
