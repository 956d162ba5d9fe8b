"""Tests that wish the server ill, and what they share: a graph that makes small queries costly, and such queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

NODES: Final = 60

ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
"""Computes for ever, in little memory, without any output."""
SILENT: Final = "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(?a = ?c && ?c != ?a) }"
"""Looks for ever for what there is not, row by row."""
STREAM: Final = "SELECT * { ?a ?p ?b . ?c ?q ?d }"
"""Gives rows at once, and hundreds of megabytes of them."""
_ALL: Final = ", ".join(f"STR(?{name})" for name in "abcdef")
DRIP: Final = f"""SELECT ?p ?text {{
  ?a ?p ?b . ?c ?q ?d . ?e ?r ?f BIND(SHA512(CONCAT({_ALL})) AS ?text) FILTER(REGEX(?text, "[01]0$"))
}}"""
"""Gives rows for ever that no coding makes small, and less than a megabyte a second."""
LIGHT: Final = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b }"
LIGHT_ANSWER: Final = f"n\r\n{NODES * (NODES - 1)}\r\n".encode()
"""The answer to LIGHT in CSV."""


def dense(folder: Path) -> Path:
    """Write a complete directed graph: each of its nodes has an edge to each other."""
    path = folder / "dense.nt"
    pairs = [(a, b) for a in range(NODES) for b in range(NODES) if a != b]
    path.write_text("".join(f"<http://x/{a}> <http://x/p> <http://x/{b}> .\n" for a, b in pairs), "ascii")
    return path


def doubled(times: int, function: str = "CONCAT({0},{0})", start: str = "xxxxxxxxxxxxxxxx") -> str:
    """Return a query for a string that grows with every step."""
    steps = " ".join(f"BIND({function.format(f'?s{n}')} AS ?s{n + 1})" for n in range(times))
    return f'SELECT (STRLEN(?s{times}) AS ?n) {{ BIND("{start}" AS ?s0) {steps} }}'
