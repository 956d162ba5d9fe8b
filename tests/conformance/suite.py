"""The W3C test suite for SPARQL 1.1 queries: its manifests as cases, its data as one dataset."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = ROOT.parent / "shared" / "suites" / "w3c-sparql11"
PRESENT: Final = FOLDER.is_dir()
BASE: Final = "https://w3c.github.io/rdf-tests/sparql/sparql11/"
SPARE: Final = BASE + "no-test-names-this-graph"
"""A graph to name where a test has no graph of its own: then the request has a dataset, and its default graph is empty.

A graph without triples cannot be named, since a dataset in N-Quads has none.
"""

_EVALUATION: Final = {"QueryEvaluationTest", "CSVResultFormatTest"}
_ENTRIES: Final = """
    PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
    PREFIX qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#>
    PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
    SELECT DISTINCT ?test ?type ?query ?result ?data ?graph {
        [] mf:entries/rdf:rest*/rdf:first ?test .
        ?test a ?type ; mf:action ?action .
        OPTIONAL { ?action qt:query ?named }
        BIND(COALESCE(?named, ?action) AS ?query)
        OPTIONAL { ?test mf:result ?result }
        OPTIONAL { ?action qt:data ?data }
        OPTIONAL { ?action qt:graphData ?graph }
    }"""


@dataclass(frozen=True)
class Case:
    """One entry of a manifest; data are named by the IRIs of their files."""

    name: str
    kind: str
    query: str
    result: str = ""
    default: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The query as it stands."""
        return file_of(self.query).read_text("utf-8")

    @property
    def dataset(self) -> tuple[list[str], list[str]]:
        """Default and named graphs for a request; neither where the query has a FROM, so that this is what counts."""
        if "FROM" in self.text:
            return [], []
        default = sorted(iri for iri in self.default if _quads(iri))
        return default, sorted(self.named) or ([] if default else [SPARE])


def file_of(iri: str) -> Path:
    """Return the file that an IRI of the suite names."""
    return FOLDER / iri.removeprefix(BASE)


def cases() -> list[Case]:
    """Read every manifest that lies beside test files; no case where the suite is not at hand."""
    manifests = ox.Store()
    for path in sorted(FOLDER.glob("*/manifest.ttl")):
        manifests.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=f"{BASE}{path.parent.name}/manifest.ttl")
    rows: dict[str, dict[str, set[str]]] = {}
    answer = manifests.query(_ENTRIES)
    assert isinstance(answer, ox.QuerySolutions)
    for row in answer:
        found = rows.setdefault(row["test"].value, {})
        for variable in ("type", "query", "result", "data", "graph"):
            found.setdefault(variable, set()).update([row[variable].value] if row[variable] else [])
    return [_case(iri, found) for iri, found in sorted(rows.items())]


def _case(iri: str, found: dict[str, set[str]]) -> Case:
    (query,), (kind,) = found["query"], {name.partition("#")[2] for name in found["type"]}
    kind = "evaluate" if kind in _EVALUATION else {"P": "accept", "N": "refuse"}[kind[0]]
    name = f"{file_of(query).parent.name}/{iri.partition('#')[2]}"
    return Case(name, kind, query, "".join(found["result"]), frozenset(found["data"]), frozenset(found["graph"]))


def write_dataset(wanted: list[Case], path: Path) -> None:
    """Write the data of all cases as one N-Quads file: each file a graph with the file's IRI as its name."""
    iris = {iri for case in wanted for iri in case.default | case.named}
    spare = ox.NamedNode(SPARE)
    quads = itertools.chain.from_iterable(_quads(iri) for iri in sorted(iris))
    ox.serialize([*quads, ox.Quad(spare, spare, spare, spare)], output=str(path), format=ox.RdfFormat.N_QUADS)


@cache
def _quads(iri: str) -> list[ox.Quad]:
    """Return the statements of a file, in the graph of its name; blank nodes are no other file's."""
    rdf_format = ox.RdfFormat.from_extension(file_of(iri).suffix[1:])
    parsed = ox.parse(path=str(file_of(iri)), format=rdf_format, base_iri=iri, rename_blank_nodes=True)
    return [ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(iri)) for quad in parsed]
