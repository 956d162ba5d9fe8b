"""Whether a text with edits made in it says what it was meant to say, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import BNode, URIRef

from cfit_graph import source
from cfit_graph.errors import SourceError
from cfit_graph.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cfit_graph.validation.suggestions import Triple

    Changes = Sequence[tuple[Triple | None, Triple | None]]

_BLANK = BNode("any")


def compare(path: Path, before: str, after: str, changes: Changes) -> None:
    """Compare what a text of the format of ``path`` says before and after, but for the changes that are meant.

    Blank nodes count as one. A change of a term's namespace may be that of a prefix, and so of other terms.

    Raises:
        SourceError: naming ``path``, if it could not be read any more, or says something else.
    """
    try:
        old, new = _said(path, before), _said(path, after)
    except SourceError as error:
        raise SourceError(path, Reason("would-not-read", error.reason)) from None
    gone = {_plain(triple) for triple, _ in changes if triple}
    come = {_plain(triple) for _, triple in changes if triple}
    moves = _moves(changes)
    moved = {_moved(triple, moves) for triple in old}
    kept = all(triple in new or _moved(triple, moves) in new for triple in old - gone)
    if not kept or not come <= new or (gone - come) & new or not new <= old | come | moved:
        raise SourceError(path, Reason("would-differ"))


def _said(path: Path, text: str) -> set[Triple]:
    return {_plain(triple) for triple in source.statements_in(text, path)}


def _plain(triple: Triple) -> Triple:
    subject, predicate, value = (_BLANK if isinstance(node, BNode) else node for node in triple)
    return subject, predicate, value


def _moves(changes: Changes) -> dict[str, str]:
    """Return the namespaces that changes exchange for others, with what they are then."""
    terms = [(str(old[1]), str(new[1])) for old, new in changes if old and new and old[1] != new[1]]
    cut = ((old, new, max(old.rfind("/"), old.rfind("#")) + 1) for old, new in terms)
    return {old[:at]: new.removesuffix(old[at:]) for old, new, at in cut if new.endswith(old[at:])}


def _moved(triple: Triple, moves: dict[str, str]) -> Triple:
    for old, new in moves.items():
        subject, predicate, value = (
            URIRef(new + node.removeprefix(old)) if isinstance(node, URIRef) and node.startswith(old) else node
            for node in triple
        )
        triple = subject, predicate, value
    return triple
