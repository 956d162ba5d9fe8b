"""Records with mistakes to files, and where in them each mistake stands: a writer counts lines and cells as it goes."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Final, NamedTuple

import openpyxl
import pyoxigraph as ox

from cfit_graph.namespaces import CONTEXT, PREFIXES, shorten
from cfit_graph.tables.grid import letters

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from benchmarks.corpus.mutations import Kind, Seed
    from cfit_graph.tables import Column, Model, Table
    from cfit_graph.tables.facts import Fact

    Planted = tuple[Kind, Seed]


class Spot(NamedTuple):
    """Where a mistake stands: the file, the line (0 in a workbook), the sheet and the cell (empty in text)."""

    file: str
    line: int = 0
    sheet: str = ""
    cell: str = ""


class Tape:
    """Text that grows, and knows in which line it is."""

    def __init__(self, end: str = "\n") -> None:
        self._parts: list[str] = []
        self._end = end
        self.line = 1

    def put(self, text: str) -> int:
        """Add text, and return the line in which it begins."""
        begins = self.line
        self.line += text.count("\n")
        self._parts.append(text.replace("\n", self._end))
        return begins

    def text(self) -> str:
        """Return all of it."""
        return "".join(self._parts)


class _Lines(NamedTuple):
    """In which lines the subject of a record, and predicate and object of its mistake stand."""

    subject: int
    predicate: int
    object: int


def text_file(suffix: str, planted: Sequence[Planted], chance: random.Random) -> tuple[bytes, list[int]]:
    """Return a file of RDF with all records, and the line of each mistake."""
    tape = Tape(chance.choice(["\n", "\r\n"]))
    write = {"ttl": _turtle, "trig": _trig, "nt": _triples, "jsonld": _json}[suffix]
    found = list(write(tape, [seed for _, seed in planted], chance))
    lines = [_line(kind, seed, at) for (kind, seed), at in zip(planted, found, strict=True)]
    return tape.text().encode(chance.choice(["utf-8", "utf-8-sig"])), lines


def _line(kind: Kind, seed: Seed, at: _Lines) -> int:
    if seed.wrong is None:
        return at.subject
    return at.predicate if kind.rule == "Term-defined" else at.object


def _prefixes(tape: Tape) -> None:
    for prefix, namespace in PREFIXES.items():
        tape.put(f"@prefix {prefix}: <{namespace}> .\n")
    tape.put("\n")


def _turtle(tape: Tape, seeds: Sequence[Seed], chance: random.Random) -> Iterator[_Lines]:
    _prefixes(tape)
    for seed in seeds:
        tape.put(chance.choice(["\n", "# ex:a ex:b 'c' .\n", '\n# "\n\n', ""]))
        yield _block(tape, seed, chance)


def _trig(tape: Tape, seeds: Sequence[Seed], chance: random.Random) -> Iterator[_Lines]:
    _prefixes(tape)
    for seed in seeds:
        inside = chance.random() < 0.5
        tape.put(chance.choice(["GRAPH <https://example.org/g> {\n", "<https://example.org/h>\n{"]) if inside else "")
        yield _block(tape, seed, chance)
        tape.put("}\n" if inside else "")


def _block(tape: Tape, seed: Seed, chance: random.Random) -> _Lines:
    """Write one record: each value in a line of its own, each property in one, or all in one."""
    between, before = chance.choice([(" ;\n    ", "\n        "), (" ;\n    ", " "), (" ; ", " ")])
    subject = tape.put(_turtle_term(seed.facts[0].subject, chance) + " ")
    predicate = value = 0
    for number, (name, facts) in enumerate(_by_predicate(seed.facts)):
        tape.put(between if number else "")
        here = tape.put("a" if name == "rdf:type" else _turtle_term(facts[0].predicate, chance))
        for place, fact in enumerate(facts):
            tape.put(f" ,{before}" if place else before)
            there = tape.put(_turtle_term(fact.value, chance))
            if fact == seed.wrong:
                predicate, value = here, there
    tape.put(" .\n")
    return _Lines(subject, predicate, value)


def _by_predicate(facts: Sequence[Fact]) -> list[tuple[str, list[Fact]]]:
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(shorten(fact.predicate.value), []).append(fact)
    return list(groups.items())


def _turtle_term(term: ox.NamedNode | ox.BlankNode | ox.Literal, chance: random.Random) -> str:
    if isinstance(term, ox.Literal):
        if chance.random() < 0.2 and '"' not in term.value and "\\" not in term.value:
            return str(ox.Literal("")).replace('""', f'"""{term.value}"""') + _suffix(term)
        return str(ox.Literal(term.value)) + _suffix(term)
    short = shorten(term.value)
    return str(term) if short == term.value or chance.random() < 0.1 or "." in short else short


def _suffix(literal: ox.Literal) -> str:
    if literal.language:
        return f"@{literal.language}"
    plain = literal.datatype.value == PREFIXES["xsd"] + "string"
    return "" if plain else f"^^<{literal.datatype.value}>"


def _triples(tape: Tape, seeds: Sequence[Seed], chance: random.Random) -> Iterator[_Lines]:
    for seed in seeds:
        first, wrong = tape.line, 0
        for fact in seed.facts:
            tape.put(chance.choice(["", "", "# a comment .\n"]) if fact != seed.facts[0] else "")
            line = tape.put(f"{fact.subject} {fact.predicate} {fact.value} .\n")
            wrong = line if fact == seed.wrong else wrong
        yield _Lines(first, wrong, wrong)


def _json(tape: Tape, seeds: Sequence[Seed], chance: random.Random) -> Iterator[_Lines]:
    named = chance.random() < 0.5
    context = CONTEXT if named else PREFIXES
    tape.put(f'{{"@context": {json.dumps(context)},\n "@graph": [\n')
    for number, seed in enumerate(seeds):
        tape.put(",\n" if number else "")
        yield _json_node(tape, seed, chance)
    tape.put("\n]}\n")


def _json_node(tape: Tape, seed: Seed, chance: random.Random) -> _Lines:
    """Write one record; its address comes first, last or in between, and values stand in lines or in one."""
    groups = _by_predicate(seed.facts)
    groups.insert(chance.randrange(len(groups) + 1), ("@id", []))
    between, before = chance.choice([(",\n  ", "\n    "), (",\n  ", " "), (", ", "")])
    tape.put("{\n  ")
    subject = predicate = value = 0
    for number, (name, facts) in enumerate(groups):
        tape.put(between if number else "")
        if name == "@id":
            tape.put('"@id": ')
            subject = tape.put(json.dumps(seed.facts[0].subject.value))
            continue
        here = tape.put(f"{json.dumps('@type' if name == 'rdf:type' else name)}:")
        tape.put(" [")
        for place, fact in enumerate(facts):
            tape.put(f",{before}" if place else before)
            there = tape.put(_json_value(fact, name))
            if fact == seed.wrong:
                predicate, value = here, there
        tape.put("]")
    tape.put("}")
    return _Lines(subject, predicate, value)


def _json_value(fact: Fact, name: str) -> str:
    if isinstance(fact.value, ox.Literal):
        written = {"@value": fact.value.value}
        if fact.value.language:
            written["@language"] = fact.value.language
        elif fact.value.datatype.value != PREFIXES["xsd"] + "string":
            written["@type"] = fact.value.datatype.value
        return json.dumps(written, ensure_ascii=False)
    return json.dumps(fact.value.value if name == "rdf:type" else {"@id": fact.value.value})


class Page(NamedTuple):
    """One table as it is to be written: a name, rows of text with the header first, and the cell of each mistake."""

    name: str
    rows: list[list[str]]
    mistakes: list[tuple[int, int, int]]
    """Row and column, from 1, of the mistake in each seed, by its number."""


def pages(planted: Sequence[Planted], model: Model, chance: random.Random) -> list[Page]:
    """Return tables with all records: columns and rows in any order."""
    tables = {table.name: table for table in model.tables}
    found = []
    for name in sorted({kind.table for kind, _ in planted}):
        numbered = [(number, seed) for number, (kind, seed) in enumerate(planted) if kind.table == name]
        chance.shuffle(numbered)
        found.append(_page(tables[name], numbered, model, chance))
    return found


def _page(table: Table, numbered: list[tuple[int, Seed]], model: Model, chance: random.Random) -> Page:
    columns = list(_columns(table, [fact for _, seed in numbered for fact in seed.facts]))
    chance.shuffle(columns)
    place = chance.randrange(len(columns) + 1)
    header = [column.header for column in columns]
    rows, mistakes = [[*header[:place], "id", *header[place:]]], []
    for row, (number, seed) in enumerate(numbered, 2):
        cells = [_cell(column, seed, model) for column in columns]
        identifier = seed.identifier or str(table.identifier(seed.facts[0].subject.value))
        rows.append([*cells[:place], identifier, *cells[place:]])
        column = place if seed.identifier else _index(columns, seed)
        mistakes.append((number, row, column + 1 + (not seed.identifier and column >= place)))
    return Page(table.name, rows, mistakes)


def _columns(table: Table, facts: Sequence[Fact]) -> Iterator[Column]:
    """Yield the columns there are, and those for the languages in use."""
    tags = {fact.value.language for fact in facts if isinstance(fact.value, ox.Literal) and fact.value.language}
    for column in table.columns:
        yield from [column] if column.plain else []
        yield from (column.in_language(tag) for tag in sorted(tags | {"en"})) if column.languages else ()


def _holds(column: Column, fact: Fact) -> bool:
    return column.property == fact.predicate.value and column.takes(fact.value)


def _cell(column: Column, seed: Seed, model: Model) -> str:
    texts = []
    for fact in seed.facts:
        if fact != seed.wrong and _holds(column, fact) and fact.value.value not in model.tables[0].broader:
            written = column.write(fact.value, model.names)
            texts += [written] if written else []
    if seed.wrong is not None and _index([column], seed) == 0:
        texts = [*texts, seed.text] if column.several and not seed.text.startswith("=") else [seed.text]
    return " | ".join(texts)


def _index(columns: Sequence[Column], seed: Seed) -> int:
    """Return the column in which the mistake stands: that of the wrong value, or that of the missing property."""
    if seed.wrong is None:
        places = [place for place, column in enumerate(columns) if column.property == seed.missing]
        return min(places, key=lambda place: "(en)" not in columns[place].header)
    return next((place for place, column in enumerate(columns) if _holds(column, seed.wrong)), -1)


def workbook(found: Sequence[Page], file: str) -> tuple[bytes, dict[int, Spot]]:
    """Return a workbook with all pages, and the spot of each mistake by its number."""
    book, content, spots = openpyxl.Workbook(), io.BytesIO(), {}
    book.remove(book.active)
    for page in found:
        sheet = book.create_sheet(page.name)
        for row in page.rows:
            sheet.append([text or None for text in row])
        for number, row_number, column in page.mistakes:
            spots[number] = Spot(file, 0, page.name, f"{letters(column)}{row_number}")
    book.save(content)
    return content.getvalue(), spots


QUOTINGS: Final = (csv.QUOTE_ALL, csv.QUOTE_MINIMAL)


def csv_file(page: Page, chance: random.Random) -> tuple[bytes, dict[int, Spot]]:
    """Return a page as CSV, with blank rows and cells of several lines, and the spots of its mistakes."""
    delimiter, end = chance.choice(",;\t"), chance.choice(["\n", "\r\n"])
    tape, table = Tape(end), io.StringIO()
    writer = csv.writer(table, delimiter=delimiter, lineterminator="\n", quoting=chance.choice(QUOTINGS))
    cells, spots = {row: (number, column) for number, row, column in page.mistakes}, {}
    blank = 0
    for row_number, row in enumerate(page.rows, 1):
        if row_number > 1 and chance.random() < 0.2:
            tape.put("\n")
            blank += 1
        number, column = cells.get(row_number, (-1, 0))
        broken = [_broken(text, chance) if place != column else text for place, text in enumerate(row, 1)]
        table.seek(0)
        table.truncate()
        writer.writerow(broken)
        begins = tape.put(table.getvalue())
        line = begins + sum(text.count("\n") for text in broken[: column - 1])
        if number >= 0:
            spots[number] = Spot(f"{page.name}.csv", line, "", f"{letters(column)}{row_number + blank}")
    return tape.text().encode(chance.choice(["utf-8", "utf-8-sig"])), spots


def _broken(text: str, chance: random.Random) -> str:
    """Break the line within a text, which means no more than a space does."""
    return text.replace(" ", "\n", 1) if chance.random() < 0.1 else text
