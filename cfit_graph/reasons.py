"""Why a file cannot be used: sentences that can be told in every language that findings are told in."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Self

from cfit_graph.texts import ENGLISH, REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable


class Reason(str):
    """A sentence by its name in the texts, with the values in it, which may be reasons themselves; in English as it is.

    >>> Reason("prefix", "foo:")
    'the prefix foo: is not declared; add a line such as @prefix foo: <…> . at the top'
    >>> Reason("prefix", "foo:").told("nl")
    'het prefix foo: is niet gedeclareerd; zet bovenaan een regel als @prefix foo: <…> .'
    """

    _name: str
    _values: tuple[object, ...]

    def __new__(cls, name: str, *values: object) -> Self:
        """Say a sentence.

        Raises:
            KeyError: if there is none of this name.
        """
        said = super().__new__(cls, REASONS[ENGLISH][name].format(*values))
        said._name, said._values = name, values
        return said

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """Return what it is made of anew in another process."""
        return type(self), (self._name, *self._values)

    def told(self, language: str) -> str:
        """Return it in a language."""
        return REASONS[language][self._name].format(*(tell(value, language) for value in self._values))


def tell(text: object, language: str) -> object:
    """Return a reason in a language; what has no words of ours, such as what a parser says, as it is."""
    return text.told(language) if isinstance(text, Reason) else text


def all_of(reasons: Iterable[str]) -> str:
    """Return several reasons as one."""
    first, *others = reasons
    for other in others:
        first = Reason("also", first, other)
    return first


def of_system(error: OSError) -> str:
    """Return the reason for which the system refuses a file."""
    name = errno.errorcode.get(error.errno or 0, "")
    return Reason(name) if name in REASONS[ENGLISH] else error.strerror or Reason("unusable")
