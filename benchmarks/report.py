"""Results as files: JSON in ``results/``, and the tables of ``docs/performance.md``, written anew from all of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RESULTS: Final = Path(__file__).parent / "results"
PAGE: Final = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- results: written by python -m benchmarks.run -->", "<!-- end of results -->"
VALIDATION: Final = "<!-- validation: written by python -m benchmarks.validate -->", "<!-- end of validation -->"
_ANSWERS = {True: "yes", False: "**no**", None: "not measured"}


def save(name: str, result: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write a result as JSON and return where."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    text = json.dumps(result, indent=1, ensure_ascii=False)
    path.write_text(_fold(text) + "\n", "utf-8")
    return path


def rewrite() -> None:
    """Put the tables of all saved comparisons into the page."""
    _put("comparison", (BEGIN, END), tables_of)


def rewrite_validation() -> None:
    """Put the tables of all saved comparisons of validators into the page."""
    _put("validation", VALIDATION, validation_of)


def _put(kind: str, marks: tuple[str, str], tell: Callable[[dict[str, Any]], str]) -> None:
    """Put what is told of each saved result of a kind between two marks of the page, the smallest graph first."""
    found = [json.loads(path.read_text("utf-8")) for path in RESULTS.glob(f"{kind}-*.json")]
    tables = "\n".join(tell(result) for result in sorted(found, key=lambda result: int(result["statements"])))
    begin, end = marks
    before, _, rest = PAGE.read_text("utf-8").partition(begin)
    PAGE.write_text(f"{before}{begin}\n\n{tables}\n{end}{rest.partition(end)[2]}", "utf-8")


def validation_of(result: dict[str, Any]) -> str:
    """Return a comparison of validators as Markdown."""
    ours = result["validators"]["cfit"].get("median")
    rows = [_validator(it, ours) for it in result["validators"].values() if "median" in it]
    missing = [f"- {it['title']}: {it['missing']}." for it in result["validators"].values() if it["missing"]]
    heading = f"#### {result['size']} statements, {result['spoilt']} spoilt, {result['findings']} findings\n\n"
    heading += f"{result['date'][:10]}, commit {result['commit']}{' with changes' if result['changed'] else ''}.\n\n"
    header = ["validator", "seconds", "ratio", "peak memory, MB", "findings that only we have", "that only it has"]
    return heading + table(header, rows) + "\n" + "".join(f"\n{line}" for line in missing) + ("\n" if missing else "")


def _validator(it: dict[str, Any], ours: float | None) -> list[str]:
    ratio = f"x{it['median'] / ours:.3g}" if ours else ""
    found = [str(it["only_ours"]), str(it["only_theirs"])]
    return [it["title"], f"{it['median']:.1f}", ratio, f"{it['megabytes']:.0f}", *found]


def tables_of(result: dict[str, Any]) -> str:
    """Return one comparison as Markdown: targets, times, look-ups, and what is to be known of the peers."""
    parts = [_heading(result), _targets(result), _times(result), _lookups(result), _notes(result)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _fold(text: str) -> str:
    """Put lists of numbers on one line each."""
    return re.sub(r"\[\s+([-\d.e,\s]+?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)


def _heading(result: dict[str, Any]) -> str:
    machine, versions = result["machine"], result["versions"]
    return (
        f"### {result['size']} statements\n\n"
        f"{result['date'][:10]}, commit {result['commit']}{' with changes' if result['changed'] else ''}, "
        f"{machine['cores']} cores ({machine['cpu']}), {machine['memory_gb']} GB, "
        f"Python {versions['python']}, pyoxigraph {versions['pyoxigraph']}, oxigraph {versions['oxigraph']}, "
        f"rdflib {versions['rdflib']}, rdflib-endpoint {versions['rdflib-endpoint']}, "
        f"mimalloc {versions.get('mimalloc', 'missing')}."
    )


def _targets(result: dict[str, Any]) -> str:
    rows = [[it.target, it.found, _ANSWERS[it.met]] for it in targets.verdicts(result)]
    return table(["target", "found", "met"], rows)


def _times(result: dict[str, Any]) -> str:
    peers = {name: peer for name, peer in result["peers"].items() if peer.get("queries")}
    rows = [[query, *(_cell(result, name, query) for name in peers)] for query in result["kinds"]]
    rows.append(["memory, MB", *(f"{peer['memory']:.0f}" for peer in peers.values())])
    rows.append(["load and start, s", *(f"{peer['start']:.1f}" for peer in peers.values())])
    return table(["median (p95), ms", *(peer["title"] for peer in peers.values())], rows)


def _cell(result: dict[str, Any], name: str, query: str) -> str:
    figures = result["peers"][name]["queries"][query]
    if "failed" in figures:
        return figures["failed"] if figures["failed"].startswith(">") else "failed"
    floor = targets.times(result, targets.FLOOR).get(query)
    ratio = f" x{figures['median'] / floor:.3g}" if floor and name != targets.FLOOR else ""
    return f"{figures['median']:.3g} ({figures['p95']:.3g}){ratio}{' †' if figures['differs'] else ''}"


def _lookups(result: dict[str, Any]) -> str:
    base = result["lookups"].get(targets.MEMORY, {}).get("per_second")
    rows = [
        [_title(result, name), f"{it['per_second']:.0f}", f"{it['p50']:.2f}", f"{it['p95']:.2f}", _ratio(it, base)]
        for name, it in result["lookups"].items()
    ]
    return table(["look-ups over 8 connections", "per second", "p50, ms", "p95, ms", "ratio"], rows) if rows else ""


def _ratio(figures: dict[str, Any], base: float | None) -> str:
    return f"x{figures['per_second'] / base:.2f}" if base else ""


def _title(result: dict[str, Any], name: str) -> str:
    return str(result["peers"].get(name, {}).get("title", name))


def _notes(result: dict[str, Any]) -> str:
    return "\n".join(f"- {note}" for note in [*_about_peers(result), *targets.remarks(result)])


def _about_peers(result: dict[str, Any]) -> Iterator[str]:
    for peer in result["peers"].values():
        if peer.get("missing"):
            yield f"{peer['title']}: missing. {peer['missing']}."
        else:
            yield f"{peer['title']}: {peer['note']}."
        yield from _about_answers(peer)


def _about_answers(peer: dict[str, Any]) -> Iterator[str]:
    for query, figures in peer.get("queries", {}).items():
        if figures.get("differs"):
            yield f"† {peer['title']}, {query}: {figures['differs']}."
        elif "failed" in figures and not figures["failed"].startswith(">"):
            yield f"{peer['title']}, {query}: failed, {_plain(figures['failed'])}."


def _plain(text: str) -> str:
    return re.sub(r"[|<>`\n]", " ", text)[:160]


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table.

    >>> table(["a"], [["b"]]).splitlines()
    ['| a |', '|---|', '| b |']
    """
    lines = [f"| {' | '.join(row)} |" for row in [header, *rows]]
    return "\n".join([lines[0], "|---" * len(header) + "|", *lines[1:]])
