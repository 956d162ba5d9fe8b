"""Files whose lines are sorted while they are loaded: nothing is lost, and what is wrong has its place in the file."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph.errors import SourceError
from cfit_graph.store import engine
from cfit_graph.store.sorting import LONGEST, SortedLines

if TYPE_CHECKING:
    from pathlib import Path

LINES = st.lists(st.sampled_from([b"", b"# a remark", b"<a> <b> <c> .", b"<a> <b> <d> .", b"_:x <b> <c> ."]))
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def _pieces(data: bytes, block: int, size: int, longest: int = LONGEST) -> list[bytes]:
    lines = SortedLines(BytesIO(data), block, longest)
    return list(iter(lambda: lines.read(size), b""))


@given(LINES, ENDS, st.booleans(), st.integers(1, 80), st.integers(1, 40))
def test_every_line_is_given_once(lines: list[bytes], end: bytes, ends: bool, block: int, size: int) -> None:
    data = end.join([*lines, b""] if ends else lines)
    pieces = _pieces(data, block, size)
    given = b"".join(pieces)
    assert all(len(piece) <= size for piece in pieces)
    assert sorted(given.splitlines()) == sorted(data.splitlines())


def test_a_block_is_sorted_by_itself() -> None:
    assert b"".join(_pieces(b"d\nb\nc\na\n", 3, 3)) == b"b\nd\na\nc\n"
    assert b"".join(_pieces(b"d\nb\nc\na\n", 100, 3)) == b"a\nb\nc\nd\n"


@pytest.mark.parametrize("name", ["x.nt", "x.nq", "X.NQ"])
def test_a_store_has_the_statements_of_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    lines = [
        "\ufeff<http://x/b> <http://x/p> _:one .",
        '# a remark\r\n<http://x/a> <http://x/p> "a\\nb" .',
        "_:one <http://x/p> _:two .",
        "_:two <http://x/p> <http://x/b> .",
    ]
    path.write_bytes("\n".join(lines).encode())  # and no line break at the end
    store = engine.load([path])
    chain = "<http://x/b> <http://x/p> ?one . ?one <http://x/p> ?two . ?two <http://x/p> <http://x/b>"
    assert len(store) == 4
    assert bool(store.query(f"ASK {{ {chain} }}"))


def test_statements_of_a_thing_lie_together(tmp_path: Path) -> None:
    path = tmp_path / "x.nt"
    path.write_text("".join(f"<http://x/{n % 7}> <http://x/p> <http://x/{n}> .\n" for n in range(70)))
    subjects = [str(quad.subject) for quad in engine.load([path])]
    assert sum(one != other for one, other in pairwise(subjects)) == 6


def test_a_line_is_never_cut() -> None:
    with pytest.raises(MemoryError):
        _pieces(b"a\n" + 9 * b"b" + b"\nc\n", 4, 3, 8)


def test_a_line_that_the_engine_does_not_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.nt"
    path.write_text(f'<http://x/a> <http://x/p> "{LONGEST * "a"}" .\n')
    with pytest.raises(SourceError, match="a term in it is too large"):
        engine.load([path])
    path.write_text(f'<http://x/a> <http://x/p> "{(LONGEST - 100) * "a"}" .\n')
    assert len(engine.load([path])) == 1


@pytest.mark.parametrize("between", [b"\r", b"\n" + LONGEST * b" " + b"\n"], ids=["CR only", "a long empty line"])
def test_what_cannot_be_sorted_is_loaded_as_it_is(tmp_path: Path, between: bytes) -> None:
    path = tmp_path / "x.nt"
    number = 2 * LONGEST // 5_000 if between == b"\r" else 2
    lines = (b'<http://x/a> <http://x/p> "%d%s" .' % (n, 5_000 * b"x") for n in range(number))
    path.write_bytes(between.join(lines))
    assert len(engine.load([path])) == number


def test_to_read_nothing_loses_nothing() -> None:
    lines = SortedLines(BytesIO(b"b\na\n"))
    assert [lines.read(1), lines.read(0), lines.read()] == [b"a", b"", b"\nb\n"]


def test_a_fault_has_its_place_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.nq"
    path.write_text('<http://x/z> <http://x/p> "z" .\n<http://x/y> <http://x/p> .\n<http://x/a> <http://x/p> "a" .\n')
    with pytest.raises(SourceError) as caught:
        engine.load([path])
    assert (caught.value.line, caught.value.column) == (2, 27)


def test_a_file_of_which_a_line_is_wrong_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.nt"
    path.write_text("<http://x/a> <http://x/p> <http://x/b> .\n<http://x/a> <http://x/p>\n")
    store = ox.Store()
    with pytest.raises(SourceError):
        engine._load(store, path)
    assert len(store) == 0
