"""The house numbers of docs/architecture.md, measured and enforced: ``python tests/house.py``.

Prints one line per number and exits with 1 if one is missed.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from rdflib import DCTERMS, OWL, RDF, RDFS, SH, SKOS, Graph

ROOT = Path(__file__).parent.parent
PACKAGE = sorted((ROOT / "cfit_graph").rglob("*.py"))
SPARQL = re.compile(r"\b(SELECT|CONSTRUCT|ASK|DESCRIBE|INSERT)\b[\s\S]*\{\s*[?<]")
HTML = re.compile(r"</?(p|div|a|span|table|tr|td|h[1-6]|ul|li)\b[^>]*>")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Number:
    """One house number: what is measured, the figure, and whether it is kept."""

    name: str
    figure: str
    kept: bool


def _trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in PACKAGE}


def _functions(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def _body_lines(function: Function) -> int:
    """Return the lines of a body without signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _lines(path: Path) -> int:
    return sum(bool(line.strip()) for line in path.read_text("utf-8").splitlines())


def _strings(tree: ast.AST) -> list[str]:
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)}
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [value for value in constants if isinstance(value, str) and value not in docstrings]


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _silent(handler: ast.ExceptHandler) -> bool:
    broad = handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}
    return broad and all(isinstance(statement, ast.Pass) for statement in handler.body)


def _undocumented(tree: ast.Module) -> list[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, _DOCUMENTED[1:]) and not node.name.startswith("_")]
    hidden = {inner for outer in ast.walk(tree) if _hides(outer) for inner in ast.walk(outer) if inner is not outer}
    missing = [node.name for node in nodes if node not in hidden and not ast.get_docstring(node)]
    return missing if ast.get_docstring(tree) else ["module", *missing]


def _hides(node: ast.AST) -> bool:
    """Tell whether what is defined inside is not public: inside functions and private classes."""
    return isinstance(node, Function) or (isinstance(node, ast.ClassDef) and node.name.startswith("_"))


def code_numbers() -> list[Number]:
    """Measure the package."""
    trees = _trees()
    bodies = [_body_lines(function) for tree in trees.values() for function in _functions(tree)]
    lines = {path: _lines(path) for path in PACKAGE}
    longest = max(lines, key=lambda path: lines[path])
    strings = [text for tree in trees.values() for text in _strings(tree)]
    handlers = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    missing = [f"{path.name}: {name}" for path, tree in trees.items() for name in _undocumented(tree)]
    tests = _tests()
    density = 100 * tests / sum(lines.values())
    return [
        Number("function body, median lines (≤ 6)", f"{statistics.median(bodies):g}", statistics.median(bodies) <= 6),
        Number("function body, longest (≤ 40)", str(max(bodies)), max(bodies) <= 40),
        Number("module, longest (≤ 300 lines)", f"{lines[longest]}, {longest.name}", lines[longest] <= 300),
        Number("silent broad except (0)", *_none([str(h.lineno) for h in handlers if _silent(h)])),
        Number("SPARQL in Python strings (0)", *_none([text[:40] for text in strings if SPARQL.search(text)])),
        Number("HTML in Python strings (0)", *_none([text[:40] for text in strings if HTML.search(text)])),
        Number("public without docstring (0)", *_none(missing)),
        Number("tests per 100 lines (≥ 5)", f"{density:.1f} ({tests} in {sum(lines.values())} lines)", density >= 5),
    ]


def _tests() -> int:
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("test_*.py")]
    return sum(function.name.startswith("test_") for tree in trees for function in _functions(tree))


def _none(found: list[str]) -> tuple[str, bool]:
    return (f"{len(found)} {'; '.join(found[:5])}".strip(), not found)


def graph_numbers() -> list[Number]:
    """Measure ontology and shapes."""
    ontology, shapes = (_graph(folder) for folder in ("ontology", "shapes"))
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, RDFS.Datatype, SKOS.Concept, SKOS.ConceptScheme)
    terms = {term for kind in kinds for term in ontology.subjects(RDF.type, kind)}
    named = {str(t) for t in terms if not ({*ontology.objects(t, RDFS.label), *ontology.objects(t, SKOS.prefLabel)})}
    defined = {str(t) for t in terms if not any(ontology.value(t, p) for p in _DEFINING)}
    rules = set(shapes.subjects(RDF.type, SH.PropertyShape)) | set(shapes.objects(None, SH.sparql))
    rules -= set(shapes.subjects(SH.deactivated))  # these only say what is in a column of a table
    silent = {str(rule) for rule in rules if not shapes.value(rule, SH.message)}
    anonymous = {str(rule) for rule in rules if not str(rule).startswith("https://w3id.org/cfit/shapes#")}
    return [
        Number(f"terms without label (0 of {len(terms)})", *_none(sorted(named))),
        Number(f"terms without definition (0 of {len(terms)})", *_none(sorted(defined))),
        Number(f"shape rules without message (0 of {len(rules)})", *_none(sorted(silent))),
        Number(f"shape rules without IRI (0 of {len(rules)})", *_none(sorted(anonymous))),
    ]


_DEFINING = (RDFS.comment, SKOS.definition, DCTERMS.description)


def _graph(folder: str) -> Graph:
    graph = Graph()
    for path in (ROOT / folder).glob("*.ttl"):
        graph.parse(path)
    return graph


def main() -> int:
    """Print every number and return the exit code."""
    numbers = code_numbers() + graph_numbers()
    for number in numbers:
        sys.stdout.write(f"{'ok  ' if number.kept else 'MISS'}  {number.name}: {number.figure}\n")
    return 0 if all(number.kept for number in numbers) else 1


if __name__ == "__main__":
    sys.exit(main())
