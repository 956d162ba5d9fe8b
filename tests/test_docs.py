"""The documentation is true: its commands run, and its tables are those of the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rdflib import Graph

from cfit_graph import release, source
from cfit_graph.changes.records import Record
from cfit_graph.cli import EXIT
from cfit_graph.collection import COLLECTIONS
from cfit_graph.namespaces import PREFIXES, shorten
from cfit_graph.settings import Settings, variable
from cfit_graph.texts import PROBLEMS
from cfit_graph.web import ROUTERS
from cfit_graph.web.problems import STATUS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from cfit_graph.release import Release

REFERENCE = (ROOT / "docs/reference.md").read_text("utf-8")
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *(ROOT / "docs").glob("*.md")]
HERE = "http://127.0.0.1:8000"


def _blocks(language: str) -> list[str]:
    return [
        block for page in PAGES for block in re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    ]


COMMANDS = [line for block in _blocks("sh") for line in block.splitlines() if line]
EXAMPLES = [line for line in COMMANDS if not line.startswith("make ") and "YOUR-FILE" not in line]


def _run(command: str, server: str, releases: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "CFIT_RELEASES": str(releases)}
    command = command.replace(HERE, server).replace("curl ", "curl --silent --show-error --fail ")
    command = re.sub(r"\d{4}-\d\d-\d\d\.\d+", release.versions(releases)[-1], command)
    command = command.replace("build/site", f"{releases.parent}/site")
    command = command.replace("CFIT_RELEASES=build/", f"CFIT_RELEASES={releases.parent}/")
    return subprocess.run(command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("command", EXAMPLES)
def test_every_example_runs(command: str, server: str, releases: Path) -> None:
    done = _run(command, server, releases)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_examples_answer_what_they_promise(server: str, releases: Path) -> None:
    short, on_a_day, supporters, participants, evidence, market = (
        _run(command, server, releases).stdout for command in EXAMPLES[:6]
    )
    assert short == supporters
    assert 3 < on_a_day.count("2021-06-14") < on_a_day.count("\n")
    for name in ("Electronics Watch", "TCO Development", "Global Electronics Council"):
        assert name in supporters
    assert "2023-07-26" in supporters
    assert "co-leading participant" in participants
    assert "Netherlands" in participants
    assert len(Graph().parse(data=evidence, format="turtle")) > 5
    assert json.loads(market)["boolean"] is False


def test_one_organization_in_four_formats_says_the_same(server: str, releases: Path) -> None:
    commands = [line for line in EXAMPLES if "electronics-watch" in line]
    formats = ["turtle", "json-ld", "nt", "xml"]
    graphs = [
        Graph().parse(data=_run(command, server, releases).stdout, format=name)
        for command, name in zip(commands, formats, strict=True)
    ]
    assert len(graphs[0]) > 20
    assert all(set(graph) == set(graphs[0]) for graph in graphs)


@pytest.mark.parametrize("example", _blocks("python"))
def test_python_examples_run(example: str, server: str) -> None:
    code = example.replace(HERE, server)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Electronics Watch" in done.stdout


def test_what_staff_write_when_a_record_ends_conforms(tmp_path: Path) -> None:
    (example,) = re.findall(r"```turtle\n(.*?)```", (ROOT / "data/README.md").read_text("utf-8"), re.DOTALL)
    prefixes = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
    path = tmp_path / "draft.ttl"
    path.write_text(prefixes + example.replace("old-slug", "be-engis").replace("new-slug", "be-hfb"), "utf-8")
    assert not release.validate(ROOT, [path]).counts()["violation"]
    assert Record(f"{quad} .\n" for quad in source.quads(path)).is_retired


def test_make_targets_in_the_docs_exist() -> None:
    targets = set(re.findall(r"^(\w+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"help", "serve", "test", "check", "build", "validate", "bench"} <= targets
    named = {name for page in PAGES for name in re.findall(r"`make (\w+)", page.read_text("utf-8"))}
    named |= {line.split()[1] for line in COMMANDS if line.startswith("make ")}
    assert named <= targets


def test_links_between_files_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page}: {target}"


def test_every_setting_is_documented() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \|[^|]*\| ([^|]+) \|$", REFERENCE, re.MULTILINE))
    assert rows == {variable(setting): setting.metadata["help"] for setting in fields(Settings)}


def _help(*command: str) -> str:
    asked = [sys.executable, "-m", "cfit_graph", *command, "--help"]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60).stdout


def _commands(*command: str) -> dict[tuple[str, ...], str]:
    """Return the help of each command below a command, or of the command itself if there are none."""
    helped = _help(*command)
    below = re.findall(r"^    ([a-z][a-z-]*)\b", helped, re.MULTILINE) if " COMMAND " in helped else []
    return {name: text for word in below for name, text in _commands(*command, word).items()} or {command: helped}


def test_every_command_is_documented() -> None:
    rows = re.findall(r"^\| `cfit (.*?)` \|", REFERENCE, re.MULTILINE)
    documented = {tuple(takewhile(re.compile("[a-z][a-z-]*").fullmatch, row.split())): row for row in rows}
    commands = _commands()
    assert commands.keys() == documented.keys()
    for name, helped in commands.items():
        options = set(re.findall(r"--[a-z]+", helped)) - {"--help"}
        assert options == set(re.findall(r"--[a-z]+", documented[name])), name


def test_every_address_is_documented() -> None:
    table = REFERENCE.partition("## Addresses")[2].partition("Answers of")[0]
    cells = re.findall(r"^\| (`/.*?) \|", table, re.MULTILINE)
    documented = {path for cell in cells for path in re.findall(r"`(/[^`]*)`", cell)}
    assert {route.path for router in ROUTERS for route in router.routes} == documented  # type: ignore[attr-defined]


def test_every_collection_of_the_api_is_documented_with_its_filters() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ((?:`\w+` ?)+) \|$", (ROOT / "docs/api.md").read_text("utf-8"), re.MULTILINE)
    documented = {name: tuple(re.findall(r"`(\w+)`", filters)) for name, filters in rows}
    assert documented == {name: of.filters for name, of in COLLECTIONS.items()}


def test_every_problem_and_exit_code_is_documented() -> None:
    rows = {(int(status), kind) for status, kind in re.findall(r"^\| (\d+) \| `([\w-]+)` \|", REFERENCE, re.MULTILINE)}
    assert rows == set(STATUS.values()) | {(404, "not-found"), (405, "method-not-allowed"), (500, "internal")}
    assert {kind for _, kind in rows} == PROBLEMS.keys()
    codes = re.findall(r"^\| (\d) \|", REFERENCE, re.MULTILINE)
    assert {int(code) for code in codes} == {0, *EXIT.values()}


def test_every_warning_that_stands_is_explained(released: Release) -> None:
    report = json.loads((released.path / "report.json").read_text("utf-8"))
    warned = {shorten(found["focus"]) for found in report["findings"] if found["severity"] == "Warning"}
    text = (ROOT / "data/README.md").read_text("utf-8")
    assert warned == set(re.findall(r"^\| `([\w-]+:[\w-]+)` \|", text, re.MULTILINE))


def test_every_data_file_is_described() -> None:
    text = (ROOT / "data/README.md").read_text("utf-8")
    assert {path.name for path in (ROOT / "data").glob("*.ttl")} == set(re.findall(r"`(\w+\.ttl)`", text))


def test_every_dependency_has_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    required = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in required}
    text = (ROOT / "docs/dependencies.md").read_text("utf-8")
    assert names == set(re.findall(r"^\| ([a-z0-9-]+) \| ", text, re.MULTILINE)) - {"package"}


def test_locks_pin_with_hashes_and_without_addresses() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        pins = re.findall(r"^([\w-]+)==", text, re.MULTILINE)
        assert len(re.findall(r"^[\w-]+==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(pins) > 20


def test_version_and_date_are_one() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f'version: "{version}"' in (ROOT / "CITATION.cff").read_text("utf-8")
    (released,) = re.findall(
        rf"^## {re.escape(version)}, (\S+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert f'date-released: "{released}"' in (ROOT / "CITATION.cff").read_text("utf-8")
