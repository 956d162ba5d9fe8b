"""JSON-LD that needs nothing but itself: the contexts it names are put into the text, or refused; none is fetched."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from cfit_graph import slips
from cfit_graph.errors import SourceError
from cfit_graph.namespaces import CONTEXT, PREFIXES, expand
from cfit_graph.positions import Lines, Lost, values
from cfit_graph.positions import jsonld as positions
from cfit_graph.positions.contexts import TAG, UNSEEN
from cfit_graph.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from pathlib import Path

    from cfit_graph.positions.jsonld import Unsaid
    from cfit_graph.positions.values import Member, Value


_LARGEST: Final = 100_000_000
_BY_HAND: Final = 1_000_000
_DEEPEST: Final = 100  # Oxigraph's time grows with the square of the depth
_NAMED: Final = re.compile(r'"@context"[ \t\r\n]*:')  # in a string of JSON the quotation marks would be escaped
_CONTEXT: Final = re.compile("@?context", re.IGNORECASE)
_BRACKET: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
_ODD: Final = re.compile(rf"[{UNSEEN}]")
_AROUND: Final = re.compile(rf"^[{UNSEEN}]+|[{UNSEEN}]+$|[{UNSEEN}]+(?=:)|(?<=:)[{UNSEEN}]+")


def contexts(root: Path) -> dict[str, Any]:
    """Return the contexts known by their address; ``root`` holds ``ontology/``.

    Raises:
        SourceError: if the context cannot be read.
    """
    path = root / "ontology" / "context.jsonld"
    try:
        return {CONTEXT: json.loads(path.read_text("utf-8"))}
    except OSError as error:
        raise SourceError.from_system(path, error) from None


def text(path: Path) -> str:
    """Return the text of a file, if it is one that may be parsed.

    Raises:
        SourceError: if it is too large or nested too deeply, or no UTF-8.
    """
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise SourceError(path, Reason("json-size", _LARGEST // 1_000_000))
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        raise SourceError(path, Reason("json-utf-8"), *Lines(before).place(len(before))) from None
    if (at := _too_deep(written)) is not None:
        raise SourceError(path, Reason("json-deep", _DEEPEST), *Lines(written).place(at))
    return written


def complete(path: Path, written: str, known: Mapping[str, Any]) -> str:
    """Return the text of a file with the contexts that it names put in their places, all on their line.

    Raises:
        SourceError: for a context that is not ``known``, with its place.
    """
    parts, done = [], 0
    for value in _references(written):
        address = str(value.content)
        if address not in known:
            reason = Reason("context", repr(address), CONTEXT)
            raise SourceError(path, reason, *Lines(written).place(value.at))
        parts += [written[done : value.at], json.dumps(known[address]["@context"], separators=(",", ":"))]
        done = value.end
    return "".join([*parts, written[done:]])


def refuse_unsaid(path: Path, written: str, known: Mapping[str, Any]) -> None:
    """Refuse a text with a key or name that means nothing: JSON-LD passes over it, and whoever misspelt it is not told.

    Texts so large that nobody writes them by hand are not looked through, which would take longer than to read them.

    Raises:
        SourceError: for the first, with its place and the term that is perhaps meant.
    """
    try:
        found = positions.unsaid(written, known) if len(written) <= _BY_HAND else []
    except (ValueError, RecursionError):
        return  # no JSON-LD; the parser will say so
    if found:
        has_context = _NAMED.search(written) is not None
        meant = next((it for it in found if not has_context and _CONTEXT.fullmatch(it.name)), None)
        first = meant or found[0]
        lacks_context = not (has_context or meant) and first.kind in {"term", "prefix-undeclared"}
        ours = known[CONTEXT]["@context"] if CONTEXT in known and (CONTEXT in written or lacks_context) else ()
        reason = _without_context(found, ours) if lacks_context else _why(first, found, ours)
        raise SourceError(path, reason, *Lines(written).place(first.at))


def _without_context(found: list[Unsaid], ours: Container[str]) -> str:
    """Return the reason to refuse a text that lacks a context, with one that it may have."""
    context: object = _undeclared(found)
    if any(it.kind == "term" for it in found):
        more = _undeclared(found, ours)
        context = [CONTEXT, more] if more else CONTEXT
    return Reason("no-context", f'"@context": {json.dumps(context)},')


def _why(first: Unsaid, found: list[Unsaid], ours: Container[str]) -> str:
    """Return why something is refused, and what is perhaps meant; a prefix cannot have the name of a term of ours."""
    prefix, sign, near = first.name.partition(":")[0], _ODD.search(first.name), _near(first)
    said = Reason(first.kind, f"{prefix}:" if first.kind == "prefix-undeclared" else repr(first.name[:100]))
    if first.kind == "prefix-undeclared" and prefix in PREFIXES:
        if prefix not in ours:
            return Reason("declare", said, json.dumps(_undeclared(found, ours))[1:-1])
        near = expand(first.name)
    if first.kind in {"term", "address"} and sign:
        said = Reason("name-sign", slips.shown(sign[0]), repr(first.name[:100]))
    return Reason("near", said, repr(near)) if near else said


def _undeclared(found: list[Unsaid], ours: Container[str] = ()) -> dict[str, str]:
    """Return the prefixes that are known here and not declared, without those that are terms."""
    prefixes = dict.fromkeys(it.name.partition(":")[0] for it in found if it.kind == "prefix-undeclared")
    return {prefix: PREFIXES[prefix] for prefix in prefixes if prefix in PREFIXES and prefix not in ours}


def _near(unsaid: Unsaid) -> str:
    """Return what is perhaps meant, or nothing."""
    bare = _AROUND.sub("", unsaid.name)
    if unsaid.kind == "language":
        tag = bare.replace("_", "-")
        return tag if TAG.fullmatch(tag) else ""
    if unsaid.kind == "prefix-undeclared":
        prefix, _, local = unsaid.name.partition(":")
        return next((f"{near}:{local}" for near in difflib.get_close_matches(prefix.lower(), PREFIXES, 1)), "")
    is_whole = bare != unsaid.name and (":" in bare or bare in unsaid.known)
    return bare if is_whole else next(iter(difflib.get_close_matches(unsaid.name, unsaid.known, 1, 0.75)), "")


def fault(path: Path, written: str, reason: str) -> SourceError:
    """Return the error in a text that was refused for a ``reason``, with its place where one can be told."""
    try:
        json.loads(written, parse_constant=_no_constant)
        place = _odd(values.read(written), reason.split(" ", maxsplit=1)[0])
    except json.JSONDecodeError as error:
        said = slips.in_words(error.msg, written.split("\n")[error.lineno - 1], error.colno)
        return SourceError(path, Reason("not-json", said), error.lineno, error.colno)
    except ValueError as error:
        return SourceError(path, Reason("not-json", error.args[0]))
    return SourceError(path, reason, *(Lines(written).place(place) if place is not None else ()))


def _odd(value: Value, keyword: str) -> int | None:
    """Return where the first value of a keyword begins that is no text, or that of another name for it."""
    members = list(_members(value))
    names = {keyword, keyword.removeprefix("@"), *(member.key for member in members if member.value.content == keyword)}
    odd = (m.value.at for m in members if m.key in names and not isinstance(m.value.content, str))
    return next(odd, None)


def _members(value: Value) -> Iterator[Member]:
    """Yield the members of all objects in a value, in order."""
    inside = value.content if isinstance(value.content, (list, values.Members)) else ()
    for item in inside:
        if isinstance(item, values.Member):
            yield item
        yield from _members(item.value if isinstance(item, values.Member) else item)


def _no_constant(name: str) -> None:
    raise ValueError(Reason("json-number", name))


def _too_deep(written: str) -> int | None:
    depth = 0
    for found in _BRACKET.finditer(written):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth > _DEEPEST:
            return found.start()
    return None


def _references(written: str) -> Iterator[Value]:
    """Yield the addresses that stand where a context is expected."""
    for found in _NAMED.finditer(written):
        try:
            value = values.read_from(written, found.end())
        except Lost:
            return  # no JSON; the parser will say so
        for item in value.items():
            yield from _addresses(item)


def _addresses(item: Value) -> Iterator[Value]:
    if isinstance(item.content, str):
        yield item
    elif isinstance(item.content, values.Members):
        yield from (member.value for member in item.content if member.key == "@import")
