"""Building a release: what it holds, when there is a new one, and what stops it."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph

from cfit_graph import cores, nquads, release, source
from cfit_graph.errors import DoesNotConform, ReleaseError
from cfit_graph.namespaces import BASE
from cfit_graph.release.draft import Draft
from cfit_graph.store.embedded import EmbeddedStore
from tests.conftest import ROOT
from tests.release import START, STATEMENT, replayed, write

if TYPE_CHECKING:
    from cfit_graph.release import Release
    from tests.conftest import Publish

ORGANIZATION = """@prefix org: <http://www.w3.org/ns/org#> .
<https://w3id.org/cfit/id/organization/x> a org:Organization .
"""
GRAPH_DUMPS = {"ttl": ox.RdfFormat.TURTLE, "rdf": ox.RdfFormat.RDF_XML}
DATASET_DUMPS = {"nq": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "jsonld": ox.RdfFormat.JSON_LD}


def test_a_release_holds_the_graph_and_its_report(released: Release) -> None:
    lines = released.graph.read_text("utf-8").splitlines()
    assert len(lines) == released.manifest["statements"] > 1000
    assert lines == sorted(lines)
    report = json.loads((released.path / "report.json").read_text("utf-8"))
    assert report["conforms"] is True
    assert report["counts"] == released.manifest["findings"]
    assert report["counts"]["violation"] == 0
    EmbeddedStore([released.graph])


def test_the_report_in_rdf_has_the_findings_of_the_report_in_json(released: Release) -> None:
    graph = Graph().parse(released.path / "report.ttl")
    report = json.loads((released.path / "report.json").read_text("utf-8"))
    results = list(graph.subjects(RDF.type, SH.ValidationResult))
    told = Counter((finding["focus"], finding["message"]) for finding in report["findings"])
    messages = ((result, text) for result in results for text in graph.objects(result, SH.resultMessage))
    english = ((result, str(text)) for result, text in messages if getattr(text, "language", "") == "en")
    assert told == Counter((str(graph.value(result, SH.focusNode)), text) for result, text in english)


def test_no_statement_is_in_two_graphs(released: Release) -> None:
    """The default graph is the union of all, and the engine counts such a statement twice in it."""
    statements = [line.rsplit(" <", 1)[0] for line in released.graph.read_text("utf-8").splitlines()]
    assert len(statements) == len(set(statements))


def test_the_manifest_says_what_is_in_the_release(released: Release) -> None:
    manifest = released.manifest
    assert manifest["version"] == released.version
    assert manifest["previous"] is None
    assert "restores" not in manifest
    assert manifest["base"] == released.base == BASE
    assert manifest["ontology"] == {"version": "1.0.0", "iri": "https://w3id.org/cfit/ns/1.0.0"}
    assert manifest["shapes"] == {"version": "1.0.0", "iri": "https://w3id.org/cfit/shapes/1.0.0"}
    assert datetime.fromisoformat(manifest["published"]) == released.published <= datetime.now(UTC)
    files = {str(path.relative_to(released.path)) for path in released.path.rglob("*") if path.is_file()}
    assert manifest["files"].keys() == files - {"manifest.json"}
    for name, entry in manifest["files"].items():
        assert entry["bytes"] == (released.path / name).stat().st_size


def test_the_hash_of_the_dataset_is_that_of_its_canonical_form(released: Release) -> None:
    dataset = ox.Dataset(ox.parse(path=str(released.graph), format=ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert nquads.digest(sorted(f"{quad} .\n" for quad in dataset)) == released.manifest["dataset"]
    assert released.manifest["files"]["cfit.nq"]["sha256"] == released.manifest["dataset"]


@pytest.mark.parametrize("name", DATASET_DUMPS)
def test_dumps_of_datasets_hold_every_statement_as_written(released: Release, name: str) -> None:
    dump = gzip.decompress((released.path / f"dump/cfit.{name}.gz").read_bytes())
    assert nquads.canonical(ox.parse(dump, format=DATASET_DUMPS[name])) == list(released.lines)


@pytest.mark.parametrize("name", GRAPH_DUMPS)
def test_dumps_of_graphs_hold_the_union(released: Release, name: str) -> None:
    dump = gzip.decompress((released.path / f"dump/cfit.{name}.gz").read_bytes())
    triples = [quad.triple for quad in ox.parse(dump, format=GRAPH_DUMPS[name])]
    assert set(triples) == {quad.triple for quad in nquads.parse(released.lines)}
    assert len(triples) == len(set(triples))


def test_a_second_parser_reads_the_dumps(released: Release) -> None:
    turtle, xml = (gzip.decompress((released.path / f"dump/cfit.{name}.gz").read_bytes()) for name in GRAPH_DUMPS)
    graph = Graph().parse(data=turtle, format="turtle")
    assert len(graph) == released.manifest["statements"]
    assert set(Graph().parse(data=xml, format="xml")) == set(graph)


def test_a_union_has_a_statement_of_two_graphs_once(publish: Publish, tiny: Path) -> None:
    (tiny / "data" / "y.ttl").write_text(STATEMENT.format("a", "A"), "utf-8")
    dump = publish(STATEMENT.format("a", "A")).path / "dump" / "cfit.ttl.gz"
    assert gzip.decompress(dump.read_bytes()).count(b'skos:prefLabel "A"@en') == 1


@pytest.mark.parametrize(
    "value", ['"01"^^<http://www.w3.org/2001/XMLSchema#integer>', '"a\\r\\n\\t\\\\\\"é😀"', '""@nl']
)
def test_literals_are_published_as_they_are_written(publish: Publish, value: str) -> None:
    made = publish(f"<https://example.org/a> <https://example.org/b> {value} .")
    assert value in "".join(made.lines)
    for name, rdf_format in DATASET_DUMPS.items():
        dump = gzip.decompress((made.path / f"dump/cfit.{name}.gz").read_bytes())
        assert nquads.canonical(ox.parse(dump, format=rdf_format)) == list(made.lines)


def test_what_a_format_cannot_hold_stops_the_release_and_is_named(publish: Publish, tiny: Path) -> None:
    with pytest.raises(ReleaseError, match=r"no dump cfit\.rdf: XML cannot hold the character U\+0001"):
        publish('<https://example.org/a> <https://example.org/b> "\\u0001" .')
    assert release.versions(tiny / "releases") == []


def test_dumps_that_are_written_by_two_processes_are_the_same(
    released: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "number", lambda *_: 2)
    built = release.build(ROOT, tmp_path)
    dumps = {name for name in released.manifest["files"] if name.startswith("dump/")}
    assert len(dumps) == len(release.DUMPS)
    for name in dumps:
        assert built.manifest["files"][name] == released.manifest["files"][name]
        assert (built.path / name).read_bytes() == (released.path / name).read_bytes()


def test_what_another_process_fails_at_is_named_too(publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "number", lambda *_: len(release.DUMPS))
    with pytest.raises(ReleaseError, match=r"no dump cfit\.rdf: XML cannot hold the character U\+0001"):
        publish('<https://example.org/a> <https://example.org/b> "\\u0001" .')


def test_blank_nodes_get_addresses(publish: Publish) -> None:
    lines = "".join(publish("<https://example.org/a> <https://example.org/b> [ <https://example.org/c> 1 ] .").lines)
    assert "_:" not in lines
    assert lines.count(f"<{BASE}{nquads.GENID}") == 2


def test_the_release_holds_words_rules_and_questions_as_they_were(released: Release) -> None:
    for folder in ("ontology", "ontology/questions", "shapes"):
        held = {path.name for path in (released.path / folder).iterdir() if path.is_file()}
        assert held == {path.name for path in (ROOT / folder).iterdir() if path.is_file()} - {"README.md"}
        for name in held:
            assert (released.path / folder / name).read_bytes() == (ROOT / folder / name).read_bytes()


def test_unchanged_sources_make_no_new_release(publish: Publish) -> None:
    first = publish(STATEMENT.format("a", "A"))
    assert publish(STATEMENT.format("a", "A")) == first


def test_changed_sources_make_a_new_release_and_keep_the_old(publish: Publish, tiny: Path) -> None:
    first, second = (publish(STATEMENT.format("a", name)) for name in "AB")
    assert (first.version, second.version) == ("2026-01-01.1", "2026-01-01.2")
    assert second.previous == first.version
    assert release.current(tiny / "releases") == second
    assert release.verify(first.path) == []


@pytest.mark.parametrize(
    "name", ["shapes/shapes.ttl", "ontology/context.jsonld", "ontology/questions/001-who-supports.rq"]
)
def test_whatever_it_holds_makes_a_new_release(publish: Publish, tiny: Path, name: str) -> None:
    first = publish(STATEMENT.format("a", "A"))
    with (tiny / name).open("a") as file:
        file.write("\n")
    assert publish(STATEMENT.format("a", "A")).version != first.version


def test_changes_are_those_since_the_release_before(publish: Publish) -> None:
    first, second = (publish(STATEMENT.format("a", name)) for name in "AB")
    assert first.manifest["changes"]["activities"] == len(list(first.changes())) > 50
    (activity,) = second.changes()
    assert activity.summary == "A is now called B"
    assert second.manifest["changes"] == {"activities": 1, "pages": 1}


def test_a_release_may_bring_no_changes_of_the_graph(publish: Publish, tiny: Path) -> None:
    publish(STATEMENT.format("a", "A"))
    (tiny / "shapes" / "new.ttl").write_text("", "utf-8")
    made = publish(STATEMENT.format("a", "A"))
    assert made.manifest["changes"] == {"activities": 0, "pages": 0}
    assert list(made.changes()) == []


def test_the_changes_of_all_releases_give_the_graph(publish: Publish) -> None:
    for data in ("", STATEMENT.format("a", "A"), STATEMENT.format("b", "B") * 2, STATEMENT.format("a", "A")):
        made = publish(data)
        history = release.history(made)
        assert replayed(history) == list(made.lines)
        assert nquads.digest(replayed(history)) == made.manifest["dataset"]
    assert [one.version for one in history] == [f"2026-01-01.{number}" for number in range(1, 5)]


def test_what_is_gone_is_retired(publish: Publish) -> None:
    publish(STATEMENT.format("a", "A"))
    gone = publish(STATEMENT.format("b", "B"))
    later = publish(STATEMENT.format("b", "C"))
    for made in (gone, later):
        assert made.retired()["https://w3id.org/cfit/id/organization/a"].release == "2026-01-01.1"


def test_a_violation_stops_the_release_and_says_why(small: Path) -> None:
    first = release.build(small, small / "releases")
    (small / "data" / "y.ttl").write_text(ORGANIZATION)
    with pytest.raises(DoesNotConform) as caught:
        release.build(small, small / "releases")
    assert not caught.value.report.conforms
    assert release.current(small / "releases") == first
    assert sorted(path.name for path in (small / "releases").iterdir()) == [".lock", first.version]


@pytest.mark.parametrize("number", range(1, 25, 4))
def test_a_full_disk_at_any_file_leaves_the_old_release(
    publish: Publish, tiny: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    first = publish(STATEMENT.format("a", "A"))
    sync, calls = os.fsync, iter(range(1, 1000))

    def full(descriptor: int) -> None:
        if next(calls) == number:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReleaseError, match=r"releases: no release can be made \(No space left on device\)"):
        publish(STATEMENT.format("a", "B"))
    assert release.current(tiny / "releases") == first
    assert not list((tiny / "releases").glob(".building*"))


def test_sources_that_change_meanwhile_are_not_published(small: Path) -> None:
    def change(step: str) -> None:
        if step == "Writing":
            write(small, ORGANIZATION)

    with pytest.raises(ReleaseError, match="changed while"):
        release.build(small, small / "releases", change)
    assert release.current(small / "releases") is None
    assert [path.name for path in (small / "releases").iterdir()] == [".lock"]


def test_two_builders_make_one_release(small: Path) -> None:
    command = [sys.executable, "-m", "cfit_graph", "build"]
    environment = os.environ | {"CFIT_ROOT": str(small), "CFIT_RELEASES": str(small / "releases")}
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {builder.communicate(timeout=60)[0] for builder in both}
    assert {builder.returncode for builder in both} == {0}
    assert len(said) == 1
    assert len([path for path in (small / "releases").iterdir() if path.is_dir()]) == 1


def test_what_a_killed_builder_left_is_cleared_away(publish: Publish, tiny: Path) -> None:
    (tiny / "releases" / ".building" / "dump").mkdir(parents=True)
    publish(STATEMENT.format("a", "A"))
    assert not list((tiny / "releases").glob(".building*"))


def test_a_folder_that_cannot_be_written_is_named(tiny: Path) -> None:
    (tiny / "file").write_text("")
    with pytest.raises(ReleaseError, match="file/releases: no release can be made"):
        release.build(tiny, tiny / "file" / "releases")


def test_a_release_published_in_the_same_second_comes_later(tiny: Path) -> None:
    for number, name in enumerate("ABC", 1):
        write(tiny, STATEMENT.format("a", name))
        made = release.build(tiny, tiny / "releases", clock=lambda: START)
        assert made.version == f"2026-01-01.{number}"


def test_the_same_sources_under_another_base_are_another_release(tiny: Path) -> None:
    bases = [BASE, BASE, "https://example.org/pact/", "https://example.org/pact/"]
    made = [release.build(tiny, tiny / "releases", clock=lambda: START, base=base) for base in bases]
    assert [each.version for each in made] == ["2026-01-01.1"] * 2 + ["2026-01-01.2"] * 2


def test_a_version_comes_after_all_others_whichever_are_missing(publish: Publish) -> None:
    for name in "ABC":
        made = publish(STATEMENT.format("a", name))
    shutil.rmtree(made.path.with_name("2026-01-01.2"))
    assert publish(STATEMENT.format("a", "D")).version == "2026-01-01.4"


def test_a_clock_that_is_behind_is_an_error_that_says_so(tiny: Path) -> None:
    release.build(tiny, tiny / "releases", clock=lambda: START)
    write(tiny, STATEMENT.format("a", "B"))
    earlier = START.replace(hour=11)
    told = r"By the clock it is 2026-01-01 11:00:00 UTC, but release 2026-01-01\.1 is of 2026-01-01 12:00:00 UTC"
    with pytest.raises(ReleaseError, match=told):
        release.build(tiny, tiny / "releases", clock=lambda: earlier)
    assert release.versions(tiny / "releases") == ["2026-01-01.1"]


def test_a_clock_set_back_during_a_build_publishes_nothing(tiny: Path) -> None:
    release.build(tiny, tiny / "releases", clock=lambda: START)
    write(tiny, STATEMENT.format("a", "B"))
    times = iter([START, START.replace(year=2025)])
    with pytest.raises(ReleaseError, match="By the clock it is 2025"):
        release.build(tiny, tiny / "releases", clock=lambda: next(times))
    assert release.versions(tiny / "releases") == ["2026-01-01.1"]


def test_the_day_of_a_damaged_release_counts_too(tiny: Path) -> None:
    (tiny / "releases" / "2026-01-02.1").mkdir(parents=True)
    with pytest.raises(ReleaseError, match=r"release 2026-01-02\.1 is of 2026-01-02 00:00:00 UTC"):
        release.build(tiny, tiny / "releases", clock=lambda: START)


def test_a_folder_with_the_name_of_no_day_is_passed_over(tiny: Path) -> None:
    (tiny / "releases" / "2026-99-99.1").mkdir(parents=True)
    assert release.build(tiny, tiny / "releases", clock=lambda: START).version == "2026-01-01.1"


@pytest.mark.parametrize("number", [1, 10, 100])
def test_a_file_is_on_the_disk_before_its_folder_and_that_before_the_name(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Whatever reaches the disk, the name of a release comes after all of its files, and is on the disk at the end."""
    synced: list[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    with Draft(tiny) as draft:
        names = [f"folder/{place}/file" for place in range(number)]
        for name in names:
            draft.write(name, ["x"])
        draft.publish("2026-01-01.1")
    building = str(tiny / ".building")
    assert synced[-1] == str(tiny)
    assert {f"{building}/{name}" for name in names} < set(synced)
    folders = {building, f"{building}/folder", *(f"{building}/folder/{place}" for place in range(number))}
    assert set(synced[len(names) : -1]) == folders


def test_a_draft_is_judged_in_the_place_of_its_file_and_alone_reported(small: Path) -> None:
    draft = small / "draft" / "organizations.ttl"
    draft.parent.mkdir()
    shutil.copy(ROOT / "data" / "organizations.ttl", draft)
    report = release.validate(ROOT, [draft])
    assert report.conforms
    whole = release.validate(ROOT)
    assert 0 < len(report.findings) < len(whole.findings)
    assert {found.focus.rpartition("/")[0] for found in report.findings} == {"https://w3id.org/cfit/id/organization"}
    draft.write_text(draft.read_text("utf-8").replace("stakeholder-type:ngo", "stakeholder-type:ngoo"), "utf-8")
    assert not release.validate(ROOT, [draft]).conforms


@pytest.mark.parametrize("path", source.files(ROOT / "data"), ids=lambda path: path.name)
def test_each_file_of_the_data_conforms_on_its_own(path: Path) -> None:
    assert release.validate(ROOT, [path]).conforms


def _broken_elsewhere(tmp_path: Path, name: str, old: str, new: str) -> list[tuple[str, str]]:
    """Return severity and focus of what is found when a copy of a data file, changed, stands for it."""
    (tmp_path / "data").mkdir()
    draft = tmp_path / "data" / name
    text = (ROOT / "data" / name).read_text("utf-8")
    assert old in text
    draft.write_text(text.replace(old, new), "utf-8")
    kept = {found.fingerprint for found in release.validate(ROOT, [ROOT / "data" / name]).findings}
    report = release.validate(ROOT, [draft])
    assert not {found.file for found in report.findings} & {f"data/{name}"}
    others = (found for found in report.findings if found.file != str(draft) and found.fingerprint not in kept)
    return [(found.severity.value, found.focus.rpartition("/id/")[2]) for found in others]


def test_a_draft_without_a_thing_that_others_need_does_not_conform(tmp_path: Path) -> None:
    found = _broken_elsewhere(tmp_path, "organizations.ttl", "organization:au-planetark a ", "organization:au-other a ")
    assert ("Violation", "affiliation/au-planetark-participant") in found


def test_a_rule_on_what_a_draft_does_not_describe_is_judged(tmp_path: Path) -> None:
    found = _broken_elsewhere(tmp_path, "affiliations.ttl", "role:co-leading", "role:participant")
    assert found == [("Warning", "pact/cfit")]


@pytest.mark.parametrize("name", ["aa-first", "zz-last"])
def test_a_duplicate_in_a_draft_is_found_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    text = (ROOT / "data" / "organizations.ttl").read_text("utf-8")
    prefixes = "".join(line for line in text.splitlines(keepends=True) if line.startswith("@prefix"))
    draft = tmp_path / "draft.ttl"
    draft.write_text(
        f"{prefixes}\norganization:{name} a org:Organization ; owl:sameAs <https://ror.org/04marky29> .", "utf-8"
    )
    report = release.validate(ROOT, [draft])
    (found,) = (found for found in report.findings if found.rule.endswith("#OutsideIdentifier-shared"))
    assert {found.focus.rpartition("/")[2], found.value.rpartition("/")[2]} == {name, "at-bmk"}
    assert found.file == str(draft)


def test_what_is_wrong_elsewhere_already_is_no_finding_of_a_draft(tmp_path: Path) -> None:
    draft = tmp_path / "draft.ttl"
    draft.write_text("<http://example.org/a> <http://example.org/b> 1 .", "utf-8")
    assert release.validate(ROOT).findings
    assert release.validate(ROOT, [draft]).findings == ()


def test_a_draft_is_judged_where_what_it_stands_for_cannot_be_read(tmp_path: Path) -> None:
    for name in ("ontology", "shapes"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    (tmp_path / "data" / "organizations.ttl").write_text("broken", "utf-8")
    report = release.validate(tmp_path, [ROOT / "data" / "organizations.ttl"])
    assert report.conforms
