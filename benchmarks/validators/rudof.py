"""Validates a file by shapes with rudof and prints its report: ``python rudof.py DATA.nt SHAPES.ttl``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pyrudof


def main(data: str, shapes: str) -> None:
    """Print the report."""
    rudof: Any = pyrudof.Rudof(pyrudof.RudofConfig())
    rudof.read_data(Path(data).read_text("utf-8"), pyrudof.RDFFormat.NTriples)
    rudof.read_shacl(Path(shapes).read_text("utf-8"))
    rudof.validate_shacl(pyrudof.ShaclValidationMode.Native)
    sys.stdout.write(rudof.serialize_shacl_validation_results(pyrudof.ResultShaclValidationFormat.Turtle))


if __name__ == "__main__":
    main(*sys.argv[1:])
