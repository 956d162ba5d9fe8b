"""Regular expressions and long lists of shapes, as SPARQL conditions that mean what Python means by them."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import XSD

from cfit_graph.queries import algebra
from cfit_graph.queries.algebra import FALSE, call, either, negate
from cfit_graph.validation.shapes.forms import expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from cfit_graph import source

    Function = Callable[..., ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]

_BOOLEAN: Final = ox.NamedNode(str(XSD.boolean))
_ANSWERS: Final = {answer: ox.Literal(str(answer).lower(), datatype=_BOOLEAN) for answer in (True, False)}
_SIMPLE: Final = re.compile(
    r"""(?: (?: [^\\\[\](){}|^$.?*+\s] | [ ] | [.]       # a letter that stands for itself, a space, any letter
              | \\[!-/:-@\[-`{-~]                       # a sign
              | \[ \^? (?: \\[!-/:-@\[-`{-~s] | [^\\\[\]&~\-\s] | [ ] | [A-Za-z0-9]-[A-Za-z0-9]
                         | [\x80-\U0010ffff]-[\x80-\U0010ffff] | -(?=\]) )+ \]
              | \) )
            (?: (?: [?*+] | \{[0-9]{1,2}(?:,[0-9]{0,2})?\} ) (?![?*+{]) )?  # how often
          | \( (?: \?: | (?!\?) ) | [|^$]
        )*""",
    re.VERBOSE,
)
"""What means the same to Python and to the store, but for spaces and the end of a text."""
_SPACES: Final = r"\s\x1C-\x1F"
"""What Python takes for spaces, inside a class of letters of the store."""
_CONTROLS: Final = r'"\\p{Cc}"'


class Functions:
    """Functions of Python that a query may call, by the name it calls them by."""

    def __init__(self) -> None:
        self.by_name: dict[ox.NamedNode, Function] = {}

    def called(self, test: Callable[[str], bool], value: str) -> str:
        """Return the condition that ``test`` accepts the text of a node that is not blank."""
        name = ox.NamedNode(f"urn:x-cfit:test:{len(self.by_name)}")
        answer = functools.lru_cache(maxsize=100_000)(test)
        self.by_name[name] = lambda term: _ANSWERS[answer(term.value)]
        return call(str(name), call("STR", value))

    def among(self, terms: set[source.Term], value: str) -> str:
        """Return the condition that a node is one of some terms of the store."""
        name = ox.NamedNode(f"urn:x-cfit:list:{len(self.by_name)}")
        self.by_name[name] = lambda term: _ANSWERS[term in terms]
        return call(str(name), value)


def found(pattern: str, flags: str, value: str, functions: Functions) -> str:
    """Return the condition that a pattern is found in the text of a node that is not blank.

    The store looks itself where it can, which is seven times as fast: what it finds Python finds as well, and what it
    does not find Python finds only before a line break at the end.
    """
    compiled = expression(pattern, (re.IGNORECASE if "i" in flags else 0) | (re.MULTILINE if "m" in flags else 0))
    exact = functions.called(lambda text: compiled.search(text) is not None, value)
    native = str(ox.Literal(pattern.replace(r"\s", _SPACES)))
    if flags or not _SIMPLE.fullmatch(pattern) or not _is_taken(native):
        return exact
    text = call("STR", value)
    doubtful = call("IF", call("REGEX", text, _CONTROLS), exact, FALSE)  # the store may turn the sides of && round
    return either(call("REGEX", text, native), doubtful)


def _is_taken(pattern: str) -> bool:
    """Tell whether the store takes a pattern; it has a limit of size."""
    tried = call("REGEX", '""', pattern)
    return bool(ox.Store().query(algebra.ask(algebra.filtered("", either(tried, negate(tried))))))
