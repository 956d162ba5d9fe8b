"""A value written otherwise: dates as people write them, addresses without their beginning, digits mistyped.

Each function yields what may be meant, the likeliest first; whoever asks tries them against the shape.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from rdflib import RDF, XSD, Literal, URIRef

from cfit_graph.characters import FORBIDDEN
from cfit_graph.ids import ROR_SIGNS, is_lei, is_ror
from cfit_graph.namespaces import expand
from cfit_graph.tables.names import clean
from cfit_graph.texts import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

_NUMBERS: Final = re.compile(r"([0-9]{1,4})[-./\s]([0-9]{1,2})[-./\s]([0-9]{1,4})")
_YEAR_MONTH: Final = re.compile(r"([0-9]{4})(?:[-/\s]|\.(?=[0-9]{2}))([0-9]{1,2})")  # 2023.5 is a number
_MONTH_YEAR: Final = re.compile(r"([0-9]{1,2})[-/.]([0-9]{4})")
_RUN_TOGETHER: Final = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_IN_WORDS: Final = re.compile(
    r"(?:([0-9]{1,2})(?:st|nd|rd|th|e|er|ste|de|\.)?\s+)?([^\W\d_]{3,9})\.?\s+(?:([0-9]{1,2}),\s*)?([0-9]{4})"
)
_DATED: Final = [
    re.compile(rf"(?<![\w./-]){form.pattern}(?![\w/-]|\.\w)")
    for form in (_NUMBERS, _YEAR_MONTH, _MONTH_YEAR, _IN_WORDS)
]
"""Dates within a text."""

_OF_DAY: Final = re.compile(r"(?<=^[0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*|Z|[+-][0-9]{2}:[0-9]{2})$")
"""What a day has behind it that is no part of it: the time, and the time zone."""

_SHORT_YEAR: Final = re.compile(r"((?:[0-9]{1,2}[-./\s])?(?:[0-9]{1,2}|[^\W\d_]{3,9})\.?[-./\s])['\u2019]?([0-2][0-9])")
"""A date with the last two digits of its year, as spreadsheets show it: 14-06-21, jun-21. To them, 30 is 1930."""

_YEAR: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_SERIAL: Final = re.compile(r"([34][0-9]{4})(?:\.[0-9]+)?")
"""The number that stands for a day in a spreadsheet; these are from 1982 to 2036."""

_FIRST_DAY: Final = date(1899, 12, 30)
_QUOTES: Final = "'\"`\u00b4\u2018\u2019\u201c\u201d\u201e"
_DASHES: Final = dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-")
_WEB: Final = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?:[:/?#][^\s<>\"{}|\\^`]*)?")
_ITEM: Final = re.compile(
    r"https?://(?:www\.|m\.)?wikidata\.org/(?:wiki|entity)/(?:Special:EntityPage/)?(Q[1-9][0-9]*)(?:[/#?].*)?"
)
_ITEM_ALONE: Final = re.compile(r"Q[1-9][0-9]*")
_ROR: Final = re.compile(r"(?:https?://)?(?:www\.)?(ror\.org/0[0-9a-z]{8})/?")
_SCHEME: Final = re.compile(r"^h{0,2}t{1,3}p{1,2}(s?)[:;]?/{1,2}[:;]?/?(?=[a-z0-9])", re.IGNORECASE)
"""What an address begins with, if mistyped: htps://, https:/, http//:."""
_MORE: Final = re.compile(r"[./:][\w/]")
"""What a note behind an address does not have: more of an address, of which a space is a slip."""

_TWICE: Final = re.compile(r"^(https?://)\1+")
_EXPONENT: Final = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]{1,2}", re.IGNORECASE)
_GROUPED: Final = re.compile(r"([0-9]+(?:\s[0-9]+)*|[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+(?:\.[0-9]+){2,})(?:,0+|\.0{1,2})?")
_PIECES: Final = re.compile(r"[A-Za-z0-9]+"), re.compile(r"[0-9]+")
_SHORTEST: Final = 4
"""Signs of a number in a register; fewer are rather a part of one."""

_BREAKS: Final = "\x0b\x0c"
_LEGIBLE: Final = str.maketrans(dict.fromkeys(FORBIDDEN, "") | dict.fromkeys(_BREAKS, " "))
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")


def dates(text: str) -> Iterator[tuple[Literal, bool]]:
    """Yield the dates that a text may stand for, each with whether it can be read in one way only.

    >>> [(str(day), sure) for day, sure in dates("14/06/2021")]
    [('2021-06-14', True)]
    >>> [(str(day), sure) for day, sure in dates("June 2021")]
    [('2021-06', True)]
    >>> [(str(day), sure) for day, sure in dates("maybe 2023")]
    [('2023', False)]
    """
    text = clean(unicodedata.normalize("NFKC", text).translate(_DASHES)).strip(_QUOTES)
    read = list(_read(text))
    yield from read or _likely(text)


def _read(text: str) -> Iterator[tuple[Literal, bool]]:
    if re.fullmatch(r"[0-9]{4}", text):
        yield Literal(text, datatype=XSD.gYear, normalize=False), True
    yield from _days(text)
    if found := _YEAR_MONTH.fullmatch(text):
        yield from _written(found[1], found[2], None, sure="." not in text)
    if found := _MONTH_YEAR.fullmatch(text):
        yield from _written(found[2], found[1], None, sure="." not in text)
    if (found := _IN_WORDS.fullmatch(text)) and (month := MONTHS.get(found[2].lower())):
        yield from _written(found[4], str(month), found[1] or found[3], sure=True)


def _likely(text: str) -> Iterator[tuple[Literal, bool]]:
    """Yield the day that a spreadsheet has such a number for, or shows so, or the one year that is named."""
    if found := _SHORT_YEAR.fullmatch(text):
        whole = re.sub(r"(?<=[^\W\d_])[-.]|[-.](?=[^\W\d_])", " ", f"{found[1]}20{found[2]}")
        yield from ((day, False) for day, _ in _read(whole))
    yield from _within(text)
    if found := _SERIAL.fullmatch(text):
        day = _FIRST_DAY + timedelta(int(found[1]))
        yield from _written(str(day.year), str(day.month), str(day.day), sure=False)
    if len(years := _YEAR.findall(text)) == 1:
        yield Literal(years[0], datatype=XSD.gYear, normalize=False), False


def _within(text: str) -> Iterator[tuple[Literal, bool]]:
    """Yield the one date that other words stand around, as in ``since 1 October 2024 (tbc)``."""
    found = [part for form in _DATED for part in form.finditer(text)]
    if len({part[0] for part in found}) == 1:
        yield from ((day, False) for day, _ in _read(found[0][0]))


def _days(text: str) -> Iterator[tuple[Literal, bool]]:
    text = _OF_DAY.sub("", text)
    found = _NUMBERS.fullmatch(text) or _RUN_TOGETHER.fullmatch(text)
    if found and len(found[1]) == 4:
        exists = list(_written(*found.groups(), sure=True))
        yield from exists or _written(found[1], found[2], None, sure=False)  # no such day: the month is left
    elif found and len(found[3]) == 4:
        either = int(found[1]) <= 12 and found[1] != found[2]  # as 06/05/2021, which Americans read otherwise
        exists = [
            *_written(found[3], found[2], found[1], sure=not either),
            *_written(found[3], found[1], found[2], sure=not either),
        ]
        yield from exists or _written(found[3], found[2], None, sure=False)


def _written(year: str, month: str, day: str | None, *, sure: bool) -> Iterator[tuple[Literal, bool]]:
    try:
        existing = date(int(year), int(month), int(day or 1)).isoformat()
    except ValueError:
        return
    kind = XSD.date if day else XSD.gYearMonth
    yield Literal(existing if day else existing[:7], datatype=kind, normalize=False), sure


def named(value: Node) -> Iterator[URIRef]:
    """Yield the thing whose short name stands as text: in JSON-LD without ``@id``, in Turtle between quotes."""
    name = str(value).strip()
    if isinstance(value, Literal) and expand(name) != name:
        yield URIRef(expand(name))


def addresses(value: Node) -> Iterator[tuple[Node, bool]]:
    """Yield the addresses that may be meant, each with whether it is the same one in its proper form."""
    written = clean(str(value)).strip(_QUOTES)
    text = _SCHEME.sub(_scheme, written)
    while _SCHEME.match(rest := _SCHEME.sub("", text)):  # it was pasted behind what stood there already
        text = _SCHEME.sub(_scheme, rest)
    if found := _ITEM.fullmatch(text):
        yield URIRef(f"http://www.wikidata.org/entity/{found[1]}"), True
    if found := _ROR.fullmatch(text):
        yield URIRef(f"https://{found[1]}"), True
    if _ITEM_ALONE.fullmatch(text):
        yield URIRef(f"http://www.wikidata.org/entity/{text}"), False
    if is_ror(f"https://ror.org/{text}"):
        yield URIRef(f"https://ror.org/{text}"), False
    if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", text):
        yield URIRef(text), text == written or text == _TWICE.sub(r"\1", written)
        other = ("http", text[5:]) if text.startswith("https") else ("https", text[4:])
        yield URIRef("".join(other)), text.partition("://")[2].startswith(("schema.org/", "w3id.org/"))
    if _WEB.fullmatch(text):
        yield URIRef(f"https://{text}"), False
    yield from _before_note(text)


def _before_note(text: str) -> Iterator[tuple[Node, bool]]:
    """Yield the address that has a note behind it, if there is no other in that."""
    first, _, note = text.partition(" ")
    if note and not _MORE.search(note):
        yield from ((address, False) for address, _ in addresses(Literal(first.rstrip(",;"))))


def _scheme(found: re.Match[str]) -> str:
    return f"http{found[1].lower()}://"


def checked(value: Node) -> Iterator[Node]:
    """Yield the right identifiers that are near: with two signs swapped, with other check digits, with another sign."""
    text = str(value)
    head, body = (text[:-9], text[-9:]) if text.startswith("https://ror.org/") else ("", text)
    passes, signs = (is_ror, ROR_SIGNS) if head else (is_lei, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    swapped = [body[:n] + body[n + 1] + body[n] + body[n + 2 :] for n in reversed(range(len(body) - 1))]
    digits = [f"{body[:-2]}{number:02}" for number in range(100)]
    retyped = [body[:n] + sign + body[n + 1 :] for n in range(len(body)) for sign in signs]
    for other in dict.fromkeys([*swapped, *digits, *retyped]):
        if other != body and passes(head + other):
            yield URIRef(head + other) if isinstance(value, URIRef) else Literal(other)


def padded(value: Node) -> Iterator[Node]:
    """Yield a number of a register with the zeros before it that spreadsheet programs leave out."""
    counts = (
        isinstance(value, Literal) and str(value.datatype or "").startswith(str(XSD)) and value.datatype != XSD.string
    )
    if isinstance(value, Literal) and re.fullmatch(r"[0-9]+", value) and not counts:
        for zeros in range(1, 4):
            yield Literal("0" * zeros + value, datatype=value.datatype, normalize=False)


def retyped(value: Node, datatypes: list[URIRef]) -> Iterator[Literal]:
    """Yield the same text with each of the datatypes; not that of a type of its own, such as a number in a register."""
    common = isinstance(value, Literal) and str(value.datatype or XSD.string).startswith(str(XSD))
    for datatype in datatypes if common else ():
        if datatype == RDF.langString:
            continue
        plain = datatype == XSD.string
        yield Literal(str(value).strip(), datatype=None if plain else datatype, normalize=False)


def digits(value: Node) -> Iterator[Node]:
    """Yield the digits of a number that a spreadsheet shows in groups, with ``,0`` behind it, or as a power of ten.

    None are yielded of a power of ten that lacks some, as does ``6,27E+07``.

    >>> [str(found) for text in ("62.721.445", "62721445,0", "6,2721445E+07") for found in digits(Literal(text))]
    ['62721445', '62721445', '62721445']
    """
    text, datatype = str(value), value.datatype if isinstance(value, Literal) else None
    if text.split() != [text]:
        yield Literal("".join(text.split()), datatype=datatype, normalize=False)
    if found := _GROUPED.fullmatch(text):
        yield Literal(re.sub(r"\D", "", found[1]), datatype=datatype, normalize=False)
    number = None if is_rounded(value) else _power(text)
    if number is not None and number == number.to_integral_value():
        yield Literal(f"{number:.0f}", datatype=datatype, normalize=False)


def is_rounded(value: Node) -> bool:
    """Tell whether a value is a number of which a spreadsheet program has left the first digits only.

    >>> [is_rounded(Literal(text)) for text in ("6,27E+07", "6,2721445E+07", "62721445")]
    [True, False, False]
    """
    number = _power(str(value))
    return number is not None and number.adjusted() >= len(number.as_tuple().digits)


def _power(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if _EXPONENT.fullmatch(text) else None


def pieces(value: Node) -> Iterator[Literal]:
    """Yield the numbers of a register that may stand in a text, each once.

    >>> [str(found) for text in ("NL62721445", "62721445B01") for found in pieces(Literal(text))]
    ['NL62721445', '62721445', '62721445B01', '62721445']
    """
    if isinstance(value, Literal):
        for part in dict.fromkeys(part for form in _PIECES for part in form.findall(value)):
            if len(part) >= _SHORTEST and any(map(str.isdigit, part)):
                yield Literal(part, lang=value.language, datatype=value.datatype, normalize=False)


def legible(text: str) -> str:
    r"""Return text without the control characters that no text may hold; one that begins a line or page is a space.

    >>> legible("Elec\x01tronics\x0bWatch")
    'Electronics Watch'
    """
    return text.translate(_LEGIBLE)


def without_mail(text: str) -> str:
    """Return text without the sentences that hold an e-mail address; if that leaves nothing, without the address.

    >>> without_mail("A note. Write to info@example.org.")
    'A note.'
    """
    kept = [sentence for sentence in _SENTENCE.split(text) if "@" not in sentence]
    return " ".join(kept) or " ".join(word for word in text.split() if "@" not in word)
