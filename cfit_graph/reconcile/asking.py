"""What a client asks, read from JSON, or everything that is wrong with it at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from cfit_graph.collection.values import nearest
from cfit_graph.errors import BadParameters, BatchTooLarge, WrongParameter
from cfit_graph.namespaces import shorten
from cfit_graph.reconcile import BATCH, DEFAULT, IDS, LONGEST, MOST, PROPERTIES, TYPES, Query, Wanted

if TYPE_CHECKING:
    from collections.abc import Collection as Names
    from collections.abc import Iterator

    from cfit_graph.collection import Collection

_EVERY: Final = tuple(TYPES.values())
_STRICT: Final = ("any", "should", "all")
_SPELLINGS: Final = {
    spelling.casefold(): of
    for of in reversed(_EVERY)
    for spelling in (*of.classes, *map(shorten, of.classes), of.name, of.kind)
}
"""What types may be called: their id, the name of their collection, or their class."""


class Extension(NamedTuple):
    """What is asked of things: their ids, and the properties whose values are wanted."""

    ids: tuple[str, ...]
    pids: tuple[str, ...]


def queries(text: str, pids: Names[str]) -> dict[str, Query]:
    """Return a batch of queries, by key; properties have one of these ids.

    Raises:
        BadParameters: naming everything that is wrong with it, but of each query the first only.
        BatchTooLarge: if there are too many.
    """
    sent = _object("queries", _loaded("queries", text))
    if len(sent) > BATCH:
        raise BatchTooLarge(f"The batch has {len(sent):,} queries, and may have {BATCH}. Send them in several batches.")
    read, errors = {}, list[WrongParameter]()
    for key, one in sent.items():
        try:
            read[key] = _query(f"queries.{key[:50]}", one, pids)
        except BadParameters as error:
            errors += error.errors
    if errors:
        raise BadParameters(errors)
    return read


def extension(text: str, pids: Names[str]) -> Extension:
    """Return what is asked of things.

    Raises:
        BadParameters: if something is wrong with it.
        BatchTooLarge: if there are too many things or properties.
    """
    sent = _object("extend", _loaded("extend", text))
    ids = [_text("extend.ids", each) for each in _array("extend.ids", sent.get("ids"))]
    asked = [_object("extend.properties", each) for each in _array("extend.properties", sent.get("properties"))]
    if len(ids) > IDS or len(asked) > 2 * PROPERTIES:
        raise BatchTooLarge(f"Ask for {2 * PROPERTIES} properties of {IDS} things at most, and for the others again.")
    wanted = [_pid("extend.properties.id", each.get("id"), pids) for each in asked]
    return Extension(tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(wanted)))


def kind(where: str, name: Any) -> Collection:
    """Return the type of a name.

    Raises:
        BadParameters: if there is none; says which there are.
    """
    text = _text(where, name.get("id") if isinstance(name, dict) else name)
    return _SPELLINGS.get(text.casefold()) or _wrong(
        where, f"There is no type {text[:50]!r}. There is {', '.join(TYPES)}."
    )


def _query(where: str, sent: Any, pids: Names[str]) -> Query:
    one = _object(where, sent)
    if one.get("query") is None and not one.get("properties"):
        _wrong(where, 'It has neither "query", a name, nor "properties".')
    properties = _array(f"{where}.properties", one.get("properties") or [])
    if len(properties) > PROPERTIES:
        _wrong(f"{where}.properties", f"There are {len(properties)}, and may be {PROPERTIES}.")
    return Query(
        _text(f"{where}.query", "" if one.get("query") is None else one["query"]),
        tuple(_types(where, one)),
        tuple(_property(f"{where}.properties", each, pids) for each in properties),
        _limit(f"{where}.limit", one.get("limit")),
    )


def _types(where: str, one: dict[str, Any]) -> Iterator[Collection]:
    """Yield the types that a thing may be of; no thing is of two, so there is none if all are to be."""
    sent, strict = one.get("type"), one.get("type_strict")
    if strict not in (None, *_STRICT):
        _wrong(f"{where}.type_strict", f"It is none of {', '.join(_STRICT)}.")
    several = sent if isinstance(sent, list) else [sent] if sent else []
    found = {kind(f"{where}.type", each) for each in several[:PROPERTIES]}
    if not (strict == "all" and len(found) > 1):
        yield from (of for of in _EVERY if of in found or not several)


def _property(where: str, sent: Any, pids: Names[str]) -> Wanted:
    one = _object(where, sent)
    given = one.get("v")
    values = given if isinstance(given, list) else [given]
    if len(values) > PROPERTIES:
        _wrong(where, f"A property has {len(values)} values, and may have {PROPERTIES}.")
    pid = _pid(f"{where}.pid", one.get("pid"), pids)
    return Wanted(pid, tuple(text for each in values for text in _value(f"{where}.{pid}.v", each)))


def _value(where: str, sent: Any) -> Iterator[str]:
    """Yield what a value is written as: a text, a number as its digits, of a thing its id and its name."""
    if isinstance(sent, dict):
        yield from (_text(where, sent[name]) for name in ("id", "name") if sent.get(name))
    elif isinstance(sent, bool):
        yield str(sent).lower()
    elif isinstance(sent, int | float):
        yield _text(where, str(int(sent) if isinstance(sent, float) and sent.is_integer() else sent))
    else:
        yield _text(where, sent)


def _pid(where: str, sent: Any, pids: Names[str]) -> str:
    pid = _text(where, sent)
    if pid not in pids:
        _wrong(where, f"There is no property {pid[:50]!r}. Nearest: {', '.join(nearest(pid, pids))}.")
    return pid


def _limit(where: str, sent: Any) -> int:
    if sent is None:
        return DEFAULT
    if isinstance(sent, bool) or sent not in range(1, MOST + 1):
        _wrong(where, f"It is not a number from 1 to {MOST}.")
    return int(sent)


def _text(where: str, sent: Any) -> str:
    if not isinstance(sent, str):
        _wrong(where, 'It is missing, or not a text of JSON: " ".')
    if len(sent) > LONGEST:
        _wrong(where, f"It has {len(sent):,} characters, and a name or value may have {LONGEST}.")
    return sent


def _array(where: str, sent: Any) -> list[Any]:
    return sent if isinstance(sent, list) else _wrong(where, "It is missing, or not an array of JSON: [ ].")


def _object(where: str, sent: Any) -> dict[str, Any]:
    return sent if isinstance(sent, dict) else _wrong(where, "It is not an object of JSON: { }.")


def _loaded(name: str, text: str) -> Any:
    """Return what JSON says; what is half of a character has no way to be sent back."""
    try:
        found = json.loads(text, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        _wrong(name, r"It has half of a character, such as \ud800. Write it whole.")
    except RecursionError:
        _wrong(name, "It is nested too deep.")
    except json.JSONDecodeError as error:
        _wrong(name, f"It is not JSON: {error.msg}, in line {error.lineno}, column {error.colno}.")
    except ValueError as error:
        _wrong(name, f"It is not JSON: {error}")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number there.")


def _wrong(where: str, detail: str) -> NoReturn:
    raise BadParameters([WrongParameter(where, detail)])
