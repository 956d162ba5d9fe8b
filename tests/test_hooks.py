"""The hooks and the workflow that docs/validation.md gives do what they say, in a repository of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "validation.md").read_text("utf-8")
SHAPES = """@prefix ex: <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:S-p .
ex:S-p a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:message "Give a p."@en .
"""
GOOD = "<https://example.org/a> a <https://example.org/C> ; <https://example.org/p> 1 .\n"
BAD = "<https://example.org/a> a <https://example.org/C> .\n"


def _run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    more = {"PATH": path, "CFIT_ROOT": str(folder), "PRE_COMMIT_HOME": str(folder / ".hooks"), "HOME": str(folder)}
    return subprocess.run(
        command, shell=True, cwd=folder, env=clean | more, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in (("ontology", ""), ("data", GOOD), ("shapes", SHAPES)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.ttl").write_text(text, "utf-8")
    who = "git config user.name Example && git config user.email office@example.org"
    assert _run(tmp_path, f"git init -q && {who}").returncode == 0
    return tmp_path


def _block(language: str, sign: str) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (found,) = (block for block in blocks if sign in block)
    return found


def _assert_hook_judges(repository: Path) -> None:
    first = _run(repository, "git add ontology data shapes && git commit -qm first")
    assert first.returncode == 0, first.stderr
    (repository / "data" / "x.ttl").write_text(BAD, "utf-8")
    second = _run(repository, "git commit -qam second")
    assert second.returncode == 1
    assert "Give a p." in second.stdout + second.stderr
    assert _run(repository, "git log --oneline").stdout.count("\n") == 1


def test_the_hook_for_pre_commit_keeps_out_what_does_not_conform(repository: Path) -> None:
    (repository / ".pre-commit-config.yaml").write_text(_block("yaml", "repo: local"), "utf-8")
    done = _run(repository, "git add .pre-commit-config.yaml && pre-commit install")
    assert done.returncode == 0, done.stderr
    _assert_hook_judges(repository)


def test_the_plain_hook_keeps_out_what_does_not_conform(repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_block("text", "#!/bin/sh"), "utf-8")
    hook.chmod(0o755)
    _assert_hook_judges(repository)


@pytest.mark.parametrize(("data", "code"), [(GOOD, 0), (BAD, 1)])
def test_the_workflow_writes_a_log_and_fails_when_the_data_do(repository: Path, data: str, code: int) -> None:
    workflow = _block("yaml", "upload-sarif")
    steps = re.findall(r"- run: (.*)", workflow)
    assert [step for step in steps if not step.startswith(("pip install", "cfit "))] == []
    for file in re.findall(r"-r (\S+)", workflow):
        assert (ROOT / file).is_file()
    (repository / "data" / "x.ttl").write_text(data, "utf-8")
    (command,) = (step for step in steps if step.startswith("cfit "))
    assert _run(repository, command).returncode == code
    (log,) = re.findall(r"sarif_file: (.*)", workflow)
    assert len(json.loads((repository / log).read_text("utf-8"))["runs"][0]["results"]) == code
    assert workflow.index(command) < workflow.index("if: always()")  # the log of a failure is uploaded too
