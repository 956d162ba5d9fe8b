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
