"""Answers in XML: what it cannot hold is refused, wherever the pieces of the answer are cut."""

from __future__ import annotations

from io import BytesIO

import pytest

from cfit_graph.errors import UsageError
from cfit_graph.store.xml import XmlOutput


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("sign", ["\x01", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_hold_is_refused(sign: str, size: int) -> None:
    output, text = XmlOutput(BytesIO()), f"ab{sign}".encode()
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    with pytest.raises(UsageError, match=f"U\\+{ord(sign):04X}"):
        list(map(output.write, pieces))


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_all_else_passes_and_carriage_returns_are_kept(size: int) -> None:
    written, text = BytesIO(), "a\t\n\ufffd\r\uffe6é".encode()
    output = XmlOutput(written)
    for start in range(0, len(text), size):
        output.write(text[start : start + size])
    assert written.getvalue() == "a\t\n\ufffd&#13;\uffe6é".encode()
