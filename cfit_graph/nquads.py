"""N-Quads lines in canonical form: how a dataset is kept, compared with another, and named by a hash.

The form is that of RDF Dataset Canonicalization (RDFC-1.0, section 5): one line per statement, each once, in code point
order. Equal datasets have equal lines, so the SHA-256 of the lines is the hash of the dataset.
"""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

import pyoxigraph as ox

from cfit_graph.namespaces import BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

T = TypeVar("T")

GENID: Final = ".well-known/genid/"
"""Where below the base blank nodes get addresses (RDF 1.1 Concepts, 3.5)."""

Quad = ox.Quad
"""A statement in a graph, in the parser's own terms."""

Literal = ox.Literal

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
"""What can be subject or object of a statement."""

_AT_ONCE: Final = 10_000


def canonical(quads: Iterable[Quad]) -> list[str]:
    """Return the canonical lines of a dataset.

    Blank nodes are labelled as RDFC-1.0 has it, but for those that stand twice in one statement: pyoxigraph 0.5 labels
    these otherwise, though always alike.
    """
    return _lines(quads, lambda quad: quad)


def addressed(quads: Iterable[Quad], base: str = BASE) -> list[str]:
    """Return the canonical lines of a dataset after each blank node has got an address below ``base``.

    It is made of its label.
    """
    return _lines(quads, lambda quad: _addressed(quad, base + GENID))


def parse(lines: Iterable[str]) -> Iterator[Quad]:
    """Yield the statements of lines, in order.

    Raises:
        SyntaxError: if a line is not N-Quads.
    """
    rest = iter(lines)
    while some := "".join(islice(rest, _AT_ONCE)):
        yield from ox.parse(some, format=ox.RdfFormat.N_QUADS)


def digest(lines: Iterable[str]) -> str:
    """Return the SHA-256 (hex) of lines: of the canonical lines of a dataset it is its hash."""
    total = hashlib.sha256()
    for line in lines:
        total.update(line.encode())
    return total.hexdigest()


def graph_of(line: str) -> str:
    """Return the name of the graph that the statement of a canonical line stands in, as it is written.

    >>> graph_of('<http://s> <http://p> "o" <http://g> .')
    '<http://g>'
    """
    return line.rstrip().removesuffix(" .").rpartition(" ")[2]


def text(term: Term) -> str:
    """Return the plain text of a term: an IRI, a label of a blank node, or the lexical form of a literal."""
    return str(term) if isinstance(term, ox.Triple) else term.value


def name(term: Term) -> str:
    """Return an IRI as it is, and a blank node with its label: ``_:label``."""
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def language(term: Term) -> str:
    """Return the language tag of a literal; nothing for any other term."""
    return (term.language or "") if isinstance(term, ox.Literal) else ""


def _lines(quads: Iterable[Quad], finish: Callable[[Quad], Quad]) -> list[str]:
    """Return sorted lines; the few statements with blank nodes, which alone need labels, go a way of their own."""
    lines, blank = set(), []
    for quad in quads:
        line = f"{quad} .\n"
        if "_:" in line and _has_blank(quad):
            blank.append(quad)
        else:
            lines.add(line)
    dataset = ox.Dataset(blank)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines.update(f"{finish(quad)} .\n" for quad in dataset)
    return sorted(lines)


def _has_blank(quad: Quad) -> bool:
    return any(isinstance(term, ox.BlankNode) for term in (quad.subject, quad.object, quad.graph_name))


def _addressed(quad: Quad, start: str) -> Quad:
    subject, graph = _address(quad.subject, start), _address(quad.graph_name, start)
    return Quad(subject, quad.predicate, _address(quad.object, start), graph)


def _address(term: T, start: str) -> T | ox.NamedNode:
    return ox.NamedNode(start + term.value) if isinstance(term, ox.BlankNode) else term


def has_subject(path: Path, iri: str) -> bool:
    """Tell whether a file of canonical lines says anything of a thing: by halving, so few of them are read.

    Raises:
        OSError: if the file cannot be read.
    """
    wanted = f"<{iri}> ".encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            line = _line_from(file, middle)
            low, high = (middle + 1, high) if line and line < wanted else (low, middle)
        return _line_from(file, low).startswith(wanted)


def _line_from(file: BinaryIO, position: int) -> bytes:
    """Return the first line that begins at a position or after it; empty at the end."""
    file.seek(max(position - 1, 0))
    if position:
        file.readline()
    return file.readline()
