"""The corpus made and judged: each mistake in every format, what was found of it, and whether in its place."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rdflib import Graph, URIRef

from benchmarks.corpus import writers
from benchmarks.corpus.mutations import KINDS, TABLES, TEXT, records
from benchmarks.corpus.writers import Spot
from cfit_graph import source, validation
from cfit_graph.namespaces import SHAPES
from cfit_graph.validation import Severity
from cfit_graph.validation.mending import fixing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.corpus.mutations import Kind, Record, Seed
    from benchmarks.corpus.writers import Planted
    from cfit_graph.validation import Finding, Suggestion

EACH: Final = 2
"""Records in which each mistake is made, by format."""

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class Case:
    """One mistake in one record in one format: where it is, and the findings on it by the rule that it breaks."""

    kind: Kind
    format: str
    seed: Seed
    spot: Spot
    findings: tuple[Finding, ...]
    left: tuple[Finding, ...] = ()
    """What still blocks the record when the edits that are proposed for all mistakes of its batch are made."""
    added: tuple[Finding, ...] = ()
    """What is found about the record when the safe edits of its batch are made, and was not found before."""
    restored: bool = False
    """Whether the record then has the values that it had before the mistake was made."""

    @property
    def found(self) -> bool:
        """Whether the mistake was found by its rule."""
        return bool(self.findings)

    @property
    def suggestion(self) -> Suggestion | None:
        """The first proposal that can be made by edits, else the first there is."""
        found = [finding.suggestion for finding in self.findings if finding.suggestion]
        return next((suggestion for suggestion in found if suggestion.edits), found[0] if found else None)

    @property
    def mended(self) -> bool:
        """Whether edits are proposed, and nothing blocks the record any more when they are made."""
        return self.suggestion is not None and bool(self.suggestion.edits) and not self.left

    @property
    def placed(self) -> bool:
        """Whether a finding stands on the line or in the cell of the mistake."""
        return self.spot in {Spot(found.file, found.line, found.sheet, found.cell) for found in self.findings}


def corpus(formats: tuple[str, ...] = (*TEXT, *TABLES), seed: int = 1) -> Iterator[Case]:
    """Make and judge the corpus, the same each time for the same ``seed``."""
    judge = _Judge()
    for name in formats:
        chance = random.Random(f"{seed}{name}")  # noqa: S311 - the same each time, on purpose
        for batch in _batches(name, judge.records(), chance):
            yield from judge.cases(name, batch, chance)


def _batches(name: str, by_table: dict[str, list[Record]], chance: random.Random) -> list[list[Planted]]:
    """Return mistakes in batches, no record twice in one, so that no mistake hides another."""
    batches: list[list[Planted]] = []
    for kind in (kind for kind in KINDS for _ in range(EACH) if name in kind.formats):
        order = chance.sample(by_table[kind.table], len(by_table[kind.table]))
        number, seed = next(_fitting(kind, order, [*batches, []], chance))
        batches += [[]] if number == len(batches) else []
        batches[number].append((kind, seed))
    return batches


def _fitting(
    kind: Kind, order: list[Record], batches: list[list[Planted]], chance: random.Random
) -> Iterator[tuple[int, Seed]]:
    """Yield the batches and records in which a mistake can be made."""
    for number, batch in enumerate(batches):
        taken = {seed.facts[0].subject for _, seed in batch}
        for record in order:
            seed = None if record[0].subject in taken else kind.mutate(record, chance)
            if seed is not None:
                yield number, seed


class _Judge:
    """The real graph, and the rules that it is judged by; those for the vocabulary have nothing to do here."""

    def __init__(self) -> None:
        self._model = source.model(ROOT)
        paths = [*source.files(ROOT / "ontology"), *source.files(ROOT / "data")]
        self._graph = source.merge(map(source.read, paths))
        rules = [path for path in source.files(ROOT / "shapes") if path.stem != "vocabulary"]
        self._shapes = source.merge(map(source.read, rules))

    def records(self) -> dict[str, list[Record]]:
        """Return the records of each table."""
        about = source.facts(ROOT / "data").about.items()
        return {
            table.name: [r for r in records(about, table.narrower) if table.identifier(r[0].subject.value)]
            for table in self._model.tables
        }

    def cases(self, name: str, batch: list[Planted], chance: random.Random) -> Iterator[Case]:
        """Write a batch in a format, and judge it in the place of the records as they are."""
        with tempfile.TemporaryDirectory() as folder:
            spots = self._write(name, batch, chance, Path(folder))
            seeds = [seed for _, seed in batch]
            findings, draft = self._findings(Path(folder), seeds)
            cases = [
                Case(kind, name, seed, spot, tuple(about(seed, findings, kind.rule, spot)))
                for (kind, seed), spot in zip(batch, spots, strict=True)
            ]
            proposed = {case: found for case in cases if (found := case.suggestion) and found.edits}
            safe = {case: found for case, found in proposed.items() if found.safe}
            after, _ = self._after(Path(folder), proposed, seeds)
            with_safe, draft = self._after(Path(folder), safe, seeds) if safe else (findings, draft)
        known = {finding.fingerprint for finding in findings}
        for case in cases:
            left = [found for found in about(case.seed, after, "", case.spot) if found.severity is Severity.VIOLATION]
            new = [found for found in about(case.seed, with_safe, "", case.spot) if found.fingerprint not in known]
            yield replace(case, left=tuple(left), added=tuple(new), restored=_restored(case.seed, draft))

    def _after(self, folder: Path, proposed: dict[Case, Suggestion], seeds: list[Seed]) -> tuple[list[Finding], Graph]:
        """Return the findings on the files of a folder as they are with edits, which are made in copies."""
        with tempfile.TemporaryDirectory() as other:
            for path in folder.iterdir():
                here = [found for case, found in proposed.items() if case.spot.file == path.name]
                (Path(other) / path.name).write_bytes(fixing.edited(path, here))
            return self._findings(Path(other), seeds)

    def _write(self, name: str, batch: list[Planted], chance: random.Random, folder: Path) -> list[Spot]:
        if name in TEXT:
            content, lines = writers.text_file(name, batch, chance)
            (folder / f"draft.{name}").write_bytes(content)
            return [Spot(f"draft.{name}", line) for line in lines]
        spots: dict[int, Spot] = {}
        pages = writers.pages(batch, self._model, chance)
        if name == "xlsx":
            content, spots = writers.workbook(pages, "draft.xlsx")
            (folder / "draft.xlsx").write_bytes(content)
        for page in pages if name == "csv" else ():
            content, found = writers.csv_file(page, chance)
            (folder / f"{page.name}.csv").write_bytes(content)
            spots |= found
        return [spots[number] for number in range(len(batch))]

    def _findings(self, folder: Path, seeds: list[Seed]) -> tuple[list[Finding], Graph]:
        """Return the findings on the files of a folder, and what the files say."""
        draft = source.merge(source.read(path, ROOT) for path in sorted(folder.iterdir()))
        rest = Graph()
        gone = {URIRef(seed.facts[0].subject.value) for seed in seeds}
        rest += [triple for triple in self._graph if triple[0] not in gone]
        report = validation.validate(source.merge([draft, rest]), self._shapes, ROOT / "shapes", set(draft.subjects()))
        return list(report.seen_from(folder, ROOT).findings), draft


def _restored(seed: Seed, draft: Graph) -> bool:
    predicate = URIRef(seed.wrong.predicate.value if seed.wrong else seed.missing)
    said = {str(value) for value in draft.objects(URIRef(seed.facts[0].subject.value), predicate)}
    return said == {value.value for value in seed.right}


def about(seed: Seed, findings: list[Finding], rule: str, spot: Spot) -> Iterator[Finding]:
    """Yield the findings on a record, by a rule if one is given; a row without identifier is known by its place."""
    row = "".join(filter(str.isdigit, spot.cell))
    for found in findings:
        here = found.focus == seed.facts[0].subject.value
        if seed.identifier:
            here = "".join(filter(str.isdigit, found.cell)) == row and (found.file, found.sheet) == (
                spot.file,
                spot.sheet,
            )
        if here and rule in {"", found.rule.removeprefix(SHAPES)}:
            yield found
