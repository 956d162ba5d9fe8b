r"""What must be known of a query before it runs: its form, its dataset, and that it calls no other service.

The engine would call other services, and it reads keywords without word boundaries (``1SERVICE<…>``). So the words
of a query are looked at with comments, strings, IRIs, variables, language tags and local names taken out. To be sure
that the engine reads no keyword where this lexer sees a string or an IRI, the text it is sent has no comments, and in
strings and IRIs an escape stands for the first letter of the word: it means the same there. Elsewhere an escape may
stand for a letter too (SPARQL 1.1, 19.2), which the engine does not read: it is sent the letter, and that is looked at.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from cfit_graph.errors import QueryForbidden, QuerySyntaxError, QueryTooLarge, UpdateRefused

FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
MAX_LENGTH: Final = 100_000
"""Characters in a query."""
MAX_DEPTH: Final = 100
"""Brackets open at once, or signs such as ``!`` in a row."""
MAX_LINKS: Final = 2_000
"""Brackets, operators and separators. The engine recurses along chains of them; some 6,700 end it on a common stack."""
MAX_WORDS: Final = 10_000
"""Words and signs of any kind."""

_ESCAPED = r"\\[_~.!$&'()*+,;=/?\#@%-]"  # in local names (SPARQL 1.1, 19.8, rule PN_LOCAL_ESC)
_HIDDEN = r"""
      (?P<hidden>
          \"{3}(?:\"{0,2}(?:[^\"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
        | \"(?:[^\"\\\n\r]|\\.)*\" | '(?:[^'\\\n\r]|\\.)*'
        | <[^<>\"{}|^`\x00-\x20]*>
      )
    | (?P<comment> \#[^\n\r]* )
"""
_TOKEN = re.compile(
    rf"""
      {_HIDDEN}
    | (?P<word>
          :(?:(?:[\w:%]|{_ESCAPED})(?:(?:[\w.:%-]|{_ESCAPED})*(?:[\w:%-]|{_ESCAPED}))?)?
        | \\[^\n\r] | [?$]\w+ | @[A-Za-z]+(?:-[A-Za-z0-9]+)*
      )
    """,
    re.VERBOSE | re.DOTALL,
)
_ANY = re.compile(
    rf"""{_TOKEN.pattern}
    | (?:[^\W\d][\w.-]{{0,99}}+)?:(?:(?:[\w:%]|{_ESCAPED})(?:(?:[\w.:%-]|{_ESCAPED})*(?:[\w:%-]|{_ESCAPED}))?)?
    | [+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)? | \w+ | \^\^ | && | \|\| | [<>!]= | \S""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_OUTSIDE = re.compile(rf"{_HIDDEN} | (?P<escape>{_ESCAPE.pattern}) | \\.", re.VERBOSE | re.DOTALL)
_PROLOGUE = re.compile(r"\s*(?:(?:BASE\s*<>|PREFIX\s*[^\s<>:]*:\s*<>|VERSION\s*\"\")\s*)*", re.IGNORECASE)
_QUERY = re.compile("|".join(FORMS), re.IGNORECASE)
_BROKEN_PROLOGUE = re.compile("PREFIX|BASE|VERSION", re.IGNORECASE)
_CHOICES = f"{', '.join(FORMS[:-1])} or {FORMS[-1]}"
_UPDATE = re.compile("ADD|CLEAR|COPY|CREATE|DELETE|DROP|INSERT|LOAD|MOVE|WITH", re.IGNORECASE)
_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_FROM = re.compile(r"(?<![\w:.-])FROM", re.IGNORECASE)
_FROM_PREFIX = re.compile(r"PREFIX\s*FROM", re.IGNORECASE)
_UNESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)(S)(?=ERVICE)", re.IGNORECASE)
_NOT_A_BREAK = re.compile(r"[^\n]")
_VARIES = re.compile("NOW|RAND|UUID|BNODE", re.IGNORECASE)
_SUSPECT = ("\\", "SERVICE", "FROM", "NOW", "RAND", "UUID", "BNODE")
_PLAIN = (  # of a text in capitals
    re.compile(  # each part is taken once and not given back, or many spaces would be tried in all ways to split them
        r"""(?: \s++ | \#[^\n\r]*+[\n\r] | PREFIX\s++(?:[A-Z][\w.-]*+)?:\s*+<[\w:/.\#%~-]*+> )*+
        (SELECT|ASK|CONSTRUCT|DESCRIBE) (?=[\s{*(<?])""",
        re.VERBOSE,
    )
)
_LINKS = re.compile(r"<<|[({\[|&+*/,;.-]")
_WORDS = re.compile(r"<>|\"\"|\w+|[^\w\s]")
_VALUES = re.compile(r"VALUES\s*(?:\?|\([?\s]*\))\s*\{[\w\s()<>\":.^+-]*\}", re.IGNORECASE)
_SIGNS = re.compile(rf"(?:[!+-]\s*){{{MAX_DEPTH}}}")


class Outline(NamedTuple):
    """The form of a query (one of ``FORMS``), whether its text names a dataset by FROM, and the text to run.

    Also whether its answer may differ each time, because it asks for the time, for chance or for new blank nodes.
    """

    form: str
    names_dataset: bool
    text: str
    varies: bool = False


def outline(sparql: str) -> Outline:
    """Return the outline of a query; where the prologue is broken its form is SELECT, and the engine says why.

    Raises:
        QuerySyntaxError: if it starts with something that is no form of query.
        QueryTooLarge: if it is too long or too deep to be parsed.
        UpdateRefused: if it is an update.
        QueryForbidden: if it calls another service.
    """
    return _plain(sparql) or _closely(sparql)


def _closely(sparql: str) -> Outline:
    if not _is_text(sparql):
        raise QuerySyntaxError("there is half a character in it, a surrogate; write the character whole")
    if len(sparql) > MAX_LENGTH:
        raise QueryTooLarge(f"The query has {len(sparql)} characters; {MAX_LENGTH} is the limit. Split it.")
    plain = decoded(sparql)
    bare = _bare(plain)
    _refuse(bare, plain)
    prologue = _PROLOGUE.match(bare)
    body = bare[prologue.end() :] if prologue else bare
    if _UPDATE.match(body):
        raise UpdateRefused
    found = _QUERY.match(body)
    if not found and not _BROKEN_PROLOGUE.match(body):
        raise _no_form(sparql, body)
    form = found[0].upper() if found else "SELECT"
    varies = bool(_VARIES.search(body)) or (form == "CONSTRUCT" and _makes_nodes(body))
    return Outline(form, _names_dataset(body), _send(plain), varies)


def _send(sparql: str) -> str:
    """Return the text for the engine; a query with no comment and without the word is sent as it is."""
    return _TOKEN.sub(_safe, sparql) if "#" in sparql or _SERVICE.search(sparql) else sparql


def _plain(sparql: str) -> Outline | None:
    """Return the outline of a query that can hold nothing to look at closely, as most do; thirty times as fast."""
    if len(sparql) > MAX_LINKS or not sparql.isascii():
        return None
    capitals = sparql.upper()  # letter by letter, in ASCII; searching without regard to case is slow
    found = _PLAIN.match(capitals)
    if not found or any(map(capitals.__contains__, _SUSPECT)) or sum(map(sparql.count, "({[<!+-")) > MAX_DEPTH:
        return None
    form = found[1]
    return Outline(form, False, sparql, form == "CONSTRUCT" and _makes_nodes(sparql))


def _makes_nodes(body: str) -> bool:
    """Tell whether there may be a blank node in a template, which is new each time."""
    return "_:" in body or "[" in body or "(" in body


def _refuse(bare: str, sparql: str) -> None:
    if _SERVICE.search(bare) or ("\\" in sparql and _SERVICE.search(_bare(_ESCAPE.sub(_character, sparql)))):
        raise QueryForbidden(
            "SERVICE is not available here: this endpoint never calls another. Take that part out of the query. "
            "If the word is part of a prefix, give the prefix another name."
        )
    if _FROM_PREFIX.search(bare):
        raise QueryForbidden("A prefix that starts with the word FROM cannot be told from it; give it another name.")
    if _depth(bare) > MAX_DEPTH or bare.count("<<") > MAX_DEPTH or _SIGNS.search(bare):
        raise QueryTooLarge(f"The query is nested more than {MAX_DEPTH} deep. Write it flatter.")
    # The engine does not recurse along rows of values. Of other letters it may make another word, so there all counts.
    counted = _VALUES.sub("VALUES?{}", bare) if bare.isascii() else bare
    if len(_LINKS.findall(counted)) > MAX_LINKS or len(_WORDS.findall(counted)) > MAX_WORDS:
        raise QueryTooLarge(
            f"The query has more than {MAX_LINKS} operators and separators, or {MAX_WORDS} words. Ask in parts; "
            "a long list of values is best put into VALUES, where none is counted."
        )


def _depth(bare: str) -> int:
    deepest = depth = 0
    for bracket in re.findall(r"[({\[]|[)}\]]", bare):
        depth += 1 if bracket in "({[" else -1
        deepest = max(deepest, depth)
    return deepest


def _names_dataset(body: str) -> bool:
    """Tell whether FROM stands outside all brackets, where nothing but a dataset can begin with it."""
    depth, outside = 0, ""
    for piece in re.split(r"([({\[)}\]])", body):
        if piece and piece in "({[":
            depth += 1
        elif piece and piece in ")}]":
            depth -= 1
        elif depth <= 0:
            outside += piece + " "
    return _FROM.search(outside) is not None


def _no_form(sparql: str, body: str) -> QuerySyntaxError:
    word = re.match(r"\w+|\S", body)
    if word is None:
        return QuerySyntaxError(f"there is no query here; start one with {_CHOICES}")
    before = sparql[: undecoded(sparql, max(blank(decoded(sparql)).find(word[0]), 0))]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return QuerySyntaxError(f"found {word[0]!r}, expected {_CHOICES}", line, column, word[0][:40])


def blank(sparql: str) -> str:
    """Return a query with spaces for strings, IRIs and comments; of the same length, so that places stay."""
    return _TOKEN.sub(lambda token: token[0] if token.lastgroup == "word" else _NOT_A_BREAK.sub(" ", token[0]), sparql)


def decoded(sparql: str) -> str:
    """Return a query with letters for the escapes that stand for them outside strings, IRIs and comments."""
    return _OUTSIDE.sub(_letter, sparql) if "\\" in sparql else sparql


def undecoded(sparql: str, offset: int) -> int:
    """Return the offset in a query of a place in what :func:`decoded` makes of it."""
    for found in _OUTSIDE.finditer(sparql) if "\\" in sparql else ():
        if found.start() >= offset:
            break
        offset += len(found[0]) - len(_letter(found))
    return offset


def tokens(sparql: str) -> list[tuple[int, int]]:
    """Return where words, strings, IRIs and signs of a query begin and end; comments are none."""
    return [found.span() for found in _ANY.finditer(sparql) if found.lastgroup != "comment"]


def _is_text(sparql: str) -> bool:
    try:
        sparql.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bare(text: str) -> str:
    return _TOKEN.sub(_placeholder, text)


def _placeholder(token: re.Match[str]) -> str:
    return {"<": "<>", ":": ":", '"': '""', "'": '""', "?": "?", "$": "?"}.get(token[0][0], " ")


def _safe(token: re.Match[str]) -> str:
    """Return a token as the engine is sent it: no comments, and the word escaped where it is no keyword."""
    if token.lastgroup == "comment":
        return " " * len(token[0])
    if token.lastgroup == "hidden":
        return _UNESCAPED.sub(lambda letter: f"{letter[1]}\\u{ord(letter[2]):04X}", token[0])
    return token[0]


def _letter(found: re.Match[str]) -> str:
    """Return the letter, digit or _ that an escape stands for, else what is there: signs are never written so."""
    if not found["escape"]:
        return found[0]
    letter = _ESCAPE.sub(_character, found[0])
    return letter if re.fullmatch(r"\w", letter) else found[0]


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code < 0x110000 else escape[0]
