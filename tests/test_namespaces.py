import re

from cfit_graph import release, source
from cfit_graph.namespaces import ID, KINDS, PREFIXES, SCHEMES, shorten
from tests.conftest import ROOT


def test_a_prefix_means_the_same_in_every_file() -> None:
    files = [*release.sources(ROOT), *source.files(ROOT / "shapes"), *(ROOT / "ontology" / "questions").glob("*.rq")]
    for path in files:
        declared = re.findall(r"(?i)^@?prefix\s+([\w-]+):\s+<([^>]*)>", path.read_text("utf-8"), re.MULTILINE)
        other = {prefix: iri for prefix, iri in declared if PREFIXES.get(prefix, iri) != iri}
        assert not other, f"{path}: {other} are declared otherwise in cfit_graph/namespaces.py"


def test_every_prefix_declared_is_used() -> None:
    for path in [*release.sources(ROOT), *source.files(ROOT / "shapes")]:
        text = path.read_text("utf-8")
        declared = re.findall(r"^@prefix ([\w-]+):", text, re.MULTILINE)
        body = re.sub(r"^@prefix.*$", "", text, flags=re.MULTILINE)
        assert not [prefix for prefix in declared if not re.search(rf"(?<![\w-]){prefix}:", body)], path


def test_every_minted_iri_is_of_a_known_kind_or_scheme() -> None:
    known = {*KINDS, *SCHEMES, "scheme"}
    for path in release.sources(ROOT):
        subjects = {str(subject) for subject in source.read(path).subjects()}
        segments = {iri.removeprefix(ID).split("/")[0] for iri in subjects if iri.startswith(ID)}
        assert segments <= known, path


def test_slugs_are_plain() -> None:
    for path in release.sources(ROOT):
        for subject in set(source.read(path).subjects()):
            if str(subject).startswith(ID):
                assert re.fullmatch(r"[a-z-]+/[a-z0-9-]+", str(subject).removeprefix(ID)), subject


def test_names_with_slashes_are_not_shortened() -> None:
    assert shorten("https://w3id.org/cfit/id/a/b") == "https://w3id.org/cfit/id/a/b"
