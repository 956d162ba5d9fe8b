"""The judge of the conformance tests: what it must tell apart, and what it must not."""

from __future__ import annotations

import pytest

from tests.conformance import answers

CSV, TSV, TURTLE = "text/csv", "text/tab-separated-values", "text/turtle"


@pytest.mark.parametrize(
    ("media_type", "one", "other"),
    [
        (TSV, b"?a\n1\n2\n", b"?a\n2\n1\n"),
        (TSV, b"?a\t?b\n1\t2\n", b"?b\t?a\n2\t1\n"),
        (TSV, b'?a\n"01.50"^^<http://www.w3.org/2001/XMLSchema#decimal>\n', b"?a\n1.5\n"),
        (TSV, b'?a\n"x"@EN\n', b'?a\n"x"@en\n'),
        (TSV, b"?a\t?b\n_:x\t_:y\n_:y\t_:x\n", b"?a\t?b\n_:1\t_:2\n_:2\t_:1\n"),
        (CSV, b"a\r\n1.0E6\r\n", b"a\r\n1000000\r\n"),
        (TURTLE, b"<a:a> <a:b> [ <a:b> 1.0 ] .", b"_:x <a:b> 1.00 . <a:a> <a:b> _:x ."),
    ],
)
def test_same(media_type: str, one: bytes, other: bytes) -> None:
    assert answers.same(answers.read(one, media_type), answers.read(other, media_type))


@pytest.mark.parametrize(
    ("media_type", "one", "other"),
    [
        (TSV, b"?a\n1\n", b"?a\n2\n"),
        (TSV, b"?a\n1\n", b"?a\n1\n1\n"),
        (TSV, b"?a\n1\n", b"?a\n1.0\n"),
        (TSV, b"?a\n1\n", b'?a\n"1"\n'),
        (TSV, b"?a\n1\n", b"?b\n1\n"),
        (TSV, b"?a\t?b\n1\t\n", b"?a\t?b\n\t1\n"),
        (TSV, b'?a\n"x"@en\n', b'?a\n"x"\n'),
        (TSV, b"?a\t?b\n_:x\t_:x\n", b"?a\t?b\n_:x\t_:y\n"),
        (TSV, b"?a\n<a:b>\n", b'?a\n"a:b"\n'),
        (CSV, b"a\r\nx\r\n", b"a\r\nx \r\n"),
        (TURTLE, b"<a:a> <a:b> [] .", b"<a:a> <a:b> <a:c> ."),
        (TURTLE, b"<a:a> <a:b> [] .", b"<a:a> <a:b> [] , [] ."),
    ],
)
def test_different(media_type: str, one: bytes, other: bytes) -> None:
    assert not answers.same(answers.read(one, media_type), answers.read(other, media_type))


def test_order_counts_where_the_query_orders() -> None:
    one, other = (answers.read(rows, TSV) for rows in (b"?a\n1\n2\n", b"?a\n2\n1\n"))
    assert answers.same(one, one, ordered=True)
    assert not answers.same(one, other, ordered=True)


def test_answers_of_other_kinds_differ() -> None:
    table, graph = answers.read(b"?a\n", TSV), answers.read(b"", TURTLE)
    assert not answers.same(table, graph)
    assert not answers.same(True, table)
    assert not answers.same(True, False)
