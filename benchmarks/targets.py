"""The targets: what our server must reach against its peers, each with the figures it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

OURS, FLOOR, MEMORY, DISK, RDFLIB, VIRTUOSO = (
    "cfit", "bare", "oxigraph-memory", "oxigraph-disk", "rdflib-endpoint", "virtuoso",
)  # fmt: skip
Result = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """One target: what is asked, what was found, and whether it is met (``None``: not measured)."""

    target: str
    found: str
    met: bool | None


def verdicts(result: Result) -> list[Verdict]:
    """Judge one comparison."""
    return [judge(result) for judge in (_equal, _floor, _rdflib, _disk, _memory, _cached, _uncached)]


def times(result: Result, name: str) -> dict[str, float]:
    """Return the medians of a peer by query; what took longer than the limit counts as the limit."""
    found = {}
    for query, figures in result["peers"].get(name, {}).get("queries", {}).items():
        if "median" in figures:
            found[query] = figures["median"]
        elif figures["failed"].startswith(">"):
            found[query] = 1000 * float(figures["failed"].strip("> s"))
    return found


def _equal(result: Result) -> Verdict:
    queries = result["peers"].get(OURS, {}).get("queries", {})
    wrong = [name for name, figures in queries.items() if figures.get("differs") or "failed" in figures]
    return _verdict("same answers as pyoxigraph", queries, wrong)


def _floor(result: Result, who: str = OURS) -> Verdict:
    return _against(
        result,
        who,
        FLOOR,
        "at most pyoxigraph in process + 0.5 ms, or 1.15 times that",
        lambda _, floor: max(floor + 0.5, floor * 1.15),
    )


def _rdflib(result: Result, who: str = OURS) -> Verdict:
    kinds = result["kinds"]
    return _against(
        result,
        who,
        RDFLIB,
        "at least 10 times as fast as rdflib-endpoint, 3 times on look-ups",
        lambda query, theirs: theirs / (3 if kinds[query] == "lookup" else 10),
    )


def _disk(result: Result) -> Verdict:
    ours, theirs = times(result, OURS), times(result, DISK)
    faster = [query for query in ours if query in theirs and ours[query] < theirs[query]]
    found = f"{len(faster)} of {len(theirs)}"
    return Verdict(
        "faster than Oxigraph on disk on at least 10 of 14", found, len(faster) >= 10 if ours and theirs else None
    )


def _memory(result: Result) -> Verdict:
    analytic = {query for query, kind in result["kinds"].items() if kind == "analytic"}
    target = "within 1.2 times of Oxigraph in memory on analytic queries"
    return _against(result, OURS, MEMORY, target, lambda _, theirs: theirs * 1.2, analytic)


def _against(
    result: Result,
    who: str,
    peer: str,
    target: str,
    limit: Callable[[str, float], float],
    only: Iterable[str] | None = None,
) -> Verdict:
    ours, theirs = times(result, who), times(result, peer)
    asked = [query for query in theirs if query in ours and (only is None or query in only)]
    return _verdict(target, asked, [query for query in asked if ours[query] > limit(query, theirs[query])])


def _verdict(target: str, asked: Iterable[str], missed: list[str]) -> Verdict:
    count = len(list(asked))
    names = f"; not {', '.join(name.partition('-')[0] for name in missed)}" if missed else ""
    return Verdict(target, f"{count - len(missed)} of {count}{names}", not missed if count else None)


def _cached(result: Result) -> Verdict:
    target = "look-ups, cached: at least 1.5 times Oxigraph in memory"
    return _throughput(result, "cfit-cached", 1.5, target)


def _uncached(result: Result) -> Verdict:
    target = "look-ups, not cached: at least 0.5 times Oxigraph in memory"
    return _throughput(result, OURS, 0.5, target)


def _throughput(result: Result, name: str, least: float, target: str) -> Verdict:
    figures = result["lookups"]
    if name not in figures or MEMORY not in figures:
        return Verdict(target, "not measured", None)
    ratio = figures[name]["per_second"] / figures[MEMORY]["per_second"]
    clean = not figures[name]["failed"]
    return Verdict(target, f"x{ratio:.2f}{'' if clean else ', with errors'}", clean and ratio >= least)


def remarks(result: Result) -> Iterator[str]:
    """Say where others win, and whose answers differ."""
    ours = times(result, OURS)
    for name in result["peers"]:
        theirs = times(result, name)
        faster = [query.partition("-")[0] for query in theirs if query in ours and theirs[query] < ours[query]]
        if name not in {OURS, FLOOR} and faster:
            yield f"{result['peers'][name]['title']} is faster than cfit on {', '.join(faster)}."
    for judge, name in ((_floor, MEMORY), (_rdflib, FLOOR)):
        verdict = judge(result, name)
        if verdict.met is False:  # what is faster than we are does not reach it either
            yield f"{result['peers'][name]['title']} by our targets: {verdict.target}: {verdict.found}."
