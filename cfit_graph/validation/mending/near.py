"""What was meant by a name that nothing has: the nearest that something has."""

from __future__ import annotations

import re
from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from rdflib import SKOS, URIRef

from cfit_graph.labels import NAMING
from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.search import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import Graph
    from rdflib.term import Node

_TRACKING: Final = re.compile(r"([?&])(?:(?:utm_[a-z]+|fbclid|gclid|mc_[ce]id)=[^&#]*(?:&|(?=#|$)))+")
"""What social media and newsletters put behind an address."""

_ADDRESS: Final = URIRef(VOCABULARIES["schema"] + "url")
_ALIKE: Final = 0.7
_CODE: Final = 3
"""Letters of a name that says nothing by its look: each other one of its length is nearly alike."""
_WORD: Final = 6
"""Letters of a word that is hardly another one after a slip of the hand."""


class Near(NamedTuple):
    """A node that may be meant: it alone is called the ``same``, or the same but for a ``slip``."""

    node: Node
    same: bool = False
    slip: bool = False


def slug(node: Node) -> str:
    """Return the last segment of an IRI; of text, all of it."""
    return re.split(r"[/#]", str(node).rstrip("/#"))[-1] if isinstance(node, URIRef) else str(node)


def as_slug(name: str) -> str:
    """Return a name as a slug, its words in small letters without accents; empty if it has no Latin letters or digits.

    >>> as_slug("Example Watch (NL)"), as_slug("Ökobüro Ærø")
    ('example-watch-nl', 'okoburo-aero')
    """
    return "-".join(re.findall(r"[a-z0-9]+", fold(name)))


def nearest(written: Node, known: Iterable[Node], graph: Graph) -> Near | None:
    """Return that of the ``known`` nodes whose slug, or one of whose names, is most like what is written."""
    wanted = slug(written).strip().casefold()
    names: dict[str, set[Node]] = {}
    for node in known:
        for name in _names(node, graph):
            names.setdefault(name, set()).add(node)
    worth = [name for name in names if name == wanted or _is_worth(wanted, name)]
    if wanted not in names and (other := _otherwise(wanted, names, graph)):
        return Near(other)
    found = get_close_matches(wanted, worth, 1, _ALIKE)
    if not found:
        short = {node for name, nodes in names.items() if _initials(name) == wanted for node in nodes}
        return Near(short.pop()) if len(short) == 1 else None
    best = min(names[found[0]], key=lambda node: (_distance(written, node), str(node)))
    slips = {node for name in worth if _is_slip(wanted, name) for node in names[name]}
    as_written = not isinstance(written, URIRef) or _beside(written, best)
    return Near(best, as_written and names.get(wanted) == {best}, as_written and slips == {best})


def _plain(address: str) -> str:
    """Return an address without what tells its host where a reader came from, and without a slash at its end.

    >>> _plain("https://example.org/a/?utm_source=x&id=1&gclid=y"), _plain("https://example.org/a/?fbclid=x#top")
    ('https://example.org/a/?id=1', 'https://example.org/a/#top')
    """
    return re.sub(r"[?&](?=#|$)", "", _TRACKING.sub(r"\1", address)).rstrip("/")


def _otherwise(wanted: str, names: dict[str, set[Node]], graph: Graph) -> Node | None:
    """Return the one node that has a name beside those that name it, or is called by the initials of it."""
    nodes = set().union(*names.values())
    found = {node for node in nodes for name in graph.objects(node, SKOS.altLabel) if str(name).casefold() == wanted}
    short = _initials(wanted)
    found = found or (names.get(short, set()) if len(short) >= _CODE else set())
    return min(found, key=str) if len(found) == 1 else None


def at_address(address: str, known: Iterable[Node], graph: Graph) -> Node | None:
    """Return that of the ``known`` nodes which alone has an address, but for a slash or tracking at its end."""
    pages = ((node, page) for node in known if "://" in address for page in graph.objects(node, _ADDRESS))
    found = {node for node, page in pages if _plain(str(page)) == _plain(address)}
    return found.pop() if len(found) == 1 else None


def _is_worth(wanted: str, name: str) -> bool:
    """Tell whether two names are long enough to be compared, or the one is the other with a letter more."""
    return min(len(name), len(wanted)) > _CODE or (len(name) == _CODE and wanted[:-1] == name)


def _initials(name: str) -> str:
    """Return the letters that several words begin with, as ``uk`` for the United Kingdom."""
    words = _words(name)
    return "".join(word[:1] for word in words) if len(words) > 1 else ""


def _beside(written: URIRef, node: Node) -> bool:
    """Tell whether two IRIs differ in their last segment only, and that by a slip at most."""
    one, other = slug(written), slug(node)
    alone = str(written).removesuffix(one) == str(node).removesuffix(other)
    return alone and (one.casefold() == other.casefold() or _is_slip(one.casefold(), other.casefold()))


def _is_slip(written: str, name: str) -> bool:
    """Tell whether a name was meant, of which one word lacks a letter, has one twice, or has two exchanged.

    A letter more, another letter or digit, a word more or less may make another name, and so may another beginning.

    >>> [_is_slip(written, "supporting") for written in ("supportng", "suporting", "suppporting", "supporitng")]
    [True, True, True, True]
    >>> _is_slip("inactive", "active"), _is_slip("signed-2024", "signed"), _is_slip("at-bmluv", "at-bmluk")
    (False, False, False)
    """
    pairs = list(zip(_words(written), _words(name), strict=False))
    other = [(one, word) for one, word in pairs if one != word]
    return len(_words(written)) == len(_words(name)) and len(other) == 1 and _is_slip_of_word(*other[0])


def _words(name: str) -> list[str]:
    return re.split(r"[\W_]+", name)


def _is_slip_of_word(written: str, word: str) -> bool:
    if len(word) < _WORD or not (word.isalpha() and written.isalpha()) or written[0] != word[0]:
        return False
    without = {word[:at] + word[at + 1 :] for at in range(len(word))}
    twice = {word[:at] + word[at - 1] + word[at:] for at in range(1, len(word) + 1)}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    return written in without | twice | swapped


def _names(node: Node, graph: Graph) -> set[str]:
    labels = {str(name).casefold() for naming in NAMING for name in graph.objects(node, naming)}
    return {slug(node).casefold(), *labels}


def _distance(written: Node, node: Node) -> float:
    return -SequenceMatcher(None, str(written), str(node)).ratio()


def part_of(whole: Node, known: Iterable[Node]) -> Node | None:
    """Return the node with the longest slug that the slug of another consists of, with or without more words."""
    words = f"-{slug(whole)}-"
    found = [node for node in known if f"-{slug(node)}-" in words]
    return max(found, key=lambda node: (len(slug(node)), str(node)), default=None)
