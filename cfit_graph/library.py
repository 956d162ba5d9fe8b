"""The question library: each question by its name, with other values in place of its examples.

A parameter's example says what it takes: a day, things of the kind that the example is of, or else any address. More
than one example says that it takes several values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rdflib import Literal, URIRef

from cfit_graph import queries
from cfit_graph.collection import COLLECTIONS, FILTERS, Filter, asking
from cfit_graph.collection.values import nearest
from cfit_graph.errors import BadParameters, UnknownEntity, WrongParameter
from cfit_graph.namespaces import ID, expand
from cfit_graph.store.engine import is_iri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rdflib.term import Identifier

    from cfit_graph.collection.values import Values
    from cfit_graph.queries import Question, Terms

DAY: Final = "day"
ADDRESS: Final = "address"
_ADDRESS: Final = re.compile(r"https?://.+")
_SHOWN: Final = 3


@dataclass(frozen=True)
class Parameter:
    """What a question can be asked with: a name, what it takes (``DAY``, ``ADDRESS`` or a kind of thing), examples."""

    name: str
    kind: str
    examples: tuple[str, ...]

    @property
    def is_list(self) -> bool:
        """Whether it takes several values."""
        return len(self.examples) > 1

    @property
    def things(self) -> Filter | None:
        """The filter whose values it takes; ``None`` where it takes no things."""
        known = next((each for each in FILTERS.values() if each.kind == self.kind), None)
        collection = next((each.name for each in COLLECTIONS.values() if each.kind == self.kind), "")
        return known or (Filter(self.name, self.kind, collection) if collection else None)


def find(questions: Iterable[Question], name: str) -> Question:
    """Return the question of a name, which is its slug.

    Raises:
        UnknownEntity: if there is none; says which are there, the nearest first.
    """
    known = {question.slug: question for question in questions}
    if name not in known:
        there = nearest(name, known)[:_SHOWN]
        raise UnknownEntity(f"There is no question {name[:100]!r}. Nearest: {', '.join(there) or 'none'}.")
    return known[name]


def parameters(question: Question) -> list[Parameter]:
    """Return what a question can be asked with."""
    return [_parameter(question, name) for name in question.parameters]


def query(question: Question, sent: Mapping[str, Sequence[str]], values: Callable[[Filter], Values]) -> str:
    """Return the query of a question with the values that were sent; with its examples where none was.

    ``values`` gives what a filter takes.

    Raises:
        BadParameters: naming everything that is wrong with them.
    """
    takes = {parameter.name: parameter for parameter in parameters(question)}
    errors = [WrongParameter(name[:100], _unknown(question)) for name in sent.keys() - takes.keys()]
    terms: dict[str, Terms] = {}
    for name in sent.keys() & takes.keys():
        found: set[Identifier] = set()
        for text in sent[name]:
            try:
                found |= _meant(takes[name], text, values)
            except ValueError as error:
                errors.append(WrongParameter(name, str(error)))
        if len(sent[name]) > 1 and not takes[name].is_list:
            errors.append(WrongParameter(name, "It is given more than once."))
        terms[name] = sorted(found)
    if errors:
        raise BadParameters(sorted(errors))
    return queries.bind(question.sparql, **terms)


def _unknown(question: Question) -> str:
    there = ", ".join(question.parameters)
    return f"The question has no such parameter. {f'There is {there}.' if there else 'It has none.'}"


def _parameter(question: Question, name: str) -> Parameter:
    written = queries.examples(question.sparql, name)
    first = expand(written[0])
    if first.startswith('"'):
        return Parameter(name, DAY, tuple(text.strip('"') for text in written))
    kind = first.removeprefix(ID).partition("/")[0] if first.startswith(ID) else ADDRESS
    return Parameter(name, kind, tuple(text.strip("<>").removeprefix(f"{kind}:") for text in written))


def _meant(parameter: Parameter, text: str, values: Callable[[Filter], Values]) -> set[Identifier]:
    """Return what a value stands for: of a place all places within it, too.

    Raises:
        ValueError: if it is none; says what there is.
    """
    if parameter.kind == DAY:
        return {Literal(asking.day(text))}
    if parameter.things:
        return set(map(URIRef, values(parameter.things).meant_by(text)))
    if not _ADDRESS.fullmatch(text) or not is_iri(text):
        raise ValueError("It is not an address. Write all of it, such as https://ror.org/05f950310.")
    return {URIRef(text)}
