"""The layers of docs/architecture.md: imports go down only, and each library has one place."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from cfit_graph.release import builder
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = {
    0: {
        "characters",
        "cores",
        "namespaces",
        "placing",
        "errors",
        "files",
        "ids",
        "limits",
        "listening",
        "reasons",
        "settings",
        "single",
        "slips",
        "texts",
    },
    1: {"positions", "turtle", "jsonld", "tables"},
    2: {"source", "nquads", "store", "queries"},
    3: {
        *(
            "absent",
            "parts",
            "changes",
            "checking",
            "citation",
            "collection",
            "dataset",
            "derivation",
            "description",
            "diagrams",
        ),
        *(
            "entities",
            "feed",
            "intake",
            "labels",
            "library",
            "quality",
            "reconcile",
            "release",
            "rules",
            "search",
            "serialization",
        ),
        *("statements", "statistics", "validation", "vocabulary"),
    },
    4: {"cli", "client", "web"},
}
PLACES = {
    "fastapi": {"web"},
    "starlette": {"web"},
    "jinja2": {"web", "validation"},
    "uvicorn": {"cli"},
    "prometheus_client": {"web"},
    "SPARQLWrapper": {"store"},
    "pandas": {"client"},
    "argparse": {"cli"},
    "rich": {"cli"},
    "pyshacl": {"validation"},
    "pyoxigraph": {"store", "source", "nquads", "tables", "validation"},
    "openpyxl": {"tables"},
    "rdflib": {
        "serialization",
        "single",
        "source",
        "checking",
        "client",
        "turtle",
        "queries",
        "collection",
        "dataset",
        "description",
        "entities",
        "feed",
        "labels",
        "library",
        "vocabulary",
        "validation",
        "diagrams",
        "quality",
        "rules",
    },
}
SETTINGS_READERS = {
    *("cli/__init__.py", "cli/commands.py", "cli/exporting.py", "cli/releases.py", "cli/spreadsheets.py"),
    "cli/validating.py",
    *("web/__init__.py", "web/export/__init__.py", "web/opening.py", "web/site.py"),
}
ENVIRONMENT_READERS = {"cli/__init__.py", "store/allocator.py"}  # the second hands it on, to the store process
PACKAGE = ROOT / "cfit_graph"
MODULES = sorted(PACKAGE.rglob("*.py"))


def _imports(path: Path) -> set[str]:
    """Return the dotted names a module imports, at any depth, for typing or not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _layer(part: str) -> int:
    return next((layer for layer, parts in LAYERS.items() if part in parts), 5)


def test_every_module_has_a_layer() -> None:
    entry = {"__init__", "__main__"}
    assert {_part(path) for path in MODULES} == set.union(*LAYERS.values()) | entry


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    part = _part(path)
    for name in _imports(path):
        package, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if package == "cfit_graph" and other in set.union(*LAYERS.values()) - {part}:
            same_door = (part, other) == ("cli", "web")  # the command line serves the web
            downwards = _layer(other) < _layer(part) or (_layer(other) == _layer(part) != 2)
            assert downwards or same_door, f"{path}: {part} must not import {other}"


def test_the_client_stands_alone() -> None:
    imported = set.union(*(_imports(path) for path in (PACKAGE / "client").glob("*.py")))
    ours = {name.split(".")[1] for name in imported if name.startswith("cfit_graph.")}
    assert ours == {"__version__", "client", "namespaces"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_library_has_its_place(path: Path) -> None:
    for name in _imports(path):
        places = PLACES.get(name.partition(".")[0])
        assert places is None or _part(path) in places, f"{path} must not import {name}"


def test_answers_do_not_import_each_other_in_circles() -> None:
    edges = {
        (_part(path), name.split(".")[1])
        for path in MODULES
        for name in _imports(path)
        if name.startswith("cfit_graph.") and name.split(".")[1] != _part(path)
    }
    parts = {part for edge in edges for part in edge}
    while parts:
        free = {part for part in parts if not any(source == part and target in parts for source, target in edges)}
        assert free, f"these import each other: {sorted(parts)}"
        parts -= free


def test_settings_and_environment_are_read_at_the_doors_only() -> None:
    for path in MODULES:
        place = str(path.relative_to(PACKAGE))
        assert "cfit_graph.settings.Settings" not in _imports(path) or place in SETTINGS_READERS, path
        assert "os.environ" not in path.read_text("utf-8") or place in ENVIRONMENT_READERS, path


def test_the_server_is_thin() -> None:
    assert len((ROOT / "server.py").read_text("utf-8").splitlines()) <= 12


def test_what_makes_the_content_of_a_release_is_known_to_decide_it() -> None:
    told = set[str]().union(*(_imports(PACKAGE / f"{name}.py") for name in ("derivation", "nquads", "release/content")))
    used = (PACKAGE / f"{name.removeprefix('cfit_graph.').replace('.', '/')}.py" for name in told)
    makers = {str(path.relative_to(PACKAGE)) for path in used if path.is_file()}
    others = {"cores.py", "validation/views.py"}  # the first decides nothing, the second is known with all that judges
    assert makers - others <= set(builder.DECIDING)
