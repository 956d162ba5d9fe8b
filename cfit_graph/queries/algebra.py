"""SPARQL put together from parts: the one place where the program writes queries instead of reading them from files.

Parts are texts: a condition is what stands in a ``FILTER``, a pattern what stands in a group. Conditions that are known
beforehand fall away, so that what is written is as short as what is asked. Nobody's words are in it: terms are written
by the library that holds them, variables are named by the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

TRUE: Final = "true"
FALSE: Final = "false"


def both(*conditions: str) -> str:
    """Return the condition that all of ``conditions`` hold.

    >>> both("?a", TRUE, "?b"), both(), both("?a", FALSE)
    ('(?a && ?b)', 'true', 'false')
    """
    return _joined(" && ", conditions, TRUE, FALSE)


def either(*conditions: str) -> str:
    """Return the condition that one of ``conditions`` holds."""
    return _joined(" || ", conditions, FALSE, TRUE)


def negate(condition: str) -> str:
    """Return the condition that ``condition`` does not hold.

    >>> negate(TRUE), negate("?a"), negate(negate("?a"))
    ('false', '!(?a)', '?a')
    """
    if condition in {TRUE, FALSE}:
        return FALSE if condition == TRUE else TRUE
    inner = condition[2:-1]
    return inner if condition == f"!({inner})" and _closed(inner) else f"!({condition})"


def call(function: str, *arguments: str) -> str:
    """Return a call of a function."""
    return f"{function}({', '.join(arguments)})"


def among(value: str, choices: Iterable[str]) -> str:
    """Return the condition that a value equals one of ``choices``."""
    listed = ", ".join(choices)
    return f"{value} IN ({listed})" if listed else FALSE


def triple(subject: str, path: str, value: str) -> str:
    """Return a triple pattern; the path may be a property path."""
    return f"{subject} {path} {value} ."


def exists(pattern: str, condition: str = TRUE) -> str:
    """Return the condition that a pattern is found with ``condition``; it is shortened if that never holds."""
    return FALSE if condition == FALSE else f"EXISTS {{ {filtered(pattern, condition)} }}"


def filtered(pattern: str, condition: str) -> str:
    """Return a pattern of which only the solutions with ``condition`` count."""
    return pattern if condition == TRUE else f"{pattern} FILTER ({condition})"


def values(variable: str, terms: Iterable[str]) -> str:
    """Return the pattern that gives a variable each of ``terms``."""
    return f"VALUES {variable} {{ {' '.join(terms)} }}"


def union(*patterns: str) -> str:
    """Return the pattern that finds what one of ``patterns`` finds."""
    return " UNION ".join(f"{{ {pattern} }}" for pattern in patterns)


def optional(pattern: str) -> str:
    """Return the pattern that is found or not."""
    return f"OPTIONAL {{ {pattern} }}"


def select(variable: str, pattern: str) -> str:
    """Return the query for the different values of a variable in a pattern."""
    return f"SELECT DISTINCT {variable} WHERE {{ {pattern} }}"


def ask(pattern: str) -> str:
    """Return the query whether a pattern is found."""
    return f"ASK {{ {pattern} }}"


def _joined(sign: str, conditions: Iterable[str], idle: str, final: str) -> str:
    parts = [part for part in dict.fromkeys(conditions) if part != idle]
    if final in parts:
        return final
    return f"({sign.join(parts)})" if len(parts) > 1 else "".join(parts) or idle


def _closed(text: str) -> bool:
    """Tell whether a text has no bracket that closes before it opens."""
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return True
