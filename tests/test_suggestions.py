"""Edits: exactly what they say is replaced, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph.errors import SourceError
from cfit_graph.positions import Lines
from cfit_graph.validation import Edit, apply

TEXTS = st.text(alphabet="ab é\r\n", max_size=40)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5), st.sampled_from(["", "x", "\n"])), max_size=4))
def test_all_but_what_is_replaced_stays(text: str, drawn: list[tuple[int, int, str]]) -> None:
    spans: list[tuple[int, int, str]] = []
    done = 0
    for start, length, new in sorted(drawn):
        if done <= start <= len(text) and not (length == 0 and start == done):
            done = min(start + length, len(text))
            spans.append((start, done, new))
    spans = list(dict.fromkeys(spans))  # the same edit of two findings is one
    edits = [Edit(*Lines(text).place(start), old=text[start:end], new=new) for start, end, new in spans]
    expected = text
    for start, end, new in reversed(spans):
        expected = expected[:start] + new + expected[end:]
    assert apply(text, reversed(edits)) == expected


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(2, 1, old="b", new="c")],
        [Edit(9, 1, old="", new="c")],
        [Edit(0, 0, old="", new="c")],
        [Edit(1, 1, old="ab", new="c"), Edit(1, 2, old="b", new="d")],
    ],
)
def test_what_does_not_fit_the_text_is_refused(edits: list[Edit]) -> None:
    with pytest.raises(SourceError, match=r"draft.ttl.* validate the file again"):
        apply("ab\ncd\n", edits, "draft.ttl")


def test_the_same_edit_of_two_findings_is_made_once() -> None:
    edit = Edit(1, 1, old="a", new="b")
    assert apply("aa", [edit, edit]) == "ba"
