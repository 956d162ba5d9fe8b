from __future__ import annotations

import io
import json
import os
import pty
import socket
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING

import pytest

import cfit_graph
from cfit_graph import cli, release
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from cfit_graph.release import Release

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s a <http://www.w3.org/ns/org#Organization> }"
BAD = "@prefix ex: <http://example.org/> .\nex:a ex:b ex:c\nex:d ex:e ex:f ."


@pytest.fixture
def here(tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a file of each sort, and the real release at hand."""
    monkeypatch.setenv("CFIT_RELEASES", str(releases))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.ttl").write_text(BAD)
    (tmp_path / "count.rq").write_text(COUNT)
    return tmp_path


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"cfit {cfit_graph.__version__}\n"


def test_usage_errors_exit_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["nonsense"], ["validate", "--format", "docx"], ["serve", "--port", "x"]):
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        assert caught.value.code == 2
    assert "is not a port" in capsys.readouterr().err


def test_a_broken_file_is_one_line_with_its_place(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "bad.ttl"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "cfit: bad.ttl:3:1: what stands before this place has not ended: close it with a full stop, or with ; if more "
        "is said of the same thing\n"
    )


def test_the_real_data_conform(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1].startswith("Conforms: 0 violations, ")
    assert "Stands as an exception" in out


def test_data_that_break_a_rule_exit_with_1(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "x.ttl").write_text("<https://w3id.org/cfit/id/organization/x> a <http://www.w3.org/ns/org#Organization> .")
    assert cli.main(["validate", "x.ttl"]) == 1
    text = capsys.readouterr().out
    assert "Violation: " in text
    assert "organization:x" in text
    assert cli.main(["validate", "x.ttl", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["conforms"] is False
    assert {"rule", "severity", "focus", "label", "path", "value", "message"} <= report["findings"][0].keys()
    assert cli.main(["validate", "x.ttl", "--format", "turtle"]) == 1
    assert "sh:ValidationReport" in capsys.readouterr().out


SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> .
ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:S-p .
ex:S-p a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:message "Give a p."@en .
"""


def test_shapes_in_several_files_and_what_they_import(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, path in (("one", "p"), ("two", "q")):
        rule = f"sh:property [ sh:path ex:{path} ; sh:minCount 1 ; sh:message 'No {path}.'@en ]"
        prefixes = "@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> ."
        imported = "<http://example.org/s> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:1/x> ."
        (here / f"{name}.ttl").write_text(f"{prefixes} ex:{name} sh:targetClass ex:C ; {rule} . {imported}")
    (here / "data.ttl").write_text("<http://example.org/a> a <http://example.org/C> .")
    assert cli.main(["validate", "data.ttl", "--shapes", "one.ttl", "--shapes", "two.ttl"]) == 1
    out, err = capsys.readouterr()
    assert "No p." in out
    assert "No q." in out
    assert err.count("<http://127.0.0.1:1/x>, which is not loaded") == 1


def test_what_is_not_followed_in_shapes_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prefixes = "@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> ."
    more = "sh:target ex:t ; sh:rule ex:r ; sh:minLenght 3 ; ex:own 1"
    (here / "shapes.ttl").write_text(f"{prefixes} ex:S sh:targetClass ex:C ; sh:nodeKind sh:IRI ; {more} .")
    (here / "data.ttl").write_text("<http://example.org/a> a <http://example.org/C> .")
    assert cli.main(["validate", "data.ttl", "--shapes", "shapes.ttl"]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "which is not followed" in line]
    assert [line.split()[4] for line in said] == ["sh:minLenght,", "sh:rule,", "sh:target,"]
    assert cli.main(["validate", "data.ttl", "--shapes", "shapes.ttl", "--language", "nl"]) == 0
    assert "de shapes hebben sh:rule, wat niet wordt gevolgd" in capsys.readouterr().err


@pytest.mark.parametrize("shape", ["sh:property [ sh:path ex:p ; sh:node ex:S ]", 'sh:pattern "^[[a-z/:.]+$"'])
def test_libraries_say_nothing_of_their_own(here: Path, capfd: pytest.CaptureFixture[str], shape: str) -> None:
    prefixes = "@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> ."
    (here / "shapes.ttl").write_text(f"{prefixes} ex:S sh:targetClass ex:C ; {shape} .")
    chain = " ".join(f"ex:n{number} a ex:C ; ex:p ex:n{number + 1} ." for number in range(20))
    (here / "data.ttl").write_text(prefixes + chain)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert cli.main(["validate", "data.ttl", "--shapes", "shapes.ttl"]) < 2
    assert not warned
    assert not capfd.readouterr().err


def test_any_shapes_may_judge_any_data(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "shapes.ttl").write_text(SHAPES)
    (here / "data.ttl").write_text("<http://example.org/x> a <http://example.org/C> .")
    assert cli.main(["validate", "data.ttl", "--shapes", "shapes.ttl"]) == 1
    assert "Violation: Give a p. [ex:S-p]" in capsys.readouterr().out
    (here / "shapes.ttl").write_text(SHAPES.replace("sh:minCount 1", 'sh:minCount "x"'))
    assert cli.main(["validate", "data.ttl", "--shapes", "shapes.ttl"]) == 2
    assert "shapes.ttl: these shapes cannot be used" in capsys.readouterr().err


def test_query_answers_from_file_and_standard_input(
    here: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["query", "count.rq"]) == 0
    sys.stdout.flush()
    by_file = capfdbinary.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(COUNT.encode())))
    assert cli.main(["query", "-"]) == 0
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == by_file
    assert by_file.startswith(b"n\r\n4")


@pytest.mark.parametrize(
    ("sparql", "name", "start"),
    [
        (COUNT, "json", '{"head"'),
        (COUNT, "xml", "<?xml"),
        (COUNT, "tsv", "?n\n"),
        ("ASK { ?s ?p ?o }", "json", '{"head":{},"boolean":true}'),
        ("CONSTRUCT WHERE { <https://w3id.org/cfit/id/pact/cfit> a ?t }", "ttl", "@prefix"),
        ("CONSTRUCT WHERE { <https://w3id.org/cfit/id/pact/cfit> a ?t }", "nt", "<https://w3id.org/cfit/id/pact/cfit>"),
    ],
)
def test_query_formats(
    here: Path, capfdbinary: pytest.CaptureFixture[bytes], sparql: str, name: str, start: str
) -> None:
    (here / "x.rq").write_text(sparql)
    assert cli.main(["query", "x.rq", "--format", name]) == 0
    sys.stdout.flush()
    assert capfdbinary.readouterr().out.decode().startswith(start)


def test_each_format_that_there_is_can_be_asked_for(here: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (here / "x.rq").write_text("DESCRIBE <https://w3id.org/cfit/id/pact/cfit>")
    assert cli.main(["query", "x.rq", "--format", "csv"]) == 2
    told = capfdbinary.readouterr().err.decode().strip().rpartition("there are ")[2]
    assert {name: cli.main(["query", "x.rq", "--format", name]) for name in told.split(", ")} == {
        "ttl": 0, "nt": 0, "jsonld": 0, "rdf": 0, "nq": 0, "trig": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sparql", "message"),
    [
        ("SELECT * {", "line 1, column 11"),
        ("INSERT DATA { <a:b> <a:c> 1 }", "read-only"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { } }", "SERVICE is not available"),
    ],
)
def test_bad_queries_exit_with_2(here: Path, capsys: pytest.CaptureFixture[str], sparql: str, message: str) -> None:
    (here / "x.rq").write_text(sparql)
    assert cli.main(["query", "x.rq"]) == 2
    assert message in capsys.readouterr().err
    assert cli.main(["query", "gone.rq"]) == 2
    assert "gone.rq: No such file" in capsys.readouterr().err


def test_a_damaged_release_exits_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "2026-01-01.1").mkdir()
    (tmp_path / "x.rq").write_text(COUNT)
    monkeypatch.setenv("CFIT_RELEASES", str(tmp_path))
    assert cli.main(["query", str(tmp_path / "x.rq")]) == 3
    assert "run `cfit build`" in capsys.readouterr().err


def test_build_names_the_release(here: Path, capsys: pytest.CaptureFixture[str], released: Release) -> None:
    assert cli.main(["build"]) == 0
    assert capsys.readouterr().out.startswith(f"Release {released.version} is current: ")


def test_wrong_settings_are_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFIT_PROT", "1")
    assert cli.main(["build"]) == 2
    assert "CFIT_PROT is not a setting" in capsys.readouterr().err


def test_a_port_in_use_is_said_before_anything_else(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert cli.main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "choose another with --port or CFIT_PORT" in captured.err


@pytest.mark.parametrize("processes", ["1", "2"])
def test_any_free_port_can_be_asked_for(here: Path, processes: str) -> None:
    (here / "x.nt").write_text("<http://example.org/a> <http://example.org/b> <http://example.org/c> .\n")
    command = [sys.executable, "-m", "cfit_graph", "serve", "--port", "0", "--processes", processes, "x.nt"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = int(server.stdout.readline().partition("http://127.0.0.1:")[2].partition("/")[0])
        server.terminate()
    assert port > 0


def test_an_interrupt_ends_without_a_traceback(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(release, "build", interrupted)
    assert cli.main(["build"]) == 130
    assert capsys.readouterr().err == ""


def test_a_byte_order_mark_is_no_obstacle(here: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (here / "bom.rq").write_text(COUNT, "utf-8-sig")
    assert cli.main(["query", "bom.rq"]) == 0
    (here / "bom.ttl").write_text("<http://x/a> <http://x/b> 1 .", "utf-8-sig")
    assert cli.main(["validate", "bom.ttl"]) == 0


def _run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cfit_graph", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, timeout=60)


def test_what_is_registered_to_clean_up_does_so_before_the_process_leaves() -> None:
    code = (
        "import atexit; from cfit_graph import __main__ as it; it.main = lambda: atexit.register(print, 'clean') and 3"
    )
    done = subprocess.run([sys.executable, "-c", f"{code}; it.run()"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (3, "clean\n", "")


def test_nothing_but_the_answer_goes_into_a_pipe(here: Path) -> None:
    done = _run(["validate"])
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_a_terminal_sees_that_long_work_goes_on(here: Path) -> None:
    main, side = pty.openpty()
    command = [sys.executable, "-m", "cfit_graph", "validate"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=side, timeout=60)
    os.close(side)
    shown = os.read(main, 10_000).decode()
    os.close(main)
    assert "Validating" in shown
    assert b"\x1b" not in done.stdout


def test_a_reader_that_goes_away_is_no_error(here: Path) -> None:
    everything = here / "all.rq"
    everything.write_text("SELECT * { ?a ?b ?c }")
    command = f"{sys.executable} -m cfit_graph query {everything} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [["validate"], ["validate", "--format", "json"], ["query", "count.rq"]])
def test_output_that_cannot_be_written_is_an_error_in_one_line(here: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "cfit_graph", *arguments]
    with open("/dev/full", "w") as full:  # noqa: PTH123 - no file of ours
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (2, "cfit: the output cannot be written: No space left on device\n")


@pytest.mark.parametrize(
    ("closed", "code", "said"),
    [
        (">&-", 2, "cfit: the output cannot be written: it is closed\n"),
        ("2>&-", 0, ""),
        ("<&-", 0, ""),
        (">&- 2>&-", 2, ""),
    ],
)
def test_standard_streams_may_be_closed(here: Path, closed: str, code: int, said: str) -> None:
    command = f"{sys.executable} -m cfit_graph validate {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (code, said)
    assert ("Conforms" in done.stdout) is (code == 0)


def test_a_terminal_gets_a_table(here: Path) -> None:
    main, side = pty.openpty()
    command = [sys.executable, "-m", "cfit_graph", "query", "count.rq"]
    done = subprocess.run(command, stdout=side, stderr=subprocess.PIPE, timeout=60)
    os.close(side)
    shown = os.read(main, 10_000).decode()
    os.close(main)
    assert done.returncode == 0
    assert "┃" in shown


def test_values_reach_a_terminal_as_they_are_and_steer_nothing(here: Path) -> None:
    (here / "odd.rq").write_text('SELECT ?x { VALUES ?x { "urn:cat:1" "[red]x" "a\\u001b[31m" } } ORDER BY ?x')
    main, side = pty.openpty()
    subprocess.run([sys.executable, "-m", "cfit_graph", "query", "odd.rq"], stdout=side, timeout=60)
    os.close(side)
    shown = os.read(main, 10_000).decode()
    os.close(main)
    assert "urn:cat:1" in shown
    assert "[red]x" in shown
    assert "a\\x1b[31m" in shown


@pytest.mark.parametrize(
    ("what", "without"), [("cli", {"fastapi", "rdflib", "pyshacl"}), ("web", {"pyshacl", "rdflib.plugins.sparql"})]
)
def test_what_takes_long_to_load_is_loaded_where_it_is_needed(what: str, without: set[str]) -> None:
    code = f"import sys; from cfit_graph import {what}; print(sorted({without} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout == "[]\n", done.stderr
