"""A small drawing of a series of values: the points of a line in a box of 100 by 20."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

WIDTH: Final = 100
HEIGHT: Final = 20


def sparkline(values: Sequence[Decimal | None]) -> str:
    """Return the points of a line through values, from 0 at the bottom to 1, or what is more, at the top.

    Values that are missing leave no point; a single one is a line as wide as the box.

    >>> from decimal import Decimal
    >>> sparkline([Decimal(0), None, Decimal("0.5"), Decimal(1)])
    '0,20 67,10 100,0'
    """
    known = [float(value) for value in values if value is not None]
    top = max([1.0, *known])
    step = WIDTH / max(len(values) - 1, 1)
    points = [
        (index * step, HEIGHT * (1 - float(value) / top)) for index, value in enumerate(values) if value is not None
    ]
    if len(points) == 1:
        points = [(0.0, points[0][1]), (WIDTH, points[0][1])]
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
