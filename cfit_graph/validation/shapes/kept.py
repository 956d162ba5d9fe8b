"""Parsed queries, kept from one run to the next: to parse those of our shapes takes half of a run on our data.

They lie in the folder that the system has for what can be made again. Nothing in it is trusted: a file that is no query
is as good as none.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import rdflib
from platformdirs import user_cache_path
from rdflib.plugins.sparql.parserutils import CompValue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MOST: Final = 200
"""Queries that are kept; the oldest go first."""

_NAMES: Final = {
    "builtins": {"set"},
    "collections": {"OrderedDict"},
    "rdflib.term": {"BNode", "Literal", "URIRef", "Variable"},
    "rdflib.paths": {"AlternativePath", "InvPath", "MulPath", "NegatedPath", "SequencePath"},
    __name__: {"_value"},
}
"""What queries are made of; a file that names anything else is refused before it is called."""


def query(text: str, prefixes: tuple[tuple[str, str], ...], parse: Callable[[], CompValue]) -> CompValue:
    """Return the algebra of a query as it was kept, or else parse it and keep it.

    It can be read, not evaluated: expressions have no functions. It is the same whether it was kept or not.
    """
    path = _path(text, prefixes)
    with suppress(Exception):  # pickle raises whatever a damaged file makes it raise
        return _read(path.read_bytes())
    made = parse()
    try:
        content = _written(made)
        again = _read(content)
    except pickle.PickleError:  # it has a part that is not foreseen here
        return made
    with suppress(OSError):  # nothing can be written there: it is parsed again the next time
        _keep(path, content)
    return again


def _path(text: str, prefixes: tuple[tuple[str, str], ...]) -> Path:
    """Return the file for a query; another version of the parser has another one."""
    name = hashlib.sha256(repr((rdflib.__version__, prefixes, text)).encode()).hexdigest()
    return user_cache_path("cfit-graph", appauthor=False) / "queries" / name


def _keep(path: Path, content: bytes) -> None:
    if not path.is_absolute():  # a user without a home
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in sorted(path.parent.iterdir(), key=lambda it: it.stat().st_mtime)[: -_MOST + 1]:
        old.unlink(missing_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def _written(made: CompValue) -> bytes:
    written = io.BytesIO()
    _Writer(written).dump(made)
    return written.getvalue()


def _read(content: bytes) -> CompValue:
    """Return the query that was written.

    Raises:
        UnpicklingError: if it is none; whatever else a damaged file makes pickle raise.
    """
    kept = _Reader(io.BytesIO(content)).load()
    if not isinstance(kept, CompValue):
        raise pickle.UnpicklingError("no query")
    return kept


def _value(items: dict[str, Any], attributes: dict[str, Any]) -> CompValue:
    """Return a part of a query: rdflib puts what it parsed into items, and what it made of that into attributes."""
    made = CompValue("", **items)
    vars(made).update(attributes)
    return made


class _Writer(pickle.Pickler):
    def reducer_override(self, it: Any) -> Any:
        """Write a part of a query by what it holds, without functions; rdflib's own class cannot be read back."""
        if not isinstance(it, CompValue):
            return NotImplemented
        attributes = {name: value for name, value in vars(it).items() if not callable(value)}
        return _value, (dict(it), attributes)


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return what a file names, if queries are made of it."""
        if name not in _NAMES.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a query")
        return super().find_class(module, name)
