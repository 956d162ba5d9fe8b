"""Releases of made-up data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
STATEMENT = '<https://w3id.org/cfit/id/organization/{}> <http://www.w3.org/2004/02/skos/core#prefLabel> "{}"@en .\n'


def write(root: Path, data: str) -> None:
    """Put data in the place of those that a root has."""
    (root / "data" / "x.ttl").write_text(data, "utf-8")
