"""The common slips in Turtle are told in plain words, each at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cfit_graph import slips, source
from cfit_graph.errors import SourceError
from cfit_graph.texts import ENGLISH, REASONS

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "@prefix ex: <http://example.org/> .\n"


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("ex:a ex:p “text” .", 11, "“ is a curly quote"),
        ("ex:a\u00a0ex:p 1 .", 5, "cannot be seen stands here, NO-BREAK SPACE (U+00A0)"),
        ("ex:a ex:p\u200b 1 .", 10, "ZERO WIDTH SPACE (U+200B)"),
        ("ex:a ex:p 1 \u2013 2 .", 13, "long dash"),
        ("ex:a ex:p 1 ; ex:b a ex:C .", 20, "end what stands before this thing with a full stop"),
        ("ex:a ex:p 1 , ;", 15, "a value is missing before ;"),
        ("ex:a ex:p Acme .", 11, "Acme stands where a value should be: text stands between quotes"),
        ("ex:a ex:p ex:b c .", 16, "c stands where a thing should be named"),
        ('{"@id": "x"}', 1, "let the name of the file end in .jsonld"),
        ('ex:a ex:p "text ;', 11, "the closing quote of a text"),
        ('ex:a ex:p """text', 11, "a full stop is missing"),
        ("ex:a ex:p 1 ex:q 2 .", 13, "has not ended: close it with a full stop"),
        ("ex:a no:p 1 .", 6, "add a line such as @prefix no: <…> . at the top"),
        ("ex:a ex:p <http://x y> .", 11, "SPACE (U+0020) in an IRI"),
        ("ex:a ex:p <www.example.org> .", 11, "one begins with https:// or the like"),
        ("<#a> ex:p 1 .", 1, "as in @base <https://…> ."),
        ('ex:a ex:p "x"@e_n .', 15, "such as @en or @nl-BE"),
        ('ex:a ex:p "x"@ .', 15, "such as @en or @nl-BE"),
        ('ex:a ex:p "x"@organization .', 15, "such as @en or @nl-BE"),
        ('ex:a ex:p 1 ; prefLabel "x" .', 15, "prefLabel stands where a property should be named"),
        ('ex:a ex:p ["a"] .', 12, '"a" stands where a property should be named'),
        ("ex:a ex:p & .", 11, "& cannot stand here"),
        ('ex:a ex:p "x"@en_US .', 17, "U cannot stand here"),
        (r'ex:a ex:p "a\q" .', 13, "a backslash stands before q"),
        (r"ex:a ex:p ex:b\c .", 13, "a backslash stands before c"),
        ("ex:a ex:p ex:b - 1 .", 16, "a number should stand here"),
        ("ex:a ex:p ex:50%zero .", 13, "for a percent sign write %25"),
        ("ex:a ex.:p 1 .", 6, "ex. is no name: a prefix does not end with a full stop"),
        ("ex:a ex:p ? .", 11, "? and $ begin variables"),
        ("ex:a ex:p 2026-01-05 .", 15, '2026-01-05 is written without quotes; a date is "2026-01-05", in Turtle with'),
        ("ex:a ex:p 2026-01-05^^xsd:date .", 15, "2026-01-05 is written without quotes"),
        ("ex:a ex:p 05/01/2026 .", 13, "05/01/2026 is written without quotes"),
        ("ex:a ex:p 5-1-2026 ; ex:q 1 .", 12, "5-1-2026 is written without quotes"),
        ("ex:a ex:p 05.01.2026 .", 16, "05.01.2026 is written without quotes"),
        ("ex:a ex:p 2026-01 .", 15, "2026-01 is written without quotes"),
        ("ex:a ex:p 12-34 .", 13, "-34 stands where a thing should be named"),
        ('ex:a ex:p "2026-01-05"^xsd:date .', 23, "before a datatype stand two ^"),
        ('ex:a ex:p "Mijn "eigen" bron"@nl .', 18, r'ends at a "; within a text write \"'),
        ('ex:a ex:p "é "ex:b" c"@nl .', 15, r'ends at a "; within a text write \"'),
        ('ex:a ex:p "x" ex:q "y" .', 15, "has not ended: close it with a full stop"),
        (
            "ex:a ex:p https://a.b/c .",
            11,
            "https://a.b/c lacks the signs around it: in Turtle an address stands between <",
        ),
        ("https://a.b/c. ex:p 1 .", 1, "https://a.b/c lacks the signs around it"),
        ("ex:a ex:p www.a.b, 1 .", 11, "www.a.b lacks the signs around it"),
        ("ex:a ex:p mailto:x@a.b .", 11, "mailto:x@a.b lacks the signs around it"),
        (r'ex:a ex:p "C:\Users\mijn" .', 16, "a backslash stands before U"),
        (r'ex:a ex:p "\UFFFFFFFF" .', 12, "a backslash stands before U"),
        ('ex:a ex:p "1"^^number .', 16, "stands a datatype, such as xsd:date, and not number"),
    ],
)
def test_a_slip_is_told_in_plain_words(tmp_path: Path, text: str, column: int, words: str) -> None:
    path = tmp_path / "slip.ttl"
    path.write_text(f"{HEAD}{text}\n", "utf-8")
    with pytest.raises(SourceError) as caught:
        source.read(path)
    assert (caught.value.line, caught.value.column) == (2, column)
    assert words in caught.value.reason
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("sign", ["<<<<<<< HEAD", "=======", ">>>>>>> branch", "||||||| base"])
@pytest.mark.parametrize(("before", "after"), [("ex:a ex:p 1 .", "ex:a ex:p 2 ."), ("ex:a ex:p 1 ;", "ex:p 2 .")])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_versions_that_were_not_merged_are_told(
    tmp_path: Path, sign: str, before: str, after: str, line_end: str
) -> None:
    path = tmp_path / "merged.ttl"
    path.write_bytes(line_end.join([HEAD.strip(), before, sign, after, ""]).encode("utf-8-sig"))
    with pytest.raises(SourceError, match="git could not merge two versions here: keep what is right") as caught:
        source.read(path)
    assert caught.value.line == 3


def test_what_is_not_utf_8_says_so(tmp_path: Path) -> None:
    path = tmp_path / "latin.ttl"
    path.write_bytes(f'{HEAD}ex:a ex:p "Ö" .\n'.encode("latin-1"))
    with pytest.raises(SourceError, match="save the file as UTF-8"):
        source.read(path)


def test_words_are_for_slips_that_can_be() -> None:
    assert slips._SLIPS.keys() | slips._AROUND.keys() <= REASONS[ENGLISH].keys()
