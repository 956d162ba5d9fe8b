"""Text as it was meant before it came through other programs: its letters, its spaces, its signs of HTML."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from rdflib import SH, Literal

from cfit_graph.tables.names import clean
from cfit_graph.validation.checks import CHECK
from cfit_graph.validation.mending import values
from cfit_graph.validation.mending.faults import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    from cfit_graph.validation.mending.faults import Fault

_MARK: Final = "\ufeff"
_CONTROLS: Final = "".join(map(chr, range(0x80, 0xA0)))
"""What programs read a byte as that stands for no letter in Windows-1252, or all of these where they take Latin-1."""

_TIMES: Final = 3
_LOST: Final = re.compile(r"[ÂÃ](?![A-Za-zÀ-ÿ])")
"""The first half of a letter, whose other half is gone: a space that does not break is often made one that does."""

_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>")


def reworded(fault: Fault) -> Proposal | None:
    """Propose a text as it was meant, if a shape refuses it for its letters, spaces or signs."""
    value = fault.value
    if not isinstance(value, Literal) or fault.statement is None or fault.component != SH.NotConstraintComponent:
        return None
    for text, sure in readings(str(value)):
        new = Literal(text, lang=value.language, datatype=value.datatype, normalize=False)
        if text and new != value and fault.takes(new):
            return Proposal("write", fault.to(new), (new,), sure)
    return None


def illegible(fault: Fault) -> Proposal | None:
    """Propose text without the control characters in it; those that part lines or pages are spaces."""
    value = fault.value
    if not isinstance(value, Literal) or (fault.shape, CHECK, Literal("literal")) not in fault.shapes:
        return None
    new = Literal(values.legible(value), lang=value.language, datatype=value.datatype, normalize=False)
    return Proposal("write", fault.to(new), (new,), safe=True) if new and new != value else None


def mail(fault: Fault) -> Proposal | None:
    """Propose text without the e-mail address that a pattern refuses."""
    value = fault.value
    if not isinstance(value, Literal) or "@" not in value or fault.component != SH.PatternConstraintComponent:
        return None
    new = Literal(values.without_mail(value), lang=value.language, datatype=value.datatype, normalize=False)
    return Proposal("write", fault.to(new), (new,)) if new and fault.takes(new) else None


def readings(text: str) -> Iterator[tuple[str, bool]]:
    """Yield what may be meant by a text, each with whether nothing else can be.

    >>> next(readings("CafÃ©")), next(readings(" R  & D")), next(readings("R &amp; D"))
    (('Café', True), ('R & D', True), ('R & D', True))
    """
    yield from ungarbled(text)
    trimmed = " ".join(text.split())
    if trimmed != text:
        yield trimmed, True
    plain = clean(_unescaped(text))
    if plain != trimmed:
        yield plain, True
        yield from ((clean(_TAG.sub("", other)), False) for other in (plain, _unescaped(plain)))
    yield clean(_TAG.sub("", text)), False


def is_garbled(node: Node | None) -> bool:
    """Tell whether letters of a text are lost or stand for others."""
    return isinstance(node, Literal) and ("\ufffd" in node or any(ungarbled(str(node))) or bool(_LOST.search(node)))


def ungarbled(text: str) -> Iterator[tuple[str, bool]]:
    """Yield a text of which the bytes in UTF-8 were taken for letters of Windows-1252, once or several times.

    It is sure if every letter is part of another one, and those of Latin-9 would not make another text; the two differ
    in a few, as ``Š``, which no text tells apart.

    >>> list(ungarbled("Bundesamt fÃ¼r Umwelt")), list(ungarbled("für cafÃ©")), list(ungarbled("SÃO"))
    ([('Bundesamt für Umwelt', True)], [('für café', False)], [])
    """
    sure = True
    for _ in range(_TIMES):
        whole = _decoded(_bytes(text))
        other = _decoded(_bytes(text, "iso8859-15"))
        new = whole or _GARBLED.sub(lambda found: _decoded(_bytes(found[0])) or found[0], text)
        sure = sure and bool(whole) and other in {whole, ""}
        if new == text or "\ufffd" in new:
            return
        text = new.removeprefix(_MARK)
        if not _LOST.search(text):
            yield text, sure


def _bytes(text: str, encoding: str = "cp1252") -> bytes:
    """Return the bytes that were read as a text; none if they cannot have been."""
    try:
        return b"".join(sign.encode("latin-1" if sign in _CONTROLS else encoding) for sign in text)
    except UnicodeEncodeError:
        return b""


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _as_read(first: int, last: int) -> str:
    """Return what programs read bytes as, for a pattern."""
    return re.escape(bytes(range(first, last + 1)).decode("cp1252", "ignore"))


_REST: Final = f"[{_CONTROLS}{_as_read(0x80, 0xBF)}]"
_GARBLED: Final = re.compile(
    f"[{_as_read(0xC2, 0xDF)}]{_REST}|[{_as_read(0xE0, 0xEF)}]{_REST}{{2}}|[{_as_read(0xF0, 0xF4)}]{_REST}{{3}}"
)
"""A letter of more than one byte, each of which was read as one."""


def _unescaped(text: str) -> str:
    return _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
