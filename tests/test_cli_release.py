"""``cfit release …`` and ``cfit rollback``."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cfit_graph import cli, release
from tests.conftest import ROOT
from tests.release import STATEMENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cfit_graph.release import Release
    from tests.conftest import Publish

    Run = Callable[..., tuple[int, str, str]]

A, B, C = "2026-01-01.1", "2026-01-01.2", "2026-01-01.3"


@pytest.fixture
def three(publish: Publish, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> list[Release]:
    """Three releases, in each of which something has another name; the commands find them."""
    monkeypatch.setenv("CFIT_RELEASES", str(tiny / "releases"))
    monkeypatch.setenv("CFIT_ROOT", str(tiny))
    extra = STATEMENT.format("b", "B")
    return [publish(data) for data in (STATEMENT.format("a", "A"), STATEMENT.format("a", "B"), extra)]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """What runs a command and returns its exit code and what it wrote."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(list(arguments))
        return code, *capsys.readouterr()

    return run


def test_the_list_has_the_newest_first(three: list[Release], run: Run) -> None:
    code, out, err = run("release", "list")
    assert (code, err) == (0, "")
    newest, _, oldest = out.splitlines()
    assert re.fullmatch(rf"{C} +2026-01-01 14:00:00 UTC +\d+ statements +2 changes  current", newest)
    assert re.fullmatch(rf"{A} +2026-01-01 12:00:00 UTC +\d+ statements +\d+ changes", oldest)


def test_the_list_for_programs(three: list[Release], run: Run) -> None:
    run("rollback")
    listed: list[dict[str, Any]] = json.loads(run("release", "list", "--format", "json")[1])
    assert [(it["state"], it["previous"], it["restores"], it["changes"]) for it in listed[:2]] == [
        ("current", C, B, 2),
        ("kept", B, None, 2),
    ]


def test_the_list_tells_which_are_damaged(three: list[Release], run: Run) -> None:
    (three[2].path / "cfit.nq").write_text("")
    (three[0].path / "manifest.json").write_text("")
    code, out, _ = run("release", "list")
    assert code == 0
    assert [re.split(" {2,}", line)[-1] for line in out.splitlines()] == [
        f"{C}   damaged; `cfit release verify` says what".split("   ", 1)[1],
        "current",
        "damaged; `cfit release verify` says what",
    ]
    (three[1].path / "cfit.nq").write_text("")
    assert run("release", "list")[1].count("damaged") == 3


def test_a_list_of_none_is_empty(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFIT_RELEASES", str(tmp_path / "none"))
    assert run("release", "list", "--format", "json")[:2] == (0, "[]\n")
    assert run("release", "list")[:2] == (0, "There is no release yet; run `cfit build`.\n")


def test_one_release_is_told_of(three: list[Release], run: Run) -> None:
    code, out, _ = run("release", "show", B)
    assert code == 0
    assert out.splitlines() == [
        f"Release {B}, published 2026-01-01 13:00:00 UTC",
        f"It follows {A}.",
        f"{three[1].manifest['statements']} statements; findings by severity: violation 0, warning 0, info 0.",
        "Ontology 1.0.0, shapes 1.0.0.",
        f"Hash of the dataset (RDFC-1.0, SHA-256): {three[1].manifest['dataset']}",
        "",
        "A is now called B",
        "Nothing else changed.",
    ]


def test_the_current_release_is_told_of_if_none_is_named(three: list[Release], run: Run) -> None:
    out = run("release", "show")[1]
    assert out.startswith(f"Release {C}, ")
    assert out.endswith(f"\n2 other changes; `cfit release diff {B} {C}` tells them.\n")
    told = json.loads(run("release", "show", "--format", "json")[1])
    assert {name: told[name] for name in three[2].manifest} == three[2].manifest
    assert [activity["type"] for activity in told["activities"]] == ["Delete", "Create"]


def test_a_first_release_points_to_its_changes(three: list[Release], run: Run) -> None:
    out = run("release", "show", A)[1]
    assert "It is the first." in out
    assert re.search(r"\d+ other changes; --format json tells them\.$", out)


def test_two_releases_are_compared_in_plain_words(three: list[Release], run: Run) -> None:
    assert run("release", "diff", A, B)[:2] == (0, "A is now called B\n")
    assert run("release", "diff", A, C)[1] == "New organization: B\nRemoved organization: A\n"
    assert run("release", "diff", C, A)[1] == "New organization: A\nRemoved organization: B\n"
    assert run("release", "diff", A, A)[1] == "Nothing changed.\n"


def test_two_releases_are_compared_for_programs(three: list[Release], run: Run) -> None:
    told = json.loads(run("release", "diff", A, B, "--format", "json")[1])
    assert (told["from"], told["to"]) == (A, B)
    (activity,) = told["activities"]
    assert activity == json.loads(json.dumps(next(three[1].changes()).as_json()))


def test_names_do_not_steer_the_terminal(three: list[Release], run: Run, publish: Publish) -> None:
    made = publish(STATEMENT.format("c", r"\u009b31m"))
    assert "New organization: \\x9b31m" in run("release", "diff", C, made.version)[1]


def test_whole_releases_are_said_to_be_whole(three: list[Release], run: Run) -> None:
    assert run("release", "verify")[:2] == (0, f"{A}: whole\n{B}: whole\n{C}: whole\n")
    assert run("release", "verify", B)[:2] == (0, f"{B}: whole\n")


def test_each_damaged_file_is_named_and_the_exit_code_says_so(three: list[Release], run: Run) -> None:
    (three[1].path / "cfit.nq").write_text("")
    (three[1].path / "report.json").unlink()
    (three[1].path / "x").write_text("")
    code, out, err = run("release", "verify")
    assert code == 3
    assert out.splitlines() == [
        f"{A}: whole",
        f"{B}: report.json: missing",
        f"{B}: cfit.nq: changed",
        f"{B}: x: does not belong here",
        f"{C}: whole",
    ]
    assert err == f"cfit: not whole: {B}\n"
    assert run("release", "verify", A)[0] == 0
    told = json.loads(run("release", "verify", B, A, "--format", "json")[1])
    assert told == {B: [line.partition(": ")[2] for line in out.splitlines()[1:4]], A: []}


def test_a_release_that_another_follows_is_missed(three: list[Release], run: Run) -> None:
    three[1].path.rename(three[1].path.with_name("away"))
    code, out, err = run("release", "verify")
    assert (code, err) == (3, f"cfit: not whole: {B}\n")
    assert out.splitlines() == [f"{A}: whole", f"{C}: whole", f"{B}: missing, but release {C} follows it"]
    assert run("release", "verify", A)[0] == 0


@pytest.mark.parametrize("versions", [(A, C), (C, A)])
def test_a_difference_over_a_gap_says_so(three: list[Release], run: Run, versions: tuple[str, str]) -> None:
    assert "missing" not in run("release", "diff", *versions)[1]
    assert json.loads(run("release", "diff", *versions, "--format", "json")[1])["missing"] == {}
    three[1].path.rename(three[1].path.with_name("away"))
    code, out, _ = run("release", "diff", *versions)
    assert (code, out.splitlines()[-1].partition(";")[0]) == (0, f"Release {B} in between is missing")
    assert json.loads(run("release", "diff", *versions, "--format", "json")[1])["missing"] == {B: C}


@pytest.mark.parametrize("command", [["show"], ["diff", A], ["verify"]])
def test_an_unknown_release_is_told_which_there_are(three: list[Release], run: Run, command: list[str]) -> None:
    code, out, err = run("release", *command, "2020-01-01.1")
    assert (code, out) == (2, "")
    assert err == f"cfit: There is no release '2020-01-01.1'; the nearest are {A}, {B}, {C}.\n"


def test_a_damaged_release_is_not_told_of(three: list[Release], run: Run) -> None:
    (three[1].path / "changes" / "0001.json").write_text("[")
    for command in (["show", B], ["diff", A, B]):
        code, out, err = run("release", *command)
        assert (code, out) == (3, "")
        assert "not a whole release: changes/0001.json: changed" in err


@pytest.mark.parametrize("command", [["release", "show"], ["release", "verify"], ["rollback"]])
def test_without_releases_there_is_advice(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("CFIT_RELEASES", str(tmp_path / "none"))
    code, out, err = run(*command)
    assert (code, out) == (3, "")
    assert "run `cfit build`" in err


def test_rollback_says_what_is_current_now_and_build_does_not_undo_it(
    three: list[Release], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    assert run("rollback", A)[:2] == (0, f"Release 2027-01-15.1 is current: it holds what {A} held\n")
    code, out, _ = run("build")
    assert code == 0
    assert out.startswith("Release 2027-01-15.1 is current: ")
    assert out.endswith(f"It is a rollback to {A}; to go on, change the sources.\n")
    assert f"It follows {C}, and holds what {A} held." in run("release", "show")[1]
    assert "restores 2026-01-01.1, current" in run("release", "list")[1]
    assert run("rollback", A)[0] == 2


def test_a_clock_that_is_behind_is_told(three: list[Release], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    code, _, err = run("rollback")
    assert code == 3
    assert "By the clock it is 1970-01-01 00:00:00 UTC" in err
    assert "SOURCE_DATE_EPOCH" in err


def test_a_query_is_answered_from_the_last_good_release_and_says_so(three: list[Release], tmp_path: Path) -> None:
    (three[2].path / "cfit.nq").write_text("")
    (tmp_path / "names.rq").write_text("SELECT ?n { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?n }")
    command = [sys.executable, "-m", "cfit_graph", "query", str(tmp_path / "names.rq")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0
    assert done.stdout.split() == ["n", "B"]
    assert "not a whole release: cfit.nq: changed; release 2026-01-01.2 is used instead" in done.stderr
    assert release.current(three[0].path.parent) == three[1]


@pytest.mark.parametrize(
    "arguments", [["release"], ["release", "nonsense"], ["release", "diff", A], ["rollback", A, B]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
